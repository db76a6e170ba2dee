from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import Candidates, Cells, Complaint, Count, Distinct, Goal, Plan, Scenario, SessionRef, Tally, Term


class Spread(Goal):
    """Spread a series of sessions over at least so many days (venues, halls): those that are missing.

    Planners need it because press conferences want a headline each day, and because no venue and no district is to bear a
    forum alone. A session counts on the day it starts. An absent session uses no day, so that leaving one out never
    makes a series look spread. The figure is in days, venues or halls missing.

        goals:
          headlines: {goal: spread, tier: 2, over: day, least: 3, sessions: [forum.first, forum.second, forum.third]}
    """

    family = "spread"
    unit = "days, venues or halls missing"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    least: Annotated[Count, Field(ge=2)]
    over: Literal["day", "venue", "hall"] = "day"

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return f"{self.over}s missing"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the list is too short."""
        listed = len(self.sessions)
        if self.least > listed:
            message = f"{listed} sessions cannot use {self.least} different {self.over}s"
            yield Complaint(("goals", self.id, "least"), message, f"'least: {listed}'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count the days, or the places, that the series uses."""
        places: dict[str, int] = {}
        cells = []
        for session in self.sessions:
            if self.over == "day":
                cells.append(Cells(slots=scenario.calendar.day_starts))
            else:
                words = (getattr(choice, self.over) for choice in candidates.of(session))
                cells.append(Cells(block=tuple(places.setdefault(word, len(places)) for word in words)))
        numbers = tuple(candidates.numbers[session] for session in self.sessions)
        yield Tally(
            rule=self.id,
            price=self.price,
            what="distinct",
            sessions=numbers,
            cells=tuple(cells),
            least=self.least,
            most=len(numbers),
        )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Return how many days, or places, are missing."""
        used = set()
        for session in set(self.sessions) & set(plan.sessions):
            placed = plan.sessions[session]
            day = placed.start.astimezone(scenario.calendar.timezone).date().isoformat()
            used.add({"day": day, "venue": placed.hall.split(".")[0], "hall": placed.hall}[self.over])
        return max(0, self.least - len(used))
