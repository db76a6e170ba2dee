from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import combinations, pairwise
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    Lag,
    Minutes,
    Plan,
    Relation,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Term,
    Violation,
    duration_text,
)


class Order(Rule):
    """Sessions follow one another in the order they are listed, with at least and at most so many minutes between.

    Planners need it because the welcome comes before the talks and the signing right after them. ``at-least`` is the time
    from the end of one to the start of a later one (0 without it); ``at-most`` binds neighbours of the list. An absent
    session drops out of the list's pairs. Softened, each minute missing has a price.

        rules:
          ceremony: {rule: order, sessions: [visit.welcome, visit.talks, visit.signing], at-most: 30 min}

    When it blocks a plan, widen ``at-most`` or the windows of the sessions.
    """

    family = "order"
    unit = "minutes"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    at_least: Minutes = 0
    at_most: Minutes | None = None
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where its bounds contradict themselves."""
        if self.at_most is not None and self.at_most < self.at_least:
            yield Complaint(("rules", self.id, "at-most"), "at-most is shorter than at-least", "swap the two?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one lag for each pair; only neighbours have an upper bound."""
        neighbours = set(pairwise(self.sessions))
        for first, second in combinations(self.sessions, 2):
            lag = Lag(least=self.at_least, most=self.at_most if (first, second) in neighbours else None)
            numbers = candidates.numbers
            yield Relation(rule=self.id, price=self.price, first=numbers[first], second=numbers[second], then=lag)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs that come too early or too late."""
        for i, first in enumerate(self.sessions):
            for j in range(i + 1, len(self.sessions)):
                second = self.sessions[j]
                if first not in plan.sessions or second not in plan.sessions:
                    continue
                gap = plan.sessions[second].start.astimezone(UTC) - plan.sessions[first].end.astimezone(UTC)
                between = int(gap.total_seconds() // 60)
                if between < self.at_least:
                    yield Violation((first, second), self.at_least - between, {"between": between, "late": False})
                elif j == i + 1 and self.at_most is not None and between > self.at_most:
                    yield Violation((first, second), between - self.at_most, {"between": between, "late": True})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what lies between the two and what should."""
        first, second = violation.sessions
        amount, between = duration_text(violation.amount), violation.facts["between"]
        if violation.facts["late"]:
            assert self.at_most is not None
            return (
                f"{second} starts {duration_text(between)} after {first} ends, {amount} more than the "
                f"{duration_text(self.at_most)} at most."
            )
        if between < 0 and not self.at_least:
            return f"{second} starts {amount} before {first} ends; it has to follow it."
        due = duration_text(self.at_least)
        return f"{second} starts {amount} too early: {due} are to lie between the end of {first} and it."
