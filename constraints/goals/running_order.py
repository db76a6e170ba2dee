from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from scheduler.rules import Candidates, Complaint, Count, Goal, Plan, Ranks, Scenario, SessionRef, Term


class RunningOrder(Goal):
    """Keep the numbers that an event's programme gives its sessions: those that come at another place.

    Planners need it for items that hang together (the third panel answers the second) and for a programme that is in print.
    An event's sessions are counted as its programme lists them: block by block of the scenario's ``blocks``, in a block
    hall by hall in the order of the file, in a hall by their starts. The time between two blocks counts like a block. All
    sessions that are held have a number, those too that may come at any place; an absent one has none. The figure is in
    sessions.

        blocks:
          morning: {date: 2023-04-15, time: 09:00-12:00}
          afternoon: {date: 2023-04-15, time: 13:30-18:00}
        goals:
          as-printed: {goal: running-order, tier: 3, places: {forum.opening: 1, forum.second: 3}}

    Where one has to follow another, ``order`` says so.
    """

    family = "running-order"
    unit = "sessions"

    places: Annotated[dict[SessionRef, Annotated[Count, Field(ge=1)]], Field(min_length=1)]

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where there are no blocks, and where an event has no such place."""
        if not scenario.blocks:
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the goals?"
            yield Complaint(("goals", self.id), "the scenario has no blocks of time", hint)
        for session, place in self.places.items():
            event = session.split(".")[0]
            there = len(scenario.event_sessions.get(event, ()))
            if there and place > there:  # no event where it is itself complained of
                path = ("goals", self.id, "places", session)
                yield Complaint(path, f"{event} has {there} sessions, and none at place {place}")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say the order of each event that has places."""
        halls = {hall: number for number, hall in enumerate(scenario.bookables)}
        for sessions in scenario.event_sessions.values():
            wanted = tuple(self.places.get(session.id) for session in sessions)
            if any(wanted):
                yield Ranks(
                    rule=self.id,
                    price=self.price,
                    sessions=tuple(candidates.numbers[session.id] for session in sessions),
                    wanted=wanted,
                    ranks=tuple(tuple(halls[choice.hall] for choice in candidates.of(s.id)) for s in sessions),
                    cells=tuple(scenario.block_bounds),
                )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Count the sessions that are at another place."""
        edges = {moment.astimezone(UTC) for span in scenario.blocks.values() for moment in span}
        halls, every = list(scenario.bookables), list(scenario.sessions)
        by_event: dict[str, list[tuple[int, int, datetime, int]]] = {}
        for name, placed in plan.sessions.items():
            start = placed.start.astimezone(UTC)
            passed = sum(edge <= start for edge in edges)
            where = (passed, halls.index(placed.hall), start, every.index(name))
            by_event.setdefault(name.split(".")[0], []).append(where)
        wrong = 0
        for listed in by_event.values():
            for place, (*_, number) in enumerate(sorted(listed), 1):
                wrong += self.places.get(every[number], place) != place
        return wrong
