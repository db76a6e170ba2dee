"""The walls of the house, as far as the import linter does not hold them, and names that say where a line belongs."""

from __future__ import annotations

import ast
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from scheduler.rules import Goal, families

HOME = Path(__file__).parents[1]
SOURCES = [path for folder in ("scheduler", "constraints", "benchmarks") for path in (HOME / folder).rglob("*.py")]


def imports_of(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_only_the_engine_imports_the_solver() -> None:
    users = {
        path.relative_to(HOME).parts[:2] for path in SOURCES if any(name.startswith("ortools") for name in imports_of(path))
    }
    assert users == {("scheduler", "engine")}


def test_a_family_imports_nothing_of_the_program_but_the_contract() -> None:
    for path in (HOME / "constraints").rglob("*.py"):
        inside = {name for name in imports_of(path) if name.startswith(("scheduler", "constraints"))}
        assert inside <= {"scheduler.rules"}, path


def test_one_family_is_one_file_under_its_own_name() -> None:
    files = {path.stem for path in (HOME / "constraints").rglob("*.py") if path.stem != "__init__"}
    assert files == {family.replace("-", "_") for family in families()}
    for name, family in families().items():
        folder = "constraints.goals" if issubclass(family, Goal) else "constraints"
        assert family.__module__ == f"{folder}.{name.replace('-', '_')}"


def test_every_family_is_told_and_has_an_example() -> None:
    for name, family in families().items():
        doc = family.__doc__ or ""
        assert doc.split("\n\n")[0].strip().endswith("."), name
        assert "\n        " in doc, f"{name} has no example"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HOME)))
def test_a_file_has_one_subject(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    assert len(path.read_text(encoding="utf-8").splitlines()) < 450


def test_the_check_works_without_the_solver(tmp_path: Path) -> None:
    """A machine that has no ortools can still hold a plan against its scenario."""
    plan = tmp_path / "visit.plan.json"
    scenario = HOME / "scheduler" / "cli" / "starter.yaml"
    made = subprocess.run(
        [sys.executable, "-m", "scheduler", "solve", str(scenario), "-o", str(plan), "--quiet"], cwd=tmp_path, check=False
    )
    assert made.returncode == 0
    script = (
        "import sys; sys.modules['ortools'] = None\n"
        f"sys.argv = ['scheduler', 'check', {str(scenario)!r}, {str(plan)!r}]\n"
        "from scheduler.cli.main import main; main()"
    )
    checked = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "Clean" in checked.stdout


def test_help_does_not_wait_for_the_solver_or_the_schema() -> None:
    script = (
        "import sys; sys.argv = ['scheduler', '--help']\n"
        "from scheduler.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'ortools', 'pydantic', 'networkx', 'rich', 'yaml'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert asked.stdout.splitlines()[-1] == "[]"


def test_versions_are_pinned_for_everything_the_project_asks_for() -> None:
    settings = ConfigParser()
    settings.read(HOME / "setup.cfg", encoding="utf-8")
    asked = settings["options"]["install_requires"] + settings["options.extras_require"]["test"]
    asked += settings["options.extras_require"]["lint"]
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (HOME / "pinned-versions.txt").read_text().splitlines()
    }
    for line in asked.split("\n"):
        name = line.split(">")[0].split(",")[0].strip().lower()
        assert not name or name in pins, name
