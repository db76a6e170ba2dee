"""A workbook of an issue: its sheets with their heads and page marks, its tables, its dates and texts.

Every text is written as a text, whatever it begins with; dates and times are real ones, of the clocks on the wall.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from scheduler.exports.cells import Cell
from scheduler.exports.view import View
from scheduler.exports.words import Words

TOP = 3
"""The row of the headings: above it are the title, what issue it is, and the mark of a plan that breaks rules."""

_A4 = 9
_LONGEST = 32_000
"""Characters of a cell."""

_LOOKS: dict[str, dict[str, Any]] = {
    "text": {"border": 1, "border_color": "#BFBFBF"},
    "clock": {"border": 1, "border_color": "#BFBFBF"},
    "head": {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1},
    "title": {"bold": True, "font_size": 14, "text_wrap": False},
    "plain": {"text_wrap": False},
    "mark": {"bold": True, "font_color": "#C00000", "text_wrap": False},
}


class Column(NamedTuple):
    """The heading of a column, its width in characters, and whether its moments are shown as times of day (clock)."""

    heading: str
    width: int
    style: str = "text"


@dataclass
class Table:
    """Rows of values under headings; a column in which no row has a value is not written."""

    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)

    def shown(self) -> Table:
        """Return the table without its empty columns."""
        if not self.rows:
            return self
        kept = [i for i in range(len(self.columns)) if any(row[i] not in (None, "") for row in self.rows)]
        return Table([self.columns[i] for i in kept], [[row[i] for i in kept] for row in self.rows])


class Book:
    """One workbook, whose pages all say what issue they are of."""

    def __init__(self, view: View, words: Words) -> None:
        self.view = view
        self.words = words
        self._file = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._file, options)
        made = view.made.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"title": words.name(view.title), "created": made})
        self._sheets: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._named: dict[tuple[str, str], Any] = {}

    def bytes(self) -> bytes:
        """Return the file."""
        self._book.close()
        return self._file.getvalue()

    def table(self, name: str, title: str, table: Table) -> None:
        """Write a table on a sheet of its own, its headings frozen and repeated on every page."""
        table = table.shown()
        sheet = self.sheet(name, title)
        for index, column in enumerate(table.columns):
            self.write(sheet, TOP, index, column.heading, "head")
            sheet.set_column(index, index, column.width)
        for number, values in enumerate(table.rows, TOP + 1):
            for index, value in enumerate(values):
                self.write(sheet, number, index, value, table.columns[index].style)
        last = TOP + len(table.rows)
        if not table.rows:
            self.write(sheet, TOP + 1, 0, self.words.say("nothing"))
            last += 1
        else:
            sheet.autofilter(TOP, 0, last, len(table.columns) - 1)
        sheet.freeze_panes(TOP + 1, min(2, len(table.columns)))
        sheet.repeat_rows(TOP)
        sheet.print_area(0, 0, last, max(1, len(table.columns)) - 1)

    def sheet(self, name: str, title: str, wide: bool = True) -> Worksheet:
        """Add a sheet with its title, what issue it is of, and the mark of a plan that does not keep its rules."""
        view, words = self.view, self.words
        sheet = self._book.add_worksheet(self._free_name(name))
        status = words.say("confirmed" if view.confirmed else "provisional")
        reader = words.say(view.audience, delegation=view.delegations[view.delegation] if view.delegation else "")
        issue = " · ".join((words.say("issue", number=view.number), status, reader))
        made = words.say("made", when=f"{view.wall(view.made):%Y-%m-%d %H:%M}")
        self.write(sheet, 0, 0, title, "title")
        about = " · ".join((words.name(view.title), issue, made, words.say("times-are", zone=view.timezone)))
        self.write(sheet, 1, 0, about, "plain")
        if view.broken:
            self.write(sheet, 2, 0, words.say("broken"), "mark")
        mark = f"{words.say('broken')} · " if view.broken else ""
        sheet.set_footer(f"&L&8{_in_footer(mark + issue)}&R&8&P / &N")
        sheet.set_paper(_A4)
        if wide:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.hide_gridlines(1)
        return sheet

    def _free_name(self, name: str) -> str:
        """Return a name that a sheet may have and none has yet."""
        plain = "".join(" " if sign in "[]:*?/\\" else sign for sign in name).strip(" '")[:31] or "-"
        free, number = plain, 1
        while free.casefold() in self._sheets or free.casefold() == "history":
            number += 1
            free = f"{plain[: 30 - len(str(number))]}~{number}"
        self._sheets.add(free.casefold())
        return free

    def write(self, sheet: Worksheet, row: int, column: int, value: Cell, style: str = "text") -> None:
        """Write a cell as what it is."""
        if isinstance(value, dt.datetime):
            as_ = "hh:mm" if style == "clock" else "yyyy-mm-dd hh:mm"
            sheet.write_datetime(row, column, value.replace(tzinfo=None), self._named_style(style, as_))
        elif isinstance(value, dt.date):
            midnight = dt.datetime.combine(value, dt.time())
            sheet.write_datetime(row, column, midnight, self._named_style(style, "yyyy-mm-dd"))
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self._named_style(style))
        elif value:
            sheet.write_string(row, column, value[:_LONGEST], self._named_style(style))
        else:
            sheet.write_blank(row, column, None, self._named_style(style))

    def _named_style(self, style: str, as_: str = "") -> Any:
        if (style, as_) not in self._named:
            self._named[style, as_] = self.style({**_LOOKS[style], **({"num_format": as_} if as_ else {})})
        return self._named[style, as_]

    def style(self, look: dict[str, Any]) -> Any:
        """Return a format that looks so."""
        look = {"text_wrap": True, "valign": "top", **look}
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]


def _in_footer(text: str) -> str:
    """Return a text as a footer shows it: its signs have no meaning, and it is short enough."""
    return text.replace("&", "&&")[:200]
