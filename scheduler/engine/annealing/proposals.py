"""Proposals: one session elsewhere, two that change places, one that others make room for, several placed anew."""

from __future__ import annotations

import numpy as np

from scheduler.engine.annealing.compiled import BOOL, FLOAT, INT, compiled
from scheduler.engine.annealing.measures import NONE
from scheduler.engine.annealing.places import (
    admits,
    below,
    beside,
    in_conflict,
    in_the_way,
    place_well,
    price_there,
    random_start,
)
from scheduler.engine.annealing.state import HARD, LONGEST_CHAIN, SOFT, STATE, TABLES, State, move, probe, put, undo
from scheduler.engine.annealing.tables import Tables

LOOKS = 16
"""Spots among which a session takes the cheapest, whatever is in its way."""


@compiled(BOOL, TABLES, STATE, INT, FLOAT)
def one(tables: Tables, state: State, session: int, most: float) -> bool:
    """Propose one session elsewhere: shifted, in another hall at the same time, or anywhere; return whether it moved."""
    first = tables.choice_of[session]
    choices = tables.choice_of[session + 1] - first
    if choices == 0:
        return False
    here, start = state.spots[session, 0], state.spots[session, 1]
    how = np.random.random()
    choice = here
    if how < 0.25:
        if here < 0 or np.random.random() < 0.5:
            choice = below(choices)
        start = beside(tables, state, session, choice)
        if start < 0:
            return False
    elif here >= 0 and how < 0.4:
        step = max(1, tables.ranges[tables.choices[first + here, 2], 1])
        away = (1 + below(1 << below(5))) * step
        start = start + away if np.random.random() < 0.5 else start - away
        if not admits(tables, first + here, start):
            return False
    elif here >= 0 and how < 0.6 and choices > 1:
        choice = below(choices)
        if choice == here or not admits(tables, first + choice, start):
            return False
    elif not tables.needed[session] and how > 0.95:
        choice, start = NONE, NONE
    else:
        choice = below(choices)
        start = random_start(tables, first + choice)
    if choice == here and (choice < 0 or start == state.spots[session, 1]):
        return False
    if probe(tables, state, session, choice, start, most) > most:
        return False
    put(tables, state, session, choice, start)
    return True


@compiled(INT, TABLES, INT)
def related(tables: Tables, session: int) -> int:
    """Return a session of a term that speaks of this one, or any at all."""
    entries = tables.entry_of[session + 1] - tables.entry_of[session]
    if entries == 0 or np.random.random() < 0.2:
        return tables.sessions[below(len(tables.sessions))]
    term = tables.entries[tables.entry_of[session] + below(entries), 0]
    return tables.bound[tables.bound_of[term] + below(tables.bound_of[term + 1] - tables.bound_of[term])]


@compiled(INT, TABLES, STATE, INT, INT, INT, INT, INT, INT, FLOAT)
def both(
    tables: Tables,
    state: State,
    session: int,
    choice: int,
    start: int,
    other: int,
    other_choice: int,
    other_start: int,
    most: float,
) -> int:
    """Move two sessions; return how many moves are logged, 0 where both together would cost more than ``most``."""
    before = state.sums[HARD] + state.sums[SOFT]
    logged = move(tables, state, session, choice, start, 0)
    left = most - (state.sums[HARD] + state.sums[SOFT] - before)
    if probe(tables, state, other, other_choice, other_start, left) > left:
        undo(tables, state, logged)
        return 0
    return move(tables, state, other, other_choice, other_start, logged)


@compiled(INT, TABLES, STATE, INT, INT, FLOAT)
def swap(tables: Tables, state: State, session: int, other: int, most: float) -> int:
    """Exchange starts, and halls where both may have the other's."""
    a, a_start = state.spots[session, 0], state.spots[session, 1]
    b, b_start = state.spots[other, 0], state.spots[other, 1]
    if a < 0 or b < 0:
        return 0
    first, second = tables.choice_of[session], tables.choice_of[other]
    hall, other_hall = tables.choices[first + a, 1], tables.choices[second + b, 1]
    new, other_new = a, b
    for choice in range(tables.choice_of[session + 1] - first):
        if tables.choices[first + choice, 1] == other_hall:
            new = choice
            break
    for choice in range(tables.choice_of[other + 1] - second):
        if tables.choices[second + choice, 1] == hall:
            other_new = choice
            break
    if not admits(tables, first + new, b_start) or not admits(tables, second + other_new, a_start):
        return 0
    return both(tables, state, session, new, b_start, other, other_new, a_start, most)


@compiled(INT, TABLES, STATE, INT, FLOAT)
def exchange(tables: Tables, state: State, session: int, most: float) -> int:
    """Place a session anywhere, and who is in the way there, if it is one, where the session was."""
    first = tables.choice_of[session]
    choices = tables.choice_of[session + 1] - first
    here, was = state.spots[session, 0], state.spots[session, 1]
    if choices == 0 or here < 0:
        return 0
    choice = below(choices)
    start = random_start(tables, first + choice)
    other = in_the_way(tables, state, session, choice, start)
    if other < NONE:
        return 0
    if other != NONE:
        second, hall = tables.choice_of[other], tables.choices[first + here, 1]
        new = state.spots[other, 0]
        for candidate in range(tables.choice_of[other + 1] - second):
            if tables.choices[second + candidate, 1] == hall:
                new = candidate
                break
        if not admits(tables, second + new, was):
            return 0
        further = in_the_way(tables, state, other, new, was)
        if further != session and further != NONE:
            return 0
        return both(tables, state, session, choice, start, other, new, was, most)
    if probe(tables, state, session, choice, start, most) > most:
        return 0
    return move(tables, state, session, choice, start, 0)


@compiled(INT, TABLES, STATE, INT, INT)
def eject(tables: Tables, state: State, session: int, logged: int) -> int:
    """Place one session anywhere, or where it costs little, and those whom it meets there elsewhere."""
    first = tables.choice_of[session]
    choices = tables.choice_of[session + 1] - first
    if choices == 0:
        return 0
    choice = below(choices)
    start = random_start(tables, first + choice)
    if np.random.random() < 0.5:
        least = price_there(tables, state, session, choice, start)
        for _ in range(LOOKS):
            other_choice = below(choices)
            other_start = random_start(tables, first + other_choice)
            found = price_there(tables, state, session, other_choice, other_start)
            if found < least:
                least, choice, start = found, other_choice, other_start
    logged = move(tables, state, session, choice, start, logged)
    for _ in range(LONGEST_CHAIN):
        other = in_conflict(tables, state, session)
        if other == NONE:
            break
        logged = place_well(tables, state, other, logged)
    return logged


@compiled(INT, TABLES, STATE, INT, INT)
def rebuild(tables: Tables, state: State, session: int, logged: int) -> int:
    """Take out some sessions that have to do with one and place them again, each at the best of some spots."""
    count = 2 + below(6)
    chosen = state.chosen
    chosen[0] = session
    found = 1
    event = tables.event[session]
    by_event = np.random.random() < 0.4
    entries = tables.entry_of[session + 1] - tables.entry_of[session]
    for _ in range(3 * count):
        if found == count:
            break
        if by_event:
            other = tables.members[tables.event_of[event] + below(tables.event_of[event + 1] - tables.event_of[event])]
        else:
            term = tables.entries[tables.entry_of[session] + below(entries), 0]
            other = tables.bound[tables.bound_of[term] + below(tables.bound_of[term + 1] - tables.bound_of[term])]
        fresh_one = True
        for k in range(found):
            if chosen[k] == other:
                fresh_one = False
        if fresh_one:
            chosen[found] = other
            found += 1
    for k in range(found):
        if state.spots[chosen[k], 0] >= 0:
            logged = move(tables, state, chosen[k], NONE, NONE, logged)
    for k in range(found):
        pick = k + below(found - k)
        chosen[k], chosen[pick] = chosen[pick], chosen[k]
        logged = place_well(tables, state, chosen[k], logged)
    return logged


@compiled(INT, TABLES, STATE, INT, INT)
def leave_out(tables: Tables, state: State, session: int, logged: int) -> int:
    """Take a whole event out, or bring one in."""
    event = tables.event[session]
    out = state.spots[session, 0] >= 0
    for k in range(tables.event_of[event], tables.event_of[event + 1]):
        who = tables.members[k]
        if tables.needed[who]:
            continue
        if out and state.spots[who, 0] >= 0:
            logged = move(tables, state, who, NONE, NONE, logged)
        elif not out and state.spots[who, 0] < 0:
            logged = place_well(tables, state, who, logged)
    return logged
