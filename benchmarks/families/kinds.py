"""Kinds of events, from the summit to the press conference: their sessions, who is there, what they take.

Lengths, people and what is taken of pools are our own parameters, made up after the shape of published programmes; all
lengths are whole quarters of an hour. A session of a kind is written in a line or two; what depends on
the guests (one arrival each, one meeting each) is made in a loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

HOST_LEADERS = (
    "president",
    "premier",
    "npc-chairman",
    "cppcc-chairman",
    "vice-president",
    "vice-premier-1",
    "vice-premier-2",
    "vice-premier-3",
    "vice-premier-4",
    "foreign-minister",
    "commerce-minister",
    "culture-minister",
    "science-minister",
)
"""The host's principals; beside them there are ``spokesperson`` and ``protocol-chief``."""
COUNTRIES = (
    ("ARG", "AR", "Argentina", "es"),
    ("ARM", "AM", "Armenia", "hy"),
    ("AUS", "AU", "Australia", "en"),
    ("BEN", "BJ", "Benin", "fr"),
    ("BRA", "BR", "Brazil", "pt"),
    ("CHL", "CL", "Chile", "es"),
    ("COL", "CO", "Colombia", "es"),
    ("COG", "CG", "Republic of the Congo", "fr"),
    ("CUB", "CU", "Cuba", "es"),
    ("DEU", "DE", "Germany", "de"),
    ("EGY", "EG", "Egypt", "ar"),
    ("ETH", "ET", "Ethiopia", "am"),
    ("FRA", "FR", "France", "fr"),
    ("GAB", "GA", "Gabon", "fr"),
    ("HUN", "HU", "Hungary", "hu"),
    ("IDN", "ID", "Indonesia", "id"),
    ("IRQ", "IQ", "Iraq", "ar"),
    ("ITA", "IT", "Italy", "it"),
    ("JOR", "JO", "Jordan", "ar"),
    ("KAZ", "KZ", "Kazakhstan", "kk"),
    ("KEN", "KE", "Kenya", "en"),
    ("KGZ", "KG", "Kyrgyzstan", "ky"),
    ("KHM", "KH", "Cambodia", "km"),
    ("LAO", "LA", "Laos", "lo"),
    ("LKA", "LK", "Sri Lanka", "si"),
    ("MAR", "MA", "Morocco", "ar"),
    ("MEX", "MX", "Mexico", "es"),
    ("MNG", "MN", "Mongolia", "mn"),
    ("MOZ", "MZ", "Mozambique", "pt"),
    ("MYS", "MY", "Malaysia", "ms"),
    ("NGA", "NG", "Nigeria", "en"),
    ("NOR", "NO", "Norway", "no"),
    ("NPL", "NP", "Nepal", "ne"),
    ("PAK", "PK", "Pakistan", "ur"),
    ("PER", "PE", "Peru", "es"),
    ("PNG", "PG", "Papua New Guinea", "en"),
    ("QAT", "QA", "Qatar", "ar"),
    ("RUS", "RU", "Russian Federation", "ru"),
    ("SEN", "SN", "Senegal", "fr"),
    ("SGP", "SG", "Singapore", "en"),
    ("SRB", "RS", "Serbia", "sr"),
    ("THA", "TH", "Thailand", "th"),
    ("TJK", "TJ", "Tajikistan", "tg"),
    ("TKM", "TM", "Turkmenistan", "tk"),
    ("TUN", "TN", "Tunisia", "ar"),
    ("UZB", "UZ", "Uzbekistan", "uz"),
    ("VNM", "VN", "Viet Nam", "vi"),
    ("ZMB", "ZM", "Zambia", "en"),
)
"""Three letters, two letters, name, first language; general knowledge."""
RANKS = ("head-of-state", "head-of-state", "head-of-government", "deputy-head")


@dataclass(frozen=True)
class Guest:
    """A delegation that comes to one event and leaves after it."""

    id: str
    country: str
    name: str
    language: str
    rank: str
    persons: tuple[str, ...]
    size: int
    rooms: int


@dataclass
class Item:
    """One session of an event that is to be planted.

    It is wished for on day ``day`` of the event, ``at`` minutes after midnight, and never before ``first`` or beyond
    ``last``. ``after`` names an earlier session of the event with the least and the most minutes between (None: no most).
    """

    name: str
    title: str
    day: int
    at: int
    minutes: int
    layout: str
    people: int
    persons: tuple[str, ...] = ()
    delegations: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: int = 7 * 60 + 30
    last: int = 22 * 60 + 30
    days: int = 1
    move_in: int = 0
    move_out: int = 0
    vehicles: int = 0
    after: tuple[str, int, int | None] | None = None
    series: str = ""
    """Sessions of one series are planted at one venue."""
    optional: int = 0
    """Its price where it may be left out."""
    spends: int = 0
    """Thousand CNY of the hospitality budget."""
    theme: str = ""


@dataclass
class Draft:
    """An event that is to be planted; those of one ``envelope`` are planted together, in one go."""

    id: str
    kind: str
    title: str
    grade: str
    envelope: str
    items: list[Item]
    guests: list[Guest] = field(default_factory=list)
    optional: int = 0


def _guest(rng: Random, of: str, country: tuple[str, str, str, str], rank: str) -> Guest:
    code, iso, name, language = country
    persons = ("principal",) if rank == "minister" else ("principal", "spouse", "minister")
    size, rooms = (12, 8) if rank == "minister" else (rng.choice((40, 50, 60)), rng.choice((30, 40)))
    return Guest(f"{code.lower()}-{of}", iso, name, language, rank, persons, size, rooms)


def _uses(grade: str, people: int, guests: int, *, talks: bool = False, booths: bool = False, crowd: bool = False) -> Any:
    """Return what a session takes of the pools."""
    security = {"G1": 8, "G2": 5, "G3": 3}[grade] + people // 400
    uses: dict[str, dict[str, Any]] = {"security-teams": {"phase": "session", "amount": security}}
    if grade != "G3":
        uses["sweep-teams"] = {"phase": "sweep", "amount": 4 if grade == "G1" else 3}
    if grade == "G1" and guests:
        uses["escorts"] = {"phase": "wave", "amount": 1, "per-delegation": 1, "wave": "30 min"}
    if talks:
        uses["interpreters-consecutive"] = {"phase": "session", "amount": 3}
    if booths:
        uses["booths"] = {"phase": "session", "amount": 4 + min(6, guests)}
    if crowd:
        uses["coaches"] = {"phase": "wave", "per-people": 45, "wave": "45 min"}
    return uses


def state_visit(rng: Random, number: int, lead: str) -> list[Draft]:
    """A visit of three days: arrival, the day of talks, farewell; ``lead`` is whose guest it is."""
    guest = _guest(
        rng, f"v{number}", rng.choice(COUNTRIES), "head-of-state" if lead == "president" else "head-of-government"
    )
    g, all_of = guest.id, ("host", guest.id)
    both, talkers = (f"host.{lead}", f"{g}.principal"), (f"host.{lead}", f"{g}.principal", f"{g}.minister")
    others = [role for role in HOST_LEADERS[1:5] if role != lead]
    rng.shuffle(others)

    def item(name: str, title: str, day: int, at: int, minutes: int, layout: str, people: int, **more: Any) -> Item:
        flags = {key: more.pop(key) for key in ("talks", "booths") if key in more}
        uses = _uses("G1", people, 1, **flags)
        needs = more.pop("needs", ("interpretation",) if flags else ())
        return Item(name, title, day, at, minutes, layout, people, delegations=all_of, needs=needs, uses=uses, **more)

    everybody = tuple(f"{g}.{role}" for role in guest.persons)
    flight: dict[str, Any] = {"needs": ("state-flight",), "persons": (*everybody, "host.protocol-chief"), "vehicles": 20}
    items = [
        item("arrival", "Arrival", 0, rng.choice((15, 16, 17, 18)) * 60, 30, "reception", 80, first=9 * 60, **flight),
        item("call-1", "Call", 1, 9 * 60, 45, "hollow-square", 30, persons=(f"host.{others[0]}", *talkers[1:]), talks=True),
        item("wreath", "Wreath", 1, 10 * 60 + 30, 30, "reception", 60, persons=(f"{g}.principal",), needs=("wreath",),
             optional=60),
        item("call-2", "Call", 1, 14 * 60, 45, "hollow-square", 30, persons=(f"host.{others[1]}", *talkers[1:]), talks=True,
             optional=80),
        item("welcome", "Welcome ceremony", 1, 15 * 60 + 45, 30, "reception", 300, persons=both, needs=("honour-guard",),
             move_in=60, move_out=30),
        item("talks", "Talks", 1, 16 * 60 + 30, 75, "hollow-square", 40, persons=talkers, talks=True, series="talks",
             after=("welcome", 15, 90)),
        item("spouses", "Programme of the spouses", 1, 16 * 60 + 30, 90, "hollow-square", 20, persons=(f"{g}.spouse",)),
        item("signing", "Signing ceremony", 1, 18 * 60, 30, "theatre", 120, persons=talkers, talks=True, series="talks",
             move_in=60, after=("talks", 15, 60)),
        item("banquet", "State banquet", 1, 19 * 60, 90, "banquet", 130, persons=(*both, f"{g}.spouse", f"{g}.minister"),
             move_in=120, move_out=60, spends=60, after=("signing", 15, 120)),
        item("forum", "Business forum", 2, 9 * 60 + 30, 120, "theatre", 400, booths=True, move_in=120, optional=120,
             persons=("host.commerce-minister", f"{g}.principal")),
        item("press", "Press conference", 2, 12 * 60, 45, "theatre", 120, persons=(f"{g}.minister", "host.spokesperson"),
             optional=40),
        item("farewell", "Farewell call", 2, 13 * 60, 30, "hollow-square", 20, talks=True,
             persons=(f"{g}.principal", "host.foreign-minister")),
        item("departure", "Departure", 2, 15 * 60 + 30, 60, "reception", 80, after=("farewell", 15, None), **flight),
    ]  # fmt: skip
    title = f"Visit of {guest.name}"
    return [Draft(f"visit-{number}", "visit", title, "G1", f"visit-{number}", items, [guest], 0 if number % 3 else 900)]


def summit(rng: Random, number: int, guests: int, days: int) -> list[Draft]:
    """A summit: its guests land, are received one after another, meet, dine and leave; in three days, or in one."""
    countries = rng.sample(COUNTRIES, guests)
    found = [_guest(rng, f"s{number}", country, rng.choice(RANKS)) for country in countries]
    order = {"head-of-state": 0, "head-of-government": 1, "deputy-head": 2}
    found.sort(key=lambda guest: (order[guest.rank], guest.name))
    ids = tuple(guest.id for guest in found)
    principals = tuple(f"{g}.principal" for g in ids)
    lead = rng.choice(("president", "premier")) if number % 4 else "president"
    main, last = (0, 0) if days == 1 else (1, 2)
    early, noon = (7 * 60 + 30, 11 * 60) if days == 1 else (9 * 60, 9 * 60 + 30)
    flight: dict[str, Any] = {"needs": ("state-flight",), "vehicles": 20}

    def item(name: str, title: str, day: int, at: int, minutes: int, layout: str, people: int, **more: Any) -> Item:
        flags = {key: more.pop(key) for key in ("talks", "booths") if key in more}
        more.setdefault("delegations", ("host", *ids))
        uses = _uses("G1", people, len(more["delegations"]) - 1, **flags)
        needs = more.pop("needs", ("interpretation",) if flags else ())
        return Item(name, title, day, at, minutes, layout, people, needs=needs, uses=uses, **more)

    arrivals: list[Item] = []
    departures: list[Item] = []
    bilaterals: list[Item] = []
    for k, guest in enumerate(found):
        g = guest.id
        persons = tuple(f"{g}.{role}" for role in guest.persons)
        land = early + (15 * k if days == 1 else 30 * k + rng.choice((0, 15)))
        leave = 20 * 60 + 15 * k if days == 1 else 11 * 60 + 30 * k
        arrivals.append(
            item(f"arrival-{g}", f"Arrival: {guest.name}", 0, land, 15, "reception", 60, delegations=(g,), persons=persons,
                 last=13 * 60 if days == 1 else 22 * 60, **flight)
        )  # fmt: skip
        departures.append(
            item(f"departure-{g}", f"Departure: {guest.name}", last, leave, 30, "reception", 60, delegations=(g,),
                 persons=persons, first=18 * 60 if days == 1 else 9 * 60, **flight)
        )  # fmt: skip
        at = noon + 60 + 45 * k if days == 1 else noon + 60 + 45 * k + (120 if k > 3 else 0)
        bilaterals.append(
            item(f"meeting-{g}", f"Meeting: {guest.name}", main, at, 30, "hollow-square", 24, delegations=("host", g),
                 persons=(f"host.{lead}", f"{g}.principal"), talks=True, series="meetings",
                 after=(bilaterals[-1].name, 15, None) if bilaterals else None, last=18 * 60)
        )  # fmt: skip
    host = (f"host.{lead}",)
    sessions = [
        item("opening", "Opening ceremony", main, noon, 60, "theatre", 800, persons=(*host, *principals), booths=True,
             move_in=120, move_out=60, vehicles=60),
        item("round-table", "Round table", main, 17 * 60, 90, "hollow-square", 60, booths=True, move_in=60,
             persons=(*host, *principals), first=12 * 60),
        item("photo", "Family photo", main, 18 * 60 + 45, 15, "reception", 100, persons=(*host, *principals),
             after=("round-table", 15, 60)),
        item("banquet", "Welcome banquet", main, 19 * 60 + 15, 90, "banquet", 300,
             persons=(*host, *principals, *(f"{g}.spouse" for g in ids)), move_in=120, move_out=60, spends=150,
             after=("photo", 15, 120)),
        item("spouses", "Programme of the spouses", main, 15 * 60, 90, "hollow-square", 25,
             persons=tuple(f"{g}.spouse" for g in ids), optional=60),
        item("ministers", "Meeting of ministers", main, 14 * 60, 90, "hollow-square", 60,
             persons=("host.foreign-minister", *(f"{g}.minister" for g in ids)), booths=True),
        item("press", "Press conference", main, 21 * 60, 45, "theatre", 150, persons=("host.spokesperson",), optional=40),
    ]  # fmt: skip
    name = f"summit-{number}"
    return [
        Draft(f"{name}-arrivals", "flights", f"Arrivals of summit {number}", "G1", name, arrivals, found),
        Draft(name, "summit", f"Summit {number}", "G1", name, sessions),
        Draft(f"{name}-meetings", "meetings", f"Meetings at summit {number}", "G1", name, bilaterals),
        Draft(f"{name}-departures", "flights", f"Departures of summit {number}", "G1", name, departures),
    ]


def ministerial(rng: Random, number: int, guests: int, days: int) -> list[Draft]:
    """A meeting of ministers: working sessions, bilaterals, a dinner, in two days or in one."""
    countries = rng.sample(COUNTRIES, guests)
    found = [_guest(rng, f"m{number}", country, "minister") for country in countries]
    ids = tuple(guest.id for guest in found)
    chair = f"host.{rng.choice(HOST_LEADERS[5:])}"
    principals, second = tuple(f"{g}.principal" for g in ids), days - 1

    def item(name: str, title: str, day: int, at: int, minutes: int, layout: str, people: int, **more: Any) -> Item:
        more.setdefault("delegations", ("host", *ids))
        booths = "booths" in more and more.pop("booths")
        talks = "talks" in more and more.pop("talks")
        uses = _uses("G2", people, len(more["delegations"]) - 1, booths=booths, talks=talks)
        needs = ("interpretation",) if booths or talks else ()
        return Item(name, title, day, at, minutes, layout, people, needs=needs, uses=uses, **more)

    items = [
        item("opening", "Opening", 0, 9 * 60, 60, "theatre", 200, persons=(chair, *principals), booths=True, move_in=60),
        item("work-1", "Working session 1", 0, 10 * 60 + 30, 90, "hollow-square", 50, persons=(chair, *principals),
             booths=True, series="work", after=("opening", 15, None)),
        item("work-2", "Working session 2", second, 14 * 60 if days == 1 else 9 * 60 + 30, 90, "hollow-square", 50,
             persons=(chair, *principals), booths=True, series="work", after=("work-1", 30, None)),
        item("dinner", "Dinner", 0, 19 * 60, 90, "banquet", 80, persons=(chair, *principals), move_in=60, spends=25),
        item("press", "Press conference", second, 16 * 60 + 30, 45, "theatre", 80, persons=(chair,), optional=40,
             after=("work-2", 15, None)),
    ]  # fmt: skip
    for k, g in enumerate(ids[: guests - 1]):
        at = 15 * 60 + 45 * k if days == 1 else 14 * 60 + 45 * k
        items.append(
            item(f"bilateral-{g}", f"Bilateral: {found[k].name}", 0, at, 30, "hollow-square", 20, delegations=("host", g),
                 persons=(chair, f"{g}.principal"), talks=True, optional=30 if k % 2 else 0)
        )  # fmt: skip
    title = f"Ministerial meeting {number}"
    return [Draft(f"ministers-{number}", "ministerial", title, "G2", f"ministers-{number}", items, found)]


def conference(rng: Random, number: int, days: int) -> list[Draft]:
    """A conference: an opening, panels in parallel tracks, a dinner, a closing, in two days or in one."""
    themes = rng.sample(("trade", "energy", "health", "climate", "finance", "digital", "culture"), 3)
    keynote = (f"host.{rng.choice(HOST_LEADERS[9:])}",) if number % 2 else ()
    people, items = rng.choice((250, 400, 600)), []

    def item(name: str, title: str, day: int, at: int, minutes: int, layout: str, many: int, **more: Any) -> Item:
        booths = bool(more.pop("booths", False))
        uses = _uses("G3", many, 0, booths=booths, crowd=many >= 250)
        needs = ("interpretation",) if booths else ()
        return Item(name, title, day, at, minutes, layout, many, needs=needs, uses=uses, **more)

    items.append(
        item("opening", "Opening", 0, 9 * 60, 75, "theatre", people, persons=keynote, booths=True, move_in=120,
             delegations=("host",) if keynote else ())
    )  # fmt: skip
    for day in range(days):
        for track, theme in enumerate(themes[: 2 if day else 3]):
            at = 14 * 60 if day == 0 else 9 * 60 + 30
            items.append(
                item(f"panel-{day + 1}{'abc'[track]}", f"Panel on {theme}", day, at, 90, "theatre", people // 4,
                     series=f"track-{track}", theme=theme, move_in=30)
            )  # fmt: skip
    items.append(
        item("dinner", "Dinner", 0, 18 * 60 + 30, 120, "banquet", min(300, people), move_in=90, move_out=60, spends=30)
    )
    if days > 1:
        items.append(item("closing", "Closing", days - 1, 15 * 60, 60, "theatre", people, booths=True, move_in=30))
    return [
        Draft(
            f"conference-{number}", "conference", f"Conference {number}", "G3", f"conference-{number}", items, optional=150
        )
    ]


def fair(rng: Random, number: int) -> list[Draft]:
    """A fair of several days with its opening, forums, matching of businesses and a reception."""
    days, people = rng.choice((3, 4, 5)), rng.choice((1500, 3000, 5000))

    def item(name: str, title: str, day: int, at: int, minutes: int, layout: str, many: int, **more: Any) -> Item:
        needs = more.pop("needs", ())
        return Item(name, title, day, at, minutes, layout, many, needs=needs, uses=_uses("G3", min(many, 900), 0), **more)

    items = [
        Item("exhibition", "Exhibition", 0, 9 * 60, 8 * 60, "reception", people, needs=("exhibition",), days=days,
             uses=_uses("G3", 900, 0), move_in=720, move_out=240, vehicles=40),
        item("opening", "Opening", 0, 9 * 60, 60, "theatre", 400, persons=("host.commerce-minister",), move_in=60,
             delegations=("host",)),
        *(item(f"forum-{k + 1}", f"Forum {k + 1}", 1 + k % (days - 1), (9 * 60 + 30, 14 * 60)[k % 2], 120, "theatre", 180,
               move_in=60, theme=("trade", "digital", "energy")[k]) for k in range(3)),
        *(item(f"matching-{k + 1}", f"Matching {k + 1}", 1 + k, 13 * 60 + 30, 180, "classroom", 100, move_in=30,
               optional=20) for k in range(2)),
        item("signing", "Signing", days - 1, 11 * 60, 45, "theatre", 100),
        item("reception", "Reception", 0, 18 * 60 + 30, 90, "banquet", 250, move_in=60, spends=30),
    ]  # fmt: skip
    return [Draft(f"fair-{number}", "fair", f"Fair {number}", "G3", f"fair-{number}", items)]


def concert(rng: Random, number: int) -> list[Draft]:
    """An evening on a stage, its rehearsal and the reception before it."""
    people, minister = rng.choice((900, 1400, 1800)), ("host.culture-minister",) if number % 2 else ()
    items = [
        Item("rehearsal", "Rehearsal", 0, 13 * 60, 120, "theatre", 80, needs=("stage",), uses=_uses("G3", 80, 0),
             series="stage", first=9 * 60 + 30),
        Item("reception", "Reception", 0, 18 * 60, 60, "reception", 150, persons=minister,
             delegations=("host",) if minister else (), uses=_uses("G3", 150, 0), spends=8, optional=20),
        Item("performance", "Performance", 0, 19 * 60 + 30, 120, "theatre", people, needs=("stage",), series="stage",
             uses=_uses("G3", people, 0, crowd=True), after=("rehearsal", 60, None), move_in=60),
    ]  # fmt: skip
    return [Draft(f"concert-{number}", "concert", f"Concert {number}", "G3", f"concert-{number}", items, optional=60)]


def press(rng: Random, number: int) -> list[Draft]:
    """A press conference of the host's spokesperson or of a minister."""
    who = ("host.spokesperson",) if number % 2 else (f"host.{rng.choice(HOST_LEADERS[9:])}",)
    at, people = rng.choice((9, 10, 11, 14, 15, 16)) * 60, rng.choice((60, 100, 160))
    item = Item("conference", "Press conference", 0, at, 45, "theatre", people, persons=who, delegations=("host",),
                uses=_uses("G3", people, 0))  # fmt: skip
    return [Draft(f"press-{number}", "press", f"Press conference {number}", "G3", f"press-{number}", [item])]


def embassy(rng: Random, number: int) -> list[Draft]:
    """A national day in one of the embassies of the city."""
    who = f"host.{rng.choice(HOST_LEADERS[9:])}"
    at, people = rng.choice((11 * 60, 17 * 60 + 30, 18 * 60, 18 * 60 + 30)), rng.choice((60, 120, 180))
    item = Item("reception", "National day", 0, at, 90, "reception", people, persons=(who,), delegations=("host",),
                uses=_uses("G3", people, 0))  # fmt: skip
    return [Draft(f"embassy-{number}", "embassy", f"National day {number}", "G3", f"embassy-{number}", [item], optional=30)]
