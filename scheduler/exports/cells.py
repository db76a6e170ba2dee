"""The values of sessions, legs and changes as a reader is told them: names in the languages asked for, wall-clock times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from scheduler.exports.view import Change, Leg, Person, Session, Use, View
from scheduler.exports.words import Words
from scheduler.scenario.city import Name

Cell = str | int | dt.datetime | dt.date | None

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNTOLD = frozenset(("id", "first_end"))
"""Fields of which a change says nothing to a reader that another field does not."""


def heading(words: Words, field: str) -> str:
    """Return what a field of a session or a leg is called."""
    return words.say(field.rstrip("_").replace("_", "-"))


def weekday(words: Words, day: dt.date) -> str:
    """Return the day of the week."""
    return words.say(WEEKDAYS[day.weekday()])


def cell(view: View, words: Words, item: Session | Leg, field: str) -> Cell:
    """Return a field as a reader is told it; None where it is withheld."""
    value = getattr(item, field)
    if isinstance(item, Leg) and field in ("from_", "to"):
        return words.name(view.place_name(value)) if value else words.say("residence")
    if isinstance(value, list):
        return "; ".join(_one(view, words, field, entry) for entry in value)
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    if isinstance(value, dt.datetime):
        return view.wall(value)
    if value is None or isinstance(value, (int, dt.date)):
        return value
    return _one(view, words, field, value)


def _one(view: View, words: Words, field: str, value: object) -> str:
    if isinstance(value, Name):
        return words.name(value)
    if isinstance(value, Person):
        return f"{words.name(view.delegations[value.delegation])}: {words.name(value.name)}"
    if isinstance(value, Use):
        begin, end = view.wall(value.from_), view.wall(value.to)
        return f"{value.amount} × {words.name(view.pools[value.pool].name)} {begin:%H:%M}–{end:%H:%M}"
    said = str(value)
    if field == "venue":
        return words.name(view.place_name(said))
    if field == "hall":
        return words.name(view.hall_name(said))
    if field in ("delegations", "delegation"):
        return words.name(view.delegations[said])
    if field == "corridors":
        return words.name(view.corridors[said])
    return words.word({"layout": "layouts", "needs": "features"}.get(field, ""), said)


def moment_text(view: View, moment: dt.datetime) -> str:
    """Return a moment as date and time of day."""
    return f"{view.wall(moment):%Y-%m-%d %H:%M}"


def hours(view: View, session: Session) -> str:
    """Return from when to when people are there, on one day; nothing where that is withheld."""
    if session.start is None or session.end is None:
        return ""
    return f"{view.wall(session.start):%H:%M}–{view.wall(session.first_end or session.end):%H:%M}"


def leg_label(view: View, words: Words, leg: Leg) -> str:
    """Return from where to where a leg leads."""
    return f"{cell(view, words, leg, 'from_')} → {cell(view, words, leg, 'to')}"


class Told(NamedTuple):
    """One value that changed, or all of an item that is new or cancelled."""

    change: Change
    item: Session | Leg
    label: str
    field: str
    before: Cell
    after: Cell


def told_changes(view: View, words: Words) -> Iterator[Told]:
    """Yield what changed since the issue before, one value at a time."""
    now: dict[str, Session | Leg] = {session.ref: session for session in view.sessions}
    now |= {leg.ref: leg for leg in view.legs}
    for change in view.changes:
        was = change.session or change.leg
        item = now.get(change.ref) or was
        assert item is not None  # what is not held any more was held before
        label = leg_label(view, words, item) if isinstance(item, Leg) else words.name(item.label)
        for field in [field for field in change.fields if field not in _UNTOLD] or [""]:
            before = cell(view, words, was, field) if was and field else None
            after = cell(view, words, item, field) if field else None
            yield Told(change, item, label, field, before, after)


def counted(view: View) -> dict[str, int]:
    """Return how many sessions and legs are new, changed and cancelled since the issue before."""
    kinds = [change.kind for change in view.changes]
    return {kind: kinds.count(kind) for kind in ("new", "changed", "cancelled") if kind in kinds}
