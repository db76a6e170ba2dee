from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from scheduler.rules import Candidates, Complaint, Distinct, EventRef, Goal, Plan, Scenario, Tally, Term, block_cells


class Unbroken(Goal):
    """Hold an event in blocks of time that follow one another: the events with a block without them in between.

    Planners need it because who comes for one event wants to come once, and what is built up for it should stand until it
    is over. The blocks are the scenario's ``blocks``, in their order, whatever nights lie between them. A session is in the
    block that it starts in; one that is in none, or is absent, is left out of account. The figure is in events.

        blocks:
          morning: {date: 2023-04-15, time: 09:00-12:00}
          afternoon: {date: 2023-04-15, time: 13:30-18:00}
          next-morning: {date: 2023-04-16, time: 09:00-12:00}
        goals:
          in-one-go: {goal: unbroken, tier: 3, events: [forum, visit]}
    """

    family = "unbroken"
    unit = "events"

    events: Annotated[Distinct[EventRef], Field(min_length=1)]

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where no block can lie between two others."""
        if len(scenario.blocks) < 3:
            message = f"the scenario has {len(scenario.blocks)} blocks of time: none lies between two others"
            yield Complaint(("goals", self.id), message, "add to 'blocks'.")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say of each event that its blocks are a row without a hole."""
        blocks = block_cells(scenario)
        for event in self.events:
            sessions = tuple(candidates.numbers[session.id] for session in scenario.event_sessions[event])
            if len(sessions) > 1:
                yield Tally(
                    rule=self.id, price=self.price, what="broken", sessions=sessions, cells=(blocks,) * len(sessions)
                )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Count the events that are interrupted."""
        order = list(scenario.blocks)
        interrupted = 0
        for event in self.events:
            starts = (placed.start for name, placed in plan.sessions.items() if name.split(".")[0] == event)
            used = {order.index(block) for start in starts if (block := scenario.block_at(start)) is not None}
            interrupted += any(number not in used for number in range(min(used, default=0), max(used, default=0)))
        return interrupted
