from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import Candidates, Cells, Count, Distinct, Goal, Plan, Scenario, SessionRef, Tally, Term


class Balance(Goal):
    """Share the sessions out evenly: those of the busiest day (venue, hall) beyond ``most``.

    Planners need it because crews and press can work through five even days, not through one of twelve sessions and four
    of two. The figure is that of the busiest day alone, so that it falls only where all days are shared out better. A
    session counts on the day it starts; an absent one counts nothing. The figure is in sessions.

        goals:
          even: {goal: balance, tier: 3, over: day, most: 4}

    Without ``sessions: [forum.first, …]`` it speaks of all.
    """

    family = "balance"
    unit = "sessions"

    over: Literal["day", "venue", "hall"] = "day"
    most: Count = 0
    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)] | None = None

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count the sessions of each day, or place, and take the most."""
        listed = list(scenario.sessions) if self.sessions is None else self.sessions
        if len(listed) <= self.most:
            return
        places: dict[str, int] = {}
        cells = []
        for session in listed:
            if self.over == "day":
                cells.append(Cells(slots=scenario.calendar.day_starts))
            else:
                words = (getattr(choice, self.over) for choice in candidates.of(session))
                cells.append(Cells(block=tuple(places.setdefault(word, len(places)) for word in words)))
        numbers = tuple(candidates.numbers[session] for session in listed)
        yield Tally(rule=self.id, price=self.price, what="peak", sessions=numbers, cells=tuple(cells), most=self.most)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Return how many sessions the busiest day, or place, has beyond the most."""
        counts: Counter[str] = Counter()
        for name, placed in plan.sessions.items():
            if self.sessions is None or name in self.sessions:
                day = placed.start.astimezone(scenario.calendar.timezone).date().isoformat()
                counts[{"day": day, "venue": placed.hall.split(".")[0], "hall": placed.hall}[self.over]] += 1
        return max(0, max(counts.values(), default=0) - self.most)
