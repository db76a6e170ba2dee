"""A group's sessions counted over ordered cells."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from typing import Literal, NamedTuple

from scheduler.terms.base import Assignment, Spot, Term

Cell = tuple[int, int, int]
"""A block, a row of it, and the number of a slot in the row."""


class Cells(NamedTuple):
    """The cell of a placement: ``block[choice]`` (a hall, say; 0 without it) x the slot of its start (0 without slots).

    A choice whose block is None lies in no cell. ``slots`` are ascending minutes; a start lies in the last not after it, in
    -1 before the first. ``places`` gives each slot a row (a day, say) and a number in it, or None where it lies in no cell;
    without them all slots are one row, numbered from 0.
    """

    slots: tuple[int, ...] = ()
    block: tuple[int | None, ...] = ()
    places: tuple[tuple[int, int] | None, ...] = ()

    def of(self, spot: Spot) -> Cell | None:
        """Return the cell of a spot, None where it lies in none."""
        block = self.block[spot.choice] if self.block else 0
        if block is None:
            return None
        return self.at(block, bisect_right(self.slots, spot.start) - 1 if self.slots else 0)

    def at(self, block: int, slot: int) -> Cell | None:
        """Return the cell of a block and a slot, None where the slot lies in none."""
        place = self.places[slot] if self.places and slot >= 0 else (0, slot)
        return None if place is None else (block, *place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Term):
    """What is counted of the group lies in [least, most]; measures the distance, summed over cells or rows.

    ``count``: sessions in each used cell. ``peak``: the greatest count of all cells. ``distinct``: used cells of all.
    ``worth``: the ``worth`` of the used cells, added up. ``holes``: unused slots between used ones of a row. ``between``:
    slots between the first and the last used one of a row, used or not. ``broken``: 1 for a row with a hole. ``isolated``:
    used slots of a row without a used neighbour. ``abreast``: used blocks in each used slot of a row. ``owners``: different
    ``owners`` in each used cell. ``meetings``: in each used slot of a row the pairs of a block of one owner and a block of
    another. ``pairs``: sets of two sessions in each used cell; its price may be a reward where ``least`` and ``most`` are
    0. Counts and peaks add ``amounts[k][choice]`` of ``sessions[k]``, at least 0; 1 each without them. What a cell is worth
    is at least 0, and 0 where it is not given.
    """

    what: Literal[
        "abreast",
        "between",
        "broken",
        "count",
        "distinct",
        "holes",
        "isolated",
        "meetings",
        "owners",
        "pairs",
        "peak",
        "worth",
    ]
    sessions: tuple[int, ...]
    cells: tuple[Cells, ...]
    owners: tuple[int, ...] = ()
    amounts: tuple[tuple[int, ...], ...] = ()
    least: int = 0
    most: int = 0
    worth: Mapping[Cell, int] = field(default_factory=dict)

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.sessions

    def measure(self, spots: Assignment) -> int:
        """Return how far the counts lie outside their bounds."""
        return sum(max(0, self.least - count, count - self.most) for count in self._counts(spots))

    def _counts(self, spots: Assignment) -> list[int]:
        members = [
            (k, spot, cell)
            for k, session in enumerate(self.sessions)
            if (spot := spots[session]) is not None and (cell := self.cells[k].of(spot)) is not None
        ]
        used = Counter[Cell]()
        for k, spot, cell in members:
            used[cell] += self.amounts[k][spot.choice] if self.amounts else 1
        if self.what == "count":
            return list(used.values())
        if self.what == "peak":
            return [max(used.values(), default=0)]
        if self.what == "distinct":
            return [len(used)]
        if self.what == "pairs":
            return [comb(there, 2) for there in Counter(cell for _, _, cell in members).values()]
        if self.what == "worth":
            return [sum(self.worth.get(cell, 0) for cell in used)]
        if self.what == "owners":
            return [len({self.owners[k] for k, _, cell in members if cell == wanted}) for wanted in used]
        if self.what == "abreast":
            return list(Counter(cell[1:] for cell in used).values())
        if self.what == "meetings":
            return _meetings((cell, self.owners[k]) for k, _, cell in members)
        rows: dict[tuple[int, int], set[int]] = {}
        for block, row, slot in used:
            rows.setdefault((block, row), set()).add(slot)
        if self.what == "holes":
            return [max(slots) - min(slots) + 1 - len(slots) for slots in rows.values()]
        if self.what == "between":
            return [max(0, max(slots) - min(slots) - 1) for slots in rows.values()]
        if self.what == "broken":
            return [int(max(slots) - min(slots) + 1 > len(slots)) for slots in rows.values()]
        return [sum(not {slot - 1, slot + 1} & slots for slot in slots) for slots in rows.values()]


def _meetings(members: Iterable[tuple[Cell, int]]) -> list[int]:
    """Return, for each used slot of a row, the pairs of blocks of different owners."""
    by_slot: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for (block, row, slot), owner in members:
        by_slot.setdefault((row, slot), set()).add((block, owner))
    return [sum(a[1] != b[1] for a, b in combinations(there, 2)) for there in by_slot.values()]
