"""What-if studies: short forms, variants and grids, one table, what is kept, what fails alone, what is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scheduler import executor
from scheduler.check import check
from scheduler.cli.main import scheduler
from scheduler.errors import InputError, Place
from scheduler.executor import DiedError, run_here
from scheduler.load import build, load
from scheduler.plan import plan_json, read_plan
from scheduler.scenario.merge import patched, plain
from scheduler.scenario.strict_yaml import parse
from scheduler.studies.patches import composed, placed
from scheduler.studies.short_forms import Subject, patch_of
from scheduler.studies.study import read_study
from tests.conftest import plan_of

FORUM = """
schema: 1
id: forum
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 30 min}
grades: {G3: {}}
venues:
  house:
    name: House
    halls:
      large: {name: Large Hall, seats: {theatre: 100}}
      small: {name: Small Hall, seats: {theatre: 40}}
      garden: {name: Garden, seats: {theatre: 30}, pooled: 3}
  palace: {name: Palace, halls: {gold: {name: Gold Hall, seats: {theatre: 60}}}}
pools:
  guards: {name: Guards, capacity: 4, during: {noon: {daily: 12:00-13:00, capacity: 3}}}
delegations: {nor: {persons: [minister]}}
events:
  day:
    grade: G3
    within: {open: {from: 2027-05-10, to: 2027-05-11, time: 09:00-12:00}}
    sessions:
      opening:
        {duration: 60 min, attendance: 80, layout: theatre, halls: {any: [house.large]}, uses: {guards: {amount: 2}},
         prefer: {start: 2027-05-10T10:00}}
      panel:
        {duration: 60 min, attendance: 30, layout: theatre, halls: {any: [house.*, palace.*]}, uses: {guards: {amount: 2}},
         prefer: {start: 2027-05-10T10:00, venues: [house.small]}}
  gala:
    grade: G3
    optional: {price: 7}
    sessions:
      dinner:
        options: {in: {halls: {any: [house.large]}}, out: {halls: {any: [house.garden]}, price: 1}}
        duration: 120 min
        attendance: 20
        layout: theatre
        within: {evening: {date: 2027-05-10, time: 18:00-22:00}}
goals:
  hold: {goal: hold-events, tier: 1}
  times: {goal: preferred-times, tier: 2}
  places: {goal: preferred-venues, tier: 2, weight: 10}
"""
BASE = {
    "day.opening": ("house.large", "2027-05-10T10:00"),
    "day.panel": ("house.small", "2027-05-10T10:00"),
    "gala.dinner": ("house.large", "2027-05-10T18:00"),
}
STUDY = """
kind: study
base: plan.json
variants:
  closed: {close: house@2027-05-10}
  nonsense: {change: {venues: {hous: {closures: {}}}}}
  nowhere: {close: house}
grids:
  crowd:
    more: {each: [10, 30], attendance: "day=+{each}%"}
    less: {choices: {gala: {drop: gala}, guards: {capacity: guards=2}}}
"""

Run = Callable[..., Result]


def one_after_another(function: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[int, Any]]:
    """Run jobs in this process."""
    yield from ((number, function(job)) for number, job in enumerate(jobs))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``scheduler whatif`` on the forum, its plan and its study, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(executor, "run_here", one_after_another)
    Path("forum.yaml").write_text(FORUM, encoding="utf-8")
    plan = plan_of(load("forum.yaml"), BASE, {"gala.dinner": "in"})
    Path("plan.json").write_text(plan_json(plan), encoding="utf-8")
    Path("study.yaml").write_text(STUDY, encoding="utf-8")

    def running(*options: str, quiet: bool = True) -> Result:
        arguments = ["whatif", "forum.yaml", *options, "--deterministic", *(["--quiet"] if quiet else [])]
        return CliRunner().invoke(scheduler, arguments, standalone_mode=False)

    return running


def rows(result: Result) -> dict[str, dict[str, Any]]:
    """Return the rows that a study prints in JSON, by variant."""
    assert result.exception is None, result.output
    said = [json.loads(line) for line in result.output.splitlines()]
    return {row["variant"]: row for row in said}


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """Return the forum and its plan."""
    file = tmp_path / "forum.yaml"
    file.write_text(FORUM, encoding="utf-8")
    loaded = load(file)
    return Subject(loaded.scenario, plan_of(loaded, BASE, {"gala.dinner": "in"}))


DAY_CLOSED = {
    "study-2027-05-10": {"from": "2027-05-10T00:00+08:00", "to": "2027-05-11T00:00+08:00"},
}


@pytest.mark.parametrize(
    ("form", "word", "patch"),
    [
        ("close", "house@2027-05-10", {"venues": {"house": {"closures": DAY_CLOSED}}}),
        ("close", "house.small@2027-05-10", {"venues": {"house": {"halls": {"small": {"closures": DAY_CLOSED}}}}}),
        (
            "delay",
            "day.panel=30min",
            {
                "events": {
                    "day": {
                        "sessions": {
                            "panel": {
                                "within": {"as-it-is": {"from": "2027-05-10T10:30+08:00", "to": "2027-05-10T11:30+08:00"}}
                            }
                        }
                    }
                },
                "pins": {"day.panel": {"hall": "house.small", "start": "2027-05-10T10:30+08:00"}},
            },
        ),
        ("pin", "day.panel", {"pins": {"day.panel": {"hall": "house.small", "start": "2027-05-10T10:00+08:00"}}}),
        ("pin", "gala.dinner=house.garden", {"pins": {"gala.dinner": {"hall": "house.garden"}}}),
        (
            "pin",
            "day.panel=palace.gold@2027-05-11T09:00",
            {"pins": {"day.panel": {"hall": "palace.gold", "start": "2027-05-11T09:00+08:00"}}},
        ),
        (
            "forbid",
            "day.panel=house",
            {"events": {"day": {"sessions": {"panel": {"halls": {"any": ["palace.gold"]}}}}}},
        ),
        (
            "forbid",
            "gala.dinner=house.large",
            {
                "events": {
                    "gala": {"sessions": {"dinner": {"options": {"in": None, "out": {"halls": {"any": ["house.garden"]}}}}}}
                }
            },
        ),
        (
            "forbid",
            "day.panel@2027-05-10",
            {
                "rules": {
                    "study-forbid-day-panel-2027-05-10": {
                        "rule": "unavailable",
                        "sessions": ["day.panel"],
                        "times": {"then": {"from": "2027-05-10T00:00+08:00", "to": "2027-05-11T00:00+08:00"}},
                    }
                }
            },
        ),
        # 4 less a quarter is 3, and at noon 3 less a quarter is 2.25, rounded down; 3 at all times leaves noon as it is.
        ("capacity", "guards=-25%", {"pools": {"guards": {"capacity": 3, "during": {"noon": {"capacity": 2}}}}}),
        ("capacity", "guards=2", {"pools": {"guards": {"capacity": 2, "during": {"noon": {"capacity": 2}}}}}),
        ("capacity", "guards=9", {"pools": {"guards": {"capacity": 9, "during": {"noon": {"capacity": 3}}}}}),
        ("attendance", "gala=+10%", {"events": {"gala": {"sessions": {"dinner": {"attendance": 22}}}}}),
        ("attendance", "day.panel=35", {"events": {"day": {"sessions": {"panel": {"attendance": 35}}}}}),
    ],
)
def test_a_short_form_is_a_patch_that_the_scenario_takes(
    subject: Subject, form: str, word: str, patch: dict[str, Any]
) -> None:
    found = patch_of(subject, form, word, Place("here"))
    assert plain(found) == patch
    issues: list[Any] = []
    build(patched(parse(FORUM, "forum.yaml"), found, issues), issues=issues)


def test_what_is_dropped_is_left_out_for_nothing(subject: Subject) -> None:
    # Also where the plan would be better with it, and where a pin wants it held.
    pinned = placed({"pins": {"gala.dinner": {"hall": "house.large"}, "day.panel": {"hall": "house.small"}}}, Place("p"))
    tree = patched(parse(FORUM, "forum.yaml"), pinned, [])
    both = Subject(build(tree).scenario)
    for word in ("gala", "day.panel"):
        tree = patched(tree, patch_of(both, "drop", word, Place("here")), [])
    loaded = build(tree)
    assert check(loaded, plan_of(loaded, {"day.opening": BASE["day.opening"]})).clean
    assert not check(loaded, plan_of(loaded, BASE, {"gala.dinner": "in"})).clean


@pytest.mark.parametrize(
    ("form", "word", "complaint"),
    [
        ("close", "hous@2027-05-10", "here: close 'hous@2027-05-10': there is no venue 'hous'\n    Maybe 'house'?"),
        ("close", "house.big", "there is no hall 'house.big'"),
        ("close", "house@2027-05-32", "'2027-05-32' is not a date"),
        ("close", "house@2027-06-01", "2027-06-01 lies outside the calendar"),
        ("close", "house@2027-05-11..2027-05-10", "ends before it begins"),
        ("close", "house@2027-05-10T10:00", "is no span"),
        ("delay", "day.panel", "two sides of '='"),
        ("delay", "day.panels=30min", "there is no session 'day.panels'\n    Maybe 'day.panel'?"),
        ("drop", "galas", "there is no event 'galas'\n    Maybe 'gala'?"),
        ("pin", "day.panel@2027-05-10", "names no time of day"),
        ("forbid", "day.panel", "what is forbidden?"),
        ("forbid", "day.opening=house", "day.opening has no other hall\n    Maybe '--drop day.opening'?"),
        ("capacity", "guards=many", "'many' is no amount"),
        ("capacity", "guards=20%", "'20%' is no amount"),
        ("attendance", "days=10", "there is no event or session 'days'"),
    ],
)
def test_a_short_form_that_names_nothing(subject: Subject, form: str, word: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        patch_of(subject, form, word, Place("here"))
    assert complaint in str(caught.value)


def test_a_delay_needs_the_plan_it_counts_from(subject: Subject) -> None:
    with pytest.raises(InputError, match="a delay counts from the base plan, and there is no base plan"):
        patch_of(Subject(subject.scenario), "delay", "day.panel=30min", Place("here"))


def test_two_changes_that_contradict_each_other_are_told_with_both_places() -> None:
    issues: list[Any] = []
    first, second = (placed({"pools": {"guards": {"capacity": n}}}, Place(f"--{n}")) for n in (3, 2))
    composed(first, second, issues)
    assert [str(issue) for issue in issues] == [
        "--2: pools.guards.capacity is 2 here and 3 at --3\n    Maybe leave one of the two out."
    ]


def test_a_study_is_one_table(run: Run) -> None:
    found = rows(run("study.yaml", "--format", "json"))
    assert list(found) == ["closed", "nonsense", "nowhere"] + [
        f"crowd.{more}.{less}" for more in (10, 30) for less in ("gala", "guards")
    ]
    # Closed on the first day: the opening goes to the second, 23 hours from 10:00 at its nearest (9:00); the panel stays at
    # 10:00 in the palace (1 place further down its wishes, which are 0 for those it names and 1 for others).
    closed = found["closed"]
    assert closed["status"] == "optimal"
    assert closed["absent"] == ["gala"]
    assert closed["moved"] == {"left out": 1, "other day": 1, "other venue": 1}
    assert closed["figures"]["times"] == 23 * 60
    assert found["nonsense"]["status"] == "invalid"
    assert "lacks 'name'" in found["nonsense"]["why"][0]
    assert found["nowhere"]["status"] == "infeasible"
    assert found["nowhere"]["why"] == ["1 session fits no hall: day.opening"]
    # 80 and 30 people and a tenth: 88 in the large hall, 33 in the small one. With three tenths 104 find no seats.
    assert found["crowd.10.gala"]["moved"] == {"left out": 1}
    assert found["crowd.10.gala"]["tightest"] == "Guards: 4 of 4, 10 May 10:00"
    # Two guards are enough for one at a time: one of the two moves by an hour.
    assert found["crowd.10.guards"]["figures"]["times"] == 60
    assert found["crowd.10.guards"]["tightest"].startswith("Guards: 2 of 2, 10 May")
    assert found["crowd.30.gala"]["status"] == "infeasible"


def test_plans_and_patches_are_kept_and_fit_each_other(run: Run) -> None:
    run("study.yaml", "--format", "csv", "-o", "kept")
    for name in ("closed", "crowd.10.guards"):
        loaded = load("forum.yaml", [f"kept/{name}.yaml"])
        plan = read_plan(f"kept/{name}.plan.json", loaded.scenario.calendar.timezone)
        assert check(loaded, plan).clean
        assert (plan.digest, plan.patches) == (loaded.digest, [f"{name}.yaml"])
    table = list(csv.DictReader(Path("kept/table.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["variant"] for row in table][:2] == ["base", "closed"]
    assert table[1]["moved"] == "1 left out; 1 other day; 1 other venue"
    assert table[1]["left out"] == "gala"


def test_what_is_done_is_not_done_again_and_what_was_changed_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(function: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[int, Any]]:
        for number, job in enumerate(jobs):
            if job.variant.name == "crowd.30.gala" and not asked.count("stop"):
                asked.append("stop")
                raise KeyboardInterrupt
            asked.append(job.variant.name)
            yield number, function(job)

    monkeypatch.setattr(executor, "run_here", counting)
    first = run("study.yaml", "-o", "kept")
    assert first.return_value == 4
    assert "2 not finished" in first.output
    assert asked == ["closed", "nonsense", "nowhere", "crowd.10.gala", "crowd.10.guards", "stop"]
    second = run("study.yaml", "-o", "kept", "--format", "json")
    assert asked[6:] == ["crowd.30.gala", "crowd.30.guards"]
    assert rows(second)["closed"]["moved"] == {"left out": 1, "other day": 1, "other venue": 1}
    Path("study.yaml").write_text(STUDY.replace("close: house}", "close: palace}"), encoding="utf-8")
    run("study.yaml", "-o", "kept")
    assert asked[8:] == ["nowhere"]
    run("study.yaml", "-o", "kept", "--time-limit", "9")
    assert len(asked) == 9 + 7


def test_one_variant_that_fails_leaves_the_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(function: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[int, Any]]:
        yield 0, DiedError("killed")
        yield from ((number, function(job)) for number, job in enumerate(jobs) if number)

    monkeypatch.setattr(executor, "run_here", failing)
    result = run("study.yaml", "--format", "json")
    assert result.return_value == 1
    assert (rows(result)["closed"]["status"], rows(result)["closed"]["why"]) == ("failed", ["killed"])
    assert rows(result)["crowd.10.gala"]["status"] == "optimal"


def test_the_bounds_of_the_base_hold_where_a_variant_only_narrows(run: Run) -> None:
    from scheduler.engine import Limits
    from scheduler.studies.whatif import ground, only_narrows

    tree = parse(FORUM, "forum.yaml")
    loaded = build(tree)
    common = ground(tree, (), plan_of(loaded, BASE, {"gala.dinner": "in"}), Limits())
    narrows = {
        "close house@2027-05-10": True,
        "pin day.panel": True,
        "pin day.panel@2027-05-10T10:10": False,
        "capacity guards=3": True,
        "capacity guards=5": False,
        "forbid day.panel@2027-05-11": True,
        "drop gala": False,
        "attendance gala=5": False,
    }
    for said, expected in narrows.items():
        form, _, word = said.partition(" ")
        assert only_narrows(common, patch_of(Subject(loaded.scenario, common.plan), form, word, Place("x"))) == expected, (
            said
        )


def test_short_forms_alone_are_a_study_of_one(run: Run) -> None:
    result = run("--base", "plan.json", "--close", "house.small@2027-05-10", "--drop", "gala", "--format", "json")
    (name,) = rows(result)
    assert name == "close-house.small@2027-05-10.drop-gala"
    assert (rows(result)[name]["changed"], rows(result)[name]["absent"]) == (2, ["gala"])
    patch = run("--close", "house.small@2027-05-10", "--as-patch").output
    assert "from: 2027-05-10T00:00+08:00" in patch


def test_without_a_plan_the_scenario_itself_is_planned_first(run: Run) -> None:
    result = run("--drop", "gala", "-o", "kept")
    assert "base" in result.output
    assert read_plan("kept/base.plan.json", load("forum.yaml").scenario.calendar.timezone).status == "optimal"


def test_what_it_costs_is_said_before_it_starts(run: Run) -> None:
    many = "kind: study\ngrids: {g: {a: {each: [" + ",".join(map(str, range(100))) + "], attendance: 'gala={each}'},"
    many += " b: {each: [" + ",".join(map(str, range(100))) + "], attendance: 'day.panel={each}'}}}"
    Path("many.yaml").write_text(many, encoding="utf-8")
    said = run("many.yaml", "--dry-run", "--workers", "2", "--time-limit", "10").output.splitlines()
    assert said[0] == "10000 variants of at most 10 units of work each, 2 side by side"
    assert len(said) == 10_001
    result = CliRunner().invoke(scheduler, ["whatif", "forum.yaml", "many.yaml", "--dry-run", "--workers", "2"])
    assert "2 side by side: 17 h at most" in result.output  # 5,000 rounds of 10 s and 2 s to begin


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("venues: {}", "it does not say 'kind: study'\n    Maybe it is a patch: --patch?"),
        ("kind: study", "a study has 'variants' or 'grids'"),
        ("kind: study\nvariants: {a: {closes: x}}", "study.yaml:2:16: unknown key 'closes'"),
        ("kind: study\nvariants: {a: {patch: gone.yaml}}", "gone.yaml"),
        ("kind: study\nvariants:\n  a: {close: [house, hose]}", "study.yaml:3:22: close 'hose': there is no venue 'hose'"),
        (
            "kind: study\nvariants:\n  a: {capacity: [guards=1, guards=2]}",
            "study.yaml:3:28: pools.guards.capacity is 2 here",
        ),
        ("kind: study\ngrids: {g: {a: {close: house}}}", "an axis has either 'each' or 'choices'"),
        ("kind: study\nbase: other.json\nvariants: {a: {drop: gala}}", "this is a plan for 'rain', not for 'forum'"),
    ],
)
def test_a_study_that_cannot_be_meant(run: Run, text: str, complaint: str) -> None:
    Path("other.json").write_text('{"kind": "plan", "scenario": "rain", "sessions": {}}', encoding="utf-8")
    Path("study.yaml").write_text(text, encoding="utf-8")
    result = run("study.yaml")
    assert result.return_value == 2, result.output
    assert complaint in result.output, result.output


def test_a_study_knows_how_many_variants_it_has(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    assert read_study(file).count == 3 + 2 * 2


def double_or_die(number: int) -> int:
    """Return twice a number; 3 kills its process, 4 raises."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 4:
        raise ValueError("four")
    return 2 * number


def test_jobs_run_side_by_side_and_one_that_dies_dies_alone() -> None:
    found = dict(run_here(double_or_die, [1, 3, 5, 4, 7], 2))
    assert {number: said for number, said in found.items() if isinstance(said, int)} == {0: 2, 2: 10, 4: 14}
    assert isinstance(found[1], DiedError)
    assert isinstance(found[3], ValueError)
