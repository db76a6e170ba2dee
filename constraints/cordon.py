from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Literal

from scheduler.rules import (
    Candidates,
    Clear,
    Complaint,
    GradeName,
    Kilometres,
    Match,
    Minutes,
    Plan,
    Relation,
    Rule,
    Scenario,
    Soften,
    Term,
    VenueRef,
    Violation,
    duration_text,
)


class Cordon(Rule):
    """The roads of a venue close some time before a graded session; until they open no other envelope meets inside.

    Planners need it because a block of the city is shut for days before a summit, and who meets in it needs its passes.
    Sessions of ``grade`` or a higher one close the roads: for the time that ``venues`` gives their venue, elsewhere for
    ``before``, and nowhere else where it is not given; until ``after`` they end. Inside is the venue; with ``around:
    zone``, all in its zone or in one within it; with ``radius``, all within so many kilometres as the crow flies. Sessions
    of every grade and another envelope stay out; those of one envelope (an event, or events attached to it) hold the
    passes. A session of several days keeps the roads closed overnight. Softened, each minute has a price by which a
    session would have to move.

        rules:
          closed-roads: {rule: cordon, grade: G1, before: 3 h, after: 1 h, venues: {cncc1: 2 d 6 h}, around: zone}

    When it blocks a plan, attach the other event to the envelope, admit halls outside, or close the roads later.
    """

    family = "cordon"
    unit = "minutes inside"

    grade: GradeName = "G1"
    before: Minutes | None = None
    after: Minutes = 0
    venues: dict[VenueRef, Minutes] = {}
    around: Literal["venue", "zone"] = "venue"
    radius: Kilometres | None = None
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where no road is ever closed, and where a distance is not known."""
        if self.before is None and not self.venues:
            hint = "'before: 3 h', or by venue 'venues: {ghop: 3 h}'?"
            yield Complaint(("rules", self.id), "says for no venue how long before a session its roads close", hint)
        ways = (way for session in scenario.sessions.values() for way in session.ways)
        used = {scenario.bookables[hall].venue for way in ways for hall in way.halls}
        for venue in (venue for venue in scenario.venues if venue in used and self.radius is not None):
            if scenario.venues[venue].node is None:
                message = f"how far it is from {venue} to others is not known"
                yield Complaint(("rules", self.id, "radius"), message, f"give {venue} a node of the network.")
                return

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say, for each graded session and each that could be inside, one gap before it and another after it."""
        numbers = {venue: number for number, venue in enumerate(scenario.venues)}
        at = {name: tuple(numbers[choice.venue] for choice in candidates.of(name)) for name in scenario.sessions}
        inside: dict[int, dict[int, set[int]]] = {}
        for venue, number in numbers.items():
            lead = self.venues.get(venue, self.before)
            if lead is not None:
                within = {numbers[other] for other in numbers if self._covers(scenario, venue, other)}
                inside.setdefault(lead, {})[number] = within
        pairs = {lead: frozenset((a, b) for a, within in by.items() for b in within) for lead, by in inside.items()}
        visitors: dict[int, dict[str, None]] = {number: {} for number in numbers.values()}
        for name, places in at.items():
            for place in places:
                visitors[place][name] = None
        for session in scenario.sessions.values():
            if session.grade > self.grade:  # G1 is the highest
                continue
            for lead, by_venue in inside.items():
                covered = {b for a in {*at[session.id]} if a in by_venue for b in by_venue[a]}
                there = {name for place in covered for name in visitors[place]}
                for other in (scenario.sessions[name] for name in sorted(there, key=candidates.numbers.__getitem__)):
                    if other.envelope == session.envelope:
                        continue
                    if not scenario.could_meet(session, other, self.after, lead):
                        continue
                    yield Relation(
                        rule=self.id,
                        price=self.price,
                        first=candidates.numbers[session.id],
                        second=candidates.numbers[other.id],
                        when=Match(pairs[lead], at[session.id], at[other.id]),
                        then=Clear(self.after, back=lead),
                    )

    def _covers(self, scenario: Scenario, venue: str, other: str) -> bool:
        """Return whether a venue lies inside the cordon of another."""
        if self.radius is not None:
            metres = scenario.distance(venue, other)
            if metres is not None and metres <= self.radius:
                return True
        zones: list[str] = []
        zone = scenario.venues[other].zone
        while self.around == "zone" and zone is not None and zone not in zones:
            zones.append(zone)
            zone = scenario.file.zones[zone].in_
        return venue == other or scenario.venues[venue].zone in zones

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions inside the cordon of another envelope's while it stands."""
        for first, placed in plan.sessions.items():
            here = placed.hall.split(".")[0]
            before = self.venues.get(here, self.before)
            if scenario.sessions[first].grade > self.grade or before is None:
                continue
            shut = placed.start.astimezone(UTC) - timedelta(minutes=before)
            opened = placed.end.astimezone(UTC) + timedelta(minutes=self.after)
            zones = self._zones(scenario, here)
            for second, other in plan.sessions.items():
                there = other.hall.split(".")[0]
                if scenario.sessions[second].envelope == scenario.sessions[first].envelope:
                    continue
                away = scenario.distance(here, there) if self.radius is not None else None
                near = away is not None and away <= (self.radius or 0)
                to_move = min(opened - other.start.astimezone(UTC), other.end.astimezone(UTC) - shut)
                if to_move > timedelta(0) and (here == there or near or scenario.venues[there].zone in zones):
                    facts = {"venues": (here, there), "shut": shut, "opened": opened}
                    yield Violation((first, second), int(to_move.total_seconds() // 60), facts)

    def _zones(self, scenario: Scenario, venue: str) -> set[str]:
        """Return the zone of a venue and the zones inside it; none where the cordon ends at the venue."""
        outermost = scenario.venues[venue].zone
        zones = {outermost} if outermost is not None and self.around == "zone" else set()
        for _ in scenario.file.zones if zones else ():
            zones |= {name for name, zone in scenario.file.zones.items() if zone.in_ in zones}
        return zones

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say whose roads are closed when, and by how much the other would have to move."""
        first, second = violation.sessions
        here, there = (scenario.venues[venue].name for venue in violation.facts["venues"])
        shut, opened = (violation.facts[when].astimezone(scenario.calendar.timezone) for when in ("shut", "opened"))
        until = f"{opened:%H:%M}" if shut.date() == opened.date() else f"{opened:%d %b %H:%M}"
        return (
            f"{first} closes {here} from {shut:%d %b %H:%M} to {until}; {second} at {there} would have to move by "
            f"{duration_text(violation.amount)}."
        )
