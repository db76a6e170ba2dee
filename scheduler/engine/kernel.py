"""Why there is no plan: the smallest set of sessions, rules and refusals found that cannot hold together.

Sums first, for they take no time; then the solver with the sessions as assumptions; then the same with fewer sessions,
fewer rules, and without what rules refuse of each session by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scheduler.check import check
from scheduler.engine.cores import Answer, Questions, demanded, hard, smallest
from scheduler.engine.decode import decode
from scheduler.engine.search import Clock, Way
from scheduler.errors import SchedulerError
from scheduler.legs import legs
from scheduler.load import Loaded
from scheduler.plan import Plan, TierValue
from scheduler.problem import Part, Problem, compile_problem, parts, places_left
from scheduler.problem.compile import Places
from scheduler.problem.overload import Overload, overloads
from scheduler.problem.restricted import asks_for_presence, company, restricted
from scheduler.problem.widened import Refused, Widened, widened
from scheduler.terms import Spot, Term

WHOLE_SHARE = 0.6
"""Of the time, what the question about everything at once may take; the rest is for questions about less."""

ASPECT = 2.0
"""Seconds (units of work) for one rule or one event alone."""

EVERYBODY = 2.0
"""Seconds (units of work) spent on holding what may be left out too, where there is a plan."""

PATIENCE = 5.0
"""Seconds (units of work) spent on a short reason."""

EXPLAINED = "`scheduler explain` tells why, and what would have to give."

OPINION = 10.0
"""Seconds (units of work) that the second opinion may take, whatever is left of the time."""


@dataclass(frozen=True)
class Kernel:
    """Sessions that cannot be held together under some terms and refusals, as far as was shown nothing too much.

    Numbers and terms are those of the problem ``wide``, in which each session may be wherever the refusals that are named
    let it.
    """

    wide: Widened
    sessions: tuple[int, ...]
    terms: tuple[Term, ...]
    refusals: tuple[Refused, ...]
    without: dict[str, list[Spot | None]]
    """Of each rule of the terms, and ``rule session`` of each refusal, spots that show what would do without it."""
    minimal: bool
    """Whether each session, term and refusal was shown to be needed."""
    overload: Overload | None
    """The sum that proves it, where a sum does."""
    asked: int

    @property
    def problem(self) -> Problem:
        """The problem with the named refusals and no others."""
        return self.wide.under(self.refusals)

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the sessions."""
        return tuple(self.wide.problem.names[session] for session in self.sessions)


def short_reason(problem: Problem, clock: Clock) -> str:
    """Return in a sentence or two what cannot hold together, where a little time finds it."""
    mine = Clock(clock.limits._replace(seconds=min(PATIENCE, max(1.0, clock.left))))
    kernel = find_kernel(problem.loaded, mine, problem=problem).kernel
    if kernel is None:
        return EXPLAINED
    rules = dict.fromkeys([*(term.rule for term in kernel.terms), *(rule for rule, _ in kernel.refusals)])
    return f"{' and '.join(kernel.names)} cannot be held together under {' and '.join(rules)}. {EXPLAINED}"


class Verdict(NamedTuple):
    """Whether there is a plan: one that shows it, a kernel that shows there is none, or what was ruled out."""

    possible: bool | None
    plan: Plan | None = None
    kernel: Kernel | None = None
    ruled_out: tuple[str, ...] = ()


def find_kernel(loaded: Loaded, clock: Clock, seconds: float | None = None, problem: Problem | None = None) -> Verdict:
    """Return why a scenario has no plan, if it has none, within so many seconds of the clock's.

    ``problem`` is what the scenario was compiled to. Raises SchedulerError where two proofs disagree.
    """
    places = places_left(loaded)
    problem = problem or compile_problem(loaded, places)
    ends = clock.left - seconds if seconds is not None else 0.0
    return _Finder(loaded, places, problem, clock, ends).verdict()


@dataclass
class _Finder:
    loaded: Loaded
    places: Places
    problem: Problem
    clock: Clock
    ends: float
    """What the clock has left when the question of whether there is a plan is given up."""
    unproved: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.questions = Questions(self.problem, self.clock)

    def verdict(self) -> Verdict:
        """Return the answer to the whole question."""
        wanted = demanded(self.problem.terms)
        nowhere = [session for session in wanted if not any(map(any, self.problem.starts[session]))]
        if nowhere:
            return Verdict(False, kernel=self._kernel([nowhere[0]], ()))
        terms = hard(self.problem.terms)
        found = self._overloaded(wanted, terms)
        if found is not None:
            return Verdict(False, kernel=self._kernel(list(found.sessions), terms))
        undecided = []
        spots: list[Spot | None] = [None] * len(self.problem.names)
        divided = parts(self.problem)
        for number, part in enumerate(divided):
            seconds = (self.clock.left - self.ends) * WHOLE_SHARE / (len(divided) - number)
            answer = self.questions.ask(demanded(part.terms), hard(part.terms), seconds=seconds)
            if answer.possible is False:
                return Verdict(False, kernel=self._kernel(list(answer.sessions), hard(part.terms)))
            if answer.spots is None:
                undecided.append(part)
                continue
            everybody = self.questions.ask(part.sessions, hard(part.terms), seconds=EVERYBODY)
            for session in part.sessions:
                spots[session] = (everybody.spots or answer.spots)[session]
        return self._less_than_all(undecided) if undecided else Verdict(True, self._plan(spots))

    def _plan(self, spots: list[Spot | None]) -> Plan:
        """Return the plan of an assignment that keeps all rules.

        Raises SchedulerError where it does not.
        """
        plan = decode(self.problem, spots)
        report = check(self.loaded, plan)
        if not self.problem.admits(spots) or not report.clean:
            raise SchedulerError("what was shown to be possible is not")
        tiers = [TierValue(tier=tier, value=value, bound=0, gap=1.0) for tier, value in report.tiers.items()]
        changes = {"figures": report.figures, "tiers": tiers, "legs": legs(self.problem.scenario, plan)}
        return plan.model_copy(update=changes)

    def _overloaded(self, wanted: Sequence[int], terms: Sequence[Term]) -> Overload | None:
        found = list(overloads(self.problem, wanted, terms))
        return min(found, key=lambda overload: (len(overload.sessions), overload.begin or 0), default=None)

    def _less_than_all(self, undecided: list[Part]) -> Verdict:
        """Ask about each rule alone, and each event alone; a few sessions or rules are often enough to show it."""
        told = [
            "every session has a place of its own",
            "no pool, person or hall is asked for more, between any two moments, than there is, by sums alone",
        ]
        answers: dict[str, dict[str, list[bool | None]]] = {"rule": {}, "event": {}}
        for kind, name, sessions, some in (aspect for part in undecided for aspect in self._aspects(part)):
            seconds = min(ASPECT, (self.clock.left - self.ends) / 4)
            answer = self.questions.ask(sessions, some, seconds=seconds) if seconds > 0 else Answer(None)
            if answer.possible is False:
                return Verdict(False, kernel=self._kernel(list(answer.sessions), some))
            answers[kind].setdefault(name, []).append(answer.possible)
        for kind, can in (("rule", "kept"), ("event", "held")):
            open_ = [name for name, found in answers[kind].items() if not all(found)]
            if len(answers[kind]) > len(open_):
                told.append(
                    f"each {kind} by itself can be {can}" + (f"; not known is it of {', '.join(open_)}" if open_ else "")
                )
        return Verdict(None, ruled_out=tuple(told))

    def _aspects(self, part: Part) -> Iterator[tuple[str, str, Sequence[int], tuple[Term, ...]]]:
        """Yield smaller questions: every rule with all sessions, then all rules with the sessions of each event."""
        wanted, terms = demanded(part.terms), hard(part.terms)
        for rule in dict.fromkeys(term.rule for term in terms):
            yield "rule", rule, wanted, tuple(term for term in terms if term.rule == rule)
        by_event: dict[str, list[int]] = {}
        for session in wanted:
            by_event.setdefault(self.problem.names[session].partition(".")[0], []).append(session)
        for event, sessions in by_event.items():
            if len(by_event) > 1 and len(sessions) > 1:
                yield "event", event, sessions, terms

    def _impossible(self, questions: Questions, sessions: list[int], terms: Iterable[Term]) -> tuple[int, ...] | None:
        answer = questions.ask(sessions, terms)
        self.unproved |= answer.possible is None
        return answer.sessions if answer.possible is False else None

    def _kernel(self, sessions: list[int], terms: tuple[Term, ...]) -> Kernel:
        """Return what is left of an impossible set when nothing more can be spared."""
        few = smallest(sessions, lambda some: self._impossible(self.questions, some, terms)) if terms else sessions
        rules = self._rules(few, terms)
        names = self.problem.names
        others = company((term for term in terms if term.rule in rules), few) - set(few)
        wide = widened(self.loaded, self.places, {names[s] for s in few}, {names[s] for s in others})
        all_refused = list(wide.all_refused)
        # What a rule refuses may rest on what another refuses: its terms say all of it.
        refusing = {rule for rule, _ in all_refused}
        with_rules = [
            term
            for term in hard(wide.problem.terms)
            if term.rule in rules or (term.rule in refusing and not asks_for_presence(term))
        ]
        said = list(restricted(with_rules, company(with_rules, few)))
        kept = self._fewer_refusals(wide, few, said, all_refused)
        said = self._fewer_terms(wide, few, said, kept)
        without = self._witnesses(wide, few, said, kept)
        self._second_opinion(wide, few, said, kept)
        problem = wide.under(kept)
        sums = [one for one in overloads(problem, few, said) if set(one.sessions) == set(few)]
        minimal = not self.unproved
        return Kernel(
            wide, tuple(few), tuple(said), tuple(kept), without, minimal, sums[0] if sums else None, self.questions.asked
        )

    def _rules(self, sessions: list[int], terms: Iterable[Term]) -> set[str]:
        """Return the rules that are needed to show that sessions cannot be held together."""
        said = list(terms)
        terms = list(restricted(said, company(said, sessions)))
        rules = list(dict.fromkeys(term.rule for term in terms))

        def impossible(some: list[str]) -> list[str] | None:
            found = self._impossible(self.questions, sessions, [term for term in terms if term.rule in some])
            return some if found is not None else None

        return set(smallest(rules, impossible))

    def _fewer_terms(self, wide: Widened, sessions: list[int], terms: list[Term], refused: Sequence[Refused]) -> list[Term]:
        questions = Questions(wide.under(refused), self.clock)

        def impossible(some: list[int]) -> list[int] | None:
            found = self._impossible(questions, sessions, [terms[number] for number in some])
            return some if found is not None else None

        kept = smallest(list(range(len(terms))), impossible)
        self.questions.asked += questions.asked
        return [terms[number] for number in kept]

    def _fewer_refusals(
        self, wide: Widened, sessions: list[int], terms: list[Term], refused: list[Refused]
    ) -> list[Refused]:
        def impossible(some: list[Refused]) -> list[Refused] | None:
            self.questions.asked += 1
            found = self._impossible(Questions(wide.under(some), self.clock), sessions, terms)
            return some if found is not None else None

        return smallest(refused, impossible)

    def _witnesses(
        self, wide: Widened, sessions: list[int], terms: list[Term], kept: list[Refused]
    ) -> dict[str, list[Spot | None]]:
        """Return spots that do without each one: everything that is left was shown to be needed, and is here."""
        found: dict[str, list[Spot | None]] = {}
        questions = Questions(wide.under(kept), self.clock)
        for rule in dict.fromkeys(term.rule for term in terms):
            answer = questions.ask(sessions, [term for term in terms if term.rule != rule])
            if answer.possible and answer.spots is not None:
                found[rule] = answer.spots
        for rule, session in kept:
            others = [item for item in kept if item != (rule, session)]
            answer = Questions(wide.under(others), self.clock).ask(sessions, terms)
            if answer.possible and answer.spots is not None:
                found[f"{rule} {wide.problem.names[session]}"] = answer.spots
        return found

    def _second_opinion(self, wide: Widened, sessions: list[int], terms: list[Term], kept: list[Refused]) -> None:
        """Have the kernel refuted once more, by a solver that takes no short cuts.

        Raises SchedulerError where it is not.
        """
        questions = Questions(wide.under(kept), Clock(self.clock.limits._replace(seconds=OPINION)))
        answer = questions.ask(sessions, terms, Way.CAUTIOUS, OPINION)
        if answer.possible:
            raise SchedulerError("what was shown to be impossible is possible after all")
        self.unproved |= answer.possible is None
