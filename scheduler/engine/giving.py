"""How little would have to give: the least by which a conflict breaks one of its rules, or leaves what is refused to it."""

from __future__ import annotations

from dataclasses import replace

from scheduler.engine.cores import Questions
from scheduler.engine.encode import encode
from scheduler.engine.kernel import Kernel
from scheduler.engine.model import Model
from scheduler.engine.search import Clock, Way, search
from scheduler.problem import Part, Problem
from scheduler.problem.restricted import company, restricted
from scheduler.problem.widened import Refused
from scheduler.rules import Refusal
from scheduler.terms import Group, Price, Spot, Term, holds

LEAST_SECONDS = 2.0
"""Seconds (units of work) spent on the least for one rule; then what was found stands."""

STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 144, 192, 288)
"""By how many steps of the grid a refusal gives way, one after another."""


def least_broken(kernel: Kernel, rule: str, clock: Clock) -> list[Spot | None] | None:
    """Return spots of the kernel's sessions that break ``rule`` as little as was found, and none of its other rules.

    Where that leaves a choice, nobody else refuses them either: they are what a planner would expect. None where nothing
    was found.
    """
    kept = [item for item in kernel.wide.all_refused if item[0] != rule or item in kernel.refusals]
    for refusals in (kept, kernel.refusals):
        found = _least_broken(kernel, kernel.wide.under(refusals), rule, clock)
        if found is not None:
            return found
    return kernel.without.get(rule)


def _least_broken(kernel: Kernel, problem: Problem, rule: str, clock: Clock) -> list[Spot | None] | None:
    if not all(any(map(any, problem.starts[session])) for session in kernel.sessions):
        return None
    terms = [replace(term, price=Price(1, 1)) if term.rule == rule else term for term in kernel.terms]
    problem = replace(problem, terms=tuple(terms))
    there = company(terms, kernel.sessions)
    held: list[Term] = [Group(rule="held", then=kernel.sessions), *restricted(terms, there)]
    model = Model(problem, Part(tuple(sorted(there)), tuple(held)))
    encode(model)
    seconds = min(LEAST_SECONDS, clock.left)
    answer = search(model.cp, model.objectives[1], clock, lambda value, bound: None, Way.QUICK, seconds)
    if not answer.found:
        return None
    spots = model.spots(answer.solver)
    return spots if holds(held, spots) else None


def least_moved(kernel: Kernel, refused: Refused, clock: Clock) -> list[Spot | None] | None:
    """Return spots that keep everything but one refusal, and stay as near to what it allows as was found."""
    everybody = [item for item in kernel.wide.all_refused if item != refused]
    for others in (everybody, [item for item in kernel.refusals if item != refused]):
        found = _least_moved(kernel, refused, others, clock)
        if found is not None:
            return found
    return kernel.without.get(f"{refused[0]} {kernel.wide.problem.names[refused[1]]}")


def _least_moved(kernel: Kernel, refused: Refused, others: list[Refused], clock: Clock) -> list[Spot | None] | None:
    rule, session = refused
    kept = kernel.wide.refusals[session]
    calendar = kernel.wide.problem.scenario.calendar

    def ask(minutes: int) -> list[Spot | None] | None:
        """Return spots where each span that the rule refuses of the session is so much shorter at both ends."""
        wide = replace(
            kernel.wide,
            refusals={
                **kernel.wide.refusals,
                session: tuple(
                    tuple(_shorter(rule, minutes, calendar.horizon, item) for item in refusals) for refusals in kept
                ),
            },
        )
        questions = Questions(wide.under([*others, refused]), clock)
        return questions.ask(kernel.sessions, kernel.terms).spots

    too_little = 0
    for steps in STEPS:
        found = ask(steps * calendar.grid)
        if found is None:
            too_little = steps
            continue
        while steps - too_little > 1:
            between = (steps + too_little) // 2
            nearer = ask(between * calendar.grid)
            steps, too_little, found = (between, too_little, nearer) if nearer is not None else (steps, between, found)
        return found
    return Questions(kernel.wide.under(others), clock).ask(kernel.sessions, kernel.terms).spots


def _shorter(rule: str, minutes: int, horizon: int, item: tuple[str, Refusal]) -> tuple[str, Refusal]:
    name, refusal = item
    if name != rule or refusal.spans is None:
        return item
    spans = tuple(
        (begin + minutes if begin > 0 else begin, end - minutes if end < horizon else end) for begin, end in refusal.spans
    )
    return name, Refusal(refusal.reason, tuple(span for span in spans if span[0] < span[1]))
