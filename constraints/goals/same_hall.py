from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Cells,
    Complaint,
    Distinct,
    EventRef,
    Goal,
    Plan,
    Scenario,
    SessionRef,
    Tally,
    Term,
)


class SameHall(Goal):
    """Keep a series of sessions in one hall: the halls of each series beyond the first, added up.

    Planners need it because a series that moves needs signs, another sweep and interpreters' booths set up anew. A series
    is a list of sessions, or all sessions of an event. With ``same: venue`` venues are counted instead of halls. Absent
    sessions are left out of account. The figure is in halls (or venues).

        goals:
          steady: {goal: same-hall, tier: 2, series: {talks: [forum.first, forum.second]}, events: [visit]}

    Where a series has to stay, the rule ``together`` says so.
    """

    family = "same-hall"
    unit = "halls"

    series: dict[str, Annotated[Distinct[SessionRef], Field(min_length=2)]] = {}
    events: Distinct[EventRef] = []
    same: Literal["hall", "venue"] = "hall"

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return f"{self.same}s"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the goal speaks of nothing."""
        if not self.series and not self.events:
            yield Complaint(("goals", self.id), "names neither a series nor an event", "'events: [visit]'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count the halls of each series."""
        by_event = ([session.id for session in scenario.event_sessions[event]] for event in self.events)
        for sessions in (*self.series.values(), *by_event):
            places: dict[str, int] = {}
            cells = []
            for session in sessions:
                words = (getattr(choice, self.same) for choice in candidates.of(session))
                cells.append(Cells(block=tuple(places.setdefault(word, len(places)) for word in words)))
            if len(places) > 1:
                numbers = tuple(candidates.numbers[session] for session in sessions)
                yield Tally(rule=self.id, price=self.price, what="distinct", sessions=numbers, cells=tuple(cells), most=1)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the halls of each series beyond its first."""
        return sum(max(0, len(halls) - 1) for halls in self._halls(plan))

    def _halls(self, plan: Plan) -> Iterator[set[str]]:
        """Yield where each series is."""
        depth = 2 if self.same == "hall" else 1
        where = {name: ".".join(placed.hall.split(".")[:depth]) for name, placed in plan.sessions.items()}
        for listed in self.series.values():
            yield {where[session] for session in listed if session in where}
        for event in self.events:
            yield {hall for session, hall in where.items() if session.split(".")[0] == event}
