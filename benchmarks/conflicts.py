"""Conflicts whose cause is known: is it named, and is nothing named that is not needed?

A case of ``scenarios/cases`` in which a plan breaks rules becomes a scenario without a plan where each placement of that
plan is pinned. What is then named has to hold one of the broken rules, with sessions of one of its violations; and it has
to be minimal: by the exact meaning of the terms, not by the solver that found it. ``python -m benchmarks.conflicts`` tries
them all and prints what is wrong; the tests try every so manieth.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from scheduler.check import check
from scheduler.engine import Limits
from scheduler.engine.kernel import Kernel, find_kernel
from scheduler.engine.search import Clock
from scheduler.errors import Issue
from scheduler.load import Loaded, build
from scheduler.plan import Placed, Plan
from scheduler.problem import Problem
from scheduler.problem.restricted import company
from scheduler.scenario.merge import patched
from scheduler.scenario.strict_yaml import parse
from scheduler.terms import Spot, holds

FOLDER = Path(__file__).parents[1] / "scenarios" / "cases"

CANDIDATES = 20_000
"""Assignments that are tried one by one, to see that a kernel is impossible; of more, the second opinion has to do."""


class Seeded(NamedTuple):
    """A scenario without a plan, and what breaks the plan that it wants: rules with their sessions."""

    name: str
    loaded: Loaded
    broken: tuple[tuple[str, frozenset[str]], ...]


def seeded(every: int = 1) -> Iterator[Seeded]:
    """Yield the conflicts that the cases make, or every so manieth."""
    number = 0
    for file in sorted(FOLDER.glob("*.yaml")):
        tree = parse(file.read_text(encoding="utf-8"), file.name)
        for name, case in tree["cases"].items():
            # That somebody is not held who could be is no conflict: nothing pins it.
            absent = any("which it requires, " in said for said in case.get("violations", []))
            if case.get("violations") and "base" not in case and not case.get("displaced") and not absent:
                number += 1
                found = _seeded(f"{file.stem}/{name}", tree["scenario"], case) if number % every == 0 else None
                if found is not None:
                    yield found


def _seeded(name: str, scenario: Any, case: Any) -> Seeded | None:
    loaded = _loaded(scenario, case.get("patch", {}), {})
    plan = _plan(loaded, case)
    broken = [(f.rule, frozenset(f.sessions)) for f in check(loaded, plan).findings]
    if {"plan", "pins", "presence"} & {rule for rule, _ in broken}:
        return None
    homes = {home: {"home": {"any": [hotel]}} for home, hotel in case.get("homes", {}).items()}
    holds_kept = {hold: {"price": None} for hold, said in loaded.scenario.holds.items() if said.price is not None}
    more = {"pins": json.loads(json.dumps(case["plan"])), "delegations": homes, "holds": holds_kept}
    return Seeded(name, _loaded(scenario, case.get("patch", {}), {k: v for k, v in more.items() if v}), tuple(broken))


def _loaded(scenario: Any, *patches: Any) -> Loaded:
    issues: list[Issue] = []
    for patch in ({"schema": 1, "id": "case"}, *patches):
        scenario = patched(scenario, parse(json.dumps(patch), "patch"), issues)
    return build(scenario, issues=issues)


def _plan(loaded: Loaded, case: Any) -> Plan:
    calendar, sessions = loaded.scenario.calendar, {}
    for session, spot in case["plan"].items():
        said = {"hall": spot["hall"], "start": spot["start"], "end": spot["start"], "option": spot.get("option")}
        placed = Placed.model_validate(said, context={"zone": calendar.timezone})
        minutes = loaded.scenario.sessions[session].way(placed.option).minutes
        end = calendar.moment(calendar.minute(placed.start) + minutes)
        sessions[session] = placed.model_copy(update={"end": end})
    return Plan(scenario=loaded.scenario.id, sessions=sessions, homes=dict(case.get("homes", {})))


def complaints(conflict: Seeded, kernel: Kernel) -> Iterator[str]:
    """Yield what is wrong with a kernel: the cause is not in it, it is possible, or not minimal."""
    named = {term.rule for term in kernel.terms} | {rule for rule, _ in kernel.refusals}
    if not any(rule in named and sessions & set(kernel.names) for rule, sessions in conflict.broken):
        yield f"names {sorted(named)} of {kernel.names}; broken is {conflict.broken}"
    yield from not_minimal(kernel)


def not_minimal(kernel: Kernel) -> Iterator[str]:
    """Yield what of a kernel is not needed, or that it is possible, by trying every assignment of its sessions."""
    names = kernel.wide.problem.names
    if not kernel.minimal:
        yield "was not shown to be minimal"
    if possible(kernel, kernel.problem):
        yield "is possible"
    for session in kernel.sessions:
        others = tuple(other for other in kernel.sessions if other != session)
        if others and possible(kernel, kernel.problem, sessions=others) is False:
            yield f"does not need the session {names[session]}"
    for term in kernel.terms:
        if possible(kernel, kernel.problem, terms=tuple(other for other in kernel.terms if other is not term)) is False:
            yield f"does not need a term of {term.rule}"
    for refusal in kernel.refusals:
        problem = kernel.wide.under([other for other in kernel.refusals if other != refusal])
        if possible(kernel, problem) is False:
            yield f"does not need what {refusal[0]} refuses of {names[refusal[1]]}"


def possible(kernel: Kernel, problem: Problem, sessions: tuple[int, ...] | None = None, terms: Any = None) -> bool | None:
    """Return whether some assignment does, by trying them; None where there are too many and none was found.

    Who may have to be there, because of somebody who is, is tried as absent too.
    """
    held = kernel.sessions if sessions is None else sessions
    said = kernel.terms if terms is None else terms
    there = sorted(company(said, held))
    spots = [[*([] if session in held else [None]), *problem.spots(session)] for session in there]
    for tried, found in enumerate(product(*spots)):
        if tried >= CANDIDATES:
            return None
        assignment: list[Spot | None] = [None] * len(problem.names)
        for session, spot in zip(there, found, strict=True):
            assignment[session] = spot
        if holds(said, assignment):
            return True
    return False


def main(every: int = 1) -> int:
    """Try the conflicts, print what is wrong and how long each took; return how many are wrong."""
    wrong, seconds, families = 0, [], set()
    for conflict in seeded(every):
        began = time.perf_counter()
        verdict = find_kernel(conflict.loaded, Clock(Limits(seconds=20)))
        seconds.append(time.perf_counter() - began)
        found = ["no conflict was found"] if verdict.kernel is None else list(complaints(conflict, verdict.kernel))
        families.add(conflict.name.partition("/")[0])
        for said in found:
            print(f"{conflict.name}: {said}")
        wrong += bool(found)
    seconds.sort()
    print(f"{len(seconds)} conflicts of {len(families)} files, {wrong} wrong; {seconds[-1]:.2f} s at most")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
