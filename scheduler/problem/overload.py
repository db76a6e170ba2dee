"""Sums that prove there is no plan: more is needed between two moments, or in all, than there is.

Of each session counts the least that it can take, wherever it is; so nothing is searched, and what is found is certain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.problem.compile import Problem
from scheduler.terms import Cumulative, Sequence, Steps, Term, Total

_Whole = npt.NDArray[np.int64]

MOMENTS = 400
"""Begins and ends between which sums are made; where there are more, evenly chosen ones."""


class Overload(NamedTuple):
    """Sessions that need more of what some terms of one rule give than there is.

    ``need`` and ``there`` are units x minutes between two minutes, or units in all where ``begin`` is None. ``at_once`` is
    the least that is taken at each moment between, where each of the sessions is there all the time; else None.
    """

    terms: tuple[Term, ...]
    sessions: tuple[int, ...]
    need: int
    there: int
    begin: int | None = None
    end: int | None = None
    at_once: int | None = None


class _Demand(NamedTuple):
    """What one session takes at least by one use: amount x length from a first to a last begin, or other such ways."""

    session: int
    ways: tuple[tuple[int, int, int, int], ...]
    """The first and the last begin, the length, the amount."""


def overloads(problem: Problem, sessions: Collection[int], terms: Iterable[Term]) -> Iterator[Overload]:
    """Yield what is overdrawn by ``sessions``, which have to be held, under hard terms."""
    wanted = frozenset(sessions)
    alike: dict[str, list[Sequence]] = {}
    for term in terms:
        if isinstance(term, Total):
            yield from _in_all(term, wanted)
        elif isinstance(term, Cumulative):
            demands = [_use(problem, use.session, use.amounts) for use in term.uses if use.session in wanted]
            yield from _between((term,), [demand for demand in demands if demand is not None], term.capacity)
        elif isinstance(term, Sequence):
            alike.setdefault(term.rule, []).append(term)
    for sequences in alike.values():
        yield from _one_at_a_time(problem, sequences, wanted)


def _in_all(term: Total, wanted: frozenset[int]) -> Iterator[Overload]:
    least = {s: min(row, default=0) for s, row in zip(term.sessions, term.amounts, strict=True) if s in wanted}
    spare = sum(min(0, *row) for s, row in zip(term.sessions, term.amounts, strict=True) if s not in wanted and row)
    need = sum(least.values()) + spare
    if term.most is not None and need > term.most:
        yield Overload((term,), tuple(s for s, amount in least.items() if amount > 0), need, term.most)


def _use(problem: Problem, session: int, amounts: tuple[tuple[int, int, int] | None, ...]) -> _Demand | None:
    """Return the least that a use takes, None where it may take nothing."""
    ways = []
    for choice, starts, amount in zip(problem.candidates.choices[session], problem.starts[session], amounts, strict=True):
        if not any(starts):
            continue
        if amount is None or amount[2] <= 0 or amount[0] + choice.minutes + amount[1] <= 0:
            return None
        lead, tail, units = amount
        spans = [span for span in starts if span]
        first, last = min(span[0] for span in spans), max(span[-1] for span in spans)
        ways.append((first - lead, last - lead, lead + choice.minutes + tail, units))
    return _Demand(session, tuple(dict.fromkeys(ways))) if ways else None


def _one_at_a_time(problem: Problem, sequences: list[Sequence], wanted: frozenset[int]) -> Iterator[Overload]:
    """Yield sets of sessions that can only use some few resources, and do not fit them one after another."""
    used: dict[int, list[tuple[int, dict[int, tuple[int, int]]]]] = {}
    for number, term in enumerate(sequences):
        for visit in term.visits:
            if visit.session in wanted:
                stays = {k: (stay.lead, stay.tail) for k, stay in enumerate(visit.stays) if stay is not None}
                used.setdefault(visit.session, []).append((number, stays))
    reach: dict[frozenset[int], list[_Demand]] = {}
    for session, resources in used.items():
        by_choice: list[tuple[int, int, int] | None] = []
        for choice in range(len(problem.candidates.choices[session])):
            taken = [stays[choice] for _, stays in resources if choice in stays]
            by_choice.append(
                (min(lead for lead, _ in taken), min(tail for _, tail in taken), len(taken)) if taken else None
            )
        demand = _use(problem, session, tuple(by_choice))
        if demand is not None:
            reach.setdefault(frozenset(number for number, _ in resources), []).append(demand)
    for resources_there in list(reach):
        demands = [demand for others, found in reach.items() if others <= resources_there for demand in found]
        if len(demands) > len(resources_there):
            terms = tuple(sequences[number] for number in sorted(resources_there))
            yield from _between(terms, demands, Steps((0,), (len(resources_there),)))


def _between(terms: tuple[Term, ...], demands: list[_Demand], capacity: Steps) -> Iterator[Overload]:
    """Yield the pair of moments between which most is missing, if anything is."""
    begins = _some({way[1] for demand in demands for way in demand.ways} | {way[0] for d in demands for way in d.ways})
    ends = _some({b + way[2] for demand in demands for way in demand.ways for b in way[:2]})
    if not demands or not len(begins) or not len(ends):
        return
    opens, closes = begins[:, None], ends[None, :]
    need = np.zeros((len(begins), len(ends)), dtype=np.int64)
    for demand in demands:
        need += _least(demand, opens, closes)
    there = _area(capacity, begins, ends)
    missing = np.where(closes > opens, need - there, 0)
    worst = np.unravel_index(int(np.argmax(missing)), missing.shape)
    if missing[worst] <= 0:
        return
    begin, end = int(begins[worst[0]]), int(ends[worst[1]])
    taking = [(demand, int(_least(demand, np.array(begin), np.array(end)))) for demand in demands]
    taking = [(demand, amount) for demand, amount in taking if amount]
    always = all(amount == min(way[3] for way in demand.ways) * (end - begin) for demand, amount in taking)
    yield Overload(
        terms,
        tuple(dict.fromkeys(demand.session for demand, _ in taking)),
        int(need[worst]),
        int(there[worst]),
        begin,
        end,
        sum(min(way[3] for way in demand.ways) for demand, _ in taking) if always else None,
    )


def _least(demand: _Demand, opens: _Whole, closes: _Whole) -> _Whole:
    """Return the least units x minutes that a demand takes between each two moments.

    What lies between is least where a session begins as early or as late as it can.
    """
    least: _Whole = np.array(2**62)
    for first, last, length, amount in demand.ways:
        for begin in (first, last):
            taken = np.maximum(0, np.minimum(closes, begin + length) - np.maximum(opens, begin)) * amount
            least = np.minimum(least, taken)
    return least


def _area(capacity: Steps, begins: _Whole, ends: _Whole) -> _Whole:
    """Return the capacity x minutes between each begin and each end."""
    minutes, values = np.array(capacity.minutes), np.array(capacity.values)
    before = np.concatenate([[0], np.cumsum(np.diff(minutes) * values[:-1])])

    def since_the_first(moments: _Whole) -> _Whole:
        k = np.maximum(0, np.searchsorted(minutes, moments, side="right") - 1)
        total: _Whole = before[k] + (moments - minutes[k]) * values[k]
        return total

    area: _Whole = since_the_first(ends)[None, :] - since_the_first(begins)[:, None]
    return area


def _some(moments: Iterable[int]) -> _Whole:
    """Return moments in order, so many that sums over all pairs take no time."""
    ordered = np.array(sorted(moments), dtype=np.int64)
    if len(ordered) <= MOMENTS:
        return ordered
    some: _Whole = ordered[np.linspace(0, len(ordered) - 1, MOMENTS).astype(int)]
    return some
