"""How far a group reaches in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scheduler.terms.base import Assignment, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent(Term):
    """The group's earliest start, latest end, span from one to the other, or longest session lies in [least, most].

    Minutes; measures the distance, 0 where no session of the group is present. A bound that is None does not bind.
    """

    what: Literal["earliest", "latest", "span", "longest"]
    sessions: tuple[int, ...]
    least: int | None = None
    most: int | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return self.sessions

    def measure(self, spots: Assignment) -> int:
        """Return by how many minutes the extent lies outside its bounds."""
        present = [spot for session in self.sessions if (spot := spots[session]) is not None]
        if not present:
            return 0
        earliest, latest = min(spot.start for spot in present), max(spot.end for spot in present)
        value = {
            "earliest": earliest,
            "latest": latest,
            "span": latest - earliest,
            "longest": max(spot.end - spot.start for spot in present),
        }[self.what]
        below = self.least - value if self.least is not None else 0
        above = value - self.most if self.most is not None else 0
        return max(0, below, above)
