"""Uses that two placements decide on: one optional interval for each amount, of variable length where it spans the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.engine.encode.cumulative import below_greatest
from scheduler.engine.encode.excess import Taking, price_excess, started
from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Edge, Link, LinkUse, Price


def encode_link(model: Model, term: Link) -> None:
    """Say that uses which two sessions decide on never pass the capacity, or what it costs."""
    if term.price is not None:
        _price(model, term, term.price)
        return
    intervals, demands = [], []
    for use in term.uses:
        for amount, literal in _taken(model, use):
            intervals.append(_interval(model, use, literal))
            demands.append(amount)
    profile, over, greatest = below_greatest(model, term.capacity)
    model.cp.add_cumulative([*intervals, *profile], [*demands, *over], greatest)


def _interval(model: Model, use: LinkUse, literal: Literal) -> cp_model.IntervalVar:
    """Return from when to when something is taken, if the literal is true."""
    since, earliest, latest = _moment(model, use, use.since, -use.lead)
    if use.since == use.until:
        return model.cp.new_optional_fixed_size_interval_var(since, max(0, use.lead + use.tail), literal, "")
    until, first, last = _moment(model, use, use.until, use.tail)
    # Where the use would end before it begins, nothing is taken: the length stays at nought.
    reached = model.cp.new_int_var(earliest, max(last, latest), "")
    length = model.cp.new_int_var(0, max(0, last - earliest), "")
    if first < latest:
        model.cp.add_max_equality(length, [0, until - since])
    else:
        model.cp.add(length == until - since)
    return model.cp.new_optional_interval_var(since, length, reached, literal, "")


def _moment(model: Model, use: LinkUse, edge: Edge, by: int) -> tuple[Linear, int, int]:
    """Return an edge moved ``by`` minutes, and the least and the greatest that it can be."""
    session = model.sessions[use.first if edge.of == "first" else use.second]
    if edge.at == "start":
        return session.start + by, session.first + by, session.last + by
    return session.end + by, session.first + session.shortest + by, session.last + session.longest + by


def _taken(model: Model, use: LinkUse) -> list[tuple[int, Literal]]:
    """Return each amount that may be taken, with a literal that is true where it is."""
    by_amount: dict[int, list[tuple[Literal, Literal]]] = {}
    for amount, _, pair in _pairs(model, use):
        by_amount.setdefault(amount, []).append(pair)
    return [(amount, _any_pair(model, pairs)) for amount, pairs in by_amount.items()]


def _pairs(model: Model, use: LinkUse) -> Iterator[tuple[int, tuple[int, int], tuple[Literal, Literal]]]:
    """Yield what every two choices take, if anything, the choices' numbers and their literals."""
    first, second = model.sessions[use.first], model.sessions[use.second]
    for one, (row, literal) in enumerate(zip(use.amounts, first.choices, strict=True)):
        for other, (amount, other_literal) in enumerate(zip(row, second.choices, strict=True)):
            if amount:
                yield amount, (one, other), (literal, other_literal)


def _any_pair(model: Model, pairs: list[tuple[Literal, Literal]]) -> Literal:
    """Return a literal that is true where both of a pair are."""
    literal = model.cp.new_bool_var("")
    for one, other in pairs:
        model.cp.add_bool_or([one.negated(), other.negated(), literal])
    return literal


def _price(model: Model, term: Link, price: Price) -> None:
    takings: list[Taking] = []
    moments: set[int] = set()
    for number, use in enumerate(term.uses):
        since, until = (use.first if edge.of == "first" else use.second for edge in (use.since, use.until))
        alike: dict[tuple[int, int, int], list[tuple[Literal, Literal]]] = {}
        for amount, choices, pair in _pairs(model, use):
            # From the starts of the two sessions, so long until the use begins and until it ends.
            lag = (
                _after_start(model, use, use.since, choices) - use.lead,
                _after_start(model, use, use.until, choices) + use.tail,
            )
            alike.setdefault((amount, *lag), []).append(pair)
        for (amount, to_begin, to_end), pairs in alike.items():
            begins = [start + to_begin for start in model.starts(since)]
            ends = [start + to_end for start in model.starts(until)]
            if begins[0] < ends[-1]:
                span = begins[0], ends[-1]
                covers = _Covers(model, since, until, to_begin, to_end, _any_pair(model, pairs))
                takings.append(Taking(number, amount, (span,), span[1] - span[0], covers))
                moments |= {*begins, *ends}
    price_excess(model, price, takings, moments, term.capacity)


def _after_start(model: Model, use: LinkUse, edge: Edge, choices: tuple[int, int]) -> int:
    """Return how long after the start of its session an edge is, by the choices of the two."""
    if edge.at == "start":
        return 0
    return model.minutes(use.first, choices[0]) if edge.of == "first" else model.minutes(use.second, choices[1])


@dataclass(frozen=True, slots=True)
class _Covers:
    """Says whether a use is taken over a span of minutes, by choices of which ``chosen`` tells.

    It begins ``to_begin`` minutes after one session starts and ends ``to_end`` after another one, or the same, does.
    """

    model: Model
    since: int
    until: int
    to_begin: int
    to_end: int
    chosen: Literal

    def __call__(self, begin: int, end: int) -> Linear:
        """Return what is at least 1 where the whole span is taken."""
        model = self.model
        here = model.cp.new_bool_var("")
        has_begun = started(model, self.since, model.sessions[self.since].first, begin - self.to_begin)
        goes_on = started(model, self.until, end - self.to_end, model.sessions[self.until].last)
        model.cp.add(here >= has_begun + goes_on + self.chosen - 2)
        return here + 0
