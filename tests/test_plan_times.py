"""When a plan says that a hall is taken: move-in, then the sweep where one is due, the session, move-out."""

from __future__ import annotations

import pytest

from scheduler.check import check
from scheduler.engine import solve
from scheduler.plan import Placed
from tests.conftest import LoadText, plan_of

HOUSE = """
schema: 1
id: house
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 15 min}
grades: {G1: {sweep: 2 h}, G3: {}}
venues:
  house:
    name: House
    clearance: G1
    halls: {a: {}, b: {}, apron: {pooled: 3}}
    combinations: {ab: [a, b]}
events:
  visit:
    grade: G1
    sessions:
      first: {duration: 60 min, move-in: 30 min, move-out: 15 min}
      second: {duration: 60 min, move-in: 30 min}
  fair:
    grade: G3
    sessions:
      stand: {duration: 60 min}
"""


def placed(load_text: LoadText, **pins: tuple[str, str]) -> dict[str, Placed]:
    """Return the plan with each session pinned to a hall and a start of 10 May."""
    rows = [
        f"  {session.replace('__', '.')}: {{hall: house.{hall}, start: 2027-05-10T{start}}}"
        for session, (hall, start) in pins.items()
    ]
    outcome = solve(load_text(HOUSE + "pins:\n" + "\n".join(rows)))
    assert outcome.plan is not None, outcome.reason
    return outcome.plan.sessions


def clock(moment: object) -> str:
    """Return the time of day, or nothing."""
    return f"{moment:%H:%M}" if moment else ""


def taken(one: Placed) -> tuple[str, str, str]:
    """Return when the hall is taken from, when it is swept from, and when it is free again."""
    return clock(one.hall_from), clock(one.sweep_from), clock(one.hall_to)


def test_the_first_of_an_envelope_has_move_in_and_sweep(load_text: LoadText) -> None:
    at = placed(load_text, visit__first=("a", "12:00"), visit__second=("a", "14:00"), fair__stand=("b", "12:00"))
    assert taken(at["visit.first"]) == ("09:30", "10:00", "13:15")  # 2 h of sweep, 30 min of move-in before it
    assert taken(at["visit.second"]) == ("13:30", "", "15:00")  # the envelope has the hall already, swept


def test_another_envelope_in_between_breaks_the_seal(load_text: LoadText) -> None:
    at = placed(load_text, visit__first=("a", "12:00"), fair__stand=("a", "14:00"), visit__second=("a", "18:00"))
    assert taken(at["fair.stand"]) == ("14:00", "", "15:00")
    assert taken(at["visit.second"]) == ("15:30", "16:00", "19:00")


def test_a_combination_is_swept_where_a_part_of_it_is_not(load_text: LoadText) -> None:
    at = placed(load_text, visit__first=("a", "12:00"), visit__second=("ab", "14:00"), fair__stand=("apron", "12:00"))
    # Of the two parts b is still to be swept; the whole is taken from its move-in on, for a is in use before.
    assert taken(at["visit.second"]) == ("13:30", "12:00", "15:00")


def test_a_pooled_hall_is_not_swept(load_text: LoadText) -> None:
    at = placed(load_text, visit__first=("apron", "12:00"), visit__second=("b", "14:00"), fair__stand=("a", "12:00"))
    assert taken(at["visit.first"]) == ("11:30", "", "13:15")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hall_from": "2027-05-10T11:45"}, "moves in for 30 min"),
        ({"hall_to": "2027-05-10T13:00"}, "moves out for 15 min"),
    ],
)
def test_a_hand_cannot_take_the_hall_for_less(load_text: LoadText, change: dict[str, str], words: str) -> None:
    loaded = load_text(HOUSE)
    spots = {"visit.first": ("house.a", "2027-05-10T12:00"), "visit.second": ("house.b", "2027-05-10T14:00")}
    plan = plan_of(loaded, spots | {"fair.stand": ("house.apron", "2027-05-10T12:00")})
    first = Placed.model_validate(
        plan.sessions["visit.first"].model_dump() | change, context={"zone": loaded.scenario.calendar.timezone}
    )
    edited = plan.model_copy(update={"sessions": plan.sessions | {"visit.first": first}})
    assert check(loaded, plan).clean
    assert any(words in finding.text for finding in check(loaded, edited).findings)


def test_nothing_is_both_held_and_left_out(load_text: LoadText) -> None:
    loaded = load_text(HOUSE)
    spots = {"visit.first": ("house.a", "2027-05-10T12:00"), "visit.second": ("house.b", "2027-05-10T14:00")}
    plan = plan_of(loaded, spots | {"fair.stand": ("house.apron", "2027-05-10T12:00")})
    both = plan.model_copy(update={"absent": {"fair.stand": 5}})
    assert [finding.sessions for finding in check(loaded, both).findings] == [("fair.stand",)]
