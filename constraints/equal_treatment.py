from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    DelegationRef,
    Distinct,
    Match,
    Placed,
    Plan,
    Relation,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Term,
    Violation,
    duration_text,
)


class EqualTreatment(Rule):
    """Sessions for guests of equal rank have the same length and the same hall, venue or option.

    Planners need it because guests compare: who is received in a lesser room or for a shorter time than a guest of the same
    rank takes it as a slight. The rank of a session is the highest among its delegations beside ``host``. ``same`` names
    what two sessions of one rank share beside their length: the ``hall``, the ``venue``, or the ``option``, which may stand
    for a class of halls. An absent session is left out of account. Softened, each pair treated unequally has a price.

        rules:
          no-slight: {rule: equal-treatment, host: chn, same: option, sessions: [call.kaz, call.uzb, call.vnm]}

    When it blocks a plan, give the sessions equal lengths, ask for the venue instead of the hall, put more halls into the
    option, or soften it.
    """

    family = "equal-treatment"
    unit = "pairs"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    host: DelegationRef | None = None
    same: Literal["hall", "venue", "option"]
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say which session has no rank or no options, and which lengths differ where they must not."""
        ranks: dict[int, str] = {}
        for position, name in enumerate(self.sessions):
            path = ("rules", self.id, "sessions", position)
            if name not in scenario.sessions:
                continue  # it is complained of where it is written
            session = scenario.sessions[name]
            rank = self._rank(scenario, name)
            if rank is None:
                hint = "'rank: minister' of its delegation?"
                yield Complaint(path, f"no guest of {name} has a rank", hint)
                continue
            if self.same == "option" and not any(way.option for way in session.ways):
                yield Complaint(path, f"{name} has no options to be the same", "'same: hall'?")
            equal = ranks.setdefault(rank, name)
            ours, theirs = ({way.minutes for way in of.ways} for of in (session, scenario.sessions[equal]))
            if self.soften is None and ours.isdisjoint(theirs):
                lengths = f"{name} lasts {_any_of(ours)}, {equal} {_any_of(theirs)}"
                yield Complaint(path, f"{lengths}; their guests are of one rank", "equal lengths, or 'soften'?")

    def _rank(self, scenario: Scenario, session: str) -> int | None:
        """Return the number of the highest rank among the guests of a session, from 0; None where none has a rank."""
        guests = (scenario.delegations[name] for name in scenario.sessions[session].delegations if name != self.host)
        return min((_RANKS.index(guest.rank) for guest in guests if guest.rank is not None), default=None)

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one relation for each pair of one rank, over what has to be the same together with the length."""
        names: dict[tuple[str, int], int] = {}
        by_choice = {
            session: tuple(
                names.setdefault((getattr(choice, str(self.same)), choice.minutes), len(names))
                for choice in candidates.of(session)
            )
            for session in self.sessions
        }
        equal = frozenset((number, number) for number in names.values())
        for first, second in combinations(self.sessions, 2):
            if self._rank(scenario, first) != self._rank(scenario, second):
                continue
            yield Relation(
                rule=self.id,
                price=self.price,
                first=candidates.numbers[first],
                second=candidates.numbers[second],
                then=Match(equal, by_choice[first], by_choice[second]),
            )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs of one rank that differ."""
        received: dict[str, list[str]] = {}
        for name in self.sessions:
            guests = {*scenario.sessions[name].delegations} - {self.host}
            ranks = {scenario.delegations[str(guest)].rank for guest in guests}
            if name in plan.sessions:
                received.setdefault(next(rank for rank in _RANKS if rank in ranks), []).append(name)
        for rank, sessions in received.items():
            for i, first in enumerate(sessions):
                for second in sessions[i + 1 :]:
                    a, b = plan.sessions[first], plan.sessions[second]
                    if self._place(a) != self._place(b) or a.end - a.start != b.end - b.start:
                        told = {"rank": rank, "first": self._told(scenario, a), "second": self._told(scenario, b)}
                        yield Violation((first, second), 1, told)

    def _place(self, placed: Placed) -> str:
        if self.same == "option":
            return placed.option or ""
        return placed.hall if self.same == "hall" else placed.hall.split(".")[0]

    def _told(self, scenario: Scenario, placed: Placed) -> str:
        """Return what a session has, in words."""
        length = duration_text(int((placed.end - placed.start).total_seconds() // 60))
        if self.same == "option":
            return f"the option {placed.option} for {length}"
        venue = scenario.venues[placed.hall.split(".")[0]].name
        return f"{scenario.hall_name(placed.hall) if self.same == 'hall' else venue} for {length}"

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say what each of the two has."""
        first, second = violation.sessions
        facts = violation.facts
        return (
            f"{first} and {second} are for guests of one rank, {facts['rank']}: one has {facts['first']}, the other "
            f"{facts['second']}."
        )


_RANKS = ("head-of-state", "head-of-government", "deputy-head", "head-of-organisation", "minister", "other")


def _any_of(lengths: Iterable[int]) -> str:
    """Return lengths in words."""
    return " or ".join(duration_text(minutes) for minutes in sorted(lengths))
