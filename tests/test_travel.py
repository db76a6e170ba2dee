"""Ways between places: with a motorcade and through traffic, by hand and against a clockwork; and what is kept of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.scenario import cache
from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import DayKind, Network
from scheduler.scenario.roads import network_problems
from scheduler.scenario.traffic import MARK, rush_spans
from scheduler.scenario.travel import Route, Travel

MONDAY = date(2023, 10, 16)
SATURDAY = date(2023, 10, 21)
RUSH = {"morning": {"on": "workdays", "daily": "07:00-09:30"}, "evening": {"on": "workdays", "daily": "17:00-19:30"}}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep results in a folder of the test's own; return it."""
    folder = tmp_path_factory.mktemp("caches")
    monkeypatch.setenv("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", str(folder))
    monkeypatch.delenv(cache.SWITCH, raising=False)
    return folder / "diplomatic-scheduler"


def calendar_of(start: date = MONDAY, days: int = 6, zone: str = "Asia/Shanghai") -> Calendar:
    said = {"timezone": zone, "start": start, "end": start + timedelta(days=days - 1)}
    return Calendar.model_validate(said)


def kind_of(day: date) -> DayKind:
    return "days-off" if day.weekday() >= 5 else "workdays"


def network_of(
    *links: str, periods: Mapping[str, Any] | None = None, classes: Mapping[str, tuple[float, float]] | None = None
) -> Network:
    """Return a network from links like ``a b 3 km street``; classes are km/h and how much a rush slows them."""
    kinds = classes or {"street": (60, 2), "motorway": (120, 1.5), "alley": (30, 1)}
    ends = dict.fromkeys(end for link in links for end in link.split()[:2])
    said = {
        "classes": {name: {"speed": f"{speed} km/h", "rush": rush} for name, (speed, rush) in kinds.items()},
        "periods": RUSH if periods is None else periods,
        "nodes": {end: {"name": end, "at": [39.9, 116.4]} for end in ends},
        "links": {
            f"l{number}": {"between": [a, b], "length": f"{length} {unit}", "class": kind, "road": f"{kind} {number}"}
            for number, (a, b, length, unit, kind) in enumerate(link.split() for link in links)
        },
    }
    return Network.model_validate(said)


def travel_of(
    network: Network, calendar: Calendar | None = None, table: Mapping[str, Mapping[str, int]] | None = None
) -> Travel:
    """Return the ways between places that stand at all nodes, under their names."""
    return Travel(table or {}, network, {node: node for node in network.nodes}, calendar or calendar_of(), kind_of)


def minute(clock: str, day: int = 0) -> int:
    hours, minutes = clock.split(":")
    return day * 1440 + int(hours) * 60 + int(minutes)


# The table alone: small scenarios


def test_the_table_stands_for_both_directions_and_takes_the_shortest_way() -> None:
    travel = Travel({"a": {"b": 10, "c": 40}, "b": {"c": 12}, "c": {"b": 20}})
    assert [travel.minutes(*way) for way in ("ab", "ba", "ac", "bc", "cb", "ca")] == [10, 10, 22, 12, 20, 30]
    assert travel.minutes("a", "a") == travel.minutes("nowhere", "nowhere") == 0
    assert travel.minutes("a", "nowhere") is travel.minutes("nowhere", "a") is None


def test_the_table_holds_at_all_hours_and_without_a_motorcade() -> None:
    travel = Travel({"a": {"b": 7}}, None, {}, calendar_of(), kind_of)
    assert {travel.unescorted("a", "b", at) for at in range(0, 1440, 7)} == {7}
    assert travel.departures("a", "b", range(480, 490)) == [7] * 10
    assert travel.minutes_leaving("a", "b", datetime.fromisoformat("2023-10-16T08:01+08:00")) == 7
    assert Travel({"a": {"b": 7}}).minutes_leaving("a", "b", datetime.fromisoformat("2023-10-16T08:01+08:00")) == 7
    assert travel.unescorted("a", "nowhere", 480) is None
    assert travel.departures("a", "nowhere", range(5)) is None
    assert travel.route("a", "b") == Route()


# Free roads, by hand


def test_a_motorcade_takes_the_fastest_free_way_rounded_up() -> None:
    # a to c: 3 + 2 = 5 minutes over b, 6 direct; b to d: 1200 m at 60 km/h are 1.2 minutes
    travel = travel_of(network_of("a b 3 km street", "b c 4 km motorway", "a c 6 km street", "b d 1200 m street"))
    assert [travel.minutes(*way) for way in ("ab", "bc", "ac", "ca", "bd", "ad")] == [3, 2, 5, 5, 2, 5]
    assert travel.route("a", "c") == Route(("l0", "l1"), ("street 0", "motorway 1"), (), 7000)
    assert travel.route("a", "a") == Route()


def test_times_add_up_exactly() -> None:
    # three times 40 seconds are two minutes, seven times a seventh of six minutes are six
    assert (
        travel_of(network_of(*(f"{a} {b} 1 km fast" for a, b in pairwise("abcd")), classes={"fast": (90, 1)})).minutes(
            "a", "d"
        )
        == 2
    )
    seventh = network_of(*(f"{a} {b} 1 km fast" for a, b in pairwise("abcdefgh")), classes={"fast": (70, 1.9)})
    assert travel_of(seventh).minutes("a", "h") == 6


def test_the_faster_of_two_links_between_the_same_nodes_is_taken() -> None:
    travel = travel_of(network_of("a b 5 km alley", "b a 5 km street", "a b 8 km street"))
    assert travel.minutes("a", "b") == travel.minutes("b", "a") == 5
    assert travel.route("a", "b").links == travel.route("b", "a").links == ("l1",)


def test_places_at_one_node_are_no_way_apart() -> None:
    network = network_of("a b 3 km street")
    travel = Travel({}, network, {"hall": "a", "hotel": "a", "other": "b"}, calendar_of(), kind_of)
    assert travel.minutes("hall", "hotel") == travel.unescorted("hall", "hotel", minute("08:01")) == 0
    assert travel.departures("hall", "hotel", range(480, 483)) == [0, 0, 0]
    assert travel.minutes("hall", "other") == travel.minutes("hotel", "other") == 3


def test_rows_of_the_table_are_roads_among_the_others() -> None:
    network = network_of("a b 3 km street", "b c 3 km street")
    nodes = {"hall": "a", "hotel": "b", "far": "c"}
    travel = Travel(
        {"hall": {"far": 4}, "far": {"abroad": 30}, "abroad": {"far": 33}}, network, nodes, calendar_of(), kind_of
    )
    assert travel.minutes("hall", "far") == 4
    assert (travel.minutes("hotel", "abroad"), travel.minutes("abroad", "hotel")) == (33, 36)
    # in the rush the links take six minutes each, the rows what they say
    assert travel.unescorted("hall", "far", minute("08:00")) == 4
    assert travel.unescorted("hotel", "abroad", minute("08:00")) == 36
    assert travel.unescorted("hall", "hotel", minute("08:00")) == 6
    # a row from a place to another at the same node, and one between them, change nothing
    assert Travel({"x": {"y": 9}}, network, {"x": "a", "y": "a"}).minutes("x", "y") == 0


def test_a_route_tells_each_road_and_corridor_once_in_turn() -> None:
    said = network_of("a b 1 km street", "b c 2 km street", "c d 3 km street", "d e 1 km street").model_dump(
        by_alias=True, mode="json"
    )
    for link, corridor in (("l0", "east"), ("l1", "north"), ("l3", "east")):
        said["links"][link]["corridor"] = corridor
        said["links"][link]["road"] = "Long Road"
    route = travel_of(Network.model_validate(said)).route("a", "e")
    assert route == Route(("l0", "l1", "l2", "l3"), ("Long Road", "street 2", "Long Road"), ("east", "north"), 7000)


# Traffic, by hand


def test_a_rush_slows_the_links_that_are_entered_in_it() -> None:
    travel = travel_of(network_of("a b 10 km street", "b c 10 km street"))
    at = {clock: travel.unescorted("a", "c", minute(clock)) for clock in ("03:00", "06:40", "06:45", "06:55", "08:00")}
    assert at["03:00"] == at["06:40"] == 20  # the second link is entered at 06:50
    assert at["06:45"] == 20  # at 06:55
    assert at["06:55"] == 30  # at 07:05, in the rush
    assert at["08:00"] == 40
    assert travel.unescorted("a", "c", minute("08:00", day=5)) == 20  # Saturday
    assert travel.minutes("a", "c") == 20


def test_one_waits_for_the_end_of_a_rush_where_that_arrives_earlier() -> None:
    travel = travel_of(network_of("a b 30 km street"))
    # through the rush the link takes an hour: at 09:00 as long as half an hour's wait, at 09:10 longer
    takes = {clock: travel.unescorted("a", "b", minute(clock)) for clock in ("08:55", "09:00", "09:10", "09:25", "09:30")}
    assert takes == {"08:55": 60, "09:00": 60, "09:10": 50, "09:25": 35, "09:30": 30}


def test_traffic_has_its_own_fastest_way() -> None:
    # the motorway is faster but suffers: 10 minutes and 40; the alley takes 20 at all hours
    slow = {"motorway": (60.0, 4.0), "alley": (60.0, 1.0)}
    travel = travel_of(network_of("a b 5 km motorway", "b c 5 km motorway", "a c 20 km alley", classes=slow))
    assert travel.minutes("a", "c") == 10
    assert travel.unescorted("a", "c", minute("08:00")) == 20
    assert travel.unescorted("a", "c", minute("12:00")) == 10
    assert travel.route("a", "c").links == ("l0", "l1")


def test_departures_between_marks_wait_for_the_next_where_a_rush_is_near() -> None:
    travel = travel_of(network_of("a b 10 km street"))
    assert [travel.unescorted("a", "b", at) for at in range(480, 486)] == [20, 24, 23, 22, 21, 20]
    # twenty past six is early enough to meet no rush, and four minutes to seven too late
    assert [travel.unescorted("a", "b", at) for at in (381, 382)] == [10, 10]
    assert travel.unescorted("a", "b", minute("06:56")) == 4 + 20
    assert travel.unescorted("a", "b", minute("09:31")) == 10


def test_the_last_link_of_the_longest_way_may_meet_the_rush() -> None:
    travel = travel_of(network_of(*(f"{a} {b} 1 km street" for a, b in pairwise("abcdefghijk"))))
    assert travel.unescorted("a", "k", minute("06:50")) == 10  # the tenth link is entered at 06:59
    assert travel.unescorted("a", "k", minute("06:51")) == 4 + 5 + 10
    assert travel.unescorted("a", "k", minute("06:55")) == 5 + 10


def test_arrivals_are_rounded_up() -> None:
    travel = travel_of(network_of("a b 1100 m street"))
    assert travel.minutes("a", "b") == 2
    assert travel.unescorted("a", "b", minute("08:00")) == 3  # 2.2 minutes


def test_departures_are_those_asked_one_by_one() -> None:
    travel = travel_of(network_of("a b 10 km street", "b c 31 km motorway"))
    for asked in (
        range(6 * 1440),
        range(-300, 500, 5),
        range(413, 900, 7),
        range(480, 481),
        range(9, 9),
        range(8000, 9000),
    ):
        assert travel.departures("a", "c", asked) == [travel.unescorted("a", "c", at) for at in asked], asked


def test_departures_at_a_moment_are_told_by_the_clock() -> None:
    travel = travel_of(network_of("a b 10 km street"))
    assert travel.minutes_leaving("a", "b", datetime.fromisoformat("2023-10-17T08:00+08:00")) == 20
    assert travel.minutes_leaving("a", "b", datetime.fromisoformat("2023-10-17T00:00+00:00")) == 20
    assert travel.minutes_leaving("a", "b", datetime.fromisoformat("2023-10-21T08:00+08:00")) == 10


def test_rush_hours_join_and_follow_the_kind_of_day_and_the_clocks() -> None:
    periods = network_of(
        periods={
            "night": {"on": "days-off", "daily": "22:00-02:00"},
            "late": {"daily": "01:00-03:00"},
            "morning": {"on": "workdays", "daily": "07:00-08:00"},
        }
    ).periods.values()
    week = [span for span in rush_spans(calendar_of(SATURDAY, 3), periods, kind_of) if 0 <= span[0] < 3 * 1440]
    # Saturday and Sunday nights run into the late hours of the next day
    assert week == [(60, 180), (1320, 1620), (2760, 3060), (2880 + 420, 2880 + 480)]
    change = calendar_of(date(2027, 3, 27), 2, "Europe/Berlin")  # clocks go from 02:00 to 03:00 on the 28th
    daily = network_of(periods={"morning": {"daily": "07:00-08:00"}}).periods.values()
    assert [span for span in rush_spans(change, daily, kind_of) if span[0] >= 0][:2] == [
        (420, 480),
        (1440 + 360, 1440 + 420),
    ]
    assert rush_spans(change, (), kind_of) == ()


def test_ways_run_over_midnight_and_over_both_ends_of_the_calendar() -> None:
    night = {"night": {"daily": "23:50-00:20"}}
    travel = travel_of(network_of("a b 10 km street", periods=night), calendar_of(days=1))
    assert travel.unescorted("a", "b", minute("23:45")) == 10
    assert travel.unescorted("a", "b", minute("23:50")) == 20
    assert travel.unescorted("a", "b", minute("00:00")) == 20
    assert travel.unescorted("a", "b", minute("00:15")) == 15
    assert travel.unescorted("a", "b", minute("00:00", day=1)) == 20


def test_a_rush_that_ends_between_two_marks() -> None:
    travel = travel_of(network_of("a b 10 km street", periods={"odd": {"daily": "08:01-08:02"}}))
    arrivals = [at + (travel.unescorted("a", "b", at) or 0) for at in range(460, 500)]
    assert arrivals == sorted(arrivals)
    assert travel.unescorted("a", "b", 480) == 10  # entered before the rush
    assert travel.unescorted("a", "b", 481) == 4 + 10


# Against a slow clockwork: time goes in quarters of a minute, each link and each wait is one step


QUARTERS = 4


def earliest_by_clockwork(network: Network, slow: set[int], origin: str, destination: str, start: int) -> int:
    """Return the quarter minute of the earliest arrival, over everything one could do until then.

    Links take whole quarters in these tests; ``slow`` are the quarters of rush.
    """
    there = {start: {origin}}
    for now in range(start, start + 10_000):
        here = there.setdefault(now, set())
        if destination in here:
            return now
        there.setdefault(now + 1, set()).update(here)
        for link, (a, b) in product(network.links.values(), ((0, 1), (1, 0))):
            if link.between[a] in here:
                kind = network.classes[link.class_]
                takes = link.length / 1000 * QUARTERS * 60 / kind.speed * (kind.rush if now in slow else 1)
                assert takes == int(takes)
                there.setdefault(now + int(takes), set()).add(link.between[b])
    raise AssertionError("no way")


@st.composite
def networks(draw: st.DrawFn, nodes: int) -> Network:
    """Return a connected network of a few nodes with random classes, rush hours and links of whole quarters of a minute."""
    names = "abcdefg"[:nodes]
    tree = [(names[draw(st.integers(0, number - 1))], names[number]) for number in range(1, nodes)]
    pairs = st.lists(st.sampled_from([(a, b) for a in names for b in names if a != b]), max_size=nodes)
    lengths, kinds = st.sampled_from([1, 2, 4, 7, 12, 25]), st.sampled_from(["street", "motorway", "alley"])
    links = [f"{a} {b} {draw(lengths)} km {draw(kinds)}" for a, b in [*tree, *draw(pairs)]]
    rushes = st.sampled_from([1.0, 1.5, 2.0, 3.5])
    classes = {"street": (60.0, draw(rushes)), "motorway": (120.0, draw(rushes)), "alley": (30.0, draw(rushes))}
    times = st.integers(6 * 60, 9 * 60)
    periods = {}
    for number in range(draw(st.integers(1, 3))):
        first, length = draw(times), draw(st.integers(1, 70))
        band = f"{first // 60:02}:{first % 60:02}-{(first + length) // 60:02}:{(first + length) % 60:02}"
        periods[f"p{number}"] = {"daily": band}
    return network_of(*links, periods=periods, classes=classes)


SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@settings(SLOWLY, max_examples=60)
@given(networks(nodes=4), st.data())
def test_no_plan_of_driving_and_waiting_arrives_earlier(network: Network, data: st.DataObject) -> None:
    calendar = calendar_of(days=1)
    travel = travel_of(network, calendar)
    spans = rush_spans(calendar, network.periods.values(), kind_of)
    slow = {quarter for start, end in spans for quarter in range(QUARTERS * start, QUARTERS * end)}
    mark = data.draw(st.integers(5 * 60, 10 * 60)) // MARK * MARK
    for a, b in product(network.nodes, repeat=2):
        arrival = earliest_by_clockwork(network, slow, a, b, QUARTERS * mark)
        assert travel.unescorted(a, b, mark) == -(-arrival // QUARTERS) - mark, (a, b)
        assert travel.minutes(a, b) == -(-earliest_by_clockwork(network, set(), a, b, 0) // QUARTERS)


@settings(SLOWLY, max_examples=60)
@given(networks(nodes=6))
def test_leaving_earlier_never_arrives_later(network: Network) -> None:
    travel, day = travel_of(network, calendar_of(days=1)), range(1440)
    for a, b in product(network.nodes, repeat=2):
        takes = travel.departures(a, b, day)
        assert takes is not None
        arrivals = [at + way for at, way in zip(day, takes, strict=True)]
        assert arrivals == sorted(arrivals)
        assert min(takes) == travel.minutes(a, b)
        assert max(takes) <= min(takes) + travel.most_delay(a, b)


@settings(SLOWLY, max_examples=60)
@given(networks(nodes=5), st.lists(st.integers(5 * 60, 11 * 60), min_size=20, max_size=20))
def test_no_detour_is_shorter_than_the_direct_way(network: Network, starts: list[int]) -> None:
    travel = travel_of(network, calendar_of(days=1))
    for a, b, c in product(network.nodes, repeat=3):
        assert cost(travel.minutes(a, c)) <= cost(travel.minutes(a, b)) + cost(travel.minutes(b, c))
        for at in starts:
            over = at + cost(travel.unescorted(a, b, at))
            assert at + cost(travel.unescorted(a, c, at)) <= over + cost(travel.unescorted(b, c, over)), (a, b, c, at)


def cost(minutes: int | None) -> int:
    assert minutes is not None
    return minutes


# What does not hold together


def problems(
    network: Network, nodes: Mapping[str, str] | None = None, table: Mapping[str, Mapping[str, int]] | None = None
) -> list[Any]:
    places = {node: node for node in network.nodes} if nodes is None else nodes
    return list(network_problems(network, {("venues", place): node for place, node in places.items()}, table))


def test_a_network_in_order_is_not_complained_of() -> None:
    assert problems(network_of("a b 3 km street", "b c 3 km street")) == []
    assert problems(network_of()) == []


def test_dangling_names_are_told_with_the_nearest_known() -> None:
    said = network_of("east west 3 km street").model_dump(by_alias=True, mode="json")
    said["corridors"] = {"airport": {"name": "Airport corridor"}}
    said["links"] = {
        "a": {"between": ["east", "wst"], "class": "stret", "length": "3 km", "corridor": "airprt"},
        "b": {"between": ["east", "east"], "class": "street", "length": "3 km"},
    }
    assert problems(Network.model_validate(said), {"hall": "eastt"}) == [
        (("network", "links", "a", "between", 1), "there is no node 'wst'", "'west'?"),
        (("network", "links", "a", "corridor"), "there is no corridor 'airprt'", "'airport'?"),
        (("network", "links", "a", "class"), "there is no class 'stret'", "'street'?"),
        (("network", "links", "b", "between"), "this link leads from east to itself", "name the nodes at its two ends."),
        (("venues", "hall", "node"), "there is no node 'eastt'", "'east'?"),
    ]


def test_places_that_no_road_leads_to_are_named() -> None:
    network = network_of("a b 3 km street", "b c 3 km street", "x y 2 km street")
    cut_off = [
        (("venues", "x", "node"), "no road leads from a to x", "a link to the node 'x' is missing?"),
        (("venues", "y", "node"), "no road leads from a to y", "a link to the node 'y' is missing?"),
    ]
    assert problems(network) == cut_off
    assert problems(network, {"a": "a", "c": "c"}) == []  # where nobody is, nobody has to go
    assert problems(network, None, {"a": {"x": 20}}) == []  # the table knows the way


def test_a_link_that_takes_days_is_a_slip_of_the_pen() -> None:
    (problem,) = problems(network_of("a b 900 km crawl", classes={"crawl": (50, 2)}))
    assert problem[0] == ("network", "links", "l0", "length")
    assert problem[1] == "900 km at 50 km/h, in a rush 2 times as long, take 36 h"


def test_a_network_with_dangling_names_is_read_without_them() -> None:
    said = network_of("a b 3 km street", "b c 3 km street").model_dump(by_alias=True, mode="json")
    said["links"]["l1"]["class"] = "unknown"
    travel = Travel(
        {}, Network.model_validate(said), {"hall": "a", "hotel": "b", "lost": "nowhere"}, calendar_of(), kind_of
    )
    assert travel.minutes("hall", "hotel") == 3
    assert travel.minutes("hall", "lost") is travel.unescorted("lost", "hall", 480) is None
    assert travel.route("lost", "hall") == Route()


# What is kept between runs


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often earliest arrivals are worked out."""
    from scheduler.scenario import earliest

    calls: list[int] = []
    original = earliest.earliest_minutes

    def counting(*arguments: Any) -> bytes:
        calls.append(1)
        return original(*arguments)

    monkeypatch.setattr(earliest, "earliest_minutes", counting)
    return calls


def at_eight(*links: str) -> int | None:
    return travel_of(network_of(*links)).unescorted("a", "b", minute("08:00"))


def test_minutes_are_worked_out_once_and_kept(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    calls = counted(monkeypatch)
    assert [at_eight("a b 10 km street") for _ in range(3)] == [20, 20, 20]
    assert len(calls) == 1
    assert len(list(own_cache.iterdir())) == 1
    assert at_eight("a b 11 km street") == 22  # another network is another file
    assert len(calls) == 2
    assert len(list(own_cache.iterdir())) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:40],
        lambda content: content[:-2] + b"\x07\x07",
        lambda content: b"nonsense" * 100,
    ],
    ids=["empty", "cut off", "cut off early", "altered", "nonsense"],
)
def test_a_spoilt_file_is_written_anew(
    spoil: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    calls = counted(monkeypatch)
    at_eight("a b 10 km street")
    (file,) = own_cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))
    assert at_eight("a b 10 km street") == 20
    assert len(calls) == 2
    assert file.read_bytes() == whole


def test_a_file_of_another_network_is_not_taken(own_cache: Path) -> None:
    at_eight("a b 10 km street")
    (file,) = own_cache.iterdir()
    content = file.read_bytes()
    file.unlink()
    at_eight("a b 11 km street")
    (file,) = own_cache.iterdir()
    file.write_bytes(content)
    assert at_eight("a b 11 km street") == 22


def test_a_folder_that_cannot_be_written_changes_nothing(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder should be")
    assert at_eight("a b 10 km street") == 20
    assert own_cache.read_text() == "a file where the folder should be"


def test_a_folder_in_place_of_the_file_changes_nothing(own_cache: Path) -> None:
    at_eight("a b 10 km street")
    (file,) = own_cache.iterdir()
    file.unlink()
    (file / "inside").mkdir(parents=True)
    assert at_eight("a b 10 km street") == 20
    assert list(own_cache.iterdir()) == [file]  # nothing half written stays behind


def test_nobody_home_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setenv("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setattr(Path, "home", homeless)
    assert at_eight("a b 10 km street") == 20


def test_nothing_is_kept_where_that_is_switched_off(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    monkeypatch.setenv(cache.SWITCH, "off")
    calls = counted(monkeypatch)
    assert [at_eight("a b 10 km street"), at_eight("a b 10 km street")] == [20, 20]
    assert len(calls) == 2
    assert not own_cache.exists()


def test_old_files_go_first(own_cache: Path) -> None:
    for number in range(cache.MOST_FILES + 5):
        cache.kept("travel", str(number), lambda: b"result")
    assert len(list(own_cache.iterdir())) == cache.MOST_FILES
    assert cache.kept("travel", str(cache.MOST_FILES + 4), lambda: b"another") == b"result"


def test_motorcades_and_days_off_do_without_numpy() -> None:
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from tests.test_travel import *\n"
        "travel = travel_of(network_of('a b 10 km street'), calendar_of(SATURDAY, 2))\n"
        "print(travel.minutes('a', 'b'), travel.unescorted('a', 'b', 480), travel.route('a', 'b').metres)"
    )
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert asked.stdout.split() == ["10", "10", "10000"], asked.stderr
