"""Presence together, as implications, or the price of each session that is missing."""

from __future__ import annotations

from scheduler.engine.model import Model
from scheduler.terms import Group, Price


def encode_group(model: Model, term: Group) -> None:
    """Say that some sessions bring others, or what it costs where they do not."""
    if term.price is not None:
        _price(model, term, term.price)
        return
    for session in term.then:
        present = model.sessions[session].present
        if not term.whenever:
            model.cp.add_bool_or([present])
        for cause in term.whenever:
            if cause != session:
                model.cp.add_implication(model.sessions[cause].present, present)


def _price(model: Model, term: Group, price: Price) -> None:
    anybody = model.true
    if term.whenever:
        anybody = model.cp.new_bool_var("")
        for cause in term.whenever:
            model.cp.add_implication(model.sessions[cause].present, anybody)
    for session in term.then:
        missing = model.cp.new_bool_var("")
        model.cp.add_bool_or([model.sessions[session].present, anybody.negated(), missing])
        model.objectives[price.tier].add(price.weight, missing, 1)
