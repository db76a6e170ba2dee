from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import combinations
from typing import Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Cells,
    Complaint,
    Distinct,
    EventRef,
    Goal,
    LabelRef,
    Plan,
    Price,
    Scenario,
    SessionRef,
    Tally,
    Term,
)


class Variety(Goal):
    """Let sessions that start at the same minute differ in their labels of a kind, or share them.

    Planners need it so that everybody finds something at every hour: one panel in English beside one in Chinese, one of
    ministers beside one of experts, or two on the same theme to choose from. Of the ``sessions`` and those of the
    ``events`` that are listed (all, without either) each two that start together are a pair if their labels of the kind
    ``by`` are not the same; with ``want: shared`` they are a pair for each label that they share. A session without labels
    of the kind is left out of account, and so is an absent one. The figure is minus the pairs: each is a reward.

        goals:
          for-everybody: {goal: variety, tier: 2, events: [forum], by: level}
          a-choice: {goal: variety, tier: 2, sessions: [forum.first, forum.second], by: theme, want: shared}
    """

    family = "variety"
    unit = "pairs, each counted below 0"

    sessions: Distinct[SessionRef] = []
    events: Distinct[EventRef] = Field(default=[], description="All their sessions.")
    by: LabelRef
    want: Literal["different", "shared"] = "different"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where a session is listed with its event."""
        for position, session in enumerate(self.sessions):
            if session.split(".")[0] in self.events:
                message, hint = f"{session} is of an event that is listed as well", "leave out one of the two."
                yield Complaint(("goals", self.id, "sessions", position), message, hint)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Reward the pairs that start together: all of them, less those of like labels; or those that share a label."""
        everybody = not (self.sessions or self.events)
        bound = [
            session
            for session in scenario.sessions.values()
            if (everybody or session.id in self.sessions or session.event in self.events) and session.words(self.by)
        ]
        groups: dict[str | frozenset[str], list[int]] = {}
        for session in bound:
            words = session.words(self.by)
            for group in sorted(words) if self.want == "shared" else [words]:
                groups.setdefault(group, []).append(candidates.numbers[session.id])
        weights = [(self.price.weight if self.want == "different" else -self.price.weight, who) for who in groups.values()]
        if self.want == "different":
            weights = [(-self.price.weight, [candidates.numbers[session.id] for session in bound]), *weights]
            if len(groups) < 2:
                return
        for weight, who in weights:
            if len(who) > 1:
                cells = (Cells(slots=scenario.start_minutes),) * len(who)
                price = Price(self.tier, weight)
                yield Tally(rule=self.id, price=price, what="pairs", sessions=tuple(who), cells=cells)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Return minus the number of pairs."""
        held = [
            (placed.start.astimezone(UTC), scenario.sessions[name].words(self.by))
            for name, placed in plan.sessions.items()
            if name in self.sessions or name.split(".")[0] in self.events or not (self.sessions or self.events)
        ]
        together = [(ours, theirs) for (a, ours), (b, theirs) in combinations(held, 2) if a == b and ours and theirs]
        if self.want == "shared":
            return -sum(len(ours & theirs) for ours, theirs in together)
        return -sum(ours != theirs for ours, theirs in together)
