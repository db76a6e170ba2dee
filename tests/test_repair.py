"""A search that begins from a plan finds what it would find without; little moves where little must."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.engine import Limits, solve
from scheduler.engine.decode import decode
from scheduler.engine.repair import spots_of
from scheduler.load import Loaded
from tests.agreement import Drawn, allowed_by_terms, best_values, load_small
from tests.conftest import LoadText, plan_of
from tests.small_scenarios import scenario_data, small_problem

RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

HALLS = """
schema: 1
id: mended
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 30 min}
grades: {G3: {}}
venues:
  house: {name: House, halls: {large: {name: Large}, small: {name: Small}}}
delegations: {nor: {persons: [minister]}}
events:
  day:
    grade: G3
    within: {hours: {from: 2027-05-10, to: 2027-05-11, time: 09:00-12:00}}
    sessions:
      talks: {duration: 60 min, persons: [nor.minister], halls: {any: [house.large]}}
      lunch: {duration: 60 min, persons: [nor.minister], halls: {any: [house.large]}}
  other:
    grade: G3
    within: {hours: {date: 2027-05-10, time: 09:00-12:00}}
    sessions:
      press: {duration: 60 min, halls: {any: [house.large, house.small]}}
"""
BASE = {
    "day.talks": ("house.large", "2027-05-10T09:00"),
    "day.lunch": ("house.large", "2027-05-10T10:00"),
    "other.press": ("house.large", "2027-05-10T11:00"),
}


@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data(), st.data())
def test_from_whatever_plan_the_engine_finds_the_best_there_is(drawn: Drawn, data: st.DataObject) -> None:
    loaded = load_small(drawn)
    problem = small_problem(loaded)
    spots = [data.draw(st.sampled_from([None, *problem.spots(session)])) for session in range(len(problem.names))]
    start = decode(problem, spots)
    assert spots_of(problem, start) == spots
    allowed = allowed_by_terms(problem)
    outcome = solve(loaded, Limits(deterministic=True), start=start)
    assert outcome.status == ("optimal" if allowed else "infeasible")
    if outcome.plan is not None:
        best, _ = best_values(loaded, list(allowed.values()))
        assert {tier.tier: tier.value for tier in outcome.plan.tiers} == best


def moved(loaded: Loaded) -> set[str]:
    """Return the sessions that are elsewhere than in the base plan when the search begins from it."""
    plan = solve(loaded, Limits(deterministic=True), start=plan_of(loaded, BASE)).plan
    assert plan is not None
    after = {name: (placed.hall, f"{placed.start:%Y-%m-%dT%H:%M}") for name, placed in plan.sessions.items()}
    return {name for name in BASE if after[name] != BASE[name]}


def test_a_plan_that_keeps_all_rules_stays_as_it_is(load_text: LoadText) -> None:
    assert moved(load_text(HALLS)) == set()


def test_only_what_is_touched_moves_where_there_is_room(load_text: LoadText) -> None:
    # The talks can no longer be at nine of the first day; the three hours of the other day are free.
    closed = (
        HALLS
        + "rules: {ill: {rule: unavailable, persons: [nor.minister], times: {m: {date: 2027-05-10, time: 09:00-10:00}}}}"
    )
    assert moved(load_text(closed)) == {"day.talks"}


def test_others_move_too_where_there_is_no_room(load_text: LoadText) -> None:
    # The talks must be on the first day from eleven on, where the press is: that can go to the small hall, or earlier.
    pinned = HALLS + "pins: {day.talks: {start: 2027-05-10T11:00}, day.lunch: {start: 2027-05-10T10:00}}"
    assert moved(load_text(pinned)) == {"day.talks", "other.press"}


def test_a_plan_in_hand_is_mended_even_where_the_time_is_out(load_text: LoadText) -> None:
    closed = HALLS + "pins: {day.talks: {start: 2027-05-10T11:00}}"
    outcome = solve(load_text(closed), Limits(1e-6), start=plan_of(load_text(HALLS), BASE))
    assert outcome.plan is not None
