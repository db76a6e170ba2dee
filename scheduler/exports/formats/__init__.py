"""The formats: one file each, which turns a view into files. Nothing here can reach the plan that the view was made of.

A format is a module with the function of ``Format``. Its name in ``FORMATS`` is the word after ``--to``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from scheduler.errors import InputError, Issue, Place, nearest
from scheduler.exports.view import View
from scheduler.exports.words import Words

FORMATS = ("ics", "xlsx", "pdf", "csv", "json", "geojson")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What can be wished of formats; each takes what concerns it."""

    bom: bool = False
    """A byte order mark before CSV, by which Excel knows that it is UTF-8."""


class Format(Protocol):
    """What every module here has."""

    def files(self, view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
        """Yield the name of each file in the folder of the issue, and its bytes: for the same view the same bytes."""


def format_of(name: str) -> Format:
    """Return a format; raises InputError where there is none, or the package that it needs is not installed."""
    if name not in FORMATS:
        hint = nearest(name, FORMATS) or f"one of {', '.join(FORMATS)}?"
        raise InputError([Issue(Place("--to"), f"there is no format {name!r}", hint)])
    try:
        return cast(Format, import_module(f"scheduler.exports.formats.{name}"))
    except ModuleNotFoundError as error:
        hint = "pip install 'diplomatic-scheduler[exports]'"
        raise InputError([Issue(Place("--to"), f"{name} needs the package {error.name}", hint)]) from error
