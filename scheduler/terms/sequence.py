"""One at a time on a hall or a person: the change-over between two visits, and the price of following one another."""

from __future__ import annotations

from dataclasses import dataclass
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

    It holds between any two, not only between neighbours. Measures the minutes missing, over all pairs, each in the
    order in which fewer are.
    """

    visits: tuple[Visit, ...]
    changeover: Matrix

    def needed(self, before: Stay, after: Stay) -> int:
        """Return the minutes from the end of one session to the start of the next."""
        return before.tail + self.changeover[before.kind][after.kind] + after.lead

    def measure(self, spots: Assignment) -> int:
        """Return the minutes missing."""
        missing = 0
        for (_, a, stay_a), (_, b, stay_b) in combinations(_present(self.visits, spots), 2):
            a_first = a.end + self.needed(stay_a, stay_b) - b.start
            b_first = b.end + self.needed(stay_b, stay_a) - a.start
            missing += max(0, min(a_first, b_first))
        return missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour(Term):
    """Measures the sum of ``step`` over neighbours in the order of starts (of session numbers, where they are equal)."""

    visits: tuple[Visit, ...]
    step: Matrix

    def measure(self, spots: Assignment) -> int:
        """Return the sum over neighbours."""
        order = sorted(_present(self.visits, spots), key=lambda visit: (visit[1].start, visit[0]))
        return sum(self.step[before.kind][after.kind] for (_, _, before), (_, _, after) in pairwise(order))
