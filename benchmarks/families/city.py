"""The city as a planter sees it: what a hall takes, when it is open, how long a way is.

Minutes count from the calendar's start.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from scheduler.load import load
from scheduler.scenario.scenario import Bookable, Scenario

DAY = 24 * 60
GRADES = {"G1": 360, "G2": 120, "G3": 30}
"""Minutes of the sweep of each grade; G1 is escorted."""
_ANY = """\
schema: 1
id: city
include: ["beijing:city"]
calendar: {{timezone: Asia/Shanghai, start: {start}, end: {end}, grid: 15 min}}
grades: {{G1: {{sweep: 6 h, escorted: true}}, G2: {{sweep: 2 h}}, G3: {{sweep: 30 min}}}}
events: {{any: {{grade: G3, sessions: {{any: {{duration: 1 h}}}}}}}}
"""


class City:
    """The library of Beijing over the days of one calendar."""

    def __init__(self, start: date, end: date) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "city.yaml"
            path.write_text(_ANY.format(start=start, end=end), encoding="utf-8")
            self.scenario: Scenario = load(path).scenario
        self.start = start
        self.days = (end - start).days + 1
        self.minutes = lru_cache(maxsize=None)(self._minutes)
        self.near = lru_cache(maxsize=None)(self._near)
        self.turnover = lru_cache(maxsize=None)(self._turnover)
        self.fit = lru_cache(maxsize=None)(self._fit)
        """Which halls seat so many people in a layout, have what is needed and are cleared, the smallest first."""

    @cached_property
    def halls(self) -> dict[str, Bookable]:
        """Every hall that is not closed for the whole calendar."""
        shut = {name for name, spans in self.closed.items() if any(a <= 0 and b >= self.days * DAY for a, b in spans)}
        return {name: hall for name, hall in self.scenario.bookables.items() if name not in shut}

    @cached_property
    def closed(self) -> dict[str, list[tuple[int, int]]]:
        """When each hall cannot be taken: before it opens, after it closes, in closures and blackouts."""
        minute, midnight = self.scenario.calendar.minute, self.scenario.calendar.midnight
        horizon = self.days * DAY
        found: dict[str, list[tuple[int, int]]] = {}
        for name, hall in self.scenario.bookables.items():
            spans = []
            for dated in hall.dated:
                if dated.opens:
                    spans.append((-horizon, minute(midnight(dated.opens))))
                if dated.closes:
                    spans.append((minute(midnight(dated.closes + timedelta(days=1))), 2 * horizon))
                spans += [(minute(closure.from_), minute(closure.to)) for closure in dated.closures.values()]
            for blackout in self.scenario.file.blackouts.values():
                if hall.venue in blackout.venues:
                    end = midnight(blackout.to + timedelta(days=1))
                    spans.append((minute(midnight(blackout.from_)), minute(end)))
            found[name] = [(begin, end) for begin, end in spans if end > -2 * DAY and begin < horizon + 2 * DAY]
        return found

    def is_open(self, hall: str, start: int, end: int, lead: int, tail: int) -> bool:
        """Return whether a hall can be taken from ``lead`` before the start of a session to ``tail`` after its end."""
        band = self.scenario.venues[self.scenario.bookables[hall].venue].hours
        if band is not None and not (band.start <= start % DAY and (end - 1) % DAY + 1 <= band.end):
            return False
        return all(until <= start - lead or end + tail <= begin for begin, until in self.closed[hall])

    def _minutes(self, origin: str, destination: str) -> int:
        return self.scenario.travel.minutes(origin, destination) or 0

    def way(self, origin: str, destination: str, leave: int, *, escorted: bool) -> int:
        """Return the minutes from one venue to another for who leaves at a minute."""
        if origin == destination or escorted:
            return self.minutes(origin, destination)
        return self.scenario.travel.unescorted(origin, destination, leave) or 0

    def _near(self, venue: str, other: str, metres: int) -> bool:
        away = self.scenario.distance(venue, other)
        return away is not None and away <= metres

    def _turnover(self, hall: str, other: str, layout: str | None, next_layout: str | None, event_stays: bool) -> int:
        tables = (*self.halls[hall].turnovers, *self.halls[other].turnovers)
        return max(table.minutes(layout, next_layout, event_stays) for table in tables)

    def worked(self, day: int) -> bool:
        """Return whether a day of the calendar is worked."""
        return self.scenario.kind_of_day(self.date(day)) == "workdays"

    def date(self, day: int) -> date:
        """Return the date of a day, from 0."""
        return self.start + timedelta(days=day)

    def _fit(self, layout: str, people: int, needs: tuple[str, ...], grade: str) -> tuple[str, ...]:
        fitting = []
        for name, hall in self.halls.items():
            seats = hall.seats.get(layout, 0)
            if seats >= people and hall.features.issuperset(needs) and grade >= hall.clearance:
                fitting.append((seats, name))
        return tuple(name for _, name in sorted(fitting))
