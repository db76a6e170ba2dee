"""What every kind of term shares: placements as integers, hard or priced, a capacity over time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple


class Choice(NamedTuple):
    """One way and hall for a session, with its length; sessions and choices are numbered from 0 in terms."""

    option: str
    hall: str
    venue: str
    minutes: int


class Spot(NamedTuple):
    """Where a session is: the number of its choice, its start and its end in minutes since the calendar's start."""

    choice: int
    start: int
    end: int


Assignment = Sequence[Spot | None]
"""The spot of each session by its number; None where it is absent."""


class Price(NamedTuple):
    """What a term costs: its weight for each unit of its measure, in a tier of goals.

    A weight below 0 is a reward; the terms that can bear one say so.
    """

    tier: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(ABC):
    """One statement over placements, tagged with the id of the rule or goal that makes it; hard where it has no price.

    ``about`` names for a reader what it is counted of: a pool, a hall, a person.
    """

    rule: str
    price: Price | None = None
    about: str = ""

    @property
    @abstractmethod
    def members(self) -> tuple[int, ...]:
        """The numbers of the sessions it speaks of; one may stand twice."""

    @abstractmethod
    def measure(self, spots: Assignment) -> int:
        """Return by how much the assignment fails the term: 0 where it holds."""


class Steps(NamedTuple):
    """A whole number over time: ``values[k]`` holds from ``minutes[k]`` to the next; before the first, the first."""

    minutes: tuple[int, ...]
    values: tuple[int, ...]

    def at(self, minute: int) -> int:
        """Return the value at a minute."""
        return self.values[max(0, bisect_right(self.minutes, minute) - 1)]


def excess(uses: Iterable[tuple[int, int, int]], capacity: Steps) -> int:
    """Return amount x minutes by which uses (begin, end, amount) pass the capacity, over all time."""
    changes: dict[int, int] = {}
    for begin, end, amount in uses:
        if begin < end:
            changes[begin] = changes.get(begin, 0) + amount
            changes[end] = changes.get(end, 0) - amount
    if not changes:
        return 0
    first, last = min(changes), max(changes)
    moments = sorted({*changes, *(minute for minute in capacity.minutes if first < minute < last)})
    total = used = 0
    for begin, end in pairwise(moments):
        used += changes.get(begin, 0)
        total += max(0, used - capacity.at(begin)) * (end - begin)
    return total


def holds(terms: Iterable[Term], spots: Assignment) -> bool:
    """Return whether every hard term measures 0."""
    return all(term.price is not None or term.measure(spots) == 0 for term in terms)


def tier_values(terms: Iterable[Term], spots: Assignment) -> dict[int, int]:
    """Return the points of each tier that a priced term speaks of, by tier ascending."""
    values: dict[int, int] = {}
    for term in terms:
        if term.price is not None:
            tier, weight = term.price
            values[tier] = values.get(tier, 0) + weight * term.measure(spots)
    return dict(sorted(values.items()))
