from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
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
    block_cells,
)


class SameHall(Goal):
    """Keep a series of sessions in one hall: the halls of each series beyond the first, added up.

    Planners need it because a series that moves needs signs, another sweep and interpreters' booths set up anew. A series
    is a list of sessions, or all sessions of an event. With ``same: venue`` venues are counted instead of halls. Absent
    sessions are left out of account. With ``each: block`` (``day``) a series may move from one of the scenario's ``blocks``
    (one day) to the next: the halls beyond the first are counted of each block that sessions of the series start in. The
    figure is in halls (or venues).

        goals:
          steady: {goal: same-hall, tier: 2, series: {talks: [forum.first, forum.second]}, events: [visit]}
          one-at-a-time: {goal: same-hall, tier: 3, events: [forum], each: day}

    Where a series has to stay, the rule ``together`` says so.
    """

    family = "same-hall"
    unit = "halls"

    series: dict[str, Annotated[Distinct[SessionRef], Field(min_length=2)]] = {}
    events: Distinct[EventRef] = []
    same: Literal["hall", "venue"] = "hall"
    each: Literal["day", "block"] | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return f"{self.same}s"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the goal speaks of nothing, and where there are no blocks."""
        if not self.series and not self.events:
            yield Complaint(("goals", self.id), "names neither a series nor an event", "'events: [visit]'?")
        if self.each == "block" and not scenario.blocks:
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the goals?"
            yield Complaint(("goals", self.id, "each"), "the scenario has no blocks of time", hint)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count the halls of each series."""
        what: Literal["abreast", "distinct"] = "abreast" if self.each else "distinct"
        slots = block_cells(scenario) if self.each == "block" else Cells(scenario.calendar.day_starts if self.each else ())
        by_event = ([session.id for session in scenario.event_sessions[event]] for event in self.events)
        for sessions in (*self.series.values(), *by_event):
            places: dict[str, int] = {}
            cells = []
            for session in sessions:
                words = (getattr(choice, self.same) for choice in candidates.of(session))
                cells.append(slots._replace(block=tuple(places.setdefault(word, len(places)) for word in words)))
            if len(places) > 1:
                numbers = tuple(candidates.numbers[session] for session in sessions)
                yield Tally(rule=self.id, price=self.price, what=what, sessions=numbers, cells=tuple(cells), most=1)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the halls of each series beyond its first, of each day or block where that is said."""
        return sum(max(0, len(halls) - 1) for halls in self._halls(scenario, plan))

    def _halls(self, scenario: Scenario, plan: Plan) -> Iterator[set[str]]:
        """Yield where each series is, all the time or by day or block."""
        depth = 2 if self.same == "hall" else 1
        where = {name: ".".join(placed.hall.split(".")[:depth]) for name, placed in plan.sessions.items()}
        listed = [[session for session in series if session in where] for series in self.series.values()]
        listed += [[session for session in where if session.split(".")[0] == event] for event in self.events]
        for series in listed:
            halls: dict[str, set[str]] = {}
            for session in series:
                when = self._when(scenario, plan.sessions[session].start)
                if when is not None:
                    halls.setdefault(when, set()).add(where[session])
            yield from halls.values()

    def _when(self, scenario: Scenario, start: datetime) -> str | None:
        """Return what of the time is counted by itself, None where nothing is."""
        if self.each == "block":
            return scenario.block_at(start)
        return start.astimezone(scenario.calendar.timezone).date().isoformat() if self.each else ""
