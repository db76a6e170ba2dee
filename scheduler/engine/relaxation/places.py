"""Where sessions are, as columns: one for each choice and one for each span of starts, without their product.

So an amount that depends on the choice and on the start is not said exactly. What rows use instead is never more than it
(``surely``), or never less (``perhaps``), in every plan.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import NamedTuple

from scheduler.engine.relaxation.groups import needed_anyway
from scheduler.engine.relaxation.program import EVER, Block, Linear, Program
from scheduler.problem import Part, Problem
from scheduler.terms import Cumulative, Lag, Match, Ranks, Relation, Steps, Tally, Term, Tour


class Session(NamedTuple):
    """One session's columns, the first and last start of each span, and the choices that have starts."""

    block: Block
    firsts: list[int]
    lasts: list[int]
    open: frozenset[int]
    minutes: tuple[int, ...]

    @property
    def shortest(self) -> int:
        """The least minutes that it lasts by any choice."""
        return min((self.minutes[choice] for choice in self.open), default=0)

    @property
    def longest(self) -> int:
        """The most minutes that it lasts by any choice."""
        return max((self.minutes[choice] for choice in self.open), default=0)


class Value(NamedTuple):
    """A value of a session: the choices, or the starts, by which it has it."""

    choices: frozenset[int]
    since: int = -EVER
    until: int = EVER


class Places:
    """The columns of all sessions of a part; ``share`` is what part of its length the starts of one span may lie apart.

    ``arcs`` is how many of them one pair of visits may have.
    """

    def __init__(self, problem: Problem, part: Part, program: Program, share: float, arcs: int) -> None:
        self.problem = problem
        self.program = program
        self.arcs = arcs
        self.required = {session for term in part.terms for session in needed_anyway(term)}
        self.alone = alone(problem, part)
        cuts = sorted({minute for term in part.terms for minute in _cuts(term)})
        self.sessions = {number: self._session(number, cuts, share) for number in part.sessions}
        self.values: dict[tuple[int, tuple[int, ...], tuple[int, ...]], dict[int, Value]] = {}
        """What values sessions can have, as far as they were asked for."""
        self.precedence = self._order(part)
        """Sessions of which one starts before another in every plan that holds both."""

    def _session(self, number: int, cuts: list[int], share: float) -> Session:
        choices, program = self.problem.candidates.choices[number], self.program
        minutes = tuple(choice.minutes for choice in choices)
        starts = [self.alone[number, choice] for choice in range(len(choices))]
        everywhere = sorted(set().union(*starts))
        widest = min(minutes, default=0) * share
        spans: list[list[int]] = []
        for _, together in groupby(everywhere, key=lambda start: bisect_right(cuts, start)):
            for position, start in enumerate(together):
                if not position or start - spans[-1][0] >= widest:
                    spans.append([])
                spans[-1].append(start)
        present = program.columns(1)[0]
        by_choice, by_span = program.columns(len(choices)), program.columns(len(spans))
        firsts, lasts = [span[0] for span in spans], [span[-1] for span in spans]
        ways: dict[tuple[int, ...], list[int]] = {}
        for choice, own in enumerate(starts):
            if own:
                reached = tuple(dict.fromkeys(by_span[bisect_right(firsts, start) - 1] for start in own))
                ways.setdefault(reached, []).append(by_choice[choice])
            else:
                program.uppers[by_choice[choice]] = 0
        block = Block(
            present,
            by_choice,
            by_span,
            tuple((tuple(alike), reached) for reached, alike in ways.items()),
            number in self.required,
        )
        program.blocks.append(block)
        if len(ways) > 1:
            for alike, reached in ((ways[reached], reached) for reached in ways):
                if len(reached) < len(spans):
                    program.row([*((range(k, k + 1), 1) for k in reached), *((range(c, c + 1), -1) for c in alike)], 0)
        return Session(block, firsts, lasts, frozenset(k for k, own in enumerate(starts) if own), minutes)

    @property
    def homeless(self) -> list[int]:
        """The sessions that have to be held and fit nowhere, even alone."""
        return [number for number, session in self.sessions.items() if session.block.required and not session.firsts]

    def _order(self, part: Part) -> set[tuple[int, int]]:
        """Return what lags say of order, and what follows where the session between is always there."""
        after: dict[int, set[int]] = {}
        for term in part.terms:
            if isinstance(term, Relation) and term.price is None and term.when is None and isinstance(term.then, Lag):
                first, least = self.sessions[term.first], term.then.least
                if least is not None and least + (0 if term.then.from_start else first.shortest) > 0:
                    after.setdefault(term.first, set()).add(term.second)
        found = set()
        for session, following in after.items():
            reached, waiting = set(following), list(following)
            while waiting:
                here = waiting.pop()
                further = after.get(here, set()) - reached if here in self.required else set()
                reached |= further
                waiting += further
            found |= {(session, other) for other in reached}
        return found

    def present(self, session: int) -> Linear:
        """Return whether a session is present."""
        column = self.sessions[session].block.present
        return [(range(column, column + 1), 1)]

    def chosen(self, session: int, choices: Iterable[int]) -> Linear:
        """Return whether a session has one of some choices."""
        wanted, one = set(choices), self.sessions[session]
        if one.open <= wanted:
            return self.present(session)
        return [(range(one.block.choices[c], one.block.choices[c] + 1), 1) for c in sorted(wanted & one.open)]

    def surely_started(self, session: int, since: int, until: int) -> Linear:
        """Return what is 1 only where the session starts from one minute to another."""
        one = self.sessions[session]
        begin, end = bisect_left(one.firsts, since), bisect_right(one.lasts, until)
        return [(one.block.spans[begin:end], 1)] if begin < end else []

    def perhaps_started(self, session: int, since: int, until: int) -> Linear:
        """Return what is 1 at least where the session starts from one minute to another."""
        one = self.sessions[session]
        begin, end = bisect_left(one.lasts, since), bisect_right(one.firsts, until)
        return [(one.block.spans[begin:end], 1)] if begin < end else []

    def surely(self, session: int, choices: Iterable[int], since: int, until: int) -> Linear:
        """Return what is 1 only where the session has one of some choices and starts from one minute to another.

        Nothing, where that takes both into account.
        """
        one, wanted = self.sessions[session], set(choices)
        if one.open <= wanted:
            return self.surely_started(session, since, until)
        if one.firsts and since <= one.firsts[0] and one.lasts[-1] <= until:
            return self.chosen(session, wanted)
        return []

    def perhaps(self, session: int, choices: Iterable[int], since: int, until: int) -> Linear:
        """Return what is 1 at least where the session has one of some choices and starts from one minute to another."""
        one, wanted = self.sessions[session], set(choices)
        if not wanted & one.open:
            return []
        if one.firsts and since <= one.firsts[0] and one.lasts[-1] <= until:
            return self.chosen(session, wanted)
        return self.perhaps_started(session, since, until)


def times(expression: Linear, factor: int) -> Linear:
    """Return factor x expression."""
    return [(columns, factor * own) for columns, own in expression] if factor else []


def alone(problem: Problem, part: Part) -> dict[tuple[int, int], list[int]]:
    """Return the starts of each session by each choice at which the session by itself keeps every capacity, ascending."""
    found = {
        (session, choice): sorted({start for span in ranges for start in span})
        for session in part.sessions
        for choice, ranges in enumerate(problem.starts[session])
    }
    for term in part.terms:
        if isinstance(term, Cumulative) and term.price is None:
            smallest = min(term.capacity.values)
            for use in term.uses:
                for choice, taken in enumerate(use.amounts):
                    if taken is not None and taken[2] > smallest and (use.session, choice) in found:
                        minutes = problem.candidates.choices[use.session][choice].minutes
                        narrow = _narrow(term.capacity, taken[2])
                        found[use.session, choice] = [
                            start
                            for start in found[use.session, choice]
                            if not _meets(start - taken[0], start + minutes + taken[1], narrow)
                        ]
    return found


def _narrow(capacity: Steps, amount: int) -> list[tuple[int, int]]:
    """Return the spans in which less than an amount is left."""
    begins = [-EVER, *capacity.minutes[1:], EVER]
    return [span for span, value in zip(pairwise(begins), capacity.values, strict=True) if value < amount]


def _meets(begin: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return begin < end and any(begin < until and since < end for since, until in spans)


def _cuts(term: Term) -> Iterable[int]:
    """Return the minutes at which a term begins another cell: no span of starts reaches over one."""
    if isinstance(term, Tally):
        return {minute for cells in term.cells for minute in cells.slots}
    if isinstance(term, Relation):
        matches = [match for match in (term.when, term.then) if isinstance(match, Match)]
        return {minute for match in matches for minute in match.cells}
    return term.cells if isinstance(term, Tour | Ranks) else ()
