from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import combinations, permutations
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Clear,
    Complaint,
    Delay,
    Lag,
    Match,
    Minutes,
    Plan,
    Relation,
    Remedy,
    Rule,
    Scenario,
    Sequence,
    Session,
    Stay,
    Term,
    Violation,
    Visit,
    Window,
    duration_text,
    nearest,
)


class Itinerary(Rule):
    """A person is in one place at a time, with the minutes to get from one session to the next.

    Planners need it because the host's principal cannot receive two guests at once, and the Great Hall is not next door
    to the airport. Between venues count the minutes of ``travel``; inside a venue its ``moves``, from hall to hall when
    the person changes events, and nothing within one event.

        travel:
          pek: {diaoyutai: 35 min, ghop: 30 min}
        delegations:
          host: {country: CN, persons: {principal: President, premier: Premier}}
        events:
          visit: {grade: G1, delegations: [host], sessions: {talks: {duration: 75 min, persons: [principal]}}}

    Ways to and from sessions of a grade with ``escorted: true`` go with a motorcade and take the minutes of free roads
    at all hours; others take those of the hour of departure. ``rest`` is the least from a person's last session of a day
    to the first of the next, ``longest-day`` the most from the first start to the last end of a day; they hold for the
    roles in ``of`` (for all persons without it). A session counts on the day it starts.

        rules:
          days: {rule: itinerary, rest: 9 h, longest-day: 15 h, of: [principal, spouse]}

    It always stands. When it blocks a plan, send another person, widen the windows, or bring the two sessions under one
    roof.
    """

    family = "itinerary"
    standing = True

    rest: Annotated[Minutes, Field(ge=1, le=24 * 60)] | None = None
    longest_day: Annotated[Minutes, Field(ge=1, le=24 * 60)] | None = None
    of: list[str] | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where no way is known, which role nobody has, and of whom more is asked in a day than it is long."""
        roles = {role for delegation in scenario.delegations.values() for role in delegation.persons}
        for index, role in enumerate(self.of or ()):
            if role not in roles:
                yield Complaint(("rules", self.id, "of", index), f"nobody has the role {role!r}", nearest(role, roles))
        reported: set[tuple[str, str] | str] = set()
        for person, sessions in _by_person(scenario).items():
            venues = {scenario.bookables[hall].venue for s in sessions for way in s.ways for hall in way.halls}
            for pair in combinations(sorted(venues), 2):
                if all(scenario.venues[venue].node for venue in pair):
                    continue  # what hinders roads between nodes has been complained of where it is written
                if scenario.travel.minutes(*pair) is None and pair not in reported and len(sessions) > 1:
                    reported.add(pair)
                    who = scenario.person_name(person)
                    message = f"no minutes between {pair[0]} and {pair[1]}, where {who} may have sessions"
                    yield Complaint(("travel",), message, f"'travel: {{{pair[0]}: {{{pair[1]}: 20 min}}}}'?")
            yield from self._overburdened(scenario, person, sessions, reported)

    def _overburdened(
        self, scenario: Scenario, person: str, sessions: list[Session], reported: set[tuple[str, str] | str]
    ) -> Iterator[Complaint]:
        """Say on which day the sessions that a person has to attend are longer than the day."""
        length = self.longest_day if self.longest_day and self._binds(person) else 24 * 60
        by_day: dict[date, list[Session]] = {}
        for session in sessions:
            days = {day for window in session.windows for day in _begins_on(window)}
            if session.days > 1:
                continue  # nobody can attend it, which has been complained of
            longest = max(session.ways, key=lambda way: way.minutes)
            if longest.minutes > length:
                if session.id in reported:
                    continue
                reported.add(session.id)
                who = scenario.person_name(person)
                most = "a day has" if length == 24 * 60 else f"the longest day of {who} has"
                option = f" by the option {longest.option}" if longest.option else ""
                message = f"{session.id} takes {duration_text(longest.minutes)}{option}; {most} {duration_text(length)}"
                yield Complaint(_path(session), message, f"a shorter session, or one without {who}?")
            elif len(days) == 1 and session.absence_price is None and not scenario.events[session.event].optional:
                by_day.setdefault(days.pop(), []).append(session)
        for day, due in by_day.items():
            minutes = sum(min(way.minutes for way in session.ways) for session in due)
            if minutes > length:
                names = ", ".join(session.id for session in due)
                message = (
                    f"{scenario.person_name(person)} has {duration_text(minutes)} of sessions on {day}, in a day of "
                    f"{duration_text(length)}: {names}"
                )
                yield Complaint(_path(due[-1]), message, "send another person, or move a session to another day.")

    def _binds(self, person: str) -> bool:
        """Return whether rest and longest day hold for a person."""
        return self.of is None or person.partition(".")[2] in self.of

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one sequence for each person, and of each pair of sessions what rest and the longest day ask."""
        said: set[tuple[str, str]] = set()
        ways = _Ways(scenario)
        for person, sessions in _by_person(scenario).items():
            if len(sessions) < 2:
                continue
            yield self._sequence(scenario, candidates, person, sessions, ways)
            if not self._binds(person) or (self.rest is None and self.longest_day is None):
                continue
            for first, second in _days_meeting(sessions):
                if (first.id, second.id) not in said:
                    said.add((first.id, second.id))
                    yield from self._day_and_night(scenario, candidates, first, second)

    def _sequence(
        self, scenario: Scenario, candidates: Candidates, person: str, sessions: list[Session], ways: _Ways
    ) -> Term:
        """Return the sequence of one person.

        Inside a venue it matters whether two sessions are of one event; a number stands for all events that are too far
        apart in time to matter to one another.
        """
        events: dict[str, list[Session]] = {}
        for session in sessions:
            events.setdefault(session.event, []).append(session)
        venues = dict.fromkeys(choice.venue for session in sessions for choice in candidates.of(session.id))
        numbers = scenario.numbered(events, max((scenario.venues[venue].moves for venue in venues), default=0))
        kinds: dict[tuple[str, str, int, bool], int] = {}
        visits = []
        for session in sessions:
            escorted, stays = scenario.escorted(session), []
            for choice in candidates.of(session.id):
                inside = (choice.hall, numbers[session.event]) if scenario.venues[choice.venue].moves else ("", 0)
                stays.append(Stay(kinds.setdefault((choice.venue, *inside, escorted), len(kinds))))
            visits.append(Visit(candidates.numbers[session.id], tuple(stays)))
        matrix = tuple(tuple(ways.minutes(a[:3], b[:3]) for b in kinds) for a in kinds)
        delays = {
            (kinds[a], kinds[b]): delay
            for a, b in permutations((kind for kind in kinds if not kind[3]), 2)
            if a[0] != b[0] and (delay := ways.delay(a[0], b[0])) is not None
        }
        who = scenario.person_name(person)
        return Sequence(rule=self.id, about=who, visits=tuple(visits), changeover=matrix, delays=delays)

    def _day_and_night(self, scenario: Scenario, candidates: Candidates, a: Session, b: Session) -> Iterator[Term]:
        first, second = candidates.numbers[a.id], candidates.numbers[b.id]
        days = scenario.calendar.day_starts
        if self.rest is not None and _days_apart(a, b) < 2:
            other_days = Match(_different(len(days)), cells=days)
            yield Relation(rule=self.id, first=first, second=second, when=other_days, then=Clear(self.rest))
        if self.longest_day is not None and _days_apart(a, b) < 1:
            one_day = Match(_equal(len(days)), cells=days)
            for last, begin in ((first, second), (second, first)):
                within = Lag(least=-self.longest_day)  # from the end of the one back to the start of the other
                yield Relation(rule=self.id, first=last, second=begin, when=one_day, then=within)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find persons who would have to be in two places, could not get from one to the next, or do not get their rest."""
        days: dict[str, list[str]] = {}
        for session in plan.sessions:
            for person in scenario.sessions[session].persons:
                days.setdefault(person, []).append(session)
        late: dict[tuple[str, str], list[str]] = {}
        longest = self._longest_way(scenario, {placed.hall.split(".")[0] for placed in plan.sessions.values()})
        for person, sessions in days.items():
            sessions.sort(key=lambda session: plan.sessions[session].start)
            for position, first in enumerate(sessions):
                for second in sessions[position + 1 :]:
                    if plan.sessions[second].start - plan.sessions[first].end >= longest:
                        break  # and so are all that follow
                    way, between = self._way_and_time(scenario, plan, first, second)
                    if between < way:
                        late.setdefault((first, second), []).append(person)
            yield from self._long_days(scenario, plan, person, sessions)
        for (first, second), persons in late.items():
            way, between = self._way_and_time(scenario, plan, first, second)
            a, b = plan.sessions[first], plan.sessions[second]
            venues = a.hall.partition(".")[0], b.hall.partition(".")[0]
            free = scenario.travel.minutes(*venues) or 0
            facts = {"persons": persons, "way": way, "first": a, "second": b, "free": free if free < way else 0}
            yield Violation((first, second), way - between, facts)

    @staticmethod
    def _longest_way(scenario: Scenario, venues: set[str]) -> timedelta:
        """Return minutes in which anybody gets from any of these venues to any other, and from hall to hall in one."""
        travel = scenario.travel
        ways = ((travel.minutes(*pair) or 0) + travel.most_delay(*pair) for pair in permutations(sorted(venues), 2))
        return timedelta(minutes=max((*ways, *(scenario.venues[venue].moves for venue in venues)), default=0))

    def _long_days(self, scenario: Scenario, plan: Plan, person: str, sessions: list[str]) -> Iterator[Violation]:
        """Find days of a person that are too long, and nights that are too short."""
        if self.of is not None and person.partition(".")[2] not in self.of:
            return
        by_day: dict[date, list[str]] = {}
        for name in sessions:
            local = plan.sessions[name].start.astimezone(scenario.calendar.timezone)
            by_day.setdefault(local.date(), []).append(name)
        for names in by_day.values() if self.longest_day is not None else ():
            last = max(names, key=lambda name: plan.sessions[name].end)
            length = _minutes_between(plan.sessions[names[0]].start, plan.sessions[last].end)
            if length > (self.longest_day or 0):
                facts = {"persons": [person], "day": (plan.sessions[names[0]].start, plan.sessions[last].end)}
                yield Violation((names[0], last), length - (self.longest_day or 0), facts)
        lasts = [max(names, key=lambda name: plan.sessions[name].end) for names in by_day.values()]
        ends = [plan.sessions[last].end for last in lasts]
        for (number, _), (_, morning) in combinations(enumerate(by_day.values()), 2) if self.rest is not None else ():
            last = lasts[number]
            if plan.sessions[morning[0]].start - ends[number] >= timedelta(minutes=self.rest or 0):
                continue
            night = _minutes_between(plan.sessions[last].end, plan.sessions[morning[0]].start)
            if night < (self.rest or 0):
                facts = {"persons": [person], "night": (plan.sessions[last].end, plan.sessions[morning[0]].start)}
                yield Violation((last, morning[0]), (self.rest or 0) - night, facts)

    @staticmethod
    def _way_and_time(scenario: Scenario, plan: Plan, first: str, second: str) -> tuple[int, int]:
        """Return the minutes that the way between two sessions takes, and those there are."""
        a, b = plan.sessions[first], plan.sessions[second]
        venue_a, venue_b = a.hall.partition(".")[0], b.hall.partition(".")[0]
        way = 0
        if venue_a != venue_b and scenario.escorted(scenario.sessions[first], scenario.sessions[second]):
            way = scenario.travel.minutes(venue_a, venue_b) or 0
        elif venue_a != venue_b:
            way = scenario.travel.minutes_leaving(venue_a, venue_b, a.end) or 0
        elif a.hall != b.hall and scenario.sessions[first].event != scenario.sessions[second].event:
            way = scenario.venues[venue_a].moves
        return way, _minutes_between(a.end, b.start)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who would have to be where."""
        facts = violation.facts
        first, second = violation.sessions
        if "day" in facts or "night" in facts:
            begin, end = facts.get("day") or facts["night"]
            what, limit = ("day", self.longest_day) if "day" in facts else ("night's rest", self.rest)
            length = duration_text(max(0, _minutes_between(begin, end)))
            bound = f"{duration_text(limit or 0)} is the {'most' if 'day' in facts else 'least'}"
            who = scenario.person_name(facts["persons"][0])
            return (
                f"{who} has a {what} of {length}, {begin:%d %b %H:%M} ({first}) to {end:%d %b %H:%M} ({second}); {bound}."
            )
        who = " and ".join(scenario.person_name(person) for person in facts["persons"])
        ends, starts = f"{facts['first'].end:%d %b %H:%M}", f"{facts['second'].start:%d %b %H:%M}"
        where, there = scenario.hall_name(facts["first"].hall), scenario.hall_name(facts["second"].hall)
        missing = duration_text(violation.amount)
        way = f"; the way takes {duration_text(facts['way'])}" if facts["way"] else ""
        way += f" in the traffic of that hour, {duration_text(facts['free'])} on free roads" if facts["free"] else ""
        return (
            f"{who} cannot be in both {first} in {where}, which ends {ends}, and {second} in {there}, "
            f"which starts {starts}: {missing} are missing{way}."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Shorten the night's rest, or lengthen the longest day, where these are what is missing."""
        for key, what, bound, sign in (("night", "rest", self.rest, -1), ("day", "longest-day", self.longest_day, 1)):
            if key in violation.facts and bound is not None:
                changed = duration_text(bound + sign * violation.amount)
                text = f"Let the {what} of {self.id} be {changed}, not {duration_text(bound)}."
                yield Remedy(text, {"rules": {self.id: {what: changed}}}, violation.amount / bound)


def _begins_on(window: Window) -> tuple[date, ...]:
    """Return the first and the last day on which a session in a window can begin, which may be after midnight."""
    first, last = window.days
    return (first, last + timedelta(days=1)) if window.time and window.time.end > 24 * 60 else (first, last)


def _first_and_last(session: Session) -> tuple[date, date]:
    """Return the first and the last day on which a session can begin."""
    days = [_begins_on(window) for window in session.windows]
    return min((first for first, _ in days), default=date.min), max((last for _, last in days), default=date.max)


def _days_apart(a: Session, b: Session) -> int:
    """Return how many nights and days lie between the windows of two sessions at least, 0 where any may be the same day.

    No session that a person attends is longer than a day, so that over two days apart there is rest in any case.
    """
    (a_first, a_last), (b_first, b_last) = _first_and_last(a), _first_and_last(b)
    return max(0, (b_first - a_last).days - 1, (a_first - b_last).days - 1)


def _days_meeting(sessions: list[Session]) -> list[tuple[Session, Session]]:
    """Return each two sessions of which `_days_apart` is less than two, in the order in which they are listed."""
    days = [_first_and_last(session) for session in sessions]
    found: list[tuple[int, int]] = []
    near: list[int] = []
    for position in sorted(range(len(sessions)), key=lambda position: days[position]):
        first = days[position][0]
        near = [other for other in near if (first - days[other][1]).days < 3]
        found += ((min(other, position), max(other, position)) for other in near)
        near.append(position)
    return [(sessions[first], sessions[second]) for first, second in sorted(found)]


@lru_cache(maxsize=16)
def _equal(count: int) -> frozenset[tuple[int, int]]:
    return frozenset((day, day) for day in range(count))


@lru_cache(maxsize=16)
def _different(count: int) -> frozenset[tuple[int, int]]:
    return frozenset(permutations(range(count), 2))


def _path(session: Session) -> tuple[str, ...]:
    return "events", session.event, "sessions", session.id.removeprefix(f"{session.event}.")


def _minutes_between(begin: datetime, end: datetime) -> int:
    return int((end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds() // 60)


class _Ways:
    """The minutes from one session to the next, and the delays on top of them, each way worked out once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._free: dict[tuple[str, str], int] = {}
        self._delays: dict[tuple[str, str], Delay | None] = {}

    def minutes(self, before: tuple[str, str, int], after: tuple[str, str, int]) -> int:
        """Return the minutes between sessions with their venue, their hall and the number of their event."""
        (venue_a, hall_a, event_a), (venue_b, hall_b, event_b) = before, after
        if venue_a == venue_b:
            return 0 if hall_a == hall_b or event_a == event_b else self._scenario.venues[venue_a].moves
        if (venue_a, venue_b) not in self._free:
            self._free[venue_a, venue_b] = self._scenario.travel.minutes(venue_a, venue_b) or 0
        return self._free[venue_a, venue_b]

    def delay(self, origin: str, destination: str) -> Delay | None:
        """Return what a way takes longer than with a motorcade, by the minute of departure; None where it never does."""
        if (origin, destination) not in self._delays:
            travel = self._scenario.travel
            most, free = travel.most_delay(origin, destination), travel.minutes(origin, destination) or 0
            slow = Delay(lambda minute: (travel.unescorted(origin, destination, minute) or 0) - free, most)
            self._delays[origin, destination] = slow if most else None
        return self._delays[origin, destination]


def _by_person(scenario: Scenario) -> dict[str, list[Session]]:
    sessions: dict[str, list[Session]] = {}
    for session in scenario.sessions.values():
        for person in session.persons:
            sessions.setdefault(person, []).append(session)
    return sessions
