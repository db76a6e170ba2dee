"""``python -m benchmarks.mutation [FAMILY...]``: break each rule and goal on purpose, and see whether a test notices.

A mutant is made in a process of its own, on the class and not in its file. First the cases of its family are run, then, if
they notice nothing, small scenarios by brute force. Prints by family what noticed: ``cases``, ``brute`` or NOTHING; ``-``
where the mutant changed nothing anywhere, so that there is nothing to notice. Returns 1 where nothing noticed a change.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import product
from multiprocessing import Pool
from multiprocessing.pool import AsyncResult
from typing import Any

import pytest

from benchmarks.brute_force import PACKAGES, tried
from benchmarks.kept import keep
from scheduler.errors import SchedulerError
from scheduler.plan import Plan
from scheduler.rules import Candidates, Choice, Goal, Refusal, Rule, Scenario, Session, Term, Violation, families
from scheduler.terms import (
    Clear,
    Cumulative,
    Extent,
    Group,
    Lag,
    Link,
    Match,
    PlacementPrice,
    Ranks,
    Relation,
    Sequence,
    Steps,
    Table,
    Tally,
    Total,
    Tour,
)

changes = 0
"""How often a mutant said something else than its family."""


def noted(was: Any, now: Any) -> Any:
    """Return ``now``, and count where it is not what was."""
    global changes
    changes += was != now
    return now


def put(family: type[Rule], name: str, mutant: Callable[..., Any]) -> None:
    """Give a family a method instead of its own."""
    setattr(family, name, mutant)


def wider_match(match: Match, by: int) -> Match:
    """Return a match with one pair more, or one less."""
    numbers = range(-1, len(match.cells))
    all_pairs = product(numbers, numbers) if match.cells else product(sorted({*match.first}), sorted({*match.second}))
    candidates = sorted(set(all_pairs) - match.pairs) if by > 0 else sorted(match.pairs)
    changed = frozenset(candidates[:1])
    return match._replace(pairs=match.pairs | changed if by > 0 else match.pairs - changed)


def wider(term: Term, by: int) -> Term:
    """Return a term whose every bound is ``by`` wider, or whose every price is ``by`` less."""

    def wide(least: int | None, most: int | None) -> tuple[int | None, int | None]:
        return (None if least is None else least - by), (None if most is None else most + by)

    match term:
        case Total() | Extent():
            least, most = wide(term.least, term.most)
            return replace(term, least=least, most=most)
        case Tally():
            return replace(term, least=term.least - by, most=term.most + by)
        case Relation(then=Lag() as lag):
            least, most = wide(lag.least, lag.most)
            return replace(term, then=lag._replace(least=least, most=most))
        case Relation(then=Clear() as clear):
            back = None if clear.back is None else clear.back - by
            return replace(term, then=Clear(clear.gap - by, back))
        case Relation(then=Match() as match):
            return replace(term, then=wider_match(match, by))
        case Relation(then=Table() as table):
            amounts = tuple(tuple(max(0, amount - by) for amount in row) for row in table.amounts)
            return replace(term, then=table._replace(amounts=amounts))
        case Cumulative() | Link():
            return replace(term, capacity=Steps(term.capacity.minutes, tuple(value + by for value in term.capacity.values)))
        case Sequence():
            return replace(term, changeover=tuple(tuple(minutes - by for minutes in row) for row in term.changeover))
        case Tour():
            return replace(term, step=tuple(tuple(price - by for price in row) for row in term.step))
        case Ranks():
            return replace(term, wanted=tuple(None if place is None else place + by for place in term.wanted))
        case Group():
            return replace(term, then=term.then[:-1]) if by > 0 else replace(term, whenever=())
        case PlacementPrice():
            slopes = tuple(slope._replace(price=slope.price - by) for slope in term.slopes)
            by_choice = tuple(price - by for price in term.by_choice)
            return replace(term, by_choice=by_choice, slopes=slopes, absent=term.absent - by if term.absent else 0)
    pytest.exit(f"no mutant of {type(term).__name__} yet", returncode=99)  # an error would pass for a test that noticed


def with_terms(family: type[Rule], by: int | None) -> None:
    """Make a family say every bound ``by`` wider to the engine, to the minute, the seat and the unit; None: say nothing."""
    admits, state = family.admits, family.state

    def refusals(rule: Rule, scenario: Scenario, session: Session, choice: Choice) -> list[Refusal]:
        if by is None:
            return []
        found = []
        for refusal in admits(rule, scenario, replace(session, attendance=max(0, session.attendance - by)), choice):
            spans = refusal.spans and tuple((begin + by, end - by) for begin, end in refusal.spans if begin + by < end - by)
            found.append(Refusal(refusal.reason, spans))
        return found

    def mutant_admits(rule: Rule, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        told: list[Refusal] = noted(
            list(admits(rule, scenario, session, choice)), refusals(rule, scenario, session, choice)
        )
        return told

    def mutant_state(rule: Rule, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        terms = list(state(rule, scenario, candidates))
        told: list[Term] = noted(terms, [] if by is None else [wider(term, by) for term in terms])
        return told

    put(family, "admits", mutant_admits)
    put(family, "state", mutant_state)


def with_check(family: type[Rule], more: int | None) -> None:
    """Make the check of a family find everything ``more`` worse, a goal's measure too; None: find nothing."""
    check = family.check

    def mutant_check(rule: Rule, scenario: Scenario, plan: Plan) -> Iterator[Violation]:
        for violation in check(rule, scenario, plan):
            worse = None if more is None else replace(violation, amount=violation.amount + more)
            if noted(violation, worse) is not None:
                assert worse is not None
                yield worse

    put(family, "check", mutant_check)
    if issubclass(family, Goal):
        measure = family.measure

        def mutant_measure(goal: Goal, scenario: Scenario, plan: Plan) -> int:
            figure = measure(goal, scenario, plan)
            told: int = noted(figure, 0 if more is None else figure + more)
            return told

        put(family, "measure", mutant_measure)


def forgetful(family: type[Rule]) -> None:
    """Make a family forget the last of several terms or refusals."""
    admits, state = family.admits, family.state

    def mutant_admits(rule: Rule, scenario: Scenario, session: Session, choice: Choice) -> list[Refusal]:
        refusals = list(admits(rule, scenario, session, choice))
        # After one that refuses every start, another is not missed.
        missed = len(refusals) > 1 and all(refusal.spans is not None for refusal in refusals[:-1])
        told: list[Refusal] = noted(refusals, refusals[:-1] if missed else refusals)
        return told

    def mutant_state(rule: Rule, scenario: Scenario, candidates: Candidates) -> list[Term]:
        terms = list(state(rule, scenario, candidates))
        told: list[Term] = noted(terms, terms[:-1] or terms)
        return told

    put(family, "admits", mutant_admits)
    put(family, "state", mutant_state)


def soon_content(family: type[Rule]) -> None:
    """Make the check of a family end at the first violation it finds."""
    check = family.check

    def mutant_check(rule: Rule, scenario: Scenario, plan: Plan) -> list[Violation]:
        violations = list(check(rule, scenario, plan))
        told: list[Violation] = noted(violations, violations[:1])
        return told

    put(family, "check", mutant_check)


MUTANTS: Mapping[str, Callable[[type[Rule]], None]] = {
    "no terms": lambda family: with_terms(family, None),
    "terms wider": lambda family: with_terms(family, 1),
    "terms tighter": lambda family: with_terms(family, -1),
    "a term less": forgetful,
    "no check": lambda family: with_check(family, None),
    "amounts + 1": lambda family: with_check(family, 1),
    "first found": soon_content,
}


def noticed(family: str, mutant: str, instances: int) -> str:
    """Make a mutant in this process, for good, and return what notices it; '-' where it changed nothing."""
    MUTANTS[mutant](families()[family])
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = pytest.main(["-n", "0", "-x", "-p", "no:cacheprovider", "tests/test_cases.py", "-k", f"[{family}/"])
        if code == pytest.ExitCode.TESTS_FAILED:
            return "cases"
        if code != pytest.ExitCode.OK:
            raise SchedulerError(f"the cases of {family} could not be run: {code!r}")
        try:
            tried(0, instances, shrink=False)
        except (AssertionError, LookupError, TypeError, ValueError, SchedulerError):
            return "brute"
    return "NOTHING" if changes else "-"


def main() -> int:
    """Break what is asked for and print the table; return 1 where nothing noticed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="which rules and goals (all)")
    parser.add_argument("--mutants", nargs="+", choices=MUTANTS, default=list(MUTANTS), help="which mutants (all)")
    parser.add_argument("--instances", type=int, default=150, help="small scenarios to draw where cases are blind (150)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at a time (the cores)")
    parser.add_argument("--save", action="store_true", help="keep the table in benchmarks/results")
    arguments = parser.parse_args()
    wanted: list[str] = arguments.families or sorted(families())
    unknown = set(wanted) - set(families())
    if unknown:
        parser.error(f"there is no rule or goal {', '.join(sorted(unknown))}")
    os.environ["SCHEDULER_CACHE"] = "off"  # what one run keeps must not hide from the next what it gets wrong
    print(f"{'':<20}" + "".join(f"{mutant:<15}" for mutant in arguments.mutants))
    table: dict[str, dict[str, str]] = {}
    with Pool(arguments.processes, maxtasksperchild=1) as pool:
        asked: dict[str, dict[str, AsyncResult[str]]] = {family: {} for family in wanted}
        for family, mutant in product(wanted, arguments.mutants):
            asked[family][mutant] = pool.apply_async(noticed, (family, mutant, arguments.instances))
        for family, answers in asked.items():
            table[family] = {mutant: answer.get() for mutant, answer in answers.items()}
            print(f"{family:<20}" + "".join(f"{found:<15}" for found in table[family].values()), flush=True)
    every = [found for row in table.values() for found in row.values() if found != "-"]
    caught = sum(found in ("cases", "brute") for found in every)
    print(f"{caught} of {len(every)} mutants are noticed, {every.count('cases')} of them by cases.")
    if arguments.save:
        score = {"noticed": caught, "mutants": len(every), "by_cases": every.count("cases")}
        kept = {"instances": arguments.instances, "score": score, "families": table}
        command = shlex.join(("python", "-m", "benchmarks.mutation", *sys.argv[1:]))
        print(f"kept in {keep('mutation', command, kept, PACKAGES)}")
    return int(caught < len(every))


if __name__ == "__main__":
    sys.exit(main())
