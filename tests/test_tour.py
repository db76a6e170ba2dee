"""The tour of docs/what-if.md answers what it shows: each command is run in order, in this process."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scheduler import executor
from scheduler.cli.main import scheduler

HOME = Path(__file__).parents[1]
TOUR = (HOME / "docs" / "what-if.md").read_text(encoding="utf-8")


def steps() -> list[tuple[str, list[str]]]:
    """Return the commands of the tour, each with the lines shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", TOUR, re.DOTALL):
        command, *shown = block.splitlines()
        found.append((command.removeprefix("$ ./dev scheduler "), shown))
    return found


def one_after_another(function: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[int, Any]]:
    """Run jobs in this process."""
    yield from ((number, function(job)) for number, job in enumerate(jobs))


def squeezed(text: str) -> str:
    """Return a text with every run of blanks as one."""
    return re.sub(r"\s+", " ", text)


def test_the_tour_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HOME / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(executor, "run_here", one_after_another)
    assert len(steps()) == 6
    for command, shown in steps():
        done = CliRunner().invoke(scheduler, shlex.split(command), standalone_mode=False)
        assert done.exception is None, command
        assert done.return_value == 0, (command, done.output)
        for line in shown:
            assert squeezed(line).strip() in squeezed(done.output), (command, line, done.output)


def test_the_study_that_is_shown_is_the_one_that_is_run() -> None:
    study = (HOME / "scenarios" / "brf-2023" / "convention-center.yaml").read_text(encoding="utf-8")
    shown = re.search(r"```yaml\n(kind: study\n.*?)```", TOUR, re.DOTALL)
    assert shown is not None
    assert shown[1] in study
