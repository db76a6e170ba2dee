"""Uses whose ends, place or amount come from two placements: an aircraft on its stand from arrival to departure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from scheduler.terms.base import Assignment, Spot, Steps, Term, excess


class Edge(NamedTuple):
    """A moment that one of two placements gives: its start or its end."""

    of: Literal["first", "second"]
    at: Literal["start", "end"]

    def minute(self, first: Spot, second: Spot) -> int:
        """Return the moment for two spots."""
        spot = first if self.of == "first" else second
        return spot.start if self.at == "start" else spot.end


class LinkUse(NamedTuple):
    """A use from the edge ``since`` (less ``lead``) to the edge ``until`` (plus ``tail``), if both sessions are present.

    ``amounts[choice of first][choice of second]`` is taken; 0 takes nothing. Both ends may be edges of one of the two: then
    the other only has a say in the amount.
    """

    first: int
    second: int
    amounts: tuple[tuple[int, ...], ...]
    lead: int = 0
    tail: int = 0
    since: Edge = Edge("first", "start")
    until: Edge = Edge("second", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Term):
    """At no moment more than the capacity by uses that two placements decide on; measures excess x minutes."""

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
                begin, end = use.since.minute(first, second) - use.lead, use.until.minute(first, second) + use.tail
                taken.append((begin, end, use.amounts[first.choice][second.choice]))
        return excess(taken, self.capacity)
