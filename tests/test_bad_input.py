"""Hostile and mistaken input through the command line: exit codes, places, and that nothing is left half-written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scheduler.cli
from scheduler.check import check
from scheduler.cli.main import main
from scheduler.engine import solve
from scheduler.errors import ExitCode, InputError
from scheduler.load import load
from scheduler.plan import plan_json
from scheduler.scenario import strict_yaml
from tests.conftest import LoadText, plan_of

STARTER = (Path(scheduler.cli.__file__).parent / "starter.yaml").read_text(encoding="utf-8")
MARK = "§"
"""Stands in a changed text where the first complaint is expected; it is taken out before the text is written."""

CALENDAR = "{timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11}"
DAY = "{date: 2027-05-10, time: 13:00-21:00}"
PREFERRED = "start: 2027-05-10T15:00"
MINISTER = "{minister: {en: Foreign Minister, zh: 外交大臣}}"
TALKS = "duration: 90 min\n        attendance: 24"
ABOVE = "schema: 1\n"
BOMB = "\n".join(
    f"{name}: {'§' if name == 'a' else ''}&{name} [{', '.join([f'*{before}' if before else 'x'] * 9)}]"
    for before, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
)


@dataclass(frozen=True)
class Bad:
    """A scenario that cannot be used: its text, what its first complaint says, and the files beside it."""

    text: str
    words: tuple[str, ...]
    beside: Mapping[str, str] = field(default_factory=dict)
    place: tuple[str, int, int] | None = None

    @property
    def written(self) -> str:
        return self.text.replace(MARK, "")

    @property
    def expected(self) -> tuple[str, int, int]:
        """The file, line and column of the first complaint: where the mark is, unless said otherwise."""
        if self.place is not None:
            return self.place
        line = self.text[: self.text.index(MARK)].count("\n")
        return "bad.yaml", line + 1, self.text.splitlines()[line].index(MARK) + 1


def changed(*changes: tuple[str, str]) -> str:
    """Return the starter with the first of each first text replaced by the second."""
    text = STARTER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


BAD: Mapping[str, Bad] = {
    "wrong type": Bad(changed(("attendance: 24", "attendance: §many")), ("a whole number", "'many'")),
    "unknown key": Bad(changed(("layout: hollow-square", "§layuot: hollow-square")), ("unknown key", "'layout'?")),
    "unknown id": Bad(changed(("[visit.talks, press", "[§visit.tlaks, press")), ("visit.tlaks", "'visit.talks'?")),
    "duplicate key": Bad(changed((TALKS, f"{TALKS}\n        §duration: 5 min")), ("'duration'", "second time", "line 42")),
    "alias": Bad(changed(("schema: 1", "schema: §&one 1")), ("&one",)),
    "alias bomb": Bad(ABOVE + BOMB, ("&a",)),
    "brackets": Bad(f"a: {'[' * 39}§{'[' * 3_000_000}", ("levels of nesting",)),
    "braces": Bad("{a: " * 40 + "§" + "{a: " * 750_000, ("levels of nesting",)),
    "NO for a number": Bad(changed(("attendance: 24", "attendance: §NO")), ("a whole number", "'NO'")),
    "09:30 for a number": Bad(changed(("attendance: 24", "attendance: §09:30")), ("a whole number", "'09:30'")),
    "12:30 for a number": Bad(changed(("attendance: 24", "attendance: §12:30")), ("a whole number", "'12:30'")),
    "12:30 for a duration": Bad(changed(("duration: 90 min", "duration: §12:30")), ("'12:30'", "'90 min'")),
    "6,000 digits": Bad(changed(("attendance: 24", f"attendance: §{'9' * 6_000}")), ("6000 digits",)),
    "infinity": Bad(changed(("attendance: 24", "attendance: §.inf")), (".inf",)),
    "calendar backwards": Bad(
        changed((CALENDAR, "§{timezone: Asia/Shanghai, start: 2027-05-11, end: 2027-05-10}")),
        ("2027-05-10", "2027-05-11", "swapped"),
    ),
    "window backwards": Bad(changed((DAY, "§{from: 2027-05-11, to: 2027-05-10}")), ("before it starts", "swap")),
    "window outside the calendar": Bad(
        changed((DAY, "§{date: 2027-06-10}")), ("outside the calendar", "between 2027-05-10 and 2027-05-11")
    ),
    "a time that does not exist": Bad(
        changed(
            (CALENDAR, "{timezone: Europe/Berlin, start: 2027-03-28, end: 2027-05-11}"),
            (PREFERRED, "start: §2027-03-28T02:30")
        ),
        ("does not exist in Europe/Berlin", "'2027-03-28T03:30'"),
    ),
    "a time that comes twice": Bad(
        changed(
            (CALENDAR, "{timezone: Europe/Berlin, start: 2027-05-10, end: 2027-10-31}"),
            (PREFERRED, "start: §2027-10-31T02:30")
        ),
        ("comes twice", "'2027-10-31T02:30+02:00'"),
    ),
    "missing include": Bad(
        changed((ABOVE, f"{ABOVE}include: [§citty.yaml]\n")), ("citty.yaml", "'city.yaml'?"), {"city.yaml": ABOVE}
    ),
    "missing library": Bad(changed((ABOVE, f'{ABOVE}include: [§"beijng:city"]\n')), ("'beijng'", "'beijing'?")),
    "an include of itself": Bad(changed((ABOVE, f"{ABOVE}include: [§bad.yaml]\n")), ("includes itself",)),
    "an include of itself through another": Bad(
        changed((ABOVE, f"{ABOVE}include: [a.yaml]\n")),
        ("includes itself", "bad.yaml -> a.yaml -> bad.yaml"),
        {"a.yaml": "include: [bad.yaml]\n"},
        ("a.yaml", 1, 11),
    ),
    "includes that disagree": Bad(
        changed((ABOVE, f"{ABOVE}include: [a.yaml, b.yaml]\n")),
        ("zones.x.name", "a.yaml:1:19"),
        {"a.yaml": "zones: {x: {name: A}}\n", "b.yaml": "zones:\n  x: {name: B}\n"},
        ("b.yaml", 2, 13),
    ),
    "an include that is not YAML": Bad(
        changed((ABOVE, f"{ABOVE}include: [a.yaml]\n")), ("not YAML",), {"a.yaml": "a: b: c\n"}, ("a.yaml", 1, 5)
    ),
    "an include with a zero byte": Bad(changed((ABOVE, f'{ABOVE}include: [§"a\\0b"]\n')), ("no file",)),
    "a base plan with a zero byte": Bad(changed((ABOVE, f'{ABOVE}base: "a\\0b"\n')), ("cannot",), {}, ("", 0, 0)),
    "empty": Bad("", ("empty",), {}, ("bad.yaml", 1, 1)),
    "only comments": Bad("# nothing\n", ("empty",), {}, ("bad.yaml", 1, 1)),
    "a list": Bad("§- a\n- b\n", ("mapping",)),
    "a second document": Bad(STARTER + "§---\na: 1\n", ("second document",)),
    "a tag": Bad(changed(("id: starter", "id: §!!python/object/apply:os.system ['false']")), ("tag",)),
    "a merge key": Bad(changed(("schema: 1", "§<<: {a: 1}\nschema: 1")), ("merge key",)),
    "a control character": Bad(changed(("id: starter", "id: star\x01ter")), ("U+0001",), {}, ("bad.yaml", 4, 9)),
    "the first day of the world": Bad(changed((PREFERRED, "start: §0001-01-01T00:00")), ("0001-01-01",)),
    "the last minute of the world": Bad(changed((PREFERRED, "start: §9999-12-31T24:00")), ("9999-12-31",)),
    "a calendar at the beginning of the world": Bad(
        changed((CALENDAR, "{timezone: Asia/Shanghai, start: §0001-01-01, end: 0001-01-02}")), ("0001-01-01",)
    ),
    "persons in a list in a list": Bad(changed((MINISTER, "[§[minister]]")), ("persons",)),
    "groups that are a list": Bad(
        STARTER + "groups: §[guest]\ntemplates: {t: {event: visit, for: [guest], session: {duration: 5 min}}}\n",
        ("groups", "a mapping"),
    ),
}  # fmt: skip

ANY_PLACE = {"a base plan with a zero byte", "a control character", "a calendar at the beginning of the world"}
"""Where more than one place would do."""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects of the lines of the output."""
        return [json.loads(line) for line in self.out.splitlines()]


class Here:
    """Runs commands in a folder of their own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def write(self, name: str, text: str | bytes) -> str:
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}

    def run(self, *words: str) -> Said:
        """Run a command in this process; an exception that escapes it fails the test."""
        self.monkeypatch.setattr(sys, "argv", ["scheduler", *words])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        assert isinstance(left.value.code, int)
        return Said(int(left.value.code), out, err)

    def refused(self, *words: str, code: ExitCode = ExitCode.INPUT) -> Said:
        """Run a command that is to be refused, and see that it leaves no file behind."""
        before = self.files()
        said = self.run(*words)
        assert said.code == code, said.out + said.err
        assert self.files() == before
        return said


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path, monkeypatch, capsys)


@cache
def starter_plan() -> str:
    """Return the text of a plan for the starter."""
    outcome = solve(load(Path(scheduler.cli.__file__).parent / "starter.yaml"))
    assert outcome.plan is not None
    return plan_json(outcome.plan)


@pytest.fixture
def planned(here: Here) -> Here:
    """A folder with a scenario and its plan."""
    here.write("s.yaml", STARTER)
    here.write("plan.json", starter_plan())
    return here


# Scenarios that cannot be used


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["validate", "solve", "check"])
def test_bad_scenarios_are_told_where_and_why(name: str, command: str, here: Here) -> None:
    bad = BAD[name]
    for beside, text in bad.beside.items():
        here.write(beside, text)
    here.write("bad.yaml", bad.written)
    words = [command, "bad.yaml", *(["plan.json"] if command == "check" else [])]
    file, line, column = bad.expected

    said = here.refused(*words)
    assert said.out == ""
    assert [word for word in bad.words if word not in said.err] == []
    if name not in ANY_PLACE:
        assert said.err.startswith(f"{file}:{line}:{column}: ")
    assert len(said.err) < 20_000

    told = here.refused(*words, "--format", "json")
    assert told.err == ""
    (answer,) = told.objects
    assert (answer["status"], answer["exit_code"]) == ("invalid", 2)
    first = answer["issues"][0]
    if name not in ANY_PLACE:
        assert (first["file"], first["line"], first["column"]) == (file, line, column)
    assert [word for word in bad.words if word not in first["message"] + first["hint"]] == []


@pytest.mark.parametrize("word", ["NO", "yes", "on", "09:30", "12:30", "2023-10-18", "0b1", "1_000"])
def test_words_of_older_yaml_are_names_without_quotes(word: str, here: Here) -> None:
    text = changed(
        ("name: Lotus Hall", f"name: {word}"), ("name: Talks", f"name: {{en: {word}, zh: {word}}}\n        note: {word}")
    )
    here.write("s.yaml", text)
    assert here.run("validate", "s.yaml").code == 0
    assert load("s.yaml").scenario.sessions["visit.talks"].name.zh == word


def test_norway_is_a_country_without_quotes(here: Here) -> None:
    assert "country: NO," in STARTER
    here.write("s.yaml", STARTER)
    assert load("s.yaml").scenario.delegations["guest"].country == "NO"


def test_a_file_that_is_not_utf_8(here: Here) -> None:
    here.write("bad.yaml", STARTER.replace("外交部,", "外交部 ").encode("gb18030"))
    said = here.refused("validate", "bad.yaml")
    # the first byte of 工 in GB18030, after "name: {en: Working visit, zh: "
    column = STARTER.splitlines()[4].index("工") + 1
    assert said.err.startswith(f"bad.yaml:5:{column}: the file is not UTF-8")
    (answer,) = here.refused("validate", "bad.yaml", "--format", "json").objects
    assert (answer["issues"][0]["line"], answer["issues"][0]["column"]) == (5, column)


def test_several_files_are_validated_each_for_itself(here: Here) -> None:
    here.write("good.yaml", STARTER)
    here.write("bad.yaml", "")
    here.write("worse.yaml", "- a\n")
    said = here.run("validate", "bad.yaml", "good.yaml", "worse.yaml")
    assert said.code == ExitCode.INPUT
    assert "bad.yaml:1:1" in said.err
    assert "worse.yaml:1:1" in said.err
    assert "good.yaml: valid" in said.out
    answers = here.run("validate", "bad.yaml", "good.yaml", "worse.yaml", "--format", "json").objects
    assert [(answer["file"], answer["status"]) for answer in answers] == [
        ("bad.yaml", "invalid"),
        ("good.yaml", "valid"),
        ("worse.yaml", "invalid"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clearance: G1\n", "clearance: G1\n    closes: 9999-12-31\n"),
        ("clearance: G1\n", "clearance: G1\n    opens: 0001-01-01\n"),
        ("clearance: G1\n", "clearance: G1\n    closures: {x: {from: 0001-01-02T00:00, to: 0001-01-03T00:00}}\n"),
        ("clearance: G1\n", "clearance: G1\n    closures: {x: {from: 9999-12-30T00:00, to: 9999-12-31T00:00}}\n"),
        ("layout: banquet\n", "layout: banquet\n        move-in: 9999999 d\n"),
        ("layout: banquet\n", "layout: banquet\n        move-out: 9999999 d\n"),
        ("{sweep: 2 h}", "{sweep: 9999999 d}"),
        ("turnover: 1 h", f"turnover: {'9999999 d ' * 2_000}"),
        ("at-most: 45 min", f"at-most: {'9999999 d ' * 2_000}"),
        ("grades:", "tiers: {1: {slack: 1000000000}}\ngrades:"),
        ("tier: 1}", "tier: 1, weight: 1000000000}"),
        ("tier: 1}", "tier: 999999999999999999}"),
        ("ministry: 25 min", "ministry: 9999999 d"),
        ("attendance: 24", "attendance: 1000000000"),
        ("end: 2027-05-11}", "end: 2027-05-11, grid: 9999999 d}"),
        ("name: Lotus Hall", 'name: "\\0\\x07 [bold]{x}"'),
        ("name: Lotus Hall", f"name: {'x' * 100_000}"),
    ],
    ids=[
        "closes never", "opened always", "closed long ago", "closed in the far future", "endless move-in",
        "endless move-out", "endless sweep", "endless turnover",
        "endless lag", "huge slack", "huge weight", "huge tier", "far away", "crowd",
        "huge grid", "odd name", "long name",
    ],
)  # fmt: skip
def test_extreme_values_are_planned_with_or_refused(old: str, new: str, here: Here) -> None:
    here.write("s.yaml", changed((old, new)))
    before = here.files()
    said = here.run("solve", "s.yaml", "-o", "plan.json", "--time-limit", "5")
    assert said.code in (ExitCode.PLAN, ExitCode.INPUT, ExitCode.INFEASIBLE)
    assert here.files() - before == ({"plan.json"} if said.code == ExitCode.PLAN else set())
    if said.code != ExitCode.PLAN:
        assert "s.yaml" in said.err


# Sessions without a place


NO_HALL = changed(
    ("      dinner:\n        name: Dinner", "      dinner:\n        §name: Dinner"), ("attendance: 28", "attendance: 280")
)
REASONS = (
    "visit.dinner fits no hall",
    "guesthouse.lotus: seats 60 in the layout banquet; 280 attend",
    "guesthouse.garden: seats 30 in the layout banquet; 280 attend",
    "ministry.blue: seats nobody in the layout banquet; 280 attend",
)


@pytest.mark.parametrize("command", ["validate", "solve"])
def test_a_session_that_fits_no_hall_is_told_why_for_each(command: str, here: Here) -> None:
    bad = Bad(NO_HALL, REASONS)
    here.write("bad.yaml", bad.written)
    said = here.refused(command, "bad.yaml", code=ExitCode.INFEASIBLE)
    assert [reason for reason in REASONS if reason not in said.err] == []
    assert ":".join(map(str, bad.expected)) in said.err


@pytest.mark.parametrize("command", ["validate", "solve"])
def test_a_session_that_fits_no_hall_is_told_as_json_with_its_place(command: str, here: Here) -> None:
    bad = Bad(NO_HALL, REASONS)
    here.write("bad.yaml", bad.written)
    said = here.refused(command, "bad.yaml", "--format", "json", code=ExitCode.INFEASIBLE)
    answer = said.objects[-1]
    assert answer["status"] == "infeasible"
    (issue,) = answer["issues"]
    assert (issue["file"], issue["line"], issue["column"]) == bad.expected
    assert [reason for reason in REASONS if reason not in issue["message"]] == []


def test_an_infeasible_scenario_leaves_an_old_plan_alone(here: Here) -> None:
    here.write("bad.yaml", Bad(NO_HALL, ()).written)
    here.write("plan.json", "old")
    here.refused("solve", "bad.yaml", "-o", "plan.json", code=ExitCode.INFEASIBLE)
    assert Path("plan.json").read_text() == "old"


# Patches


@pytest.mark.parametrize(
    ("patch", "place", "words"),
    [
        ("events: {visit: {sessions: {tlaks: ~}}}", "1:29", ("deletes 'tlaks'", "'talks'?")),
        ("events: {visit: {sessions: {talks: {duration: 5}}}}", "1:47", ("no unit",)),
        ("", "1:1", ("empty",)),
        ("- a", "1:1", ("mapping",)),
        ("a: b: c", "1:5", ("not YAML",)),
        ("id: &a x", "1:5", ("&a",)),
    ],
    ids=["deletes nothing", "breaks a session", "empty", "list", "not YAML", "anchor"],
)
@pytest.mark.parametrize("command", ["validate", "solve"])
def test_bad_patches_are_placed_in_the_patch(
    command: str, patch: str, place: str, words: Sequence[str], here: Here
) -> None:
    here.write("s.yaml", STARTER)
    here.write("p.yaml", patch)
    said = here.refused(command, "s.yaml", "--patch", "p.yaml")
    assert said.err.startswith(f"p.yaml:{place}: ")
    assert [word for word in words if word not in said.err] == []
    (answer,) = here.refused(command, "s.yaml", "--patch", "p.yaml", "--format", "json").objects
    first = answer["issues"][0]
    assert (first["file"], f"{first['line']}:{first['column']}") == ("p.yaml", place)


# Plans


def replaced(old: str, new: str) -> str:
    """Return the plan of the starter with one text replaced."""
    plan = starter_plan()
    assert plan.count(old) >= 1
    return plan.replace(old, new, 1)


def broken_plan() -> str:
    """Return the plan of the starter with its banquet in a room where none can be laid."""
    plan = json.loads(starter_plan())
    plan["sessions"]["visit.dinner"]["hall"] = "ministry.blue"
    return json.dumps(plan, ensure_ascii=False, indent=1)


def line_of(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


def test_a_plan_for_another_scenario(planned: Here) -> None:
    planned.write("bad.json", replaced('"scenario": "starter"', '"scenario": "other"'))
    said = planned.refused("check", "s.yaml", "bad.json")
    assert said.err.startswith("bad.json")
    assert "a plan for 'other', not for 'starter'" in said.err
    (answer,) = planned.refused("check", "s.yaml", "bad.json", "--format", "json").objects
    assert answer["issues"][0]["file"] == "bad.json"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"visit.talks"', '"visit.tlaks"', ("no such session", "'visit.talks'?")),
        ('"guesthouse.garden"', '"guesthouse.gardem"', ("no hall 'guesthouse.gardem'", "'guesthouse.garden'?")),
        ('"hall": "guesthouse.garden"', '"option": "inside", "hall": "guesthouse.garden"', ("'inside' is no option",)),
        ('"absent": {}', '"absent": {"vsit": 5}', ("no such event", "'visit'?")),
        ('"displaced": []', '"displaced": ["ball"]', ("no hold 'ball'",)),
    ],
    ids=["session", "hall", "option", "absent", "displaced"],
)
def test_a_plan_that_names_what_is_not_there_is_told_the_line(
    old: str, new: str, words: Sequence[str], planned: Here
) -> None:
    text = replaced(old, new)
    planned.write("bad.json", text)
    said = planned.refused("check", "s.yaml", "bad.json")
    assert [word for word in words if word not in said.err] == []
    assert said.err.startswith("bad.json")
    (answer,) = planned.refused("check", "s.yaml", "bad.json", "--format", "json").objects
    assert [(issue["file"], issue["line"]) for issue in answer["issues"]] == [("bad.json", line_of(text, new))]


@pytest.mark.parametrize("near", ["drive: 5 min", "radius: 3 km"])
def test_a_perimeter_is_checked_where_a_hand_has_put_a_session_to_no_known_way(near: str, load_text: LoadText) -> None:
    loaded = load_text(f"""
schema: 1
id: s
calendar: {{timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10}}
grades: {{G1: {{}}}}
venues:
  palace: {{name: Palace, clearance: G1, halls: {{east: {{}}, west: {{}}}}}}
  island: {{name: Island, clearance: G1, halls: {{east: {{}}}}}}
events:
  a: {{grade: G1, sessions: {{talks: {{duration: 1 h, halls: {{any: [palace.*]}}}}}}}}
  b: {{grade: G1, sessions: {{talks: {{duration: 1 h, halls: {{any: [palace.*]}}}}}}}}
rules: {{near: {{rule: perimeter, {near}}}}}
""")
    there = {"a.talks": ("palace.east", "2027-05-10T10:00"), "b.talks": ("island.east", "2027-05-10T10:00")}
    found = check(loaded, plan_of(loaded, there)).findings
    assert [finding.text for finding in found] == ["b.talks is in east (Island), which is none of its halls."]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"start": "2027-05-10T15:00+08:00"', '"start": "2027-05-10T15:00+09:00"', ("not at +09:00",)),
        ('"start": "2027-05-10T15:00+08:00"', '"start": "half past three"', ("not a date with a time",)),
        ('"start": "2027-05-10T15:00+08:00"', '"start": "0001-01-01T00:00"', ("0001-01-01",)),
        ('"start": "2027-05-10T15:00+08:00"', '"start": "9999-12-31T24:00"', ("9999-12-31",)),
        ('"start": "2027-05-10T15:00+08:00"', '"start": 15', ("not a date with a time",)),
        ('"provisional"', '"provisoinal"', ("unknown key", "'provisional'?")),
        ('"value": 0', '"value": "nought"', ("a whole number",)),
    ],
    ids=["offset", "words", "first day", "last day", "number", "key", "value"],
)
def test_a_plan_of_a_wrong_form_is_told_the_line(old: str, new: str, words: Sequence[str], planned: Here) -> None:
    text = replaced(old, new)
    planned.write("bad.json", text)
    said = planned.refused("check", "s.yaml", "bad.json")
    assert said.err.startswith(f"bad.json:{line_of(text, new)}:")
    assert [word for word in words if word not in said.err] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("bad.json:1:1", "empty")),
        ("[]", ("bad.json:1:1", "mapping")),
        ("{}", ("bad.json:1:1", "not a plan file")),
        ('{"kind": "plan"', ("bad.json", "not YAML")),
        ("[" * 3_000_000, ("bad.json:1:41", "levels of nesting")),
        ('{"kind": "plan"}', ("bad.json:1:1", "scenario")),
        ('{"kind": "plan", "kind": "plan"}', ("bad.json:1:18", "second time")),
    ],
    ids=["empty", "list", "nothing", "torn", "brackets", "bare", "twice"],
)
def test_what_is_no_plan(text: str, words: Sequence[str], planned: Here) -> None:
    planned.write("bad.json", text)
    for command in (("check", "s.yaml", "bad.json"), ("solve", "s.yaml", "--base", "bad.json")):
        said = planned.refused(*command)
        assert [word for word in words if word not in said.err] == []
        assert "scheduler new" not in said.err  # which does not make plans
        (answer,) = planned.refused(*command, "--format", "json").objects
        assert answer["issues"][0]["file"] == "bad.json"


def test_a_plan_that_breaks_a_rule(planned: Here) -> None:
    planned.write("bad.json", broken_plan())
    said = planned.refused("check", "s.yaml", "bad.json", code=ExitCode.VIOLATED)
    assert "violation" in said.out
    (answer,) = planned.refused("check", "s.yaml", "bad.json", "--format", "json", code=ExitCode.VIOLATED).objects
    assert answer["status"] == "violated"
    assert answer["violations"]


def test_a_plan_whose_session_ends_before_it_starts(planned: Here) -> None:
    planned.write("bad.json", replaced('"end": "2027-05-10T16:30+08:00"', '"end": "2027-05-10T14:30+08:00"'))
    assert "visit.talks ends before it starts" in planned.refused("check", "s.yaml", "bad.json", code=ExitCode.VIOLATED).out


def test_swapped_arguments_are_seen_through(planned: Here) -> None:
    said = planned.refused("check", "plan.json", "s.yaml")
    assert said.err.startswith("plan.json")
    assert "swapped" in said.err
    assert len(said.err.splitlines()) < 6  # and not taken for a scenario full of unknown keys


def test_a_scenario_as_a_plan_is_seen_through(planned: Here) -> None:
    said = planned.refused("check", "s.yaml", "s.yaml")
    assert said.err.startswith("s.yaml:1:1")
    assert "swapped" in said.err


# Paths


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "gone"),
        ("solve", "gone"),
        ("check", "gone", "plan.json"),
        ("check", "s.yaml", "gone"),
        ("validate", "s.yaml", "--patch", "gone"),
        ("solve", "s.yaml", "--base", "gone"),
        ("solve", "s.yaml", "-o", "gone/plan.json"),
        ("schema", "-o", "gone/schema.json"),
    ],
    ids=" ".join,
)
def test_a_missing_file_is_named(words: Sequence[str], planned: Here) -> None:
    said = planned.refused(*words)
    assert "gone" in said.err
    assert "no such file or directory" in said.err
    answer = planned.refused(*words, "--format", "json").objects[-1]
    assert "gone" in answer["issues"][0]["file"]


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "folder"),
        ("solve", "folder"),
        ("check", "folder", "plan.json"),
        ("check", "s.yaml", "folder"),
        ("validate", "s.yaml", "--patch", "folder"),
        ("solve", "s.yaml", "--base", "folder"),
        ("solve", "s.yaml", "-o", "folder"),
        ("schema", "-o", "folder"),
    ],
    ids=" ".join,
)
def test_a_folder_as_a_file_is_named(words: Sequence[str], planned: Here) -> None:
    Path("folder").mkdir()
    said = planned.refused(*words)
    assert "folder: " in said.err
    assert "is a directory" in said.err
    answer = planned.refused(*words, "--format", "json").objects[-1]
    assert answer["issues"][0]["file"] == "folder"


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "x" * 5_000),
        ("solve", "s.yaml", "--patch", "x" * 5_000),
        ("check", "s.yaml", "x" * 5_000),
        ("new", "x" * 5_000),
    ],
    ids=["file", "patch", "plan", "folder"],
)
def test_a_path_that_is_too_long_is_the_inputs_fault(words: Sequence[str], planned: Here) -> None:
    assert "file name too long" in planned.refused(*words).err


def test_a_file_in_the_way_of_a_new_folder_is_the_inputs_fault(planned: Here) -> None:
    said = planned.refused("new", "s.yaml")
    assert said.err.startswith("s.yaml")
    assert Path("s.yaml").read_text(encoding="utf-8") == STARTER


def test_a_place_where_no_plan_can_be_written_is_told_before_the_search(
    planned: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searching(*args: object) -> None:
        raise AssertionError("an hour of search would be lost")

    monkeypatch.setattr("scheduler.engine.solve", searching)
    assert "gone/plan.json" in planned.refused("solve", "s.yaml", "-o", "gone/plan.json").err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize(
    ("words", "locked"),
    [
        (("validate", "s.yaml"), "s.yaml"),
        (("check", "s.yaml", "plan.json"), "plan.json"),
        (("solve", "s.yaml", "--base", "plan.json"), "plan.json"),
        (("solve", "s.yaml", "-o", "locked/plan.json"), "locked"),
    ],
    ids=["scenario", "plan", "base", "folder"],
)
def test_what_may_not_be_read_or_written_is_the_machines_fault(words: Sequence[str], locked: str, planned: Here) -> None:
    Path("locked").mkdir()
    Path(locked).chmod(0o500 if locked == "locked" else 0)
    said = planned.refused(*words, code=ExitCode.MACHINE)
    assert locked in said.err
    assert "permission denied" in said.err
    answer = planned.refused(*words, "--format", "json", code=ExitCode.MACHINE).objects[-1]
    assert (answer["status"], answer["exit_code"]) == ("error", 6)
    assert locked in answer["message"]


# Real processes


def process(*words: str, **wanted: Any) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 60, **wanted}
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-m", "scheduler", *words], check=False, **options
    )
    assert "Traceback" not in (done.stderr or "")
    return done


def test_exit_codes_of_real_processes(planned: Here) -> None:
    planned.write("bad.json", broken_plan())
    planned.write("tight.yaml", Bad(NO_HALL, ()).written)
    codes = {
        ("validate", "s.yaml"): 0,
        ("validate", "gone"): 2,
        ("validate", "tight.yaml"): 3,
        ("check", "s.yaml", "bad.json"): 5,
        ("validate",): 2,
    }
    assert {words: process(*words).returncode for words in codes} == codes


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_under_the_plan(form: str, planned: Here) -> None:
    planned.write("old.json", "old")
    before = planned.files()

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # a plan is larger

    done = process("solve", "s.yaml", "-o", "old.json", "--format", form, preexec_fn=no_room)
    assert done.returncode == ExitCode.MACHINE
    assert planned.files() == before  # no temporary file either
    assert Path("old.json").read_text() == "old"
    said = done.stderr if form == "text" else json.loads(done.stdout.splitlines()[-1])["message"]
    assert "old.json" in said


needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@needs_dev_full
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_plan_into_a_full_device(form: str, planned: Here) -> None:
    said = planned.refused("solve", "s.yaml", "-o", "/dev/full", "--format", form, code=ExitCode.MACHINE)
    told = said.err if form == "text" else said.objects[-1]["message"]
    assert "/dev/full: cannot write: no space left on device" in told


@needs_dev_full
@pytest.mark.parametrize(
    "words",
    [("validate", "s.yaml"), ("solve", "s.yaml", "-o", "new.json"), ("schema",), ("check", "s.yaml", "plan.json")],
    ids=" ".join,
)
def test_answers_into_a_full_device(words: Sequence[str], planned: Here) -> None:
    with Path("/dev/full").open("w") as full:
        done = process(*words, stdout=full)
    assert done.returncode == ExitCode.MACHINE
    assert "no space left on device" in done.stderr


@needs_dev_full
def test_complaints_into_a_full_device(planned: Here) -> None:
    with Path("/dev/full").open("w") as full:
        assert process("validate", "gone", stderr=full).returncode in (ExitCode.INPUT, ExitCode.MACHINE)


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_output_is_no_fault_of_ours(stream: int, planned: Here) -> None:
    assert process("validate", "s.yaml", preexec_fn=lambda: os.close(stream)).returncode == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_name_that_is_not_utf_8(form: str, planned: Here) -> None:
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = process("validate", os.fsdecode(b"\xff.yaml"), "--format", form, env=strict)
    assert done.returncode == ExitCode.INPUT
    if form == "json":
        assert json.loads(done.stdout)["status"] == "invalid"


@pytest.mark.parametrize(
    "words",
    [("solve", "s.yaml", "-o", "new.json"), ("check", "s.yaml", "bad.json"), ("validate", "bad.yaml")],
    ids=" ".join,
)
@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_that_cannot_show_every_character(encoding: str, words: Sequence[str], planned: Here) -> None:
    planned.write("s.yaml", changed(("name: Talks", "name: Entretien – 谈 ✓")))
    planned.write("bad.json", broken_plan())
    planned.write("bad.yaml", changed(("name: Talks", "谈: ✓")))
    done = process(*words, env={**os.environ, "PYTHONIOENCODING": encoding}, encoding=encoding, errors="replace")
    assert done.returncode == {"solve": 0, "check": ExitCode.VIOLATED, "validate": ExitCode.INPUT}[words[0]]


# Anything at all

PIECES = st.sampled_from(
    [*"{}[]:,#&*!|>'\"%@`\\-~? \n\t09aN中", ": ", "- ", "\x00", "\ufeff", "~", "[[a]]", "{a: b}", "1e999", "NO"]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A starter in which a few characters or lines were deleted, doubled or replaced."""
    text = STARTER
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            lines = text.splitlines(keepends=True)
            at = draw(st.integers(0, len(lines) - 1))
            with_what = draw(st.sampled_from([[], [lines[at]] * 2, [lines[draw(st.integers(0, len(lines) - 1))]]]))
            text = "".join([*lines[:at], *with_what, *lines[at + 1 :]])
        else:
            at = draw(st.integers(0, max(0, len(text) - 1)))
            until = min(len(text), at + draw(st.integers(0, 12)))
            piece = draw(st.one_of(st.just(""), st.just(text[at:until] * 2), PIECES))
            text = text[:at] + piece + text[until:]
    return text


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(mutated())
def test_a_damaged_scenario_loads_or_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "damaged.yaml"
    file.write_bytes(text.encode())
    try:
        load(file)
    except InputError as refused:
        assert refused.issues
        assert all(issue.place.file and issue.message for issue in refused.issues)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_tree_or_refused(raw: bytes) -> None:
    try:
        strict_yaml.parse(strict_yaml.decode(raw, "any.yaml"), "any.yaml")
    except InputError as refused:
        lines = raw.count(b"\n") + raw.count(b"\r") + 2
        assert all(issue.place.line <= lines * 3 for issue in refused.issues)  # UTF-8 knows three more ends of a line
