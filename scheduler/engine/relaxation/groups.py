"""Few sessions at a time, solved exactly: what they cost at least by terms of their own, whatever all others do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.problem import Part, Problem
from scheduler.terms import Cumulative, Extent, Group, Link, Sequence, Tally, Term

MOST = 40
"""Sessions of one group."""

TOGETHER = 20
"""Sessions of groups that are made one."""

PATIENCE = 4
"""How many times its share of the time one group may take."""

_GROWING = ("abreast", "between", "count", "distinct", "meetings", "owners", "pairs", "peak", "worth")
"""What tallies count that more sessions never make less."""


class Least(NamedTuple):
    """Sessions, and the points that they cost at least by the priced terms that speak of nobody else."""

    sessions: frozenset[int]
    points: int


def events_of(problem: Problem, part: Part) -> list[frozenset[int]]:
    """Return the sessions of each event of a part; homes and holds are alone."""
    events: dict[str, set[int]] = {}
    for session in part.sessions:
        events.setdefault(problem.names[session].partition(".")[0], set()).add(session)
    return [frozenset(members) for members in events.values()]


def groups_of(problem: Problem, part: Part, tier: int) -> list[frozenset[int]]:
    """Return what is worth solving by itself: who priced terms speak of, and events, those that overlap most together."""
    priced = {frozenset(term.members) for term in part.terms if term.price is not None and term.price.tier == tier}
    wanted = {members for members in priced if 1 < len(members) <= MOST}
    events = (event for event in events_of(problem, part) if 1 < len(event) <= MOST)
    wanted |= {event for event in events if any(own <= event for own in priced)}
    clusters: list[frozenset[int]] = []
    of: dict[int, set[int]] = {}
    for group in sorted(wanted, key=lambda members: (-len(members), sorted(members))):
        near = sorted({number for session in group for number in of.get(session, ())})
        fitting = [number for number in near if len(clusters[number] | group) <= max(TOGETHER, len(clusters[number]))]
        # Of all clusters the one of which most is shared; where none fits, the group begins another.
        best = max(fitting, key=lambda k: len(clusters[k] & group) / len(clusters[k] | group), default=len(clusters))
        if best == len(clusters):
            clusters.append(group)
        clusters[best] |= group
        for session in group:
            of.setdefault(session, set()).add(best)
    return sorted(clusters, key=lambda members: (len(members), sorted(members)))


class Restricted:
    """What the terms of a part say of some of its sessions in every plan, whatever the others do."""

    def __init__(self, problem: Problem, part: Part, tier: int) -> None:
        self.problem = problem
        self.part = part
        self.tier = tier
        self._of: dict[int, list[int]] = {session: [] for session in part.sessions}
        for number, term in enumerate(part.terms):
            for session in set(term.members):
                self._of[session].append(number)

    @property
    def rewards(self) -> bool:
        """Whether a term of the tier can be worth less than nothing: to leave it out is no bound."""
        priced = (term.price for term in self.part.terms if term.price is not None)
        return any(price.tier == self.tier and price.weight < 0 for price in priced)

    def part_of(self, sessions: frozenset[int]) -> Part:
        """Return the part that some sessions are by themselves."""
        numbers = sorted({number for session in sessions for number in self._of[session]})
        terms = (restricted(self.part.terms[number], sessions, self.tier) for number in numbers)
        return Part(tuple(sorted(sessions)), tuple(term for term in terms if term is not None))

    def leasts(self, groups: list[frozenset[int]], clock: Clock, seconds: float) -> Iterator[Least | frozenset[int]]:
        """Yield what each group costs at least, or the group where it has no placement, until the time is over."""
        ends = clock.left - seconds
        for number, group in enumerate(groups):
            left = clock.left - ends
            if left <= 0:
                return
            yield self._least(group, clock, min(left, PATIENCE * left / (len(groups) - number))) or group

    def _least(self, sessions: frozenset[int], clock: Clock, seconds: float) -> Least | None:
        """Return what sessions cost at least; None where no placement of them keeps what is said of them alone."""
        model = Model(self.problem, self.part_of(sessions))
        encode(model)
        objective = model.objectives[self.tier]
        answer = search(model.cp, objective, clock, lambda value, bound: None, Way.THOROUGH, seconds)
        if answer.status == cp_model.INFEASIBLE:
            # CP-SAT 9.15 has been wrong: a second way has to say it as well.
            answer = search(model.cp, objective, clock, lambda value, bound: None, Way.CAUTIOUS, seconds)
            return None if answer.status == cp_model.INFEASIBLE else Least(sessions, objective.least)
        return Least(sessions, max(answer.bound if answer.found else objective.least, objective.least))


def restricted(term: Term, sessions: frozenset[int], tier: int) -> Term | None:
    """Return what a term says of some sessions in every plan, whatever the others do; None where that is nothing.

    A priced term is kept where it is of the tier and speaks of nobody else.
    """
    if sessions.issuperset(term.members):
        return term if term.members and (term.price is None or term.price.tier == tier) else None
    if term.price is not None or sessions.isdisjoint(term.members):
        return None
    narrowing = _NARROWINGS.get(type(term))
    return narrowing(term, sessions) if narrowing is not None else None


def _sequence(term: Sequence, sessions: frozenset[int]) -> Term | None:
    visits = tuple(visit for visit in term.visits if visit.session in sessions)
    return replace(term, visits=visits) if len(visits) > 1 else None


def _cumulative(term: Cumulative, sessions: frozenset[int]) -> Term:
    return replace(term, uses=tuple(use for use in term.uses if use.session in sessions))


def _link(term: Link, sessions: frozenset[int]) -> Term | None:
    uses = tuple(use for use in term.uses if use.first in sessions and use.second in sessions)
    return replace(term, uses=uses) if uses else None


def _group(term: Group, sessions: frozenset[int]) -> Term | None:
    whenever = tuple(session for session in term.whenever if session in sessions)
    then = tuple(session for session in term.then if session in sessions)
    return replace(term, whenever=whenever, then=then) if then and bool(whenever) == bool(term.whenever) else None


def _extent(term: Extent, sessions: frozenset[int]) -> Term | None:
    own = tuple(session for session in term.sessions if session in sessions)
    if term.what == "earliest":
        return replace(term, sessions=own, most=None) if term.least is not None else None
    return replace(term, sessions=own, least=None) if term.most is not None else None


def _tally(term: Tally, sessions: frozenset[int]) -> Term | None:
    if term.what not in _GROWING:
        return None
    kept = [k for k, session in enumerate(term.sessions) if session in sessions]
    return replace(
        term,
        sessions=tuple(term.sessions[k] for k in kept),
        cells=tuple(term.cells[k] for k in kept),
        owners=tuple(term.owners[k] for k in kept) if term.owners else (),
        amounts=tuple(term.amounts[k] for k in kept) if term.amounts else (),
        least=0,
    )


_NARROWINGS: dict[type[Term], Callable[..., Term | None]] = {
    Cumulative: _cumulative,
    Extent: _extent,
    Group: _group,
    Link: _link,
    Sequence: _sequence,
    Tally: _tally,
}
