"""Tier by tier to a proved plan, decoded, re-scored by the exact meaning of the terms and checked before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from scheduler import __version__
from scheduler.check import Report, check
from scheduler.engine.decode import decode
from scheduler.engine.kernel import EXPLAINED, short_reason
from scheduler.engine.part import PartSearch
from scheduler.engine.relaxation import why_impossible
from scheduler.engine.repair import begun
from scheduler.engine.search import Clock, Limits, Progress, stopping_on_ctrl_c
from scheduler.errors import InputError, Issue, SchedulerError
from scheduler.legs import legs
from scheduler.load import Loaded
from scheduler.plan import BoundKind, Plan, Run, TierValue
from scheduler.problem import Problem, compile_problem, parts, placeless, places_left, whole
from scheduler.rules import Goal
from scheduler.scenario.schema import Status
from scheduler.scenario.strict_yaml import place_of
from scheduler.terms import Spot

SAFE_TOTAL = 2**31 - 1
"""CP-SAT 9.15 can answer wrongly where the coefficients of an objective add up to more."""

WORDS = 3.0
"""Seconds (units of work) spent on saying by arithmetic why there is no plan."""

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
    first_plan: float | None = None
    """Seconds until the first tier was settled and its plan had passed the check."""


def solve(
    loaded: Loaded,
    limits: Limits | None = None,
    watch: Watch | None = None,
    start: Plan | None = None,
    problem: Problem | None = None,
) -> Outcome:
    """Return the best plan for a scenario that the limits allow, with its bounds, proved where they say so.

    The search begins from ``start``, a plan for this scenario or another version of it, mended where it breaks rules.
    ``problem`` is what the scenario poses, where it is compiled already.

    Ctrl-C ends the search and keeps the best plan so far. Raises InputError where weights are too large to compute
    with, SchedulerError where the engine and the exact evaluation or the check disagree.
    """
    clock = Clock(limits or Limits())
    places = places_left(loaded) if problem is None else None
    issues = tuple(placeless(loaded, places)) if places is not None else ()
    if issues:
        return Outcome("infeasible", clock.seconds, issues=issues, reason=EXPLAINED)
    with stopping_on_ctrl_c(clock):
        posed = compile_problem(loaded, places) if problem is None else problem
        return _Tiers(posed, clock, watch or (lambda progress: None)).solve(start)


class _Tiers:
    """Solves the tiers of one problem in order; each value, with its slack, limits the tiers after it."""

    def __init__(self, problem: Problem, clock: Clock, watch: Watch) -> None:
        self.problem = problem
        self.clock = clock
        self.watch = watch
        # Slack may be spent anywhere: it joins the parts.
        divided = [whole(problem)] if any(map(self._slack, problem.tiers)) else parts(problem)
        self.searches = [PartSearch(problem, part) for part in divided]
        for one in self.searches:  # weights are refused before anything is solved
            for tier, greatest in one.greatest.items():
                self._guard(tier, greatest)
        self.first: float | None = None
        """Seconds until the first tier was settled and its plan had passed the check."""

    def solve(self, start: Plan | None = None) -> Outcome:
        """Return the outcome over all tiers; the search begins from a plan, where one is given."""
        tiers: tuple[int | None, ...] = self.problem.tiers or (None,)
        if start is not None:
            from_plan = begun(self.problem, start)
            for one in self.searches:
                one.begin(tiers[0], from_plan, self.clock)
        for position, tier in enumerate(tiers, 1):
            self._solve_tier(position, len(tiers), tier)
            without = [one for one in self.searches if one.best is None]
            if without:
                return self._without_plan(without)
            if self.first is None:
                self.first = self._checked_seconds()
            if tier is not None:
                self._limit(tier, self._slack(tier))
            if self.clock.left <= 0:
                break
        else:
            self._win_back_slack()
        return self._with_plan()

    def _checked_seconds(self) -> float:
        """Return when the plan of the first tier has passed the check."""
        self._checked(self._spots())
        return self.clock.seconds

    def _win_back_slack(self) -> None:
        """Give back what earlier tiers have paid for nothing: each once more, the others held where they are."""
        if not any(map(self._slack, self.problem.tiers)):
            return
        for tier in self.problem.tiers:
            self._limit(tier, 0)
        for position, tier in enumerate(self.problem.tiers, 1):
            if self.clock.left > 0:
                self._solve_tier(position, len(self.problem.tiers), tier, again=True)
                self._limit(tier, 0)

    def _slack(self, tier: int) -> int:
        settings = self.problem.scenario.file.tiers.get(tier)
        return settings.slack if settings else 0

    def _solve_tier(self, position: int, count: int, tier: int | None, *, again: bool = False) -> None:
        """Search every part, each for its share of the time that is left, and those that are not settled once more."""
        unsettled = self.searches
        while unsettled and self.clock.left > 0:
            for number, one in enumerate(unsettled):
                watch = self._watching(position, count, tier, one)
                one.search(tier, self.clock, watch, self.clock.left / (len(unsettled) - number), again=again)
                if one.best is not None:
                    watch(one.value(tier or 0), one.bounds.get(tier or 0, 0))
                elif one.status == cp_model.INFEASIBLE:
                    return
            unsettled = [one for one in unsettled if not one.settled(tier, self.clock, again)]
        for one in self.searches:
            one.put_back_holds()

    def _watching(self, position: int, count: int, tier: int | None, one: PartSearch) -> Callable[[int | None, int], None]:
        """Return what shows the state of all parts while one of them is searched."""
        others = [(part.value(tier or 0), part.bounds.get(tier or 0, 0)) for part in self.searches if part is not one]

        def watch(value: int | None, bound: int) -> None:
            values = [one.value(tier or 0) if value is None else value, *(found for found, _ in others)]
            total = None if None in values else sum(found for found in values if found is not None)
            reached = max(bound, one.bounds.get(tier or 0, 0)) + sum(found for _, found in others)
            self.watch(Progress(position, count, total, reached, self.clock.seconds))

        return watch

    def _limit(self, tier: int, slack: int) -> None:
        for one in self.searches:
            one.limit(tier, slack)

    def _spots(self) -> list[Spot | None]:
        """Return the best assignment of all parts together."""
        found: list[Spot | None] = [None] * len(self.problem.names)
        for one in self.searches:
            for session in one.part.sessions if one.best is not None else ():
                found[session] = one.best[session] if one.best is not None else None
        return found

    def _checked(self, spots: list[Spot | None]) -> tuple[Plan, Report, dict[int, int]]:
        """Return the plan of an assignment, what the check says of it, and its exact points by tier.

        Raises SchedulerError where the terms of the whole problem, the check and the parts disagree.
        """
        plan, report, exact = verified(self.problem, spots)
        if exact != {tier: sum(one.value(tier) or 0 for one in self.searches) for tier in exact}:
            raise SchedulerError("the parts of the problem are not worth what the whole is")
        return plan, report, exact

    def _guard(self, tier: int, greatest: int) -> None:
        """Refuse weights that CP-SAT cannot safely add up.

        Raises InputError.
        """
        if greatest > SAFE_TOTAL:
            stated = {term.rule for term in self.problem.terms if term.price is not None and term.price.tier == tier}
            rule = next(rule for rule in self.problem.loaded.rules if rule.id in stated)
            section = "goals" if isinstance(rule, Goal) else "rules"
            place = place_of(self.problem.loaded.tree, (section, rule.id))
            message = f"the points of tier {tier} can add up to {greatest}; {SAFE_TOTAL} is the most to compute with"
            raise InputError([Issue(place, message, "divide the weights of this tier by their common factor.")])

    def _without_plan(self, without: list[PartSearch]) -> Outcome:
        """Return why there is no plan, from the parts that have none."""
        impossible = next((one for one in without if one.status == cp_model.INFEASIBLE), None)
        if impossible is not None:
            if impossible.impossible:  # arithmetic names the rule, the time and the sessions: nothing has to be searched
                return Outcome("infeasible", self.clock.seconds, reason=f"{impossible.impossible} {EXPLAINED}")
            reason = "No plan keeps all rules: every session has places of its own, but not all of them together."
            reason = why_impossible(self.problem, impossible.part, self.clock, WORDS) or reason
            return Outcome("infeasible", self.clock.seconds, reason=f"{reason} {short_reason(self.problem, self.clock)}")
        what = "It was stopped" if self.clock.stopped else "The time ran out"
        reason = f"{what} before a plan was found, or proved impossible."
        return Outcome("unknown", self.clock.seconds, reason=reason)

    def _bound_by(self, tier: int) -> BoundKind:
        """Return what proves most of a tier's bound."""
        by: dict[BoundKind, int] = {"model": 0}
        for one in self.searches:
            kind = one.bound_by.get(tier, "model")
            by[kind] = by.get(kind, 0) + one.bounds.get(tier, 0)
        return max(by, key=lambda kind: by[kind])

    def _with_plan(self) -> Outcome:
        plan, report, exact = self._checked(self._spots())
        bounds = {tier: sum(one.bounds.get(tier, 0) for one in self.searches) for tier in exact}
        proved = all(one.proved(tier) for one in self.searches for tier in exact)
        tiers = [_tier_value(tier, value, bounds[tier], self._bound_by(tier)) for tier, value in exact.items()]
        limits = self.clock.limits
        run = Run(release=__version__, seed=limits.seed, workers=limits.workers, seconds=round(self.clock.seconds, 3))
        changes: dict[str, Any] = {
            "status": "optimal" if proved else "feasible",
            "tiers": tiers,
            "figures": report.figures,
            "legs": legs(self.problem.scenario, plan),
            "run": None if limits.deterministic else run,
        }
        plan = plan.model_copy(update=changes)
        return Outcome(plan.status, self.clock.seconds, plan, report, first_plan=self.first)


def verified(problem: Problem, spots: list[Spot | None]) -> tuple[Plan, Report, dict[int, int]]:
    """Return the plan of an assignment, what the check says of it, and its exact points by tier.

    Raises SchedulerError where the terms of the problem and the check disagree.
    """
    if not problem.admits(spots):
        raise SchedulerError(f"the engine proposes what these rules forbid: {', '.join(_broken(problem, spots))}")
    exact = problem.values(spots)
    plan = decode(problem, spots)
    report = check(problem.loaded, plan)
    if not report.clean:
        raise SchedulerError(f"the engine's plan fails the check: {report.findings[0].text}")
    stated = {tier: value for tier, value in report.tiers.items() if value or tier in exact}
    if stated != exact:
        raise SchedulerError(f"the terms value the plan at {exact}, the goals measure {stated}")
    return plan, report, exact


def _tier_value(tier: int, value: int, bound: int, bound_by: BoundKind) -> TierValue:
    gap = round(abs(value - bound) / max(1, abs(value)), 6)
    return TierValue(tier=tier, value=value, bound=bound, gap=gap, bound_by=bound_by)


def _broken(problem: Problem, spots: list[Spot | None]) -> list[str]:
    return sorted({term.rule for term in problem.terms if term.price is None and term.measure(spots)})
