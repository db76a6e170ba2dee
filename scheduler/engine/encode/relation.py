"""Two placements: each way in which the condition can match enforces what follows, or makes its lack cost."""

from __future__ import annotations

from collections.abc import Iterator

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Clear, Lag, Match, Relation, Table


def encode_relation(model: Model, term: Relation) -> None:
    """Say what holds between two sessions when both are present."""
    a, b = model.sessions[term.first], model.sessions[term.second]
    if not a.choices or not b.choices:
        return
    conditions = [[a.present, b.present]]
    if term.when is not None:
        conditions = [[x, y] for x, y, matches in _pairs(model, term, term.when) if matches]
    missing = model.zero
    if term.price is not None:
        greatest = _greatest(model, term)
        missing = model.measured(greatest)
        model.objectives[term.price.tier].add(term.price.weight, missing, greatest)
    for condition in conditions:
        if isinstance(term.then, Match):
            _match(model, term, term.then, condition, missing)
        elif isinstance(term.then, Lag):
            _lag(model, term, term.then, condition, missing)
        elif isinstance(term.then, Table):
            _table(model, term, term.then, condition, missing)
        else:
            _clear(model, term, term.then, condition, missing)


def _greatest(model: Model, term: Relation) -> int:
    """Return what nothing between the two can measure more than."""
    if isinstance(term.then, Match) or (isinstance(term.then, Lag) and term.then.flat):
        return 1
    if isinstance(term.then, Table):
        return max(max(row) for row in term.then.amounts)
    a, b = model.sessions[term.first], model.sessions[term.second]
    reach = max(a.last + a.longest, b.last + b.longest) - min(a.first, b.first)
    if isinstance(term.then, Clear):
        return reach + max(term.then.gaps)
    return reach + max(abs(term.then.least or 0), abs(term.then.most or 0))


def _pairs(model: Model, term: Relation, match: Match) -> Iterator[tuple[Literal, Literal, bool]]:
    """Yield, for every pair of values the two can have, their literals and whether the values match."""
    firsts = _by_value(model, term.first, match.first, match.cells)
    seconds = _by_value(model, term.second, match.second, match.cells)
    for value, literal in firsts.items():
        for other, other_literal in seconds.items():
            yield literal, other_literal, (value, other) in match.pairs


def _by_value(model: Model, session: int, values: tuple[int, ...], cells: tuple[int, ...]) -> dict[int, Literal]:
    if cells:
        return model.in_cell(session, cells)
    choices: dict[int, list[int]] = {}
    for choice, value in enumerate(values):
        choices.setdefault(value, []).append(choice)
    literals = {value: model.any_choice(session, members) for value, members in choices.items()}
    return {value: literal for value, literal in literals.items() if literal is not None}


def _match(model: Model, term: Relation, match: Match, condition: list[Literal], missing: Linear) -> None:
    """Of each value of the first say which the second has, or which it has not, whatever is less to say."""
    by_first: dict[Literal, tuple[list[Literal], list[Literal]]] = {}
    for literal, other, matches in _pairs(model, term, match):
        by_first.setdefault(literal, ([], []))[not matches].append(other)
    for literal, (good, bad) in by_first.items():
        unless: list[list[Literal]] = [good] if len(good) < len(bad) else [[other.negated()] for other in bad]
        for exceptions in unless:
            facts = [*condition, literal, *(other.negated() for other in exceptions)]
            if term.price is None:
                model.cp.add_bool_or([fact.negated() for fact in facts])
            else:
                model.cp.add(missing >= 1).only_enforce_if(facts)


def _lag(model: Model, term: Relation, lag: Lag, condition: list[Literal], missing: Linear) -> None:
    a, b = model.sessions[term.first], model.sessions[term.second]
    between = b.start - (a.start if lag.from_start else a.end)
    if lag.flat and term.price is not None:
        assert isinstance(missing, cp_model.IntVar)
        condition, missing = [*condition, missing.negated()], model.zero
    if lag.least is not None:
        model.cp.add(between + missing >= lag.least).only_enforce_if(condition)
    if lag.most is not None:
        model.cp.add(between - missing <= lag.most).only_enforce_if(condition)


def _clear(model: Model, term: Relation, clear: Clear, condition: list[Literal], missing: Linear) -> None:
    a, b = model.sessions[term.first], model.sessions[term.second]
    gap, back = clear.gaps
    # Priced, the cheaper order is measured, which need not be that of the starts where one lies inside the other.
    first = model.before(term.first, term.second) if term.price is None else model.cp.new_bool_var("")
    model.cp.add(b.start - a.end + missing >= gap).only_enforce_if([*condition, first])
    model.cp.add(a.start - b.end + missing >= back).only_enforce_if([*condition, first.negated()])


def _table(model: Model, term: Relation, table: Table, condition: list[Literal], missing: Linear) -> None:
    firsts, seconds = (
        _by_value(model, session, values, ())
        for session, values in ((term.first, table.first), (term.second, table.second))
    )
    for value, literal in firsts.items():
        # The second has one value, so that its row adds up to the amount of the two: one constraint for each of the first.
        amounts = [table.amounts[value][other] for other in seconds]
        if any(amounts):
            row = cp_model.LinearExpr.weighted_sum(list(seconds.values()), amounts)
            model.cp.add(missing >= row).only_enforce_if([*condition, literal])
