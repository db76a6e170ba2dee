"""The rules and goals of a scenario, with the figures that a planted plan just keeps.

A rule that a plan keeps only here and there (rivals that do not meet, halls that one event has for a morning) is written
where the planted plan keeps it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations, pairwise
from math import ceil
from random import Random
from typing import Any

from benchmarks.families.city import DAY, City
from benchmarks.families.derive import Derived, clock
from benchmarks.families.kinds import HOST_LEADERS
from benchmarks.families.ledger import (
    COOLDOWN,
    COOLED,
    CORDON_AFTER,
    CORDONS,
    RADIUS,
    SPACING,
    Planted,
)
from benchmarks.families.shares import Block

BEFORE, AFTER = 10, 5
"""Minutes for which a motorcade closes a road before and after it."""
INTERPRETERS = 2
RIVALS_GAP = 30
LUNCH = (12 * 60 + 30, 13 * 60 + 30)
BLOCKS = (("morning", 7 * 60, 13 * 60), ("afternoon", 13 * 60, 18 * 60), ("evening", 18 * 60, 23 * 60))

GOALS = {
    "hold": {"goal": "hold-events", "tier": 1},
    "displaced": {"goal": "displaced-holds", "tier": 1},
    "times": {"goal": "preferred-times", "tier": 2},
    "places": {"goal": "preferred-venues", "tier": 2, "weight": 15},
    "travel": {"goal": "travel-minutes", "tier": 2},
}


class Rules:
    """Writes the rules of one planted plan."""

    def __init__(self, city: City, rng: Random, derived: Derived, target: int) -> None:
        self.city, self.rng, self.derived, self.target = city, rng, derived, target
        self.planted = derived.planted
        self.events: dict[str, list[Planted]] = defaultdict(list)
        self.envelopes: dict[str, list[Planted]] = defaultdict(list)
        for one in self.planted:
            self.events[one.draft.id].append(one)
            self.envelopes[one.draft.envelope].append(one)
        self.found: dict[str, Any] = {}

    def slack(self, most: int) -> int:
        """Return a limit of which what the planted plan reaches at most is the wanted share."""
        return max(most, round(most * 100 / self.target))

    def written(self, away: list[Block]) -> dict[str, Any]:
        """Return the section ``rules``."""
        self._city_wide()
        for event, sessions in self.events.items():
            getattr(self, f"_{sessions[0].draft.kind}", lambda *_: None)(event, {one.item.name: one for one in sessions})
        for envelope, sessions in self.envelopes.items():
            if sessions[0].draft.id != sessions[0].draft.envelope:
                self._summit_flights(envelope, sessions)
        self._press_corps()
        self._rivals()
        for person in dict.fromkeys(block.who for block in away):
            spans = [block for block in away if block.who == person]
            times = {
                f"t{number}": {"from": self._moment(block.begin), "to": self._moment(block.end)}
                for number, block in enumerate(spans, 1)
            }
            self.found[f"away-{person.replace('.', '-')}"] = {"rule": "unavailable", "persons": [person], "times": times}
        return self.found

    def _moment(self, minute: int) -> str:
        return f"{self.city.date(minute // DAY)}T{clock(minute % DAY)}"

    def _city_wide(self) -> None:
        roles = ["principal", "spouse", *HOST_LEADERS]
        days: dict[int, set[str]] = defaultdict(set)
        calls: Counter[tuple[str, int]] = Counter()
        moments: Counter[int] = Counter()
        for one in self.planted:
            if one.draft.grade == "G1":
                days[one.start // DAY].add(one.draft.envelope)
            if one.draft.grade <= "G2":
                moments[one.start] += 1
                moments[one.end] -= 1
            for person in self.derived.persons[one.id]:
                calls[person, one.start // DAY] += person.startswith("host.")
        at_once, most = 0, 1
        for minute in sorted(moments):
            at_once += moments[minute]
            most = max(most, at_once)
        leaders = list(dict.fromkeys(person for (person, _), count in calls.items() if count))
        envelopes = max(map(len, days.values()), default=1)
        self.found |= {
            "days": {"rule": "itinerary", "rest": "9 h", "longest-day": "15 h", "of": roles},
            "houses": {"rule": "lodging", "principals": 3},
            "summits-a-day": {"rule": "concurrency", "each": "day", "count": "envelopes", "most": envelopes},
            "guarded-at-once": {"rule": "concurrency", "grade": "G2", "most": self.slack(most)},
            "one-perimeter": {"rule": "perimeter", "grade": "G1", "radius": f"{RADIUS // 1000} km"},
            "closed-roads": {
                "rule": "cordon",
                "grade": "G1",
                "after": f"{CORDON_AFTER} min",
                "venues": {venue: f"{minutes} min" for venue, minutes in CORDONS.items()},
            },
            "hours-between": {"rule": "cooldown", "grade": "G2", "gap": f"{COOLDOWN} min", "venues": list(COOLED)},
            "few-calls": {
                "rule": "daily-limits",
                "per": "person",
                "of": sorted(leaders),
                "sessions": self.slack(max(calls.values())),
            },
            "languages": {"rule": "interpreters", "host": "host", "each": INTERPRETERS, "pairs": self._pairs()},
        }

    def _pairs(self) -> dict[str, int]:
        """Return how many interpreters of each language there are."""
        changes: dict[str, Counter[int]] = defaultdict(Counter)
        for one in self.planted:
            if "interpretation" in one.item.needs:
                guests = (self.derived.guests[name] for name in one.item.delegations if name != "host")
                for language in sorted({guest.language for guest in guests}):
                    changes[language][one.start] += 1
                    changes[language][one.end] -= 1
        pairs = {}
        for language, moments in sorted(changes.items()):
            at_once, most = 0, 1
            for minute in sorted(moments):
                at_once += moments[minute]
                most = max(most, at_once)
            pairs[language] = self.slack(INTERPRETERS * most)
        return pairs

    def _order(self, name: str, event: str, *sessions: str, least: int = 0, most: int | None = None) -> None:
        said = {"rule": "order", "sessions": [f"{event}.{session}" for session in sessions]}
        said |= {"at-least": f"{least} min"} if least else {}
        said |= {"at-most": f"{most} min"} if most is not None else {}
        self.found[f"{event}-{name}"] = said

    def _visit(self, event: str, there: dict[str, Planted]) -> None:
        chain = ["welcome", "talks", "signing", "banquet"]
        gaps = [there[b].start - there[a].end for a, b in pairwise(chain)]
        self._order("ceremony", event, *chain, least=15, most=max(gaps) + 30)
        self._order("leaving", event, "farewell", "departure", least=15)
        self.found |= {
            f"{event}-signing": {"rule": "requires", "session": f"{event}.signing", "needs": [f"{event}.talks"]},
            f"{event}-one-roof": {
                "rule": "together", "same": "venue", "sessions": [f"{event}.talks", f"{event}.signing"],
            },
            f"{event}-calls": {"rule": "apart", "gap": "15 min", "sessions": [f"{event}.call-1", f"{event}.call-2"]},
            f"{event}-indoors": {
                "rule": "tags", "forbid": ["outdoor"],
                "sessions": [f"{event}.talks", f"{event}.signing", f"{event}.banquet"],
            },
        }  # fmt: skip

    def _summit(self, event: str, there: dict[str, Planted]) -> None:
        self._order("evening", event, "round-table", "photo", "banquet", least=15, most=120)
        rooms = [f"{event}.{name}" for name in ("round-table", "photo", "banquet")]
        beforehand = len({there[name].hall for name in ("round-table", "photo", "banquet")}) == 3
        kept = {"different": "hall"} if beforehand else {"gap": "15 min"}
        self.found[f"{event}-rooms"] = {"rule": "apart", **kept, "sessions": rooms}
        self.found[f"{event}-photo"] = {
            "rule": "tags",
            "prefer": ["family-photo"],
            "sessions": [f"{event}.photo"],
            "soften": {"tier": 2, "weight": 10},
        }

    def _meetings(self, event: str, there: dict[str, Planted]) -> None:
        listed = [f"{event}.{name}" for name in there]
        guests = [next(name for name in one.item.delegations if name != "host") for one in there.values()]
        self.found |= {
            f"{event}-line": {
                "rule": "precedence", "host": "host", "by": "list", "order": guests, "gap": "15 min", "sessions": listed,
            },
            f"{event}-no-slight": {"rule": "equal-treatment", "host": "host", "same": "venue", "sessions": listed},
        }  # fmt: skip

    def _summit_flights(self, envelope: str, sessions: list[Planted]) -> None:
        arrivals, departures = f"{envelope}-arrivals", f"{envelope}-departures"
        landed: dict[str, int] = {}
        for one in self.events[arrivals]:
            landed[one.venue] = landed.get(one.venue, 0) + 1
        for venue in landed if any(one.venue in landed for one in self.events[departures]) else ():
            self.found[f"{envelope}-{venue}"] = {
                "rule": "airports",
                "halls": [f"{venue}.apron"],
                "arrivals": arrivals,
                "departures": departures,
                "spacing": f"{SPACING} min",
                "stands": self.slack(self._stands(arrivals, departures, venue)),
            }
        self.found[f"{envelope}-roads"] = {
            "rule": "motorcades",
            "capacity": self.slack(self._motorcades(sessions, arrivals, departures)),
            "before": f"{BEFORE} min",
            "after": f"{AFTER} min",
            "arrivals": arrivals,
            "departures": departures,
            "events": list(dict.fromkeys(one.draft.id for one in sessions)),
        }

    def _stands(self, arrivals: str, departures: str, venue: str) -> int:
        """Return the most aircraft that stand at an airport at once."""
        leaving = {one.item.delegations[0]: one.end for one in self.events[departures]}
        stays = [(one.start, leaving[one.item.delegations[0]]) for one in self.events[arrivals] if one.venue == venue]
        return max((sum(begin <= moment < end for begin, end in stays) for moment, _ in stays), default=1)

    def _motorcades(self, sessions: list[Planted], arrivals: str, departures: str) -> int:
        """Return the most motorcades for which a corridor is closed at once."""
        changes: dict[str, Counter[int]] = defaultdict(Counter)
        travel, homes = self.city.scenario.travel, self.derived.homes
        for one in sessions:
            for guest in {person.partition(".")[0] for person in self.derived.persons[one.id]} & homes.keys():
                home, venue = homes[guest], one.venue
                closures = []
                if one.draft.id != arrivals:
                    begin = one.start - self.city.minutes(home, venue) - BEFORE
                    closures.append((begin, one.start + AFTER, travel.route(home, venue)))
                if one.draft.id != departures:
                    end = one.end + self.city.minutes(venue, home) + AFTER
                    closures.append((one.end - BEFORE, end, travel.route(venue, home)))
                for begin, end, route in closures:
                    for corridor in route.corridors:
                        changes[corridor][begin] += 1
                        changes[corridor][end] -= 1
        most = 1
        for moments in changes.values():
            at_once = 0
            for minute in sorted(moments):
                at_once += moments[minute]
                most = max(most, at_once)
        return most

    def _ministerial(self, event: str, there: dict[str, Planted]) -> None:
        self._order("work", event, "opening", "work-1", "work-2", least=15)

    def _conference(self, event: str, there: dict[str, Planted]) -> None:
        if "closing" in there and all(
            one.end <= there["closing"].start for one in there.values() if one.item.name != "closing"
        ):
            self._order("closing", event, "opening", "closing")
        themes = Counter(one.item.theme for one in there.values() if one.item.theme)
        if max(themes.values()) > 1:
            self.found[f"{event}-themes"] = {"rule": "shared-audience", "events": [event], "by": ["theme"]}

    def _concert(self, event: str, there: dict[str, Planted]) -> None:
        self.found |= {
            f"{event}-rehearsed": {
                "rule": "requires",
                "session": f"{event}.performance",
                "needs": [f"{event}.rehearsal"],
                "at-least": "60 min",
            },
            f"{event}-house": {
                "rule": "together", "same": "venue", "sessions": [f"{event}.rehearsal", f"{event}.performance"],
            },
        }  # fmt: skip

    def _press_corps(self) -> None:
        """Say that press conferences are not over lunch, and those of a week do not overlap, at a price where they do."""
        weeks: dict[int, list[Planted]] = defaultdict(list)
        for one in self.planted:
            if one.item.title == "Press conference":
                weeks[one.start // DAY // 7].append(one)
        told = [one for sessions in weeks.values() for one in sessions]
        lunch = [one.id for one in told if one.end % DAY <= LUNCH[0] or LUNCH[1] <= one.start % DAY]
        days = {"from": self.city.date(0), "to": self.city.date(self.city.days - 1)}
        times = {"lunch": {**days, "time": f"{clock(LUNCH[0])}-{clock(LUNCH[1])}"}}
        self.found["no-press-over-lunch"] = {"rule": "unavailable", "sessions": lunch, "times": times}
        for week, sessions in sorted(weeks.items()):
            if len(sessions) > 1:
                free = all(a.end <= b.start or b.end <= a.start for a, b in combinations(sessions, 2))
                self.found[f"press-week-{week + 1}"] = {
                    "rule": "shared-audience",
                    "sessions": [one.id for one in sessions],
                    **({} if free else {"soften": {"tier": 2, "weight": 1}}),
                }

    def _rivals(self) -> None:
        """Choose pairs of guests of one time that never come near one another in the planted plan."""
        attended: dict[str, list[Planted]] = defaultdict(list)
        for one in self.planted:
            for guest in one.item.delegations:
                attended[guest].append(one)
        by_day: dict[int, list[str]] = defaultdict(list)
        for guest, (first, last) in self.derived.stays.items():
            for day in range(first, last + 1):
                by_day[day].append(guest)
        wanted, number = ceil(self.city.days / 10), 0
        days = sorted(by_day)
        self.rng.shuffle(days)
        for day in days:
            pairs = list(combinations(by_day[day], 2))
            for rival, other in self.rng.sample(pairs, min(30, len(pairs))):
                if number < wanted and self._keep_apart(rival, other, attended):
                    number += 1
                    self.found[f"rivals-{number}"] = {
                        "rule": "separation",
                        "delegations": [rival, other],
                        "scope": "venue",
                        "gap": f"{RIVALS_GAP} min",
                    }
                    break

    def _keep_apart(self, one: str, other: str, attended: dict[str, list[Planted]]) -> bool:
        if self.derived.homes[one] == self.derived.homes[other]:
            return False
        alone = [a for a in attended[one] if other not in a.item.delegations]
        others = [b for b in attended[other] if one not in b.item.delegations]
        return all(
            a.venue != b.venue or a.end + RIVALS_GAP <= b.start or b.end + RIVALS_GAP <= a.start
            for a in alone
            for b in others
        )

    def goals(self) -> dict[str, Any]:
        """Return the section ``goals``."""
        series: dict[str, list[str]] = defaultdict(list)
        for one in self.planted:
            if one.item.series.startswith("track"):
                series[f"{one.draft.id}-{one.item.series}"].append(one.id)
        series = {name: sessions for name, sessions in series.items() if len(sessions) > 1}
        same = {"tracks": {"goal": "same-hall", "tier": 2, "weight": 30, "series": dict(series)}} if series else {}
        return {**GOALS, **same}

    def blocks(self) -> dict[str, Any]:
        """Return blocks of time on the busiest days, and write which halls one event has in each of them."""
        busy = Counter(one.start // DAY for one in self.planted)
        days = sorted(sorted(busy, key=lambda day: (-busy[day], day))[:3])
        found = {
            f"day-{day + 1}-{name}": {"date": self.city.date(day), "time": f"{clock(begin)}-{clock(end)}"}
            for day in days
            for name, begin, end in BLOCKS
        }
        owners: dict[str, dict[tuple[int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
        for one in self.planted:
            for name, begin, end in BLOCKS if one.start // DAY in days else ():
                if begin <= one.start % DAY < end and self.city.halls[one.hall].pooled is None:
                    for part in self.city.halls[one.hall].parts:
                        owners[part][one.start // DAY, name].add(one.draft.id)
        kept = [hall for hall, there in owners.items() if all(len(events) == 1 for events in there.values())]
        if kept:
            self.found["one-door"] = {"rule": "hall-blocks", "halls": sorted(kept)[:8]}
        return found
