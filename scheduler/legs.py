"""The legs of a plan: who is driven where and when, from home or airport to session, and from session to session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from scheduler.plan import Leg, Plan
from scheduler.scenario.scenario import Home, Scenario, Session

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

    Between two sessions a person drives straight, or by way of home where there is time for ``PAUSE`` minutes there; at
    one venue the person stays for the day. Where a person sleeps who has no home nobody knows: then only ways within a
    day are told. A way that takes no minutes, or of which nobody knows how many, is no leg. Persons of a delegation who
    make the same way at the same time share a leg, in the order in which the scenario names them.
    """
    together: dict[tuple[datetime, datetime, str, str, str, bool], list[str]] = {}
    for person, stops in _stops(scenario, plan).items():
        delegation = person.partition(".")[0]
        home = plan.homes.get(delegation)
        for leave, arrive, origin, destination, escorted in _ways(scenario, stops, home, scenario.homes.get(delegation)):
            if leave == arrive:
                continue
            key = leave, arrive, delegation, origin, destination, escorted
            together.setdefault(key, []).append(person.partition(".")[2])
    return [
        Leg(
            delegation=delegation,
            persons=[role for role in scenario.delegations[delegation].persons if role in persons],
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


def _ways(scenario: Scenario, stops: list[_Stop], home: str | None, stay: Home | None) -> Iterator[Way]:
    lands, takes_off = _by_air(stops, stay)
    if home is not None and not lands:
        yield from _to(scenario, home, stops[0])
    for before, after in pairwise(stops):
        one_day = before.start.date() == after.start.date()
        pause = _pause(scenario, before, home, after) if home is not None else None
        stays = before.place == after.place and one_day
        if home is not None and pause is not None and pause >= timedelta(minutes=PAUSE) and not stays:
            yield from _from(scenario, before, home)
            yield from _to(scenario, home, after)
        elif before.place != after.place and (one_day or pause is not None):
            escorted = scenario.escorted(before.session, after.session)
            leave = _leaving(scenario, before.place, after.place, after.start, escorted)
            yield leave, after.start, before.place, after.place, escorted
    if home is not None and not takes_off:
        yield from _from(scenario, stops[-1], home)


def _by_air(stops: list[_Stop], stay: Home | None) -> tuple[bool, bool]:
    """Return whether a person lands with the first session, and whether with the last one takes off."""
    first, last = (FLIGHT in stop.session.needs for stop in (stops[0], stops[-1]))
    if len(stops) == 1 and first and stay is not None:  # the one flight is at the end of the stay that is nearer
        first = stops[0].start - stay.arrives <= stay.leaves - stops[0].start
        last = not first
    return first, last


def _pause(scenario: Scenario, before: _Stop, home: str, after: _Stop) -> timedelta | None:
    """Return how long a person would be at home between two sessions; None where no way is known."""
    if scenario.travel.minutes(before.place, home) is None or scenario.travel.minutes(home, after.place) is None:
        return None
    there = _arriving(scenario, before.place, home, before.end, scenario.escorted(before.session))
    return _leaving(scenario, home, after.place, after.start, scenario.escorted(after.session)) - there


def _from(scenario: Scenario, stop: _Stop, home: str) -> Iterator[Way]:
    escorted = scenario.escorted(stop.session)
    yield stop.end, _arriving(scenario, stop.place, home, stop.end, escorted), stop.place, home, escorted


def _to(scenario: Scenario, home: str, stop: _Stop) -> Iterator[Way]:
    escorted = scenario.escorted(stop.session)
    yield _leaving(scenario, home, stop.place, stop.start, escorted), stop.start, home, stop.place, escorted


def _arriving(scenario: Scenario, origin: str, destination: str, leave: datetime, escorted: bool) -> datetime:
    """Return when who leaves at a moment arrives: at once where no way is known."""
    if escorted:
        return leave + timedelta(minutes=scenario.travel.minutes(origin, destination) or 0)
    return leave + timedelta(minutes=scenario.travel.minutes_leaving(origin, destination, leave) or 0)


def _leaving(scenario: Scenario, origin: str, destination: str, arrive: datetime, escorted: bool) -> datetime:
    """Return the latest moment at which who has to arrive by another leaves."""
    leave = arrive - timedelta(minutes=scenario.travel.minutes(origin, destination) or 0)
    while not escorted and _arriving(scenario, origin, destination, leave, escorted) > arrive:
        leave -= timedelta(minutes=1)
    return leave
