from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta

from scheduler.rules import (
    Candidates,
    Choice,
    Complaint,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Sequence,
    Session,
    Stay,
    Term,
    Violation,
    Visit,
    duration_text,
)


class Holds(Rule):
    """A session keeps out of halls that others hold, from move-in and sweep to move-out, unless they are displaced.

    Planners need it because halls are promised to others long before, and some of them can be asked to move. A hold is on a
    ``hall`` (on ``venue.*`` or ``*``), from one moment to another; a hall that is a part of a combination is held with it,
    and a combination with any of its parts. A hold without a price is never broken. One with a price is displaced as a
    whole, at its price once, however many sessions take its place: the goal displaced-holds counts it, and the plan lists
    it under ``displaced``. Its times are those agreed on with its holder, setting up and clearing included: no turnover is
    due between a hold and a session.

        holds:
          gala: {hall: ghop.east, from: 2023-04-14T12:00, to: 2023-04-14T23:00, by: Ministry of Culture}
          fair: {hall: cncc1.*, from: 2023-04-13T08:00, to: 2023-04-16T20:00, by: Trade fair, price: 400}

    It always stands. When it blocks a plan, admit other halls, widen windows, or agree on a price with who holds the hall.
    """

    family = "holds"
    standing = True
    unit = "minutes"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say which hold has a price that no goal counts."""
        counted = any(
            isinstance(said, dict) and said.get("goal") == "displaced-holds" for said in scenario.file.goals.values()
        )
        for hold in scenario.displaceable.values() if not counted else ():
            message = "no goal counts the price of displacing this hold"
            yield Complaint(("holds", hold.id, "price"), message, "'goals: {displaced: {goal: displaced-holds}}'?")

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse starts that reach into a hold that nobody may displace."""
        lead, tail = _lead(scenario, session, choice), session.move_out
        opens, closes = scenario.reach[session.id]
        for hold, begins, ends in scenario.holds_on[choice.hall]:
            if hold.price is None and begins < closes + tail and ends > opens - lead:
                span = (begins - choice.minutes - tail + 1, ends + lead)
                if span[0] < scenario.calendar.horizon and span[1] > 0:
                    by = scenario.file.holds[hold.id].by
                    yield Refusal(f"held by {by} {hold.begins:%d %b %H:%M} to {hold.ends:%d %b %H:%M}", (span,))

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say that a hold with a price, unless it is displaced, and a session in its halls come one after the other."""
        users: dict[str, dict[str, None]] = {}
        for name in scenario.sessions if scenario.displaceable else ():
            for choice in candidates.of(name):
                users.setdefault(choice.hall, {})[name] = None
        leads = [session.move_in + scenario.sweeps[session.envelope] for session in scenario.sessions.values()]
        longest = max((*leads, *(session.move_out for session in scenario.sessions.values())), default=0)
        for name, hold in scenario.displaceable.items():
            halls = {hall for hall in users if not hold.parts.isdisjoint(scenario.bookables[hall].parts)}
            begins, ends = map(scenario.calendar.minute, (hold.begins, hold.ends))
            there = {
                session
                for hall in halls
                for session in users[hall]
                if scenario.reach[session][0] - longest < ends and begins < scenario.reach[session][1] + longest
            }
            for session in (scenario.sessions[one] for one in sorted(there, key=candidates.numbers.__getitem__)):
                stays = tuple(
                    Stay(0, _lead(scenario, session, choice), session.move_out) if choice.hall in halls else None
                    for choice in candidates.of(session.id)
                )
                if any(stays):
                    visits = (Visit(candidates.numbers[name], (Stay(0),)), Visit(candidates.numbers[session.id], stays))
                    yield Sequence(rule=self.id, visits=visits, changeover=((0,),))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions that take a hall while others hold it and are not displaced."""
        number = {name: position for position, name in enumerate(plan.sessions)}
        at: dict[str, list[str]] = {"*": [*plan.sessions]}
        for name, placed in plan.sessions.items():
            venue, _, hall = placed.hall.partition(".")
            for place in (f"{venue}.*", *self._made_of(scenario, venue, hall)):
                at.setdefault(place, []).append(name)
        for hold_id, hold in scenario.file.holds.items():
            if hold_id in plan.displaced:
                continue
            venue, _, hall = hold.hall.partition(".")
            held = {hold.hall} if hold.hall == "*" or hall == "*" else self._made_of(scenario, venue, hall)
            begun, ended = hold.from_.astimezone(UTC), hold.to.astimezone(UTC)
            for name in sorted({name for place in held for name in at.get(place, ())}, key=number.__getitem__):
                placed = plan.sessions[name]
                session, (place, inside) = scenario.sessions[name], placed.hall.split(".")
                space = scenario.venues[place].halls.get(inside)
                sweep = 0 if space is not None and space.pooled else scenario.sweeps[session.envelope]
                begins = placed.start.astimezone(UTC) - timedelta(minutes=session.move_in + sweep)
                ends = placed.end.astimezone(UTC) + timedelta(minutes=session.move_out)
                overlap = min(ends, ended) - max(begins, begun)
                if overlap > timedelta(0):
                    facts = {"hold": hold_id, "hall": placed.hall}
                    yield Violation((name,), int(overlap.total_seconds() // 60), facts)

    @staticmethod
    def _made_of(scenario: Scenario, venue: str, hall: str) -> set[str]:
        """Return the halls that a hall or a combination of them is made of."""
        combination = scenario.venues[venue].combinations.get(hall)
        return {f"{venue}.{part}" for part in ([hall] if combination is None else combination.of)}

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who holds the hall, and when."""
        hold, hall = scenario.file.holds[violation.facts["hold"]], scenario.hall_name(violation.facts["hall"])
        zone = scenario.calendar.timezone
        begins, ends = (moment.astimezone(zone) for moment in (hold.from_, hold.to))
        until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%d %b %H:%M}"
        displaced = "" if hold.price is None else " and is not displaced"
        return (
            f"{violation.sessions[0]} takes {hall}, move-in, sweep and move-out included, for "
            f"{duration_text(violation.amount)} in which {hold.by} holds it (from {begins:%d %b %H:%M} to {until})"
            f"{displaced}."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Have the hold given up."""
        hold = violation.facts["hold"]
        yield Remedy(f"Have {scenario.file.holds[hold].by} give up the hold {hold}.", {"holds": {hold: None}}, 1.0)


def _lead(scenario: Scenario, session: Session, choice: Choice) -> int:
    """Return for how many minutes before its start a session takes a hall."""
    swept = scenario.bookables[choice.hall].pooled is None
    return session.move_in + (scenario.sweeps[session.envelope] if swept else 0)
