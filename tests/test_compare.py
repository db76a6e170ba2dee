"""Two plans told apart: each way in which a session can change, homes, venues, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli.main import scheduler
from scheduler.errors import InputError
from scheduler.load import Loaded
from scheduler.plan import Figure, Plan, plan_json
from scheduler.studies.compare import compare
from tests.conftest import LoadText, plan_of

TWO_HOUSES = """
schema: 1
id: two-houses
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 15 min}
grades: {G3: {}}
venues:
  house: {name: House, halls: {large: {name: Large Hall}, small: {name: Small Hall}}}
  palace: {name: Palace, halls: {gold: {name: Gold Hall}}}
delegations: {nor: {name: Norway, persons: [minister]}, bra: {name: Brazil}}
events:
  day:
    grade: G3
    sessions:
      talks: {duration: 60 min, persons: [nor.minister]}
      lunch: {duration: 60 min, delegations: [bra, nor]}
      press: {duration: 60 min, optional: {price: 5}}
"""
BASE = {
    "day.talks": ("house.large", "2027-05-10T10:00"),
    "day.lunch": ("house.small", "2027-05-10T12:00"),
    "day.press": ("house.large", "2027-05-10T15:00"),
}


@pytest.fixture
def loaded(load_text: LoadText) -> Loaded:
    """Load the scenario of this file."""
    return load_text(TWO_HOUSES)


@pytest.mark.parametrize(
    ("talks", "kinds"),
    [
        (("house.large", "2027-05-10T10:00"), ()),
        (("house.large", "2027-05-10T10:15"), ("other time",)),
        (("house.small", "2027-05-10T10:00"), ("other hall",)),
        (("palace.gold", "2027-05-10T10:00"), ("other venue",)),
        (("house.large", "2027-05-11T10:00"), ("other day",)),
        (("house.large", "2027-05-11T11:00"), ("other day",)),
        (("palace.gold", "2027-05-10T11:00"), ("other venue", "other time")),
    ],
)
def test_each_way_to_change(loaded: Loaded, talks: tuple[str, str], kinds: tuple[str, ...]) -> None:
    found = compare(loaded.scenario, plan_of(loaded, BASE), plan_of(loaded, BASE | {"day.talks": talks}))
    assert [(change.session, change.kinds) for change in found.changes] == ([("day.talks", kinds)] if kinds else [])
    assert found.sessions == 3


def test_left_out_and_held_after_all(loaded: Loaded) -> None:
    less = plan_of(loaded, {name: spot for name, spot in BASE.items() if name != "day.press"})
    assert compare(loaded.scenario, plan_of(loaded, BASE), less).counts == {"left out": 1}
    assert compare(loaded.scenario, less, plan_of(loaded, BASE)).counts == {"held after all": 1}


def test_by_delegation_counts_those_of_its_persons_too(loaded: Loaded) -> None:
    later = {"day.talks": ("house.large", "2027-05-10T10:15"), "day.lunch": ("house.small", "2027-05-10T12:15")}
    found = compare(loaded.scenario, plan_of(loaded, BASE), plan_of(loaded, BASE | later))
    named = {name: [c.session for c in changes] for name, changes in found.by_delegation(loaded.scenario).items()}
    assert named == {"nor": ["day.talks", "day.lunch"], "bra": ["day.lunch"]}


def test_by_venue_tells_who_goes_comes_and_stays(loaded: Loaded) -> None:
    other = {"day.talks": ("palace.gold", "2027-05-10T10:00"), "day.lunch": ("house.large", "2027-05-10T12:00")}
    found = compare(loaded.scenario, plan_of(loaded, BASE), plan_of(loaded, BASE | other)).by_venue()
    assert found["house"] == (("day.talks",), (), ("day.lunch",))
    assert found["palace"] == ((), ("day.talks",), ())


def test_a_delegation_that_stays_elsewhere_is_told_without_any_session(loaded: Loaded) -> None:
    was, now = (plan_of(loaded, BASE).model_copy(update={"homes": {"bra": hotel}}) for hotel in ("a", "b"))
    found = compare(loaded.scenario, was, now)
    assert [(home.delegation, home.was, home.now) for home in found.homes] == [("bra", "a", "b")]
    assert found.by_delegation(loaded.scenario) == {"bra": ()}


def test_a_plan_for_another_scenario_is_refused(loaded: Loaded) -> None:
    other = Plan(scenario="rain", sessions={})
    with pytest.raises(InputError, match="this is a plan for 'rain', not for 'two-houses'"):
        compare(loaded.scenario, plan_of(loaded, BASE), other)


def test_the_command_in_text_and_json(loaded: Loaded, tmp_path: Path) -> None:
    was = plan_of(loaded, BASE)
    figure = Figure(family="cost", tier=1, figure=3, unit="points", points=3)
    later = BASE | {"day.talks": ("house.large", "2027-05-10T11:00")}
    now = plan_of(loaded, later).model_copy(update={"figures": {"cost": figure}})
    for name, plan in (("was", was), ("now", now)):
        (tmp_path / name).write_text(plan_json(plan), encoding="utf-8")
    arguments = ["diff", str(tmp_path / "scenario.yaml"), str(tmp_path / "was"), str(tmp_path / "now")]
    said = CliRunner().invoke(scheduler, arguments).output
    assert "1 of 3 sessions differ: 1 other time." in said
    assert "10 May 10:00–11:00 Large Hall (House)" in said
    assert "10 May 11:00–12:00 Large Hall (House)" in said
    assert "Norway" in said
    told = json.loads(CliRunner().invoke(scheduler, [*arguments, "--format", "json"]).output)
    assert told["counts"] == {"other time": 1}
    assert told["changes"][0]["now"] == {
        "hall": "house.large",
        "start": "2027-05-10T11:00+08:00",
        "end": "2027-05-10T12:00+08:00",
    }
    assert told["delegations"] == {"nor": ["day.talks"]}
    assert told["venues"] == {"house": {"go": [], "come": [], "stay": ["day.talks"]}}
    assert told["figures"]["cost"]["was"] is None
