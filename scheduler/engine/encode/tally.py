"""A group's sessions counted over cells: a literal for each session in each cell, and each count within its bounds."""

from __future__ import annotations

from bisect import bisect_right
from itertools import combinations, pairwise
from math import comb
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.engine.model import Linear, Literal, Model
from scheduler.terms import Cell, Tally


class _Member(NamedTuple):
    """One of the term's sessions (by its position) in a cell with an amount; it is there where all of ``here`` are true."""

    position: int
    amount: int
    here: tuple[Literal, ...]


def encode_tally(model: Model, term: Tally) -> None:
    """Say that what is counted lies in its bounds."""
    by_cell: dict[Cell, list[_Member]] = {}
    for position in range(len(term.sessions)):
        _place(model, term, position, by_cell)
    if term.what == "count":
        for members in by_cell.values():
            _keep(model, term, *_sum(model, members), _any(model, [_here(model, member) for member in members]))
    elif term.what == "pairs":
        for members in by_cell.values():
            _pairs(model, term, [_here(model, member) for member in members])
    elif term.what == "peak":
        _peak(model, term, [_sum(model, members) for members in by_cell.values()])
    elif term.what == "owners":
        for members in by_cell.values():
            counted = [_used(model, term, group) for group in _by_owner(term, members).values()]
            _keep(model, term, cp_model.LinearExpr.sum(counted), len(counted), _any(model, counted))
    elif term.what == "meetings":
        _meetings(model, term, by_cell)
    else:
        _used_cells(model, term, {cell: _used(model, term, members) for cell, members in by_cell.items()})


def _used_cells(model: Model, term: Tally, used: dict[Cell, Literal]) -> None:
    """Count cells of which each has a literal that is true where it is used."""
    if term.what == "distinct":
        _keep(model, term, cp_model.LinearExpr.sum(list(used.values())), len(used), model.true)
    elif term.what == "worth":
        _worth(model, term, used)
    elif term.what == "abreast":
        by_slot: dict[tuple[int, int], list[Literal]] = {}
        for (_, *slot), literal in used.items():
            by_slot.setdefault((slot[0], slot[1]), []).append(literal)
        for literals in by_slot.values():
            _keep(model, term, cp_model.LinearExpr.sum(literals), len(literals), _any(model, literals))
    else:
        _rows(model, term, used)


def _by_owner(term: Tally, members: list[_Member]) -> dict[int, list[_Member]]:
    owners: dict[int, list[_Member]] = {}
    for member in members:
        owners.setdefault(term.owners[member.position], []).append(member)
    return owners


def _here(model: Model, member: _Member) -> Literal:
    """Return a literal that is true exactly where a member is."""
    return member.here[0] if len(member.here) == 1 else model.both(member.here[0], member.here[1])


def _used(model: Model, term: Tally, members: list[_Member]) -> Literal:
    """Return a literal that is true where one of the members is; only there, where it could pay to be true elsewhere."""
    if term.least > 0 or term.what in ("between", "broken", "holes", "isolated"):
        return _any(model, [_here(model, member) for member in members])
    return model.covering(member.here for member in members)


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
            cell = cells.at(number, slot)
            if cell is not None:
                here = (chosen,) if len(within) == 1 else (within[slot],) if len(alike) == 1 else (chosen, within[slot])
                by_cell.setdefault(cell, []).append(_Member(position, amount, here))


def _sum(model: Model, members: list[_Member]) -> tuple[Linear, int]:
    """Return the amounts in a cell, and what they are never more than."""
    greatest: dict[int, int] = {}
    for position, amount, _ in members:
        greatest[position] = max(amount, greatest.get(position, 0))
    literals = [_here(model, member) for member in members]
    total = cp_model.LinearExpr.weighted_sum(literals, [member.amount for member in members])
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


def _worth(model: Model, term: Tally, used: dict[Cell, Literal]) -> None:
    """Add up what the used cells are worth; where each point has a price, it is that of the cells."""
    worth = {cell: term.worth.get(cell, 0) for cell in used}
    if term.price is not None and term.least == term.most == 0:
        for cell, literal in used.items():
            model.objectives[term.price.tier].add(term.price.weight * worth[cell], literal, 1)
        return
    total = cp_model.LinearExpr.weighted_sum(list(used.values()), list(worth.values()))
    _keep(model, term, total, sum(worth.values()), model.true)


def _meetings(model: Model, term: Tally, by_cell: dict[Cell, list[_Member]]) -> None:
    """Count in each slot the pairs of blocks of two owners."""
    by_slot: dict[tuple[int, int], dict[int, list[Literal]]] = {}
    for (_, *slot), members in by_cell.items():
        for owner, group in _by_owner(term, members).items():
            by_slot.setdefault((slot[0], slot[1]), {}).setdefault(owner, []).append(_used(model, term, group))
    for owners in by_slot.values():
        pairs = list(combinations(owners.values(), 2))
        counted = [_products(model, one, other, exact=term.least > 0) for one, other in pairs]
        greatest = sum(len(one) * len(other) for one, other in pairs)
        somewhere = _any(model, [literal for literals in owners.values() for literal in literals])
        _keep(model, term, cp_model.LinearExpr.sum(counted), greatest, somewhere)


def _products(model: Model, one: list[Literal], other: list[Literal], *, exact: bool) -> Linear:
    """Return how many true literals of one list times how many of another, or more where it need not be ``exact``."""
    if exact:
        return cp_model.LinearExpr.sum([model.both(a, b) for a in one for b in other])
    few, many = sorted((one, other), key=len)
    product = model.measured(len(few) * len(many))
    count = cp_model.LinearExpr.sum(few)
    for reached in range(1, len(few) + 1):
        # Where so many of the few are true, each of the many counts so many times.
        as_many = few[0] if len(few) == 1 else model.cp.new_bool_var("")
        model.cp.add(count <= reached - 1).only_enforce_if(as_many.negated())
        model.cp.add(product >= reached * cp_model.LinearExpr.sum(many)).only_enforce_if(as_many)
    return product + 0


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
                unused = [] if term.what == "between" else [row[k].negated()]
                counted.append(_all(model, [earlier[k - 1], *unused, later[k + 1]]))
            if term.what == "broken" and counted:
                counted = [_any(model, counted)]
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
