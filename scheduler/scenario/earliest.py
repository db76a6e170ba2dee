"""Earliest arrivals for all places and situations at once: label correcting over arrays, a row of labels for each point."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scheduler.scenario.roads import MINUTE

Times = NDArray[np.int64]
Situations = Sequence[Sequence[tuple[int, int]]]

NEVER = 2**62
"""Milliseconds: no way leads here."""

MOST_LABELS = 2**22
"""Labels held at once, 32 MB of them."""


def earliest_minutes(links: Sequence[tuple[int, int, int, int]], stops: Sequence[int], situations: Situations) -> bytes:
    """Return the minutes by situation, origin and destination as 32-bit integers, rounded up; -1 where there is no way.

    A link is the points it leads from and to, its milliseconds, and how many more they are in a rush. A situation is when
    there is a rush, as disjoint spans of minutes from the departure.
    """
    points = 1 + max((max(link[0], link[1]) for link in links), default=0)
    out: list[list[tuple[int, int, int]]] = [[] for _ in range(points)]
    for origin, destination, free, more in links:
        out[origin].append((destination, free, more))
    batch = max(1, MOST_LABELS // (points * len(stops)))
    found = [
        _minutes(_arrivals(out, stops, situations[first : first + batch]), len(stops))
        for first in range(0, len(situations), batch)
    ]
    return b"".join(found)


def _minutes(arrivals: Times, stops: int) -> bytes:
    """Turn times by destination, situation and origin into minutes by situation, origin and destination."""
    minutes = np.where(arrivals < NEVER, -(-arrivals // MINUTE), -1)
    return minutes.reshape(stops, -1, stops).transpose(1, 2, 0).astype(np.int32).tobytes()


def _arrivals(out: list[list[tuple[int, int, int]]], stops: Sequence[int], situations: Situations) -> Times:
    """Return the earliest arrivals at each stop; a column is one situation and the stop that is left in it at 0."""
    labels = np.full((len(out), len(situations) * len(stops)), NEVER, dtype=np.int64)
    for number, stop in enumerate(stops):
        labels[stop, number :: len(stops)] = 0
    rush = _rush(situations, len(stops))
    waiting, queued = deque(stops), set(stops)
    while waiting:
        point = waiting.popleft()
        queued.discard(point)
        here = labels[point]
        rest = _rest_of_rush(here, rush)
        for there, free, more in out[point]:
            # in a rush either drive through it or wait for its end, whichever costs less
            arrival = np.minimum(rest, more)
            arrival += here
            arrival += free
            if (arrival < labels[there]).any():
                np.minimum(arrival, labels[there], out=labels[there])
                if there not in queued:
                    queued.add(there)
                    waiting.append(there)
    return labels[list(stops)]


def _rush(situations: Situations, stops: int) -> list[tuple[Times, Times]]:
    """Return the first rush of every column, the second, and so on, in milliseconds; empty ones where there is none."""
    most = max(len(situation) for situation in situations)
    padded = [[*situation, *[(0, 0)] * (most - len(situation))] for situation in situations]
    return [
        (
            np.repeat(np.array([rush[turn][0] * MINUTE for rush in padded], dtype=np.int64), stops),
            np.repeat(np.array([rush[turn][1] * MINUTE for rush in padded], dtype=np.int64), stops),
        )
        for turn in range(most)
    ]


def _rest_of_rush(times: Times, rush: list[tuple[Times, Times]]) -> Times:
    """Return how long the rush still lasts at each time; 0 where there is none."""
    rest = np.zeros_like(times)
    for start, end in rush:
        np.maximum(rest, np.where(times >= start, end - times, 0), out=rest)
    return rest
