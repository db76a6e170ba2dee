"""Use under a capacity: optional intervals, and fixed ones where the capacity is less than its greatest."""

from __future__ import annotations

from ortools.sat.python import cp_model

from scheduler.engine.encode.hard import require_hard
from scheduler.engine.model import Model
from scheduler.terms import Cumulative, Steps

_EVER = 2**30


def encode_cumulative(model: Model, term: Cumulative) -> None:
    """Say that uses never pass the capacity."""
    require_hard(term)
    intervals, demands = [], []
    for use in term.uses:
        by_amount: dict[tuple[int, int, int, int], list[int]] = {}
        for choice, taken in enumerate(use.amounts):
            if taken is not None:
                by_amount.setdefault((*taken, model.minutes(use.session, choice)), []).append(choice)
        for (lead, tail, amount, _), choices in by_amount.items():
            interval = model.interval(use.session, choices, lead, tail)
            if interval is not None:
                intervals.append(interval)
                demands.append(amount)
    profile, over, greatest = below_greatest(model, term.capacity)
    model.cp.add_cumulative([*intervals, *profile], [*demands, *over], greatest)


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
