"""One call of CP-SAT: its parameters, its progress, and Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from types import FrameType
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.model import Objective


class Limits(NamedTuple):
    """What a search may take: seconds in all, the gap that is good enough, cores, and whether runs must repeat.

    With ``deterministic`` one worker counts its own work instead of the clock, in units of a few seconds.
    """

    seconds: float = 60.0
    gap: float = 0.0
    workers: int = 1
    seed: int = 0
    deterministic: bool = False


class Progress(NamedTuple):
    """What a live line shows: the tier being solved of how many, its best value so far and its bound, seconds so far."""

    tier: int
    tiers: int
    value: int | None
    bound: int
    seconds: float


@dataclass
class Clock:
    """The time of one solve over all its calls, and whether the person at the keyboard has had enough."""

    limits: Limits
    started: float = field(default_factory=time.monotonic)
    spent: float = 0.0
    stopped: bool = False

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """What may still be spent: seconds, or units of work in deterministic runs."""
        if self.stopped:
            return 0.0
        return max(0.0, self.limits.seconds - (self.spent if self.limits.deterministic else self.seconds))


@contextmanager
def stopping_on_ctrl_c(clock: Clock) -> Iterator[None]:
    """Let the first Ctrl-C stop the clock, wherever the program is; a second one ends the program as usual."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if clock.stopped:
            raise KeyboardInterrupt
        clock.stopped = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Way(Enum):
    """How the solver goes about it.

    ``QUICK``: little presolve and no relaxation, for a first assignment and for easy proofs. ``THOROUGH``: with the
    relaxation, where that has found nothing. ``NEARBY``: where most is fixed. ``PROOF``: a tree of lower bounds, where a
    good plan is known. ``CAUTIOUS``: without presolve, where wrong answers of CP-SAT have come from.
    """

    QUICK = auto()
    THOROUGH = auto()
    NEARBY = auto()
    PROOF = auto()
    CAUTIOUS = auto()


class Answer(NamedTuple):
    """What one call found: CP-SAT's status, and of an objective its value and bound, constant included."""

    status: cp_model.CpSolverStatus
    solver: cp_model.CpSolver
    value: int
    bound: int

    @property
    def found(self) -> bool:
        """Whether there is an assignment."""
        return self.status in (cp_model.OPTIMAL, cp_model.FEASIBLE)


Watch = Callable[[int | None, int], None]
"""Takes the best value so far and the bound."""


def search(
    model: cp_model.CpModel,
    objective: Objective | None,
    clock: Clock,
    watch: Watch,
    way: Way,
    seconds: float,
    work: float | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> Answer:
    """Solve a model, for one objective or for any assignment at all, until proved or out of time.

    A clock that is stopped, or ``enough``, ends the search and keeps what was found. ``seconds`` is this call's share of
    what is left (of the units of work, in deterministic runs), ``work`` the most units of it.
    """
    solver = _solver(clock, way, min(seconds, clock.left), work)
    if clock.left <= 0:
        return Answer(cp_model.UNKNOWN, solver, 0, 0)
    model.proto.clear_objective()
    constant, least = (objective.constant, objective.least) if objective is not None else (0, 0)
    minimizing = objective is not None and bool(objective.expressions)
    listener = _Listener(constant, least, minimizing)
    if objective is not None and minimizing:
        model.minimize(objective.expression)
    solver.best_bound_callback = listener.take_bound
    with ThreadPoolExecutor(1) as worker:  # a signal reaches Python only while the solver runs elsewhere
        running = worker.submit(solver.solve, model, listener)
        while not running.done():
            wait([running], 0.1)
            watch(listener.incumbent, listener.bound)
            if clock.stopped or enough():
                solver.stop_search()
    status = running.result()
    clock.spent += solver.response_proto.deterministic_time
    if not minimizing or status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(status, solver, constant, constant)
    value, bound = round(solver.objective_value), _ceiling(solver.best_objective_bound)
    return Answer(status, solver, value, min(value, bound))


def _ceiling(bound: float) -> int:
    """Return the whole number that a bound on whole numbers proves."""
    return -int(-(bound - 1e-6) // 1)


def _solver(clock: Clock, way: Way, seconds: float, work: float | None) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    limits, parameters = clock.limits, solver.parameters
    alone = limits.deterministic or way in (Way.QUICK, Way.NEARBY)
    parameters.num_workers = 1 if alone else limits.workers if way is not Way.PROOF else max(1, limits.workers - 1)
    parameters.optimize_with_lb_tree_search = way is Way.PROOF and parameters.num_workers == 1
    parameters.random_seed = limits.seed
    parameters.linearization_level = {Way.NEARBY: 1, Way.THOROUGH: 2, Way.PROOF: 2}.get(way, 0)
    parameters.symmetry_level = 0
    parameters.cp_model_presolve = way is not Way.CAUTIOUS
    if way is not Way.CAUTIOUS:
        parameters.max_presolve_iterations = 1
    parameters.relative_gap_limit = limits.gap + 1e-6 if limits.gap and way is not Way.NEARBY else 0.0
    parameters.catch_sigint_signal = False
    seconds = max(seconds, 0.001)
    if limits.deterministic:
        parameters.max_deterministic_time = seconds if work is None else min(seconds, work)
    else:
        parameters.max_time_in_seconds = seconds
        if work is not None:
            parameters.max_deterministic_time = work
    return solver


class _Listener(cp_model.CpSolverSolutionCallback):
    """Notes the best value and the bound as the solver finds them."""

    def __init__(self, constant: int, least: int, minimizing: bool) -> None:
        super().__init__()
        self.constant = constant
        self.minimizing = minimizing
        self.incumbent: int | None = None
        self.bound = least

    def on_solution_callback(self) -> None:
        """Note an assignment."""
        if self.minimizing:
            self.incumbent = round(self.objective_value)
            self.take_bound(self.best_objective_bound)
        else:
            self.incumbent = self.constant

    def take_bound(self, bound: float) -> None:
        """Note a bound."""
        self.bound = max(self.bound, _ceiling(bound))
