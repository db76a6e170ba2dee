"""Multi-mode projects (PSPLIB, .mm): jobs that depend on one another, each done in one of several modes.

A job is a session, its modes are options with a duration, pools they use and budgets they spend; all are in one hall that
takes everything at once. A unit of time is a minute. The two dummy jobs, which take no time, are left out: the makespan
is the end of the last session.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.convert.names import ids_of
from benchmarks.convert.score import Score
from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.plan import Plan

MONDAY = date(2027, 5, 10)
HALL = "site.grounds"


class Mode(NamedTuple):
    """How long a job takes in one of its modes, and what of each resource, renewable ones first."""

    duration: int
    demands: tuple[int, ...]


class Instance(NamedTuple):
    """What a file says; jobs and modes are numbered from 1."""

    horizon: int
    modes: dict[int, list[Mode]]
    successors: dict[int, list[int]]
    capacities: list[int]
    """Those of the renewable resources."""
    budgets: list[int]
    """Those of the nonrenewable resources."""

    @property
    def jobs(self) -> list[int]:
        """The real jobs: all but the first and the last."""
        return sorted(self.modes)[1:-1]


def read(path: Path) -> Instance:
    """Return the instance in a file.

    Raises InputError where the file does not hold what its header says.
    """
    with file_errors(str(path), "read the instance"):
        lines = [line.split() for line in path.read_text(encoding="latin-1").splitlines()]
    try:
        horizon, renewable, nonrenewable, doubly = (
            int(_after_colon(lines, key)) for key in ("horizon", "renewable", "nonrenewable", "doubly")
        )
        successors = {int(job): list(map(int, later)) for job, _, _, *later in _block(lines, "PRECEDENCE")}
        modes: dict[int, list[Mode]] = {}
        job = 0
        for words in _block(lines, "REQUESTS/DURATIONS:"):
            numbers = list(map(int, words))
            if len(numbers) == 3 + renewable + nonrenewable:
                job = numbers.pop(0)
            _, duration, *demands = numbers
            modes.setdefault(job, []).append(Mode(duration, tuple(demands)))
        amounts = [int(word) for words in _block(lines, "RESOURCEAVAILABILITIES:") for word in words]
    except (LookupError, ValueError) as error:
        raise InputError([Issue(Place(str(path)), f"this is no multi-mode project of PSPLIB: {error}")]) from error
    columns = {len(mode.demands) for ways in modes.values() for mode in ways} | {len(amounts)}
    if columns != {renewable + nonrenewable} or modes.keys() != successors.keys() or doubly:
        message = "the tables of this project do not fit its header, or it has doubly constrained resources"
        raise InputError([Issue(Place(str(path)), message)])
    return Instance(horizon, modes, successors, amounts[:renewable], amounts[renewable:])


def _after_colon(lines: list[list[str]], key: str) -> str:
    """Return the first word after the colon of the line that begins with a word, a dash before it left aside."""
    for words in lines:
        if key in words[:2] and ":" in words:
            return words[words.index(":") + 1]
    raise LookupError(f"there is no line of {key!r}")


def _block(lines: list[list[str]], key: str) -> list[list[str]]:
    """Return the rows of a block, below its key line and its titles, up to the next line of asterisks."""
    first = [words[:1] for words in lines].index([key])
    rows = []
    for words in lines[first + 1 :]:
        if words and words[0].startswith("***"):
            break
        if words and all(word.isdigit() for word in words):
            rows.append(words)
    return rows


def convert(path: Path) -> dict[str, Any]:
    """Return the scenario of an instance.

    Raises InputError where the file cannot be read, or asks for what a scenario cannot say.
    """
    instance = read(path)
    instant = [job for job in instance.jobs if any(mode.duration < 1 for mode in instance.modes[job])]
    if instant:
        raise InputError([Issue(Place(str(path)), f"the job {job} takes no time; a session does") for job in instant])
    days = ceil(max(1, instance.horizon) / (24 * 60))
    rules = {
        f"order-{job}-{later}": {"rule": "order", "sessions": [_session(job), _session(later)]}
        for job in instance.jobs
        for later in instance.successors[job]
        if later in instance.jobs
    }
    return {
        "schema": 1,
        "id": ids_of([path.stem])[path.stem],
        "calendar": {
            "timezone": "UTC",
            "start": str(MONDAY),
            "end": str(MONDAY + timedelta(days=days - 1)),
            "grid": "1 min",
        },
        "grades": {"G3": {}},
        "venues": {"site": {"name": "The site", "halls": {"grounds": {"pooled": len(instance.jobs)}}}},
        "pools": {f"r{number}": {"capacity": there} for number, there in enumerate(instance.capacities, 1)},
        "budgets": {f"n{number}": {"amount": there} for number, there in enumerate(instance.budgets, 1)},
        "events": {
            "project": {
                "grade": "G3",
                "sessions": {f"item-{job}": _entry(instance, instance.modes[job]) for job in instance.jobs},
            }
        },
        "rules": rules,
        "goals": {"early": {"goal": "finish-early", "tier": 1}},
    }


def _session(job: int) -> str:
    return f"project.item-{job}"


def _entry(instance: Instance, modes: list[Mode]) -> dict[str, Any]:
    """Return the session of a job: what its options share, then the options."""
    renewable = len(instance.capacities)
    options = {}
    for number, mode in enumerate(modes, 1):
        uses = {f"r{k}": {"amount": amount} for k, amount in enumerate(mode.demands[:renewable], 1) if amount}
        spends = {f"n{k}": amount for k, amount in enumerate(mode.demands[renewable:], 1) if amount}
        halls = {"any": [HALL]}
        options[f"way-{number}"] = {"halls": halls, "duration": f"{mode.duration} min", "uses": uses, "spends": spends}
    return {"duration": f"{modes[0].duration} min", "options": options}


def score(path: Path, plan: Plan) -> Score:
    """Return what the set says of a plan: the makespan, and what breaks its limits.

    Durations and demands are those of the file, the plan gives the mode and the start of each job.
    """
    instance = read(path)
    origin = datetime.combine(MONDAY, datetime.min.time(), UTC)
    chosen: dict[int, Mode] = {}
    starts: dict[int, int] = {}
    for job in instance.jobs:
        placed = plan.sessions.get(_session(job))
        by_option = {f"way-{number}": mode for number, mode in enumerate(instance.modes[job], 1)}
        if placed is not None and placed.option in by_option:
            chosen[job] = by_option[placed.option]
            starts[job] = (placed.start - origin) // timedelta(minutes=1)
    ends = {job: start + chosen[job].duration for job, start in starts.items()}
    taken: Counter[tuple[int, int]] = Counter()
    spent: Counter[int] = Counter()
    renewable = len(instance.capacities)
    for job, mode in chosen.items():
        for k, amount in enumerate(mode.demands):
            if k < renewable:
                taken.update({(k, minute): amount for minute in range(starts[job], ends[job])})
            else:
                spent[k - renewable] += amount
    violations = {
        "jobs without a mode": len(instance.jobs) - len(chosen),
        "starts before 0": sum(start < 0 for start in starts.values()),
        "precedence": sum(
            job in ends and later in starts and starts[later] < ends[job]
            for job, successors in instance.successors.items()
            for later in successors
        ),
        "renewable over": sum(max(0, amount - instance.capacities[k]) for (k, _), amount in taken.items()),
        "nonrenewable over": sum(max(0, amount - instance.budgets[k]) for k, amount in spent.items()),
    }
    return Score(violations, {"makespan": max(ends.values(), default=0)})
