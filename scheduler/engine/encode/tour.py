"""The price of following one another: a circuit with one node for each kind of stay of a visit, and arcs with a price."""

from __future__ import annotations

from scheduler.engine.model import Literal, Model
from scheduler.errors import SchedulerError
from scheduler.terms import Tour


def encode_tour(model: Model, term: Tour) -> None:
    """Add the price of each step between neighbours to its tier."""
    if term.price is None:
        raise SchedulerError(f"the rule {term.rule} states a tour without a tier")
    tier, weight = term.price
    objective = model.objectives[tier]
    nodes = _nodes(model, term)
    always = {visit.session for visit in term.visits if visit.session in model.required and None not in visit.stays}
    arcs: list[tuple[int, int, Literal]] = []
    nobody = model.cp.new_bool_var("")
    arcs.append((0, 0, nobody))
    for number, (session, _, used) in enumerate(nodes, 1):
        arcs.append((number, number, used.negated()))
        model.cp.add_implication(nobody, used.negated())
        if _may_be_neighbours(model, always, None, session):
            arcs.append((0, number, model.cp.new_bool_var("")))
        if _may_be_neighbours(model, always, session, None):
            arcs.append((number, 0, model.cp.new_bool_var("")))
        for other, (follower, _, _) in enumerate(nodes, 1):
            if follower != session and _may_be_neighbours(model, always, session, follower):
                arc = model.cp.new_bool_var("")
                arcs.append((number, other, arc))
                before = model.before(session, follower)
                model.cp.add_implication(arc, before)
                step = term.step[nodes[number - 1][1]][nodes[other - 1][1]]
                if step:
                    objective.add(weight * step, _same_cell(model, term, arc, session, follower), 1)
    model.cp.add_circuit(arcs)


def _same_cell(model: Model, term: Tour, arc: Literal, first: int, second: int) -> Literal:
    """Return a literal that is true where an arc is taken between two starts of one cell."""
    if not term.cells:
        return arc
    firsts, seconds = model.in_cell(first, term.cells), model.in_cell(second, term.cells)
    if firsts.keys() == seconds.keys() and len(firsts) == 1:
        return arc
    both = model.cp.new_bool_var("")
    for cell in firsts.keys() & seconds.keys():
        model.cp.add_bool_or([arc.negated(), firsts[cell].negated(), seconds[cell].negated(), both])
    return both


def _nodes(model: Model, term: Tour) -> list[tuple[int, int, Literal]]:
    """Return (session, kind, literal that the session has this kind) for every kind a session may have."""
    nodes = []
    for visit in term.visits:
        by_kind: dict[int, list[int]] = {}
        for choice, stay in enumerate(visit.stays):
            if stay is not None:
                by_kind.setdefault(stay.kind, []).append(choice)
        for kind, choices in by_kind.items():
            used = model.any_choice(visit.session, choices)
            if used is not None:
                nodes.append((visit.session, kind, used))
    return nodes


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
