"""The city library of Beijing: what it says has a source and a basis, and nothing is planned in a hall before it opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.load import Loaded, load
from scheduler.problem.compile import compile_problem, refused
from scheduler.scenario.city import Basis, Hotel, Name, Space, Venue
from scheduler.scenario.scenario import Scenario

AIRPORTS = {"pek", "pkx"}
EMBASSY_ZONES = {"embassy-zone-1", "embassy-zone-2", "embassy-zone-3", "embassy-zone-4"}
NOT_OPEN_IN_2023 = {"cncc2", "zgc-innovation", "capital-center", "dahongmen", "embassy-zone-4"}
DIVIDED = {"cncc1.plenary": 2, "cncc1.ballroom": 3, "cncc2.plenary": 2}
"""Halls that are published as one and divide into so many parts, which are estimates."""

PERSONS_PER_M2 = {"theatre": 0.85, "classroom": 0.5, "banquet": 0.58, "reception": 1.0, "hollow-square": 0.22}


def in_the_city(path: Path, start: str, end: str, halls: str = '"*"', event: str = "") -> Loaded:
    """Load a scenario with one session of an hour in the city library."""
    file = path / "scenario.yaml"
    file.write_text(
        f"""
schema: 1
id: one-session
include: ["beijing:city"]
calendar: {{timezone: Asia/Shanghai, start: {start}, end: {end}, grid: 30 min}}
grades: {{G3: {{}}}}
events:
  day:
    grade: G3
    {event}
    sessions:
      one: {{duration: 60 min, halls: {{any: [{halls}]}}}}
""",
        encoding="utf-8",
    )
    return load(file)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The library as a planner of June 2023 finds it."""
    return in_the_city(tmp_path_factory.mktemp("city"), "2023-06-07", "2023-06-07").scenario


def spaces(city: Scenario) -> Iterator[tuple[str, Space]]:
    for venue_id, venue in city.venues.items():
        for hall_id, hall in venue.halls.items():
            yield f"{venue_id}.{hall_id}", hall
        for combination_id, combination in venue.combinations.items():
            yield f"{venue_id}.{combination_id}", combination


def places(city: Scenario) -> dict[str, Venue | Hotel]:
    return {**city.venues, **city.file.hotels}


def basis_of(space: Space, figure: str) -> Basis | None:
    return space.basis.get(figure) if isinstance(space.basis, dict) else space.basis


def openings(halls: str, path: Path, start: str, end: str, event: str = "") -> dict[str, dt.datetime]:
    """Return the first moment at which a session of an hour may begin, for each hall that has one."""
    problem = compile_problem(in_the_city(path, start, end, halls, event))
    moment = problem.scenario.calendar.moment
    found: dict[str, dt.datetime] = {}
    for choice, starts in zip(problem.candidates.choices[0], problem.starts[0], strict=True):
        found[choice.hall] = moment(min(span.start for span in starts))
    return found


def test_every_row_has_a_source_that_is_listed(city: Scenario) -> None:
    file = city.file
    rows: dict[str, list[str]] = {name: space.source for name, space in spaces(city)}
    rows |= {f"venue {key}": venue.source for key, venue in file.venues.items()}
    rows |= {f"hotel {key}": hotel.source for key, hotel in file.hotels.items()}
    rows |= {f"holiday {key}": day.source for key, day in file.holidays.items()}
    rows |= {f"workday {key}": day.source for key, day in file.workdays.items()}
    rows |= {f"blackout {key}": blackout.source for key, blackout in file.blackouts.items()}
    assert len(rows) > 400
    assert [row for row, source in rows.items() if not source or not file.sources.keys() >= set(source)] == []
    assert [key for key, text in file.sources.items() if not text.strip()] == []


def test_the_city_is_complete(city: Scenario) -> None:
    assert set(city.venues) > AIRPORTS | EMBASSY_ZONES
    assert len(set(city.venues) - AIRPORTS) == 32
    assert len(city.file.hotels) == 31
    # As published: divided halls count once, and the four ground-floor exhibition halls are not a fifth.
    parts = {part for whole in DIVIDED for part in city.bookables[whole].parts}
    published = set(city.bookables) - parts - {"cncc1.exhibition"}
    assert len([hall for hall in published if city.bookables[hall].venue not in AIRPORTS | EMBASSY_ZONES]) == 177


def test_the_city_is_known_by_its_plan(city: Scenario) -> None:
    zones = city.file.zones
    leaves = set(zones) - {zone.in_ for zone in zones.values()}
    assert {zones[zone].in_ for zone in leaves} == {None, "axes", "areas"}
    assert [zone for zone in leaves if zones[zone].in_ is None] == ["core"]
    homeless = [name for name, place in places(city).items() if place.zone not in leaves]
    assert homeless == []
    assert [name for name, venue in city.venues.items() if not venue.district] == []


def test_everything_has_an_english_and_a_chinese_name(city: Scenario) -> None:
    file = city.file
    names: dict[str, Name | None] = {name: space.name for name, space in spaces(city)}
    names |= {f"zone {key}": zone.name for key, zone in file.zones.items()}
    names |= {f"venue {key}": venue.name for key, venue in file.venues.items()}
    names |= {f"hotel {key}": hotel.name for key, hotel in file.hotels.items()}
    names |= {f"holiday {key}": day.name for key, day in file.holidays.items()}
    names |= {f"workday {key}": day.name for key, day in file.workdays.items()}
    names |= {f"blackout {key}": blackout.why for key, blackout in file.blackouts.items()}
    chinese = {key: name.zh for key, name in names.items() if name is not None}
    assert [key for key in names if not any("一" <= letter <= "鿿" for letter in chinese.get(key) or "")] == []
    assert [key for key, name in names.items() if name and any("一" <= letter <= "鿿" for letter in name.en)] == []


def test_every_figure_is_published_or_an_estimate(city: Scenario) -> None:
    for name, space in spaces(city):
        assert space.area or space.seats, name
        for figure in (*space.seats, *(("area",) if space.area else ())):
            assert basis_of(space, figure), (name, figure)
    assert [name for name, venue in city.venues.items() if not venue.basis] == []
    assert [name for name, blackout in city.file.blackouts.items() if not blackout.basis] == []
    for name, hotel in city.file.hotels.items():
        assert hotel.basis == ("estimate" if hotel.source == ["GK"] else "published"), name


def test_what_is_published_names_a_publication(city: Scenario) -> None:
    for name, space in spaces(city):
        figures = (*space.seats, *(("area",) if space.area else ()))
        if any(basis_of(space, figure) == "published" for figure in figures):
            assert not set(space.source) <= {"GK", "EST"}, name


def test_estimated_seats_follow_the_rule(city: Scenario) -> None:
    """Within 15%: the figures are rounded down, and small rooms a little more."""
    apart = set()
    for name, space in spaces(city):
        for layout, seats in space.seats.items():
            if space.area and basis_of(space, layout) == "estimate":
                rule = PERSONS_PER_M2[layout] * space.area
                if abs(seats - rule) > 0.15 * rule:
                    apart.add(f"{name} {layout}")
    assert apart == {"ice-ribbon.ice-hall theatre"}  # the seats of its stands, not on its ice


def test_embassy_zones_offer_reception_spaces_that_are_all_estimates(city: Scenario) -> None:
    for zone in EMBASSY_ZONES:
        halls = city.venues[zone].halls
        assert any("reception" in hall.seats for hall in halls.values()), zone
        assert {hall.basis for hall in halls.values()} == {"estimate"}, zone
        assert all("EST" in hall.source for hall in halls.values()), zone


def test_a_divided_hall_books_its_parts(city: Scenario) -> None:
    for whole, number in DIVIDED.items():
        parts = city.bookables[whole].parts
        assert len(parts) == number, whole
        assert all(city.venues[part.partition(".")[0]].halls[part.partition(".")[2]].basis == "estimate" for part in parts)
    assert city.bookables["cncc1.ballroom"].seats["banquet"] == 3500
    exhibition = city.venues["cncc1"].combinations["exhibition"]
    assert (exhibition.area, len(exhibition.of)) == (22000, 4)


def test_places_stand_at_nodes_of_the_road_network(city: Scenario) -> None:
    assert [name for name, place in places(city).items() if place.node not in city.file.network.nodes] == []
    assert city.venues["pek"].node == "pek-vip"


def test_what_was_not_open_in_2023_opens_later(city: Scenario) -> None:
    late = {name for name, venue in city.venues.items() if venue.opens and venue.opens > dt.date(2023, 12, 31)}
    assert late == NOT_OPEN_IN_2023
    assert city.venues["capital-center"].opens == dt.date(2025, 2, 21)
    assert city.venues["dahongmen"].opens == dt.date(2029, 10, 1)
    fourth = city.venues["embassy-zone-4"]
    assert fourth.basis == "estimate"
    assert fourth.note and "estimate" in fourth.note


def test_in_2023_every_hall_can_be_had_but_those_not_yet_open(city: Scenario, tmp_path: Path) -> None:
    found = openings('"*"', tmp_path, "2023-06-07", "2023-06-07")
    later = {hall for hall, bookable in city.bookables.items() if bookable.venue in NOT_OPEN_IN_2023}
    assert set(city.bookables) - set(found) == later | {"shougang.blast-furnace-4"}


def test_a_session_before_the_opening_is_refused_with_the_day(tmp_path: Path) -> None:
    loaded = in_the_city(tmp_path, "2023-10-16", "2023-10-20", "cncc2.plenary, cncc1.plenary")
    (session,) = loaded.scenario.sessions.values()
    ways = {choice.hall: (starts, refusals) for choice, starts, refusals in refused(loaded.scenario, loaded.rules, session)}
    starts, refusals = ways["cncc2.plenary"]
    assert starts == ()
    assert any(rule == "availability" and refusal.reason.startswith("opens on 2025") for rule, refusal in refusals)
    assert ways["cncc1.plenary"][0]


@pytest.mark.parametrize(
    ("hall", "opens"),
    [
        ("zgc-innovation.main", "2024-04-01"),
        ("shougang.blast-furnace-4", "2024-01-01"),
        ("capital-center.plenary", "2025-02-21"),
        ("cncc2.plenary", "2025-01-01"),
        ("dahongmen.foyer", "2029-10-01"),
        ("cncc1.plenary", "2009-11-01"),
        ("ciec-shunyi.hall-e1", "2008-03-01"),
    ],
)
def test_a_hall_is_first_used_on_its_opening_day(hall: str, opens: str, tmp_path: Path) -> None:
    day = dt.date.fromisoformat(opens)
    around = (str(day - dt.timedelta(days=3)), str(day + dt.timedelta(days=3)))
    assert openings(hall, tmp_path, *around)[hall].date() == day


def test_the_make_up_workdays_of_2023(city: Scenario) -> None:
    days = {(day.month, day.day) for day in city.file.workdays if day.year == 2023}
    assert days == {(1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8)}


def test_make_up_workdays_fall_on_weekends_and_on_no_holiday(city: Scenario) -> None:
    assert {day.weekday() for day in city.file.workdays} == {5, 6}
    assert not set(city.file.workdays) & set(city.file.holidays)
    assert {day.year for day in city.file.workdays} == {2023, 2024, 2025, 2026}
    assert {day.year for day in city.file.holidays} == {2023, 2024, 2025, 2026, 2027}


@pytest.mark.parametrize(
    ("hall", "taken", "free"),
    [("ghop.gold", "2023-03-04", "2023-03-14"), ("tiananmen.monument", "2023-09-28", "2023-10-07")],
)
def test_the_great_hall_and_the_square_are_taken_on_blackout_days(hall: str, taken: str, free: str, tmp_path: Path) -> None:
    assert openings(hall, tmp_path, taken, free)[hall].date() == dt.date.fromisoformat(free)
    name = {"ghop.gold": "two-sessions-2023", "tiananmen.monument": "national-day-2023"}[hall]
    despite = f"despite: [{name}]"
    assert openings(hall, tmp_path, taken, free, despite)[hall].date() == dt.date.fromisoformat(taken)
