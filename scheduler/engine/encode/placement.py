"""Prices of placements: choices as weighted literals, starts or ends as the upper hull of lines where that is exact."""

from __future__ import annotations

from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Model
from scheduler.errors import SchedulerError
from scheduler.terms import PlacementPrice, Slope


def encode_placement_price(model: Model, term: PlacementPrice) -> None:
    """Add the price of a session's choice, start or absence to its tier."""
    if term.price is None:
        raise SchedulerError(f"the rule {term.rule} states a placement price without a tier")
    tier, weight = term.price
    objective, variables = model.objectives[tier], model.sessions[term.session]
    for literal, price in zip(variables.choices, term.by_choice, strict=False):
        objective.add(weight * price, literal, 1)
    if term.absent:
        objective.constant += weight * term.absent
        objective.add(-weight * term.absent, variables.present, 1)
    if term.slopes and variables.choices:
        objective.add(weight, *_slope_price(model, term))


def _slope_price(model: Model, term: PlacementPrice) -> tuple[cp_model.IntVar, int]:
    """Return a variable that is at least the price of the start, or of the end, and its greatest value."""
    variables = model.sessions[term.session]
    moment: Linear = variables.start
    pieces = _pieces(term, variables.first, variables.last)
    if term.at_end:
        moment = variables.end
        pieces = _pieces(term, variables.first + variables.shortest, variables.last + variables.longest)
    greatest = max(0, *(_at(slope, minute) for begin, end, slope in pieces for minute in (begin, end)))
    cost = model.measured(greatest)
    if _convex(pieces):
        for _, _, slope in pieces:
            line = slope.price + slope.per_minute * (moment - slope.begin)
            model.cp.add(cost >= line).only_enforce_if(variables.present)
        return cost, greatest
    literals = []
    for begin, end, slope in pieces:
        literal = model.cp.new_bool_var("")
        literals.append(literal)
        model.cp.add_linear_constraint(moment, begin, end).only_enforce_if(literal)
        line = slope.price + slope.per_minute * (moment - slope.begin)
        model.cp.add(cost >= line).only_enforce_if(literal)
    model.cp.add_exactly_one([*literals, variables.present.negated()])
    return cost, greatest


def _pieces(term: PlacementPrice, first: int, last: int) -> list[tuple[int, int, Slope]]:
    """Return the slopes that a minute from the first to the last can lie on, each with its first and last minute."""
    bounds = [first, *(slope.begin for slope in term.slopes[1:]), last + 1]
    pieces = []
    for k, slope in enumerate(term.slopes):
        begin = max(first, bounds[k]) if k else first
        end = min(last, bounds[k + 1] - 1)
        if begin <= end:
            pieces.append((begin, end, slope))
    return pieces


def _at(slope: Slope, minute: int) -> int:
    return slope.price + slope.per_minute * (minute - slope.begin)


def _convex(pieces: list[tuple[int, int, Slope]]) -> bool:
    """Return whether the price is the greatest of its lines everywhere: continuous, and ever steeper."""
    return all(
        _at(before, begin) == _at(after, begin) and before.per_minute <= after.per_minute
        for (_, _, before), (begin, _, after) in pairwise(pieces)
    )
