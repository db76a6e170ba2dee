"""Mending a plan that rules no longer allow: what is touched is let go and placed anew, wider where that is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.plan import Plan
from scheduler.problem import Part, Problem, Starts
from scheduler.scenario.units import DAY
from scheduler.terms import Spot, Term, holds

ROUND_WORK = 2.0
"""Units of the solver's work for one call, a few seconds; a part that is not mended in it is let go wider."""

GRACE = 1.0
"""Seconds (units of work) that one call may take where the time is out: a plan in hand is not given up for want of them."""

FIRM = 3
"""Rounds that are gone through whatever the time."""

FEW = 40
"""Sessions that are let go in a round which is over at once."""

SHARE = 0.5
"""Of the time that is left, what mending may take before the search goes on from nothing."""

Spots = list[Spot | None]


def spots_of(problem: Problem, plan: Plan) -> Spots:
    """Return where a plan has each session, home and hold; None where it leaves it out or it cannot be so any more."""
    scenario, choices = problem.scenario, problem.candidates.choices
    found: Spots = [None] * len(problem.names)
    for name, number in problem.candidates.numbers.items():
        placed, hold = plan.sessions.get(name), scenario.displaceable.get(name)
        for choice, (said, spans) in enumerate(zip(choices[number], problem.starts[number], strict=True)):
            if placed is not None:
                start, so = scenario.calendar.minute(placed.start), (said.option or None, said.hall)
                same = so == (placed.option, placed.hall) and any(start in span for span in spans)
            else:  # a home or a hold has one start
                start = spans[0][0]
                same = hold.id not in plan.displaced if hold is not None else said.hall == plan.homes.get(name)
            if same:
                found[number] = Spot(choice, start, start + said.minutes)
    return found


class Begun(NamedTuple):
    """A plan as an assignment: ``lost`` are the sessions and homes that it has where they cannot be any more."""

    spots: Spots
    lost: frozenset[int]

    def within(self, part: Part) -> Begun:
        """Return what of it lies in one part."""
        mine = frozenset(part.sessions)
        return Begun([spot if number in mine else None for number, spot in enumerate(self.spots)], self.lost & mine)


def begun(problem: Problem, plan: Plan) -> Begun:
    """Return a plan as an assignment of a problem that may be another one than it was made for."""
    spots, numbers = spots_of(problem, plan), problem.candidates.numbers
    held = (numbers[name] for name in (*plan.sessions, *plan.homes) if name in numbers)
    return Begun(spots, frozenset(number for number in held if spots[number] is None))


def mended(problem: Problem, part: Part, tier: int | None, start: Begun, clock: Clock) -> Spots | None:
    """Return an assignment of a part that keeps its hard terms and differs from a plan near what is touched.

    Of those that let the same sessions go it is the best in a tier that a little work finds. None where no round finds any.
    """
    here, lost = start.within(part)
    if holds(part.terms, here) and not lost:
        return here
    ends = clock.left * (1 - SHARE)
    for number, free in enumerate(rounds(problem, part, here, lost)):
        if clock.stopped or (clock.left <= ends and number >= FIRM):
            return None
        found, _ = around(problem, part, here, free, (tier,), clock)
        if found is not None:
            return found
    return None


def around(
    problem: Problem, part: Part, spots: Spots, free: frozenset[int], tiers: Sequence[int | None], clock: Clock
) -> tuple[Spots | None, bool]:
    """Return an assignment that differs from ``spots`` only in free sessions and is, tier by tier, the best of these.

    The second value is whether that is proved, of the last tier that there was time for. Where none is found, None: there
    is none, where that is proved. Only what the free sessions touch is said to the solver.
    """
    terms = tuple(term for term in part.terms if not free.isdisjoint(term.members))
    members = free.union(*(term.members for term in terms))
    model = _model(problem, Part(tuple(sorted(members)), terms), spots, free)
    encode(model, (term for term in terms if term.price is None or term.price.tier in tiers))
    best: Spots | None = None
    proved = False
    for tier in tiers:
        if best is not None and clock.left <= 0:
            break
        mine = clock if clock.stopped or clock.left > GRACE else Clock(clock.limits._replace(seconds=GRACE))
        objective = model.objectives[tier] if tier is not None else None
        answer = search(model.cp, objective, mine, lambda value, bound: None, Way.NEARBY, mine.left, ROUND_WORK)
        clock.spent += mine.spent if mine is not clock else 0.0
        proved = answer.status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        if not answer.found:
            break
        found = model.spots(answer.solver)
        best = [found[session] if session in free else spot for session, spot in enumerate(spots)]
        model.hint(found, answer.solver)
        if objective is not None:
            model.cp.add(objective.expression <= answer.value)
    return best, proved


def _model(problem: Problem, part: Part, spots: Spots, free: frozenset[int]) -> Model:
    """Return a model in which all but the free sessions have one start a choice, and are where they are."""
    starts = list(problem.starts)
    for session in set(part.sessions) - free:
        spot = spots[session]
        first: list[Starts] = [(range(spans[0][0], spans[0][0] + 1),) for spans in starts[session]]
        if spot is not None:
            first[spot.choice] = (range(spot.start, spot.start + 1),)
        starts[session] = tuple(first)
    model = Model(replace(problem, starts=tuple(starts)), part)
    for session in set(part.sessions) - free:
        spot, variables = spots[session], model.sessions[session]
        model.cp.add_bool_and([variables.choices[spot.choice] if spot is not None else variables.present.negated()])
    return model


def rounds(problem: Problem, part: Part, spots: Spots, lost: frozenset[int]) -> Iterator[frozenset[int]]:
    """Yield sets of sessions to let go, each wider than the one before.

    Those that are lost, and those that broken terms touch; their events; a few that share a rule with them and are near
    in time; all of the day; all that share a rule; all.
    """
    hard = [term for term in part.terms if term.price is None]
    free = lost.union(session for term in hard if term.measure(spots) for session in _touched(term, spots))
    yield free
    events = {problem.names[session].partition(".")[0] for session in free}
    wider = free | {session for session in part.sessions if problem.names[session].partition(".")[0] in events}
    if len(wider) > FEW:
        wider = free
    middles = [spot.start for session in free if (spot := spots[session]) is not None]
    sharing = {session for term in hard if not free.isdisjoint(term.members) for session in term.members}
    away = {s: min((abs(spot.start - m) for m in middles), default=0) for s in sharing if (spot := spots[s]) is not None}
    nearest = sorted(away, key=lambda session: (away[session], session))
    near = {session for session in nearest[:FEW] if away[session] < DAY // 4}
    that_day = {session for session in away if away[session] < DAY}
    for more in (wider, wider | near, wider | that_day, wider | sharing, frozenset(part.sessions)):
        if more > free:
            free = frozenset(more)
            yield free


def _touched(term: Term, spots: Spots) -> set[int]:
    """Return the members of a broken term without which it is broken less, or else those that are absent, or all."""
    broken, members = term.measure(spots), set(term.members)
    absent = {member for member in members if spots[member] is None}
    found, without = set(), [*spots]
    for member in members - absent:
        without[member] = None
        if term.measure(without) < broken:
            found.add(member)
        without[member] = spots[member]
    return found or absent or members
