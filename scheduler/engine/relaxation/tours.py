"""The price of following one another, as arcs between visits: who is there has a neighbour on each side, but two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from scheduler.engine.relaxation.places import Places, times
from scheduler.engine.relaxation.program import EVER, Linear
from scheduler.terms import Tour

ARCS = 4_000
"""Arcs of one cell of a tour, at most."""


def state_tour(places: Places, term: Tour) -> Linear:
    """Return the steps of all arcs that are taken."""
    if len({visit.session for visit in term.visits}) < len(term.visits):
        return []
    kinds: dict[int, dict[int, list[int]]] = {}
    cells: dict[int, list[int]] = {}
    for visit in term.visits:
        one = places.sessions[visit.session]
        for choice in sorted(one.open):
            stay = visit.stays[choice]
            if stay is not None:
                kinds.setdefault(visit.session, {}).setdefault(stay.kind, []).append(choice)
        if visit.session in kinds:
            cells[visit.session] = sorted({bisect_right(term.cells, first) for first in one.firsts})
    ends = [-EVER, *term.cells, EVER]
    measure: Linear = []
    for cell in sorted({cell for own in cells.values() for cell in own}):
        members = [session for session in kinds if cell in cells[session]]
        window = (ends[cell], ends[cell + 1] - 1)
        measure += _steps(places, term, members, kinds, window)
    return measure


def _steps(
    places: Places, term: Tour, members: list[int], kinds: dict[int, dict[int, list[int]]], window: tuple[int, int]
) -> Linear:
    """Return the steps of one cell: an arc for two visits of two kinds, taken no more than both are there."""
    since, until = window
    there = {session: [c for own in kinds[session].values() for c in own] for session in members}
    surely = {session: places.surely(session, there[session], since, until) for session in members}
    sure = [session for session in members if surely[session]]
    pairs = [(a, b) for a in members for b in members if a != b and _may_follow(places, (a, b), sure, window, there)]
    steps = [(a, b, *arc) for a, b in pairs for arc in _arcs(places, term, list(kinds[a]), list(kinds[b]))]
    if len(sure) < 2 or len(steps) > ARCS or not any(step for *_, step in steps):
        return []
    arcs = places.program.columns(len(steps))
    measure: Linear = []
    leaving: dict[int, list[tuple[int | None, int]]] = {session: [] for session in members}
    entering: dict[int, list[tuple[int | None, int]]] = {session: [] for session in members}
    for arc, (a, b, kind, other, step) in zip(arcs, steps, strict=True):
        leaving[a].append((kind, arc))
        entering[b].append((other, arc))
        if step:
            measure.append((range(arc, arc + 1), step))
    for side in (leaving, entering):
        extreme = places.program.columns(len(members))
        places.program.row([(extreme, -1)], -1)
        for k, session in enumerate(members):
            own = [(range(arc, arc + 1), 1) for _, arc in side[session]]
            if surely[session]:
                last = (extreme[k : k + 1], 1)
                places.program.row([*own, last, *times(surely[session], -1)], 0)
            if own:
                perhaps = places.perhaps(session, there[session], since, until)
                places.program.row([*perhaps, *times(own, -1)], 0)
            if len(kinds[session]) > 1:
                for kind, choices in kinds[session].items():
                    used = [(range(arc, arc + 1), -1) for own_kind, arc in side[session] if own_kind == kind]
                    if used:
                        places.program.row([*places.chosen(session, choices), *used], 0)
    return measure


def _arcs(places: Places, term: Tour, kinds: list[int], others: list[int]) -> Iterator[tuple[int | None, int | None, int]]:
    """Yield the arcs from one visit to another: its kind, the other's, None where all count as one, and the least step.

    Where there would be too many, kinds of the one with more of them count as one.
    """
    left: list[tuple[int | None, list[int]]] = [(kind, [kind]) for kind in kinds]
    right: list[tuple[int | None, list[int]]] = [(kind, [kind]) for kind in others]
    if len(left) * len(right) > places.arcs and len(left) <= len(right):
        right = [(None, others)]
    if len(left) * len(right) > places.arcs:
        left = [(None, kinds)]
    if len(left) * len(right) > places.arcs:
        right = [(None, others)]
    for kind, own in left:
        for other, its in right:
            yield kind, other, min(term.step[a][b] for a in own for b in its)


def _may_follow(
    places: Places, pair: tuple[int, int], sure: list[int], window: tuple[int, int], there: dict[int, list[int]]
) -> bool:
    """Return whether one can follow another at once: it need not come before, and none is always there between the two."""
    a, b = pair
    if _precedes(places, b, a):
        return False
    return not any(
        _precedes(places, a, other) and _precedes(places, other, b)
        for other in sure
        if other not in pair and other in places.required and _always_here(places, other, window, there)
    )


def _always_here(places: Places, session: int, window: tuple[int, int], there: dict[int, list[int]]) -> bool:
    one = places.sessions[session]
    return window[0] <= one.firsts[0] and one.lasts[-1] <= window[1] and one.open <= set(there[session])


def _precedes(places: Places, a: int, b: int) -> bool:
    """Return whether one session starts before another in every plan that holds both."""
    return (a, b) in places.precedence or places.sessions[a].lasts[-1] < places.sessions[b].firsts[0]
