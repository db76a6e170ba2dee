"""From a table of requests to a scenario, checked as any scenario is, with every issue at its cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.errors import InputError, Issue, Place
from scheduler.load import Loaded, build
from scheduler.scenario.include import over_includes
from scheduler.scenario.merge import patched, without
from scheduler.scenario.schema import ScenarioFile
from scheduler.scenario.strict_yaml import Items, Mapping
from scheduler.scenario.validation import issues_of
from scheduler.tables.events import SOME_LENGTH, EventReader, put, slug
from scheduler.tables.table import Table
from scheduler.tables.values import text_of

SWEEPS = {"G1": "6 h", "G2": "2 h", "G3": "30 min"}
"""The sweeps of grades that no included file gives; the planner is told to look at them."""

GOALS: dict[str, dict[str, str | int]] = {
    "hold": {"goal": "hold-events", "tier": 1},
    "times": {"goal": "preferred-times", "tier": 2},
    "places": {"goal": "preferred-venues", "tier": 2, "weight": 20},
    "travel": {"goal": "travel-minutes", "tier": 2},
}

_WHOLE = frozenset(("id", "include", "calendar", "goals"))
"""What only a scenario that stands by itself has use for."""

_SOME_DAY = "2000-01-01"
"""Stands in where no date can be read."""

_PATH = re.compile(r"events\.[^\s:]+")
"""How messages about scenario files call a value of an event."""


class _Part(ScenarioFile):
    """A scenario whose halls another file brings."""

    venues: dict[str, Any] = {}


@dataclass(frozen=True)
class Requests:
    """A table as a scenario: what is to be written, what it means (where its halls are known), and what to look at."""

    tree: Mapping
    loaded: Loaded | None
    notes: Sequence[str]

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return sum(len(event["sessions"]) for event in self.tree["events"].values())


def read_requests(table: Table, target: Path, include: Sequence[str], zone: ZoneInfo) -> Requests:
    """Return the scenario that a table asks for, to be written to ``target``, over the files that it shall ``include``.

    Without any of them it is a part for other scenarios to include. Raises InputError with every issue found.
    """
    issues: list[Issue] = []
    library = over_includes(_head(target, include), target, issues)
    is_whole = bool(include) and not issues
    reader = EventReader(table, {*_section(library, "delegations"), *_section(library, "groups")})
    tree = _scenario(_head(target, include), reader, library, zone)
    loaded, found = _checked(library, tree, zone, is_whole)
    if found:  # a session with an unreadable value is not looked at any further: once more without such values
        readable = patched(tree, _taken_out(tree, {issue.place for issue in found}), [])
        found += _checked(library, readable, zone, is_whole)[1]
    issues += [*reader.issues, *(_at_its_cell(issue, reader) for issue in found)]
    if issues:
        raise InputError(sorted(dict.fromkeys(issues), key=lambda issue: issue.place))
    return Requests(tree if include else without(tree, _WHOLE), loaded, [*_unread(table), *reader.notes])


def _section(library: Mapping, name: str) -> Mapping:
    """Return a section of the included files; an empty one where they have none, or one that is complained of later."""
    section = library.get(name)
    return section if isinstance(section, Mapping) else Mapping(library.place)


def _scenario(tree: Mapping, reader: EventReader, library: Mapping, zone: ZoneInfo) -> Mapping:
    """Return the whole scenario, from its first lines on."""
    place = reader.table.place
    events = reader.events()
    calendar = _calendar(reader, zone, place)
    put(tree, "calendar", calendar, calendar.place)
    if "include" in tree:
        _put_sweeps(tree, events, _section(library, "grades"), reader.notes)
    if reader.stubs:
        put(tree, "delegations", reader.stubs, place)
    put(tree, "events", events, place)
    put(tree, "goals", _tree(GOALS, place), place)
    return tree


def _checked(library: Mapping, tree: Mapping, zone: ZoneInfo, is_whole: bool) -> tuple[Loaded | None, list[Issue]]:
    """Return what a scenario means and nothing, or nothing and its issues; of a part only the form can be checked."""
    issues: list[Issue] = []
    whole = patched(library, tree, issues)
    if not is_whole:
        return None, issues_of(_Part, whole, {"zone": zone})[1]
    try:
        return build(whole, issues=issues), []
    except InputError as error:
        return None, list(error.issues)


def _taken_out(tree: Mapping, places: set[Place]) -> Mapping:
    """Return the patch that takes out of each session what it says in some places."""
    events = {
        event_id: {
            "sessions": {
                session_id: {
                    key: SOME_LENGTH if key == "duration" else None
                    for key, value in session.items()
                    if _stands_in(value, session.values_at[key], places)
                }
                for session_id, session in event["sessions"].items()
            }
        }
        for event_id, event in tree["events"].items()
    }
    return _tree({"events": events}, tree.place)


def _stands_in(value: Any, place: Place, places: set[Place]) -> bool:
    """Return whether a value, or a part of it, stands in one of some places."""
    if place in places:
        return True
    return isinstance(value, Mapping) and any(_stands_in(value[key], value.values_at[key], places) for key in value)


def _at_its_cell(issue: Issue, reader: EventReader) -> Issue:
    """Return an issue that speaks of a column instead of a path in a file the planner does not know."""
    headings = {cell.place.column: text_of(cell.value) for cell in reader.table.headings.values()}
    place, table = issue.place, reader.table.place
    if (place.file, place.sheet) != (table.file, table.sheet):
        return issue
    heading = headings.get(place.column, "the row")
    hint = reader.hints.get(place, issue.hint)
    return replace(issue, message=_PATH.sub(lambda _: heading, issue.message, count=1), hint=hint)


def _head(target: Path, include: Sequence[str]) -> Mapping:
    """Return how the file begins."""
    place = Place(str(target))
    tree = Mapping(place)
    put(tree, "schema", 1, place)
    put(tree, "id", slug(target.stem) or "requests", place)
    if include:
        at = Place("--include")
        words = Items(at)
        for word in include:
            words.put(word, at)
        put(tree, "include", words, at)
    return tree


def _calendar(reader: EventReader, zone: ZoneInfo, place: Place) -> Mapping:
    """Return a calendar of all requested days; its place is the day that is furthest from the others."""
    days = sorted(reader.days)
    first, last = (days[0], days[-1]) if days else (None, None)
    middle = days[len(days) // 2][0] if days else None
    if first and last and middle:
        place = max(first, last, key=lambda day: abs((day[0] - middle).days))[1]
    calendar = Mapping(place)
    put(calendar, "timezone", zone.key, place)
    put(calendar, "start", first[0].isoformat() if first else _SOME_DAY, place)
    put(calendar, "end", last[0].isoformat() if last else _SOME_DAY, place)
    return calendar


def _put_sweeps(tree: Mapping, events: Mapping, known: Mapping, notes: list[str]) -> None:
    """Give each grade that is asked for and that no included file knows its usual sweep."""
    asked = {grade for event in events.values() for grade in (event["grade"], *_own_grades(event))}
    missing = {grade: {"sweep": sweep} for grade, sweep in SWEEPS.items() if grade in asked and grade not in known}
    if missing:
        put(tree, "grades", _tree(missing, tree.place), tree.place)
        said = ", ".join(f"{grade} {SWEEPS[grade]}" for grade in missing)
        notes.append(f"sweeps by grade are written as {said}; see that they are yours.")


def _own_grades(event: Mapping) -> list[str]:
    return [session["grade"] for session in event["sessions"].values() if "grade" in session]


def _tree(data: dict[str, Any], at: Place) -> Mapping:
    tree = Mapping(at)
    for key, value in data.items():
        put(tree, key, _tree(value, at) if isinstance(value, dict) else value, at)
    return tree


def _unread(table: Table) -> list[str]:
    if not table.unread:
        return []
    others = ", ".join(map(repr, table.unread))
    return [f"only the sheet {table.place.sheet!r} is read, not {others}; --sheet names another."]
