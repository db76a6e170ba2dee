from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Choice,
    Complaint,
    Cumulative,
    DelegationRef,
    Distinct,
    HallRef,
    PersonRef,
    Plan,
    Refusal,
    Rule,
    Scenario,
    Session,
    SessionRef,
    Soften,
    Steps,
    Term,
    Violation,
    Window,
    duration_text,
)


class Unavailable(Rule):
    """Delegations, persons, halls or sessions are not available at the times that are given.

    Planners need it for the hour of prayer, the flight that leaves early, the minister who has to be in parliament, the
    hall that is lent to somebody else. No session that one of them is part of runs in one of ``times``, which are written
    like the windows of ``within``: ``from`` and ``to``, or days with a ``time``. A delegation is part of what it is listed
    for and of what one of its persons attends; a hall of what takes it or a combination that it is in, move-in and
    move-out apart; ``sessions`` are barred by themselves. A session of several days takes its daily hours. Softened, each
    minute of a session in these times has a price.

        rules:
          parliament:
            rule: unavailable
            persons: [nor.minister]
            times: {vote: {from: 2023-04-14T14:00, to: 2023-04-14T16:00}, lunch: {date: 2023-04-15, time: 12:00-13:00}}

    When it blocks a plan, narrow the times, let a session go without that person, or soften it.
    """

    family = "unavailable"
    unit = "minutes"

    delegations: Distinct[DelegationRef] = []
    persons: Distinct[PersonRef] = Field(default=[], description="A role of a delegation: nor.minister.")
    halls: Distinct[HallRef] = []
    sessions: Distinct[SessionRef] = []
    times: Annotated[dict[str, Window], Field(min_length=1)]
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where nobody is named, and which times never come."""
        if not (self.delegations or self.persons or self.halls or self.sessions):
            yield Complaint(("rules", self.id), "names nobody who is not available", "'delegations: [nor]'?")
        start, end = scenario.calendar.start, scenario.calendar.end
        for name, window in self.times.items():
            first, last = window.days
            if last < start - timedelta(days=1) or first > end:  # the night before the first day may reach into it
                message, hint = f"the time lies outside the calendar: {first} to {last}", f"between {start} and {end}?"
                yield Complaint(("rules", self.id, "times", name), message, hint)

    def concerns(self, scenario: Scenario) -> Collection[str] | None:
        """Return the sessions that somebody of the rule is part of; None where a hall is meant."""
        if self.halls:
            return None
        attended = (name for who in (*self.delegations, *self.persons) for name in scenario.attended.get(who, ()))
        return dict.fromkeys((*self.sessions, *attended))

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse starts from which the session would run in the times, unless that is softened."""
        if self.soften is None and self._concerns(scenario, session, choice):
            hours = session.hours(choice.minutes)
            opens, closes = scenario.reach[session.id]  # of starts beyond its windows nothing need be said
            every = self.once(scenario, "times", lambda: self._spans(scenario))
            times = every[bisect_right(every, opens, key=itemgetter(1)) : bisect_left(every, closes, key=itemgetter(0))]
            spans = tuple((begin - until + 1, end - since) for begin, end in times for since, until in hours)
            yield Refusal(f"at a time of {self.id}, when somebody or something it takes is not available", spans)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price what a session takes at times when there is nothing to take, where that is softened."""
        if self.soften is None:
            return
        minutes, values = [-1], [1]
        for begin, end in self._spans(scenario):
            minutes += [begin, end]
            values += [0, 1]
        capacity = Steps(tuple(minutes), tuple(values))
        named = self.concerns(scenario)
        for session in scenario.sessions.values():
            if named is not None and session.id not in named:
                continue
            concerned = [self._concerns(scenario, session, choice) for choice in candidates.of(session.id)]
            if any(concerned):
                uses = candidates.attended(session, [1 if is_concerned else None for is_concerned in concerned])
                yield Cumulative(rule=self.id, price=self.price, uses=tuple(uses), capacity=capacity)

    def _concerns(self, scenario: Scenario, session: Session, choice: Choice) -> bool:
        taken = scenario.bookables[choice.hall].parts
        return (
            session.id in self.sessions
            or any(name in session.delegations for name in self.delegations)
            or any(person in self.persons or person.split(".")[0] in self.delegations for person in session.persons)
            or any(part in taken for hall in self.halls for part in scenario.bookables[hall].parts)
        )

    def _spans(self, scenario: Scenario) -> list[tuple[int, int]]:
        """Return the times as half-open minutes that ascend and do not touch."""
        calendar = scenario.calendar
        spans: list[tuple[int, int]] = []
        for window in self.times.values():
            if window.moments:
                spans.append((calendar.minute(window.moments[0]), calendar.minute(window.moments[1])))
                continue
            first, last = window.days
            day = max(first, calendar.start - timedelta(days=1))
            while day <= min(last, calendar.end):
                begin, end = window.time or (0, 24 * 60)
                if window.on in (None, scenario.kind_of_day(day)):
                    spans.append((calendar.minute(calendar.wall(day, begin)), calendar.minute(calendar.wall(day, end))))
                day += timedelta(days=1)
        joined: list[tuple[int, int]] = []
        for begin, end in sorted((max(0, begin), end) for begin, end in spans if end > max(0, begin)):
            if joined and begin <= joined[-1][1]:
                begin, end = joined[-1][0], max(end, joined.pop()[1])
            joined.append((begin, end))
        return joined

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions that run while somebody or something they take is not available."""
        persons, alone = {*self.persons}, not (self.halls or self.delegations)
        for name, placed in plan.sessions.items():
            session = scenario.sessions[name]
            if alone and name not in self.sessions and persons.isdisjoint(session.persons):
                continue
            who = [*self._missing(scenario, session, placed.hall)]
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            if session.daily is not None:
                end = start + timedelta(minutes=session.daily.end - session.daily.start)
            lost, times = timedelta(0), []
            for day in range(session.days if who else 0):
                opening, closing = start + timedelta(hours=24 * day), end + timedelta(hours=24 * day)
                reached = opening
                for begin, until, time in sorted(self._around(scenario, opening, closing)):
                    if max(begin, opening) < min(until, closing):
                        lost += max(timedelta(0), min(until, closing) - max(begin, reached))
                        reached = max(reached, min(until, closing))
                        times.append(time)
            if lost:
                facts = {"who": who, "times": [*dict.fromkeys(times)]}
                yield Violation((name,), int(lost.total_seconds() // 60), facts)

    def _missing(self, scenario: Scenario, session: Session, hall: str) -> Iterator[str]:
        """Yield the names of those of the rule that a session in a hall takes."""
        there = {*session.delegations, *(person.split(".")[0] for person in session.persons)}
        yield from (name for name in self.sessions if name == session.id)
        yield from (scenario.delegation_name(name) for name in self.delegations if name in there)
        yield from (scenario.person_name(person) for person in self.persons if person in session.persons)
        parts = {*scenario.bookables[hall].parts}
        yield from (scenario.hall_name(name) for name in self.halls if not parts.isdisjoint(scenario.bookables[name].parts))

    def _around(self, scenario: Scenario, opening: datetime, closing: datetime) -> Iterator[tuple[datetime, datetime, str]]:
        """Yield the times that can fall between two moments, each with its id."""
        wall, zone = scenario.calendar.wall, scenario.calendar.timezone
        for time, window in self.times.items():
            if window.moments:
                yield window.moments[0].astimezone(UTC), window.moments[1].astimezone(UTC), time
                continue
            day = opening.astimezone(zone).date() - timedelta(days=1)
            while day <= closing.astimezone(zone).date():
                if window.days[0] <= day <= window.days[1] and window.on in (None, scenario.kind_of_day(day)):
                    begin, end = window.time or (0, 24 * 60)
                    yield wall(day, begin).astimezone(UTC), wall(day, end).astimezone(UTC), time
                day += timedelta(days=1)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who is not available, and for how much of the session."""
        who, times = violation.facts["who"], violation.facts["times"]
        if who == [violation.sessions[0]]:
            return (
                f"{who[0]} runs for {duration_text(violation.amount)} at times that are barred to it ({', '.join(times)})."
            )
        return (
            f"{violation.sessions[0]} runs for {duration_text(violation.amount)} while {' and '.join(who)} "
            f"{'is' if len(who) == 1 else 'are'} not available ({', '.join(times)})."
        )
