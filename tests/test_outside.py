"""A package of somebody else adds a rule by the entry point alone: tests/outside, installed for one process at a time."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
OUTSIDE = Path(__file__).parent / "outside"
SCENARIO = OUTSIDE / "scenario.yaml"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return a folder with the package as an installer leaves it; building it would ask for an index and a build tool."""
    settings = ConfigParser()
    settings.read(OUTSIDE / "setup.cfg", encoding="utf-8")
    said, folder = settings["metadata"], tmp_path / "packages"
    about = folder / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    about.mkdir(parents=True)
    for module in settings["options"]["py_modules"].split():
        shutil.copy(OUTSIDE / f"{module}.py", folder)
    metadata = f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n"
    (about / "METADATA").write_text(metadata, encoding="utf-8")
    points = [f"[{group}]\n{lines.strip()}\n" for group, lines in settings["options.entry_points"].items()]
    (about / "entry_points.txt").write_text("\n".join(points), encoding="utf-8")
    return folder


def scheduler(*arguments: str, beside: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, with what is installed in the folder ``beside`` it."""
    path = os.pathsep.join(map(str, (HOME, beside) if beside else (HOME,)))
    command = [sys.executable, "-m", "scheduler", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)


def plan_on(day: str, file: Path) -> str:
    """Write a plan with the talks on a day of April."""
    talks = {"hall": "ministry.blue", "start": f"{day}T10:00", "end": f"{day}T11:00"}
    file.write_text(json.dumps({"schema": 1, "kind": "plan", "scenario": "outside", "sessions": {"visit.talks": talks}}))
    return str(file)


def test_it_imports_nothing_of_the_program_but_the_contract() -> None:
    tree = ast.parse((OUTSIDE / "rest_day.py").read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in modules if name.split(".")[0] not in sys.stdlib_module_names} == {"scheduler.rules"}


def test_without_the_package_there_is_no_such_rule() -> None:
    validated = scheduler("validate", str(SCENARIO))
    assert validated.returncode == 2
    assert "there is no rule 'rest-day'" in validated.stderr


def test_it_is_listed_and_told_and_known_to_editors(packages: Path) -> None:
    listed = {line.split()[0]: line for line in scheduler("rules", beside=packages).stdout.splitlines()}
    assert listed["rest-day"].endswith("On its day of rest a delegation has no session.")
    assert "order" in listed
    assert "Planners need it" in scheduler("rules", "rest-day", beside=packages).stdout

    def words(schema: str) -> set[str]:
        return {word for word in ("rest-day", "weekday") if json.dumps(word) in schema}

    assert words(scheduler("schema", "--format", "json", beside=packages).stdout) == {"rest-day", "weekday"}
    assert words(scheduler("schema", "--format", "json").stdout) == set()


def test_what_it_may_not_say_is_told_with_its_place(packages: Path, tmp_path: Path) -> None:
    patch = tmp_path / "patch.yaml"
    patch.write_text("rules: {friday: {delegation: kza}}", encoding="utf-8")
    validated = scheduler("validate", str(SCENARIO), "--patch", str(patch), beside=packages)
    assert validated.returncode == 2
    assert "patch.yaml:1:30: " in validated.stderr
    assert "there is no delegation 'kza'" in validated.stderr


@pytest.mark.parametrize("patch", ["rules: {}", "rules: {friday: {soften: {weight: 999999}}}"], ids=["refused", "priced"])
def test_solve_keeps_it(patch: str, packages: Path, tmp_path: Path) -> None:
    """Thursday 17:00, the last start of that day, is nearer to Friday 10:00 than any start of Saturday."""
    over, plan = tmp_path / "patch.yaml", tmp_path / "outside.plan.json"
    over.write_text(patch, encoding="utf-8")
    solved = scheduler("solve", str(SCENARIO), "--patch", str(over), "-o", str(plan), beside=packages)
    assert solved.returncode == 0, solved.stderr
    talks = json.loads(plan.read_text(encoding="utf-8"))["sessions"]["visit.talks"]
    assert talks["start"].startswith("2027-04-15T17:00")


def test_check_tells_of_it(packages: Path, tmp_path: Path) -> None:
    friday = scheduler("check", str(SCENARIO), plan_on("2027-04-16", tmp_path / "friday.json"), beside=packages)
    assert friday.returncode == 5
    assert "visit.talks starts Friday, 16 Apr, the day of rest of Kazakhstan." in " ".join(friday.stdout.split())
    thursday = scheduler("check", str(SCENARIO), plan_on("2027-04-15", tmp_path / "thursday.json"), beside=packages)
    assert thursday.returncode == 0
