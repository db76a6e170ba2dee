"""What a city is made of, as a scenario file says it: venues and halls, hotels, roads, days, shared resources."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from scheduler.scenario.model import Model
from scheduler.scenario.units import (
    Count,
    Date,
    Id,
    Kilometres,
    LocalTime,
    Minutes,
    Speed,
    SquareMetres,
    TimeOfDay,
    shown,
    unusable,
)

GradeName = Literal["G1", "G2", "G3"]
Layout = Id
Feature = Id
Basis = Literal["published", "estimate"]
AnyBasis = Basis | dict[str, Basis]
DayKind = Literal["workdays", "days-off"]


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


Text = Annotated[Name, BeforeValidator(_name)]


class Grade(Model):
    """A security grade: how long a place is swept before the first session of an envelope, and who clears the roads."""

    sweep: Minutes = 0
    escorted: bool = Field(default=False, description="Ways to and from its sessions go with a motorcade.")


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
    cost: Count | None = Field(default=None, description="What each session in it costs, in points of the goal cost.")
    basis: AnyBasis | None = Field(
        default=None, description="Whether the figures are published or estimated; by figure where they differ."
    )
    source: list[str] = []
    note: str | None = None

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
    """Halls that open into one; booking it books its parts. Seats, area and cost not given are the parts', added."""

    of: Annotated[list[Id], Field(min_length=2)]


def _combination(value: Any) -> Any:
    return {"of": value} if isinstance(value, list) else value


class Limits(Model):
    """What a venue takes at one moment, over all its halls."""

    attendance: Count | None = None
    sessions: Count | None = None
    vehicles: Count | None = None


class Venue(Dated):
    """A place with an entrance and a security perimeter, and its halls."""

    name: Text
    zone: Id | None = None
    node: Id | None = Field(default=None, description="Where it stands in the road network.")
    district: str | None = None
    clearance: GradeName = Field(default="G3", description="The highest grade it may receive.")
    hours: TimeOfDay | None = Field(default=None, description="Sessions lie inside; move-in need not.")
    turnover: AnyTurnover = Turnover()
    moves: Minutes = Field(default=0, description="Minutes from one hall to another for a person who changes events.")
    halls: Annotated[dict[Id, Hall], Field(min_length=1)]
    combinations: dict[Id, Annotated[Combination, BeforeValidator(_combination)]] = {}
    limits: Limits = Limits()
    basis: AnyBasis | None = None
    source: list[str] = []
    note: str | None = None


class Hotel(Dated):
    """Where delegations stay: rooms a night."""

    name: Text
    node: Id | None = Field(default=None, description="Where it stands in the road network.")
    zone: Id | None = None
    rooms: Annotated[Count, Field(ge=1)]
    basis: AnyBasis | None = None
    role: str | None = None
    source: list[str] = []
    note: str | None = None


class RoadClass(Model):
    """A class of road: the speed on it, and by how much its minutes grow in a rush period."""

    speed: Speed
    rush: Annotated[float, Field(ge=1, le=20, allow_inf_nan=False)] = 1.0
    basis: Basis | None = None
    source: list[str] = []


class RushPeriod(Model):
    """A time of day at which roads are slow, on every day or on days of one kind."""

    on: DayKind | None = None
    daily: TimeOfDay


class Corridor(Model):
    """A named chain of links that a motorcade closes."""

    name: Text
    source: list[str] = []
    note: str | None = None


class RoadNode(Model):
    """A point of the road network, with its latitude and longitude (WGS84 degrees)."""

    name: Text
    at: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
    basis: Basis | None = None
    source: list[str] = []


class RoadLink(Model):
    """A road between two nodes, driven both ways."""

    between: Annotated[list[Id], Field(min_length=2, max_length=2)]
    class_: Id
    length: Kilometres
    road: str | None = None
    corridor: Id | None = None
    basis: Basis | None = None
    source: list[str] = []


class Network(Model):
    """The road network: places stand at its nodes, and minutes are length over speed of the class."""

    classes: dict[Id, RoadClass] = {}
    periods: dict[Id, RushPeriod] = {}
    corridors: dict[Id, Corridor] = {}
    nodes: dict[Id, RoadNode] = {}
    links: dict[Id, RoadLink] = {}


class NamedDay(Model):
    """A public holiday, or a make-up workday."""

    name: Text | None = None
    source: list[str] = []


class Blackout(Model):
    """Days, both included, on which venues are taken by others; an event may be held ``despite`` it."""

    from_: Date
    to: Date
    venues: Annotated[list[Id], Field(min_length=1)]
    why: Text
    basis: Basis | None = None
    source: list[str] = []

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise unusable(f"ends on {self.to}, before it starts on {self.from_}", "swap 'from' and 'to'?")
        return self


class Budget(Model):
    """A consumable: what all sessions together may spend of it."""

    name: Text | None = None
    amount: Count
    unit: str = Field(default="", description="What is counted, for messages: 'thousand CNY'.")
    basis: Basis | None = None
    source: list[str] = []


class PoolSpan(Model):
    """When a pool has another capacity: daily at a time of day, or from one moment to another."""

    daily: TimeOfDay | None = None
    on: DayKind | None = None
    from_: LocalTime | None = None
    to: LocalTime | None = None
    capacity: Count

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.daily is None) == (self.from_ is None) or (self.from_ is None) != (self.to is None):
            raise unusable("say when: either 'daily' or 'from' and 'to'")
        if self.from_ and self.to and self.to <= self.from_:
            raise unusable(f"ends {self.to:%Y-%m-%dT%H:%M}, not after it starts {self.from_:%Y-%m-%dT%H:%M}")
        if self.on and not self.daily:
            raise unusable("'on' narrows days of 'daily'; 'from' and 'to' already say the days")
        return self


class Pool(Model):
    """A renewable resource counted at each moment; where spans of ``during`` overlap, the least capacity holds."""

    name: Text | None = None
    capacity: Count
    during: dict[Id, PoolSpan] = {}
    basis: Basis | None = None
    source: list[str] = []
