"""The scenarios that are shipped: what they expect comes true, whatever plan of that value the solver chooses."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.load import load

HOME = Path(__file__).parents[1]
SHIPPED = sorted((HOME / "scenarios").glob("*/scenario.yaml"))


LIMITS = {"state-visit": Limits(), "brf-2023": Limits(gap=0.25), "autumn-2023": Limits(gap=0.5, seconds=120)}
"""What is asked of each here; how good the plans of a summit and a season become in how many seconds is for benchmarks."""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_shipped_scenario_solves_as_it_expects(path: Path) -> None:
    loaded, limits = load(path), LIMITS[path.parent.name]
    expected = loaded.scenario.file.expect
    outcome = solve(loaded, limits)
    assert expected.status in (None, outcome.status)
    assert outcome.plan is not None
    assert len(outcome.plan.absent) == expected.absent
    assert check(loaded, outcome.plan).clean
    assert all(tier.bound <= tier.value and tier.gap <= limits.gap for tier in outcome.plan.tiers)


@pytest.mark.parametrize("folder", ["brf-2023", "autumn-2023"])
def test_what_is_published_can_be_held(folder: str) -> None:
    """Days, places and order as they were published, laid over what had to hold: a plan of them leaves nothing out."""
    path = HOME / "scenarios" / folder
    loaded = load(path / "scenario.yaml", [path / "published.yaml"])
    outcome = solve(loaded, Limits(gap=0.9))  # with a gap of 1 the first plan would do, whatever it leaves out
    assert outcome.plan is not None, outcome.reason
    assert outcome.plan.absent == {}
    assert check(loaded, outcome.plan).clean
    assert set(loaded.scenario.pins) <= set(outcome.plan.sessions)


def test_shipped_scenarios_open_with_their_schema() -> None:
    for path in SHIPPED:
        assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=")


def test_every_hall_of_the_city_says_whether_its_figures_are_published() -> None:
    venues = load(HOME / "scenarios" / "state-visit" / "scenario.yaml").scenario.venues
    for venue_id, venue in venues.items():
        assert venue.source, venue_id
        for hall_id, hall in venue.halls.items():
            assert hall.source, f"{venue_id}.{hall_id}"
            figures = {*hall.seats, *(("area",) if hall.area else ())}
            assert not isinstance(hall.basis, dict) or figures <= set(hall.basis), f"{venue_id}.{hall_id}"
            assert hall.basis, f"{venue_id}.{hall_id}"


def test_the_state_visit_keeps_its_ceremony_in_order_and_its_guest_rested() -> None:
    """What a protocol officer reads first; the times themselves are the solver's choice."""
    outcome = solve(load(HOME / "scenarios" / "state-visit" / "scenario.yaml"))
    assert outcome.plan is not None
    at = outcome.plan.sessions
    ceremony = ["welcome", "talks-restricted", "talks-extended", "signing", "photo", "banquet"]
    for before, after in pairwise(ceremony):
        gap = (at[f"visit.{after}"].start - at[f"visit.{before}"].end).total_seconds() / 60
        assert 5 <= gap <= 15, (before, after)
    assert at["visit.welcome"].option == "outdoors"
    assert at["visit.departure"].start.date() == outcome.plan.sessions["visit.farewell"].start.date()
