"""Legs of plans made by hand: who is driven where and when, and what the check says of legs that somebody has edited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from scheduler.check import check
from scheduler.legs import legs
from scheduler.load import Loaded
from scheduler.plan import Plan, plan_json, read_plan
from tests.conftest import LoadText, plan_of

# From the airport to the square it is 20 minutes, from the square to the guesthouse 10, from either to the inn 10 more on
# small roads; the ring road takes twice as long from 17:00 to 18:00. The villa is a hotel within the guesthouse.
SCENARIO = """\
schema: 1
id: visit
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-13}
grades: {G1: {escorted: true}, G3: {}}
venues:
  airport: {name: Airport, node: north, clearance: G1, halls: {apron: {pooled: 9, features: [state-flight]}}}
  ghop: {name: Great Hall, node: square, clearance: G1, halls: {east: {pooled: 9}, west: {pooled: 9}}}
  guesthouse: {name: Guesthouse, node: lake, clearance: G1, halls: {garden: {pooled: 9}}}
  island: {name: Island, clearance: G1, halls: {tower: {pooled: 9}}}
travel: {island: {ghop: 45 min}}
hotels:
  inn: {name: Inn, node: lane, rooms: 99}
  villa: {name: Villa, node: lake, rooms: 99}
  camp: {name: Camp, rooms: 99}
network:
  classes: {ring: {speed: 60 km/h, rush: 2}, small: {speed: 30 km/h}}
  periods: {evening: {daily: 17:00-18:00}}
  corridors: {airport-road: {name: Airport Road}, avenue: {name: The Avenue}}
  nodes:
    north: {name: North, at: [40.1, 116.6]}
    bridge: {name: Bridge, at: [40.0, 116.5]}
    square: {name: Square, at: [39.9, 116.4]}
    lake: {name: Lake, at: [39.9, 116.3]}
    lane: {name: Lane, at: [39.9, 116.2]}
  links:
    a: {between: [north, bridge], class: ring, length: 14 km, corridor: airport-road}
    b: {between: [bridge, square], class: ring, length: 6 km, corridor: avenue}
    c: {between: [square, lake], class: ring, length: 10 km, corridor: avenue}
    d: {between: [square, lane], class: small, length: 5 km}
    e: {between: [lake, lane], class: small, length: 5 km}
delegations:
  host: {country: CN, persons: [president]}
  nor:
    country: "NO"
    persons: [principal, spouse, minister]
    home: {any: [inn, villa, camp]}
    nights: {from: 2027-05-10, to: 2027-05-11}
events:
  visit:
    grade: G1
    delegations: [nor]
    sessions:
      arrival: {duration: 20 min, persons: [principal, spouse], needs: [state-flight], optional: {price: 0}}
      talks: {duration: 1 h, persons: [principal, host.president], optional: {price: 0}}
      tea: {duration: 1 h, persons: [spouse], optional: {price: 0}}
      banquet: {duration: 2 h, persons: [principal, spouse, host.president], optional: {price: 0}}
      departure: {duration: 30 min, persons: [principal, spouse], needs: [state-flight], optional: {price: 0}}
  forum:
    grade: G3
    delegations: [nor]
    sessions:
      panel: {duration: 1 h, persons: [minister], optional: {price: 0}}
      press: {duration: 30 min, persons: [minister, host.president], optional: {price: 0}}
      fair: {duration: 1 h, persons: [minister, principal], optional: {price: 0}}
"""


@pytest.fixture
def loaded(load_text: LoadText) -> Loaded:
    return load_text(SCENARIO)


def planned(loaded: Loaded, placements: Mapping[str, tuple[str, str]], home: str | None = "inn") -> Plan:
    """Return a plan whose starts are given as day and time of May 2027: ``10 14:00``."""
    spots = {name: (hall, f"2027-05-{start.replace(' ', 'T')}") for name, (hall, start) in placements.items()}
    return plan_of(loaded, spots).model_copy(update={"homes": {"nor": home} if home else {}})


def lines(loaded: Loaded, placements: Mapping[str, tuple[str, str]], home: str | None = "inn") -> list[str]:
    """Return the legs of a plan as the command center reads them."""
    return [
        f"{leg.leave:%d %H:%M}-{leg.arrive:%H:%M} {leg.delegation} {'+'.join(leg.persons)} {leg.from_}>{leg.to}"
        + (f" ({', '.join(leg.corridors)})" if leg.escorted else "")
        for leg in legs(loaded.scenario, planned(loaded, placements, home))
    ]


# From the stay to the sessions and back


def test_the_first_leg_comes_from_home_and_the_last_goes_there(loaded: Loaded) -> None:
    assert lines(loaded, {"forum.panel": ("ghop.east", "10 10:00")}) == [
        "10 09:50-10:00 nor minister inn>ghop",
        "10 11:00-11:10 nor minister ghop>inn",
    ]


def test_who_lands_drives_home_where_there_is_time_for_it(loaded: Loaded) -> None:
    # Out of the aircraft at 14:20, at the inn 14:50, away again 16:50.
    found = lines(loaded, {"visit.arrival": ("airport.apron", "10 14:00"), "visit.banquet": ("ghop.east", "10 17:00")})
    assert found[:2] == [
        "10 14:20-14:50 nor principal+spouse airport>inn (airport-road, avenue)",
        "10 16:50-17:00 nor principal+spouse inn>ghop ()",
    ]


def test_who_lands_drives_straight_on_where_there_is_not(loaded: Loaded) -> None:
    # At the inn 14:50, away again 16:15: 85 minutes.
    found = lines(loaded, {"visit.arrival": ("airport.apron", "10 14:00"), "visit.banquet": ("ghop.east", "10 16:25")})
    assert found == [
        "10 16:05-16:25 nor principal+spouse airport>ghop (airport-road, avenue)",
        "10 18:25-18:35 nor principal+spouse ghop>inn ()",
    ]


def test_ninety_minutes_at_home_are_enough(loaded: Loaded) -> None:
    # 11:10 at the inn; away at 12:40 for the lake, ten minutes off. A minute earlier it is not worth while.
    morning = {"forum.panel": ("ghop.east", "10 10:00")}
    assert lines(loaded, {**morning, "forum.fair": ("guesthouse.garden", "10 12:50")})[1:3] == [
        "10 11:00-11:10 nor minister ghop>inn",
        "10 12:40-12:50 nor principal+minister inn>guesthouse",
    ]
    assert "10 12:39-12:49 nor minister ghop>guesthouse" in lines(
        loaded, {**morning, "forum.fair": ("guesthouse.garden", "10 12:49")}
    )


def test_who_has_sessions_at_one_venue_all_day_stays_there(loaded: Loaded) -> None:
    assert lines(loaded, {"forum.panel": ("ghop.east", "10 09:00"), "forum.fair": ("ghop.west", "10 20:00")}) == [
        "10 08:50-09:00 nor minister inn>ghop",
        "10 19:50-20:00 nor principal inn>ghop",
        "10 21:00-21:10 nor principal+minister ghop>inn",
    ]


def test_over_night_at_one_venue_they_go_home(loaded: Loaded) -> None:
    assert lines(loaded, {"forum.panel": ("ghop.east", "10 20:00"), "forum.press": ("ghop.east", "11 09:00")}) == [
        "10 19:50-20:00 nor minister inn>ghop",
        "10 21:00-21:10 nor minister ghop>inn",
        "11 08:50-09:00 nor minister inn>ghop",
        "11 09:30-09:40 nor minister ghop>inn",
    ]


def test_before_a_departure_nobody_waits_for_hours_where_the_last_session_was(loaded: Loaded) -> None:
    talks = {"visit.talks": ("ghop.east", "12 09:00")}
    assert lines(loaded, {**talks, "visit.departure": ("airport.apron", "12 20:00")})[1:] == [
        "12 10:00-10:10 nor principal ghop>inn ()",
        "12 19:30-20:00 nor principal+spouse inn>airport (avenue, airport-road)",
    ]
    assert "12 10:40-11:00 nor principal ghop>airport (avenue, airport-road)" in lines(
        loaded, {**talks, "visit.departure": ("airport.apron", "12 11:00")}
    )


def test_one_flight_alone_is_an_arrival_early_in_the_stay_and_a_departure_late(loaded: Loaded) -> None:
    # The stay is from noon of the 10th to noon of the 12th.
    assert lines(loaded, {"visit.arrival": ("airport.apron", "10 09:00")}) == [
        "10 09:20-09:50 nor principal+spouse airport>inn (airport-road, avenue)",
    ]
    assert lines(loaded, {"visit.departure": ("airport.apron", "12 15:00")}) == [
        "12 14:30-15:00 nor principal+spouse inn>airport (avenue, airport-road)",
    ]


def test_between_arrival_and_departure_alone_they_sleep_at_home(loaded: Loaded) -> None:
    found = lines(
        loaded, {"visit.arrival": ("airport.apron", "10 14:00"), "visit.departure": ("airport.apron", "12 15:00")}
    )
    assert found == [
        "10 14:20-14:50 nor principal+spouse airport>inn (airport-road, avenue)",
        "12 14:30-15:00 nor principal+spouse inn>airport (avenue, airport-road)",
    ]


def test_a_short_night_is_no_way_home(loaded: Loaded) -> None:
    # The banquet ends 00:30, the fair begins 00:50: whoever drove home would have to leave it before coming there.
    found = lines(loaded, {"visit.banquet": ("ghop.east", "10 22:30"), "forum.fair": ("guesthouse.garden", "11 00:50")})
    assert "11 00:40-00:50 nor principal ghop>guesthouse (avenue)" in found
    assert not [line for line in found if line.startswith("11 00:4") and "principal" in line and "inn" in line]


def test_a_home_within_the_venue_takes_no_leg(loaded: Loaded) -> None:
    # The villa lies in the guesthouse, where the fair is: only the ways to and from the square are driven.
    found = lines(
        loaded, {"forum.fair": ("guesthouse.garden", "10 09:00"), "forum.panel": ("ghop.east", "10 14:00")}, "villa"
    )
    assert found == [
        "10 13:50-14:00 nor minister villa>ghop",
        "10 15:00-15:10 nor minister ghop>villa",
    ]


def test_to_a_home_that_no_road_leads_to_nothing_is_told(loaded: Loaded) -> None:
    found = lines(
        loaded,
        {
            "forum.panel": ("ghop.east", "10 10:00"),
            "forum.fair": ("guesthouse.garden", "10 20:00"),
            "forum.press": ("ghop.east", "11 09:00"),
        },
        "camp",
    )
    assert found == ["10 19:50-20:00 nor minister ghop>guesthouse"]


# Without a home


def test_without_a_home_only_the_ways_of_a_day_are_told(loaded: Loaded) -> None:
    sessions = {
        "visit.talks": ("ghop.east", "10 10:00"),
        "visit.banquet": ("guesthouse.garden", "10 18:30"),
        "forum.press": ("ghop.east", "11 09:00"),
    }
    assert lines(loaded, sessions, None) == [
        "10 18:20-18:30 host president ghop>guesthouse (avenue)",
        "10 18:20-18:30 nor principal ghop>guesthouse (avenue)",
    ]


# With a motorcade and without


def test_without_a_motorcade_they_leave_earlier_in_the_rush(loaded: Loaded) -> None:
    # Square to lake: 10 minutes, 20 in the rush. Who has to be there at 17:30 leaves at 17:10.
    def press(start: str) -> str:
        return lines(loaded, {"forum.panel": ("ghop.east", "10 15:30"), "forum.press": ("guesthouse.garden", start)})[1]

    plan = planned(loaded, {"forum.panel": ("ghop.east", "10 15:30"), "forum.press": ("guesthouse.garden", "10 17:30")})
    assert not any(leg.escorted or leg.corridors for leg in legs(loaded.scenario, plan) if leg.persons == ["minister"])
    assert press("10 16:55") == "10 16:45-16:55 nor minister ghop>guesthouse"
    assert press("10 17:30") == "10 17:10-17:30 nor minister ghop>guesthouse"
    # As the rush ends the road is free again: who enters it at 17:50 arrives at 18:10, as who does at 18:00.
    assert press("10 18:10") == "10 18:00-18:10 nor minister ghop>guesthouse"


def test_a_motorcade_knows_no_rush(loaded: Loaded) -> None:
    found = lines(
        loaded, {"visit.talks": ("ghop.east", "10 15:30"), "visit.banquet": ("guesthouse.garden", "10 17:30")}, None
    )
    assert found[0] == "10 17:20-17:30 host president ghop>guesthouse (avenue)"


def test_one_session_of_high_grade_brings_the_motorcade_for_the_way_between(loaded: Loaded) -> None:
    # From the press conference (no motorcade) to the banquet, and from the talks to the press conference.
    found = lines(
        loaded,
        {
            "visit.talks": ("ghop.east", "10 15:00"),
            "forum.press": ("guesthouse.garden", "10 17:10"),
            "visit.banquet": ("ghop.east", "10 18:00"),
        },
        None,
    )
    assert [line for line in found if "host" in line] == [
        "10 17:00-17:10 host president ghop>guesthouse (avenue)",
        "10 17:50-18:00 host president guesthouse>ghop (avenue)",
    ]


def test_home_from_a_session_without_motorcade_goes_without_one(loaded: Loaded) -> None:
    # The way home from the talks is escorted, that to the fair in the evening is not.
    found = lines(loaded, {"visit.talks": ("ghop.east", "10 10:00"), "forum.fair": ("ghop.west", "11 19:00")})
    assert [line for line in found if "principal" in line and "minister" not in line] == [
        "10 09:50-10:00 nor principal inn>ghop ()",
        "10 11:00-11:10 nor principal ghop>inn ()",
    ]
    assert "11 18:50-19:00 nor principal+minister inn>ghop" in found


def test_corridors_come_in_the_order_in_which_they_are_closed(loaded: Loaded) -> None:
    plan = planned(loaded, {"visit.arrival": ("airport.apron", "10 14:00"), "visit.banquet": ("ghop.east", "10 15:00")})
    there = next(leg for leg in legs(loaded.scenario, plan) if leg.from_ == "airport")
    assert there.corridors == ["airport-road", "avenue"]
    plan = planned(loaded, {"visit.banquet": ("ghop.east", "12 10:00"), "visit.departure": ("airport.apron", "12 13:00")})
    back = next(leg for leg in legs(loaded.scenario, plan) if leg.to == "airport")
    assert back.corridors == ["avenue", "airport-road"]


def test_a_way_of_the_table_closes_no_corridor(loaded: Loaded) -> None:
    found = lines(loaded, {"visit.talks": ("ghop.east", "10 10:00"), "visit.banquet": ("island.tower", "10 12:00")}, None)
    assert found[0] == "10 11:15-12:00 host president ghop>island ()"


# Who drives with whom


def test_who_makes_the_same_way_at_the_same_time_shares_a_leg(loaded: Loaded) -> None:
    # The principal comes from the talks, the spouse from the inn; after the banquet they go home together.
    found = lines(loaded, {"visit.talks": ("guesthouse.garden", "10 17:00"), "visit.banquet": ("ghop.east", "10 18:30")})
    assert [line for line in found if "nor" in line] == [
        "10 16:50-17:00 nor principal inn>guesthouse ()",
        "10 18:20-18:30 nor principal guesthouse>ghop (avenue)",
        "10 18:20-18:30 nor spouse inn>ghop ()",
        "10 20:30-20:40 nor principal+spouse ghop>inn ()",
    ]


def test_two_delegations_drive_for_themselves(loaded: Loaded) -> None:
    found = lines(
        loaded, {"visit.talks": ("ghop.east", "10 10:00"), "visit.banquet": ("guesthouse.garden", "10 11:30")}, None
    )
    assert found == [
        "10 11:20-11:30 host president ghop>guesthouse (avenue)",
        "10 11:20-11:30 nor principal ghop>guesthouse (avenue)",
    ]


def test_legs_are_in_order_of_time(loaded: Loaded) -> None:
    plan = planned(
        loaded,
        {
            "visit.banquet": ("ghop.east", "11 18:00"),
            "forum.panel": ("guesthouse.garden", "11 09:00"),
            "visit.arrival": ("airport.apron", "10 14:00"),
            "visit.talks": ("ghop.west", "11 10:00"),
        },
    )
    found = legs(loaded.scenario, plan)
    assert [leg.leave for leg in found] == sorted(leg.leave for leg in found)
    # Principal and spouse home, the minister there and back, one to the talks, one to the banquet, both back.
    assert len(found) == 6


# Edited plan files


def _written(loaded: Loaded, folder: Path) -> Path:
    """Return a plan file with legs, as the scheduler writes it."""
    plan = planned(loaded, {"visit.arrival": ("airport.apron", "10 14:00"), "visit.banquet": ("ghop.east", "10 18:00")})
    file = folder / "plan.json"
    file.write_text(plan_json(plan.model_copy(update={"legs": legs(loaded.scenario, plan)})), encoding="utf-8")
    return file


def _said(loaded: Loaded, file: Path) -> list[str]:
    return [finding.text for finding in check(loaded, read_plan(file, loaded.scenario.calendar.timezone)).findings]


WRONG = "The legs are not those that the sessions and homes of this plan ask for."


def test_a_plan_file_as_it_was_written_has_the_right_legs(loaded: Loaded, tmp_path: Path) -> None:
    file = _written(loaded, tmp_path)
    assert len(json.loads(file.read_text(encoding="utf-8"))["legs"]) == 3
    assert _said(loaded, file) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("leave", "2027-05-10T14:25+08:00"),
        ("arrive", "2027-05-10T14:55+08:00"),
        ("to", "villa"),
        ("persons", ["principal"]),
        ("escorted", False),
        ("corridors", ["avenue", "airport-road"]),
    ],
)
def test_a_leg_that_somebody_has_changed_is_found(loaded: Loaded, tmp_path: Path, key: str, value: object) -> None:
    file = _written(loaded, tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["legs"][0][key] != value
    data["legs"][0][key] = value
    file.write_text(json.dumps(data), encoding="utf-8")
    assert _said(loaded, file) == [WRONG]


def test_a_leg_that_somebody_has_taken_out_is_found(loaded: Loaded, tmp_path: Path) -> None:
    file = _written(loaded, tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    del data["legs"][1]
    file.write_text(json.dumps(data), encoding="utf-8")
    assert _said(loaded, file) == [WRONG]


def test_a_session_that_somebody_has_moved_without_its_legs_is_found(loaded: Loaded, tmp_path: Path) -> None:
    file = _written(loaded, tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["sessions"]["visit.banquet"] |= {"start": "2027-05-10T18:30+08:00", "end": "2027-05-10T20:30+08:00"}
    file.write_text(json.dumps(data), encoding="utf-8")
    assert _said(loaded, file) == [WRONG]


def test_a_plan_by_hand_need_not_say_its_legs(loaded: Loaded, tmp_path: Path) -> None:
    file = _written(loaded, tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    del data["legs"]
    file.write_text(json.dumps(data), encoding="utf-8")
    assert _said(loaded, file) == []


# Homes of plan files


def test_a_delegation_without_a_home_is_found(loaded: Loaded) -> None:
    report = check(loaded, planned(loaded, {}, None))
    assert [finding.text for finding in report.findings] == ["nor has no home; it may stay at Inn or Villa or Camp."]


def test_a_hotel_of_others_is_found_and_counts_as_the_last_wish(load_text: LoadText) -> None:
    text = SCENARIO.replace("[inn, villa, camp]", "[inn, villa]") + "goals: {places: {goal: preferred-venues}}\n"
    loaded = load_text(text)
    report = check(loaded, planned(loaded, {}, "camp"))
    assert [finding.text for finding in report.findings] == ["nor stays at Camp, which is none of its hotels."]
    assert report.figures["places"].figure == 2
