from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import prod

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Cumulative,
    Distinct,
    EventRef,
    LabelRef,
    Plan,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Steps,
    Term,
    Violation,
    duration_text,
)


class SharedAudience(Rule):
    """Sessions that share an audience do not overlap.

    Planners need it because nobody can hear two panels at once: the press, the trade ministers, whoever wants to be at
    both. It binds the ``sessions`` and all those of the ``events`` that are listed. With ``by-delegations`` only two that
    share a delegation are bound, and each minute counts for each delegation that is wanted in both. So it is with the
    ``labels`` of a kind, ``by: [theme]``: of two kinds (``by: [theme, audience]``) they share some of both, and a minute
    counts as often as the two numbers multiplied. A session of several days takes its daily hours; an absent one is left
    out of account. Softened, each minute of overlap of two sessions has a price.

        rules:
          one-press-corps: {rule: shared-audience, sessions: [forum.press, visit.statement], soften: {weight: 2}}
          themes: {rule: shared-audience, events: [forum], by: [theme]}

    When it blocks a plan, list fewer sessions, say ``by-delegations`` or ``by``, or soften it.
    """

    family = "shared-audience"
    unit = "minutes of overlap"

    sessions: Distinct[SessionRef] = []
    events: Distinct[EventRef] = Field(default=[], description="All their sessions.")
    by_delegations: bool = False
    by: Distinct[LabelRef] = Field(default=[], description="Kinds of labels.")
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where a session is listed with its event, and where there are no two sessions."""
        for position, session in enumerate(self.sessions):
            if session.split(".")[0] in self.events:
                message, hint = f"{session} is of an event that is listed as well", "leave out one of the two."
                yield Complaint(("rules", self.id, "sessions", position), message, hint)
        if self.by and self.by_delegations:
            message = "what two sessions share is counted by their labels or by their delegations"
            yield Complaint(("rules", self.id, "by"), message, "leave out one of the two.")
        bound = [*self.sessions, *(s.id for event in self.events for s in scenario.event_sessions.get(event, ()))]
        if len(bound) < 2:
            listed = f"{', '.join(self.events)}: " if self.events else ""
            only = f" ({listed}{bound[0]} alone)" if bound else f" ({listed}none)" if listed else ""
            yield Complaint(("rules", self.id), f"lists no two sessions that could overlap{only}", "'events: [forum]'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say of each two that there is an audience for one at a time, as large as what they share."""
        bound = [*self.sessions, *(s.id for event in self.events for s in scenario.event_sessions[event])]
        attending = {
            session.id: {*session.delegations, *(person.split(".")[0] for person in session.persons)}
            for session in (scenario.sessions[name] for name in bound)
        }
        for pair in combinations(bound, 2):
            a, b = (scenario.sessions[name] for name in pair)
            shared = len(attending[a.id] & attending[b.id]) if self.by_delegations else 1
            shared *= prod(len(a.words(kind) & b.words(kind)) for kind in self.by)
            if not shared:
                continue
            uses = (
                use
                for name in pair
                for use in candidates.attended(scenario.sessions[name], [shared] * len(candidates.of(name)))
            )
            yield Cumulative(rule=self.id, price=self.price, uses=tuple(uses), capacity=Steps((0,), (shared,)))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs that overlap."""
        held = [name for name in plan.sessions if name in self.sessions or scenario.sessions[name].event in self.events]
        spans = {name: self._spans(scenario, plan, name) for name in held}
        for i, first in enumerate(held):
            for second in held[i + 1 :]:
                overlap = timedelta(0)
                for begin, end in spans[first]:
                    for other_begin, other_end in spans[second]:
                        overlap += max(timedelta(0), min(end, other_end) - max(begin, other_begin))
                minutes = int(overlap.total_seconds() // 60)
                shared = self._shared(scenario, first, second)
                if minutes and shared:
                    yield Violation((first, second), minutes * shared, {"minutes": minutes, "shared": shared})

    @staticmethod
    def _spans(scenario: Scenario, plan: Plan, name: str) -> list[tuple[datetime, datetime]]:
        """Return when a session is on: from start to end, or the hours of each of its days."""
        placed, session = plan.sessions[name], scenario.sessions[name]
        start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
        if session.daily is None:
            return [(start, end)]
        length = timedelta(minutes=session.daily.end - session.daily.start)
        openings = (start + timedelta(hours=24 * day) for day in range(session.days))
        return [(opening, opening + length) for opening in openings]

    def _shared(self, scenario: Scenario, first: str, second: str) -> int:
        """Return how many delegations are wanted in both, or how many labels they share; 1 where neither counts."""
        if not self.by_delegations:
            numbers = [len(common) for common in self._common(scenario, first, second)]
            return prod(numbers) if self.by else 1

        def wanted(name: str, delegation: str) -> bool:
            session = scenario.sessions[name]
            return delegation in session.delegations or any(p.startswith(f"{delegation}.") for p in session.persons)

        return sum(wanted(first, delegation) and wanted(second, delegation) for delegation in scenario.delegations)

    def _common(self, scenario: Scenario, first: str, second: str) -> list[list[str]]:
        """Return the labels, kind by kind, that both sessions have."""
        both = []
        for kind in self.by:
            said, other = (scenario.sessions[name].labels.get(kind, ()) for name in (first, second))
            if isinstance(said, int) or isinstance(other, int):
                both.append([f"{kind} {said}"] if said == other else [])
            else:
                both.append([word for word in said if word in other])
        return both

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say how long the two overlap."""
        first, second = violation.sessions
        overlap = f"{first} and {second} overlap for {duration_text(violation.facts['minutes'])}"
        if self.by:
            words = [word for common in self._common(scenario, first, second) for word in common]
            return f"{overlap}; they share {' and '.join(words)}."
        if not self.by_delegations:
            return f"{overlap}; they share an audience."
        shared = violation.facts["shared"]
        return f"{overlap}; {shared} {'delegation is' if shared == 1 else 'delegations are'} wanted in both."
