"""How each kind of term is said to CP-SAT: one file a kind, found by the term's class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from scheduler.engine.encode.cumulative import encode_cumulative
from scheduler.engine.encode.extent import encode_extent
from scheduler.engine.encode.group import encode_group
from scheduler.engine.encode.link import encode_link
from scheduler.engine.encode.placement import encode_placement_price
from scheduler.engine.encode.ranks import encode_ranks
from scheduler.engine.encode.relation import encode_relation
from scheduler.engine.encode.sequence import encode_sequence
from scheduler.engine.encode.tally import encode_tally
from scheduler.engine.encode.total import encode_total
from scheduler.engine.encode.tour import encode_tour
from scheduler.engine.model import Model
from scheduler.errors import SchedulerError
from scheduler.terms import (
    Cumulative,
    Extent,
    Group,
    Link,
    PlacementPrice,
    Ranks,
    Relation,
    Sequence,
    Tally,
    Term,
    Total,
    Tour,
)

_ENCODINGS: dict[type[Term], Callable[[Model, Any], None]] = {
    Cumulative: encode_cumulative,
    Extent: encode_extent,
    Group: encode_group,
    Link: encode_link,
    PlacementPrice: encode_placement_price,
    Ranks: encode_ranks,
    Relation: encode_relation,
    Sequence: encode_sequence,
    Tally: encode_tally,
    Total: encode_total,
    Tour: encode_tour,
}


def _can_reward(term: Term) -> bool:
    """Return whether the price of a kind of term may be below 0: its encoding says the measure exactly, not at least."""
    return isinstance(term, Tally) and term.what == "pairs" and term.least == term.most == 0


def encode(model: Model, terms: Iterable[Term] | None = None) -> None:
    """Say terms of its part, all where they are not given, to the model.

    Raises SchedulerError for a kind of term that no encoding is written for, and for a reward that it cannot bear.
    """
    for term in model.part.terms if terms is None else terms:
        encoding = _ENCODINGS.get(type(term))
        if encoding is None:
            raise SchedulerError(f"the rule {term.rule} states a {type(term).__name__}, which the engine cannot encode")
        if term.price is not None and term.price.weight < 0 and not _can_reward(term):
            raise SchedulerError(f"the rule {term.rule} states a reward for a {type(term).__name__}, which can only cost")
        encoding(model, term)
