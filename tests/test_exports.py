"""Exports: each format read by another program than its writer, issues and their order, bad orders, unkind disks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from geojson_pydantic import FeatureCollection
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.check import check
from scheduler.errors import InputError
from scheduler.exports.export import DEFAULT
from scheduler.exports.view import View
from scheduler.exports.words import read_catalogue, shipped, words
from scheduler.load import Loaded, load
from scheduler.plan import Plan
from scheduler.scenario.audiences import OWN, Audiences, SessionField
from tests.conftest import LoadText, plan_of
from tests.exported import FIELDS, SESSIONS, Declared, all_bytes, issue, placed_plan, text_of

HOME = Path(__file__).parents[1]
WORDS = HOME / "scheduler" / "exports" / "words"

WHERE = {
    "summit.talks": ("house.red", "2027-05-18T09:00"),
    "summit.dinner": ("tower.top", "2027-05-18T13:00"),
    "summit.press": ("house.blue", "2027-05-19T09:00"),
    "quiet.call": ("tower.top", "2027-05-19T13:00"),
}
HOMES = {"nor": "inn", "fij": "lodge"}
GRADES = ("G1", "G2", "G3")


@pytest.fixture
def small(tmp_path: Path) -> Loaded:
    """The small city; the public is told of names, times and venues."""
    shown = ["event", "name", "date", "time", "venue"]
    file = tmp_path / "small.yaml"
    file.write_text(Declared(public=dict.fromkeys(GRADES, shown)).text(), encoding="utf-8")
    return load(file)


@pytest.fixture
def plan(small: Loaded) -> Plan:
    """A plan of it that keeps all rules."""
    made = placed_plan(small, WHERE, HOMES)
    assert check(small, made).clean
    return made


def moved(loaded: Loaded, talks: tuple[str, str] = WHERE["summit.talks"], *, call: bool = True) -> Plan:
    """Return the plan with the talks elsewhere, and perhaps without the call, which may be left out."""
    where = {**WHERE, "summit.talks": talks}
    return placed_plan(loaded, {name: spot for name, spot in where.items() if call or name != "quiet.call"}, HOMES)


def calendar(folder: Path, name: str = "calendar.ics") -> dict[str, Event]:
    """Return the events of a calendar by their summary, as another parser reads them."""
    read: Calendar = IcsCalendarStream.calendar_from_ics((folder / name).read_bytes().decode())
    return {event.summary or "": event for event in read.events}


def wall(*parts: int) -> dt.datetime:
    """Return a moment as a sheet holds it: as the clocks on the wall show it, without a zone."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return the rows of a table by their headings."""
    table = list(sheet.iter_rows(min_row=4, values_only=True))
    return [dict(zip(map(str, table[0]), row, strict=True)) for row in table[1:]]


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO((folder / name).read_bytes().decode())))


class TestRoundTrip:
    """What is read back is the plan, session by session."""

    def test_calendar(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        found = calendar(issue(small, plan, tmp_path / "out", languages=("en",)))
        assert len(found) == len(plan.sessions)
        for name, placed in plan.sessions.items():
            event = found[str(small.scenario.sessions[name].name)]
            assert (event.dtstart, event.dtend) == (placed.start, placed.end)
            assert str(small.scenario.bookables[placed.hall].name) in (event.location or "")
            assert event.sequence == 0
            assert (event.status, event.classification) == ("TENTATIVE", "CONFIDENTIAL")

    def test_sheet(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        book = load_workbook(issue(small, plan, tmp_path / "out", languages=("en",)) / "plan.xlsx")
        found = {row["Session"]: row for row in rows(book["Run sheet"])}
        assert len(found) == len(plan.sessions)
        for name, placed in plan.sessions.items():
            row, session = found[str(small.scenario.sessions[name].name)], small.scenario.sessions[name]
            assert row["Date"] == dt.datetime.combine(placed.start.date(), dt.time())
            assert (row["Start"], row["End"]) == (placed.start.replace(tzinfo=None), placed.end.replace(tzinfo=None))
            assert row["Hall"] == str(small.scenario.bookables[placed.hall].name)
            assert row["Attendance"] == session.attendance

    def test_tables(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        folder = issue(small, plan, tmp_path / "out")
        found = {row["id"]: row for row in table(folder, "sessions.csv")}
        assert set(found) == set(plan.sessions)
        for name, placed in plan.sessions.items():
            assert found[name]["hall"] == placed.hall
            assert dt.datetime.fromisoformat(found[name]["start"]) == placed.start
            assert dt.datetime.fromisoformat(found[name]["end"]) == placed.end
        persons = {(row["ref"], row["delegation"]) for row in table(folder, "participants.csv")}
        assert len(persons) == sum(len(entry["delegations"]) for entry in SESSIONS.values())
        legs = table(folder, "legs.csv")
        assert [(row["leave"], row["from"], row["to"]) for row in legs] == [
            (leg.leave.isoformat(timespec="minutes"), leg.from_, leg.to) for leg in plan.legs
        ]

    def test_json(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        view = View.model_validate_json((issue(small, plan, tmp_path / "out") / "issue.json").read_bytes())
        found = {s.id: (s.hall, s.start, s.end, s.taken_from, s.taken_to) for s in view.sessions}
        assert found == {name: (p.hall, p.start, p.end, p.hall_from, p.hall_to) for name, p in plan.sessions.items()}
        assert view.homes == HOMES
        assert len(view.legs) == len(plan.legs)

    def test_map(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """Over the network, from the inn (c) by b to the house (a): three points, the longitude first."""
        text = (issue(small, plan, tmp_path / "out") / "map.geojson").read_text(encoding="utf-8")
        features: list[Any] = list(FeatureCollection.model_validate_json(text).features)
        kinds = [feature.properties["kind"] for feature in features if feature.properties]
        assert kinds.count("venue") == 2
        assert kinds.count("hotel") == 2
        assert kinds.count("leg") == len(plan.legs)
        legs = [f for f in json.loads(text)["features"] if f["properties"]["kind"] == "leg"]
        line = next(leg for leg in legs if (leg["properties"]["from"], leg["properties"]["to"]) == ("inn", "house"))
        assert line["geometry"]["coordinates"] == [[116.4, 40.0], [116.35, 39.95], [116.3, 39.9]]
        driven = next(leg for leg in plan.legs if (leg.delegation, leg.to) == ("nor", "house"))
        assert dt.datetime.fromisoformat(line["properties"]["leave"]) == driven.leave

    def test_pages(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """The programme has every session with its times; a venue has its own, each with an order; a card has the cars."""
        folder = issue(small, plan, tmp_path / "out", languages=("en",))
        programme, house, card = (
            "".join(" ".join(text_of((folder / name).read_bytes())).split())
            for name in ("programme.pdf", "venues/venue-house.pdf", "cards/delegation-nor.pdf")
        )
        for name, placed in plan.sessions.items():
            said = f"{placed.start:%H:%M}–{placed.end:%H:%M}"
            title, hall = (
                str(named.name) for named in (small.scenario.sessions[name], small.scenario.bookables[placed.hall])
            )
            assert said in programme
            assert title in programme
            assert hall in programme
            assert house.count(title) == (2 if placed.hall.startswith("house.") else 0)
            assert (title in card) == ("nor" in SESSIONS[name]["delegations"])
        for leg in plan.legs:
            if leg.delegation == "nor":
                assert f"{leg.leave:%H:%M}–{leg.arrive:%H:%M}" in card
        assert "Tue" in programme


class TestCalendar:
    """What RFC 5545 asks for beyond what a parser forgives."""

    def test_lines(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """CRLF only, at most 75 octets a line (3.1); one UID an event, required properties once (3.6.1)."""
        folder = issue(small, plan, tmp_path / "out")
        for file in sorted(folder.rglob("*.ics")):
            raw = file.read_bytes()
            assert raw.endswith(b"END:VCALENDAR\r\n")
            assert b"\n" not in raw.replace(b"\r\n", b"")
            assert max(map(len, raw.split(b"\r\n"))) <= 75
            text = raw.replace(b"\r\n ", b"").decode()
            events = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.S)
            for event in events:
                names = [re.split("[:;]", line)[0] for line in event.split("\r\n")]
                for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "CLASS"):
                    assert names.count(name) == 1, (file, name)
                assert {"GEO", "LOCATION", "CATEGORIES"} <= set(names)
                assert "DTSTART;TZID=Asia/Shanghai:" in event
            uids = re.findall(r"UID:(.*)\r", text)
            assert len(set(uids)) == len(events) == len(uids)
            assert text.count("BEGIN:VTIMEZONE") == 1

    def test_clocks_that_change(self, load_text: LoadText, tmp_path: Path) -> None:
        """In New York clocks go back on 7 November 2027: three days at 09:00 by the wall, with one rule."""
        loaded = load_text(
            """
schema: 1
id: fall
calendar: {timezone: America/New_York, start: 2027-11-05, end: 2027-11-10}
grades: {G3: {}}
venues: {un: {name: UN, halls: {hall: {}}}}
events:
  week:
    grade: G3
    sessions:
      expo: {days: 3, daily: 09:00-17:00}
      vote: {duration: 60 min}
"""
        )
        plan = plan_of(loaded, {"week.expo": ("un.hall", "2027-11-05T09:00"), "week.vote": ("un.hall", "2027-11-08T10:00")})
        folder = issue(loaded, plan, tmp_path / "out")
        found = calendar(folder)
        zone = loaded.scenario.calendar.timezone
        assert found["expo"].dtstart == dt.datetime(2027, 11, 5, 9, tzinfo=zone)
        assert found["expo"].dtend == dt.datetime(2027, 11, 5, 17, tzinfo=zone)
        assert str(found["expo"].rrule.as_rrule_str() if found["expo"].rrule else "") == "FREQ=DAILY;COUNT=3"
        assert found["vote"].dtstart == dt.datetime(2027, 11, 8, 15, tzinfo=dt.UTC)
        text = (folder / "calendar.ics").read_text()
        assert "TZOFFSETFROM:-0400\nTZOFFSETTO:-0500" in text.replace("\r", "")

    def test_a_session_is_the_same_in_every_calendar(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        folder = issue(small, plan, tmp_path / "out", languages=("en",))
        whole = calendar(folder)
        for name in ("venue-house", "delegation-nor", "resource-mark-pool-zq"):
            part = calendar(folder, f"calendars/{name}.ics")
            assert part
            shared = set(part) & set(whole)
            assert shared
            assert all(part[summary].uid == whole[summary].uid for summary in shared)
        legs = set(calendar(folder, "calendars/delegation-nor.ics")) - set(whole)
        assert len(legs) == len({(leg.from_, leg.to) for leg in plan.legs if leg.delegation == "nor"})

    def test_readers_have_uids_of_their_own(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """So that a calendar for the public does not overwrite one of the command centre."""
        uids = [
            {event.uid for event in calendar(issue(small, plan, tmp_path / str(number), **reader)).values()}
            for number, reader in enumerate(({}, {"audience": "public"}, {"audience": "liaison", "delegation": "nor"}))
        ]
        assert all(uids)
        assert not uids[0] & uids[1]
        assert not uids[0] & uids[2]
        assert not uids[1] & uids[2]

    def test_only_the_date_is_shown(self, tmp_path: Path) -> None:
        """Then it is an event of the whole day."""
        file = tmp_path / "small.yaml"
        file.write_text(Declared(public={"G1": ["name", "date"]}).text(), encoding="utf-8")
        loaded = load(file)
        found = calendar(issue(loaded, placed_plan(loaded, WHERE, HOMES), tmp_path / "out", audience="public"))
        assert [(event.dtstart, event.dtend) for event in found.values()] == [(dt.date(2027, 5, 18), dt.date(2027, 5, 19))]


class TestWorkbook:
    """What a planner expects of the sheets."""

    def test_sheets(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        folder = issue(small, plan, tmp_path / "out", languages=("en",))
        book: Workbook = load_workbook(folder / "plan.xlsx")
        assert book.sheetnames == [
            *("Summary", "Function diary", "Run sheet", "Movements", "Accommodation", "Shared resources", "Changes")
        ]
        for sheet in book.worksheets[1:]:
            assert sheet.freeze_panes
            assert sheet.print_area
            assert sheet.print_title_rows == "$4:$4"
            assert sheet.page_setup.orientation == "landscape"
            assert str(sheet.page_setup.paperSize) == "9"
        assert load_workbook(folder / "venues.xlsx").sheetnames == ["mark-house-zq", "mark-tower-zq"]

    def test_diary(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """A row a hall and day; the talks from 09:00 to 10:00 take two half hours, and one before is shaded."""
        sheet = load_workbook(issue(small, plan, tmp_path / "out", languages=("en",)) / "plan.xlsx")["Function diary"]
        heads = {cell.value: int(cell.column or 0) for cell in sheet[4]}
        diary = {(row[0].value, row[3].value): row for row in sheet.iter_rows(min_row=5)}
        assert len(diary) == 4
        talks = diary[wall(2027, 5, 18), "mark-house-red-zq"]
        nine = heads["09"] - 1
        assert talks[nine].value == "09:00–10:00 mark-name-talks-zq"
        assert f"{talks[nine].coordinate}:{talks[nine + 1].coordinate}" in map(str, sheet.merged_cells.ranges)
        assert talks[nine - 1].fill.fgColor.rgb == "FFD9D9D9"

    def test_pools(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """The talks take 3 of 99 for an hour, the dinner 2 for half an hour before it and after: 3 on the 18th."""
        sheet = load_workbook(issue(small, plan, tmp_path / "out", languages=("en",)) / "plan.xlsx")["Shared resources"]
        (row,) = rows(sheet)
        assert (row["Most taken"], row["Available"], row["Spare"]) == (3, 99, 96)
        assert row["At"] == wall(2027, 5, 18, 9)

    def test_delegation(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """Its sessions and the cars to and from them, by the clock."""
        folder = issue(small, plan, tmp_path / "out", languages=("en",), audience="liaison", delegation="nor")
        book = load_workbook(folder / "delegations.xlsx")
        (sheet,) = book.worksheets
        told = [(row["Start"], row["Session"]) for row in rows(sheet)]
        assert told == sorted(told, key=lambda line: line[0])
        named = [name for _, name in told if "→" not in name]
        assert named == ["mark-name-talks-zq", "mark-name-dinner-zq", "mark-name-call-zq"]
        assert told[0][1] == "Residence → mark-house-zq"


class TestIssues:
    """The second issue knows the first."""

    def test_moved_and_cancelled(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        order: dict[str, Any] = {"audience": "public", "languages": ("en",)}
        first = calendar(issue(small, plan, tmp_path / "out", **order))
        later = moved(small, ("house.red", "2027-05-18T10:00"), call=False)
        folder = issue(small, later, tmp_path / "out", **order)
        second = calendar(folder)
        assert folder.name == "issue-002"
        assert {summary: event.uid for summary, event in first.items()} == {s: e.uid for s, e in second.items()}
        assert {summary: (event.sequence, event.status) for summary, event in second.items()} == {
            "mark-name-talks-zq": (1, "TENTATIVE"),
            "mark-name-dinner-zq": (0, "TENTATIVE"),
            "mark-name-press-zq": (0, "TENTATIVE"),
            "mark-name-call-zq": (1, "CANCELLED"),
        }
        told = rows(load_workbook(folder / "plan.xlsx")["Changes"])
        assert [(row["Change"], row["Session"]) for row in told] == [
            *[("Changed", "mark-name-talks-zq")] * 2,
            ("Cancelled", "mark-name-call-zq"),
        ]
        start = next(row for row in told if row["What"] == "Start")
        assert (start["Before"], start["Now"]) == (wall(2027, 5, 18, 9), wall(2027, 5, 18, 10))
        assert {row["status"] for row in table(folder, "sessions.csv")} == {"held", "cancelled"}
        # It stays cancelled in the third issue, is back in the fourth, and has changed twice then.
        third = calendar(issue(small, later, tmp_path / "out", **order))["mark-name-call-zq"]
        assert (third.sequence, third.status) == (1, "CANCELLED")
        fourth = calendar(issue(small, plan, tmp_path / "out", **order))
        assert (fourth["mark-name-call-zq"].sequence, fourth["mark-name-call-zq"].status) == (2, "TENTATIVE")
        assert fourth["mark-name-talks-zq"].sequence == 2

    def test_what_is_withheld_is_no_change(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """Another hall of the same venue: the public is told of no hall."""
        issue(small, plan, tmp_path / "out", audience="public")
        folder = issue(small, moved(small, ("house.blue", "2027-05-18T09:00")), tmp_path / "out", audience="public")
        view = View.model_validate_json((folder / "issue.json").read_bytes())
        assert not view.changes
        assert {session.sequence for session in view.sessions} == {0}

    def test_confirmed(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """It changes the status of every session, and so is a revision of each."""
        issue(small, plan, tmp_path / "out")
        folder = issue(small, plan, tmp_path / "out", approved_by="Chief of Protocol")
        assert {(event.sequence, event.status) for event in calendar(folder).values()} == {(1, "CONFIRMED")}
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert (manifest["status"], manifest["approved-by"]) == ("confirmed", "Chief of Protocol")

    def test_same_order_same_bytes(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        one, other = (dict(all_bytes(issue(small, plan, tmp_path / name))) for name in "ab")
        assert one == other

    def test_marked_where_rules_are_broken(self, small: Loaded, tmp_path: Path) -> None:
        """Two sessions of the host's chief at once; every sheet, every event and every row says so."""
        broken = moved(small, ("house.red", "2027-05-18T13:00"))
        assert not check(small, broken).clean
        folder = issue(small, broken, tmp_path / "out", languages=("en",))
        said = "This plan does not keep all rules"
        assert all(summary.startswith(f"[{said}]") for summary in calendar(folder))
        for name in ("plan", "venues", "delegations"):
            for sheet in load_workbook(folder / f"{name}.xlsx").worksheets:
                assert sheet["A3"].value == said
                assert sheet.oddFooter is not None
                assert said in str(sheet.oddFooter.left.text)
        assert {row["plan"] for row in table(folder, "sessions.csv")} == {"broken"}
        for file in folder.rglob("*.pdf"):
            assert all(said in page for page in text_of(file.read_bytes())[:-1])
        assert json.loads((folder / "map.geojson").read_text())["broken"] == said


class TestDefaults:
    """What nobody has declared."""

    def test_liaison(self, tmp_path: Path) -> None:
        """Its sessions and cars; no grade, number, preparation, hotel, escort or road, and nobody else's movements."""
        (tmp_path / "small.yaml").write_text(Declared().text(), encoding="utf-8")
        loaded = load(tmp_path / "small.yaml")
        order: dict[str, Any] = {"audience": "liaison", "delegation": "nor"}
        folder = issue(loaded, placed_plan(loaded, WHERE, HOMES), tmp_path / "out", **order)
        told = json.loads((folder / "issue.json").read_bytes())
        fields = {"ref", "event", "name", "date", "start", "end", "venue", "hall", "layout", "delegations", "persons"}
        assert {field for session in told["sessions"] for field in session} == fields
        assert {field for leg in told["legs"] for field in leg} == {
            *("ref", "delegation", "persons", "from", "to", "leave", "arrive")
        }
        assert {leg["delegation"] for leg in told["legs"]} == {"nor"}
        assert not {"homes", "hotels", "corridors", "ways", "pools", "figures", "absent"} & set(told)
        assert {file.name for file in (folder / "calendars").iterdir()} == {
            *("delegation-nor.ics", "venue-house.ics", "venue-tower.ics")
        }

    def test_public(self, tmp_path: Path) -> None:
        (tmp_path / "small.yaml").write_text(Declared().text(), encoding="utf-8")
        loaded = load(tmp_path / "small.yaml")
        folder = issue(loaded, placed_plan(loaded, WHERE, HOMES), tmp_path / "out", audience="public")
        assert not calendar(folder)
        assert not table(folder, "sessions.csv")

    def test_cars_that_look_alike_are_one(self, small: Loaded, tmp_path: Path) -> None:
        """The chief goes to a session of grade G1 with a motorcade, the aide to one of G2 without: both at once."""
        plan = placed_plan(small, {**WHERE, "quiet.call": ("house.blue", "2027-05-18T09:00")}, HOMES)
        driven = [leg for leg in plan.legs if (leg.delegation, leg.to) == ("nor", "house")]
        assert sorted(leg.escorted for leg in driven) == [False, True]
        assert len({leg.leave for leg in driven}) == 1
        folder = issue(small, plan, tmp_path / "out", audience="liaison", delegation="nor", languages=("en",))
        (told,) = (row for row in table(folder, "legs.csv") if row["to"] == "house")
        assert told["persons"] == "mark-nor-chief-zq; mark-nor-aide-zq"


def test_a_plan_without_its_legs(small: Loaded, plan: Plan, tmp_path: Path) -> None:
    """It is issued with those that its sessions and homes ask for; so is one whose legs lead nowhere."""
    bare = plan.model_copy(update={"legs": []})
    wrong = plan.model_copy(update={"legs": [plan.legs[0].model_copy(update={"delegation": "nobody", "to": "nowhere"})]})
    told = [table(issue(small, made, tmp_path / str(n)), "legs.csv") for n, made in enumerate((plan, bare, wrong))]
    assert told[0]
    assert told[1] == told[0]
    assert [row["leave"] for row in told[2]] == [row["leave"] for row in told[0]]


class TestInert:
    """Names are text, whatever they look like."""

    EVIL = '=HYPERLINK("http://evil.example","x")'

    @pytest.fixture
    def folder(self, load_text: LoadText, tmp_path: Path) -> Path:
        loaded = load_text(
            f"""
schema: 1
id: evil
calendar: {{timezone: Asia/Shanghai, start: 2027-05-18, end: 2027-05-18}}
grades: {{G3: {{}}}}
venues: {{house: {{name: "+cmd|' /C calc'!A0", halls: {{red: {{name: "[]:*?/Sheet #panic() \U0001f600"}}}}}}}}
events:
  a:
    name: "<script>alert(1)</script>\\r\\nEND:VEVENT"
    grade: G3
    sessions: {{x: {{name: '{self.EVIL}', duration: 60 min}}}}
"""
        )
        return issue(loaded, plan_of(loaded, {"a.x": ("house.red", "2027-05-18T09:00")}), tmp_path / "out")

    def test_spreadsheet(self, folder: Path) -> None:
        for name in ("plan", "venues"):
            for sheet in load_workbook(folder / f"{name}.xlsx").worksheets:
                assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"n", "s", "d"}
        names = [row["Session / 环节"] for row in rows(load_workbook(folder / "plan.xlsx")["Run sheet 流程单"])]
        assert names == [self.EVIL]

    def test_csv(self, folder: Path) -> None:
        (row,) = table(folder, "sessions.csv")
        assert row["name_en"] == f"'{self.EVIL}"
        assert row["venue_en"].startswith("'+")
        assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@"))]

    def test_calendar(self, folder: Path) -> None:
        (event,) = calendar(folder).values()
        assert event.summary == self.EVIL
        assert event.categories == ["<script>alert(1)</script> END:VEVENT", "G3"]

    def test_pages(self, folder: Path) -> None:
        """A name is no code of the typesetter, and a sign that the font lacks is shown as missing."""
        said = " ".join(text_of((folder / "venues" / "venue-house.pdf").read_bytes()))
        assert "=HYPERLINK(" in said
        assert "#panic()" in said
        assert "〓" in said

    def test_bom(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        plain, marked = (issue(small, plan, tmp_path / str(bom), bom=bom) / "sessions.csv" for bom in (False, True))
        assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()


class TestWords:
    """Catalogues of words."""

    def test_side_by_side(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        book = load_workbook(issue(small, plan, tmp_path / "out", languages=("zh", "en")) / "plan.xlsx")
        assert book.sheetnames[0] == "概览 Summary"
        assert book["概览 Summary"]["A1"].value == "小型峰会 / Small summit"
        assert rows(book["流程单 Run sheet"])[0]["场馆 / Venue"] == "标记宅 / mark-house-zq"

    def test_all_catalogues_hold_the_same(self) -> None:
        assert shipped() == ["en", "zh"]
        english, chinese = (read_catalogue((WORDS / f"{name}.yaml").read_bytes(), name, name) for name in shipped())
        assert list(english.texts) == list(chinese.texts)
        assert {name: list(section) for name, section in english.sections.items()} == {
            name: list(section) for name, section in chinese.sections.items()
        }

    def test_every_text_is_used(self) -> None:
        code = "".join(file.read_text(encoding="utf-8") for file in (HOME / "scheduler" / "exports").rglob("*.py"))
        english = read_catalogue((WORDS / "en.yaml").read_bytes(), "en.yaml", "en")
        unused = {key for key in english.texts if not re.search(f"[\"'](?:{key}|{key.replace('-', '_')}_?)[\"']", code)}
        assert unused == set()

    def test_a_third_language(self, small: Loaded, plan: Plan, tmp_path: Path) -> None:
        """A translator copies the English file; what it lacks, and what a scenario has no name for, is told or English."""
        english = yaml.safe_load((WORDS / "en.yaml").read_text(encoding="utf-8"))
        french = {key: f"fr·{text}" if isinstance(text, str) else {} for key, text in english.items()}
        file = tmp_path / "fr.yaml"
        file.write_text(yaml.safe_dump(french, allow_unicode=True), encoding="utf-8")
        folder = issue(small, plan, tmp_path / "out", languages=("fr", "zh"), catalogues=[str(file)])
        book = load_workbook(folder / "plan.xlsx")
        assert book.sheetnames[0] == "fr·Summary 概览"
        assert rows(book["fr·Run sheet 流程单"])[0]["fr·Venue / 场馆"] == "mark-house-zq / 标记宅"

    def test_what_a_catalogue_lacks(self, tmp_path: Path) -> None:
        text = (WORDS / "zh.yaml").read_text(encoding="utf-8")
        text = text.replace("venue: 场馆\n", "").replace("{number}", "{nummer}").replace("hall: 厅室", "hal: 厅室")
        (tmp_path / "zh.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            words(["zh"], [tmp_path / "zh.yaml"])
        said = str(caught.value)
        assert "the catalogue lacks 'venue'" in said
        assert "Maybe a translation of 'Venue'." in said
        assert "'issue' does not speak of what the English text speaks of" in said
        assert "no text is called 'hal'\n    Maybe 'hall'?" in said


def test_the_page_about_exports_is_true() -> None:
    """Its example can be read, and its lists hold every format and field."""
    page = (HOME / "docs" / "exports.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.S)
    assert example is not None
    declared = Audiences.model_validate(yaml.safe_load(example[1])["audiences"])
    assert declared.fields("public", "G2") == frozenset()
    assert declared.fields("liaison", "G2") == set(OWN)
    assert f"`{' '.join(OWN)}`" in page
    assert f"`{' '.join(FIELDS)}`" in page.replace("\n", " ")
    assert set(FIELDS) == set(get_args(SessionField))
    assert re.findall(r"^\| `([a-z]+)` \| ", page.partition("## Issues")[0], re.M) == [*DEFAULT, "json"]
