"""A new plan after something has changed: fewest and mildest changes; what has begun, or soon will, stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.engine.adjust import Adjusted, adjust
from scheduler.errors import InputError, Issue, Place
from scheduler.load import Loaded, kept_to
from scheduler.plan import Placed, Plan
from scheduler.problem import compile_problem, placeless, places_left, refused
from scheduler.rules import Goal, Rule, families
from scheduler.scenario.scenario import Scenario
from scheduler.studies.compare import Change, Comparison, compare
from scheduler.studies.short_forms import Subject, pinned

ORDER = ("absent", "day", "venue", "hall", "time")
"""The ways in which a session can change, the gravest first, as fields of the goal stability: each costs twice the next."""

CHANGES = "changes"
"""The id of the goal that counts changes while a plan is made anew."""


@dataclass(frozen=True)
class Replanned:
    """The answer: a plan with what differs from the old one, or why there is none.

    ``proved`` says that no plan changes less. ``points`` are those of the goal stability.
    """

    status: str
    seconds: float
    plan: Plan | None = None
    changes: Comparison | None = None
    points: int = 0
    proved: bool = False
    issues: tuple[Issue, ...] = ()
    reason: str = ""


def weights(order: Sequence[str]) -> dict[str, int]:
    """Return the prices of the goal stability for an order of gravity; another hotel is as grave as another venue.

    Raises InputError where the order does not name each way to change once.
    """
    if sorted(order) != sorted(ORDER):
        message = f"{','.join(order)} does not name each of {', '.join(ORDER)} once"
        raise InputError([Issue(Place("--order"), message, f"'{','.join(ORDER)}'?")])
    found = {way: 2 ** (len(ORDER) - 1 - rank) for rank, way in enumerate(order)}
    return {**found, "home": found["venue"]}


def staying(
    subject: Subject, now: datetime, freeze: int, known: Sequence[str] = (), missed: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the patch by which what begins before ``now`` and ``freeze`` minutes stays, and nothing else begins by then.

    ``known`` are sessions of which it is told when they are, ``missed`` those that did not begin when they were to.
    """
    scenario, plan = subject.scenario, subject.plan
    assert plan is not None
    until = now + timedelta(minutes=freeze)
    begun = [name for name, placed in plan.sessions.items() if placed.start < until and name not in missed]
    begun = [name for name in begun if name in scenario.sessions]
    patch: dict[str, Any] = {"pins": {name: pinned(subject, name) for name in begun if name not in known}}
    homes = {
        name: {"home": {"any": [plan.homes[name]]}}
        for name, home in scenario.homes.items()
        if name in plan.homes and home.arrives < until
    }
    if homes:
        patch["delegations"] = homes
    others = [name for name in scenario.sessions if name not in begun and name not in known]
    first = scenario.calendar.midnight(scenario.calendar.start)
    if others and until > first:
        past = {"from": first.isoformat(timespec="minutes"), "to": until.isoformat(timespec="minutes")}
        patch["rules"] = {"replan-past": {"rule": "unavailable", "sessions": others, "times": {"past": past}}}
    return patch


def replan(loaded: Loaded, plan: Plan, limits: Limits, order: Sequence[str] = ORDER, *, prove: bool = False) -> Replanned:
    """Return the plan for a changed scenario that changes least of ``plan``, and of those one that its goals like.

    First the fewest and mildest changes by the goal stability; then, with all else held where it is, the scenario's own
    goals decide where the changed sessions go. With ``prove`` the search goes on until no plan can change less. Raises
    InputError where the order is none.
    """
    stability = families()["stability"](tier=1, **weights(order)).named(CHANGES)  # type: ignore[call-arg]
    scenario = kept_to(loaded.scenario, plan)
    behind = replace(loaded, scenario=scenario, rules=(*map(_one_tier_later, loaded.rules), stability))
    behind = replace(behind, scenario=replace(scenario, file=_slack_later(scenario)))
    places = places_left(behind)
    lost = tuple(placeless(behind, places))
    if lost:
        return Replanned("infeasible", 0.0, issues=lost)
    problem = compile_problem(behind, places)
    found = adjust(problem, plan, limits, 1, prove=prove)
    if found is None:  # not near: then anywhere, or why not
        outcome = solve(behind, limits, start=plan, problem=problem)
        if outcome.plan is None:
            return Replanned(outcome.status, outcome.seconds, reason=outcome.reason)
        counted = next((tier for tier in outcome.plan.tiers if tier.tier == 1), None)
        points, bound = (counted.value, counted.bound) if counted is not None else (0, 0)
        found = Adjusted(outcome.plan, points, points == bound, outcome.seconds)
    # What the tiers of the scenario could be worth nobody has asked.
    changes: dict[str, Any] = {"figures": check(loaded, found.plan).figures, "tiers": [], "status": "feasible", "run": None}
    made = found.plan.model_copy(update=changes)
    return Replanned("feasible", found.seconds, made, compare(loaded.scenario, plan, made), found.points, found.proved)


def _one_tier_later(rule: Rule) -> Rule:
    """Return a rule or goal whose price is in the tier after its own."""
    if isinstance(rule, Goal):
        return rule.model_copy(update={"tier": rule.tier + 1})
    soften = getattr(rule, "soften", None)
    if soften is None:
        return rule
    return rule.model_copy(update={"soften": soften.model_copy(update={"tier": soften.tier + 1})})


def _slack_later(scenario: Scenario) -> Any:
    tiers = {tier + 1: settings for tier, settings in scenario.file.tiers.items()}
    return scenario.file.model_copy(update={"tiers": tiers})


def why(loaded: Loaded, plan: Plan, change: Change, told: Mapping[str, str]) -> str:
    """Return why a session is not where it was: what is told, what forbids its old place, or what it would break there."""
    if change.session in told:
        return told[change.session]
    if change.was is None:
        return "It can be held now."
    if change.session not in loaded.scenario.sessions:
        return "It is taken out of the programme."
    refusals = _refusals(loaded, change.session, change.was)
    if refusals:
        return f"{refusals[0][0].upper()}{refusals[0][1:]}."
    back = plan.model_copy(update={"sessions": {**plan.sessions, change.session: change.was}, "legs": [], "absent": {}})
    broken = [finding.text for finding in check(loaded, back).findings if change.session in finding.sessions]
    return broken[0] if broken else "So that less changes elsewhere."


def _refusals(loaded: Loaded, session: str, was: Placed) -> list[str]:
    """Return what refuses a placement whatever the other sessions do."""
    scenario = loaded.scenario
    start = scenario.calendar.minute(was.start)
    for choice, _, refusals in refused(scenario, loaded.rules, scenario.sessions[session]):
        if (choice.hall, choice.option or None) == (was.hall, was.option):
            return [
                refusal.reason
                for _, refusal in refusals
                if refusal.spans is None or any(begin <= start < end for begin, end in refusal.spans)
            ]
    return [f"{was.hall} is none of its halls any more"]


def changes_patch(subject: Subject, found: Comparison) -> dict[str, Any]:
    """Return the patch that holds changed sessions and homes where a new plan (that of ``subject``) has them."""
    pins = {change.session: pinned(subject, change.session) for change in found.changes if change.now is not None}
    homes = {home.delegation: {"home": {"any": [home.now]}} for home in found.homes if home.now is not None}
    return {**({"pins": pins} if pins else {}), **({"delegations": homes} if homes else {})}
