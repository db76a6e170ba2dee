"""Tier by tier to a proved plan, decoded, re-scored by the exact meaning of the terms and checked before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from scheduler import __version__
from scheduler.check import Report, check
from scheduler.engine.blame import blocking_rules
from scheduler.engine.decode import decode
from scheduler.engine.encode import encode
from scheduler.engine.model import Model, Objective
from scheduler.engine.search import Answer, Clock, Limits, Progress, search, stopping_on_ctrl_c
from scheduler.errors import InputError, Issue, SchedulerError
from scheduler.load import Loaded
from scheduler.plan import Plan, Run, TierValue
from scheduler.problem import Problem, compile_problem, placeless
from scheduler.rules import Goal
from scheduler.scenario.schema import Status
from scheduler.scenario.strict_yaml import place_of
from scheduler.terms import Spot

SAFE_TOTAL = 2**31 - 1
"""CP-SAT 9.15 can answer wrongly where the coefficients of an objective add up to more."""

Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one scenario: a status, and a plan with its check where there is one, or why there is none."""

    status: Status
    seconds: float
    plan: Plan | None = None
    report: Report | None = None
    issues: tuple[Issue, ...] = ()
    """Sessions that fit nowhere, each with its place in the file."""
    reason: str = ""
    """Why there is no plan, where no single session is to blame."""


def solve(loaded: Loaded, limits: Limits | None = None, watch: Watch | None = None) -> Outcome:
    """Return the best plan for a scenario that the limits allow, with its bounds, proved where they say so.

    Ctrl-C ends the search and keeps the best plan so far. Raises InputError where weights are too large to compute
    with, SchedulerError where the engine and the exact evaluation or the check disagree.
    """
    clock = Clock(limits or Limits())
    issues = tuple(placeless(loaded))
    if issues:
        return Outcome("infeasible", clock.seconds, issues=issues)
    with stopping_on_ctrl_c(clock):
        return _Tiers(compile_problem(loaded), clock, watch or (lambda progress: None)).solve()


class _Tiers:
    """Solves the tiers of one problem in order; each value, with its slack, limits the tiers after it."""

    def __init__(self, problem: Problem, clock: Clock, watch: Watch) -> None:
        self.problem = problem
        self.clock = clock
        self.watch = watch
        self.model = Model(problem)
        encode(self.model)
        for tier, objective in self.model.objectives.items():
            self._guard(tier, objective)
        self.best: list[Spot | None] | None = None
        self.bounds: dict[int, int] = {}
        self.proved: set[int] = set()
        self.cautious = False

    def solve(self) -> Outcome:
        """Return the outcome over all tiers."""
        tiers: tuple[int | None, ...] = self.problem.tiers or (None,)
        for position, tier in enumerate(tiers, 1):
            answer = self._solve_tier(position, len(tiers), tier)
            if self.best is None:
                return self._without_plan(answer)
            if tier is not None:
                self._limit(tier, self._slack(tier))
            if self.clock.left <= 0:
                break
        else:
            self._win_back_slack()
        return self._with_plan()

    def _win_back_slack(self) -> None:
        """Give back what earlier tiers have paid for nothing: each once more, the others held where they are."""
        if not any(map(self._slack, self.problem.tiers)):
            return
        for tier in self.problem.tiers:
            self._limit(tier, 0)
        for position, tier in enumerate(self.problem.tiers, 1):
            if self.clock.left > 0:
                self._solve_tier(position, len(self.problem.tiers), tier)
                self._limit(tier, 0)

    def _slack(self, tier: int) -> int:
        settings = self.problem.scenario.file.tiers.get(tier)
        return settings.slack if settings else 0

    def _solve_tier(self, position: int, count: int, tier: int | None) -> Answer:
        objective = self.model.objectives[tier] if tier is not None else None

        def watch(value: int | None, bound: int) -> None:
            self.watch(Progress(position, count, value, bound, self.clock.seconds))

        answer = search(self.model.cp, objective, self.clock, watch, cautious=self.cautious)
        if answer.status == cp_model.INFEASIBLE and not self.cautious:
            # An impossibility is said only where two ways lead to it: CP-SAT 9.15 has been wrong about it.
            self.cautious = True
            answer = search(self.model.cp, objective, self.clock, watch, cautious=True)
        if answer.status == cp_model.INFEASIBLE and self.best is not None:
            raise SchedulerError(f"the engine finds tier {tier} impossible with a plan in its hands")
        if answer.found:
            spots = self.model.spots(answer.solver)
            exact = self._verified(spots, tier, answer)
            self.best = spots
            self.model.hint(spots)
            if tier is not None:
                first = tier not in self.bounds  # later, the other tiers narrow what the bound speaks of
                if first:
                    self.bounds[tier] = answer.bound
                if first and exact[tier] == answer.bound:
                    self.proved.add(tier)
                watch(exact.get(tier, 0), answer.bound)
        return answer

    def _verified(self, spots: list[Spot | None], tier: int | None, answer: Answer) -> dict[int, int]:
        """Return the exact points of an assignment, having held the solver's word against them."""
        if not self.problem.admits(spots):
            raise SchedulerError(f"the engine proposes what these rules forbid: {', '.join(_broken(self.problem, spots))}")
        exact = self.problem.values(spots)
        if tier is not None and not answer.bound <= exact[tier] <= answer.value:
            said = f"{answer.bound} to {answer.value}"
            raise SchedulerError(f"tier {tier} is worth {exact[tier]} by its terms; the engine says {said}")
        return exact

    def _limit(self, tier: int, slack: int) -> None:
        """Keep what a tier has reached, give or take the slack, while other tiers are solved."""
        assert self.best is not None
        objective, reached = self.model.objectives[tier], self.problem.values(self.best)[tier]
        if objective.expressions:
            self.model.cp.add(objective.expression <= reached + slack)

    def _guard(self, tier: int, objective: Objective) -> None:
        """Refuse weights that CP-SAT cannot safely add up.

        Raises InputError.
        """
        if objective.largest > SAFE_TOTAL:
            stated = {term.rule for term in self.problem.terms if term.price is not None and term.price.tier == tier}
            rule = next(rule for rule in self.problem.loaded.rules if rule.id in stated)
            section = "goals" if isinstance(rule, Goal) else "rules"
            place = place_of(self.problem.loaded.tree, (section, rule.id))
            message = (
                f"the points of tier {tier} can add up to {objective.largest}; {SAFE_TOTAL} is the most to compute with"
            )
            raise InputError([Issue(place, message, "divide the weights of this tier by their common factor.")])

    def _without_plan(self, answer: Answer) -> Outcome:
        if answer.status == cp_model.MODEL_INVALID:
            raise SchedulerError(f"CP-SAT refuses the model: {self.model.cp.validate()}")
        if answer.status == cp_model.INFEASIBLE:
            reason = "No plan keeps all rules: every session has places of its own, but not all of them together."
            blocking = list(blocking_rules(self.problem, self.clock))
            if blocking:
                reason += f" There would be one without {' or without '.join(blocking)}."
            return Outcome("infeasible", self.clock.seconds, reason=reason)
        what = "It was stopped" if self.clock.stopped else "The time ran out"
        reason = f"{what} before a plan was found, or proved impossible."
        return Outcome("unknown", self.clock.seconds, reason=reason)

    def _with_plan(self) -> Outcome:
        assert self.best is not None
        exact = self.problem.values(self.best)
        proved = all(tier in self.proved or value == self.bounds.get(tier, 0) for tier, value in exact.items())
        tiers = [_tier_value(tier, value, self.bounds.get(tier, 0)) for tier, value in exact.items()]
        plan = decode(self.problem, self.best)
        report = check(self.problem.loaded, plan)
        if not report.clean:
            raise SchedulerError(f"the engine's plan fails the check: {report.findings[0].text}")
        stated = {tier: value for tier, value in report.tiers.items() if value or tier in exact}
        if stated != exact:
            raise SchedulerError(f"the terms value the plan at {exact}, the goals measure {stated}")
        limits = self.clock.limits
        run = Run(release=__version__, seed=limits.seed, workers=limits.workers, seconds=round(self.clock.seconds, 3))
        changes: dict[str, Any] = {
            "status": "optimal" if proved else "feasible",
            "tiers": tiers,
            "figures": report.figures,
            "run": None if limits.deterministic else run,
        }
        plan = plan.model_copy(update=changes)
        return Outcome(plan.status, self.clock.seconds, plan, report)


def _tier_value(tier: int, value: int, bound: int) -> TierValue:
    return TierValue(tier=tier, value=value, bound=bound, gap=round(abs(value - bound) / max(1, abs(value)), 6))


def _broken(problem: Problem, spots: list[Spot | None]) -> list[str]:
    return sorted({term.rule for term in problem.terms if term.price is None and term.measure(spots)})
