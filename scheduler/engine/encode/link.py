"""Uses that span two placements: one optional interval of variable length for each amount."""

from __future__ import annotations

from scheduler.engine.encode.cumulative import below_greatest
from scheduler.engine.encode.hard import require_hard
from scheduler.engine.model import Literal, Model
from scheduler.terms import Link, LinkUse


def encode_link(model: Model, term: Link) -> None:
    """Say that uses which span two sessions never pass the capacity."""
    require_hard(term)
    intervals, demands = [], []
    for use in term.uses:
        first, second = model.sessions[use.first], model.sessions[use.second]
        begin, end = first.start - use.lead, second.end + use.tail
        for amount, literal in _taken(model, use):
            # Where the second ends before the first starts, nothing is taken: the length stays at nought.
            least = min(0, second.first + second.shortest + use.tail - (first.last - use.lead))
            until = model.cp.new_int_var(
                first.first - use.lead, max(second.last + second.longest + use.tail, first.last), ""
            )
            length = model.cp.new_int_var(0, max(0, second.last + second.longest + use.tail - first.first + use.lead), "")
            if least < 0:
                model.cp.add_max_equality(length, [0, end - begin])
            else:
                model.cp.add(length == end - begin)
            intervals.append(model.cp.new_optional_interval_var(begin, length, until, literal, ""))
            demands.append(amount)
    profile, over, greatest = below_greatest(model, term.capacity)
    model.cp.add_cumulative([*intervals, *profile], [*demands, *over], greatest)


def _taken(model: Model, use: LinkUse) -> list[tuple[int, Literal]]:
    """Return each amount that may be taken, with a literal that is true where it is."""
    first, second = model.sessions[use.first], model.sessions[use.second]
    by_amount: dict[int, list[tuple[Literal, Literal]]] = {}
    for row, one in zip(use.amounts, first.choices, strict=True):
        for amount, other in zip(row, second.choices, strict=True):
            by_amount.setdefault(amount, []).append((one, other))
    found: list[tuple[int, Literal]] = []
    for amount, pairs in by_amount.items():
        if amount:
            literal = model.cp.new_bool_var("")
            for one, other in pairs:
                model.cp.add_bool_or([one.negated(), other.negated(), literal])
            found.append((amount, literal))
    return found
