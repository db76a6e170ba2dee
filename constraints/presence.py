from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Candidates, Group, Plan, Rule, Scenario, Term, Violation


class Presence(Rule):
    """An event is held whole or not at all: all its required sessions, or none of its sessions.

    Planners need it so that nothing is dropped in silence: what may be left out says so, with its price (``optional:
    {price: 300}`` of an event or of one session), and the goal hold-events pays it.

        rules:
          whole-events: {rule: presence}

    It always stands and needs no line in the scenario. When it blocks a plan, make an event or a session optional, or
    widen where and when the session that cannot be placed may be.
    """

    family = "presence"
    standing = True

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say that required sessions come together, and optional ones only with them."""
        for event, sessions in scenario.event_sessions.items():
            required = tuple(candidates.numbers[s.id] for s in sessions if s.absence_price is None)
            if required and scenario.events[event].optional is None:
                yield Group(rule=self.id, then=required)
                continue
            if len(required) > 1:
                yield Group(rule=self.id, whenever=required, then=required)
            for session in sessions:
                if session.absence_price is not None and required:
                    yield Group(rule=self.id, whenever=(candidates.numbers[session.id],), then=required)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find events that are held in part, or left out without leave."""
        for event_id, event in scenario.events.items():
            required = [f"{event_id}.{entry_id}" for entry_id, entry in event.sessions.items() if not entry.optional]
            held = [f"{event_id}.{entry_id}" for entry_id in event.sessions if f"{event_id}.{entry_id}" in plan.sessions]
            missing = [session for session in required if session not in plan.sessions]
            if missing and (held or not event.optional):
                facts = {"event": event_id, "held": held, "optional": event.optional is not None}
                yield Violation(tuple(missing), len(missing), facts)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which sessions are missing of which event."""
        names = " and ".join(violation.sessions)
        event, held = violation.facts["event"], violation.facts["held"]
        if violation.facts["optional"]:
            return f"{names} left out while {held[0]} is held: the event {event} is held whole or not at all."
        return f"{names} left out: the event {event} is not optional."
