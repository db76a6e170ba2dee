"""Where batches run: the cores of this machine, or a Dask cluster.

Results come as they are ready; one job's death is that job's alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, TypeVar

from scheduler.errors import InputError, Issue, Place

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


CONNECTING = 5
"""Seconds after which a cluster that does not answer is not there."""


class Cluster:
    """A Dask cluster whose workers have this program; it is left as it was found."""

    def __init__(self, address: str) -> None:
        """Connect. Raises InputError where nobody answers at the address, or the extra ``cluster`` is not installed."""
        try:
            from distributed import Client
        except ImportError as error:
            hint = "pip install 'diplomatic-scheduler[cluster]'"
            raise InputError([Issue(Place("--cluster"), "this needs the package distributed", hint)]) from error
        try:
            self._client = Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            hint = "'dask scheduler' is not running there, or a firewall is between? An address is tcp://host:8786."
            message = f"no cluster answers at {address} within {CONNECTING} s"
            raise InputError([Issue(Place("--cluster"), message, hint)]) from error

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: Any) -> None:
        self._client.close()

    @property
    def workers(self) -> int:
        """How many jobs run at once."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def run(self, function: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[tuple[int, Result | Exception]]:
        """Yield the number of each job with its result or its exception, as they are ready.

        A job whose worker dies is run on another one; each is yielded once. What is left when the caller stops is
        cancelled.
        """
        with self._client.get_executor(pure=False) as executor:
            futures: dict[Future[Result], int] = {executor.submit(function, job): n for n, job in enumerate(jobs)}
            try:
                for future in as_completed(futures):
                    error = future.exception()
                    if error is not None and not isinstance(error, Exception):
                        raise error
                    yield futures[future], error if error is not None else future.result()
            finally:
                for future in futures:
                    future.cancel()


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
