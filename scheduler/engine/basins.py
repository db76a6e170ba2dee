"""Where plans have been looked for: by the place of the one session on which most others hang.

A summit's opening in another venue is another plan altogether: all who attend it drive elsewhere. Small changes do not lead
from one to the other, and a search that begins anew ends in the same one again and again.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.problem import Part, Problem
from scheduler.terms import Sequence as Sequenced
from scheduler.terms import Spot


class Basins:
    """The places (venues; halls where there is one venue) of the session that shares people with most others."""

    def __init__(self, problem: Problem, part: Part) -> None:
        places: dict[int, tuple[str, ...]] = {}
        for session in part.sessions:
            choices = problem.candidates.choices[session]
            venues, halls = tuple(choice.venue for choice in choices), tuple(choice.hall for choice in choices)
            places[session] = venues if len(set(venues)) > 1 else halls
        others: dict[int, set[int]] = {session: set() for session in part.sessions if len(set(places[session])) > 1}
        for term in part.terms:
            if isinstance(term, Sequenced):
                for visit in term.visits:
                    if visit.session in others and None not in visit.stays:  # somebody who is there wherever it is
                        others[visit.session].update(term.members)
        self.session = max(others, key=lambda session: len(others[session]), default=None)
        """The session; None where every session has one place only."""
        self._places = places[self.session] if self.session is not None else ()
        self._tried: set[str] = set()

    def note(self, spots: Sequence[Spot | None]) -> None:
        """Note where a descent has ended; once all places have been tried they are all open again."""
        spot = spots[self.session] if self.session is not None else None
        if spot is not None:
            self._tried.add(self._places[spot.choice])
        if self._tried >= set(self._places):
            self._tried.clear()

    def avoided(self) -> frozenset[int]:
        """Return the choices of the session that lead where plans have been looked for already."""
        return frozenset(choice for choice, place in enumerate(self._places) if place in self._tried)
