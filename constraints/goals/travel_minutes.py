from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from scheduler.rules import Candidates, Goal, Plan, Scenario, Stay, Term, Tour, Visit


class TravelMinutes(Goal):
    """Spare people the road: the minutes each person travels from session to session of a day, added up.

    Counted between venues, from each session of a person to the next that starts on the same day, by the minutes of free
    roads. Ways from and to a home are not counted. The figure is in minutes.

        goals:
          travel: {goal: travel-minutes, tier: 2, weight: 2}
    """

    family = "travel-minutes"
    unit = "minutes"

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each person's tour of venues."""
        tours: dict[str, list[str]] = {}
        for session in scenario.sessions.values():
            for person in session.persons:
                tours.setdefault(person, []).append(session.id)
        for sessions in tours.values():
            venues: dict[str, int] = {}
            visits = tuple(
                Visit(
                    candidates.numbers[session],
                    tuple(Stay(venues.setdefault(choice.venue, len(venues))) for choice in candidates.of(session)),
                )
                for session in sessions
            )
            if len(venues) > 1:
                step = tuple(tuple(scenario.travel.minutes(a, b) or 0 for b in venues) for a in venues)
                days = scenario.calendar.day_starts
                yield Tour(rule=self.id, price=self.price, visits=visits, step=step, cells=days)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add each person's minutes from session to session of a day."""
        total = 0
        days: dict[tuple[str, date], list[str]] = {}
        for name, placed in sorted(plan.sessions.items(), key=lambda item: item[1].start):
            day = placed.start.astimezone(scenario.calendar.timezone).date()
            for person in scenario.sessions[name].persons:
                days.setdefault((person, day), []).append(placed.hall.split(".")[0])
        for venues in days.values():
            total += sum(scenario.travel.minutes(before, after) or 0 for before, after in pairwise(venues))
        return total
