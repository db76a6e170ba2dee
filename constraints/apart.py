from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Clear,
    Complaint,
    Distinct,
    Match,
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


class Apart(Rule):
    """Sessions keep apart: in different halls, venues or days, or by a gap of minutes, whichever comes first.

    Planners need it for guests who are not to meet, for heavy days that are not to follow one another, for spacing inside
    a series. With both ``different`` and ``gap``, either is enough: two sessions in one venue keep the gap. An absent
    session is left out of account. Softened, each pair too close has a price, by the minute where there is a gap.

        rules:
          not-in-one-house: {rule: apart, different: venue, gap: 1 h, sessions: [a.call, b.call]}

    When it blocks a plan, shorten the gap or list fewer sessions.
    """

    family = "apart"
    unit = "pairs, or minutes"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    different: Literal["hall", "venue", "day"] | None = None
    gap: Minutes | None = None
    soften: Soften | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "pairs" if self.gap is None else "minutes"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the rule says nothing."""
        if self.different is None and self.gap is None:
            yield Complaint(
                ("rules", self.id), "says neither in what the sessions are different nor by what gap", "'gap: 1 h'?"
            )

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one relation for each pair."""
        for first, second in combinations(self.sessions, 2):
            a, b = candidates.numbers[first], candidates.numbers[second]
            if self.gap is not None:
                same = self._alike(scenario, candidates, first, second, same=True) if self.different else None
                yield Relation(rule=self.id, price=self.price, first=a, second=b, when=same, then=Clear(self.gap))
            else:
                different = self._alike(scenario, candidates, first, second, same=False)
                yield Relation(rule=self.id, price=self.price, first=a, second=b, then=different)

    def _alike(self, scenario: Scenario, candidates: Candidates, first: str, second: str, *, same: bool) -> Match:
        if self.different == "day":
            days = scenario.calendar.day_starts
            numbers = range(len(days))
            return Match(frozenset((a, b) for a in numbers for b in numbers if (a == b) == same), cells=days)
        names: dict[str, int] = {}
        by_choice = [
            tuple(names.setdefault(getattr(choice, str(self.different)), len(names)) for choice in candidates.of(session))
            for session in (first, second)
        ]
        pairs = frozenset((a, b) for a in names.values() for b in names.values() if (a == b) == same)
        return Match(pairs, by_choice[0], by_choice[1])

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs too close to one another."""
        present = [session for session in self.sessions if session in plan.sessions]
        for i, first in enumerate(present):
            for second in present[i + 1 :]:
                if self._differ(scenario, plan, first, second):
                    continue
                if self.gap is None:
                    yield Violation((first, second), 1)
                    continue
                a, b = plan.sessions[first], plan.sessions[second]
                there = max(
                    b.start.astimezone(UTC) - a.end.astimezone(UTC),
                    a.start.astimezone(UTC) - b.end.astimezone(UTC),
                )
                missing = timedelta(minutes=self.gap) - there
                if missing > timedelta(0):
                    yield Violation((first, second), int(missing.total_seconds() // 60))

    def _differ(self, scenario: Scenario, plan: Plan, first: str, second: str) -> bool:
        if self.different is None:
            return False
        a, b = plan.sessions[first], plan.sessions[second]
        if self.different == "day":
            zone = scenario.calendar.timezone
            return a.start.astimezone(zone).date() != b.start.astimezone(zone).date()
        if self.different == "hall":
            return a.hall != b.hall
        return a.hall.split(".")[0] != b.hall.split(".")[0]

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what keeps the two apart."""
        first, second = violation.sessions
        place = "on" if self.different == "day" else "in"
        if self.gap is None:
            return f"{first} and {second} are to be {place} different {self.different}s and share one."
        where = f" {place} one {self.different}" if self.different else ""
        due = f"with {duration_text(self.gap)} due between them" if self.gap else "for they may not overlap"
        return f"{first} and {second}{where} are {duration_text(violation.amount)} too close, {due}."
