"""Use over a capacity at a price: the load of each segment of time in which nothing can begin or end, and what is too much.

Segments in which all that may be taken together fits are left out: most of them, as a rule.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Model
from scheduler.terms import Price, Steps


@dataclass(frozen=True, slots=True)
class Taking:
    """One way in which a use takes an amount; of the ways of one ``use`` at most one comes about.

    ``spans`` are the half-open minutes over which it may be taken, ascending by begin; ``longest`` is the most minutes it
    can be taken for. ``covers`` returns what is at least 1 where a span of minutes is taken as a whole.
    """

    use: int
    amount: int
    spans: tuple[tuple[int, int], ...]
    longest: int
    covers: Callable[[int, int], Linear]


def price_excess(model: Model, price: Price, takings: Iterable[Taking], moments: Iterable[int], capacity: Steps) -> None:
    """Add the price of excess x minutes; ``moments`` are all minutes at which something may begin or end."""
    takings = [taking for taking in takings if taking.amount and taking.spans]
    bounds = sorted({*moments, *capacity.minutes})
    loads: list[dict[int, int]] = [{} for _ in bounds]
    within: list[list[Taking]] = [[] for _ in bounds]
    for taking in takings:
        reached = 0
        for begin, end in taking.spans:
            until = bisect_left(bounds, end)
            for k in range(max(reached, bisect_left(bounds, begin)), until):
                loads[k][taking.use] = max(taking.amount, loads[k].get(taking.use, 0))
                within[k].append(taking)
            reached = max(reached, until)
    excesses, minutes, greatest = [], [], 0
    for k, (begin, end) in enumerate(pairwise(bounds)):
        above = sum(loads[k].values()) - capacity.at(begin)
        if above > 0:
            excess = model.measured(above)
            covers = [taking.covers(begin, end) for taking in within[k]]
            load = cp_model.LinearExpr.weighted_sum(covers, [taking.amount for taking in within[k]])
            model.cp.add(load - excess <= capacity.at(begin))
            excesses.append(excess)
            minutes.append(end - begin)
            greatest += above * (end - begin)
    if not excesses:
        return
    most_by_use: dict[int, int] = {}
    for taking in takings:
        most_by_use[taking.use] = max(taking.amount * taking.longest, most_by_use.get(taking.use, 0))
    greatest = min(greatest, sum(most_by_use.values()))
    total = model.measured(greatest)
    model.cp.add(total >= cp_model.LinearExpr.weighted_sum(excesses, minutes))
    model.objectives[price.tier].add(price.weight, total, greatest)


def started(model: Model, session: int, first: int, last: int) -> Linear:
    """Return what is 1 where a session is present and starts from one minute to another, 0 elsewhere."""
    starts = model.starts(session)
    begin, end = bisect_left(starts, first), bisect_right(starts, last)
    if begin >= end:
        return model.zero
    if end - begin == len(starts):
        return model.sessions[session].present + 0
    cells = model.in_cell(session, tuple(starts))
    return cp_model.LinearExpr.sum([cells[k] for k in range(begin, end)])
