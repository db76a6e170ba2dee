from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    Group,
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


class Requires(Rule):
    """A session is held only if those that it requires are held, and starts after they end.

    Planners need it because a signing is worth nothing without the talks, an opening not without its rehearsal. Every
    session of ``needs`` has to be held, and to end ``at-least`` so long (0 without it) before ``session`` starts; with
    ``any-time`` it may be held at any time. Where ``session`` is absent, nothing is said of the others. Softened, each
    session missing has a price, and each minute by which one ends too late.

        rules:
          signing-after-talks: {rule: requires, session: visit.signing, needs: [visit.talks, visit.review], at-least: 2 h}

    When it blocks a plan, shorten ``at-least``, say ``any-time``, give what is required more halls and times, or soften it;
    where ``session`` is ``optional`` it can be left out instead.
    """

    family = "requires"
    unit = "sessions missing, or minutes"

    session: SessionRef
    needs: Annotated[Distinct[SessionRef], Field(min_length=1)]
    at_least: Minutes = 0
    any_time: bool = False
    soften: Soften | None = None

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "sessions missing" if self.any_time else self.unit

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where a session requires itself, and where two of its fields contradict one another."""
        for position, needed in enumerate(self.needs):
            if needed == self.session:
                yield Complaint(("rules", self.id, "needs", position), f"{needed} cannot require itself")
        if self.any_time and self.at_least:
            yield Complaint(
                ("rules", self.id, "at-least"), "with 'any-time' no minutes lie between", "leave out one of the two."
            )

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say that the one brings the others, and a lag for each of them."""
        later = candidates.numbers[self.session]
        needed = tuple(candidates.numbers[name] for name in self.needs)
        yield Group(rule=self.id, price=self.price, whenever=(later,), then=needed)
        if not self.any_time:
            for earlier in needed:
                lag = Lag(least=self.at_least)
                yield Relation(rule=self.id, price=self.price, first=earlier, second=later, then=lag)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find what is required and not held, or held too late."""
        if self.session not in plan.sessions:
            return
        missing = [name for name in self.needs if name not in plan.sessions]
        if missing:
            yield Violation((self.session, *missing), len(missing))
        start = plan.sessions[self.session].start.astimezone(UTC)
        for name in self.needs:
            if name in plan.sessions and not self.any_time:
                between = int((start - plan.sessions[name].end.astimezone(UTC)).total_seconds() // 60)
                if between < self.at_least:
                    yield Violation((self.session, name), self.at_least - between, {"between": between})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what is missing, or by how much it is late."""
        session, *others = violation.sessions
        if "between" not in violation.facts:
            are = "is" if len(others) == 1 else "are"
            return f"{session} is held and {' and '.join(others)}, which it requires, {are} not."
        between = violation.facts["between"]
        when = f"{duration_text(abs(between))} {'before' if between < 0 else 'after'}" if between else "as"
        due = f"{duration_text(self.at_least)} beforehand" if self.at_least else "beforehand"
        return f"{session} starts {when} {others[0]} ends, which it requires {due}."
