from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from scheduler.rules import Candidates, Count, Goal, PlacementPrice, Plan, Scenario, Slope, Term


class PreferredTimes(Goal):
    """Start sessions when they would like to (``prefer: {start: …}``).

    Each minute earlier counts ``early`` times, each minute later ``late`` times; an absent session counts nothing. The
    figure is in minutes, so weighted.

        goals:
          times: {goal: preferred-times, tier: 2, weight: 1, late: 2}
    """

    family = "preferred-times"
    unit = "minutes"

    early: Count = 1
    late: Count = 1

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each session by the distance of its start."""
        for session in scenario.sessions.values():
            if session.prefer.start is not None:
                ideal = scenario.calendar.minute(session.prefer.start)
                slopes = (Slope(0, self.early * ideal, -self.early), Slope(ideal, 0, self.late))
                yield PlacementPrice(rule=self.id, price=self.price, session=candidates.numbers[session.id], slopes=slopes)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the minutes between preferred and planned starts."""
        total = 0
        for name, placed in plan.sessions.items():
            wanted = scenario.sessions[name].prefer.start
            if wanted is not None:
                minutes = int((placed.start.astimezone(UTC) - wanted.astimezone(UTC)).total_seconds() // 60)
                total += self.late * minutes if minutes > 0 else self.early * -minutes
        return total
