"""A part of a problem as flat tables of whole numbers, for :mod:`scheduler.engine.annealing.measures`.

Each term is a row (kind, position, tier, weight, scale); what it says stands at its position in one array, ``data``; tables
that several terms share (who is where by choice, capacities, days) stand there once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import gcd
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.engine.annealing import measures, tallies
from scheduler.engine.annealing.data import Data
from scheduler.engine.annealing.lookups import NONE
from scheduler.engine.annealing.tallies import blocks_of, rows_of
from scheduler.problem import Part, Problem
from scheduler.terms import (
    Clear,
    Cumulative,
    Edge,
    Extent,
    Group,
    Lag,
    Link,
    Match,
    PlacementPrice,
    Ranks,
    Relation,
    Steps,
    Table,
    Tally,
    Term,
    Total,
    Tour,
    Visit,
)
from scheduler.terms import Sequence as Sequenced

Numbers = npt.NDArray[np.int64]

BOUND = 1 << 50
"""Instead of a bound that does not bind."""

MINUTES = 60
"""Minutes missing that weigh as much as the fact that they are missing."""


class Tables(NamedTuple):
    """The flat form of one part.

    ``terms[t]``: kind, position in ``data``, tier or -1 where hard, weight, scale (what counts once more where it is
    missing). ``entries[k]``: term, position of the session's own places in it or -1, position of whether it takes part in
    it, absent and by choice, or -1 where it always may; those of session s are ``entry_of[s]`` to ``entry_of[s + 1]``,
    rewards first; ``in_turn[s]``: which of them are of Sequences, from and to. Term t speaks of ``bound[bound_of[t]]`` to
    ``bound[bound_of[t + 1]]``. ``choices[c]``: minutes, hall, first range, count of ranges, count of starts; those of s are
    ``choice_of[s]`` to ``choice_of[s + 1]``. ``ranges[r]``: first start, step, count. ``sessions``: those of the part;
    ``needed[s]``: whether it must be present; ``event[s]``: the number of its event, whose sessions are
    ``members[event_of[e]]`` to ``members[event_of[e + 1]]``. ``counts``: how many counts terms keep.
    """

    data: Numbers
    terms: Numbers
    entries: Numbers
    entry_of: Numbers
    in_turn: Numbers
    bound: Numbers
    bound_of: Numbers
    choices: Numbers
    choice_of: Numbers
    ranges: Numbers
    sessions: Numbers
    needed: Numbers
    event: Numbers
    members: Numbers
    event_of: Numbers
    counts: int


def sayable(part: Part) -> bool:
    """Return whether a part has a flat form: no tour visits a session twice, and every term speaks of some session."""
    visited = (term.members for term in part.terms if isinstance(term, Tour))
    return all(len(set(members)) == len(members) for members in visited) and all(term.members for term in part.terms)


def flat(problem: Problem, part: Part) -> Tables:
    """Return the tables of a part that is ``sayable``."""
    return _Writer(problem, part).tables()


class _Writer:
    """Writes terms one after the other."""

    def __init__(self, problem: Problem, part: Part) -> None:
        self.problem = problem
        self.part = part
        self.data = Data()
        self._own: dict[int, list[tuple[int, int, int]]] = {session: [] for session in part.sessions}
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._bound: list[tuple[int, ...]] = []

    def tables(self) -> Tables:
        """Return the tables of the part."""
        writers: dict[type[Term], tuple[int, Callable[[Any], tuple[int, int, dict[int, int]]]]] = {
            PlacementPrice: (measures.PRICE, self._price),
            Relation: (measures.RELATION, self._relation),
            Sequenced: (measures.SEQUENCE, self._sequence),
            Cumulative: (measures.CUMULATIVE, self._cumulative),
            Link: (measures.LINK, self._link),
            Tally: (measures.TALLY, self._tally),
            Extent: (measures.EXTENT, self._extent),
            Total: (measures.TOTAL, self._total),
            Group: (measures.GROUP, self._group),
            Tour: (measures.TOUR, self._tour),
            Ranks: (measures.RANKS, self._ranks),
        }
        for term in self.part.terms:
            kind, write = writers[type(term)]
            at, scale, own = write(term)
            tier, weight = term.price or (NONE, 1)
            self._bound.append(tuple(dict.fromkeys(term.members)))
            for session in self._bound[-1]:
                self._own[session].append((len(self._rows), own.get(session, NONE), self._part_taken(term, session)))
            self._rows.append((kind, at, tier, weight, max(1, scale)))
        return self._packed()

    def _packed(self) -> Tables:
        count = len(self.problem.names)
        entries: list[tuple[int, int, int]] = []
        entry_of, in_turn = [0], []
        for session in range(count):
            mine = sorted(self._own.get(session, ()), key=self._cost)
            sequences = [k for k, (term, *_) in enumerate(mine, len(entries)) if self._rows[term][0] == measures.SEQUENCE]
            in_turn.append((sequences[0], sequences[-1] + 1) if sequences else (0, 0))
            entries += mine
            entry_of.append(len(entries))
        choices, choice_of = [], [0]
        ranges: list[tuple[int, int, int]] = []
        halls: dict[str, int] = {}
        for session in range(count):
            for choice, spans in zip(self.problem.candidates.choices[session], self.problem.starts[session], strict=True):
                hall = halls.setdefault(choice.hall, len(halls))
                choices.append((choice.minutes, hall, len(ranges), len(spans), sum(map(len, spans))))
                ranges += [(span[0], span.step, len(span)) for span in spans]
            choice_of.append(len(choices))
        needed = [0] * count
        for term in self.part.terms:
            if isinstance(term, Group) and term.price is None and not term.whenever:
                for session in term.then:
                    needed[session] = 1
        events: dict[str, list[int]] = {}
        for session in self.part.sessions:
            events.setdefault(self.problem.names[session].partition(".")[0], []).append(session)
        event, members, event_of = [NONE] * count, [], [0]
        for number, sessions in enumerate(events.values()):
            for session in sessions:
                event[session] = number
            members += sessions
            event_of.append(len(members))
        return Tables(
            data=_array(self.data.numbers),
            terms=_array(self._rows, 5),
            entries=_array(entries, 3),
            entry_of=_array(entry_of),
            in_turn=_array(in_turn, 2),
            bound=_array(session for members in self._bound for session in members),
            bound_of=_array(accumulate(map(len, self._bound), initial=0)),
            choices=_array(choices, 5),
            choice_of=_array(choice_of),
            ranges=_array(ranges, 3),
            sessions=_array(self.part.sessions),
            needed=_array(needed),
            event=_array(event),
            members=_array(members),
            event_of=_array(event_of),
            counts=self.data.counts,
        )

    def _cost(self, entry: tuple[int, int, int]) -> tuple[int, int]:
        """Return what sorts terms by how quickly they are measured, rewards before all."""
        kind, _, _, weight, _ = self._rows[entry[0]]
        quick = (measures.PRICE, measures.RELATION, measures.GROUP, measures.SEQUENCE)
        return (-1 if weight < 0 else quick.index(kind) if kind in quick else len(quick), entry[0])

    def _part_taken(self, term: Term, session: int) -> int:
        """Return the position of whether a session takes part in a term, absent and by choice; -1 where it always does."""
        if isinstance(term, Sequenced | Tour):
            stays = [visit.stays for visit in term.visits if visit.session == session]
            taken = [any(stay is not None for stay in by_choice) for by_choice in zip(*stays, strict=True)]
        elif isinstance(term, Cumulative):
            amounts = [use.amounts for use in term.uses if use.session == session]
            taken = [any(amount is not None for amount in by_choice) for by_choice in zip(*amounts, strict=True)]
        else:
            return NONE
        return NONE if all(taken) else self.data.once([0, *map(int, taken)])

    def _price(self, term: PlacementPrice) -> tuple[int, int, dict[int, int]]:
        columns = [[slope[k] for slope in term.slopes] for k in range(3)]
        head = [term.absent, int(term.at_end), len(term.by_choice), len(term.slopes)]
        return self.data.write([*head, *term.by_choice, *columns[0], *columns[1], *columns[2]]), 1, {}

    def _match(self, match: Match | None) -> tuple[int, int, int]:
        if match is None:
            return NONE, NONE, NONE
        key = ("match", match.pairs, match.first, match.second, match.cells)
        if match.cells:
            side = len(match.cells) + 1
            if key not in self.data.shared:
                inside = [0] * (side * side)
                for a, b in match.pairs:
                    if -1 <= a < side - 1 and -1 <= b < side - 1:
                        inside[(a + 1) * side + b + 1] = 1
                self.data.shared[key] = self.data.write([self.data.slots(match.cells), side, *inside])
            return self.data.shared[key], NONE, NONE
        rows, columns = ({value: k for k, value in enumerate(dict.fromkeys(side))} for side in (match.first, match.second))
        matrix = [int((a, b) in match.pairs) for a in rows for b in columns]
        first, second = [rows[a] for a in match.first], [columns[b] for b in match.second]
        return self.data.once([NONE, len(columns), *matrix]), self.data.once(first), self.data.once(second)

    def _relation(self, term: Relation) -> tuple[int, int, dict[int, int]]:
        then, first, second, scale = NONE, NONE, NONE, MINUTES
        if isinstance(term.then, Lag):
            kind = measures.LAG
            least = -BOUND if term.then.least is None else term.then.least
            most = BOUND if term.then.most is None else term.then.most
            then = self.data.once([least, most, int(term.then.from_start), int(term.then.flat)])
        elif isinstance(term.then, Clear):
            kind, then = measures.CLEAR, self.data.once(term.then.gaps)
        elif isinstance(term.then, Table):
            kind, scale = measures.TABLE, 1
            cells = [amount for row in term.then.amounts for amount in row]
            then = self.data.once([len(term.then.amounts[0]) if term.then.amounts else 0, *cells])
            first, second = self.data.once(term.then.first), self.data.once(term.then.second)
        else:
            kind, scale = measures.MATCH, 1
            then, first, second = self._match(term.then)
        when = self._match(term.when)
        return self.data.write([term.first, term.second, kind, then, first, second, *when]), scale, {}

    def _stays(self, visit: Visit) -> int:
        return self.data.once([n for stay in visit.stays for n in ((NONE, 0, 0) if stay is None else stay)])

    def _sequence(self, term: Sequenced) -> tuple[int, int, dict[int, int]]:
        kinds = len(term.changeover)
        changeover = self.data.once([minutes for row in term.changeover for minutes in row])
        delays = NONE
        if term.delays:
            ends = self._ends(term)
            table = [NONE] * (kinds * kinds)
            for (kind, other), delay in term.delays.items():
                moments = ends.get(kind, [])
                if moments:
                    key = ("delay", id(delay.at), tuple(moments))
                    if key not in self.data.shared:
                        self.data.shared[key] = self._steps(moments, delay.at)
                    table[kind * kinds + other] = self.data.shared[key]
            delays = self.data.once(table)
        visits = [number for visit in term.visits for number in (visit.session, self._stays(visit))]
        own = self.data.owned((visit.session, k) for k, visit in enumerate(term.visits))
        stays = [stay for visit in term.visits for stay in visit.stays if stay is not None]
        leads, tails = max((stay.lead for stay in stays), default=0), max((stay.tail for stay in stays), default=0)
        between = max((minutes for row in term.changeover for minutes in row), default=0)
        reach = leads + tails + between + max((delay.most for delay in term.delays.values()), default=0)
        lengths = [choice.minutes for number in own for choice in self.problem.candidates.choices[number]]
        back = reach + max(lengths, default=0)
        order = self.data.kept(1 + len(term.visits))
        return self.data.write([len(term.visits), kinds, changeover, delays, order, reach, back, *visits]), MINUTES, own

    def _ends(self, term: Sequenced) -> dict[int, list[int]]:
        """Return the minutes at which a visit of each kind may end, ascending."""
        found: dict[int, set[int]] = {}
        for visit in term.visits:
            for spot in self.problem.spots(visit.session):
                stay = visit.stays[spot.choice]
                if stay is not None:
                    found.setdefault(stay.kind, set()).add(spot.end)
        return {kind: sorted(ends) for kind, ends in found.items()}

    def _steps(self, moments: list[int], at: Callable[[int], int]) -> int:
        steps: list[tuple[int, int]] = []
        for moment in moments:
            minutes = at(moment)
            if not steps or minutes != steps[-1][1]:
                steps.append((moment, minutes))
        return self.data.write([len(steps), *(moment for moment, _ in steps), *(minutes for _, minutes in steps)])

    def _profile(self, spans: Sequence[tuple[int, int, int]], capacity: Steps) -> list[int]:
        """Return resolution, origin, capacity and counts of a profile that holds spans (begin, end, step of starts)."""
        origin = min((begin for begin, _, _ in spans), default=0)
        last = max((end for _, end, _ in spans), default=0)
        changes = [minute for minute in capacity.minutes if origin < minute < last]
        moments = (n for begin, end, step in spans for n in (begin - origin, end - origin, step))
        resolution = gcd(*moments, *(minute - origin for minute in changes)) or 1
        cells = max(0, last - origin) // resolution
        values = [capacity.at(origin + cell * resolution) for cell in range(cells)]
        return [resolution, origin, self.data.once(values), self.data.kept(cells)]

    def _cumulative(self, term: Cumulative) -> tuple[int, int, dict[int, int]]:
        spans, places, amounts = [], [], []
        for use in term.uses:
            table: list[int] = []
            for choice, ranges, amount in zip(
                self.problem.candidates.choices[use.session], self.problem.starts[use.session], use.amounts, strict=True
            ):
                lead, tail, taken = amount or (0, 0, 0)
                table += [taken, lead, tail]
                if taken:
                    amounts.append(taken)
                    for span in ranges:
                        step = span.step if len(span) > 1 else 0
                        first, last = span[0] - lead, span[-1] - lead
                        length = lead + choice.minutes + tail
                        spans += [(first, first + length, step), (last, last + length, step)]
            places.append((use.session, self.data.once(table)))
        own = self.data.owned(places)
        scale = int(median(amounts)) * MINUTES if amounts else 1
        return self.data.write(self._profile(spans, term.capacity)), scale, own

    def _link(self, term: Link) -> tuple[int, int, dict[int, int]]:
        spans: list[tuple[int, int, int]] = []
        places, amounts = [], []
        for use in term.uses:
            largest = max(max(row) for row in use.amounts)
            columns = len(use.amounts[0])
            edges = [int(edge.of == "second") for edge in (use.since, use.until)]
            sides = [int(edge.at == "end") for edge in (use.since, use.until)]
            flat_amounts = [amount for row in use.amounts for amount in row]
            head = [use.first, use.second, use.lead, use.tail, edges[0], sides[0], edges[1], sides[1], columns]
            place = self.data.write([*head, *flat_amounts])
            places += [(use.first, place)] if use.first == use.second else [(use.first, place), (use.second, place)]
            if largest:
                amounts.append(largest)
                begins = [moment - use.lead for moment in self._moments(use.since, use.first, use.second)]
                ends = [moment + use.tail for moment in self._moments(use.until, use.first, use.second)]
                if begins and ends:
                    earliest, latest = min(begins), max(ends)
                    step = gcd(*(n - earliest for n in (*begins, *ends)))
                    spans.append((earliest, latest, step))
        own = self.data.owned(places)
        scale = int(median(amounts)) * MINUTES if amounts else 1
        return self.data.write(self._profile(spans, term.capacity)), scale, own

    def _moments(self, edge: Edge, first: int, second: int) -> set[int]:
        session = first if edge.of == "first" else second
        return {spot.start if edge.at == "start" else spot.end for spot in self.problem.spots(session)}

    def _tally(self, term: Tally) -> tuple[int, int, dict[int, int]]:
        blocks = {block: k for k, block in enumerate(dict.fromkeys(n for cells in term.cells for n in blocks_of(cells)))}
        rows = rows_of(term)
        cells = [(*row, slot) for row, slots in rows.items() for slot in slots]
        numbers = {cell: k for k, cell in enumerate(cells)}
        columns: dict[tuple[int, int], int] = {}
        column_of = [columns.setdefault((row, slot), len(columns)) for _, row, slot in cells]
        owners = {owner: k for k, owner in enumerate(dict.fromkeys(term.owners))}
        places = []
        for k, (session, where) in enumerate(zip(term.sessions, term.cells, strict=True)):
            by_choice = NONE
            if where.block:
                by_choice = self.data.once([NONE if block is None else blocks[block] for block in where.block])
            slots = range(-1, len(where.slots) or 1)
            inside = [where.at(block, slot) for block in (blocks if where.block else (0,)) for slot in slots]
            member = [
                owners[term.owners[k]] if term.owners else 0,
                by_choice,
                self.data.slots(where.slots) if where.slots else NONE,
                len(where.slots),
                self.data.once([NONE if cell is None else numbers.get(cell, NONE) for cell in inside]),
                self.data.once(term.amounts[k]) if term.amounts else NONE,
            ]
            places.append((session, self.data.write(member)))
        own = self.data.owned(places)
        heads = [n for row, slots in rows.items() for n in (numbers[(*row, slots[0])], len(slots))]
        row_of = [k for k, slots in enumerate(rows.values()) for _ in slots]
        meet, by_owner = term.what == "meetings", term.what in ("owners", "meetings")
        longest = max((len(slots) for slots in rows.values()), default=0)
        masked = term.what in ("holes", "between", "isolated", "broken") and longest <= tallies.MASKED
        worth = {"distinct": [1] * len(cells), "worth": [term.worth.get(cell, 0) for cell in cells]}.get(term.what)
        numbered = [tallies.KINDS[term.what], term.least, term.most, self.data.once(heads), self.data.kept(len(cells))]
        numbered += [self.data.kept(len(cells)), self.data.kept(len(cells)) if term.what == "owners" else NONE]
        numbered += [self.data.kept(len(cells) * len(owners)) if by_owner else NONE, self.data.once(row_of), len(cells)]
        numbered += [len(owners), self.data.kept(1), self.data.once(column_of)]
        numbered += [self.data.kept(len(columns)) if meet or term.what == "abreast" else NONE]
        numbered += [self.data.kept(len(columns) * len(owners)) if meet else NONE]
        numbered += [self.data.kept(len(columns)) if meet else NONE, NONE if worth is None else self.data.once(worth)]
        numbered += [self.data.kept(len(rows)) if masked else NONE]
        return self.data.write(numbered), 1, own

    def _extent(self, term: Extent) -> tuple[int, int, dict[int, int]]:
        what = {
            "earliest": measures.EARLIEST,
            "latest": measures.LATEST,
            "span": measures.SPAN,
            "longest": measures.LONGEST,
        }[term.what]
        least = -BOUND if term.least is None else term.least
        most = BOUND if term.most is None else term.most
        return self.data.write([what, least, most, len(term.sessions), *term.sessions]), MINUTES, {}

    def _total(self, term: Total) -> tuple[int, int, dict[int, int]]:
        least = -BOUND if term.least is None else term.least
        most = BOUND if term.most is None else term.most
        rows = zip(term.sessions, term.amounts, strict=True)
        pairs = [n for session, amounts in rows for n in (session, self.data.once(amounts))]
        greatest = [max(amounts, default=0) for amounts in term.amounts]
        return self.data.write([least, most, len(term.sessions), *pairs]), int(median(greatest)) if greatest else 1, {}

    def _group(self, term: Group) -> tuple[int, int, dict[int, int]]:
        return self.data.write([len(term.whenever), len(term.then), *term.whenever, *term.then]), 1, {}

    def _ranks(self, term: Ranks) -> tuple[int, int, dict[int, int]]:
        cells = self.data.once(term.cells) if term.cells else NONE
        wanted = (NONE if place is None else place for place in term.wanted)
        rows = zip(term.sessions, wanted, map(self.data.once, term.ranks), strict=True)
        places = [number for row in rows for number in row]
        return self.data.write([len(term.sessions), len(term.cells), cells, *places]), 1, {}

    def _tour(self, term: Tour) -> tuple[int, int, dict[int, int]]:
        kinds = len(term.step)
        steps = self.data.once([step for row in term.step for step in row])
        cells = self.data.slots(term.cells) if term.cells else NONE
        visits = [number for visit in term.visits for number in (visit.session, self._stays(visit))]
        own = self.data.owned((visit.session, k) for k, visit in enumerate(term.visits))
        order = self.data.kept(1 + len(term.visits))
        return self.data.write([len(term.visits), kinds, steps, cells, order, NONE, NONE, *visits]), 1, own


def _array(numbers: Iterable[Any], columns: int = 0) -> Numbers:
    found: Numbers = np.array(list(numbers), dtype=np.int64)
    return found.reshape(-1, columns) if columns else found.reshape(-1)
