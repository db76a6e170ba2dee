"""Minutes through the city's traffic by the time of departure: free roads most of the day, slow ones in a rush.

A link takes the minutes of the period in which it is entered, and one may wait before entering it: until the rush is over,
where that arrives earlier. So whoever enters a link later leaves it no earlier, and the earliest arrivals along ways have
the same property.

What a departure meets is its situation: the rush hours of the next hours, counted from it. The situations of a working day
are those of the next one, and those of a morning rush those of an evening rush of the same length, so that a few dozen
stand for all departures of a calendar. Departures that meet no rush have no situation: they find the roads free.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

import networkx as nx

from scheduler.scenario.cache import kept
from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import DayKind, RushPeriod
from scheduler.scenario.roads import MINUTE, Point

MARK = 5
"""Minutes between the moments at which somebody who could meet a rush departs."""

MARGIN = 2
"""Days before and after the calendar that rush hours are known of, for ways over its ends."""

Spans = Sequence[tuple[int, int]]
"""Half-open spans of minutes, disjoint and ascending."""

Situation = tuple[tuple[int, int], ...]
"""The rush hours that a departure could meet, in minutes from it."""

_VERSION = 1
"""Of what is kept between runs; another number where the same roads and rush hours lead to other minutes."""


def rush_spans(calendar: Calendar, periods: Iterable[RushPeriod], kind: Callable[[date], DayKind]) -> Spans:
    """Return when the roads are slow, in minutes since the calendar's start; ``kind`` says which days are worked."""
    listed = tuple(periods)
    days = (calendar.start + timedelta(days=offset) for offset in range(-MARGIN, _length(calendar) + MARGIN))
    begun = sorted(calendar.band(day, one.daily) for day in days for one in listed if one.on in (None, kind(day)))
    spans: list[tuple[int, int]] = []
    for start, end in begun:
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])
        spans.append((start, end))
    return tuple(span for span in spans if span[0] < span[1])


def _length(calendar: Calendar) -> int:
    return (calendar.end - calendar.start).days + 1


class Traffic:
    """Minutes between the ``stops`` of a graph by situation; ``longest`` is the longest way on free roads, in minutes."""

    def __init__(self, graph: nx.MultiDiGraph[Point], stops: Sequence[Point], spans: Spans, longest: int) -> None:
        self._graph = graph
        self._number = {stop: number for number, stop in enumerate(stops)}
        self._spans = spans
        self._longest = longest

    @property
    def situations(self) -> Mapping[int, int]:
        """The situation of each mark at which a departure, or one that has to wait for the mark, could meet a rush."""
        return self._met[0]

    @cached_property
    def _met(self) -> tuple[dict[int, int], list[Situation]]:
        """The number of the situation at each such mark, and what it is."""
        horizon = self._horizon() if self._spans else 0
        marks: dict[int, int] = {}
        numbers: dict[Situation, int] = {}
        for start, end in self._spans:
            first = (start - self._longest) // MARK * MARK + MARK
            for mark in range(first, end + MARK - 1, MARK):
                if mark not in marks:
                    marks[mark] = numbers.setdefault(self._ahead(mark, horizon), len(numbers))
        return marks, list(numbers)

    def by_situation(self, origin: Point, destination: Point) -> memoryview[int]:
        """Return the minutes of a way that exists, from its departure at a mark, by situation."""
        stops = len(self._number)
        return self._table[self._number[origin] * stops + self._number[destination] :: stops * stops]

    def _ahead(self, mark: int, horizon: int) -> Situation:
        """Return the rush hours from a mark on, counted from it; beyond the horizon nobody is on the road any more."""
        first = bisect_right(self._spans, mark, key=lambda span: span[1])
        last = bisect_left(self._spans, mark + horizon, key=lambda span: span[0])
        return tuple((max(start - mark, 0), min(end - mark, horizon)) for start, end in self._spans[first:last])

    def _horizon(self) -> int:
        """Return the minutes after which everybody has arrived: those of the longest way if the rush never ended."""
        ways = (nx.single_source_dijkstra_path_length(self._graph, stop, weight="slow") for stop in self._number)
        return -(-int(max((way.get(stop, 0) for way in ways for stop in self._number), default=0)) // MINUTE)

    @cached_property
    def _table(self) -> memoryview[int]:
        """The minutes by situation, origin and destination, in rows one after another; -1 where there is no way."""
        index = {point: number for number, point in enumerate(self._graph)}
        links = [
            (index[a], index[b], edge["free"], edge["slow"] - edge["free"]) for a, b, edge in self._graph.edges(data=True)
        ]
        stops, situations = [index[stop] for stop in self._number], self._met[1]

        def work_out() -> bytes:
            from scheduler.scenario.earliest import earliest_minutes  # numpy, which most commands do without

            return earliest_minutes(links, stops, situations)

        key = repr((_VERSION, sys.byteorder, len(index), links, stops, situations))
        return memoryview(kept("travel", key, work_out)).cast("i")
