"""Presence of sessions together."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.terms.base import Assignment, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Term):
    """If any of ``whenever`` is present (always, where it is empty), all of ``then`` are; measures how many are missing.

    With both the same list it says all or none.
    """

    whenever: tuple[int, ...] = ()
    then: tuple[int, ...]

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.whenever + self.then

    def measure(self, spots: Assignment) -> int:
        """Return how many sessions are missing."""
        if self.whenever and all(spots[session] is None for session in self.whenever):
            return 0
        return sum(spots[session] is None for session in self.then)
