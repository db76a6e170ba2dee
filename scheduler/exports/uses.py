"""What sessions and stays take of the pools of a plan, and what there is, over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from scheduler.exports.view import Pool, Step, Use
from scheduler.plan import Placed, Plan
from scheduler.scenario.city import Name
from scheduler.scenario.scenario import Scenario, Session
from scheduler.scenario.units import DAY


def uses_of(scenario: Scenario, session: Session, placed: Placed) -> list[Use]:
    """Return what a session takes of pools: a use for each span of the phase, ordered by pool and time."""
    return [
        Use(
            pool=pool,
            from_=placed.start + timedelta(minutes=begin),
            to=placed.start + timedelta(minutes=end),
            amount=amount,
        )
        for pool, begin, end, amount in _spans(scenario, session, placed)
        if amount and begin < end
    ]


def _spans(scenario: Scenario, session: Session, placed: Placed) -> Iterator[tuple[str, int, int, int]]:
    """Yield pool, first and last minute since the start, and amount."""
    way = session.way(placed.option)
    for pool, use in sorted(way.uses.items()):
        amount = use.amount + use.per_delegation * len(session.delegations)
        if use.per_people is not None:
            amount += -(-session.attendance // use.per_people)
        if use.phase == "sweep":
            yield pool, -scenario.sweeps[session.envelope], 0, amount
        elif use.phase == "wave":
            yield pool, -use.wave, 0, amount
            yield pool, way.minutes, way.minutes + use.wave, amount
        else:
            for begin, end in session.hours(way.minutes):
                yield pool, begin, end, amount


def pools_of(scenario: Scenario, plan: Plan) -> dict[str, Pool]:
    """Return the use of each pool over time; a pool of which nothing is taken has no steps."""
    taken: dict[str, list[Use]] = {pool: [] for pool in scenario.file.pools}
    for name, placed in plan.sessions.items():
        for use in uses_of(scenario, scenario.sessions[name], placed):
            taken[use.pool].append(use)
    for delegation in plan.homes:
        home = scenario.homes[delegation]
        for pool, amount in scenario.delegations[delegation].uses.items():
            if amount:
                taken[pool].append(Use(pool=pool, from_=home.arrives, to=home.leaves, amount=amount))
    return {
        pool: Pool(name=scenario.file.pools[pool].name or Name(en=pool), steps=list(_steps(scenario, pool, uses)))
        for pool, uses in taken.items()
    }


def _steps(scenario: Scenario, pool: str, uses: list[Use]) -> Iterator[Step]:
    """Yield the spans between two changes of what is taken or of what there is."""
    change: dict[datetime, int] = {}
    for use in uses:
        change[use.from_] = change.get(use.from_, 0) + use.amount
        change[use.to] = change.get(use.to, 0) - use.amount
    if not change:
        return
    first, last = min(change), max(change)
    capacities = _Capacities(scenario, pool, first, last)
    used = 0
    before: Step | None = None
    for begin, end in pairwise(sorted({*change, *(moment for moment in capacities.changes if first < moment < last)})):
        used += change.get(begin, 0)
        step = Step(from_=begin, to=end, used=used, capacity=capacities.at(begin))
        if before and (before.used, before.capacity) == (step.used, step.capacity):
            before = before.model_copy(update={"to": end})
            continue
        if before:
            yield before
        before = step
    if before:
        yield before


class _Capacities:
    """What there is of a pool from one moment to another."""

    def __init__(self, scenario: Scenario, pool: str, first: datetime, last: datetime) -> None:
        self._pool = scenario.file.pools[pool]
        self._spans: dict[date, list[tuple[datetime, datetime, int]]] = {}
        """By each date (UTC) on which they are."""
        self.changes: set[datetime] = set()
        calendar = scenario.calendar
        for span in self._pool.during.values():
            if span.from_ and span.to:
                self._add(span.from_, span.to, span.capacity)
            elif span.daily:
                day = calendar.moment(calendar.minute(first) - DAY).date()
                while calendar.midnight(day) <= last:
                    if span.on in (None, scenario.kind_of_day(day)):
                        self._add(calendar.wall(day, span.daily.start), calendar.wall(day, span.daily.end), span.capacity)
                    day += timedelta(days=1)

    def _add(self, begin: datetime, end: datetime, capacity: int) -> None:
        self.changes |= {begin, end}
        day = begin.astimezone(UTC).date()
        while day <= end.astimezone(UTC).date():
            self._spans.setdefault(day, []).append((begin, end, capacity))
            day += timedelta(days=1)

    def at(self, moment: datetime) -> int:
        """Return what there is at a moment: the least of the spans it lies in, or the pool's own capacity."""
        spans = self._spans.get(moment.astimezone(UTC).date(), ())
        return min((capacity for begin, end, capacity in spans if begin <= moment < end), default=self._pool.capacity)
