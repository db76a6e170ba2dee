"""Terms of single sessions and of plain sums: prices of places, groups, totals, extents."""

from __future__ import annotations

from bisect import bisect_right

from scheduler.engine.relaxation.places import Places, times
from scheduler.engine.relaxation.program import Linear
from scheduler.terms import Extent, Group, PlacementPrice, Total

Measured = tuple[Linear, int]
"""What a term measures at least: an expression, and a whole number on top of it."""


def state_placement_price(places: Places, term: PlacementPrice) -> Measured:
    """Return the price of a session's choice, plus the least of its span's starts."""
    one = places.sessions[term.session]
    measure = times(places.present(term.session), -term.absent)
    if term.by_choice:
        measure += [(range(one.block.choices[c], one.block.choices[c] + 1), term.by_choice[c]) for c in sorted(one.open)]
    if term.slopes and one.firsts:
        minutes = sorted({one.minutes[c] for c in one.open}) if term.at_end else [0]
        begins = [slope.begin for slope in term.slopes]
        for column, first, last in zip(one.block.spans, one.firsts, one.lasts, strict=True):
            # On a straight piece the least is at one of its ends.
            least = min(
                term.price_at(minute)
                for length in minutes
                for minute in _ends_of_pieces(begins, first + length, last + length)
            )
            measure.append((range(column, column + 1), least))
    return [(columns, factor) for columns, factor in measure if factor], term.absent


def _ends_of_pieces(begins: list[int], first: int, last: int) -> set[int]:
    inside = begins[bisect_right(begins, first) : bisect_right(begins, last)]
    return {first, last, *inside, *(begin - 1 for begin in inside)}


def state_group(places: Places, term: Group) -> Measured:
    """Say that some sessions bring others, or how many are missing."""
    measure: Linear = []
    constant = 0
    for session in term.then:
        if term.price is None:
            for cause in term.whenever:
                if cause != session:
                    places.program.row([*places.present(session), *times(places.present(cause), -1)], 0)
        elif not term.whenever:
            measure += times(places.present(session), -1)
            constant += 1
        else:
            missing = places.program.measure()
            for cause in term.whenever:
                places.program.row([*missing, *places.present(session), *times(places.present(cause), -1)], 0)
            measure += missing
    return measure, constant


def state_total(places: Places, term: Total) -> Measured:
    """Say that a sum over choices lies in its bounds, or how far it does not."""
    total: Linear = []
    for session, amounts in zip(term.sessions, term.amounts, strict=True):
        one = places.sessions[session]
        total += [(range(one.block.choices[c], one.block.choices[c] + 1), amounts[c]) for c in sorted(one.open)]
    total = [(columns, factor) for columns, factor in total if factor]
    missing = places.program.measure() if term.price is not None else []
    if term.least is not None:
        places.program.row([*total, *missing], term.least)
    if term.most is not None:
        places.program.row([*times(total, -1), *missing], -term.most)
    return missing, 0


def state_extent(places: Places, term: Extent) -> Measured:
    """Say of each session that it keeps the bound that all keep; that one of them keeps the other is not said."""
    missing = places.program.measure() if term.price is not None else []
    for session in dict.fromkeys(term.sessions):
        one = places.sessions[session]
        row: Linear = []
        if term.what == "earliest" and term.least is not None:
            starts = zip(one.block.spans, one.lasts, strict=True)
            row = [(range(k, k + 1), max(0, term.least - last)) for k, last in starts]
        elif term.what == "latest" and term.most is not None:
            firsts = zip(one.block.spans, one.firsts, strict=True)
            row = [(range(k, k + 1), max(0, first + one.shortest - term.most)) for k, first in firsts]
            _latest(places, term, session, missing)
        elif term.what == "longest" and term.most is not None:
            row = [(range(one.block.choices[c], one.block.choices[c] + 1), one.minutes[c] - term.most) for c in one.open]
        row = [(columns, factor) for columns, factor in row if factor > 0]
        if row:
            places.program.row([*missing, *times(row, -1)], 0)
    return missing, 0


def _latest(places: Places, term: Extent, session: int, missing: Linear) -> None:
    """Say the end as start and length, where the length is the choice's to decide."""
    one = places.sessions[session]
    if one.shortest == one.longest or session not in places.required or term.most is None:
        return
    row: Linear = [(range(k, k + 1), -first) for k, first in zip(one.block.spans, one.firsts, strict=True)]
    row += [(range(one.block.choices[c], one.block.choices[c] + 1), -one.minutes[c]) for c in sorted(one.open)]
    places.program.row([*missing, *row], -term.most)
