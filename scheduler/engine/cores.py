"""What cannot hold together: sessions that have to be held, rules over them, and what rules refuse of each.

A kernel is found with the sessions' presence as assumptions, then made smaller on its own sessions, where a question takes
milliseconds. What is left is impossible, and possible as soon as any one piece of it is given up; both are shown anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.errors import SchedulerError
from scheduler.problem import Part, Problem
from scheduler.problem.restricted import company, restricted
from scheduler.terms import Group, Spot, Term, holds

QUESTION = 3.0
"""Seconds (units of work) spent on one question; what is not answered by then stays in the kernel, unproved."""

T = TypeVar("T")


class Answer(NamedTuple):
    """Whether sessions can be held together: with the spots that show it, or those of them that already cannot."""

    possible: bool | None
    spots: list[Spot | None] | None = None
    sessions: tuple[int, ...] = ()


@dataclass
class Questions:
    """Asks of a problem which sessions can be held together under which terms, and counts the questions."""

    problem: Problem
    clock: Clock
    asked: int = 0

    def ask(
        self, sessions: Collection[int], terms: Iterable[Term], way: Way = Way.QUICK, seconds: float = QUESTION
    ) -> Answer:
        """Return whether ``sessions`` can be held while ``terms`` hold; terms over others are left aside.

        Raises SchedulerError where the engine's assignment breaks a term.
        """
        self.asked += 1
        nowhere = [session for session in sessions if not any(map(any, self.problem.starts[session]))]
        if nowhere:
            return Answer(False, sessions=(nowhere[0],))
        said = list(terms)
        there = company(said, sessions)
        said = list(restricted(said, there))
        model = Model(self.problem, Part(tuple(sorted(there)), tuple(said)))
        encode(model)
        wanted = sorted(sessions)
        assumed = {model.sessions[session].present.index: session for session in wanted}
        model.cp.add_assumptions([model.sessions[session].present for session in wanted])
        answer = search(model.cp, None, self.clock, lambda value, bound: None, way, seconds)
        if answer.status == cp_model.INFEASIBLE:
            found = [assumed[index] for index in answer.solver.sufficient_assumptions_for_infeasibility()]
            return Answer(False, sessions=tuple(sorted(found)) or tuple(wanted))
        if not answer.found:
            return Answer(None)
        spots = model.spots(answer.solver)
        if not holds(said, spots) or any(spots[session] is None for session in wanted):
            raise SchedulerError("the engine proposes what the rules of a conflict forbid")
        return Answer(True, spots)


def hard(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return the terms that have to hold, without those that say no more than that somebody is present."""
    return tuple(term for term in terms if term.price is None and not (isinstance(term, Group) and not term.whenever))


def demanded(terms: Iterable[Term]) -> tuple[int, ...]:
    """Return the sessions that have to be present whatever the others do, ascending."""
    found = {s for t in terms if isinstance(t, Group) and t.price is None and not t.whenever for s in t.then}
    return tuple(sorted(found))


def smallest(
    items: Sequence[T], impossible: Callable[[list[T]], Collection[T] | None], kept: Callable[[T], None] = lambda item: None
) -> list[T]:
    """Return a part of ``items`` that is impossible, and of which nothing can be spared, as far as ``impossible`` knows.

    ``impossible`` returns the items, or fewer, where they cannot hold together, None where they can or nobody knows.
    Whole stretches are tried first, then halves of them: of many items few matter.
    """
    left = list(items)
    needed: list[T] = []
    size = max(1, len(left) // 2)
    while left:
        stretch, rest = left[:size], left[size:]
        found = impossible([*needed, *rest])
        if found is not None:
            needed = [item for item in needed if item in found]
            left = [item for item in rest if item in found]
            size = min(size, max(1, len(left) // 2))
        elif len(stretch) == 1:
            kept(stretch[0])
            needed.append(stretch[0])
            left = rest
            size = max(1, len(left) // 2) if size > 1 else 1
        else:
            size = max(1, size // 2)
    return needed
