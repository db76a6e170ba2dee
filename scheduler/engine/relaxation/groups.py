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
from scheduler.terms import Cumulative, Extent, Group, Link, Sequence, Spot, Tally, Term, tier_values

MOST = 40
"""Sessions of one group."""

TOGETHER = 20
"""Sessions of groups that are made one."""

PATIENCE = 4
"""How many times its share of the time one group may take."""

_GROWING = ("abreast", "between", "count", "distinct", "meetings", "owners", "pairs", "peak", "worth")
"""What tallies count that more sessions never make less."""


class Least(NamedTuple):
    """Priced terms, by their numbers in the part, and the points that they cost at least together."""

    terms: frozenset[int]
    points: int


class Groups:
    """Groups of sessions of a part, each with priced terms that no other has: what they cost at least adds up.

    Priced terms that speak of more sessions than a group has are of none.
    """

    def __init__(self, problem: Problem, part: Part, tier: int) -> None:
        self.problem = problem
        self.part = part
        self.tier = tier
        self._priced = {
            number: frozenset(term.members)
            for number, term in enumerate(part.terms)
            if term.price is not None and term.price.tier == tier
        }
        self._of: dict[int, list[int]] = {session: [] for session in part.sessions}
        for number, term in enumerate(part.terms):
            for session in set(term.members):
                self._of[session].append(number)
        self.found = self._with_terms(self._grouped())

    @property
    def bounded(self) -> bool:
        """Whether what is of no group costs nothing at least: it cannot be a reward."""
        own = {number for _, numbers in self.found for number in numbers}
        prices = (self.part.terms[number].price for number in self._priced if number not in own)
        return all(price is None or price.weight >= 0 for price in prices)

    def _grouped(self) -> list[frozenset[int]]:
        """Return who priced terms speak of and events, those that overlap most made one; small first."""
        wanted = {members for members in self._priced.values() if 1 < len(members) <= MOST}
        events: dict[str, set[int]] = {}
        for session in self.part.sessions:
            events.setdefault(self.problem.names[session].partition(".")[0], set()).add(session)
        priced = {session for members in self._priced.values() for session in members}
        wanted |= {frozenset(event) for event in events.values() if 1 < len(event) <= MOST and event & priced}
        groups: list[frozenset[int]] = []
        of: dict[int, set[int]] = {}
        for members in sorted(wanted, key=lambda members: (-len(members), sorted(members))):
            near = sorted({number for session in members for number in of.get(session, ())})
            fitting = [number for number in near if len(groups[number] | members) <= max(TOGETHER, len(groups[number]))]
            # Of all groups the one of which most is shared; where none fits, another begins.
            best = max(fitting, key=lambda k: len(groups[k] & members) / len(groups[k] | members), default=len(groups))
            if best == len(groups):
                groups.append(members)
            groups[best] |= members
            for session in members:
                of.setdefault(session, set()).add(best)
        groups += [frozenset({session}) for session in self.part.sessions if session not in of]
        return sorted(groups, key=lambda members: (len(members), sorted(members)))

    def _with_terms(self, groups: list[frozenset[int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
        """Return groups with the priced terms that are theirs: those of the largest that has all members of a term."""
        terms: list[set[int]] = [set() for _ in groups]
        of: dict[int, list[int]] = {}
        for k, group in enumerate(groups):
            for session in group:
                of.setdefault(session, []).append(k)
        for number, members in self._priced.items():
            within = [k for k in of[min(members)] if members <= groups[k]] if members else []
            if within:
                terms[within[-1]].add(number)
        return [(group, frozenset(own)) for group, own in zip(groups, terms, strict=True) if own]

    def part_of(self, sessions: frozenset[int], terms: frozenset[int] | None = None) -> Part:
        """Return the part that some sessions are by themselves, with all of their priced terms, or with some of them."""
        numbers = sorted({number for session in sessions for number in self._of[session]})
        kept = (self.part.terms[k] for k in numbers if k not in self._priced or terms is None or k in terms)
        said = (restricted(term, sessions, self.tier) for term in kept)
        return Part(tuple(sorted(sessions)), tuple(term for term in said if term is not None))

    def leasts(self, clock: Clock, ends: float) -> Iterator[Least | frozenset[int]]:
        """Yield what each group costs at least, or the group where it has no placement, until the time is over."""
        for number, (sessions, terms) in enumerate(self.found):
            left = clock.left - ends
            if left <= 0:
                return
            if len(sessions) == 1:
                yield Least(terms, self._alone(next(iter(sessions)), terms))
            else:
                share = min(left, PATIENCE * left / (len(self.found) - number))
                yield self._least(sessions, terms, clock, share) or sessions

    def _alone(self, session: int, terms: frozenset[int]) -> int:
        """Return the least that one session costs, wherever it is."""
        priced = [self.part.terms[number] for number in sorted(terms)]
        spots: list[Spot | None] = [None] * len(self.problem.names)
        absent = sum(tier_values(priced, spots).values())
        found = [] if any(session in needed_anyway(self.part.terms[k]) for k in self._of[session]) else [absent]
        for spot in self.problem.spots(session):
            spots[session] = spot
            found.append(sum(tier_values(priced, spots).values()))
        return min(found, default=absent)

    def _least(self, sessions: frozenset[int], terms: frozenset[int], clock: Clock, seconds: float) -> Least | None:
        """Return what terms cost at least; None where no placement of the sessions keeps what is said of them alone."""
        model = Model(self.problem, self.part_of(sessions, terms))
        encode(model)
        objective = model.objectives[self.tier]
        answer = search(model.cp, objective, clock, lambda value, bound: None, Way.THOROUGH, seconds)
        if answer.status == cp_model.INFEASIBLE:
            # CP-SAT 9.15 has been wrong: a second way has to say it as well.
            answer = search(model.cp, objective, clock, lambda value, bound: None, Way.CAUTIOUS, seconds)
            return None if answer.status == cp_model.INFEASIBLE else Least(terms, objective.least)
        return Least(terms, max(answer.bound if answer.found else objective.least, objective.least))


def needed_anyway(term: Term) -> tuple[int, ...]:
    """Return the sessions that a term wants whatever else is present."""
    return term.then if isinstance(term, Group) and term.price is None and not term.whenever else ()


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
