"""Which rules stand in the way: those without which, one at a time, there would be a plan."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.problem import Part, Problem
from scheduler.terms import Group, holds

PATIENCE = 5.0
"""Seconds spent on looking, over all rules; what has not been tried by then is not named."""


def blocking_rules(problem: Problem, part: Part, clock: Clock) -> Iterator[str]:
    """Yield the id of each rule whose terms alone, left out, let a plan exist; each is shown by such a plan."""
    # That there is a plan without holding anything, as groups demand, is no news.
    ids = dict.fromkeys(term.rule for term in part.terms if term.price is None and not isinstance(term, Group))
    mine = Clock(clock.limits._replace(seconds=min(PATIENCE, clock.left)))
    for rule in ids:
        if mine.left <= 0:
            return
        without = part._replace(terms=tuple(term for term in part.terms if term.rule != rule))
        model = Model(problem, without)
        encode(model)
        answer = search(model.cp, None, mine, lambda value, bound: None, Way.QUICK, mine.left)
        if answer.found and holds(without.terms, model.spots(answer.solver)):
            yield rule
