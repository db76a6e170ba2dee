from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Band,
    Candidates,
    Distinct,
    Goal,
    Minutes,
    PlacementPrice,
    Plan,
    Scenario,
    SessionRef,
    Slope,
    Term,
    TimeOfDay,
)

_DAY = 24 * 60

_HOURS = (Band(7 * 60, 9 * 60), Band(17 * 60, 19 * 60))
"""Of the rush, where the goal does not say them."""


class RushHour(Goal):
    """Leave the city its rush hours: the minutes of workday rush in which people come to a session or leave it.

    Planners need it because a motorcade or a hundred cars at half past eight stop a city that has to get to work. People
    come in the ``wave`` before a session starts and leave in the ``wave`` after it ends (of several days: each day, by
    the daily hours). Of these minutes those count that lie in ``hours`` of a workday; with ``per-vehicle`` as many times
    as the session has ``vehicles``. An absent session counts nothing. The figure is in minutes, or in minutes of a
    vehicle.

        goals:
          city: {goal: rush-hour, tier: 3, hours: [07:00-09:00, 17:00-19:00], wave: 40 min, per-vehicle: true}

    Without ``sessions: [visit.arrival, …]`` it speaks of all.
    """

    family = "rush-hour"
    unit = "minutes"

    hours: Annotated[Distinct[TimeOfDay], Field(min_length=1)] = Field(default_factory=lambda: [*_HOURS])
    wave: Annotated[Minutes, Field(ge=1, le=12 * 60)] = 30
    per_vehicle: bool = False
    sessions: Annotated[Distinct[SessionRef], Field(min_length=1)] | None = None

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price the start of each session by the rush that coming people meet, its end by the rush of leaving ones."""
        met, edges = _met_before(rush := scenario.on_workdays(self.hours)), [edge for span in rush for edge in span]
        found: dict[tuple[int, tuple[tuple[int, int], ...]], tuple[Slope, ...]] = {}
        for name in scenario.sessions if self.sessions is None else self.sessions:
            session = scenario.sessions[name]
            times = session.vehicles if self.per_vehicle else 1
            days = range(session.days)
            coming = tuple((day * _DAY - self.wave, day * _DAY) for day in days)
            leaving = tuple((-day * _DAY, self.wave - day * _DAY) for day in days)
            for waves, at_end in ((coming, False), (leaving, True)):
                if (times, waves) not in found:
                    found[times, waves] = self._slopes(scenario, times, waves, edges, met)
                slopes = found[times, waves]
                if any(slope.price or slope.per_minute for slope in slopes):
                    number = candidates.numbers[name]
                    yield PlacementPrice(rule=self.id, price=self.price, session=number, slopes=slopes, at_end=at_end)

    def _slopes(
        self,
        scenario: Scenario,
        times: int,
        waves: tuple[tuple[int, int], ...],
        edges: list[int],
        met: Callable[[int], int],
    ) -> tuple[Slope, ...]:
        """Return the minutes of rush in waves that begin and end so long after a moment, by that moment.

        It is straight from one moment at which a wave touches an edge of the rush to the next.
        """
        touching = {edge - offset for edge in edges for wave in waves for offset in wave}
        slopes: list[Slope] = []
        for moment in sorted({0, *(moment for moment in touching if 0 < moment <= scenario.calendar.horizon)}):
            here, then = (
                times * sum(met(minute + end) - met(minute + begin) for begin, end in waves)
                for minute in (moment, moment + 1)
            )
            if not slopes or slopes[-1].price + slopes[-1].per_minute * (moment + 1 - slopes[-1].begin) != then:
                slopes.append(Slope(moment, here, then - here))
        return tuple(slopes)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Count the minutes of rush in which people come or leave, one by one."""
        total = 0
        for name, placed in plan.sessions.items():
            if self.sessions is not None and name not in self.sessions:
                continue
            event, _, entry = name.partition(".")
            said = scenario.events[event].sessions[entry]
            times = said.vehicles if self.per_vehicle else 1
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            for day in range(said.days):
                comes = start + timedelta(hours=24 * day)
                leaves = end - timedelta(hours=24 * (said.days - 1 - day))
                for minute in range(self.wave):
                    moments = comes - timedelta(minutes=minute + 1), leaves + timedelta(minutes=minute)
                    total += times * sum(self._is_rush(scenario, moment) for moment in moments)
        return total

    def _is_rush(self, scenario: Scenario, moment: datetime) -> bool:
        """Return whether a moment lies in the rush hours of its day, or of the day before past midnight."""
        return any(
            scenario.calendar.wall(day, band.start) <= moment < scenario.calendar.wall(day, band.end)
            for day in self._days(scenario, moment)
            for band in self.hours
        )

    @staticmethod
    def _days(scenario: Scenario, moment: datetime) -> Iterator[date]:
        today = moment.astimezone(scenario.calendar.timezone).date()
        for day in (today - timedelta(days=1), today):
            if scenario.kind_of_day(day) == "workdays":
                yield day


def _met_before(rush: list[tuple[int, int]]) -> Callable[[int], int]:
    """Return how to tell the minutes of all rush before a minute."""
    begins = [begin for begin, _ in rush]
    before = [0]
    for begin, end in rush:
        before.append(before[-1] + end - begin)

    def met(minute: int) -> int:
        running = bisect_right(begins, minute) - 1
        return before[running] + min(minute, rush[running][1]) - rush[running][0] if running >= 0 else 0

    return met
