"""On scenarios small enough to try every plan: terms, checks and the engine agree."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings

from tests.agreement import (
    Drawn,
    a_conflict_is_minimal,
    load_small,
    no_bound_is_too_high,
    terms_and_checks_agree,
    the_engine_finds_the_best,
    what_is_pruned_is_forbidden,
)
from tests.small_scenarios import scenario_data

RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@settings(max_examples=250, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_terms_and_checks_allow_the_same_plans_at_the_same_price(drawn: Drawn) -> None:
    event("feasible" if terms_and_checks_agree(load_small(drawn)) else "infeasible")


@settings(max_examples=700, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_the_engine_finds_the_best_plan_there_is(drawn: Drawn) -> None:
    event("feasible" if the_engine_finds_the_best(load_small(drawn)) else "infeasible")


@settings(max_examples=200, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_no_bound_is_higher_than_the_best_plan(drawn: Drawn) -> None:
    event("feasible" if no_bound_is_too_high(load_small(drawn)) else "infeasible")


@settings(max_examples=80, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_what_is_pruned_is_what_the_check_forbids_of_one_session_alone(drawn: Drawn) -> None:
    event("all possible" if what_is_pruned_is_forbidden(load_small(drawn)) else "some impossible")


@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_a_conflict_is_minimal_and_a_price_that_of_the_best_plan(drawn: Drawn) -> None:
    event("feasible" if a_conflict_is_minimal(load_small(drawn)) else "infeasible")
