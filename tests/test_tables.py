"""The parts of an import: values of cells, headings, names of cells, and the text that is written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from scheduler.errors import Place
from scheduler.scenario.merge import plain
from scheduler.scenario.strict_yaml import Mapping, parse
from scheduler.scenario.units import parse_duration
from scheduler.tables.columns import COLUMNS, column_of
from scheduler.tables.grid import Value
from scheduler.tables.values import read_clock, read_count, read_date, read_duration
from scheduler.tables.written import written

MOMENT = dt.datetime.fromisoformat


def test_headings_in_every_language_and_spelling() -> None:
    for column in COLUMNS:
        for heading in (column.heading, column.chinese, column.heading.upper(), f" {column.heading}* ", *column.others):
            assert column_of(heading) == column.heading
    assert column_of("Name（EN）") == column_of("name(en)") == "name (en)"
    assert column_of("time_from") == column_of("Time\nfrom") == "time from"
    words = [word for column in COLUMNS for word in (column.heading, column.chinese, *column.others)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.time(1, 30), "90 min"),
        (dt.timedelta(hours=26), "26 h"),
        (MOMENT("1900-01-01"), "24 h"),  # 24:00 with the format of a time of day
        ("90min", "90 min"),
        ("１ Ｈ", "1 h"),
        ("2小时15分", "2 h 15 min"),
        ("1天", "24 h"),
    ],
)
def test_durations(value: Value, expected: str) -> None:
    assert read_duration(value) == (expected, "")
    assert parse_duration(expected) > 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.time(9, 30), "09:30"),
        (dt.time(9, 29, 59, 999_999), "09:30"),  # what is left of a third of a day
        (dt.timedelta(days=1), "24:00"),
        (0.5, "12:00"),
        (0.3958333333, "09:30"),
        ("9:05", "09:05"),
        ("９：３０", "09:30"),
        ("24:00", "24:00"),
        ("09:30:00", "09:30"),
    ],
)
def test_times_of_day(value: Value, expected: str) -> None:
    assert read_clock(value) == (expected, "")


@pytest.mark.parametrize("value", [dt.timedelta(days=1, minutes=1), "24:01", "9:60", "12", 1.5, True, ""])
def test_what_is_no_time_of_day(value: Value) -> None:
    assert read_clock(value).hint != ""


@pytest.mark.parametrize(
    "value",
    [
        "2027-05-08",
        "2027/5/8",
        "2027.05.08",
        "2027年5月8日",
        "２０２７－０５－０８",
        "2027/05/08 0:00",
        dt.date(2027, 5, 8),
    ],
)
def test_dates_with_the_year_first_are_read(value: Value) -> None:
    assert read_date(value, None) == ("2027-05-08", "")


def test_numbers_stored_as_texts() -> None:
    assert [read_count(value).value for value in ("120", " １２０", "1,200", 120.0, "1,20")] == [
        120,
        120,
        1200,
        120,
        "1,20",
    ]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1).map(
    lambda text: " ".join(text.replace("\ufeff", "").split()) or "x"
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_any_text_is_written_so_that_it_reads_the_same(one: str, other: str) -> None:
    place = Place("t.csv")
    tree = Mapping(place)
    for key, value in (("id", one), ("name", {"en": other}), ("source", [one, other])):
        tree.put(key, value, place, place)
    assert plain(parse(written(tree, "t"), "t.yaml")) == {"id": one, "name": {"en": other}, "source": [one, other]}


@pytest.mark.parametrize(
    "word", ["null", "true", "12", "1e3", "0x1F", "-", "#1", "a: b", "a:", "a #b", "*", "'x'", "[a", "~", "@a"]
)
def test_words_that_yaml_would_read_as_something_else(word: str) -> None:
    tree = Mapping(Place("t.csv"))
    tree.put("note", word, Place("t.csv"), Place("t.csv"))
    assert plain(parse(written(tree, "t"), "t.yaml")) == {"note": word}


def test_long_lists_and_mappings_are_broken_into_lines() -> None:
    tree = Mapping(Place("t.csv"))
    halls = [f"a-venue-with-a-long-name.hall-{number}" for number in range(9)]
    for key, value in (("any", halls), ("persons", {f"the-person-with-number-{n}": "A long office" for n in range(9)})):
        tree.put(key, value, Place("t.csv"), Place("t.csv"))
    text = written(tree, "t")
    assert max(map(len, text.splitlines())) <= 120
    assert plain(parse(text, "t.yaml")) == tree


def test_cells_have_the_names_that_excel_gives_them() -> None:
    """Compared with openpyxl's own, around one and two letters."""
    sheet = Workbook().worksheets[0]
    for column in (1, 26, 27, 52, 53, 702, 703, 16384):
        assert Place("t.xlsx", 7, column, "S").cell == sheet.cell(7, column).coordinate
    assert str(Place("t.xlsx", 7, 3, "S")) == "t.xlsx:S!C7"
    assert str(Place("t.xlsx", sheet="S")) == "t.xlsx:S"
