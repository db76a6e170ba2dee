"""What each term measures after one session has moved, on flat tables: the same figures as the terms' own ``measure``.

Tables are laid out in :mod:`scheduler.engine.annealing.tables`; everything is a whole number at a position in ``data``.
Terms that count over time or cells keep their counts in ``counts``.
"""

from __future__ import annotations

from scheduler.engine.annealing.compiled import BOOL, INT, ROW, ROWS, compiled
from scheduler.engine.annealing.lookups import NONE as NONE
from scheduler.engine.annealing.lookups import Array, last_not_after, outside, slot_of
from scheduler.engine.annealing.orders import ORDER, VISITS, detour, ranks, reorder, standing
from scheduler.engine.annealing.tallies import tally

PRICE, RELATION, SEQUENCE, CUMULATIVE, LINK, TALLY, EXTENT, TOTAL, GROUP, TOUR, RANKS = range(11)
LAG, CLEAR, TABLE, MATCH = range(4)
EARLIEST, LATEST, SPAN, LONGEST = range(4)


@compiled(INT, ROW, INT, INT, INT, INT)
def price(data: Array, at: int, choice: int, start: int, end: int) -> int:
    """PlacementPrice: [absent, at_end, choices, slopes, by choice…, begins…, prices…, per minute…]."""
    if choice < 0:
        return data[at]
    found = 0
    choices, slopes = data[at + 2], data[at + 3]
    table = at + 4
    if choices:
        found = data[table + choice]
    if slopes:
        begins = table + choices
        minute = end if data[at + 1] else start
        k = max(0, last_not_after(data, begins, slopes, minute))
        found += data[begins + slopes + k] + data[begins + 2 * slopes + k] * (minute - data[begins + k])
    return found


@compiled(BOOL, ROW, INT, INT, INT, INT, INT, INT, INT)
def matches(data: Array, match: int, first: int, second: int, a: int, a_start: int, b: int, b_start: int) -> bool:
    """Match: [cells or -1, columns, matrix…], by choice where ``first`` and ``second`` are positions of values."""
    cells, columns = data[match], data[match + 1]
    if cells >= 0:
        row, column = slot_of(data, cells, a_start) + 1, slot_of(data, cells, b_start) + 1
    else:
        row, column = data[first + a], data[second + b]
    return data[match + 2 + row * columns + column] != 0


@compiled(INT, ROW, INT, INT, INT, INT, INT, INT, INT, inlined=True)
def relation(data: Array, at: int, a: int, a_start: int, a_end: int, b: int, b_start: int, b_end: int) -> int:
    """Relation: [first, second, kind of then, then, its first, its second, when, its first, its second]."""
    if a < 0 or b < 0:
        return 0
    kind, then = data[at + 2], data[at + 3]
    if kind == LAG:
        missing = outside(b_start - (a_start if data[then + 2] else a_end), data[then], data[then + 1])
        if data[then + 3]:
            missing = min(1, missing)
    elif kind == CLEAR:
        missing = max(0, min(a_end + data[then] - b_start, b_end + data[then + 1] - a_start))
    elif kind == TABLE:
        missing = data[then + 1 + data[data[at + 4] + a] * data[then] + data[data[at + 5] + b]]
    else:
        missing = 0 if matches(data, then, data[at + 4], data[at + 5], a, a_start, b, b_start) else 1
    if missing == 0:
        return 0
    when = data[at + 6]
    if when != NONE and not matches(data, when, data[at + 7], data[at + 8], a, a_start, b, b_start):
        return 0
    return missing


@compiled(INT, ROW, INT, INT, INT, INT, INT)
def delayed(data: Array, delays: int, kinds: int, kind: int, other: int, end: int) -> int:
    """Return the minutes of a delay: [ends, ends…, minutes…] at the position that the matrix of delays has."""
    if delays == NONE:
        return 0
    delay = data[delays + kind * kinds + other]
    if delay == NONE:
        return 0
    count = data[delay]
    return data[delay + 1 + count + max(0, last_not_after(data, delay + 1, count, end))]


@compiled(INT, ROW, INT, INT, INT, INT)
def gap_between(data: Array, at: int, before: int, after: int, end: int) -> int:
    """Return the minutes from the end of one stay to the start of the next in a Sequence."""
    kinds, kind, other = data[at + 1], data[before], data[after]
    gap = data[before + 2] + data[data[at + 2] + kind * kinds + other] + data[after + 1]
    return gap + delayed(data, data[at + 3], kinds, kind, other, end)


@compiled(INT, ROW, INT, INT, INT, INT, INT, INT, INT, inlined=True)
def missing_between(
    data: Array, at: int, own: int, start: int, end: int, other: int, other_start: int, other_end: int
) -> int:
    """Return the minutes missing between two stays (positions of kind, lead, tail) of a Sequence."""
    first = end + gap_between(data, at, own, other, end) - other_start
    if first <= 0:
        return 0
    return max(0, min(first, other_end + gap_between(data, at, other, own, other_end) - start))


@compiled(INT, ROW, ROW, ROWS, INT, INT, INT, INT, INT, INT)
def visits_missing(
    data: Array, counts: Array, spots: Array, at: int, own: int, session: int, choice: int, start: int, end: int
) -> int:
    """Return the minutes missing in a Sequence between one session and all others.

    Sequence: [visits, kinds, changeover, delays, order, reach, reach back, (session, stays)…]; stays are (kind or -1, lead,
    tail) by choice. Who starts ``reach`` after another's end, or ``reach back`` before its start, is never in its way.
    ``own``: the session's positions in it, [count, positions…].
    """
    if choice < 0:
        return 0
    total, first = 0, NONE
    order, until = data[at + ORDER], end + data[at + 5]
    for mine in range(data[own]):
        k = data[own + 1 + mine]
        stay = data[at + VISITS + 1 + 2 * k] + 3 * choice
        if data[stay] < 0:
            continue
        for earlier in range(mine):
            twin = data[at + VISITS + 1 + 2 * data[own + 1 + earlier]] + 3 * choice
            if data[twin] >= 0:
                total += missing_between(data, at, twin, start, end, stay, start, end)
        if first < 0:
            first = standing(data, counts, spots, at, start - data[at + 6] + 1, 0)
        for place in range(first, counts[order]):
            other = counts[order + 1 + place]
            who = data[at + VISITS + 2 * other]
            if spots[who, 1] >= until:
                break
            if who != session:
                stays = data[at + VISITS + 1 + 2 * other] + 3 * spots[who, 0]
                total += missing_between(data, at, stay, start, end, stays, spots[who, 1], spots[who, 2])
    return total


@compiled(INT, ROW, ROW, INT, INT, INT, INT)
def take(data: Array, counts: Array, at: int, begin: int, end: int, amount: int) -> int:
    """Add an amount from one minute to another; return by how much the excess grows.

    Profile: [resolution, origin, capacity, counts].
    """
    if amount == 0 or end <= begin:
        return 0
    resolution, origin = data[at], data[at + 1]
    capacity, used = data[at + 2], data[at + 3]
    grown = 0
    for cell in range((begin - origin) // resolution, (end - origin) // resolution):
        most = data[capacity + cell]
        before = counts[used + cell]
        counts[used + cell] = before + amount
        grown += max(0, before + amount - most) - max(0, before - most)
    return grown * resolution


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT, INT)
def use(data: Array, counts: Array, at: int, own: int, choice: int, start: int, end: int, sign: int) -> int:
    """Add (or take back) what a session uses of a Cumulative: [count, positions of (amount, lead, tail) by choice…]."""
    if choice < 0:
        return 0
    grown = 0
    for mine in range(data[own]):
        amount = data[own + 1 + mine] + 3 * choice
        if data[amount]:
            grown += take(data, counts, at, start - data[amount + 1], end + data[amount + 2], sign * data[amount])
    return grown


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT)
def above(data: Array, counts: Array, capacity: int, used: int, first: int, last: int, amount: int) -> int:
    """Return the sum over cells of what one amount more would be above the capacity."""
    excess = 0
    for cell in range(first, last):
        excess += max(0, counts[used + cell] + amount - data[capacity + cell])
    return excess


@compiled(INT, ROW, ROW, INT, INT, INT, INT, INT, INT, INT, INT)
def passed(
    data: Array,
    counts: Array,
    at: int,
    own: int,
    old: int,
    old_start: int,
    old_end: int,
    choice: int,
    start: int,
    end: int,
) -> int:
    """Return the excess of a Cumulative that has none now, once its one use by a session is elsewhere; counts stay."""
    if choice < 0:
        return 0
    amounts = data[own + 1]
    new = amounts + 3 * choice
    amount = data[new]
    if amount == 0:
        return 0
    resolution, origin = data[at], data[at + 1]
    capacity, used = data[at + 2], data[at + 3]
    taken, gone_from, gone_to = 0, 0, 0
    if old >= 0:
        was = amounts + 3 * old
        taken = data[was]
        gone_from = (old_start - data[was + 1] - origin) // resolution
        gone_to = (old_end + data[was + 2] - origin) // resolution
    first = (start - data[new + 1] - origin) // resolution
    last = (end + data[new + 2] - origin) // resolution
    gone_from, gone_to = min(max(gone_from, first), last), min(max(gone_to, first), last)
    excess = above(data, counts, capacity, used, first, gone_from, amount)
    excess += above(data, counts, capacity, used, gone_from, gone_to, amount - taken)
    return resolution * (excess + above(data, counts, capacity, used, gone_to, last, amount))


@compiled(INT, ROW, ROW, INT, ROWS, INT, INT, INT, INT, INT, INT)
def link(
    data: Array, counts: Array, at: int, spots: Array, own: int, session: int, choice: int, start: int, end: int, sign: int
) -> int:
    """Add (or take back) the uses of a Link in which a session takes part: [count, positions of uses…].

    A use: [first, second, lead, tail, since second, since end, until second, until end, columns, amounts…].
    """
    if choice < 0:
        return 0
    grown = 0
    for mine in range(data[own]):
        entry = data[own + 1 + mine]
        first, second = data[entry], data[entry + 1]
        a, a_start, a_end = spots[first, 0], spots[first, 1], spots[first, 2]
        b, b_start, b_end = spots[second, 0], spots[second, 1], spots[second, 2]
        if first == session:
            a, a_start, a_end = choice, start, end
        if second == session:
            b, b_start, b_end = choice, start, end
        if a < 0 or b < 0:
            continue
        since = (b_end if data[entry + 5] else b_start) if data[entry + 4] else (a_end if data[entry + 5] else a_start)
        until = (b_end if data[entry + 7] else b_start) if data[entry + 6] else (a_end if data[entry + 7] else a_start)
        amount = data[entry + 9 + a * data[entry + 8] + b]
        grown += take(data, counts, at, since - data[entry + 2], until + data[entry + 3], sign * amount)
    return grown


@compiled(INT, ROW, INT, ROWS, INT, INT, INT, INT)
def extent(data: Array, at: int, spots: Array, session: int, choice: int, start: int, end: int) -> int:
    """Extent: [what, least, most, count, sessions…]."""
    earliest, latest, longest = 1 << 60, -(1 << 60), 0
    for k in range(data[at + 3]):
        who = data[at + 4 + k]
        here, begin, until = (choice, start, end) if who == session else (spots[who, 0], spots[who, 1], spots[who, 2])
        if here >= 0:
            earliest, latest, longest = min(earliest, begin), max(latest, until), max(longest, until - begin)
    if longest == 0 and latest < earliest:
        return 0
    what = data[at]
    value = longest
    if what == EARLIEST:
        value = earliest
    elif what == LATEST:
        value = latest
    elif what == SPAN:
        value = latest - earliest
    return outside(value, data[at + 1], data[at + 2])


@compiled(INT, ROW, INT, ROWS, INT, INT)
def total(data: Array, at: int, spots: Array, session: int, choice: int) -> int:
    """Total: [least, most, count, (session, amounts)…]."""
    found = 0
    for k in range(data[at + 2]):
        who = data[at + 3 + 2 * k]
        here = choice if who == session else spots[who, 0]
        if here >= 0:
            found += data[data[at + 4 + 2 * k] + here]
    return outside(found, data[at], data[at + 1])


@compiled(INT, ROW, INT, ROWS, INT, INT)
def group(data: Array, at: int, spots: Array, session: int, choice: int) -> int:
    """Group: [count of whenever, count of then, whenever…, then…]."""
    whenever, then = data[at], data[at + 1]
    asked = whenever == 0
    for k in range(whenever):
        who = data[at + 2 + k]
        if (choice if who == session else spots[who, 0]) >= 0:
            asked = True
            break
    missing = 0
    if asked:
        for k in range(then):
            who = data[at + 2 + whenever + k]
            if (choice if who == session else spots[who, 0]) < 0:
                missing += 1
    return missing


@compiled(INT, ROW, ROW, ROWS, INT, INT, INT, INT, INT, INT, INT, INT, BOOL)
def moved_of_many(
    data: Array,
    counts: Array,
    spots: Array,
    kind: int,
    at: int,
    own: int,
    value: int,
    session: int,
    choice: int,
    start: int,
    end: int,
    keep: bool,
) -> int:
    """Return what ``moved`` does, of a term that is no relation."""
    old, old_start, old_end = spots[session, 0], spots[session, 1], spots[session, 2]
    if kind == PRICE:
        return price(data, at, choice, start, end)
    if kind == SEQUENCE:
        was = visits_missing(data, counts, spots, at, own, session, old, old_start, old_end) if value else 0
        found = value - was + visits_missing(data, counts, spots, at, own, session, choice, start, end)
        if keep:
            reorder(data, counts, spots, at, own, session, old, choice, start)
        return found
    if kind == CUMULATIVE:
        if value == 0 and not keep and data[own] == 1:
            return passed(data, counts, at, own, old, old_start, old_end, choice, start, end)
        grown = use(data, counts, at, own, old, old_start, old_end, -1)
        grown += use(data, counts, at, own, choice, start, end, 1)
        if not keep:
            use(data, counts, at, own, choice, start, end, -1)
            use(data, counts, at, own, old, old_start, old_end, 1)
        return value + grown
    if kind == LINK:
        grown = link(data, counts, at, spots, own, session, old, old_start, old_end, -1)
        grown += link(data, counts, at, spots, own, session, choice, start, end, 1)
        if not keep:
            link(data, counts, at, spots, own, session, choice, start, end, -1)
            link(data, counts, at, spots, own, session, old, old_start, old_end, 1)
        return value + grown
    if kind == TALLY:
        return tally(data, counts, at, own, value, old, old_start, choice, start, keep)
    if kind == EXTENT:
        return extent(data, at, spots, session, choice, start, end)
    if kind == TOTAL:
        return total(data, at, spots, session, choice)
    if kind == GROUP:
        return value if (old < 0) == (choice < 0) and old >= 0 else group(data, at, spots, session, choice)
    if kind == RANKS:
        return ranks(data, at, spots, session, choice, start)
    found = value - detour(data, counts, spots, at, own, session, old, old_start)
    found += detour(data, counts, spots, at, own, session, choice, start)
    if keep:
        reorder(data, counts, spots, at, own, session, old, choice, start)
    return found


@compiled(INT, ROW, ROW, ROWS, INT, INT, INT, INT, INT, INT, INT, INT, BOOL, inlined=True)
def moved(
    data: Array,
    counts: Array,
    spots: Array,
    kind: int,
    at: int,
    own: int,
    value: int,
    session: int,
    choice: int,
    start: int,
    end: int,
    keep: bool,
) -> int:
    """Return what a term, of this value now, measures once a session is at a new spot; ``keep`` changes its counts too."""
    if kind == RELATION:
        first, second = data[at], data[at + 1]
        if first == second:
            return relation(data, at, choice, start, end, choice, start, end)
        if first == session:
            return relation(data, at, choice, start, end, spots[second, 0], spots[second, 1], spots[second, 2])
        return relation(data, at, spots[first, 0], spots[first, 1], spots[first, 2], choice, start, end)
    return moved_of_many(data, counts, spots, kind, at, own, value, session, choice, start, end, keep)
