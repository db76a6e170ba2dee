"""The check: every rule's own verdict on a plan and every goal's own figure, by the wall clock, without any solver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from scheduler.errors import InputError, Issue, nearest
from scheduler.legs import legs
from scheduler.load import Loaded
from scheduler.plan import Figure, Plan
from scheduler.rules import Goal, Rule, Violation


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation in words; ``rule`` names the rule that found it, or is ``plan`` where no session could be so."""

    rule: str
    family: str
    sessions: tuple[str, ...]
    amount: int
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: ``findings`` break the plan, ``figures`` value it; softened rules are figures too."""

    findings: tuple[Finding, ...]
    figures: dict[str, Figure]
    given_way: tuple[Finding, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is broken."""
        return not self.findings

    @property
    def tiers(self) -> dict[int, int]:
        """The points of each tier, ascending."""
        values: dict[int, int] = {}
        for figure in self.figures.values():
            values[figure.tier] = values.get(figure.tier, 0) + figure.points
        return dict(sorted(values.items()))


def check(loaded: Loaded, plan: Plan) -> Report:
    """Return what the rules and goals of a scenario say of a plan.

    Raises InputError where the plan is for another scenario or speaks of sessions, halls or options that do not exist.
    """
    _require_known(loaded, plan)
    findings = list(_misfits(loaded, plan))
    given_way: list[Finding] = []
    figures: dict[str, Figure] = {}
    for rule in loaded.rules:
        price = rule.price
        if isinstance(rule, Goal):
            amount = rule.measure(loaded.scenario, plan)
        else:
            found = [_finding(loaded, rule, violation) for violation in rule.check(loaded.scenario, plan)]
            amount = sum(finding.amount for finding in found)
            (findings if price is None else given_way).extend(found)
        if price is not None:
            points = amount * price.weight
            figures[rule.id] = Figure(family=rule.family, tier=price.tier, figure=amount, unit=rule.counts, points=points)
    return Report(tuple(findings), figures, tuple(given_way))


def _finding(loaded: Loaded, rule: Rule, violation: Violation) -> Finding:
    text = rule.explain(loaded.scenario, violation)
    return Finding(rule.id, rule.family, violation.sessions, violation.amount, rule.counts, text)


def _require_known(loaded: Loaded, plan: Plan) -> None:
    scenario = loaded.scenario
    if plan.scenario != scenario.id:
        place = plan.place("scenario")
        raise InputError([Issue(place, f"this is a plan for {plan.scenario!r}, not for {scenario.id!r}")])
    issues = []
    for session, placed in plan.sessions.items():
        if session not in scenario.sessions:
            hint = nearest(session, scenario.sessions)
            issues.append(Issue(plan.place("sessions", session), f"the scenario has no such session: {session!r}", hint))
            continue
        if placed.hall not in scenario.bookables:
            place, hint = plan.place("sessions", session, "hall"), nearest(placed.hall, scenario.bookables)
            if placed.hall in scenario.venues:
                hint = f"one of its halls? {placed.hall} is a venue."
            issues.append(Issue(place, f"the scenario has no hall {placed.hall!r}", hint))
        options = [way.option for way in scenario.sessions[session].ways]
        if (placed.option or "") not in options:
            place, hint = plan.place("sessions", session, "option"), nearest(placed.option or "", options)
            what = f"{placed.option!r} is no option of {session}" if placed.option else f"{session} is held by an option"
            issues.append(Issue(place, what, hint or " or ".join(map(repr, filter(None, options)))))
    for left_out in plan.absent:
        if left_out not in scenario.sessions and left_out not in scenario.events:
            place, hint = plan.place("absent", left_out), nearest(left_out, [*scenario.events, *scenario.sessions])
            issues.append(Issue(place, f"the scenario has no such event or session: {left_out!r}", hint))
    for delegation, hotel in plan.homes.items():
        if delegation not in scenario.homes:
            place, hint = plan.place("homes", delegation), nearest(delegation, scenario.homes)
            issues.append(Issue(place, f"the scenario has no home for a delegation {delegation!r}", hint))
        elif hotel not in scenario.hotels:
            place, hint = plan.place("homes", delegation), nearest(hotel, scenario.hotels)
            issues.append(Issue(place, f"the scenario has no hotel {hotel!r}", hint))
    for hold in plan.displaced:
        place = plan.place("displaced", hold)
        if hold not in scenario.holds:
            issues.append(Issue(place, f"the scenario has no hold {hold!r}", nearest(hold, scenario.holds)))
        elif scenario.holds[hold].price is None:
            issues.append(Issue(place, f"the hold {hold!r} has no price: nobody may displace it"))
    if issues:
        raise InputError(issues)


def _misfits(loaded: Loaded, plan: Plan) -> list[Finding]:
    """Find placements that no session of the scenario could have, whatever the rules: length, halls, grid, calendar."""
    scenario, calendar = loaded.scenario, loaded.scenario.calendar
    findings = []

    def find(session: str, amount: int, unit: str, text: str) -> None:
        findings.append(Finding("plan", "plan", (session,), amount, unit, text))

    for delegation, hotel in plan.homes.items():
        if hotel not in scenario.homes[delegation].hotels:
            whose, where = scenario.delegation_name(delegation), scenario.hotels[hotel].name
            find(delegation, 1, "homes", f"{whose} stays at {where}, which is none of its hotels.")
    for name, placed in plan.sessions.items():
        session = scenario.sessions[name]
        start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
        length = int((end - start) / timedelta(minutes=1))
        way = session.way(placed.option)
        if length <= 0:
            find(name, way.minutes - length, "minutes", f"{name} ends before it starts.")
        elif length != way.minutes:
            find(
                name,
                abs(length - way.minutes),
                "minutes",
                f"{name} lasts {length} min in the plan, {way.minutes} in the scenario.",
            )
        if placed.hall not in way.halls:
            find(name, 1, "sessions", f"{name} is in {scenario.hall_name(placed.hall)}, which is none of its halls.")
        first, last = calendar.midnight(calendar.start), calendar.midnight(calendar.end + timedelta(days=1))
        if start < first or end > last:
            find(name, 1, "sessions", f"{name} lies outside the calendar, {calendar.start} to {calendar.end}.")
        if placed.hall_from and placed.hall_from > start - timedelta(minutes=session.move_in):
            find(
                name,
                1,
                "sessions",
                f"{name} moves in for {session.move_in} min; its hall is taken only from its hall-from.",
            )
        if placed.hall_to and placed.hall_to < end + timedelta(minutes=session.move_out):
            find(
                name, 1, "sessions", f"{name} moves out for {session.move_out} min; its hall is taken only to its hall-to."
            )
        if name in plan.absent or session.event in plan.absent:
            find(name, 1, "sessions", f"{name} is held, and among what the plan leaves out.")
        pin = scenario.pins.get(name)
        off = int((start - first.astimezone(UTC)) / timedelta(minutes=1)) % calendar.grid
        if off and (pin is None or pin.start != placed.start):
            find(name, off, "minutes", f"{name} starts {placed.start:%d %b %H:%M}, off the grid of {calendar.grid} min.")
    if plan.legs and plan.legs != legs(scenario, plan):
        find("legs", 1, "plans", "The legs are not those that the sessions and homes of this plan ask for.")
    return findings
