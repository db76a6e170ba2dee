"""The commands export and verify: bad orders, unkind disks, what was changed since."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scheduler.cli.main import main
from scheduler.errors import ExitCode
from scheduler.load import load
from scheduler.plan import plan_json
from tests.exported import Declared, all_bytes, placed_plan
from tests.test_exports import HOMES, WHERE

HOME = Path(__file__).parents[1]


@dataclass(frozen=True)
class Said:
    """What the command answered."""

    code: int
    out: str
    err: str


class Here:
    """Runs the command in a folder with the small city and a plan of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        (folder / "s.yaml").write_text(Declared(public={"G3": ["name", "date"]}).text(), encoding="utf-8")
        loaded = load(folder / "s.yaml")
        plan = placed_plan(loaded, WHERE, HOMES)
        self.write("plan.json", plan_json(plan.model_copy(update={"digest": loaded.digest})))
        both = placed_plan(loaded, {**WHERE, "summit.talks": ("house.red", "2027-05-18T13:00")}, HOMES)
        self.write("broken.json", plan_json(both))

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Said:
        """Run the command line in this process; an exception that escapes it fails the test."""
        self.monkeypatch.setattr(sys, "argv", ["scheduler", *arguments])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(int(left.value.code or 0), out, err)

    def export(self, *arguments: str, plan: str = "plan.json") -> Said:
        """Export the plan into the folder ``out``."""
        return self.run("export", "s.yaml", plan, "-o", "out", *arguments)

    def refused(self, *arguments: str, plan: str = "plan.json", code: ExitCode = ExitCode.INPUT) -> str:
        """Export what is to be refused, and see that nothing is written; return what was said of it."""
        before = dict(all_bytes(self.folder))
        said = self.export(*arguments, plan=plan)
        assert said.code == code, said.out + said.err
        assert said.out == ""
        assert dict(all_bytes(self.folder)) == before
        assert not list(self.folder.glob("out/.issue-*"))
        return said.err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path, monkeypatch, capsys)


def test_two_issues_and_their_verification(here: Here) -> None:
    first = here.export("--now", "2027-05-01T12:00")
    assert first.code == ExitCode.PLAN
    assert first.out.startswith("out/issue-001 is written (provisional, 4 sessions)\n")
    second = here.export("--approved-by", "Chief of Protocol")
    assert "out/issue-002 is written (confirmed, 4 sessions; nothing changed since issue 1)" in second.out
    found = here.run("verify", "out")
    assert found.code == ExitCode.PLAN
    assert "issue 2 of small for command, confirmed:" in found.out
    seal = second.out.rpartition("seal ")[2].strip()
    assert len(seal) == 16
    assert seal in found.out


def test_in_json(here: Here) -> None:
    told = json.loads(here.export("--format", "json", "--to", "csv", "--audience", "public").out)
    assert (told["status"], told["issue"], told["sessions"]) == ("provisional", 1, 1)
    assert told["files"] == ["issue.json", "sessions.csv"]
    assert told["notes"] == ["3 of 4 sessions are withheld from public."]
    assert json.loads(here.run("verify", "out", "--format", "json").out)["issues"][0]["seal"] == told["seal"]


BAD_ORDERS = {
    "format": (["--to", "ics,xslx"], "--to: there is no format 'xslx'\n    Maybe 'xlsx'?"),
    "no format": (["--to", ","], "--to: no format is named\n    Maybe '--to ics,xlsx,pdf,csv,geojson'?"),
    "liaison of nobody": (["--audience", "liaison"], "say which\n    Maybe '--delegation host'?"),
    "delegation": (
        ["--audience", "liaison", "--delegation", "norr"],
        "--delegation: the scenario has no delegation 'norr'\n    Maybe 'nor'?",
    ),
    "delegation of another": (["--delegation", "nor"], "is not for one delegation\n    Maybe '--audience liaison'?"),
    "language": (["--lang", "en,cn"], "there is no catalogue of words for 'cn'\n    Maybe "),
    "no language": (["--lang", ""], "--lang: no language is named\n    Maybe '--lang en,zh'?"),
    "catalogue": (["--lang", "fr", "--words", "fr.yaml"], "fr.yaml: cannot read the catalogue: no such file"),
    "time": (["--now", "noon"], "--now: 'noon' is not a date with a time"),
}


@pytest.mark.parametrize("order", BAD_ORDERS)
def test_bad_orders(here: Here, order: str) -> None:
    arguments, message = BAD_ORDERS[order]
    assert message in here.refused(*arguments)


def test_plan_of_another_scenario(here: Here) -> None:
    text = Path("plan.json").read_text(encoding="utf-8")
    here.write("other.json", text.replace('"scenario": "small"', '"scenario": "large"'))
    assert "this is a plan for 'large', not for 'small'" in here.refused(plan="other.json")


def test_plan_that_breaks_rules(here: Here) -> None:
    said = here.refused(plan="broken.json", code=ExitCode.VIOLATED)
    assert "cannot be in both" in said
    assert "nothing was written.\n    Maybe --anyway, which marks every page?" in said
    assert "cannot be confirmed" in here.refused("--anyway", "--approved-by", "Somebody", plan="broken.json")
    assert here.export("--anyway", plan="broken.json").code == ExitCode.PLAN


def test_folders_that_are_none(here: Here) -> None:
    here.write("out", "notes")
    assert "out: is a file; issues go into a folder\n    Maybe '-o out.issues'?" in here.refused()
    Path("out").unlink()
    Path("out").mkdir()
    Path("out/notes.txt").write_text("notes")
    assert "out: holds 'notes.txt', which is no issue\n    Maybe '-o out/issues'?" in here.refused()
    said = here.run("export", "s.yaml", "plan.json", "-o", "missing/out")
    assert (said.code, said.err.partition("\n")[0]) == (
        ExitCode.INPUT,
        f"missing/out: cannot write issues into it: no such folder: {here.folder / 'missing'}",
    )


def test_folder_of_other_readers(here: Here) -> None:
    here.export("--audience", "liaison", "--delegation", "nor")
    said = here.refused("--audience", "liaison", "--delegation", "fij")
    assert "out: holds issues of small for liaison of nor\n    Maybe another folder?" in said


def test_issue_before_was_changed(here: Here) -> None:
    here.export()
    with Path("out/issue-001/issue.json").open("a") as file:
        file.write(" ")
    assert "out/issue-001/issue.json: was changed since it was issued" in here.refused()
    Path("out/issue-001/manifest.json").write_text("{}")
    assert "is not a manifest as `scheduler export` writes it" in here.refused()


def test_what_was_changed(here: Here) -> None:
    here.export()
    here.export()
    Path("out/issue-001/sessions.csv").write_text("mine")
    Path("out/issue-001/plan.xlsx").unlink()
    Path("out/issue-001/calendars/mine.ics").write_text("mine")
    said = here.run("verify", "out")
    assert said.code == ExitCode.VIOLATED
    assert sorted(said.err.splitlines()) == [
        "out/issue-001/calendars/mine.ics: was added",
        "out/issue-001/plan.xlsx: is missing",
        "out/issue-001/sessions.csv: was changed",
    ]
    assert "issue 1 of small for command, provisional: 3 differences" in said.out
    assert here.run("verify", "out/issue-002").code == ExitCode.PLAN


def test_a_manifest_changed_with_its_files(here: Here) -> None:
    """The issue after it knows what it was."""
    here.export("--to", "csv", "--now", "2027-05-01T12:00")
    here.export("--to", "csv")
    manifest = Path("out/issue-001/manifest.json")
    manifest.write_text(manifest.read_text().replace("2027-05-01", "2027-05-02"))
    said = here.run("verify", "out")
    assert said.code == ExitCode.VIOLATED
    assert said.err == "out/issue-001/manifest.json: is not the one that the issue after it was made from\n"


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("missing", "missing: there is no such folder"),
        ("plan.json", "plan.json: is a file, not the folder of an issue"),
        (".", "holds 'broken.json', which is no issue"),
    ],
)
def test_nothing_to_verify(here: Here, folder: str, message: str) -> None:
    said = here.run("verify", folder)
    assert said.code == ExitCode.INPUT
    assert message in said.err


def _in_another_process(here: Here, before: str) -> subprocess.CompletedProcess[str]:
    """Run an export into ``out`` after some Python; return how it went."""
    code = f"{before}\nfrom scheduler.cli.main import main\nmain()"
    arguments = [sys.executable, "-c", code, "export", "s.yaml", "plan.json", "-o", "out"]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    return subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=here.folder, check=False)


_KILLED = """
import os, signal
from scheduler.exports import issue
put, left = issue._put, iter(range({after}))
def killed(*arguments):
    if next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return put(*arguments)
issue._put = killed
"""


@pytest.mark.parametrize("after", [0, 3, 12])
def test_killed_while_it_writes(here: Here, after: int) -> None:
    """The issue before stays whole, there is no half of one, and the next export is the next issue."""
    here.export()
    whole = dict(all_bytes(Path("out/issue-001")))
    assert _in_another_process(here, _KILLED.format(after=after)).returncode == -signal.SIGKILL
    assert dict(all_bytes(Path("out/issue-001"))) == whole
    assert not Path("out/issue-002").exists()
    assert here.run("verify", "out").code == ExitCode.PLAN
    assert "out/issue-002 is written" in here.export().out


@pytest.mark.parametrize("there", [True, False])
def test_full_disk(here: Here, there: bool) -> None:
    """No half-written issue, and no folder that was not there before."""
    if there:
        here.export("--to", "csv")
    before = dict(all_bytes(here.folder))
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({4096}, {resource.RLIM_INFINITY}))"
    said = _in_another_process(here, limit)
    assert said.returncode == ExitCode.MACHINE
    assert "cannot write the issue: file too large" in said.stderr
    assert dict(all_bytes(here.folder)) == before
    assert Path("out").exists() == there
