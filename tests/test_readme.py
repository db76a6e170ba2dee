"""The README shows what the commands print: each is run in order, in a copy of the project's scenarios."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from scheduler.rules import Goal, families

HOME = Path(__file__).parents[1]
README = (HOME / "README.md").read_text(encoding="utf-8")
MISTAKEN = "by-hand.plan.yaml"
"""The tour's plan with mistakes, whose check leaves with 5."""


def tour(text: str) -> list[tuple[str, list[str]]]:
    """Return the scheduler commands of a text, each with the lines shown below it."""
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return [(command, lines) for command, lines in steps if command.startswith("./dev scheduler")]


def squeezed(text: str) -> str:
    """Return a text with every run of blanks as one."""
    return re.sub(r"\s+", " ", text)


def test_the_tour_prints_what_it_shows(tmp_path: Path) -> None:
    shutil.copytree(HOME / "scenarios", tmp_path / "scenarios")
    steps = tour(README)
    assert len(steps) >= 8
    for command, shown in steps:
        arguments = shlex.split(command.removeprefix("./dev scheduler"))
        environment = {**os.environ, "PYTHONPATH": str(HOME)}
        run = [sys.executable, "-m", "scheduler", *arguments]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == (5 if MISTAKEN in command else 0), (command, done.stderr)
        for line in shown:
            assert squeezed(line).strip() in squeezed(done.stdout), (command, line)


def test_the_python_example_runs(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example is not None
    subprocess.run([sys.executable, "-c", example[1]], cwd=HOME, check=True, capture_output=True)


def test_the_tables_name_every_rule_and_goal_with_its_unit() -> None:
    rows = {row[0]: row for line in README.splitlines() if line.startswith("| `") for row in [re.findall(r"[^|]+", line)]}
    told = {name.strip(" `"): [cell.strip() for cell in row] for name, row in rows.items()}
    assert set(told) == set(families())
    for name, family in families().items():
        gives_way = issubclass(family, Goal) or "soften" in family.model_fields
        assert told[name][2] == (family.unit if gives_way else "–"), name


def test_the_first_two_commands_are_the_ones_that_do_everything() -> None:
    first = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert first is not None
    assert first[1].splitlines() == ["$ ./dev demo", "$ ./dev test"]
