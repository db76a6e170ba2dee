"""What-if studies: variants of a scenario solved side by side, each begun from the base plan and compared with it."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from scheduler import __version__
from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.engine.repair import spots_of
from scheduler.errors import InputError, Issue, SchedulerError
from scheduler.load import Loaded, build
from scheduler.plan import Plan, plan_json, read_plan, write_whole
from scheduler.problem import compile_problem, placeless, places_left
from scheduler.rules import Goal
from scheduler.scenario.merge import patched, plain
from scheduler.scenario.strict_yaml import Mapping
from scheduler.studies.compare import Comparison, compare
from scheduler.studies.patches import patch_text
from scheduler.studies.study import Variant
from scheduler.studies.tightest import Tightest, tightest

KEEPING = "stability"
"""The goal that wants the base plan in the scenario too."""


@dataclass(frozen=True)
class Result:
    """The answer to one variant: its status, and its plan and what that uses most, or why there is none.

    ``status`` is one of a plan's, or ``invalid`` (the patch makes no scenario) or ``failed`` (our fault, or the machine's).
    """

    name: str
    status: str
    seconds: float = 0.0
    plan: Plan | None = None
    tightest: Tightest | None = None
    why: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Job:
    """One variant for one worker. ``base`` is the pickled tree and plan that all jobs share, unpacked once a worker."""

    base: bytes
    patches: tuple[str, ...]
    variant: Variant
    limits: Limits


@dataclass(frozen=True)
class Ground:
    """What the variants of a study share: the tree of the scenario with its patches, the base plan, the limits."""

    tree: Mapping
    loaded: Loaded
    patches: tuple[str, ...]
    plan: Plan
    limits: Limits
    packed: bytes = field(default=b"", repr=False)

    def job(self, variant: Variant) -> Job:
        """Return the job that a variant is."""
        return Job(self.packed, self.patches, variant, self.limits)

    def compared(self, plan: Plan) -> Comparison:
        """Return the difference of a variant's plan from the base plan."""
        return compare(self.loaded.scenario, self.plan, plan)


def ground(tree: Mapping, patches: tuple[str, ...], plan: Plan, limits: Limits) -> Ground:
    """Return what the variants of a study share.

    Raises InputError where the scenario is not valid, or the plan is for another one or speaks of what it has not.
    """
    require_same(tree, plan)
    loaded = built(tree, patches, plan)
    plan = plan.model_copy(update={"figures": check(loaded, plan).figures})
    return Ground(tree, loaded, patches, plan, limits, pickle.dumps((tree, plan)))


def require_same(tree: Mapping, plan: Plan) -> None:
    """Raise InputError where a plan is not for the scenario of a tree."""
    if plan.scenario != tree.get("id"):
        message = f"this is a plan for {plan.scenario!r}, not for {tree.get('id')!r}"
        raise InputError([Issue(plan.place("scenario"), message)])


def base_plan(loaded: Loaded, limits: Limits, folder: Path) -> Plan | None:
    """Return the plan of the scenario itself, None where none is found; the folder keeps it for the next time."""
    path = folder / "base.plan.json"
    with suppress(InputError):
        kept = read_plan(path, loaded.scenario.calendar.timezone)
        if kept.digest == loaded.digest:
            return kept
    plan = solve(loaded, limits).plan
    if plan is not None:
        write_whole(path, plan_json(plan))
    return plan


def built(tree: Mapping, patches: tuple[str, ...], plan: Plan | None, issues: Sequence[Issue] = ()) -> Loaded:
    """Return the scenario of a tree; the base plan is part of it only where a goal keeps to it.

    Raises InputError with every issue, those given too.
    """
    goals = tree.get("goals")
    keeps = isinstance(goals, dict) and any(isinstance(g, dict) and g.get("goal") == KEEPING for g in goals.values())
    return build(tree, patches, plan if keeps else None, issues)


def run(job: Job) -> Result:
    """Return the answer to one variant. Whatever goes wrong with it is its own."""
    began = time.monotonic()
    tree, plan = _unpacked(job.base)
    issues: list[Issue] = []
    name = job.variant.name
    try:
        loaded = built(patched(tree, job.variant.patch, issues), (*job.patches, f"{name}.yaml"), plan, issues)
        places = places_left(loaded)
        lost = tuple(placeless(loaded, places))
        if lost:
            return Result(name, "infeasible", time.monotonic() - began, why=(_headline(lost),), issues=lost)
        problem = compile_problem(loaded, places)
        outcome = solve(loaded, job.limits, start=plan, problem=problem)
    except InputError as error:
        return Result(name, "invalid", time.monotonic() - began, why=tuple(map(str, error.issues)), issues=error.issues)
    except SchedulerError as error:
        return Result(name, "failed", time.monotonic() - began, why=(str(error),))
    most = tightest(problem, spots_of(problem, outcome.plan)) if outcome.plan is not None else None
    why = (outcome.reason,) if outcome.reason else ()
    return Result(name, outcome.status, time.monotonic() - began, outcome.plan, most, why)


def _headline(lost: Sequence[Issue]) -> str:
    """Return in one line which sessions fit nowhere."""
    names = [issue.message.split()[0] for issue in lost]
    return f"{len(names)} session{'s fit' if len(names) > 1 else ' fits'} no hall: {', '.join(names)}"


@lru_cache(maxsize=2)
def _unpacked(base: bytes) -> tuple[Mapping, Plan]:
    tree, plan = pickle.loads(base)
    return tree, plan


Runner = Callable[[Callable[[Job], Result], Sequence[Job]], Iterator[tuple[int, Result | Exception]]]
"""Runs a function over jobs somewhere, and yields the number of each with its result or its exception."""


def study(ground: Ground, variants: Sequence[Variant], folder: Path | None, runner: Runner) -> Iterator[Result]:
    """Yield the answer to each variant as it is ready: first those that ``folder`` keeps from an earlier run.

    With a folder the plan, the patch and the answer of each variant are written there as soon as they are known.
    """
    left = []
    for variant in variants:
        kept = _kept(ground, variant, folder) if folder is not None else None
        if kept is None:
            left.append(variant)
        else:
            yield kept
    for number, said in runner(run, [ground.job(variant) for variant in left]):
        variant = left[number]
        result = said if isinstance(said, Result) else Result(variant.name, "failed", why=(str(said),))
        result = _with_shared_bounds(ground, variant, result)
        if folder is not None:
            _keep(ground, variant, result, folder)
        yield result


def _with_shared_bounds(ground: Ground, variant: Variant, result: Result) -> Result:
    """Return a result with the bounds of the base plan where they hold for the variant and are better.

    What only takes places away is worth no less than the base. A bound holds given what the tiers before it reached.
    """
    base = ground.plan
    if result.plan is None or base.digest != ground.loaded.digest or not only_narrows(ground, variant.patch):
        return result
    tiers, before = [], True
    for tier, other in zip(result.plan.tiers, base.tiers, strict=False):
        if before and tier.tier == other.tier and other.bound > tier.bound:
            gap = round(abs(tier.value - other.bound) / max(1, abs(tier.value)), 6)
            tier = tier.model_copy(update={"bound": other.bound, "gap": gap})
        tiers.append(tier)
        before = before and tier.value == other.value
    proved = all(tier.value == tier.bound for tier in tiers) and len(tiers) == len(result.plan.tiers)
    status = "optimal" if proved else result.status
    plan = result.plan.model_copy(update={"tiers": tiers, "status": status})
    return replace(result, status=status, plan=plan)


def only_narrows(ground: Ground, patch: Mapping) -> bool:
    """Return whether a patch can only take plans away: closures, new hard rules, pins on the grid, smaller pools."""
    return all(_narrows(ground, path, value) for path, value in _leaves(patch, ()))


def _leaves(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value with its path; closures, rules and pins whole."""
    whole = path[:1] in (("rules",), ("pins",)) and len(path) == 2
    if isinstance(tree, Mapping) and not whole and path[-2:-1] != ("closures",):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, tree


def _narrows(ground: Ground, path: tuple[str, ...], value: Any) -> bool:
    there: Any = ground.tree
    for step in path:
        there = there.get(step) if isinstance(there, dict) else None
    if path[-2:-1] == ("closures",) and path[0] in ("venues", "hotels"):
        return there is None and isinstance(value, Mapping)
    if path[0] == "rules" and len(path) == 2:
        return there is None and isinstance(value, Mapping) and "soften" not in value
    if path[0] == "pins" and len(path) == 2:
        calendar = ground.loaded.scenario.calendar
        held = ground.plan.sessions.get(path[1])
        if there is not None or not isinstance(value, Mapping):
            return False
        on_grid = held is not None and calendar.minute(held.start) % calendar.grid == 0
        return "start" not in value or (
            on_grid and held is not None and value["start"][:16] == f"{held.start:%Y-%m-%dT%H:%M}"
        )
    if path[0] == "pools" and path[-1] == "capacity":
        return isinstance(there, int) and isinstance(value, int) and value <= there
    return False


def _key(ground: Ground, variant: Variant) -> str:
    """Return what a kept answer has to be the answer to."""
    said = [__version__, plain(ground.tree), plan_json(ground.plan), plain(variant.patch), list(ground.limits)]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _keep(ground: Ground, variant: Variant, result: Result, folder: Path) -> None:
    """Write what is known of a variant, the answer last; what a dead process leaves is asked again in the next run."""
    patch = patch_text(variant.patch, f"Variant {variant.name} of a study of {ground.loaded.scenario.id}.")
    write_whole(folder / f"{variant.name}.yaml", patch)
    if result.plan is not None:
        write_whole(folder / f"{variant.name}.plan.json", plan_json(result.plan))
    if result.status != "failed":
        answer = {
            "key": _key(ground, variant),
            "status": result.status,
            "seconds": round(result.seconds, 3),
            "tightest": result.tightest and {**result.tightest._asdict(), "at": result.tightest.at.isoformat()},
            "why": result.why,
        }
        write_whole(folder / f"{variant.name}.answer.json", json.dumps(answer, ensure_ascii=False) + "\n")


def _kept(ground: Ground, variant: Variant, folder: Path) -> Result | None:
    """Return the answer that a folder keeps to exactly this variant, None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError, InputError):
        answer = json.loads((folder / f"{variant.name}.answer.json").read_text(encoding="utf-8"))
        if answer["key"] != _key(ground, variant):
            return None
        plan = None
        if answer["status"] in ("optimal", "feasible"):
            plan = read_plan(folder / f"{variant.name}.plan.json", ground.loaded.scenario.calendar.timezone)
        most = answer["tightest"]
        if most is not None:
            most = Tightest(most["of"], most["used"], most["capacity"], datetime.fromisoformat(most["at"]))
        return Result(variant.name, answer["status"], answer["seconds"], plan, most, tuple(answer["why"]))
    return None


def columns(ground: Ground) -> list[str]:
    """Return the ids of what a table of this study has a figure of: goals and softened rules."""
    return [rule.id for rule in ground.loaded.rules if isinstance(rule, Goal) or rule.price is not None]


def row(ground: Ground, result: Result) -> dict[str, Any]:
    """Return the row of a result in the table of its study, as plain data."""
    plan = result.plan
    found = ground.compared(plan) if plan is not None else None
    return {
        "variant": result.name,
        "status": result.status,
        "figures": {goal: figure.figure for goal, figure in plan.figures.items()} if plan else {},
        "tiers": [tier.model_dump() for tier in plan.tiers] if plan else [],
        "changed": len(found.changes) if found else None,
        "moved": found.counts if found else {},
        "homes": len(found.homes) if found else None,
        "absent": list(plan.absent) if plan else [],
        "tightest": str(result.tightest) if result.tightest else "",
        "seconds": round(result.seconds, 1),
        "why": list(result.why),
    }
