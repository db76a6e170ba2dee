"""Use under a capacity: optional intervals, and fixed ones where the capacity is less than its greatest."""

from __future__ import annotations

from scheduler.engine.encode.hard import require_hard
from scheduler.engine.model import Model
from scheduler.terms import Cumulative

_EVER = 2**30


def encode_cumulative(model: Model, term: Cumulative) -> None:
    """Say that uses never pass the capacity."""
    require_hard(term)
    intervals, demands = [], []
    for use in term.uses:
        variables = model.sessions[use.session]
        by_amount: dict[tuple[int, int, int], list[int]] = {}
        for choice, taken in enumerate(use.amounts):
            if taken is not None:
                by_amount.setdefault(taken, []).append(choice)
        for (lead, tail, amount), choices in by_amount.items():
            literal = model.any_choice(use.session, choices)
            if literal is None:
                continue
            size = variables.shortest if variables.shortest == variables.longest else variables.end - variables.start
            taken_from, taken_to = variables.start - lead, variables.end + tail
            intervals.append(model.cp.new_optional_interval_var(taken_from, size + (lead + tail), taken_to, literal, ""))
            demands.append(amount)
    minutes, values = term.capacity
    greatest = max(values)
    for k, value in enumerate(values):
        begin = minutes[k] if k else -_EVER
        end = minutes[k + 1] if k + 1 < len(minutes) else _EVER
        if value < greatest:
            intervals.append(model.cp.new_fixed_size_interval_var(begin, end - begin, ""))
            demands.append(greatest - value)
    model.cp.add_cumulative(intervals, demands, greatest)
