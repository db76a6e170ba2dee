"""Where batches run: the cores of this machine. Results come as they are ready; one job's death is that job's alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class DiedError(Exception):
    """The process that ran a job came to a sudden end: killed, or out of memory."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_here(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[tuple[int, Result | Exception]]:
    """Yield the number of each job with what ``function`` makes of it, or with its exception, as they are ready.

    The function and the jobs must be picklable. A job whose process dies is tried once more by itself. When the caller
    stops (Ctrl-C, or no more is asked for), what still runs is ended.
    """
    waiting = list(range(len(jobs)))[::-1]
    suspects: list[int] = []
    while waiting or suspects:
        alone = bool(suspects)
        queue = [suspects.pop()] if alone else waiting
        with _Pool(1 if alone else min(workers, len(queue))) as pool:
            running: dict[Future[Result], int] = {}
            try:
                while queue or running:
                    while queue and len(running) < pool.workers:
                        number = queue.pop()
                        running[pool.submit(function, jobs[number])] = number
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        error = future.exception()
                        if isinstance(error, BrokenProcessPool):
                            raise error
                        number = running.pop(future)
                        if error is not None and not isinstance(error, Exception):
                            raise error
                        yield number, error if error is not None else future.result()
            except BrokenProcessPool:
                if alone:
                    yield next(iter(running.values())), DiedError("the process that ran it died (killed, or out of memory)")
                else:
                    suspects = sorted(running.values(), reverse=True)


class _Pool:
    """Processes for jobs, ended with whatever they do when the caller leaves."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            with suppress(OSError, ValueError):
                process.terminate()
        for process in processes:
            process.join()

    def submit(self, function: Callable[[Job], Result], job: Job) -> Future[Result]:
        return self._pool.submit(function, job)


def _begin() -> None:
    """Leave Ctrl-C to the process that asked: it ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
