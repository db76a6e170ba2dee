"""The planted programmes of the benchmarks: their plans keep all rules, and they are as tight as they say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import ceil
from pathlib import Path

import pytest

from benchmarks.families import SIZES, TIGHTNESSES, TOLERANCE, Family, family
from benchmarks.families.kinds import HOST_LEADERS
from scheduler.check import check
from scheduler.load import Loaded, load
from scheduler.plan import Plan, read_plan
from scheduler.rules import families
from scheduler.scenario.scenario import Scenario

HOME = Path(__file__).parents[1]
DRAWN = [("day", tightness, seed) for tightness in TIGHTNESSES for seed in (1, 2)] + [("week", 75, 1)]
Minutes = Counter[datetime]


@cache
def drawn(size: str, tightness: int, seed: int) -> Family:
    return family(size, tightness, seed)


@pytest.fixture(scope="module", params=DRAWN, ids=lambda of: "-".join(map(str, of)))
def programme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Family, int, Loaded, Plan]:
    size, tightness, seed = request.param
    made = drawn(size, tightness, seed)
    path = tmp_path_factory.mktemp("families") / "programme.yaml"
    beside = made.write(path)
    assert beside.name == "programme.plan.json"
    loaded = load(path)
    return made, tightness, loaded, read_plan(beside, loaded.scenario.calendar.timezone)


def test_the_planted_plan_keeps_all_rules(programme: tuple[Family, int, Loaded, Plan]) -> None:
    made, _, loaded, plan = programme
    report = check(loaded, plan)
    assert report.findings == ()
    assert report.tiers[1] == 0, "everything is held, and nobody is displaced"
    size = made.id.split("-")[1]
    assert len(plan.sessions) == len(loaded.scenario.sessions) == SIZES[size].sessions


def test_it_is_as_tight_as_it_says(programme: tuple[Family, int, Loaded, Plan]) -> None:
    """Each share is counted here minute by minute, from the loaded scenario and its plan alone."""
    made, tightness, loaded, plan = programme
    scenario = loaded.scenario
    pools = [_pool_share(scenario, plan, pool) for pool in scenario.file.pools]
    counted = (_hall_share(scenario, plan), sum(pools) / len(pools), _principal_share(loaded, plan))
    assert counted == pytest.approx(tuple(made.tightness), abs=1e-6)
    assert all(abs(share - tightness) <= TOLERANCE for share in counted)
    assert f"# Used at peaks: {made.tightness} (wanted: {tightness}% each)." in made.scenario.splitlines()


def test_every_rule_family_takes_part(programme: tuple[Family, int, Loaded, Plan]) -> None:
    _, _, loaded, _ = programme
    goals = {"hold-events", "displaced-holds", "preferred-times", "preferred-venues", "travel-minutes"}
    there = {rule.family for rule in loaded.rules}
    wanted = {name for name, family in families().items() if not hasattr(family, "measure")}
    assert wanted - there == set()
    assert goals <= there
    file = loaded.scenario.file
    assert all((file.pins, file.pools, file.budgets, file.holds))  # of which rules that always stand speak
    assert any(hold.price is not None for hold in file.holds.values())
    assert any(event.optional for event in file.events.values())


def test_the_plan_is_not_given_away(programme: tuple[Family, int, Loaded, Plan]) -> None:
    """Windows are hours to days, most sessions have halls to choose from, and wishes lie beside the planted plan."""
    _, _, loaded, plan = programme
    sessions = loaded.scenario.sessions.values()
    halls = sorted(len({hall for way in session.ways for hall in way.halls}) for session in sessions)
    assert halls[len(halls) // 2] >= 6
    free = [session for session in sessions if session.daily is None]
    for session in free:
        windows = [window.span(loaded.scenario.calendar) for window in session.windows]
        assert sum((end - begin for begin, end in windows), timedelta()) >= timedelta(minutes=session.ways[0].minutes)
    exact = sum(session.prefer.start == plan.sessions[session.id].start for session in free)
    assert exact < len(free) / 2


def test_one_seed_gives_the_same_bytes_on_every_run(tmp_path: Path) -> None:
    texts = []
    for hashing in ("1", "2"):
        file = tmp_path / f"{hashing}.yaml"
        command = [sys.executable, "-m", "benchmarks.families", "day", "75", "3", "-o", str(file)]
        said = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=HOME, env={**os.environ, "PYTHONHASHSEED": hashing}
        )
        assert "used at peaks halls" in said.stdout
        texts.append((file.read_bytes(), file.with_suffix(".plan.json").read_bytes()))
    assert texts[0] == texts[1]
    assert texts[0][0].decode() != drawn("day", 75, 1).scenario


def test_a_folder_that_is_not_there_is_told() -> None:
    command = [sys.executable, "-m", "benchmarks.families", "day", "50", "1", "-o", "nowhere/day.yaml"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=HOME, check=False)
    assert said.returncode == 2
    assert said.stderr.startswith("nowhere/day.yaml: cannot write")


def _minutes(begin: datetime, end: datetime, amount: int = 1) -> Minutes:
    """Return each minute of a span."""
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    return Counter({begin + timedelta(minutes=k): amount for k in range(int((end - begin) / timedelta(minutes=1)))})


def _at_peaks(scenario: Scenario, used: Minutes, there: Minutes) -> float:
    """Return what is used in the busiest tenth of the hours from 07:00 to 23:00, in percent of what there is."""
    calendar = scenario.calendar
    hours = [calendar.wall(day, hour * 60).astimezone(UTC) for day in calendar.days() for hour in range(7, 23)]
    by_hour: Counter[datetime] = Counter()
    there_by_hour: Counter[datetime] = Counter()
    for minutes, found in ((used, by_hour), (there, there_by_hour)):
        for minute, amount in minutes.items():
            found[minute.replace(minute=0)] += amount
    peaks = sorted(hours, key=lambda hour: (-by_hour[hour], hour))[: ceil(len(hours) / 10)]
    return 100 * sum(by_hour[hour] for hour in peaks) / sum(there_by_hour[hour] for hour in peaks)


def _whole(scenario: Scenario) -> tuple[datetime, datetime]:
    calendar = scenario.calendar
    return calendar.midnight(calendar.start), calendar.midnight(calendar.end + timedelta(days=1))


def _hall_share(scenario: Scenario, plan: Plan) -> float:
    bookables = scenario.bookables
    named = {hall for session in scenario.sessions.values() for way in session.ways for hall in way.halls}
    parts = {part for hall in named for part in bookables[hall].parts if bookables[part].pooled is None}
    used: Minutes = Counter()
    there: Minutes = Counter()
    for part in parts:
        taken: set[datetime] = set()
        for name, placed in plan.sessions.items():
            if part in bookables[placed.hall].parts:
                session = scenario.sessions[name]
                lead = timedelta(minutes=session.move_in + scenario.sweeps[session.envelope])
                taken |= _minutes(placed.start - lead, placed.end + timedelta(minutes=session.move_out)).keys()
        used.update(taken)
        free = set(_minutes(*_whole(scenario)))
        for hold in scenario.holds.values():
            if hold.price is None and part in hold.parts:
                free -= _minutes(hold.begins, hold.ends).keys()
        venue = scenario.venues[bookables[part].venue]
        for blackout in scenario.file.blackouts.values():
            if bookables[part].venue in blackout.venues and blackout.to >= scenario.calendar.start:
                midnight, after = scenario.calendar.midnight, blackout.to + timedelta(days=1)
                free -= _minutes(midnight(blackout.from_), midnight(after)).keys()
        for dated in (venue, *bookables[part].dated):
            for closure in dated.closures.values():
                if closure.to > _whole(scenario)[0]:
                    free -= _minutes(closure.from_, closure.to).keys()
        there.update(free)
    return _at_peaks(scenario, used, there)


def _pool_share(scenario: Scenario, plan: Plan, pool: str) -> float:
    used: Minutes = Counter()
    for name, placed in plan.sessions.items():
        session = scenario.sessions[name]
        use = session.way(placed.option).uses.get(pool)
        if use is None:
            continue
        people = 0 if use.per_people is None else ceil(session.attendance / use.per_people)
        amount = use.amount + use.per_delegation * len(session.delegations) + people
        wave, sweep = timedelta(minutes=use.wave), timedelta(minutes=scenario.sweeps[session.envelope])
        spans = {
            "session": [(placed.start, placed.end)],
            "wave": [(placed.start - wave, placed.start), (placed.end, placed.end + wave)],
            "sweep": [(placed.start - sweep, placed.start)],
        }[use.phase]
        if session.daily is not None and use.phase == "session":
            length = timedelta(minutes=session.daily.end - session.daily.start)
            days = [placed.start + timedelta(days=day) for day in range(session.days)]
            spans = [(begin, begin + length) for begin in days]
        for span in spans:
            used.update(_minutes(*span, amount))
    for name, home in scenario.homes.items():
        used.update(_minutes(home.arrives, home.leaves, scenario.delegations[name].uses.get(pool, 0)))
    said = scenario.file.pools[pool]
    there = _minutes(*_whole(scenario), said.capacity)
    for span in said.during.values():
        assert span.from_ is not None
        assert span.to is not None
        for minute in _minutes(span.from_, span.to):
            there[minute] = span.capacity
    return _at_peaks(scenario, used, there)


def _principal_share(loaded: Loaded, plan: Plan) -> float:
    scenario = loaded.scenario
    used: Minutes = Counter()
    there: Minutes = Counter()
    for person in scenario.persons:
        delegation, _, role = person.partition(".")
        if role != "principal" and (delegation != "host" or role not in HOST_LEADERS):
            continue
        stops = sorted(
            (plan.sessions[s.id] for s in scenario.sessions.values() if person in s.persons), key=lambda p: p.start
        )
        if not stops:
            continue
        busy = {minute for stop in stops for minute in _minutes(stop.start, stop.end)}
        for before, after in pairwise(stops):
            if before.start.date() == after.start.date():
                way = scenario.travel.minutes(before.hall.split(".")[0], after.hall.split(".")[0]) or 0
                busy |= _minutes(after.start - timedelta(minutes=way), after.start).keys()
        used.update(busy)
        whole = _whole(scenario) if delegation == "host" else (stops[0].start, max(stop.end for stop in stops))
        free = set(_minutes(*whole))
        for rule in loaded.rules:
            if rule.family == "unavailable" and person in rule.persons:  # type: ignore[attr-defined]
                for window in rule.times.values():  # type: ignore[attr-defined]
                    free -= _minutes(*window.moments).keys()
        there.update(free)
    return _at_peaks(scenario, used, there)
