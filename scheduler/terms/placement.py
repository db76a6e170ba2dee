"""The price of one session's placement: by its choice, by its start, or for being absent."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.terms.base import Assignment, Term


class Slope(NamedTuple):
    """A straight piece of a price over starts or ends: ``price`` at the minute ``begin``, then ``per_minute`` more."""

    begin: int
    price: int
    per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPrice(Term):
    """Measures the price of one session: ``by_choice[choice]`` plus the slope of its start, or ``absent``.

    ``slopes`` ascend by ``begin``; the first also holds before it. Either table may be empty: then it adds nothing. With
    ``at_end`` the slope is that of the session's end.
    """

    session: int
    by_choice: tuple[int, ...] = ()
    slopes: tuple[Slope, ...] = ()
    absent: int = 0
    at_end: bool = False

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return (self.session,)

    def measure(self, spots: Assignment) -> int:
        """Return the price of where the session is."""
        spot = spots[self.session]
        if spot is None:
            return self.absent
        price = self.by_choice[spot.choice] if self.by_choice else 0
        return price + (self.price_at(spot.end if self.at_end else spot.start) if self.slopes else 0)

    def price_at(self, minute: int) -> int:
        """Return the price of a start, or an end, alone."""
        position = bisect_right(self.slopes, minute, key=lambda slope: slope.begin)
        begin, price, per_minute = self.slopes[max(0, position - 1)]
        return price + per_minute * (minute - begin)
