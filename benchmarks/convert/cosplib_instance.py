"""What a workbook of the CoSPLib set says, and what follows from it: penalties by time zone, and who is in conflict."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

from scheduler.errors import InputError, Issue, Place, file_errors

DAY = 24 * 60
TERMS = (
    "tracks in sessions",
    "tracks in rooms",
    "sessions in rooms",
    "similar tracks",
    "rooms per track",
    "parallel tracks",
    "consecutive tracks",
    "time zones",
    "order",
    "submissions in sessions",
    "submissions in rooms",
    "presenter conflicts",
    "attendee conflicts",
    "chair conflicts",
    "presenters at one time",
    "attendees at one time",
)
"""The terms of the score, in the order of their weights in the file."""

Table = Mapping[str, Mapping[str, int]]
"""A whole number by the name of a row and the name of a column."""


class Submission(NamedTuple):
    """A row of the sheet ``submissions``: ``order`` is 0 where it is free, ``zone`` in hours east of GMT."""

    track: str
    slots: int
    order: int
    zone: int
    presenters: frozenset[str]
    attendees: frozenset[str]


class Session(NamedTuple):
    """A row of the sheet ``sessions``: its start and end are minutes of the local day."""

    slots: int
    start: int
    end: int


class Hours(NamedTuple):
    """What a time of day costs where a submission is at home; minutes of the day, first and last included."""

    zone: int
    suitable: tuple[int, int]
    less_suitable: tuple[int, int]
    less_suitable_penalty: int
    unsuitable_penalty: int

    def penalty(self, session: Session, zone: int) -> int:
        """Return what a session costs a submission of a zone; both times are read without their date."""
        later = (zone - self.zone) * 60
        start, end = (session.start + later) % DAY, (session.end + later) % DAY
        (earliest, latest), (early, late) = self.less_suitable, self.suitable
        if start < earliest or end > latest or end < earliest:
            return self.unsuitable_penalty
        return self.less_suitable_penalty if start < early or end > late else 0


class Instance(NamedTuple):
    """What a file says, by its names and in its order; ``similar`` has the pairs of tracks with a penalty, once each."""

    submissions: dict[str, Submission]
    tracks: dict[str, frozenset[str]]
    sessions: dict[str, Session]
    rooms: tuple[str, ...]
    hours: Hours
    weights: dict[str, int]
    tracks_sessions: Table
    tracks_rooms: Table
    sessions_rooms: Table
    similar: dict[tuple[str, str], int]
    submissions_sessions: Table
    submissions_rooms: Table


class Conflicts:
    """Pairs of an instance that want the same people, each once and in the order of the file."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    @cached_property
    def presenters(self) -> list[tuple[str, str]]:
        """Submissions that share a presenter, or of which one's chairs the other's track."""
        return [pair for pair in self._pairs() if self._share(pair, lambda s: s.presenters, lambda s: s.presenters)]

    @cached_property
    def attendees(self) -> list[tuple[str, str]]:
        """Submissions that share an attendee, or of which one's presents the other or chairs its track."""
        return [
            pair for pair in self._pairs() if self._share(pair, lambda s: s.attendees, lambda s: s.attendees | s.presenters)
        ]

    @cached_property
    def chairs(self) -> list[tuple[str, str]]:
        """Tracks that share a chair."""
        tracks = self.instance.tracks
        return [(a, b) for a, b in combinations(tracks, 2) if tracks[a] & tracks[b]]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        return combinations(self.instance.submissions, 2)

    def _share(self, pair: tuple[str, str], who: Any, wanted: Any) -> bool:
        """Return whether somebody of one is wanted in the other, or chairs the track of the other."""
        one, other = (self.instance.submissions[name] for name in pair)
        for a, b in ((one, other), (other, one)):
            chairs = self.instance.tracks[b.track] if a.track != b.track else frozenset()
            if who(a) & (wanted(b) | chairs):
                return True
        return False


def read(path: Path) -> Instance:
    """Return the instance in a workbook.

    Raises InputError where it cannot be read, or is none of the set.
    """
    with file_errors(str(path), "read the instance"):
        path.open("rb").close()
    try:
        book = openpyxl.load_workbook(path, data_only=True)
        return _instance({sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book})
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError([Issue(Place(str(path)), f"this is no instance of CoSPLib: {error}")]) from error


Rows = list[list[Any]]


def _instance(sheets: dict[str, Rows]) -> Instance:
    parameters = sheets["parameters"]
    local, *hours = (parameters[row - 1][1] for row in (2, 4, 5, 7, 8, 9, 11))
    times = [_minutes(value) for value in hours[:4]]
    sessions = {
        str(row[0]): Session(_whole(row[1]), _minutes(row[3]), _minutes(row[4])) for row in _rows(sheets["sessions"])
    }
    tracks = {str(row[0]): _people(row[1]) for row in _rows(sheets["tracks"])}
    rooms = tuple(str(row[0]) for row in _rows(sheets["rooms"]))
    submissions = {
        str(row[0]): Submission(
            str(row[1]), _whole(row[2]), _whole(row[3]), _zone(row[4]), _people(row[5]), _people(row[6])
        )
        for row in _rows(sheets["submissions"])
    }
    for name, submission in submissions.items():
        if submission.track not in tracks:
            raise ValueError(f"{name} is of {submission.track!r}, which is no track")
    similar = _matrix(sheets["similar tracks"])
    own = [[row[0], *row[7:]] for row in sheets["submissions"]]
    by_column = _matrix(own)
    return Instance(
        submissions,
        tracks,
        sessions,
        rooms,
        Hours(_zone(local), (times[0], times[1]), (times[2], times[3]), _whole(hours[4]), _whole(hours[5])),
        {term: _whole(parameters[row][4]) for row, term in enumerate(TERMS, 1)},
        _filled(_matrix(sheets["tracks_sessions|penalty"]), tracks, sessions),
        _filled(_matrix(sheets["tracks_rooms|penalty"]), tracks, rooms),
        _filled(_matrix(sheets["sessions_rooms|penalty"]), sessions, rooms),
        {(a, b): similar[a][b] for a, b in combinations(tracks, 2) if similar[a][b]},
        _filled(by_column, submissions, sessions),
        _filled(by_column, submissions, rooms),
    )


def _rows(sheet: Rows) -> Iterator[list[Any]]:
    """Yield the rows below the header that have a key; what is missing at their end is empty."""
    width = max(len(sheet[0]), 7)
    return (row + [None] * (width - len(row)) for row in sheet[1:] if _is_filled(row[0]))


def _matrix(sheet: Rows) -> Table:
    """Return a sheet by the names of its rows and columns."""
    columns = [(number, str(name)) for number, name in enumerate(sheet[0]) if number and _is_filled(name)]
    return {str(row[0]): {name: _whole(row[number]) for number, name in columns} for row in _rows(sheet)}


def _filled(table: Table, rows: Iterable[str], columns: Iterable[str]) -> Table:
    """Return a table of these rows and columns; raises LookupError where it lacks one."""
    columns = tuple(columns)
    return {row: {column: table[row][column] for column in columns} for row in rows}


def _is_filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _whole(value: Any) -> int:
    """Return a whole number, 0 for an empty cell."""
    if not _is_filled(value):
        return 0
    number = int(value)
    if number != float(value) or number < 0:
        raise ValueError(f"{value!r} is no whole number from 0 on")
    return number


def _people(value: Any) -> frozenset[str]:
    return frozenset(str(value).split(", ")) if _is_filled(value) else frozenset()


def _minutes(value: Any) -> int:
    if not isinstance(value, time):
        raise TypeError(f"{value!r} is no time of day")
    return value.hour * 60 + value.minute


def _zone(value: Any) -> int:
    """Return the hours of ``GMT+h``; an empty cell is GMT."""
    return int(str(value).removeprefix("GMT")) if _is_filled(value) else 0
