"""What a scenario file may say, section by section, as pydantic models.

The models hold what is written, with units read and defaults filled in; what follows from it (a session's own grade, the
halls a pattern stands for) is in ``scenario.py``. Rules and goals are read by their own families in ``load.py``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from scheduler.scenario.audiences import Audience, Audiences
from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import (
    Blackout,
    Budget,
    DayKind,
    Feature,
    Grade,
    GradeName,
    Hotel,
    Layout,
    Name,
    NamedDay,
    Network,
    Period,
    Pool,
    Text,
    Venue,
    Zone,
)
from scheduler.scenario.model import Model
from scheduler.scenario.units import (
    DAY,
    Band,
    Count,
    Date,
    DateOrLocalTime,
    Id,
    Length,
    LocalTime,
    Minutes,
    TierNumber,
    TimeOfDay,
    parse_duration,
    shown,
    unusable,
)

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
Rank = Literal["head-of-state", "head-of-government", "deputy-head", "head-of-organisation", "minister", "other"]


def _one(value: Any) -> Any:
    if value is not True and value == 1:
        return value
    raise unusable(f"this program reads schema 1, not {shown(value)}")


def _by_role(value: dict[str, Name] | list[str]) -> dict[str, Name]:
    return {role: Name(en=role) for role in value} if isinstance(value, list) else value


def _country(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{2}", value):
        raise unusable(f"{shown(value)} is not a country", "'NO'? Two letters of ISO 3166.")
    return value


def _language(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch("[a-z]{2,3}", value):
        raise unusable(f"{shown(value)} is not a language", "'ru'? Two or three letters of ISO 639.")
    return value


Language = Annotated[str, BeforeValidator(_language)]


class Home(Model):
    """The hotels a delegation may stay in, the best first."""

    any: Annotated[list[Id], Field(min_length=1)]


class Nights(Model):
    """The first and the last night of a stay."""

    from_: Date
    to: Date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise unusable(f"the last night is {self.to}, before the first, {self.from_}", "swap 'from' and 'to'?")
        return self


class Delegation(Model):
    """Who takes part: a country or an organisation and its persons, named by office."""

    country: Annotated[str, BeforeValidator(_country)] | None = Field(
        default=None, description="ISO 3166-1 alpha-2; none where it is an organisation."
    )
    name: Text | None = None
    rank: Rank | None = None
    size: Count | None = Field(default=None, description="People, all told.")
    home: Home | None = Field(default=None, description="Where it may stay; the plan decides.")
    rooms: Annotated[Count, Field(ge=1)] = Field(default=1, description="Rooms a night.")
    nights: Nights | None = Field(default=None, description="Every night of the calendar but the last, where not given.")
    uses: dict[Id, Count] = Field(default={}, description="What it takes of pools for its whole stay.")
    languages: list[Language] = Field(default=[], description="What it speaks (ISO 639), its own first.")
    source: list[str] = []
    note: str | None = None
    persons_: Annotated[dict[Id, Text] | list[Id], AfterValidator(_by_role)] = Field(
        default={}, description="The office of each person by role, or the roles alone."
    )

    @property
    def persons(self) -> dict[str, Name]:
        """The office of each person by role."""
        assert isinstance(self.persons_, dict)
        return self.persons_


class Halls(Model):
    """Where a session may be: ``venue.hall``, ``venue.*`` or ``*``."""

    any: Annotated[list[str], Field(min_length=1)]


def _precedes(a: dt.date, b: dt.date) -> bool:
    """Compare two dates or two moments."""
    return a < b


class Window(Model):
    """When a session may take place, from its first to its last minute.

    Either ``date`` (one day) or ``from`` and ``to`` (dates, both included, or local times); ``time`` narrows each day,
    ``on`` the days.
    """

    day: Date | None = Field(default=None, alias="date")
    from_: DateOrLocalTime | None = None
    to: DateOrLocalTime | None = None
    time: TimeOfDay | None = None
    on: DayKind | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.day is None) == (self.from_ is None) or (self.from_ is None) != (self.to is None):
            raise unusable("a window is either 'date' or 'from' and 'to'")
        first, last = self._first, self._last
        if isinstance(first, dt.datetime) != isinstance(last, dt.datetime):
            raise unusable("'from' and 'to' are both dates or both local times")
        if _precedes(last, first) or (last == first and isinstance(first, dt.datetime)):
            raise unusable(f"the window ends {last}, before it starts {first}", "swap 'from' and 'to'?")
        if isinstance(first, dt.datetime) and self.time:
            raise unusable("'time' narrows days; 'from' and 'to' already say the hours")
        if self.on and (self.day or isinstance(first, dt.datetime)):
            raise unusable("'on' narrows the days from one date to another")
        return self

    @property
    def _first(self) -> dt.date:
        first = self.day or self.from_
        assert first is not None
        return first

    @property
    def _last(self) -> dt.date:
        last = self.day or self.to
        assert last is not None
        return last

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime] | None:
        """The first moment and the one that ends it, where they are given as such."""
        first, last = self._first, self._last
        return (first, last) if isinstance(first, dt.datetime) and isinstance(last, dt.datetime) else None

    @property
    def is_one_span(self) -> bool:
        """Whether it is open from a first moment to a last one without a break."""
        return self.on is None and (self.time is None or self._first == self._last)

    def span(self, calendar: Calendar) -> tuple[dt.datetime, dt.datetime]:
        """Return the first moment and the one that ends it, of a window that is one span."""
        if self.moments:
            return self.moments
        (first, last), hours = self.days, self.time or Band(0, DAY)
        return calendar.wall(first, hours.start), calendar.wall(last, hours.end)

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day, both included."""
        first, last = (day.date() if isinstance(day, dt.datetime) else day for day in (self._first, self._last))
        return first, last


class Prefer(Model):
    """What a session would like: a start, and venues or halls, the best first."""

    start: LocalTime | None = None
    venues: list[str] = []


class LeftOut(Model):
    """May be left out, at a price in points of the goal hold-events."""

    price: Count


class UseEntry(Model):
    """What a session takes of a pool, and in which phase of it.

    ``sweep``: for the grade's sweep before its start. ``session``: from start to end, of several days in the daily hours.
    ``wave``: for the minutes ``wave`` before its start and again after its end, while people come and go.
    """

    phase: Literal["sweep", "session", "wave"] = "session"
    amount: Count = 0
    per_delegation: Count = 0
    per_people: Annotated[Count, Field(ge=1)] | None = Field(
        default=None, description="One for each so many of the people who attend, rounded up: the seats of a coach."
    )
    wave: Annotated[Minutes, Field(ge=1)] = 30


class Option(Model):
    """One way to hold a session: its halls, its points in the goal preferred-venues, and where it differs."""

    name: Text | None = None
    halls: Halls
    price: Count = 0
    reward: Count = Field(default=0, description="Points that are missed where the session is not held so.")
    duration: Length | None = Field(default=None, description="The session's where not given.")
    uses: dict[Id, UseEntry] | None = Field(default=None, description="The session's, all of them, where not given.")
    spends: dict[Id, Count] | None = Field(default=None, description="The session's, all of it, where not given.")
    cost: Count | None = Field(default=None, description="The session's where not given.")

    @field_validator("duration", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return parse_duration(value) if value is None else value  # written, and empty


def _each_once(label: list[str] | int) -> list[str] | int:
    if isinstance(label, list) and len(set(label)) < len(label):
        twice = next(word for position, word in enumerate(label) if word in label[:position])
        raise unusable(f"{twice} stands twice in this list")
    return label


Label = Annotated[list[Id] | Count, AfterValidator(_each_once)]


class SessionEntry(Model):
    """One item of an event's programme: so long, or as long as each option is, or so many ``days`` at ``daily`` hours."""

    name: Text | None = None
    duration: Length | None = None
    days: Annotated[Count, Field(ge=1)] = 1
    daily: TimeOfDay | None = Field(default=None, description="The hours of each day; the hall is held over night.")
    attendance: Count = 0
    vehicles: Count = Field(default=0, description="Counted against the limit of the venue.")
    layout: Layout | None = None
    needs: list[Feature] = []
    labels: dict[Id, Label] = Field(
        default={},
        description="What it is about or for, by kind: words, or a number by which it ranks (theme: [trade], level: 2).",
    )
    grade: GradeName | None = Field(default=None, description="The event's grade where it is not given.")
    audience: Audience | None = Field(
        default=None, description="The widest audience that is told of it; the event's where not given."
    )
    delegations: list[str] | Literal["all"] | None = Field(default=None, description="The event's where not given.")
    persons: list[str] = Field(
        default=[],
        description="A role of each delegation of the session (principal), or of one delegation (host.premier).",
    )
    halls: Halls | None = Field(default=None, description="Any hall where neither halls nor options are given.")
    options: Annotated[dict[Id, Option], Field(min_length=1)] | None = None
    move_in: Minutes = 0
    move_out: Minutes = 0
    within: dict[Id, Window] | None = Field(default=None, description="The event's where not given.")
    prefer: Prefer = Prefer()
    uses: dict[Id, UseEntry] = Field(default={}, description="What it takes of pools.")
    spends: dict[Id, Count] = Field(default={}, description="What it spends of budgets.")
    cost: Count = Field(default=0, description="In points of the goal cost.")
    optional: LeftOut | None = None
    note: str | None = None
    source: list[str] = []

    @field_validator("duration", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return parse_duration(value) if value is None else value  # written, and empty

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.halls and self.options:
            raise unusable("a session has 'halls' or 'options', not both", "move 'halls' into each option.")
        if self.duration is not None and self.daily is not None:
            raise unusable("a session has either a 'duration' or 'daily' hours", "leave out one of the two.")
        options = list((self.options or {}).values())
        if self.duration is None and self.daily is None and (not options or any(o.duration is None for o in options)):
            message = "a session, or each of its options, has a 'duration', or the session has 'daily' hours"
            raise unusable(message, "'duration: 90 min'?")
        if self.days > 1 and self.daily is None:
            raise unusable("a session of several days says its 'daily' hours", "'daily: 09:00-17:00'?")
        return self

    @property
    def minutes(self) -> int:
        """From the first minute to the last, nights between included."""
        if self.daily is None:
            return self.duration or 0
        return (self.days - 1) * DAY + self.daily.end - self.daily.start


class HoldEntry(Period):
    """A dated claim of others on a hall, on ``venue.*`` or on ``*``; with a price it may be displaced."""

    hall: str
    by: Text
    price: Annotated[Count, Field(ge=1)] | None = Field(
        default=None, description="In points of the goal displaced-holds, once; nobody may displace it where not given."
    )
    source: list[str] = []


class Event(Model):
    """A summit, a forum, a visit: held if all its required sessions are."""

    name: Text | None = None
    grade: GradeName
    audience: Audience = Field(default="public", description="The widest audience that is told of it.")
    envelope: Id | None = Field(default=None, description="Events of one envelope share the sweep of a hall.")
    delegations: list[str] | Literal["all"] = []
    within: dict[Id, Window] = {}
    despite: list[Id] = Field(default=[], description="Blackouts it is held in all the same.")
    optional: LeftOut | None = None
    sessions: Annotated[dict[Id, SessionEntry], Field(min_length=1)]
    source: list[str] = []


class Pin(Model):
    """Where and when a session has to be; it need not lie on the grid."""

    hall: str | None = None
    option: Id | None = None
    start: LocalTime | None = None


class Tier(Model):
    """A tier of goals; the next tier may worsen its value by ``slack`` points."""

    slack: Count = 0


class Expect(Model):
    """What solving this scenario is expected to say."""

    status: Status | None = None
    absent: Count | None = None


def _on_the_way(minutes: int) -> int:
    if minutes < 1:
        raise unusable("travel between two venues takes at least a minute")
    return minutes


TravelMinutes = Annotated[Minutes, AfterValidator(_on_the_way)]


class ScenarioFile(Model):
    """One planning problem, whole: after includes, templates and patches."""

    schema_: Annotated[Literal[1], BeforeValidator(_one)]
    id: Id
    name: Text | None = None
    include: list[str] = Field(default=[], description="'library:file' or a file beside this one.")
    calendar: Calendar
    sources: dict[str, str] = Field(default={}, description="Where facts are published.")
    grades: dict[GradeName, Grade] = {}
    audiences: Audiences = Audiences()
    zones: dict[Id, Zone] = {}
    holidays: dict[Date, NamedDay] = Field(default={}, description="Days off beside Saturdays and Sundays.")
    workdays: dict[Date, NamedDay] = Field(default={}, description="Saturdays and Sundays that are worked.")
    blackouts: dict[Id, Blackout] = {}
    blocks: dict[Id, Window] = Field(
        default={}, description="Spans of time that rules and goals speak of: the morning of the first day."
    )
    venues: Annotated[dict[Id, Venue], Field(min_length=1)]
    hotels: dict[Id, Hotel] = {}
    network: Network = Network()
    pools: dict[Id, Pool] = {}
    budgets: dict[Id, Budget] = {}
    travel: dict[Id, dict[Id, TravelMinutes]] = Field(
        default={}, description="Minutes between venues; one direction stands for both where the other is not given."
    )
    delegations: dict[Id, Delegation] = {}
    groups: dict[Id, list[Id]] = Field(default={}, description="Named lists of delegations.")
    holds: dict[Id, HoldEntry] = {}
    templates: dict[Id, Any] = {}
    events: Annotated[dict[Id, Event], Field(min_length=1)]
    rules: dict[Id, Any] = {}
    goals: dict[Id, Any] = {}
    tiers: dict[TierNumber, Tier] = {}
    pins: dict[str, Pin] = {}
    base: str | None = Field(default=None, description="A plan file beside this one that the goal stability keeps to.")
    expect: Expect = Expect()

    def kind_of_day(self, day: dt.date) -> DayKind:
        """Return whether a date is worked: no Saturday, Sunday or holiday, or one of those that is made up for."""
        if day in self.workdays:
            return "workdays"
        return "days-off" if day.weekday() >= 5 or day in self.holidays else "workdays"
