from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Distinct,
    EventRef,
    Goal,
    LabelRef,
    Plan,
    Price,
    Relation,
    Scenario,
    SessionRef,
    Table,
    Term,
)


class LargerHalls(Goal):
    """Give the larger halls to the sessions that draw most.

    Planners need it where nobody knows yet how many will come, but which session draws more than which: the demand is a
    number among its ``labels``. Of all the ``sessions`` and those of the ``events`` that are listed (all, without either)
    each two count, whatever their times, of which the one with the lower number of the kind ``by`` has the hall with more
    seats. A hall counts with the most seats that it has in any layout. With ``by-minutes`` a pair counts instead for as
    many minutes as the two take together, as their own ``duration`` (or ``daily`` hours) says. A session without the number
    is left out of account, and so is an absent one. The figure is in pairs, or minutes.

        goals:
          crowds: {goal: larger-halls, tier: 2, events: [forum], by: demand}
    """

    family = "larger-halls"
    unit = "pairs, or minutes"

    sessions: Distinct[SessionRef] = []
    events: Distinct[EventRef] = Field(default=[], description="All their sessions.")
    by: LabelRef = Field(description="A kind of labels that are numbers.")
    by_minutes: bool = False

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "minutes" if self.by_minutes else "pairs"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where a session is listed with its event, and where the label is no number."""
        for position, session in enumerate(self.sessions):
            if session.split(".")[0] in self.events:
                message, hint = f"{session} is of an event that is listed as well", "leave out one of the two."
                yield Complaint(("goals", self.id, "sessions", position), message, hint)
        if all(session.rank(self.by) is None for session in scenario.sessions.values()):
            yield Complaint(("goals", self.id, "by"), f"no session has a number as its {self.by}", f"'{self.by}: 300'?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one table of seats against seats for each pair of different demand."""
        everybody = not (self.sessions or self.events)
        seats = {hall: max(bookable.seats.values(), default=0) for hall, bookable in scenario.bookables.items()}
        demand: dict[str, int] = {}
        for session in scenario.sessions.values():
            rank = session.rank(self.by)
            if rank is not None and (everybody or session.id in self.sessions or session.event in self.events):
                demand[session.id] = rank
        for lower, higher in combinations(sorted(demand, key=lambda name: demand[name]), 2):
            minutes = scenario.sessions[lower].minutes + scenario.sessions[higher].minutes
            ours, theirs = ([seats[choice.hall] for choice in candidates.of(name)] for name in (lower, higher))
            if demand[lower] == demand[higher] or not ours or not theirs or max(ours) <= min(theirs):
                continue
            rows, columns = sorted(set(ours)), sorted(set(theirs))
            table = Table(
                tuple(map(rows.index, ours)),
                tuple(map(columns.index, theirs)),
                tuple(tuple(int(row > column) for column in columns) for row in rows),
            )
            numbers = candidates.numbers[lower], candidates.numbers[higher]
            price = Price(self.tier, self.weight * (minutes if self.by_minutes else 1))
            yield Relation(rule=self.id, price=price, first=numbers[0], second=numbers[1], then=table)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add what the pairs count of which the less wanted has more seats."""
        held = []
        for name, placed in plan.sessions.items():
            said = scenario.sessions[name].labels.get(self.by)
            is_meant = name in self.sessions or name.split(".")[0] in self.events or not (self.sessions or self.events)
            if isinstance(said, int) and is_meant:
                event, _, entry_id = name.partition(".")
                entry = scenario.events[event].sessions[entry_id]
                minutes = entry.duration or (entry.days * (entry.daily.end - entry.daily.start) if entry.daily else 0)
                held.append((said, max([0, *scenario.bookables[placed.hall].seats.values()]), minutes))
        total = 0
        for i, (demand, seats, minutes) in enumerate(held):
            for other_demand, other_seats, other_minutes in held[i + 1 :]:
                if (demand - other_demand) * (seats - other_seats) < 0:
                    total += minutes + other_minutes if self.by_minutes else 1
        return total
