from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    DelegationRef,
    Distinct,
    Lag,
    Match,
    Minutes,
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


class Precedence(Rule):
    """Sessions with one guest each start in the order of precedence of their guests, whatever order they are listed in.

    Planners need it for arrivals, receptions and bilaterals: who goes before is received before. The guest of a session is
    its one delegation beside ``host``. With ``by: rank`` heads of state go first, then heads of government, deputy heads,
    heads of organisations, ministers and others; inside a rank the English name decides (``inside: free``: anyone may go
    first). With ``by: list`` the order is that of ``order``. A session starts no earlier than that of any guest who goes
    before, and ``gap`` later where it is given; with ``each-day`` this binds sessions that start on one day. An absent
    session is left out of account. Softened, each minute missing between two sessions has a price.

        rules:
          receiving-line: {rule: precedence, host: chn, gap: 10 min, sessions: [call.bra, call.kaz, call.vnm]}

    When it blocks a plan, say ``inside: free``, shorten the gap, bind only sessions of one day, or soften it.
    """

    family = "precedence"
    unit = "minutes"

    sessions: Annotated[Distinct[SessionRef], Field(min_length=2)]
    host: DelegationRef | None = None
    by: Literal["rank", "list"] = "rank"
    order: Distinct[DelegationRef] = Field(default=[], description="The delegations in their order, for 'by: list'.")
    inside: Literal["name", "free"] = Field(default="name", description="What decides between guests of one rank.")
    gap: Minutes = 0
    each_day: bool = False
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the order has no meaning, and which session has no one guest or one without a place in the order."""
        if (self.by == "list") != bool(self.order):
            message = "'by: list' and 'order', the list of delegations, go together"
            yield Complaint(("rules", self.id), message, "'by: list, order: [kaz, vnm]'?")
        for position, session in enumerate(self.sessions):
            if session not in scenario.sessions:
                continue  # it is complained of where it is written
            path = ("rules", self.id, "sessions", position)
            guests = [name for name in scenario.sessions[session].delegations if name != self.host]
            if len(guests) != 1:
                found = " and ".join(guests) or "nobody"
                hint = "" if self.host else "'host: chn', so that it is not a guest?"
                yield Complaint(path, f"{session} is to have one guest delegation and has {found}", hint)
            elif self.by == "list" and self.order and guests[0] not in self.order:
                yield Complaint(path, f"{guests[0]}, the guest of {session}, is not in 'order'")
            elif self.by == "rank" and scenario.delegations[guests[0]].rank is None:
                yield Complaint(path, f"{guests[0]}, the guest of {session}, has no rank", "'rank: minister'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one lag for each two sessions whose guests have an order; of all pairs, for any between may be absent."""
        days = scenario.calendar.day_starts
        same_day = Match(frozenset((day, day) for day in range(len(days))), cells=days) if self.each_day else None
        place = {session: self._place(scenario, session) for session in self.sessions}
        for first, second in combinations(sorted(self.sessions, key=place.__getitem__), 2):
            if place[first] < place[second]:
                yield Relation(
                    rule=self.id,
                    price=self.price,
                    first=candidates.numbers[first],
                    second=candidates.numbers[second],
                    when=same_day,
                    then=Lag(least=self.gap, from_start=True),
                )

    def _place(self, scenario: Scenario, session: str) -> tuple[int, str]:
        """Return what the guest of a session is sorted by."""
        guest = next(name for name in scenario.sessions[session].delegations if name != self.host)
        if self.by == "list":
            return self.order.index(guest), ""
        rank = scenario.delegations[guest].rank
        assert rank is not None
        return _RANKS.index(rank), _spelt(scenario.delegation_name(guest)) if self.inside == "name" else ""

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find pairs in which the guest who goes before is received later, or too shortly before."""
        zone = scenario.calendar.timezone
        held = [name for name in self.sessions if name in plan.sessions]
        guests = {name: {*scenario.sessions[name].delegations} - {self.host} for name in held}
        for first in held:
            for second in held:
                (one,), (other,) = guests[first], guests[second]
                why = self._why_before(scenario, str(one), str(other))
                a, b = plan.sessions[first].start, plan.sessions[second].start
                if why is None or (self.each_day and a.astimezone(zone).date() != b.astimezone(zone).date()):
                    continue
                later = int((b.astimezone(UTC) - a.astimezone(UTC)).total_seconds() // 60)
                if later < self.gap:
                    yield Violation((first, second), self.gap - later, {"guests": (one, other), "why": why, "later": later})

    def _why_before(self, scenario: Scenario, one: str, other: str) -> str | None:
        """Return why one delegation goes before another; None where it does not."""
        if self.by == "list":
            return "by the list" if other in self.order[self.order.index(one) + 1 :] else None
        rank, other_rank = scenario.delegations[one].rank, scenario.delegations[other].rank
        if rank != other_rank:
            return "by rank" if rank in _RANKS[: _RANKS.index(str(other_rank))] else None
        names = [_spelt(scenario.delegation_name(delegation)) for delegation in (one, other)]
        return "by name" if self.inside == "name" and names[0] < names[1] else None

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who goes before whom and what is between the two."""
        first, second = violation.sessions
        one, other = (scenario.delegation_name(guest) for guest in violation.facts["guests"])
        later, why = violation.facts["later"], violation.facts["why"]
        if later < 0:
            between = f"starts {duration_text(-later)} before {first}"
        else:
            between = f"starts {duration_text(later)} after {first}" if later else f"starts together with {first}"
        due = f", and {duration_text(self.gap)} are due between them" if self.gap else ""
        return f"{second} {between}; {one} goes before {other} {why}{due}."


_RANKS = ("head-of-state", "head-of-government", "deputy-head", "head-of-organisation", "minister", "other")


def _spelt(name: str) -> str:
    """Return a name as it is sorted: without accents, small and capital letters alike."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)).casefold()
