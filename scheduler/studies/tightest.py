"""Which shared resource a plan comes nearest to using up, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from scheduler.problem import Problem
from scheduler.terms import Assignment, Cumulative


class Tightest(NamedTuple):
    """So much of a resource is taken at a moment, of so much that there is then."""

    of: str
    used: int
    capacity: int
    at: datetime

    def __str__(self) -> str:
        return f"{self.of}: {self.used} of {self.capacity}, {self.at:%d %b %H:%M}"


def tightest(problem: Problem, spots: Assignment) -> Tightest | None:
    """Return the named resource with the largest share in use, None where nothing of any is taken.

    Of several it is the one that is so full for the longest time; the moment is the first at which it is.
    """
    found: list[tuple[float, int, Tightest]] = []
    for term in problem.terms:
        if isinstance(term, Cumulative) and term.about:
            spans = [
                (used / max(1, least), end - begin, begin, used, least) for begin, end, used, least in _spans(term, spots)
            ]
            if spans:
                share = max(spans)[0]
                full = [span for span in spans if span[0] == share]
                _, _, begin, used, least = min(full, key=lambda span: span[2])
                at = problem.scenario.calendar.moment(begin)
                found.append((share, sum(span[1] for span in full), Tightest(term.about, used, least, at)))
    return max(found, key=lambda one: one[:2])[2] if found else None


def _spans(term: Cumulative, spots: Assignment) -> Iterator[tuple[int, int, int, int]]:
    """Yield from which minute to which how much is taken of how much there is, where something is."""
    taken = term.taken(spots)
    moments = sorted({minute for begin, end, _ in taken for minute in (begin, end)} | set(term.capacity.minutes))
    for begin, end in pairwise(moments):
        used = sum(amount for since, until, amount in taken if since <= begin < until)
        if used:
            yield begin, end, used, term.capacity.at(begin)
