"""The roads of Beijing: everything has its source, everybody gets everywhere, and published distances come out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from scheduler.errors import Issue
from scheduler.scenario.cache import SWITCH
from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import Network, RoadLink
from scheduler.scenario.include import read_with_includes
from scheduler.scenario.merge import plain
from scheduler.scenario.roads import network_problems
from scheduler.scenario.travel import Travel

CITY = Path(__file__).parents[1] / "scenarios" / "beijing" / "city.yaml"
MORNING = 8 * 60
"""Eight o'clock on the first day, in the morning rush."""


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work the ways out here, whatever an earlier run left in the user's cache."""
    monkeypatch.setenv(SWITCH, "off")


@cache
def city() -> dict[str, Any]:
    issues: list[Issue] = []
    tree: dict[str, Any] = plain(read_with_includes(CITY, issues))
    assert not issues
    return tree


@cache
def network() -> Network:
    return Network.model_validate(city()["network"])


@pytest.fixture(scope="module")
def travel() -> Travel:
    """The ways between all nodes on a working Monday, under the nodes' names."""
    calendar = Calendar.model_validate({"timezone": "Asia/Shanghai", "start": "2023-10-16", "end": "2023-10-16"})
    assert date(2023, 10, 16).weekday() == 0
    return Travel({}, network(), {node: node for node in network().nodes}, calendar)


def graph_of(links: Iterable[RoadLink]) -> nx.Graph[str]:
    """Return links as a graph of their nodes."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((link.between[0], link.between[1]) for link in links)
    return graph


def straight_km(a: str, b: str) -> float:
    """Return the great-circle distance between two nodes."""
    (north_a, east_a), (north_b, east_b) = (tuple(map(radians, network().nodes[node].at)) for node in (a, b))
    half = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


# What stands in the file


@pytest.mark.parametrize("kind", ["classes", "corridors", "nodes", "links"])
def test_everything_of_the_network_has_a_source(kind: str) -> None:
    for name, row in city()["network"][kind].items():
        assert row["source"], name
        assert set(row["source"]) <= city()["sources"].keys(), name
        assert kind == "corridors" or row["basis"] in ("published", "estimate"), name


def test_every_venue_and_hotel_stands_at_a_node_of_its_own_and_gets_everywhere() -> None:
    places = {(kind, name): place["node"] for kind in ("venues", "hotels") for name, place in city()[kind].items()}
    assert len(places) == len(set(places.values()))
    assert list(network_problems(network(), {(*path,): node for path, node in places.items()})) == []
    graph = graph_of(network().links.values())
    assert set(graph) == set(network().nodes)
    assert nx.is_connected(graph)


@pytest.mark.parametrize(
    ("road", "published"),
    [("2nd Ring Road", 32.7), ("3rd Ring Road", 48.0), ("4th Ring Road", 65.3)],  # RING
)
def test_a_ring_is_closed_and_as_long_as_published(road: str, published: float) -> None:
    links = [link for link in network().links.values() if link.road == road]
    ring = graph_of(links)
    assert nx.is_connected(ring)
    assert {degree for _, degree in ring.degree} == {2}
    assert sum(link.length for link in links) / 1000 == pytest.approx(published, rel=0.01)
    assert {link.basis for link in links} == {"published"}


def links_of(corridor: str) -> list[RoadLink]:
    return [link for link in network().links.values() if link.corridor == corridor]


@pytest.mark.parametrize("corridor", ["airport", "changan", "jingcheng", "daxing", "east-ring-2"])
def test_a_corridor_is_one_stretch_of_road(corridor: str) -> None:
    assert network().corridors[corridor].name.zh
    assert nx.is_connected(graph_of(links_of(corridor)))


def test_every_corridor_has_links() -> None:
    assert {link.corridor for link in network().links.values()} - {None} == set(network().corridors)


def test_no_road_is_shorter_than_the_straight_line_nor_much_longer() -> None:
    for name, link in network().links.items():
        straight = straight_km(*link.between)
        # points are good to some hundred metres
        assert 0.97 * straight <= link.length / 1000 <= 1.45 * straight + 0.4, name


# Distances and times that are published


@pytest.mark.parametrize(
    ("origin", "destination", "published"),
    [
        ("cncc1", "pek", 26),  # CN1A, by road
        ("bicc", "pek", 20),  # BIC
        ("bicc", "changan-tiananmen", 9),  # BIC, to the centre of the city
        ("pkx", "changan-tiananmen", 46),  # PKXEXP, to the centre, about the straight line
        ("pek", "pkx", 67),  # a low-quality page, about the straight line
        ("yanqi-island", "changan-tiananmen", 50),  # YQI, "about", and less than the straight line
    ],
)
def test_published_distances_come_out(travel: Travel, origin: str, destination: str, published: float) -> None:
    """A way is no shorter than published, nor more than 30 % longer than that or, where that is more, the straight line."""
    driven = travel.route(origin, destination).metres / 1000
    assert 0.99 * published <= driven <= 1.3 * max(published, straight_km(origin, destination))


@pytest.mark.parametrize(
    ("origin", "destination", "published", "beyond"),
    [
        ("cncc1", "pek", 30, 0),  # CN1A
        ("yanqi-island", "changan-tiananmen", 60, 0),  # YQI, an hour by car
        ("pek", "pkx", 90, 30),  # a low-quality page; our rush is faster
    ],
)
def test_published_minutes_lie_between_free_roads_and_rush(
    travel: Travel, origin: str, destination: str, published: int, beyond: int
) -> None:
    free, rush = travel.minutes(origin, destination), travel.unescorted(origin, destination, MORNING)
    assert free is not None
    assert rush is not None
    assert free <= published <= rush * (1 + beyond / 100)


@pytest.mark.parametrize(
    ("origin", "destination", "metres", "free", "rush"),
    [
        ("pek-vip", "diaoyutai", 35_200, 32, 55),
        ("pek-vip", "yanqi-island", 51_300, 40, 50),
        ("pek-vip", "shougang", 55_100, 44, 70),
        ("pek-vip", "financial-street", 33_400, 30, 50),
        ("pkx", "ghop", 51_100, 39, 63),
        ("pkx", "yanqi-island", 125_200, 85, 117),
        ("diaoyutai", "ghop", 6_300, 9, 17),
        ("diaoyutai", "yanqi-island", 74_700, 58, 88),
        ("ghop", "yanqi-island", 71_000, 55, 78),
        ("cncc1", "ghop", 15_100, 18, 34),
        ("cncc1", "yanqi-island", 62_300, 46, 62),
        ("ciec-shunyi", "diaoyutai", 34_800, 35, 67),
        ("embassy-zone-3", "ghop", 12_800, 15, 27),
        ("dahongmen", "zgc-innovation", 25_000, 27, 56),
    ],
)
def test_ways_across_the_city(travel: Travel, origin: str, destination: str, metres: int, free: int, rush: int) -> None:
    """``free`` and ``rush`` are the minutes of the way that is fastest on free roads; in a rush others may be faster."""
    assert travel.route(origin, destination).metres == pytest.approx(metres, abs=200)
    assert travel.minutes(origin, destination) == pytest.approx(free, abs=1)
    slow = travel.unescorted(origin, destination, MORNING)
    assert slow is not None
    assert free <= slow <= rush + 1
    assert travel.unescorted(origin, destination, 12 * 60) == travel.minutes(origin, destination)


def test_the_guest_of_a_state_visit_comes_by_the_airport_corridor(travel: Travel) -> None:
    route = travel.route("pek-vip", "diaoyutai")
    assert route.corridors == ("airport",)
    assert route.roads[0] == "Airport Expressway (S12)"
    assert sum(network().links[link].length for link in route.links) == route.metres
    ends = [set(network().links[link].between) for link in route.links]
    assert all(a & b for a, b in pairwise(ends))
    assert travel.route("pek-vip", "yanqi-island").corridors == ("airport", "jingcheng")
    assert "changan" in travel.route("embassy-zone-1", "ghop").corridors
