"""Uses whose ends, place or amount come from two placements: an aircraft on its stand from arrival to departure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scheduler.terms.base import Assignment, Steps, Term, excess


class LinkUse(NamedTuple):
    """A use from the start of ``first`` (less ``lead``) to the end of ``second`` (plus ``tail``), if both are present.

    ``amounts[choice of first][choice of second]`` is taken; 0 takes nothing.
    """

    first: int
    second: int
    amounts: tuple[tuple[int, ...], ...]
    lead: int = 0
    tail: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Term):
    """At no moment more than the capacity by uses that span two placements; measures excess x minutes."""

    uses: tuple[LinkUse, ...]
    capacity: Steps

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return tuple(session for use in self.uses for session in (use.first, use.second))

    def measure(self, spots: Assignment) -> int:
        """Return excess x minutes."""
        taken = []
        for use in self.uses:
            first, second = spots[use.first], spots[use.second]
            if first is not None and second is not None:
                amount = use.amounts[first.choice][second.choice]
                taken.append((first.start - use.lead, second.end + use.tail, amount))
        return excess(taken, self.capacity)
