"""Cycles of annealing in one part of a problem: how long, how hot, and what a broken rule costs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np

from scheduler.engine.annealing.anneal import anneal, worsenings
from scheduler.engine.annealing.measures import NONE
from scheduler.engine.annealing.state import BROKEN, SOFT, TOO_MUCH, fresh, put, reweigh, start_empty
from scheduler.engine.annealing.tables import flat
from scheduler.problem import Part, Problem
from scheduler.terms import PlacementPrice, Spot

CHUNK = 5_000
"""Proposals made at one temperature, and before anyone may call it off."""

SHORTEST = 4_000
"""Proposals for each session in the shortest cycle."""

SAMPLES = 4_000
"""Proposals from which temperatures are taken."""

COLDEST = 1 / 6
"""The last temperature, as a part of what the mildest of proposals that cost anything do."""

MILD = 2
"""Percent of them that are milder still."""

BREACH = 4.0
"""What a broken rule costs, in first temperatures."""

DEARER = 1.5
"""By how much rules that stay broken while it is cold get dearer after each chunk."""

COLD = 1 / 3
"""Below what part of the first temperature rules are not left broken."""


class Annealing:
    """Anneals one part; the same seed and the same calls give the same plans."""

    def __init__(self, problem: Problem, part: Part, seed: int, movable: int | None = None) -> None:
        """Write the tables; ``movable`` is a session of which cycles may be told to avoid some choices."""
        self._part = part
        self._movable = movable
        if movable is not None:
            anywhere = (0,) * len(problem.candidates.choices[movable])
            kept_away = PlacementPrice(rule="elsewhere", session=movable, by_choice=anywhere)
            part = part._replace(terms=(*part.terms, kept_away))
        self._tables = flat(problem, part)
        self._state = fresh(self._tables, len(problem.names))
        self._seeds = count(seed * 1_000_003)
        self._random = np.random.default_rng(seed)
        self.shortest = SHORTEST * len(part.sessions)
        """Proposals of the shortest cycle that is worth its while."""
        start_empty(self._tables, self._state)
        self._somewhere()

    def _somewhere(self) -> None:
        """Put every session that has to be present at one of its spots, by chance."""
        tables = self._tables
        for session in self._part.sessions:
            first, last = tables.choice_of[session], tables.choice_of[session + 1]
            if tables.needed[session] and first < last:
                choice = int(self._random.integers(first, last))
                spans = tables.ranges[tables.choices[choice, 2] : tables.choices[choice, 2] + tables.choices[choice, 3]]
                begin, step, length = spans[self._random.integers(len(spans))]
                start = begin + step * int(self._random.integers(length))
                put(tables, self._state, session, choice - int(first), int(start))

    def cycle(
        self, tier: int | None, proposals: int, enough: Callable[[int], bool], avoided: frozenset[int] = frozenset()
    ) -> list[Spot | None] | None:
        """Heat up, cool down over so many proposals; return the best assignment met, None where each broke some rule.

        It is for one tier; to earn something in it by paying in an earlier one costs as much as a broken rule. ``enough``
        is asked with the number of proposals made since it was asked before. The movable session has none of the choices
        to be ``avoided``.
        """
        state, tables = self._state, self._tables
        self._avoid(avoided)
        state.best_sums[:] = TOO_MUCH
        hottest, coldest = self._weigh(tier)
        for done in range(0, proposals, CHUNK):
            temperature = hottest * (coldest / hottest) ** (done / proposals)
            anneal(tables, state, next(self._seeds) % 2**32, CHUNK, temperature)
            if state.sums[BROKEN] and temperature < COLD * hottest:
                broken = state.broken[: int(state.sums[BROKEN])]
                state.weights[broken] *= DEARER
                reweigh(tables, state)
            if enough(CHUNK):
                break
        return self._best()

    @property
    def least(self) -> float:
        """What the best assignment of this cycle so far costs in its tier; more than anything where there is none."""
        return float(self._state.best_sums[SOFT]) if self._state.best_sums[BROKEN] == 0 else TOO_MUCH

    def _avoid(self, avoided: frozenset[int]) -> None:
        """Forbid the movable session some choices, by the last term."""
        if self._movable is None:
            return
        choices = range(int(self._tables.choice_of[self._movable]), int(self._tables.choice_of[self._movable + 1]))
        by_choice = int(self._tables.terms[-1, 1]) + 4
        self._tables.data[by_choice : by_choice + len(choices)] = [choice in avoided for choice in range(len(choices))]
        put(self._tables, self._state, self._movable, *map(int, self._state.spots[self._movable, :2]))

    def _best(self) -> list[Spot | None] | None:
        state = self._state
        if state.best_sums[BROKEN] > 0:
            return None
        found: list[Spot | None] = [None] * len(state.best)
        for session in self._part.sessions:
            choice, start, end = map(int, state.best[session])
            found[session] = Spot(choice, start, end) if choice >= 0 else None
        return found

    def _weigh(self, tier: int | None) -> tuple[float, float]:
        """Set what each term costs in a tier; return the temperatures to begin and to end with.

        To begin with, what half of the proposals that cost anything cost at most.
        """
        state, tables = self._state, self._tables
        tiers, weights = tables.terms[:, 2], tables.terms[:, 3]
        hard = tiers == NONE
        state.weights[:] = np.where(tiers == tier, weights, 0) if tier is not None else 0
        state.weights[hard] = 0
        reweigh(tables, state)
        worse = np.zeros(SAMPLES)
        found = worsenings(tables, state, next(self._seeds) % 2**32, worse)
        mildest, median = np.percentile(worse[:found], (MILD, 50)) if found else (1.0, 1.0)
        hottest, coldest = float(median), float(mildest) * COLDEST
        state.weights[hard] = BREACH * hottest
        if tier is not None:
            earlier = ~hard & (tiers < tier)
            state.weights[earlier] = BREACH * hottest * weights[earlier]
        reweigh(tables, state)
        return hottest, coldest
