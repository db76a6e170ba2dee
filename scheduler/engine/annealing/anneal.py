"""Annealing at one temperature, and the sample of proposals from which temperatures are taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from scheduler.engine.annealing.compiled import FLOAT, FLOATS, INT, compiled
from scheduler.engine.annealing.places import below, random_start
from scheduler.engine.annealing.proposals import eject, exchange, leave_out, one, rebuild, related, swap
from scheduler.engine.annealing.state import (
    BROKEN,
    DEAR,
    HARD,
    SOFT,
    STATE,
    TABLES,
    TOO_MUCH,
    State,
    keep_best,
    probe,
    undo,
)
from scheduler.engine.annealing.tables import Tables

ONE, TWO, ROOM, ANEW = 0.4, 0.9990, 0.9994, 0.9998
"""Up to which random number a proposal is for one session, two, one with room made for it, several placed anew.

Beyond, an event is left out or brought in. Those that place many spots well cost a thousand times as much as others.
"""


@compiled(INT, TABLES, STATE, INT, INT, FLOAT)
def anneal(tables: Tables, state: State, seed: int, proposals: int, temperature: float) -> int:
    """Make so many proposals at one temperature; return how many were accepted."""
    np.random.seed(seed)
    accepted = 0
    for _ in range(proposals):
        most = -temperature * np.log(1.0 - np.random.random())
        session = tables.sessions[below(len(tables.sessions))]
        if state.sums[BROKEN] > 0 and np.random.random() < 0.5:
            term = state.broken[below(int(state.sums[BROKEN]))]
            if tables.bound_of[term + 1] > tables.bound_of[term]:
                session = tables.bound[tables.bound_of[term] + below(tables.bound_of[term + 1] - tables.bound_of[term])]
        how = np.random.random()
        if how >= ONE and state.sums[DEAR] > 0 and np.random.random() < 0.5:
            term = state.dear[below(int(state.sums[DEAR]))]
            session = tables.bound[tables.bound_of[term] + below(tables.bound_of[term + 1] - tables.bound_of[term])]
        if how < ONE:
            if one(tables, state, session, most):
                accepted += 1
                keep_best(state)
            continue
        before = state.sums[HARD] + state.sums[SOFT]
        if how < TWO:
            if np.random.random() < 0.7:
                logged = exchange(tables, state, session, most)
            else:
                other = related(tables, session)
                logged = swap(tables, state, session, other, most) if other != session else 0
        elif how < ROOM:
            logged = eject(tables, state, session, 0)
        elif how < ANEW or tables.needed[session]:
            logged = rebuild(tables, state, session, 0)
        else:
            logged = leave_out(tables, state, session, 0)
        if logged == 0:
            continue
        if state.sums[HARD] + state.sums[SOFT] - before <= most:
            accepted += 1
            keep_best(state)
        else:
            undo(tables, state, logged)
    return accepted


@compiled(INT, TABLES, STATE, INT, FLOATS)
def worsenings(tables: Tables, state: State, seed: int, found: Any) -> int:
    """Propose a move of one session for each place in ``found``; note there what those that cost do; return how many."""
    np.random.seed(seed)
    count = 0
    for _ in range(len(found)):
        session = tables.sessions[below(len(tables.sessions))]
        first = tables.choice_of[session]
        choices = tables.choice_of[session + 1] - first
        if choices > 0 and state.spots[session, 0] >= 0:
            choice = below(choices)
            grown = probe(tables, state, session, choice, random_start(tables, first + choice), TOO_MUCH)
            if 1e-9 < grown < TOO_MUCH:
                found[count] = grown
                count += 1
    return count
