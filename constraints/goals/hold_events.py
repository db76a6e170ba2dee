from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Candidates, Goal, PlacementPrice, Plan, Scenario, Term


class HoldEvents(Goal):
    """Hold as much as possible: what is left out costs the price it was given.

    An optional event (``optional: {price: 300}``) that is left out costs its price once; an optional session its own. The
    figure is in points.

        goals:
          hold: {goal: hold-events, tier: 1, weight: 1}

    It always stands, in tier 1; write it to give it another tier or weight.
    """

    family = "hold-events"
    standing = True
    unit = "points"

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the absence of each optional session, and of one required session of each optional event."""
        for event, sessions in scenario.event_sessions.items():
            optional = scenario.events[event].optional
            required = [session for session in sessions if session.absence_price is None]
            if optional and required:
                number = candidates.numbers[required[0].id]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, absent=optional.price)
            for session in sessions:
                if session.absence_price:
                    number = candidates.numbers[session.id]
                    yield PlacementPrice(rule=self.id, price=self.price, session=number, absent=session.absence_price)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the prices of what the plan leaves out."""
        points = 0
        for event_id, event in scenario.events.items():
            absent = {entry for entry in event.sessions if f"{event_id}.{entry}" not in plan.sessions}
            points += sum(
                entry.optional.price for name, entry in event.sessions.items() if entry.optional and name in absent
            )
            if event.optional and any(not event.sessions[name].optional for name in absent):
                points += event.optional.price
        return points
