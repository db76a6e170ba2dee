"""Rows of a table as events with sessions, in the words of a scenario file, every value with the place of its cell."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from scheduler.errors import Issue, Place
from scheduler.scenario.merge import without
from scheduler.scenario.strict_yaml import Items, Mapping
from scheduler.scenario.units import YEARS, shown
from scheduler.tables.grid import Cell
from scheduler.tables.table import Row, Table, spot
from scheduler.tables.values import (
    Read,
    listed,
    plain_of,
    read_clock,
    read_count,
    read_date,
    read_duration,
    read_moment,
    text_of,
    worded,
)

GRADES = ("G1", "G2", "G3")
"""From the highest to the lowest."""

REQUIRED = (("event",), ("session", "name (en)", "name (zh)"), ("date", "from"), ("duration",))
"""Columns of which a table has one each."""

SOME_LENGTH = "1 h"
"""Stands in for a duration that cannot be read, so that the rest of the session can be checked."""

_ID = re.compile(r"[a-z0-9_][a-z0-9_-]*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SOURCES = re.compile(r"[;；\n]")


def slug(text: str) -> str:
    """Return the id that a Latin name makes, nothing where it has no Latin letter."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only.replace("'", "")).strip("-")
    return words if re.search(r"[a-z]", words) else ""


@dataclass
class _Event:
    """An event while its rows are read."""

    place: Place
    names: dict[str, tuple[str, Place]] = field(default_factory=dict)
    grades: list[str] = field(default_factory=list)
    sessions: Mapping = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Mapping(self.place)


class EventReader:
    """Reads the rows; ``known`` are the delegations and groups that included files bring.

    ``hints`` are what was probably meant in a cell, ``days`` the days of all windows, ``stubs`` the delegations of which
    nothing but the country is known.
    """

    def __init__(self, table: Table, known: Container[str]) -> None:
        self.table = table
        self.known = known
        self.issues: list[Issue] = [*table.issues, *self._missing_columns()]
        self.notes: list[str] = []
        self.hints: dict[Place, str] = {}
        self.days: list[tuple[dt.date, Place]] = []
        self.stubs = Mapping(table.place)
        self._events: dict[str, _Event] = {}
        self._event_ids: dict[str, str] = {}
        self._above = ""
        years = {day.year for row in table.rows for day in self._dates(row)}
        self.year = years.pop() if len(years) == 1 else None

    def events(self) -> Mapping:
        """Return all events; what cannot be read goes to the issues."""
        for row in self.table.rows:
            self._read(row)
        events = Mapping(self.table.place)
        for event_id, event in self._events.items():
            put(events, event_id, _finished(event), event.place)
        ungraded = [event_id for event_id, event in self._events.items() if not event.grades]
        if ungraded:
            others = f" and {len(ungraded) - 3} more" if len(ungraded) > 3 else ""
            self.notes.append(f"no grade is given in {', '.join(ungraded[:3])}{others}; {GRADES[-1]} is written.")
        return events

    def _missing_columns(self) -> Iterator[Issue]:
        for columns in REQUIRED:
            if not any(column in self.table.headings for column in columns):
                yield Issue(self.table.place, f"there is no column {' or '.join(map(repr, columns))}")

    def _dates(self, row: Row) -> Iterator[dt.date]:
        for column in ("date", "from", "to"):
            if column in row.cells and (day := _day_of(read_moment(row.cells[column].value, None).value)):
                yield day

    def _complain(self, row: Row, column: str, message: str, hint: str = "") -> None:
        if all(issue.place != row.at(column) for issue in self.table.issues):  # what could not be read is told already
            self.issues.append(Issue(row.at(column), message, hint))

    def _read(self, row: Row) -> None:
        event_id, event = self._event(row)
        session_id, name, place = self._session_id(row, event_id)
        if session_id in event.sessions:
            first = spot(event.sessions.keys_at[session_id])
            again = next(n for n in range(2, len(event.sessions) + 3) if f"{session_id}-{n}" not in event.sessions)
            message = f"the session {session_id!r} of {event_id} stands here a second time; first {first}"
            self.issues.append(Issue(place, message, f"'{session_id}-{again}' in the column 'session'?"))
            session_id = f"{session_id}-{again}"
        put(event.sessions, session_id, self._session(row, event, name, place), place)

    def _event(self, row: Row) -> tuple[str, _Event]:
        cell = row.cells.get("event")
        if cell is None and "event" in self.table.headings:
            self._complain(row, "event", "there is no event", f"{self._above!r}, as above?" if self._above else "")
        said = text_of(cell.value) if cell else ""
        latin = text_of(row.cells["event name (en)"].value) if "event name (en)" in row.cells else ""
        if said.casefold() not in self._event_ids:
            made = said if _ID.fullmatch(said) else slug(said) or slug(latin)
            self._event_ids[said.casefold()] = made or f"event-{len(self._events) + 1}"
        self._above = said or self._above
        event_id = self._event_ids[said.casefold()]
        event = self._events.setdefault(event_id, _Event(row.at("event")))
        for language in ("en", "zh"):
            self._name_event(row, event_id, event, language)
        if said and not _ID.fullmatch(said):
            event.names.setdefault("zh" if _is_chinese(said) else "en", (said, row.at("event")))
        return event_id, event

    def _name_event(self, row: Row, event_id: str, event: _Event, language: str) -> None:
        column = f"event name ({language})"
        if column not in row.cells:
            return
        name, place = text_of(row.cells[column].value), row.at(column)
        before, first = event.names.setdefault(language, (name, place))
        if name != before:
            message = f"the event {event_id!r} is called {name!r} here and {before!r} {spot(first)}"
            self.issues.append(Issue(place, message, "write one of the two."))

    def _session_id(self, row: Row, event_id: str) -> tuple[str, str | Mapping | None, Place]:
        """Return the id of a session, its name, and where it is named."""
        said = text_of(row.cells["session"].value) if "session" in row.cells else ""
        names = {
            language: (text_of(row.cells[column].value), row.at(column))
            for language in ("en", "zh")
            if (column := f"name ({language})") in row.cells
        }
        if not said and not names and any(column in self.table.headings for column in REQUIRED[1]):
            self._complain(row, "session", "there is no session", "an id like 'opening', or a name.")
        if said and not _ID.fullmatch(said):
            names.setdefault("zh" if _is_chinese(said) else "en", (said, row.at("session")))
        place = row.at("session") if said else next((place for _, place in names.values()), row.place)
        made = said if _ID.fullmatch(said) else slug(said) or (slug(names["en"][0]) if "en" in names else "")
        return made or f"{event_id}-{row.line}", _name(names), place

    def _session(self, row: Row, event: _Event, name: str | Mapping | None, place: Place) -> Mapping:
        session = Mapping(place)
        if name is not None:
            put(session, "name", name, place)
        self._duration(row, session)
        self._put(session, "attendance", row, read_count)
        self._put_word(session, "layout", row)
        self._put_list(session, "needs", row, map(worded, self._words(row, "needs")))
        self._grade(row, session, event)
        self._people(row, session)
        if halls := self._words(row, "halls"):
            put(
                session,
                "halls",
                _one("any", _items(map(str.lower, halls), row.at("halls")), row.at("halls")),
                row.at("halls"),
            )
        for column in ("move-in", "move-out"):
            self._put(session, column, row, read_duration)
        window = self._window(row)
        if window is not None:
            put(session, "within", _one("requested", window, window.place), window.place)
        self._prefer(row, session, window)
        if (cell := row.cells.get("optional price")) is not None:
            put(session, "optional", _one("price", read_count(cell.value).value, cell.place), cell.place)
        if (cell := row.cells.get("note")) is not None:
            put(session, "note", text_of(cell.value), cell.place)
        if (cell := row.cells.get("source")) is not None:
            words = _SOURCES.split(str(cell.value))
            self._put_list(session, "source", row, (text_of(word) for word in words if word.strip()))
        return session

    def _words(self, row: Row, column: str) -> list[str]:
        return listed(row.cells[column].value) if column in row.cells else []

    def _put(self, session: Mapping, column: str, row: Row, read: Any) -> None:
        if column in row.cells:
            put(session, column, self._told(read(row.cells[column].value), row.cells[column]), row.at(column))

    def _put_word(self, session: Mapping, column: str, row: Row) -> None:
        self._put(session, column, row, lambda value: Read(worded(plain_of(value))))

    def _put_list(self, session: Mapping, column: str, row: Row, words: Iterable[str]) -> None:
        if column in row.cells:
            put(session, column, _items(words, row.at(column)), row.at(column))

    def _told(self, read: Read, cell: Cell) -> str | int | float:
        if read.hint:
            self.hints[cell.place] = read.hint
        return read.value

    def _duration(self, row: Row, session: Mapping) -> None:
        if "duration" in row.cells:
            self._put(session, "duration", row, read_duration)
            return
        if "duration" in self.table.headings:
            self._complain(row, "duration", "there is no duration", "'90 min', '6 h' or '1 h 30 min'?")
        put(session, "duration", SOME_LENGTH, row.at("duration"))

    def _grade(self, row: Row, session: Mapping, event: _Event) -> None:
        if "grade" not in row.cells:
            return
        grade = plain_of(row.cells["grade"].value).upper()
        put(session, "grade", grade, row.at("grade"))
        if grade in GRADES:
            event.grades.append(grade)

    def _people(self, row: Row, session: Mapping) -> None:
        words = self._words(row, "delegations")
        delegations = [self._delegation(word, row.at("delegations")) for word in words]
        if [word.lower() for word in words] == ["all"]:
            put(session, "delegations", "all", row.at("delegations"))
        else:
            self._put_list(session, "delegations", row, delegations)
        persons = [self._person(word, delegations, row.at("persons")) for word in self._words(row, "persons")]
        self._put_list(session, "persons", row, persons)

    def _delegation(self, word: str, place: Place) -> str:
        """Return the id of a delegation; a country in capitals that no file knows becomes one."""
        delegation = worded(word)
        if _COUNTRY.fullmatch(word) and delegation not in self.known and delegation not in self.stubs:
            put(self.stubs, delegation, _one("country", word, place), place)
        return delegation

    def _person(self, word: str, delegations: list[str], place: Place) -> str:
        """Return a person; the delegations that the table makes have whatever persons it names."""
        of, _, role = word.rpartition(".")
        role = worded(role)
        own = [self._delegation(of, place)] if of else delegations
        for stub in (self.stubs[delegation] for delegation in own if delegation in self.stubs):
            if "persons" not in stub:
                put(stub, "persons", Items(place), place)
            if role not in stub["persons"]:
                stub["persons"].put(role, place)
        return f"{own[0]}.{role}" if of else role

    def _window(self, row: Row) -> Mapping | None:
        columns = [column for column in ("date", "from", "to") if column in row.cells]
        if not columns:
            if any(column in self.table.headings for column in REQUIRED[2]):
                self._complain(row, "date", "there is no date", "'2023-10-18'?")
            return None
        window = Mapping(row.at(columns[0]))
        for column in columns:
            cell = row.cells[column]
            read = read_date(cell.value, self.year) if column == "date" else read_moment(cell.value, self.year)
            put(window, column, self._told(read, cell), cell.place)
            if (day := _day_of(read.value)) is not None:
                self.days.append((day, cell.place))
        self._time(row, window)
        return window

    def _time(self, row: Row, window: Mapping) -> None:
        """Put the time of day into a window; one that runs past midnight takes the calendar with it, and is told."""
        place = row.at("time from") if "time from" in row.cells else row.at("time to")
        clocks = {column: self._clock(row, column) for column in ("time from", "time to") if column in row.cells}
        if not clocks or None in clocks.values():
            return
        start, end = clocks.get("time from") or "00:00", clocks.get("time to") or "24:00"
        put(window, "time", f"{start}-{end}", place)
        if end < start:
            self.notes.append(f"{place}: {start}-{end} runs past midnight.")
            last = _day_of(window.get("to", window.get("date")))
            if last is not None:
                self.days.append((last + dt.timedelta(days=1), place))

    def _clock(self, row: Row, column: str) -> str | None:
        clock = read_clock(row.cells[column].value)
        if clock.hint:
            self._complain(row, column, f"{self._heading(column)}: {shown(clock.text)} is not a time of day", clock.hint)
        return None if clock.hint else clock.text

    def _heading(self, column: str) -> str:
        return text_of(self.table.headings[column].value)

    def _prefer(self, row: Row, session: Mapping, window: Mapping | None) -> None:
        prefer = Mapping(row.at("preferred start"))
        if "preferred start" in row.cells and window is not None and (start := self._start(row, window)) is not None:
            put(prefer, "start", start, row.at("preferred start"))
        if venues := [word.lower().removesuffix(".*") for word in self._words(row, "preferred halls")]:
            put(prefer, "venues", _items(venues, row.at("preferred halls")), row.at("preferred halls"))
        if prefer:
            put(session, "prefer", prefer, prefer.place)

    def _start(self, row: Row, window: Mapping) -> str | None:
        """Return the wished start with its date: that of the window where the cell has none."""
        value = row.cells["preferred start"].value
        clock = read_clock(value)
        if clock.hint:
            moment = str(read_moment(value, self.year).value)
            if "T" not in moment or _day_of(moment) is None:
                self._clock(row, "preferred start")
                return None
            return moment
        first, last = (_day_of(window.get(column, window.get("date"))) for column in ("from", "to"))
        if first is None or last is None:
            return None  # the date itself is complained of
        if first != last:
            message = f"{self._heading('preferred start')}: the session has several days; {clock.text} is of none"
            self._complain(row, "preferred start", message, f"'{first}T{clock.text}'?")
            return None
        return f"{first}T{clock.text}"


def _finished(event: _Event) -> Mapping:
    """Return an event with its name and its grade: the highest of its sessions, each of which says only another."""
    grade = min(event.grades, default=GRADES[-1])
    finished = Mapping(event.place)
    name = _name(event.names)
    if name is not None:
        put(finished, "name", name, event.place)
    put(finished, "grade", grade, event.place)
    sessions = Mapping(event.place)
    for session_id, session in event.sessions.items():
        own = without(session, frozenset({"grade"})) if session.get("grade") == grade else session
        put(sessions, session_id, own, event.sessions.keys_at[session_id])
    put(finished, "sessions", sessions, event.place)
    return finished


def put(mapping: Mapping, key: str, value: Any, at: Place) -> None:
    """Set a key to a value that stand in one place."""
    mapping.put(key, value, at, at)


def _one(key: str, value: Any, at: Place) -> Mapping:
    mapping = Mapping(at)
    put(mapping, key, value, at)
    return mapping


def _items(words: Iterable[str], at: Place) -> Items:
    items = Items(at)
    for word in words:
        items.put(word, at)
    return items


def _name(names: dict[str, tuple[str, Place]]) -> str | Mapping | None:
    """Return a name as a scenario file says it: a text where there is one language only."""
    if len(names) < 2:
        return next((name for name, _ in names.values()), None)
    both = Mapping(names["en"][1])
    for language in ("en", "zh"):
        put(both, language, *names[language])
    return both


def _is_chinese(text: str) -> bool:
    return re.search("[\u3400-\u9fff]", text) is not None


def _day_of(text: Any) -> dt.date | None:
    with suppress(ValueError):
        day = dt.date.fromisoformat(str(text)[:10]) if re.match(r"\d{4}-\d{2}-\d{2}(T|$)", str(text)) else None
        return day if day is not None and day.year in YEARS else None
    return None
