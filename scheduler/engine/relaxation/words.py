"""Why there is no plan, in words, where arithmetic proves it."""

from __future__ import annotations

from typing import NamedTuple

from scheduler.problem import Problem

NAMED = 6
"""Sessions, and rules, that are named; of more it is said how many."""

ENDLESS = 100
"""A share of what there is that is no longer said in percent."""

PREFACE = "No plan keeps all rules:"


class Contention(NamedTuple):
    """A rule that takes part in a proof: from when to when, the sessions that need most first, the share of what there is.

    Where the end is not after the begin, the rule is not about time.
    """

    rule: str
    begin: int
    end: int
    sessions: list[int]
    share: float


def impossible(problem: Problem, sessions: list[int]) -> str:
    """Return that some sessions cannot be held together, whatever the others do."""
    if len(sessions) == 1:
        return f"{PREFACE} {problem.names[sessions[0]]} alone takes more than there is, wherever it is held."
    return f"{PREFACE} these sessions have no places together, whatever the others do: {_named(problem, sessions)}."


def too_much(problem: Problem, one: Contention) -> str:
    """Return that one rule alone asks for more than there is."""
    need = f"at least {one.share:.0%} of what there is" if one.share < ENDLESS else "what there is not"
    return f"{PREFACE} {one.rule}{_when(problem, one)} needs {need}, for {_named(problem, one.sessions)}."


def contended(problem: Problem, contentions: list[Contention]) -> str:
    """Return which rules ask for more than there is, taken together."""
    merged: dict[str, Contention] = {}
    for one in contentions:
        before = merged.get(one.rule, one)
        sessions = list(dict.fromkeys((*before.sessions, *one.sessions)))
        merged[one.rule] = Contention(one.rule, min(before.begin, one.begin), max(before.end, one.end), sessions, 0)
    said = [
        f"{one.rule}{_when(problem, one)}" + (f" ({_named(problem, one.sessions)})" if one.sessions else "")
        for one in list(merged.values())[:NAMED]
    ]
    more = f"; and {len(merged) - NAMED} more" if len(merged) > NAMED else ""
    return f"{PREFACE} these, taken together, ask for more than there is: {'; '.join(said)}{more}."


def _when(problem: Problem, one: Contention) -> str:
    if one.begin >= one.end:
        return ""
    moment = problem.scenario.calendar.moment
    if one.end == one.begin + 1:
        return f" at {moment(one.begin):%d %B %H:%M}"
    begin, end = (f"{moment(minute):%d %B %H:%M}" for minute in (one.begin, one.end))
    return f" from {begin} to {end}"


def _named(problem: Problem, sessions: list[int]) -> str:
    names = [problem.names[session] for session in sessions[:NAMED]]
    return ", ".join(names) + (f" and {len(sessions) - NAMED} more" if len(sessions) > NAMED else "")
