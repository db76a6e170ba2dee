"""Use under a capacity: optional intervals, and fixed ones where the capacity is less than its greatest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.encode.excess import Taking, price_excess, started
from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Cumulative, Price, Steps, Use

_EVER = 2**30


class _Way(NamedTuple):
    """What a session takes by choices that take alike: from ``lead`` minutes before its start to ``tail`` after its end."""

    lead: int
    tail: int
    amount: int
    minutes: int
    choices: list[int]


def encode_cumulative(model: Model, term: Cumulative) -> None:
    """Say that uses never pass the capacity, or what it costs."""
    if term.price is not None:
        _price(model, term, term.price)
        return
    intervals, demands = [], []
    for use in term.uses:
        for way in _ways(model, use):
            interval = model.interval(use.session, way.choices, way.lead, way.tail)
            if interval is not None:
                intervals.append(interval)
                demands.append(way.amount)
    profile, over, greatest = below_greatest(model, term.capacity)
    model.cp.add_cumulative([*intervals, *profile], [*demands, *over], greatest)


def _ways(model: Model, use: Use) -> Iterator[_Way]:
    alike: dict[tuple[int, int, int, int], list[int]] = {}
    for choice, taken in enumerate(use.amounts):
        if taken is not None:
            alike.setdefault((*taken, model.minutes(use.session, choice)), []).append(choice)
    for key, choices in alike.items():
        yield _Way(*key, choices)


def below_greatest(model: Model, capacity: Steps) -> tuple[list[cp_model.IntervalVar], list[int], int]:
    """Return fixed intervals, with what they take, that leave of the greatest capacity what there is; and the greatest."""
    minutes, values = capacity
    greatest = max(values)
    intervals, demands = [], []
    for k, value in enumerate(values):
        begin = minutes[k] if k else -_EVER
        end = minutes[k + 1] if k + 1 < len(minutes) else _EVER
        if value < greatest:
            intervals.append(model.cp.new_fixed_size_interval_var(begin, end - begin, ""))
            demands.append(greatest - value)
    return intervals, demands, greatest


def _price(model: Model, term: Cumulative, price: Price) -> None:
    takings: list[Taking] = []
    for number, use in enumerate(term.uses):
        for way in _ways(model, use):
            length, chosen = way.lead + way.minutes + way.tail, model.any_choice(use.session, way.choices)
            starts = sorted(
                {start for choice in way.choices for span in model.problem.starts[use.session][choice] for start in span}
            )
            if length > 0 and chosen is not None and starts:
                spans = tuple((start - way.lead, start - way.lead + length) for start in starts)
                covers = _Covers(model, use.session, way, chosen, (starts[0], starts[-1]))
                takings.append(Taking(number, way.amount, spans, length, covers))
    moments = {moment for taking in takings for span in taking.spans for moment in span}
    price_excess(model, price, takings, moments, term.capacity)


@dataclass(frozen=True, slots=True)
class _Covers:
    """Says whether a session takes its amount by some of its choices, ``chosen``, over a span of minutes."""

    model: Model
    session: int
    way: _Way
    chosen: Literal
    reach: tuple[int, int]

    def __call__(self, begin: int, end: int) -> Linear:
        """Return what is 1 where the whole span is taken."""
        cp, (first, last) = self.model.cp, self.reach
        since, until = end - self.way.minutes - self.way.tail, begin + self.way.lead
        if since <= first and last <= until:
            return self.chosen + 0
        within = started(self.model, self.session, since, until)
        if len(self.way.choices) == len(self.model.sessions[self.session].choices):
            return within
        both = cp.new_bool_var("")
        cp.add(both >= within + self.chosen - 1)
        return both + 0
