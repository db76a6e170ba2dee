from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Clear,
    DelegationRef,
    Distinct,
    Match,
    Minutes,
    Placed,
    Plan,
    Relation,
    Rule,
    Scenario,
    Session,
    Soften,
    Term,
    Violation,
    duration_text,
)


class Separation(Rule):
    """Rival delegations do not meet: what only one attends and what only the other attends keep apart, and so do homes.

    Planners need it for guests who are not to run into one another, in a corridor or in a lift. A session of one rival and
    a session of another neither overlap nor come within the ``gap`` in one hall, venue or zone (``scope``), or anywhere in
    the city. Halls are one where they share a part; venues are in one zone where the zone of one is that of the other, or
    lies in it. A delegation attends what it is listed for and what one of its persons attends; a session that both attend
    is exempt. With ``homes: false`` rivals may stay in one hotel at one time. Softened, each minute missing has a price,
    and each pair that shares a home.

        rules:
          not-in-one-house: {rule: separation, delegations: [kaz, uzb], scope: venue, gap: 30 min}

    When it blocks a plan, shorten the gap, narrow the scope, or soften it.
    """

    family = "separation"
    unit = "minutes, or shared homes"

    delegations: Annotated[Distinct[DelegationRef], Field(min_length=2)]
    scope: Literal["hall", "venue", "zone", "city"] = "venue"
    gap: Minutes = 30
    homes: bool = True
    soften: Soften | None = None

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say a gap for each two sessions of rivals that could come close, and different hotels for each two rivals."""
        pairs: dict[tuple[str, str], None] = {}
        for one, other in combinations(self.delegations, 2):
            ones, others = (self._without(scenario, *rivals) for rivals in ((one, other), (other, one)))
            for a in ones:
                for b in others:
                    pairs.setdefault((b, a) if (b, a) in pairs else (a, b))
        names = {session for pair in pairs for session in pair}
        places = {session: self._places(candidates, session) for session in names}
        numbers = {place: number for number, place in enumerate(sorted({p for found in places.values() for p in found}))}
        near = frozenset((numbers[a], numbers[b]) for a in numbers for b in numbers if self._is_near(scenario, a, b))
        by_choice = {session: tuple(numbers[place] for place in places[session]) for session in names}
        for first, second in pairs:
            if not scenario.could_meet(scenario.sessions[first], scenario.sessions[second], self.gap):
                continue
            if near.isdisjoint((a, b) for a in {*by_choice[first]} for b in {*by_choice[second]}):
                continue
            when = None if self.scope == "city" else Match(near, by_choice[first], by_choice[second])
            x, y = candidates.numbers[first], candidates.numbers[second]
            yield Relation(rule=self.id, price=self.price, first=x, second=y, when=when, then=Clear(self.gap))
        if self.homes:
            yield from self._different_homes(scenario, candidates)

    @staticmethod
    def _without(scenario: Scenario, one: str, other: str) -> list[str]:
        """Return the sessions that one attends and the other does not."""
        others = {*scenario.attended.get(other, ())}
        return [session for session in scenario.attended.get(one, ()) if session not in others]

    def _places(self, candidates: Candidates, session: str) -> list[str]:
        """Return the place of each choice of a session as the scope tells places apart."""
        return [choice.hall if self.scope == "hall" else choice.venue for choice in candidates.of(session)]

    def _is_near(self, scenario: Scenario, place: str, other: str) -> bool:
        if self.scope == "hall":
            return not {*scenario.bookables[place].parts}.isdisjoint(scenario.bookables[other].parts)
        if place == other or self.scope != "zone":
            return place == other or self.scope == "city"
        zones, others = _around(scenario, place), _around(scenario, other)
        return bool(zones and others) and (zones[0] in others or others[0] in zones)

    def _different_homes(self, scenario: Scenario, candidates: Candidates) -> Iterator[Term]:
        for first, second in combinations([name for name in self.delegations if name in scenario.homes], 2):
            a, b = scenario.homes[first], scenario.homes[second]
            common = [hotel for hotel in a.hotels if hotel in b.hotels]
            if common and a.arrives < b.leaves and b.arrives < a.leaves:
                numbers = {hotel: number for number, hotel in enumerate(dict.fromkeys((*a.hotels, *b.hotels)))}
                different = frozenset((i, j) for i in numbers.values() for j in numbers.values() if i != j)
                hotels = [tuple(numbers[choice.hall] for choice in candidates.of(name)) for name in (first, second)]
                yield Relation(
                    rule=self.id,
                    price=self.price,
                    first=candidates.numbers[first],
                    second=candidates.numbers[second],
                    then=Match(different, *hotels),
                )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find sessions of rivals that come too close, and rivals in one hotel."""
        rivals = {name: self._rivals_at(scenario.sessions[name]) for name in plan.sessions}
        there = [name for name in plan.sessions if rivals[name]]
        for first, second in combinations(there, 2):
            alone = [*(rivals[first] - rivals[second])], [*(rivals[second] - rivals[first])]
            a, b = plan.sessions[first], plan.sessions[second]
            if not alone[0] or not alone[1] or not self._one_place(scenario, a.hall, b.hall):
                continue
            missing = timedelta(minutes=self.gap) - _between(a, b)
            if missing > timedelta(0):
                who = tuple(min(names, key=self.delegations.index) for names in alone)
                yield Violation((first, second), int(missing.total_seconds() // 60), {"rivals": who})
        stays = [(name, plan.homes[name]) for name in self.delegations if self.homes and name in plan.homes]
        for (first, hotel), (second, other) in combinations(stays, 2):
            a_stay, b_stay = scenario.homes[first], scenario.homes[second]
            together = min(a_stay.leaves, b_stay.leaves) - max(a_stay.arrives, b_stay.arrives)
            if hotel == other and together > timedelta(0):
                yield Violation((first, second), 1, {"hotel": hotel})

    def _rivals_at(self, session: Session) -> set[str]:
        persons = {person.partition(".")[0] for person in session.persons}
        return {name for name in self.delegations if name in session.delegations or name in persons}

    def _one_place(self, scenario: Scenario, hall: str, other: str) -> bool:
        if self.scope == "city" or hall == other:
            return True
        if self.scope == "hall":
            return any(part in scenario.bookables[other].parts for part in scenario.bookables[hall].parts)
        venue, next_venue = hall.split(".")[0], other.split(".")[0]
        if self.scope == "venue" or venue == next_venue:
            return venue == next_venue
        zone, next_zone = scenario.venues[venue].zone, scenario.venues[next_venue].zone
        return (
            zone is not None
            and next_zone is not None
            and (zone in _chain(scenario, next_zone) or next_zone in _chain(scenario, zone))
        )

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which rivals come how close, and where."""
        first, second = violation.sessions
        if "hotel" in violation.facts:
            names = " and ".join(scenario.delegation_name(name) for name in violation.sessions)
            return f"{names} stay in one hotel at one time: {scenario.hotels[violation.facts['hotel']].name}."
        one, other = (scenario.delegation_name(name) for name in violation.facts["rivals"])
        due = f"with {duration_text(self.gap)} due between them" if self.gap else "for they may not overlap"
        where = "" if self.scope == "city" else f" in one {self.scope}"
        close = f"{duration_text(violation.amount)} too close"
        return f"{first} (with {one}) and {second} (with {other}){where} are {close}, {due}."


def _between(a: Placed, b: Placed) -> timedelta:
    """Return the time from the end of one to the start of the other, in the order in which it is longer."""
    return max(
        b.start.astimezone(UTC) - a.end.astimezone(UTC),
        a.start.astimezone(UTC) - b.end.astimezone(UTC),
    )


def _around(scenario: Scenario, venue: str) -> list[str]:
    """Return the zone of a venue and every zone around it."""
    zones: list[str] = []
    zone = scenario.venues[venue].zone
    while zone is not None and zone not in zones:
        zones.append(zone)
        zone = scenario.file.zones[zone].in_
    return zones


def _chain(scenario: Scenario, zone: str) -> Iterator[str]:
    """Yield a zone and those around it, outwards, each once."""
    seen: set[str] = set()
    inner: str | None = zone
    while inner is not None and inner not in seen:
        seen.add(inner)
        yield inner
        inner = scenario.file.zones[inner].in_
