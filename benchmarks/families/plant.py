"""Plants a plan: event by event, each session near its wished hour, in a hall of the event's own venue or of the next.

Venues are tried in one order, so that few of them are in use and these are full; an event that finds no place on a day is
tried on others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.families import kinds
from benchmarks.families.city import DAY, City
from benchmarks.families.kinds import Draft, Item
from benchmarks.families.ledger import QUARTER, Ledger, Planted

SHARES = {"summit": 22, "visit": 14, "ministerial": 18, "conference": 20, "fair": 8, "concert": 6, "press": 7, "embassy": 5}
"""Of a hundred sessions how many are of each kind, where the programme is long enough for all kinds."""
TRIES = 25
"""Days on which an event is tried before it is given up."""
DRAFTED = 1000
"""Sessions of the first draft of a programme at most."""
ALWAYS = ("ghop", "diaoyutai", "pek", "pkx", "tiananmen")
"""Venues of every programme."""
OFTEN = (
    "cncc1",
    "cncc2",
    "yanqi-island",
    "bicc",
    "zgc-innovation",
    "beijing-hotel",
    "financial-street",
    "yanqi-lake-center",
)
STAGES = ("ncpa", "shougang", "beijing-exhibition-center", "expo-park", "water-cube")
BUSY = {50: 3.0, 75: 5.0, 90: 7.0}
"""How many times as much a busy week has as a common one, by tightness."""


class FullError(Exception):
    """A programme finds no place in its calendar as it was drawn."""


class Planter:
    """Plants sessions until there are as many as wanted."""

    def __init__(self, city: City, rng: Random, sessions: int, tightness: int, halls: frozenset[str] | None = None) -> None:
        self.city, self.rng, self.wanted, self.halls = city, rng, sessions, halls
        self.ledger = Ledger(city)
        self.planted: list[Planted] = []
        self.seats = [*ALWAYS[:2], *rng.sample(OFTEN, 2 + (city.days > 2) + (city.days > 60) + 2 * (sessions > 5000))]
        venues = list(dict.fromkeys(hall.venue for hall in city.halls.values()))
        rng.shuffle(venues)
        stages = rng.sample(STAGES, 2)
        rank = {venue: number for number, venue in enumerate((*self.seats, *ALWAYS[2:], *stages, *venues))}
        self.order = {hall: (rank[of.venue], number) for number, (hall, of) in enumerate(city.halls.items())}
        self.weights = self._weights(BUSY[tightness])
        self.numbers = dict.fromkeys(SHARES, 0)

    def _weights(self, busy: float) -> list[float]:
        """Return how busy each day is to be: workdays more than others, and some weeks more than others."""
        weeks = [self.rng.choice((0.2, 0.5, 0.8, busy)) for _ in range(self.city.days // 7 + 2)]
        return [weeks[day // 7] * (1.0 if self.city.worked(day) else 0.25) for day in range(self.city.days)]

    def run(self) -> list[Planted]:
        """Plant everything, and return it in the order in which it was planted."""
        if self.city.days < 3:
            self._one_day()
        counts = dict.fromkeys(SHARES, 0)
        given_up = 0
        while len(self.planted) < self.wanted:
            left = self.wanted - len(self.planted)
            kind = max(SHARES, key=lambda kind: SHARES[kind] * (len(self.planted) + 40) / 100 - counts[kind])
            drafts = self._drafted(kind, left)
            sessions = sum(len(draft.items) for draft in drafts)
            if sessions > left or not self._plant(drafts):
                sessions, given_up = 1, given_up + 1  # one in its stead, so that another kind has its turn
                if not self._plant(self._drafted("press" if self.rng.random() < 0.6 else "embassy", left)):
                    sessions = 0
                if given_up > self.wanted:
                    raise FullError(f"the city is full with {len(self.planted)} of {self.wanted} sessions")
            counts[kind] += sessions
        return self.planted

    def _one_day(self) -> None:
        """Plant the events of a day: a summit of five, a meeting of ministers, a conference."""
        makers: tuple[Callable[[], list[Draft]], ...] = (
            lambda: kinds.summit(self.rng, 4, 5, 1),
            lambda: kinds.ministerial(self.rng, 1, 4, 1),
            lambda: kinds.conference(self.rng, 1, 1),
            lambda: kinds.concert(self.rng, 1),
        )
        for drafted in makers:
            if not any(self._plant(drafted()) for _ in range(TRIES)):
                raise FullError(f"{drafted()[0].title} finds no place in its day")
        self.numbers.update(summit=4, ministerial=1, conference=1, concert=1)

    def _drafted(self, kind: str, left: int) -> list[Draft]:
        one_day = self.city.days < 3
        if self.city.days < {"summit": 3, "visit": 3, "fair": 5}.get(kind, 1):
            kind = "press"
        self.numbers[kind] += 1
        number, rng = self.numbers[kind], self.rng
        if kind == "summit":
            return kinds.summit(rng, number, rng.choice((5, 6, 7, 8) if left > 100 else (5,)), 3)
        if kind == "visit":
            return kinds.state_visit(rng, number, rng.choice(("president", "president", "premier", "vice-president")))
        if kind == "ministerial":
            return kinds.ministerial(rng, number, rng.choice((4, 5, 6)), 1 if one_day else 2)
        if kind == "conference":
            return kinds.conference(rng, number, 1 if one_day else 2)
        if kind == "fair":
            return kinds.fair(rng, number)
        if kind == "concert":
            return kinds.concert(rng, number)
        return kinds.embassy(rng, number) if kind == "embassy" else kinds.press(rng, number)

    def _plant(self, drafts: list[Draft]) -> bool:
        """Plant events of one envelope together, on the first of some days on which all their sessions fit."""
        span = max(item.day + item.days for draft in drafts for item in draft.items)
        days = range(self.city.days - span + 1)
        return any(self._on(drafts, day) for day in self._days(days))

    def _days(self, days: range) -> Iterator[int]:
        tried: set[int] = set()
        weights = [self.weights[day] for day in days]
        for _ in range(TRIES * 2):
            day = self.rng.choices(days, weights)[0]
            if day not in tried and len(tried) < TRIES:
                tried.add(day)
                yield day

    def _on(self, drafts: list[Draft], day: int) -> bool:
        done: dict[str, Planted] = {}
        venues = {"": self._seat(drafts)}
        for draft in drafts:
            for item in draft.items:
                one = self._placed(draft, item, day, done, venues)
                if one is None:
                    for other in done.values():
                        self.ledger.take(other, -1)
                    return False
                self.ledger.take(one)
                done[item.name] = one
                venues.setdefault(item.series, one.venue)
        self.planted += done.values()
        return True

    def _seat(self, drafts: list[Draft]) -> str:
        """Return the venue that an event has its sessions in where it can: one that takes its opening."""
        indoors = [(draft, item) for draft in drafts for item in draft.items if "state-flight" not in item.needs]
        draft, item = max(indoors, key=lambda one: one[1].people if one[1].days == 1 else 0)
        halls = self.city.fit(item.layout, item.people, item.needs, draft.grade)
        venues = {self.city.halls[hall].venue for hall in halls}
        found = [venue for venue in self.seats if venue in venues]
        return self.rng.choice(found) if found else self.seats[0]

    def _placed(
        self, draft: Draft, item: Item, day: int, done: dict[str, Planted], venues: dict[str, str]
    ) -> Planted | None:
        fitting = self.city.fit(item.layout, item.people, item.needs, draft.grade)
        if self.halls is not None:
            fitting = tuple(hall for hall in fitting if hall in self.halls) or fitting
        series = venues.get(item.series) if item.series else None
        if series is not None:
            fitting = tuple(hall for hall in fitting if self.city.halls[hall].venue == series)
        seat = venues[""]
        large = {hall: number > 14 for number, hall in enumerate(fitting)}  # far too large ones come last
        halls = sorted(fitting, key=lambda hall: (large[hall], self.city.halls[hall].venue != seat, self.order[hall]))
        length = (item.days - 1) * DAY + item.minutes
        for start in self._starts(item, day, done):
            free: dict[str, bool] = {}
            for hall in halls:
                venue = self.city.halls[hall].venue
                one = Planted(draft, item, hall, venue, start, start + length)
                if venue not in free:
                    free[venue] = self.ledger.person_free(one, in_any_hall=True)
                if free[venue] and self.ledger.person_free(one) and self.ledger.hall_free(one):
                    return one
        return None

    def _starts(self, item: Item, day: int, done: dict[str, Planted]) -> Iterator[int]:
        """Yield the starts of a session, those nearest to the wished one first."""
        midnight = (day + item.day) * DAY
        first, last, wish = midnight + item.first, midnight + item.last - item.minutes, midnight + item.at
        if item.days > 1:
            yield wish
            return
        if item.after is not None:
            name, least, most = item.after
            ended = done[name].end
            first = max(first, ended + least)
            wish = max(wish, first) if most is None else first
            last = last if most is None else min(last, ended + most)
        starts = range(-(-first // QUARTER) * QUARTER, last + 1, QUARTER)
        yield from sorted(starts, key=lambda start: (abs(start - wish), start))


def programme(city: City, drawn: str, sessions: int, tightness: int, halls: int) -> tuple[list[Planted], Ledger]:
    """Return a planted programme in about so many exclusive halls: those that a first draft of it uses most.

    ``drawn`` is the seed. Raises FullError where an event of the day finds no place, or the city is full.
    """
    first = Planter(city, Random(drawn), min(sessions, DRAFTED), tightness).run()
    used = Counter(one.hall for one in first if city.halls[one.hall].pooled is None)
    chosen = {hall for hall, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))[:halls]}
    pooled = {hall for hall, of in city.halls.items() if of.pooled}
    planter = Planter(city, Random(drawn), sessions, tightness, frozenset(chosen | pooled))
    return planter.run(), planter.ledger
