"""A study on a Dask cluster: a real scheduler and two workers on loopback, one of which is killed in mid-run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli.main import scheduler
from scheduler.executor import CONNECTING, Cluster
from scheduler.load import load
from scheduler.plan import plan_json
from tests.conftest import plan_of
from tests.test_whatif import BASE, FORUM, STUDY

pytest.importorskip("distributed")

HOME = Path(__file__).parents[1]


def started(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a program of the cluster; what it says goes to a file."""
    environment = {**os.environ, "PYTHONPATH": str(HOME), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false"}
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        command = [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:]]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers on loopback; return its address and the workers."""
    where = tmp_path / "cluster.json"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    running = [started(tmp_path, "dask_scheduler", *here, "--port", "0", "--scheduler-file", str(where))]
    try:
        until = time.monotonic() + 60
        while not where.is_file() and time.monotonic() < until:
            time.sleep(0.05)
        options = ("--scheduler-file", str(where), "--nthreads", "1", "--no-nanny")
        both = [started(tmp_path, "dask_worker", *options, *here) for _ in range(2)]
        running += both
        address = where.read_text(encoding="utf-8").split('"address": "')[1].split('"')[0]
        with Cluster(address) as cluster:
            while cluster.workers < 2 and time.monotonic() < until:
                time.sleep(0.05)
        yield address, both
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def doubled(number: int) -> int:
    """Return twice a number, after a moment."""
    time.sleep(0.2)
    return 2 * number


def test_every_job_arrives_once_though_a_worker_is_killed(
    workers: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, both = workers
    found = []
    with Cluster(address) as cluster:
        for answer in cluster.run(doubled, list(range(12))):
            if not found:
                os.kill(both[0].pid, 9)
            found.append(answer)
    assert sorted(found, key=lambda answer: answer[0]) == [(number, 2 * number) for number in range(12)]

    monkeypatch.chdir(tmp_path)
    Path("forum.yaml").write_text(FORUM, encoding="utf-8")
    Path("plan.json").write_text(plan_json(plan_of(load("forum.yaml"), BASE, {"gala.dinner": "in"})), encoding="utf-8")
    Path("study.yaml").write_text(STUDY, encoding="utf-8")
    for folder, more in (("there", ["--cluster", address]), ("here", ["--workers", "1"])):
        arguments = ["whatif", "forum.yaml", "study.yaml", "--deterministic", "-o", folder, *more]
        done = CliRunner().invoke(scheduler, arguments, standalone_mode=False)
        assert done.return_value == 2, done.output  # one variant is not valid
    plans = sorted(path.name for path in Path("here").glob("*.plan.json"))
    assert plans == sorted(path.name for path in Path("there").glob("*.plan.json"))
    for name in plans:
        assert (Path("here") / name).read_bytes() == (Path("there") / name).read_bytes()


def test_a_cluster_that_is_not_there_is_told_within_seconds(tmp_path: Path) -> None:
    (tmp_path / "forum.yaml").write_text(FORUM, encoding="utf-8")
    began = time.monotonic()
    arguments = ["whatif", str(tmp_path / "forum.yaml"), "--drop", "gala", "--cluster", "tcp://127.0.0.1:1"]
    done = CliRunner().invoke(scheduler, arguments, standalone_mode=False)
    assert done.return_value == 2
    assert f"--cluster: no cluster answers at tcp://127.0.0.1:1 within {CONNECTING} s\n    Maybe" in done.output
    assert time.monotonic() - began < 4 * CONNECTING
