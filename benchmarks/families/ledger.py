"""What is taken while a plan is planted: halls, persons, limits of venues, and what graded sessions keep others away from.

It knows the rules that any two sessions have between them. What depends on the plan as a whole (capacities, limits a day)
is derived afterwards from what was planted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from benchmarks.families.city import DAY, GRADES, City
from benchmarks.families.kinds import Draft, Item

QUARTER = 15
RADIUS = 3000
"""Metres within which sessions of the highest grade and different envelopes are not at once."""
CORDONS = {"yanqi-island": DAY, "zgc-innovation": 6 * 60}
"""Minutes before a session of the highest grade from which on others stay out of a venue."""
CORDON_AFTER = 60
COOLDOWN = 120
COOLED = ("yanqi-island", "cncc2", "zgc-innovation")
"""Venues that rest so many minutes between sessions of different envelopes, of G2 and higher."""
SPACING = 15
"""Minutes between the starts of two flights at one airport."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A session where and when it was planted."""

    draft: Draft
    item: Item
    hall: str
    venue: str
    start: int
    end: int

    @property
    def id(self) -> str:
        return f"{self.draft.id}.{self.item.name}"

    @property
    def sweep(self) -> int:
        return GRADES[self.draft.grade]

    @property
    def hours(self) -> list[tuple[int, int]]:
        """When people are there: a span a day."""
        return [(self.start + day * DAY, self.start + day * DAY + self.item.minutes) for day in range(self.item.days)]


class Ledger:
    """Says whether a session fits to those that it was told of."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._halls: dict[tuple[str, int], list[Planted]] = defaultdict(list)
        self._persons: dict[tuple[str, int], list[Planted]] = defaultdict(list)
        self._graded: dict[int, list[Planted]] = defaultdict(list)
        self._venues: dict[tuple[str, int], list[Planted]] = defaultdict(list)
        slots = (city.days + 2) * DAY // QUARTER
        self._pooled = {name: np.zeros(slots, np.int32) for name, hall in city.halls.items() if hall.pooled}
        self._crowds = {
            venue: np.zeros((3, slots), np.int32) for venue in {hall.venue for hall in city.halls.values()}
        }  # people, sessions, vehicles

    def person_free(self, one: Planted, *, in_any_hall: bool = False) -> bool:
        """Return whether everybody can be at a session, with the ways from the one before and to the next.

        With ``in_any_hall`` the ways inside its venue are left out, so that the answer is that of any hall of it.
        """
        for person in one.item.persons:
            for other in self._persons[person, one.start // DAY]:
                first, second = (one, other) if one.start < other.start else (other, one)
                way = 0 if in_any_hall and first.venue == second.venue else self._way(first, second)
                if second.start - first.end < way:
                    return False
        return True

    def _way(self, first: Planted, second: Planted) -> int:
        if first.venue != second.venue:
            escorted = "G1" in (first.draft.grade, second.draft.grade)
            return self.city.way(first.venue, second.venue, first.end, escorted=escorted)
        moves = first.hall != second.hall and first.draft.id != second.draft.id
        return self.city.scenario.venues[first.venue].moves if moves else 0

    def hall_free(self, one: Planted) -> bool:
        """Return whether a hall is open and free, and its venue takes the session."""
        hall, item = self.city.halls[one.hall], one.item
        swept = 0 if hall.pooled else one.sweep
        if any(
            not self.city.is_open(one.hall, begin, end, swept + item.move_in, item.move_out) for begin, end in one.hours
        ) or not self.city.is_open(
            one.hall, one.hours[0][0], one.hours[0][1], 0, one.end - one.hours[0][1] + item.move_out
        ):
            return False
        return self._unoccupied(one) and self._room(one) and self._undisturbed(one)

    def _unoccupied(self, one: Planted) -> bool:
        hall = self.city.halls[one.hall]
        if hall.pooled:
            taken = self._pooled[one.hall][self._slots(one.start - one.item.move_in, one.end + one.item.move_out)]
            return not taken.size or int(taken.max()) < hall.pooled
        for part in hall.parts:
            for day in range(one.start // DAY, one.end // DAY + 1):
                for other in self._halls[part, day]:
                    first, second = (one, other) if one.start < other.start else (other, one)
                    if second.start - first.end < self._between(first, second):
                        return False
        return True

    def _between(self, first: Planted, second: Planted) -> int:
        stays = first.draft.id == second.draft.id
        turnover = self.city.turnover(first.hall, second.hall, first.item.layout, second.item.layout, stays)
        sweep = 0 if first.draft.envelope == second.draft.envelope else second.sweep
        return first.item.move_out + turnover + second.item.move_in + sweep

    def _room(self, one: Planted) -> bool:
        limits = self.city.scenario.venues[one.venue].limits
        caps = (limits.attendance, limits.sessions, limits.vehicles)
        if caps == (None, None, None):
            return True
        adds = (one.item.people, 1, one.item.vehicles)
        for begin, end in one.hours:
            most = self._crowds[one.venue][:, self._slots(begin, end)].max(axis=1)
            if any(cap is not None and there + add > cap for cap, there, add in zip(caps, most, adds, strict=True)):
                return False
        return True

    def _undisturbed(self, one: Planted) -> bool:
        """Return whether no other envelope is too near: perimeter, cordon, cooldown, and the flights before and after."""
        days = range(one.start // DAY - 1, one.end // DAY + 2)
        if one.draft.grade == "G1":
            for other in (other for day in days for other in self._graded[day]):
                at_once = other.start < one.end and one.start < other.end and other.draft.envelope != one.draft.envelope
                if at_once and self.city.near(one.venue, other.venue, RADIUS):
                    return False
        cordon, cools = CORDONS.get(one.venue), one.venue in COOLED
        flight = "state-flight" in one.item.needs
        if cordon is None and not cools and not flight:
            return True
        for other in (other for day in range(days.start - 1, days.stop + 1) for other in self._venues[one.venue, day]):
            if flight and abs(other.start - one.start) < SPACING:
                return False
            if other.draft.envelope == one.draft.envelope:
                continue
            if cools and max(one.draft.grade, other.draft.grade) <= "G2" and not _clear(one, other, COOLDOWN, COOLDOWN):
                return False
            for shuts, stays_out in ((one, other), (other, one)):
                if cordon is not None and shuts.draft.grade == "G1" and not _clear(shuts, stays_out, cordon, CORDON_AFTER):
                    return False
        return True

    def take(self, one: Planted, sign: int = 1) -> None:
        """Enter a session; with ``sign`` -1 take it out again."""
        lists = [self._persons[person, one.start // DAY] for person in one.item.persons]
        days = range(one.start // DAY, one.end // DAY + 1)
        for part in self.city.halls[one.hall].parts:
            lists += [self._halls[part, day] for day in range(days.start - 1, days.stop + 1)]
        lists += [self._venues[one.venue, day] for day in days]
        if one.draft.grade == "G1":
            lists += [self._graded[day] for day in days]
        for entries in lists:
            if sign > 0:
                entries.append(one)
            else:
                entries.remove(one)
        if one.hall in self._pooled:
            self._pooled[one.hall][self._slots(one.start - one.item.move_in, one.end + one.item.move_out)] += sign
        for begin, end in one.hours:
            amounts = np.array([[one.item.people], [1], [one.item.vehicles]], np.int32)
            self._crowds[one.venue][:, self._slots(begin, end)] += sign * amounts

    def most_at(self, venue: str) -> tuple[int, int, int]:
        """Return the most people, sessions and vehicles that a venue has at a moment."""
        people, sessions, vehicles = self._crowds[venue].max(axis=1)
        return int(people), int(sessions), int(vehicles)

    @staticmethod
    def _slots(begin: int, end: int) -> slice:
        return slice((begin + DAY) // QUARTER, -(-(end + DAY) // QUARTER))


def _clear(shuts: Planted, other: Planted, before: int, after: int) -> bool:
    return other.end <= shuts.start - before or shuts.end + after <= other.start
