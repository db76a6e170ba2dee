"""What can go wrong, as exceptions that carry their exit code.

    SchedulerError            1  our fault
    ├── InputError            2  what a person wrote cannot be used: every issue, each with its place
    └── MachineError          6  the disk is full, a file may not be read or written

``infeasible`` (3), ``unknown`` (4) and ``violated`` (5) are answers, not errors: they have an exit code but no exception.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from typing import NamedTuple


class ExitCode(IntEnum):
    """The exit codes of every command."""

    PLAN = 0
    OUR_FAULT = 1
    INPUT = 2
    INFEASIBLE = 3
    UNKNOWN = 4
    VIOLATED = 5
    MACHINE = 6


class Place(NamedTuple):
    """Where something is written: lines and columns count from 1; 0 means the file as a whole.

    In a workbook they count the rows and columns of ``sheet``: ``requests.xlsx:Requests!C7``.
    """

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.file}:{self.sheet}" + (f"!{self.cell}" if self.line else "")
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def cell(self) -> str:
        """The line and column as the name of a cell: ``C7``."""
        letters, column = "", self.column
        while column:
            column, letter = divmod(column - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.line}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing a person has to put right: where, what, and what they may have meant."""

    place: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f"\n    Maybe {self.hint}" if self.hint else "")

    def as_json(self) -> dict[str, str | int]:
        """Return the issue as one flat JSON object."""
        place = self.place
        return {
            "file": place.file,
            **({"sheet": place.sheet, "cell": place.cell} if place.sheet else {}),
            "line": place.line,
            "column": place.column,
            "message": self.message,
            "hint": self.hint,
        }


class SchedulerError(Exception):
    """The root of the tree; raised itself where the program contradicts itself."""

    exit_code = ExitCode.OUR_FAULT


class InputError(SchedulerError):
    """What a person wrote cannot be used; holds every issue found, in the order of the files."""

    exit_code = ExitCode.INPUT

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(map(str, self.issues)))


class MachineError(SchedulerError):
    """The machine refuses: disk, permission, memory."""

    exit_code = ExitCode.MACHINE


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that ``word`` most likely stands for, quoted for a hint, or nothing.

    Where none is like it, that is the first of which it is the part before a dot.
    """
    words = list(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6) or [inner for inner in words if inner.startswith(f"{word}.")]
    return f"{close[0]!r}?" if close else ""


_WRONG_PATH = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP}


@contextmanager
def file_errors(path: str, doing: str) -> Iterator[None]:
    """Turn an OSError on ``path`` into the error its reader needs.

    Raises InputError where the path is wrong, MachineError where the machine refuses.
    """
    try:
        yield
    except (ValueError, RuntimeError) as error:  # a zero byte in the name; a link to itself
        raise InputError([Issue(Place(path), f"cannot {doing}: no file can have this name")]) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        if error.errno in _WRONG_PATH:
            raise InputError([Issue(Place(path), f"cannot {doing}: {reason}")]) from error
        raise MachineError(f"{path}: cannot {doing}: {reason}") from error
