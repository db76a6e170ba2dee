from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, zip_longest
from typing import NamedTuple

from scheduler.rules import (
    Candidates,
    Choice,
    Complaint,
    Cumulative,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Session,
    Soften,
    Steps,
    Term,
    Use,
    Violation,
)

_DAY = 24 * 60
_BEYOND = 31 * _DAY
"""Minutes before and after the calendar for which capacities are kept."""


class Pools(Rule):
    """At no moment is more taken of a pool than its capacity at that moment.

    Planners need it because escorts, security teams and interpreters are shared by everything that happens in the city, and
    there are fewer of them in the rush hours. A session takes ``amount``, ``per-delegation`` for each of its delegations,
    and one for each ``per-people`` of its attendance, the last of them perhaps half empty. It takes them in one phase:
    ``sweep`` is the minutes of its envelope's sweep before it starts (also where the hall needs none), ``session`` from
    start to end (of several days, in the daily hours), ``wave`` so long before it starts and again after it ends. An option
    with ``uses`` of its own takes those instead. A delegation takes what its ``uses`` say as long as it stays. In the spans
    of ``during`` the pool has the capacity given there, the least of them where they overlap; outside them it has its own.

        pools:
          escorts: {capacity: 24, during: {rush: {daily: 07:00-09:00, on: workdays, capacity: 12}}}
        uses:
          escorts: {phase: wave, per-delegation: 2, wave: 40 min}
          coaches: {phase: wave, per-people: 45}
        rules:
          staff: {rule: pools, soften: {tier: 2, weight: 1}}

    It always stands; write it only to soften it: then each unit too many has a price by the minute. When it blocks a plan,
    raise the capacity, take less, or give the sessions more time.
    """

    family = "pools"
    standing = True
    unit = "units x minutes over capacity"

    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say which delegation takes something for a stay it does not have."""
        for name, delegation in scenario.delegations.items():
            if delegation.uses and delegation.home is None:
                taken = ", ".join(f"{amount} of {pool}" for pool, amount in delegation.uses.items())
                message = f"{name} takes {taken} for its stay, but has no home"
                yield Complaint(("delegations", name, "uses"), message, "'home: {any: [a-hotel]}'?")

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse starts at which the session alone takes more than there is, unless that is softened."""
        if self.soften is not None:
            return ()
        # It is the same in all halls.
        return self.once(scenario, (session.id, choice.option), lambda: [*self._too_much(scenario, session, choice)])

    def _too_much(self, scenario: Scenario, session: Session, choice: Choice) -> Iterator[Refusal]:
        uses = session.way(choice.option).uses
        for pool_id in (pool for pool in scenario.file.pools if pool in uses):
            amount = _amount(session, choice.option, pool_id)
            if amount <= self._least(scenario, pool_id):
                continue
            phases = _phases(scenario, session, choice, pool_id)
            if not phases:
                continue
            opens, closes = scenario.reach[session.id]
            first, last = opens + min(begin for begin, _ in phases), closes + max(end for _, end in phases)
            profile = self._capacities(scenario, pool_id, first, last)
            ends = (*profile.minutes[1:], last)
            refused: dict[int, list[tuple[int, int]]] = {}
            for begin, end, capacity in zip(profile.minutes, ends, profile.values, strict=True):
                if amount > capacity:
                    spans = ((begin - until + 1, end - since) for since, until in phases)
                    refused.setdefault(capacity, []).extend(span for span in spans if span[0] < span[1])
            for capacity, spans_ in refused.items():
                yield Refusal(f"takes {amount} of {pool_id}, of which there are {capacity}", tuple(spans_))

    def _least(self, scenario: Scenario, pool_id: str) -> int:
        """Return the least that there ever is of a pool."""
        pool = scenario.file.pools[pool_id]
        spans = pool.during.values()
        return self.once(scenario, (pool_id, "least"), lambda: min((pool.capacity, *(span.capacity for span in spans))))

    def _capacities(self, scenario: Scenario, pool_id: str, first: int, last: int) -> Steps:
        """Return the capacity of a pool from one minute to another; the whole calendar is worked out once."""
        begin, end = -_BEYOND, scenario.calendar.horizon + _BEYOND
        if not begin <= first <= last <= end:
            return _profile(scenario, pool_id, first, last)
        minutes, values = self.once(scenario, pool_id, lambda: _profile(scenario, pool_id, begin, end))
        around = slice(bisect_right(minutes, first) - 1, bisect_left(minutes, last))
        return Steps(minutes[around], values[around])

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one cumulative for each pool that could be overdrawn."""
        for pool_id, pool in scenario.file.pools.items():
            uses: list[Use] = []
            total, first, last = 0, 0, scenario.calendar.horizon
            for session in scenario.sessions.values():
                if not any(pool_id in way.uses for way in session.ways):
                    continue
                spans = [_demands(scenario, session, choice, pool_id) for choice in candidates.of(session.id)]
                for taken in zip_longest(*spans):
                    uses.append(Use(candidates.numbers[session.id], taken))
                for choice, of_choice in zip(candidates.of(session.id), spans, strict=True):
                    first = min((first, *(-lead for lead, _, _ in of_choice)))
                    last = max((last, *(scenario.calendar.horizon + choice.minutes + tail for _, tail, _ in of_choice)))
                total += max((amount for of_choice in spans for _, _, amount in of_choice), default=0)
            for name, home in scenario.homes.items():
                amount = scenario.delegations[name].uses.get(pool_id, 0)
                if amount:
                    stay = tuple((0, 0, amount) for _ in candidates.of(name))
                    uses.append(Use(candidates.numbers[name], stay))
                    last = max(last, scenario.calendar.minute(home.leaves))
                    total += amount
            if total > min((pool.capacity, *(span.capacity for span in pool.during.values()))):
                capacity = _profile(scenario, pool_id, first, last)
                about = str(pool.name or pool_id)
                yield Cumulative(rule=self.id, price=self.price, about=about, uses=tuple(uses), capacity=capacity)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the spans in which more is taken of a pool than there is."""
        for pool in scenario.file.pools:
            taken = [*self._by_sessions(scenario, plan, pool), *self._by_stays(scenario, plan, pool)]
            yield from self._overdrawn(scenario, pool, taken)

    @staticmethod
    def _by_sessions(scenario: Scenario, plan: Plan, pool: str) -> Iterator[_Taken]:
        for name, placed in plan.sessions.items():
            session = scenario.sessions[name]
            use = session.way(placed.option).uses.get(pool)
            if use is None:
                continue
            amount = use.amount + sum(use.per_delegation for _ in session.delegations)
            if use.per_people is not None:
                amount += len(range(0, session.attendance, use.per_people))  # who fills the first, the second, …
            start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
            if use.phase == "sweep":
                yield _Taken(start - timedelta(minutes=scenario.sweeps[session.envelope]), start, amount, name)
            elif use.phase == "wave":
                wave = timedelta(minutes=use.wave)
                yield _Taken(start - wave, start, amount, name)
                yield _Taken(end, end + wave, amount, name)
            elif session.daily is None:
                yield _Taken(start, end, amount, name)
            else:
                closing = timedelta(minutes=session.daily.end - session.daily.start)
                for day in range(session.days):
                    opening = start + timedelta(hours=24 * day)
                    yield _Taken(opening, opening + closing, amount, name)

    @staticmethod
    def _by_stays(scenario: Scenario, plan: Plan, pool: str) -> Iterator[_Taken]:
        for name in plan.homes:
            home, amount = scenario.homes[name], scenario.delegations[name].uses.get(pool, 0)
            yield _Taken(home.arrives.astimezone(UTC), home.leaves.astimezone(UTC), amount, name)

    def _overdrawn(self, scenario: Scenario, pool: str, taken: list[_Taken]) -> Iterator[Violation]:
        """Yield one violation for each unbroken span in which more is taken than there is."""
        taken = [item for item in taken if item.begin < item.end and item.amount]
        if not taken:
            return
        zone = scenario.calendar.timezone
        moments = {moment for item in taken for moment in item[:2]}
        first, last = min(moments), max(moments)
        moments |= {moment for moment in self._changes(scenario, pool, first, last) if first < moment < last}
        starting: dict[datetime, list[_Taken]] = {}
        for item in taken:
            starting.setdefault(item.begin, []).append(item)
        running: list[_Taken] = []
        found: list[_Overdraft] = []
        there_is = _Supply(scenario, pool)
        for begin, end in pairwise(sorted(moments)):
            running = [item for item in running if item.end > begin] + starting.get(begin, [])
            used, there = sum(item.amount for item in running), there_is.at(begin)
            if used <= there:
                continue
            units = (used - there) * int((end - begin).total_seconds() // 60)
            names = [item.name for item in running]
            needs = {entry: used for entry, there in there_is.in_force(begin).items() if there < used}
            if found and found[-1].end == begin:
                before = found.pop()
                peak = max((before.used, before.there), (used, there), key=lambda worst: worst[0] - worst[1])
                names = [*dict.fromkeys((*before.names, *names))]
                needs |= {entry: max(there, needs.get(entry, 0)) for entry, there in before.needs.items()}
                found.append(_Overdraft(before.begin, end, before.units + units, *peak, names, needs))
            else:
                found.append(_Overdraft(begin, end, units, used, there, names, needs))
        for overdraft in found:
            facts = {
                "pool": pool,
                "from": overdraft.begin.astimezone(zone),
                "to": overdraft.end.astimezone(zone),
                "used": overdraft.used,
                "there": overdraft.there,
                "needs": overdraft.needs,
            }
            yield Violation(tuple(overdraft.names), overdraft.units, facts)

    @staticmethod
    def _changes(scenario: Scenario, pool: str, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the moments between two others at which the capacity of a pool may change."""
        wall, zone = scenario.calendar.wall, scenario.calendar.timezone
        for span in scenario.file.pools[pool].during.values():
            if span.from_ and span.to:
                yield from (span.from_.astimezone(UTC), span.to.astimezone(UTC))
            elif span.daily:
                day = first.astimezone(zone).date() - timedelta(days=1)
                while day <= last.astimezone(zone).date():
                    yield from (wall(day, minute).astimezone(UTC) for minute in span.daily)
                    day += timedelta(days=1)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who takes how much of what there is, and when."""
        facts = violation.facts
        begin, end = facts["from"], facts["to"]
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%d %b %H:%M}"
        who = ", ".join(name if name in scenario.sessions else f"the stay of {name}" for name in violation.sessions)
        take = "takes" if len(violation.sessions) == 1 else "take up to"
        return (
            f"From {begin:%d %b %H:%M} to {until} {who} {take} {facts['used']} of {facts['pool']}, of which there are "
            f"{facts['there']}."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Raise the capacities that are in force while too much is taken: to what is taken then, or all of them."""
        pool_id, needs = violation.facts["pool"], violation.facts["needs"]
        pool = scenario.file.pools[pool_id]
        there = {"": pool.capacity, **{name: span.capacity for name, span in pool.during.items()}}
        everywhere = {entry: max(needs.values()) for entry, capacity in there.items() if capacity < max(needs.values())}
        for raised in (needs, everywhere) if everywhere != needs else (needs,):
            spans = {name: {"capacity": need} for name, need in raised.items() if name}
            change = {**({"capacity": raised[""]} if "" in raised else {}), **({"during": spans} if spans else {})}
            said = (
                f"{pool_id} {f'({name}) ' if name else ''}from {there[name]} to {need}" for name, need in raised.items()
            )
            share = sum((need - there[name]) / max(1, there[name]) for name, need in raised.items()) / len(there)
            yield Remedy(f"Raise {' and '.join(said)}.", {"pools": {pool_id: change}}, share)


class _Supply:
    """What there is of a pool at a moment; spans that have a date are looked up by it."""

    def __init__(self, scenario: Scenario, pool: str) -> None:
        self._scenario, self._pool = scenario, scenario.file.pools[pool]
        self._daily = {name: span for name, span in self._pool.during.items() if span.daily}
        self._dated: dict[date, list[tuple[datetime, datetime, str]]] = {}
        for name, span in self._pool.during.items():
            if span.from_ and span.to:
                first, last = (end.astimezone(scenario.calendar.timezone).date() for end in (span.from_, span.to))
                for offset in range((last - first).days + 1):
                    self._dated.setdefault(first + timedelta(days=offset), []).append((span.from_, span.to, name))

    def in_force(self, moment: datetime) -> dict[str, int]:
        """Return the capacities that stand at a moment by the id of their span, or that of the pool under ``""``."""
        calendar, during = self._scenario.calendar, self._pool.during
        today = moment.astimezone(calendar.timezone).date()
        there = [name for begins, ends, name in self._dated.get(today, ()) if begins <= moment < ends]
        for name, span in self._daily.items():
            assert span.daily is not None
            for day in (today - timedelta(days=1), today):
                begins, ends = (calendar.wall(day, minute) for minute in span.daily)
                if begins <= moment < ends and (span.on is None or self._scenario.kind_of_day(day) == span.on):
                    there.append(name)
        return {name: during[name].capacity for name in there} or {"": self._pool.capacity}

    def at(self, moment: datetime) -> int:
        """Return what there is at a moment."""
        return min(self.in_force(moment).values())


class _Taken(NamedTuple):
    """What somebody takes of a pool, and when."""

    begin: datetime
    end: datetime
    amount: int
    name: str


class _Overdraft(NamedTuple):
    """A span in which more is taken than there is: by how much, and what was taken and there at the worst moment."""

    begin: datetime
    end: datetime
    units: int
    used: int
    there: int
    names: list[str]
    needs: dict[str, int]
    """What each capacity that was in force would have to be, by the id of its span; ``""`` is the pool's own."""


def _amount(session: Session, option: str, pool: str) -> int:
    use = session.way(option).uses.get(pool)
    if use is None:
        return 0
    loads = -(-session.attendance // use.per_people) if use.per_people is not None else 0
    return use.amount + use.per_delegation * len(session.delegations) + loads


def _demands(scenario: Scenario, session: Session, choice: Choice, pool: str) -> list[tuple[int, int, int]]:
    """Return what a choice takes of a pool: minutes before its start, minutes after its end, the amount."""
    amount = _amount(session, choice.option, pool)
    phases = _phases(scenario, session, choice, pool) if amount else ()
    return [(-begin, end - choice.minutes, amount) for begin, end in phases]


def _phases(scenario: Scenario, session: Session, choice: Choice, pool: str) -> tuple[tuple[int, int], ...]:
    """Return when a choice takes something of a pool, as half-open minutes since its start."""
    use = session.way(choice.option).uses.get(pool)
    if use is None:
        return ()
    if use.phase == "session":
        return session.hours(choice.minutes)
    if use.phase == "wave":
        return (-use.wave, 0), (choice.minutes, choice.minutes + use.wave)
    sweep = scenario.sweeps[session.envelope]
    return ((-sweep, 0),) if sweep else ()


def _profile(scenario: Scenario, pool_id: str, first: int, last: int) -> Steps:
    """Return the capacity of a pool from one minute to another, beyond the calendar too."""
    calendar, pool = scenario.calendar, scenario.file.pools[pool_id]
    days = [calendar.start + timedelta(days=number) for number in range(first // _DAY - 2, last // _DAY + 3)]
    spans: list[tuple[int, int, int]] = []
    for span in pool.during.values():
        if span.from_ and span.to:
            spans.append((calendar.minute(span.from_), calendar.minute(span.to), span.capacity))
        elif span.daily:
            on = (day for day in days if span.on in (None, scenario.kind_of_day(day)))
            spans += ((*calendar.band(day, span.daily), span.capacity) for day in on)
    spans = [(max(begin, first), min(end, last), capacity) for begin, end, capacity in spans]
    opening: dict[int, list[tuple[int, int]]] = {}
    for begin, end, capacity in spans:
        if begin < end:
            opening.setdefault(begin, []).append((end, capacity))
    minutes, values = [first - 1], [pool.capacity]
    running: list[tuple[int, int]] = []
    for minute in sorted({first, *(moment for begin, end, _ in spans if begin < end for moment in (begin, end))}):
        running = [item for item in running if item[0] > minute] + opening.get(minute, [])
        there = min((capacity for _, capacity in running), default=pool.capacity)
        if there != values[-1]:
            minutes.append(minute)
            values.append(there)
    return Steps(tuple(minutes), tuple(values))
