from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from scheduler.rules import (
    Candidates,
    Choice,
    DelegationRef,
    PlacementPrice,
    Plan,
    Refusal,
    Rule,
    Scenario,
    Session,
    Slope,
    Soften,
    Term,
    Violation,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class RestDay(Rule):
    """On its day of rest a delegation has no session.

    Planners need it for guests who keep a day of the week free, whatever the host would like. A session counts on the day
    it starts. Softened, each session on such a day has a price.

        rules:
          friday: {rule: rest-day, delegation: kaz, weekday: friday}

    When it blocks a plan, widen the windows of the sessions or soften it.
    """

    family = "rest-day"
    unit = "sessions"

    delegation: DelegationRef
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    soften: Soften | None = None

    def _rests(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] == self.weekday

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse every start on a day of rest, unless it only has a price."""
        if self.soften is None and self.delegation in session.delegations:
            calendar = scenario.calendar
            ends = (*calendar.day_starts[1:], calendar.horizon)
            days = zip(calendar.days(), calendar.day_starts, ends, strict=True)
            spans = tuple((begin, end) for day, begin, end in days if self._rests(day))
            yield Refusal(f"{scenario.delegation_name(self.delegation)} rests on {self.weekday}", spans)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each start on a day of rest."""
        if self.soften is None:
            return
        days = zip(scenario.calendar.days(), scenario.calendar.day_starts, strict=True)
        slopes = tuple(Slope(begin, int(self._rests(day)), 0) for day, begin in days)
        for session in scenario.sessions.values():
            if self.delegation in session.delegations:
                number = candidates.numbers[session.id]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, slopes=slopes)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions of the delegation that start on its day of rest."""
        for name, placed in plan.sessions.items():
            start = placed.start.astimezone(scenario.calendar.timezone)
            if self.delegation in scenario.sessions[name].delegations and start.strftime("%A").lower() == self.weekday:
                yield Violation((name,), 1, {"start": start})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say whose day of rest it is."""
        who = scenario.delegation_name(self.delegation)
        return f"{violation.sessions[0]} starts {violation.facts['start']:%A, %d %b}, the day of rest of {who}."
