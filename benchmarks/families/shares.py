"""Brings a planted plan to the tightness that is wanted: by holds, by times at which leaders are away, by capacities.

The planted plan keeps its places and hours: what is taken away was free in it. Where it uses more than is wanted, halls are
added that it does not use, and principals are spared sessions of many.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import numpy as np

from benchmarks.families.city import DAY, City
from benchmarks.families.kinds import HOST_LEADERS
from benchmarks.families.ledger import QUARTER, Planted
from benchmarks.families.tightness import (
    FIRST,
    HOUR,
    add_hours,
    by_hour,
    joined,
    peaks_of,
    share,
    without,
)

Span = tuple[int, int]


class Block(NamedTuple):
    """A span that is taken away from a hall or a principal."""

    who: str
    begin: int
    end: int


def footprints(city: City, planted: Iterable[Planted]) -> dict[str, list[Span]]:
    """Return when each exclusive hall is taken, from sweep and move-in to move-out."""
    taken: dict[str, list[Span]] = {}
    for one in planted:
        if city.halls[one.hall].pooled is None:
            for part in city.halls[one.hall].parts:
                span = (one.start - one.item.move_in - one.sweep, one.end + one.item.move_out)
                taken.setdefault(part, []).append(span)
    return {hall: joined(spans) for hall, spans in taken.items()}


def is_principal(person: str) -> bool:
    """Return whether somebody heads a delegation, or is a leader of the host."""
    delegation, _, role = person.partition(".")
    return role == "principal" or (delegation == "host" and role in HOST_LEADERS)


def diaries(city: City, planted: Iterable[Planted], persons: dict[str, tuple[str, ...]]) -> dict[str, list[Span]]:
    """Return when each principal is at a session, or on the way from one to the next on a day."""
    stops: dict[str, list[Planted]] = {}
    for one in planted:
        for person in persons[one.id]:
            if is_principal(person):
                stops.setdefault(person, []).append(one)
    found = {}
    for person, sessions in sorted(stops.items()):
        sessions.sort(key=lambda one: one.start)
        spans = [(one.start, one.end) for one in sessions]
        for before, after in pairwise(sessions):
            if before.start // DAY == after.start // DAY:
                spans.append((after.start - city.minutes(before.venue, after.venue), after.start))
        found[person] = joined(spans)
    return found


def present(person: str, busy: list[Span], days: int) -> Span:
    """Return from when to when a principal is in the city."""
    return (0, days * DAY) if person.startswith("host.") else (busy[0][0], busy[-1][1])


def blocks_for(
    rng: Random, idle: dict[str, list[Span]], peaks: np.ndarray, excess: int, least: int
) -> tuple[list[Block], int]:
    """Return spans that take away ``excess`` minutes of idle peak hours, and how many they take.

    Each runs from the first idle peak hour of a stretch to its last, over a night at most; the longest come first. The last
    one is cut to whole quarters of an hour.
    """
    found: list[tuple[int, float, Block]] = []
    for who, spans in sorted(idle.items()):
        for begin, end in spans:
            hours = peaks[np.searchsorted(peaks, begin // HOUR) : np.searchsorted(peaks, -(-end // HOUR))]
            runs: list[list[int]] = []
            for hour in hours.tolist():
                if runs and hour - runs[-1][-1] <= 16:
                    runs[-1].append(hour)
                else:
                    runs.append([hour])
            for run in runs:
                since, until = max(begin, run[0] * HOUR), min(end, (run[-1] + 1) * HOUR)
                since, until = -(-since // QUARTER) * QUARTER, until // QUARTER * QUARTER
                worth = _within(since, until, peaks)
                if until - since >= least and worth:
                    found.append((worth, rng.random(), Block(who, since, until)))
    chosen: list[Block] = []
    gone = 0
    for worth, _, block in sorted(found, key=lambda one: (-one[0], one[1])):
        if gone + worth <= excess:
            chosen.append(block)
            gone += worth
    for worth, _, block in sorted(found, key=lambda one: (one[0], one[1])):
        if excess - gone >= least and block not in chosen and worth > excess - gone:
            begin = next(hour for hour in peaks.tolist() if (hour + 1) * HOUR > block.begin) * HOUR
            begin = max(block.begin, begin)
            end = min(block.end, begin + (excess - gone) // QUARTER * QUARTER)
            chosen.append(Block(block.who, begin, end))
            gone += _within(begin, end, peaks)
            break
    return chosen, gone


def _within(begin: int, end: int, peaks: np.ndarray) -> int:
    hours = peaks[np.searchsorted(peaks, begin // HOUR) : np.searchsorted(peaks, -(-end // HOUR))]
    return sum(min(end, (hour + 1) * HOUR) - max(begin, hour * HOUR) for hour in hours.tolist())


def hall_supply(city: City, halls: Iterable[str], holds: Iterable[Block] = ()) -> dict[str, list[Span]]:
    """Return when each hall can be had: not closed, not held."""
    held: dict[str, list[Span]] = {}
    for hold in holds:
        held.setdefault(hold.who, []).append((hold.begin, hold.end))
    return {hall: without([(0, city.days * DAY)], [*city.closed[hall], *held.get(hall, [])]) for hall in halls}


def hours_of(days: int, spans: dict[str, list[Span]]) -> np.ndarray:
    """Return the minutes of all spans in each hour."""
    hours = by_hour(days, ())
    for each in spans.values():
        add_hours(hours, each)
    return hours


def tightened_halls(
    city: City, rng: Random, planted: list[Planted], halls: list[str], target: int
) -> tuple[list[Block], float]:
    """Return the holds that bring the halls to the target, and the share that is then measured."""
    taken = {hall: footprints(city, planted).get(hall, []) for hall in halls}
    used = hours_of(city.days, taken)
    peaks = peaks_of(used)
    supply = hall_supply(city, halls)
    there = hours_of(city.days, supply)
    excess = int(there[peaks].sum()) - round(int(used[peaks].sum()) * 100 / target)
    idle = {hall: without(supply[hall], [(a - QUARTER, b + QUARTER) for a, b in taken[hall]]) for hall in halls}
    holds = blocks_for(rng, idle, peaks, excess, HOUR // 2)[0] if excess > 0 else []
    there = hours_of(city.days, hall_supply(city, halls, holds))
    return holds, share(used, there, peaks)


def tightened_principals(
    city: City, rng: Random, planted: list[Planted], persons: dict[str, tuple[str, ...]], target: int
) -> tuple[list[Block], float]:
    """Return when principals are away to bring their time to the target, and the share that is then measured.

    ``persons`` says who attends each session; where that is more than the target asks for, principals are taken out of
    sessions that three and more of them attend, but the last guest.
    """
    many = [one.id for one in planted if sum(map(is_principal, persons[one.id])) >= 3]
    while True:
        busy = diaries(city, planted, persons)
        used = hours_of(city.days, busy)
        peaks = peaks_of(used)
        stays = {person: [present(person, spans, city.days)] for person, spans in busy.items()}
        there = hours_of(city.days, stays)
        if share(used, there, peaks) <= target + 0.5 or not many:
            break
        at_peaks = set((peaks * HOUR).tolist())
        hot = [one.id for one in planted if one.id in many and at_peaks & {*range(one.start // HOUR * HOUR, one.end, HOUR)}]
        for name in hot or many:
            there_now = [person for person in persons[name] if is_principal(person) and not person.startswith("host.")]
            if len(there_now) < 2:
                many.remove(name)
                continue
            spared = rng.choice(there_now)
            persons[name] = tuple(person for person in persons[name] if person != spared)
    excess = int(there[peaks].sum()) - round(int(used[peaks].sum()) * 100 / target)
    idle = {person: without(stays[person], busy[person]) for person in busy}
    away = blocks_for(rng, idle, peaks, excess, HOUR // 2)[0] if excess > 0 else []
    gone: dict[str, list[Span]] = {}
    for block in away:
        gone.setdefault(block.who, []).append((block.begin, block.end))
    there = hours_of(city.days, {person: without(stays[person], gone.get(person, [])) for person in stays})
    return away, share(used, there, peaks)


class PoolPlan(NamedTuple):
    """The capacity of a pool: outside the peaks, and in the spans around them; with the share that is measured."""

    capacity: int
    during: list[tuple[int, int, int]]
    share: float


def tightened_pool(days: int, taken: list[tuple[int, int, int]], target: int) -> PoolPlan:
    """Return the capacities of a pool that bring what is taken of it (from, to, units) to the target at its peaks."""
    margin = 3 * DAY
    profile = np.zeros(days * DAY + 2 * margin, np.int64)
    for begin, end, units in taken:
        profile[begin + margin : end + margin] += units
    inside = profile[margin : margin + days * DAY]
    used = inside.reshape(-1, HOUR).sum(axis=1)
    peaks = peaks_of(used)
    runs: list[list[int]] = []
    for hour in peaks.tolist():
        if runs and runs[-1][1] == hour * HOUR and hour % 24 != FIRST:
            runs[-1][1] += HOUR
        else:
            runs.append([hour * HOUR, (hour + 1) * HOUR])
    wanted = float(used[peaks].sum()) * 100 / target
    spans = [(begin, end) for begin, end in runs]
    floor = _cost(inside, spans)
    for step in (HOUR, QUARTER):
        if floor > wanted * 1.01:
            spans = [(at, min(end, at + step)) for begin, end in runs for at in range(begin, end, step)]
            floor = _cost(inside, spans)
    during = _raised(inside, spans, wanted)
    outside = profile.copy()
    for begin, end in runs:
        outside[begin + margin : end + margin] = 0
    capacity = int(outside.max()) + max(1, int(outside.max()) // 8)
    there = sum((end - begin) * units for begin, end, units in during)
    return PoolPlan(capacity, _merged(during), 100 * float(used[peaks].sum()) / max(1, there))


def _cost(profile: np.ndarray, spans: list[Span]) -> int:
    return int(sum((end - begin) * int(profile[begin:end].max()) for begin, end in spans))


def _raised(profile: np.ndarray, spans: list[Span], wanted: float) -> list[tuple[int, int, int]]:
    """Return capacities that hold what is used in each span and add up to the wanted units x minutes."""
    least = [int(profile[begin:end].max()) for begin, end in spans]
    lengths = [end - begin for begin, end in spans]
    low, high = 1.0, 100.0
    for _ in range(40):
        factor = (low + high) / 2
        total = sum(length * max(1, round(units * factor)) for length, units in zip(lengths, least, strict=True))
        low, high = (factor, high) if total < wanted else (low, factor)
    found = [[begin, end, max(1, round(units * low))] for (begin, end), units in zip(spans, least, strict=True)]
    missing = wanted - sum((end - begin) * units for begin, end, units in found)
    for entry in found:
        if missing >= entry[1] - entry[0]:
            entry[2] += 1
            missing -= entry[1] - entry[0]
    return [(begin, end, units) for begin, end, units in found]


def _merged(during: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for begin, end, units in during:
        if found and found[-1][1:] == (begin, units):
            found[-1] = (found[-1][0], end, units)
        else:
            found.append((begin, end, units))
    return found


def pool_uses(one: Planted, uses: dict[str, dict[str, Any]]) -> Iterable[tuple[str, int, int, int]]:
    """Yield what a planted session takes of pools: the pool, from when to when, how many units."""
    for pool, use in uses.items():
        units = use.get("amount", 0) + use.get("per-delegation", 0) * len(one.item.delegations)
        if "per-people" in use:
            units += -(-one.item.people // use["per-people"])
        if use["phase"] == "session":
            spans = one.hours
        elif use["phase"] == "wave":
            wave = int(use["wave"].split()[0])
            spans = [(one.start - wave, one.start), (one.end, one.end + wave)]
        else:
            spans = [(one.start - one.sweep, one.start)]
        for begin, end in spans:
            yield pool, begin, end, units
