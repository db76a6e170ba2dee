"""Measures of who follows whom, on flat tables: the places of sessions, the order of visits, the steps of a tour."""

from __future__ import annotations

from scheduler.engine.annealing.compiled import INT, NOTHING, ROW, ROWS, compiled
from scheduler.engine.annealing.lookups import NONE, Array, last_not_after, slot_of

ORDER, VISITS = 4, 7
"""Where the order and the visits of a Sequence or a Tour stand."""


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
    if cells >= 0 and slot_of(data, cells, start) != slot_of(data, cells, other_start):
        return 0
    return data[data[at + 2] + data[stay] * data[at + 1] + data[other]]


@compiled(INT, ROW, ROW, ROWS, INT, INT, INT)
def standing(data: Array, counts: Array, spots: Array, at: int, start: int, session: int) -> int:
    """Return how many of the visits in the order of a Sequence or a Tour come before a start of a session.

    The order is [count, numbers of visits…] of those who are there, by (start, session).
    """
    order = data[at + ORDER]
    low, high = 0, counts[order]
    while low < high:
        middle = (low + high) // 2
        who = data[at + VISITS + 2 * counts[order + 1 + middle]]
        begin = spots[who, 1]
        if begin < start or (begin == start and who < session):
            low = middle + 1
        else:
            high = middle
    return low


@compiled(INT, ROW, INT, INT, INT)
def staying(data: Array, at: int, own: int, choice: int) -> int:
    """Return how many visits a session has by a choice; ``own``: its positions among the visits, [count, positions…]."""
    found = 0
    for mine in range(data[own]):
        if data[data[at + VISITS + 1 + 2 * data[own + 1 + mine]] + 3 * choice] >= 0:
            found += 1
    return found


@compiled(NOTHING, ROW, ROW, ROWS, INT, INT, INT, INT, INT, INT)
def reorder(
    data: Array, counts: Array, spots: Array, at: int, own: int, session: int, old: int, choice: int, start: int
) -> None:
    """Take the visits of a session out of an order and put them in where they come by another choice and start."""
    order = data[at + ORDER]
    if old >= 0:
        gone = staying(data, at, own, old)
        if gone:
            size = counts[order] - gone
            for k in range(standing(data, counts, spots, at, spots[session, 1], session), size):
                counts[order + 1 + k] = counts[order + 1 + k + gone]
            counts[order] = size
    if choice >= 0:
        come = staying(data, at, own, choice)
        if come:
            size = counts[order]
            first = standing(data, counts, spots, at, start, session)
            for k in range(size - 1, first - 1, -1):
                counts[order + 1 + k + come] = counts[order + 1 + k]
            counts[order] = size + come
            for mine in range(data[own]):
                k = data[own + 1 + mine]
                if data[data[at + VISITS + 1 + 2 * k] + 3 * choice] >= 0:
                    counts[order + 1 + first] = k
                    first += 1


@compiled(INT, ROW, ROW, ROWS, INT, INT, INT, INT, INT)
def detour(data: Array, counts: Array, spots: Array, at: int, own: int, session: int, choice: int, start: int) -> int:
    """Return how much longer a Tour is with a session than without it.

    Tour: [visits, kinds, steps, cells or -1, order, -, -, (session, stays)…]; stays as of a Sequence.
    """
    if choice < 0:
        return 0
    stay = data[at + VISITS + 1 + 2 * data[own + 1]] + 3 * choice
    if data[stay] < 0:
        return 0
    order = data[at + ORDER]
    later = standing(data, counts, spots, at, start, session)
    earlier = later - 1
    before, before_start, after, after_start = NONE, 0, NONE, 0
    for _ in range(2):  # the session itself, where it is now, is nobody's neighbour
        if before == NONE and earlier >= 0:
            k = counts[order + 1 + earlier]
            who = data[at + VISITS + 2 * k]
            if who != session:
                before, before_start = data[at + VISITS + 1 + 2 * k] + 3 * spots[who, 0], spots[who, 1]
            earlier -= 1
        if after == NONE and later < counts[order]:
            k = counts[order + 1 + later]
            who = data[at + VISITS + 2 * k]
            if who != session:
                after, after_start = data[at + VISITS + 1 + 2 * k] + 3 * spots[who, 0], spots[who, 1]
            later += 1
    found = 0
    if before != NONE:
        found += step_between(data, at, before, before_start, stay, start)
    if after != NONE:
        found += step_between(data, at, stay, start, after, after_start)
        if before != NONE:
            found -= step_between(data, at, before, before_start, after, after_start)
    return found
