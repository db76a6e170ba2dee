"""Places in an order: one number for each session that orders them all, and of each pair which one is less."""

from __future__ import annotations

from itertools import combinations

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Ranks


def encode_ranks(model: Model, term: Ranks) -> None:
    """Say that as many come before a session as its place wants, or what it costs where they do not."""
    positions = [k for k, session in enumerate(term.sessions) if model.sessions[session].choices]
    keys = _keys(model, term, positions)
    earlier: dict[int, list[Literal]] = {k: [] for k in positions}
    for k, other in combinations(positions, 2):
        if term.wanted[k] is None and term.wanted[other] is None:
            continue
        first = model.cp.new_bool_var("")
        a, b = term.sessions[k], term.sessions[other]
        model.cp.add(keys[k] + int(a > b) <= keys[other]).only_enforce_if(first)
        model.cp.add(keys[other] + int(b > a) <= keys[k]).only_enforce_if(first.negated())
        earlier[other].append(model.both(first, model.sessions[a].present))
        earlier[k].append(model.both(first.negated(), model.sessions[b].present))
    for k in positions:
        wanted, present = term.wanted[k], model.sessions[term.sessions[k]].present
        if wanted is None:
            continue
        elsewhere: Literal = model.true.negated()
        if term.price is not None:
            elsewhere = model.cp.new_bool_var("")
            model.objectives[term.price.tier].add(term.price.weight, elsewhere, 1)
        place = cp_model.LinearExpr.sum(earlier[k]) + 1
        model.cp.add(place == wanted).only_enforce_if([present, elsewhere.negated()])


def _keys(model: Model, term: Ranks, positions: list[int]) -> dict[int, Linear]:
    """Return for each position a number by cell, then rank, then start."""
    variables = {k: model.sessions[term.sessions[k]] for k in positions}
    earliest = min((one.first for one in variables.values()), default=0)
    starts = max((one.last for one in variables.values()), default=0) - earliest + 1
    ranks = max((max(term.ranks[k]) for k in positions), default=0) + 1
    keys: dict[int, Linear] = {}
    for k, one in variables.items():
        cells = model.in_cell(term.sessions[k], term.cells) if term.cells else {}
        weights = [starts * rank for rank in term.ranks[k]] + [starts * ranks * (cell + 1) for cell in cells]
        literals = [*one.choices, *cells.values()]
        keys[k] = cp_model.LinearExpr.weighted_sum(literals, weights) + one.start - earliest
    return keys
