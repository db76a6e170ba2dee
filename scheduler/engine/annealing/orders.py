"""Measures of who follows whom, on flat tables: the places of sessions, and the steps of a tour."""

from __future__ import annotations

from scheduler.engine.annealing.compiled import INT, ROW, ROWS, compiled
from scheduler.engine.annealing.lookups import NONE, Array, last_not_after


@compiled(INT, ROW, INT, ROWS, INT, INT, INT)
def ranks(data: Array, at: int, spots: Array, session: int, choice: int, start: int) -> int:
    """Ranks: [count, cells, minutes of cells, (session, wanted or -1, ranks by choice)…]."""
    wrong = 0
    for k in range(data[at]):
        who, wanted = data[at + 3 + 3 * k], data[at + 4 + 3 * k]
        here, begin = (choice, start) if who == session else (spots[who, 0], spots[who, 1])
        if wanted == NONE or here < 0:
            continue
        cell, rank = last_not_after(data, data[at + 2], data[at + 1], begin), data[data[at + 5 + 3 * k] + here]
        place = 1
        for other in range(data[at]):
            them = data[at + 3 + 3 * other]
            there, since = (choice, start) if them == session else (spots[them, 0], spots[them, 1])
            if there < 0 or other == k:
                continue
            before = last_not_after(data, data[at + 2], data[at + 1], since) - cell
            if before == 0:
                before = data[data[at + 5 + 3 * other] + there] - rank
            if before == 0:
                before = since - begin
            if before < 0 or (before == 0 and them < who):
                place += 1
        if place != wanted:
            wrong += 1
    return wrong


@compiled(INT, ROW, INT, INT, INT, INT, INT)
def step_between(data: Array, at: int, stay: int, start: int, other: int, other_start: int) -> int:
    """Return the step of a Tour from one stay to the next one; 0 where they are of different cells."""
    cells = data[at + 3]
    if cells:
        first = last_not_after(data, data[at + 4], cells, start)
        if first != last_not_after(data, data[at + 4], cells, other_start):
            return 0
    return data[data[at + 2] + data[stay] * data[at + 1] + data[other]]


@compiled(INT, ROW, INT, ROWS, INT, INT, INT, INT)
def detour(data: Array, at: int, spots: Array, own: int, session: int, choice: int, start: int) -> int:
    """Return how much longer a Tour is with a session than without it.

    Tour: [visits, kinds, steps, cells, minutes of cells, (session, stays)…]; stays as of a Sequence. Neighbours are those
    by (start, session).
    """
    if choice < 0:
        return 0
    k = data[own + 1]
    stay = data[at + 6 + 2 * k] + 3 * choice
    if data[stay] < 0:
        return 0
    before, before_start, before_who = NONE, -(1 << 60), NONE
    after, after_start, after_who = NONE, 1 << 60, NONE
    for other in range(data[at]):
        who = data[at + 5 + 2 * other]
        here = spots[who, 0]
        if who == session or here < 0:
            continue
        there = data[at + 6 + 2 * other] + 3 * here
        if data[there] < 0:
            continue
        begin = spots[who, 1]
        if begin < start or (begin == start and who < session):
            if begin > before_start or (begin == before_start and who > before_who):
                before, before_start, before_who = there, begin, who
        elif begin < after_start or (begin == after_start and who < after_who):
            after, after_start, after_who = there, begin, who
    found = 0
    if before != NONE:
        found += step_between(data, at, before, before_start, stay, start)
    if after != NONE:
        found += step_between(data, at, stay, start, after, after_start)
        if before != NONE:
            found -= step_between(data, at, before, before_start, after, after_start)
    return found
