"""The place of each session in the order of a group."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from scheduler.terms.base import Assignment, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks(Term):
    """Each session has the place it is wanted in, from 1 on; measures how many have another.

    Present sessions follow one another by the cell of their start (the number of the last of the ascending ``cells`` not
    after it, -1 before the first), in a cell by ``ranks[k][choice]`` of ``sessions[k]``, then by start, then by number.
    ``wanted[k]`` is None where any place will do.
    """

    sessions: tuple[int, ...]
    wanted: tuple[int | None, ...]
    ranks: tuple[tuple[int, ...], ...]
    cells: tuple[int, ...] = ()

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.sessions

    def measure(self, spots: Assignment) -> int:
        """Return how many sessions are not in their place."""
        order = sorted(
            (bisect_right(self.cells, spot.start), self.ranks[k][spot.choice], spot.start, session, self.wanted[k])
            for k, session in enumerate(self.sessions)
            if (spot := spots[session]) is not None
        )
        return sum(wanted not in (None, place) for place, (*_, wanted) in enumerate(order, 1))
