from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from scheduler.rules import Candidates, Complaint, Count, Goal, PlacementPrice, Plan, Scenario, Slope, Term


class Stability(Goal):
    """Change little of a plan that people already work by (``base`` of the scenario, or ``--base`` of a command).

    A session that the base plan held costs ``absent`` where it is left out; otherwise ``day`` on another day or ``time``
    at another time of its day, and ``venue`` in another venue or ``hall`` in another hall of its venue. A delegation costs
    ``home`` where it stays in another hotel. What the base does not know costs nothing. The figure is in points.

        base: last-week.plan.json
        goals:
          stay: {goal: stability, tier: 2, absent: 16, day: 8, venue: 4, hall: 2, time: 1, home: 4}
    """

    family = "stability"
    unit = "points"

    absent: Count = 16
    day: Count = 8
    venue: Count = 4
    hall: Count = 2
    time: Count = 1
    home: Count = 4

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say that there is no plan to keep to."""
        if scenario.base is None:
            hint = "'base: last.plan.json' at the top of the scenario, or the option --base?"
            yield Complaint(("goals", self.id), "stability needs the plan it is to keep to", hint)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each session of the base plan by how far it moves."""
        calendar = scenario.calendar
        midnights = [*calendar.day_starts, calendar.horizon]
        for name, spot in (scenario.base or {}).items():
            if name not in candidates.numbers:
                continue
            start = calendar.minute(spot.start)
            slopes = [Slope(0, self.day, 0)]
            for midnight, next_midnight in pairwise(midnights):
                if midnight <= start < next_midnight:
                    slopes = [
                        Slope(0, self.day, 0),
                        Slope(midnight, self.time, 0),
                        Slope(start, 0, 0),
                        Slope(start + 1, self.time, 0),
                        Slope(next_midnight, self.day, 0),
                    ]
            venue = spot.hall.partition(".")[0]
            by_choice = tuple(
                0 if choice.hall == spot.hall else self.hall if choice.venue == venue else self.venue
                for choice in candidates.of(name)
            )
            yield PlacementPrice(
                rule=self.id,
                price=self.price,
                session=candidates.numbers[name],
                by_choice=by_choice,
                slopes=tuple(slopes),
                absent=self.absent,
            )
        for delegation, hotel in scenario.base_homes.items():
            if delegation in scenario.homes:
                yield PlacementPrice(
                    rule=self.id,
                    price=self.price,
                    session=candidates.numbers[delegation],
                    by_choice=tuple(0 if home.hall == hotel else self.home for home in candidates.of(delegation)),
                    slopes=(),
                    absent=self.home,
                )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add up what moved."""
        zone = scenario.calendar.timezone
        total = 0
        for name, spot in (scenario.base or {}).items():
            if name not in scenario.sessions:
                continue
            placed = plan.sessions.get(name)
            if placed is None:
                total += self.absent
                continue
            if placed.start.astimezone(zone).date() != spot.start.astimezone(zone).date():
                total += self.day
            elif placed.start != spot.start:
                total += self.time
            if placed.hall.split(".")[0] != spot.hall.split(".")[0]:
                total += self.venue
            elif placed.hall != spot.hall:
                total += self.hall
        for delegation, hotel in scenario.base_homes.items():
            if delegation in scenario.homes and plan.homes.get(delegation) != hotel:
                total += self.home
        return total
