"""Issues on disk: numbered folders, each whole or not there, with a manifest that tells what was changed since.

    DIR/issue-001/   the files, and manifest.json: what it is of, for whom, and the digest of every file
    DIR/issue-002/   the next one for the same readers; its manifest holds the digest of the manifest before

An issue is written into a hidden folder beside and then renamed, so that whoever is interrupted leaves the old ones whole.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError

from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.exports.formats.json import FILE as VIEW
from scheduler.exports.view import View
from scheduler.scenario.audiences import Audience
from scheduler.scenario.model import Model

MANIFEST = "manifest.json"

_FOLDER = re.compile(r"issue-(\d{3,})")
_STALE = 24 * 60 * 60
"""Seconds after which what an interrupted export left behind is taken away."""


class Listed(Model):
    """A file of an issue."""

    sha256: str
    bytes: int


class Previous(Model):
    """The issue before, by the digest of its manifest."""

    issue: int
    manifest: str


class Manifest(Model):
    """What an issue is.

    Plan, scenario and patches are told to the command centre only: a digest changes with what is withheld, too.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    kind: Literal["manifest"] = "manifest"
    scenario: str
    audience: Audience
    delegation: str | None = None
    issue: int
    made: AwareDatetime
    status: Literal["provisional", "confirmed"]
    approved_by: str | None = None
    broken: bool = False
    release: str
    languages: list[str]
    formats: list[str]
    plan_sha256: str | None = None
    scenario_digest: str | None = None
    patches: list[str] | None = None
    previous: Previous | None = None
    files: dict[str, Listed] = {}


@dataclass(frozen=True, slots=True)
class Written:
    """An issue in its folder; ``seal`` is the digest of its manifest."""

    path: Path
    manifest: Manifest
    seal: str


def written(folder: Path) -> list[Path]:
    """Return the issues in a folder, the oldest first; none where there is no folder.

    Raises InputError where it is no folder, or holds something else than issues.
    """
    with file_errors(str(folder), "write issues into it"):
        if not folder.exists():
            parent = folder.absolute().parent
            if not parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, f"no such folder: {parent}")
            return []
        if not folder.is_dir():
            raise InputError([Issue(Place(str(folder)), "is a file; issues go into a folder", f"'-o {folder}.issues'?")])
        found = {}
        for entry in sorted(folder.iterdir()):
            numbered = _FOLDER.fullmatch(entry.name)
            if numbered and entry.is_dir():
                found[int(numbered[1])] = entry
            elif not entry.name.startswith("."):
                hint = f"'-o {folder / 'issues'}'? Issues have a folder of their own; nothing was written."
                raise InputError([Issue(Place(str(folder)), f"holds {entry.name!r}, which is no issue", hint)])
        return [found[number] for number in sorted(found)]


def read(path: Path) -> Written:
    """Return an issue; raises InputError where its manifest is not one."""
    file = path / MANIFEST
    with file_errors(str(file), "read the manifest"):
        raw = file.read_bytes()
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise InputError([Issue(Place(str(file)), "is not a manifest as `scheduler export` writes it")]) from error
    return Written(path, manifest, sha256(raw).hexdigest())


def view_of(issue: Written) -> View:
    """Return what was shown in an issue; raises InputError where that was changed since."""
    file = issue.path / VIEW
    with file_errors(str(file), "read the issue before"):
        raw = file.read_bytes()
    listed = issue.manifest.files.get(VIEW)
    if listed is None or listed.sha256 != sha256(raw).hexdigest():
        message = "was changed since it was issued, so that what changed since cannot be told"
        raise InputError([Issue(Place(str(file)), message, f"put it back; `scheduler verify {issue.path}` tells more.")])
    return View.model_validate_json(raw)


def write(folder: Path, manifest: Manifest, files: Iterable[tuple[str, bytes]]) -> Written:
    """Write an issue whole or not at all; return it.

    Raises MachineError where the disk is full or the folder cannot be written, InputError where the issue is there by now.
    """
    target = folder / f"issue-{manifest.issue:03d}"
    with file_errors(str(target), "write the issue"), _new_folder(folder) as made:
        _clear_away(folder)
        beside = Path(tempfile.mkdtemp(dir=folder, prefix=f".{target.name}."))
        try:
            listed = {name: _put(beside, name, content) for name, content in files}
            manifest = manifest.model_copy(update={"files": dict(sorted(listed.items()))})
            text = manifest.model_dump_json(by_alias=True, exclude_none=True, indent=1) + "\n"
            seal = _put(beside, MANIFEST, text.encode()).sha256
            beside.chmod(0o777 & ~_umask())
            try:
                beside.rename(target)
            except OSError as error:
                if not target.exists():
                    raise
                message = "was written by somebody else in the meantime"
                raise InputError([Issue(Place(str(target)), message, "run it again, for the issue after that.")]) from error
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _sync(folder)
        made.clear()
    return Written(target, manifest, seal)


@contextmanager
def _new_folder(folder: Path) -> Iterator[list[Path]]:
    """Make a folder unless it is there; where the block fails, it is taken away again."""
    made = [] if folder.exists() else [folder]
    if made:
        folder.mkdir()
    try:
        yield made
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _put(folder: Path, name: str, content: bytes) -> Listed:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Listed(sha256=sha256(content).hexdigest(), bytes=len(content))


def _sync(folder: Path) -> None:
    """Have the disk keep the new name; where folders cannot be opened, that is the system's business."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _clear_away(folder: Path) -> None:
    """Take away what exports left behind that were killed long ago."""
    for entry in folder.glob(".issue-*"):
        with suppress(OSError):
            if entry.stat().st_mtime < time.time() - _STALE:
                shutil.rmtree(entry)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it was issued: a file that was changed, is missing or was added, or a chain that does not hold."""

    path: Path
    kind: Literal["changed", "missing", "added", "chain"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one issue."""

    issue: Written
    findings: tuple[Finding, ...]


def verify(folder: Path) -> list[Verdict]:
    """Return what became of an issue, or of each issue in a folder.

    Raises InputError where there is none.
    """
    with file_errors(str(folder), "verify"):
        if (folder / MANIFEST).is_file():
            return [_verdict(folder, None)]
        if not folder.is_dir():
            what = "is a file, not the folder of an issue" if folder.exists() else "there is no such folder"
            raise InputError([Issue(Place(str(folder)), what, f"{str(folder.parent)!r}?" if folder.exists() else "")])
        verdicts: list[Verdict] = []
        for path in written(folder):
            verdicts.append(_verdict(path, verdicts[-1].issue if verdicts else None))
    if not verdicts:
        message = f"holds no issue: there is no {MANIFEST} in it"
        raise InputError([Issue(Place(str(folder)), message, "the folder that `scheduler export -o` was given?")])
    return verdicts


def _verdict(path: Path, before: Written | None) -> Verdict:
    issue = read(path)
    there = {file.relative_to(path).as_posix(): file for file in sorted(path.rglob("*")) if not _is_folder(file)}
    there.pop(MANIFEST, None)
    findings = []
    for name, listed in issue.manifest.files.items():
        file = there.pop(name, None)
        if file is None:
            findings.append(Finding(path / name, "missing"))
        elif file.is_symlink() or sha256(file.read_bytes()).hexdigest() != listed.sha256:
            findings.append(Finding(file, "changed"))
    findings += [Finding(file, "added") for file in there.values()]
    previous = issue.manifest.previous
    if before is not None and (previous is None or previous.manifest != before.seal):
        findings.append(Finding(before.path / MANIFEST, "chain"))
    return Verdict(issue, tuple(findings))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def in_whole_seconds(moment: datetime) -> datetime:
    """Return a moment as a manifest writes it."""
    return moment.replace(microsecond=0)
