"""Spots for one session: random ones, good ones, those beside another session, and who is in the way there."""

from __future__ import annotations

import numpy as np

from scheduler.engine.annealing.compiled import BOOL, FLOAT, INT, compiled
from scheduler.engine.annealing.measures import NONE, RELATION, SEQUENCE, gap_between, missing_between, moved
from scheduler.engine.annealing.orders import ORDER, VISITS, standing
from scheduler.engine.annealing.state import STATE, TABLES, TOO_MUCH, State, cost_of, move, probe
from scheduler.engine.annealing.tables import Tables

MANY = 400
"""Spots of a session that are tried at most when it is to be placed well."""


@compiled(INT, INT)
def below(count: int) -> int:
    """Return a random whole number from 0 on, below ``count``."""
    return int(np.random.random() * count)


@compiled(INT, TABLES, INT)
def random_start(tables: Tables, choice: int) -> int:
    """Return a random start of a choice, numbered over all sessions."""
    k = below(tables.choices[choice, 4])
    span = tables.choices[choice, 2]
    while k >= tables.ranges[span, 2]:
        k -= tables.ranges[span, 2]
        span += 1
    return tables.ranges[span, 0] + k * tables.ranges[span, 1]


@compiled(BOOL, TABLES, INT, INT)
def admits(tables: Tables, choice: int, start: int) -> bool:
    """Return whether a choice, numbered over all sessions, has a start."""
    for span in range(tables.choices[choice, 2], tables.choices[choice, 2] + tables.choices[choice, 3]):
        away = start - tables.ranges[span, 0]
        if away >= 0 and away % tables.ranges[span, 1] == 0 and away // tables.ranges[span, 1] < tables.ranges[span, 2]:
            return True
    return False


@compiled(INT, TABLES, STATE, INT, INT)
def beside(tables: Tables, state: State, session: int, choice: int) -> int:
    """Return the start at which a session by this choice comes right after, or right before, another on one resource.

    -1 where there is none. Without such proposals what is tightly packed is hardly ever found.
    """
    sequences = tables.in_turn[session, 1] - tables.in_turn[session, 0]
    if sequences == 0:
        return NONE
    k = tables.in_turn[session, 0] + below(sequences)
    term = tables.entries[k, 0]
    data, at = tables.data, tables.terms[term, 1]
    mine = data[at + VISITS + 1 + 2 * data[tables.entries[k, 1] + 1]] + 3 * choice
    there = state.counts[data[at + ORDER]]
    if data[mine] < 0 or there == 0:
        return NONE
    visit = state.counts[data[at + ORDER] + 1 + below(there)]
    other = data[at + VISITS + 2 * visit]
    if other == session:
        return NONE
    stay = data[at + VISITS + 1 + 2 * visit] + 3 * state.spots[other, 0]
    number = tables.choice_of[session] + choice
    after = np.random.random() < 0.5
    if after:
        wanted = state.spots[other, 2] + gap_between(data, at, stay, mine, state.spots[other, 2])
    else:
        length = tables.choices[number, 0]
        wanted = state.spots[other, 1] - length
        wanted -= gap_between(data, at, mine, stay, wanted + length)
    for span in range(tables.choices[number, 2], tables.choices[number, 2] + tables.choices[number, 3]):
        away, step = wanted - tables.ranges[span, 0], tables.ranges[span, 1]
        steps = -((-away) // step) if after else away // step
        if 0 <= steps < tables.ranges[span, 2]:
            return tables.ranges[span, 0] + steps * step
    return NONE


@compiled(FLOAT, TABLES, STATE, INT, INT, INT)
def price_there(tables: Tables, state: State, session: int, choice: int, start: int) -> float:
    """Return what the priced terms of a session would cost with it somewhere, whatever is in the way."""
    end = start + tables.choices[tables.choice_of[session] + choice, 0]
    total = 0.0
    for k in range(tables.entry_of[session], tables.entry_of[session + 1]):
        term = tables.entries[k, 0]
        if tables.terms[term, 2] >= 0 and state.weights[term] != 0.0:
            kind, at = tables.terms[term, 0], tables.terms[term, 1]
            own, value = tables.entries[k, 1], state.values[term]
            found = moved(tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, False)
            total += cost_of(tables, state, term, found)
    return total


@compiled(INT, TABLES, STATE, INT, INT)
def place_well(tables: Tables, state: State, session: int, logged: int) -> int:
    """Move a session to its best spot, or to the best of many where it has very many."""
    first, last = tables.choice_of[session], tables.choice_of[session + 1]
    if first == last:
        return logged
    spots = 0
    for choice in range(first, last):
        spots += tables.choices[choice, 4]
    least, best, best_start = TOO_MUCH, NONE, NONE
    if spots > MANY:
        for _ in range(MANY):
            choice = first + below(last - first)
            start = random_start(tables, choice)
            found = probe(tables, state, session, choice - first, start, least)
            if found < least:
                least, best, best_start = found, choice - first, start
    else:
        ties = 0
        for choice in range(first, last):
            for span in range(tables.choices[choice, 2], tables.choices[choice, 2] + tables.choices[choice, 3]):
                for k in range(tables.ranges[span, 2]):
                    start = tables.ranges[span, 0] + k * tables.ranges[span, 1]
                    found = probe(tables, state, session, choice - first, start, least)
                    if found < least - 1e-9:
                        ties = 0
                    if found < TOO_MUCH:
                        ties += 1
                        if below(ties) == 0:
                            least, best, best_start = min(found, least), choice - first, start
    if best == NONE:
        return logged
    return move(tables, state, session, best, best_start, logged)


@compiled(INT, TABLES, STATE, INT, INT, INT)
def in_the_way(tables: Tables, state: State, session: int, choice: int, start: int) -> int:
    """Return the one session that has what another would use at a spot; -1 where nobody has it, -2 where several do."""
    data, found = tables.data, NONE
    end = start + tables.choices[tables.choice_of[session] + choice, 0]
    for k in range(tables.in_turn[session, 0], tables.in_turn[session, 1]):
        term = tables.entries[k, 0]
        at = tables.terms[term, 1]
        if tables.terms[term, 2] >= 0:
            continue
        mine = data[at + VISITS + 1 + 2 * data[tables.entries[k, 1] + 1]] + 3 * choice
        if data[mine] < 0:
            continue
        order = data[at + ORDER]
        first = standing(data, state.counts, state.spots, at, start - data[at + 6] + 1, 0)
        for place in range(first, state.counts[order]):
            visit = state.counts[order + 1 + place]
            other = data[at + VISITS + 2 * visit]
            if state.spots[other, 1] >= end + data[at + 5]:
                break
            if other in (session, found):
                continue
            stay = data[at + VISITS + 1 + 2 * visit] + 3 * state.spots[other, 0]
            if missing_between(data, at, mine, start, end, stay, state.spots[other, 1], state.spots[other, 2]) > 0:
                if found != NONE:
                    return NONE - 1
                found = other
    return found


@compiled(INT, TABLES, STATE, INT)
def in_conflict(tables: Tables, state: State, session: int) -> int:
    """Return a session that a hard term does not let be where it is beside this one; -1 where there is none."""
    data, found, seen = tables.data, NONE, 0
    start, end = state.spots[session, 1], state.spots[session, 2]
    for k in range(tables.entry_of[session], tables.entry_of[session + 1]):
        term = tables.entries[k, 0]
        if state.values[term] == 0 or tables.terms[term, 2] >= 0:
            continue
        at = tables.terms[term, 1]
        if tables.terms[term, 0] == SEQUENCE:
            mine = data[at + VISITS + 1 + 2 * data[tables.entries[k, 1] + 1]] + 3 * state.spots[session, 0]
            if data[mine] < 0:
                continue
            order = data[at + ORDER]
            for place in range(
                standing(data, state.counts, state.spots, at, start - data[at + 6] + 1, 0), state.counts[order]
            ):
                visit = state.counts[order + 1 + place]
                other = data[at + VISITS + 2 * visit]
                since, until = state.spots[other, 1], state.spots[other, 2]
                if since >= end + data[at + 5]:
                    break
                stay = data[at + VISITS + 1 + 2 * visit] + 3 * state.spots[other, 0]
                if other != session and missing_between(data, at, mine, start, end, stay, since, until) > 0:
                    seen += 1
                    if below(seen) == 0:
                        found = other
            continue
        for b in range(tables.bound_of[term], tables.bound_of[term + 1]):
            other = tables.bound[b]
            if other == session or state.spots[other, 0] < 0:
                continue
            apart = state.spots[other, 1] >= end or start >= state.spots[other, 2]
            if tables.terms[term, 0] == RELATION or not apart:
                seen += 1
                if below(seen) == 0:
                    found = other
    return found
