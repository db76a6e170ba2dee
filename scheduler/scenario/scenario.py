"""The scenario with everything that follows from the file: each session with its own halls, persons and windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from itertools import product
from math import asin, cos, radians, sin, sqrt

from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import Dated, DayKind, Hotel, Name, Turnover, Venue
from scheduler.scenario.schema import Delegation, Event, Pin, Prefer, ScenarioFile, UseEntry, Window
from scheduler.scenario.travel import Travel
from scheduler.scenario.units import DAY, Band

_EARTH_RADIUS = 6_371_000
"""Metres."""


@dataclass(frozen=True, slots=True)
class Bookable:
    """A hall, or a combination of halls of one venue, under its id ``venue.hall``.

    ``parts`` are the ids of the halls it occupies (itself, where it is one hall); ``dated`` is what limits its dates:
    the venue and each part; ``turnovers`` are its own change-over, or those of its parts; ``cost`` is its own, or that of
    its parts together.
    """

    id: str
    venue: str
    name: Name
    parts: tuple[str, ...]
    seats: Mapping[str, int]
    features: frozenset[str]
    clearance: str
    pooled: int | None
    dated: tuple[Dated, ...]
    turnovers: tuple[Turnover, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to hold a session, under an option or, where it has none, under the id ``""``."""

    option: str
    halls: tuple[str, ...]
    price: int
    minutes: int
    """From the first minute to the last, nights between included."""
    uses: Mapping[str, UseEntry]
    spends: Mapping[str, int]
    cost: int


@dataclass(frozen=True, slots=True)
class Session:
    """One session with what its event hands down. Durations are minutes; persons are ``delegation.role``."""

    id: str
    event: str
    envelope: str
    name: Name
    grade: str
    attendance: int
    layout: str | None
    needs: tuple[str, ...]
    delegations: tuple[str, ...]
    persons: tuple[str, ...]
    ways: tuple[Way, ...]
    move_in: int
    move_out: int
    windows: tuple[Window, ...]
    prefer: Prefer
    absence_price: int | None
    """Points for leaving out this session alone; None where the event needs it."""
    vehicles: int = 0
    days: int = 1
    daily: Band | None = None
    labels: Mapping[str, tuple[str, ...] | int] = field(default_factory=dict)
    """By kind: words, or a number by which it ranks."""
    minutes: int = 0
    """How long people are there, by its own ``duration`` or ``daily`` hours, whatever its options say."""

    def words(self, kind: str) -> frozenset[str]:
        """Return its labels of a kind; a number is a word too."""
        said = self.labels.get(kind, ())
        return frozenset([str(said)] if isinstance(said, int) else said)

    def rank(self, kind: str) -> int | None:
        """Return the number that it has of a kind; None where it has none, or words."""
        said = self.labels.get(kind)
        return said if isinstance(said, int) else None

    def way(self, option: str | None) -> Way:
        """Return the way that an option is, or the only one where there are no options."""
        return next(way for way in self.ways if way.option == (option or ""))

    def hours(self, minutes: int) -> tuple[tuple[int, int], ...]:
        """Return when people are there if it takes so long: half-open minutes since the start, one span a day."""
        if self.daily is None:
            return ((0, minutes),)
        length = self.daily.end - self.daily.start
        return tuple((day * DAY, day * DAY + length) for day in range(self.days))


@dataclass(frozen=True, slots=True)
class Home:
    """Where a delegation may stay, the best hotel first, and for how long: from noon of the first day to the last noon."""

    delegation: str
    hotels: tuple[str, ...]
    rooms: int
    first_night: date
    last_night: date
    arrives: datetime
    leaves: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A dated claim of others on halls; ``parts`` are the halls of which these are made."""

    id: str
    halls: tuple[str, ...]
    parts: frozenset[str]
    begins: datetime
    ends: datetime
    price: int | None
    """Points for displacing it; None where nobody may."""


@dataclass(frozen=True, slots=True)
class BasePlacement:
    """Where a session was in the plan that the goal stability keeps to."""

    hall: str
    start: datetime


@dataclass(frozen=True)
class Scenario:
    """One planning problem, resolved; ``file`` keeps what was written."""

    file: ScenarioFile
    sessions: Mapping[str, Session]
    bookables: Mapping[str, Bookable]
    travel: Travel
    base: Mapping[str, BasePlacement] | None = None
    base_homes: Mapping[str, str] = field(default_factory=dict)
    """The hotel of each delegation in the plan that the goal stability keeps to."""
    holds: Mapping[str, Hold] = field(default_factory=dict)

    @cached_property
    def displaceable(self) -> Mapping[str, Hold]:
        """The holds with a price, under names with a space, which no session and no delegation has."""
        return {f"hold {name}": hold for name, hold in self.holds.items() if hold.price is not None}

    @cached_property
    def homes(self) -> Mapping[str, Home]:
        """The home of each delegation that has one; a delegation's id is never a session's, which has a dot."""
        return {name: self._home(name, delegation) for name, delegation in self.delegations.items() if delegation.home}

    def _home(self, name: str, delegation: Delegation) -> Home:
        calendar, nights = self.calendar, delegation.nights
        assert delegation.home is not None
        first = nights.from_ if nights else calendar.start
        last = nights.to if nights else max(calendar.start, calendar.end - timedelta(days=1))
        arrives, leaves = calendar.wall(first, DAY // 2), calendar.wall(last + timedelta(days=1), DAY // 2)
        return Home(name, tuple(dict.fromkeys(delegation.home.any)), delegation.rooms, first, last, arrives, leaves)

    @property
    def id(self) -> str:
        return self.file.id

    @property
    def calendar(self) -> Calendar:
        return self.file.calendar

    @property
    def venues(self) -> Mapping[str, Venue]:
        return self.file.venues

    @property
    def hotels(self) -> Mapping[str, Hotel]:
        return self.file.hotels

    @property
    def events(self) -> Mapping[str, Event]:
        return self.file.events

    @property
    def delegations(self) -> Mapping[str, Delegation]:
        return self.file.delegations

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """Every person, as ``delegation.role``."""
        return tuple(f"{name}.{role}" for name, delegation in self.delegations.items() for role in delegation.persons)

    @cached_property
    def attended(self) -> Mapping[str, tuple[str, ...]]:
        """The sessions that each person, and each delegation, listed or by one of its persons, takes part in."""
        found: dict[str, list[str]] = {}
        for session in self.sessions.values():
            delegations = (person.partition(".")[0] for person in session.persons)
            for name in dict.fromkeys((*session.delegations, *session.persons, *delegations)):
                found.setdefault(name, []).append(session.id)
        return {name: tuple(sessions) for name, sessions in found.items()}

    @cached_property
    def holds_on(self) -> Mapping[str, tuple[tuple[Hold, int, int], ...]]:
        """The holds that each hall or combination has a hall in common with, each with the minutes it begins and ends."""
        minute = self.calendar.minute
        holds = [(hold, minute(hold.begins), minute(hold.ends)) for hold in self.holds.values()]
        return {
            name: tuple(held for held in holds if not held[0].parts.isdisjoint(bookable.parts))
            for name, bookable in self.bookables.items()
        }

    @cached_property
    def label_kinds(self) -> frozenset[str]:
        """The kinds of label that some session has."""
        return frozenset(kind for session in self.sessions.values() for kind in session.labels)

    @property
    def pins(self) -> Mapping[str, Pin]:
        return self.file.pins

    @cached_property
    def event_sessions(self) -> Mapping[str, tuple[Session, ...]]:
        """The sessions of each event, in the order of the file."""
        grouped: dict[str, list[Session]] = {event: [] for event in self.events}
        for session in self.sessions.values():
            grouped[session.event].append(session)
        return {event: tuple(sessions) for event, sessions in grouped.items()}

    @cached_property
    def start_minutes(self) -> tuple[int, ...]:
        """Every minute at which a session may start, ascending: those of the grid, and pinned ones beside it."""
        calendar = self.calendar
        pinned = {calendar.minute(pin.start) for pin in self.pins.values() if pin.start is not None}
        return tuple(sorted({*range(0, calendar.horizon, calendar.grid), *pinned}))

    @cached_property
    def blocks(self) -> Mapping[str, tuple[datetime, datetime]]:
        """The first moment of each block of time and the one that ends it, in their order."""
        spans = {name: window.span(self.calendar) for name, window in self.file.blocks.items()}
        return dict(sorted(spans.items(), key=lambda item: item[1]))

    @cached_property
    def block_bounds(self) -> Mapping[int, int | None]:
        """The minutes from which on a start is in another block than before, with the number of the block, or in none."""
        bounds: dict[int, int | None] = {0: None}
        for number, (begin, end) in enumerate(self.blocks.values()):
            bounds |= {self.calendar.minute(begin): number, self.calendar.minute(end): None}
        return bounds

    def block_at(self, moment: datetime) -> str | None:
        """Return the block that a session is in which starts at a moment, None where it is in none."""
        return next((name for name, (begin, end) in self.blocks.items() if begin <= moment < end), None)

    @cached_property
    def sweeps(self) -> Mapping[str, int]:
        """Minutes of the security sweep of each envelope: that of the highest demand among its sessions."""
        minutes: dict[str, int] = {}
        for session in self.sessions.values():
            sweep = next((grade.sweep for name, grade in self.file.grades.items() if name == session.grade), 0)
            minutes[session.envelope] = max(sweep, minutes.get(session.envelope, 0))
        return minutes

    def kind_of_day(self, day: date) -> DayKind:
        """Return whether a date is worked."""
        return self.file.kind_of_day(day)

    def on_workdays(self, bands: Iterable[Band]) -> list[tuple[int, int]]:
        """Return times of day on workdays as disjoint ascending spans of minutes, two days beyond the calendar too."""
        beyond = range(-2, (self.calendar.end - self.calendar.start).days + 3)
        days = [self.calendar.start + timedelta(days=offset) for offset in beyond]
        worked = [day for day in days if self.kind_of_day(day) == "workdays"]
        spans: list[tuple[int, int]] = []
        for begin, end in sorted(self.calendar.band(day, band) for band in bands for day in worked):
            if spans and begin <= spans[-1][1]:
                begin, end = spans[-1][0], max(end, spans.pop()[1])
            spans.append((begin, end))
        return spans

    def escorted(self, *sessions: Session) -> bool:
        """Return whether a way from or to one of these sessions goes with a motorcade."""
        grades = self.file.grades
        return any(grade.escorted for name, grade in grades.items() if name in {session.grade for session in sessions})

    def could_meet(self, session: Session, other: Session, gap: int, back: int | None = None) -> bool:
        """Return whether windows let two sessions come within ``gap`` minutes of one another.

        Or within ``back``, where it is given, if the second comes first.
        """
        (opens, closes), (others_open, others_close) = self.reach[session.id], self.reach[other.id]
        return closes + gap > others_open and others_close + (gap if back is None else back) > opens

    def strangers(self, grade: str, gap: int) -> Iterator[tuple[Session, Session]]:
        """Yield each two sessions of a grade or a higher one, of different envelopes, that could meet within ``gap``."""
        graded = [session for session in self.sessions.values() if session.grade <= grade]  # G1 is the highest
        for first, second in self.meeting(graded, gap):
            if graded[first].envelope != graded[second].envelope:
                yield graded[first], graded[second]

    def meeting(self, sessions: Sequence[Session], gap: int) -> list[tuple[int, int]]:
        """Return the positions of each two sessions that windows let come within ``gap`` minutes, ascending."""
        reaches = [self.reach[session.id] for session in sessions]
        found: list[tuple[int, int]] = []
        near: list[int] = []
        for position in sorted(range(len(sessions)), key=lambda position: reaches[position]):
            opens = reaches[position][0]
            near = [other for other in near if reaches[other][1] + gap > opens]
            closes = reaches[position][1] + gap
            pairs = (other for other in near if closes > reaches[other][0])
            found += ((other, position) if other < position else (position, other) for other in pairs)
            near.append(position)
        return sorted(found)

    def numbered(self, groups: Mapping[str, Iterable[Session]], gap: int) -> dict[str, int]:
        """Return a number for each group of sessions: one number only for groups that windows keep so many minutes apart.

        So few numbers stand for many groups, wherever only those that could meet have to be told from one another.
        """
        spans = []
        for name, sessions in groups.items():
            opens, closes = zip(*(self.reach[session.id] for session in sessions), strict=True)
            spans.append((min(opens), max(closes), name))
        numbers: dict[str, int] = {}
        running: list[tuple[int, int]] = []
        free: list[int] = []
        for opens, closes, name in sorted(spans):
            while running and running[0][0] + gap <= opens:
                heappush(free, heappop(running)[1])
            numbers[name] = heappop(free) if free else len(running)
            heappush(running, (closes, numbers[name]))
        return numbers

    @cached_property
    def reach(self) -> Mapping[str, tuple[int, int]]:
        """Minutes that each session cannot start before and cannot end after, by its windows."""
        return {name: self._reach_of(session) for name, session in self.sessions.items()}

    def _reach_of(self, session: Session) -> tuple[int, int]:
        first, last = [], []
        for window in session.windows:
            if window.moments:
                begin, end = (self.calendar.minute(moment) for moment in window.moments)
            else:
                (from_, to), hours = window.days, window.time or Band(0, DAY)
                begin, end = self.calendar.band(from_, hours)[0], self.calendar.band(to, hours)[1]
            first.append(begin)
            last.append(end)
        return min(first, default=0), max(last, default=self.calendar.horizon)

    def distance(self, venue: str, other: str) -> int | None:
        """Return the metres between two venues as the crow flies; None where one of them stands at no node."""
        if venue == other:
            return 0
        here, there = (self.file.network.nodes.get(self.venues[place].node or "") for place in (venue, other))
        if here is None or there is None:
            return None
        (north, east), (other_north, other_east) = (map(radians, node.at) for node in (here, there))
        chord = sin((north - other_north) / 2) ** 2
        chord += cos(north) * cos(other_north) * sin((east - other_east) / 2) ** 2
        return round(2 * _EARTH_RADIUS * asin(sqrt(chord)))

    def unknown_ways(self, driven: Iterable[tuple[str, Session]]) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield each place without a node, as its path and a message, between which and a home somebody is to be driven.

        ``driven`` are delegations, each with a session that it goes to; those without a home are left out.
        """
        said: set[tuple[str, str]] = set()
        for name, session in driven:
            hotels = [hotel for hotel in self.homes[name].hotels if hotel in self.hotels] if name in self.homes else []
            venues = dict.fromkeys(self.bookables[hall].venue for way in session.ways for hall in way.halls)
            for hotel, venue in product(hotels, venues):
                path = ("hotels", hotel) if self.hotels[hotel].node is None else ("venues", venue)
                nodeless = self.hotels[hotel].node is None or self.venues[venue].node is None
                if nodeless and path not in said and self.travel.minutes(hotel, venue) is None:
                    said.add(path)
                    between = f"no way between {hotel} and {venue} is known for {self.delegation_name(name)}"
                    yield path, f"{path[1]} has no node, so that {between}"

    def person_name(self, person: str) -> str:
        """Return a person as delegation and office, for messages: ``Brazil, President``."""
        delegation, _, role = person.partition(".")
        return f"{self.delegation_name(delegation)}, {self.delegations[delegation].persons[role]}"

    def delegation_name(self, delegation: str) -> str:
        """Return the name of a delegation, or its id where it has none."""
        return str(self.delegations[delegation].name or delegation)

    def hall_name(self, hall: str) -> str:
        """Return a hall with its venue, for messages: ``East Hall (Great Hall of the People)``."""
        bookable = self.bookables[hall]
        return f"{bookable.name} ({self.venues[bookable.venue].name})"
