from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import combinations
from typing import Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    EventRef,
    Goal,
    LabelRef,
    Lag,
    Match,
    Placed,
    Plan,
    Price,
    Relation,
    Scenario,
    SessionRef,
    Term,
)


class SameSubject(Goal):
    """Keep sessions on one subject on one day, in one hall, or in the order of their rank.

    Planners need it because who comes for trade wants to come once, stay in one hall and hear the ministers before the
    experts. Two sessions are on one subject if they share a label of the kind ``by``; of all the ``sessions`` and those of
    the ``events`` that are listed (all, without either) each such pair counts once for each label they share

    - with ``keep: day`` if they start on different days,
    - with ``keep: hall`` if they start on one day and are in different halls,
    - with ``keep: order`` if one has the lower number of the kind ``rank`` and ends after the other starts.

    With ``by-minutes`` a pair counts instead for as many minutes as the two take together, as their own ``duration`` (or
    ``daily`` hours) says. Absent sessions are left out of account. The figure is in pairs, or minutes.

        goals:
          themes: {goal: same-subject, tier: 2, events: [forum], by: theme, keep: hall}
          ministers-first: {goal: same-subject, events: [forum], by: theme, keep: order, rank: level, by-minutes: true}
    """

    family = "same-subject"
    unit = "pairs, or minutes"

    sessions: Distinct[SessionRef] = []
    events: Distinct[EventRef] = Field(default=[], description="All their sessions.")
    by: LabelRef
    keep: Literal["day", "hall", "order"]
    rank: LabelRef | None = Field(default=None, description="A kind of labels that are numbers.")
    by_minutes: bool = False

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "minutes" if self.by_minutes else "pairs"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where a session is listed with its event, an order has no rank, a rank no order, or is no number."""
        for position, session in enumerate(self.sessions):
            if session.split(".")[0] in self.events:
                message, hint = f"{session} is of an event that is listed as well", "leave out one of the two."
                yield Complaint(("goals", self.id, "sessions", position), message, hint)
        if self.keep == "order" and self.rank is None:
            yield Complaint(("goals", self.id), "an order goes by a number", "'rank: level'?")
        if self.keep != "order" and self.rank is not None:
            yield Complaint(("goals", self.id, "rank"), "a rank is for an order", "'keep: order'?")
        elif self.rank is not None and all(one.rank(self.rank) is None for one in scenario.sessions.values()):
            message = f"no session has a number as its {self.rank}"
            yield Complaint(("goals", self.id, "rank"), message, f"'{self.rank}: 1'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one relation for each pair on one subject, its price multiplied by what the pair counts."""
        everybody = not (self.sessions or self.events)
        bound = [
            session
            for session in scenario.sessions.values()
            if everybody or session.id in self.sessions or session.event in self.events
        ]
        days = scenario.calendar.day_starts
        on_one_day = Match(frozenset((day, day) for day in range(len(days))), cells=days)
        for a, b in combinations(bound, 2):
            times = len(a.words(self.by) & b.words(self.by)) * (a.minutes + b.minutes if self.by_minutes else 1)
            if not times:
                continue
            first, second = candidates.numbers[a.id], candidates.numbers[b.id]
            when, then = None, self._then(candidates, a.id, b.id, on_one_day)
            if self.keep == "hall":
                when = on_one_day
            elif self.rank is not None:
                ranks = a.rank(self.rank), b.rank(self.rank)
                if ranks[0] is None or ranks[1] is None or ranks[0] == ranks[1]:
                    continue
                if ranks[0] > ranks[1]:
                    first, second = second, first
            price = Price(self.tier, self.weight * times)
            yield Relation(rule=self.id, price=price, first=first, second=second, when=when, then=then)

    def _then(self, candidates: Candidates, first: str, second: str, on_one_day: Match) -> Match | Lag:
        if self.keep == "day":
            return on_one_day
        if self.keep == "order":
            return Lag(least=0, flat=True)
        names: dict[str, int] = {}
        halls = [
            tuple(names.setdefault(choice.hall, len(names)) for choice in candidates.of(session))
            for session in (first, second)
        ]
        return Match(frozenset((hall, hall) for hall in names.values()), halls[0], halls[1])

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add what the pairs count that are not kept together, or not in order."""
        total = 0
        held = [
            (scenario.sessions[name], placed)
            for name, placed in plan.sessions.items()
            if not (self.sessions or self.events) or name in self.sessions or name.split(".")[0] in self.events
        ]
        for i, (a, here) in enumerate(held):
            for b, there in held[i + 1 :]:
                times = sum(word in b.words(self.by) for word in a.words(self.by))
                if self.by_minutes and times:
                    times *= self._minutes(scenario, a.id) + self._minutes(scenario, b.id)
                ranks = a.labels.get(self.rank or ""), b.labels.get(self.rank or "")
                if times and self._is_wrong(scenario, here, there, ranks):
                    total += times
        return total

    def _is_wrong(self, scenario: Scenario, a: Placed, b: Placed, ranks: tuple[object, object]) -> bool:
        zone = scenario.calendar.timezone
        on_one_day = a.start.astimezone(zone).date() == b.start.astimezone(zone).date()
        if self.keep == "day":
            return not on_one_day
        if self.keep == "hall":
            return on_one_day and a.hall != b.hall
        first, second = ranks
        if not isinstance(first, int) or not isinstance(second, int) or first == second:
            return False
        lower, higher = (a, b) if first < second else (b, a)
        return lower.end.astimezone(UTC) > higher.start.astimezone(UTC)

    @staticmethod
    def _minutes(scenario: Scenario, name: str) -> int:
        event, _, entry = name.partition(".")
        said = scenario.events[event].sessions[entry]
        return said.duration or (said.days * (said.daily.end - said.daily.start) if said.daily else 0)
