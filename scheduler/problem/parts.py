"""Parts of a problem that nothing joins: each is solved by itself, and points and bounds add up.

A season falls into the days on which something depends on something else. A term that speaks of sessions which never
meet (a hall's bookings in two different weeks) is first broken where no placement of one side can matter to the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import comb
from typing import NamedTuple

import networkx as nx

from scheduler.problem.compile import Problem
from scheduler.terms import Clear, Cumulative, Group, Lag, Relation, Sequence, Tally, Term, Tour, Use

_OF_ALL_CELLS = ("abreast", "distinct", "meetings", "peak", "worth")
"""What tallies count over cells of which no session need be in two, or over all at once."""


class Part(NamedTuple):
    """Sessions (by number, ascending) that depend on one another, and the terms over them."""

    sessions: tuple[int, ...]
    terms: tuple[Term, ...]


class _Reach(NamedTuple):
    """The first and the last minute at which a session can start, and the last at which it can end."""

    first: int
    last_start: int
    last: int


def whole(problem: Problem) -> Part:
    """Return the problem as one part."""
    return Part(tuple(range(len(problem.names))), problem.terms)


def parts(problem: Problem) -> list[Part]:
    """Return the parts of a problem, the smallest first.

    Over all parts the terms measure what the problem's terms measure, for every assignment of candidate placements.
    """
    reaches = _reaches(problem)
    pieces = [piece for term in problem.terms for piece in _pieces(problem, term, reaches)]
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(problem.names)))
    members_of = [term.members for term in pieces]
    for among in members_of:
        graph.add_edges_from((among[0], other) for other in among[1:])
    found = [tuple(sorted(members)) for members in nx.connected_components(graph)]
    found.sort(key=lambda members: (len(members), members))
    where = {session: number for number, members in enumerate(found) for session in members}
    terms: list[list[Term]] = [[] for _ in found]
    # What cannot hold of nobody cannot hold at all.
    nobodys = tuple(term for term, among in zip(pieces, members_of, strict=True) if not among)
    for term, among in zip(pieces, members_of, strict=True):
        if among:
            terms[where[among[0]]].append(term)
    divided = [Part(members, tuple(said)) for members, said in zip(found, terms, strict=True)]
    return [Part((), nobodys), *divided] if nobodys else divided


def _reaches(problem: Problem) -> list[_Reach | None]:
    """Return the reach of each session, None where it has no candidate placement."""
    found: list[_Reach | None] = []
    for choices, starts in zip(problem.candidates.choices, problem.starts, strict=True):
        spans = [
            (span[0], span[-1], span[-1] + choice.minutes)
            for choice, ranges in zip(choices, starts, strict=True)
            for span in ranges
        ]
        found.append(_Reach(min(a for a, _, _ in spans), *map(max, list(zip(*spans, strict=True))[1:])) if spans else None)
    return found


def _pieces(problem: Problem, term: Term, reaches: list[_Reach | None]) -> Iterator[Term]:
    """Yield terms that together measure what one term measures."""
    if isinstance(term, Sequence):
        yield from _sequences(term, reaches)
    elif isinstance(term, Tour) and term.cells:
        yield from _tours(term, reaches)
    elif isinstance(term, Cumulative):
        yield from _cumulatives(problem, term)
    elif isinstance(term, Tally) and term.what not in _OF_ALL_CELLS:
        yield from _tallies(term, reaches)
    elif isinstance(term, Group) and not term.whenever:
        yield from (replace(term, then=(session,)) for session in term.then)
    elif not (isinstance(term, Relation) and _always_holds(term, reaches)):
        yield term


def _clusters(spans: Iterable[tuple[int, int, int]]) -> Iterator[list[int]]:
    """Yield the positions of half-open spans (begin, end, position), those that touch in a chain together."""
    cluster: list[int] = []
    reached = 0
    for begin, end, position in sorted(spans):
        if cluster and begin >= reached:
            yield cluster
            cluster = []
        reached = max(reached, end) if cluster else end
        cluster.append(position)
    if cluster:
        yield cluster


def _sequences(term: Sequence, reaches: list[_Reach | None]) -> Iterator[Term]:
    stays = [stay for visit in term.visits for stay in visit.stays if stay is not None]
    if not stays:
        return
    longest = max(max(row) for row in term.changeover) + max((delay.most for delay in term.delays.values()), default=0)
    apart = longest + max(stay.lead for stay in stays) + max(stay.tail for stay in stays)
    spans = [
        (reach.first, reach.last + apart, position)
        for position, visit in enumerate(term.visits)
        if (reach := reaches[visit.session]) is not None and any(visit.stays)
    ]
    for cluster in _clusters(spans):
        if len(cluster) > 1:
            yield replace(term, visits=tuple(term.visits[position] for position in sorted(cluster)))


def _tours(term: Tour, reaches: list[_Reach | None]) -> Iterator[Term]:
    days = (*term.cells, 2**40)
    spans = []
    for position, visit in enumerate(term.visits):
        reach = reaches[visit.session]
        if reach is not None:
            begin = max((day for day in days if day <= reach.first), default=-(2**40))
            spans.append((begin, min(day for day in days if day >= reach.last), position))
    for cluster in _clusters(spans):
        if len(cluster) > 1:
            yield replace(term, visits=tuple(term.visits[position] for position in sorted(cluster)))


def _tallies(term: Tally, reaches: list[_Reach | None]) -> Iterator[Term]:
    """Yield tallies of sessions that may share a cell, or a row where it is counted by rows: the counts add up."""
    graph: nx.Graph[object] = nx.Graph()
    for position, (session, cells) in enumerate(zip(term.sessions, term.cells, strict=True)):
        reach = reaches[session]
        if reach is not None:
            first, last = (bisect_right(cells.slots, minute) - 1 for minute in (reach.first, reach.last_start))
            for block in {block for block in cells.block or (0,) if block is not None}:
                for slot in range(first, last + 1) if cells.slots else (0,):
                    cell = cells.at(block, slot)
                    if cell is not None:
                        graph.add_edge(position, cell if term.what in ("count", "owners", "pairs") else cell[:2])
    for members in nx.connected_components(graph):
        cluster = sorted(member for member in members if isinstance(member, int))
        most = sum(max(term.amounts[k], default=0) if term.amounts else 1 for k in cluster)
        if term.what == "pairs":
            most = comb(len(cluster), 2)
        if term.what in ("between", "broken", "holes") or most > term.most or term.least > 0:
            yield replace(
                term,
                sessions=tuple(term.sessions[k] for k in cluster),
                cells=tuple(term.cells[k] for k in cluster),
                owners=tuple(term.owners[k] for k in cluster) if term.owners else (),
                amounts=tuple(term.amounts[k] for k in cluster) if term.amounts else (),
            )


def _cumulatives(problem: Problem, term: Cumulative) -> Iterator[Term]:
    spans = []
    for position, use in enumerate(term.uses):
        taken = _taken(problem, use)
        if taken is not None:
            spans.append((*taken, position))
    for cluster in _clusters(spans):
        uses = tuple(term.uses[position] for position in sorted(cluster))
        if sum(_greatest(use) for use in uses) > min(term.capacity.values):
            yield replace(term, uses=uses)


def _taken(problem: Problem, use: Use) -> tuple[int, int] | None:
    """Return the first minute at which a session may take something and the last, None where it never does."""
    choices, starts = problem.candidates.choices[use.session], problem.starts[use.session]
    spans = [
        (span[0] - amount[0], span[-1] + choice.minutes + amount[1])
        for choice, ranges, amount in zip(choices, starts, use.amounts, strict=True)
        if amount is not None and amount[2]
        for span in ranges
    ]
    return (min(a for a, _ in spans), max(b for _, b in spans)) if spans else None


def _greatest(use: Use) -> int:
    return max((amount[2] for amount in use.amounts if amount is not None), default=0)


def _always_holds(term: Relation, reaches: list[_Reach | None]) -> bool:
    """Return whether a relation holds wherever the two sessions are: it never applies, or time alone sees to it."""
    a, b = reaches[term.first], reaches[term.second]
    if a is None or b is None:
        return True
    if term.when is not None and term.when.cells:
        ours, theirs = (
            range(bisect_right(term.when.cells, reach.first) - 1, bisect_right(term.when.cells, reach.last_start))
            for reach in (a, b)
        )
        if not any((x, y) in term.when.pairs for x in ours for y in theirs):
            return True
    if isinstance(term.then, Clear):
        gap, back = term.then.gaps
        return a.last + gap <= b.first or b.last + back <= a.first
    if isinstance(term.then, Lag):
        # From start to start the first may lie anywhere before its end: its end is the safe side.
        early, late = b.first - a.last, b.last_start - a.first
        return (term.then.least is None or early >= term.then.least) and (term.then.most is None or late <= term.then.most)
    return False
