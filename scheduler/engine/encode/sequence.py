"""One at a time: a NoOverlap padded by what every pair needs, and an enforced distance where a pair needs more."""

from __future__ import annotations

from itertools import combinations

from scheduler.engine.encode.hard import require_hard
from scheduler.engine.model import Literal, Model
from scheduler.terms import Sequence, Stay, Visit

Ways = list[tuple[Literal, Stay]]
"""The ways a session may use the resource: a literal for all its choices of one stay, and that stay."""


def encode_sequence(model: Model, term: Sequence) -> None:
    """Say that visits to one resource do not overlap and keep their change-over."""
    require_hard(term)
    visits = [(visit.session, _ways(model, visit)) for visit in term.visits]
    kinds = {stay.kind for _, ways in visits for _, stay in ways}
    common = min((term.changeover[a][b] for a in kinds for b in kinds), default=0)
    intervals = []
    for session, ways in visits:
        variables = model.sessions[session]
        for literal, stay in ways:
            size = variables.shortest if variables.shortest == variables.longest else variables.end - variables.start
            begin, end = variables.start - stay.lead, variables.end + (stay.tail + common)
            intervals.append(
                model.cp.new_optional_interval_var(begin, size + (stay.lead + stay.tail + common), end, literal, "")
            )
    model.cp.add_no_overlap(intervals)
    for (first, first_ways), (second, second_ways) in combinations(visits, 2):
        for literal, stay in first_ways:
            for other, other_stay in second_ways:
                _keep_distance(model, term, common, (first, literal, stay), (second, other, other_stay))


def _ways(model: Model, visit: Visit) -> Ways:
    by_stay: dict[Stay, list[int]] = {}
    for choice, stay in enumerate(visit.stays):
        if stay is not None:
            by_stay.setdefault(stay, []).append(choice)
    ways = [(model.any_choice(visit.session, choices), stay) for stay, choices in by_stay.items()]
    return [(literal, stay) for literal, stay in ways if literal is not None]


def _keep_distance(
    model: Model, term: Sequence, common: int, first: tuple[int, Literal, Stay], second: tuple[int, Literal, Stay]
) -> None:
    """Say the change-over of one pair, in each order that can come about, where the padding does not say it already."""
    for (a, lit_a, stay_a), (b, lit_b, stay_b) in ((first, second), (second, first)):
        needed = term.needed(stay_a, stay_b)
        before, after = model.sessions[a], model.sessions[b]
        if needed == stay_a.tail + common + stay_b.lead or before.last + before.longest + needed <= after.first:
            continue
        if model.certainly_before(b, a):
            continue
        conditions = [lit_a, lit_b, model.before(a, b)]
        model.cp.add(after.start >= before.end + needed).only_enforce_if(conditions)
