"""Public instances as scenarios: a plan's points are the set's own score, and what the set refuses the check refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.convert import conference, conference_score, ctt, mrcpsp
from benchmarks.convert.__main__ import main
from benchmarks.convert.names import ids_of
from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.errors import ExitCode, InputError
from scheduler.load import Loaded, load
from scheduler.plan import Placed, Plan, plan_json

TIMETABLE = """Name: Tiny
Courses: 3
Rooms: 2
Days: 2
Periods_per_day: 3
Curricula: 2
Constraints: 2

COURSES:
Math T.Ada 3 2 20
Phys T.Bor 2 2 12
Chem T.Ada 1 1 9

ROOMS:
A\t10
B\t30

CURRICULA:
q1  2 Math Phys
q2  2 Phys Chem

UNAVAILABILITY_CONSTRAINTS:
Math 0 1
Chem 1 0

END.
"""

PROJECT = """************************************************************************
jobs (incl. supersource/sink ):  5
horizon                       :  12
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  1   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        2          1           5
   4        1          1           5
   5        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     2       2    5
         2     4       1    2
  3      1     3       3    4
         2     7       0    1
  4      1     1       2    0
  5      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  N 1
    3    8
************************************************************************
"""


def programme() -> dict[str, Any]:
    """Return a conference: a lab of two hours, four talks of 45 minutes, in the way of the set's files.

    Every object is written in full where it is met first, and by its id from then on.
    """

    def timeslot(number: int, day: int, start: tuple[int, int], end: tuple[int, int], *tags: str) -> dict[str, Any]:
        times = {"startDateTime": [2027, 5, day, *start], "endDateTime": [2027, 5, day, *end]}
        return {"@id": f"Timeslot#{number}", "id": number, **times, "tagSet": [*tags]}

    def room(number: int, capacity: int, *tags: str) -> dict[str, Any]:
        return {"@id": f"Room#{number}", "id": number, "capacity": capacity, "tagSet": [*tags]}

    wishes = [f"{kind}RoomTagSet" for kind in ("required", "preferred", "prohibited", "undesired")]

    def speaker(number: int, **said: list[str]) -> dict[str, Any]:
        keys = ["unavailableTimeslotSet", "preferredTimeslotTagSet", "undesiredTimeslotTagSet", *wishes]
        return {"@id": f"Speaker#{number}", "id": number, **{key: [] for key in keys}, **said}

    def talk(number: int, kind: int, speakers: list[int], level: int, language: str, **said: Any) -> dict[str, Any]:
        keys = ["themeTrackTagSet", "sectorTagSet", "audienceTypeSet", "contentTagSet", "mutuallyExclusiveTalksTagSet"]
        return {
            "@id": f"Talk#{number}",
            "id": number,
            "code": f"S{number}",
            "talkType": f"TalkType#{kind}",
            "speakerList": [f"Speaker#{one}" for one in speakers],
            "audienceLevel": level,
            "language": language,
            **{key: [] for key in [*keys, *wishes, "prerequisiteTalkSet"]},
            "pinnedByUser": False,
            "timeslot": None,
            "room": None,
            **said,
        }

    morning = [
        timeslot(1, 10, (9, 0), (9, 45)),
        timeslot(2, 10, (10, 0), (10, 45), "Prime"),
        timeslot(3, 10, (10, 50), (11, 35)),
        timeslot(4, 13, (9, 0), (9, 45), "Late"),
    ]
    talks = [
        talk(
            0, 1, [0], 1, "en", themeTrackTagSet=["AI"], contentTagSet=["C++"], audienceTypeSet=["Devs"], favoriteCount=10
        ),
        talk(
            1,
            0,
            [0, 1],
            2,
            "en",
            themeTrackTagSet=["AI", "Web"],
            sectorTagSet=["Bank"],
            audienceTypeSet=["Devs", "Chiefs"],
            contentTagSet=["C++", "C#"],
            mutuallyExclusiveTalksTagSet=["Gold"],
            favoriteCount=30,
            requiredRoomTagSet=["Recorded"],
        ),
        talk(
            2,
            0,
            [1],
            2,
            "fr",
            themeTrackTagSet=["Web"],
            sectorTagSet=["Bank"],
            audienceTypeSet=["Chiefs"],
            contentTagSet=["C#"],
            favoriteCount=20,
            preferredRoomTagSet=["Large"],
            undesiredRoomTagSet=["Recorded"],
        ),
        talk(
            3,
            0,
            [2],
            1,
            "en",
            themeTrackTagSet=["AI"],
            audienceTypeSet=["Devs"],
            contentTagSet=["C++"],
            mutuallyExclusiveTalksTagSet=["Gold"],
            prerequisiteTalkSet=["Talk#2"],
            favoriteCount=20,
        ),
        talk(4, 0, [2], 3, "de", themeTrackTagSet=["Web"], audienceTypeSet=["Chiefs"], favoriteCount=5),
    ]
    for one in talks:
        one["crowdControlRisk"] = int(one["id"] != 2)
    return {
        "@id": "ConferenceSolution#0",
        "constraintProperties": {"@id": "Properties#0", "minimumConsecutiveTalksPauseInMinutes": 15},
        "constraintWeightOverrides": {},
        "talkTypeList": [
            {
                "@id": "TalkType#0",
                "compatibleTimeslotSet": morning,
                "compatibleRoomSet": [room(0, 50, "Recorded"), room(1, 200, "Large", "Recorded"), room(2, 100)],
            },
            {
                "@id": "TalkType#1",
                "compatibleTimeslotSet": [timeslot(0, 10, (9, 0), (11, 0)), timeslot(5, 11, (9, 0), (11, 0), "Late")],
                "compatibleRoomSet": [room(3, 80)],
            },
        ],
        "timeslotList": [f"Timeslot#{number}" for number in range(6)],
        "roomList": [f"Room#{number}" for number in range(4)],
        "speakerList": [
            speaker(0, undesiredTimeslotTagSet=["Late"]),
            speaker(
                1,
                unavailableTimeslotSet=["Timeslot#1"],
                preferredTimeslotTagSet=["Prime"],
                preferredRoomTagSet=["Large"],
            ),
            speaker(2, prohibitedRoomTagSet=["Large"], undesiredRoomTagSet=["Recorded"]),
        ],
        "talkList": talks,
    }


CONFERENCE = json.dumps(programme())

SESSIONS = ("math.s1", "math.s2", "math.s3", "phys.s1", "phys.s2", "chem.s1")
PERIODS = [(day, period) for day in range(2) for period in range(3)]


def taught(where: Mapping[str, tuple[int, float, str]]) -> Plan:
    """Return a plan for the timetable: the day, the period and the room of each session."""
    sessions = {}
    for session, (day, period, room) in where.items():
        start = datetime(2027, 5, 10, 8, tzinfo=UTC) + timedelta(days=day, hours=period)
        sessions[session] = Placed(hall=f"house.{room}", start=start, end=start + timedelta(hours=1))
    return Plan(scenario="tiny", sessions=sessions)


def done(where: dict[int, tuple[int, int, int]]) -> Plan:
    """Return a plan for the project: the mode, the start and the duration of each job."""
    sessions = {}
    for job, (mode, start, duration) in where.items():
        begin = datetime(2027, 5, 10, tzinfo=UTC) + timedelta(minutes=start)
        end = begin + timedelta(minutes=duration)
        sessions[f"project.item-{job}"] = Placed(option=f"way-{mode}", hall="site.grounds", start=begin, end=end)
    return Plan(scenario="tiny", sessions=sessions)


SLOTS = {
    0: (10, 9, 0, 120),
    1: (10, 9, 0, 45),
    2: (10, 10, 0, 45),
    3: (10, 10, 50, 45),
    4: (13, 9, 0, 45),
    5: (11, 9, 0, 120),
}
"""Of each timeslot the day, the hour and the minute of its start, and its length."""


def spoken(where: Mapping[int, tuple[int, int]]) -> Plan:
    """Return a plan for the conference: the timeslot and the room of each talk, by number."""
    sessions = {}
    for talk, (slot, room) in where.items():
        day, hour, minute, length = SLOTS[slot]
        start = datetime(2027, 5, day, hour, minute, tzinfo=UTC)
        sessions[f"programme.item-{talk}"] = Placed(
            hall=f"house.room-{room}", start=start, end=start + timedelta(minutes=length)
        )
    return Plan(scenario="tiny", sessions=sessions)


@pytest.fixture
def timetable(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.ctt"
    path.write_text(TIMETABLE)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.mm"
    path.write_text(PROJECT)
    return path


def converted(folder: Path, name: str, text: str) -> tuple[Path, Loaded]:
    """Return the file of a set's instance and its scenario, as they are read from the disk."""
    instance, scenario = folder / "tiny.txt", folder / "tiny.yaml"
    instance.write_text(text)
    assert main([name, str(instance), "-o", str(scenario)]) == ExitCode.PLAN
    return instance, load(scenario)


@pytest.fixture(scope="module")
def tiny_timetable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Loaded]:
    return converted(tmp_path_factory.mktemp("ctt"), "ctt", TIMETABLE)


@pytest.fixture(scope="module")
def tiny_project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Loaded]:
    return converted(tmp_path_factory.mktemp("mrcpsp"), "mrcpsp", PROJECT)


@pytest.fixture(scope="module")
def tiny_conference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Loaded]:
    return converted(tmp_path_factory.mktemp("conference"), "conference", CONFERENCE)


LESSONS = {
    "math.s1": (0, 0, "b"),
    "math.s2": (0, 2, "a"),
    "math.s3": (1, 0, "a"),
    "phys.s1": (1, 1, "a"),
    "phys.s2": (1, 2, "a"),
    "chem.s1": (0, 1, "b"),
}


def test_a_timetable_is_scored_by_its_set(tiny_timetable: tuple[Path, Loaded]) -> None:
    path, loaded = tiny_timetable
    # Math sits twice 20 in 10 seats, Phys twice 12 in 10: 24. Phys is on one day of two: 5. q1 has d0p0 and d0p2 by
    # themselves, q2 d0p1: 3 x 2. Math has two rooms: 1.
    score = ctt.score(path, taught(LESSONS))
    assert score.valid
    assert score.penalties == {
        "room capacity": 24,
        "minimum working days": 5,
        "curriculum compactness": 6,
        "room stability": 1,
    }
    assert score.total == 36
    report = check(loaded, taught(LESSONS))
    assert report.clean
    assert report.tiers == {1: 36}


def test_what_is_hard_in_a_timetable_is_counted(timetable: Path) -> None:
    # Math and Phys share q1 at d0p0, in one room; Chem is barred from d1p0; the third of Math is not taught.
    plan = taught({**LESSONS, "phys.s1": (0, 0, "b"), "chem.s1": (1, 0, "b"), "math.s3": (2, 0, "a")})
    score = ctt.score(timetable, plan)
    assert score.violations == {"lectures": 1, "conflicts": 1, "availability": 1, "room occupation": 1}
    assert not score.valid
    assert "NOT VALID, 4 violations" in str(score)


def test_courses_of_one_teacher_conflict_without_a_curriculum(timetable: Path) -> None:
    score = ctt.score(timetable, taught({**LESSONS, "chem.s1": (0, 0, "a")}))  # Math is at d0p0, T.Ada teaches both
    assert score.violations["conflicts"] == 1


def test_a_second_session_of_a_course_in_a_period_is_skipped(timetable: Path) -> None:
    score = ctt.score(timetable, taught({**LESSONS, "math.s2": (0, 0, "a")}))
    assert score.violations == {"lectures": 1, "conflicts": 0, "availability": 0, "room occupation": 0}


rooms = st.sampled_from(["a", "b"])
full = st.permutations(PERIODS)
loose = st.lists(st.tuples(st.integers(-1, 2), st.sampled_from([-1, 0, 0.5, 1, 2, 3])), min_size=6, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    when=st.one_of(full, full, loose), where=st.lists(rooms, min_size=6, max_size=6), missing=st.sampled_from([9] * 8 + [3])
)
def test_points_of_every_timetable_are_its_score(
    tiny_timetable: tuple[Path, Loaded], when: list[tuple[int, float]], where: list[str], missing: int
) -> None:
    placed = zip(SESSIONS, when, where, strict=True)
    plan = taught({session: (*slot, room) for n, (session, slot, room) in enumerate(placed) if n != missing})
    path, loaded = tiny_timetable
    report, score = check(loaded, plan), ctt.score(path, plan)
    assert report.clean == score.valid
    if score.valid:
        assert report.tiers == {1: score.total}


def test_a_project_is_scored_by_its_set(tiny_project: tuple[Path, Loaded]) -> None:
    path, loaded = tiny_project
    # Job 2 from 0 to 2, then 4 until 3; 3 from 0 to 7. Of R 2 at most, of N 6.
    good = {2: (1, 0, 2), 3: (2, 0, 7), 4: (1, 2, 1)}
    score = mrcpsp.score(path, done(good))
    assert score.valid
    assert score.total == 7
    report = check(loaded, done(good))
    assert report.clean
    assert report.tiers == {1: 7}


def test_what_is_hard_in_a_project_is_counted(project: Path) -> None:
    # Jobs 2 and 3 in their first modes: 9 of N, of which there are 8; from 1 to 2 they take 5 of R, of which there are 3.
    # From 1 to 2 job 4 runs too, before job 2 ends, and takes 2 more: 4 over.
    score = mrcpsp.score(project, done({2: (1, 0, 2), 3: (1, 1, 3), 4: (1, 1, 1)}))
    assert list(score.violations.values()) == [0, 0, 1, 4, 1]
    assert mrcpsp.score(project, done({2: (1, -1, 2), 3: (1, 1, 3)})).violations == {
        "jobs without a mode": 1,
        "starts before 0": 1,
        "precedence": 0,
        "renewable over": 0,
        "nonrenewable over": 1,
    }


LENGTHS = {2: (2, 4), 3: (3, 7), 4: (1, 1)}


@settings(max_examples=150, deadline=None)
@given(
    starts=st.tuples(st.integers(-1, 7), st.integers(-1, 7), st.integers(0, 10)),
    modes=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    missing=st.sampled_from([9] * 8 + [3]),
)
def test_points_of_every_project_are_its_score(
    tiny_project: tuple[Path, Loaded], starts: tuple[int, int, int], modes: tuple[int, int], missing: int
) -> None:
    chosen = zip((2, 3, 4), (*modes, 1), starts, strict=True)
    plan = done({job: (mode, start, LENGTHS[job][mode - 1]) for job, mode, start in chosen if job != missing})
    path, loaded = tiny_project
    report, score = check(loaded, plan), mrcpsp.score(path, plan)
    assert report.clean == score.valid
    if score.valid:
        assert report.tiers == {1: score.total}


def test_a_conference_is_scored_by_its_set(tiny_conference: tuple[Path, Loaded]) -> None:
    path, loaded = tiny_conference
    # The lab on the 11th, talk 1 on the 13th, on the 10th one after the other 4, 2 and 3.
    plan = spoken({0: (5, 3), 1: (4, 1), 2: (2, 2), 3: (3, 2), 4: (1, 0)})
    score = conference_score.score(path, plan)
    assert score.valid
    assert {name: cost for name, cost in score.penalties.items() if cost} == {
        # Of the 10th, 4 and 2 share Web and are in two rooms: 10 x 90 minutes.
        "theme room stability": 900,
        # On different days: 0 and 1, 0 and 3 share AI and C++, 10 x 2 x 165 each. 1 and 2 share Web and C#, 1 and 3 share
        # AI and C++, 10 x 2 x 90 each. 1 and 4 share Web, 10 x 90.
        "same day": 11100,
        # 0 and 1 are late, 20 x 120 + 20 x 45; for one speaker of 1 it is not prime time, 20 x 45.
        "speaker timeslot tags": 4200,
        # The room of 2 is not large, that of 4 is recorded: 20 x 45 each.
        "speaker room tags": 1800,
        "talk room tags": 900,
        # From the 11th to the 13th one day lies between, from the 10th to the 13th two: 20 x 480 each.
        "speaker makespan": 28800,
    }
    report = check(loaded, plan)
    assert report.clean
    assert report.tiers == {1: score.total}


def test_what_is_hard_and_what_is_rewarded_in_a_conference_is_counted(tiny_conference: tuple[Path, Loaded]) -> None:
    path, loaded = tiny_conference
    # All on the 10th: the lab from 9 to 11, talks 1, 2 and 3 at 10 in three rooms, 4 at 9.
    plan = spoken({0: (0, 3), 1: (2, 1), 2: (2, 2), 3: (2, 0), 4: (1, 2)})
    score = conference_score.score(path, plan)
    assert {name: points for name, points in score.violations.items() if points} == {
        "speaker conflict": 900,  # 0 and 1, 1 and 2 for 45 minutes
        "prerequisite": 900,  # 3 builds on 2: 10 x 90
        "mutually exclusive": 45,  # 1 and 3
        "pause": 255,  # 0 and 1 take 165 minutes, 1 and 2 take 90; between 4 and 3 there are 15
    }
    assert {name: cost for name, cost in score.penalties.items() if cost} == {
        "theme conflict": 1800,  # 0-1, 0-3, 1-2, 1-3: 45 minutes each
        "theme room stability": 6000,  # 0-1, 0-3: 165 each; 1-2, 1-3, 1-4: 90 each
        "sector conflict": 450,  # 1-2
        "audience diversity": -90,  # 1-2, 1-3
        "audience and theme conflict": 180,  # as themes
        "level diversity": -90,  # 1-3, 2-3
        "level flow": 2550,  # 0 and 3 end after 1 starts: 165 and 90
        "content conflict": 18000,  # 0-1, 0-3, 1-2, 1-3
        "language diversity": -900,  # 1-2, 2-3
        "popular talks": 4200,  # 4 has more seats than 0 and 3, 0 more than 3: 165 + 90 + 165
        "speaker room tags": 1800,  # 2 not in a large room, 3 recorded
        "talk room tags": 900,  # 2
    }
    report = check(loaded, plan)
    assert {finding.family for finding in report.findings} == {"itinerary", "requires", "shared-audience", "apart"}
    assert report.tiers == {1: score.total}


cells = st.tuples(st.integers(1, 4), st.integers(0, 2))


@settings(max_examples=150, deadline=None)
@given(lab=st.sampled_from([0, 5]), where=st.lists(cells, min_size=4, max_size=4), missing=st.sampled_from([9] * 8 + [3]))
def test_points_of_every_conference_are_its_score(
    tiny_conference: tuple[Path, Loaded], lab: int, where: list[tuple[int, int]], missing: int
) -> None:
    plan = spoken({talk: cell for talk, cell in enumerate([(lab, 3), *where]) if talk != missing})
    path, loaded = tiny_conference
    report, score = check(loaded, plan), conference_score.score(path, plan)
    assert report.clean == score.valid
    assert report.tiers == {1: score.total}


def test_a_pinned_talk_keeps_its_timeslot_and_its_room(tmp_path: Path) -> None:
    said = programme()
    said["talkList"][4] |= {"pinnedByUser": True, "timeslot": "Timeslot#1", "room": "Room#0"}
    path, loaded = converted(tmp_path, "conference", json.dumps(said))
    for cell, misplaced in (((1, 0), 0), ((1, 2), 1), ((4, 0), 1)):
        plan = spoken({0: (5, 3), 1: (4, 1), 2: (2, 2), 3: (3, 2), 4: cell})
        assert conference_score.score(path, plan).violations["misplaced"] == misplaced
        assert [finding.family for finding in check(loaded, plan).findings].count("pins") == misplaced


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"constraintWeightOverrides": {}', '"constraintWeightOverrides": {"Pause": 1}', "the weights are not those"),
        ("[2027, 5, 10, 11, 35]", "[2027, 5, 10, 11, 30]", "timeslots of several lengths"),
        (
            '["Timeslot#1"], "pref',
            '["Timeslot#1", "Timeslot#2", "Timeslot#3", "Timeslot#4"], "pref',
            "no timeslot in which",
        ),
        ('10, 50], "endDateTime": [2027, 5, 10, 11, 35]', '10, 0], "endDateTime": [2027, 5, 10, 10, 45]', "of one time"),
        ('10, 50], "endDateTime": [2027, 5, 10, 11, 35]', '10, 15], "endDateTime": [2027, 5, 10, 11, 0]', "liked more"),
        ('preferredRoomTagSet": ["Large"]', 'preferredRoomTagSet": ["Sunny"]', "a fixed penalty: Sunny"),
        ('"minimumConsecutiveTalksPauseInMinutes": 15', '"minimumConsecutiveTalksPauseInMinutes": 1500', "on the next day"),
        ('"talkList"', '"talks"', "this is no conference"),
        ('{"@id"', '{"@id', "this is no conference"),
    ],
)
def test_a_conference_that_cannot_be_said_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    path = tmp_path / "tiny.json"
    assert before in CONFERENCE
    path.write_text(CONFERENCE.replace(before, after))
    with pytest.raises(InputError, match=message):
        conference.convert(path)


@pytest.mark.parametrize(
    ("chosen", "text", "best"),
    [
        # All in B, on different periods: no seat short, no further room. Five for a course on one day only; so Phys is on
        # both, and on the day without Chem by itself in q2: 2. Nothing else: d0 Math, Phys, Chem, d1 Math, Phys, Math.
        ("ctt", TIMETABLE, 2),
        # The first modes of 2 and 3 take 9 of N. With 3 in its second, 7. With 3 in its first, 2 in its second takes 4, and
        # both take 4 of R: one after the other, and job 4 with neither 3 nor before the end of 2: 8.
        ("mrcpsp", PROJECT, 7),
    ],
)
def test_the_engine_finds_the_best_of_a_tiny_instance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chosen: str, text: str, best: int
) -> None:
    instance, scenario, plan = (str(tmp_path / name) for name in ("tiny.txt", "tiny.yaml", "tiny.plan.json"))
    Path(instance).write_bytes(text.replace("\n", " \r\n").encode())  # as some copies are
    assert main([chosen, instance, "-o", scenario]) == ExitCode.PLAN
    found = solve(load(scenario), Limits(seconds=60)).plan
    assert found is not None
    Path(plan).write_text(plan_json(found))
    capsys.readouterr()
    assert main([chosen, instance, "--score", plan]) == ExitCode.PLAN
    assert capsys.readouterr().out.startswith(f"score {best}: ")


def test_the_engine_finds_the_best_of_a_tiny_conference(tiny_conference: tuple[Path, Loaded]) -> None:
    path, loaded = tiny_conference
    instance = conference_score.read(path)
    # Where each talk can be whatever the others do: 2 x 6 x 9 x 8 x 8 ways for all.
    everywhere = [
        [
            held
            for held in map(conference_score.Held, repeat(talk), slots, rooms)
            if conference_score.scored(instance, [held]).valid
        ]
        for talk in instance.talks.values()
        for slots, rooms in [zip(*product(talk.timeslots, talk.halls), strict=True)]
    ]
    assert [len(cells) for cells in everywhere] == [2, 6, 9, 8, 8]
    scores = (conference_score.scored(instance, [*held]) for held in product(*everywhere))
    best = min(score.total for score in scores if score.valid)
    plan = solve(loaded, Limits(seconds=60)).plan
    assert plan is not None
    assert plan.status == "optimal"
    assert conference_score.score(path, plan).total == plan.tiers[0].value == best


def test_a_budget_that_no_modes_keep_is_infeasible(tmp_path: Path) -> None:
    # The least of jobs 2 and 3 is 2 + 1.
    instance, scenario = tmp_path / "tiny.mm", tmp_path / "tiny.yaml"
    instance.write_text(PROJECT.replace("    3    8", "    3    2"))
    assert main(["mrcpsp", str(instance), "-o", str(scenario)]) == ExitCode.PLAN
    assert solve(load(scenario), Limits(seconds=60)).status == "infeasible"


def test_a_plan_the_set_refuses_ends_with_the_code_of_violations(
    timetable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = timetable.with_name("p.json")
    plan.write_text(plan_json(taught({"math.s1": (0, 0, "a")})))
    assert main(["ctt", str(timetable), "--score", str(plan)]) == ExitCode.VIOLATED
    assert "NOT VALID, 5 violations: lectures 5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Courses: 3", "Courses: 4", "4"),
        ("Math T.Ada 3 2 20", "Math T.Ada 3", "no ITC-2007 timetable"),
        ("Chem T.Ada 1 1 9", "Chem T.Ada 1 2 9", "Chem is to be on 2 days with 1 lectures"),
        ("q1  2 Math Phys", "q1  2 Math Geo", "q1 names Geo, which is no course"),
        ("Periods_per_day: 3", "Periods_per_day: 17", "17 periods"),
        (TIMETABLE, "", "no ITC-2007 timetable"),
    ],
)
def test_a_timetable_that_cannot_be_said_is_refused(timetable: Path, before: str, after: str, message: str) -> None:
    timetable.write_text(TIMETABLE.replace(before, after))
    with pytest.raises(InputError, match=message):
        ctt.convert(timetable)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("doubly constrained        :  0", "doubly constrained        :  1", "doubly constrained"),
        ("  4      1     1       2    0", "  4      1     0       2    0", "the job 4 takes no time"),
        ("    3    8\n", "    3\n", "do not fit its header"),
        (PROJECT, "", "no multi-mode project"),
    ],
)
def test_a_project_that_cannot_be_said_is_refused(project: Path, before: str, after: str, message: str) -> None:
    project.write_text(PROJECT.replace(before, after))
    with pytest.raises(InputError, match=message):
        mrcpsp.convert(project)


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctt", str(tmp_path / "none.ctt")]) == ExitCode.INPUT
    assert "cannot read the instance" in capsys.readouterr().err


def test_names_become_ids_that_differ() -> None:
    assert ids_of(["Röm 1", "R_m 1", "ROM-1", "rom-1", "ROM-1"]) == {
        "Röm 1": "r-m-1",
        "R_m 1": "r_m-1",
        "ROM-1": "rom-1",
        "rom-1": "rom-1-2",
    }
