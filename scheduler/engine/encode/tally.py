"""A group's sessions counted over cells: a literal for each session in each cell, and each count within its bounds."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import comb
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Cell, Tally


class _Member(NamedTuple):
    """One of the term's sessions (by its position) in a cell with an amount; ``here`` is true where it is."""

    position: int
    amount: int
    here: Literal


def encode_tally(model: Model, term: Tally) -> None:
    """Say that what is counted lies in its bounds."""
    by_cell: dict[Cell, list[_Member]] = {}
    for position in range(len(term.sessions)):
        _place(model, term, position, by_cell)
    if term.what == "count":
        for members in by_cell.values():
            _keep(model, term, *_sum(members), _any(model, [member.here for member in members]))
    elif term.what == "pairs":
        for members in by_cell.values():
            _pairs(model, term, [member.here for member in members])
    elif term.what == "peak":
        _peak(model, term, [_sum(members) for members in by_cell.values()])
    elif term.what == "owners":
        for members in by_cell.values():
            owners: dict[int, list[Literal]] = {}
            for position, _, here in members:
                owners.setdefault(term.owners[position], []).append(here)
            counted = [_any(model, literals) for literals in owners.values()]
            _keep(model, term, cp_model.LinearExpr.sum(counted), len(counted), _any(model, counted))
    else:
        used = {cell: _any(model, [member.here for member in members]) for cell, members in by_cell.items()}
        if term.what == "distinct":
            _keep(model, term, cp_model.LinearExpr.sum(list(used.values())), len(used), model.true)
        else:
            _rows(model, term, used)


def _place(model: Model, term: Tally, position: int, by_cell: dict[Cell, list[_Member]]) -> None:
    """Add one session to every cell it can lie in."""
    session, cells = term.sessions[position], term.cells[position]
    slots, block, _ = cells
    alike: dict[tuple[int | None, int], list[int]] = {}
    for choice in range(len(model.sessions[session].choices)):
        amount = term.amounts[position][choice] if term.amounts else 1
        alike.setdefault((block[choice] if block else 0, amount), []).append(choice)
    within = model.in_cell(session, slots) if slots else {0: model.sessions[session].present}
    for (number, amount), choices in alike.items():
        if number is None:
            continue
        chosen = model.any_choice(session, choices)
        reached = {
            slot
            for choice in choices
            for span in model.problem.starts[session][choice]
            if span
            for slot in (range(bisect_right(slots, span[0]) - 1, bisect_right(slots, span[-1])) if slots else (0,))
        }
        for slot in sorted(reached & set(within)):
            assert chosen is not None
            here = chosen if len(within) == 1 else within[slot] if len(alike) == 1 else model.both(chosen, within[slot])
            by_cell.setdefault(cells.at(number, slot), []).append(_Member(position, amount, here))


def _sum(members: list[_Member]) -> tuple[Linear, int]:
    """Return the amounts in a cell, and what they are never more than."""
    greatest: dict[int, int] = {}
    for position, amount, _ in members:
        greatest[position] = max(amount, greatest.get(position, 0))
    total = cp_model.LinearExpr.weighted_sum([member.here for member in members], [member.amount for member in members])
    return total, sum(greatest.values())


def _any(model: Model, literals: list[Literal]) -> Literal:
    """Return a literal that is true exactly where one of several is."""
    if len(literals) == 1:
        return literals[0]
    found = model.cp.new_bool_var("")
    model.cp.add_bool_or([*literals, found.negated()])
    for literal in literals:
        model.cp.add_implication(literal, found)
    return found


def _missing(model: Model, term: Tally, greatest: int) -> Linear:
    """Return what a count of at most ``greatest`` lacks of its bounds: nothing, or a variable with a price."""
    if term.price is None:
        return model.zero
    farthest = max(0, term.least, greatest - term.most)
    missing = model.measured(farthest)
    model.objectives[term.price.tier].add(term.price.weight, missing, farthest)
    return missing


def _keep(model: Model, term: Tally, count: Linear, greatest: int, used: Literal) -> None:
    """Say that a count lies in its bounds where there is something to count."""
    missing = _missing(model, term, greatest)
    if greatest > term.most:
        model.cp.add(count - missing <= term.most)
    if term.least > 0:
        model.cp.add(count + missing >= term.least).only_enforce_if(used)


def _pairs(model: Model, term: Tally, here: list[Literal]) -> None:
    """Count the pairs in a cell: a k-th session there brings k - 1 of them. They may be wished for."""
    ranks = [model.cp.new_bool_var("") for _ in here]
    model.cp.add(cp_model.LinearExpr.sum(ranks) == cp_model.LinearExpr.sum(here))
    for before, after in pairwise(ranks):
        model.cp.add_implication(after, before)
    pairs, greatest = cp_model.LinearExpr.weighted_sum(ranks, list(range(len(ranks)))), comb(len(ranks), 2)
    if term.price is not None and term.least == term.most == 0:
        model.objectives[term.price.tier].add(term.price.weight, pairs, greatest)
    else:
        _keep(model, term, pairs, greatest, _any(model, here))


def _peak(model: Model, term: Tally, counts: list[tuple[Linear, int]]) -> None:
    greatest = max((most for _, most in counts), default=0)
    missing = _missing(model, term, greatest)
    for count, most in counts:
        if most > term.most:
            model.cp.add(count - missing <= term.most)
    if term.least > 0:
        peak = model.measured(greatest)
        model.cp.add_max_equality(peak, [model.zero, *(count for count, _ in counts)])
        model.cp.add(peak + missing >= term.least)


def _rows(model: Model, term: Tally, used: dict[Cell, Literal]) -> None:
    """Count holes, slots between used ones, or isolated slots, row by row."""
    never = model.true.negated()
    for block, number in sorted({cell[:2] for cell in used}):
        slots = sorted(cell[2] for cell in used if cell[:2] == (block, number))
        row = [used.get((block, number, slot), never) for slot in range(slots[0], slots[-1] + 1)]
        padded = [never, *row, never]
        counted: list[Literal] = []
        if term.what == "isolated":
            for before, here, after in zip(padded, row, padded[2:], strict=False):
                counted.append(_all(model, [before.negated(), here, after.negated()]))
        else:
            earlier, later = _running(model, row), _running(model, row[::-1])[::-1]
            for k in range(1, len(row) - 1):
                unused = [row[k].negated()] if term.what == "holes" else []
                counted.append(_all(model, [earlier[k - 1], *unused, later[k + 1]]))
        somewhere = _any(model, [used[block, number, slot] for slot in slots])
        _keep(model, term, cp_model.LinearExpr.sum(counted), len(counted), somewhere)


def _running(model: Model, row: list[Literal]) -> list[Literal]:
    """Return, for each literal of a row, whether it or one before it is true."""
    found: list[Literal] = []
    for literal in row:
        found.append(_any(model, [found[-1], literal]) if found else literal)
    return found


def _all(model: Model, literals: list[Literal]) -> Literal:
    """Return a literal that is true exactly where all of several are."""
    return _any(model, [literal.negated() for literal in literals]).negated()
