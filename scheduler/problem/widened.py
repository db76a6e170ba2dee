"""A problem in which some sessions may be wherever no rule has been asked yet, with what each rule refuses of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from scheduler.load import Loaded
from scheduler.problem.compile import Places, Problem, Starts, compile_problem, refused, starts_left
from scheduler.rules import Refusal
from scheduler.terms import Choice

Refused = tuple[str, int]
"""The id of a rule and the number of a session of which it refuses something."""


@dataclass(frozen=True)
class Widened:
    """A problem whose terms know every choice of some sessions; ``refusals[session][choice]`` are those of each rule."""

    problem: Problem
    refusals: dict[int, tuple[tuple[tuple[str, Refusal], ...], ...]]

    @property
    def all_refused(self) -> tuple[Refused, ...]:
        """Every rule and session of which it refuses something, in the order of sessions and rules."""
        found = {
            (rule, session): None
            for session, by_choice in self.refusals.items()
            for refusals in by_choice
            for rule, refusal in refusals
            if refusal.spans is None or any(begin < end for begin, end in refusal.spans)
        }
        return tuple(sorted(found, key=lambda item: (item[1], item[0])))

    def under(self, kept: Collection[Refused]) -> Problem:
        """Return the problem in which only these refusals stand."""
        starts = list(self.problem.starts)
        for session, by_choice in self.refusals.items():
            starts[session] = tuple(
                self._left(session, choice, [item for item in refusals if (item[0], session) in kept])
                for choice, refusals in enumerate(by_choice)
            )
        return replace(self.problem, starts=tuple(starts))

    def _left(self, session: int, choice: int, refusals: list[tuple[str, Refusal]]) -> Starts:
        scenario, name = self.problem.scenario, self.problem.names[session]
        return starts_left(scenario, name, self.problem.candidates.choices[session][choice].minutes, refusals)


def widened(loaded: Loaded, places: Places, sessions: Collection[str], company: Collection[str] = ()) -> Widened:
    """Return a problem in which ``sessions`` may be anywhere on the grid, and nobody else is but their ``company``."""
    scenario = loaded.scenario
    refusals: dict[str, list[tuple[tuple[str, Refusal], ...]]] = {}
    wide: dict[str, dict[Choice, Starts]] = {}
    for name, session in scenario.sessions.items():
        if name not in sessions:
            wide[name] = dict(places[name]) if name in company else {}
            continue
        wide[name] = {}
        for choice, _, refusals_of_choice in refused(scenario, loaded.rules, session):
            wide[name][choice] = starts_left(scenario, name, choice.minutes, ())
            refusals.setdefault(name, []).append(refusals_of_choice)
    problem = compile_problem(loaded, wide)
    numbers = problem.candidates.numbers
    return Widened(problem, {numbers[name]: tuple(found) for name, found in refusals.items()})
