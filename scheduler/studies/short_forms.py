"""Changes a planner says in a word: ``cncc1@2023-10-18`` closed, ``escorts=16``, each as the patch it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from scheduler.errors import InputError, Issue, Place, nearest
from scheduler.plan import Plan
from scheduler.scenario.scenario import Scenario, Session
from scheduler.scenario.strict_yaml import Mapping as Tree
from scheduler.scenario.units import DateOrLocalTime, Length, shown
from scheduler.studies.patches import placed

_MOMENT: TypeAdapter[date | datetime] = TypeAdapter(DateOrLocalTime)
_LENGTH: TypeAdapter[int] = TypeAdapter(Length)
_AMOUNT = re.compile(r"([+-]?)(\d{1,9})(%?)")


class Subject(NamedTuple):
    """What short forms speak of: a scenario, and the plan that people work by, where there is one."""

    scenario: Scenario
    plan: Plan | None = None


class _WrongError(Exception):
    """What is wrong with one word, and what may have been meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def patch_of(subject: Subject, form: str, word: str, place: Place) -> Tree:
    """Return the patch that one word of a short form (``close``, ``delay``, …) stands for.

    Raises InputError with ``place`` where it names nothing or means nothing.
    """
    try:
        data = FORMS[form](subject, word)
    except _WrongError as error:
        raise InputError([Issue(place, f"{form} {word!r}: {error}", error.hint)]) from error
    tree: Tree = placed(data, place)
    return tree


def _close(subject: Subject, word: str) -> dict[str, Any]:
    """``VENUE``, ``VENUE.HALL``, ``VENUE@DAY``, ``VENUE@DAY..DAY``, ``VENUE@MOMENT..MOMENT``: nobody can be there."""
    where, _, when = word.partition("@")
    begin, end = _span(subject, when)
    closure = {"from": _written(begin), "to": _written(end)}
    venue, _, hall = where.partition(".")
    _require("venue", venue, subject.scenario.venues)
    named = {_named("study", begin): closure}
    if not hall:
        return {"venues": {venue: {"closures": named}}}
    _require("hall", where, subject.scenario.bookables)
    parts = subject.scenario.bookables[where].parts
    return {"venues": {venue: {"halls": {part.partition(".")[2]: {"closures": named} for part in parts}}}}


def _delay(subject: Subject, word: str) -> dict[str, Any]:
    """``SESSION=40min``: it takes place so much later than in the plan, in the same hall, whatever its windows say."""
    name, length = _two(word, "SESSION=40min")
    session = _session(subject, name)
    minutes = _minutes(length)
    if subject.plan is None or name not in subject.plan.sessions:
        why = "there is no base plan" if subject.plan is None else "the base plan does not hold it"
        raise _WrongError(f"a delay counts from the base plan, and {why}", "--base PLAN?" if subject.plan is None else "")
    was = subject.plan.sessions[name]
    start, end = was.start + timedelta(minutes=minutes), was.end + timedelta(minutes=minutes)
    return at_last(subject, session, start, end, {"hall": was.hall, **({"option": was.option} if was.option else {})})


def at_last(subject: Subject, session: Session, start: datetime, end: datetime, where: Mapping[str, str]) -> dict[str, Any]:
    """Return the patch by which a session takes place at a time whatever its own windows say; ``where`` goes to its pin."""
    event, _, own = session.id.partition(".")
    before = subject.scenario.events[event].sessions[own].within or {}
    windows: dict[str, Any] = {**dict.fromkeys(before), "as-it-is": {"from": _written(start), "to": _written(end)}}
    return {
        "events": {event: {"sessions": {own: {"within": windows}}}},
        "pins": {session.id: {**where, "start": _written(start)}},
    }


def _drop(subject: Subject, word: str) -> dict[str, Any]:
    """``EVENT`` or ``EVENT.SESSION``: it is left out, which costs nothing."""
    scenario = subject.scenario
    event, _, own = word.partition(".")
    free = {"optional": {"price": 0}}
    if own:
        sessions = [_session(subject, word).id]
        change: dict[str, Any] = {event: {"sessions": {own: free}}}
    else:
        _require("event", event, scenario.events)
        sessions = [session.id for session in scenario.event_sessions[event]]
        change = {event: free}
    whole = {"whole": {"from": f"{scenario.calendar.start}", "to": f"{scenario.calendar.end}"}}
    pins = {name: None for name in sessions if name in scenario.pins}
    return {
        "events": change,
        "rules": {f"study-drop-{word.replace('.', '-')}": {"rule": "unavailable", "sessions": sessions, "times": whole}},
        **({"pins": pins} if pins else {}),
    }


def _pin(subject: Subject, word: str) -> dict[str, Any]:
    """``SESSION`` (where and when the plan has it), ``SESSION=HALL``, ``SESSION@MOMENT``, ``SESSION=HALL@MOMENT``."""
    place, _, moment = word.partition("@")
    name, _, hall = place.partition("=")
    _session(subject, name)
    pin: dict[str, Any] = {}
    if hall:
        _require("hall", hall, subject.scenario.bookables)
        pin["hall"] = hall
    if moment:
        start = _moment(subject, moment)
        if not isinstance(start, datetime):
            raise _WrongError(f"{moment} names no time of day", f"'{name}@{moment}T10:00'?")
        pin["start"] = _written(start)
    if not pin:
        pin = pinned(subject, name)
    return {"pins": {name: pin}}


def pinned(subject: Subject, name: str) -> dict[str, str]:
    """Return the pin that keeps a session where the plan has it."""
    if subject.plan is None or name not in subject.plan.sessions:
        raise _WrongError(f"there is no plan that holds {name}", f"'{name}=HALL' or '{name}@2023-10-18T10:00'?")
    was = subject.plan.sessions[name]
    return {"hall": was.hall, "start": _written(was.start), **({"option": was.option} if was.option else {})}


def _forbid(subject: Subject, word: str) -> dict[str, Any]:
    """``SESSION=VENUE``, ``SESSION=VENUE.HALL``: not there. ``SESSION@DAY``, ``SESSION@MOMENT..MOMENT``: not then."""
    scenario = subject.scenario
    name, _, when = word.partition("@")
    name, _, where = name.partition("=")
    session = _session(subject, name)
    event, _, own = name.partition(".")
    if bool(where) == bool(when):
        raise _WrongError("what is forbidden?", f"'{name}=VENUE' or '{name}@2023-10-18'?")
    if when:
        begin, end = _span(subject, when)
        times = {"then": {"from": _written(begin), "to": _written(end)}}
        rule = {"rule": "unavailable", "sessions": [name], "times": times}
        return {"rules": {_named(f"study-forbid-{name.replace('.', '-')}", begin): rule}}
    _require("venue or hall", where, [*scenario.venues, *scenario.bookables])
    left = {way.option: [hall for hall in way.halls if where not in (hall, hall.partition(".")[0])] for way in session.ways}
    if not any(left.values()):
        raise _WrongError(f"{name} has no other hall", f"'--drop {name}'?")
    if "" in left:
        change: dict[str, Any] = {"halls": {"any": left[""]}}
    else:
        change = {"options": {option: {"halls": {"any": halls}} if halls else None for option, halls in left.items()}}
    return {"events": {event: {"sessions": {own: change}}}}


def _capacity(subject: Subject, word: str) -> dict[str, Any]:
    """``POOL=16``, ``POOL=-33%``: so many of a pool, and never more in its spans."""
    name, said = _two(word, "escorts=16")
    pools = subject.scenario.file.pools
    _require("pool", name, pools)
    change = _amount(said)
    spans = {
        span: {"capacity": change(entry.capacity) if "%" in said else min(entry.capacity, change(entry.capacity))}
        for span, entry in pools[name].during.items()
    }
    return {"pools": {name: {"capacity": change(pools[name].capacity), **({"during": spans} if spans else {})}}}


def _attendance(subject: Subject, word: str) -> dict[str, Any]:
    """``all=+20%``, ``EVENT=+20%``, ``EVENT.SESSION=600``: so many people, or so many more."""
    name, said = _two(word, "brf-forums=+20%")
    change = _amount(said)
    sessions = subject.scenario.sessions
    if name != "all" and name not in subject.scenario.events:
        _require("event or session", name, [*subject.scenario.events, *sessions])
    chosen = [session for session in sessions.values() if name in ("all", session.event, session.id)]
    events: dict[str, Any] = {}
    for session in chosen:
        of_event = events.setdefault(session.event, {"sessions": {}})["sessions"]
        of_event[session.id.partition(".")[2]] = {"attendance": change(session.attendance)}
    return {"events": events}


FORMS: Mapping[str, Callable[[Subject, str], dict[str, Any]]] = {
    "close": _close,
    "delay": _delay,
    "drop": _drop,
    "pin": _pin,
    "forbid": _forbid,
    "capacity": _capacity,
    "attendance": _attendance,
}
"""Every short form by its name: what it makes of a word."""


def _two(word: str, pattern: str) -> tuple[str, str]:
    name, equals, said = word.partition("=")
    if not (name and equals and said):
        raise _WrongError("this wants two sides of '='", f"{pattern!r}?")
    return name, said


def _require(kind: str, word: str, known: Mapping[str, object] | list[str]) -> None:
    if word not in known:
        raise _WrongError(f"there is no {kind} {word!r}", nearest(word, known))


def _session(subject: Subject, name: str) -> Session:
    _require("session", name, subject.scenario.sessions)
    return subject.scenario.sessions[name]


def _minutes(text: str) -> int:
    return int(_valid(_LENGTH, text, {}))


def _moment(subject: Subject, text: str) -> date | datetime:
    found: date | datetime = _valid(_MOMENT, text, {"zone": subject.scenario.calendar.timezone})
    return found


def _valid(adapter: TypeAdapter[Any], text: str, context: dict[str, Any]) -> Any:
    try:
        return adapter.validate_python(text, context=context)
    except ValidationError as error:
        said = error.errors()[0]
        raise _WrongError(said["msg"], said.get("ctx", {}).get("hint", "")) from error


def _span(subject: Subject, text: str) -> tuple[datetime, datetime]:
    """Return the first moment of a span and the one that ends it; days are meant whole, nothing is the calendar."""
    calendar = subject.scenario.calendar
    if not text:
        return calendar.midnight(calendar.start), calendar.midnight(calendar.end + timedelta(days=1))
    first, dots, last = text.partition("..")
    begin, end = _moment(subject, first), _moment(subject, last if dots else first)
    if isinstance(begin, datetime) != isinstance(end, datetime) or (isinstance(begin, datetime) and not dots):
        raise _WrongError(
            f"{text} is no span", "'2023-10-18', '2023-10-18..2023-10-20' or '2023-10-18T08:00..2023-10-18T20:00'?"
        )
    if not isinstance(begin, datetime):
        begin = calendar.midnight(begin)
    if not isinstance(end, datetime):
        end = calendar.midnight(end + timedelta(days=1))
    if end <= begin:
        raise _WrongError(f"{text} ends before it begins", "the two are swapped?")
    bounds = calendar.midnight(calendar.start), calendar.midnight(calendar.end + timedelta(days=1))
    if end <= bounds[0] or begin >= bounds[1]:
        raise _WrongError(f"{text} lies outside the calendar", f"between {calendar.start} and {calendar.end}?")
    return begin, end


def _amount(text: str) -> Callable[[int], int]:
    """Return what ``16``, ``+4``, ``-33%`` makes of an amount; a share is rounded down, never below 0."""
    found = _AMOUNT.fullmatch(text)
    if not found or (found[3] and not found[1]):
        raise _WrongError(f"{shown(text)} is no amount", "'16', '+4', '-4', '+20%' or '-33%'?")
    sign, number = {"+": 1, "-": -1, "": 0}[found[1]], int(found[2])
    if not sign:
        return lambda amount: number
    if found[3]:
        return lambda amount: max(0, amount * (100 + sign * number) // 100)
    return lambda amount: max(0, amount + sign * number)


def _named(what: str, begin: datetime) -> str:
    """Return an id for what begins at a moment; a day that begins needs no hour."""
    return f"{what}-{begin:%Y-%m-%d}" + (f"-{begin:%H%M}" if begin.hour or begin.minute else "")


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
