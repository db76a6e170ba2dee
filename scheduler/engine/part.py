"""The search in one part of a problem: a first plan, better ones nearby, and a proof or a bound."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from scheduler.engine.annealing.compiled import AVAILABLE
from scheduler.engine.basins import Basins
from scheduler.engine.encode import encode
from scheduler.engine.first import anneal_once, large, place_all
from scheduler.engine.improve import Improver
from scheduler.engine.model import Model, Objective
from scheduler.engine.relaxation import bound, overloaded
from scheduler.engine.repair import Begun, mended
from scheduler.engine.search import Answer, Clock, Watch, Way, search
from scheduler.errors import SchedulerError
from scheduler.plan import BoundKind
from scheduler.problem import Part, Problem
from scheduler.terms import Spot, holds, tier_values

if TYPE_CHECKING:
    from scheduler.engine.annealing.cycles import Annealing

LEAST = 0.5
"""Seconds (units of work) that another round is worth."""

FIRST_SHARE = 0.05
"""Of the time of a tier, what the quick way may take before neighbourhoods are tried."""

BOUND_SHARE = 0.2
"""Of the time of a tier, what bounds may take that the solver's model does not find by itself."""

BOUND_SECONDS = 6.0
"""Seconds (units of work) that they may take in any case, up to half of the time: on a busy machine less is in vain."""

MODEL_SESSIONS = 300
"""Sessions of a part from which on the model's own bound is far behind: more is tried for another one."""

PLACE_SHARE = 0.3
"""Of the time of a tier, what the search for any plan may take after the quick way has found none."""

ROUND_SHARE = 0.4
"""Of the time that is left, what neighbourhoods may take in one round, and what the proof may take after them."""

PROPOSAL = 5e-6
"""Units of work that a proposal of the annealing is counted as."""

STILL, STILL_SHARE = 8.0, 0.5
"""Seconds for which a bound stands still, and their part of the time it moved in, before its core improves plans too."""

UNMOVED_SHARE = 0.25
"""Of the time of a tier, what the proof may take before its bound moves at all."""


class PartSearch:
    """Searches one part tier by tier: its model, its best assignment, its bound by tier."""

    def __init__(self, problem: Problem, part: Part) -> None:
        self.problem = problem
        self.part = part
        self.best: list[Spot | None] | None = None
        prices = Model(problem, part)
        encode(prices, (term for term in part.terms if term.price is not None))
        self.bounds = {tier: objective.least for tier, objective in prices.objectives.items()}
        """Of each tier what its points are never below; at first what no assignment can be below."""
        self.greatest = {tier: objective.largest for tier, objective in prices.objectives.items()}
        """Of each tier what its coefficients can add up to."""
        self.bound_by: dict[int, BoundKind] = {}
        """What proves the bound of a tier, where it is not the model."""
        self.impossible = ""
        """Why there is no plan, where arithmetic has proved it."""
        self.status: cp_model.CpSolverStatus = cp_model.UNKNOWN
        self._encoded: set[int] = set()
        self._reached: set[int] = set()
        """Tiers in which the bound was reached, whatever slack has been spent since."""
        self._limits: dict[int, int] = {}
        """What each tier that is done may be worth at most."""
        self._relaxed: set[tuple[int, bool]] = set()
        """Tiers for which bounds without the model have been looked for, and whether further."""
        self._cautious = False
        self.basins = Basins(problem, part)
        self.rounds: defaultdict[int, Iterator[int]] = defaultdict(count)
        """Numbers the rounds of the improvers of a tier."""
        self.long_pays = False
        """Whether the best assignment was found by a cycle of annealing that is longer than the shortest."""
        self.pace: float | None = None
        """Proposals of the annealing in a second (a unit of work)."""
        self._improvers: dict[tuple[int, int], Improver] = {}
        self._annealing: dict[int, Annealing] = {}
        self._turn = threading.Lock()
        """Whose turn it is with the best assignment and its hint, where two cores improve."""

    @cached_property
    def model(self) -> Model:
        """The solver's model of the part: hard terms, and the limits of tiers that are done."""
        model = Model(self.problem, self.part)
        encode(model, (term for term in self.part.terms if term.price is None))
        for tier, most in self._limits.items():
            model.cp.add(self._stated(model, tier).expression <= most)
        if self.best is not None:
            model.hint(self.best)
        return model

    @property
    def _modelled(self) -> bool:
        return "model" in vars(self)

    def value(self, tier: int) -> int | None:
        """Return the exact points of the best assignment, None where there is none yet."""
        return tier_values(self.part.terms, self.best).get(tier, 0) if self.best is not None else None

    def proved(self, tier: int | None) -> bool:
        """Return whether the best assignment is known to be as good as any in a tier."""
        if self.best is None:
            return self.status == cp_model.INFEASIBLE
        return tier is None or tier in self._reached or self.value(tier) == self.bounds.get(tier, 0)

    def begin(self, tier: int | None, start: Begun, clock: Clock) -> None:
        """Begin from a plan, mended where it breaks hard terms; where that is not possible, from nothing."""
        found = mended(self.problem, self.part, tier, start, clock)
        if found is not None:
            self.require_allowed(found)
            self.best = found
            if self._modelled:
                self.model.hint(found)

    def put_back_holds(self) -> None:
        """Keep every hold that the best assignment displaces for nobody: an unproved one may."""
        for name in self.problem.scenario.displaceable:
            number = self.problem.candidates.numbers[name]
            if self.best is not None and number in self.part.sessions and self.best[number] is None:
                kept = [*self.best]
                kept[number] = next(self.problem.spots(number))
                if holds((term for term in self.part.terms if number in term.members), kept):
                    self.best = kept

    def limit(self, tier: int, slack: int) -> None:
        """Keep what a tier has reached, give or take the slack, while other tiers are solved."""
        reached = self.value(tier)
        if reached is None or not self._priced(tier):
            return
        self._limits[tier] = reached + slack
        if self._modelled:
            self.model.cp.add(self._objective(tier).expression <= reached + slack)

    def search(self, tier: int | None, clock: Clock, watch: Watch, seconds: float, *, again: bool = False) -> None:
        """Look for a better assignment in a tier; ``again`` where other tiers have narrowed what a bound would speak of."""
        if tier is not None and not self._priced(tier) and self.best is not None:
            self.status = cp_model.OPTIMAL
            return
        ends = clock.left - seconds
        self.status = cp_model.UNKNOWN
        if self.settled(tier, clock, again):  # it began from a plan, or a tier before left nothing to be desired
            if tier is not None and self.value(tier) == self.bounds.get(tier):
                self._reached.add(tier)
            return
        self.impossible = overloaded(self.problem, self.part) if self.best is None else ""
        if self.impossible:
            self.status = cp_model.INFEASIBLE
            return
        if self.best is None and not self._modelled and large(self.part):
            anneal_once(self, tier, clock, clock.left - seconds * PLACE_SHARE)
            if self.settled(tier, clock, again):
                return
        objective = self._objective(tier) if tier is not None else None
        self._take(self._call(objective, clock, watch, Way.QUICK, seconds * FIRST_SHARE), tier, again)
        if self.settled(tier, clock, again):
            return
        if self.best is None and self.status == cp_model.UNKNOWN:
            self._relax(tier, clock, seconds * BOUND_SHARE)
            if self.impossible:
                return
            place_all(self, tier, clock, clock.left - seconds * PLACE_SHARE)
        if tier is None or self.best is None or objective is None:
            self._take(self._call(objective, clock, watch, Way.THOROUGH, clock.left - ends), tier, again)
        elif clock.limits.workers > 1 and not clock.limits.deterministic:
            self._improve_and_prove(tier, objective, clock, watch, ends, again)
        else:
            self._improve_then_prove(tier, objective, clock, watch, ends, again)

    def _improve_then_prove(
        self, tier: int, objective: Objective, clock: Clock, watch: Watch, ends: float, again: bool
    ) -> None:
        """Take turns between better plans and the proof until ``ends`` is what the clock has left."""
        improver = self._improver(tier, 0, clock, alone=True)
        if not again:
            self._relax_further(tier, clock, ends)
        while not self.settled(tier, clock, again) and clock.left > ends + LEAST:
            turn = clock.left - (clock.left - ends) * ROUND_SHARE
            improver.improve(clock, watch, turn, lambda: self.settled(tier, clock, again))
            left = clock.left - ends
            share = left * ROUND_SHARE if left > 10 * LEAST else left
            self._take(self._call(objective, clock, watch, Way.PROOF, share), tier, again)

    def _improve_and_prove(
        self, tier: int, objective: Objective, clock: Clock, watch: Watch, ends: float, again: bool
    ) -> None:
        """Have the solver prove on one core what another one improves; once its bound stands still, improve on both."""
        here, there = (self._improver(tier, core, clock, alone=False) for core in (0, 1))
        proof, done = self.model.cp.clone(), threading.Event()
        began = moved = clock.seconds
        unmoved = UNMOVED_SHARE * (clock.left - ends)

        def note(value: int | None, bound: int) -> None:
            nonlocal moved
            if bound > self.bounds[tier]:
                moved = clock.seconds
                if not again:
                    self._raise(tier, bound, "model")

        def enough() -> bool:
            patience = max(STILL, STILL_SHARE * (moved - began)) if moved > began else unmoved
            return done.is_set() or (not again and clock.seconds - moved > patience)

        def over() -> bool:
            return done.is_set() or self.settled(tier, clock, again)

        def prove_then_improve() -> None:
            nonlocal began, moved
            if not again:
                self._relax_further(tier, clock, ends)
                began = moved = clock.seconds
            answer = search(proof, objective, clock, note, Way.PROOF, clock.left - ends, None, enough)
            if answer.status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):  # said of a plan in our hands: ask again
                answer = self._call(objective, clock, note, Way.PROOF, clock.left - ends)
            self._take(answer, tier, again)
            there.improve(clock, lambda value, bound: None, ends + LEAST, over)

        with ThreadPoolExecutor(1) as other_core:
            working = other_core.submit(prove_then_improve)
            try:
                here.improve(clock, watch, ends + LEAST, lambda: working.done() or over())
            finally:
                done.set()
            working.result()

    def _improver(self, tier: int, core: int, clock: Clock, alone: bool) -> Improver:
        if (tier, core) not in self._improvers:
            self._improvers[tier, core] = Improver(self, tier, core, clock.limits.seed, alone)
        return self._improvers[tier, core]

    def _raise(self, tier: int, found: int, by: BoundKind) -> None:
        """Note a bound of a tier where it is higher than what is known."""
        if found > self.bounds[tier]:
            self.bounds[tier] = found
            self.bound_by[tier] = by

    def _relax(self, tier: int | None, clock: Clock, seconds: float, *, further: bool = False) -> None:
        """Look for a bound without the solver's model, or for a proof that there is no plan; once in a tier.

        ``further``, for a higher one, which takes longer.
        """
        if tier is None or (tier, further) in self._relaxed:
            return
        self._relaxed.add((tier, further))
        known, limits = self.bounds.get(tier, 0), dict(self._limits)
        found = bound(self.problem, self.part, tier, clock, seconds, known=known, limits=limits, quick=not further)
        if found.impossible and self.best is not None:
            raise SchedulerError(f"arithmetic finds tier {tier} impossible with a plan in its hands: {found.impossible}")
        if found.impossible:
            self.impossible, self.status = found.impossible, cp_model.INFEASIBLE
        else:
            self._raise(tier, found.value, found.kind)

    def _relax_further(self, tier: int, clock: Clock, ends: float) -> None:
        """Look for a bound, and where the model's own is far behind, for a higher one."""
        further = len(self.part.sessions) >= MODEL_SESSIONS
        left = clock.left - ends
        self._relax(tier, clock, max(left * BOUND_SHARE, min(left / 2, BOUND_SECONDS)), further=further)

    def settled(self, tier: int | None, clock: Clock, again: bool = False) -> bool:
        """Return whether nothing more is asked of a tier: it is proved, impossible, within the gap, or the time is up.

        ``again``, bounds speak of what other tiers allowed before: then it is the solver's last word that counts.
        """
        if clock.left <= 0 or (clock.left <= LEAST and self.best is not None):
            return True
        if again:
            return self.status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        value = self.value(tier) if tier is not None else None
        within = value is not None and value - self.bounds.get(tier or 0, 0) <= clock.limits.gap * max(1, abs(value))
        return within or self.proved(tier)

    def _objective(self, tier: int) -> Objective:
        """Return the points of a tier; its terms are encoded when it is their turn, for they slow the tiers before."""
        model = self.model
        if tier not in self._encoded:
            self._stated(model, tier)
            if self.best is not None:
                model.hint(self.best)
        return model.objectives[tier]

    def _stated(self, model: Model, tier: int) -> Objective:
        self._encoded.add(tier)
        encode(model, (term for term in self.part.terms if term.price is not None and term.price.tier == tier))
        return model.objectives[tier]

    def _priced(self, tier: int) -> bool:
        """Return whether anything costs something in a tier."""
        return any(term.price is not None and term.price.tier == tier for term in self.part.terms)

    def _call(self, objective: Objective | None, clock: Clock, watch: Watch, way: Way, seconds: float) -> Answer:
        """Ask the solver; an impossibility is said only where two ways lead to it, for CP-SAT 9.15 has been wrong."""
        answer = search(self.model.cp, objective, clock, watch, Way.CAUTIOUS if self._cautious else way, seconds)
        if answer.status == cp_model.INFEASIBLE and not self._cautious:
            self._cautious = True
            answer = search(self.model.cp, objective, clock, watch, Way.CAUTIOUS, clock.left)
        if answer.status == cp_model.MODEL_INVALID:
            raise SchedulerError(f"CP-SAT refuses the model: {self.model.cp.validate()}")
        return answer

    def _take(self, answer: Answer, tier: int | None, again: bool) -> None:
        """Keep what the solver has found, having held its word against the exact meaning of the terms."""
        self.status = answer.status
        if answer.status == cp_model.INFEASIBLE and self.best is not None:
            raise SchedulerError(f"the engine finds tier {tier} impossible with a plan in its hands")
        if answer.found:
            spots = self.model.spots(answer.solver)
            self._verify(spots, tier, answer)
            with self._turn:
                before = self.value(tier) if tier is not None else None
                if before is None or before >= (tier_values(self.part.terms, spots).get(tier or 0, 0)):
                    self.best = spots
                    self.model.hint(spots, answer.solver)
        if tier is not None and not again and answer.status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._raise(tier, answer.bound, "model")
        if tier is not None and self.best is not None and self.value(tier) == self.bounds.get(tier):
            self._reached.add(tier)

    def require_allowed(self, spots: list[Spot | None]) -> None:
        """Raise SchedulerError where an assignment breaks hard terms."""
        if not holds(self.part.terms, spots):
            broken = sorted({term.rule for term in self.part.terms if term.price is None and term.measure(spots)})
            raise SchedulerError(f"the engine proposes what these rules forbid: {', '.join(broken)}")

    def _verify(self, spots: list[Spot | None], tier: int | None, answer: Answer) -> None:
        self.require_allowed(spots)
        exact = tier_values(self.part.terms, spots)
        if tier is not None and not answer.bound <= exact.get(tier, 0) <= answer.value:
            said = f"{answer.bound} to {answer.value}"
            raise SchedulerError(f"tier {tier} is worth {exact.get(tier, 0)} by its terms; the engine says {said}")

    def annealer(self, core: int, seed: int) -> Annealing | None:
        """Return what anneals this part on a core, None where nothing can be compiled or the part has no flat form.

        What it needs takes a third of a second to load: it is loaded where it is wanted.
        """
        if core not in self._annealing and AVAILABLE:
            from scheduler.engine.annealing.cycles import Annealing
            from scheduler.engine.annealing.tables import sayable

            if sayable(self.part):
                self._annealing[core] = Annealing(self.problem, self.part, 2 * seed + core, self.basins.session)
        return self._annealing.get(core)

    def annealed(
        self,
        annealing: Annealing,
        tier: int | None,
        proposals: int,
        clock: Clock,
        over: Callable[[], bool],
        avoided: frozenset[int] = frozenset(),
    ) -> list[Spot | None] | None:
        """Return the plan of a cycle of so many proposals, None where none keeps what earlier tiers reached."""

        def enough(made: int) -> bool:
            clock.spent += made * PROPOSAL
            return over()

        began = clock.left
        spots = annealing.cycle(tier, proposals, enough, avoided)
        if not over():
            self.pace = proposals / max(began - clock.left, 1e-3)
        if spots is None:
            return None
        self.require_allowed(spots)
        values = tier_values(self.part.terms, spots)
        if any(values.get(earlier, 0) > most for earlier, most in self._limits.items() if earlier != tier):
            return None
        self.keep(tier or 0, spots, None, long=proposals > annealing.shortest)
        return spots

    def keep(self, tier: int, spots: list[Spot | None], solver: cp_model.CpSolver | None, *, long: bool = False) -> None:
        """Make an assignment the best where it is better; ``solver`` has found it, if one has, or a ``long`` cycle."""
        with self._turn:
            value = self.value(tier)
            if value is None or tier_values(self.part.terms, spots).get(tier, 0) < value:
                self.best, self.long_pays = spots, long
                if self._modelled:
                    self.model.hint(spots, solver)

    def near(
        self,
        tier: int,
        spots: list[Spot | None],
        free: Iterable[int],
        clock: Clock,
        ends: float,
        work: float,
        worse: int | None = None,
    ) -> tuple[list[Spot | None], Answer]:
        """Return an assignment that differs in some sessions only: a better one, the best there is, or ``spots`` itself.

        With ``worse``, any at all that is worse by no more than that.
        """
        objective, value = self.model.objectives[tier], tier_values(self.part.terms, spots).get(tier, 0)
        with self._turn:
            copy = self.model.fixed(spots, set(self.part.sessions) - set(free))
        copy.add(objective.expression <= value + (worse or 0))
        wanted = objective if worse is None else None
        answer = search(copy, wanted, clock, lambda value, bound: None, Way.NEARBY, clock.left - ends, work)
        if not answer.found:
            return spots, answer
        found = self.model.spots(answer.solver)
        self._verify(found, tier if worse is None else None, answer._replace(bound=self.bounds.get(tier, 0)))
        return found, answer
