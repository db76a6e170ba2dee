from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    EventRef,
    Extent,
    Goal,
    LocalTime,
    Plan,
    Scenario,
    SessionRef,
    Term,
)


class FinishEarly(Goal):
    """Be done early: the end of the last session of an event, or of listed sessions, in minutes after a moment.

    Planners need it because closures, guards and hotels are needed until the last session is over. The moment is ``after``,
    or the start of the calendar; what ends before it counts nothing. Without ``event`` and ``sessions`` all sessions count
    together. Those left out of the plan do not. The figure is in minutes.

        goals:
          done: {goal: finish-early, tier: 3, event: visit, after: 2023-04-14T12:00}
    """

    family = "finish-early"
    unit = "minutes"

    event: EventRef | None = None
    sessions: Annotated[Distinct[SessionRef], Field(min_length=1)] | None = None
    after: LocalTime | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where it is not clear whose end is meant, and where nothing can end after the moment."""
        if self.after is not None and scenario.calendar.minute(self.after) >= scenario.calendar.horizon:
            yield Complaint(("goals", self.id, "after"), f"{self.after:%Y-%m-%dT%H:%M} lies after the calendar")
        if self.event is not None and self.sessions is not None:
            yield Complaint(
                ("goals", self.id), "names both an event and sessions", "one of them; for the other, a second goal."
            )

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the latest end."""
        names = self.sessions or list(scenario.sessions)
        if self.event is not None:
            names = [session.id for session in scenario.event_sessions[self.event]]
        after = scenario.calendar.minute(self.after) if self.after is not None else 0
        numbers = tuple(candidates.numbers[name] for name in names)
        yield Extent(rule=self.id, price=self.price, what="latest", sessions=numbers, most=after)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Return the minutes from the moment to the end of the last session that the plan holds."""
        since = self.after or scenario.calendar.midnight(scenario.calendar.start)
        latest = since.astimezone(UTC)
        for name, placed in plan.sessions.items():
            counts = self.event in (None, scenario.sessions[name].event)
            if counts and (self.sessions is None or name in self.sessions):
                latest = max(latest, placed.end.astimezone(UTC))
        return int((latest - since.astimezone(UTC)).total_seconds() // 60)
