"""A linear sum over present sessions, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.terms.base import Assignment, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Term):
    """The sum of ``amounts[k][choice]`` over the present ``sessions[k]`` lies in [least, most]; measures the distance.

    A bound that is None does not bind.
    """

    sessions: tuple[int, ...]
    amounts: tuple[tuple[int, ...], ...]
    least: int | None = None
    most: int | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.sessions

    def measure(self, spots: Assignment) -> int:
        """Return by how much the sum lies outside its bounds."""
        total = 0
        for session, amounts in zip(self.sessions, self.amounts, strict=True):
            spot = spots[session]
            if spot is not None:
                total += amounts[spot.choice]
        below = self.least - total if self.least is not None else 0
        above = total - self.most if self.most is not None else 0
        return max(0, below, above)
