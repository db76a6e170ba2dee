"""Why is there no plan: the conflict in a planner's sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from scheduler.engine.decode import decode
from scheduler.engine.giving import least_broken, least_moved
from scheduler.engine.kernel import Kernel
from scheduler.engine.search import Clock
from scheduler.errors import Place
from scheduler.load import Loaded
from scheduler.problem import session_place
from scheduler.problem.overload import Overload
from scheduler.rules import Remedy, Rule, Violation
from scheduler.scenario.strict_yaml import place_of
from scheduler.scenario.units import duration_text
from scheduler.terms import Cumulative, Spot, Total

REASONS = 4
"""Refusals of one rule that are told, where halls or times have different ones."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule that has its part in a conflict: what it says of which sessions, and where it is written."""

    rule: str
    family: str
    sessions: tuple[str, ...]
    place: Place
    text: str
    without: str = ""
    """What would be at best if a refusal were none."""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sessions that cannot be held together, and the rules that see to it."""

    sessions: tuple[tuple[str, Place, str], ...]
    """Each with where it is written, and where and when it can be."""
    causes: tuple[Cause, ...]
    minimal: bool
    asked: int

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the sessions, and of the delegations whose homes they are."""
        return tuple(name for name, _, _ in self.sessions)


def tell(loaded: Loaded, kernel: Kernel, clock: Clock) -> Conflict:
    """Return the sentences for a kernel."""
    rules = {rule.id: rule for rule in loaded.rules}
    causes = [*_by_terms(loaded, kernel, rules, clock), *_by_refusals(loaded, kernel, rules, clock)]
    sessions = tuple((name, _place(loaded, name), _where(kernel, name)) for name in kernel.names)
    return Conflict(sessions, tuple(causes), kernel.minimal, kernel.asked)


def _by_terms(loaded: Loaded, kernel: Kernel, rules: dict[str, Rule], clock: Clock) -> Iterator[Cause]:
    names = kernel.wide.problem.names
    for rule_id in dict.fromkeys(term.rule for term in kernel.terms):
        own = {session for term in kernel.terms if term.rule == rule_id for session in term.members}
        concerned = tuple(names[session] for session in sorted(own & set(kernel.sessions)))
        broken = list(_violations(kernel, rules[rule_id], least_broken(kernel, rule_id, clock)))
        told = " ".join(dict.fromkeys(rules[rule_id].explain(loaded.scenario, violation) for violation in broken))
        text = f"At best: {told}" if told else f"{', '.join(concerned)} cannot keep it."
        if kernel.overload is not None and kernel.overload.terms[0].rule == rule_id:
            text = _sum(kernel, kernel.overload)
        yield _cause(loaded, rules[rule_id], concerned, text, "", broken)


def _by_refusals(loaded: Loaded, kernel: Kernel, rules: dict[str, Rule], clock: Clock) -> Iterator[Cause]:
    names, scenario = kernel.wide.problem.names, loaded.scenario
    for rule_id, session in kernel.refusals:
        name, rule = names[session], rules[rule_id]
        moved = least_moved(kernel, (rule_id, session), clock)
        broken = [v for v in _violations(kernel, rule, moved) if name in v.sessions]
        told = " ".join(dict.fromkeys(rule.explain(scenario, violation) for violation in broken))
        by_choice = kernel.wide.refusals[session]
        reasons = dict.fromkeys(refusal.reason for refusals in by_choice for r, refusal in refusals if r == rule_id)
        said = "; ".join(list(reasons)[:REASONS]) + ("; …" if len(reasons) > REASONS else "")
        yield _cause(loaded, rule, (name,), said, told, broken)


def _violations(kernel: Kernel, rule: Rule, spots: list[Spot | None] | None) -> Iterator[Violation]:
    """Yield how spots of a kernel's sessions, which are all that is held, break a rule."""
    if spots is None:
        return
    problem, held = kernel.wide.problem, set(kernel.names)
    for violation in rule.check(problem.scenario, decode(problem, spots)):
        if held.issuperset(violation.sessions):
            yield violation


def _cause(
    loaded: Loaded, rule: Rule, sessions: tuple[str, ...], text: str, without: str, broken: list[Violation]
) -> Cause:
    remedies = tuple(remedy for violation in broken for remedy in rule.remedies(loaded.scenario, violation))
    written: tuple[str, ...] = ("rules", rule.id)
    if not ("rules" in loaded.tree and rule.id in loaded.tree["rules"]):
        written = next(iter(_paths(remedies)), ())
    place = place_of(loaded.tree, written) if written else _place(loaded, sessions[0])
    return Cause(rule.id, rule.family, sessions, place, text, without, remedies)


def _paths(remedies: Iterable[Remedy]) -> Iterator[tuple[str, ...]]:
    """Yield the path of the first number that each remedy changes."""
    for remedy in remedies:
        path: list[str] = []
        below = remedy.patch
        while isinstance(below, dict) and below:
            key = next(iter(below))
            path.append(key)
            below = below[key]
        yield tuple(path)


def _place(loaded: Loaded, name: str) -> Place:
    session = loaded.scenario.sessions.get(name)
    return session_place(loaded, session) if session is not None else place_of(loaded.tree, ("delegations", name))


def _where(kernel: Kernel, name: str) -> str:
    """Say where and when one session can be, as far as the conflict knows."""
    problem = kernel.problem
    scenario, number = problem.scenario, problem.candidates.numbers[name]
    choices = [
        (choice, starts)
        for choice, starts in zip(problem.candidates.choices[number], problem.starts[number], strict=True)
        if any(starts)
    ]
    if name in scenario.homes:
        return " or ".join(str(scenario.hotels[choice.hall].name) for choice, _ in choices)
    session = scenario.sessions[name]
    if not choices:
        return f"{duration_text(session.minutes)}, nowhere"
    halls = list(dict.fromkeys(choice.hall for choice, _ in choices))
    where = f"in {' or '.join(halls)}" if len(halls) <= 3 else f"in one of {len(halls)} halls"
    first = min(min(span[0] for span in starts if span) for _, starts in choices)
    last = max(max(span[-1] for span in starts if span) + choice.minutes for choice, starts in choices)
    fixed = all(len(span) <= 1 for _, starts in choices for span in starts) and first + choices[0][0].minutes == last
    when = _span(kernel, first, last) if fixed else f"between {_span(kernel, first, last, ' and ')}"
    if (first, last) == (0, scenario.calendar.horizon):
        when = "at any time"
    return f"{duration_text(choices[0][0].minutes)}, {where}, {when}"


def _span(kernel: Kernel, begin: int, end: int, between: str = " to ") -> str:
    calendar = kernel.wide.problem.scenario.calendar
    first, last = calendar.moment(begin), calendar.moment(end)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%d %b %H:%M}"
    return f"{first:%d %b %H:%M}{between}{until}"


def _sum(kernel: Kernel, overload: Overload) -> str:
    """Say what is needed and what there is, as numbers."""
    names = [kernel.wide.problem.names[session] for session in overload.sessions]
    who, needs = _group(kernel, names), "need" if len(names) > 1 else "needs"
    about = [term.about or term.rule for term in overload.terms]
    if overload.begin is None or overload.end is None:
        assert isinstance(overload.terms[0], Total)
        return f"{who} {needs} {overload.need} of {about[0]}; there are {overload.there}."
    if isinstance(overload.terms[0], Cumulative):
        minutes = overload.end - overload.begin
        when = f"from {_span(kernel, overload.begin, overload.end)}"
        if overload.at_once is not None:
            return f"{who} {needs} {overload.at_once} of {about[0]} {when}; there are {overload.there // minutes}."
        between = f"between {_span(kernel, overload.begin, overload.end, ' and ')}"
        each = f", {overload.there // minutes} at a time" if overload.there % minutes == 0 else ""
        return (
            f"{who} {needs} at least {overload.need} units x minutes of {about[0]} {between}; there are "
            f"{overload.there}{each}."
        )
    where = about[0] if len(about) == 1 else f"{' and '.join(about)} together"
    between = f"between {_span(kernel, overload.begin, overload.end, ' and ')}"
    return (
        f"{who} {needs} at least {duration_text(overload.need)} of {where} {between}; there are "
        f"{duration_text(overload.there)}."
    )


def _group(kernel: Kernel, names: list[str]) -> str:
    """Say sessions as one group: ``Three G1 sessions (a, b, c)``."""
    sessions = kernel.wide.problem.scenario.sessions
    if len(names) == 1:
        return names[0]
    count = _NUMBERS[len(names)].capitalize() if len(names) < len(_NUMBERS) else str(len(names))
    known = [sessions[name] for name in names if name in sessions]
    if len(known) < len(names):
        return f"{count} delegations ({', '.join(names)})" if not known else f"{count} ({', '.join(names)})"
    grades = [grade for grade, _ in groupby(sorted(session.grade for session in known))]
    kind = f"{grades[0]} sessions" if len(grades) == 1 else "sessions"
    return f"{count} {kind} ({', '.join(names)})"
