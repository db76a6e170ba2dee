from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import (
    BlockRef,
    Candidates,
    Complaint,
    Count,
    EventRef,
    Goal,
    HallRef,
    Model,
    PlacementPrice,
    Plan,
    Scenario,
    SessionRef,
    Tally,
    Term,
    block_cells,
)


class Points(Model):
    """What blocks and halls cost; what is not listed costs nothing."""

    blocks: dict[BlockRef, Count] = {}
    halls: dict[HallRef, Count] = {}


class BlockPrices(Goal):
    """Put sessions and events into the blocks of time and the halls that suit them: the points of where they are, added up.

    Planners need it because not all blocks are equally good: the ministers fly home on the last afternoon, a delegation's
    capital sleeps while the morning is on, a large hall costs its crew. A session that is held counts the points of its
    block and of its hall. An event counts the points of the block and of the hall once for each hall that it has in a
    block, however many sessions are there. So do the points of a hall in a block, for each event that has it then. The
    blocks are the scenario's ``blocks``; a session is in the block that it starts in. A combination is a hall of its own.
    The figure is in points.

        blocks:
          morning: {date: 2023-04-15, time: 09:00-12:00}
          afternoon: {date: 2023-04-15, time: 13:30-18:00}
        goals:
          where:
            goal: block-prices
            tier: 2
            sessions: {forum.press: {blocks: {morning: 3}, halls: {cncc1.plenary: 1}}}
            events: {forum: {blocks: {afternoon: 2}, halls: {cncc1.ballroom: 5}}}
            halls: {cncc1.plenary: {afternoon: 10}}
    """

    family = "block-prices"
    unit = "points"

    sessions: dict[SessionRef, Points] = {}
    events: dict[EventRef, Points] = {}
    halls: dict[HallRef, dict[BlockRef, Count]] = {}

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the goal prices nothing, and where events have no blocks to be in."""
        if not (self.sessions or self.events or self.halls):
            message = "prices no session, event or hall"
            yield Complaint(("goals", self.id), message, "'events: {visit: {blocks: {morning: 2}}}'?")
        if self.events and not scenario.blocks:
            message = "an event counts by the blocks in which it has halls, and the scenario has no blocks of time"
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the goals?"
            yield Complaint(("goals", self.id, "events"), message, hint)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the hall and the block of each session, and what each event uses of halls and blocks."""
        numbers = {block: number for number, block in enumerate(scenario.blocks)}
        slots = block_cells(scenario)
        for name, points in self.sessions.items():
            session = candidates.numbers[name]
            by_hall = tuple(points.halls.get(choice.hall, 0) for choice in candidates.of(name))
            if any(by_hall):
                yield PlacementPrice(rule=self.id, price=self.price, session=session, by_choice=by_hall)
            worth = {(0, 0, numbers[block]): price for block, price in points.blocks.items() if price}
            if worth:
                yield Tally(rule=self.id, price=self.price, what="worth", sessions=(session,), cells=(slots,), worth=worth)
        halls = {hall: number for number, hall in enumerate(scenario.bookables)}
        for event, sessions in scenario.event_sessions.items():
            points = self.events.get(event, Points())
            worth = {
                (halls[hall], 0, numbers[block]): price
                for hall in dict.fromkeys(choice.hall for session in sessions for choice in candidates.of(session.id))
                for block in scenario.blocks
                if (price := self._points(points, hall, block))
            }
            if worth:
                # A hall without points at any time is no cell of this tally.
                priced = {hall for hall, _, _ in worth}
                yield Tally(
                    rule=self.id,
                    price=self.price,
                    what="worth",
                    sessions=tuple(candidates.numbers[session.id] for session in sessions),
                    cells=tuple(
                        slots._replace(
                            block=tuple(
                                number if (number := halls[choice.hall]) in priced else None
                                for choice in candidates.of(session.id)
                            )
                        )
                        for session in sessions
                    ),
                    worth=worth,
                )

    def _points(self, points: Points, hall: str, block: str) -> int:
        return points.blocks.get(block, 0) + points.halls.get(hall, 0) + self.halls.get(hall, {}).get(block, 0)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the points of each session, and of each event, hall and block that belong together."""
        total = 0
        given: set[tuple[str, str, str]] = set()
        for name, placed in plan.sessions.items():
            block = scenario.block_at(placed.start)
            if name in self.sessions:
                total += self.sessions[name].halls.get(placed.hall, 0)
                total += self.sessions[name].blocks.get(block or "", 0)
            if block is not None:
                given.add((name.split(".")[0], placed.hall, block))
        for event, hall, block in given:
            if event in self.events:
                total += self.events[event].blocks.get(block, 0) + self.events[event].halls.get(hall, 0)
            if hall in self.halls:
                total += self.halls[hall].get(block, 0)
        return total
