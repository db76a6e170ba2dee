from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import combinations
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Clear,
    Distinct,
    GradeName,
    Length,
    Match,
    Plan,
    Relation,
    Rule,
    Scenario,
    Soften,
    Term,
    VenueRef,
    Violation,
    duration_text,
)


class Cooldown(Rule):
    """Between sessions of different envelopes at one venue lies a ``gap`` of hours.

    Planners need it to clear a house of the people and the passes of one event, to change the guard and to sweep every
    hall, before another event comes. Sessions of ``grade`` or a higher one count, all of them where it is not given;
    ``venues`` names the houses, all where it is not given. Sessions of one envelope (an event, or events attached to it)
    need no gap. A session of several days counts from its first hour to its last, nights included. Softened, each minute
    missing has a price.

        rules:
          hours-between: {rule: cooldown, gap: 3 h, grade: G1, venues: [ghop]}

    When it blocks a plan, attach one event to the envelope of the other, admit halls of other venues, or shorten the gap.
    """

    family = "cooldown"
    unit = "minutes missing"

    gap: Length
    grade: GradeName = "G3"
    venues: Annotated[Distinct[VenueRef], Field(min_length=1)] | None = None
    soften: Soften | None = None

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say a gap for each two sessions of different envelopes that could be at one venue within it."""
        numbers = {venue: number for number, venue in enumerate(self.venues or scenario.venues)}
        same = frozenset((number, number) for number in numbers.values())
        at = {name: tuple(numbers.get(c.venue, -1) for c in candidates.of(name)) for name in scenario.sessions}
        houses = {name: {*places} - {-1} for name, places in at.items()}
        for a, b in scenario.strangers(self.grade, self.gap):
            if not houses[a.id].isdisjoint(houses[b.id]):
                x, y, when = candidates.numbers[a.id], candidates.numbers[b.id], Match(same, at[a.id], at[b.id])
                yield Relation(rule=self.id, price=self.price, first=x, second=y, when=when, then=Clear(self.gap))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions of different envelopes that follow too closely at a venue."""
        by_venue: dict[str, list[str]] = {}
        for name, placed in plan.sessions.items():
            by_venue.setdefault(scenario.bookables[placed.hall].venue, []).append(name)
        for venue, names in by_venue.items():
            if self.venues is not None and venue not in self.venues:
                continue
            for first, second in combinations(names, 2):
                one, other = scenario.sessions[first], scenario.sessions[second]
                if one.envelope == other.envelope or max(one.grade, other.grade) > self.grade:
                    continue
                a, b = plan.sessions[first], plan.sessions[second]
                between = max(
                    b.start.astimezone(UTC) - a.end.astimezone(UTC),
                    a.start.astimezone(UTC) - b.end.astimezone(UTC),
                )
                missing = self.gap - int(between.total_seconds() // 60)
                if missing > 0:
                    yield Violation((first, second), missing, {"venue": venue})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which sessions of which envelopes follow too closely, and where."""
        first, second = (f"{name} (of {scenario.sessions[name].envelope})" for name in violation.sessions)
        short, gap = duration_text(violation.amount), duration_text(self.gap)
        venue = scenario.venues[violation.facts["venue"]].name
        return f"{first} and {second}, both at {venue}, are {short} too close, with {gap} due between them."
