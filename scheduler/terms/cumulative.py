"""Use under a capacity over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scheduler.terms.base import Assignment, Steps, Term, excess


class Use(NamedTuple):
    """What a session takes under each choice: (minutes before its start, minutes after its end, amount), or None."""

    session: int
    amounts: tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cumulative(Term):
    """At no moment more than the capacity; measures excess x minutes."""

    uses: tuple[Use, ...]
    capacity: Steps

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return tuple(use.session for use in self.uses)

    def measure(self, spots: Assignment) -> int:
        """Return excess x minutes."""
        return excess(self.taken(spots), self.capacity)

    def taken(self, spots: Assignment) -> list[tuple[int, int, int]]:
        """Return what an assignment takes: from which minute to which, how much."""
        taken = []
        for use in self.uses:
            spot = spots[use.session]
            amount = use.amounts[spot.choice] if spot is not None else None
            if spot is not None and amount is not None:
                taken.append((spot.start - amount[0], spot.end + amount[1], amount[2]))
        return taken
