"""A group's sessions counted over ordered cells."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import Literal, NamedTuple

from scheduler.terms.base import Assignment, Spot, Term


class Cells(NamedTuple):
    """The cell of a placement: ``block[choice]`` (a hall, say; 0 without it) x the slot of its start (0 without slots).

    ``slots`` are ascending minutes; a start lies in the last that is not after it, in -1 before the first.
    """

    slots: tuple[int, ...] = ()
    block: tuple[int, ...] = ()

    def of(self, spot: Spot) -> tuple[int, int]:
        """Return the block and the slot of a spot."""
        block = self.block[spot.choice] if self.block else 0
        return block, bisect_right(self.slots, spot.start) - 1 if self.slots else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Term):
    """What is counted of the group lies in [least, most]; measures the distance, summed over cells or blocks.

    ``count``: sessions in each used cell. ``distinct``: used cells of all. ``holes``: unused slots between used ones of a
    block. ``isolated``: used slots of a block without a used neighbour. ``owners``: different ``owners`` in each used cell.
    """

    what: Literal["count", "distinct", "holes", "isolated", "owners"]
    sessions: tuple[int, ...]
    cells: tuple[Cells, ...]
    owners: tuple[int, ...] = ()
    least: int = 0
    most: int = 0

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.sessions

    def measure(self, spots: Assignment) -> int:
        """Return how far the counts lie outside their bounds."""
        return sum(max(0, self.least - count, count - self.most) for count in self._counts(spots))

    def _counts(self, spots: Assignment) -> list[int]:
        members = [
            (k, self.cells[k].of(spot)) for k, session in enumerate(self.sessions) if (spot := spots[session]) is not None
        ]
        used = Counter(cell for _, cell in members)
        if self.what == "count":
            return list(used.values())
        if self.what == "distinct":
            return [len(used)]
        if self.what == "owners":
            return [len({self.owners[k] for k, cell in members if cell == wanted}) for wanted in used]
        blocks: dict[int, set[int]] = {}
        for block, slot in used:
            blocks.setdefault(block, set()).add(slot)
        if self.what == "holes":
            return [max(slots) - min(slots) + 1 - len(slots) for slots in blocks.values()]
        return [sum(not {slot - 1, slot + 1} & slots for slot in slots) for slots in blocks.values()]
