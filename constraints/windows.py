from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from scheduler.rules import (
    Band,
    Choice,
    Placed,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Session,
    Violation,
    Window,
    duration_text,
)


class Windows(Rule):
    """A session lies, from its first to its last minute, in one of the windows it is given (``within``).

    Planners need it for what hangs on the day: an arrival cannot be before the aircraft, a banquet is in the evening. A
    session without ``within`` has that of its event; without both it may be anywhere in the calendar. ``on: workdays`` (or
    ``days-off``) narrows the days of a window by the city's holidays and make-up workdays; such days one after another
    are one span, unless ``time`` narrows each. A session of several days begins at its ``daily`` hour.

        within:
          main: {date: 2023-04-14, time: 14:00-19:00}
          reserve: {from: 2023-04-15, to: 2023-04-16, time: 09:00-12:00}

    It always stands. When it blocks a plan, widen a window or add one.
    """

    family = "windows"
    standing = True

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse starts from which the session would not lie in one window, or not begin at its daily hour."""
        # It is the same in all halls.
        return self.once(scenario, (session.id, choice.minutes), lambda: [*self._outside_of(scenario, session, choice)])

    def _outside_of(self, scenario: Scenario, session: Session, choice: Choice) -> Iterator[Refusal]:
        if session.daily is not None:
            calendar = scenario.calendar
            opening = [(begin, begin + 1) for day in calendar.days() for begin, _ in [calendar.band(day, session.daily)]]
            yield Refusal.outside(opening, calendar.horizon, f"its days begin at {session.daily}")
        if not session.windows:
            return
        starts = [
            (begin, end - choice.minutes + 1) for window in session.windows for begin, end in self._spans(scenario, window)
        ]
        yield Refusal.outside(starts, scenario.calendar.horizon, "outside its windows")

    @staticmethod
    def _spans(scenario: Scenario, window: Window) -> Iterable[tuple[int, int]]:
        calendar = scenario.calendar
        first, last = window.days
        if window.moments:
            yield calendar.minute(window.moments[0]), calendar.minute(window.moments[1])
        elif window.time is None and window.on is None:
            yield (
                calendar.minute(calendar.midnight(first)),
                calendar.minute(calendar.midnight(last + timedelta(days=1))),
            )
        else:
            day = max(first, calendar.start - timedelta(days=1))
            spans: list[tuple[int, int]] = []
            while day <= min(last, calendar.end):
                if window.on in (None, scenario.kind_of_day(day)):
                    begin, end = calendar.band(day, window.time or Band(0, 24 * 60))
                    if window.time is None and spans and spans[-1][1] == begin:
                        begin = spans.pop()[0]  # whole days of one kind, one after another, are one span
                    spans.append((begin, end))
                day += timedelta(days=1)
            yield from spans

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions that leave their windows."""
        for session_id, placed in plan.sessions.items():
            session = scenario.sessions[session_id]
            day = placed.start.astimezone(scenario.calendar.timezone).date()
            if session.daily is not None and placed.start != scenario.calendar.wall(day, session.daily.start):
                yield Violation((session_id,), 1, {"start": placed.start, "daily": str(session.daily)})
            windows = session.windows
            outside = [self._outside(scenario, window, placed) for window in windows]
            if outside and min(outside) > timedelta(0):
                yield Violation(
                    (session_id,), int(min(outside).total_seconds() // 60), {"start": placed.start, "end": placed.end}
                )

    @staticmethod
    def _outside(scenario: Scenario, window: Window, placed: Placed) -> timedelta:
        """Return how long of a session lies outside the best day of a window."""
        length = placed.end - placed.start

        def beyond(opens: datetime, closes: datetime) -> timedelta:
            return length - max(timedelta(0), min(placed.end, closes) - max(placed.start, opens))

        wall = scenario.calendar.wall
        if window.moments:
            return beyond(*window.moments)
        day, last = window.days
        if window.time is None and window.on is None:
            return beyond(wall(day, 0), wall(last, 24 * 60))
        opens, closes = window.time or (0, 24 * 60)
        best = length
        day, last = max(day, placed.start.date() - timedelta(days=1)), min(last, placed.end.date())
        since = day
        while day <= last:
            if window.on is not None and (window.on == "workdays") != (scenario.kind_of_day(day) == "workdays"):
                since = day + timedelta(days=1)
            else:
                best = min(best, beyond(wall(day if window.time else since, opens), wall(day, closes)))
            day += timedelta(days=1)
        return best

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say by how much the session leaves its windows."""
        start, amount = violation.facts["start"], duration_text(violation.amount)
        if "daily" in violation.facts:
            return f"{violation.sessions[0]} starts {start:%d %b %H:%M}; its daily hours are {violation.facts['daily']}."
        return f"{violation.sessions[0]}, starting {start:%d %b %H:%M}, lies {amount} outside every window it is given."

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Let the session have a window more, the nearest one of its own reaching as far as it is to lie."""
        if "daily" in violation.facts:
            return
        (name,), start, end = violation.sessions, violation.facts["start"], violation.facts["end"]
        event, _, entry = name.partition(".")
        written = scenario.events[event].sessions[entry].within
        inherited = {} if written is not None else scenario.events[event].within
        within = {
            key: window.model_dump(mode="json", by_alias=True, exclude_none=True) for key, window in inherited.items()
        }
        zone = scenario.calendar.timezone
        spans = [
            (scenario.calendar.moment(begin).astimezone(zone), scenario.calendar.moment(until).astimezone(zone))
            for window in scenario.sessions[name].windows
            for begin, until in self._spans(scenario, window)
        ]
        near = [(min(start, begin), max(end, until)) for begin, until in spans]
        opens, closes = min(near, key=lambda span: span[1] - span[0], default=(start, end))
        if closes - opens > timedelta(hours=24):
            opens, closes = start, end
        key = next(key for key in ("wider", *(f"wider-{n}" for n in range(99))) if key not in (written or within))
        within[key] = {"from": f"{opens:%Y-%m-%dT%H:%M}", "to": f"{closes:%Y-%m-%dT%H:%M}"}
        until = f"{closes:%H:%M}" if opens.date() == closes.date() else f"{closes:%d %b %H:%M}"
        text = f"Let {name} also be from {opens:%d %b %H:%M} to {until}, {duration_text(violation.amount)} more."
        share = violation.amount / max(1, max((int((b - a).total_seconds() // 60) for a, b in spans), default=1))
        yield Remedy(text, {"events": {event: {"sessions": {entry: {"within": within}}}}}, share)
