"""The question of a scenario that may have no plan: the conflict, and what would have to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scheduler.engine.kernel import find_kernel
from scheduler.engine.search import Clock, Limits, stopping_on_ctrl_c
from scheduler.load import Loaded
from scheduler.studies.conflict import Conflict, tell
from scheduler.studies.repairs import Load, Repair, repairs

PROOF_SHARE = 0.25
"""Of the time, what the proof may take; the rest is for repairs."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a scenario has a plan, why not, what would have to give, or what was ruled out where nobody knows."""

    status: Literal["feasible", "infeasible", "unknown"]
    conflict: Conflict | None = None
    repairs: tuple[Repair, ...] = ()
    ruled_out: tuple[str, ...] = ()
    seconds: float = 0.0


def explain_scenario(
    loaded: Loaded,
    load: Load,
    limits: Limits | None = None,
    most: int = 5,
    watch: Callable[[str], None] = lambda said: None,
) -> Explanation:
    """Return why a scenario has no plan, with at most so many repairs; ``load`` reads it with one patch more.

    ``watch`` is told what is being done; Ctrl-C ends it with what was found. Raises SchedulerError where two proofs
    disagree.
    """
    clock = Clock(limits or Limits())
    with stopping_on_ctrl_c(clock):
        watch("Looking for what cannot hold together")
        verdict = find_kernel(loaded, clock, clock.left * PROOF_SHARE)
        if verdict.kernel is None:
            status: Literal["feasible", "unknown"] = "feasible" if verdict.possible else "unknown"
            return Explanation(status, ruled_out=verdict.ruled_out, seconds=clock.seconds)
        conflict = tell(loaded, verdict.kernel, clock)
        found: list[Repair] = []
        watch("Trying what would have to give")
        for repair in repairs(loaded, conflict, load, clock, most):
            found.append(repair)
            watch(f"Trying what would have to give: {len(found)} of {most} found")
    found.sort(key=lambda repair: repair.share)
    return Explanation("infeasible", conflict, tuple(found), seconds=clock.seconds)
