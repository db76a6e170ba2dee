from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Cells,
    Choice,
    Complaint,
    DelegationRef,
    Distinct,
    EventRef,
    Goal,
    Minutes,
    PersonRef,
    Plan,
    Scenario,
    Session,
    Tally,
    Term,
)


class CompactDays(Goal):
    """Leave no idle time inside a day: the slots without a session between the first and the last of each day, added up.

    Planners need it because a minister who waits from eleven to four could have flown home, and crews on stand-by are paid.
    Counted by itself is each person (``host.principal``), delegation and event that is listed. A day has slots of
    ``slot`` length from its midnight on; a slot in which a session goes on for a minute is not idle. A session belongs to
    the day it starts on, however late it ends; one of several days is there each day, by the daily hours. An absent
    session is left out of account. With ``what: isolated`` counted are instead the slots in use without one in use right
    before or after them on the same day: what one comes for once. With ``what: stay`` counted are the days between the
    first and the last of each, with sessions or without: how long one has to stay. The figure is in slots, or days.

        goals:
          tight: {goal: compact-days, tier: 3, slot: 30 min, persons: [host.principal], delegations: [kaz], events: [visit]}
          worthwhile: {goal: compact-days, tier: 3, what: isolated, events: [visit]}
          short-stay: {goal: compact-days, tier: 3, what: stay, persons: [nor.minister]}

    A longer ``slot`` makes it quicker to solve.
    """

    family = "compact-days"
    unit = "slots, or days"

    what: Literal["idle", "isolated", "stay"] = "idle"
    slot: Annotated[Minutes, Field(ge=15, le=24 * 60)] = 60
    persons: Distinct[PersonRef] = []
    delegations: Distinct[DelegationRef] = []
    events: Distinct[EventRef] = []

    @property
    def counts(self) -> str:
        """Return the unit that the fields choose."""
        return "days" if self.what == "stay" else "slots"

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the goal speaks of nobody, and where days are counted in slots."""
        if not (self.persons or self.delegations or self.events):
            yield Complaint(("goals", self.id), "names no person, delegation or event", "'persons: [host.principal]'?")
        if self.what == "stay" and "slot" in self.model_fields_set:
            yield Complaint(("goals", self.id, "slot"), "a stay is counted in days", "leave out 'slot'.")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Count holes or lone slots of the days of each, a session being a member once for each slot it may reach into."""
        everybody = scenario.sessions.values()
        groups = [[session for session in everybody if person in session.persons] for person in self.persons]
        groups += [[session for session in everybody if name in session.delegations] for name in self.delegations]
        groups += [list(scenario.event_sessions[event]) for event in self.events]
        slots: dict[tuple[int, int], Cells] = {}
        if self.what == "stay":
            yield from self._stays(scenario, candidates, groups)
            return
        what: Literal["holes", "isolated"] = "holes" if self.what == "idle" else "isolated"
        for group in (group for group in groups if len(group) > (what == "holes")):
            numbers: list[int] = []
            cells: list[Cells] = []
            for session in group:
                for reach, block in self._reaches(session, candidates.of(session.id)):
                    if reach not in slots:
                        slots[reach] = self._cells(scenario, *reach)
                    numbers.append(candidates.numbers[session.id])
                    cells.append(slots[reach]._replace(block=block))
            yield Tally(rule=self.id, price=self.price, what=what, sessions=tuple(numbers), cells=tuple(cells))

    def _stays(self, scenario: Scenario, candidates: Candidates, groups: list[list[Session]]) -> Iterable[Term]:
        """Count the days between the first and the last of each, a session of several days a member once for each."""
        days = scenario.calendar.day_starts
        places = tuple((0, day) for day in range(len(days)))
        for group in groups:
            members = [(session.id, later) for session in group for later in range(session.days)]
            yield Tally(
                rule=self.id,
                price=self.price,
                what="between",
                sessions=tuple(candidates.numbers[session] for session, _ in members),
                # Each day is 24 h after the one before, as the clock runs on; the date it falls on is counted.
                cells=tuple(Cells(tuple(day - later * 24 * 60 for day in days), places=places) for _, later in members),
            )

    def _reaches(
        self, session: Session, choices: tuple[Choice, ...]
    ) -> Iterable[tuple[tuple[int, int], tuple[int | None, ...]]]:
        """Yield minutes of which one lies in each slot of a session: from its start to a day's, and from there on.

        Beside them stands the block of each choice; one that is too short to reach so far has none.
        """
        by_choice = []
        for choice in choices:
            length = choice.minutes if session.daily is None else session.daily.end - session.daily.start
            length = min(length, 26 * 60)  # by then it is past midnight
            by_choice.append({*range(0, length - 1, self.slot), length - 1})
        for after in sorted(set().union(*by_choice)):
            everywhere = all(after in reached for reached in by_choice)
            for day in range(session.days):
                blocks = (0 if after in reached else None for reached in by_choice)
                yield (day * 24 * 60, after), () if everywhere else tuple(blocks)

    def _cells(self, scenario: Scenario, begin: int, after: int) -> Cells:
        """Return in which slot of which day a minute lies, by the start of its session."""
        calendar = scenario.calendar
        slots: dict[int, tuple[int, int]] = {}
        for day, (midnight, next_midnight) in enumerate(pairwise((*calendar.day_starts, calendar.horizon))):
            for number, minute in enumerate(range(midnight, next_midnight, self.slot)):
                slots[max(midnight, minute - after) - begin] = day, number
        return Cells(slots=tuple(slots), places=tuple(slots.values()))

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the idle or the isolated slots of each day."""
        groups: dict[tuple[str, str, date], set[int]] = {}
        stays: dict[tuple[str, str], list[date]] = {}
        for name in plan.sessions:
            session, event = scenario.sessions[name], name.split(".")[0]
            who = [("persons", person) for person in self.persons if person in session.persons]
            who += [("delegations", one) for one in self.delegations if one in session.delegations]
            who += [("events", event)] if event in self.events else []
            for day, slots in self._days(scenario, plan, name):
                for kind, one in who:
                    stays.setdefault((kind, one), []).append(day)
                    groups.setdefault((kind, one, day), set()).update(slots)
        if self.what == "stay":
            return sum(max(0, (max(days) - min(days)).days - 1) for days in stays.values())
        if self.what == "idle":
            return sum(max(slots) + 1 - min(slots) - len(slots) for slots in groups.values())
        return sum(slot - 1 not in slots and slot + 1 not in slots for slots in groups.values() for slot in slots)

    def _days(self, scenario: Scenario, plan: Plan, name: str) -> Iterable[tuple[date, range]]:
        """Return on which days a session is there, and in which slots of the day; what is past midnight is in none."""
        session, placed, calendar = scenario.sessions[name], plan.sessions[name], scenario.calendar
        for number in range(session.days):
            begin = placed.start.astimezone(UTC) + timedelta(hours=24 * number)
            end = placed.end.astimezone(UTC) - timedelta(hours=24 * (session.days - 1 - number))
            day = begin.astimezone(calendar.timezone).date()
            midnight, length = calendar.midnight(day), timedelta(minutes=self.slot)
            end = min(end, calendar.midnight(day + timedelta(days=1)))
            yield day, range((begin - midnight) // length, (end - timedelta(minutes=1) - midnight) // length + 1)
