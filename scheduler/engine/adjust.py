"""The least change of a plan: affected sessions first and wider, until that is proved the least or gains nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.engine.repair import FEW, FIRM, Begun, Spots, around, begun, rounds
from scheduler.engine.search import Clock, Limits, stopping_on_ctrl_c
from scheduler.engine.solve import verified
from scheduler.legs import legs
from scheduler.plan import Plan
from scheduler.problem import Part, Problem, parts
from scheduler.terms import PlacementPrice, holds, tier_values


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A plan that changes little, and its points in the first tier; ``proved`` says that none has fewer."""

    plan: Plan
    points: int
    proved: bool
    seconds: float


def adjust(problem: Problem, plan: Plan, limits: Limits, tier: int, *, prove: bool = False) -> Adjusted | None:
    """Return the plan for a problem that costs least in its first ``tier``, where what changes of ``plan`` has its price.

    Sessions that rules touch are let go first, then wider until a wider round gains nothing; with ``prove`` until it is
    known that nothing can be gained, or the time is out. Then the other tiers decide between the places of what has
    changed, while all else stays. None where no plan is found near: that says nothing of plans further away.
    """
    clock = Clock(limits)
    with stopping_on_ctrl_c(clock):
        start = begun(problem, plan)
        spots: Spots = [None] * len(problem.names)
        points, proved = 0, True
        for part in parts(problem):
            found = _adjusted(problem, part, start.within(part), clock, tier, prove)
            if found is None:
                return None
            mine, least = found
            for session in part.sessions:
                spots[session] = mine[session]
            points += tier_values(part.terms, mine).get(tier, 0)
            proved = proved and least
        made, _, _ = verified(problem, spots)
        made = made.model_copy(update={"legs": legs(problem.scenario, made)})
    return Adjusted(made, points, proved, clock.seconds)


def _adjusted(
    problem: Problem, part: Part, start: Begun, clock: Clock, tier: int, prove: bool
) -> tuple[Spots, bool] | None:
    """Return the assignment of one part, and whether none costs less in the first tier."""
    best, proved = start.spots, True
    if not holds(part.terms, start.spots) or start.lost:
        found = _least(problem, part, start, clock, tier, prove)
        if found is None:
            return None
        best, proved = found
    absent = {session for session in part.sessions if best[session] is None}
    free = absent.union(session for session in part.sessions if best[session] != start.spots[session])
    if free:
        value = tier_values(part.terms, best).get(tier, 0)
        liked, _ = around(problem, part, best, frozenset(free), problem.tiers or (None,), clock)
        if liked is not None and tier_values(part.terms, liked).get(tier, 0) <= value:
            best = liked
    return best, proved


def _least(problem: Problem, part: Part, start: Begun, clock: Clock, tier: int, prove: bool) -> tuple[Spots, bool] | None:
    best: Spots | None = None
    counted = tier if tier in problem.tiers else None  # of an empty plan nothing can change
    bound = _bound(problem, part, tier)
    for number, free in enumerate(rounds(problem, part, start.spots, start.lost)):
        found, last_word = around(problem, part, best or start.spots, free, (counted,), clock)
        gained = found is not None and (best is None or _value(part, found, tier) < _value(part, best, tier))
        best = found if gained else best
        everything = last_word and len(free) == len(part.sessions)
        if best is not None and (everything or _value(part, best, tier) <= bound):
            return best, True
        enough = best is not None and not prove and (not gained or len(free) >= FEW)
        if clock.stopped or enough or (clock.left <= 0 and (best is not None or number >= FIRM)):
            break
    return None if best is None else (best, False)


def _value(part: Part, spots: Spots, tier: int) -> int:
    return tier_values(part.terms, spots).get(tier, 0)


def _bound(problem: Problem, part: Part, tier: int) -> int:
    """Return what a tier is never below, by the prices of single placements alone."""
    total = 0
    for term in part.terms:
        if isinstance(term, PlacementPrice) and term.price is not None and term.price.tier == tier:
            alone: Spots = [None] * len(problem.names)
            least = term.measure(alone)
            for spot in problem.spots(term.session):
                if least == 0:
                    break
                alone[term.session] = spot
                least = min(least, term.measure(alone))
            total += least * term.price.weight
    return total
