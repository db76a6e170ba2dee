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
    without a layout takes the largest figure of the hall; a hall without a figure for the layout seats nobody. Softened,
    each seat short has a price.

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
        """Refuse halls with too few seats, unless that is softened."""
        seats = self._seats(scenario, session, choice)
        if self.soften is None and self._short(session, seats):
            layout = f" in the layout {session.layout}" if session.layout else ""
            yield Refusal(f"seats {seats or 'nobody'}{layout}; {session.attendance} attend")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the seats short, where that is softened."""
        if self.soften is None:
            return
        for session in scenario.sessions.values():
            choices = candidates.of(session.id)
            short = tuple(self._short(session, self._seats(scenario, session, choice)) for choice in choices)
            if any(short):
                number = candidates.numbers[session.id]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, by_choice=short)

    @staticmethod
    def _seats(scenario: Scenario, session: Session, choice: Choice) -> int:
        seats = scenario.bookables[choice.hall].seats
        return max(seats.values(), default=0) if session.layout is None else seats.get(session.layout, 0)

    @staticmethod
    def _short(session: Session, seats: int) -> int:
        """Return the seats short; whoever asks for a layout asks for one seat at least."""
        return max(0, max(session.attendance, 1 if session.layout else 0) - seats)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions with more people than seats."""
        for session_id, placed in plan.sessions.items():
            session, hall = scenario.sessions[session_id], scenario.bookables[placed.hall]
            seats = max((n for layout, n in hall.seats.items() if session.layout in (None, layout)), default=0)
            if session.layout is not None and seats == 0:
                yield Violation((session_id,), session.attendance or 1, {"hall": placed.hall, "seats": None})
            elif session.attendance > seats:
                yield Violation((session_id,), session.attendance - seats, {"hall": placed.hall, "seats": seats})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say how many seats are short."""
        session = scenario.sessions[violation.sessions[0]]
        hall = scenario.hall_name(violation.facts["hall"])
        if violation.facts["seats"] is None:
            return f"{session.id} wants the layout {session.layout}, for which {hall} has no figure."
        layout = f" in the layout {session.layout}" if session.layout else ""
        return f"{session.id} has {session.attendance} people; {hall} seats {violation.facts['seats']}{layout}."
