"""What a scenario asks, derived from a planted plan so that the plan keeps to it: sessions, delegations, shared resources.

Windows are hours, a day or some days around the planted hour, halls are those of the programme that fit, wishes are near
the planted place and not on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from benchmarks.families.city import DAY, City
from benchmarks.families.kinds import HOST_LEADERS, Guest
from benchmarks.families.ledger import Planted
from benchmarks.families.plant import FullError

MOST_HALLS = 36
"""Halls that a session names at most."""
BANDS = ((8 * 60, 13 * 60), (13 * 60, 18 * 60 + 30), (17 * 60, 22 * 60 + 30))
"""Morning, afternoon, evening."""
LIAISON = 3
"""Liaison officers of a delegation, for its whole stay."""
PRINCIPALS_A_HOUSE = 3
DRIFT = {"conference": 2, "fair": 2, "concert": 2, "press": 3, "embassy": 4}
"""Days by which sessions without guests may move."""


class Derived:
    """The sessions, delegations and homes of a scenario, from what was planted."""

    def __init__(self, city: City, rng: Random, planted: list[Planted], persons: dict[str, tuple[str, ...]]) -> None:
        self.city, self.rng, self.planted, self.persons = city, rng, planted, persons
        self.guests: dict[str, Guest] = {guest.id: guest for one in planted for guest in one.draft.guests}
        self.stays: dict[str, tuple[int, int]] = {}
        for one in planted:
            for guest in one.item.delegations:
                if guest in self.guests:
                    first, last = self.stays.get(guest, (one.start // DAY,) * 2)
                    self.stays[guest] = (min(first, one.start // DAY), max(last, one.start // DAY))
        self.halls = {one.id: self.fitting(one, {one.hall for one in planted}) for one in planted}
        self.options: dict[str, str] = {}
        self.homes: dict[str, str] = {}
        self.home_lists: dict[str, list[str]] = {}
        self._house()

    def fitting(self, one: Planted, programme: set[str]) -> list[str]:
        """Return halls of a programme that fit a session, its own among them, in the order of the city."""
        fit = self.city.fit(one.item.layout, one.item.people, one.item.needs, one.draft.grade)
        found = [hall for hall in fit if hall in programme]
        if len(found) > MOST_HALLS:
            others = [hall for hall in found if hall != one.hall]
            found = [one.hall, *self.rng.sample(others, MOST_HALLS - 1)]
        order = {hall: number for number, hall in enumerate(self.city.halls)}
        return sorted(found, key=order.__getitem__)

    def admit(self, hall: str) -> bool:
        """Let every session that fits into a hall be held there; return whether one does."""
        fits = False
        for one in self.planted:
            if hall in self.city.fit(one.item.layout, one.item.people, one.item.needs, one.draft.grade):
                self.halls[one.id].append(hall)
                fits = True
        return fits

    def exclusive(self) -> list[str]:
        """Return the exclusive halls that some session admits, parts of combinations among them."""
        named = {part for halls in self.halls.values() for hall in halls for part in self.city.halls[hall].parts}
        return [hall for hall, of in self.city.halls.items() if hall in named and of.pooled is None]

    def nights(self, guest: str) -> tuple[int, int]:
        """Return the first and the last night of a guest's stay, as days of the calendar."""
        first, last = self.stays[guest]
        return first, max(first, last - 1)

    def _house(self) -> None:
        """Give each guest hotels to choose from, and one of them that has rooms."""
        hotels = {
            name: hotel.rooms
            for name, hotel in self.city.scenario.hotels.items()
            if hotel.opens is None and hotel.closes is None
        }
        rooms: dict[tuple[str, int], int] = {}
        heads: dict[tuple[str, int], int] = {}
        for guest in self.guests.values():
            first, last = self.nights(guest.id)
            nights = range(first, last + 1)
            listed = self.rng.sample(sorted(hotels), 6)
            rest = [name for name in sorted(hotels) if name not in listed]
            head = guest.rank != "minister"
            for name in (*self.rng.sample(listed, 6), *self.rng.sample(rest, len(rest))):
                full = any(rooms.get((name, night), 0) + guest.rooms > hotels[name] for night in nights)
                crowded = head and any(heads.get((name, night), 0) >= PRINCIPALS_A_HOUSE for night in nights)
                if not full and not crowded:
                    break
            else:
                raise FullError(f"no hotel has rooms for {guest.id}")
            for night in nights:
                rooms[name, night] = rooms.get((name, night), 0) + guest.rooms
                heads[name, night] = heads.get((name, night), 0) + head
            self.homes[guest.id] = name
            self.home_lists[guest.id] = listed if name in listed else [*listed, name]

    def delegations(self) -> dict[str, Any]:
        """Return the section ``delegations``."""
        roles = {role: _office(role) for role in (*HOST_LEADERS, "spokesperson", "protocol-chief")}
        found: dict[str, Any] = {"host": {"country": "CN", "name": "China", "languages": ["zh"], "persons": roles}}
        for guest in self.guests.values():
            first, last = self.nights(guest.id)
            found[guest.id] = {
                "country": guest.country,
                "name": f"{guest.name} ({guest.id})",
                "languages": [guest.language],
                "rank": guest.rank,
                "persons": list(guest.persons),
                "size": guest.size,
                "home": {"any": self.home_lists[guest.id]},
                "rooms": guest.rooms,
                "nights": {"from": self.city.date(first), "to": self.city.date(last)},
                "uses": {"liaison-officers": LIAISON},
            }
        return found

    def liaison(self) -> Iterable[tuple[int, int, int]]:
        """Yield what stays take of liaison officers: from noon of the first day to noon after the last night."""
        for guest in self.guests:
            first, last = self.nights(guest)
            yield first * DAY + DAY // 2, (last + 1) * DAY + DAY // 2, LIAISON

    def events(self) -> dict[str, Any]:
        """Return the section ``events``."""
        found: dict[str, Any] = {}
        for one in self.planted:
            draft = one.draft
            if draft.id not in found:
                event: dict[str, Any] = {"name": draft.title, "grade": draft.grade}
                if draft.envelope != draft.id:
                    event["envelope"] = draft.envelope
                if draft.optional:
                    event["optional"] = {"price": draft.optional}
                found[draft.id] = event | {"sessions": {}}
            found[draft.id]["sessions"][one.item.name] = self._session(one)
        return found

    def _session(self, one: Planted) -> dict[str, Any]:
        item = one.item
        said: dict[str, Any] = {"name": item.title}
        if item.days > 1:
            said |= {"days": item.days, "daily": f"{clock(item.at)}-{clock(item.at + item.minutes)}"}
        else:
            said["duration"] = f"{item.minutes} min"
        said |= {"attendance": item.people, "layout": item.layout}
        said |= {"vehicles": item.vehicles} if item.vehicles else {}
        said |= {"needs": list(item.needs)} if item.needs else {}
        said |= {"labels": {"theme": [item.theme]}} if item.theme else {}
        said |= {"delegations": list(item.delegations)} if item.delegations else {}
        said |= {"persons": list(self.persons[one.id])} if self.persons[one.id] else {}
        halls = {"any": self.halls[one.id]}
        if item.spends:
            self.options[one.id] = self.rng.choice(("served", "served", "buffet"))
            said["options"] = {
                "served": {"halls": halls, "spends": {"hospitality": item.spends}},
                "buffet": {"halls": halls, "spends": {"hospitality": item.spends // 2}, "price": 2},
            }
        else:
            said["halls"] = halls
        said |= {"move-in": f"{item.move_in} min"} if item.move_in else {}
        said |= {"move-out": f"{item.move_out} min"} if item.move_out else {}
        said["within"] = self._windows(one)
        said |= self._prefer(one)
        said["uses"] = item.uses
        said |= {"optional": {"price": item.optional}} if item.optional else {}
        return said

    def spent(self) -> int:
        """Return what the planted plan spends of hospitality, once the events have been made."""
        return sum(
            one.item.spends // (1 if self.options[one.id] == "served" else 2) for one in self.planted if one.item.spends
        )

    def _windows(self, one: Planted) -> dict[str, Any]:
        item, day, draw = one.item, one.start // DAY, self.rng.random()
        first, last = self._days(one)
        if item.days > 1:
            return {"days": {"from": self.city.date(first), "to": self.city.date(last)}}
        begin, end = one.start % DAY, one.start % DAY + item.minutes
        fitting = [band for band in BANDS if band[0] <= begin and end <= band[1]]
        wide = (min(8 * 60, begin), max(22 * 60 + 30, end))
        band = self.rng.choice(fitting) if fitting else wide
        if draw < 0.45 or "state-flight" in item.needs:
            if "state-flight" in item.needs:
                band = (max(7 * 60, begin - 150), min(23 * 60, end + 150))
            return {"main": {"date": self.city.date(day), "time": _band(band)}}
        if draw < 0.7 or first == last:
            return {"day": {"date": self.city.date(day), "time": _band(wide)}}
        if draw < 0.9:
            return {"days": {"from": self.city.date(first), "to": self.city.date(last), "time": _band(band)}}
        other = self.rng.choice([each for each in range(first, last + 1) if each != day])
        return {
            "main": {"date": self.city.date(day), "time": _band(band)},
            "reserve": {"date": self.city.date(other), "time": _band(wide)},
        }

    def _days(self, one: Planted) -> tuple[int, int]:
        """Return the first and the last day on which a session may be: within the stays of its guests."""
        day, final = one.start // DAY, one.start // DAY + one.item.days - 1
        guests = [self.stays[guest] for guest in one.item.delegations if guest in self.stays]
        if guests:
            return max(first for first, _ in guests), min(last for _, last in guests)
        drift = DRIFT.get(one.draft.kind, 0)
        return max(0, day - self.rng.randint(0, drift)), min(self.city.days - 1, final + self.rng.randint(0, drift))

    def _prefer(self, one: Planted) -> dict[str, Any]:
        prefer: dict[str, Any] = {}
        if self.rng.random() < 0.6:
            moved = 0 if one.item.days > 1 else self.rng.choice((0, 0, 15, -15, 30, -30, 60, -60))
            start = min(max(one.start + moved, one.start // DAY * DAY), (one.start // DAY + 1) * DAY - 15)
            prefer["start"] = moment(self.city, start)
        if self.rng.random() < 0.5:
            halls = self.halls[one.id]
            liked = [one.hall if self.rng.random() < 0.4 else self.rng.choice(halls), self.rng.choice(halls)]
            prefer["venues"] = list(dict.fromkeys([liked[0], liked[1].partition(".")[0]]))
        return {"prefer": prefer} if prefer else {}


def clock(minute: int) -> str:
    """Return a minute of the day as clocks show it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def moment(city: City, minute: int) -> str:
    """Return a minute of the calendar as a local time."""
    return f"{city.date(minute // DAY)}T{clock(minute % DAY)}"


def _band(band: tuple[int, int]) -> str:
    return f"{clock(band[0])}-{clock(band[1])}"


def _office(role: str) -> str:
    return role.replace("-", " ").capitalize()
