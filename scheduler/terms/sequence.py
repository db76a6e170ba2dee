"""One at a time on a hall or a person: the change-over between two visits, and the price of following one another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import NamedTuple

from scheduler.terms.base import Assignment, Spot, Term


class Stay(NamedTuple):
    """How a choice uses the resource: its kind in the matrix, minutes taken before the start and after the end."""

    kind: int
    lead: int = 0
    tail: int = 0


class Visit(NamedTuple):
    """A session that may use the resource: its stay by choice, None where a choice does not use it."""

    session: int
    stays: tuple[Stay | None, ...]


class Delay(NamedTuple):
    """Minutes on top of a change-over, by the minute at which the earlier session ends; never more than ``most``."""

    at: Callable[[int], int]
    most: int


Matrix = tuple[tuple[int, ...], ...]
"""A whole number by kind of the earlier and kind of the later visit."""


def _present(visits: tuple[Visit, ...], spots: Assignment) -> list[tuple[int, Spot, Stay]]:
    found = []
    for visit in visits:
        spot = spots[visit.session]
        stay = visit.stays[spot.choice] if spot is not None else None
        if spot is not None and stay is not None:
            found.append((visit.session, spot, stay))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(Term):
    """Of any two visits one ends, with its tail, the change-over and the other's lead, before the other starts.

    It holds between any two, not only between neighbours. Where ``delays`` names the two kinds, the change-over grows by
    minutes that depend on the end of the earlier session. Measures the minutes missing, over all pairs, each in the order
    in which fewer are.
    """

    visits: tuple[Visit, ...]
    changeover: Matrix
    delays: Mapping[tuple[int, int], Delay] = field(default_factory=dict)

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return tuple(visit.session for visit in self.visits)

    def needed(self, before: Stay, after: Stay) -> int:
        """Return the minutes from the end of one session to the start of the next, without delays."""
        return before.tail + self.changeover[before.kind][after.kind] + after.lead

    def needed_from(self, end: int, before: Stay, after: Stay) -> int:
        """Return the minutes from a session that ends at a minute to the start of the next."""
        delay = self.delays.get((before.kind, after.kind))
        return self.needed(before, after) + (delay.at(end) if delay is not None else 0)

    def measure(self, spots: Assignment) -> int:
        """Return the minutes missing."""
        missing = 0
        for (_, a, stay_a), (_, b, stay_b) in combinations(_present(self.visits, spots), 2):
            a_first = a.end + self.needed_from(a.end, stay_a, stay_b) - b.start
            b_first = b.end + self.needed_from(b.end, stay_b, stay_a) - a.start
            missing += max(0, min(a_first, b_first))
        return missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour(Term):
    """Measures the sum of ``step`` over neighbours in the order of starts (of session numbers, where they are equal).

    Where ``cells`` are given (the minutes at which days begin, say), a step counts only between two starts of one cell.
    """

    visits: tuple[Visit, ...]
    step: Matrix
    cells: tuple[int, ...] = ()

    @property
    def members(self) -> tuple[int, ...]:
        """The sessions it speaks of."""
        return tuple(visit.session for visit in self.visits)

    def measure(self, spots: Assignment) -> int:
        """Return the sum over neighbours."""
        order = sorted(_present(self.visits, spots), key=lambda visit: (visit[1].start, visit[0]))
        return sum(
            self.step[before.kind][after.kind]
            for (_, first, before), (_, second, after) in pairwise(order)
            if bisect_right(self.cells, first.start) == bisect_right(self.cells, second.start)
        )
