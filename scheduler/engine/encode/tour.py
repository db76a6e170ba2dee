"""The price of following one another: a circuit for each cell, a node for each kind of stay of a visit, arcs with a price.

One circuit for each day, and not one for all with a price where two days agree: so the relaxation knows what two places
on one day cost, even where it has not decided yet which day it is.
"""

from __future__ import annotations

from typing import NamedTuple

from scheduler.engine.model import Literal, Model
from scheduler.errors import SchedulerError
from scheduler.terms import Tour


class _Node(NamedTuple):
    """A session with one of its kinds in one cell; ``used`` is true where it has both."""

    session: int
    kind: int
    used: Literal


def encode_tour(model: Model, term: Tour) -> None:
    """Add the price of each step between neighbours to its tier."""
    if term.price is None:
        raise SchedulerError(f"the rule {term.rule} states a tour without a tier")
    by_cell: dict[int, list[_Node]] = {}
    alone: dict[int, set[int]] = {}
    for visit in term.visits:
        kinds = _kinds(model, visit.session, [None if stay is None else stay.kind for stay in visit.stays])
        cells = model.in_cell(visit.session, term.cells) if term.cells else {0: model.sessions[visit.session].present}
        if visit.session in model.required and None not in visit.stays and len(cells) == 1:
            alone.setdefault(next(iter(cells)), set()).add(visit.session)
        for cell, within in cells.items():
            for kind, chosen in kinds.items():
                used = chosen if len(cells) == 1 else model.both(chosen, within)
                by_cell.setdefault(cell, []).append(_Node(visit.session, kind, used))
    for cell, nodes in by_cell.items():
        kinds_there = {node.kind for node in nodes}
        if len({node.session for node in nodes}) > 1 and any(term.step[a][b] for a in kinds_there for b in kinds_there):
            _circuit(model, term, nodes, alone.get(cell, set()))


def _kinds(model: Model, session: int, by_choice: list[int | None]) -> dict[int, Literal]:
    """Return a literal for each kind that a session may have."""
    choices: dict[int, list[int]] = {}
    for choice, kind in enumerate(by_choice):
        if kind is not None:
            choices.setdefault(kind, []).append(choice)
    found = {kind: model.any_choice(session, chosen) for kind, chosen in choices.items()}
    return {kind: literal for kind, literal in found.items() if literal is not None}


def _circuit(model: Model, term: Tour, nodes: list[_Node], always: set[int]) -> None:
    """Say the order in which the nodes of one cell are visited, and price its steps; ``always`` are there in any case."""
    assert term.price is not None
    tier, weight = term.price
    nobody = model.cp.new_bool_var("")
    arcs: list[tuple[int, int, Literal]] = [(0, 0, nobody)]
    for number, (session, kind, used) in enumerate(nodes, 1):
        arcs.append((number, number, used.negated()))
        model.cp.add_implication(nobody, used.negated())
        if _may_be_neighbours(model, always, None, session):
            arcs.append((0, number, model.cp.new_bool_var("")))
        if _may_be_neighbours(model, always, session, None):
            arcs.append((number, 0, model.cp.new_bool_var("")))
        for other, (follower, next_kind, _) in enumerate(nodes, 1):
            if follower != session and _may_be_neighbours(model, always, session, follower):
                arc = model.cp.new_bool_var("")
                arcs.append((number, other, arc))
                model.cp.add_implication(arc, model.before(session, follower))
                model.objectives[tier].add(weight * term.step[kind][next_kind], arc, 1)
    model.cp.add_circuit(arcs)


def _may_be_neighbours(model: Model, always: set[int], first: int | None, second: int | None) -> bool:
    """Return whether none of the visits that ``always`` take place must lie between two.

    None stands for the beginning or the end of the tour.
    """
    if first is not None and second is not None and model.certainly_before(second, first):
        return False
    return not any(
        (first is None or model.certainly_before(first, third))
        and (second is None or model.certainly_before(third, second))
        for third in always - {first, second}
    )
