"""A linear relaxation of one tier of a part: what of each term can be said without products, and what that proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.engine.relaxation.counts import state_tally
from scheduler.engine.relaxation.groups import Least
from scheduler.engine.relaxation.pairs import state_relation
from scheduler.engine.relaxation.places import Places, times
from scheduler.engine.relaxation.program import LARGEST, Linear, Program
from scheduler.engine.relaxation.resources import state_cumulative, state_halls, state_link, state_sequence
from scheduler.engine.relaxation.single import (
    Measured,
    state_extent,
    state_group,
    state_placement_price,
    state_total,
)
from scheduler.engine.relaxation.tours import state_tour
from scheduler.engine.relaxation.words import Contention, contended, too_much
from scheduler.problem import Part, Problem
from scheduler.terms import (
    Cumulative,
    Extent,
    Group,
    Link,
    PlacementPrice,
    Price,
    Relation,
    Sequence,
    Tally,
    Term,
    Total,
    Tour,
)

_STATEMENTS: dict[type[Term], Callable[[Places, Any], Linear]] = {
    Cumulative: state_cumulative,
    Link: state_link,
    Relation: state_relation,
    Sequence: state_sequence,
    Tally: state_tally,
    Tour: state_tour,
}
_SINGLE: dict[type[Term], Callable[[Places, Any], Measured]] = {
    Extent: state_extent,
    Group: state_group,
    PlacementPrice: state_placement_price,
    Total: state_total,
}


class Fineness(NamedTuple):
    """How finely a part is stated.

    ``share``: of its length, how far apart the starts of one span of a session may lie. ``arcs``: those of one pair of
    visits, at most. ``most``: numbers in all rows.
    """

    share: float = 0.5
    arcs: int = 4_000
    most: int = 700_000


class Relaxation:
    """The relaxation of one tier of a part.

    ``limits`` are what tiers that are done may be worth.

    Raises TooLarge where it has more numbers than are granted.
    """

    def __init__(
        self,
        problem: Problem,
        part: Part,
        tier: int,
        fineness: Fineness,
        limits: Mapping[int, int] | None = None,
    ) -> None:
        self.program = Program(fineness.most)
        self.terms = part.terms
        self.tier = tier
        self.places = Places(problem, part, self.program, fineness.share, fineness.arcs)
        limits = {done: most for done, most in (limits or {}).items() if done != tier}
        prices: dict[int, tuple[Linear, int]] = {}
        for number, term in enumerate(self.terms):
            self.program.label = number
            if term.price is None or term.price.tier == tier or term.price.tier in limits:
                prices[number] = self._state(term)
        state_halls(self.places, {number: term for number, term in enumerate(self.terms) if isinstance(term, Sequence)})
        self.program.label = -1
        self._weighed = {number: prices[number] for number in prices if self.terms[number].price is not None}
        self._rests: dict[int, Linear] = {}
        for number, (measure, constant) in self._weighed.items():
            tier_of, weight = self.terms[number].price or (0, 0)
            if tier_of == tier:
                self.program.cost(measure, weight)
                self.program.constant += weight * constant
        for done, reached in limits.items():
            self._limit(done, reached)

    def _state(self, term: Term) -> Measured:
        single = _SINGLE.get(type(term))
        if single is not None:
            return single(self.places, term)
        statement = _STATEMENTS.get(type(term))
        return (statement(self.places, term) if statement is not None else [], 0)

    def _limit(self, done: int, reached: int) -> None:
        """Say that a tier which is done is worth no more than it has reached."""
        row, constant = self._sum(number for number in self._weighed if self._price(number).tier == done)
        if row:
            self.program.row(times(row, -1), constant - reached)

    def join(self, groups: Iterable[Least]) -> None:
        """Say that terms cost at least so much together, by what is said of them or is not."""
        self.program.most = LARGEST  # a few more numbers are not too many
        for group in groups:
            row, constant = self._sum(group.terms)
            unsaid = [part for number in sorted(group.terms) for part in self._unsaid(number)]
            self.program.row([*row, *unsaid], group.points - constant)

    def _unsaid(self, number: int) -> Linear:
        """Return the points of a term that its statement does not say; of a price of places it says nearly all."""
        if number not in self._rests:
            self._rests[number] = self.program.measure()
            self.program.cost(self._rests[number], 1)
        return self._rests[number]

    def _sum(self, numbers: Iterable[int]) -> Measured:
        """Return the points of some terms."""
        row: Linear = []
        constant = 0
        for number in sorted(numbers):
            (measure, own), weight = self._weighed[number], self._price(number).weight
            row += times(measure, weight)
            constant += weight * own
        return row, constant

    def _price(self, number: int) -> Price:
        price = self.terms[number].price
        assert price is not None
        return price

    def why(self, problem: Problem, multipliers: npt.NDArray[np.float64]) -> str:
        """Return in words what a certificate says: which rules contend, when, and whose sessions."""
        labels, sessions = self.program.labels(), list(self.places.sessions)
        contentions = []
        used = self.program.used(multipliers)
        for number in sorted(used, key=lambda number: (-used[number].excess, number)):
            use = used[number]
            rule = self.terms[number].rule if number >= 0 else "what earlier tiers have reached"
            dearest = sorted(use.needs, key=lambda k: (-use.needs[k], k))
            one = Contention(rule, use.begin, use.end, [sessions[k] for k in dearest], use.share)
            if use.excess > 0 and self.program.proved(np.where(labels == number, multipliers, 0.0), priced=False) > 0:
                return too_much(problem, one)  # it alone proves it: the others are not needed to see it
            contentions.append(one)
        return contended(problem, contentions)

    @property
    def unit(self) -> int:
        """Return what the points of the tier are a multiple of."""
        weights = [abs(term.price.weight) for term in self.terms if term.price is not None and term.price.tier == self.tier]
        return gcd(*weights) or 1


def merged(terms: Iterable[Term]) -> list[Term]:
    """Return terms in which tours that say the same are one, of the weight of all."""
    tours: dict[object, Tour] = {}
    found: list[Term] = []
    for term in terms:
        if isinstance(term, Tour) and term.price is not None:
            key = (term.visits, term.step, term.cells, term.price.tier)
            before = tours.get(key)
            weight = term.price.weight + (before.price.weight if before is not None and before.price is not None else 0)
            tours[key] = replace(term, price=Price(term.price.tier, weight))
        else:
            found.append(term)
    return [*found, *tours.values()]
