"""iCalendar (RFC 5545): one calendar of everything, and one for each venue, delegation and shared resource.

A session has the same UID in all of them and in every issue for one audience, so that no calendar program shows it twice.
The legs of a delegation are in its own calendar. Sessions of which no date is shown are in no calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from icalendar import Calendar, Event, Timezone

from scheduler.exports.cells import cell, heading, leg_label
from scheduler.exports.formats import Wishes
from scheduler.exports.view import Leg, Position, Session, View
from scheduler.exports.words import Words
from scheduler.scenario.city import Name

_CLASS = {"public": "PUBLIC", "liaison": "PRIVATE", "command": "CONFIDENTIAL"}

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
        event = self._event(session)
        event.add("summary", self._headed(words.name(session.label)))
        if session.start and session.end:
            event.add("dtstart", view.wall(session.start))
            event.add("dtend", view.wall(session.first_end or session.end))
            if session.days > 1:
                event.add("rrule", {"freq": "daily", "count": session.days})
        else:
            event.add("dtstart", session.date)
            event.add("dtend", (session.last_date or session.date) + timedelta(days=1))
        if session.venue:
            where = [cell(view, words, session, field) for field in ("hall", "venue")]
            self._located(event, ", ".join(str(said) for said in where if said), view.position(session.venue))
        kinds = [words.name(session.event)] if session.event else []
        kinds += [session.grade] if session.grade else []
        if kinds:
            event.add("categories", kinds)
        self._described(event, session, _DESCRIBED)
        return bytes(event.to_ical())

    def _leg(self, leg: Leg) -> bytes:
        view, words = self._view, self._words
        event = self._event(leg)
        event.add("summary", self._headed(leg_label(view, words, leg)))
        event.add("dtstart", view.wall(leg.leave))
        event.add("dtend", view.wall(leg.arrive))
        self._located(event, str(cell(view, words, leg, "from_")), view.position(leg.from_))
        event.add("categories", [words.say("leg")])
        self._described(event, leg, ("delegation", "persons", "escorted", "corridors"))
        return bytes(event.to_ical())

    def _event(self, item: Session | Leg) -> Event:
        event = Event()
        event.add("uid", f"{item.ref}@{self._view.scenario}.scheduler")
        event.add("dtstamp", self._view.made.astimezone(UTC).replace(microsecond=0))
        event.add("sequence", item.sequence)
        held = "CONFIRMED" if self._view.confirmed else "TENTATIVE"
        event.add("status", "CANCELLED" if item.ref in self._cancelled else held)
        event.add("class", _CLASS[self._view.audience])
        return event

    def _headed(self, summary: str) -> str:
        """Return a summary that says so where the plan is not one to rely on."""
        return f"[{self._words.say('broken')}] {summary}" if self._view.broken else summary

    @staticmethod
    def _located(event: Event, where: str, at: Position | None) -> None:
        event.add("location", where)
        if at:
            event.add("geo", at)

    def _described(self, event: Event, item: Session | Leg, fields: Iterable[str]) -> None:
        lines = []
        for field in fields:
            said = cell(self._view, self._words, item, field)
            if said not in (None, "", 0):
                lines.append(f"{heading(self._words, field)}: {_text(said)}")
        if lines:
            event.add("description", "\n".join(lines))


def _text(said: object) -> str:
    if isinstance(said, datetime):
        return f"{said:%Y-%m-%d %H:%M}"
    return said.isoformat() if isinstance(said, date) else str(said)
