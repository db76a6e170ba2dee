"""Replanning: least changes against brute force, what has begun, facts, reasons, notices, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.check import check
from scheduler.cli.main import scheduler
from scheduler.engine import Limits
from scheduler.engine.decode import decode
from scheduler.errors import InputError
from scheduler.load import kept_to, load
from scheduler.plan import plan_json, read_plan
from scheduler.problem import compile_problem
from scheduler.rules import families
from scheduler.studies.replan import ORDER, replan, weights
from tests.agreement import Drawn, allowed_by_terms, load_small
from tests.conftest import plan_of
from tests.small_scenarios import scenario_data, small_problem

RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

VISIT = """
schema: 1
id: visit
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 15 min}
grades: {G3: {}}
venues:
  airport: {name: Airport, halls: {apron: {name: Apron, pooled: 2}}}
  house: {name: House, halls: {large: {name: Large Hall}, small: {name: Small Hall}}}
travel: {airport: {house: 20 min}}
pools: {escorts: {name: Escorts, capacity: 2}}
delegations:
  nor: {name: Norway, persons: [minister]}
  bra: {name: Brazil, persons: [minister]}
templates:
  arrival:
    event: arrivals
    for: [nor, bra]
    session:
      name: {en: "Arrival of {name}"}
      duration: 30 min
      halls: {any: [airport.apron]}
      delegations: ["{delegation}"]
      persons: [minister]
      within: {morning: {date: 2027-05-10, time: 08:00-12:00}}
      uses: {escorts: {amount: 1}}
events:
  arrivals: {grade: G3, sessions: {}}
  day:
    grade: G3
    within: {open: {from: 2027-05-10, to: 2027-05-11, time: 09:00-18:00}}
    sessions:
      talks: {name: Talks, duration: 60 min, persons: [nor.minister, bra.minister], halls: {any: [house.*]}}
      press: {name: Press, duration: 60 min, halls: {any: [house.*]}}
      dinner: {name: Dinner, duration: 60 min, halls: {any: [house.large]}, optional: {price: 10}}
rules:
  landed: {rule: order, sessions: [arrivals.arrival-nor, day.talks], at-least: 30 min}
goals:
  hold: {goal: hold-events}
"""
BASE = {
    "arrivals.arrival-nor": ("airport.apron", "2027-05-10T09:00"),
    "arrivals.arrival-bra": ("airport.apron", "2027-05-10T09:15"),
    "day.talks": ("house.large", "2027-05-10T11:00"),
    "day.press": ("house.small", "2027-05-10T12:00"),
    "day.dinner": ("house.large", "2027-05-10T17:00"),
}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``scheduler replan`` on the visit and its plan; what follows are options, and files by name."""
    monkeypatch.chdir(tmp_path)
    Path("visit.yaml").write_text(VISIT, encoding="utf-8")
    Path("plan.json").write_text(plan_json(plan_of(load("visit.yaml"), BASE)), encoding="utf-8")

    def running(*options: str, **files: str) -> Result:
        for name, text in files.items():
            Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        arguments = ["replan", "visit.yaml", "plan.json", "--deterministic", *options]
        return CliRunner().invoke(scheduler, arguments, standalone_mode=False)

    return running


def told(result: Result) -> dict[str, Any]:
    """Return what a command said in JSON."""
    assert result.exception is None, result.output
    said: dict[str, Any] = json.loads(result.output)
    return said


def moved(said: dict[str, Any]) -> dict[str, tuple[list[str], str]]:
    """Return of each changed session how and why."""
    return {change["session"]: (change["kinds"], change["why"]) for change in said["changes"]}


@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data(), st.data())
def test_no_plan_there_is_changes_less(drawn: Drawn, data: st.DataObject) -> None:
    loaded = load_small(drawn)
    problem = small_problem(loaded)
    spots = [data.draw(st.sampled_from([None, *problem.spots(session)])) for session in range(len(problem.names))]
    plan = decode(problem, spots)
    answer = replan(loaded, plan, Limits(deterministic=True), prove=True)
    allowed = allowed_by_terms(problem)
    assert (answer.plan is not None) == bool(allowed)
    if answer.plan is not None:
        counting = families()["stability"](**weights(ORDER))
        scenario = kept_to(loaded.scenario, plan)
        assert answer.points == counting.measure(scenario, answer.plan)  # type: ignore[attr-defined]
        least = min(counting.measure(scenario, decode(problem, list(spots))) for spots in allowed)  # type: ignore[attr-defined]
        assert answer.points == least
        assert answer.proved
        assert check(loaded, answer.plan).clean


def test_nothing_new_changes_nothing(run: Run) -> None:
    said = told(run("--format", "json"))
    assert (said["changes"], said["points"], said["fewest"]) == ([], 0, True)


def test_a_late_leader_moves_what_waits_for_him_and_no_more(run: Run) -> None:
    # He lands at 11:30 instead of 9:00; talks from 12:00+30 = 12:30 on, in the same hall; the press may stay.
    said = told(run("--delay", "arrivals.arrival-nor=150min", "--format", "json"))
    assert set(moved(said)) == {"arrivals.arrival-nor", "day.talks"}
    assert moved(said)["arrivals.arrival-nor"] == (["other time"], "Delayed by 150min.")
    kinds, why = moved(said)["day.talks"]
    assert kinds == ["other time"]
    assert "cannot be in both day.talks in Large Hall (House)" in why
    # The old talks end at 12:00, and 20 min further on he would have to be at the airport at 11:30.
    assert "50 min are missing; the way takes 20 min" in why
    assert (said["points"], said["fewest"]) == (2, True)
    assert {(letter["kind"], letter["id"]) for letter in said["notices"]} == {
        ("delegation", "nor"),
        ("delegation", "bra"),
        ("venue", "airport"),
        ("venue", "house"),
        ("pool", "escorts"),
    }


def test_facts_are_as_they_are_and_what_has_begun_stays(run: Run) -> None:
    # Known at noon: the plane landed at 11:30, talks did not begin at 11:00. The press at 12:00 begins now, and stays.
    facts = "kind: actuals\nsessions: {arrivals.arrival-nor: {landed: 2027-05-10T11:30}, day.talks: {missed: true}}"
    closed = "venues: {house: {halls: {small: {closures: {w: {from: 2027-05-10T13:00, to: 2027-05-11T24:00}}}}}}"
    options = ("--actuals", "facts.yaml", "--patch", "closed.yaml", "--now", "2027-05-10T12:00", "--freeze", "30 min")
    said = told(run(*options, "--format", "json", facts=facts, closed=closed))
    assert set(moved(said)) == {"arrivals.arrival-nor", "day.talks"}
    assert moved(said)["arrivals.arrival-nor"][1] == "Landed at 10 May 11:30, planned 10 May 09:00."
    talks = next(change for change in said["changes"] if change["session"] == "day.talks")
    assert talks["now"]["start"] >= "2027-05-10T12:30"


def test_an_overrun_makes_others_wait(run: Run) -> None:
    # The dinner's hall is taken for two hours more, from 11:00 to 14:00, by talks that nothing can cut short.
    facts = "kind: actuals\nsessions: {day.talks: {overran: 6 h 30 min}}"
    said = told(run("--actuals", "facts.yaml", "--now", "2027-05-10T12:30", "--format", "json", facts=facts))
    # The talks end at 18:30, after the hours of their own window; the dinner goes to the next day.
    assert moved(said)["day.talks"] == (["other length"], "Overran by 6 h 30 min.")
    assert moved(said)["day.dinner"][0] == ["other day"]
    assert set(moved(said)) == {"day.talks", "day.dinner"}


def test_the_order_of_gravity_is_the_planner_s(run: Run) -> None:
    # Large Hall closed on the first day from ten on: talks go to the small hall (2) rather than to another day (8).
    closed = "venues: {house: {halls: {large: {closures: {w: {from: 2027-05-10T10:00, to: 2027-05-10T24:00}}}}}}"
    said = told(run("--patch", "closed.yaml", "--format", "json", closed=closed))
    assert moved(said)["day.talks"][0] == ["other hall"]
    assert "Closed 10 May" in moved(said)["day.talks"][1]
    said = told(run("--patch", "closed.yaml", "--order", "hall,absent,venue,time,day", "--format", "json"))
    assert moved(said)["day.talks"][0] == ["other day"]


def test_what_is_proposed_can_be_used_as_a_patch(run: Run) -> None:
    result = run("--delay", "arrivals.arrival-nor=150min", "-o", "new.json", "--as-patch")
    Path("change.yaml").write_text(result.output, encoding="utf-8")
    loaded = load("visit.yaml", ["change.yaml"])
    plan = read_plan("new.json", loaded.scenario.calendar.timezone)
    assert check(loaded, plan).clean
    pins = loaded.scenario.pins
    assert set(pins) == {"arrivals.arrival-nor", "day.talks"}
    assert compile_problem(loaded).starts[compile_problem(loaded).candidates.numbers["day.talks"]]


def test_the_notices_say_what_was_what_is_and_why(run: Run) -> None:
    result = run("--drop", "day.dinner", "-o", "new.json", "--notices", "all.txt")
    assert "1 of 5 sessions change: 1 left out." in result.output
    assert "No plan changes less (16 points)" in result.output
    letters = Path("all.txt").read_text(encoding="utf-8")
    assert "House: 1 change\n  Dinner\n    was  10 May 17:00–18:00 Large Hall (House)\n    is   not held\n" in letters


@pytest.mark.parametrize(
    ("options", "files", "complaint"),
    [
        (("--delay", "arrivals.arrival-swe=1h"), {}, "there is no session 'arrivals.arrival-swe'"),
        (("--delay", "day.talks=1"), {}, "1"),
        (("--now", "noon"), {}, "'noon' is not a date with a time"),
        (("--freeze", "2"), {}, "2"),
        (("--order", "day,time"), {}, "does not name each of absent, day, venue, hall, time once"),
        (("--capacity", "escort=1"), {}, "there is no pool 'escort'\n    Maybe 'escorts'?"),
        (("--pin", "day.talks=house.small", "--pin", "day.talks=house.large"), {}, "pins.day.talks.hall is"),
        (
            ("--actuals", "f.yaml"),
            {"f": "kind: actuals\nsessions:\n  day.talk: {missed: true}"},
            "f.yaml:3:3: there is no session 'day.talk'\n    Maybe 'day.talks'?",
        ),
        (
            ("--actuals", "f.yaml"),
            {"f": "kind: actuals\nsessions:\n  day.talks: {started: 2027-05-09T23:00}"},
            "f.yaml:3:24: 2027-05-09T23:00 is before the plan begins, 2027-05-10",
        ),
        (
            ("--actuals", "f.yaml", "--now", "2027-05-10T10:00"),
            {"f": "kind: actuals\nsessions:\n  day.talks: {started: 2027-05-10T11:05}"},
            "2027-05-10T11:05 is after 2027-05-10T10:00, which is now",
        ),
        (
            ("--actuals", "f.yaml"),
            {"f": "kind: actuals\nsessions:\n  day.talks: {ended: 2027-05-10T10:30}"},
            "day.talks ended at 10:30, before it began",
        ),
        (
            ("--actuals", "f.yaml"),
            {"f": "kind: actuals\nsessions:\n  day.talks: {landed: 2027-05-10T10:30, started: 2027-05-10T10:30}"},
            "either landed or started",
        ),
        (("--actuals", "visit.yaml"), {}, "it does not say 'kind: actuals'"),
        (
            ("--patch", "f.yaml"),
            {"f": "venues: {hous: {closures: {w: {from: 2027-05-10T10:00, to: 2027-05-10T24:00}}}}"},
            "f.yaml:1:16: venues.hous lacks 'name'",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_where_it_is(
    run: Run, options: tuple[str, ...], files: dict[str, str], complaint: str
) -> None:
    result = run(*options, **files)
    assert result.return_value == 2, result.output
    assert complaint in result.output, result.output


def test_a_plan_of_another_scenario_is_refused(run: Run) -> None:
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    Path("plan.json").write_text(json.dumps({**plan, "scenario": "other"}), encoding="utf-8")
    result = run()
    assert result.return_value == 2
    assert "this is a plan for 'other', not for 'visit'" in result.output


def test_what_fits_nowhere_is_told_with_a_way_out(run: Run) -> None:
    result = run("--close", "airport")
    assert result.return_value == 3
    assert "arrivals.arrival-nor fits no hall" in result.output
    assert "Maybe leave them out: --drop arrivals.arrival-nor --drop arrivals.arrival-bra" in result.output


def test_an_order_that_is_none(run: Run) -> None:
    with pytest.raises(InputError):
        weights(["day", "day", "venue", "hall", "time"])
    assert weights(ORDER) == {"absent": 16, "day": 8, "venue": 4, "hall": 2, "time": 1, "home": 4}
