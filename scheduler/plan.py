"""The answer: where and when each session is held, what it is worth, and the file it is kept in.

A plan file is JSON (read as the YAML it also is, so that a hand-edited one is told its lines). Times are local with their
offset. ``sessions`` names what is held, ``absent`` the events and optional sessions left out, each with its points,
``homes`` where each delegation stays, ``displaced`` whose holds on halls give way, ``legs`` who is driven where and when.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.scenario.model import Model
from scheduler.scenario.schema import Status
from scheduler.scenario.strict_yaml import Mapping, decode, parse, place_of
from scheduler.scenario.units import Count, LocalTime
from scheduler.scenario.validation import issues_of


class Placed(Model):
    """Where and when one session is held; ``hall_from`` to ``hall_to`` is how long the hall is taken for it."""

    option: str | None = None
    hall: str
    start: LocalTime
    end: LocalTime
    hall_from: LocalTime | None = Field(
        default=None, description="Begin of move-in, or of the sweep where none of the place is swept."
    )
    sweep_from: LocalTime | None = Field(
        default=None, description="Begin of the security sweep, where one is due for the place or a part of it."
    )
    hall_to: LocalTime | None = Field(default=None, description="End of move-out.")


class Leg(Model):
    """One movement of persons of a delegation between two places, venues or hotels."""

    delegation: str
    persons: list[str]
    from_: str
    to: str
    leave: LocalTime
    arrive: LocalTime
    escorted: bool
    corridors: list[str] = Field(default=[], description="Those that a motorcade closes, in the order it takes them.")


BoundKind = Literal["model", "relaxation", "events"]
"""What proves a bound: the solver's model, a linear relaxation in which all contend, or groups of sessions added up."""


class TierValue(Model):
    """The points of one tier, their lower bound (proved, given what the tiers before it reached), and the relative gap.

    The gap is |value - bound| over max(1, |value|). ``bound_by`` says what proves the bound, of several parts most of it.
    """

    tier: int
    value: int
    bound: int
    gap: float
    bound_by: BoundKind = "model"


class Figure(Model):
    """The figure of one goal or softened rule: its own measure with its unit, and what it costs in its tier."""

    family: str
    tier: int
    figure: int
    unit: str
    points: int


class Run(Model):
    """How the plan was made; left out of deterministic plans."""

    release: str
    seed: int
    workers: int
    seconds: float


class Plan(Model):
    """A plan for one scenario."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    kind: Literal["plan"] = "plan"
    scenario: str
    digest: str = ""
    patches: list[str] = []
    status: Status = "feasible"
    provisional: bool = True
    tiers: list[TierValue] = []
    figures: dict[str, Figure] = {}
    sessions: dict[str, Placed]
    absent: dict[str, Count] = {}
    homes: dict[str, str] = Field(default={}, description="The hotel of each delegation.")
    displaced: list[str] = Field(default=[], description="The holds of others that have to give way.")
    legs: list[Leg] = []
    run: Run | None = None

    _tree: Mapping | None = PrivateAttr(default=None)

    def place(self, *path: str) -> Place:
        """Return where a value is written; the plan as such, where it comes from no file."""
        return place_of(self._tree, path) if self._tree is not None else Place("the plan")


def read_plan(path: str | Path, zone: ZoneInfo) -> Plan:
    """Return the plan in a file; local times without an offset are read in ``zone``.

    Raises InputError with every issue and its line; MachineError where the file cannot be read.
    """
    with file_errors(str(path), "read the plan"):
        raw = Path(path).read_bytes()
    tree = parse(decode(raw, str(path)), str(path))
    if tree.get("kind") != "plan":
        hint = "the scenario and the plan are swapped?" if "events" in tree else ""
        raise InputError([Issue(Place(str(path), 1, 1), "this is not a plan file: it does not say 'kind: plan'", hint)])
    plan, issues = issues_of(Plan, tree, {"zone": zone})
    if plan is None:
        raise InputError(issues)
    plan._tree = tree
    return plan


def plan_json(plan: Plan) -> str:
    """Return the text of a plan file: the same plan gives the same bytes."""
    return json.dumps(_bare(plan), ensure_ascii=False, indent=1) + "\n"


def _bare(plan: Plan) -> dict[str, Any]:
    data: dict[str, Any] = plan.model_dump(by_alias=True, exclude_none=True)
    for entry in (*data["sessions"].values(), *data["legs"]):
        for key, value in entry.items():
            if isinstance(value, datetime):
                entry[key] = value.isoformat(timespec="minutes")
    return data


def plan_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of plan files."""
    return Plan.model_json_schema(by_alias=True)


def require_folder(path: str | Path) -> None:
    """Raise InputError where there is no folder to write a file to, MachineError where it may not be written."""
    folder = Path(path).parent
    with file_errors(str(path), "write"):
        if _is_device(Path(path)):
            return
        if Path(path).is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"no such file or directory: {folder}")
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, f"permission denied for the folder {folder}")


def write_whole(path: str | Path, text: str) -> None:
    """Write a file whole or not at all: what was there stays until the new one is complete.

    Raises MachineError where the disk is full or the folder cannot be written, InputError where there is no such folder.
    """
    target = Path(path)
    with file_errors(str(path), "write"):
        if _is_device(target):
            target.write_text(text, encoding="utf-8")  # a device or a pipe cannot be replaced
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _is_device(path: Path) -> bool:
    """Return whether a path is there and no file: a device or a pipe is written to where it is."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
