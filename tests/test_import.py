"""Tables of requests: what of Excel and CSV is read, what is told at which cell, and that the result can be planned."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from scheduler.cli.main import main
from scheduler.errors import ExitCode, InputError, Place
from scheduler.load import load
from scheduler.scenario.merge import plain
from scheduler.scenario.strict_yaml import parse
from scheduler.tables.columns import COLUMNS
from scheduler.tables.events import slug
from scheduler.tables.grid import Value

HOME = Path(__file__).parents[1]
EXAMPLE = HOME / "scenarios" / "requests.csv"

MOMENT = dt.datetime.fromisoformat

HEAD = ("event", "session", "date", "duration", "halls", "grade")
TALKS = ("visit", "talks", dt.date(2027, 5, 18), "90 min", "house.*", "G2")
DINNER = ("visit", "dinner", dt.date(2027, 5, 18), "2 h", "house.*", "G2")

CITY = """
schema: 1
grades: {G1: {}, G2: {}, G3: {}}
venues:
  house:
    name: House
    clearance: G1
    halls: {red: {seats: {banquet: 40}}, blue: {seats: {banquet: 20}}}
delegations:
  host: {country: CN, persons: [minister]}
"""


@dataclass(frozen=True)
class Said:
    """What the command answered."""

    code: int
    out: str
    err: str

    @property
    def issues(self) -> list[str]:
        """What was complained of, hints and the count left out."""
        return [line for line in self.err.splitlines() if not line.startswith("    ")][:-1]


class Here:
    """Runs the command in a folder with a small city."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        (folder / "city.yaml").write_text(CITY, encoding="utf-8")

    def run(self, *words: str) -> Said:
        """Run the command line in this process; an exception that escapes it fails the test."""
        self.monkeypatch.setattr(sys, "argv", ["scheduler", *words])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        assert isinstance(left.value.code, int)
        return Said(int(left.value.code), out, err)

    def read(self, table: str, *words: str) -> dict[str, Any]:
        """Import a table over the city, and return the scenario that is written."""
        said = self.run("import", table, "-o", "out.yaml", "--include", "city.yaml", *words)
        assert said.code == ExitCode.PLAN, said.err
        data: dict[str, Any] = plain(parse(Path("out.yaml").read_text(encoding="utf-8"), "out.yaml"))
        return data

    def refused(self, table: str, *words: str, include: str = "city.yaml") -> Said:
        """Import a table that is to be refused, and see that nothing is written."""
        before = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        said = self.run("import", table, "-o", "out.yaml", "--include", include, *words)
        assert said.code == ExitCode.INPUT, said.out + said.err
        assert said.out == ""
        assert {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()} == before
        return said


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path, monkeypatch, capsys)


def workbook(*rows: Sequence[Value], title: str = "Requests") -> Workbook:
    """Return a workbook with one sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book


def excel(*rows: Sequence[Value]) -> str:
    """Write a workbook of these rows and return its name."""
    workbook(*rows).save("t.xlsx")
    return "t.xlsx"


def delimited(*rows: Sequence[Value], separator: str = ",", encoding: str = "utf-8") -> str:
    """Write a CSV file of these rows and return its name."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    Path("t.csv").write_bytes(text.getvalue().encode(encoding))
    return "t.csv"


def with_cell(column: str, value: Value) -> tuple[Sequence[Value], Sequence[Value]]:
    """Return a table of one good request in which one column says something else."""
    row: dict[str, Value] = {**dict(zip(HEAD, TALKS, strict=True)), column: value}
    return list(row), list(row.values())


def session(data: dict[str, Any], name: str = "visit.talks") -> dict[str, Any]:
    event, _, own = name.partition(".")
    found: dict[str, Any] = data["events"][event]["sessions"][own]
    return found


# From the table to the plan


def test_the_shipped_example_is_imported_valid_and_solved_to_optimal(here: Here) -> None:
    """Ten requests of two events; the talks follow the forum by a day."""
    said = here.run("import", str(EXAMPLE), "-o", "requests.yaml", "--include", "beijing:city")
    assert said.code == ExitCode.PLAN
    assert "requests.yaml is written (2 events, 10 sessions, 2027-05-18 to 2027-05-19)" in said.out
    assert "sweeps by grade are written as G1 6 h, G2 2 h, G3 30 min" in said.err
    assert here.run("validate", "requests.yaml").code == ExitCode.PLAN
    solved = here.run("solve", "requests.yaml", "--format", "json", "--quiet", "-o", "p.json")
    result = json.loads(solved.out)
    assert result["status"] == "optimal"
    assert result["absent"] == {}
    assert here.run("check", "requests.yaml", "p.json").code == ExitCode.PLAN


def test_excel_and_csv_of_the_same_requests_are_the_same_scenario(here: Here) -> None:
    head = (*HEAD, "time from", "time to", "attendance", "preferred start")
    from_excel = here.read(excel(head, (*TALKS, dt.time(9, 30), dt.time(12), 30, dt.time(10))))
    from_csv = here.read(delimited(head, (*TALKS, "9:30", "12:00", "30", "10:00:00")))
    assert from_excel == from_csv
    assert set(from_csv) == {"schema", "id", "include", "calendar", "events", "goals"}  # the city knows the grades
    assert session(from_csv) == {
        "duration": "90 min",
        "attendance": 30,
        "halls": {"any": ["house.*"]},
        "within": {"requested": {"date": "2027-05-18", "time": "09:30-12:00"}},
        "prefer": {"start": "2027-05-18T10:00"},
    }


def test_every_column_reaches_the_scenario(here: Here) -> None:
    row: dict[str, Value] = {
        "event": "visit",
        "event name (en)": "Working visit",
        "event name (zh)": "工作访问",
        "session": "talks",
        "name (en)": "Talks: a first round",
        "name (zh)": "会谈",
        "from": dt.date(2027, 5, 18),
        "to": dt.date(2027, 5, 19),
        "time from": dt.time(9),
        "time to": dt.time(18),
        "preferred start": MOMENT("2027-05-19T10:30"),
        "duration": "1 h 30 min",
        "attendance": 12,
        "layout": "Banquet",
        "grade": "g2",
        "halls": "house.red、house.blue",
        "preferred halls": "house.blue; house.*",
        "needs": "",
        "delegations": "host, NO",
        "persons": "minister, NO.chief of protocol",
        "move-in": dt.time(0, 30),
        "move-out": "15 min",
        "optional price": 40,
        "note": "If #1 is ready: yes, maybe",
        "source": "Letter of 3 May, no. 7; call",
    }
    assert set(row) | {"date"} == {column.heading for column in COLUMNS}
    data = here.read(excel(list(row), list(row.values())))
    assert data["events"]["visit"]["name"] == {"en": "Working visit", "zh": "工作访问"}
    assert data["events"]["visit"]["grade"] == "G2"
    assert data["delegations"] == {"no": {"country": "NO", "persons": ["minister", "chief-of-protocol"]}}
    assert session(data) == {
        "name": {"en": "Talks: a first round", "zh": "会谈"},
        "duration": "90 min",
        "attendance": 12,
        "layout": "banquet",
        "delegations": ["host", "no"],
        "persons": ["minister", "no.chief-of-protocol"],
        "halls": {"any": ["house.red", "house.blue"]},
        "move-in": "30 min",
        "move-out": "15 min",
        "within": {"requested": {"from": "2027-05-18", "to": "2027-05-19", "time": "09:00-18:00"}},
        "prefer": {"start": "2027-05-19T10:30", "venues": ["house.blue", "house"]},
        "optional": {"price": 40},
        "note": "If #1 is ready: yes, maybe",
        "source": ["Letter of 3 May, no. 7", "call"],
    }


def test_chinese_headings_and_values_in_gb18030(here: Here) -> None:
    head = ("活动", "活动名称", "场次", "日期", "时长", "会场", "等级", "人数", "最早开始", "最晚结束")
    rows = [
        ("论坛", "", "开幕式", "2027年5月18日", "1小时30分钟", "house.*", "Ｇ２", "３０", "９：３０", "12：00"),
        ("论坛", "", "晚宴", "2027/5/18", "90分钟", "house.red，house.blue", "", "", "", ""),
    ]
    data = here.read(delimited(head, *rows, encoding="gb18030"))
    assert data["events"]["event-1"]["name"] == "论坛"
    assert data["events"]["event-1"]["grade"] == "G2"
    assert session(data, "event-1.event-1-2") == {
        "name": "开幕式",
        "duration": "90 min",
        "attendance": 30,
        "halls": {"any": ["house.*"]},
        "within": {"requested": {"date": "2027-05-18", "time": "09:30-12:00"}},
    }
    assert session(data, "event-1.event-1-3")["halls"] == {"any": ["house.red", "house.blue"]}


def test_a_part_is_included_by_a_scenario_that_knows_the_halls(here: Here) -> None:
    """The part says nothing of a calendar; its delegations and grades are those of whoever includes it."""
    table = delimited((*HEAD, "delegations", "persons"), (*TALKS, "host, guest", "minister"))
    assert here.run("import", table, "-o", "part.yaml").code == ExitCode.PLAN
    assert set(parse(Path("part.yaml").read_text(encoding="utf-8"), "part.yaml")) == {"schema", "events"}
    Path("whole.yaml").write_text(
        "schema: 1\nid: whole\ninclude: [city.yaml, part.yaml]\ndelegations: {guest: {country: BR, persons: [minister]}}\n"
        "calendar: {timezone: Asia/Shanghai, start: 2027-05-18, end: 2027-05-20}\n",
        encoding="utf-8",
    )
    assert here.run("validate", "whole.yaml").code == ExitCode.PLAN
    assert load("whole.yaml").scenario.sessions["visit.talks"].persons == ("host.minister", "guest.minister")


def test_without_a_file_the_scenario_is_printed(here: Here) -> None:
    table = delimited(HEAD, TALKS)
    said = here.run("import", table, "--include", "city.yaml")
    assert plain(parse(said.out, "stdout")) == here.read(table) | {"id": "t"}
    told = json.loads(here.run("import", table, "--include", "city.yaml", "--format", "json").out)
    assert (told["status"], told["events"], told["sessions"]) == ("valid", 1, 1)
    assert told["scenario"] == plain(parse(said.out, "stdout"))


def test_a_change_of_one_request_changes_its_lines_alone(here: Here) -> None:
    here.read(delimited(HEAD, TALKS, DINNER))
    before = Path("out.yaml").read_text(encoding="utf-8").splitlines()
    here.read(delimited(HEAD, TALKS, (*DINNER[:3], "3 h", *DINNER[4:])))
    after = Path("out.yaml").read_text(encoding="utf-8").splitlines()
    changes = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changes == [("        duration: 2 h", "        duration: 3 h")]


def test_a_session_that_fits_no_hall_is_written_and_told_at_its_row(here: Here) -> None:
    """45 at dinner, and the larger hall seats 40."""
    table = excel((*HEAD, "layout", "attendance"), (*TALKS, "banquet", 30), (*DINNER, "banquet", 45))
    said = here.run("import", table, "-o", "out.yaml", "--include", "city.yaml")
    assert said.code == ExitCode.INFEASIBLE
    assert "t.xlsx:Requests!B3: visit.dinner fits no hall" in said.err
    assert here.run("validate", "out.yaml").code == ExitCode.INFEASIBLE


def test_the_highest_grade_is_the_event_s_and_others_are_the_session_s(here: Here) -> None:
    rows = [
        (*TALKS[:5], "G2"),
        (*DINNER[:5], "G1"),
        ("visit", "walk", *DINNER[2:5], ""),
        ("press", "call", *TALKS[2:5], ""),
    ]
    table = delimited(HEAD, *rows)
    data = here.read(table)
    assert data["events"]["visit"]["grade"] == "G1"
    grades = [session(data, f"visit.{name}").get("grade") for name in ("talks", "dinner", "walk")]
    assert grades == ["G2", None, None]
    assert data["events"]["press"]["grade"] == "G3"
    said = here.run("import", table, "--include", "city.yaml")
    assert "Note: no grade is given in press; G3 is written." in said.err


def test_the_calendar_spans_the_requests_and_a_night_that_runs_over(here: Here) -> None:
    table = delimited(
        (*HEAD, "time from", "time to"),
        (*TALKS[:2], "2027-05-20", *TALKS[3:], "20:00", "01:00"),
        (*DINNER[:2], "2027-05-17", *DINNER[3:], "", "12:00"),
    )
    data = here.read(table, "--timezone", "Europe/Berlin")
    assert data["calendar"] == {"timezone": "Europe/Berlin", "start": "2027-05-17", "end": "2027-05-21"}
    assert session(data, "visit.dinner")["within"]["requested"]["time"] == "00:00-12:00"
    said = here.run("import", table, "--include", "city.yaml")
    assert "Note: t.csv:2:7: 20:00-01:00 runs past midnight." in said.err


def test_countries_become_delegations_only_where_no_file_has_them(here: Here) -> None:
    Path("city.yaml").write_text(CITY.replace("  host:", "  cn:"), encoding="utf-8")
    rows = [(*TALKS, "CN, BR", "BR.president"), (*DINNER, "CN, BR", "BR.president")]
    data = here.read(delimited((*HEAD, "delegations", "persons"), *rows))
    assert data["delegations"] == {"br": {"country": "BR", "persons": ["president"]}}
    assert session(data)["delegations"] == ["cn", "br"]
    said = here.refused(delimited((*HEAD, "delegations"), (*TALKS, "br")))
    assert said.issues == ["t.csv:2:7: there is no delegation or group 'br'"]


def test_names_make_ids_and_ids_make_no_names(here: Here) -> None:
    head = ("event", "session", "name", *HEAD[2:])
    rest = TALKS[2:]
    rows = [("State Visit", "Opening Session", "", *rest), ("state visit", "b2", "Élysée's guests", *rest)]
    data = here.read(delimited(head, *rows))
    assert data["events"]["state-visit"]["name"] == "State Visit"
    named = {key: value.get("name") for key, value in data["events"]["state-visit"]["sessions"].items()}
    assert named == {"opening-session": "Opening Session", "b2": "Élysée's guests"}
    assert slug("Élysée's guests") == "elysees-guests"


# Where the table lies


def test_the_headings_are_found_below_a_title_and_blank_rows_are_skipped(here: Here) -> None:
    book = workbook(("Requests of May, all halls",), (), HEAD, TALKS, (), (None, "  "), DINNER)
    book.worksheets[0].merge_cells("A1:F1")
    book.save("t.xlsx")
    assert set(here.read("t.xlsx")["events"]["visit"]["sessions"]) == {"talks", "dinner"}


def test_the_first_visible_sheet_is_read_unless_another_is_named(here: Here) -> None:
    book = workbook(("nothing", "of ours"), title="Hidden")
    book.worksheets[0].sheet_state = "hidden"
    for name, row in (("May", TALKS), ("June", DINNER)):
        sheet = book.create_sheet(name)
        sheet.append(HEAD)
        sheet.append(list(row))
    book.save("t.xlsx")
    assert list(here.read("t.xlsx")["events"]["visit"]["sessions"]) == ["talks"]
    assert list(here.read("t.xlsx", "--sheet", "June")["events"]["visit"]["sessions"]) == ["dinner"]
    said = here.run("import", "t.xlsx")
    assert "Note: only the sheet 'May' is read, not 'June'; --sheet names another." in said.err
    said = here.refused("t.xlsx", "--sheet", "Jun")
    assert said.err.startswith("t.xlsx: there is no sheet 'Jun'\n    Maybe 'June'?\n")
    assert "one of 'Hidden', 'May', 'June'?" in here.refused("t.xlsx", "--sheet", "x").err


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_of_any_separator_and_encoding(separator: str, encoding: str, here: Here) -> None:
    """The name holds all three separators; a row may lack its last values."""
    table = delimited(
        ("name", *HEAD),
        ('开幕式, "first"; then\tmore', *TALKS),
        ("Dinner", *DINNER[:4]),
        separator=separator,
        encoding=encoding,
    )
    data = here.read(table)
    assert session(data)["name"] == '开幕式, "first"; then more'
    assert "halls" not in session(data, "visit.dinner")


def test_a_byte_order_mark_may_stand_before_a_quote(here: Here) -> None:
    text = '"event","session","date","duration"\n"visit","talks","2027-05-18","1 h"\n'
    Path("t.csv").write_text(text, encoding="utf-8-sig")
    assert session(here.read("t.csv"))["duration"] == "1 h"


def test_a_csv_row_of_several_lines_is_placed_where_it_begins(here: Here) -> None:
    Path("t.csv").write_text(
        'event,session,date,duration,note\nvisit,talks,2027-05-18,1 h,"one\ntwo"\nvisit,dinner,2027-05-18,long,\n',
        encoding="utf-8",
    )
    assert here.refused("t.csv").issues == ["t.csv:4:4: duration: 'long' is not a duration"]


# What is wrong, and where


@pytest.mark.parametrize(
    ("column", "value", "issue", "hint"),
    [
        ("duration", "ninety", "duration: 'ninety' is not a duration", "'90 min', '6 h' or '1 h 30 min'?"),
        ("duration", 90, "duration: 90 has no unit", "'90 min' or '90 h'?"),
        ("duration", "90", "duration: 90 has no unit", "'90 min' or '90 h'?"),
        ("duration", "90 minutes", "duration: '90 minutes' is not a duration", "'90 min'?"),
        ("duration", "2 hours and 15 mins", "duration: '2 hours and 15 mins' is not a duration", "'2 h 15 min'?"),
        ("duration", "1:30", "duration: '1:30' is not a duration", "'90 min'?"),
        ("duration", 1.5, "duration: 1.5 is not a duration", "'90 min', '6 h' or '1 h 30 min'?"),
        ("duration", dt.time(1, 30, 30), "duration: '01:30:30' is not a duration", "whole minutes?"),
        ("duration", "0 min", "duration: this is at least a minute", ""),
        ("duration", None, "there is no duration", "'90 min', '6 h' or '1 h 30 min'?"),
        ("date", "18/10/2027", "date: '18/10/2027' is not a date", "'2027-10-18'?"),
        ("date", "10/18/2027", "date: '10/18/2027' is not a date", "'2027-10-18'?"),
        ("date", "3/4/2027", "date: '3/4/2027' is not a date", "'2027-04-03' or '2027-03-04'?"),
        ("date", "18 October 2027", "date: '18 October 2027' is not a date", "'2027-10-18'?"),
        ("date", "Oct. 18, 2027", "date: 'Oct. 18, 2027' is not a date", "'2027-10-18'?"),
        ("date", 46678, "date: 46678 is not a date", "'2027-10-18'?"),  # as Excel counts days
        ("date", "2027-02-30", "date: '2027-02-30' is not a date", "'2023-10-18'?"),
        ("date", MOMENT("2027-05-18T09:30"), "date: '2027-05-18T09:30' is not a date", "'2027-05-18'?"),
        ("date", None, "there is no date", "'2023-10-18'?"),
        ("date", "=B2", "the value of this formula is not stored in the file", "open the file in Excel and save it, or"),
        ("time from", "9.30", "time from: '9.30' is not a time of day", "'09:30'?"),
        ("time from", "2:30 pm", "time from: '2:30 pm' is not a time of day", "'14:30'?"),
        ("time from", "下午2点", "time from: '下午2点' is not a time of day", "'14:00'?"),
        ("time from", "25:00", "time from: '25:00' is not a time of day", "'09:30'? The last minute of a day is"),
        ("time from", dt.time(9, 30, 15), "time from: '09:30:15' is not a time of day", "'09:30'?"),
        ("time to", "2027-05-18 12:00", "time to: '2027-05-18 12:00' is not a time of day", "'12:00'?"),
        ("preferred start", "noon", "preferred start: 'noon' is not a time of day", "'09:30'? The last minute of a day"),
        ("preferred start", MOMENT("2027-06-01T09:00"), "2027-06-01T09:00 lies outside the calendar", "between"),
        ("attendance", "many", "attendance wants a whole number, not 'many'", ""),
        ("attendance", 12.5, "attendance wants a whole number, not 12.5", ""),
        ("attendance", -5, "attendance wants at least 0, not -5", ""),
        ("attendance", True, "attendance wants a whole number, not 'TRUE'", ""),
        ("optional price", "x", "optional price wants a whole number, not 'x'", ""),
        ("grade", "VIP", "grade is 'VIP', not 'G1', 'G2' or 'G3'", ""),
        ("layout", "U?", "layout: 'u?' does not have the form ^[a-z0-9_-]+$", "'u'?"),
        ("halls", "house.*, house.rad", "there is no hall 'house.rad'", "'house.red'?"),
        ("halls", "house", "'house' is a venue, not a hall", "'house.*' for any of its halls?"),
        ("preferred halls", "hose.red", "there is no venue or hall 'hose.red'", "'house.red'?"),
        ("delegations", "hots", "there is no delegation or group 'hots'", "'host'?"),
        ("persons", "host.ministre", "there is no person 'host.ministre'", "'host.minister'?"),
        ("event", None, "there is no event", ""),
        ("session", None, "there is no session", "an id like 'opening', or a name."),
        ("note", "=A1&B1", "the value of this formula is not stored in the file", "open the file in Excel and save it, or"),
        ("note", "#N/A", "the cell shows the error #N/A", "put the formula right, or write the value."),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_told_at_its_cell(
    column: str, value: Value, issue: str, hint: str, here: Here
) -> None:
    head, row = with_cell(column, value)
    said = here.refused(excel(head, row))
    place = Place("t.xlsx", 2, list(head).index(column) + 1, "Requests")
    lines = said.err.splitlines()
    assert lines[0] == f"{place}: {issue}"
    assert lines[1].startswith(f"    Maybe {hint}") if hint else len(lines) == 2
    assert lines[-1] == "1 problem."


def test_a_date_without_a_year_belongs_to_the_year_of_the_others(here: Here) -> None:
    other = ("visit", "dinner", "18 Oct", *DINNER[3:])
    said = here.refused(delimited(HEAD, TALKS, other))
    assert said.err.startswith("t.csv:3:3: date: '18 Oct' is not a date\n    Maybe '2027-10-18'?\n")
    next_year = ("visit", "walk", "2028-01-02", *DINNER[3:])
    assert "'2027-10-18'" not in here.refused(delimited(HEAD, TALKS, other, next_year)).err


def test_all_problems_of_a_table_are_told_at_once_in_its_order(here: Here) -> None:
    """A wrong hall is told too where the duration or the time beside it is wrong, as is a missing library."""
    head = (*HEAD, "contact", "time from", "time to")
    rows = [
        ("visit", "talks", "2027-05-18", "ninety", "house.rad", "G2", "x"),
        ("visit", "", "", "", "house.*", "G7", ""),
        ("visit", "talks", "2027-05-18", "1 h", "hose.*", "G2", "", "12:00", "12:00"),
    ]
    expected = [
        "t.csv:1:7: unknown column 'contact'",
        "t.csv:2:4: duration: 'ninety' is not a duration",
        "t.csv:2:5: there is no hall 'house.rad'",
        "t.csv:3:2: there is no session",
        "t.csv:3:3: there is no date",
        "t.csv:3:4: there is no duration",
        "t.csv:3:6: grade is 'G7', not 'G1', 'G2' or 'G3'",
        "t.csv:4:2: the session 'talks' of visit stands here a second time; first on line 2",
        "t.csv:4:5: there is no hall 'hose.*'",
        "t.csv:4:8: time from: 12:00-12:00 is an empty span of a day",
    ]
    assert here.refused(delimited(head, *rows)).issues == expected
    without_halls = ["--include: there is no library 'beijng'", *(issue for issue in expected if "hall" not in issue)]
    assert here.refused("t.csv", include="beijng:city").issues == without_halls


def test_the_same_problems_as_json_with_their_cells(here: Here) -> None:
    head, row = with_cell("duration", "ninety")
    excel(head, row)
    said = here.run("import", "t.xlsx", "-o", "out.yaml", "--format", "json")
    assert said.code == ExitCode.INPUT
    assert said.err == ""
    assert json.loads(said.out) == {
        "status": "invalid",
        "exit_code": 2,
        "issues": [
            {
                "file": "t.xlsx",
                "sheet": "Requests",
                "cell": "D2",
                "line": 2,
                "column": 4,
                "message": "duration: 'ninety' is not a duration",
                "hint": "'90 min', '6 h' or '1 h 30 min'?",
            }
        ],
    }
    assert not Path("out.yaml").exists()


def test_merged_cells_are_named_and_the_rest_is_read_on(here: Here) -> None:
    book = workbook(HEAD, TALKS, (None, *DINNER[1:3], "long", *DINNER[4:]), ("", "walk", *DINNER[2:]))
    book.worksheets[0].merge_cells("A2:A4")
    book.save("t.xlsx")
    assert here.refused("t.xlsx").issues == [
        "t.xlsx:Requests!A2: merged cells A2:A4",
        "t.xlsx:Requests!D3: duration: 'long' is not a duration",
    ]


def test_columns_are_known_by_name_once_each(here: Here) -> None:
    said = here.refused(
        delimited(("Event", "event id", "Session", "Date", "Durration"), ("visit", "x", "talks", "2027-05-18", "1 h"))
    )
    assert said.err.splitlines() == [
        "t.csv:1:1: there is no column 'duration'",
        "t.csv:1:2: the column 'event id' stands here a second time; first on line 1",
        "    Maybe one of them is to go.",
        "t.csv:1:5: unknown column 'Durration'",
        "    Maybe 'duration'?",
        "3 problems.",
    ]
    assert here.refused(delimited(HEAD, (*TALKS, "", "stray"), (*[""] * 6, "total"))).issues == [
        "t.csv:2:8: this value has no name of a column above it",
        "t.csv:3:7: this value has no name of a column above it",
    ]


def test_one_event_has_one_name(here: Here) -> None:
    head = ("event name", *HEAD)
    said = here.refused(delimited(head, ("Visit", *TALKS), ("Call", *DINNER)))
    assert said.err.startswith("t.csv:3:1: the event 'visit' is called 'Call' here and 'Visit' on line 2\n")
    assert here.read(delimited(head, ("", *TALKS), ("Call", *DINNER)))["events"]["visit"]["name"] == "Call"


def test_a_start_without_a_date_needs_a_single_day(here: Here) -> None:
    head = ("event", "session", "from", "to", "duration", "preferred start")
    said = here.refused(delimited(head, ("visit", "talks", "2027-05-18", "2027-05-19", "1 h", "10:00")))
    assert said.err.startswith(
        "t.csv:2:6: preferred start: the session has several days; 10:00 is of none\n    Maybe '2027-05-18T10:00'?\n"
    )


def test_days_that_do_not_fit_together_are_told(here: Here) -> None:
    head = ("event", "session", "from", "to", "duration")
    backwards = here.refused(delimited(head, ("visit", "talks", "2027-05-19", "2027-05-18", "1 h")))
    assert backwards.issues == ["t.csv:2:3: from: the window ends 2027-05-18, before it starts 2027-05-19"]
    half = here.refused(delimited(head, ("visit", "talks", "2027-05-19", "", "1 h")))
    assert half.issues == ["t.csv:2:3: from: a window is either 'date' or 'from' and 'to'"]
    rows = [
        ("visit", name, day, day, "1 h") for name, day in (("a", "2027-05-18"), ("b", "2072-05-18"), ("c", "2027-05-19"))
    ]
    assert here.refused(delimited(head, *rows)).issues[0].startswith("t.csv:3:4: calendar: the calendar spans 16438 days")


def test_tables_of_nothing(here: Here) -> None:
    assert here.refused(excel()).issues == ["t.xlsx:Requests: there is nothing in it"]
    assert here.refused(excel(HEAD)).issues[0] == "t.xlsx:Requests!A1: there is no request below the names of the columns"
    Path("t.csv").write_bytes(b"\xef\xbb\xbf\r\n ,\r\n")
    assert here.refused("t.csv").issues[0] == "t.csv: there is nothing in it"


# Files that are no tables


def damaged() -> bytes:
    """Return a workbook cut in half."""
    excel(HEAD, TALKS)
    return Path("t.xlsx").read_bytes()[:2_000]


def without_its_workbook() -> bytes:
    """Return a zip file of something else."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return raw.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "raw", "issue"),
    [
        ("t.xls", lambda: OLD, "this is the format of Excel up to 2003\n    Maybe save it as .xlsx."),
        ("t.xlsx", lambda: OLD, "this is the format of Excel up to 2003\n    Maybe save it as .xlsx."),
        ("t.xlsx", lambda: OLD + "EncryptedPackage".encode("utf-16-le"), "a password locks this workbook"),
        ("t.xlsx", damaged, "this is no Excel workbook, or a damaged one"),
        ("t.xlsx", without_its_workbook, "this is no Excel workbook, or a damaged one"),
        ("t.xlsx", lambda: b"", "this is no Excel workbook, or a damaged one"),
        ("t.csv", without_its_workbook, "this is a workbook under the name of a CSV file\n    Maybe name it .xlsx."),
        ("t.ods", without_its_workbook, "a table is an .xlsx or a .csv file"),
        ("t.csv", lambda: b"", "there is nothing in it"),
        ("t.csv", lambda: b"event,session\n\xff\xff,\n", "the file is neither UTF-8 nor GB18030: byte 0xff"),
        ("t.csv", lambda: b'event,session\nvisit,"talks\n', "the row that begins here is not CSV: unexpected end of data"),
        ("t.csv", lambda: b"event,session,note\nvisit,talks,a\x00b\n", "character U+0000 is not allowed"),
        ("t.csv", lambda: b"event,session\nvisit," + b"x" * 200_000 + b"\n", "is not CSV: field larger"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables(name: str, raw: Any, issue: str, here: Here) -> None:
    content = raw()
    Path("t.xlsx").unlink(missing_ok=True)
    Path(name).write_bytes(content)
    said = here.refused(name)
    assert issue in said.err
    assert said.err.startswith(name)


def test_a_workbook_that_is_small_until_it_is_unpacked_is_refused(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.tables.excel.LARGEST", 100_000)
    assert here.run("import", excel(HEAD, TALKS)).code == ExitCode.PLAN
    with zipfile.ZipFile("t.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/blank.xml", b" " * 100_000)
    assert Path("t.xlsx").stat().st_size < 10_000
    assert re.search(r"unpacked, this workbook has 1\d{5} bytes; 100000 are the most", here.refused("t.xlsx").err)


def test_a_sheet_that_reaches_to_the_end_of_the_world_is_refused(here: Here) -> None:
    book = workbook(HEAD, TALKS)
    book.worksheets[0]["XFD1048576"] = "x"
    book.save("t.xlsx")
    assert here.refused("t.xlsx").issues[0] == "t.xlsx:Requests: the sheet reaches to XFD1048576"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    from scheduler.tables.table import read_table

    raw = io.BytesIO()
    workbook(HEAD, TALKS).save(raw)
    with zipfile.ZipFile(raw) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[name])))
    piece = data.draw(st.sampled_from([b"", b"<x>", b'"', b"\xff", b"9" * 30]))
    parts[name] = parts[name][:at] + piece + parts[name][at + data.draw(st.integers(0, 40)) :]
    path = tmp_path_factory.mktemp("damaged") / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    try:
        read_table(str(path))
    except InputError as refused:
        assert refused.issues


def test_without_openpyxl_excel_is_refused_and_csv_is_read(here: Here) -> None:
    excel(HEAD, TALKS)
    delimited(HEAD, TALKS)
    script = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "sys.argv = ['scheduler', 'import', {!r}]\n"
        "from scheduler.cli.main import main; main()"
    )
    done = [
        subprocess.run([sys.executable, "-c", script.format(name)], capture_output=True, text=True, check=False)
        for name in ("t.xlsx", "t.csv")
    ]
    assert [run.returncode for run in done] == [ExitCode.MACHINE, ExitCode.PLAN]
    assert done[0].stderr == (
        "t.xlsx: openpyxl, which reads Excel, is not installed: pip install 'diplomatic-scheduler[tables]', "
        "or save it as CSV\n"
    )


# Where the scenario goes


def test_a_file_that_a_person_wrote_is_not_replaced(here: Here) -> None:
    table = delimited(HEAD, TALKS)
    Path("out.yaml").write_text("schema: 1\n", encoding="utf-8")
    assert here.refused(table).issues[0] == "out.yaml: is already there, and `scheduler import` did not write it"
    assert here.run("import", table, "-o", table).code == ExitCode.INPUT
    Path("out.yaml").unlink()
    here.read(table)
    assert "dinner" in here.read(delimited(HEAD, TALKS, DINNER))["events"]["visit"]["sessions"]


@pytest.mark.parametrize(
    ("words", "issue"),
    [
        (("gone.csv",), "gone.csv: cannot read the table: no such file or directory"),
        (("",), ": cannot read the table: is a directory"),
        (("folder.csv",), "folder.csv: cannot read the table: is a directory"),
        (("t.csv", "-o", "gone/out.yaml"), "gone/out.yaml: cannot write: no such file or directory: gone"),
        (("t.csv", "-o", "folder.csv"), "folder.csv: cannot write: is a directory"),
        (("t.csv", "--sheet", "x"), "t.csv: a CSV file has no sheets"),
        (("t.csv", "--timezone", "Asia/Shanghia"), "--timezone: 'Asia/Shanghia' is not a time zone"),
    ],
)
def test_what_is_asked_for_in_vain(words: Sequence[str], issue: str, here: Here) -> None:
    delimited(HEAD, TALKS)
    Path("folder.csv").mkdir()
    said = here.run("import", *words)
    assert said.code == ExitCode.INPUT
    assert said.err.splitlines()[0] == issue


def test_included_files_of_a_wrong_form_are_told(here: Here) -> None:
    Path("odd.yaml").write_text("delegations: 5\ngroups: [a]\ngrades: x\n", encoding="utf-8")
    said = here.refused(delimited(HEAD, TALKS), include="odd.yaml")
    assert "odd.yaml:1:14: delegations wants a mapping of keys to values, not 5" in said.issues


def test_an_include_of_what_is_to_be_written_is_refused(here: Here) -> None:
    here.read(delimited(HEAD, TALKS))
    assert "includes itself" in here.refused("t.csv", include="out.yaml").err


def test_the_help_tells_every_column(here: Here) -> None:
    told = here.run("import", "--help").out
    for column in COLUMNS:
        assert f"{column.heading} " in told
        assert column.chinese in told
    assert max(map(len, told.splitlines())) < 124


def test_a_workbook_as_excel_leaves_it(here: Here) -> None:
    """Dates with their format, a drop-down list that is not understood, a formula with its stored value."""
    book = workbook((*HEAD, "time from"), (*TALKS, dt.time(9, 30)))
    book.worksheets[0]["D2"] = "=1/16"
    book.worksheets[0]["D2"].number_format = "h:mm"
    book.save("t.xlsx")
    with zipfile.ZipFile("t.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = re.sub(rb"</f><v ?/?>(</v>)?", b"</f><v>0.0625</v>", sheet)
    with zipfile.ZipFile("t.xlsx", "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    assert load_workbook("t.xlsx", data_only=True).worksheets[0]["D2"].value == dt.time(1, 30)
    data = here.read("t.xlsx")
    assert session(data)["duration"] == "90 min"
    assert session(data)["within"]["requested"] == {"date": "2027-05-18", "time": "09:30-24:00"}
