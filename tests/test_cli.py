"""The command line from end to end: what a planner types, what she reads, what the shell is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.rules import example_of, sentence_of
from scheduler.rules import families
from scheduler.scenario.strict_yaml import parse

HOME = Path(__file__).parents[1]
STATE_VISIT = str(HOME / "scenarios" / "state-visit")


def scheduler(*arguments: str, folder: Path = HOME) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    command = [sys.executable, "-m", "scheduler", *arguments]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(HOME)}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def visit_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the plan of the state visit, solved once."""
    plan = tmp_path_factory.mktemp("visit") / "visit.plan.json"
    solved = scheduler("solve", STATE_VISIT, "-o", str(plan))
    assert solved.returncode == 0, solved.stderr
    return plan


def edited(plan: Path, to: Path, **changes: dict[str, Any]) -> str:
    """Write a copy of a plan with changed sessions (``visit__talks={...}``), as a tired hand would."""
    data = json.loads(plan.read_text(encoding="utf-8"))
    for session, change in changes.items():
        data["sessions"][session.replace("__", ".").replace("_", "-")].update(change)
    to.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    return str(to)


def test_solve_shows_the_days_the_figures_and_where_the_plan_lies(tmp_path: Path) -> None:
    solved = scheduler("solve", STATE_VISIT, folder=tmp_path)
    assert solved.returncode == 0
    for words in (
        "Friday 14 April 2023",
        "State banquet",
        "Golden Hall",
        "Brazil: President",
        "travel-minutes",
    ):
        assert words in solved.stdout
    assert "Proved optimal" in solved.stdout
    assert "state-visit.plan.json" in solved.stdout
    assert (tmp_path / "state-visit.plan.json").is_file()
    assert "incumbent" in solved.stderr
    assert "bound" in solved.stderr


def test_solve_in_json_prints_one_object_a_line_and_the_result_last(tmp_path: Path) -> None:
    solved = scheduler("solve", STATE_VISIT, "--format", "json", "-o", str(tmp_path / "p.json"))
    lines = [json.loads(line) for line in solved.stdout.splitlines()]
    assert lines[-1]["event"] == "result"
    assert lines[-1]["status"] == "optimal"
    assert all(line["event"] == "progress" for line in lines[:-1])
    plan = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert plan["tiers"] == lines[-1]["tiers"]


def test_check_of_the_engine_s_plan_is_clean(visit_plan: Path) -> None:
    checked = scheduler("check", STATE_VISIT, str(visit_plan))
    assert checked.returncode == 0
    assert "Clean" in checked.stdout
    assert checked.stderr == ""


def test_check_refuses_one_person_in_two_places(visit_plan: Path, tmp_path: Path) -> None:
    """The Premier's meeting moved into the meeting with the Chairman: one guest, two halls."""
    plan = json.loads(visit_plan.read_text(encoding="utf-8"))
    chairman = plan["sessions"]["visit.npc-chairman"]
    other = "ghop.fujian" if chairman["hall"] != "ghop.fujian" else "ghop.xinjiang"
    moved = {"hall": other, "start": chairman["start"], "end": chairman["end"]}
    checked = scheduler("check", STATE_VISIT, edited(visit_plan, tmp_path / "p.json", visit__premier=moved))
    assert checked.returncode == 5
    sentence = next(
        line for line in checked.stdout.splitlines() if "cannot be in both" in line and "visit.npc-chairman" in line
    )
    for words in (
        "Brazil, President",
        "visit.npc-chairman",
        "visit.premier",
        "Great Hall of the People",
        "45 min are missing",
    ):
        assert words in sentence


def test_check_refuses_a_hall_used_twice(visit_plan: Path, tmp_path: Path) -> None:
    plan = json.loads(visit_plan.read_text(encoding="utf-8"))
    talks = plan["sessions"]["visit.talks-extended"]
    spouses = plan["sessions"]["visit.spouses"]
    assert spouses["start"] < talks["end"]  # they run at one time in two halls
    path = edited(visit_plan, tmp_path / "p.json", visit__spouses={"hall": talks["hall"]})
    checked = scheduler("check", STATE_VISIT, path)
    assert checked.returncode == 5
    sentence = next(line for line in checked.stdout.splitlines() if "both use" in line)
    for words in ("visit.talks-extended", "visit.spouses", "(Great Hall of the People)", "min", "turnover"):
        assert words in sentence


def test_check_in_json_gives_each_violation_its_sentence(visit_plan: Path, tmp_path: Path) -> None:
    path = edited(visit_plan, tmp_path / "p.json", visit__banquet={"end": "2023-04-14T23:59+08:00"})
    checked = scheduler("check", STATE_VISIT, path, "--format", "json")
    assert checked.returncode == 5
    answer = json.loads(checked.stdout)
    assert answer["status"] == "violated"
    assert answer["violations"][0]["sessions"] == ["visit.banquet"]
    assert "min in the plan, 90 in the scenario" in answer["violations"][0]["text"]


def test_check_warns_where_the_scenario_or_a_stated_figure_differs(visit_plan: Path, tmp_path: Path) -> None:
    data = json.loads(visit_plan.read_text(encoding="utf-8"))
    data["digest"] = "0000000000000000"
    data["figures"]["travel"]["figure"] = 1
    (tmp_path / "p.json").write_text(json.dumps(data), encoding="utf-8")
    checked = scheduler("check", STATE_VISIT, str(tmp_path / "p.json"))
    assert checked.returncode == 0
    assert "another version of the scenario" in checked.stderr
    assert "says travel is 1 minutes" in checked.stderr


def test_a_patch_changes_the_plan_and_is_recorded(tmp_path: Path) -> None:
    rain = tmp_path / "rain.yaml"
    rain.write_text(
        "venues: {ghop: {halls: {east-gate: {closures:\n"
        "  {rain: {from: 2023-04-14T00:00, to: 2023-04-14T24:00, why: rain}}}}}}\n",
        encoding="utf-8",
    )
    solved = scheduler("solve", STATE_VISIT, "--patch", str(rain), "-o", str(tmp_path / "p.json"), "--quiet")
    assert solved.returncode == 0
    assert solved.stdout == solved.stderr == ""
    plan = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert plan["patches"] == ["rain.yaml"]
    assert plan["sessions"]["visit.welcome"]["option"] == "indoors"
    assert scheduler("check", STATE_VISIT, str(tmp_path / "p.json"), "--patch", str(rain)).returncode == 0
    unpatched = scheduler("check", STATE_VISIT, str(tmp_path / "p.json"))
    assert "with the patches rain.yaml" in unpatched.stderr


def test_a_base_plan_keeps_what_it_can(visit_plan: Path, tmp_path: Path) -> None:
    """With stability above all other goals and nothing else changed, nothing moves."""
    patch = tmp_path / "stay.yaml"
    patch.write_text("goals: {stay: {goal: stability, tier: 1, weight: 1000}}\n", encoding="utf-8")
    arguments = ["--patch", str(patch), "--base", str(visit_plan), "-o", str(tmp_path / "p.json"), "--quiet"]
    assert scheduler("solve", STATE_VISIT, *arguments).returncode == 0
    kept, before = (json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "p.json", visit_plan))
    assert {s: (p["hall"], p["start"]) for s, p in kept["sessions"].items()} == {
        s: (p["hall"], p["start"]) for s, p in before["sessions"].items()
    }
    assert kept["figures"]["stay"]["figure"] == 0


def test_deterministic_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert scheduler("solve", STATE_VISIT, "--deterministic", "--quiet", "-o", str(tmp_path / name)).returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_an_infeasible_scenario_says_why_and_writes_no_plan(tmp_path: Path) -> None:
    (tmp_path / "crowd.yaml").write_text("events: {visit: {sessions: {banquet: {attendance: 9000}}}}\n", encoding="utf-8")
    for command in ("solve", "validate"):
        asked = scheduler(command, STATE_VISIT, "--patch", str(tmp_path / "crowd.yaml"), folder=tmp_path)
        assert asked.returncode == 3
        assert "visit.banquet fits no hall" in asked.stderr
        assert "ghop.state-banquet: seats 5000 in the layout banquet; 9000 attend (seating)" in asked.stderr
        assert "scenario.yaml:" in asked.stderr
    assert not list(tmp_path.glob("*.json"))


def test_a_plan_is_not_written_over_a_folder_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    refused = scheduler("solve", STATE_VISIT, "-o", "plans", folder=tmp_path)
    assert refused.returncode == 2
    assert "plans: cannot write: is a directory" in refused.stderr
    assert "incumbent" not in refused.stderr  # said before the search
    assert [path.name for path in tmp_path.rglob("*")] == ["plans"]


def test_validate_counts_and_why_not_gives_reasons_by_hall() -> None:
    valid = scheduler("validate", STATE_VISIT)
    assert valid.returncode == 0
    assert "15 sessions" in valid.stdout
    asked = scheduler("validate", STATE_VISIT, "--why-not", "visit.banquet", "--format", "json")
    halls = {row["hall"]: row for row in json.loads(asked.stdout)["halls"]}
    assert halls["ghop.gold"]["starts"] > 0
    assert halls["ghop.east"]["starts"] == 0
    assert "seats nobody in the layout banquet" in halls["ghop.east"]["why_not"]
    unknown = scheduler("validate", STATE_VISIT, "--why-not", "visit.banqet")
    assert unknown.returncode == 2
    assert "Maybe 'visit.banquet'?" in unknown.stderr


def test_the_effective_scenario_is_a_scenario_with_the_same_plan(tmp_path: Path) -> None:
    told = scheduler("validate", STATE_VISIT, "--effective")
    assert told.returncode == 0
    for words in ("occupancy", "timezone: Asia/Shanghai", "hold-events"):
        assert words in told.stdout
    (tmp_path / "whole.yaml").write_text(told.stdout, encoding="utf-8")
    solved = scheduler("solve", str(tmp_path / "whole.yaml"), "--format", "json", "-o", str(tmp_path / "p.json"))
    result = json.loads(solved.stdout.splitlines()[-1])
    plain = scheduler("solve", STATE_VISIT, "--format", "json", "-o", str(tmp_path / "q.json"))
    assert result["tiers"] == json.loads(plain.stdout.splitlines()[-1])["tiers"]


def test_new_writes_a_scenario_that_solves_and_never_overwrites(tmp_path: Path) -> None:
    assert scheduler("new", "First Visit", folder=tmp_path).returncode == 0
    assert scheduler("solve", "First Visit", folder=tmp_path).returncode == 0
    assert (tmp_path / "first-visit.plan.json").is_file()
    before = (tmp_path / "First Visit" / "scenario.yaml").read_bytes()
    again = scheduler("new", "First Visit", folder=tmp_path)
    assert again.returncode == 2
    assert (tmp_path / "First Visit" / "scenario.yaml").read_bytes() == before


def test_rules_lists_every_family_in_a_line_and_tells_one() -> None:
    listed = scheduler("rules")
    assert listed.returncode == 0
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines() if line not in ("rules:", "goals:")]
    assert sorted(name for name, _ in lines) == sorted(families())
    assert all(sentence.endswith(".") for _, sentence in lines)
    told = scheduler("rules", "order")
    assert "rule: order" in told.stdout
    assert "When it blocks a plan" in told.stdout
    assert scheduler("rules", "odrer").returncode == 2


def test_rules_tells_a_program_what_each_says_and_counts_and_how_it_is_written() -> None:
    told = {row["name"]: row for row in json.loads(scheduler("rules", "--format", "json").stdout)["rules"]}
    assert set(told) == set(families())
    assert told["together"]["sentence"] == "Sessions share a hall, a venue, a day, or their start."
    assert told["presence"]["example"] == "rules:\n  whole-events: {rule: presence}"
    assert (told["presence"]["standing"], told["presence"]["soft"]) == (True, False)
    assert (told["order"]["soft"], told["order"]["unit"]) == (True, "minutes")
    assert (told["stability"]["kind"], told["stability"]["unit"]) == ("goal", "points")


def test_rules_says_in_one_line_what_a_docstring_says_in_two() -> None:
    doc = """Sessions are
    short.

    Planners need it.

        rules:
          brief: {rule: short,
                  most: 1 h}

    And also:

        goals: {}
    """
    assert sentence_of(doc) == "Sessions are short."
    assert parse(example_of(doc), "doc") == {"rules": {"brief": {"rule": "short", "most": "1 h"}}, "goals": {}}


def test_schema_is_the_one_that_is_shipped() -> None:
    shipped = (HOME / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert json.loads(scheduler("schema").stdout) == json.loads(shipped), (
        "run: scheduler schema -o scenarios/scenario.schema.json"
    )


@pytest.mark.parametrize(
    "arguments", [["solve"], ["solve", "x.yaml", "--workers", "0"], ["sovle", "x.yaml"], ["check", "x.yaml"]]
)
def test_a_mistyped_command_is_the_input_s_fault(arguments: list[str]) -> None:
    asked = scheduler(*arguments)
    assert asked.returncode == 2
    assert "Traceback" not in asked.stderr


HELD = """\
schema: 1
id: held
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10}
grades: {G3: {}}
venues: {ghop: {name: Great Hall, hours: 09:00-12:00, halls: {east: {}}}}
events: {visit: {grade: G3, sessions: {talks: {duration: 1 h}}}}
holds: {ball: {hall: ghop.east, from: 2027-05-10T08:00, to: 2027-05-10T12:00, by: State Ballet, price: 40}}
goals: {displaced: {goal: displaced-holds}}
"""


def test_solve_tells_who_is_displaced_and_check_counts_it(tmp_path: Path) -> None:
    (tmp_path / "held.yaml").write_text(HELD, encoding="utf-8")
    solved = scheduler("solve", "held.yaml", folder=tmp_path)
    assert solved.returncode == 0, solved.stderr
    assert "Displaced: State Ballet in ghop.east (40 points)" in solved.stdout
    plan = tmp_path / "held.plan.json"
    written = plan.read_text(encoding="utf-8")
    assert json.loads(written)["displaced"] == ["ball"]
    assert scheduler("check", "held.yaml", "held.plan.json", folder=tmp_path).returncode == 0
    plan.write_text(written.replace('"ball"', ""), encoding="utf-8")
    checked = scheduler("check", "held.yaml", "held.plan.json", folder=tmp_path)
    assert checked.returncode == 5
    assert "State Ballet holds it" in checked.stdout


def test_a_plan_displaces_nobody_who_may_not_be(tmp_path: Path) -> None:
    (tmp_path / "held.yaml").write_text(HELD, encoding="utf-8")
    assert scheduler("solve", "held.yaml", folder=tmp_path).returncode == 0
    (tmp_path / "firm.yaml").write_text(HELD.replace(", price: 40", ""), encoding="utf-8")
    checked = scheduler("check", "firm.yaml", "held.plan.json", folder=tmp_path)
    assert checked.returncode == 2
    assert "the hold 'ball' has no price: nobody may displace it" in checked.stderr
