"""Counts over cells: exact where a cell is a span of starts or a set of choices, else added up over slots and blocks."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb
from typing import NamedTuple

from scheduler.engine.relaxation.places import Places, times
from scheduler.engine.relaxation.program import EVER, Linear
from scheduler.terms import Cell, Cells, Tally


class _Member(NamedTuple):
    """A session that may lie in a cell: what is 1 only where it does, and what is 1 at least there."""

    position: int
    amount: int
    surely: Linear
    perhaps: Linear


def state_tally(places: Places, term: Tally) -> Linear:
    """Say what is counted; return how far it lies outside its bounds at least."""
    cells = _cells(places, term)
    what = term.what
    if term.price is not None and term.price.weight < 0:
        return _reward(places, term, cells)
    if what == "count":
        return [*_count(places, term, cells), *_most_of_all(places, term, cells)]
    if what == "pairs":
        return _pairs(places, term, cells)
    missing = places.program.measure() if term.price is not None else []
    if what == "peak":
        for members in cells.values():
            _no_more(places, _load(members), term.most, missing)
        _each_needs(places, term, cells, missing)
        return missing
    if what == "owners":
        return _owners(places, term, cells)
    if what in ("distinct", "worth", "abreast"):
        return _used_cells(places, term, cells, missing)
    return _isolated(places, term, cells) if what == "isolated" else []


def _cells(places: Places, term: Tally) -> dict[Cell, list[_Member]]:
    found: dict[Cell, list[_Member]] = {}
    for position, (session, cells) in enumerate(zip(term.sessions, term.cells, strict=True)):
        one = places.sessions[session]
        if not one.firsts:
            continue
        blocks: dict[int, list[int]] = {}
        for choice in sorted(one.open):
            block = cells.block[choice] if cells.block else 0
            if block is not None:
                blocks.setdefault(block, []).append(choice)
        for block, choices in blocks.items():
            amount = min(term.amounts[position][c] for c in choices) if term.amounts else 1
            spans: dict[Cell, list[tuple[int, int]]] = {}
            for slot, since, until in _slots(cells):
                cell = cells.at(block, slot)
                if cell is not None and places.perhaps_started(session, since, until):
                    spans.setdefault(cell, []).append((since, until))
            for cell, windows in spans.items():
                surely = [part for window in windows for part in places.surely(session, choices, *window)]
                perhaps = [part for window in windows for part in places.perhaps(session, choices, *window)]
                found.setdefault(cell, []).append(_Member(position, amount, surely, perhaps))
    return found


def _slots(cells: Cells) -> list[tuple[int, int, int]]:
    """Return the number of each slot, and the first and the last minute of it."""
    ends = [-EVER, *cells.slots, EVER]
    return (
        [(slot, ends[slot + 1], ends[slot + 2] - 1) for slot in range(-1, len(cells.slots))]
        if cells.slots
        else [(0, -EVER, EVER)]
    )


def _load(members: Iterable[_Member]) -> Linear:
    return [part for member in members for part in times(member.surely, member.amount)]


def _no_more(places: Places, load: Linear, most: int, missing: Linear) -> None:
    if load:
        places.program.row([*times(load, -1), *missing], -most)


def _greatest(members: Iterable[_Member]) -> int:
    most: dict[int, int] = {}
    for member in members:
        if member.surely:
            most[member.position] = max(member.amount, most.get(member.position, 0))
    return sum(most.values())


def _count(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    measure: Linear = []
    for members in cells.values():
        if _greatest(members) > term.most:
            missing = places.program.measure() if term.price is not None else []
            _no_more(places, _load(members), term.most, missing)
            measure += missing
    return measure


def _most_of_all(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    """Say that all cells of a slot, or of a block, hold no more than each of them may: where nothing is said of each."""
    if term.price is not None or all(member.surely for members in cells.values() for member in members):
        return []
    for by_slot in (True, False):
        groups: dict[object, set[Cell]] = {}
        for cell in cells:
            groups.setdefault(cell[1:] if by_slot else cell[0], set()).add(cell)
        for together in groups.values():
            most = len(together) * term.most
            load, greatest = _together(places, term, together)
            if greatest > most:
                _no_more(places, load, most, [])
    return []


def _together(places: Places, term: Tally, together: set[Cell]) -> tuple[Linear, int]:
    """Return what several cells hold for sure, and the most that can come of it."""
    load: Linear = []
    greatest = 0
    for position, (session, cells) in enumerate(zip(term.sessions, term.cells, strict=True)):
        windows: dict[tuple[int, int], list[int]] = {}
        reached = 0
        for slot, since, until in _slots(cells):
            choices = [
                c
                for c in sorted(places.sessions[session].open)
                if (block := cells.block[c] if cells.block else 0) is not None and cells.at(block, slot) in together
            ]
            if places.perhaps_started(session, since, until):
                reached += 1
                if choices:
                    windows[since, until] = choices
        if not windows:
            continue
        amount = min(term.amounts[position][c] if term.amounts else 1 for own in windows.values() for c in own)
        alike = {tuple(own) for own in windows.values()}
        everywhere = len(alike) == 1 and len(windows) == reached
        if everywhere:
            part = places.chosen(session, next(iter(alike)))
        else:
            part = [p for (since, until), own in windows.items() for p in places.surely(session, own, since, until)]
        if part and amount:
            load += times(part, amount)
            greatest += amount
    return load, greatest


def _pairs(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    """Say the sets of two in a cell by tangents: so many sessions make at least so many sets."""
    measure: Linear = []
    for members in cells.values():
        count = len({member.position for member in members if member.surely})
        if comb(count, 2) <= term.most:
            continue
        missing = places.program.measure() if term.price is not None else []
        load = [part for member in members for part in member.surely]
        for k in range(1, count):
            # k x n - k (k + 1) / 2 is what n (n - 1) / 2 is for n = k and n = k + 1, and less than it elsewhere.
            places.program.row([*missing, *times(load, -k)], -comb(k + 1, 2) - term.most)
        measure += missing
    return measure


def _reward(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    """Return no less than the sets of two that are rewarded: of n sessions each is in n - 1 of them at most."""
    measure: Linear = []
    for members in cells.values():
        count = len({member.position for member in members})
        if count > 1:
            pairs = places.program.columns(1, comb(count, 2))
            load = [part for member in members for part in member.perhaps]
            places.program.row([*times(load, count - 1), (pairs, -2)], 0)
            measure.append((pairs, 1))
    return measure


def _each_needs(places: Places, term: Tally, cells: dict[Cell, list[_Member]], missing: Linear) -> None:
    """Say of a peak that some cell reaches the least: all cells together do."""
    if term.least > 0:
        load = [part for members in cells.values() for member in members for part in _most_of(term, member)]
        places.program.row([*load, *missing], term.least)


def _most_of(term: Tally, member: _Member) -> Linear:
    return times(member.perhaps, max(term.amounts[member.position]) if term.amounts else 1)


def _owners(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    """Say how many owners a cell has."""
    measure: Linear = []
    for members in cells.values():
        owned: dict[int, list[_Member]] = {}
        for member in members:
            if member.surely:
                owned.setdefault(term.owners[member.position], []).append(member)
        if len(owned) > term.most:
            missing = places.program.measure() if term.price is not None else []
            used = [_used(places, group) for group in owned.values()]
            _no_more(places, [part for one in used for part in one], term.most, missing)
            measure += missing
    return measure


def _used(places: Places, members: list[_Member]) -> Linear:
    """Return what is 1 at least where one of some members surely is, and may be there."""
    if len(members) == 1:
        return members[0].surely
    used: Linear = [(places.program.columns(1), 1)]
    for member in members:
        places.program.row([*used, *times(member.surely, -1)], 0)
    return used


def _used_cells(places: Places, term: Tally, cells: dict[Cell, list[_Member]], missing: Linear) -> Linear:
    """Say how many cells are used, at least and at most; of those of a slot, where that is what counts."""
    worth = {cell: term.worth.get(cell, 0) if term.what == "worth" else 1 for cell in cells}
    groups: dict[object, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell[1:] if term.what == "abreast" else None, []).append(cell)
    measure: Linear = []
    for together in groups.values():
        if sum(worth[cell] for cell in together) > term.most:
            own = places.program.measure() if term.price is not None and term.what == "abreast" else missing
            used = [
                part
                for cell in together
                if worth[cell] and (sure := [member for member in cells[cell] if member.surely])
                for part in times(_used(places, sure), worth[cell])
            ]
            _no_more(places, used, term.most, own)
            measure += own if own is not missing else []
    if term.what == "abreast":
        return measure
    if term.least > 0:
        load: Linear = []
        for cell, members in cells.items():
            if worth[cell]:
                used = [(places.program.columns(1), 1)]
                places.program.row([part for member in members for part in member.perhaps] + times(used, -1), 0)
                load += times(used, worth[cell])
        places.program.row([*load, *missing], term.least)
    return missing


def _isolated(places: Places, term: Tally, cells: dict[Cell, list[_Member]]) -> Linear:
    """Say of each slot of a row that it is used, and none beside it."""
    measure: Linear = []
    if term.most > 0:
        return measure
    for (block, row, slot), members in cells.items():
        sure = [member for member in members if member.surely]
        if sure:
            beside = [
                part for step in (-1, 1) for member in cells.get((block, row, slot + step), []) for part in member.perhaps
            ]
            missing: Linear = [(places.program.columns(1), 1)] if term.price is not None else []
            for member in sure:
                places.program.row([*beside, *times(member.surely, -1), *missing], 0)
            measure += missing
    return measure
