"""Why there is no plan, in words, where arithmetic proves it."""

from __future__ import annotations

from typing import NamedTuple

from scheduler.problem import Problem

NAMED = 6
"""Sessions, and rules, that are named; of more it is said how many."""


class Contention(NamedTuple):
    """A rule that takes part in a proof: the minutes it is about (of none, where the first is later), and the sessions."""

    rule: str
    begin: int
    end: int
    sessions: list[int]


def impossible(problem: Problem, sessions: list[int]) -> str:
    """Return that some sessions cannot be held together, whatever the others do."""
    names = _named(problem, sessions)
    if len(sessions) == 1:
        return f"No plan keeps all rules: {names} takes more than there is wherever it is held."
    return f"No plan keeps all rules: these sessions have no places together, whatever the others do: {names}."


def contended(problem: Problem, contentions: list[Contention]) -> str:
    """Return which rules are too much together, when, and for which sessions."""
    merged: dict[str, Contention] = {}
    for one in contentions:
        before = merged.get(one.rule, Contention(one.rule, one.begin, one.end, []))
        sessions = sorted({*before.sessions, *one.sessions})
        merged[one.rule] = Contention(one.rule, min(before.begin, one.begin), max(before.end, one.end), sessions)
    said = [_said(problem, one) for one in list(merged.values())[:NAMED]]
    more = f", and {len(merged) - NAMED} other rules" if len(merged) > NAMED else ""
    return f"No plan keeps all rules: added up, there is less than is needed. {'; '.join(said)}{more}."


def _said(problem: Problem, one: Contention) -> str:
    if one.begin >= one.end:
        return f"{one.rule}: {_named(problem, one.sessions)}"
    moment = problem.scenario.calendar.moment
    begin, end = (f"{moment(minute):%d %B %H:%M}" for minute in (one.begin, one.end))
    return f"{one.rule} from {begin} to {end}: {_named(problem, one.sessions)}"


def _named(problem: Problem, sessions: list[int]) -> str:
    names = [problem.names[session] for session in sessions[:NAMED]]
    return ", ".join(names) + (f" and {len(sessions) - NAMED} more" if len(sessions) > NAMED else "")
