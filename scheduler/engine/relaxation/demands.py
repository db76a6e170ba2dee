"""The cheapest proof that there is no plan: what sessions take at one moment wherever they are, added up."""

from __future__ import annotations

from scheduler.engine.relaxation.groups import needed_anyway
from scheduler.engine.relaxation.words import Contention, too_much
from scheduler.problem import Part, Problem
from scheduler.terms import Cumulative, Use


def overloaded(problem: Problem, part: Part) -> str:
    """Return in words which capacity is less than what is taken of it in any case; nothing, where none is."""
    held = {session for term in part.terms for session in needed_anyway(term)}
    worst, why = 0, None
    for term in part.terms:
        if not isinstance(term, Cumulative) or term.price is not None:
            continue
        taken = {use.session: span for use in term.uses if use.session in held and (span := _in_any_case(problem, use))}
        for moment in sorted({begin for begin, _, _ in taken.values()} | set(term.capacity.minutes[1:])):
            there = {session: amount for session, (begin, end, amount) in taken.items() if begin <= moment < end}
            need, supply = sum(there.values()), term.capacity.at(moment)
            if need - supply > worst:
                dearest = sorted(there, key=lambda session: (-there[session], session))
                share = need / supply if supply else float("inf")
                worst, why = need - supply, Contention(term.rule, moment, moment + 1, dearest, share)
    return too_much(problem, why) if why is not None else ""


def _in_any_case(problem: Problem, use: Use) -> tuple[int, int, int] | None:
    """Return from when to when a session takes how much, whatever its choice and start; None where that is not said."""
    begins, ends, amounts = [], [], []
    choices = problem.candidates.choices[use.session]
    for choice, ranges, taken in zip(choices, problem.starts[use.session], use.amounts, strict=True):
        if any(ranges):
            if taken is None:
                return None
            lead, tail, amount = taken
            begins.append(max(span[-1] for span in ranges if span) - lead)
            ends.append(min(span[0] for span in ranges if span) + choice.minutes + tail)
            amounts.append(amount)
    if not begins or max(begins) >= min(ends):
        return None
    return max(begins), min(ends), min(amounts)
