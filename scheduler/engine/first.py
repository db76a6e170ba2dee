"""A first plan of a part, where CP-SAT has found none in no time or its model is too large to be written first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.problem import Part
from scheduler.terms import Sequence

if TYPE_CHECKING:
    from scheduler.engine.part import PartSearch

MANY_PAIRS = 100_000
"""Pairs of visits in sequences from which on a plan is looked for before the solver's model is written."""


def large(part: Part) -> bool:
    """Return whether the solver's model of a part takes longer to write than a plan to find."""
    return sum(len(term.visits) ** 2 for term in part.terms if isinstance(term, Sequence)) > MANY_PAIRS


def anneal_once(one: PartSearch, tier: int | None, clock: Clock, ends: float) -> None:
    """Look for an assignment by one cycle of annealing, which ends early with one as good as any can be."""
    annealing = one.annealer(0, clock.limits.seed)
    if annealing is None:
        return
    least = one.bounds.get(tier or 0, 0)
    one.annealed(annealing, tier, annealing.shortest, clock, lambda: clock.left <= ends or annealing.least <= least)


def place_all(one: PartSearch, tier: int | None, clock: Clock, ends: float) -> None:
    """Look for any assignment: by annealing, or else by the hard terms alone; the priced ones stand in the way."""
    annealing = one.annealer(0, clock.limits.seed)
    if annealing is not None:
        length = annealing.shortest
        while one.best is None and clock.left > ends:
            one.annealed(annealing, tier, length, clock, lambda: clock.left <= ends)
            length *= 2
        return
    bare = Model(one.problem, one.part)
    encode(bare, (term for term in one.part.terms if term.price is None))
    answer = search(bare.cp, None, clock, lambda value, bound: None, Way.QUICK, clock.left - ends)
    if answer.found:
        spots = bare.spots(answer.solver)
        one.require_allowed(spots)
        one.keep(tier or 0, spots, None)
