from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Choice, Plan, Refusal, Rule, Scenario, Session, Violation


class Facilities(Rule):
    """A hall has every feature that a session needs.

    Planners need it for interpretation booths, outdoor ground, a stage, a state-flight apron: features are words of the
    scenario, given to halls (``features``) and asked for by sessions (``needs``).

        events:
          visit: {grade: G1, sessions: {talks: {duration: 75 min, needs: [interpretation]}}}

    It always stands. When it blocks a plan, ask for less or say that the hall has it.
    """

    family = "facilities"
    standing = True

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse halls that lack a feature."""
        lacking = [need for need in session.needs if need not in scenario.bookables[choice.hall].features]
        if lacking:
            yield Refusal(f"lacks {', '.join(lacking)}")

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions in halls that lack what they need."""
        for session, placed in plan.sessions.items():
            lacking = set(scenario.sessions[session].needs) - scenario.bookables[placed.hall].features
            if lacking:
                yield Violation((session,), len(lacking), {"hall": placed.hall, "lacking": sorted(lacking)})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what is lacking where."""
        lacking = " and ".join(violation.facts["lacking"])
        return f"{violation.sessions[0]} needs {lacking}, which {scenario.hall_name(violation.facts['hall'])} lacks."
