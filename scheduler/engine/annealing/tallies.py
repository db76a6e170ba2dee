"""Tallies on flat tables: where their cells lie, and what they measure."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.engine.annealing.compiled import INT, NOTHING, ROW, compiled
from scheduler.engine.annealing.lookups import NONE, Array, last_not_after, outside
from scheduler.terms import Cells, Tally

COUNT, DISTINCT, HOLES, BETWEEN, ISOLATED, OWNERS, PAIRS, PEAK, WORTH, BROKEN, ABREAST, MEETINGS = range(12)

KINDS = {
    "abreast": ABREAST,
    "between": BETWEEN,
    "broken": BROKEN,
    "count": COUNT,
    "distinct": DISTINCT,
    "holes": HOLES,
    "isolated": ISOLATED,
    "meetings": MEETINGS,
    "owners": OWNERS,
    "pairs": PAIRS,
    "peak": PEAK,
    "worth": WORTH,
}


def blocks_of(cells: Cells) -> Iterable[int]:
    """Return the blocks that a session may be in."""
    return dict.fromkeys(block for block in cells.block or (0,) if block is not None)


def rows_of(term: Tally) -> dict[tuple[int, int], range]:
    """Return the slots of each row of each block, from the first that a session may be in to the last."""
    reached: dict[tuple[int, int], list[int]] = {}
    for cells in term.cells:
        slots = range(-1, len(cells.slots)) if cells.slots else (0,)
        for cell in (cells.at(block, slot) for block in blocks_of(cells) for slot in slots):
            if cell is not None:
                reached.setdefault(cell[:2], []).append(cell[2])
    return {row: range(min(slots), max(slots) + 1) for row, slots in reached.items()}


@compiled(INT, ROW, ROW, INT, INT)
def row_measure(data: Array, counts: Array, at: int, row: int) -> int:
    """Return what a Tally counts of a row, before its bounds; -1 of an empty one."""
    what, cells = data[at], data[at + 4]
    first, length = data[data[at + 3] + 2 * row], data[data[at + 3] + 2 * row + 1]
    used = 0
    isolated = 0
    low, high = -1, -1
    for slot in range(length):
        if counts[cells + first + slot]:
            used += 1
            if low < 0:
                low = slot
            alone = slot == 0 or counts[cells + first + slot - 1] == 0
            if alone and (slot + 1 == length or counts[cells + first + slot + 1] == 0):
                isolated += 1
            high = slot
    if used == 0:
        return NONE
    if what == HOLES:
        return high - low + 1 - used
    if what == BROKEN:
        return min(1, high - low + 1 - used)
    return max(0, high - low - 1) if what == BETWEEN else isolated


@compiled(INT, ROW, INT, INT, INT, INT)
def tally_cell(data: Array, at: int, member: int, choice: int, start: int) -> int:
    """Return the number of the cell of a member of a Tally, -1 where it is in none.

    Member: [owner, blocks by choice or -1, slots, count of slots, cells, amounts or -1]; cells by block (of one
    where blocks are -1) and slot + 1 (of one where there are no slots).
    """
    block = 0
    if data[member + 1] != NONE:
        block = data[data[member + 1] + choice]
        if block < 0:
            return NONE
    slots = data[member + 3]
    slot = last_not_after(data, data[member + 2], slots, start) + 1 if slots else 1
    return data[data[member + 4] + block * (max(1, slots) + 1) + slot]


@compiled(INT, ROW, ROW, INT, INT)
def cell_measure(data: Array, counts: Array, at: int, cell: int) -> int:
    """Return how far what is counted in a cell, in its row or in its column lies outside the bounds."""
    what, least, most = data[at], data[at + 1], data[at + 2]
    members, amounts, owners = data[at + 4], data[at + 5], data[at + 6]
    if what == COUNT:
        return outside(counts[amounts + cell], least, most) if counts[members + cell] else 0
    if what == OWNERS:
        return outside(counts[owners + cell], least, most) if counts[members + cell] else 0
    if what == PAIRS:
        there = counts[members + cell]
        return outside(there * (there - 1) // 2, least, most) if there else 0
    if what == ABREAST:
        there = counts[data[at + 13] + data[data[at + 12] + cell]]
        return outside(there, least, most) if there else 0
    if what == MEETINGS:
        column = data[data[at + 12] + cell]
        return outside(counts[data[at + 15] + column], least, most) if counts[data[at + 13] + column] else 0
    found = row_measure(data, counts, at, data[data[at + 8] + cell])
    return outside(found, least, most) if found != NONE else 0


@compiled(NOTHING, ROW, ROW, INT, INT, INT, INT)
def own_tally(data: Array, counts: Array, at: int, cell: int, owner: int, sign: int) -> None:
    """Count an owner in (or out) of a cell of a Tally, and whom he meets in its column."""
    place = data[at + 7] + cell * data[at + 10] + owner
    before = counts[place]
    counts[place] = before + sign
    if before > 0 and before + sign > 0:
        return
    if data[at] == OWNERS:
        counts[data[at + 6] + cell] += sign
        return
    column = data[data[at + 12] + cell]
    uses, own = data[at + 13] + column, data[at + 14] + column * data[at + 10] + owner
    # He meets all that are not his own; whether he is in the column yet makes no difference to that.
    counts[data[at + 15] + column] += sign * (counts[uses] - counts[own])
    counts[uses] += sign
    counts[own] += sign


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT)
def tally(data: Array, counts: Array, at: int, own: int, choice: int, start: int, sign: int) -> int:
    """Count a session in (or out) of a Tally; return by how much its measure grows, but for what is of all cells.

    Tally: [what, least, most, rows, counts of members, of amounts, of owners, of members by cell and owner, row by cell,
    cells, owners, worth of used cells, column by cell, uses of columns, of columns by owner, meetings of columns, worth by
    cell]. A column is a slot of a row, in all blocks; what uses it is a block, or a block of an owner where they meet. What
    is not counted stands at -1.
    """
    if choice < 0:
        return 0
    grown = 0
    what = data[at]
    members, amounts = data[at + 4], data[at + 5]
    of_all = what in (DISTINCT, PEAK, WORTH)
    for mine in range(data[own]):
        member = data[own + 1 + mine]
        cell = tally_cell(data, at, member, choice, start)
        if cell == NONE:
            continue
        if not of_all:
            grown -= cell_measure(data, counts, at, cell)
        amount = data[data[member + 5] + choice] if data[member + 5] != NONE else 1
        before = counts[members + cell]
        counts[members + cell] = before + sign
        counts[amounts + cell] += sign * amount
        if before == 0 or before + sign == 0:
            if what in (DISTINCT, WORTH):
                counts[data[at + 11]] += sign * data[data[at + 16] + cell]
            elif what == ABREAST:
                counts[data[at + 13] + data[data[at + 12] + cell]] += sign
        if what in (OWNERS, MEETINGS):
            own_tally(data, counts, at, cell, data[member], sign)
        if not of_all:
            grown += cell_measure(data, counts, at, cell)
    return grown


@compiled(INT, ROW, ROW, INT)
def tally_whole(data: Array, counts: Array, at: int) -> int:
    """Return the measure of a Tally of what is of all cells: their number, their worth or the peak."""
    if data[at] != PEAK:
        return outside(counts[data[at + 11]], data[at + 1], data[at + 2])
    peak = 0
    for cell in range(data[at + 9]):
        peak = max(peak, counts[data[at + 5] + cell])
    return outside(peak, data[at + 1], data[at + 2])
