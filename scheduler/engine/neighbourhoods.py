"""Which sessions of a plan to let go so that a better one may be found nearby: the rest stays where it is.

Kinds of neighbourhood earn by what they have gained lately, and their size grows where they are exhausted at once.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from scheduler.problem import Part, Problem
from scheduler.terms import Spot

SMALLEST, LARGEST = 6, 50
"""Sessions let go at once."""

WIDEST = 4
"""How many times as large neighbourhoods become at most."""

FADING = 0.9
"""How much of what a kind has earned counts after another trial of it."""


class Neighbourhoods:
    """Draws sets of sessions of one part to let go, for one tier; the same seed draws the same."""

    def __init__(self, problem: Problem, part: Part, tier: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._sessions = part.sessions
        self._priced = [term for term in part.terms if term.price is not None and term.price.tier == tier]
        # Of pairs there are thousands, and they say little about who is in whose way.
        resources = [sorted(set(term.members)) for term in part.terms if term.price is None]
        self._resources = [members for members in resources if len(members) > 2]
        self._of: dict[int, list[list[int]]] = {session: [] for session in part.sessions}
        for members in self._resources:
            for session in members:
                self._of[session].append(members)
        self._events = self._by_event(problem)
        self._kinds = {"dear": self._dear, "time": self._time, "event": self._event, "resource": self._resource}
        self._earned = dict.fromkeys(self._kinds, 1.0)
        self._sizes = dict.fromkeys(self._kinds, min(26.0, len(part.sessions) / 4))
        self.width = 1
        """How many times as large as at first neighbourhoods may be, in sessions and in work."""

    def _by_event(self, problem: Problem) -> dict[int, list[int]]:
        """Return for each session those of its event in this part."""
        events: dict[str, list[int]] = {}
        for session in self._sessions:
            events.setdefault(problem.names[session].partition(".")[0], []).append(session)
        return {session: members for members in events.values() for session in members}

    def widen(self) -> None:
        """Let larger neighbourhoods be drawn from now on."""
        self.width = min(2 * self.width, WIDEST)

    @property
    def exhausted(self) -> bool:
        """Whether a descent has ended already."""
        return self.width > 1

    def draw(self, spots: Sequence[Spot | None]) -> tuple[str, frozenset[int]]:
        """Return a kind and the sessions to let go of a plan."""
        kind = self._random.choices(list(self._kinds), weights=list(self._earned.values()))[0]
        found = list(dict.fromkeys(self._kinds[kind](spots)))
        return kind, frozenset(found[: int(self._sizes[kind])])

    def learn(self, kind: str, gained: int, exhausted: bool) -> None:
        """Note what a trial has gained, and whether nothing of its neighbourhood is left to be tried."""
        most = max(self._earned.values())
        self._earned[kind] = max(0.1 * most, FADING * self._earned[kind] + (most if gained else 0.0) * (1 - FADING))
        change = 1.1 if exhausted else 0.9
        self._sizes[kind] = min(max(self._sizes[kind] * change, SMALLEST), LARGEST * self.width)

    def _dear(self, spots: Sequence[Spot | None]) -> list[int]:
        """Return sessions of terms that cost something, and in turn others that use what they use."""
        costs = [(term, points) for term in self._priced if (points := term.measure(spots) * (term.price or (0, 1))[1]) > 0]
        if not costs:
            return self._any()
        chosen = self._random.choices([term for term, _ in costs], weights=[points for _, points in costs], k=5)
        found = [self._random.choice(term.members) for term in chosen]
        others = [other for session in found for members in self._of[session] for other in members]
        return found + self._shuffled(others)

    def _time(self, spots: Sequence[Spot | None]) -> list[int]:
        """Return sessions in the order in which they start near one of them; who is absent may come anywhere."""
        middle = spots[self._random.choice(self._sessions)]
        if middle is None:
            return self._any()
        away = {n: abs(spot.start - middle.start) if (spot := spots[n]) else 0 for n in self._sessions}
        return sorted(self._any(), key=lambda session: away[session])

    def _event(self, spots: Sequence[Spot | None]) -> list[int]:
        """Return the sessions of one event, then others."""
        return self._shuffled(self._events[self._random.choice(self._sessions)]) + self._any()[:4]

    def _resource(self, spots: Sequence[Spot | None]) -> list[int]:
        """Return the sessions of one hall, person or pool, then others."""
        if not self._resources:
            return self._any()
        return self._shuffled(self._random.choice(self._resources)) + self._any()

    def _any(self) -> list[int]:
        return self._shuffled(self._sessions)

    def _shuffled(self, sessions: Sequence[int]) -> list[int]:
        return self._random.sample(list(sessions), len(sessions))
