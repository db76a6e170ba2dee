from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from itertools import combinations

from scheduler.rules import (
    Candidates,
    Clear,
    Complaint,
    GradeName,
    Kilometres,
    Length,
    Match,
    Minutes,
    Plan,
    Relation,
    Rule,
    Scenario,
    Soften,
    Term,
    Violation,
    duration_text,
)


class Perimeter(Rule):
    """Graded sessions of different envelopes are not held near one another at the same time, nor within a ``gap``.

    Planners need it because the closed roads and the guards of one summit leave no room for another a few streets away.
    Sessions of ``grade`` or a higher one count. Near is what lies within ``radius`` as the crow flies, by the coordinates
    of the nodes at which venues stand; or, with ``drive``, within so many minutes of a motorcade, in the direction in which
    it is quicker. A venue is near itself. Sessions of one envelope may be as near as they like. A session of several days
    counts from its first hour to its last, nights included. Softened, each minute missing has a price.

        rules:
          one-perimeter: {rule: perimeter, grade: G1, radius: 3 km, gap: 1 h}

    When it blocks a plan, attach one event to the envelope of the other, admit halls farther away, or narrow the radius.
    """

    family = "perimeter"
    unit = "minutes missing"

    grade: GradeName = "G1"
    radius: Kilometres | None = None
    drive: Length | None = None
    gap: Minutes = 0
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the rule names no distance or two, and where a distance it needs is not known."""
        if (self.radius is None) == (self.drive is None):
            yield Complaint(("rules", self.id), "says what is near by either 'radius' or 'drive'", "'radius: 3 km'?")
            return
        used = {
            scenario.bookables[hall].venue
            for session in scenario.sessions.values()
            if session.grade <= self.grade
            for way in session.ways
            for hall in way.halls
        }
        venues = [venue for venue in scenario.venues if venue in used]
        for venue, other in combinations(venues, 2):
            if self.radius is not None and scenario.distance(venue, other) is None:
                message = f"the distance from {venue} to {other} is not known"
                yield Complaint(("rules", self.id, "radius"), message, "give both a node of the network.")
                return
            # Where both have nodes and no road, that is said of the network.
            nodeless = None in (scenario.venues[venue].node, scenario.venues[other].node)
            if self.drive is not None and nodeless and not [*_drives(scenario, venue, other)]:
                message = f"no way is known from {venue} to {other}"
                yield Complaint(("rules", self.id, "drive"), message, "give both a node of the network.")
                return

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say a gap for each two sessions of different envelopes that could come near one another."""
        numbers = {venue: number for number, venue in enumerate(scenario.venues)}
        beside = {numbers[a]: {numbers[b] for b in numbers if self._near(scenario, a, b)} for a in numbers}
        near = frozenset((a, b) for a, others in beside.items() for b in others)
        at = {name: tuple(numbers[choice.venue] for choice in candidates.of(name)) for name in scenario.sessions}
        around = {name: {b for a in {*places} for b in beside[a]} for name, places in at.items()}
        for a, b in scenario.strangers(self.grade, self.gap):
            if not around[a.id].isdisjoint(at[b.id]):
                x, y, when = candidates.numbers[a.id], candidates.numbers[b.id], Match(near, at[a.id], at[b.id])
                yield Relation(rule=self.id, price=self.price, first=x, second=y, when=when, then=Clear(self.gap))

    def _near(self, scenario: Scenario, venue: str, other: str) -> bool:
        if self.radius is not None:
            metres = scenario.distance(venue, other)
            return metres is not None and metres <= self.radius
        return any(minutes <= (self.drive or 0) for minutes in _drives(scenario, venue, other))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions of different envelopes near one another in place and time."""
        graded = [name for name in plan.sessions if scenario.sessions[name].grade <= self.grade]
        for first, second in self._close_in_time(plan, graded):
            if scenario.sessions[first].envelope == scenario.sessions[second].envelope:
                continue
            a, b = plan.sessions[first], plan.sessions[second]
            here, there = a.hall.split(".")[0], b.hall.split(".")[0]
            if self.radius is not None:
                away, most = scenario.distance(here, there), self.radius
            else:
                away, most = min(_drives(scenario, here, there), default=None), self.drive or 0
            ends = [moment.astimezone(UTC) for moment in (a.start, a.end, b.start, b.end)]
            between = max(ends[2] - ends[1], ends[0] - ends[3])
            missing = self.gap - int(between.total_seconds() // 60)
            if away is not None and away <= most and missing > 0:
                yield Violation((first, second), missing, {"venues": (here, there), "away": away})

    def _close_in_time(self, plan: Plan, names: list[str]) -> list[tuple[str, str]]:
        """Return each two sessions with less than the gap between them, in the order in which they are listed."""
        found: list[tuple[int, int]] = []
        near: list[int] = []
        for number in sorted(range(len(names)), key=lambda number: plan.sessions[names[number]].start):
            since = plan.sessions[names[number]].start - timedelta(minutes=self.gap)
            near = [other for other in near if plan.sessions[names[other]].end > since]
            found += ((min(other, number), max(other, number)) for other in near)
            near.append(number)
        return [(names[first], names[second]) for first, second in sorted(found)]

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which sessions are how near one another, and what is missing between them."""
        (first, second), away = violation.sessions, violation.facts["away"]
        here, there = (scenario.venues[venue].name for venue in violation.facts["venues"])
        need = f"need {duration_text(violation.amount)} more between them"
        if violation.facts["venues"][0] == violation.facts["venues"][1]:
            return f"{first} and {second}, both at {here}, {need}."
        if self.radius is not None:
            near = f"within {self.radius / 1000:g} km ({away / 1000:.1f} km)"
        else:
            near = f"within a drive of {duration_text(self.drive or 0)} ({duration_text(away)})"
        return f"{first} at {here} and {second} at {there}, {near}, {need}."


def _drives(scenario: Scenario, venue: str, other: str) -> Iterator[int]:
    """Yield the minutes of a motorcade there and back, where a way is known."""
    for minutes in (scenario.travel.minutes(venue, other), scenario.travel.minutes(other, venue)):
        if minutes is not None:
            yield minutes
