"""What an audience sees of a plan: all that a format is given, and all that it can write.

A view is plain data. What is withheld is not there: None, or an empty list or mapping. Places, delegations and the like are
named by their ids, and only those are in its directories that something shown speaks of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from scheduler.scenario.audiences import Audience
from scheduler.scenario.city import Name
from scheduler.scenario.model import Model

Position = tuple[float, float]
"""Latitude and longitude (WGS84 degrees)."""


class Place(Model):
    """A venue or a hotel, and those of its halls that are spoken of."""

    name: Name
    at: Position | None = None
    halls: dict[str, Name] = {}


class Use(Model):
    """What a session takes of a pool, and when."""

    pool: str
    from_: AwareDatetime
    to: AwareDatetime
    amount: int


class Person(Model):
    """A person of a delegation, by office."""

    delegation: str
    name: Name


class Session(Model):
    """One session that is held; ``ref`` stands for it in every issue for this audience."""

    ref: str
    sequence: int = Field(default=0, description="How often what is shown of it has changed since it was first issued.")
    id: str | None = None
    event: Name | None = None
    name: Name | None = None
    date: dt.date | None = None
    last_date: dt.date | None = Field(default=None, description="Of a session of several days.")
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    first_end: AwareDatetime | None = Field(default=None, description="End on its first day, of a session of several days.")
    venue: str | None = None
    hall: str | None = None
    option: Name | None = None
    layout: str | None = None
    needs: list[str] | None = None
    delegations: list[str] | None = None
    persons: list[Person] | None = None
    attendance: int | None = None
    vehicles: int | None = None
    taken_from: AwareDatetime | None = None
    swept_from: AwareDatetime | None = None
    taken_to: AwareDatetime | None = None
    grade: str | None = None
    uses: list[Use] = []

    @property
    def label(self) -> Name:
        """What it is called as far as it may be: by its name, its event, or by a dash."""
        return self.name or self.event or Name(en="–")

    @property
    def participants(self) -> tuple[str, ...]:
        """The delegations that take part, those of single persons too."""
        persons = (person.delegation for person in self.persons or ())
        return tuple(dict.fromkeys((*(self.delegations or ()), *persons)))

    @property
    def days(self) -> int:
        """On how many days it is held."""
        return (self.last_date - self.date).days + 1 if self.date and self.last_date else 1


class Leg(Model):
    """One movement of persons of a delegation; an end that is None is where the delegation stays."""

    ref: str
    sequence: int = 0
    delegation: str
    persons: list[Name]
    from_: str | None = None
    to: str | None = None
    leave: AwareDatetime
    arrive: AwareDatetime
    escorted: bool | None = None
    corridors: list[str] | None = None


class Step(Model):
    """How much of a pool is taken from one moment to another, and how much there is."""

    from_: AwareDatetime
    to: AwareDatetime
    used: int
    capacity: int


class Pool(Model):
    """A pool, and its use over time without gaps from the first use to the last."""

    name: Name
    steps: list[Step]


class Figure(Model):
    """The figure of one goal or softened rule, and its points."""

    family: str
    tier: int
    figure: int
    unit: str
    points: int


class LeftOut(Model):
    """An event or an optional session that is not held, at a price in points."""

    name: Name
    price: int


class Change(Model):
    """What has become of a session or a leg since the issue before, and what was shown of it there."""

    kind: Literal["new", "changed", "cancelled"]
    ref: str
    fields: list[str] = Field(default=[], description="What of it has changed.")
    session: Session | None = None
    leg: Leg | None = None


class View(Model):
    """One issue of a plan for one audience."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    kind: Literal["issue"] = "issue"
    scenario: str
    title: Name
    timezone: str
    audience: Audience
    delegation: str | None = None
    number: int = 1
    made: AwareDatetime
    confirmed: bool = False
    approved_by: str | None = None
    broken: bool = Field(default=False, description="The plan does not keep all rules, and was issued anyway.")
    findings: list[str] = Field(default=[], description="What the check says of such a plan.")
    sessions: list[Session] = []
    cancelled: list[Session] = Field(default=[], description="Sessions of earlier issues that are not held.")
    legs: list[Leg] = []
    cancelled_legs: list[Leg] = []
    venues: dict[str, Place] = {}
    hotels: dict[str, Place] = {}
    corridors: dict[str, Name] = {}
    delegations: dict[str, Name] = {}
    ways: dict[str, dict[str, list[Position]]] = Field(
        default={}, description="From place to place, the points of the road network that a leg leads over."
    )
    homes: dict[str, str] = {}
    pools: dict[str, Pool] = {}
    figures: dict[str, Figure] = {}
    absent: list[LeftOut] = []
    changes: list[Change] = Field(default=[], description="Since the issue before; none in a first issue.")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the clocks on the wall."""
        return ZoneInfo(self.timezone)

    def wall(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment as the clocks on the wall show it."""
        return moment.astimezone(self.zone)

    def place_name(self, place: str) -> Name:
        """Return the name of a venue or a hotel."""
        return (self.venues.get(place) or self.hotels[place]).name

    def hall_name(self, hall: str) -> Name:
        """Return the name of a hall, without its venue."""
        return self.venues[hall.partition(".")[0]].halls[hall]

    def position(self, place: str | None) -> Position | None:
        """Return where a venue or a hotel is, if it is known."""
        known = self.venues.get(place or "") or self.hotels.get(place or "")
        return known.at if known else None

    @property
    def parties(self) -> list[str]:
        """The delegations that have a calendar and a run sheet of their own: of liaison, the one that it looks after."""
        return [name for name in self.delegations if self.delegation in (None, name)]

    def way(self, leg: Leg) -> list[Position]:
        """Return the points that a leg leads over: of the network, or else its two ends; none where one is not shown."""
        ends = [self.position(place) for place in (leg.from_, leg.to)]
        known = self.ways.get(leg.from_ or "", {}).get(leg.to or "")
        return known or ([end for end in ends if end] if None not in ends else [])

    def of_venue(self, venue: str) -> Iterator[Session]:
        """Yield the sessions at a venue, in order of time."""
        return (session for session in self.sessions if session.venue == venue)

    def of_delegation(self, delegation: str) -> Iterator[Session]:
        """Yield the sessions in which a delegation is known to take part, in order of time."""
        return (session for session in self.sessions if delegation in session.participants)
