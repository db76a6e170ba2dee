from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    Lag,
    Match,
    Placed,
    Plan,
    Relation,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Term,
    Violation,
)

_WHILE = {None: "", "day": " on one day", "block": " in one block"}


class Together(Rule):
    """Sessions share a hall, a venue, a day, or their start.

    Planners need it for a series that stays in its room, for a programme that keeps a guest under one roof, for halves
    of a programme that begin at the same minute. A session counts on the day it starts. An absent session is left out of
    account. With ``each: block`` (``day``) only two that start in one of the scenario's ``blocks`` (on one day) are bound:
    who takes part in both then has one way to go. Softened, each pair that differs has a price, by the minute where starts
    differ.

        rules:
          under-one-roof: {rule: together, same: venue, sessions: [visit.talks, visit.signing, visit.banquet]}
          nor-stays: {rule: together, same: hall, each: day, sessions: [forum.first, forum.press], soften: {weight: 2}}

    When it blocks a plan, list fewer sessions or ask for less (the venue, not the hall).
    """

    family = "together"
    unit = "pairs, or minutes between starts"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    same: Literal["hall", "venue", "day", "start"]
    each: Literal["day", "block"] | None = None
    soften: Soften | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "minutes between starts" if self.same == "start" else "pairs"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where there are no blocks, and where what two are to share is what binds them."""
        if self.each == "block" and not scenario.blocks:
            hint = "'blocks: {morning: {date: …, time: 09:00-12:00}}' beside the rules?"
            yield Complaint(("rules", self.id, "each"), "the scenario has no blocks of time", hint)
        if self.same == self.each == "day":
            message = "two that start on one day share their day anyhow"
            yield Complaint(("rules", self.id, "each"), message, "leave out 'each'.")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one relation for each pair."""
        when: Match | None = None
        if self.each == "block":
            bounds = scenario.block_bounds
            inside = [cell for cell, block in enumerate(bounds.values()) if block is not None]
            when = Match(frozenset((cell, cell) for cell in inside), cells=tuple(bounds))
        elif self.each == "day":
            days = scenario.calendar.day_starts
            when = Match(frozenset((day, day) for day in range(len(days))), cells=days)
        for first, second in combinations(self.sessions, 2):
            a, b = candidates.numbers[first], candidates.numbers[second]
            then = self._same(scenario, candidates, first, second)
            yield Relation(rule=self.id, price=self.price, first=a, second=b, when=when, then=then)

    def _same(self, scenario: Scenario, candidates: Candidates, first: str, second: str) -> Match | Lag:
        if self.same == "day":
            days = scenario.calendar.day_starts
            return Match(frozenset((day, day) for day in range(len(days))), cells=days)
        if self.same == "start":
            return Lag(0, 0, from_start=True)
        names: dict[str, int] = {}
        numbers = [
            tuple(names.setdefault(getattr(choice, str(self.same)), len(names)) for choice in candidates.of(session))
            for session in (first, second)
        ]
        return Match(frozenset((n, n) for n in names.values()), numbers[0], numbers[1])

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs that differ."""
        present = [session for session in self.sessions if session in plan.sessions]
        for i, first in enumerate(present):
            for second in present[i + 1 :]:
                a, b = plan.sessions[first], plan.sessions[second]
                amount = self._apart(scenario, a, b)
                if amount and self._is_bound(scenario, a, b):
                    yield Violation((first, second), amount, {"first": self._told(a), "second": self._told(b)})

    def _is_bound(self, scenario: Scenario, a: Placed, b: Placed) -> bool:
        """Return whether the two start in what is looked at by itself."""
        if self.each == "block":
            return scenario.block_at(a.start) is not None and scenario.block_at(a.start) == scenario.block_at(b.start)
        zone = scenario.calendar.timezone
        return self.each is None or a.start.astimezone(zone).date() == b.start.astimezone(zone).date()

    def _apart(self, scenario: Scenario, a: Placed, b: Placed) -> int:
        """Return by how much two placements differ: minutes between starts, or 1."""
        if self.same == "start":
            return abs(int((b.start - a.start).total_seconds() // 60))
        if self.same == "day":
            zone = scenario.calendar.timezone
            return int(a.start.astimezone(zone).date() != b.start.astimezone(zone).date())
        depth = 2 if self.same == "hall" else 1
        return int(a.hall.split(".")[:depth] != b.hall.split(".")[:depth])

    def _told(self, placed: Placed) -> str:
        formats = {"hall": placed.hall, "venue": placed.hall.split(".")[0], "day": f"{placed.start:%d %b}"}
        return formats.get(self.same, f"{placed.start:%d %b %H:%M}")

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say in what the two differ."""
        first, second = violation.sessions
        return (
            f"{first} and {second} are to share their {self.same}{_WHILE[self.each]}: one has {violation.facts['first']}, "
            f"the other {violation.facts['second']}."
        )
