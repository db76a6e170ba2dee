from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Choice,
    Count,
    Distinct,
    Goal,
    PlacementPrice,
    Plan,
    Scenario,
    Session,
    SessionRef,
    Term,
)


class SeatsWasted(Goal):
    """Put no small session into a large hall: the seats that stay empty, added up.

    Planners need it because half-empty rows are what the cameras show, and because a large hall that a small session
    takes is missing elsewhere. Counted are the seats of the hall, in the layout of the session (the largest figure,
    where it has none), beyond its attendance; of the first ``spare`` percent of the attendance nothing is counted,
    whole seats only. A session whose attendance is not given counts nothing, nor does an absent one. The figure is in
    seats.

        goals:
          fit: {goal: seats-wasted, tier: 2, spare: 10, sessions: [forum.opening, forum.dinner]}

    Without ``sessions`` it speaks of all.
    """

    family = "seats-wasted"
    unit = "seats"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=1)] | None = None
    spare: Annotated[Count, Field(le=1000)] = 0

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each session by the empty seats of its choice."""
        for name in scenario.sessions if self.sessions is None else self.sessions:
            session = scenario.sessions[name]
            empty = tuple(self._empty(scenario, session, choice) for choice in candidates.of(name))
            if session.attendance and any(empty):
                number = candidates.numbers[name]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, by_choice=empty)

    def _empty(self, scenario: Scenario, session: Session, choice: Choice) -> int:
        seats = scenario.bookables[choice.hall].seats
        there = max(seats.values(), default=0) if session.layout is None else seats.get(session.layout, 0)
        return max(0, there - session.attendance - session.attendance * self.spare // 100)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the seats that stay empty."""
        total = 0
        for name, placed in plan.sessions.items():
            event, _, entry = name.partition(".")
            said = scenario.events[event].sessions[entry]
            if said.attendance == 0 or (self.sessions is not None and name not in self.sessions):
                continue
            figures = scenario.bookables[placed.hall].seats
            there = max((seats for layout, seats in figures.items() if said.layout in (None, layout)), default=0)
            wanted = said.attendance * (100 + self.spare) // 100
            total += there - wanted if there > wanted else 0
        return total
