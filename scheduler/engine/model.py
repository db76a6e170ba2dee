"""The CP-SAT variables of a problem, shared by the encodings of all terms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from ortools.sat.python import cp_model

from scheduler.problem import Part, Problem, whole
from scheduler.terms import Delay, Group, Lag, Relation, Spot, Term

Literal = cp_model.BoolVarT
Linear = cp_model.LinearExpr


@dataclass(frozen=True, slots=True)
class SessionVariables:
    """One session: whether it is present, which choice it has (one literal each), its start and its end."""

    present: Literal
    choices: tuple[Literal, ...]
    start: cp_model.IntVar
    end: Linear
    first: int
    last: int
    shortest: int
    longest: int


@dataclass
class Objective:
    """The points of one tier: a constant, and terms with their greatest value."""

    constant: int = 0
    weights: list[int] = field(default_factory=list)
    expressions: list[Linear] = field(default_factory=list)
    largest: int = 0
    rewards: int = 0

    def add(self, weight: int, expression: Linear, greatest: int) -> None:
        """Add weight x expression, which is from 0 to ``greatest``."""
        if weight and greatest:
            self.weights.append(weight)
            self.expressions.append(expression)
            self.largest += abs(weight) * greatest
            self.rewards += max(0, -weight) * greatest

    @property
    def least(self) -> int:
        """What the points are never below."""
        return self.constant - self.rewards

    @property
    def expression(self) -> cp_model.LinearExpr:
        """The points of the tier, constant included: a relative gap is relative to the whole."""
        return cp_model.LinearExpr.weighted_sum(self.expressions, self.weights) + self.constant


class Model:
    """A CP-SAT model of one part of a problem: session variables, shared literals, one objective a tier."""

    def __init__(self, problem: Problem, part: Part | None = None) -> None:
        self.problem = problem
        self.part = part or whole(problem)
        self.cp = cp_model.CpModel()
        self.true: Literal = self.cp.new_constant(1)
        self.zero: Linear = self.cp.new_constant(0)
        self.objectives: dict[int, Objective] = {tier: Objective() for tier in problem.tiers}
        self._delayed: dict[tuple[int, int, Delay], Linear] = {}
        self._orders: dict[tuple[int, int], Literal] = {}
        self._unions: dict[tuple[int, tuple[int, ...]], Literal] = {}
        self._both: dict[tuple[int, int], Literal] = {}
        self._covers: dict[tuple[tuple[int, ...], ...], Literal] = {}
        self._cells: dict[tuple[int, tuple[int, ...]], dict[int, Literal]] = {}
        self.required = {session for term in self.part.terms for session in _needed_anyway(term)}
        self.sessions = {number: self._session(number) for number in self.part.sessions}
        self._precedence = {
            (term.first, term.second)
            for term in self.part.terms
            if isinstance(term, Relation) and term.price is None and term.when is None
            if isinstance(term.then, Lag)
            and not term.then.from_start
            and term.then.least is not None
            and term.then.least >= 0
        }

    def _session(self, number: int) -> SessionVariables:
        choices, starts = self.problem.candidates.choices[number], self.problem.starts[number]
        name = self.problem.names[number]
        if not choices:
            nowhere = self.cp.new_constant(0)
            return SessionVariables(nowhere, (), nowhere, nowhere + 1, 0, 0, 1, 1)
        present: Literal = self.true
        if number not in self.required:
            present = self.cp.new_bool_var(f"{name} present")
            self.cp.add_hint(present, True)
        values = [[start for span in ranges for start in span] for ranges in starts]
        everywhere = sorted(set().union(*values))
        start = self.cp.new_int_var_from_domain(cp_model.Domain.from_values(everywhere), f"{name} start")
        literals: tuple[Literal, ...] = (present,)
        if len(choices) > 1:
            literals = tuple(self.cp.new_bool_var(f"{name} {choice.option} {choice.hall}") for choice in choices)
            self.cp.add_exactly_one([*literals, present.negated()] if number not in self.required else literals)
            for literal, own in zip(literals, values, strict=True):
                if len(own) < len(everywhere):
                    domain = cp_model.Domain.from_values(own)
                    self.cp.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
        lengths = [choice.minutes for choice in choices]
        end: Linear = start + lengths[0]
        if len(set(lengths)) > 1:
            length = cp_model.LinearExpr.weighted_sum(literals, lengths)
            ends = self.cp.new_int_var(everywhere[0] + min(lengths), everywhere[-1] + max(lengths), f"{name} end")
            self.cp.add(ends == start + length).only_enforce_if(present)
            end = ends + 0
        return SessionVariables(present, literals, start, end, everywhere[0], everywhere[-1], min(lengths), max(lengths))

    def interval(self, session: int, choices: Iterable[int], lead: int, tail: int) -> cp_model.IntervalVar | None:
        """Return when a session takes something by one of these choices, all of one length; None where there are none."""
        chosen = list(choices)
        literal = self.any_choice(session, chosen)
        if literal is None:
            return None
        minutes = self.minutes(session, chosen[0])
        begin = self.sessions[session].start - lead
        return self.cp.new_optional_fixed_size_interval_var(begin, lead + minutes + tail, literal, "")

    def starts(self, session: int) -> list[int]:
        """Return the minutes at which a session can start by any choice, ascending."""
        return sorted({start for ranges in self.problem.starts[session] for span in ranges for start in span})

    def minutes(self, session: int, choice: int) -> int:
        """Return how long a session lasts by a choice."""
        return self.problem.candidates.choices[session][choice].minutes

    def any_choice(self, session: int, choices: Iterable[int]) -> Literal | None:
        """Return a literal that is true where the session has one of the choices; None where there are none."""
        key = tuple(sorted(set(choices)))
        variables = self.sessions[session]
        if not key:
            return None
        if len(key) == 1:
            return variables.choices[key[0]]
        if len(key) == len(variables.choices):
            return variables.present
        if (session, key) not in self._unions:
            literal = self.cp.new_bool_var("")
            members = [variables.choices[choice] for choice in key]
            self.cp.add_bool_or([*members, literal.negated()])
            for member in members:
                self.cp.add_implication(member, literal)
            self._unions[session, key] = literal
        return self._unions[session, key]

    def in_cell(self, session: int, cells: tuple[int, ...]) -> dict[int, Literal]:
        """Return a literal for each cell (number of the last minute not after the start) that a start can lie in."""
        if (session, cells) in self._cells:
            return self._cells[session, cells]
        variables = self.sessions[session]
        found: dict[int, Literal] = {}
        for cell, starts in groupby(self.starts(session), lambda start: bisect_right(cells, start) - 1):
            within = list(starts)
            found[cell] = self.cp.new_bool_var("")
            domain = cp_model.Domain(within[0], within[-1])
            self.cp.add_linear_expression_in_domain(variables.start, domain).only_enforce_if(found[cell])
        if len(found) == 1:
            found = dict.fromkeys(found, variables.present)
        elif found:
            self.cp.add_exactly_one([*found.values(), variables.present.negated()])
        self._cells[session, cells] = found
        return found

    def both(self, one: Literal, other: Literal) -> Literal:
        """Return a literal that is true exactly where two are."""
        key = (one.index, other.index)
        if key not in self._both:
            found = self._both[key] = self.cp.new_bool_var("")
            self.cp.add_bool_and([one, other]).only_enforce_if(found)
            self.cp.add_bool_or([one.negated(), other.negated(), found])
        return self._both[key]

    def covering(self, cases: Iterable[tuple[Literal, ...]]) -> Literal:
        """Return a literal that is true where in one of the cases all literals are, and may be elsewhere.

        That is enough where it is never better to be true, and spares a variable for each case.
        """
        by_key = {tuple([literal.index for literal in case]): case for case in cases}
        if len(by_key) == 1 and len(next(iter(by_key))) == 1:
            return next(iter(by_key.values()))[0]
        key = tuple(sorted(by_key))
        if key not in self._covers:
            found = self._covers[key] = self.cp.new_bool_var("")
            for case in by_key.values():
                self.cp.add_bool_or([*(literal.negated() for literal in case), found])
        return self._covers[key]

    def delayed(self, session: int, length: int, delay: Delay) -> Linear:
        """Return the minutes of a delay after a session of ``length`` minutes, by the minute at which it ends."""
        if (session, length, delay) not in self._delayed:
            steps: list[tuple[int, int]] = []
            for start in self.starts(session):
                minutes = delay.at(start + length)
                if not steps or minutes != steps[-1][1]:
                    steps.append((start, minutes))
            least, most = (f(minutes for _, minutes in steps) for f in (min, max))
            found = self.cp.new_int_var(least, most, "")
            if least < most:
                for cell, literal in self.in_cell(session, tuple(start for start, _ in steps)).items():
                    self.cp.add(found == steps[max(cell, 0)][1]).only_enforce_if(literal)
            self._delayed[session, length, delay] = found
        return self._delayed[session, length, delay]

    def certainly_before(self, first: int, second: int) -> bool:
        """Return whether the first always ends before the second starts, if both are present."""
        a, b = self.sessions[first], self.sessions[second]
        return (first, second) in self._precedence or a.last + a.longest <= b.first

    def before(self, first: int, second: int) -> Literal:
        """Return a literal that is true exactly where the first starts before the second; ties go to the lower number."""
        if first > second:
            return self.before(second, first).negated()
        if (first, second) not in self._orders:
            a, b = self.sessions[first], self.sessions[second]
            if self.certainly_before(first, second):
                literal: Literal = self.true
            elif self.certainly_before(second, first):
                literal = self.true.negated()
            else:
                literal = self.cp.new_bool_var("")
                self.cp.add(a.start <= b.start).only_enforce_if(literal)
                self.cp.add(a.start > b.start).only_enforce_if(literal.negated())
            self._orders[first, second] = literal
        return self._orders[first, second]

    def measured(self, greatest: int) -> cp_model.IntVar:
        """Return a variable for a measure from 0 to ``greatest``."""
        return self.cp.new_int_var(0, greatest, "")

    def spots(self, solver: cp_model.CpSolver) -> list[Spot | None]:
        """Return the assignment that a solver has found; sessions of other parts are absent from it."""
        found: list[Spot | None] = [None] * len(self.problem.names)
        for number, variables in self.sessions.items():
            chosen = [k for k, literal in enumerate(variables.choices) if solver.boolean_value(literal)]
            if chosen:
                start = solver.value(variables.start)
                found[number] = Spot(chosen[0], start, start + self.minutes(number, chosen[0]))
        return found

    def fixed(self, spots: list[Spot | None], sessions: Iterable[int]) -> cp_model.CpModel:
        """Return a copy of the model in which these sessions are where an assignment has them.

        It has no hint, which would have the solver return the assignment that is hinted at, and nothing else.
        """
        copy = self.cp.clone()
        copy.proto.clear_solution_hint()
        for session in sessions:
            variables, spot = self.sessions[session], spots[session]
            for choice, literal in enumerate(variables.choices):
                _fix(copy, literal, int(spot is not None and spot.choice == choice))
            if spot is not None:
                _fix(copy, variables.start, spot.start)
        return copy

    def hint(self, spots: list[Spot | None], solver: cp_model.CpSolver | None = None) -> None:
        """Tell the solver to begin from an assignment; ``solver`` has found it and knows every other variable too."""
        self.cp.proto.clear_solution_hint()
        if solver is not None:
            found = solver.response_proto.solution
            self.cp.proto.solution_hint.vars.extend(range(len(found)))
            self.cp.proto.solution_hint.values.extend(found)
            return
        for session, variables in self.sessions.items():
            spot = spots[session]
            if len(variables.choices) > 1:
                for choice, literal in enumerate(variables.choices):
                    self.cp.add_hint(literal, spot is not None and spot.choice == choice)
            if spot is not None:
                self.cp.add_hint(variables.start, spot.start)


def _fix(model: cp_model.CpModel, variable: cp_model.IntVar | Literal, value: int) -> None:
    """Narrow a variable of a copied model to one value."""
    domain = model.proto.variables[variable.index].domain
    domain.clear()
    domain.extend([value, value])


def _needed_anyway(term: Term) -> tuple[int, ...]:
    """Return the sessions that a term wants whatever else is present."""
    return term.then if isinstance(term, Group) and term.price is None and not term.whenever else ()
