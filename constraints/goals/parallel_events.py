from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from scheduler.rules import Candidates, Complaint, Distinct, EventRef, Goal, Plan, Scenario, Tally, Term, block_cells

Pair = Annotated[Distinct[EventRef], Field(min_length=2, max_length=2)]


class ParallelEvents(Goal):
    """Keep two events out of each other's blocks of time: the pairs of a hall of the one and one of the other.

    Planners need it for events that want the same people, press or crews: a forum on trade and one on customs, or two that
    one minister chairs. The blocks are the scenario's ``blocks``; a session is in the block that it starts in. Where one
    event has two halls in a block and the other three, six pairs count. A combination is a hall of its own. The figure is
    in pairs of halls.

        blocks:
          morning: {date: 2023-04-15, time: 09:00-12:00}
          afternoon: {date: 2023-04-15, time: 13:30-18:00}
        goals:
          one-press-corps: {goal: parallel-events, tier: 2, weight: 5, pairs: [[forum, visit], [forum, call]]}

    Where they must not be held at once, ``shared-audience`` says so by the minute.
    """

    family = "parallel-events"
    unit = "pairs of halls"

    pairs: Annotated[list[Pair], Field(min_length=1)]

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where there are no blocks, and where two events are paired twice, in whatever order."""
        if not scenario.blocks:
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the goals?"
            yield Complaint(("goals", self.id), "the scenario has no blocks of time", hint)
        for position, (first, second) in enumerate(self.pairs):
            if {first, second} in map(set, self.pairs[:position]):
                yield Complaint(("goals", self.id, "pairs", position), f"{first} and {second} are paired twice")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count the meetings of each two events."""
        blocks = block_cells(scenario)
        halls = {hall: number for number, hall in enumerate(scenario.bookables)}
        for pair in self.pairs:
            members = [
                (owner, session.id) for owner, event in enumerate(pair) for session in scenario.event_sessions[event]
            ]
            yield Tally(
                rule=self.id,
                price=self.price,
                what="meetings",
                sessions=tuple(candidates.numbers[session] for _, session in members),
                cells=tuple(
                    blocks._replace(block=tuple(halls[choice.hall] for choice in candidates.of(session)))
                    for _, session in members
                ),
                owners=tuple(owner for owner, _ in members),
            )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the products of the numbers of halls, block by block."""
        halls: dict[tuple[str, str], set[str]] = {}
        for name, placed in plan.sessions.items():
            block = scenario.block_at(placed.start)
            if block is not None:
                halls.setdefault((name.split(".")[0], block), set()).add(placed.hall)
        return sum(
            len(halls.get((first, block), ())) * len(halls.get((second, block), ()))
            for first, second in self.pairs
            for block in scenario.blocks
        )
