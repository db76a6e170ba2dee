"""A plan with one session elsewhere: the others stay, or as few as need be make room, and what is the best that way.

Others near it first, for a question about few sessions takes no time; then the whole part of the problem, to the proof
that nothing better is possible, if there is time for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.part import PartSearch
from scheduler.engine.search import Clock, Way, search
from scheduler.errors import SchedulerError
from scheduler.plan import Plan
from scheduler.problem import Part, Problem, parts
from scheduler.problem.compile import Starts
from scheduler.terms import Assignment, Spot, Term, holds, tier_values

NEARBY_SECONDS = 1.0
"""Seconds (units of work) for a question about a few sessions."""

DAY = 24 * 60

Values = tuple[int, ...]
"""Points by tier, in the order of the tiers."""


class Moved(NamedTuple):
    """A plan with a session elsewhere; ``proved`` where none with it there is better."""

    spots: list[Spot | None]
    values: Values
    proved: bool


def spots_of(problem: Problem, plan: Plan) -> list[Spot | None]:
    """Return where a plan has each session, home and hold; None where it leaves it out, or it cannot be so."""
    scenario = problem.scenario
    kept = {name for name, hold in scenario.displaceable.items() if hold.id not in plan.displaced}
    found: list[Spot | None] = []
    for number, name in enumerate(problem.names):
        placed, choices = plan.sessions.get(name), problem.candidates.choices[number]
        start = scenario.calendar.minute(placed.start) if placed is not None else None
        found.append(None)
        for choice, said in enumerate(choices):
            starts = problem.starts[number][choice]
            if placed is not None and start is not None:
                same = (said.option or None, said.hall) == (placed.option, placed.hall)
                if same and any(start in span for span in starts):
                    found[-1] = Spot(choice, start, start + said.minutes)
            elif starts and (name in kept or (name in plan.homes and said.hall == plan.homes[name])):
                found[-1] = Spot(choice, starts[0][0], starts[0][0] + said.minutes)
    return found


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One plan of a problem, which keeps all rules."""

    problem: Problem
    spots: list[Spot | None]

    @property
    def values(self) -> Values:
        """The points of the plan by tier."""
        return self._values(self.problem.terms, self.spots)

    def concerning(self, session: int) -> list[Term]:
        """Return the terms that speak of a session."""
        return [term for term in self.problem.terms if session in term.members]

    def directly(self, session: int, allowed: Callable[[Spot], bool]) -> Moved | None:
        """Return the best place for a session where nobody else moves, of those that are ``allowed``; None without one."""
        about = self.concerning(session)
        hard = [term for term in about if term.price is None]
        priced = [term for term in about if term.price is not None]
        spots = list(self.spots)
        found: tuple[Values, Spot] | None = None
        for spot in self.problem.spots(session):
            if not allowed(spot):
                continue
            spots[session] = spot
            if any(term.measure(spots) for term in hard):
                continue
            values = self._values(priced, spots)
            if found is None or values < found[0]:
                found = values, spot
        if found is None:
            return None
        spots[session] = found[1]
        return Moved(spots, self._values(self.problem.terms, spots), proved=False)

    def best(
        self, session: int, allowed: Callable[[Spot], bool], clock: Clock, seconds: float, *, prove: bool
    ) -> Moved | bool | None:
        """Return the best plan found with a session where it is ``allowed``; False where there is none, None if unknown.

        Raises SchedulerError where the engine contradicts itself.
        """
        ends = clock.left - seconds
        problem = self._narrowed(session, allowed)
        if not any(map(any, problem.starts[session])):
            return False
        part = next(part for part in parts(problem) if session in part.sessions)
        model = Model(problem, part)
        encode(model)
        found = self.directly(session, allowed)
        for free in self._neighbours(session, allowed, part):
            if clock.left <= ends:
                break
            near = self._near(model, found.spots if found else self.spots, free, clock, ends)
            if near is not None and (found is None or near.values < found.values):
                found = near
        if prove or found is None:
            whole = self._proved(problem, part, found, clock, ends)
            if isinstance(whole, bool):
                return whole
            found = whole or found
        return self._put_back(found, session) if found is not None else None

    def _narrowed(self, session: int, allowed: Callable[[Spot], bool]) -> Problem:
        by_choice: list[list[int]] = [[] for _ in self.problem.starts[session]]
        for spot in self.problem.spots(session):
            if allowed(spot):
                by_choice[spot.choice].append(spot.start)
        starts: list[tuple[Starts, ...]] = list(self.problem.starts)
        starts[session] = tuple(tuple(range(start, start + 1) for start in found) for found in by_choice)
        return replace(self.problem, starts=tuple(starts))

    def _neighbours(self, session: int, allowed: Callable[[Spot], bool], part: Part) -> Iterable[set[int]]:
        """Yield sessions that may move: who is in the way of some place, then who shares a rule with it on those days."""
        wanted = [spot for spot in self.problem.spots(session) if allowed(spot)]
        hard = [term for term in self.concerning(session) if term.price is None]
        spots = list(self.spots)
        in_the_way: set[int] = {session}
        for spot in wanted[:: max(1, len(wanted) // 20)]:
            spots[session] = spot
            for term in hard:
                if term.measure(spots):
                    in_the_way.update(self._near_in_time(term.members, spot))
        yield in_the_way & set(part.sessions) | {session}
        wider = set(in_the_way)
        for term in self.problem.terms:
            if term.price is None and not in_the_way.isdisjoint(term.members):
                for spot in (wanted[0], wanted[-1]):
                    wider.update(self._near_in_time(term.members, spot))
        yield wider & set(part.sessions) | {session}

    def _near_in_time(self, members: Iterable[int], spot: Spot) -> Iterable[int]:
        for member in members:
            there = self.spots[member]
            if there is None or (there.start < spot.end + DAY // 2 and spot.start - DAY // 2 < there.end):
                yield member

    def _near(self, model: Model, spots: Assignment, free: Collection[int], clock: Clock, ends: float) -> Moved | None:
        """Return the best plan, tier by tier, in which only some sessions move; None where none was found."""
        found, part = list(spots), model.part
        reached: dict[int, int] = {}
        for tier in self.problem.tiers or (None,):
            copy = model.fixed(found, set(part.sessions) - set(free))
            for earlier, value in reached.items():
                if model.objectives[earlier].expressions:
                    copy.add(model.objectives[earlier].expression <= value)
            objective = model.objectives[tier] if tier is not None else None
            seconds = min(NEARBY_SECONDS, clock.left - ends)
            answer = search(copy, objective, clock, lambda value, bound: None, Way.NEARBY, seconds)
            if not answer.found and not reached:
                return None
            if answer.found:
                there = model.spots(answer.solver)
                for number in part.sessions:
                    found[number] = there[number]
            if tier is not None:
                reached[tier] = tier_values(part.terms, found).get(tier, 0)
        if not holds(part.terms, found):
            raise SchedulerError("the engine proposes what the rules forbid")
        return Moved(found, self._values(self.problem.terms, found), proved=False)

    def _proved(self, problem: Problem, part: Part, best: Moved | None, clock: Clock, ends: float) -> Moved | bool | None:
        """Return the best plan of a whole part, tier by tier, or False where it has none."""
        one = PartSearch(problem, part)
        one.best = [spot if number in part.sessions else None for number, spot in enumerate(best.spots)] if best else None
        proved = True
        for tier in self.problem.tiers or (None,):
            while not one.settled(tier, clock) and clock.left > ends:
                one.search(tier, clock, lambda value, bound: None, clock.left - ends)
            if one.best is None:
                return False if one.status == cp_model.INFEASIBLE else None
            proved = proved and one.proved(tier)
            if tier is not None:
                one.limit(tier, 0)
        spots = list(self.spots)
        assert one.best is not None
        for session in one.part.sessions:
            spots[session] = one.best[session]
        return Moved(spots, self._values(self.problem.terms, spots), proved)

    def _put_back(self, moved: Moved, session: int) -> Moved:
        """Return the plan with everybody where they were who need not have moved."""
        spots, values = list(moved.spots), moved.values
        for other, before in enumerate(self.spots):
            if other == session or spots[other] == before:
                continue
            there, spots[other] = spots[other], before
            about = [term for term in self.problem.terms if other in term.members]
            back = self._values(self.problem.terms, spots)
            if back > values or not holds(about, spots):
                spots[other] = there
            else:
                values = back
        return moved._replace(spots=spots, values=values)

    def _values(self, terms: Iterable[Term], spots: Assignment) -> Values:
        points = dict.fromkeys(self.problem.tiers, 0)
        for term in terms:
            if term.price is not None:
                points[term.price.tier] += term.price.weight * term.measure(spots)
        return tuple(points.values())
