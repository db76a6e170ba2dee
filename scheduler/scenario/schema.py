"""What a scenario file may say, section by section, as pydantic models.

The models hold what is written, with units read and defaults filled in; what follows from it (a session's own grade, the
halls a pattern stands for) is in ``scenario.py``. Rules and goals are read by their own families in ``load.py``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from scheduler.scenario.calendar import Calendar
from scheduler.scenario.model import Model
from scheduler.scenario.units import (
    Count,
    Date,
    DateOrLocalTime,
    Id,
    Length,
    LocalTime,
    Minutes,
    SquareMetres,
    TierNumber,
    TimeOfDay,
    shown,
    unusable,
)

GradeName = Literal["G1", "G2", "G3"]
Status = Literal["optimal", "feasible", "infeasible", "unknown"]
Layout = Id
Feature = Id
Basis = Literal["published", "estimate"]


class Name(Model):
    """A name in English and, where there is one, in Chinese; a plain text stands for the English one."""

    en: str = Field(min_length=1)
    zh: str | None = None

    def __str__(self) -> str:
        return self.en


def _name(value: Any) -> Any:
    if not isinstance(value, (str, dict, Name)):
        raise unusable(f"a name is a text or {{en: …, zh: …}}, not {shown(value)}")
    return {"en": value} if isinstance(value, str) else value


def _one(value: Any) -> Any:
    if value is not True and value == 1:
        return value
    raise unusable(f"this program reads schema 1, not {shown(value)}")


Text = Annotated[Name, BeforeValidator(_name)]


class Grade(Model):
    """A security grade: how long a place is swept before the first session of an envelope."""

    sweep: Minutes = 0


class Zone(Model):
    """A zone of the city's layout; ``in`` names the zone around it."""

    name: Text | None = None
    in_: Id | None = None


class Period(Model):
    """A continuous span of local time, with its reason."""

    from_: LocalTime
    to: LocalTime
    why: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to <= self.from_:
            raise unusable(
                f"ends {self.to:%Y-%m-%dT%H:%M}, not after it starts {self.from_:%Y-%m-%dT%H:%M}", "swap the two?"
            )
        return self


class Dated(Model):
    """What can be used only from a first and until a last day, and not while closed."""

    opens: Date | None = Field(default=None, description="First day of use.")
    closes: Date | None = Field(default=None, description="Last day of use.")
    closures: dict[Id, Period] = {}

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens and self.closes and self.closes < self.opens:
            raise unusable(f"closes on {self.closes}, before it opens on {self.opens}", "the two dates are swapped?")
        return self


class Turnover(Model):
    """Minutes to change a hall over between two sessions; a plain duration is the ``default``.

    ``layouts: {theatre: {banquet: 3 h}}`` is the change from theatre to banquet, whoever comes; of pairs not listed,
    ``same-event`` holds where the event stays, ``default`` elsewhere.
    """

    default: Minutes = 0
    same_event: Minutes | None = None
    layouts: dict[Layout, dict[Layout, Minutes]] = {}

    def minutes(self, before: str | None, after: str | None, event_stays: bool) -> int:
        """Return the minutes from the layout ``before`` to the layout ``after``."""
        listed = self.layouts.get(before or "", {}).get(after or "")
        if listed is not None:
            return listed
        return self.same_event if event_stays and self.same_event is not None else self.default


def _turnover(value: Any) -> Any:
    return {"default": value} if isinstance(value, (str, int, float)) else value


AnyTurnover = Annotated[Turnover, BeforeValidator(_turnover)]


class Space(Model):
    """What is said alike of a hall and of a combination of halls."""

    name: Text | None = None
    area: SquareMetres | None = None
    seats: dict[Layout, Count] = Field(default={}, description="People by layout.")
    features: list[Feature] = []
    turnover: AnyTurnover | None = Field(default=None, description="The venue's where it is not given.")
    basis: Basis | dict[str, Basis] | None = Field(
        default=None, description="Whether the figures are published or estimated; by figure where they differ."
    )
    source: list[str] = []

    @model_validator(mode="after")
    def _basis_of_figures(self) -> Self:
        figures = {"area", *self.seats}
        for figure in self.basis if isinstance(self.basis, dict) else ():
            if figure not in figures:
                raise unusable(
                    f"basis speaks of {figure!r}, which is no figure of this hall", " or ".join(sorted(figures)) + "?"
                )
        return self


class Hall(Space, Dated):
    """A bookable function space: exclusive, or pooled where ``pooled`` says how many sessions it takes at once."""

    pooled: Annotated[Count, Field(ge=1)] | None = None
    clearance: GradeName | None = None


class Combination(Space):
    """Halls that open into one; booking it books its parts. Seats and area not given are those of the parts, added."""

    of: Annotated[list[Id], Field(min_length=2)]


def _combination(value: Any) -> Any:
    return {"of": value} if isinstance(value, list) else value


class Venue(Dated):
    """A place with an entrance and a security perimeter, and its halls."""

    name: Text
    zone: Id | None = None
    clearance: GradeName = Field(default="G3", description="The highest grade it may receive.")
    hours: TimeOfDay | None = Field(default=None, description="Sessions lie inside; move-in need not.")
    turnover: AnyTurnover = Turnover()
    moves: Minutes = Field(default=0, description="Minutes from one hall to another for a person who changes events.")
    halls: Annotated[dict[Id, Hall], Field(min_length=1)]
    combinations: dict[Id, Annotated[Combination, BeforeValidator(_combination)]] = {}
    source: list[str] = []


def _by_role(value: dict[str, Name] | list[str]) -> dict[str, Name]:
    return {role: Name(en=role) for role in value} if isinstance(value, list) else value


def _country(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{2}", value):
        raise unusable(f"{shown(value)} is not a country", "'NO'? Two letters of ISO 3166.")
    return value


class Delegation(Model):
    """Who takes part: a country and its persons, named by office."""

    country: Annotated[str, BeforeValidator(_country)] = Field(description="ISO 3166-1 alpha-2.")
    name: Text | None = None
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

    Either ``date`` (one day) or ``from`` and ``to`` (dates, both included, or local times); ``time`` narrows each day.
    """

    day: Date | None = Field(default=None, alias="date")
    from_: DateOrLocalTime | None = None
    to: DateOrLocalTime | None = None
    time: TimeOfDay | None = None

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


class Option(Model):
    """One way to hold a session: its halls, and its price in points of the goal preferred-venues."""

    name: Text | None = None
    halls: Halls
    price: Count = 0


class SessionEntry(Model):
    """One item of an event's programme."""

    name: Text | None = None
    duration: Length
    attendance: Count = 0
    layout: Layout | None = None
    needs: list[Feature] = []
    grade: GradeName | None = Field(default=None, description="The event's grade where it is not given.")
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
    optional: LeftOut | None = None
    note: str | None = None
    source: list[str] = []

    @model_validator(mode="after")
    def _halls_or_options(self) -> Self:
        if self.halls and self.options:
            raise unusable("a session has 'halls' or 'options', not both", "move 'halls' into each option.")
        return self


class Event(Model):
    """A summit, a forum, a visit: held if all its required sessions are."""

    name: Text | None = None
    grade: GradeName
    envelope: Id | None = Field(default=None, description="Events of one envelope share the sweep of a hall.")
    delegations: list[str] | Literal["all"] = []
    within: dict[Id, Window] = {}
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
    zones: dict[Id, Zone] = {}
    venues: Annotated[dict[Id, Venue], Field(min_length=1)]
    travel: dict[Id, dict[Id, TravelMinutes]] = Field(
        default={}, description="Minutes between venues; one direction stands for both where the other is not given."
    )
    delegations: dict[Id, Delegation] = {}
    groups: dict[Id, list[Id]] = Field(default={}, description="Named lists of delegations.")
    templates: dict[Id, Any] = {}
    events: Annotated[dict[Id, Event], Field(min_length=1)]
    rules: dict[Id, Any] = {}
    goals: dict[Id, Any] = {}
    tiers: dict[TierNumber, Tier] = {}
    pins: dict[str, Pin] = {}
    base: str | None = Field(default=None, description="A plan file beside this one that the goal stability keeps to.")
    expect: Expect = Expect()
