from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from scheduler.rules import Candidates, Complaint, Distinct, Goal, Plan, Relation, Scenario, Table, Term, nearest


class NearHome(Goal):
    """Let delegations stay near what they attend: the minutes from the home to each session of a principal, added up.

    Planners need it because where a delegation stays and which halls receive it are chosen apart, and the way between them
    is driven, guarded and closed to the city twice a session. Counted once for each delegation with a home and each session
    that one of its persons with a role in ``of`` attends, by the minutes of free roads on the way there. The figure is in
    minutes.

        goals:
          near: {goal: near-home, of: [principal, spouse], tier: 2, weight: 1}
    """

    family = "near-home"
    unit = "minutes"

    of: Annotated[Distinct[str], Field(min_length=1)] = ["principal"]

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say which role nobody has, and between which hotel and venue no way is known."""
        roles = {role for delegation in scenario.delegations.values() for role in delegation.persons}
        for position, role in enumerate(self.of):
            if "of" in self.model_fields_set and role not in roles:
                hint = nearest(role, roles)
                yield Complaint(("goals", self.id, "of", position), f"nobody has the role {role!r}", hint)
        persons = ((person.split("."), session) for session in scenario.sessions.values() for person in session.persons)
        driven = [(delegation, session) for (delegation, role), session in persons if role in self.of]
        for path, message in scenario.unknown_ways(driven):
            yield Complaint(path, message, "'node: one-of-the-network'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each two of hotel and venue, of each home and session."""
        for session in scenario.sessions.values():
            for name in scenario.homes:
                if not any(f"{name}.{role}" in session.persons for role in self.of):
                    continue
                hotels = list(dict.fromkeys(choice.hall for choice in candidates.of(name)))
                venues = list(dict.fromkeys(choice.venue for choice in candidates.of(session.id)))
                amounts = tuple(tuple(scenario.travel.minutes(hotel, venue) or 0 for venue in venues) for hotel in hotels)
                if any(any(row) for row in amounts):
                    yield Relation(
                        rule=self.id,
                        price=self.price,
                        first=candidates.numbers[name],
                        second=candidates.numbers[session.id],
                        then=Table(
                            first=tuple(hotels.index(choice.hall) for choice in candidates.of(name)),
                            second=tuple(venues.index(choice.venue) for choice in candidates.of(session.id)),
                            amounts=amounts,
                        ),
                    )

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the minutes from each home to the sessions of its delegation."""
        total = 0
        for name, placed in plan.sessions.items():
            persons = (person.split(".") for person in scenario.sessions[name].persons)
            for delegation in {delegation for delegation, role in persons if role in self.of}:
                if delegation in plan.homes:
                    total += scenario.travel.minutes(plan.homes[delegation], placed.hall.split(".")[0]) or 0
        return total
