from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Choice, Plan, Refusal, Rule, Scenario, Session, Violation


class Clearance(Rule):
    """A place receives sessions up to the security grade it is cleared for: G1 is the highest, G3 the lowest.

    Planners need it because not every hotel may receive a head of state. A venue says ``clearance: G1``; a hall may have
    its own. A venue that says nothing is cleared for G3 only.

        venues:
          ghop: {name: Great Hall, clearance: G1, halls: {east: {}}}

    It always stands. When it blocks a plan, clear the venue or lower the session's grade.
    """

    family = "clearance"
    standing = True

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse halls cleared for less."""
        cleared = scenario.bookables[choice.hall].clearance
        if session.grade < cleared:
            yield Refusal(f"is cleared for {cleared}; the session is {session.grade}")

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions graded higher than their place."""
        rank = {"G1": 1, "G2": 2, "G3": 3}
        for session, placed in plan.sessions.items():
            cleared = scenario.bookables[placed.hall].clearance
            steps = rank[cleared] - rank[scenario.sessions[session].grade]
            if steps > 0:
                yield Violation((session,), steps, {"hall": placed.hall, "cleared": cleared})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say both grades."""
        session = scenario.sessions[violation.sessions[0]]
        hall = scenario.hall_name(violation.facts["hall"])
        return f"{session.id} is graded {session.grade}; {hall} is cleared for {violation.facts['cleared']}."
