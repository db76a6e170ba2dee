"""CSV, tidy: one table a file, one thing a row, one value a cell; the same columns in every language.

A text that a spreadsheet would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from scheduler.exports.cells import told_changes
from scheduler.exports.formats import Wishes
from scheduler.exports.view import Leg, Session, View
from scheduler.exports.words import Words
from scheduler.scenario.city import Name

Row = dict[str, object]

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield one file a table; tables without rows are left out, but for the sessions."""
    tables = {
        "sessions": (list(_sessions(view, words)), list(_session(view, words, Session(ref=""), ""))),
        "participants": (list(_participants(view, words)), None),
        "legs": (list(_legs(view, words)), None),
        "homes": (list(_homes(view, words)), None),
        "pools": (list(_pools(view, words)), None),
        "changes": (list(_changes(view, words)), None),
    }
    for name, (rows, columns) in tables.items():
        if rows or columns:
            yield f"{name}.csv", _written(rows, columns or list(rows[0]), wishes.bom)


def _written(rows: Iterable[Row], columns: Sequence[str], bom: bool) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_BEGINS_FORMULA) else value
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value


def _stamped(view: View) -> Row:
    status = "broken" if view.broken else "confirmed" if view.confirmed else "provisional"
    return {"issue": view.number, "plan": status}


def _sessions(view: View, words: Words) -> Iterator[Row]:
    for session in view.sessions:
        yield _session(view, words, session, "held")
    for session in view.cancelled:
        yield _session(view, words, session, "cancelled")


def _session(view: View, words: Words, session: Session, status: str) -> Row:
    """Return the row of a session; its columns are the same whatever is shown."""

    def at(moment: datetime | None) -> datetime | None:
        return view.wall(moment) if moment else None

    return {
        "ref": session.ref,
        "id": session.id,
        "status": status,
        "sequence": session.sequence,
        **words.columns("event", session.event),
        **words.columns("name", session.name),
        "date": session.date,
        "last_date": session.last_date or session.date,
        "start": at(session.start),
        "end": at(session.end),
        "venue": session.venue,
        **words.columns("venue", view.place_name(session.venue) if session.venue else None),
        "hall": session.hall,
        **words.columns("hall", view.hall_name(session.hall) if session.hall else None),
        **words.columns("option", session.option),
        "layout": session.layout,
        "needs": " ".join(session.needs or ()),
        "attendance": session.attendance,
        "vehicles": session.vehicles,
        "grade": session.grade,
        "taken_from": at(session.taken_from),
        "swept_from": at(session.swept_from),
        "taken_to": at(session.taken_to),
        **_stamped(view),
    }


def _participants(view: View, words: Words) -> Iterator[Row]:
    """Yield who takes part in what: a row for each person, and for each delegation of which no person is named."""
    for session in view.sessions:
        for delegation in session.participants:
            persons: list[Name | None] = [
                person.name for person in session.persons or () if person.delegation == delegation
            ]
            for person in persons or [None]:
                named = words.columns("delegation", view.delegations[delegation])
                yield {"ref": session.ref, "delegation": delegation, **named, **words.columns("person", person)}


def _legs(view: View, words: Words) -> Iterator[Row]:
    for status, legs in (("held", view.legs), ("cancelled", view.cancelled_legs)):
        for leg in legs:
            yield {
                "ref": leg.ref,
                "status": status,
                "sequence": leg.sequence,
                "delegation": leg.delegation,
                **words.columns("delegation", view.delegations[leg.delegation]),
                "persons": "; ".join(words.name(person) for person in leg.persons),
                "leave": view.wall(leg.leave),
                "arrive": view.wall(leg.arrive),
                "from": leg.from_,
                **words.columns("from", view.place_name(leg.from_) if leg.from_ else None),
                "to": leg.to,
                **words.columns("to", view.place_name(leg.to) if leg.to else None),
                "escorted": leg.escorted,
                "corridors": " ".join(leg.corridors or ()),
                **_stamped(view),
            }


def _homes(view: View, words: Words) -> Iterator[Row]:
    for delegation, hotel in view.homes.items():
        named = words.columns("delegation", view.delegations[delegation])
        yield {"delegation": delegation, **named, "hotel": hotel, **words.columns("hotel", view.place_name(hotel))}


def _pools(view: View, words: Words) -> Iterator[Row]:
    for name, pool in view.pools.items():
        for step in pool.steps:
            spans = {"from": view.wall(step.from_), "to": view.wall(step.to)}
            yield {"pool": name, **words.columns("pool", pool.name), **spans, "used": step.used, "capacity": step.capacity}


def _changes(view: View, words: Words) -> Iterator[Row]:
    for told in told_changes(view, words):
        yield {
            "ref": told.change.ref,
            "what": "leg" if isinstance(told.item, Leg) else "session",
            "label": told.label,
            "change": told.change.kind,
            "field": told.field.rstrip("_"),
            "before": told.before,
            "after": told.after,
        }
