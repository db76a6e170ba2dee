from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from scheduler.rules import (
    Bookable,
    Choice,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Session,
    Violation,
    duration_text,
)


class Availability(Rule):
    """A session lies in the venue's hours, and its hall is open, from the first day it can be used to the last.

    Planners need it because halls open, are renovated and close, and the city has other business. ``hours`` bind the
    session, of several days each day; what closes a hall (``closures``, days before ``opens`` and after ``closes``,
    ``blackouts`` of the city) also binds its sweep, move-in and move-out. An event held ``despite`` a blackout is exempt.

        venues:
          cncc2: {name: Phase II, opens: 2026-03-01, hours: 07:00-23:00, halls: {plenary: {}}}
          ghop:
            name: Great Hall
            halls: {east: {closures: {works: {from: 2026-05-01T00:00, to: 2026-05-03T24:00, why: new carpets}}}}

    It always stands. When it blocks a plan, move the closure or admit other halls.
    """

    family = "availability"
    standing = True

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse starts outside the hours, and those that reach into a closure."""
        bookable = scenario.bookables[choice.hall]
        yield from self._outside_hours(scenario, bookable, session, choice.minutes)
        calendar = scenario.calendar
        lead = session.move_in + (0 if bookable.pooled else scenario.sweeps[session.envelope])
        tail = session.move_out
        opens, closes = scenario.reach[session.id]  # of starts beyond its windows nothing need be said
        despite = scenario.events[session.event].despite
        for begin, end, reason, blackout in self.once(scenario, choice.hall, lambda: self._shut(scenario, bookable)):
            if begin < closes + tail and end > opens - lead and blackout not in despite:
                span = (max(0, begin - choice.minutes - tail + 1), min(end + lead, calendar.horizon))
                if span[0] < span[1]:
                    yield Refusal(reason, (span,))

    @staticmethod
    def _shut(scenario: Scenario, bookable: Bookable) -> list[tuple[int, int, str, str]]:
        """Return from when to when a hall cannot be used, with the reason, and the id of the blackout if it is one."""
        calendar, ever = scenario.calendar, 10**9
        spans = []
        for name, blackout in scenario.file.blackouts.items():
            if bookable.venue in blackout.venues:
                begin, end = (calendar.midnight(day) for day in (blackout.from_, blackout.to + timedelta(days=1)))
                reason = f"taken {blackout.from_:%d %b} to {blackout.to:%d %b}: {blackout.why}"
                spans.append((calendar.minute(begin), calendar.minute(end), reason, name))
        for dated in bookable.dated:
            if dated.opens:
                opens = calendar.minute(calendar.midnight(dated.opens))
                spans.append((-ever, opens, f"opens on {dated.opens}", ""))
            if dated.closes:
                closed = calendar.minute(calendar.midnight(dated.closes + timedelta(days=1)))
                spans.append((closed, ever, f"closes on {dated.closes}", ""))
            for name, closure in dated.closures.items():
                why = f" ({closure.why})" if closure.why else ""
                reason = f"closed {closure.from_:%d %b %H:%M} to {closure.to:%d %b %H:%M}: {name}{why}"
                spans.append((calendar.minute(closure.from_), calendar.minute(closure.to), reason, ""))
        return spans

    @staticmethod
    def _outside_hours(scenario: Scenario, bookable: Bookable, session: Session, minutes: int) -> Iterator[Refusal]:
        hours = scenario.venues[bookable.venue].hours
        if hours is None:
            return
        calendar = scenario.calendar
        first, last = scenario.reach[session.id]  # of starts beyond its windows nothing need be said
        opened = calendar.open_spans(hours)
        opened = opened[bisect_right(opened, first, key=itemgetter(1)) : bisect_left(opened, last, key=itemgetter(0))]
        reason = f"open only {hours}"
        if session.daily is None:
            starts = [(begin, end - minutes + 1) for begin, end in opened]
            yield Refusal.outside(starts, min(last, calendar.horizon), reason, max(0, first))
        else:
            # What the clocks show is the same on each of its days, however many hours lie between.
            starts = [
                (calendar.minute(calendar.midnight(day)), calendar.minute(calendar.midnight(day + timedelta(days=1))))
                for day in calendar.days()
                for since, until in [calendar.band(day, session.daily)]
                if any(begin <= since and until <= end for begin, end in opened)
            ]
            yield Refusal.outside(starts, min(last, calendar.horizon), reason, max(0, first))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions outside hours or in a closed hall."""
        for session_id, placed in plan.sessions.items():
            session, bookable = scenario.sessions[session_id], scenario.bookables[placed.hall]
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            hours = scenario.venues[bookable.venue].hours
            if hours is not None:
                uncovered = sum(
                    self._uncovered(scenario, bookable.venue, *day) for day in self._days(scenario, session, start, end)
                )
                if uncovered:
                    facts = {"hall": placed.hall, "hours": str(hours), "placed": placed}
                    yield Violation((session_id,), uncovered, facts)
            sweep = 0 if bookable.pooled else scenario.sweeps[session.envelope]
            taken = start - timedelta(minutes=sweep + session.move_in), end + timedelta(minutes=session.move_out)
            for begin, until, why in (*self._closed(scenario, bookable), *self._taken(scenario, session, bookable)):
                overlap = min(until, taken[1]) - max(begin, taken[0])
                if overlap > timedelta(0):
                    facts = {"hall": placed.hall, "why": why, "taken": taken}
                    yield Violation((session_id,), int(overlap.total_seconds() // 60), facts)

    @staticmethod
    def _days(scenario: Scenario, session: Session, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when people are there: the session whole, or each day of one with daily hours."""
        if session.daily is None:
            yield start, end
            return
        first = start.astimezone(scenario.calendar.timezone).date()
        for number in range(session.days):
            day = first + timedelta(days=number)
            yield scenario.calendar.wall(day, session.daily.start), scenario.calendar.wall(day, session.daily.end)

    @staticmethod
    def _taken(scenario: Scenario, session: Session, bookable: Bookable) -> Iterator[tuple[datetime, datetime, str]]:
        for name, blackout in scenario.file.blackouts.items():
            if bookable.venue in blackout.venues and name not in scenario.events[session.event].despite:
                reason = f"is taken {blackout.from_:%d %b} to {blackout.to:%d %b} ({blackout.why})"
                wall = scenario.calendar.wall
                yield wall(blackout.from_, 0), wall(blackout.to, 24 * 60), reason

    @staticmethod
    def _uncovered(scenario: Scenario, venue: str, start: datetime, end: datetime) -> int:
        """Return the minutes of a session that pass outside opening hours."""
        hours, calendar = scenario.venues[venue].hours, scenario.calendar
        assert hours is not None
        uncovered = end - start
        day = start.astimezone(calendar.timezone).date() - timedelta(days=1)
        while day <= end.astimezone(calendar.timezone).date():
            opens, closes = (calendar.wall(day, minute) for minute in hours)
            uncovered -= max(timedelta(0), min(end, closes) - max(start, opens))
            day += timedelta(days=1)
        return int(uncovered.total_seconds() // 60)

    @staticmethod
    def _closed(scenario: Scenario, bookable: Bookable) -> Iterator[tuple[datetime, datetime, str]]:
        for dated in bookable.dated:
            if dated.opens:
                yield (
                    datetime.min.replace(tzinfo=UTC),
                    scenario.calendar.wall(dated.opens, 0),
                    f"is closed until {dated.opens}",
                )
            if dated.closes:
                shut = scenario.calendar.wall(dated.closes, 24 * 60)
                yield shut, datetime.max.replace(tzinfo=UTC), f"is closed after {dated.closes}"
            for name, closure in dated.closures.items():
                reason = f"is closed {closure.from_:%d %b %H:%M} to {closure.to:%d %b %H:%M} ({closure.why or name})"
                yield closure.from_, closure.to, reason

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say when the hall can be used."""
        hall, amount = scenario.hall_name(violation.facts["hall"]), duration_text(violation.amount)
        if "hours" in violation.facts:
            return f"{violation.sessions[0]} lies {amount} outside the hours {violation.facts['hours']} of {hall}."
        why = violation.facts["why"]
        return (
            f"{violation.sessions[0]} takes {hall}, move-in, sweep and move-out included, for {amount} in which it {why}."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Let the venue be open as early or late as the session wants it, or a closure end before or begin after it."""
        facts, zone = violation.facts, scenario.calendar.timezone
        venue, _, hall = facts["hall"].partition(".")
        if "hours" in facts:
            hours, placed = scenario.venues[venue].hours, facts["placed"]
            start, end = placed.start.astimezone(zone), placed.end.astimezone(zone)
            if hours is None or start.date() != end.date() or hours.end > 24 * 60:
                return
            opens, closes = min(hours.start, start.hour * 60 + start.minute), max(hours.end, end.hour * 60 + end.minute)
            said = "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (opens, closes))
            share = violation.amount / (hours.end - hours.start)
            yield Remedy(f"Let {venue} be open {said}, not {hours}.", {"venues": {venue: {"hours": said}}}, share)
            return
        begin, until = facts["taken"]
        entry = scenario.venues[venue]
        combination = entry.combinations.get(hall)
        parts = [hall] if combination is None else combination.of
        owners = [(entry.closures, ()), *((entry.halls[part].closures, ("halls", part)) for part in parts)]
        for closures, path in owners:
            for name, closure in closures.items():
                if closure.from_ < until and begin < closure.to:
                    early = begin - closure.from_ >= closure.to - until
                    moment, key, ends = (begin, "to", "end") if early else (until, "from", "begin")
                    local = moment.astimezone(zone)
                    whole = closure.from_ >= begin and closure.to <= until
                    change = None if whole else {key: f"{local:%Y-%m-%dT%H:%M}"}
                    said = "take place another time" if whole else f"{ends} {local:%d %b %H:%M}"
                    patch: dict[str, object] = {"closures": {name: change}}
                    for step in reversed(path):
                        patch = {step: patch}
                    where = ".".join((venue, *path[1:]))
                    share = violation.amount / max(1, int((closure.to - closure.from_).total_seconds() // 60))
                    yield Remedy(f"Let the closure {name} of {where} {said}.", {"venues": {venue: patch}}, share)
