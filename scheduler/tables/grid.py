"""A table as it lies in its file: cells with their places, before anybody knows what the columns mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.errors import Issue, Place

Value = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None

_INVISIBLE = re.compile("[\u200b\u2060\ufeff]|_x000D_")
"""What Excel and web pages leave behind in a text."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Cell(NamedTuple):
    """A value and where it stands; an empty cell holds None."""

    value: Value
    place: Place


class Merged(NamedTuple):
    """Merged cells: the first and the last of them, and how a message calls them (``B3:B7``)."""

    first: Place
    last: Place

    def __str__(self) -> str:
        return f"{self.first.cell}:{self.last.cell}"


@dataclass(frozen=True)
class Grid:
    """The rows of a sheet or a CSV file from its first line; ``issues`` are those of single cells."""

    place: Place
    rows: Sequence[Sequence[Cell]]
    issues: Sequence[Issue] = ()
    merged: Sequence[Merged] = ()
    unread: Sequence[str] = ()
    """Visible sheets beside this one."""


def tidied(value: Value, place: Place, issues: list[Issue]) -> Cell:
    """Return a cell without blanks around its text; what cannot be kept in a text file goes to ``issues``."""
    if isinstance(value, str):
        value = _INVISIBLE.sub("", value).strip() or None
    if isinstance(value, str) and (found := _UNPRINTABLE.search(value)):
        issues.append(Issue(place, f"character U+{ord(found[0]):04X} is not allowed"))
        value = _UNPRINTABLE.sub("", value) or None
    return Cell(value, place)
