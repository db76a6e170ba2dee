"""How tight a planted plan is: what it uses of halls, pools and the principals' time at peaks, as shares of what there is.

All three are measured alike. The hours of a calendar from 07:00 to 23:00 are sorted by what the plan uses in them; the
*peaks* are the busiest tenth of them. The share is what is used at the peaks, over what there is at the peaks.

- halls: minutes of exclusive halls that some session of the scenario admits. Used is a hall from sweep and move-in to
  move-out. There is what is neither closed, nor taken by other business of the city, nor held by others for good.
- pools: for each pool units x minutes, used and there; the share is the mean over the pools.
- principals: minutes of the heads of delegations and of the host's leaders who have a session. Used are sessions and the
  ways from one to the next on a day, at the minutes of free roads. There are the minutes of a guest from the start of the
  first session to the end of the last, of a leader of the host all; less the times at which a rule says they are not
  available.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

import numpy as np

HOUR = 60
FIRST, LAST = 7, 23
"""The hours of a day that count."""
Spans = Iterable[tuple[int, int]]


class Tightness(NamedTuple):
    """The three shares, in percent."""

    halls: float
    pools: float
    principals: float

    def __str__(self) -> str:
        return f"halls {self.halls:.1f}%, pools {self.pools:.1f}%, principals {self.principals:.1f}%"


def by_hour(days: int, spans: Spans, amount: int = 1) -> np.ndarray:
    """Return how much of half-open spans of minutes lies in each hour of the calendar."""
    hours = np.zeros(days * 24, np.int64)
    add_hours(hours, spans, amount)
    return hours


def add_hours(hours: np.ndarray, spans: Spans, amount: int = 1) -> None:
    """Add spans of minutes to hours; what lies outside the calendar is left out."""
    end = len(hours) * HOUR
    for since, until in spans:
        begin, stop = max(0, since), min(end, until)
        if begin >= stop:
            continue
        first, last = begin // HOUR, (stop - 1) // HOUR
        if first == last:
            hours[first] += amount * (stop - begin)
        else:
            hours[first] += amount * ((first + 1) * HOUR - begin)
            hours[first + 1 : last] += amount * HOUR
            hours[last] += amount * (stop - last * HOUR)


def peaks_of(used: np.ndarray) -> np.ndarray:
    """Return the busiest tenth of the hours that count, ascending; of equal ones the earlier."""
    counted = [hour for hour in range(len(used)) if FIRST <= hour % 24 < LAST]
    busiest = sorted(counted, key=lambda hour: (-used[hour], hour))[: ceil(len(counted) / 10)]
    return np.array(sorted(busiest))


def share(used: np.ndarray, there: np.ndarray, peaks: np.ndarray) -> float:
    """Return what is used at the peaks, in percent of what there is."""
    return 100 * float(used[peaks].sum()) / max(1.0, float(there[peaks].sum()))


def joined(spans: Spans) -> list[tuple[int, int]]:
    """Return spans as disjoint ascending ones that do not touch."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif begin < end:
            found.append((begin, end))
    return found


def without(spans: Spans, taken: Spans) -> list[tuple[int, int]]:
    """Return what of spans is not taken."""
    left = joined(spans)
    for begin, end in joined(taken):
        left = [
            piece
            for since, until in left
            for piece in ((since, min(until, begin)), (max(since, end), until))
            if piece[0] < piece[1]
        ]
    return left
