"""One programme of a family: its scenario, its planted plan, its measured tightness, as texts of files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.families.city import DAY, City
from benchmarks.families.derive import Derived, moment
from benchmarks.families.ledger import QUARTER, Ledger, Planted
from benchmarks.families.plant import FullError, programme
from benchmarks.families.rules import Rules
from benchmarks.families.shares import (
    Block,
    PoolPlan,
    footprints,
    pool_uses,
    tightened_halls,
    tightened_pool,
    tightened_principals,
)
from benchmarks.families.tightness import HOUR, Tightness, without
from benchmarks.families.written import flow, section
from scheduler.plan import Placed, Plan, plan_json, write_whole


class Size(NamedTuple):
    """How many sessions, over which days, in about how many exclusive halls."""

    sessions: int
    start: date
    end: date
    halls: int


SIZES = {
    "day": Size(40, date(2026, 4, 15), date(2026, 4, 15), 24),
    "week": Size(200, date(2026, 4, 13), date(2026, 4, 19), 30),
    "season": Size(1_000, date(2026, 4, 1), date(2026, 6, 30), 36),
    "year": Size(4_000, date(2026, 1, 1), date(2026, 12, 31), 44),
    "10000": Size(10_000, date(2026, 1, 1), date(2026, 12, 31), 64),
}
ATTEMPTS = 50
TIGHTNESSES = (50, 75, 90)
TOLERANCE = 2.0
"""Percentage points by which each of the three shares may be off."""
POOLS = {
    "security-teams": "Security teams",
    "sweep-teams": "Sweep teams",
    "escorts": "Motorcade escorts",
    "booths": "Interpreters for booths",
    "interpreters-consecutive": "Interpreters for talks",
    "coaches": "Coaches",
    "liaison-officers": "Liaison officers",
}


class Family(NamedTuple):
    """A programme: the texts of its scenario and of its planted plan, and how tight it is."""

    id: str
    scenario: str
    plan: str
    tightness: Tightness

    def write(self, path: str | Path) -> Path:
        """Write the scenario, and the plan beside it as ``.plan.json``; return the path of the plan.

        Raises MachineError where the disk is full or the folder cannot be written, InputError where there is none.
        """
        beside = Path(path).with_suffix(".plan.json")
        write_whole(path, self.scenario)
        write_whole(beside, self.plan)
        return beside


def family(size: str, tightness: int, seed: int) -> Family:
    """Return the programme of a size, a tightness in percent and a seed; the same one each time."""
    of, name = SIZES[size], f"{size}-{tightness}-{seed}"
    return programme_of(of, tightness, name)


def programme_of(of: Size, tightness: int, name: str) -> Family:
    """Return a programme of a size that is none of the families' own; its name is its seed.

    It is drawn anew where it finds no place or a share is off by more than ``TOLERANCE``. Raises FullError where that does
    not help.
    """
    city = City(of.start, of.end)
    why = ""
    for attempt in range(ATTEMPTS):
        try:
            made = _drawn(city, of, tightness, name, f"{name} {attempt}")
        except FullError as full:
            why = str(full)
            continue
        if all(abs(share - tightness) <= TOLERANCE for share in made.tightness):
            return made
        why = f"used at peaks are {made.tightness}"
    raise FullError(f"{name} could not be planted in {ATTEMPTS} attempts: {why}")


def _drawn(city: City, of: Size, tightness: int, name: str, drawn: str) -> Family:
    planted, ledger = programme(city, drawn, of.sessions, tightness, of.halls)
    rng = Random(f"{drawn} derived")
    persons = {one.id: one.item.persons for one in planted}
    away, principals = tightened_principals(city, rng, planted, persons, tightness)
    derived = Derived(city, rng, planted, persons)
    holds, halls = _held(city, rng, derived, tightness)
    events = derived.events()
    pools = _pools(city, derived, tightness)
    measured = Tightness(halls, sum(pool.share for pool in pools.values()) / len(pools), principals)
    rules = Rules(city, rng, derived, tightness)
    written, blocks = rules.written(away), rules.blocks()
    text = [
        f"# Made up by `python -m benchmarks.families`: {len(planted):,} sessions, {len(rules.events):,} events,"
        f" {len(derived.guests):,} guest delegations, {len(derived.exclusive())} exclusive halls.",
        f"# Used at peaks: {measured} (wanted: {tightness}% each).",
        "schema: 1",
        f"id: family-{name}",
        f"name: {flow(f'Planted programme {name}')}",
        'include: ["beijing:city"]',
        f"calendar: {{timezone: Asia/Shanghai, start: {of.start}, end: {of.end}, grid: 15 min}}",
        "grades: {G1: {sweep: 6 h, escorted: true}, G2: {sweep: 2 h}, G3: {sweep: 30 min}}",
        *section("blocks", blocks),
        *section("venues", _limits(city, ledger, derived, rules)),
        *section("pools", {pool: _written_pool(city, pool, plan) for pool, plan in pools.items()}),
        *section("budgets", {"hospitality": {"amount": rules.slack(derived.spent()), "unit": "thousand CNY"}}),
        *section("delegations", derived.delegations()),
        *section("holds", _holds(city, rng, holds, planted)),
        *section("events", events, deep=True),
        *section("rules", written),
        *section("goals", rules.goals()),
        *section("pins", _pins(rng, planted, city)),
        "expect: {absent: 0}",
    ]
    return Family(f"family-{name}", "\n".join(text) + "\n", _plan(city, name, derived), measured)


def _held(city: City, rng: Random, derived: Derived, target: int) -> tuple[list[Block], float]:
    """Return the holds that bring the halls to the target; where it is passed without any, halls are added first."""
    others = [hall for hall, of in city.halls.items() if of.pooled is None and len(of.parts) == 1]
    others = [hall for hall in others if hall not in set(derived.exclusive())]
    rng.shuffle(others)
    while True:
        holds, share = tightened_halls(city, rng, derived.planted, derived.exclusive(), target)
        if share <= target + TOLERANCE / 2 or not others:
            return holds, share
        while others and not derived.admit(others.pop()):
            pass


def _pools(city: City, derived: Derived, target: int) -> dict[str, PoolPlan]:
    taken: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for one in derived.planted:
        for pool, begin, end, units in pool_uses(one, one.item.uses):
            taken[pool].append((begin, end, units))
    taken["liaison-officers"] += derived.liaison()
    return {pool: tightened_pool(city.days, taken[pool], target) for pool in POOLS if pool in taken}


def _written_pool(city: City, pool: str, plan: PoolPlan) -> dict[str, Any]:
    during = {
        f"p{number}": {"from": moment(city, begin), "to": moment(city, end), "capacity": units}
        for number, (begin, end, units) in enumerate(plan.during, 1)
    }
    return {"name": POOLS[pool], "capacity": plan.capacity, "during": during}


def _limits(city: City, ledger: Ledger, derived: Derived, rules: Rules) -> dict[str, Any]:
    """Return limits for the venues in use that the library gives none."""
    found: dict[str, Any] = {}
    for venue in dict.fromkeys(one.venue for one in derived.planted):
        if city.scenario.venues[venue].limits.sessions is None:
            people, sessions, _ = ledger.most_at(venue)
            found[venue] = {"limits": {"attendance": rules.slack(people), "sessions": rules.slack(sessions)}}
    return found


def _holds(city: City, rng: Random, holds: list[Block], planted: list[Planted]) -> dict[str, Any]:
    """Return the section ``holds``: those for good, and a few more that may be displaced."""
    found: dict[str, Any] = {}
    for number, block in enumerate(sorted(holds, key=lambda block: (block.begin, block.who)), 1):
        span = {"from": moment(city, block.begin), "to": moment(city, block.end)}
        found[f"h{number}"] = {"hall": block.who, **span, "by": "Others"}
    return found | {f"d{number}": hold for number, hold in enumerate(_displaceable(city, rng, planted), 1)}


def _displaceable(city: City, rng: Random, planted: list[Planted]) -> Iterator[dict[str, Any]]:
    """Yield claims of others that have a price, one for fifty sessions: where the planted plan has nothing."""
    taken = footprints(city, planted)
    for hall in rng.choices(sorted(taken), k=max(2, len(planted) // 50)):
        idle = without([(7 * HOUR, city.days * DAY - HOUR)], taken[hall])
        begin, end = rng.choice(idle)
        begin = begin + rng.randrange(max(1, (end - begin) // QUARTER)) // 4 * 4 * QUARTER
        end = min(end, begin + rng.choice((4, 8, 24)) * HOUR)
        if end - begin >= HOUR:
            span = {"from": moment(city, begin), "to": moment(city, end)}
            yield {"hall": hall, **span, "by": "Others", "price": rng.choice((20, 40, 80))}


def _pins(rng: Random, planted: list[Planted], city: City) -> dict[str, Any]:
    """Pin one session in fifty where it was planted, as if it had been announced."""
    told = [one for one in planted if one.item.days == 1 and one.item.series == ""]
    chosen = {one.id for one in rng.sample(told, max(1, len(planted) // 50))}
    return {one.id: {"hall": one.hall, "start": moment(city, one.start)} for one in told if one.id in chosen}


def _plan(city: City, name: str, derived: Derived) -> str:
    """Return the planted plan as the text of a plan file."""
    at = city.scenario.calendar.moment
    sessions = {
        one.id: Placed(
            option=derived.options.get(one.id),
            hall=one.hall,
            start=at(one.start),
            end=at(one.end),
        )
        for one in derived.planted
    }
    return plan_json(Plan(scenario=f"family-{name}", sessions=sessions, homes=derived.homes))
