"""Why here, and why not there: what one placement costs and what holds it, and what another would cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError

from scheduler.check import check
from scheduler.engine.decode import decode
from scheduler.engine.elsewhere import Elsewhere, Moved
from scheduler.engine.kernel import find_kernel
from scheduler.engine.repair import spots_of
from scheduler.engine.search import Clock
from scheduler.errors import InputError, Issue, Place, SchedulerError, nearest
from scheduler.load import Loaded
from scheduler.plan import Placed, Plan
from scheduler.problem import Problem, reasons, refused
from scheduler.scenario.merge import patched
from scheduler.scenario.scenario import Scenario
from scheduler.scenario.schema import Pin
from scheduler.scenario.strict_yaml import parse
from scheduler.scenario.units import LocalTime
from scheduler.studies.conflict import Conflict, tell
from scheduler.terms import PlacementPrice, Spot

APART = 60
"""Minutes between two alternatives in one hall: less is not really another place."""

ASKED = "what is asked for"
"""In place of a file, for a pin that is only asked about."""

AT_ONE_TIME = 3
"""Places nearer than that in time, the present one included, after which other times are looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a session is asked for: a hall, an option, a start, or any of them where it is None."""

    session: str
    hall: str | None = None
    option: str | None = None
    start: datetime | None = None


class Share(NamedTuple):
    """What a goal or softened rule counts and costs, more with than without; ``unit`` is what it counts."""

    goal: str
    tier: int
    points: int
    figure: int
    unit: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a place nearby would mean if nobody else moved: a price by tier, or sentences of what is in the way."""

    where: str
    price: dict[int, int] | None
    why_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Here:
    """What a placement costs by goal, and what holds it there."""

    placed: Placed
    costs: tuple[Share, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class There:
    """What another place would mean: impossible by a conflict or by what rules refuse, or a price and who moves."""

    status: Literal["possible", "impossible", "unknown"]
    placed: Placed | None = None
    price: dict[int, int] = field(default_factory=dict)
    """Points more than the plan, by tier; below 0 where it is better."""
    by_goal: tuple[Share, ...] = ()
    moves: tuple[tuple[str, str, str], ...] = ()
    """Each other that moves, with where it was and where it would be."""
    proved: bool = False
    refused: str = ""
    conflict: Conflict | None = None
    patch: dict[str, Any] = field(default_factory=dict)

    def text(self, session: str) -> str:
        """Say where a session then is."""
        return f"{session}: {_said(self.placed)}"


class Places:
    """Questions about one plan of a scenario, which keeps all rules."""

    def __init__(self, loaded: Loaded, problem: Problem, plan: Plan) -> None:
        """Raise InputError where the plan is of another scenario, or breaks a rule."""
        report = check(loaded, plan)
        if not report.clean:
            finding = report.findings[0]
            message = f"the plan breaks rules, {finding.rule} for one: {finding.text}"
            raise InputError(
                [Issue(plan.place("sessions"), message, "make it anew; `scheduler check` tells what is broken.")]
            )
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.problem = problem
        self.plan = plan
        self.figures = report.figures
        self.elsewhere = Elsewhere(problem, spots_of(problem, plan))

    def here(self, session: str) -> Here | None:
        """Return what a session's place costs and what holds it; None where the plan leaves it out."""
        if session not in self.plan.sessions:
            return None
        number = self.problem.candidates.numbers[session]
        return Here(self.plan.sessions[session], tuple(self._costs(number)), tuple(self._neighbours(number)))

    def there(self, wanted: Wanted, clock: Clock) -> There:
        """Return what it would mean to have a session where it is ``wanted``."""
        number = self.problem.candidates.numbers[wanted.session]
        allowed = self._allowed(wanted, number)
        if not any(allowed(spot) for spot in self.problem.spots(number)):
            return There("impossible", refused=self._refused(wanted))
        moved = self.elsewhere.best(number, allowed, clock, clock.left, prove=True)
        if isinstance(moved, Moved):
            return self._possible(number, moved)
        if moved is None:
            return There("unknown")
        return There("impossible", conflict=self._conflict(wanted, clock))

    def alternatives(self, session: str, most: int, clock: Clock) -> list[There]:
        """Return other places for a session, each really another, the cheapest first."""
        return sorted(self._alternatives(session, most, clock), key=lambda offer: tuple(offer.price.values()))

    def _alternatives(self, session: str, most: int, clock: Clock) -> Iterator[There]:
        number = self.problem.candidates.numbers[session]
        taken = [spot for spot in [self.elsewhere.spots[number]] if spot is not None]
        for left in range(most, 0, -1):

            def allowed(spot: Spot) -> bool:
                hall = self.problem.candidates.choices[number][spot.choice].hall
                near = [other for other in taken if abs(other.start - spot.start) < APART]
                return len(near) < AT_ONE_TIME and not any(
                    self.problem.candidates.choices[number][other.choice].hall == hall for other in near
                )

            if clock.left <= 0 or not any(allowed(spot) for spot in self.problem.spots(number)):
                return
            moved = self.elsewhere.best(number, allowed, clock, clock.left / left, prove=False)
            if not isinstance(moved, Moved):
                return
            spot = moved.spots[number]
            assert spot is not None
            taken.append(spot)
            yield self._possible(number, moved)

    def _allowed(self, wanted: Wanted, number: int) -> Callable[[Spot], bool]:
        choices = self.problem.candidates.choices[number]
        minute = self.scenario.calendar.minute(wanted.start) if wanted.start is not None else None

        def allowed(spot: Spot) -> bool:
            choice = choices[spot.choice]
            return (
                wanted.hall in (None, choice.hall)
                and wanted.option in (None, choice.option)
                and minute in (None, spot.start)
            )

        return allowed

    def _refused(self, wanted: Wanted) -> str:
        """Say why no rule lets a session be where it is wanted, whatever the others do."""
        minute = self.scenario.calendar.minute(wanted.start) if wanted.start is not None else None
        said: dict[str, None] = {}
        for choice, _, refusals in refused(self.scenario, self.loaded.rules, self.scenario.sessions[wanted.session]):
            if wanted.hall in (None, choice.hall) and wanted.option in (None, choice.option):
                about = [
                    (rule, refusal)
                    for rule, refusal in refusals
                    if minute is None or refusal.spans is None or any(begin <= minute < end for begin, end in refusal.spans)
                ]
                said[f"{choice.hall}: {reasons(about)}"] = None
        return "\n".join(said) or f"{wanted.hall} is none of the halls of {wanted.session}"

    def _conflict(self, wanted: Wanted, clock: Clock) -> Conflict | None:
        """Return why a session cannot be where it is wanted; that is pinned there, and nothing else changes."""
        tree = patched(self.loaded.tree, parse(json.dumps(pins_of(self.scenario, wanted)), ASKED), [])
        pin = Pin.model_construct(hall=wanted.hall, option=wanted.option or None, start=wanted.start)
        pins = {**self.scenario.pins, wanted.session: pin}
        scenario = replace(self.scenario, file=self.scenario.file.model_copy(update={"pins": pins}))
        loaded = replace(self.loaded, scenario=scenario, tree=tree)
        kernel = find_kernel(loaded, clock).kernel
        if kernel is None:
            return None
        conflict = tell(loaded, kernel, clock)
        causes = (replace(cause, place=Place(ASKED)) if cause.place.file == ASKED else cause for cause in conflict.causes)
        return replace(conflict, causes=tuple(causes))

    def _costs(self, number: int) -> Iterator[Share]:
        """Yield what each goal counts because of a session: more than without it, its absence costing nothing."""
        with_it = self.elsewhere.spots
        without = [*with_it]
        without[number] = None
        points: dict[str, int] = {}
        for term in self.elsewhere.concerning(number):
            if term.price is not None:
                less = 0 if isinstance(term, PlacementPrice) else term.measure(without)
                amount = term.price.weight * (term.measure(with_it) - less)
                points[term.rule] = points.get(term.rule, 0) + amount
        yield from self._shares(points)

    def _shares(self, points: dict[str, int]) -> Iterator[Share]:
        rules = {rule.id: rule for rule in self.loaded.rules}
        for goal, more in points.items():
            price = rules[goal].price
            if price is not None and more:
                yield Share(goal, price.tier, more, more // price.weight, rules[goal].counts)

    def _neighbours(self, number: int) -> Iterator[Neighbour]:
        """Yield the places around one: a step of the grid earlier and later, and the other halls at the same time."""
        here = self.elsewhere.spots[number]
        assert here is not None
        grid, choices = self.scenario.calendar.grid, self.problem.candidates.choices[number]
        for what, start in (("earlier", here.start - grid), ("later", here.start + grid)):
            yield self._neighbour(number, f"{grid} min {what}", here.choice, start)
        for choice, said in enumerate(choices):
            if said.hall != choices[here.choice].hall and said.option == choices[here.choice].option:
                yield self._neighbour(number, self.scenario.hall_name(said.hall), choice, here.start)

    def _neighbour(self, number: int, where: str, choice: int, start: int) -> Neighbour:
        said = self.problem.candidates.choices[number][choice]
        name = self.problem.names[number]
        if not any(start in span for span in self.problem.starts[number][choice]):
            moment = self.scenario.calendar.moment(start)
            why = self._refused(Wanted(name, said.hall, said.option, moment))
            return Neighbour(where, None, (why.partition(": ")[2] or why,))
        spots = [*self.elsewhere.spots]
        spots[number] = Spot(choice, start, start + said.minutes)
        if self.problem.admits(spots):
            return Neighbour(where, self._price(spots))
        findings = check(self.loaded, decode(self.problem, spots)).findings
        return Neighbour(where, None, tuple(f"{finding.text} ({finding.rule})" for finding in findings))

    def _price(self, spots: list[Spot | None]) -> dict[int, int]:
        values, before = self.problem.values(spots), self.problem.values(self.elsewhere.spots)
        return {tier: values[tier] - before[tier] for tier in values}

    def _possible(self, number: int, moved: Moved) -> There:
        plan = decode(self.problem, moved.spots)
        name = self.problem.names[number]
        report = check(self.loaded, plan)
        if not report.clean:
            raise SchedulerError(f"the engine's plan fails the check: {report.findings[0].text}")
        points = {goal: figure.points - self.figures[goal].points for goal, figure in report.figures.items()}
        placed = plan.sessions[name]
        wanted = Wanted(name, placed.hall, placed.option, placed.start)
        return There(
            "possible",
            placed,
            self._price(moved.spots),
            tuple(self._shares(points)),
            tuple(self._moves(name, plan)),
            moved.proved,
            patch=pins_of(self.scenario, wanted),
        )

    def _moves(self, name: str, plan: Plan) -> Iterator[tuple[str, str, str]]:
        """Yield who else is elsewhere in another plan, left out, or held where it was not."""
        for other in self.scenario.sessions:
            before, after = self.plan.sessions.get(other), plan.sessions.get(other)
            was, will_be = _said(before), _said(after)
            if other != name and was != will_be:
                yield other, was, will_be
        for delegation, hotel in plan.homes.items():
            if self.plan.homes.get(delegation) != hotel:
                yield f"the home of {delegation}", self.plan.homes.get(delegation, "none"), hotel


def _said(placed: Placed | None) -> str:
    if placed is None:
        return "left out"
    option = f" as {placed.option}" if placed.option else ""
    return f"{placed.start:%d %b %H:%M} in {placed.hall}{option}"


def pins_of(scenario: Scenario, wanted: Wanted) -> dict[str, Any]:
    """Return the patch that pins a session where it is wanted."""
    said = {"hall": wanted.hall, "option": wanted.option or None}
    pin = {key: value for key, value in said.items() if value is not None}
    if wanted.start is not None:
        pin["start"] = f"{wanted.start.astimezone(scenario.calendar.timezone):%Y-%m-%dT%H:%M}"
    return {"pins": {wanted.session: pin}}


def wanted(loaded: Loaded, session: str, hall: str | None, option: str | None, start: str | None) -> Wanted:
    """Return what is asked for.

    Raises InputError where there is no such session, hall, option or start; each with what was probably meant.
    """
    scenario = loaded.scenario
    issues = []
    if session not in scenario.sessions:
        hint = nearest(session, scenario.sessions)
        raise InputError([Issue(Place("--session"), f"there is no session {session!r}", hint)])
    ways = scenario.sessions[session].ways
    if hall is not None and hall not in scenario.bookables:
        own = list(dict.fromkeys(place for way in ways for place in way.halls))
        hint = nearest(hall, own) or nearest(hall, scenario.bookables)
        issues.append(Issue(Place("--hall"), f"there is no hall {hall!r}", hint))
    options = [way.option for way in ways if way.option]
    if option is not None and option not in options:
        hint = nearest(option, options) or " or ".join(map(repr, options))
        what = f"{session} has no option {option!r}" if options else f"{session} has no options"
        issues.append(Issue(Place("--option"), what, hint))
    moment = None
    if start is not None:
        try:
            moment = _moment(loaded, start)
        except InputError as error:
            issues += error.issues
    if issues:
        raise InputError(issues)
    return Wanted(session, hall, option, moment)


def _moment(loaded: Loaded, start: str) -> datetime:
    calendar, place = loaded.scenario.calendar, Place("--start")
    try:
        moment: datetime = TypeAdapter(LocalTime).validate_python(start, context={"zone": calendar.timezone})
    except ValidationError as error:
        said = error.errors()[0].get("ctx", {})
        message = said.get("message", f"{start!r} is not a local time")
        raise InputError([Issue(place, message, said.get("hint", ""))]) from error
    minute = calendar.minute(moment)
    if not 0 <= minute < calendar.horizon:
        message = f"{start} lies outside the calendar, {calendar.start} to {calendar.end}"
        raise InputError([Issue(place, message)])
    pinned = {calendar.minute(pin.start) for pin in loaded.scenario.pins.values() if pin.start is not None}
    if minute % calendar.grid and minute not in pinned:
        before = minute - minute % calendar.grid
        near = " or ".join(repr(f"{calendar.moment(m):%Y-%m-%dT%H:%M}") for m in (before, before + calendar.grid))
        message = f"{start} is not on the grid of {calendar.grid} min"
        raise InputError([Issue(place, message, f"{near}?")])
    return moment
