"""Better plans for one part in one tier: a plan elsewhere, then one better plan nearby after the other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from scheduler.engine.neighbourhoods import Neighbourhoods
from scheduler.engine.search import Clock, Watch
from scheduler.terms import Spot, tier_values

if TYPE_CHECKING:
    from scheduler.engine.part import PartSearch

NEARBY_WORK = 0.3
"""Units of the solver's work for one neighbourhood, half a second or so; more in later rounds, which have larger ones."""

WORTH = 4.0
"""Seconds (units of work) without a gain after which a descent is over."""

LONGEST = 2.0
"""How many times as long as its cycle of annealing a descent takes at most."""

WORSE = 0.05
"""By what part of its value a plan may be worse from which another descent begins."""

PATIENCE = 40
"""Neighbourhoods without a gain after which a descent is over."""


class Improver:
    """Improves the plans of a search on one core. Those of two cores share the best plan and where they have been."""

    def __init__(self, search: PartSearch, tier: int, core: int, seed: int, alone: bool) -> None:
        """Begin with ``seed`` on a core; ``alone`` where no other one improves."""
        self._search = search
        self._tier = tier
        self._core = core
        self._long = cycle((True, False) if alone else (core == 0,))
        """Whether the next cycle of the annealing is to be longer than those before."""
        self._nearby = Neighbourhoods(search.problem, search.part, tier, 2 * seed + core)

    def improve(self, clock: Clock, watch: Watch, ends: float, over: Callable[[], bool]) -> None:
        """Find plans elsewhere and descend from each, until ``ends`` is what the clock has left or it is over."""

        def stop() -> bool:
            return clock.left <= ends or over()

        while not stop():
            began = clock.left
            here = self._elsewhere(clock, ends, stop)
            self._show(watch)
            longest = LONGEST * max(began - clock.left, WORTH)
            here = self._descend(here, clock, watch, max(ends, clock.left - longest), stop)
            self._search.basins.note(here)
            self._nearby.widen()

    def _value(self, spots: list[Spot | None]) -> int:
        return tier_values(self._search.part.terms, spots).get(self._tier, 0)

    def _show(self, watch: Watch) -> None:
        watch(self._search.value(self._tier), self._search.bounds.get(self._tier, 0))

    def _descend(
        self,
        here: list[Spot | None],
        clock: Clock,
        watch: Watch,
        ends: float,
        stop: Callable[[], bool],
    ) -> list[Spot | None]:
        """Let some sessions of a plan go and place them better, again and again; return where that ends."""
        in_vain, until = 0, clock.left - WORTH
        while clock.left > max(until, ends) and in_vain < PATIENCE and not stop():
            value = self._value(here)
            kind, free = self._nearby.draw(here)
            work = NEARBY_WORK * self._nearby.width
            here, answer = self._search.near(self._tier, here, free, clock, ends, work)
            gained = value - self._value(here)
            in_vain, until = (0, clock.left - WORTH) if gained else (in_vain + 1, until)
            self._nearby.learn(kind, gained, answer.status in (cp_model.OPTIMAL, cp_model.INFEASIBLE))
            self._search.keep(self._tier, here, answer.solver if answer.found else None)
            self._show(watch)
        return here

    def _elsewhere(self, clock: Clock, ends: float, stop: Callable[[], bool]) -> list[Spot | None]:
        """Return a plan to descend from: annealed where none has been, or else one that differs in many sessions."""
        best = self._search.best
        assert best is not None
        annealing = self._search.annealer(self._core, clock.limits.seed)
        if annealing is not None:
            proposals = self._proposals(annealing.shortest, clock.left - ends - WORTH)
            if proposals == 0:
                return best
            avoided = self._search.basins.avoided()
            found = self._search.annealed(annealing, self._tier, proposals, clock, stop, avoided)
            return best if found is None else found
        if not self._nearby.exhausted:
            return best
        worse = max(1, int(self._value(best) * WORSE))
        _, free = self._nearby.draw(best)
        found, answer = self._search.near(self._tier, best, free, clock, ends, NEARBY_WORK, worse)
        self._search.keep(self._tier, found, answer.solver if answer.found else None)
        return found

    def _proposals(self, shortest: int, seconds: float) -> int:
        """Return how long a cycle is to be: twice the one before, or all that the time allows where two would not fit.

        A cycle that is cut short is worth nothing, and one long one more than two that are half as long; but where long
        ones have led no further than short ones and what is nearby, many short ones are worth more. 0 where none fits.
        """
        wanted = shortest
        if next(self._long) or self._search.long_pays:
            wanted <<= next(self._search.rounds[self._tier])
        if self._search.pace is None:
            return wanted
        most = int(self._search.pace * seconds)
        if most >= 2 * wanted or (wanted == shortest and most >= wanted):
            return wanted
        return most if most > shortest / 2 else 0
