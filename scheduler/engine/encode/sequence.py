"""One at a time: a NoOverlap padded by what every pair needs, and an enforced distance where a pair needs more.

With a price: the minutes missing of each pair, in an order that the solver is free to choose.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Delay, Price, Sequence, Stay, Visit

Ways = dict[Stay, list[int]]
"""The choices by which a session uses the resource, by how they use it."""


def encode_sequence(model: Model, term: Sequence) -> None:
    """Say that visits to one resource do not overlap and keep their change-over, or what it costs where they do not."""
    if term.price is not None:
        _price(model, term, term.price)
        return
    visits = [(visit.session, _ways(visit)) for visit in term.visits]
    kinds = {stay.kind for _, ways in visits for stay in ways}
    needs = {term.changeover[a][b] for a in kinds for b in kinds}
    common = min(needs, default=0)
    intervals = []
    for session, ways in visits:
        by_length: dict[tuple[int, int, int], list[int]] = {}
        for stay, choices in ways.items():
            for choice in choices:
                by_length.setdefault((stay.lead, stay.tail, model.minutes(session, choice)), []).append(choice)
        intervals += [model.interval(session, alike, lead, tail + common) for (lead, tail, _), alike in by_length.items()]
    model.cp.add_no_overlap(interval for interval in intervals if interval is not None)
    if len(needs) <= 1 and not term.delays:
        return  # the padding says it all
    for (first, first_ways), (second, second_ways) in combinations(visits, 2):
        for stay, choices in _alike(term, first_ways, second_ways):
            for other_stay, other_choices in _alike(term, second_ways, first_ways):
                _keep_distance(model, term, common, (first, stay, choices), (second, other_stay, other_choices))


def _ways(visit: Visit) -> Ways:
    ways: Ways = {}
    for choice, stay in enumerate(visit.stays):
        if stay is not None:
            ways.setdefault(stay, []).append(choice)
    return ways


def _alike(term: Sequence, ways: Ways, others: Ways) -> Iterable[tuple[Stay, list[int]]]:
    """Yield one stay, with the choices of all, for the stays that keep the same distances to every stay of another."""
    kinds = [stay.kind for stay in others]
    matrix = term.changeover
    by_distances: dict[tuple[object, ...], tuple[Stay, list[int]]] = {}
    for stay, choices in ways.items():
        row = matrix[stay.kind]
        near = (tuple([row[k] for k in kinds]), tuple([matrix[k][stay.kind] for k in kinds]))
        slow = tuple([(term.delays.get((stay.kind, k)), term.delays.get((k, stay.kind))) for k in kinds])
        key = (stay.lead, stay.tail, near, slow if term.delays else ())
        by_distances.setdefault(key, (stay, []))[1].extend(choices)
    return by_distances.values()


def _keep_distance(
    model: Model, term: Sequence, common: int, first: tuple[int, Stay, list[int]], second: tuple[int, Stay, list[int]]
) -> None:
    """Say the change-over of one pair, in each order that can come about, where the padding does not say it already."""
    for (a, stay_a, choices_a), (b, stay_b, choices_b) in ((first, second), (second, first)):
        needed = term.needed(stay_a, stay_b)
        before, after = model.sessions[a], model.sessions[b]
        delay = term.delays.get((stay_a.kind, stay_b.kind))
        if delay is not None and not model.certainly_before(b, a):
            _keep_delayed(model, needed, delay, (a, choices_a), (b, choices_b))
            continue
        if needed == stay_a.tail + common + stay_b.lead or before.last + before.longest + needed <= after.first:
            continue
        lit_a, lit_b = model.any_choice(a, choices_a), model.any_choice(b, choices_b)
        if lit_a is None or lit_b is None or model.certainly_before(b, a):
            continue
        model.cp.add(after.start >= before.end + needed).only_enforce_if([lit_a, lit_b, model.before(a, b)])


def _by_length(model: Model, session: int, choices: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for choice in choices:
        found.setdefault(model.minutes(session, choice), []).append(choice)
    return found


def _keep_delayed(
    model: Model, needed: int, delay: Delay, first: tuple[int, list[int]], second: tuple[int, list[int]]
) -> None:
    """Say a change-over that depends on the minute at which the first session ends."""
    (a, choices_a), (b, choices_b) = first, second
    before, after = model.sessions[a], model.sessions[b]
    lit_b = model.any_choice(b, choices_b)
    for length, alike in _by_length(model, a, choices_a).items():
        lit_a = model.any_choice(a, alike)
        if lit_a is not None and lit_b is not None and before.last + length + needed + delay.most > after.first:
            end = before.start + length
            minutes = model.delayed(a, length, delay)
            model.cp.add(after.start >= end + needed + minutes).only_enforce_if([lit_a, lit_b, model.before(a, b)])


def _price(model: Model, term: Sequence, price: Price) -> None:
    for first, second in combinations(term.visits, 2):
        a, b = model.sessions[first.session], model.sessions[second.session]
        ways, others = _ways(first), _ways(second)
        pairs = [(one, other) for one in _alike(term, ways, others) for other in _alike(term, others, ways)]
        needs = [(_longest(term, one, other), _longest(term, other, one)) for (one, _), (other, _) in pairs]
        if not pairs or _never_meet(model, first.session, second.session, max(map(max, needs))):
            continue
        # The one order misses x, the other all four less x: the lesser of the two is at most half of it.
        greatest = max(0, (a.longest + b.longest + max(there + back for there, back in needs)) // 2)
        missing = model.measured(greatest)
        model.objectives[price.tier].add(price.weight, missing, greatest)
        in_order = model.cp.new_bool_var("")
        for (stay, choices), (other_stay, other_choices) in pairs:
            one, other = (first.session, stay, choices), (second.session, other_stay, other_choices)
            _miss(model, term, one, other, (in_order, missing))
            _miss(model, term, other, one, (in_order.negated(), missing))


def _longest(term: Sequence, before: Stay, after: Stay) -> int:
    """Return the minutes that may be needed from the end of one session to the start of the next."""
    delay = term.delays.get((before.kind, after.kind))
    return term.needed(before, after) + (delay.most if delay is not None else 0)


def _never_meet(model: Model, first: int, second: int, needed: int) -> bool:
    a, b = model.sessions[first], model.sessions[second]
    return a.last + a.longest + needed <= b.first or b.last + b.longest + needed <= a.first


def _miss(
    model: Model,
    term: Sequence,
    first: tuple[int, Stay, list[int]],
    second: tuple[int, Stay, list[int]],
    priced: tuple[Literal, Linear],
) -> None:
    """Say what one order of a pair misses, where it is the order that counts."""
    (a, stay_a, choices_a), (b, stay_b, choices_b), (in_order, missing) = first, second, priced
    delay = term.delays.get((stay_a.kind, stay_b.kind))
    needed, lit_b = term.needed(stay_a, stay_b), model.any_choice(b, choices_b)
    for length, alike in _by_length(model, a, choices_a).items():
        lit_a = model.any_choice(a, alike)
        if lit_a is not None and lit_b is not None:
            slow = model.delayed(a, length, delay) if delay is not None else model.zero
            gap = model.sessions[b].start - model.sessions[a].start - length
            model.cp.add(gap + missing >= needed + slow).only_enforce_if([lit_a, lit_b, in_order])
