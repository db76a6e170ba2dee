"""What all compiled measures look up."""

from __future__ import annotations

from typing import Any

from scheduler.engine.annealing.compiled import INT, ROW, compiled

NONE = -1
"""Instead of a position or a choice: there is none."""

Array = Any


@compiled(INT, ROW, INT, INT, INT)
def last_not_after(data: Array, first: int, count: int, minute: int) -> int:
    """Return the number of the last of ``count`` ascending minutes at ``first`` not after a minute; -1 before all."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if data[first + middle] <= minute:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled(INT, INT, INT, INT)
def outside(value: int, least: int, most: int) -> int:
    """Return how far a value lies outside its bounds."""
    return max(0, max(least - value, value - most))


@compiled(INT, ROW, INT, INT)
def slot_of(data: Array, slots: int, minute: int) -> int:
    """Return what ``last_not_after`` does, from a table: [origin, minutes of a row, last row, numbers…]."""
    row = (minute - data[slots]) // data[slots + 1]
    return data[slots + 3 + min(max(0, row), data[slots + 2])]
