from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import (
    Candidates,
    Choice,
    PlacementPrice,
    Plan,
    Refusal,
    Rule,
    Scenario,
    Session,
    Soften,
    Term,
    Violation,
)


class Seating(Rule):
    """A hall seats everyone who attends, in the layout the session asks for.

    Planners need it because a hall that seats 310 at banquet tables seats 460 in rows: the layout decides. A session
    without a layout takes the largest figure of the hall. Softened, each seat short has a price, and the hall must still
    offer the layout.

        rules:
          seats: {rule: seating, soften: {tier: 2, weight: 10}}

    It always stands; write it only to soften it. When it blocks a plan, lower the attendance, change the layout, or
    admit larger halls.
    """

    family = "seating"
    standing = True
    unit = "seats short"

    soften: Soften | None = None

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse halls without the layout, and, unless softened, with too few seats."""
        seats = self._seats(scenario, session, choice)
        if seats is None:
            yield Refusal(f"has no figure for the layout {session.layout}")
        elif seats < session.attendance and self.soften is None:
            layout = f" in the layout {session.layout}" if session.layout else ""
            yield Refusal(f"seats {seats}{layout}; {session.attendance} attend")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the seats short, where that is softened."""
        if self.soften is None:
            return
        for session in scenario.sessions.values():
            short = tuple(
                max(0, session.attendance - (self._seats(scenario, session, choice) or 0))
                for choice in candidates.of(session.id)
            )
            if any(short):
                yield PlacementPrice(
                    rule=self.id, price=self.price, session=candidates.numbers[session.id], by_choice=short
                )

    @staticmethod
    def _seats(scenario: Scenario, session: Session, choice: Choice) -> int | None:
        seats = scenario.bookables[choice.hall].seats
        if session.layout is None:
            return max(seats.values(), default=0)
        return seats.get(session.layout)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions with more people than seats."""
        for session_id, placed in plan.sessions.items():
            session, hall = scenario.sessions[session_id], scenario.bookables[placed.hall]
            offered = [n for layout, n in hall.seats.items() if session.layout in (None, layout)]
            if session.layout is not None and not offered:
                yield Violation((session_id,), max(1, session.attendance), {"hall": placed.hall, "seats": None})
            elif session.attendance > max(offered, default=0):
                seats = max(offered, default=0)
                yield Violation((session_id,), session.attendance - seats, {"hall": placed.hall, "seats": seats})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say how many seats are short."""
        session = scenario.sessions[violation.sessions[0]]
        hall = scenario.hall_name(violation.facts["hall"])
        if violation.facts["seats"] is None:
            return f"{session.id} wants the layout {session.layout}, for which {hall} has no figure."
        layout = f" in the layout {session.layout}" if session.layout else ""
        return f"{session.id} has {session.attendance} people; {hall} seats {violation.facts['seats']}{layout}."
