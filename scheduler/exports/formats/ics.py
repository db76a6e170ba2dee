"""iCalendar (RFC 5545): one calendar of everything, and one for each venue, delegation and shared resource.

A session has the same UID in all of them and in every issue for one audience, so that no calendar program shows it twice.
The legs of a delegation are in its own calendar. Sessions of which no date is shown are in no calendar.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import cast

from icalendar import Calendar, Event, Timezone

from scheduler.exports.cells import cell, heading, leg_label
from scheduler.exports.formats import Wishes
from scheduler.exports.view import Leg, Session, View
from scheduler.exports.words import Words
from scheduler.scenario.city import Name

_CLASS = {"public": "PUBLIC", "liaison": "PRIVATE", "command": "CONFIDENTIAL"}

_BEGIN, _END = b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n"

_DESCRIBED = (
    "option",
    "layout",
    "needs",
    "delegations",
    "persons",
    "attendance",
    "vehicles",
    "swept_from",
    "taken_from",
    "taken_to",
    "uses",
)
"""The fields of a session that only its description tells, in this order."""


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield the calendars."""
    calendars = _Calendars(view, words)
    sessions = [*view.sessions, *view.cancelled]
    legs = [*view.legs, *view.cancelled_legs]
    yield "calendar.ics", calendars.of(view.title, sessions, [])
    for venue, place in view.venues.items():
        here = [session for session in sessions if session.venue == venue]
        if here:
            yield f"calendars/venue-{venue}.ics", calendars.of(place.name, here, [])
    for delegation in view.parties:
        theirs = [session for session in sessions if delegation in session.participants]
        driven = [leg for leg in legs if leg.delegation == delegation]
        if theirs or driven:
            yield f"calendars/delegation-{delegation}.ics", calendars.of(view.delegations[delegation], theirs, driven)
    for pool_id, pool in view.pools.items():
        taking = [session for session in sessions if any(use.pool == pool_id for use in session.uses)]
        if taking:
            yield f"calendars/resource-{pool_id}.ics", calendars.of(pool.name, taking, [])


class _Calendars:
    """Writes each session and leg once, whatever number of calendars it is in."""

    def __init__(self, view: View, words: Words) -> None:
        self._view = view
        self._words = words
        self._line = lru_cache(maxsize=20_000)(_line)  # most of what is said is said of many
        self._cancelled = {session.ref for session in view.cancelled} | {leg.ref for leg in view.cancelled_legs}
        self._sessions = {s.ref: self._session(s) for s in (*view.sessions, *view.cancelled)}
        self._legs = {leg.ref: self._leg(leg) for leg in (*view.legs, *view.cancelled_legs)}

    def of(self, name: Name, sessions: Iterable[Session], legs: Iterable[Leg]) -> bytes:
        """Return a calendar of some sessions and legs."""
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//diplomatic-scheduler//exports//EN")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("x-wr-calname", self._words.name(name))
        calendar.add("x-wr-timezone", self._view.timezone)
        if self._view.broken:
            calendar.add("x-wr-caldesc", self._words.say("broken"))
        head, end, tail = calendar.to_ical().rpartition(b"END:VCALENDAR")
        written = [*(self._sessions[s.ref] for s in sessions), *(self._legs[leg.ref] for leg in legs)]
        return b"".join((head, self._timezone, *written, end, tail))

    @cached_property
    def _timezone(self) -> bytes:
        days = [day for s in (*self._view.sessions, *self._view.cancelled) for day in (s.date, s.last_date) if day]
        days += [leg.leave.date() for leg in (*self._view.legs, *self._view.cancelled_legs)]
        days = days or [self._view.made.date()]
        around = timedelta(days=2)
        zone = Timezone.from_tzinfo(self._view.zone, self._view.timezone, min(days) - around, max(days) + around)
        return bytes(zone.to_ical())

    def _session(self, session: Session) -> bytes:
        if session.date is None:
            return b""
        view, words = self._view, self._words
        said: dict[str, Hashable] = {**self._head(session), "summary": self._headed(words.name(session.label))}
        if session.start and session.end:
            said |= {"dtstart": view.wall(session.start), "dtend": view.wall(session.first_end or session.end)}
            if session.days > 1:
                said["rrule"] = session.days
        else:
            said |= {"dtstart": session.date, "dtend": (session.last_date or session.date) + timedelta(days=1)}
        if session.venue:
            where = [cell(view, words, session, field) for field in ("hall", "venue")]
            said["location"] = ", ".join(str(place) for place in where if place)
            said["geo"] = view.position(session.venue)
        kinds = [words.name(session.event), session.grade or ""]
        said["categories"] = tuple(kind for kind in kinds if kind)
        said["description"] = self._described(session, _DESCRIBED)
        return self._event(said)

    def _leg(self, leg: Leg) -> bytes:
        view, words = self._view, self._words
        said = {
            **self._head(leg),
            "summary": self._headed(leg_label(view, words, leg)),
            "dtstart": view.wall(leg.leave),
            "dtend": view.wall(leg.arrive),
            "location": str(cell(view, words, leg, "from_")),
            "geo": view.position(leg.from_),
            "categories": (words.say("leg"),),
            "description": self._described(leg, ("delegation", "persons", "escorted", "corridors")),
        }
        return self._event(said)

    def _head(self, item: Session | Leg) -> dict[str, Hashable]:
        held = "CONFIRMED" if self._view.confirmed else "TENTATIVE"
        return {
            "uid": f"{item.ref}@{self._view.scenario}.scheduler",
            "dtstamp": self._view.made.astimezone(UTC).replace(microsecond=0),
            "sequence": item.sequence,
            "status": "CANCELLED" if item.ref in self._cancelled else held,
            "class": _CLASS[self._view.audience],
        }

    def _event(self, said: Mapping[str, Hashable]) -> bytes:
        lines = (self._line(name, value) for name, value in said.items() if value not in (None, (), ""))
        return b"".join((_BEGIN, *lines, _END))

    def _headed(self, summary: str) -> str:
        """Return a summary that says so where the plan is not one to rely on."""
        return f"[{self._words.say('broken')}] {summary}" if self._view.broken else summary

    def _described(self, item: Session | Leg, fields: Iterable[str]) -> str:
        lines = []
        for field in fields:
            said = cell(self._view, self._words, item, field)
            if said not in (None, "", 0):
                lines.append(f"{heading(self._words, field)}: {_text(said)}")
        return "\n".join(lines)


def _line(name: str, value: Hashable) -> bytes:
    """Return one property of an event, in folded lines; ``rrule`` is so many days, one after another."""
    event = Event()
    if name == "rrule":
        event.add(name, {"freq": "daily", "count": value})
    elif name == "categories":
        event.add(name, list(cast(tuple[str, ...], value)))
    else:
        event.add(name, value)
    return bytes(event.to_ical()).removeprefix(_BEGIN).removesuffix(_END)


def _text(said: object) -> str:
    if isinstance(said, datetime):
        return f"{said:%Y-%m-%d %H:%M}"
    return said.isoformat() if isinstance(said, date) else str(said)
