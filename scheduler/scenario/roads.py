"""The ways of a scenario as one graph: the links of the road network, and the rows of the table of minutes.

Times on the graph are whole milliseconds, rounded down link by link: sums are then exact, whatever their order, and a way
of three links that take 40 seconds each takes 2 minutes, not a hair more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import networkx as nx

from scheduler.errors import nearest
from scheduler.scenario.city import Network, RoadClass, RoadLink
from scheduler.scenario.units import duration_text

MINUTE = 60_000
"""Milliseconds."""

LONGEST_LINK = 24 * 60
"""Minutes that one link may take in a rush: more is a slip of the pen."""

Table = Mapping[str, Mapping[str, int]]
"""Minutes from place to place; one direction stands for both where the other is not given."""

Point = tuple[str, str]
"""A point of the graph: ``("node", id)``, or ``("place", id)`` for a place that stands at no node of the network."""

Path = tuple[str | int, ...]


class Road(NamedTuple):
    """What an edge of the graph is: a link of the network, or a row of the table, which has no id."""

    link: str = ""
    corridor: str | None = None
    name: str | None = None
    metres: int = 0


def point_of(place: str, nodes: Mapping[str, str]) -> Point:
    """Return where a place stands; ``nodes`` gives the nodes of those places that stand at one."""
    return ("node", nodes[place]) if place in nodes else ("place", place)


def graph_of(table: Table, network: Network | None, nodes: Mapping[str, str]) -> nx.MultiDiGraph[Point]:
    """Return the graph; an edge takes ``free`` milliseconds, ``slow`` ones where it is entered in a rush."""
    graph: nx.MultiDiGraph[Point] = nx.MultiDiGraph()
    for link_id, link in network.links.items() if network else ():
        if network and link.class_ in network.classes:
            free, slow = _milliseconds(link, network.classes[link.class_])
            a, b = (("node", node) for node in link.between)
            road = Road(link_id, link.corridor, link.road, link.length)
            graph.add_edge(a, b, free=free, slow=slow, road=road)
            graph.add_edge(b, a, free=free, slow=slow, road=road)
    for origin, destination, minutes in _rows(table):
        a, b, time = point_of(origin, nodes), point_of(destination, nodes), minutes * MINUTE
        graph.add_edge(a, b, free=time, slow=time, road=Road())
    return graph


def _milliseconds(link: RoadLink, kind: RoadClass) -> tuple[int, int]:
    """Return how long a link takes, free and in a rush."""
    free = int(link.length * 3_600 / kind.speed)
    return free, max(free, int(free * kind.rush))


def _rows(table: Table) -> Iterator[tuple[str, str, int]]:
    for origin, row in table.items():
        for destination, minutes in row.items():
            yield origin, destination, minutes
            if origin not in table.get(destination, {}):
                yield destination, origin, minutes


def network_problems(
    network: Network, places: Mapping[Path, str], table: Table | None = None
) -> Iterator[tuple[Path, str, str]]:
    """Yield what does not hold together in a network, as path, message and hint.

    ``places`` gives the node of each place by the place's path, as in ``("venues", "ghop")``. Every place is to be
    reached from every other, be it over a row of the table; that is looked into once the links are in order.
    """
    dangling = [
        problem
        for link_id, link in network.links.items()
        for problem in _link_problems(("network", "links", link_id), link, network)
    ]
    yield from dangling
    for path, node in places.items():
        if node not in network.nodes:
            yield (*path, "node"), f"there is no node {node!r}", nearest(node, network.nodes)
    if not dangling:
        known = {path: node for path, node in places.items() if node in network.nodes}
        yield from _cut_off(known, graph_of(table or {}, network, {str(path[-1]): node for path, node in known.items()}))


def _link_problems(path: Path, link: RoadLink, network: Network) -> Iterator[tuple[Path, str, str]]:
    for index, node in enumerate(link.between):
        if node not in network.nodes:
            yield (*path, "between", index), f"there is no node {node!r}", nearest(node, network.nodes)
    if link.between[0] == link.between[1]:
        yield (*path, "between"), f"this link leads from {link.between[0]} to itself", "name the nodes at its two ends."
    if link.corridor is not None and link.corridor not in network.corridors:
        yield (*path, "corridor"), f"there is no corridor {link.corridor!r}", nearest(link.corridor, network.corridors)
    if link.class_ not in network.classes:
        yield (*path, "class"), f"there is no class {link.class_!r}", nearest(link.class_, network.classes)
        return
    kind = network.classes[link.class_]
    _, slow = _milliseconds(link, kind)
    if slow > LONGEST_LINK * MINUTE:
        takes = duration_text(slow // MINUTE)
        message = f"{link.length / 1000:g} km at {kind.speed:g} km/h, in a rush {kind.rush:g} times as long, take {takes}"
        yield (*path, "length"), message, f"a link takes {duration_text(LONGEST_LINK)} at most; a unit is mistaken?"


def _cut_off(places: Mapping[Path, str], graph: nx.MultiDiGraph[Point]) -> Iterator[tuple[Path, str, str]]:
    """Yield the places that cannot be reached from the part of the network where most of them are."""
    graph.add_nodes_from(("node", node) for node in places.values())
    part_of = {point: number for number, part in enumerate(nx.weakly_connected_components(graph)) for point in part}
    parts: dict[int, list[Path]] = {}
    for path, node in places.items():
        parts.setdefault(part_of["node", node], []).append(path)
    main = max(parts.values(), key=len, default=[])
    for paths in parts.values():
        for path in paths if paths is not main else ():
            message = f"no road leads from {main[0][-1]} to {path[-1]}"
            yield (*path, "node"), message, f"a link to the node {places[path]!r} is missing?"
