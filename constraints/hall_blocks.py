from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    HallRef,
    Plan,
    Rule,
    Scenario,
    Soften,
    Tally,
    Term,
    Violation,
    block_cells,
)


class HallBlocks(Rule):
    """A hall is given to one event for a block of time.

    Planners need it because a hall is let, dressed, swept and staffed for a morning or an afternoon, and not for an hour;
    and because who comes to an event finds it behind one door. The blocks are the scenario's ``blocks``: a session is in
    the block that it starts in, and outside of all blocks the rule says nothing. It binds ``halls``, or all halls that are
    not pooled; a combination stands for its parts. Softened, each event beyond the first in a hall and block has a price.

        blocks:
          morning: {date: 2023-04-15, time: 09:00-12:00}
          afternoon: {date: 2023-04-15, time: 13:30-18:00}
        rules:
          one-door: {rule: hall-blocks, halls: [cncc1.plenary, cncc1.ballroom]}

    When it blocks a plan, list fewer halls, make shorter blocks, or soften it.
    """

    family = "hall-blocks"
    unit = "events too many"

    halls: Distinct[HallRef] = []
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where there are no blocks."""
        if not scenario.blocks:
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the rules?"
            yield Complaint(("rules", self.id), "the scenario has no blocks of time", hint)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count for each hall the events in each block."""
        blocks = block_cells(scenario)
        events = {event: number for number, event in enumerate(scenario.events)}
        listed = self.halls or [hall.id for hall in scenario.bookables.values() if hall.pooled is None]
        for part in dict.fromkeys(part for hall in listed for part in scenario.bookables[hall].parts):
            taken_by = {hall.id: 0 if part in hall.parts else None for hall in scenario.bookables.values()}
            there = [
                (session, block)
                for session in scenario.sessions.values()
                if 0 in (block := tuple(taken_by[choice.hall] for choice in candidates.of(session.id)))
            ]
            if len({session.event for session, _ in there}) > 1:
                yield Tally(
                    rule=self.id,
                    price=self.price,
                    what="owners",
                    sessions=tuple(candidates.numbers[session.id] for session, _ in there),
                    cells=tuple(blocks._replace(block=block) for _, block in there),
                    owners=tuple(events[session.event] for session, _ in there),
                    most=1,
                )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find halls that several events have in one block."""
        bound = {part for hall in self.halls for part in scenario.bookables[hall].parts}
        found: dict[tuple[str, str], list[str]] = {}
        for name, placed in plan.sessions.items():
            block = scenario.block_at(placed.start)
            for part in scenario.bookables[placed.hall].parts if block is not None else ():
                if part in bound or not (self.halls or scenario.bookables[part].pooled):
                    found.setdefault((block or "", part), []).append(name)
        for (block, part), names in found.items():
            events = list(dict.fromkeys(name.split(".")[0] for name in names))
            if len(events) > 1:
                yield Violation(tuple(names), len(events) - 1, {"block": block, "hall": part, "events": events})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which events share a hall."""
        facts = violation.facts
        events = ", ".join(facts["events"])
        return f"In the block {facts['block']} {scenario.hall_name(facts['hall'])} is given to {events}; one is the most."
