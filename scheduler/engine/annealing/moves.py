"""Annealing over the flat tables of a part: proposals, what they would cost, and keeping or undoing them.

A state is the spot of each session (choice or -1, start, end), the counts that terms keep, each term's measure and cost,
and sums: cost of what is broken, cost of what is priced, number of hard terms that are broken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scheduler.engine.annealing.compiled import BOOL, FLOAT, FLOATS, INT, NOTHING, ROW, ROWS, compiled, record
from scheduler.engine.annealing.measures import NONE, RELATION, SEQUENCE, gap_between, missing_between, moved
from scheduler.engine.annealing.tables import Numbers, Tables

Array = Any

TOO_MUCH = 1e30
"""What a proposal costs that has been given up halfway."""

HARD, SOFT, BROKEN, DEAR = 0, 1, 2, 3
"""Positions in the sums of a state: costs of hard and of priced terms, and how many of each measure more than 0."""

MANY = 400
"""Spots of a session that are tried at most when it is to be placed well."""

LOOKS = 16
"""Spots among which a session takes the cheapest, whatever is in its way."""

LONGEST_CHAIN = 24
"""Sessions that one proposal moves at most."""


class State(NamedTuple):
    """Where everything is; ``weights[t]`` is what a unit of a term's measure costs now.

    ``broken`` and ``dear`` list the hard and the priced terms that measure more than 0.
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
    """Where a term stands in ``broken`` or ``dear``, -1 where it does not."""
    best: Numbers
    best_sums: Any
    log: Numbers
    chosen: Numbers
    mix: Any
    """Up to which random number each kind of proposal is made."""


TABLES = record(
    Tables, ROW, ROWS, ROWS, ROW, ROWS, ROW, ROW, ROWS, ROW, ROWS, ROW, ROW, ROW, ROW, ROW, INT
)
STATE = record(State, ROWS, ROW, ROW, FLOATS, FLOATS, FLOATS, ROW, ROW, ROW, ROWS, FLOATS, ROWS, ROW, FLOATS)


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
        mix=np.array([0.4, 0.9990, 0.9994, 0.9998]),
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
                    value = moved(
                        tables.data, state.counts, state.spots, kind, at, own, 0, who, NONE, NONE, NONE, False
                    )
                    note(tables, state, term, value)


@compiled(NOTHING, TABLES, STATE, INT, INT, INT)
def put(tables: Tables, state: State, session: int, choice: int, start: int) -> None:
    """Move a session (``choice`` as numbered for it, -1 for absent)."""
    end = start + tables.choices[tables.choice_of[session] + choice, 0] if choice >= 0 else NONE
    for k in range(tables.entry_of[session], tables.entry_of[session + 1]):
        term = tables.entries[k, 0]
        kind, at = tables.terms[term, 0], tables.terms[term, 1]
        own, value = tables.entries[k, 1], state.values[term]
        found = moved(
            tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, True
        )
        if found != value:
            note(tables, state, term, found)
    state.spots[session, 0] = choice
    state.spots[session, 1] = start
    state.spots[session, 2] = end


@compiled(FLOAT, TABLES, STATE, INT, INT, INT, FLOAT)
def probe(tables: Tables, state: State, session: int, choice: int, start: int, most: float) -> float:
    """Return by how much all costs grow if a session moves; ``TOO_MUCH`` where that is more than ``most``."""
    end = start + tables.choices[tables.choice_of[session] + choice, 0] if choice >= 0 else NONE
    first, last = tables.entry_of[session], tables.entry_of[session + 1]
    allowed = most
    for k in range(first, last):
        allowed += state.costs[tables.entries[k, 0]]
    grown = most - allowed
    for k in range(first, last):
        term = tables.entries[k, 0]
        if state.weights[term] == 0.0:
            continue
        kind, at = tables.terms[term, 0], tables.terms[term, 1]
        own, value = tables.entries[k, 1], state.values[term]
        found = moved(
            tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, False
        )
        if found:
            grown += cost_of(tables, state, term, found)
            if grown > most and state.weights[term] > 0.0:  # rewards come first: from here on it only grows
                return TOO_MUCH
    return grown if grown <= most else TOO_MUCH


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


@compiled(INT, TABLES, STATE, INT)
def in_conflict(tables: Tables, state: State, session: int) -> int:
    """Return a session that a hard term does not let be where it is beside this one; -1 where there is none."""
    found, seen = NONE, 0
    for k in range(tables.entry_of[session], tables.entry_of[session + 1]):
        term = tables.entries[k, 0]
        if state.values[term] == 0 or tables.terms[term, 2] >= 0:
            continue
        at = tables.terms[term, 1]
        for b in range(tables.bound_of[term], tables.bound_of[term + 1]):
            other = tables.bound[b]
            if other == session or state.spots[other, 0] < 0:
                continue
            meets = True
            if tables.terms[term, 0] == SEQUENCE:
                meets = False
                data = tables.data
                for v in range(data[at]):
                    if data[at + 4 + 2 * v] == other:
                        stay = data[at + 5 + 2 * v] + 3 * state.spots[other, 0]
                        own = tables.entries[k, 1]
                        mine = data[at + 5 + 2 * data[own + 1]] + 3 * state.spots[session, 0]
                        if data[stay] >= 0 and data[mine] >= 0:
                            meets = (
                                missing_between(
                                    data, at, mine, state.spots[session, 1], state.spots[session, 2],
                                    stay, state.spots[other, 1], state.spots[other, 2],
                                )
                                > 0
                            )
            elif tables.terms[term, 0] != RELATION:
                meets = (
                    state.spots[other, 1] < state.spots[session, 2] and state.spots[session, 1] < state.spots[other, 2]
                )
            if meets:
                seen += 1
                if below(seen) == 0:
                    found = other
    return found


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
    visit = below(data[at])
    other = data[at + 4 + 2 * visit]
    there = state.spots[other, 0]
    if other == session or there < 0:
        return NONE
    stay = data[at + 5 + 2 * visit] + 3 * there
    mine = data[at + 5 + 2 * data[tables.entries[k, 1] + 1]] + 3 * choice
    if data[stay] < 0 or data[mine] < 0:
        return NONE
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


@compiled(INT, TABLES, STATE, INT, INT, INT)
def swap(tables: Tables, state: State, session: int, other: int, logged: int) -> int:
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
    logged = move(tables, state, session, new, b_start, logged)
    return move(tables, state, other, other_new, a_start, logged)


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
        mine = data[at + 5 + 2 * data[tables.entries[k, 1] + 1]] + 3 * choice
        if data[mine] < 0:
            continue
        for visit in range(data[at]):
            other = data[at + 4 + 2 * visit]
            there = state.spots[other, 0]
            if other == session or there < 0 or other == found:
                continue
            stay = data[at + 5 + 2 * visit] + 3 * there
            if data[stay] < 0:
                continue
            if missing_between(data, at, mine, start, end, stay, state.spots[other, 1], state.spots[other, 2]) > 0:
                if found != NONE:
                    return NONE - 1
                found = other
    return found


@compiled(INT, TABLES, STATE, INT, INT)
def exchange(tables: Tables, state: State, session: int, logged: int) -> int:
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
        logged = move(tables, state, session, choice, start, logged)
        return move(tables, state, other, new, was, logged)
    return move(tables, state, session, choice, start, logged)


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
            found = moved(
                tables.data, state.counts, state.spots, kind, at, own, value, session, choice, start, end, False
            )
            total += cost_of(tables, state, term, found)
    return total


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


@compiled(NOTHING, STATE)
def keep_best(state: State) -> None:
    """Note a state in which nothing is broken and that costs less than any before."""
    if state.sums[BROKEN] == 0 and state.sums[SOFT] < state.best_sums[SOFT] - 1e-6:
        for k in range(len(state.sums)):
            state.best_sums[k] = state.sums[k]
        for k in range(len(state.spots)):
            for column in range(3):
                state.best[k, column] = state.spots[k, column]


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
        if how >= state.mix[0] and state.sums[DEAR] > 0 and np.random.random() < 0.5:
            term = state.dear[below(int(state.sums[DEAR]))]
            session = tables.bound[tables.bound_of[term] + below(tables.bound_of[term + 1] - tables.bound_of[term])]
        if how < state.mix[0]:
            if one(tables, state, session, most):
                accepted += 1
                keep_best(state)
            continue
        before = state.sums[HARD] + state.sums[SOFT]
        if how < state.mix[1]:
            if np.random.random() < 0.7:
                logged = exchange(tables, state, session, 0)
            else:
                other = related(tables, session)
                logged = swap(tables, state, session, other, 0) if other != session else 0
        elif how < state.mix[2]:
            logged = eject(tables, state, session, 0)
        elif how < state.mix[3] or tables.needed[session]:
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
    """Propose as many moves of one session as ``found`` is long; write down by how much those that cost do; return how many."""
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
