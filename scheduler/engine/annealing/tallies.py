"""Tallies on flat tables: where their cells lie, and what they measure."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.engine.annealing.compiled import BOOL, INT, NOTHING, ROW, compiled
from scheduler.engine.annealing.lookups import NONE, Array, outside, slot_of
from scheduler.terms import Cells, Tally

COUNT, DISTINCT, HOLES, BETWEEN, ISOLATED, OWNERS, PAIRS, PEAK, WORTH, BROKEN, ABREAST, MEETINGS = range(12)

MASKED = 60
"""Slots of a row up to which what is used of it is kept as bits of one number."""

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


@compiled(INT, INT)
def ones(mask: int) -> int:
    """Return how many bits of a number that is not below 0 are set."""
    mask -= (mask >> 1) & 0x5555555555555555
    mask = (mask & 0x3333333333333333) + ((mask >> 2) & 0x3333333333333333)
    mask = (mask + (mask >> 4)) & 0x0F0F0F0F0F0F0F0F
    return (mask * 0x0101010101010101) >> 56


@compiled(INT, INT)
def highest(mask: int) -> int:
    """Return the number of the highest bit that is set."""
    found = 0
    for step in (32, 16, 8, 4, 2, 1):
        if mask >> step:
            mask >>= step
            found += step
    return found


@compiled(INT, ROW, ROW, INT, INT)
def row_measure(data: Array, counts: Array, at: int, row: int) -> int:
    """Return what a Tally counts of a row, before its bounds; -1 of an empty one."""
    what, cells = data[at], data[at + 4]
    first, length = data[data[at + 3] + 2 * row], data[data[at + 3] + 2 * row + 1]
    used, alone, low, high = 0, 0, NONE, NONE
    if data[at + 17] != NONE:
        mask = counts[data[at + 17] + row]
        if mask:
            used, alone = ones(mask), ones(mask & ~(mask << 1) & ~(mask >> 1))
            low, high = highest(mask & -mask), highest(mask)
    else:
        for slot in range(length):
            if counts[cells + first + slot]:
                used += 1
                if low < 0:
                    low = slot
                begins = slot == 0 or counts[cells + first + slot - 1] == 0
                if begins and (slot + 1 == length or counts[cells + first + slot + 1] == 0):
                    alone += 1
                high = slot
    if used == 0:
        return NONE
    if what == HOLES:
        return high - low + 1 - used
    if what == BROKEN:
        return min(1, high - low + 1 - used)
    return max(0, high - low - 1) if what == BETWEEN else alone


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
    slot = slot_of(data, data[member + 2], start) + 1 if slots else 1
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


@compiled(NOTHING, ROW, ROW, INT, INT, INT, INT, INT)
def count_in(data: Array, counts: Array, at: int, member: int, cell: int, amount: int, sign: int) -> None:
    """Count a member of a Tally in a cell (or out, with a ``sign`` of -1), as so much.

    Tally: [what, least, most, rows, counts of members, of amounts, of owners, of members by cell and owner, row by cell,
    cells, owners, worth of used cells, column by cell, uses of columns, of columns by owner, meetings of columns, worth by
    cell, used slots of rows as bits]. A column is a slot of a row, in all blocks; what uses it is a block, or a block of an
    owner where they meet. What is not counted stands at -1.
    """
    what, place = data[at], data[at + 4] + cell
    before = counts[place]
    counts[place] = before + sign
    counts[data[at + 5] + cell] += sign * amount
    if before == 0 or before + sign == 0:
        if what in (DISTINCT, WORTH):
            counts[data[at + 11]] += sign * data[data[at + 16] + cell]
        elif what == ABREAST:
            counts[data[at + 13] + data[data[at + 12] + cell]] += sign
        elif data[at + 17] != NONE:
            row = data[data[at + 8] + cell]
            counts[data[at + 17] + row] ^= 1 << (cell - data[data[at + 3] + 2 * row])
    if what in (OWNERS, MEETINGS):
        own_tally(data, counts, at, cell, data[member], sign)


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT)
def grown(data: Array, counts: Array, at: int, member: int, cell: int, amount: int, sign: int) -> int:
    """Count a member in a cell or out; return by how much the measure grows, but for what is of all cells."""
    what, there = data[at], counts[data[at + 4] + cell]
    of_all = what in (DISTINCT, PEAK, WORTH)
    of_used = what in (HOLES, BETWEEN, ISOLATED, BROKEN)
    if of_all or (of_used and there > (1 if sign < 0 else 0)):
        count_in(data, counts, at, member, cell, amount, sign)
        return 0
    before = cell_measure(data, counts, at, cell)
    count_in(data, counts, at, member, cell, amount, sign)
    return cell_measure(data, counts, at, cell) - before


@compiled(INT, ROW, INT, INT)
def amount_of(data: Array, member: int, choice: int) -> int:
    """Return as how much a member is counted by a choice."""
    return data[data[member + 5] + choice] if data[member + 5] != NONE else 1


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT, INT)
def all_grown(data: Array, counts: Array, at: int, own: int, choice: int, start: int, sign: int, members: int) -> int:
    """Count the first so many members of a session in or out; return by how much the measure grows."""
    found = 0
    for mine in range(members if choice >= 0 else 0):
        member = data[own + 1 + mine]
        cell = tally_cell(data, at, member, choice, start)
        if cell != NONE:
            found += grown(data, counts, at, member, cell, amount_of(data, member, choice), sign)
    return found


@compiled(INT, ROW, ROW, INT, INT)
def tally_whole(data: Array, counts: Array, at: int, value: int) -> int:
    """Return the measure of a Tally: ``value``, but for what is of all cells, their number, their worth or the peak."""
    if data[at] in (DISTINCT, WORTH):
        return outside(counts[data[at + 11]], data[at + 1], data[at + 2])
    if data[at] != PEAK:
        return value
    peak = 0
    for cell in range(data[at + 9]):
        peak = max(peak, counts[data[at + 5] + cell])
    return outside(peak, data[at + 1], data[at + 2])


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT, INT, INT, BOOL)
def tally(
    data: Array,
    counts: Array,
    at: int,
    own: int,
    value: int,
    old: int,
    old_start: int,
    choice: int,
    start: int,
    keep: bool,
) -> int:
    """Return what a Tally, of this value now, measures once a session is elsewhere; ``keep`` changes its counts too."""
    members = data[own]
    if members > 1:
        value += all_grown(data, counts, at, own, old, old_start, -1, members)
        value += all_grown(data, counts, at, own, choice, start, 1, members)
        value = tally_whole(data, counts, at, value)
        if not keep:
            all_grown(data, counts, at, own, choice, start, -1, members)
            all_grown(data, counts, at, own, old, old_start, 1, members)
        return value
    member = data[own + 1]
    before = tally_cell(data, at, member, old, old_start) if old >= 0 else NONE
    after = tally_cell(data, at, member, choice, start) if choice >= 0 else NONE
    taken = amount_of(data, member, old) if before != NONE else 0
    amount = amount_of(data, member, choice) if after != NONE else 0
    if before != NONE and before == after and taken == amount:
        return value
    if before != NONE:
        value += grown(data, counts, at, member, before, taken, -1)
    if after != NONE:
        value += grown(data, counts, at, member, after, amount, 1)
    value = tally_whole(data, counts, at, value)
    if not keep:
        if after != NONE:
            count_in(data, counts, at, member, after, amount, -1)
        if before != NONE:
            count_in(data, counts, at, member, before, taken, 1)
    return value
