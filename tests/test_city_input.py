"""What a scenario says of city, stays and days that cannot be meant: each complaint with its place, before any search."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.errors import InputError
from scheduler.load import load

SCENARIO = """\
schema: 1
id: small
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-14}
grades: {G3: {}}
zones: {centre: {}}
holidays: {2027-05-13: {name: Feast}}
workdays: {2027-05-15: {name: Make-up day}}
blackouts: {congress: {from: 2027-05-14, to: 2027-05-14, venues: [palace], why: the congress}}
venues:
  palace: {name: Palace, node: square, opens: 2027-01-01, closes: 2027-12-31, halls: {red: {}, blue: {}}}
  airport: {name: Airport, node: north, halls: {apron: {}}}
hotels:
  kempinski: {name: Kempinski, node: north, zone: centre, rooms: 100}
  inn: {name: Inn, node: square, rooms: 40}
network:
  classes: {ring: {speed: 60 km/h, rush: 2}}
  periods: {evening: {daily: 17:00-18:00, on: workdays}}
  corridors: {avenue: {name: The Avenue}}
  nodes:
    north: {name: North, at: [40.1, 116.6]}
    square: {name: Square, at: [39.9, 116.4]}
    island: {name: Island, at: [39.8, 116.4]}
  links:
    road: {between: [north, square], class: ring, length: 20 km, corridor: avenue}
pools:
  escorts: {capacity: 9, during: {rush: {daily: 17:00-19:00, capacity: 6}}}
delegations:
  kaz: {name: Kazakhstan, persons: [principal], rooms: 60, home: {any: [kempinski, inn]}, uses: {escorts: 1}}
  chl: {name: Chile, persons: [principal], rooms: 40, home: {any: [inn]}, nights: {from: 2027-05-11, to: 2027-05-12}}
events:
  visit:
    grade: G3
    delegations: [kaz, chl]
    despite: [congress]
    sessions:
      talks: {duration: 90 min, persons: [kaz.principal], within: {day: {date: 2027-05-10}}, uses: {escorts: {amount: 2}}}
      dinner: {duration: 2 h, persons: [kaz.principal], within: {day: {date: 2027-05-10}}}
      expo: {days: 2, daily: 09:00-17:00, within: {days: {from: 2027-05-11, to: 2027-05-13}}}
  arrivals: {grade: G3, sessions: {kaz: {duration: 20 min, delegations: [kaz], halls: {any: [airport.apron]}}}}
  departures: {grade: G3, sessions: {kaz: {duration: 20 min, delegations: [kaz], halls: {any: [airport.apron]}}}}
rules:
  days: {rule: itinerary, rest: 9 h, longest-day: 15 h, of: [principal]}
  pek: {rule: airports, halls: [airport.apron], arrivals: arrivals, spacing: 15 min, departures: departures}
"""

HOLD = "holds: {ball: {hall: palace.red, from: 2027-05-11T09:00, to: 2027-05-11T12:00, by: Ballet}}\npools:\n"
"""What stands where ``pools:`` stood, and a hold above it."""

MARK = "§"
"""Stands in a changed text where the complaint is expected; it is taken out before the text is written."""


def complaints(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return each message and hint on the scenario with some changes; there are as many as marks, each at its mark."""
    text = SCENARIO
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    file = folder / "small.yaml"
    file.write_text(text.replace(MARK, ""), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(file)
    places = [
        f"{number}:{len(''.join(pieces[:count])) + 1}"
        for number, pieces in enumerate((line.split(MARK) for line in text.splitlines()), 1)
        for count in range(1, len(pieces))
    ]
    said = [str(issue) for issue in refused.value.issues]
    assert [line.removeprefix(f"{file}:").partition(": ")[0] for line in said] == places, "\n".join(said)
    return [f"{issue.message} {issue.hint}".strip() for issue in refused.value.issues]


def test_the_scenario_of_this_file_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    assert len(load(file).scenario.homes) == 2


WITHOUT_DAYS = ("  days: {rule: itinerary, rest: 9 h, longest-day: 15 h, of: [principal]}\n", "")
TALKS, DINNER = "      talks: {duration: 90 min", "      dinner: {duration: 2 h"
CITY = "more hotels, fewer rooms, or fewer nights?"
TO_ANOTHER = "send another person, or move a session to another day."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # Persons and their days
        (
            [WITHOUT_DAYS, (TALKS, "      talks: {duration: 23 h"), (DINNER, "      dinner: §{duration: 2 h")],
            "Kazakhstan, principal has 25 h of sessions on 2027-05-10, in a day of 24 h: visit.talks, visit.dinner "
            + TO_ANOTHER,
        ),
        (
            [(TALKS, "      talks: {duration: 14 h"), (DINNER, "      dinner: §{duration: 2 h")],
            "Kazakhstan, principal has 16 h of sessions on 2027-05-10, in a day of 15 h: visit.talks, visit.dinner "
            + TO_ANOTHER,
        ),
        (
            [(TALKS, "      talks: §{duration: 901 min")],
            "visit.talks takes 15 h 1 min; the longest day of Kazakhstan, principal has 15 h "
            "a shorter session, or one without Kazakhstan, principal?",
        ),
        (
            [
                (TALKS, "      talks: §{duration: 901 min"),
                ("[kaz.principal], within: {day: {date: 2027-05-10}}, uses", "[principal], uses"),
            ],
            "visit.talks takes 15 h 1 min; the longest day of Kazakhstan, principal has 15 h "
            "a shorter session, or one without Kazakhstan, principal?",
        ),
        (
            [WITHOUT_DAYS, (TALKS, "      talks: §{duration: 1441 min")],
            "visit.talks takes 24 h 1 min; a day has 24 h a shorter session, or one without Kazakhstan, principal?",
        ),
        ([("of: [principal]", "of: [§pricipal]")], "nobody has the role 'pricipal' 'principal'?"),
        ([("longest-day: 15 h", "longest-day: §25 h")], "rules.days.longest-day wants at most 24 h, not '25 h'"),
        # Roads
        (
            [("node: square, opens", "node: §island, opens")],
            "no road leads from airport to palace a link to the node 'island' is missing?",
        ),
        ([("node: square, opens", "node: §sqare, opens")], "there is no node 'sqare' 'square'?"),
        ([("node: north, zone", "node: §nrth, zone")], "there is no node 'nrth' 'north'?"),
        ([("[north, square]", "[north, §sqare]")], "there is no node 'sqare' 'square'?"),
        ([("[north, square]", "§[north, north]")], "this link leads from north to itself name the nodes at its two ends."),
        ([("class: ring", "class: §rnig")], "there is no class 'rnig' 'ring'?"),
        ([("corridor: avenue", "corridor: §avenu")], "there is no corridor 'avenu' 'avenue'?"),
        (
            [("length: 20 km", "length: §0 km")],
            "network.links.road.length: 0 km is no distance: a metre is the least",
        ),
        (
            [("length: 20 km", "length: §-3 km")],
            "network.links.road.length: '-3 km' is not a distance '3.9 km' or '800 m'?",
        ),
        (
            [("length: 20 km", "length: §2000 km")],
            "2000 km at 60 km/h, in a rush 2 times as long, take 66 h 40 min "
            "a link takes 24 h at most; a unit is mistaken?",
        ),
        ([("speed: 60 km/h", "speed: §0 km/h")], "network.classes.ring.speed: '0 km/h' is not a speed '60 km/h'?"),
        ([("rush: 2}", "rush: §0.5}")], "network.classes.ring.rush wants at least 1.0, not 0.5"),
        # First and last days
        (
            [
                (
                    "  palace: {name: Palace, node: square, opens: 2027-01-01",
                    "  palace: §{name: Palace, node: square, opens: 2028-01-01",
                )
            ],
            "venues.palace: closes on 2027-12-31, before it opens on 2028-01-01 the two dates are swapped?",
        ),
        (
            [("{name: Inn, node: square,", "§{name: Inn, node: square, opens: 2027-05-12, closes: 2027-05-11,")],
            "hotels.inn: closes on 2027-05-11, before it opens on 2027-05-12 the two dates are swapped?",
        ),
        (
            [("{from: 2027-05-14, to: 2027-05-14, v", "§{from: 2027-05-14, to: 2027-05-13, v")],
            "blackouts.congress: ends on 2027-05-13, before it starts on 2027-05-14 swap 'from' and 'to'?",
        ),
        ([("workdays: {2027-05-15", "workdays: {§2027-05-13")], "2027-05-13 is a holiday and a workday"),
        # Rooms
        (
            [("rooms: 40, home", "rooms: §41, home")],
            "Chile asks for 41 rooms; its largest hotel has 40 more hotels, or fewer rooms?",
        ),
        (
            [
                ("  kempinski: {", "  §kempinski: {"),
                ("rooms: 60", "rooms: 100"),
                ("rooms: 40, home: {any: [inn", "rooms: 41, home: {any: [kempinski"),
            ],
            f"in the night of 2027-05-11 the delegations ask for 141 rooms; all hotels together have 140 {CITY}",
        ),
        (
            [("{from: 2027-05-11, to: 2027-05-12}}", "§{from: 2027-05-09, to: 2027-05-12}}")],
            "the nights 2027-05-09 to 2027-05-12 do not lie in the calendar between 2027-05-10 and 2027-05-14?",
        ),
        (
            [("{from: 2027-05-11, to: 2027-05-12}}", "§{from: 2027-05-11, to: 2027-05-15}}")],
            "the nights 2027-05-11 to 2027-05-15 do not lie in the calendar between 2027-05-10 and 2027-05-14?",
        ),
        (
            [("{from: 2027-05-11, to: 2027-05-12}}", "§{from: 2027-05-12, to: 2027-05-11}}")],
            "delegations.chl.nights: the last night is 2027-05-11, before the first, 2027-05-12 swap 'from' and 'to'?",
        ),
        # Names of what is not there
        ([("any: [inn]", "any: [§in]")], "there is no hotel 'in' 'inn'?"),
        ([("zone: centre, rooms", "zone: §center, rooms")], "there is no zone 'center' 'centre'?"),
        ([("venues: [palace]", "venues: [§palce]")], "there is no venue 'palce' 'palace'?"),
        ([("despite: [congress]", "despite: [§congres]")], "there is no blackout 'congres' 'congress'?"),
        ([("uses: {escorts: 1}", "uses: {§escort: 1}")], "there is no pool 'escort' 'escorts'?"),
        ([("uses: {escorts: {amount", "uses: {§escrots: {amount")], "there is no pool 'escrots' 'escorts'?"),
        (
            [
                ("  inn: {name: Inn", "  §airport: {name: Inn"),
                ("[kempinski, inn]", "[kempinski]"),
                ("any: [inn]", "any: [kempinski]"),
            ],
            "'airport' is already the id of a venue",
        ),
        # Sessions of several days
        (
            [("expo: {days: 2,", "expo: {persons: §[kaz.principal], days: 2,")],
            "nobody attends a session of several days from end to end "
            "give them sessions of their own on the days they come.",
        ),
        (
            [("to: 2027-05-13}}}", "to: 2027-05-13, time: §09:00-12:00}}}")],
            "this session says its hours itself, as 'daily' leave 'time' out.",
        ),
        (
            [
                (", within: {days: {from: 2027-05-11, to: 2027-05-13}}", ""),
                ("    despite:", "    within: {any: {date: 2027-05-11, time: §09:00-12:00}}\n    despite:"),
            ],
            "this session says its hours itself, as 'daily' leave 'time' out.",
        ),
        (
            [("expo: {days: 2,", "expo: {options: {brief: {duration: §2 h, halls: {any: [palace.red]}}}, days: 2,")],
            "this session says its hours itself, as 'daily' leave 'duration' out.",
        ),
        # Coaches
        (
            [("uses: {escorts: {amount: 2}}", "uses: {escorts: {per-people: §0}}")],
            "events.visit.sessions.talks.uses.escorts.per-people wants at least 1, not 0",
        ),
        (
            [("uses: {escorts: {amount: 2}}", "uses: {escorts: {§per-person: 45}}")],
            "unknown key 'per-person' 'per-people'?",
        ),
        # Holds
        ([("pools:\n", HOLD.replace("palace.red", "§palace.rde"))], "there is no hall 'palace.rde' 'palace.red'?"),
        (
            [("pools:\n", HOLD.replace("palace.red", "§palace"))],
            "'palace' is a venue, not a hall 'palace.*' for any of its halls?",
        ),
        (
            [("pools:\n", HOLD.replace("{hall", "§{hall").replace("T12:00", "T09:00"))],
            "holds.ball: ends 2027-05-11T09:00, not after it starts 2027-05-11T09:00 swap the two?",
        ),
        ([("pools:\n", HOLD.replace("{hall", "§{hall").replace(", by: Ballet", ""))], "holds.ball lacks 'by'"),
        ([("pools:\n", HOLD.replace("Ballet", "Ballet, price: §0"))], "holds.ball.price wants at least 1, not 0"),
        (
            [("pools:\n", HOLD.replace("Ballet", "Ballet, price: §9"))],
            "no goal counts the price of displacing this hold 'goals: {displaced: {goal: displaced-holds}}'?",
        ),
        # Budgets
        (
            [("pools:\n", "budgets: {gifts: {amount: 9}}\npools:\n"), ("dinner: {", "dinner: {spends: {§gift: 1}, ")],
            "there is no budget 'gift' 'gifts'?",
        ),
        (
            [
                ("pools:\n", "budgets: {gifts: {amount: 9}}\npools:\n"),
                ("dinner: {", "dinner: {options: {big: {halls: {any: [palace.red]}, spends: {§gitfs: 1}}}, "),
            ],
            "there is no budget 'gitfs' 'gifts'?",
        ),
        ([("dinner: {", "dinner: {spends: {§gifts: 1}, ")], "there is no budget 'gifts'"),
        ([("pools:\n", "budgets: {gifts: §{unit: sets}}\npools:\n")], "budgets.gifts lacks 'amount'"),
        (
            [("pools:\n", "budgets: {gifts: {amount: §9 sets}}\npools:\n")],
            "budgets.gifts.amount wants a whole number, not '9 sets'",
        ),
        ([("pools:\n", "budgets: {gifts: {amount: §-1}}\npools:\n")], "budgets.gifts.amount wants at least 0, not -1"),
        ([("dinner: {", "dinner: {cost: §1.5, ")], "events.visit.sessions.dinner.cost wants a whole number, not 1.5"),
        ([("pools:\n", "budgets: {gifts: {amount: 9, §capacity: 9}}\npools:\n")], "unknown key 'capacity'"),
        # Options
        (
            [("dinner: {", "dinner: {options: {big: {halls: {any: [palace.red]}, uses: {§escort: {amount: 1}}}}, ")],
            "there is no pool 'escort' 'escorts'?",
        ),
        (
            [("dinner: {", "dinner: {options: {big: {halls: {any: [palace.red]}, duration: §0 min}}, ")],
            "events.visit.sessions.dinner.options.big.duration: this is at least a minute",
        ),
        (
            [("dinner: {", "dinner: §{options: {big: {halls: {any: [palace.red]}, duration: 16 h}}, ")],
            "visit.dinner takes 16 h by the option big; the longest day of Kazakhstan, principal has 15 h "
            "a shorter session, or one without Kazakhstan, principal?",
        ),
        (
            [("expo: {days: 2,", "expo: §{duration: 2 h, days: 2,")],
            "events.visit.sessions.expo: a session has either a 'duration' or 'daily' hours leave out one of the two.",
        ),
        (
            [("expo: {days: 2, daily: 09:00-17:00,", "expo: §{days: 2,")],
            "events.visit.sessions.expo: a session, or each of its options, has a 'duration', or the session has 'daily' "
            "hours 'duration: 90 min'?",
        ),
        (
            [("expo: {days: 2, daily: 09:00-17:00,", "expo: §{days: 2, duration: 2 h,")],
            "events.visit.sessions.expo: a session of several days says its 'daily' hours 'daily: 09:00-17:00'?",
        ),
        (
            [("daily: 09:00-17:00,", "daily: 09:00-17:00, prefer: {start: §2027-05-11T10:00},")],
            "the days of this session begin at 09:00",
        ),
        # Pools and days
        (
            [("{daily: 17:00-19:00, capacity: 6}", "§{capacity: 6}")],
            "pools.escorts.during.rush: say when: either 'daily' or 'from' and 'to'",
        ),
        (
            [("{daily: 17:00-19:00, capacity: 6}", "§{from: 2027-05-11T10:00, capacity: 6}")],
            "pools.escorts.during.rush: say when: either 'daily' or 'from' and 'to'",
        ),
        (
            [("{daily: 17:00-19:00, capacity: 6}", "§{from: 2027-05-11T10:00, to: 2027-05-11T10:00, capacity: 6}")],
            "pools.escorts.during.rush: ends 2027-05-11T10:00, not after it starts 2027-05-11T10:00",
        ),
        (
            [("{from: 2027-05-11, to: 2027-05-13}", "{from: 2027-05-11, to: 2027-05-13, on: §workday}")],
            "events.visit.sessions.expo.within.days.on is 'workday', not 'workdays' or 'days-off' 'workdays'?",
        ),
        (
            [("{from: 2027-05-11, to: 2027-05-13}", "§{date: 2027-05-11, on: workdays}")],
            "events.visit.sessions.expo.within.days: 'on' narrows the days from one date to another",
        ),
        # Airports
        (
            [("departures: departures}", "departures: §arrivals}")],
            "arrivals is the event of arrivals and of departures two events, one for each?",
        ),
        (
            [
                ("departures: departures}", "departures: §visit}"),
                ("      talks: {", "      talks: {halls: {any: [palace.red]}, "),
                ("      dinner: {", "      dinner: {halls: {any: [palace.red]}, "),
                ("      expo: {", "      expo: {halls: {any: [palace.red]}, "),
            ],
            "no session of visit may be at airport.apron",
        ),
        ([("arrivals: arrivals,", "arrivals: §arivals,")], "rules.pek.arrivals: there is no event 'arivals' 'arrivals'?"),
        ([("arrivals: {grade: G3", "arrivals: {grade: §G9")], "events.arrivals.grade is 'G9', not 'G1', 'G2' or 'G3'"),
    ],
)
def test_a_complaint_and_its_place(tmp_path: Path, changes: list[tuple[str, str]], said: str) -> None:
    assert complaints(tmp_path, *changes) == [said]


def test_what_does_not_fit_one_day_but_another_is_nobodys_mistake(tmp_path: Path) -> None:
    # The dinner may be after midnight, and then counts on the next day; an optional session may be left out.
    for changes in (
        [
            (TALKS, "      talks: {duration: 14 h"),
            (
                "2 h, persons: [kaz.principal], within: {day: {date: 2027-05-10}}",
                "2 h, persons: [kaz.principal], within: {day: {date: 2027-05-10, time: 22:00-03:00}}",
            ),
        ],
        [(TALKS, "      talks: {duration: 14 h"), (DINNER, "      dinner: {optional: {price: 1}, duration: 2 h")],
    ):
        text = SCENARIO
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        file = tmp_path / "small.yaml"
        file.write_text(text, encoding="utf-8")
        load(file)


def test_more_rooms_than_the_city_has_and_than_the_largest_hotel(tmp_path: Path) -> None:
    assert complaints(tmp_path, ("  kempinski: {", "  §kempinski: {"), ("rooms: 60", "rooms: §101")) == [
        f"in the night of 2027-05-11 the delegations ask for 141 rooms; all hotels together have 140 {CITY}",
        "Kazakhstan asks for 101 rooms; its largest hotel has 100 more hotels, or fewer rooms?",
    ]


def test_mistakes_in_every_part_of_the_city_are_told_at_once(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        ("node: square, opens", "node: §sqare, opens"),
        ("speed: 60 km/h", "speed: §60"),
        ("any: [inn]", "any: [§in]"),
        ("of: [principal]", "of: [§pricipal]"),
    )
    assert found == [
        "there is no node 'sqare' 'square'?",
        "network.classes.ring.speed: 60 is not a speed '60 km/h'?",
        "there is no hotel 'in' 'inn'?",
        "nobody has the role 'pricipal' 'principal'?",
    ]


def test_all_the_rooms_of_the_city_may_be_taken(tmp_path: Path) -> None:
    text = SCENARIO.replace("rooms: 60", "rooms: 100").replace(
        "uses: {escorts: 1}}", "nights: {from: 2027-05-11, to: 2027-05-12}}"
    )
    file = tmp_path / "small.yaml"
    file.write_text(text, encoding="utf-8")
    assert sum(home.rooms for home in load(file).scenario.homes.values()) == 140


def test_of_hotels_that_are_not_there_no_rooms_are_counted(tmp_path: Path) -> None:
    start, end = SCENARIO.index("hotels:"), SCENARIO.index("network:")
    found = complaints(
        tmp_path, (SCENARIO[start:end], ""), ("[kempinski, inn]", "[§kempinski, §inn]"), ("{any: [inn]}", "{any: [§inn]}")
    )
    assert found == ["there is no hotel 'kempinski'", "there is no hotel 'inn'", "there is no hotel 'inn'"]
