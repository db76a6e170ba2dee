"""Which rules stand in the way: those without which, one at a time, there would be a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, search
from scheduler.problem import Problem
from scheduler.terms import Group

PATIENCE = 5.0
"""Seconds spent on looking, over all rules; what has not been tried by then is not named."""


def blocking_rules(problem: Problem, clock: Clock) -> Iterator[str]:
    """Yield the id of each rule whose terms alone, left out, let a plan exist; each is shown by such a plan."""
    # That there is a plan without holding anything, as groups demand, is no news.
    ids = dict.fromkeys(term.rule for term in problem.terms if term.price is None and not isinstance(term, Group))
    mine = Clock(clock.limits._replace(seconds=min(PATIENCE, clock.left)))
    for rule in ids:
        if mine.left <= 0:
            return
        without = replace(problem, terms=tuple(term for term in problem.terms if term.rule != rule))
        model = Model(without)
        encode(model)
        answer = search(model.cp, None, mine, lambda value, bound: None)
        if answer.found and without.admits(model.spots(answer.solver)):
            yield rule
