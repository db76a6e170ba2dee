"""The scenario's clock: local wall-clock times against whole minutes since the calendar's start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from scheduler.scenario.model import Model
from scheduler.scenario.units import LONGEST_DAYS, Band, Date, Length, Zone, fixed, unusable


class Calendar(Model):
    """When the scenario takes place: first and last day (both included), the zone of its clocks, the grid of starts."""

    timezone: Zone = Field(description="An IANA time zone.")
    start: Date
    end: Date = Field(description="The last day, included.")
    grid: Length = Field(default=5, description="Starts lie on multiples of it, counted from the first midnight.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise unusable(
                f"the calendar ends on {self.end}, before it starts on {self.start}", "the two dates are swapped?"
            )
        if (self.end - self.start).days >= LONGEST_DAYS:
            raise unusable(f"the calendar spans {(self.end - self.start).days + 1} days; {LONGEST_DAYS} are the most")
        return self

    @cached_property
    def origin(self) -> datetime:
        """The first midnight, in UTC: minute 0."""
        return self.midnight(self.start).astimezone(UTC)

    @cached_property
    def horizon(self) -> int:
        """The minute at which the last day ends."""
        return self.minute(self.midnight(self.end + timedelta(days=1)))

    @cached_property
    def day_starts(self) -> tuple[int, ...]:
        """The minute of each midnight of the calendar, one a day, ascending."""
        return tuple(self.minute(self.midnight(day)) for day in self.days())

    def days(self) -> Iterator[date]:
        """Yield each date of the calendar."""
        for offset in range((self.end - self.start).days + 1):
            yield self.start + timedelta(days=offset)

    def midnight(self, day: date) -> datetime:
        """Return the moment a date begins."""
        return self.wall(day, 0)

    def minute(self, moment: datetime) -> int:
        """Return elapsed minutes from the calendar's start to an aware moment; negative before it."""
        return int((moment.astimezone(UTC) - self.origin).total_seconds() // 60)

    def moment(self, minute: int) -> datetime:
        """Return the local wall-clock time of a minute."""
        return fixed((self.origin + timedelta(minutes=minute)).astimezone(self.timezone))

    def band(self, day: date, band: Band) -> tuple[int, int]:
        """Return the minutes at which a time of day begins and ends on ``day``, as the clocks show it."""
        return self.minute(self.wall(day, band.start)), self.minute(self.wall(day, band.end))

    def open_spans(self, band: Band) -> tuple[tuple[int, int], ...]:
        """Return when a place with these daily hours is open, from the evening before the calendar; nights join days."""
        if band not in self._open_spans:
            spans: list[tuple[int, int]] = []
            for day in (self.start - timedelta(days=1), *self.days()):
                begin, end = self.band(day, band)
                if spans and begin <= spans[-1][1]:
                    begin = spans.pop()[0]
                spans.append((begin, end))
            self._open_spans[band] = tuple(spans)
        return self._open_spans[band]

    @cached_property
    def _open_spans(self) -> dict[Band, tuple[tuple[int, int], ...]]:
        return {}

    def wall(self, day: date, minute_of_day: int) -> datetime:
        """Return the moment at which clocks show a time of ``day``; past 1440 it is the next day's.

        A time that comes twice is its first showing; one that is skipped is the moment of the change.
        """
        return _wall(self.timezone, day, minute_of_day)


@lru_cache(maxsize=100_000)
def _wall(timezone: ZoneInfo, day: date, minute_of_day: int) -> datetime:
    shown = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute_of_day)
    early, late = sorted(shown.replace(tzinfo=timezone, fold=fold).astimezone(UTC) for fold in (0, 1))
    moment = early.astimezone(timezone)
    if moment.replace(tzinfo=None) == shown:
        return fixed(moment)
    before = moment.utcoffset()
    while early < late and moment.utcoffset() == before:
        early += timedelta(minutes=1)
        moment = early.astimezone(timezone)
    return fixed(moment)
