from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from scheduler.rules import (
    Bookable,
    Candidates,
    Cumulative,
    Plan,
    Rule,
    Scenario,
    Sequence,
    Session,
    Stay,
    Steps,
    Term,
    Use,
    Violation,
    Visit,
    duration_text,
)


class Occupancy(Rule):
    """An exclusive hall holds one session at a time; between two of them lie move-out, turnover, move-in and sweep.

    Planners need it because the banquet hall of the evening is not the conference hall of the morning. Turnover depends
    on both layouts and on whether the event stays (``turnover`` of the hall); the sweep of a grade is due where the
    envelope changes, and takes as long as the highest grade of that envelope asks. A combination takes all its parts. A
    pooled hall takes as many sessions at once as ``pooled`` says, without turnover and sweep.

        venues:
          ghop:
            name: Great Hall
            halls:
              west: {seats: {banquet: 310}, turnover: {default: 2 h, same-event: 1 h, layouts: {theatre: {banquet: 3 h}}}}
              foyer: {pooled: 4}

    It always stands and is never softened. When it blocks a plan, admit more halls, give events one envelope, or plan a
    shorter turnover.
    """

    family = "occupancy"
    standing = True

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one sequence for each exclusive hall, one cumulative for each pooled one."""
        users: dict[str, dict[str, None]] = {}
        for session in scenario.sessions:
            for choice in candidates.of(session):
                for part in scenario.bookables[choice.hall].parts:
                    users.setdefault(part, {})[session] = None
        for part, sessions in users.items():
            pooled = scenario.bookables[part].pooled
            if pooled is not None:
                yield self._pooled(scenario, candidates, part, pooled, list(sessions))
            elif len(sessions) > 1:
                yield self._sequence(scenario, candidates, part, list(sessions))

    def _pooled(self, scenario: Scenario, candidates: Candidates, hall: str, pooled: int, sessions: list[str]) -> Term:
        uses = []
        for name in sessions:
            session = scenario.sessions[name]
            taken = (session.move_in, session.move_out, 1)
            amounts = tuple(taken if choice.hall == hall else None for choice in candidates.of(name))
            uses.append(Use(candidates.numbers[name], amounts))
        about = f"places in {scenario.hall_name(hall)}"
        return Cumulative(rule=self.id, about=about, uses=tuple(uses), capacity=Steps((0,), (pooled,)))

    def _sequence(self, scenario: Scenario, candidates: Candidates, part: str, names: list[str]) -> Term:
        events, envelopes = self._told_apart(scenario, part, names)
        kinds: dict[tuple[str, str | None, int, int, int], int] = {}
        visits = []
        for name in names:
            session = scenario.sessions[name]
            stays: list[Stay | None] = []
            for choice in candidates.of(name):
                if part in scenario.bookables[choice.hall].parts:
                    told = (events[session.event], envelopes[session.envelope], scenario.sweeps[session.envelope])
                    kind = kinds.setdefault((choice.hall, session.layout, *told), len(kinds))
                    stays.append(Stay(kind, session.move_in, session.move_out))
                else:
                    stays.append(None)
            visits.append(Visit(candidates.numbers[name], tuple(stays)))

        @cache
        def turnover(hall: str, next_hall: str, layout: str | None, next_layout: str | None, event_stays: bool) -> int:
            return _turnover(scenario.bookables[hall], scenario.bookables[next_hall], layout, next_layout, event_stays)

        matrix = tuple(
            tuple(
                turnover(hall_a, hall_b, layout_a, layout_b, event_a == event_b)
                + (0 if envelope_a == envelope_b else sweep_b)
                for hall_b, layout_b, event_b, envelope_b, sweep_b in kinds
            )
            for hall_a, layout_a, event_a, envelope_a, _ in kinds
        )
        return Sequence(rule=self.id, about=scenario.hall_name(part), visits=tuple(visits), changeover=matrix)

    @staticmethod
    def _told_apart(scenario: Scenario, part: str, names: list[str]) -> tuple[dict[str, int], dict[str, int]]:
        """Return a number for each event and each envelope with sessions in a hall.

        One stands for all that are too far apart in time for any turnover, move or sweep to matter between them.
        """
        sessions = [scenario.sessions[name] for name in names]
        tables = (table for hall in scenario.bookables.values() if part in hall.parts for table in hall.turnovers)
        turnovers = (
            max((table.default, table.same_event or 0, *(most for row in table.layouts.values() for most in row.values())))
            for table in tables
        )
        moves = max(session.move_in for session in sessions) + max(session.move_out for session in sessions)
        gap = max(turnovers) + moves + max(scenario.sweeps[session.envelope] for session in sessions)
        events: dict[str, list[Session]] = {}
        envelopes: dict[str, list[Session]] = {}
        for session in sessions:
            events.setdefault(session.event, []).append(session)
            envelopes.setdefault(session.envelope, []).append(session)
        return scenario.numbered(events, gap), scenario.numbered(envelopes, gap)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions too close to one another in a hall, and pooled halls that are too full."""
        by_part: dict[str, list[str]] = {}
        for session, placed in plan.sessions.items():
            for part in scenario.bookables[placed.hall].parts:
                by_part.setdefault(part, []).append(session)
        reported = set()
        for part, sessions in by_part.items():
            if scenario.bookables[part].pooled is not None:
                yield from self._overfull(scenario, plan, part, sessions)
                continue
            ordered = sorted(sessions, key=lambda session: plan.sessions[session].start)
            most = self._most_needed(scenario, plan, sessions)
            for position, first in enumerate(ordered):
                for second in ordered[position + 1 :]:
                    there = plan.sessions[second].start.astimezone(UTC) - plan.sessions[first].end.astimezone(UTC)
                    if there >= most:
                        break  # and so are all that follow
                    if (first, second) in reported:
                        continue
                    needs = self._needs(scenario, plan, scenario.sessions[first], scenario.sessions[second])
                    missing = sum(needs.values()) - int(there.total_seconds() // 60)
                    if missing > 0:
                        reported.add((first, second))
                        halls = list(dict.fromkeys((plan.sessions[first].hall, plan.sessions[second].hall)))
                        yield Violation((first, second), missing, {"halls": halls, "needs": needs})

    @staticmethod
    def _most_needed(scenario: Scenario, plan: Plan, names: list[str]) -> timedelta:
        """Return a time that is enough between any two of these sessions in a hall."""
        sessions = [scenario.sessions[name] for name in names]
        tables = [table for name in names for table in scenario.bookables[plan.sessions[name].hall].turnovers]
        turnovers = [table.default for table in tables] + [table.same_event or 0 for table in tables]
        turnovers += [minutes for table in tables for row in table.layouts.values() for minutes in row.values()]
        moves = max(session.move_out for session in sessions) + max(session.move_in for session in sessions)
        most = moves + max(turnovers) + max(scenario.sweeps[session.envelope] for session in sessions)
        return timedelta(minutes=most)

    @staticmethod
    def _needs(scenario: Scenario, plan: Plan, first: Session, second: Session) -> dict[str, int]:
        """Return the minutes due between two sessions by what they are for."""
        turnovers = [0]
        for session in (first, second):
            for table in scenario.bookables[plan.sessions[session.id].hall].turnovers:
                turnovers.append(table.minutes(first.layout, second.layout, first.event == second.event))
        changed = first.envelope != second.envelope
        return {
            "move-out": first.move_out,
            "turnover": max(turnovers),
            "move-in": second.move_in,
            "sweep": scenario.sweeps[second.envelope] if changed else 0,
        }

    @staticmethod
    def _overfull(scenario: Scenario, plan: Plan, hall: str, sessions: list[str]) -> Iterator[Violation]:
        pooled = scenario.bookables[hall].pooled or 0
        spans: dict[str, tuple[datetime, datetime]] = {}
        for name in sessions:
            session, placed = scenario.sessions[name], plan.sessions[name]
            begin = placed.start.astimezone(UTC) - timedelta(minutes=session.move_in)
            spans[name] = begin, placed.end.astimezone(UTC) + timedelta(minutes=session.move_out)
        for moment in sorted({begin for begin, _ in spans.values()}):
            present = [name for name, (begin, end) in spans.items() if begin <= moment < end]
            if len(present) > pooled:
                local = moment.astimezone(scenario.calendar.timezone)
                yield Violation(tuple(present), len(present) - pooled, {"hall": hall, "moment": local, "pooled": pooled})
                return

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what is due between two sessions, or how many are at one place at once."""
        if "pooled" in violation.facts:
            moment, names = violation.facts["moment"], ", ".join(violation.sessions)
            hall = scenario.hall_name(violation.facts["hall"])
            return f"At {moment:%d %b %H:%M} {names} share {hall}, which takes {violation.facts['pooled']} at once."
        first, second = violation.sessions
        halls = " and ".join(scenario.hall_name(hall) for hall in violation.facts["halls"])
        needs: dict[str, int] = violation.facts["needs"]
        due = ", ".join(f"{what} {duration_text(minutes)}" for what, minutes in needs.items() if minutes)
        between = f"due between them: {due}" if due else "one must end before the other starts"
        return f"{first} and {second} both use {halls} and are {duration_text(violation.amount)} too close: {between}."


def _turnover(before: Bookable, after: Bookable, layout: str | None, next_layout: str | None, event_stays: bool) -> int:
    """Return the longest turnover that either booking asks for."""
    tables = (*before.turnovers, *after.turnovers)
    return max(table.minutes(layout, next_layout, event_stays) for table in tables)
