from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Count,
    Cumulative,
    Distinct,
    EventRef,
    HallRef,
    Link,
    LinkUse,
    Match,
    Minutes,
    Plan,
    Relation,
    Rule,
    Scenario,
    Steps,
    Term,
    Use,
    Violation,
    duration_text,
)


class Airports(Rule):
    """Special flights keep their distance, and each aircraft has a stand from its arrival to its departure.

    Planners need it because an apron receives one red carpet after another, not two at once: starts of flights at the
    ``halls`` of one airport (arrivals and departures alike) are ``spacing`` apart. The aircraft of a delegation with a
    session in the event ``arrivals`` and one in ``departures`` takes one of ``stands`` from the start of the one to the end
    of the other; with ``towed`` it is gone so long after the arrival and comes back so long before the departure. With
    ``same-hub`` a delegation that lands at these halls leaves from them, and one that leaves from them has landed there. A
    change of airports at a price is said by `together` instead: ``same: venue`` of the two flights, softened. A ceremony is
    part of the session of the flight: an option of it, or its duration.

        rules:
          pek:
            rule: airports
            halls: [pek.apron]
            arrivals: arrivals
            departures: departures
            spacing: 15 min
            stands: 30
            same-hub: true

    When it blocks a plan, widen the windows of flights, admit the other airport, have aircraft towed or flown away, or
    let them change airports.
    """

    family = "airports"

    halls: Annotated[Distinct[HallRef], Field(min_length=1)]
    arrivals: EventRef
    departures: EventRef
    spacing: Minutes = 0
    stands: Annotated[Count, Field(ge=1)] | None = None
    towed: Minutes | None = None
    same_hub: bool = False

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where an event of flights has none at these halls, and where the rule asks for nothing."""
        if not self.spacing and self.stands is None and not self.same_hub:
            yield Complaint(("rules", self.id), "asks for no spacing, no stands and no one hub", "'spacing: 15 min'?")
        elif self.towed is not None and self.stands is None:
            yield Complaint(("rules", self.id, "towed"), "without 'stands' nobody need be towed", "'stands: 30'?")
        if self.arrivals == self.departures:
            message = f"{self.arrivals} is the event of arrivals and of departures"
            yield Complaint(("rules", self.id, "departures"), message, "two events, one for each?")
        for key in ("arrivals", "departures"):
            sessions = scenario.event_sessions.get(getattr(self, key))  # None where the event itself is complained of
            if sessions is not None and not any(
                hall in self.halls for session in sessions for way in session.ways for hall in way.halls
            ):
                message = f"no session of {getattr(self, key)} may be at {', '.join(self.halls)}"
                yield Complaint(("rules", self.id, key), message)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one cumulative for the spacing, and for the stands what spans two flights or surrounds one."""
        flights = [s for e in (self.arrivals, self.departures) for s in scenario.event_sessions[e]]
        uses = []
        for session in flights:
            taken = tuple(
                (0, self.spacing - choice.minutes, 1) if choice.hall in self.halls else None
                for choice in candidates.of(session.id)
            )
            uses.append(Use(candidates.numbers[session.id], taken))
        if self.spacing:
            yield Cumulative(rule=self.id, uses=tuple(uses), capacity=Steps((0,), (1,)))
        if self.same_hub:
            yield from self._same_hub(scenario, candidates)
        if self.stands is None:
            return
        capacity = Steps((0,), (self.stands,))
        if self.towed is not None:
            yield Cumulative(rule=self.id, uses=self._while_here(scenario, candidates, self.towed), capacity=capacity)
            return
        links = []
        for arrival in scenario.event_sessions[self.arrivals]:
            for departure in scenario.event_sessions[self.departures]:
                if set(arrival.delegations) & set(departure.delegations):
                    here = [choice.hall in self.halls for choice in candidates.of(arrival.id)]
                    amounts = tuple(tuple(int(x) for _ in candidates.of(departure.id)) for x in here)
                    links.append(LinkUse(candidates.numbers[arrival.id], candidates.numbers[departure.id], amounts))
        if len(links) > self.stands:
            yield Link(rule=self.id, uses=tuple(links), capacity=capacity)

    def _while_here(self, scenario: Scenario, candidates: Candidates, towed: int) -> tuple[Use, ...]:
        uses = []
        for event, lead, tail in ((self.arrivals, 0, towed), (self.departures, towed, 0)):
            for session in scenario.event_sessions[event]:
                amounts = tuple((lead, tail, 1) if c.hall in self.halls else None for c in candidates.of(session.id))
                uses.append(Use(candidates.numbers[session.id], amounts))
        return tuple(uses)

    def _same_hub(self, scenario: Scenario, candidates: Candidates) -> Iterator[Term]:
        for first, second in product(scenario.event_sessions[self.arrivals], scenario.event_sessions[self.departures]):
            if set(first.delegations) & set(second.delegations):
                here = [tuple(int(c.hall in self.halls) for c in candidates.of(flight.id)) for flight in (first, second)]
                yield Relation(
                    rule=self.id,
                    first=candidates.numbers[first.id],
                    second=candidates.numbers[second.id],
                    then=Match(frozenset({(0, 0), (1, 1)}), *here),
                )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find flights too close to one another, changes of airport, and moments with more aircraft than stands."""
        held = {name: plan.sessions[name] for name in plan.sessions if plan.sessions[name].hall in self.halls}
        flights = sorted(
            (name for name in held if scenario.sessions[name].event in (self.arrivals, self.departures)),
            key=lambda name: (held[name].start, name),
        )
        for first, second in combinations(flights, 2):
            between = int((held[second].start - held[first].start).total_seconds() // 60)
            if between < self.spacing:
                facts = {"between": between, "start": held[second].start}
                yield Violation((first, second), self.spacing - between, facts)
        if self.same_hub:
            yield from self._changes(scenario, plan)
        stays = list(self._stays(scenario, plan, flights))
        for moment in sorted({begin for begin, _, _ in stays}) if self.stands is not None else ():
            here = [name for begin, end, name in stays if begin <= moment < end]
            if self.stands is not None and len(here) > self.stands:
                yield Violation(tuple(here), len(here) - self.stands, {"moment": moment})
                return

    def _changes(self, scenario: Scenario, plan: Plan) -> Iterator[Violation]:
        """Yield the flights of delegations that land here and leave from elsewhere, or the other way round."""
        for name, landed in plan.sessions.items():
            for other, left in plan.sessions.items():
                arrival, departure = scenario.sessions[name], scenario.sessions[other]
                of = [delegation for delegation in arrival.delegations if delegation in departure.delegations]
                changes = (landed.hall in self.halls) != (left.hall in self.halls)
                if of and changes and (arrival.event, departure.event) == (self.arrivals, self.departures):
                    yield Violation((name, other), 1, {"of": of, "halls": (landed.hall, left.hall)})

    def _stays(self, scenario: Scenario, plan: Plan, flights: list[str]) -> Iterator[tuple[datetime, datetime, str]]:
        """Yield from when to when each aircraft is on a stand, under the flight that brings or fetches it."""
        for name in flights:
            session, placed = scenario.sessions[name], plan.sessions[name]
            if self.towed is not None:
                before = timedelta(minutes=self.towed if session.event == self.departures else 0)
                after = timedelta(minutes=self.towed if session.event == self.arrivals else 0)
                yield placed.start - before, placed.end + after, name
            elif session.event == self.arrivals:
                for other, later in plan.sessions.items():
                    departure = scenario.sessions[other]
                    if departure.event == self.departures and set(departure.delegations) & set(session.delegations):
                        yield placed.start, later.end, name

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which flights are too close, or how many aircraft are on the ground."""
        if "moment" in violation.facts:
            moment, count = violation.facts["moment"], len(violation.sessions)
            names = ", ".join(violation.sessions)
            there = f"{self.stands} {'stand' if self.stands == 1 else 'stands'}"
            return f"At {moment:%d %b %H:%M} there are {count} aircraft for {there}: {names}."
        first, second = violation.sessions
        if "halls" in violation.facts:
            who = " and ".join(scenario.delegation_name(delegation) for delegation in violation.facts["of"])
            there, elsewhere = (scenario.hall_name(hall) for hall in violation.facts["halls"])
            verb = "lands" if len(violation.facts["of"]) == 1 else "land"
            return f"{who} {verb} at {there} ({first}) and {verb.replace('land', 'leave')} from {elsewhere} ({second})."
        between, start = duration_text(violation.facts["between"]), violation.facts["start"]
        return (
            f"{second} starts {start:%d %b %H:%M}, {between} after {first}; special flights here are at least "
            f"{duration_text(self.spacing)} apart."
        )
