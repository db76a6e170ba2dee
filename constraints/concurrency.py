from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Cells,
    Complaint,
    Count,
    Cumulative,
    Distinct,
    GradeName,
    Plan,
    Remedy,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Steps,
    Tally,
    Term,
    Violation,
    ZoneRef,
    nearest,
)


class Concurrency(Rule):
    """At most so many graded or listed sessions are on or start at once, or on one day, in the city, a zone or a district.

    Planners need it because a city can guard, drive and report only so much of the highest grade at a time, whatever its
    halls could take. Sessions of ``grade`` or a higher one count, or those that are listed: each moment (``each: moment``,
    in their daily hours where they take several days), on the day they start (``each: day``), or those that start at the
    same minute (``each: start``), when people come. ``count: envelopes`` counts a day's envelopes (an event, or events
    attached to it) instead of its sessions. ``zone`` counts what lies in it or in a zone within it, ``district`` what lies
    in a district; without either the whole city counts. Softened, each session or envelope too many on a day or at a start
    has a price, or each of its minutes.

        rules:
          two-summits-a-day: {rule: concurrency, grade: G1, most: 2, each: day, count: envelopes, zone: axis}
          one-crowd-at-a-time: {rule: concurrency, sessions: [forum.opening, visit.welcome], most: 1, each: start}

    When it blocks a plan, widen windows to other days, attach events to one envelope, or raise the number.
    """

    family = "concurrency"
    unit = "sessions x minutes, or sessions or envelopes a day or start"

    most: Annotated[Count, Field(ge=1)]
    grade: GradeName = "G1"
    sessions: Distinct[SessionRef] = Field(default=[], description="Those that count, whatever their grade.")
    each: Literal["moment", "day", "start"] = "moment"
    count: Literal["sessions", "envelopes"] = "sessions"
    zone: ZoneRef | None = None
    district: str | None = None
    soften: Soften | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "sessions x minutes" if self.each == "moment" else f"{self.count} a {self.each}"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where envelopes are to be counted at a moment, and where the place is none or two."""
        path = ("rules", self.id)
        if self.sessions and "grade" in self.model_fields_set:
            yield Complaint((*path, "grade"), "what counts is of a grade or is listed", "leave out one of the two.")
        if self.count == "envelopes" and self.each != "day":
            yield Complaint((*path, "count"), "envelopes are counted by day", "add 'each: day'.")
        if self.zone is not None and self.district is not None:
            yield Complaint((*path, "district"), "a rule is for a zone or for a district", "write a rule for each.")
        districts = sorted({venue.district for venue in scenario.venues.values() if venue.district})
        if self.zone is None and self.district is not None and self.district not in districts:
            message = f"no venue is in a district {self.district!r}"
            yield Complaint((*path, "district"), message, nearest(self.district, districts))

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one cumulative over all sessions that may count, or one tally of them by day."""
        here = {venue for venue in scenario.venues if self._counts_at(scenario, venue)}
        counted = [
            session
            for session in scenario.sessions.values()
            if (session.id in self.sessions if self.sessions else session.grade <= self.grade)
            and any(choice.venue in here for choice in candidates.of(session.id))
        ]
        if len(counted) <= self.most:
            return
        if self.each == "moment":
            uses = tuple(
                use
                for session in counted
                for use in candidates.attended(session, [1 if c.venue in here else None for c in candidates.of(session.id)])
            )
            yield Cumulative(rule=self.id, price=self.price, uses=uses, capacity=Steps((0,), (self.most,)))
            return
        envelopes = {session.envelope: number for number, session in enumerate(counted)}
        slots = scenario.calendar.day_starts if self.each == "day" else scenario.start_minutes
        yield Tally(
            rule=self.id,
            price=self.price,
            what="count" if self.count == "sessions" else "owners",
            sessions=tuple(candidates.numbers[session.id] for session in counted),
            # Elsewhere a session is in a block of its own, where one is not too many.
            cells=tuple(
                Cells(slots, tuple(0 if c.venue in here else k for c in candidates.of(session.id)))
                for k, session in enumerate(counted, 1)
            ),
            owners=tuple(envelopes[session.envelope] for session in counted),
            most=self.most,
        )

    def _counts_at(self, scenario: Scenario, venue: str) -> bool:
        if self.district is not None:
            return scenario.venues[venue].district == self.district
        zones: list[str] = []
        zone = scenario.venues[venue].zone
        while zone is not None and zone not in zones:
            zones.append(zone)
            zone = scenario.file.zones[zone].in_
        return self.zone is None or self.zone in zones

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the spans or the days with too many."""
        zones = {self.zone}
        for _ in scenario.file.zones if self.zone is not None else ():
            zones |= {name for name, zone in scenario.file.zones.items() if zone.in_ in zones}
        names = []
        for name, placed in plan.sessions.items():
            venue = scenario.venues[placed.hall.split(".")[0]]
            is_here = (self.zone is None or venue.zone in zones) and self.district in (None, venue.district)
            counts = name in self.sessions or (not self.sessions and scenario.sessions[name].grade <= self.grade)
            if is_here and counts:
                names.append(name)
        crowds = {"day": self._crowded_days, "moment": self._at_once, "start": self._crowded_starts}
        yield from crowds[self.each](scenario, plan, names)

    def _crowded_starts(self, scenario: Scenario, plan: Plan, names: list[str]) -> Iterator[Violation]:
        for start in dict.fromkeys(plan.sessions[name].start.astimezone(UTC) for name in names):
            there = tuple(name for name in names if plan.sessions[name].start.astimezone(UTC) == start)
            if len(there) > self.most:
                yield Violation(there, len(there) - self.most, {"start": start})

    def _crowded_days(self, scenario: Scenario, plan: Plan, names: list[str]) -> Iterator[Violation]:
        by_day: dict[date, list[str]] = {}
        for name in names:
            by_day.setdefault(plan.sessions[name].start.astimezone(scenario.calendar.timezone).date(), []).append(name)
        for day, there in by_day.items():
            counted = there if self.count == "sessions" else [*{scenario.sessions[name].envelope: None for name in there}]
            if len(counted) > self.most:
                yield Violation(tuple(there), len(counted) - self.most, {"day": day, "counted": counted})

    def _at_once(self, scenario: Scenario, plan: Plan, names: list[str]) -> Iterator[Violation]:
        spans: list[tuple[datetime, datetime, str]] = []
        for name in names:
            session, placed = scenario.sessions[name], plan.sessions[name]
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            for day in range(session.days):
                opening = start + timedelta(days=day)
                length = timedelta(minutes=session.daily.end - session.daily.start) if session.daily else end - start
                spans.append((opening, opening + length, name))
        over: list[Violation] = []
        opening_at: dict[datetime, list[int]] = {}
        for number, (opening, _, _) in enumerate(spans):
            opening_at.setdefault(opening, []).append(number)
        running: list[int] = []
        for begin, end in pairwise(sorted({moment for span in spans for moment in span[:2]})):
            running = sorted([number for number in running if spans[number][1] > begin] + opening_at.get(begin, []))
            present = [spans[number][2] for number in running if spans[number][1] > begin]
            amount = (len(present) - self.most) * int((end - begin).total_seconds() // 60)
            if amount <= 0:
                continue
            facts = {"from": begin, "peak": len(present)}
            if over and over[-1].facts["to"] == begin:
                before = over.pop()
                present = [*dict.fromkeys((*before.sessions, *present))]
                amount += before.amount
                facts = {"from": before.facts["from"], "peak": max(before.facts["peak"], facts["peak"])}
            over.append(Violation(tuple(present), amount, {**facts, "to": end}))
        yield from over

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say when and where how many come together."""
        where, facts = "in the city", violation.facts
        if self.zone is not None:
            where = f"in the zone {scenario.file.zones[self.zone].name or self.zone}"
        elif self.district is not None:
            where = f"in {self.district}"
        of_grade = f"of {self.grade}" if self.grade == "G1" else f"of {self.grade} or higher"
        of_grade = "of the list" if self.sessions else of_grade
        if self.each == "start":
            start, listed = facts["start"].astimezone(scenario.calendar.timezone), ", ".join(violation.sessions)
            many = len(violation.sessions)
            return f"On {start:%d %b %H:%M} {many} sessions {of_grade} start {where}, {self.most} at most: {listed}."
        if self.each == "day":
            many, listed = len(facts["counted"]), ", ".join(facts["counted"])
            return f"On {facts['day']:%d %b} {many} {self.count} {of_grade} are {where}, {self.most} at most: {listed}."
        begin, end = (facts[moment].astimezone(scenario.calendar.timezone) for moment in ("from", "to"))
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%d %b %H:%M}"
        peak, names = f"up to {facts['peak']} sessions {of_grade}", ", ".join(violation.sessions)
        return f"From {begin:%d %b %H:%M} to {until} {peak} are at once {where}, {self.most} at most: {names}."

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Let as many come together as do."""
        facts = violation.facts
        there = facts.get("peak") or len(facts.get("counted", violation.sessions))
        share = (there - self.most) / max(1, self.most)
        yield Remedy(f"Let {self.id} have {there} at most, not {self.most}.", {"rules": {self.id: {"most": there}}}, share)
