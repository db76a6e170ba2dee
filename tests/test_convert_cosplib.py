"""Conferences of the CoSPLib set as scenarios: a plan's points are the set's own score, term by term."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations, product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from benchmarks.convert import cosplib
from benchmarks.convert.__main__ import main
from benchmarks.convert.cosplib_instance import TERMS, Conflicts, read
from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.errors import ExitCode, InputError
from scheduler.load import Loaded, load
from scheduler.plan import Placed, Plan

WEIGHTS = (2, 3, 5, 7, 11, 13, 17, 1, 19, 23, 29, 31, 37, 41, 43, 47)

COLUMNS = ("Reference", "Track", "Required Timeslots", "Order", "Time Zone", "Presenters", "Attendees")

SHEETS: dict[str, list[list[Any]]] = {
    "parameters": [
        ["Sessions", None, None, "Weights", None],
        ["Local time zone:", "GMT+0"],
        ["Suitable"],
        ["From:", time(9, 30)],
        ["To:", time(21, 30)],
        ["Less suitable"],
        ["From:", time(7, 0)],
        ["To:", time(23, 0)],
        ["Penalty:", 1],
        ["Unsuitable"],
        ["Penalty:", 10],
        *([] for _ in range(6)),
    ],
    "submissions": [
        [*COLUMNS, "am", "noon", "pm", "Red", "Blue", None],
        ["T1", "Trade", 1, 2, "GMT+8", "Pia", "Ann", 2, None, None, None, None],
        ["T2", "Trade", 1, 1, "GMT+0", "Per"],
        ["T3", "Trade", 2, 0, "GMT+9", "Pam", None, None, None, 1, None, 1],
        ["G1", "Green", 1, None, "GMT+0", "Pia", "Per, Eve", None, None, None, None, 5],
        ["G2", "Green", 1, None, "GMT-3", "Pol", "Ann"],
        [None, None],
    ],
    "tracks": [["Tracks", "Chairs"], ["Trade", "Cho"], ["Green", "Cho, Pam"], [None, None]],
    "sessions": [
        ["Sessions", "Max Number of Timeslots", "Date", "Start Time", "End Time"],
        ["am", 2, date(2021, 7, 28), time(10, 0), time(11, 0)],
        ["noon", 1, date(2021, 7, 28), time(12, 0), time(12, 30)],
        ["pm", 2, date(2021, 7, 28), time(14, 0), time(15, 0)],
    ],
    "rooms": [["Rooms"], ["Red"], ["Blue"]],
    "tracks_sessions|penalty": [[None, "am", "noon", "pm"], ["Trade", 1], ["Green", 2, 3]],
    "tracks_rooms|penalty": [[None, "Red", "Blue"], ["Trade", 1, 2], ["Green", None, 4]],
    "similar tracks": [[None, "Trade", "Green"], ["Trade", None, 2], ["Green", 9]],
    "sessions_rooms|penalty": [[None, "Red", "Blue"], ["am", 1], ["noon"], ["pm", None, 3]],
}

LENGTHS = {"trade.t1": 1, "trade.t2": 1, "trade.t3": 2, "green.g1": 1, "green.g2": 1}


def workbook(path: Path, changes: Mapping[tuple[str, int, int], Any] | None = None) -> Path:
    """Write the instance to a file, with other values in some cells (sheet, row and column from 1)."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for row, weight in enumerate(WEIGHTS, 2):
        book["parameters"].cell(row, 5, weight)
    for (name, row, column), value in (changes or {}).items():
        book[name].cell(row, column).value = value
    book.save(path)
    return path


def placed(where: Mapping[str, tuple[int, int, str]]) -> Plan:
    """Return a plan: the session, the slot and the room of each submission."""
    sessions = {}
    for session, (block, slot, room) in where.items():
        start = datetime(2027, 5, 10, tzinfo=UTC) + timedelta(hours=block, minutes=slot)
        end = start + timedelta(minutes=LENGTHS.get(session, 1))
        sessions[session] = Placed(hall=f"house.{room}", start=start, end=end)
    return Plan(scenario="tiny", sessions=sessions)


AM, NOON, PM = range(3)
APART = {
    "trade.t1": (AM, 0, "red"),
    "trade.t2": (AM, 1, "red"),
    "green.g1": (AM, 0, "blue"),
    "green.g2": (AM, 1, "blue"),
    "trade.t3": (PM, 0, "blue"),
}
CROSSED = {
    "trade.t1": (AM, 0, "red"),
    "trade.t2": (AM, 0, "blue"),
    "green.g1": (NOON, 0, "red"),
    "trade.t3": (PM, 0, "red"),
    "green.g2": (PM, 1, "blue"),
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("cosplib") / "tiny.xlsx")


def test_who_is_in_conflict(tiny: Path) -> None:
    conflicts = Conflicts(read(tiny))
    # Pia presents both; Pam presents one and chairs the track of the other, which her own track is not.
    assert conflicts.presenters == [("T1", "G1"), ("T3", "G1"), ("T3", "G2")]
    # Ann attends both; Per attends G1 and presents T2.
    assert conflicts.attendees == [("T1", "G2"), ("T2", "G1")]
    assert conflicts.chairs == [("Trade", "Green")]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("GMT+8", [0, 0, 1]),  # 18:00-19:00, 20:00-20:30; 22:00-23:00 ends after 21:30
        ("GMT+9", [0, 0, 10]),  # 23:00-00:00 ends before 7:00
        ("GMT-3", [1, 1, 0]),  # 7:00-8:00; 9:00-9:30; 11:00-12:00
        ("GMT-4", [10, 1, 0]),  # 6:00-7:00
        ("GMT+10", [0, 1, 10]),  # 20:00-21:00; 22:00-22:30; 00:00-01:00
    ],
)
def test_what_an_hour_costs_where_a_submission_is_at_home(tmp_path: Path, zone: str, expected: list[int]) -> None:
    instance = read(workbook(tmp_path / "tiny.xlsx", {("submissions", 2, 5): zone}))
    home = instance.submissions["T1"].zone
    assert [instance.hours.penalty(session, home) for session in instance.sessions.values()] == expected


def test_every_term_is_counted(tiny: Path) -> None:
    score = cosplib.score(tiny, placed(APART))
    assert score.valid
    counts = [
        3,  # Trade in am 1, Green in am 2, Trade in pm 0
        7,  # Trade in Red 1, Green in Blue 4, Trade in Blue 2
        4,  # am in Red 1, in Blue 0, pm in Blue 3
        2,  # am: Trade and Green, of which the cell above the diagonal counts
        1,  # Trade is in Red and Blue
        0,
        1,  # Trade is in am and pm, not at noon
        21,  # T3 in pm 10 for each of two slots, G2 in am 1
        2,  # T1 is first and is to be second, T2 the other way round; T3 is free, and third
        4,  # T1 in am 2, T3 in pm 1 for each of two slots
        7,  # T3 in Blue 1 for each of two slots, G1 in Blue 5
        1,  # T1 and G1 in am
        2,  # T1 and G2, T2 and G1 in am
        1,  # am
        1,  # T1 and G1 in the first slot of am
        0,
    ]
    # 6 + 21 + 20 + 14 + 11 + 0 + 17 + 21 + 38 + 92 + 203 + 31 + 74 + 41 + 43 + 0
    assert score.penalties == {term: w * n for term, w, n in zip(TERMS, WEIGHTS, counts, strict=True)}
    assert score.total == 632


def test_tracks_in_parallel_and_places_at_one_time_are_counted(tiny: Path) -> None:
    score = cosplib.score(tiny, placed(CROSSED))
    assert score.valid
    counts = [
        5,  # Trade in am 1 in each of two rooms, Green at noon 3, in pm 0
        8,  # Trade in Red 1 in am and in pm, in Blue 2; Green in Red 0, in Blue 4
        4,  # am in Red 1, pm in Blue 3
        2,  # pm
        2,  # both tracks are in both rooms
        1,  # Trade in am
        1,  # Trade is not there at noon
        20,  # T3 in pm, as above; T1 in am and G2 in pm are awake
        3,  # T1 and T2 in each other's place, and at one time
        4,  # T1 in am 2, T3 in pm 1 for each of two slots
        0,
        1,  # Pam presents T3 and chairs the track of G2
        0,
        1,  # pm
        1,  # T3 and G2 in the second slot of pm
        0,
    ]
    assert score.penalties == {term: w * n for term, w, n in zip(TERMS, WEIGHTS, counts, strict=True)}


def test_a_track_that_meets_another_in_two_rooms_meets_it_twice(tiny: Path) -> None:
    # Trade is in two rooms of am, Green in a third: two pairs.
    path = workbook(tiny.with_name("three.xlsx"), {("rooms", 4, 1): "Grey", **GREY})
    score = cosplib.score(path, placed({**CROSSED, "green.g1": (AM, 0, "grey")}))
    assert score.penalties["similar tracks"] == 7 * 2 * (2 + 1)  # and in pm
    assert score.penalties["chair conflicts"] == 41 * (2 + 1)


GREY = {
    ("tracks_rooms|penalty", 1, 4): "Grey",
    ("sessions_rooms|penalty", 1, 4): "Grey",
    ("submissions", 1, 13): "Grey",
}


def test_what_the_set_does_not_take_is_counted(tiny: Path) -> None:
    # T3 overflows noon; G2 is in the room of Trade, and in the slot of T2; T1 comes after the last slot of am.
    plan = placed({**APART, "trade.t3": (NOON, 0, "blue"), "green.g2": (AM, 1, "red"), "trade.t1": (AM, 2, "red")})
    score = cosplib.score(tiny, plan)
    assert score.violations == {
        "submissions not placed": 2,
        "unknown submissions": 0,
        "slots taken twice": 1,
        "tracks too many in a room": 1,
    }
    assert not score.valid
    assert cosplib.score(tiny, placed({"trade.t9": (AM, 0, "red")})).violations["unknown submissions"] == 1


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        (("submissions", 2, 2), "Trad", "T1 is of 'Trad', which is no track"),
        (("submissions", 2, 3), 1.5, "1.5 is no whole number"),
        (("sessions", 2, 4), "ten", "'ten' is no time of day"),
        (("submissions", 1, 10), "eve", "'pm'"),
    ],
)
def test_a_workbook_that_says_no_conference_is_refused(
    tmp_path: Path, cell: tuple[str, int, int], value: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(workbook(tmp_path / "tiny.xlsx", {cell: value}))


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.xlsx").write_text("Name: Tiny")
    with pytest.raises(InputError, match="no instance of CoSPLib"):
        read(tmp_path / "tiny.xlsx")
    with pytest.raises(InputError, match="cannot read the instance"):
        read(tmp_path / "none.xlsx")


@pytest.fixture(scope="module")
def converted(tiny: Path) -> Loaded:
    scenario = tiny.with_name("tiny.yaml")
    assert main(["cosplib", str(tiny), "-o", str(scenario)]) == ExitCode.PLAN
    return load(scenario)


@pytest.mark.parametrize(("where", "expected"), [(APART, 632), (CROSSED, None)])
def test_points_of_a_plan_are_its_score(
    tiny: Path, converted: Loaded, where: dict[str, tuple[int, int, str]], expected: int | None
) -> None:
    report, score = check(converted, placed(where)), cosplib.score(tiny, placed(where))
    assert report.clean
    assert report.tiers == {1: score.total}
    assert expected in (None, score.total)


cells = st.tuples(st.sampled_from([AM, NOON, PM]), st.integers(0, 1), st.sampled_from(["red", "blue"]))


@settings(max_examples=150, deadline=None)
@given(st.lists(cells, min_size=5, max_size=5, unique=True), st.sampled_from([9] * 8 + [3]))
def test_points_of_every_plan_are_its_score(
    tiny: Path, converted: Loaded, where: list[tuple[int, int, str]], missing: int
) -> None:
    listed = zip(LENGTHS, where, strict=True)
    plan = placed({session: cell for number, (session, cell) in enumerate(listed) if number != missing})
    report, score = check(converted, plan), cosplib.score(tiny, plan)
    assert report.clean == score.valid
    if score.valid:
        event("valid")
        assert report.tiers == {1: score.total}


def test_the_engine_finds_the_best_of_all_plans(tiny: Path, converted: Loaded) -> None:
    everywhere = [(block, slot, room) for block, slots in ((AM, 2), (NOON, 1), (PM, 2)) for slot in range(slots)
                  for room in ("red", "blue")]  # fmt: skip
    # The plans that the set takes: T3 in the first slot of am or pm, no slot twice, no room with two tracks.
    best = None
    for where in permutations(everywhere, 4):
        for block, room in product((AM, PM), ("red", "blue")):
            chosen = dict(zip(("trade.t1", "trade.t2", "green.g1", "green.g2"), where, strict=True))
            owners: dict[tuple[int, str], set[str]] = {(block, room): {"trade"}}
            for session, (there, _, hall) in chosen.items():
                owners.setdefault((there, hall), set()).add(session.split(".")[0])
            free = all((there, hall) != (block, room) for there, _, hall in where)
            if free and all(len(tracks) == 1 for tracks in owners.values()):
                plan = placed({**chosen, "trade.t3": (block, 0, room)})
                best = min(best or plan_points(converted, plan), plan_points(converted, plan))
    outcome = solve(converted, Limits(seconds=60))
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    assert cosplib.score(tiny, outcome.plan).total == outcome.plan.tiers[0].value == best


def plan_points(converted: Loaded, plan: Plan) -> int:
    """Return the points of a plan by the goals' own measures."""
    return sum(check(converted, plan).tiers.values())


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        (("sessions", 2, 2), 61, "am has 61 slots; 60 are the most"),
        (("submissions", 2, 4), 4, "T1 is to be at place 4 of 3: a fixed penalty"),
        (("submissions", 2, 3), 0, "T1 takes no slot"),
    ],
)
def test_a_conference_that_cannot_be_said_is_refused(
    tmp_path: Path, cell: tuple[str, int, int], value: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        cosplib.convert(workbook(tmp_path / "tiny.xlsx", {cell: value}))


def test_a_term_of_weight_0_is_not_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tiny.xlsx", {("parameters", row, 5): 0 for row in range(2, 18)})
    scenario = cosplib.convert(path)
    assert scenario["goals"] == {}
    assert list(scenario["rules"]) == ["one-track-a-room"]
