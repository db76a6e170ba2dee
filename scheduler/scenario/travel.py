"""Minutes from place to place: with a motorcade, for which the road is cleared, and without one, in the city's traffic.

A place is a venue or a hotel, by its id. Both kinds of minutes obey the triangle inequality: no detour over a third place
is shorter than the direct way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from math import ceil

import networkx as nx

from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import DayKind, Network
from scheduler.scenario.roads import MINUTE, Point, Road, Table, graph_of, point_of
from scheduler.scenario.traffic import MARK, Spans, Traffic, rush_spans


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a motorcade: links, roads and corridors in the order in which it takes them, and its metres."""

    links: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    corridors: tuple[str, ...] = ()
    metres: int = 0


class Travel:
    """The ways between places, over the roads of the network and the rows of the table of minutes.

    ``nodes`` says at which node of the network a place stands, ``kind`` which days are worked; without a calendar there are
    no rush hours. A row of the table is one more road between its two places, and takes its minutes with and without a
    motorcade and at all hours. Everything is worked out on first use.
    """

    def __init__(
        self,
        table: Table,
        network: Network | None = None,
        nodes: Mapping[str, str] | None = None,
        calendar: Calendar | None = None,
        kind: Callable[[date], DayKind] = lambda day: "workdays",
    ) -> None:
        self._graph = graph_of(table, network, nodes or {})
        self._nodes = dict(nodes or {})
        self._network, self._calendar, self._kind = network, calendar, kind
        listed = [*self._nodes, *table, *(place for row in table.values() for place in row)]
        self._stops = tuple(dict.fromkeys(point for place in listed if (point := self._point(place)) in self._graph))
        self._from: dict[Point, dict[Point, int]] = {}
        self._paths: dict[Point, dict[Point, list[Point]]] = {}
        self._routes: dict[tuple[str, str], Route] = {}
        self._waits = lru_cache(maxsize=8)(self._waits_of)

    def minutes(self, origin: str, destination: str) -> int | None:
        """Return the minutes with a motorcade, at all hours; 0 within one place or node, None where no way is known.

        They are those of the fastest way on free roads, rounded up to whole minutes.
        """
        a, b = self._point(origin), self._point(destination)
        return 0 if a == b else self._free(a).get(b)

    def unescorted(self, origin: str, destination: str, minute: int) -> int | None:
        """Return the minutes from a departure without a motorcade to the arrival; None where no way is known.

        ``minute`` counts from the calendar's start, as ``Calendar.minute`` does. Who could meet a rush leaves at the next
        mark of ``MARK`` minutes, and the wait for it is counted; who meets none takes the minutes of a motorcade.

        Leaving earlier never arrives later, and no way over a third place arrives earlier than the direct one. Arrivals on
        the road, earliest(t), have both properties, since each link keeps the order of those who enter it (Traffic). Both
        survive that an arrival is up(earliest(mark(t))) or, where it is up(earliest(t)), lies outside any rush:

        - up (to the minute) and mark (to the mark) never swap two moments, so that order is kept among arrivals of either
          kind. Between the kinds: whether a moment waits for its mark is decided for all moments that wait for the same
          mark together. So where t waits and a later t' does not, mark(t) <= t', and up(earliest(mark(t))) <=
          up(earliest(t')); where t does not wait, up(earliest(t)) <= up(earliest(mark(t'))) for all later t'.
        - let u be the arrival at the third place. Whatever way it was found, u >= earliest(s) with s the moment at which
          the direct way leaves too, t or mark(t). The rest arrives no earlier than up(earliest(u)), and so no earlier than
          the direct way from s, of which the detour is one candidate.
        """
        free = self.minutes(origin, destination)
        if not free:
            return free
        mark = -(-minute // MARK) * MARK
        situation = self._traffic.situations.get(mark)
        if situation is None:
            return free
        return mark - minute + self._traffic.by_situation(self._point(origin), self._point(destination))[situation]

    def most_delay(self, origin: str, destination: str) -> int:
        """Return minutes that no departure without a motorcade takes on top of ``minutes``; 0 where there is no rush."""
        if self._network is None or not self._network.periods:
            return 0
        slowest = max((kind.rush for kind in self._network.classes.values()), default=1.0)
        return ceil((self.minutes(origin, destination) or 0) * (slowest - 1)) + MARK

    def minutes_leaving(self, origin: str, destination: str, moment: datetime) -> int | None:
        """Return ``unescorted`` for a departure at an aware moment."""
        minute = self._calendar.minute(moment) if self._calendar else 0
        return self.unescorted(origin, destination, minute)

    def departures(self, origin: str, destination: str, minutes: range) -> list[int] | None:
        """Return ``unescorted`` for each of many departures; much faster than asking one by one."""
        free = self.minutes(origin, destination)
        if free is None:
            return None
        found = [free] * len(minutes)
        waits = self._waits(minutes) if free else ()
        if waits:
            takes = self._traffic.by_situation(self._point(origin), self._point(destination))
            for position, wait, situation in waits:
                found[position] = wait + takes[situation]
        return found

    def route(self, origin: str, destination: str) -> Route:
        """Return the way of a motorcade; an empty one within a place, or where no way over roads is known."""
        if (origin, destination) not in self._routes:
            self._routes[origin, destination] = self._route(origin, destination)
        return self._routes[origin, destination]

    def _route(self, origin: str, destination: str) -> Route:
        a, b = self._point(origin), self._point(destination)
        if a not in self._graph or b not in self._graph or self.minutes(origin, destination) is None:
            return Route()
        driven = [self._fastest(*pair) for pair in pairwise(self._paths_from(a)[b])]
        return Route(
            links=tuple(road.link for road in driven if road.link),
            roads=_in_turn(road.name for road in driven),
            corridors=tuple(dict.fromkeys(road.corridor for road in driven if road.corridor)),
            metres=sum(road.metres for road in driven),
        )

    def _fastest(self, a: Point, b: Point) -> Road:
        """Return the fastest of the edges between two neighbours, the first in the file where several are."""
        edges = self._graph.get_edge_data(a, b)
        road: Road = min(edges.values(), key=lambda edge: edge["free"])["road"]
        return road

    def _paths_from(self, origin: Point) -> dict[Point, list[Point]]:
        """Return the fastest ways on free roads from a point to all it leads to."""
        if origin not in self._paths:
            self._paths[origin] = nx.single_source_dijkstra_path(self._graph, origin, weight="free")
        return self._paths[origin]

    def _point(self, place: str) -> Point:
        return point_of(place, self._nodes)

    def _free(self, origin: Point) -> dict[Point, int]:
        """Return the minutes on free roads from a point to all it leads to."""
        if origin not in self._from:
            if origin not in self._graph:
                return {}
            found = nx.single_source_dijkstra_path_length(self._graph, origin, weight="free")
            self._from[origin] = {point: -(-int(time) // MINUTE) for point, time in found.items()}
        return self._from[origin]

    @cached_property
    def _traffic(self) -> Traffic:
        spans: Spans = ()
        if self._network and self._calendar:
            spans = rush_spans(self._calendar, self._network.periods.values(), self._kind)
        longest = 0
        if spans:
            longest = max((self._free(a).get(b, 0) for a in self._stops for b in self._stops), default=0)
        return Traffic(self._graph, self._stops, spans, longest)

    def _waits_of(self, minutes: range) -> tuple[tuple[int, int, int], ...]:
        """Return which of many departures could meet a rush, as position, wait for the next mark, and situation."""
        waits = ((position, -minute % MARK, minute) for position, minute in enumerate(minutes))
        situations = self._traffic.situations
        return tuple(
            (position, wait, situations[minute + wait]) for position, wait, minute in waits if minute + wait in situations
        )


def _in_turn(names: Iterable[str | None]) -> tuple[str, ...]:
    """Return the names that come one after another, each stretch of the same one once."""
    return tuple(name for name, _ in groupby(names) if name is not None)
