"""The quantities a scenario is written in, and the calendar that turns wall clocks into minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from scheduler.check import check
from scheduler.scenario.calendar import LONGEST_DAYS, Calendar
from scheduler.scenario.city import Period
from scheduler.scenario.schema import Window
from scheduler.scenario.units import (
    Band,
    Count,
    Date,
    DateOrLocalTime,
    Kilometres,
    Length,
    LocalTime,
    Minutes,
    Speed,
    SquareMetres,
    TimeOfDay,
    Zone,
    duration_text,
)
from tests.conftest import LoadText, plan_of

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = date(2027, 3, 28)  # clocks go from 02:00 to 03:00: the day has 23 hours
AUTUMN = date(2027, 10, 31)  # clocks go from 03:00 to 02:00: the day has 25 hours


def read(kind: Any, value: Any, zone: ZoneInfo = BERLIN) -> Any:
    """Return what a value of a file means as one of the types."""
    return TypeAdapter(kind).validate_python(value, context={"zone": zone})


def refusal(kind: Any, value: Any, zone: ZoneInfo = BERLIN) -> tuple[str, str]:
    """Return the message and the hint with which a value is refused."""
    with pytest.raises(ValidationError) as refused:
        read(kind, value, zone)
    (error,) = refused.value.errors()
    context = error.get("ctx", {})
    return context.get("message", error["msg"]), context.get("hint", "")


def calendar(zone: str, start: date, end: date) -> Calendar:
    said = {"timezone": zone, "start": start, "end": end}
    return cast(Calendar, Calendar.model_validate(said))


# Durations


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90 min", 90),
        ("90min", 90),
        ("6 h", 360),
        ("1 h 30 min", 90),
        ("1h30min", 90),
        ("2 d", 2880),
        ("1 d 1 h 1 min", 1501),
        ("0 min", 0),
        ("  5 min ", 5),
        ("090 min", 90),
    ],
)
def test_durations(text: str, minutes: int) -> None:
    assert read(Minutes, text) == minutes


@pytest.mark.parametrize("value", [90, 0, 6, 1_000_000])
def test_a_whole_number_has_no_unit_and_is_told_which_it_may_have(value: int) -> None:
    message, hint = refusal(Minutes, value)
    assert message == f"{value} has no unit"
    assert f"'{value} min'" in hint
    assert f"'{value} h'" in hint


@pytest.mark.parametrize("value", [1.5, 0.25, -5, -1.5])
def test_what_is_proposed_for_a_number_without_unit_is_a_duration(value: float) -> None:
    _, hint = refusal(Minutes, value)
    for proposal in hint.split("'")[1::2]:
        assert read(Minutes, proposal) >= 0


@pytest.mark.parametrize(
    "value",
    [
        "",
        "min",
        "90",
        "90 minutes",
        "1,5 h",
        "1.5 h",
        "-5 min",
        "+5 min",
        "six h",
        "90 min.",
        "1 h and 5 min",
        "12:30",
        "1e3 min",
    ],
)
def test_texts_that_are_no_durations(value: str) -> None:
    message, hint = refusal(Minutes, value)
    assert repr(value) in message
    assert "'90 min'" in hint


@pytest.mark.parametrize("value", [None, True, [90], {"min": 90}])
def test_what_is_no_text_is_no_duration_and_is_named_in_plain_words(value: Any) -> None:
    message, _ = refusal(Minutes, value)
    assert "is not a duration" in message
    assert not any(word in message for word in ("NoneType", "bool ", "list [", "dict {", "Items", "Mapping"))


def test_a_session_lasts_at_least_a_minute() -> None:
    assert read(Length, "1 min") == 1
    message, _ = refusal(Length, "0 h 0 min")
    assert "at least a minute" in message


@pytest.mark.parametrize("text", ["9999999 d", "9999999 h", "9999999 d 9999999 d", "12345678 min", "9" * 6_000 + " min"])
def test_a_duration_longer_than_any_calendar_is_refused(text: str) -> None:
    refusal(Minutes, text)


def test_the_longest_calendar_is_a_duration() -> None:
    assert read(Minutes, f"{LONGEST_DAYS} d") == LONGEST_DAYS * 1440


@given(st.integers(0, LONGEST_DAYS * 1440))
def test_a_duration_told_is_read_back(minutes: int) -> None:
    assert read(Minutes, duration_text(minutes)) == minutes


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (60, "1 h"), (90, "90 min"), (119, "119 min"), (120, "2 h"), (150, "2 h 30 min"), (1500, "25 h")],
)
def test_how_durations_are_told(minutes: int, text: str) -> None:
    assert duration_text(minutes) == text


# Counts, areas, lengths of road and speeds


@pytest.mark.parametrize("value", [-1, 10**9 + 1, 1.0, "12", "NO", "12:30", True, None])
def test_counts_are_whole_numbers_from_nothing_to_a_billion(value: Any) -> None:
    refusal(Count, value)


def test_counts_at_their_ends() -> None:
    assert (read(Count, 0), read(Count, 10**9)) == (0, 10**9)


def test_areas() -> None:
    assert read(SquareMetres, "6400 m2") == 6400
    for value in (6400, "6400", "6400 m", "6,400 m2", "-5 m2", None):
        assert "'6400 m2'" in refusal(SquareMetres, value)[1]


@pytest.mark.parametrize(
    ("text", "metres"), [("3.9 km", 3900), ("800 m", 800), ("0.72 km", 720), ("1km", 1000), ("9999.999 km", 9_999_999)]
)
def test_lengths_of_road(text: str, metres: int) -> None:
    assert read(Kilometres, text) == metres


@pytest.mark.parametrize("value", [3.9, "3.9", "3,9 km", "-1 km", "1e3 m", "10000 km", "1 mile", None, True])
def test_a_length_of_road_needs_its_unit(value: Any) -> None:
    assert "'3.9 km' or '800 m'" in refusal(Kilometres, value)[1]


@pytest.mark.parametrize("value", ["0 km", "0.000 km", "0 m", "0.4 m"])
def test_a_road_has_a_length(value: str) -> None:
    assert refusal(Kilometres, value)[0] == f"{value} is no distance: a metre is the least"


def test_speeds() -> None:
    assert read(Speed, "60 km/h") == 60.0
    assert read(Speed, "7.5 km/h") == 7.5
    for value in (60, "60", "60 kmh", "60 mph", "-60 km/h", "1000 km/h", "0 km/h", "0.0 km/h", None, True):
        assert "'60 km/h'" in refusal(Speed, value)[1], value


@given(st.integers(1, 9_999_999))
def test_a_length_of_road_is_written_as_it_is_read(metres: int) -> None:
    written = TypeAdapter(Kilometres).dump_python(metres, mode="json")
    assert written.endswith(" km")
    assert read(Kilometres, written) == metres


@given(st.integers(1, 9_999).map(lambda tenths: tenths / 10))
def test_a_speed_is_written_as_it_is_read(speed: float) -> None:
    assert read(Speed, TypeAdapter(Speed).dump_python(speed, mode="json")) == speed


# Times of day


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("09:00-12:30", 540, 750),
        ("9:00 - 12:30", 540, 750),
        ("00:00-24:00", 0, 1440),
        ("22:00-02:00", 1320, 1560),
        ("22:00-00:00", 1320, 1440),
        ("18:00-24:00", 1080, 1440),
        ("12:30-12:29", 750, 2189),
    ],
)
def test_bands(text: str, start: int, end: int) -> None:
    assert read(TimeOfDay, text) == Band(start, end)


@pytest.mark.parametrize("text", ["09:00-09:00", "09:00-9:00", "24:00-24:00", "24:00-08:00", "00:00-00:00"])
def test_empty_bands_are_refused(text: str) -> None:
    message, hint = refusal(TimeOfDay, text)
    assert "empty" in message
    assert "00:00-24:00" in hint


@pytest.mark.parametrize("text", ["24:01-25:00", "09:60-10:00", "25:00-26:00", "23:59-24:30"])
def test_clock_times_that_no_clock_shows_are_refused(text: str) -> None:
    assert "is not a time of day" in refusal(TimeOfDay, text)[0]


@pytest.mark.parametrize("value", ["09:00", "09:00-", "9-12", "09:00–12:30", "0900-1230", "09:00-12:30-14:00", 540, None])
def test_what_is_no_band_is_told_how_one_looks(value: Any) -> None:
    assert "'09:00-12:30'" in refusal(TimeOfDay, value)[1]


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_a_band_told_is_read_back(start: int, length: int) -> None:
    band = Band(start, start + length)
    if band.start != band.end - 1440:  # a whole day from another hour than midnight cannot be written
        assert read(TimeOfDay, str(band)) == band


# Dates and local times


@pytest.mark.parametrize(
    "value",
    [
        "2027-02-29",
        "2027-13-01",
        "2027-5-1",
        "20270501",
        "2027-W19-2",
        "2027-129",
        "01.05.2027",
        "2027-05-01T10:00",
        2027,
        None,
        "",
    ],
)
def test_what_is_no_date(value: Any) -> None:
    message, hint = refusal(Date, value)
    assert "is not a date" in message
    assert hint == "'2023-10-18'?"


def test_leap_days_are_dates() -> None:
    assert read(Date, "2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize("text", ["2027-05-10T15:00", "2027-05-10 15:00", "2027-05-10T15:00+02:00"])
def test_local_times(text: str) -> None:
    # Berlin is two hours ahead of UTC in May
    assert read(LocalTime, text).astimezone(UTC) == datetime(2027, 5, 10, 13, tzinfo=UTC)


def test_a_day_may_end_at_twenty_four() -> None:
    assert read(LocalTime, "2027-12-31T24:00") == datetime(2028, 1, 1, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "value",
    ["2027-05-10", "2027-05-10T15", "2027-05-10T15:00:00", "2027-05-10T15:00Z", "10.5.2027 15:00", "15:00", 15, None],
)
def test_what_is_no_local_time(value: Any) -> None:
    assert refusal(LocalTime, value)[1] == "'2023-10-18T10:00'?"


@pytest.mark.parametrize("text", ["2027-02-30T10:00", "2027-05-10T24:01", "2027-05-10T10:60"])
def test_dates_and_clocks_inside_local_times_are_checked(text: str) -> None:
    refusal(LocalTime, text)


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    message, hint = refusal(LocalTime, "2027-03-28T02:30")
    assert "2027-03-28T02:30 does not exist in Europe/Berlin" in message
    assert hint == "'2027-03-28T03:30'?"


def test_a_skipped_time_does_not_exist_with_an_offset_either() -> None:
    assert "does not exist" in refusal(LocalTime, "2027-03-28T02:30+01:00")[0]


def test_the_ends_of_the_skipped_hour_exist() -> None:
    before, after = read(LocalTime, "2027-03-28T01:59"), read(LocalTime, "2027-03-28T03:00")
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(minutes=1)


def test_the_time_proposed_for_a_skipped_one_exists() -> None:
    # Samoa left out the whole of 30 December 2011, Lord Howe skips half an hour
    for zone, text in (("Pacific/Apia", "2011-12-30T10:00"), ("Australia/Lord_Howe", "2027-10-03T02:15")):
        _, hint = refusal(LocalTime, text, ZoneInfo(zone))
        read(LocalTime, hint.split("'")[1], ZoneInfo(zone))


def test_a_time_that_comes_twice_needs_its_offset() -> None:
    message, hint = refusal(LocalTime, "2027-10-31T02:30")
    assert "comes twice in Europe/Berlin" in message
    assert hint == "'2027-10-31T02:30+02:00' or '2027-10-31T02:30+01:00'?"


def test_a_time_that_comes_twice_with_each_offset() -> None:
    first = read(LocalTime, "2027-10-31T02:30+02:00").astimezone(UTC)
    second = read(LocalTime, "2027-10-31T02:30+01:00").astimezone(UTC)
    assert (first, second) == (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(("text", "right"), [("2027-05-10T15:00+01:00", "+02:00"), ("2027-01-10T15:00+08:00", "+01:00")])
def test_a_wrong_offset_is_told_the_right_one(text: str, right: str) -> None:
    message, hint = refusal(LocalTime, text)
    assert f"is not at {text[-6:]}" in message
    assert right in hint


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T24:00", "0000-01-01T00:00"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_times_at_the_ends_of_the_world_are_read_or_refused(zone: str, text: str) -> None:
    try:
        read(LocalTime, text, ZoneInfo(zone))
    except ValidationError as refused:
        assert "9999" in str(refused) or "000" in str(refused)


def test_dates_and_local_times_are_told_apart() -> None:
    assert read(DateOrLocalTime, "2027-05-10") == date(2027, 5, 10)
    assert read(DateOrLocalTime, "2027-05-10T24:00") == datetime(2027, 5, 11, tzinfo=BERLIN)


@pytest.mark.parametrize("value", ["Asia/Peking", "Shanghai", "", "Asia", "../../etc/passwd", "Asia/\0", "UTC+8", 8, None])
def test_what_is_no_zone(value: Any) -> None:
    message, hint = refusal(Zone, value)
    assert "is not a time zone" in message
    assert hint == "'Asia/Shanghai'?"


# Spans across the hour that comes twice


def test_a_closure_may_last_from_the_first_to_the_second_half_past_two() -> None:
    said = {"from": "2027-10-31T02:30+02:00", "to": "2027-10-31T02:30+01:00"}  # an hour apart
    period = Period.model_validate(said, context={"zone": BERLIN})
    assert period.to.astimezone(UTC) - period.from_.astimezone(UTC) == timedelta(hours=1)


def test_a_closure_from_the_second_to_the_first_showing_of_an_hour_is_refused() -> None:
    said = {"from": "2027-10-31T02:15+01:00", "to": "2027-10-31T02:45+02:00"}  # ends half an hour before it starts
    with pytest.raises(ValidationError, match="not after it starts"):
        Period.model_validate(said, context={"zone": BERLIN})


def test_a_window_may_last_from_the_first_to_the_second_half_past_two() -> None:
    said = {"from": "2027-10-31T02:30+02:00", "to": "2027-10-31T02:30+01:00"}
    assert Window.model_validate(said, context={"zone": BERLIN}).moments is not None


def test_a_window_from_the_second_to_the_first_showing_of_an_hour_is_refused() -> None:
    said = {"from": "2027-10-31T02:15+01:00", "to": "2027-10-31T02:45+02:00"}
    with pytest.raises(ValidationError, match="before it starts"):
        Window.model_validate(said, context={"zone": BERLIN})


TWO_SESSIONS = """\
schema: 1
id: twice
calendar: {timezone: Europe/Berlin, start: 2027-10-31, end: 2027-10-31}
grades: {G3: {}}
venues: {house: {name: House, halls: {red: {}}}}
events: {visit: {grade: G3, sessions: {first: {duration: 20 min}, second: {duration: 30 min}}}}
"""


def test_a_session_at_the_first_showing_of_a_time_is_not_at_the_second(load_text: LoadText) -> None:
    loaded = load_text(TWO_SESSIONS + "pins: {visit.first: {start: 2027-10-31T02:30+01:00}}\n")
    spots = {"visit.first": ("house.red", "2027-10-31T02:30+02:00"), "visit.second": ("house.red", "2027-10-31T12:00")}
    assert [finding.rule for finding in check(loaded, plan_of(loaded, spots)).findings] == ["pins"]


def test_sessions_follow_one_another_across_the_hour_that_comes_twice(load_text: LoadText) -> None:
    loaded = load_text(TWO_SESSIONS)
    # from 02:30 to 02:50 in summer time; from 02:10 in winter time, which is 20 minutes later
    spots = {
        "visit.first": ("house.red", "2027-10-31T02:30+02:00"),
        "visit.second": ("house.red", "2027-10-31T02:10+01:00"),
    }
    assert check(loaded, plan_of(loaded, spots)).findings == ()


# The calendar

ZONES = st.sampled_from(
    (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Havana",
        "Africa/Cairo",
        "Asia/Kathmandu",
    )
)


@given(ZONES, st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 30), st.integers(-5_000, 50_000))
def test_a_minute_is_a_moment_and_back(zone: str, start: date, days: int, minute: int) -> None:
    clock = calendar(zone, start, start + timedelta(days=days))
    assert clock.minute(clock.moment(minute)) == minute


@given(ZONES, st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 400))
def test_days_follow_one_another_without_a_gap(zone: str, start: date, days: int) -> None:
    clock = calendar(zone, start, start + timedelta(days=days))
    bounds = [*clock.day_starts, clock.horizon]
    lengths = {after - before for before, after in pairwise(bounds)}
    assert bounds[0] == 0
    assert lengths <= {1380, 1410, 1440, 1470, 1500}  # half an hour or an hour more or less twice a year
    for day, minute in zip(clock.days(), clock.day_starts, strict=True):
        assert clock.moment(minute).date() == day
        assert clock.moment(minute - 1).date() == day - timedelta(days=1)


def test_days_on_which_the_clocks_change_have_their_own_length() -> None:
    # counted by hand: 23 hours on 28 March, 25 on 31 October
    assert calendar("Europe/Berlin", SPRING, SPRING).horizon == 23 * 60
    assert calendar("Europe/Berlin", AUTUMN, AUTUMN).horizon == 25 * 60
    assert calendar("Asia/Shanghai", SPRING, SPRING).horizon == 24 * 60


def test_a_day_that_begins_at_one_begins_where_the_day_before_ends() -> None:
    # in Cairo the clocks go from 23:59 on 29 April 2027 to 01:00 on 30 April
    clock = calendar("Africa/Cairo", date(2027, 4, 29), date(2027, 4, 30))
    assert clock.day_starts == (0, 1440)
    assert clock.moment(1440).hour == 1
    assert clock.horizon == 1440 + 23 * 60


def test_minutes_before_the_calendar_are_negative() -> None:
    clock = calendar("Europe/Berlin", SPRING, SPRING)
    assert clock.minute(datetime(2027, 3, 27, 23, tzinfo=BERLIN)) == -60


def test_bands_on_a_day_of_twenty_three_hours() -> None:
    clock = calendar("Europe/Berlin", SPRING, SPRING)
    assert clock.band(SPRING, Band(60, 120)) == (60, 120)
    assert clock.band(SPRING, Band(540, 750)) == (480, 690)  # 09:00 is eight hours after midnight
    assert clock.band(SPRING, Band(0, 1440)) == (0, 1380)


def test_bands_on_a_day_of_twenty_five_hours() -> None:
    clock = calendar("Europe/Berlin", AUTUMN, AUTUMN)
    assert clock.band(AUTUMN, Band(540, 750)) == (600, 810)  # 09:00 is ten hours after midnight
    assert clock.band(AUTUMN, Band(0, 1440)) == (0, 1500)


def test_a_band_past_midnight_ends_on_the_next_day() -> None:
    clock = calendar("Europe/Berlin", date(2027, 3, 27), SPRING)
    # 22:00 on the 27th to 04:00 on the 28th is five hours, the hour from 02:00 is skipped
    assert clock.band(date(2027, 3, 27), Band(1320, 1680)) == (1320, 1320 + 300)


def test_a_band_that_ends_in_the_skipped_hour_ends_with_it() -> None:
    clock = calendar("Europe/Berlin", date(2027, 3, 27), SPRING)
    # 22:00-02:30: after 01:59 the clocks show 03:00, which is past the end
    _, end = clock.band(date(2027, 3, 27), Band(1320, 1440 + 150))
    assert clock.moment(end).strftime("%H:%M") == "03:00"


def test_a_band_that_starts_in_the_skipped_hour_starts_after_it() -> None:
    clock = calendar("Europe/Berlin", SPRING, SPRING)
    # 02:30-06:00: the first minute the clocks show of it is 03:00
    start, _ = clock.band(SPRING, Band(150, 360))
    assert clock.moment(start).strftime("%H:%M") == "03:00"


@given(ZONES, st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.integers(180, 1439), st.integers(1, 300))
def test_outside_the_hours_of_change_a_band_is_what_the_clocks_show(zone: str, day: date, start: int, length: int) -> None:
    clock = calendar(zone, day, day)
    band = Band(start, min(start + length, 1439))
    if band.start < band.end:
        begin, end = clock.band(day, band)
        assert end - begin == band.end - band.start
        assert clock.moment(begin).hour * 60 + clock.moment(begin).minute == band.start


@pytest.mark.parametrize(
    ("start", "end"),
    [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31"), ("1582-10-04", "1582-10-15")],
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_a_calendar_at_the_ends_of_the_world_works_or_is_refused(zone: str, start: str, end: str) -> None:
    try:
        clock = Calendar.model_validate({"timezone": zone, "start": start, "end": end})
    except ValidationError:
        return
    assert clock.horizon > 0
    assert clock.day_starts[0] == 0


def test_a_calendar_ends_after_it_starts() -> None:
    with pytest.raises(ValidationError, match="ends on 2027-05-09, before it starts on 2027-05-10"):
        calendar("Asia/Shanghai", date(2027, 5, 10), date(2027, 5, 9))


def test_a_calendar_of_one_day() -> None:
    assert calendar("Asia/Shanghai", date(2027, 5, 10), date(2027, 5, 10)).horizon == 1440


def test_a_calendar_has_a_longest_length() -> None:
    first = date(2027, 1, 1)
    calendar("Asia/Shanghai", first, first + timedelta(days=LONGEST_DAYS - 1))
    with pytest.raises(ValidationError, match=f"{LONGEST_DAYS} are the most"):
        calendar("Asia/Shanghai", first, first + timedelta(days=LONGEST_DAYS))


def test_a_grid_of_nothing_is_refused_without_speaking_of_sessions() -> None:
    said = {"timezone": "UTC", "start": "2027-05-10", "end": "2027-05-10", "grid": "0 min"}
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(said)
    assert "session" not in refused.value.errors()[0]["msg"]
