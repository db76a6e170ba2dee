"""Excel: the plan as a function diary with its tables, and a run sheet for each venue and each delegation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from scheduler.exports.cells import Cell, cell, heading, hours, leg_label, told_changes, weekday
from scheduler.exports.formats import Wishes
from scheduler.exports.view import Leg, Session, View
from scheduler.exports.words import Words
from scheduler.exports.workbook import TOP, Book, Column, Table
from scheduler.scenario.city import Name

SLOT = 30
"""Minutes of a column of the function diary."""

_SLOTS = 24 * 60 // SLOT
_TINTS = ("#DCE6F1", "#E2EFDA", "#FFF2CC", "#FCE4D6", "#E4DFEC", "#DAEEF3", "#F2DCDB", "#EBF1DE")

_SESSION_FIELDS = (
    "event",
    "name",
    "venue",
    "hall",
    "option",
    "layout",
    "needs",
    "attendance",
    "vehicles",
    "delegations",
    "persons",
    "grade",
    "taken_from",
    "swept_from",
    "taken_to",
    "uses",
)


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield the workbooks; those of which nothing could be in are left out."""
    yield "plan.xlsx", _plan(view, words)
    venues = {venue: list(view.of_venue(venue)) for venue in view.venues}
    if any(venues.values()):
        tables = ((view.venues[venue].name, _run_sheet(view, words, held)) for venue, held in venues.items() if held)
        yield "venues.xlsx", _run_sheets(view, words, tables)
    parties = [(view.delegations[party], _itinerary(view, words, party)) for party in view.parties]
    if any(table.rows for _, table in parties):
        yield "delegations.xlsx", _run_sheets(view, words, (party for party in parties if party[1].rows))


def _plan(view: View, words: Words) -> bytes:
    book = Book(view, words)
    _summary(book)
    _diary(book)
    book.table(words.say("run-sheet", " "), words.say("run-sheet"), _run_sheet(view, words, view.sessions))
    if view.legs:
        book.table(words.say("movements", " "), words.say("movements"), _movements(view, words))
    if view.homes:
        book.table(words.say("homes", " "), words.say("homes"), _homes(view, words))
    if any(pool.steps for pool in view.pools.values()):
        book.table(words.say("pools", " "), words.say("pools"), _pools(view, words))
    book.table(words.say("changes", " "), words.say("changes"), _changes(view, words))
    return book.bytes()


def _run_sheets(view: View, words: Words, tables: Iterable[tuple[Name, Table]]) -> bytes:
    book = Book(view, words)
    for name, table in tables:
        book.table(words.name(name, " "), words.say("run-sheet-of", name=name), table)
    return book.bytes()


class _Entry(NamedTuple):
    """A session on one day of the function diary: its slots, and those that prepare it or are cleared after it."""

    session: Session
    first: int
    last: int
    taken: tuple[int, int]


def _summary(book: Book) -> None:
    """Write what the issue is, its goals, what is left out and what is broken."""
    view, words = book.view, book.words
    sheet = book.sheet(words.say("summary", " "), words.name(view.title), wide=False)
    rows: list[tuple[str, Cell]] = [
        (words.say("sessions"), len(view.sessions)),
        (words.say("changes"), len(view.changes)),
    ]
    if view.approved_by:
        rows.insert(0, (words.say("approved-by", who=view.approved_by), None))
    row = TOP + 1
    for label, value in rows:
        book.write(sheet, row, 0, label, "head")
        book.write(sheet, row, 1, value)
        row += 1
    if view.figures:
        names = ("goal", "tier", "figure", "unit", "points")
        row = _block(book, sheet, row + 1, words.say("figures"), names, _figures(view, words))
    if view.absent:
        left_out: list[list[Cell]] = [[words.name(absent.name), absent.price] for absent in view.absent]
        row = _block(book, sheet, row + 1, words.say("absent"), ("name", "price"), left_out)
    if view.findings:
        row = _block(book, sheet, row + 1, words.say("findings"), (), [[finding] for finding in view.findings])
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 5, 14)
    sheet.print_area(0, 0, row, 5)


def _figures(view: View, words: Words) -> list[list[Cell]]:
    return [
        [words.word("goals", f.family), f.tier, f.figure, words.word("units", f.unit), f.points]
        for f in view.figures.values()
    ]


def _block(book: Book, sheet: Worksheet, row: int, title: str, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a small table with its title; return the row after it."""
    book.write(sheet, row, 0, title, "title")
    row += 1
    for column, name in enumerate(names):
        book.write(sheet, row, column, book.words.say(name), "head")
    row += bool(names)
    for values in rows:
        for column, value in enumerate(values):
            book.write(sheet, row, column, value)
        row += 1
    return row


def _diary(book: Book) -> None:
    """Write the function diary: for each day a row for each hall in use, and a column for each half hour."""
    view, words = book.view, book.words
    days = _days(view)
    timed = [entry for halls in days.values() for entries in halls.values() for entry in entries if entry.last]
    first = min((min(entry.first, entry.taken[0]) for entry in timed), default=16) // 2 * 2
    last = max((max(entry.last, entry.taken[1]) for entry in timed), default=36)
    sheet = book.sheet(words.say("diary", " "), words.say("diary"))
    top, lead = TOP, 5
    for column, key in enumerate(("date", "weekday", "venue", "hall", "untimed")):
        book.write(sheet, top, column, words.say(key), "head")
    for slot in range(first, last):
        text = f"{slot * SLOT // 60:02d}" if slot * SLOT % 60 == 0 else ""
        book.write(sheet, top, lead + slot - first, text, "head")
    for column, width in enumerate((11, 6, 30, 26, 16)):
        sheet.set_column(column, column, width)
    sheet.set_column(lead, lead + last - first, 4.5)
    row = top + 1
    tints = {event: _TINTS[i % len(_TINTS)] for i, event in enumerate(dict.fromkeys(map(_kind, view.sessions)))}
    for day, halls in days.items():
        for (venue, hall), entries in halls.items():
            for lane in _lanes(entries):
                book.write(sheet, row, 0, day)
                book.write(sheet, row, 1, weekday(words, day))
                book.write(sheet, row, 2, words.name(view.place_name(venue)) if venue else "–")
                book.write(sheet, row, 3, words.name(view.hall_name(hall)) if hall else "")
                _lane(book, sheet, row, lane, lead - first, tints)
                sheet.set_row(row, 44)
                row += 1
    sheet.freeze_panes(top + 1, 4)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, max(row - 1, top), lead + last - first - 1)


def _lane(book: Book, sheet: Worksheet, row: int, lane: Sequence[_Entry], shift: int, tints: dict[str, str]) -> None:
    """Write sessions that do not overlap into one row."""
    view, words = book.view, book.words
    for entry in lane:
        name = words.name(entry.session.label, "\n")
        style = book.style({"bg_color": tints[_kind(entry.session)], "border": 1, "font_size": 9})
        if not entry.last:
            sheet.write_string(row, 4, name, style)
            continue
        for slot in range(*entry.taken):
            if not any(other.first <= slot < other.last for other in lane):
                sheet.write_blank(row, slot + shift, None, book.style({"bg_color": "#D9D9D9"}))
        begin, end = entry.first + shift, entry.last - 1 + shift
        if end > begin:
            sheet.merge_range(row, begin, row, end, "", style)
        sheet.write_string(row, begin, f"{hours(view, entry.session)} {name}", style)


def _days(view: View) -> dict[dt.date, dict[tuple[str, str], list[_Entry]]]:
    """Return the entries by day, and by venue and hall; a session past midnight or of several days is on each."""
    days: dict[dt.date, dict[tuple[str, str], list[_Entry]]] = {}
    for session in view.sessions:
        for day, entry in _entries(view, session):
            days.setdefault(day, {}).setdefault((session.venue or "", session.hall or ""), []).append(entry)
    return {day: dict(sorted(halls.items())) for day, halls in sorted(days.items())}


def _kind(session: Session) -> str:
    return session.event.en if session.event else ""


def _entries(view: View, session: Session) -> Iterator[tuple[dt.date, _Entry]]:
    if session.date is None:
        return
    dates = [session.date + dt.timedelta(days=day) for day in range(session.days)]
    if session.start is None or session.end is None:
        yield from ((date, _Entry(session, 0, 0, (0, 0))) for date in dates)
        return
    begin = view.wall(session.start).replace(tzinfo=None)
    end = view.wall(session.first_end or session.end).replace(tzinfo=None)
    taken = [
        view.wall(moment).replace(tzinfo=None) if moment else None for moment in (session.taken_from, session.taken_to)
    ]
    for number, date in enumerate(dates):
        later = dt.timedelta(days=number)
        for day in (date, date + dt.timedelta(days=1)):
            first, last = _slots(day, begin + later, end + later)
            if first < last:
                yield day, _Entry(session, first, last, _slots(day, taken[0] or begin + later, taken[1] or end + later))


def _slots(day: dt.date, begin: dt.datetime, end: dt.datetime) -> tuple[int, int]:
    """Return the first slot of a day that a span touches, and the one after the last."""
    midnight = dt.datetime.combine(day, dt.time())
    first = int((begin - midnight).total_seconds() // 60) // SLOT
    last = -(-int((end - midnight).total_seconds() // 60) // SLOT)
    return max(0, min(first, _SLOTS)), max(0, min(last, _SLOTS))


def _lanes(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    """Return entries spread over as few rows as keep those apart that touch one slot."""
    lanes: list[list[_Entry]] = []
    for entry in sorted(entries, key=lambda entry: (entry.first, entry.last)):
        lane = next((lane for lane in lanes if entry.last and lane[-1].last <= entry.first), None)
        if lane is None:
            lanes.append([entry])
        else:
            lane.append(entry)
    return lanes


def _run_sheet(view: View, words: Words, sessions: Iterable[Session]) -> Table:
    columns = [
        Column(words.say("date"), 11),
        Column(words.say("weekday"), 7),
        Column(words.say("last-date"), 11),
        Column(words.say("start"), 8, "clock"),
        Column(words.say("end"), 8, "clock"),
    ]
    widths = {"name": 34, "venue": 28, "hall": 22, "delegations": 30, "persons": 40, "uses": 36, "event": 26}
    columns += [Column(heading(words, field), widths.get(field, 13)) for field in _SESSION_FIELDS]
    columns += [Column(words.say("sequence"), 9), Column(words.say("reference"), 27)]
    table = Table(columns)
    for session in sessions:
        start, end = cell(view, words, session, "start"), cell(view, words, session, "first_end")
        end = end or cell(view, words, session, "end")
        when: list[Cell] = [
            session.date,
            weekday(words, session.date) if session.date else None,
            session.last_date,
            start,
            end,
        ]
        told = [cell(view, words, session, field) for field in _SESSION_FIELDS]
        table.rows.append([*when, *told, session.sequence, session.ref])
    return table


def _itinerary(view: View, words: Words, delegation: str) -> Table:
    """Return where a delegation is when, with whom, and which car leaves when."""
    names = ("date", "weekday", "start", "end", "name", "venue", "hall", "persons", "delegations", "escorted", "corridors")
    widths = (11, 7, 8, 8, 40, 30, 24, 44, 30, 12, 20)
    styles = {"start": "clock", "end": "clock"}
    table = Table([Column(words.say(n), w, styles.get(n, "text")) for n, w in zip(names, widths, strict=True)])
    lines: list[tuple[dt.date, dt.datetime | None, list[Cell]]] = []
    for session in view.of_delegation(delegation):
        end = cell(view, words, session, "first_end") or cell(view, words, session, "end")
        day = session.date
        if day is None:
            continue
        told = [cell(view, words, session, f) for f in ("venue", "hall", "persons", "delegations")]
        head: list[Cell] = [day, weekday(words, day), cell(view, words, session, "start"), end, words.name(session.label)]
        lines.append((day, session.start, [*head, *told, None, None]))
    for leg in view.legs:
        if leg.delegation == delegation:
            leave = view.wall(leg.leave)
            head = [leave.date(), weekday(words, leave), leave, view.wall(leg.arrive), leg_label(view, words, leg)]
            who = "; ".join(words.name(person) for person in leg.persons)
            by = [cell(view, words, leg, f) for f in ("escorted", "corridors")]
            lines.append((leave.date(), leg.leave, [*head, words.say("leg"), None, who, None, *by]))
    lines.sort(key=lambda line: (line[0], line[1].timestamp() if line[1] else 0.0))
    table.rows = [row for _, _, row in lines]
    return table


def _movements(view: View, words: Words) -> Table:
    fields = ("delegation", "persons", "from_", "to", "escorted", "corridors")
    columns = [
        Column(words.say("date"), 11),
        Column(words.say("leave"), 8, "clock"),
        Column(words.say("arrive"), 8, "clock"),
    ]
    columns += [Column(heading(words, field), 26) for field in fields]
    table = Table(columns)
    for leg in view.legs:
        leave, arrive = view.wall(leg.leave), view.wall(leg.arrive)
        table.rows.append([leave.date(), leave, arrive, *(cell(view, words, leg, field) for field in fields)])
    return table


def _homes(view: View, words: Words) -> Table:
    table = Table([Column(words.say("delegation"), 30), Column(words.say("hotel"), 40)])
    for delegation, hotel in view.homes.items():
        table.rows.append([words.name(view.delegations[delegation]), words.name(view.place_name(hotel))])
    return table


def _pools(view: View, words: Words) -> Table:
    """Return for each resource and day when most of it is taken, and what is left then."""
    names = ("pool", "date", "weekday", "peak", "capacity", "spare", "peak-at")
    widths = (36, 11, 7, 12, 12, 12, 10)
    styles = {"peak-at": "clock"}
    table = Table([Column(words.say(n), w, styles.get(n, "text")) for n, w in zip(names, widths, strict=True)])
    for pool in view.pools.values():
        tightest: dict[dt.date, tuple[int, int, dt.datetime, int, int]] = {}
        for step in pool.steps:
            begin, end = view.wall(step.from_), view.wall(step.to)
            day = begin.date()
            while day <= (end - dt.timedelta(microseconds=1)).date():
                at = max(begin, dt.datetime.combine(day, dt.time(), tzinfo=begin.tzinfo))
                found = (step.capacity - step.used, -step.used, at, step.used, step.capacity)
                tightest[day] = min(tightest.get(day, found), found)
                day += dt.timedelta(days=1)
        for day, (spare, _, at, used, capacity) in sorted(tightest.items()):
            if used:
                table.rows.append([words.name(pool.name), day, weekday(words, day), used, capacity, spare, at])
    return table


def _changes(view: View, words: Words) -> Table:
    names = ("change", "date", "name", "field", "before", "after")
    table = Table([Column(words.say(n), w) for n, w in zip(names, (12, 11, 44, 20, 34, 34), strict=True)])
    for told in told_changes(view, words):
        item = told.item
        date = view.wall(item.leave).date() if isinstance(item, Leg) else item.date
        field = heading(words, told.field) if told.field else None
        table.rows.append([words.say(told.change.kind), date, told.label, field, told.before, told.after])
    return table
