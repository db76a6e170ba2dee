"""The one list of numbers in which all terms stand, with what several of them share, and how many counts they keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import Any

from scheduler.engine.annealing.lookups import NONE


class Data:
    """Numbers, each at its position; ``shared``: where what several terms share stands."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.counts = 0
        self.shared: dict[Any, int] = {}

    def write(self, numbers: Iterable[int]) -> int:
        at = len(self.numbers)
        self.numbers.extend(numbers)
        return at

    def once(self, numbers: Sequence[int]) -> int:
        """Return the position of numbers that may stand there already."""
        key = tuple(numbers)
        if key not in self.shared:
            self.shared[key] = self.write(key)
        return self.shared[key]

    def slots(self, minutes: Sequence[int]) -> int:
        """Return the position of a table from a minute to the number of the last of ascending minutes not after it."""
        step = gcd(*(minute - minutes[0] for minute in minutes)) or 1
        key = ("slots", *minutes)
        if key not in self.shared:
            origin, numbers = minutes[0] - step, [NONE]
            for number, (minute, following) in enumerate(zip(minutes, (*minutes[1:], minutes[-1] + step), strict=True)):
                numbers += [number] * ((following - minute) // step)
            self.shared[key] = self.write([origin, step, len(numbers) - 1, *numbers])
        return self.shared[key]

    def kept(self, count: int) -> int:
        """Return the position of so many counts."""
        self.counts += count
        return self.counts - count

    def owned(self, places: Iterable[tuple[int, int]]) -> dict[int, int]:
        """Return the positions of each session's own places in a term: [count, places…]."""
        found: dict[int, list[int]] = {}
        for session, place in places:
            found.setdefault(session, []).append(place)
        return {session: self.once([len(mine), *mine]) for session, mine in found.items()}
