"""``benchmarks.identity`` says of every instance whether a plan's points are its set's own score."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import identity, kept
from benchmarks.convert.__main__ import SETS
from benchmarks.convert.score import Score
from benchmarks.identity import main
from scheduler.engine import Limits, Outcome
from scheduler.load import Loaded
from scheduler.plan import Plan
from tests.test_convert import CONFERENCE, PROJECT, TIMETABLE
from tests.test_convert_cosplib import workbook


@pytest.fixture
def instances(tmp_path: Path) -> Path:
    """Return a folder with a tiny instance of each set."""
    for name in SETS:
        (tmp_path / name).mkdir()
    (tmp_path / "conference" / "tiny.json").write_text(CONFERENCE)
    (tmp_path / "ctt" / "tiny.ctt").write_text(TIMETABLE)
    (tmp_path / "mrcpsp" / "tiny.mm").write_text(PROJECT)
    (tmp_path / "mrcpsp" / "best_known.csv").write_text("instance,lower_bound,upper_bound,source\n")
    workbook(tmp_path / "cosplib" / "tiny.xlsx")
    return tmp_path


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """Return a folder with one tiny project, of which 7 minutes are the best (see test_convert)."""
    (tmp_path / "mrcpsp").mkdir()
    (tmp_path / "mrcpsp" / "tiny.mm").write_text(PROJECT)
    return tmp_path


def verdicts(printed: str) -> dict[str, str]:
    """Return the verdict that was printed on the line of each set's instance."""
    lines = (line for line in printed.splitlines() if " tiny." in line)
    return {line.split()[0]: line.rsplit("  ", 1)[1] for line in lines}


def test_points_of_tiny_instances_are_their_scores(instances: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(instances), "--seconds", "20"]) == 0
    assert verdicts(capsys.readouterr().out) == dict.fromkeys(SETS, "equal")


@pytest.mark.parametrize(
    ("violations", "more", "expected"), [(0, 1, "DIFFERENT"), (0, -1, "DIFFERENT"), (1, 0, "NOT VALID"), (0, 0, "equal")]
)
def test_a_score_that_is_off_is_noticed(
    projects: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    violations: int,
    more: int,
    expected: str,
) -> None:
    chosen = SETS["mrcpsp"]

    def off(path: Path, plan: Plan) -> Score:
        score = chosen.score(path, plan)
        return replace(
            score,
            violations={**score.violations, "precedence": violations},
            penalties={"makespan": score.penalties["makespan"] + more},
        )

    monkeypatch.setitem(SETS, "mrcpsp", chosen._replace(score=off))
    assert main([str(projects)]) == int(expected != "equal")
    assert verdicts(capsys.readouterr().out) == {"mrcpsp": expected}


def test_a_project_that_no_budget_allows_is_infeasible(projects: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The least of N that jobs 2 and 3 take together is 2 + 1.
    (projects / "mrcpsp" / "tiny.mm").write_text(PROJECT.replace("    3    8\n", "    3    2\n"))
    assert main([str(projects)]) == 0
    assert verdicts(capsys.readouterr().out) == {"mrcpsp": "infeasible"}


def test_without_a_plan_it_is_searched_once_more(
    projects: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    searched = []

    def in_vain(_loaded: Loaded, limits: Limits) -> Outcome:
        searched.append(limits.seconds)
        return Outcome("unknown", limits.seconds)

    monkeypatch.setattr(identity, "solve", in_vain)
    assert main([str(projects), "--seconds", "5"]) == 0
    assert searched == [5, 20]
    assert verdicts(capsys.readouterr().out) == {"mrcpsp": "no plan"}


def test_what_cannot_be_converted_does_not_end_the_run(projects: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (projects / "mrcpsp" / "bad.mm").write_text("jobs: none\n")
    assert main([str(projects)]) == 1
    printed = capsys.readouterr().out
    assert "FAILED\n    " in printed
    assert "bad.mm" in printed.split("FAILED\n")[1].splitlines()[0]  # the message names the file
    assert verdicts(printed) == {"mrcpsp": "equal"}


def test_the_table_is_kept_without_the_path(
    projects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "benchmarks").mkdir()
    monkeypatch.setattr(kept, "HOME", tmp_path)
    assert main([str(projects), "--save"]) == 0
    path = tmp_path / capsys.readouterr().out.splitlines()[-1].removeprefix("kept in ")
    figures = json.loads(path.read_text())
    assert figures["command"] == "python -m benchmarks.identity FOLDER --seconds 20 --save"
    assert figures["sets"]["mrcpsp"]["equal"] == 1
    row = figures["instances"][0]
    assert (row["set"], row["file"], row["points"], row["score"], row["bound"]) == ("mrcpsp", "tiny.mm", 7, 7, 7)
    assert str(tmp_path) not in path.read_text()


def test_a_folder_without_instances_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path)])
    assert stop.value.code == 2
    assert "there is no instance in" in capsys.readouterr().err
