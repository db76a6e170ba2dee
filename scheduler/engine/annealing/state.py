"""Where everything is in the annealing, what terms measure and cost there, and what a move would change.

A state is the spot of each session (choice or -1, start, end), the counts that terms keep, each term's measure and cost,
and sums over them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scheduler.engine.annealing.compiled import BOOL, FLOAT, FLOATS, INT, NOTHING, ROW, ROWS, compiled, record
from scheduler.engine.annealing.measures import NONE, moved
from scheduler.engine.annealing.tables import Numbers, Tables

TOO_MUCH = 1e30
"""What a proposal costs that has been given up halfway."""

HARD, SOFT, BROKEN, DEAR = 0, 1, 2, 3
"""Positions in the sums of a state: costs of hard and of priced terms, and how many of each measure more than 0."""

LONGEST_CHAIN = 24
"""Sessions that one proposal moves at most."""


class State(NamedTuple):
    """Where everything is; ``weights[t]`` is what a unit of a term's measure costs now.

    ``broken`` and ``dear`` list the hard and the priced terms that measure more than 0; ``place[t]`` is where a term stands
    in its list, -1 where it does not. ``best`` are the spots that cost least of those where nothing was broken. ``log``:
    session, choice and start of each move that may be undone. ``chosen``: sessions that a proposal moves.
    """

    spots: Numbers
    counts: Numbers
    values: Numbers
    costs: Any
    weights: Any
    sums: Any
    broken: Numbers
    dear: Numbers
    place: Numbers
    best: Numbers
    best_sums: Any
    log: Numbers
    chosen: Numbers


TABLES = record(Tables, ROW, ROWS, ROWS, ROW, ROWS, ROW, ROW, ROWS, ROW, ROWS, ROW, ROW, ROW, ROW, ROW, INT)
STATE = record(State, ROWS, ROW, ROW, FLOATS, FLOATS, FLOATS, ROW, ROW, ROW, ROWS, FLOATS, ROWS, ROW)


def fresh(tables: Tables, count: int) -> State:
    """Return the state in which all sessions are absent; ``count``: sessions of the problem."""
    terms = len(tables.terms)
    spots = np.full((count, 3), NONE, dtype=np.int64)
    return State(
        spots=spots,
        counts=np.zeros(tables.counts, dtype=np.int64),
        values=np.zeros(terms, dtype=np.int64),
        costs=np.zeros(terms),
        weights=np.zeros(terms),
        sums=np.zeros(4),
        broken=np.zeros(terms, dtype=np.int64),
        dear=np.zeros(terms, dtype=np.int64),
        place=np.full(terms, NONE, dtype=np.int64),
        best=spots.copy(),
        best_sums=np.full(4, TOO_MUCH),
        log=np.zeros((4 * LONGEST_CHAIN, 4), dtype=np.int64),
        chosen=np.zeros(LONGEST_CHAIN, dtype=np.int64),
    )


@compiled(FLOAT, TABLES, STATE, INT, INT)
def cost_of(tables: Tables, state: State, term: int, value: int) -> float:
    """Return what a measure of a term costs."""
    if value == 0:
        return 0.0
    if tables.terms[term, 2] >= 0:
        return state.weights[term] * value
    return state.weights[term] * (1.0 + value / tables.terms[term, 4])


@compiled(NOTHING, TABLES, STATE, INT, INT)
def note(tables: Tables, state: State, term: int, value: int) -> None:
    """Give a term a new value."""
    cost = cost_of(tables, state, term, value)
    soft = tables.terms[term, 2] >= 0
    state.sums[SOFT if soft else HARD] += cost - state.costs[term]
    lists, size = (state.dear, DEAR) if soft else (state.broken, BROKEN)
    place = state.place[term]
    if value and place < 0:
        count = int(state.sums[size])
        lists[count] = term
        state.place[term] = count
        state.sums[size] += 1
    elif value == 0 and place >= 0:
        last = int(state.sums[size]) - 1
        other = lists[last]
        lists[place] = other
        state.place[other] = place
        state.place[term] = NONE
        state.sums[size] -= 1
    state.values[term] = value
    state.costs[term] = cost


@compiled(NOTHING, TABLES, STATE)
def reweigh(tables: Tables, state: State) -> None:
    """Work out all costs and sums again after weights have changed."""
    state.sums[HARD] = 0.0
    state.sums[SOFT] = 0.0
    for term in range(len(tables.terms)):
        cost = cost_of(tables, state, term, state.values[term])
        state.costs[term] = cost
        state.sums[SOFT if tables.terms[term, 2] >= 0 else HARD] += cost


@compiled(NOTHING, TABLES, STATE)
def start_empty(tables: Tables, state: State) -> None:
    """Work out what each term measures where all sessions are absent."""
    for term in range(len(tables.terms)):
        if tables.bound_of[term + 1] > tables.bound_of[term]:
            who = tables.bound[tables.bound_of[term]]
            for k in range(tables.entry_of[who], tables.entry_of[who + 1]):
                if tables.entries[k, 0] == term:
                    kind, at = tables.terms[term, 0], tables.terms[term, 1]
                    own = tables.entries[k, 1]
                    value = moved(tables.data, state.counts, state.spots, kind, at, own, 0, who, NONE, NONE, NONE, False)
                    note(tables, state, term, value)


@compiled(BOOL, TABLES, INT, INT, INT, inlined=True)
def concerned(tables: Tables, entry: int, choice: int, other: int) -> bool:
    """Return whether a session takes part in the term of an entry by one of two choices, -1 for absent."""
    taken = tables.entries[entry, 2]
    return taken < 0 or tables.data[taken + 1 + choice] != 0 or tables.data[taken + 1 + other] != 0


@compiled(NOTHING, TABLES, STATE, INT, INT, INT)
def put(tables: Tables, state: State, session: int, choice: int, start: int) -> None:
    """Move a session (``choice`` as numbered for it, -1 for absent)."""
    end = start + tables.choices[tables.choice_of[session] + choice, 0] if choice >= 0 else NONE
    for k in range(tables.entry_of[session], tables.entry_of[session + 1]):
        if not concerned(tables, k, state.spots[session, 0], choice):
            continue
        term = tables.entries[k, 0]
        kind, at = tables.terms[term, 0], tables.terms[term, 1]
        own, value = tables.entries[k, 1], state.values[term]
        found = moved(tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, True)
        if found != value:
            note(tables, state, term, found)
    state.spots[session, 0] = choice
    state.spots[session, 1] = start
    state.spots[session, 2] = end


@compiled(FLOAT, TABLES, STATE, INT, INT, INT, FLOAT)
def probe(tables: Tables, state: State, session: int, choice: int, start: int, most: float) -> float:
    """Return by how much all costs grow if a session moves; ``TOO_MUCH`` where that is more than ``most``."""
    end = start + tables.choices[tables.choice_of[session] + choice, 0] if choice >= 0 else NONE
    first, last, here = tables.entry_of[session], tables.entry_of[session + 1], state.spots[session, 0]
    grown = 0.0
    for k in range(first, last):
        if concerned(tables, k, here, choice):
            grown -= state.costs[tables.entries[k, 0]]
    for k in range(first, last):
        term = tables.entries[k, 0]
        if state.weights[term] == 0.0 or not concerned(tables, k, here, choice):
            continue
        kind, at = tables.terms[term, 0], tables.terms[term, 1]
        own, value = tables.entries[k, 1], state.values[term]
        found = moved(tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, False)
        if found:
            grown += cost_of(tables, state, term, found)
            if grown > most and state.weights[term] > 0.0:  # rewards come first: from here on it only grows
                return TOO_MUCH
    return grown if grown <= most else TOO_MUCH


@compiled(INT, TABLES, STATE, INT, INT, INT, INT)
def move(tables: Tables, state: State, session: int, choice: int, start: int, logged: int) -> int:
    """Move a session and log where it was; return how many moves are logged now."""
    if logged == len(state.log):
        return logged
    state.log[logged, 0] = session
    state.log[logged, 1] = state.spots[session, 0]
    state.log[logged, 2] = state.spots[session, 1]
    put(tables, state, session, choice, start)
    return logged + 1


@compiled(NOTHING, TABLES, STATE, INT)
def undo(tables: Tables, state: State, logged: int) -> None:
    """Take back the moves that are logged."""
    for k in range(logged - 1, -1, -1):
        put(tables, state, state.log[k, 0], state.log[k, 1], state.log[k, 2])


@compiled(NOTHING, STATE)
def keep_best(state: State) -> None:
    """Note a state in which nothing is broken and that costs less than any before."""
    if state.sums[BROKEN] == 0 and state.sums[SOFT] < state.best_sums[SOFT] - 1e-6:
        for k in range(len(state.sums)):
            state.best_sums[k] = state.sums[k]
        for k in range(len(state.spots)):
            for column in range(3):
                state.best[k, column] = state.spots[k, column]
