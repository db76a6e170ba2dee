from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Cells,
    Choice,
    Complaint,
    Count,
    Distinct,
    Length,
    Plan,
    Refusal,
    Rule,
    Scenario,
    Session,
    Soften,
    Tally,
    Term,
    Violation,
    duration_text,
    nearest,
)


class DailyLimits(Rule):
    """An event, delegation, person or venue has at most so many sessions, or hours of sessions, on one day.

    Planners need it because nobody receives ten guests a day for a week, and the staff of a house works in shifts. A
    session counts on the day it starts, with all its minutes; one of several days on each of them, with its daily hours.
    Sessions at the same time count one by one; for a delegation those count that it is listed for. The limit holds for each
    name in ``of``; without it, for all.

        rules:
          few-calls: {rule: daily-limits, per: person, of: [host.principal], sessions: 6}
          staff: {rule: daily-limits, per: venue, hours: 14 h, soften: {tier: 2, weight: 1}}

    Softened, each session or minute too many has a price. When it blocks a plan, raise the limit, widen windows to other
    days, or send another person.
    """

    family = "daily-limits"
    unit = "sessions, or minutes, too many"

    per: Literal["event", "delegation", "person", "venue"]
    of: Annotated[Distinct[str], Field(min_length=1)] | None = None
    sessions: Annotated[Count, Field(ge=1)] | None = None
    hours: Length | None = None
    soften: Soften | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "sessions too many" if self.hours is None else "minutes too many"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say who is not known, and where the rule says nothing, or two things of different units."""
        known = self._everybody(scenario)
        for position, name in enumerate(self.of or ()):
            if name not in known:
                message = f"there is no {self.per} {name!r}"
                yield Complaint(("rules", self.id, "of", position), message, nearest(name, known))
        if (self.sessions is None) == (self.hours is None):
            says = "neither sessions nor hours" if self.hours is None else "both sessions and hours"
            yield Complaint(("rules", self.id), f"limits {says}", "one of them; for the other, a second rule.")

    def _everybody(self, scenario: Scenario) -> list[str]:
        known: dict[str, Iterable[str]] = {
            "event": scenario.events,
            "delegation": scenario.delegations,
            "person": scenario.persons,
            "venue": scenario.venues,
        }
        return list(known[self.per])

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse what alone takes more hours of a day than there are, unless that is softened."""
        minutes = _minutes_a_day(session, choice)
        if self.soften is not None or self.hours is None or minutes <= self.hours:
            return
        for name in self._concerned(session, choice):
            if self.of is None or name in self.of:
                who, most = self._name(scenario, name), duration_text(self.hours)
                yield Refusal(f"takes {duration_text(minutes)} of a day, of which {who} has {most} at most")
                return

    def _concerned(self, session: Session, choice: Choice) -> tuple[str, ...]:
        """Return for whom a session counts under a choice."""
        if self.per == "venue":
            return (choice.venue,)
        return {"event": (session.event,), "delegation": session.delegations, "person": session.persons}[self.per]

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one tally over days for each whose day could be too full."""
        by_name: dict[str, list[Session]] = {}
        for session in scenario.sessions.values():
            names = {name: None for choice in candidates.of(session.id) for name in self._concerned(session, choice)}
            for name in names:
                by_name.setdefault(name, []).append(session)
        days = scenario.calendar.day_starts
        for name, sessions in by_name.items():
            if self.of is not None and name not in self.of:
                continue
            numbers, cells, amounts = [], [], []
            for session in sessions:
                counted = tuple(
                    (_minutes_a_day(session, choice) if self.hours else 1) * (name in self._concerned(session, choice))
                    for choice in candidates.of(session.id)
                )
                for later in range(session.days):
                    numbers.append(candidates.numbers[session.id])
                    # A day of the session that comes so many days after its start counts as much later.
                    cells.append(Cells(slots=(*range(-later, 0), *days)))
                    amounts.append(counted)
            yield Tally(
                rule=self.id,
                price=self.price,
                what="count",
                sessions=tuple(numbers),
                cells=tuple(cells),
                amounts=tuple(amounts),
                most=self.hours or self.sessions or 0,
            )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the days on which somebody has too much."""
        found: dict[tuple[str, date], list[tuple[str, int]]] = {}
        for name, placed in sorted(plan.sessions.items(), key=lambda item: item[1].start):
            session, begins = scenario.sessions[name], placed.start.astimezone(scenario.calendar.timezone).date()
            length = int((placed.end.astimezone(UTC) - placed.start.astimezone(UTC)).total_seconds() // 60)
            if session.daily is not None:
                length = session.daily.end - session.daily.start
            for who in self._present(session, placed.hall):
                for later in range(session.days):
                    found.setdefault((who, begins + timedelta(days=later)), []).append((name, length))
        for (who, day), items in found.items():
            total = len(items) if self.hours is None else sum(length for _, length in items)
            most = self.sessions if self.hours is None else self.hours
            if most is not None and total > most:
                facts = {"who": who, "day": day, "total": total}
                yield Violation(tuple(name for name, _ in items), total - most, facts)

    def _present(self, session: Session, hall: str) -> Iterator[str]:
        """Yield those of the rule who have a session that a plan holds in a hall."""
        whose = {
            "event": [session.id.partition(".")[0]],
            "delegation": session.delegations,
            "person": session.persons,
            "venue": [hall.partition(".")[0]],
        }
        yield from (who for who in whose[self.per] if not self.of or who in self.of)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who has how much on which day."""
        facts, names = violation.facts, ", ".join(violation.sessions)
        who, day = self._name(scenario, facts["who"]), f"{facts['day']:%d %b}"
        if self.hours is None:
            return f"On {day} {who} has {facts['total']} sessions, of which {self.sessions} is the most: {names}."
        total, most = duration_text(facts["total"]), duration_text(self.hours)
        return f"On {day} {who} has {total} of sessions, of which {most} is the most: {names}."

    def _name(self, scenario: Scenario, who: str) -> str:
        if self.per == "event":
            return who
        if self.per == "venue":
            return str(scenario.venues[who].name)
        return scenario.person_name(who) if self.per == "person" else scenario.delegation_name(who)


def _minutes_a_day(session: Session, choice: Choice) -> int:
    """Return the minutes that a session takes on each of its days."""
    return choice.minutes if session.daily is None else session.daily.end - session.daily.start
