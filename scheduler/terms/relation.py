"""Of two placements: when both are present, and perhaps alike in something, then something holds between them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.terms.base import Assignment, Spot, Term


class Match(NamedTuple):
    """An attribute of each of the two (hall, venue, day, …) as numbers, and the pairs of numbers that match.

    The attribute comes from the choice (``first`` and ``second`` by choice), or from the start where ``cells`` is given:
    the number of the last of its ascending minutes not after the start, -1 before the first.
    """

    pairs: frozenset[tuple[int, int]]
    first: tuple[int, ...] = ()
    second: tuple[int, ...] = ()
    cells: tuple[int, ...] = ()

    def holds(self, a: Spot, b: Spot) -> bool:
        """Return whether the attributes of two spots match."""
        if self.cells:
            found = bisect_right(self.cells, a.start) - 1, bisect_right(self.cells, b.start) - 1
        else:
            found = self.first[a.choice], self.second[b.choice]
        return found in self.pairs


class Lag(NamedTuple):
    """The second starts ``least`` to ``most`` minutes after the first ends (starts, with ``from_start``).

    With ``flat`` it counts that the lag lies outside, not by how much.
    """

    least: int | None = None
    most: int | None = None
    from_start: bool = False
    flat: bool = False

    def missing(self, a: Spot, b: Spot) -> int:
        """Return by how many minutes the lag lies outside; 1 with ``flat``."""
        lag = b.start - (a.start if self.from_start else a.end)
        below = self.least - lag if self.least is not None else 0
        above = lag - self.most if self.most is not None else 0
        missing = max(0, below, above)
        return min(1, missing) if self.flat else missing


class Clear(NamedTuple):
    """The two keep ``gap`` minutes from each other, or ``back``, where it is given, if the second comes first."""

    gap: int
    back: int | None = None

    @property
    def gaps(self) -> tuple[int, int]:
        """The minutes to keep if the first comes first, and if the second does; neither is below 0."""
        return self.gap, self.gap if self.back is None else self.back

    def missing(self, a: Spot, b: Spot) -> int:
        """Return the minutes missing in the order in which fewer are."""
        gap, back = self.gaps
        return max(0, min(a.end + gap - b.start, b.end + back - a.start))


class Table(NamedTuple):
    """An amount for each two values of the two: ``amounts[first value][second value]``, never below 0.

    The value comes from the choice: ``first[choice]`` and ``second[choice]`` are rows and columns.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    amounts: tuple[tuple[int, ...], ...]

    def missing(self, a: Spot, b: Spot) -> int:
        """Return the amount for two spots."""
        return self.amounts[self.first[a.choice]][self.second[b.choice]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Term):
    """When both are present and ``when`` matches (always, without it), ``then`` holds.

    Measures the minutes missing of a lag or a gap; 1 for a match or a flat lag that fails; the amount that a table has
    for the two.
    """

    first: int
    second: int
    then: Match | Lag | Clear | Table
    when: Match | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return (self.first, self.second)

    def measure(self, spots: Assignment) -> int:
        """Return how much is missing."""
        a, b = spots[self.first], spots[self.second]
        if a is None or b is None or (self.when is not None and not self.when.holds(a, b)):
            return 0
        if isinstance(self.then, Match):
            return 0 if self.then.holds(a, b) else 1
        return self.then.missing(a, b)
