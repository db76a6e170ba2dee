from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Count,
    Cumulative,
    Distinct,
    Group,
    Home,
    Hotel,
    HotelRef,
    Plan,
    Rank,
    Remedy,
    Rule,
    Scenario,
    Steps,
    Term,
    Total,
    Use,
    Violation,
)

_HEADS = ("head-of-state", "head-of-government", "deputy-head", "head-of-organisation")


class Lodging(Rule):
    """Every delegation with a ``home`` has one of its hotels for all its nights, and no hotel more guests than rooms.

    Planners need it because a summit fills the good hotels, and because a house takes only so many principals before their
    motorcades and guards are in one another's way: ``principals`` is how many delegations led by a head of state or
    government, their deputy or the head of an organisation may stay in one hotel in a night. ``ranks`` names, for a rank of
    delegations, the only hotels that are fit for it.

        hotels:
          kempinski: {name: Kempinski, rooms: 480}
        delegations:
          kaz: {country: KZ, rank: head-of-state, home: {any: [kempinski]}, rooms: 40,
                nights: {from: 2023-10-16, to: 2023-10-18}}
        rules:
          houses: {rule: lodging, principals: 3, ranks: {head-of-state: [kempinski]}}

    It always stands. When it blocks a plan, give the delegations more hotels, ask for fewer rooms, let more principals
    share a house, or admit more hotels for a rank.
    """

    family = "lodging"
    standing = True

    principals: Annotated[Count, Field(ge=1)] | None = None
    ranks: dict[Rank, Annotated[Distinct[HotelRef], Field(min_length=1)]] = {}

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say before any search where the city has not rooms enough, or no hotel of a delegation is large enough."""
        for name, home in scenario.homes.items():
            largest = max((scenario.hotels[hotel].rooms for hotel in home.hotels if hotel in scenario.hotels), default=0)
            if home.rooms > largest > 0:
                message = f"{scenario.delegation_name(name)} asks for {home.rooms} rooms; its largest hotel has {largest}"
                yield Complaint(("delegations", name, "rooms"), message, "more hotels, or fewer rooms?")
        asked: dict[date, int] = {}
        for home in scenario.homes.values():
            for night in _nights(home):
                asked[night] = asked.get(night, 0) + home.rooms
        there_are = sum(hotel.rooms for hotel in scenario.hotels.values())
        fullest = max(asked, key=lambda night: asked[night], default=None)
        known = all(hotel in scenario.hotels for home in scenario.homes.values() for hotel in home.hotels)
        if known and fullest is not None and asked[fullest] > there_are:
            message = (
                f"in the night of {fullest} the delegations ask for {asked[fullest]} rooms; all hotels together have "
                f"{there_are}"
            )
            yield Complaint(("hotels",), message, "more hotels, fewer rooms, or fewer nights?")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say that every home is there, open and fit for the rank, and what each hotel takes of rooms and of principals."""
        homes = scenario.homes
        if homes:
            yield Group(rule=self.id, then=tuple(candidates.numbers[name] for name in homes))
        for name, home in homes.items():
            rank = scenario.delegations[name].rank
            fit = home.hotels if rank is None else self.ranks.get(rank, home.hotels)
            hotels = [choice.hall for choice in candidates.of(name)]
            barred = tuple(int(hotel not in fit or not _is_open(scenario, home, hotel)) for hotel in hotels)
            if any(barred):
                yield Total(rule=self.id, sessions=(candidates.numbers[name],), amounts=(barred,), most=0)
        for hotel in dict.fromkeys(hotel for home in homes.values() for hotel in home.hotels):
            rooms = {name: home.rooms for name, home in homes.items()}
            house = scenario.hotels[hotel].name
            yield from self._within(candidates, hotel, rooms, scenario.hotels[hotel].rooms, f"rooms at {house}")
            heads = {name: 1 for name in homes if scenario.delegations[name].rank in _HEADS}
            if self.principals is not None:
                yield from self._within(candidates, hotel, heads, self.principals, f"principals at {house}")

    def _within(
        self, candidates: Candidates, hotel: str, amounts: dict[str, int], capacity: int, about: str
    ) -> Iterator[Term]:
        uses = tuple(
            Use(candidates.numbers[name], tuple((0, 0, amount) if c.hall == hotel else None for c in candidates.of(name)))
            for name, amount in amounts.items()
            if any(choice.hall == hotel for choice in candidates.of(name))
        )
        if sum(amounts.values()) > capacity and uses:
            yield Cumulative(rule=self.id, about=about, uses=uses, capacity=Steps((0,), (capacity,)))

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find delegations without a home, hotels that are closed or not fit, and those that are too full in a night."""
        guests: dict[tuple[str, date], list[str]] = {}
        for name in scenario.homes:
            home = scenario.homes[name]
            if name not in plan.homes:
                yield Violation((name,), 1, {"what": "none"})
                continue
            hotel = scenario.hotels[plan.homes[name]]
            for when in self._closed(hotel, home):
                yield Violation((name,), 1, {"what": "closed", "hotel": plan.homes[name], "when": when})
            for rank, fit in self.ranks.items():
                if scenario.delegations[name].rank == rank and plan.homes[name] not in fit:
                    yield Violation((name,), 1, {"what": "not fit", "hotel": plan.homes[name], "rank": rank, "fit": fit})
            for night in _nights(home):
                guests.setdefault((plan.homes[name], night), []).append(name)
        full: dict[tuple[str, str, tuple[str, ...]], list[date]] = {}
        for (hotel_id, night), names in sorted(guests.items()):
            if sum(scenario.homes[name].rooms for name in names) > scenario.hotels[hotel_id].rooms:
                full.setdefault(("rooms", hotel_id, tuple(names)), []).append(night)
            heads = [name for name in names if str(scenario.delegations[name].rank).split("-")[0] in ("head", "deputy")]
            if self.principals is not None and len(heads) > self.principals:
                full.setdefault(("principals", hotel_id, tuple(heads)), []).append(night)
        for (what, hotel_id, who), nights in full.items():
            there = scenario.hotels[hotel_id].rooms if what == "rooms" else self.principals or 0
            asked = sum(scenario.homes[name].rooms for name in who) if what == "rooms" else len(who)
            facts = {"what": what, "hotel": hotel_id, "nights": nights, "asked": asked, "there": there}
            yield Violation(who, (asked - there) * len(nights), facts)

    @staticmethod
    def _closed(hotel: Hotel, home: Home) -> Iterator[str]:
        """Yield when a hotel is closed during a stay, in words."""
        if hotel.opens and home.first_night < hotel.opens:
            yield f"until {hotel.opens}"
        if hotel.closes and home.last_night > hotel.closes:
            yield f"after {hotel.closes}"
        for name, closure in hotel.closures.items():
            if max(closure.from_, home.arrives) < min(closure.to, home.leaves):
                yield f"{closure.from_:%d %b} to {closure.to:%d %b} ({closure.why or name})"

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say which hotel cannot take whom."""
        names = ", ".join(scenario.delegation_name(name) for name in violation.sessions)
        facts = violation.facts
        if facts["what"] == "none":
            hotels = " or ".join(str(scenario.hotels[hotel].name) for hotel in scenario.homes[violation.sessions[0]].hotels)
            return f"{names} has no home; it may stay at {hotels}."
        hotel = scenario.hotels[facts["hotel"]]
        if facts["what"] == "closed":
            return f"{names} stays at {hotel.name}, which is closed {facts['when']}."
        if facts["what"] == "not fit":
            fit = " or ".join(str(scenario.hotels[hotel].name) for hotel in facts["fit"])
            return f"{names} stays at {hotel.name}; fit for a {_words(facts['rank'])} is {fit}."
        nights = ", ".join(f"{night:%d %b}" for night in facts["nights"])
        when = f"In the {'night' if len(facts['nights']) == 1 else 'nights'} of {nights}"
        if facts["what"] == "rooms":
            return f"{when} {hotel.name} has {facts['there']} rooms; {facts['asked']} are asked for, by {names}."
        return f"{when} {facts['asked']} principals stay at {hotel.name}, where at most {facts['there']} may: {names}."

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Find the rooms that are asked for, or let so many principals stay in one house."""
        facts = violation.facts
        if facts["what"] not in ("rooms", "principals"):
            return
        asked, there, hotel = facts["asked"], facts["there"], facts["hotel"]
        share = (asked - there) / max(1, there)
        if facts["what"] == "rooms":
            yield Remedy(f"Find {asked} rooms at {hotel}, not {there}.", {"hotels": {hotel: {"rooms": asked}}}, share)
        else:
            text = f"Let {asked} principals stay in one house, not {there} ({self.id})."
            yield Remedy(text, {"rules": {self.id: {"principals": asked}}}, share)


def _words(rank: str) -> str:
    return rank.replace("-", " ")


def _nights(home: Home) -> Iterator[date]:
    for offset in range((home.last_night - home.first_night).days + 1):
        yield home.first_night + timedelta(days=offset)


def _is_open(scenario: Scenario, home: Home, hotel: str) -> bool:
    place = scenario.hotels[hotel]
    shut = any(closure.from_ < home.leaves and home.arrives < closure.to for closure in place.closures.values())
    opened = place.opens is None or place.opens <= home.first_night
    return opened and not shut and (place.closes is None or home.last_night <= place.closes)
