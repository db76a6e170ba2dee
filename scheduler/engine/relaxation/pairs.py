"""Pairs of sessions: order as precedence rows, gaps as contention of two, attributes as a transport between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from scheduler.engine.relaxation.places import Places, Value, times
from scheduler.engine.relaxation.program import EVER, Linear
from scheduler.engine.relaxation.resources import ONE, Taken, moments_of
from scheduler.terms import Clear, Lag, Match, Relation, Table

THRESHOLDS = 12
"""Minutes of one pair at which its order is said."""

CELLS = 600
"""Pairs of values of two sessions of which a transport is made."""


def state_relation(places: Places, term: Relation) -> Linear:
    """Say what holds between two sessions where it does in any case; return what is missing at least."""
    first, second = places.sessions[term.first], places.sessions[term.second]
    if not first.firsts or not second.firsts or not _always(places, term):
        return []
    if isinstance(term.then, Lag):
        return _lag(places, term, term.then)
    if isinstance(term.then, Clear):
        if term.price is None and term.first != term.second:
            gap = min(term.then.gaps)
            taken = [Taken(session, 1, 0, places.sessions[session].shortest + gap) for session in term.members]
            moments_of(places, taken, ONE)
        return []
    return _transport(places, term)


def _always(places: Places, term: Relation) -> bool:
    """Return whether the condition of a relation holds wherever the two are."""
    if term.when is None:
        return True
    firsts, seconds = (
        values_of(places, session, own, term.when.cells)
        for session, own in ((term.first, term.when.first), (term.second, term.when.second))
    )
    return all((one, other) in term.when.pairs for one in firsts for other in seconds)


def values_of(places: Places, session: int, by_choice: tuple[int, ...], cells: tuple[int, ...]) -> dict[int, Value]:
    """Return each value that a session can have, by its choice or by the cell of its start."""
    known = places.values.get((session, by_choice, cells))
    if known is not None:
        return known
    one = places.sessions[session]
    found: dict[int, Value] = {}
    places.values[session, by_choice, cells] = found
    if cells:
        ends = [-EVER, *cells, EVER]
        for first in one.firsts:
            cell = bisect_right(cells, first) - 1
            found[cell] = Value(one.open, ends[cell + 1], ends[cell + 2] - 1)
        return found
    for choice in sorted(one.open):
        before = found.get(by_choice[choice], Value(frozenset()))
        found[by_choice[choice]] = Value(before.choices | {choice})
    return found


def _lag(places: Places, term: Relation, lag: Lag) -> Linear:
    """Say the order of two sessions at some minutes, and of what is missing the minutes themselves."""
    a = places.sessions[term.first]
    measure: Linear = []
    if term.price is not None:
        measure = places.program.measure()
    flat = lag.flat and term.price is not None
    shortest, longest = (0, 0) if lag.from_start else (a.shortest, a.longest)
    sides = []
    if lag.least is not None:  # the second starts no earlier than so many minutes after the first does
        sides.append((term.first, term.second, lag.least + shortest))
    if lag.most is not None:  # and the first no earlier than so many minutes before the second
        sides.append((term.second, term.first, -lag.most - longest))
    for earlier, later, distance in sides:
        if places.sessions[earlier].lasts[-1] + distance <= places.sessions[later].firsts[0]:
            continue
        if term.price is None or flat:
            _thresholds(places, earlier, later, distance, measure if flat else [])
        if not flat:
            _distance(places, earlier, later, distance, measure)
    return measure


def _thresholds(places: Places, earlier: int, later: int, distance: int, missing: Linear) -> None:
    """Say that where the later one has started, the earlier one has so many minutes before."""
    first, second = places.sessions[earlier], places.sessions[later]
    minutes = [minute for minute in second.lasts if minute < first.lasts[-1] + distance]
    step = -(-len(minutes) // THRESHOLDS) if minutes else 1
    for minute in minutes[::-1][::step]:
        started = places.surely_started(later, -EVER, minute)
        before = places.perhaps_started(earlier, -EVER, minute - distance)
        row = [*before, *times(started, -1), *missing]
        if earlier in places.required:
            places.program.row(row, 0)
        else:
            places.program.row([*row, *times(places.present(earlier), -1)], -1)


def _distance(places: Places, earlier: int, later: int, distance: int, missing: Linear) -> None:
    """Say the distance of two starts as such, both present."""
    first, second = places.sessions[earlier], places.sessions[later]
    base = second.firsts[0]
    row: Linear = [*missing]
    for column, minute in zip(second.block.spans, second.lasts, strict=True):
        row.append((range(column, column + 1), minute - base))
    greatest = 0
    for column, minute in zip(first.block.spans, first.firsts, strict=True):
        row.append((range(column, column + 1), -(minute + distance - base)))
        greatest = max(greatest, minute + distance - base)
    row = [(columns, factor) for columns, factor in row if factor]
    if later in places.required:
        places.program.row(row, 0)
    else:  # without the later one nothing is missing
        places.program.row([*row, *times(places.present(later), -greatest)], -greatest)


def _transport(places: Places, term: Relation) -> Linear:
    """Say of each two values how much of both there is, and what it amounts to."""
    if isinstance(term.then, Match):
        match = term.then
        sides = (match.first, match.second)
        cells = match.cells
    else:
        assert isinstance(term.then, Table)
        sides, cells = (term.then.first, term.then.second), ()
    firsts, seconds = (values_of(places, session, own, cells) for session, own in zip(term.members, sides, strict=True))
    amounts = {(one, other): _amount(term.then, one, other) for one in firsts for other in seconds}
    rows = _merged(firsts, lambda one: tuple(amounts[one, other] for other in seconds))
    columns = _merged(seconds, lambda other: tuple(amounts[one, other] for one in firsts))
    if len(rows) * len(columns) > CELLS or term.first == term.second:
        return []
    measure: Linear = []
    if term.price is None:
        for members in rows:
            good = [other for other in seconds if not amounts[members[0], other]]
            _follows(places, (term.first, [firsts[v] for v in members]), (term.second, [seconds[v] for v in good]))
        for members in columns:
            good = [one for one in firsts if not amounts[one, members[0]]]
            _follows(places, (term.second, [seconds[v] for v in members]), (term.first, [firsts[v] for v in good]))
        return measure
    # What is absent is a value of its own, of which nothing is missing.
    flows = places.program.columns((len(rows) + 1) * (len(columns) + 1))
    wide = len(columns) + 1
    for k, members in enumerate(rows):
        out = (flows[k * wide : (k + 1) * wide], 1)
        places.program.row([out, *times(_has(places, term.first, [firsts[v] for v in members]), -1)], 0, equal=True)
    for k, members in enumerate(columns):
        into = (flows[k::wide], 1)
        places.program.row([into, *times(_has(places, term.second, [seconds[v] for v in members]), -1)], 0, equal=True)
    places.program.row([(flows[len(rows) * wide :], 1), *places.present(term.first)], 1, equal=True)
    places.program.row([(flows[wide - 1 :: wide], 1), *places.present(term.second)], 1, equal=True)
    for k, members in enumerate(rows):
        for j, others in enumerate(columns):
            amount = amounts[members[0], others[0]]
            if amount:
                column = flows[k * wide + j]
                measure.append((range(column, column + 1), amount))
    return measure


def _amount(then: Match | Table, one: int, other: int) -> int:
    return then.amounts[one][other] if isinstance(then, Table) else int((one, other) not in then.pairs)


def _merged(values: Iterable[int], kind: object) -> list[list[int]]:
    """Return values in groups of one kind."""
    found: dict[object, list[int]] = {}
    for value in values:
        found.setdefault(kind(value), []).append(value)  # type: ignore[operator]
    return list(found.values())


def _has(places: Places, session: int, values: Iterable[Value]) -> Linear:
    """Return whether a session has one of some values."""
    one, found = places.sessions[session], list(values)
    if found and found[0].since == -EVER and found[0].until == EVER:
        return places.chosen(session, frozenset().union(*(value.choices for value in found)))
    return [part for value in found for part in places.surely(session, one.open, value.since, value.until)]


def _follows(places: Places, cause: tuple[int, list[Value]], effect: tuple[int, list[Value]]) -> None:
    """Say that where one session has some values, the other, if present, has one of others."""
    row = [*_has(places, *effect), *times(_has(places, *cause), -1)]
    if effect[0] in places.required:
        places.program.row(row, 0)
    else:
        places.program.row([*row, *times(places.present(effect[0]), -1)], -1)
