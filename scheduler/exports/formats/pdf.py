"""PDF, A4: the programme; for each venue its run sheet and event orders; for each delegation a card.

A card says where to be when, with whom, and which car leaves when. The pages are laid out by typst (``pages.typ``) in a
font that comes with the program; a sign that it lacks is printed as 〓.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files as resources
from itertools import groupby
from typing import Any, NamedTuple

import typst

from scheduler.exports.cells import cell, heading, hours, leg_label, weekday
from scheduler.exports.formats import Wishes
from scheduler.exports.view import Session, View
from scheduler.exports.words import Words
from scheduler.scenario.city import Name

_HOME = resources("scheduler.exports")
_LACKING = "〓"
_LARGE = 50_000
"""Letters of a document that is large."""

_MANY = 300
"""Sessions from which on a document is made by month."""

_ORDERED = (
    *("event", "hall", "option", "layout", "attendance", "vehicles", "needs"),
    *("taken_from", "swept_from", "taken_to", "delegations", "persons", "uses", "grade"),
)
"""What an event order tells of a session beside when it is, in this order."""


class _Line(NamedTuple):
    """A row of a run sheet, and the day it belongs to."""

    day: dt.date | None
    at: float
    values: Sequence[str]


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield the documents; of a venue or delegation that has nothing there is none."""
    pages = _Pages(view, words)
    for part, sessions in _parts(view.sessions):
        yield f"programme{part}.pdf", pages.programme(sessions)
    for venue in view.venues:
        for part, sessions in _parts(list(view.of_venue(venue))):
            if sessions:
                yield f"venues/venue-{venue}{part}.pdf", pages.venue(venue, sessions)
    for party in view.parties:
        lines = pages.itinerary(party)
        if lines:
            yield f"cards/delegation-{party}.pdf", pages.card(party, lines)


def _parts(sessions: Sequence[Session]) -> Iterator[tuple[str, Sequence[Session]]]:
    """Yield sessions with what the name of their document ends with: by month where they are many, else all at once."""
    if len(sessions) <= _MANY:
        yield "", sessions
        return
    for month, part in groupby(sessions, key=lambda session: f"-{session.date:%Y-%m}" if session.date else "-0"):
        yield month, list(part)


class _Pages:
    """Lays out the documents of one view."""

    def __init__(self, view: View, words: Words) -> None:
        self._view = view
        self._words = words

    def programme(self, sessions: Sequence[Session]) -> bytes:
        """Return the run sheet of everything."""
        words = self._words
        lines = [self._line(session, "event", "name", "venue", "hall") for session in sessions]
        names = ("when", "event", "name", "venue", "hall")
        return self._document(words.say("programme"), [self._run_sheet(names, (13, 20, 29, 22, 16), lines)])

    def venue(self, venue: str, sessions: Sequence[Session]) -> bytes:
        """Return the run sheet of a venue and an event order for each session."""
        words = self._words
        fields = ("hall", "name", "layout", "attendance", "needs")
        lines = [self._line(session, *fields) for session in sessions]
        orders = {"kind": "orders", "title": words.say("orders"), "orders": [self._order(session) for session in sessions]}
        title = words.say("run-sheet-of", name=self._view.venues[venue].name)
        return self._document(title, [self._run_sheet(("when", *fields), (13, 20, 32, 13, 10, 15), lines), orders])

    def itinerary(self, party: str) -> list[_Line]:
        """Return where a delegation is when, and which car leaves when, by the clock."""
        view, words = self._view, self._words
        lines = [self._line(session, "name", "venue", "hall", "who") for session in view.of_delegation(party)]
        for leg in view.legs:
            if leg.delegation == party:
                leave, arrive = view.wall(leg.leave), view.wall(leg.arrive)
                who = "; ".join(words.name(person) for person in leg.persons)
                told = [cell(view, words, leg, field) for field in ("escorted", "corridors")]
                marked = [f"{heading(words, 'escorted')}: {told[0]}" if told[0] else "", str(told[1] or "")]
                by = "; ".join(note for note in marked if note)
                what = f"{words.say('leg')}: {leg_label(view, words, leg)}"
                when = f"{leave:%H:%M}–{arrive:%H:%M}"
                lines.append(_Line(leave.date(), leave.timestamp(), (when, what, by, "", who)))
        return sorted(lines, key=lambda line: (line.day or dt.date.min, line.at))

    def card(self, party: str, lines: Iterable[_Line]) -> bytes:
        """Return the card of a delegation."""
        names, widths = ("when", "name", "venue", "hall", "who"), (13, 30, 20, 13, 30)
        title = self._words.say("card-of", name=self._view.delegations[party])
        return self._document(title, [self._run_sheet(names, widths, lines)])

    def _line(self, session: Session, *fields: str) -> _Line:
        values = [self._said(session, field) for field in fields]
        when = hours(self._view, session) or ("" if session.date is None else self._words.say("untimed"))
        at = session.start.timestamp() if session.start else 0.0
        return _Line(session.date, at, (self._until(session, when), *values))

    def _until(self, session: Session, when: str) -> str:
        return f"{when}\n→ {session.last_date:%m-%d}" if session.last_date else when

    def _said(self, session: Session, field: str) -> str:
        if field == "who":
            persons = cell(self._view, self._words, session, "persons")
            alone = [d for d in session.delegations or () if all(p.delegation != d for p in session.persons or ())]
            named = [self._words.name(self._view.delegations[delegation]) for delegation in alone]
            return "; ".join(said for said in (str(persons or ""), *named) if said)
        if field == "name":
            return self._words.name(session.label)
        value = cell(self._view, self._words, session, field)
        if isinstance(value, dt.datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        return "" if value in (None, 0) else str(value)

    def _order(self, session: Session) -> dict[str, Any]:
        words = self._words
        when = " ".join(said for said in (self._day(session.date), hours(self._view, session)) if said)
        if session.last_date:
            when += f" → {self._day(session.last_date)}"
        facts = [(words.say("date"), when), *((heading(words, field), self._said(session, field)) for field in _ORDERED)]
        return {"title": words.name(session.label), "facts": [fact for fact in facts if fact[1]]}

    def _day(self, day: dt.date | None) -> str:
        return f"{day.isoformat()} {weekday(self._words, day)}" if day else "–"

    def _run_sheet(self, names: Sequence[str], widths: Sequence[int], lines: Iterable[_Line]) -> dict[str, Any]:
        """Return a run sheet by day; a column in which nothing is said is left out."""
        lines = list(lines)
        kept = [i for i in range(len(names)) if any(line.values[i] for line in lines)]
        days: dict[str, list[list[str]]] = {}
        for line in lines:
            days.setdefault(self._day(line.day), []).append([line.values[i] for i in kept])
        return {
            "kind": "run-sheet",
            "columns": [self._words.say(names[i]) for i in kept],
            "widths": [widths[i] for i in kept],
            "days": [{"name": day, "rows": rows} for day, rows in days.items()],
        }

    def _document(self, title: str, parts: Sequence[dict[str, Any]]) -> bytes:
        view, words = self._view, self._words
        status = words.say("confirmed" if view.confirmed else "provisional")
        named = view.delegations[view.delegation] if view.delegation else Name(en="–")
        approved = [words.say("approved-by", who=view.approved_by)] if view.approved_by else []
        made = words.say("made", when=f"{view.wall(view.made):%Y-%m-%d %H:%M}")
        reader = words.say(view.audience, delegation=named)
        data = {
            "language": "zh" if words.languages[0] == "zh" else "en",
            "title": title,
            "scenario": words.name(view.title),
            "about": words.say("times-are", zone=view.timezone),
            "issue": " · ".join([words.say("issue", number=view.number), status, reader, made, *approved]),
            "mark": words.say("broken") if view.broken else "",
            "nothing": words.say("nothing"),
            "parts": [part for part in parts if part.get("days") or part.get("orders")],
        }
        return _laid_out(data)


def _laid_out(data: dict[str, Any]) -> bytes:
    text = "".join(sign if sign in _covered() else _LACKING for sign in json.dumps(data, ensure_ascii=False))
    document = _compiler().compile(input=_template(), sys_inputs={"data": text}, pdf_tags=False)
    if len(text) > _LARGE:
        # What typst has laid out it keeps in memory for the next ten documents: these are empty.
        for number in range(10):
            _compiler().compile(input=b"", sys_inputs={"data": str(number)})
    assert isinstance(document, bytes)  # a document in one file
    return document


@cache
def _compiler() -> typst.Compiler:
    """Return a typesetter that knows the font of the program and no other."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_HOME / "fonts")])
    return typst.Compiler(input=_template(), font_paths=fonts)


@cache
def _template() -> bytes:
    return (_HOME / "pages.typ").read_bytes()


@cache
def _covered() -> frozenset[str]:
    """Return the signs that the font has."""
    return frozenset((_HOME / "fonts" / "covered.txt").read_text(encoding="utf-8")) | {" "}
