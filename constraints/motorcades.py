from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Count,
    Distinct,
    Edge,
    EventRef,
    Link,
    LinkUse,
    Minutes,
    Plan,
    Rule,
    Scenario,
    Soften,
    Steps,
    Term,
    TimeOfDay,
    Violation,
    nearest,
)

_EVER = 10**6


class Motorcades(Rule):
    """No road corridor is closed for more motorcades at a moment than ``capacity``, and for none in the hours of ``rush``.

    Planners need it because every motorcade closes the corridors on its way, so that which halls, hotels and hours are
    chosen decides whether the city still moves. Each delegation with a home makes one motorcade from there to a session of
    a grade with ``escorted: true`` that one of its persons attends, and one back after it; this is counted too where it
    would drive straight on to its next session. All corridors on the way are closed from ``before`` minutes ahead of the
    motorcade to ``after`` minutes behind it; a distance between motorcades is part of ``after``. Nobody drives to a session
    of the event ``arrivals``, whose delegations land, nor from one of ``departures``. ``rush`` holds on workdays,
    ``corridors`` narrows the rule to some of the network, ``events`` to the motorcades of their sessions. Softened, each
    motorcade too many has a price for each minute; in the hours of ``rush`` every one is too many.

        rules:
          roads:
            rule: motorcades
            capacity: 2
            before: 10 min
            after: 5 min
            rush: [07:00-09:00, 17:00-19:00]
            corridors: [changan, airport]
            arrivals: arrivals
            departures: departures

    When it blocks a plan, admit hotels closer to the halls, widen the windows of sessions, raise the capacity, or soften
    it.
    """

    family = "motorcades"
    unit = "motorcades x minutes over capacity"

    capacity: Annotated[Count, Field(ge=1)]
    before: Minutes = 10
    after: Minutes = 5
    rush: Distinct[TimeOfDay] = []
    corridors: Annotated[Distinct[str], Field(min_length=1)] | None = None
    events: Annotated[Distinct[EventRef], Field(min_length=1)] | None = None
    arrivals: EventRef | None = None
    departures: EventRef | None = None
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the network has no such corridor, or none at all, and between which places no way is known."""
        if self.arrivals is not None and self.arrivals == self.departures:
            message = f"{self.arrivals} is the event of arrivals and of departures"
            yield Complaint(("rules", self.id, "departures"), message, "two events, one for each?")
        known = scenario.file.network.corridors
        if not known:
            message = "the road network has no corridor, so that no motorcade closes one"
            yield Complaint(("rules", self.id), message, "'corridors' of the network, and 'corridor' of its links?")
            return
        for position, corridor in enumerate(self.corridors or ()):
            if corridor not in known:
                message = f"there is no corridor {corridor!r}"
                yield Complaint(("rules", self.id, "corridors", position), message, nearest(corridor, known))
        counted = [s for s in scenario.sessions.values() if self.events is None or s.event in self.events]
        escorted = [session for session in counted if scenario.escorted(session)]
        driven = [(person.split(".")[0], session) for session in escorted for person in session.persons]
        for path, message in scenario.unknown_ways(driven):
            yield Complaint(path, message, "'node: one-of-the-network'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one link for each corridor: a motorcade hangs on its session, what it closes on the hall and the hotel."""
        roads: dict[tuple[str, str], dict[str, int]] = {}
        closing: dict[str, list[list[LinkUse]]] = {}
        events = scenario.events if self.events is None else self.events
        counted = (session for session in scenario.sessions.values() if session.event in events)
        for session in (session for session in counted if scenario.escorted(session)):
            attending = {person.partition(".")[0] for person in session.persons}
            for home in (name for name in scenario.homes if name in attending):
                for edge, by_air in ((Edge("first", "start"), self.arrivals), (Edge("first", "end"), self.departures)):
                    if session.event != by_air:
                        for corridor, ways in self._uses(scenario, candidates, session.id, home, edge, roads).items():
                            closing.setdefault(corridor, []).append(ways)
        profile = self._profile(scenario)
        for motorcades in closing.values():
            if self.rush or len(motorcades) > self.capacity:
                uses = tuple(use for ways in motorcades for use in ways)
                yield Link(rule=self.id, price=self.price, uses=uses, capacity=profile)

    def _uses(
        self,
        scenario: Scenario,
        candidates: Candidates,
        session: str,
        home: str,
        edge: Edge,
        roads: dict[tuple[str, str], dict[str, int]],
    ) -> dict[str, list[LinkUse]]:
        """Return by corridor what one motorcade closes: one use for each number of minutes that its way may take."""
        ways = [
            [(hotel.hall, hall.venue) if edge.at == "start" else (hall.venue, hotel.hall) for hotel in candidates.of(home)]
            for hall in candidates.of(session)
        ]
        for way in (way for row in ways for way in row if way not in roads):
            minutes = scenario.travel.minutes(*way) or 0
            roads[way] = {name: minutes for name in scenario.travel.route(*way).corridors if self._counts(name)}
        uses: dict[str, list[LinkUse]] = {}
        for corridor, minutes in sorted({closed for row in ways for way in row for closed in roads[way].items()}):
            amounts = tuple(tuple(int(roads[way].get(corridor) == minutes) for way in row) for row in ways)
            lead, tail = (minutes, 0) if edge.at == "start" else (0, minutes)
            numbers = candidates.numbers[session], candidates.numbers[home]
            use = LinkUse(*numbers, amounts, lead + self.before, tail + self.after, since=edge, until=edge)
            uses.setdefault(corridor, []).append(use)
        return uses

    def _counts(self, corridor: str) -> bool:
        return self.corridors is None or corridor in self.corridors

    def _profile(self, scenario: Scenario) -> Steps:
        """Return how many motorcades there may be over time, before and after the calendar too."""
        spans = scenario.on_workdays(self.rush)
        minutes = (-_EVER, *(moment for span in spans for moment in span))
        return Steps(minutes, (self.capacity, *(there for _ in spans for there in (0, self.capacity))))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the spans in which a corridor is closed for too many motorcades, or in a rush."""
        closures: dict[str, list[_Closure]] = {}
        for closure in self._closures(scenario, plan):
            closures.setdefault(closure.corridor, []).append(closure)
        for corridor, closed in sorted(closures.items()):
            yield from self._too_many(scenario, corridor, closed)

    def _closures(self, scenario: Scenario, plan: Plan) -> Iterator[_Closure]:
        """Yield every closure of a corridor that the sessions and homes of a plan bring about."""
        before, after = timedelta(minutes=self.before), timedelta(minutes=self.after)
        for name, placed in plan.sessions.items():
            session = scenario.sessions[name]
            if not scenario.escorted(session):
                continue
            if self.events is not None and name.partition(".")[0] not in self.events:
                continue
            venue = placed.hall.partition(".")[0]
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            for delegation in dict.fromkeys(person.split(".")[0] for person in session.persons):
                home = plan.homes.get(delegation)
                if home is None:
                    continue
                if session.event != self.arrivals:
                    drive = timedelta(minutes=scenario.travel.minutes(home, venue) or 0)
                    for corridor in scenario.travel.route(home, venue).corridors:
                        yield _Closure(corridor, start - drive - before, start + after, delegation, f"to {name}", name)
                if session.event != self.departures:
                    drive = timedelta(minutes=scenario.travel.minutes(venue, home) or 0)
                    for corridor in scenario.travel.route(venue, home).corridors:
                        yield _Closure(corridor, end - before, end + drive + after, delegation, f"from {name}", name)

    def _too_many(self, scenario: Scenario, corridor: str, closed: list[_Closure]) -> Iterator[Violation]:
        """Yield one violation for each unbroken span in which there are too many, in a rush or out of it."""
        if self.corridors is not None and corridor not in self.corridors:
            return
        first, last = min(closure.begin for closure in closed), max(closure.end for closure in closed)
        rushes = list(self._rushes(scenario, first, last))
        moments = {first, last, *(moment for closure in closed for moment in (closure.begin, closure.end))}
        moments |= {moment for rush in rushes for moment in rush if first < moment < last}
        found: list[_Span] = []
        for begin, end in pairwise(sorted(moments)):
            there = [closure for closure in closed if closure.begin <= begin < closure.end]
            in_rush = any(opens <= begin < closes for opens, closes in rushes)
            over = len(there) - (0 if in_rush else self.capacity)
            if over <= 0:
                continue
            units = over * int((end - begin).total_seconds() // 60)
            if found and found[-1].end == begin and found[-1].in_rush == in_rush:
                before = found.pop()
                there_too = [*before.closures, *(closure for closure in there if closure not in before.closures)]
                most = max(before.most, len(there))
                found.append(_Span(before.begin, end, in_rush, before.units + units, most, there_too))
            else:
                found.append(_Span(begin, end, in_rush, units, len(there), there))
        zone = scenario.calendar.timezone
        for span in found:
            facts = {
                "corridor": corridor,
                "from": span.begin.astimezone(zone),
                "to": span.end.astimezone(zone),
                "in rush": span.in_rush,
                "most": span.most,
                "who": [(closure.delegation, closure.way) for closure in span.closures],
            }
            yield Violation(tuple(dict.fromkeys(closure.session for closure in span.closures)), span.units, facts)

    def _rushes(self, scenario: Scenario, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the hours of rush that may concern what happens between two moments."""
        zone, wall = scenario.calendar.timezone, scenario.calendar.wall
        day = first.astimezone(zone).date() - timedelta(days=1)
        while day <= last.astimezone(zone).date():
            for band in self.rush if scenario.kind_of_day(day) == "workdays" else ():
                yield wall(day, band.start).astimezone(UTC), wall(day, band.end).astimezone(UTC)
            day += timedelta(days=1)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which corridor is closed for whom, and when."""
        facts = violation.facts
        begin, end = facts["from"], facts["to"]
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%d %b %H:%M}"
        corridor = scenario.file.network.corridors[facts["corridor"]].name
        who = ", ".join(f"{scenario.delegation_name(delegation)} {way}" for delegation, way in facts["who"])
        when = f"From {begin:%d %b %H:%M} to {until} {corridor} is closed for"
        if facts["in rush"]:
            return f"{when} {who}, in rush hours in which it stays open."
        return f"{when} up to {facts['most']} motorcades at once, where at most {self.capacity} may be: {who}."


class _Closure(NamedTuple):
    """When a corridor is closed, for whose way to or from which session."""

    corridor: str
    begin: datetime
    end: datetime
    delegation: str
    way: str
    session: str


class _Span(NamedTuple):
    """A span in which a corridor is closed for too many: by how much, the most at once, and for whom."""

    begin: datetime
    end: datetime
    in_rush: bool
    units: int
    most: int
    closures: list[_Closure]
