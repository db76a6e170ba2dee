"""Mending a plan that rules no longer allow: what is touched is let go and placed anew, wider where that is not enough."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.engine.model import Model, Objective
from scheduler.engine.search import Clock, Way, search
from scheduler.plan import Plan
from scheduler.problem import Part, Problem
from scheduler.scenario.units import DAY
from scheduler.terms import Assignment, Spot, Term, holds

ROUND_WORK = 2.0
"""Units of the solver's work for one round, a few seconds; a part that is not mended in it is let go wider."""

SHARE = 0.5
"""Of the time that is left, what mending may take before the search goes on from nothing."""


def spots_of(problem: Problem, plan: Plan) -> list[Spot | None]:
    """Return where a plan has each session, home and hold; None where it leaves it out or it cannot be so any more."""
    scenario, choices = problem.scenario, problem.candidates.choices
    found: list[Spot | None] = [None] * len(problem.names)
    for name, number in problem.candidates.numbers.items():
        placed, hold = plan.sessions.get(name), scenario.displaceable.get(name)
        for choice, (said, spans) in enumerate(zip(choices[number], problem.starts[number], strict=True)):
            if not spans:
                continue
            if placed is not None:
                start, so = scenario.calendar.minute(placed.start), (said.option or None, said.hall)
                same = so == (placed.option, placed.hall) and any(start in span for span in spans)
            else:  # a home or a hold has one start
                start = spans[0][0]
                same = hold.id not in plan.displaced if hold is not None else said.hall == plan.homes.get(name)
            if same:
                found[number] = Spot(choice, start, start + said.minutes)
    return found


def mended(
    problem: Problem, part: Part, model: Model, objective: Objective | None, spots: Assignment, clock: Clock
) -> list[Spot | None] | None:
    """Return an assignment of a part that keeps its hard terms and differs from ``spots`` near what is touched.

    Of those that let the same sessions go it is the best by ``objective`` that a little work finds. None where no round
    finds any.
    """
    mine = set(part.sessions)
    here = [spot if number in mine else None for number, spot in enumerate(spots)]
    if holds(part.terms, here):
        return here
    ends = clock.left * (1 - SHARE)
    for free in _rounds(problem, part, here):
        if clock.left <= ends:
            return None
        copy = model.fixed(here, mine - free)
        answer = search(copy, objective, clock, lambda value, bound: None, Way.NEARBY, clock.left - ends, ROUND_WORK)
        if answer.found:
            return model.spots(answer.solver)
    return None


def _rounds(problem: Problem, part: Part, spots: list[Spot | None]) -> Iterator[frozenset[int]]:
    """Yield sets of sessions to let go, each wider than the one before.

    Those that broken terms touch and their likes that have no place; their events; who shares a day and a rule with
    them; who shares a rule; all.
    """
    hard = [term for term in part.terms if term.price is None]
    free = frozenset(session for term in hard if term.measure(spots) for session in _touched(term, spots))
    yield free
    events = {problem.names[session].partition(".")[0] for session in free}
    wider = free | {session for session in part.sessions if problem.names[session].partition(".")[0] in events}
    days = {spot.start // DAY for session in free if (spot := spots[session]) is not None}
    sharing = {session for term in hard if free & set(term.members) for session in term.members}
    near = {s for s in sharing if (spot := spots[s]) is None or spot.start // DAY in days}
    for more in (wider, free | near, wider | near, wider | sharing, frozenset(part.sessions)):
        if more > free:
            free = frozenset(more)
            yield free


def _touched(term: Term, spots: list[Spot | None]) -> set[int]:
    """Return the members of a broken term without which it is broken less; where there are none, all of them."""
    broken = term.measure(spots)
    members = set(term.members)
    without = [*spots]
    found = set()
    for member in members:
        if spots[member] is None:
            continue
        without[member] = None
        if term.measure(without) < broken:
            found.add(member)
        without[member] = spots[member]
    absent = {member for member in members if spots[member] is None}
    return found or absent or members
