"""Contention: rows of what is taken at once, for one-at-a-time resources, capacities and uses between two sessions.

Where what a session takes depends on its choice, and not all choices take something, moments say nothing of it; then the
whole span does: what its choice takes in minutes, against the minutes that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scheduler.engine.relaxation.places import Places, times
from scheduler.engine.relaxation.program import EVER, Linear
from scheduler.terms import Cumulative, Link, LinkUse, Sequence, Stay, Steps, Use

MOMENTS = 400
"""Rows of one resource; of more moments not all are said."""

HALL_SETS = 60
"""Sets of halls of which it is said that no more sessions are in them than there are halls."""

WINDOWS = 12
"""Spans of one resource over which the minutes taken are added up."""

ONE = Steps((0,), (1,))


class Taken(NamedTuple):
    """What a session takes by any choice: ``amount``, from ``lead`` minutes before its start, for ``length`` minutes."""

    session: int
    amount: int
    lead: int
    length: int


class Spent(NamedTuple):
    """What a session takes in amount x minutes, by choice."""

    session: int
    begins: int
    ends: int
    by_choice: dict[int, int]


def state_sequence(places: Places, term: Sequence) -> Linear:
    """Say that visits are one at a time; what is missing of a priced one is nothing that moments could say."""
    if term.price is not None:
        return []
    taken, spent = [], []
    paddings = Paddings(term)
    for visit in term.visits:
        stays = {c: stay for c in places.sessions[visit.session].open if (stay := visit.stays[c]) is not None}
        pads = {c: paddings.after(visit.session, stay.kind) for c, stay in stays.items()}
        if not stays:
            continue
        if len(stays) == len(places.sessions[visit.session].open):
            taken.append(_all_of(places, visit.session, stays, pads, 1))
        spent.append(_by_choice(places, visit.session, stays, pads))
    moments_of(places, taken, ONE)
    if len(taken) < len(spent):
        _energy(places, spent, ONE)
    return []


class Paddings:
    """The minutes after a stay that any other visit of a sequence keeps, whichever it is."""

    def __init__(self, term: Sequence) -> None:
        self._changeover = term.changeover
        self._by_kind: dict[int, set[int]] = {}
        for visit in term.visits:
            for stay in visit.stays:
                if stay is not None:
                    self._by_kind.setdefault(stay.kind, set()).add(visit.session)
        self._found: dict[tuple[int, int], int] = {}

    def after(self, session: int, kind: int) -> int:
        """Return the padding of one session's stay of a kind."""
        if (session, kind) not in self._found:
            others = [other for other, sessions in self._by_kind.items() if len(sessions) > 1 or session not in sessions]
            self._found[session, kind] = min((self._changeover[kind][other] for other in others), default=0)
        return self._found[session, kind]


def _all_of(places: Places, session: int, stays: dict[int, Stay], pads: dict[int, int], amount: int) -> Taken:
    """Return what every stay of a session takes at least."""
    minutes = places.sessions[session].minutes
    lead = min(stay.lead for stay in stays.values())
    return Taken(session, amount, lead, lead + min(minutes[c] + stay.tail + pads[c] for c, stay in stays.items()))


def _by_choice(places: Places, session: int, stays: dict[int, Stay], pads: dict[int, int]) -> Spent:
    one = places.sessions[session]
    begins = one.firsts[0] - max(stay.lead for stay in stays.values())
    lengths = {c: stay.lead + one.minutes[c] + stay.tail + pads[c] for c, stay in stays.items()}
    ends = one.lasts[-1] + max(lengths[c] - stay.lead for c, stay in stays.items())
    return Spent(session, begins, ends, lengths)


def state_halls(places: Places, terms: Mapping[int, Sequence]) -> None:
    """Say of sets of halls that no more sessions are in them at once than there are: of those that can be nowhere else."""
    used: dict[int, dict[int, list[tuple[int, Stay]]]] = {}
    sequences = {number: term for number, term in terms.items() if term.price is None}
    paddings = {number: Paddings(term) for number, term in sequences.items()}
    for number, term in sequences.items():
        for visit in term.visits:
            using = [c for c in places.sessions[visit.session].open if visit.stays[c] is not None]
            if len(using) < len(places.sessions[visit.session].open):
                for c in using:
                    stay = visit.stays[c]
                    assert stay is not None
                    used.setdefault(visit.session, {}).setdefault(c, []).append((number, stay))
    within: dict[int, frozenset[int]] = {}
    for session, by_choice in used.items():
        if set(by_choice) == places.sessions[session].open:
            within[session] = frozenset(number for members in by_choice.values() for number, _ in members)
    sets = sorted(set(within.values()), key=lambda halls: (-sum(own <= halls for own in within.values()), sorted(halls)))
    for halls in sets[:HALL_SETS]:
        taken = []
        for session, own in within.items():
            if own <= halls:
                amount = min(len(members) for members in used[session].values())
                stays = {
                    c: min((stay for _, stay in members), key=lambda s: s.lead) for c, members in used[session].items()
                }
                ends = {
                    c: min(stay.tail + paddings[number].after(session, stay.kind) for number, stay in members)
                    for c, members in used[session].items()
                }
                pads = {c: ends[c] - stay.tail for c, stay in stays.items()}
                taken.append(_all_of(places, session, stays, pads, amount))
        if len(taken) > len(halls):
            places.program.label = min(halls)
            moments_of(places, taken, Steps((0,), (len(halls),)))


def state_cumulative(places: Places, term: Cumulative) -> Linear:
    """Say that no more is taken than there is, or how much more."""
    taken, spent = [], []
    for use in term.uses:
        one = places.sessions[use.session]
        ways = {c: way for c in one.open if (way := use.amounts[c]) is not None and way[2] > 0}
        if not ways:
            continue
        if len(ways) == len(one.open):
            lead = min(way[0] for way in ways.values())
            length = lead + min(one.minutes[c] + way[1] for c, way in ways.items())
            taken.append(Taken(use.session, min(way[2] for way in ways.values()), lead, length))
        spent.append(_spent(places, use, ways))
    alike = len(taken) == len(spent) and all(len({*use.amounts}) == 1 for use in term.uses)
    if term.price is not None:
        return _priced_moments(places, taken, term.capacity)
    moments_of(places, taken, term.capacity)
    if not alike:
        _energy(places, spent, term.capacity)
    return []


def _spent(places: Places, use: Use, ways: dict[int, tuple[int, int, int]]) -> Spent:
    one = places.sessions[use.session]
    begins = min(one.firsts[0] - way[0] for way in ways.values())
    ends = max(one.lasts[-1] + one.minutes[c] + way[1] for c, way in ways.items())
    energy = {c: way[2] * max(0, way[0] + one.minutes[c] + way[1]) for c, way in ways.items()}
    return Spent(use.session, begins, ends, energy)


def moments_of(places: Places, taken: list[Taken], capacity: Steps) -> None:
    for moment, load in _loads(places, taken, capacity):
        places.program.row(times(load, -1), -capacity.at(moment), window=(moment, moment + 1))


def _priced_moments(places: Places, taken: list[Taken], capacity: Steps) -> Linear:
    """Return the excess x minutes: what is too much at a moment is so until the next one at which anything can change."""
    moments = sorted({moment for one in taken for moment in _changes(places, one)} | set(capacity.minutes))
    measure: Linear = []
    after = dict(pairwise(moments))
    for moment, load in _loads(places, taken, capacity, moments):
        excess = places.program.measure()
        places.program.row([*times(load, -1), *excess], -capacity.at(moment))
        measure += times(excess, after.get(moment, moment) - moment)
    return measure


def _changes(places: Places, one: Taken) -> Iterator[int]:
    """Yield the minutes at which a use can begin or end, for sure or perhaps."""
    session = places.sessions[one.session]
    for start in (*session.firsts, *session.lasts):
        yield start - one.lead
        yield start - one.lead + one.length


def _loads(
    places: Places, taken: list[Taken], capacity: Steps, moments: list[int] | None = None
) -> Iterator[tuple[int, Linear]]:
    """Yield moments at which more than the capacity may be taken, with what surely is.

    Where no ``moments`` are given, only those that say something that no other one says.
    """
    taken = [one for one in taken if one.length > 0 and places.sessions[one.session].firsts]
    if not taken:
        return
    everything = moments is not None
    if moments is None:
        begins = {last - one.lead for one in taken for last in places.sessions[one.session].lasts}
        moments = sorted(begins | set(capacity.minutes[1:]))
    at = np.array(moments, dtype=np.int64)
    capacities = np.array([capacity.at(moment) for moment in moments], dtype=np.int64)
    loads = np.zeros(len(at), dtype=np.int64)
    ending = np.zeros(len(at), dtype=bool)
    ending[-1] = True
    spans = []
    for one in taken:
        session = places.sessions[one.session]
        begin = np.searchsorted(np.array(session.firsts), at + one.lead - one.length + 1, side="left")
        end = np.searchsorted(np.array(session.lasts), at + one.lead, side="right")
        there = begin < end
        spans.append((one, begin, end, there))
        loads += np.where(there, one.amount, 0)
        ending[:-1] |= there[:-1] & (begin[1:] != begin[:-1])
    wanted = loads > capacities
    if not everything:
        ending[:-1] |= capacities[1:] > capacities[:-1]
        wanted &= ending
    chosen = np.flatnonzero(wanted)
    if not everything and len(chosen) > MOMENTS:
        chosen = chosen[np.linspace(0, len(chosen) - 1, MOMENTS).astype(int)]
    rows: dict[int, Linear] = {int(k): [] for k in chosen}
    for one, begin, end, there in spans:
        columns = places.sessions[one.session].block.spans
        for k in chosen[there[chosen]]:
            rows[int(k)].append((columns[int(begin[k]) : int(end[k])], one.amount))
    for k, load in rows.items():
        yield moments[k], load


def _energy(places: Places, spent: list[Spent], capacity: Steps) -> None:
    """Say of some windows that what is taken by those that lie in them is no more than there is in them."""
    spent = [one for one in spent if places.sessions[one.session].firsts]
    windows = {(one.begins, one.ends) for one in spent}
    windows |= {(min(begin for begin, _ in windows), max(end for _, end in windows))} if windows else set()
    loads = []
    for begin, end in windows:
        inside = [one for one in spent if begin <= one.begins and one.ends <= end]
        supply = supplied(capacity, begin, end)
        most = sum(max(one.by_choice.values()) for one in inside)
        if most > supply:
            loads.append((most / max(1, supply), begin, end, supply, inside))
    loads.sort(key=lambda load: (-load[0], load[1], load[2]))
    for _, begin, end, supply, inside in loads[:WINDOWS]:
        row: Linear = []
        for one in inside:
            alike: dict[int, list[int]] = {}
            for choice, amount in one.by_choice.items():
                alike.setdefault(amount, []).append(choice)
            for amount, choices in alike.items():
                row += times(places.chosen(one.session, choices), -amount)
        places.program.row(row, -supply, window=(begin, end))


def supplied(capacity: Steps, begin: int, end: int) -> int:
    """Return the capacity x minutes between two minutes."""
    moments = sorted({begin, end, *(minute for minute in capacity.minutes if begin < minute < end)})
    return sum(capacity.at(since) * (until - since) for since, until in pairwise(moments))


def state_link(places: Places, term: Link) -> Linear:
    """Say that no more is taken than there is by uses from one session to another, where it has no price."""
    if term.price is not None:
        return []
    ends = [(use, *_edges(places, use)) for use in term.uses]
    ends = [one for one in ends if one[2]]
    moments = {moment for _, begins, _, _ in ends for moment in begins}
    rows = []
    for moment in sorted(moments | set(term.capacity.minutes[1:])):
        load: Linear = []
        most = 0
        constant = 0
        for use, _, amount, (before, after) in ends:
            since, until = (use.first if edge.of == "first" else use.second for edge in (use.since, use.until))
            begun = places.surely_started(since, -EVER, moment - before)
            ended = places.perhaps_started(until, -EVER, moment - after)
            if not begun or _total(ended) == len(places.sessions[until].firsts):
                continue
            # Begun and not over, both present: begun + (present - over) - 1, and 1 - present again for the other one.
            load += times([*begun, *times(ended, -1)], amount)
            for other in {use.first, use.second} - {since} - places.required:
                load += times(places.present(other), amount)
                constant += amount
            most += amount
        capacity = term.capacity.at(moment)
        if most > capacity:
            rows.append((moment, load, constant, capacity))
    step = -(-len(rows) // MOMENTS) if rows else 1
    for moment, load, constant, capacity in rows[::step]:
        places.program.row(times(load, -1), -capacity - constant, window=(moment, moment + 1))
    return []


def _total(expression: Linear) -> int:
    return sum(len(columns) for columns, _ in expression)


def _edges(places: Places, use: LinkUse) -> tuple[set[int], int, tuple[int, int]]:
    """Return when a use can surely have begun, the least it takes, and from the two starts when it began and may end."""
    first, second = places.sessions[use.first], places.sessions[use.second]
    if not first.firsts or not second.firsts:
        return set(), 0, (0, 0)
    amount = min(use.amounts[one][other] for one in first.open for other in second.open)
    since, until = (first if edge.of == "first" else second for edge in (use.since, use.until))
    before = (since.longest if use.since.at == "end" else 0) - use.lead
    after = (until.shortest if use.until.at == "end" else 0) + use.tail
    if not amount:
        return set(), 0, (0, 0)
    return {last + before for last in since.lasts}, amount, (before, after)
