from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Choice,
    Complaint,
    Distinct,
    PlacementPrice,
    Plan,
    Refusal,
    Rule,
    Scenario,
    Session,
    SessionRef,
    Soften,
    Term,
    Violation,
    nearest,
)


class Tags(Rule):
    """Sessions are in no hall with a feature that is forbidden to them, and rather in one with those they prefer.

    Planners need it for what a hall should not have (open ground in the rain, a public foyer, a stage behind a bilateral)
    and for what it would be good to have; what a session cannot do without stands in its ``needs``. ``forbid`` holds
    unless it is softened; ``prefer`` is a wish and always has a price. Softened, each forbidden feature that the hall has
    and each preferred one that it lacks has a price, for each session.

        rules:
          indoors: {rule: tags, sessions: [visit.talks, visit.signing], forbid: [outdoor]}
          good-light: {rule: tags, sessions: [visit.photo], prefer: [daylight], soften: {tier: 2, weight: 5}}

    When it blocks a plan, admit other halls, or soften it.
    """

    family = "tags"
    unit = "features"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=1)]
    forbid: Distinct[str] = []
    prefer: Distinct[str] = []
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the rule says nothing, or of a feature that no hall has, and where a wish has no price."""
        if not (self.forbid or self.prefer):
            yield Complaint(("rules", self.id), "forbids nothing and prefers nothing", "'forbid: [outdoor]'?")
        if self.prefer and self.soften is None:
            hint = "'soften: {weight: 5}', or 'needs' of the sessions."
            yield Complaint(("rules", self.id, "prefer"), "a wish wants a price", hint)
        known = {feature for bookable in scenario.bookables.values() for feature in bookable.features}
        for key, features in (("forbid", self.forbid), ("prefer", self.prefer)):
            for position, feature in enumerate(features):
                path = ("rules", self.id, key, position)
                if key == "prefer" and feature in self.forbid:
                    yield Complaint(path, f"{feature} is forbidden by this rule as well")
                elif feature not in known:
                    yield Complaint(path, f"no hall has the feature {feature!r}", nearest(feature, known))

    def concerns(self, scenario: Scenario) -> Collection[str]:
        """Return the sessions that are listed."""
        return self.sessions

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse halls with a forbidden feature, unless that is softened."""
        if self.soften is None and session.id in self.sessions:
            found = [feature for feature in self.forbid if feature in scenario.bookables[choice.hall].features]
            if found:
                yield Refusal(f"has {', '.join(found)}, forbidden by {self.id}")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the features of each choice, where that is softened."""
        if self.soften is None:
            return
        for session in self.sessions:
            halls = (scenario.bookables[choice.hall].features for choice in candidates.of(session))
            wrong = tuple(
                sum(feature in there for feature in self.forbid) + sum(feature not in there for feature in self.prefer)
                for there in halls
            )
            if any(wrong):
                number = candidates.numbers[session]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, by_choice=wrong)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions in halls with what is forbidden, or without what is preferred."""
        for name, placed in plan.sessions.items():
            if name in self.sessions:
                features = scenario.bookables[placed.hall].features
                has, lacks = sorted(features & {*self.forbid}), sorted({*self.prefer} - features)
                if has or lacks:
                    facts = {"hall": placed.hall, "has": has, "lacks": lacks}
                    yield Violation((name,), len(has) + len(lacks), facts)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what the hall has or lacks."""
        facts = violation.facts
        parts = []
        if facts["has"]:
            parts.append(f"has {' and '.join(facts['has'])}, to be avoided")
        if facts["lacks"]:
            parts.append(f"lacks {' and '.join(facts['lacks'])}, preferred")
        return f"{violation.sessions[0]} is in {scenario.hall_name(facts['hall'])}, which {', and '.join(parts)}."
