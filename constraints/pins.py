from __future__ import annotations

from collections.abc import Collection, Iterable

from scheduler.rules import Candidates, Choice, Group, Plan, Refusal, Remedy, Rule, Scenario, Session, Term, Violation


class Pins(Rule):
    """A pinned session is held, where and when its pin says.

    Planners need it for what is already announced: everything else is planned around it. A pin names a hall, an option,
    a start, or several of them; its start need not lie on the grid. Pins stand in their own section:

        pins:
          visit.talks: {hall: ghop.east, start: 2023-04-14T16:50}

    A pin does not lift any other rule. When it blocks a plan, pin less (the hall, not the start).
    """

    family = "pins"
    standing = True

    def concerns(self, scenario: Scenario) -> Collection[str]:
        """Return the sessions with a pin."""
        return scenario.pins

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse every other hall, option and start."""
        pin = scenario.pins.get(session.id)
        if pin is None:
            return
        if pin.hall not in (None, choice.hall):
            yield Refusal(f"pinned to {pin.hall}")
        if pin.option not in (None, choice.option):
            yield Refusal(f"pinned to the option {pin.option}")
        if pin.start is not None:
            start = scenario.calendar.minute(pin.start)
            yield Refusal(f"pinned to {pin.start:%d %b %H:%M}", ((0, start), (start + 1, scenario.calendar.horizon)))

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say that pinned sessions are held."""
        if scenario.pins:
            yield Group(rule=self.id, then=tuple(candidates.numbers[session] for session in scenario.pins))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pinned sessions that are absent or elsewhere."""
        for session, pin in scenario.pins.items():
            placed = plan.sessions.get(session)
            if placed is None:
                yield Violation((session,), facts={"what": None, "is": "left out", "pin": "held"})
                continue
            if pin.hall is not None and placed.hall != pin.hall:
                yield Violation((session,), facts={"what": "hall", "is": f"in {placed.hall}", "pin": f"in {pin.hall}"})
            if pin.option is not None and (placed.option or "") != pin.option:
                facts = {"what": "option", "is": f"held as {placed.option}", "pin": f"held as {pin.option}"}
                yield Violation((session,), facts=facts)
            if pin.start is not None and placed.start != pin.start:
                at = "at {:%d %b %H:%M}"
                facts = {"what": "start", "is": at.format(placed.start), "pin": at.format(pin.start)}
                yield Violation((session,), facts=facts)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what the pin wants and what the plan does."""
        return f"{violation.sessions[0]} is {violation.facts['is']}; its pin says {violation.facts['pin']}."

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Take the pin out, or what of it does not hold."""
        session, key = violation.sessions[0], violation.facts["what"]
        if key is not None and len(scenario.pins[session].model_dump(exclude_none=True)) > 1:
            yield Remedy(f"Pin no {key} of {session}.", {"pins": {session: {key: None}}}, 0.25)
        yield Remedy(f"Take out the pin of {session}.", {"pins": {session: None}}, 0.5)
