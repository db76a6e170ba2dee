from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Candidates, Goal, PlacementPrice, Plan, Scenario, Term


class DisplacedHolds(Goal):
    """Displace few of those who hold a hall (``holds``), and those who mind it least.

    A hold that has to give way costs its ``price`` once, however many sessions take its place and for however long. The
    figure is in points.

        holds:
          fair: {hall: cncc1.*, from: 2023-04-13T08:00, to: 2023-04-16T20:00, by: Trade fair, price: 400}
        goals:
          displaced: {goal: displaced-holds, tier: 1}
    """

    family = "displaced-holds"
    unit = "points"

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the absence of each hold that may be displaced."""
        for name, hold in scenario.displaceable.items():
            number = candidates.numbers[name]
            yield PlacementPrice(rule=self.id, price=self.price, session=number, absent=hold.price or 0)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the prices of the holds that the plan displaces."""
        return sum(entry.price or 0 for name, entry in scenario.file.holds.items() if name in plan.displaced)
