"""A plan with one session elsewhere: the others stay, or as few as need be make room, and what is the best that way.

Others near it first, for a question about few sessions takes no time; then the whole part of the problem, to the proof
that nothing better is possible, if there is time for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.cores import Questions, demanded, hard
from scheduler.engine.encode import encode
from scheduler.engine.model import Model, Objective
from scheduler.engine.part import PartSearch
from scheduler.engine.search import Clock, Way, search
from scheduler.errors import SchedulerError
from scheduler.problem import Part, Problem, compile_problem, parts
from scheduler.problem.compile import Starts
from scheduler.problem.restricted import company, restricted
from scheduler.terms import Assignment, Group, Spot, Term, holds, tier_values

ROOM_SECONDS = 3.0
"""Seconds (units of work) for one question about who is in the way."""

NEARBY_SECONDS = 1.0
"""Seconds (units of work) for the best plan of a tier in which a few sessions move."""

PROOF_SECONDS = 1.0
"""Seconds (units of work) without which a proof is not begun: it has to say the whole part to the solver first."""

Values = tuple[int, ...]
"""Points by tier, in the order of the tiers."""


class Moved(NamedTuple):
    """A plan with a session elsewhere; ``proved`` where none with it there is better."""

    spots: list[Spot | None]
    values: Values
    proved: bool


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
        found = self.directly(session, allowed)
        free = frozenset([session]) if found is not None else self._making_room(problem, session, clock, ends)
        if free is not None and clock.left > ends:
            found = self._near(problem, found.spots if found else self.spots, free, clock, ends) or found
        if found is None or (prove and clock.left - ends > PROOF_SECONDS):
            whole = self._proved(problem, session, found, clock, ends)
            if isinstance(whole, bool):
                return whole
            found = whole or found
        return self._put_back(found, session) if found is not None else None

    def _narrowed(self, session: int, allowed: Callable[[Spot], bool]) -> Problem:
        """Return the problem in which a session is held, and only where it is allowed."""
        by_choice: list[list[int]] = [[] for _ in self.problem.starts[session]]
        for spot in self.problem.spots(session):
            if allowed(spot):
                by_choice[spot.choice].append(spot.start)
        starts: list[tuple[Starts, ...]] = list(self.problem.starts)
        starts[session] = tuple(tuple(range(start, start + 1) for start in found) for found in by_choice)
        is_held = Group(rule="held", then=(session,))
        return replace(self.problem, starts=tuple(starts), terms=(*self.problem.terms, is_held))

    def _making_room(self, problem: Problem, session: int, clock: Clock, ends: float) -> frozenset[int] | None:
        """Return sessions that can make room for one where they are let go, and few of them; None where none are found.

        All others are held where they are, as assumptions: those of them that are in the way are let go.
        """
        free = frozenset([session])
        must = set(demanded(problem.terms))
        while clock.left > ends:
            held, others, terms = self._around_fixed(problem, free)
            questions, seconds = Questions(held, clock), min(ROOM_SECONDS, clock.left - ends)
            answer = questions.ask(free | others, hard(terms), seconds=seconds)
            if answer.possible is False and free.issuperset(answer.sessions):
                answer = questions.ask((free & must) | others, hard(terms), seconds=seconds)
            if answer.possible:
                return free
            if answer.possible is None or free.issuperset(answer.sessions):
                return None
            free |= frozenset(answer.sessions)
        return None

    def _around_fixed(self, problem: Problem, free: Collection[int]) -> tuple[Problem, frozenset[int], list[Term]]:
        """Return a problem in which only some sessions may move, who else is present in their terms, and these terms."""
        terms = [term for term in problem.terms if any(member in free for member in term.members)]
        others = frozenset(m for term in terms for m in term.members if m not in free and self.spots[m] is not None)
        starts = list(problem.starts)
        for other in others:
            spot = self.spots[other]
            assert spot is not None
            starts[other] = tuple(
                (range(spot.start, spot.start + 1),) if choice == spot.choice else ()
                for choice in range(len(starts[other]))
            )
        return replace(problem, starts=tuple(starts)), others, terms

    def _near(self, problem: Problem, spots: Assignment, free: frozenset[int], clock: Clock, ends: float) -> Moved | None:
        """Return the best plan, tier by tier, in which only some sessions move; None where none was found."""
        held, others, terms = self._around_fixed(problem, free)
        there = company(terms, free | others)
        must = sorted(others | (free & set(demanded(problem.terms))))
        said: list[Term] = [Group(rule="held", then=tuple(must)), *restricted(terms, there)]
        model = Model(held, Part(tuple(sorted(there)), tuple(said)))
        for absent in there - free - others:
            model.cp.add_bool_and([model.sessions[absent].present.negated()])
        encode(model)
        found, reached = list(spots), False
        for tier in self.problem.tiers or (None,):
            objective = model.objectives[tier] if tier is not None else None
            seconds = min(NEARBY_SECONDS, clock.left - ends)
            answer = search(model.cp, objective, clock, lambda value, bound: None, Way.NEARBY, seconds)
            if not answer.found and not reached:
                return None
            if answer.found:
                reached = True
                better = model.spots(answer.solver)
                for number in free:
                    found[number] = better[number]
            if objective is not None and objective.expressions:
                value = tier_values(said, found).get(tier or 0, 0)
                model.cp.add(objective.expression <= value)
        if not holds(terms, found):
            raise SchedulerError("the engine proposes what the rules forbid")
        return Moved(found, self._values(self.problem.terms, found), proved=False)

    def _proved(self, problem: Problem, session: int, best: Moved | None, clock: Clock, ends: float) -> Moved | bool | None:
        """Return the best plan of the part in which a session is, tier by tier, or False where it has none.

        Of several as good it is one in which few move, as far as a little work finds it.
        """
        problem, choices = self._compiled_anew(problem, session)
        part = next(part for part in parts(problem) if session in part.sessions)
        one = PartSearch(problem, part)
        if best is not None:
            one.best = [spot if number in part.sessions else None for number, spot in enumerate(best.spots)]
            there = best.spots[session]
            assert there is not None
            one.best[session] = there._replace(choice=choices.index(there.choice))
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
        calmer = self._calmer(one, session, clock) or one.best
        for number in part.sessions:
            spots[number] = calmer[number]
        there = spots[session]
        assert there is not None
        spots[session] = there._replace(choice=choices[there.choice])
        return Moved(spots, self._values(self.problem.terms, spots), proved)

    def _compiled_anew(self, problem: Problem, session: int) -> tuple[Problem, list[int]]:
        """Return the problem without the choices that a session cannot have any more, and the numbers of those left.

        The search wants of every choice a start at least.
        """
        names = list(problem.scenario.sessions)
        places = {
            name: {
                choice: starts
                for choice, starts in zip(problem.candidates.choices[number], problem.starts[number], strict=True)
                if any(starts)
            }
            for number, name in enumerate(names)
        }
        left = [choice for choice, starts in enumerate(problem.starts[session]) if any(starts)]
        is_held = Group(rule="held", then=(session,))
        compiled = compile_problem(problem.loaded, places)
        return replace(compiled, terms=(*compiled.terms, is_held)), left

    def _calmer(self, one: PartSearch, session: int, clock: Clock) -> list[Spot | None] | None:
        """Return an assignment of a part that is worth as much and in which fewer move, None where none was found."""
        model, moves = one.model, Objective()
        for number in (number for number in one.part.sessions if number != session):
            stays, variables, spot = model.cp.new_bool_var(""), model.sessions[number], self.spots[number]
            if spot is None:
                model.cp.add_implication(stays, variables.present.negated())
            elif variables.choices:
                model.cp.add_implication(stays, variables.choices[spot.choice])
                model.cp.add(variables.start == spot.start).only_enforce_if(stays)
            moves.add(1, 1 - stays, 1)
        answer = search(model.cp, moves, clock, lambda value, bound: None, Way.NEARBY, min(NEARBY_SECONDS, clock.left))
        found = model.spots(answer.solver) if answer.found else None
        if found is None or not holds(one.part.terms, found):
            return None
        before, after = (tier_values(one.part.terms, spots) for spots in (one.best or found, found))
        return found if tuple(after.values()) <= tuple(before.values()) else None

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
