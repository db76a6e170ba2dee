"""The legs of a plan: who is driven where and when, from home or airport to session, and from session to session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from scheduler.plan import Leg, Plan
from scheduler.scenario.scenario import Scenario, Session

PAUSE = 90
"""Minutes at home that make the way back to it worth while between two sessions of a day."""

FLIGHT = "state-flight"
"""The feature of halls where delegations land and leave: before a first and after a last session there nobody drives."""


class _Stop(NamedTuple):
    session: Session
    place: str
    start: datetime
    end: datetime


def legs(scenario: Scenario, plan: Plan) -> list[Leg]:
    """Return the legs that the sessions and homes of a plan ask for, in order of time.

    Between two sessions of a day at different venues a person drives straight, or by way of home where there is time
    for ``PAUSE`` minutes there; at one venue the person stays. Where a person sleeps who has no home nobody knows: then
    only ways within a day are told. Persons of a delegation who make the same way at the same time share a leg.
    """
    together: dict[tuple[datetime, datetime, str, str, str, bool], list[str]] = {}
    for person, stops in _stops(scenario, plan).items():
        delegation = person.partition(".")[0]
        for leave, arrive, origin, destination, escorted in _ways(scenario, stops, plan.homes.get(delegation)):
            key = leave, arrive, delegation, origin, destination, escorted
            together.setdefault(key, []).append(person.partition(".")[2])
    return [
        Leg(
            delegation=delegation,
            persons=persons,
            from_=origin,
            to=destination,
            leave=leave,
            arrive=arrive,
            escorted=escorted,
            corridors=list(scenario.travel.route(origin, destination).corridors) if escorted else [],
        )
        for (leave, arrive, delegation, origin, destination, escorted), persons in sorted(together.items())
    ]


def _stops(scenario: Scenario, plan: Plan) -> dict[str, list[_Stop]]:
    """Return the sessions of each person in order of time."""
    stops: dict[str, list[_Stop]] = {}
    for name, placed in sorted(plan.sessions.items(), key=lambda item: (item[1].start, item[0])):
        session = scenario.sessions[name]
        for person in session.persons:
            stop = _Stop(session, placed.hall.partition(".")[0], placed.start, placed.end)
            stops.setdefault(person, []).append(stop)
    return stops


Way = tuple[datetime, datetime, str, str, bool]
"""When a person leaves and arrives, from where, to where, and whether it is with a motorcade."""


def _ways(scenario: Scenario, stops: list[_Stop], home: str | None) -> Iterator[Way]:
    first, last = stops[0], stops[-1]
    if home is not None and not _is_flight(scenario, first):
        yield from _to(scenario, home, first)
    for before, after in pairwise(stops):
        if home is not None and _goes_home(scenario, before, home, after):
            yield from _from(scenario, before, home)
            yield from _to(scenario, home, after)
        elif before.place != after.place and before.start.date() == after.start.date():
            escorted = scenario.escorted(before.session, after.session)
            leave = _leaving(scenario, before.place, after.place, after.start, escorted)
            yield leave, after.start, before.place, after.place, escorted
    if home is not None and not _is_flight(scenario, last):
        yield from _from(scenario, last, home)


def _goes_home(scenario: Scenario, before: _Stop, home: str, after: _Stop) -> bool:
    if before.start.date() != after.start.date():
        return True
    there = _arriving(scenario, before.place, home, before.end, scenario.escorted(before.session))
    back = _leaving(scenario, home, after.place, after.start, scenario.escorted(after.session))
    return before.place != after.place and not _is_flight(scenario, after) and back - there >= timedelta(minutes=PAUSE)


def _from(scenario: Scenario, stop: _Stop, home: str) -> Iterator[Way]:
    escorted = scenario.escorted(stop.session)
    yield stop.end, _arriving(scenario, stop.place, home, stop.end, escorted), stop.place, home, escorted


def _to(scenario: Scenario, home: str, stop: _Stop) -> Iterator[Way]:
    escorted = scenario.escorted(stop.session)
    yield _leaving(scenario, home, stop.place, stop.start, escorted), stop.start, home, stop.place, escorted


def _is_flight(scenario: Scenario, stop: _Stop) -> bool:
    return FLIGHT in stop.session.needs


def _arriving(scenario: Scenario, origin: str, destination: str, leave: datetime, escorted: bool) -> datetime:
    """Return when who leaves at a moment arrives; by the next minute where no way is known."""
    if escorted:
        return leave + timedelta(minutes=scenario.travel.minutes(origin, destination) or 0)
    return leave + timedelta(minutes=scenario.travel.minutes_leaving(origin, destination, leave) or 0)


def _leaving(scenario: Scenario, origin: str, destination: str, arrive: datetime, escorted: bool) -> datetime:
    """Return the latest moment at which who has to arrive by another leaves."""
    leave = arrive - timedelta(minutes=scenario.travel.minutes(origin, destination) or 0)
    while not escorted and _arriving(scenario, origin, destination, leave, escorted) > arrive:
        leave -= timedelta(minutes=1)
    return leave
