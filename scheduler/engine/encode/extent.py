"""How far a group reaches: every present session keeps the one bound, and one that is picked keeps the other."""

from __future__ import annotations

from collections.abc import Callable

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Literal, Model, SessionVariables
from scheduler.terms import Extent

Says = Callable[[SessionVariables], cp_model.BoundedLinearExpression | bool]
"""Makes a linear constraint of a session's variables."""


def encode_extent(model: Model, term: Extent) -> None:
    """Say that the group's extent lies in its bounds, or is of nobody."""
    members = [variables for session in dict.fromkeys(term.sessions) if (variables := model.sessions[session]).choices]
    if not members:
        return
    missing = model.zero
    if term.price is not None:
        greatest = _farthest(term, members)
        missing = model.measured(greatest)
        model.objectives[term.price.tier].add(term.price.weight, missing, greatest)
    least, most = term.least, term.most
    first, last = min(v.first for v in members), max(v.last for v in members)
    if term.what == "earliest":
        if least is not None:
            _each(model, members, lambda v: v.start + missing >= least)
        if most is not None:
            _some(model, members, lambda v: v.start - missing <= most)
    elif term.what == "span":
        if least is not None:
            late = model.cp.new_int_var(first, last, "")
            _some(model, members, lambda v: late >= v.start)
            _some(model, members, lambda v: v.end - late + missing >= least)
        if most is not None:
            early = model.cp.new_int_var(first, last, "")
            _each(model, members, lambda v: early <= v.start)
            _each(model, members, lambda v: v.end - early - missing <= most)
    else:
        value = _end if term.what == "latest" else _length
        if least is not None:
            _some(model, members, lambda v: value(v) + missing >= least)
        if most is not None:
            _each(model, members, lambda v: value(v) - missing <= most)


def _end(variables: SessionVariables) -> Linear:
    return variables.end


def _length(variables: SessionVariables) -> Linear:
    return variables.end - variables.start


def _farthest(term: Extent, members: list[SessionVariables]) -> int:
    """Return a number of minutes that the extent never lies outside its bounds by more than."""
    first, last = min(v.first for v in members), max(v.last + v.longest for v in members)
    lowest, highest = (first, last) if term.what in ("earliest", "latest") else (0, last - first)
    below = term.least - lowest if term.least is not None else 0
    above = highest - term.most if term.most is not None else 0
    return max(0, below, above)


def _each(model: Model, members: list[SessionVariables], says: Says) -> None:
    """Say something of every session that is present."""
    for variables in members:
        model.cp.add(says(variables)).only_enforce_if(variables.present)


def _some(model: Model, members: list[SessionVariables], says: Says) -> None:
    """Say something of one present session, if any is."""
    somebody = model.cp.new_bool_var("")
    picked: list[Literal] = []
    for variables in members:
        literal = model.cp.new_bool_var("")
        picked.append(literal)
        model.cp.add_implication(variables.present, somebody)
        model.cp.add_implication(literal, variables.present)
        model.cp.add(says(variables)).only_enforce_if(literal)
    model.cp.add_bool_or([*picked, somebody.negated()])
