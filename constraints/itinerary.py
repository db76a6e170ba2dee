from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import combinations

from scheduler.rules import (
    Candidates,
    Complaint,
    Plan,
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


class Itinerary(Rule):
    """A person is in one place at a time, with the minutes to get from one session to the next.

    Planners need it because the host's principal cannot receive two guests at once, and the Great Hall is not next door
    to the airport. Between venues count the minutes of ``travel``; inside a venue its ``moves``, from hall to hall when
    the person changes events, and nothing within one event.

        travel:
          pek: {diaoyutai: 35 min, ghop: 30 min}
        delegations:
          host: {country: CN, persons: {principal: President, premier: Premier}}
        events:
          visit: {grade: G1, delegations: [host], sessions: {talks: {duration: 75 min, persons: [principal]}}}

    It always stands. When it blocks a plan, send another person, widen the windows, or bring the two sessions under one
    roof.
    """

    family = "itinerary"
    standing = True

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say between which venues a person may have to travel without minutes being known."""
        reported = set()
        for person, sessions in _by_person(scenario).items():
            venues = {scenario.bookables[hall].venue for s in sessions for way in s.ways for hall in way.halls}
            for pair in combinations(sorted(venues), 2):
                if scenario.travel.minutes(*pair) is None and pair not in reported and len(sessions) > 1:
                    reported.add(pair)
                    who = scenario.person_name(person)
                    message = f"no minutes between {pair[0]} and {pair[1]}, where {who} may have sessions"
                    yield Complaint(("travel",), message, f"'{pair[0]}: {{{pair[1]}: 20 min}}'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one sequence for each person."""
        for sessions in _by_person(scenario).values():
            if len(sessions) < 2:
                continue
            kinds: dict[tuple[str, str, str], int] = {}
            visits = []
            for session in sessions:
                stays = []
                for choice in candidates.of(session.id):
                    inside = (choice.hall, session.event) if scenario.venues[choice.venue].moves else ("", "")
                    stays.append(Stay(kinds.setdefault((choice.venue, *inside), len(kinds))))
                visits.append(Visit(candidates.numbers[session.id], tuple(stays)))
            matrix = tuple(tuple(_minutes(scenario, a, b) for b in kinds) for a in kinds)
            yield Sequence(rule=self.id, visits=tuple(visits), changeover=matrix)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find persons who would have to be in two places, or could not get from one to the next."""
        days: dict[str, list[str]] = {}
        for session in plan.sessions:
            for person in scenario.sessions[session].persons:
                days.setdefault(person, []).append(session)
        late: dict[tuple[str, str], list[str]] = {}
        for person, sessions in days.items():
            sessions.sort(key=lambda session: plan.sessions[session].start)
            for first, second in combinations(sessions, 2):
                way, between = self._way_and_time(scenario, plan, first, second)
                if between < way:
                    late.setdefault((first, second), []).append(person)
        for (first, second), persons in late.items():
            way, between = self._way_and_time(scenario, plan, first, second)
            facts = {"persons": persons, "way": way, "first": plan.sessions[first], "second": plan.sessions[second]}
            yield Violation((first, second), way - between, facts)

    @staticmethod
    def _way_and_time(scenario: Scenario, plan: Plan, first: str, second: str) -> tuple[int, int]:
        """Return the minutes that the way between two sessions takes, and those there are."""
        a, b = plan.sessions[first], plan.sessions[second]
        venue_a, venue_b = a.hall.partition(".")[0], b.hall.partition(".")[0]
        way = 0
        if venue_a != venue_b:
            way = scenario.travel.minutes(venue_a, venue_b) or 0
        elif a.hall != b.hall and scenario.sessions[first].event != scenario.sessions[second].event:
            way = scenario.venues[venue_a].moves
        return way, int((b.start.astimezone(UTC) - a.end.astimezone(UTC)).total_seconds() // 60)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who would have to be where."""
        facts = violation.facts
        first, second = violation.sessions
        who = " and ".join(scenario.person_name(person) for person in facts["persons"])
        ends, starts = f"{facts['first'].end:%d %b %H:%M}", f"{facts['second'].start:%d %b %H:%M}"
        where, there = scenario.hall_name(facts["first"].hall), scenario.hall_name(facts["second"].hall)
        missing = duration_text(violation.amount)
        way = f"; the way takes {duration_text(facts['way'])}" if facts["way"] else ""
        return (
            f"{who} cannot be in both {first} in {where}, which ends {ends}, and {second} in {there}, "
            f"which starts {starts}: {missing} are missing{way}."
        )


def _by_person(scenario: Scenario) -> dict[str, list[Session]]:
    sessions: dict[str, list[Session]] = {}
    for session in scenario.sessions.values():
        for person in session.persons:
            sessions.setdefault(person, []).append(session)
    return sessions


def _minutes(scenario: Scenario, before: tuple[str, str, str], after: tuple[str, str, str]) -> int:
    (venue_a, hall_a, event_a), (venue_b, hall_b, event_b) = before, after
    if venue_a != venue_b:
        return scenario.travel.minutes(venue_a, venue_b) or 0
    return 0 if hall_a == hall_b or event_a == event_b else scenario.venues[venue_a].moves
