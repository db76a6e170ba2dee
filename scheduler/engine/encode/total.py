"""A linear sum within bounds, hard or with its distance priced."""

from __future__ import annotations

from ortools.sat.python import cp_model

from scheduler.engine.model import Literal, Model
from scheduler.terms import Total


def encode_total(model: Model, term: Total) -> None:
    """Say that a sum over choices lies in its bounds."""
    literals: list[Literal] = []
    amounts: list[int] = []
    for session, by_choice in zip(term.sessions, term.amounts, strict=True):
        literals += model.sessions[session].choices
        amounts += by_choice
    total = cp_model.LinearExpr.weighted_sum(literals, amounts)
    missing = model.zero
    if term.price is not None:
        lowest, highest = (sum(f(0, amount) for amount in amounts) for f in (min, max))
        greatest = max(0, (term.least or 0) - lowest, highest - (term.most or 0))
        missing = model.measured(greatest)
        model.objectives[term.price.tier].add(term.price.weight, missing, greatest)
    if term.least is not None:
        model.cp.add(total + missing >= term.least)
    if term.most is not None:
        model.cp.add(total - missing <= term.most)
