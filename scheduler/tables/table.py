"""A table of requests: the line of its headings found, the columns known, and every row as values by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.tables.columns import column_of, nearest_column
from scheduler.tables.delimited import read_csv
from scheduler.tables.excel import read_workbook
from scheduler.tables.grid import Cell, Grid

_HEAD = 20
"""Lines with anything in them among which the headings are looked for."""

_CSV = (".csv", ".tsv", ".txt")
_EXCEL = (".xlsx", ".xlsm")
_ZIPPED = b"PK\x03\x04"


@dataclass(frozen=True)
class Row:
    """One request: its filled cells by column, and where its empty ones are."""

    line: int
    cells: Mapping[str, Cell]
    places: Mapping[str, Place]

    @property
    def place(self) -> Place:
        """Where the row begins."""
        return min(cell.place for cell in self.cells.values())

    def at(self, column: str) -> Place:
        """Return where a value of the row is, or would be."""
        return self.places.get(column, self.place)


@dataclass(frozen=True)
class Table:
    """The rows of a table, the headings as they are written, and what is already found wrong."""

    place: Place
    headings: Mapping[str, Cell]
    rows: Sequence[Row]
    issues: Sequence[Issue]
    unread: Sequence[str]


def read_table(path: str, sheet: str | None = None) -> Table:
    """Return the table in an Excel or CSV file; in a workbook the first visible sheet where ``sheet`` names none.

    Raises InputError where there is no table in it, MachineError where it may not be read.
    """
    ending = Path(path).suffix.lower()
    with file_errors(path, "read the table"):
        raw = Path(path).read_bytes()
    if ending not in (*_CSV, *_EXCEL, ".xls"):
        raise InputError([Issue(Place(path), "a table is an .xlsx or a .csv file", "save it as one of them.")])
    if ending not in _CSV:
        return _headed(read_workbook(raw, path, sheet))
    if raw.startswith(_ZIPPED):
        raise InputError([Issue(Place(path), "this is a workbook under the name of a CSV file", "name it .xlsx.")])
    if sheet is not None:
        raise InputError([Issue(Place(path), "a CSV file has no sheets", "leave --sheet out.")])
    return _headed(read_csv(raw, path))


def _headed(grid: Grid) -> Table:
    """Return a grid as a table, below the line that holds its headings."""
    filled = [row for row in grid.rows if any(cell.value is not None for cell in row)]
    if not filled:
        raise InputError([Issue(grid.place, "there is nothing in it", "the first row holds the names of the columns.")])
    at = next((number for number, row in enumerate(filled[:_HEAD]) if _known(row) > 1), 0)
    head, below = filled[at], filled[at + 1 :]
    if not below:
        raise InputError([Issue(head[0].place, "there is no request below the names of the columns")])
    issues: list[Issue] = []
    headings = _headings(head, issues)
    width = max(cell.place.column for cell in head if cell.value is not None)
    issues += (issue for issue in grid.issues if issue.place.line >= head[0].place.line)
    issues += (
        Issue(merged.first, f"merged cells {merged}", "unmerge them and fill in each row.")
        for merged in grid.merged
        if merged.last.line >= head[0].place.line and merged.first.column <= width
    )
    unknown = {cell.place.column for cell in head if cell.value is not None} - {
        cell.place.column for cell in headings.values()
    }
    rows = [_row(row, headings, unknown, issues) for row in below]
    return Table(head[0].place, headings, [row for row in rows if row.cells], issues, grid.unread)


def _known(row: Sequence[Cell]) -> int:
    return sum(column_of(str(cell.value)) is not None for cell in row)


def _headings(head: Sequence[Cell], issues: list[Issue]) -> dict[str, Cell]:
    """Return the cell of each column's heading; what is no column of ours, or stands twice, goes to ``issues``."""
    headings: dict[str, Cell] = {}
    for cell in head:
        if cell.value is None:
            continue
        column = column_of(str(cell.value))
        if column is None:
            issues.append(Issue(cell.place, f"unknown column {str(cell.value)!r}", nearest_column(str(cell.value))))
        elif column in headings:
            first = headings[column]
            message = f"the column {str(cell.value)!r} stands here a second time; first {spot(first.place)}"
            issues.append(Issue(cell.place, message, "one of them is to go."))
        else:
            headings[column] = cell
    return headings


def _row(row: Sequence[Cell], headings: Mapping[str, Cell], unknown: set[int], issues: list[Issue]) -> Row:
    line = row[0].place
    places = {column: line._replace(column=cell.place.column) for column, cell in headings.items()}
    by_place = {cell.place: cell for cell in row if cell.value is not None}
    cells = {column: by_place.pop(place) for column, place in places.items() if place in by_place}
    for cell in by_place.values():
        if cell.place.column not in unknown:
            hint = "a value that holds the separator stands in quotes." if not cell.place.sheet else ""
            issues.append(Issue(cell.place, "this value has no name of a column above it", hint))
            break
    return Row(line.line, cells, places)


def spot(place: Place) -> str:
    """Return where in its file something is, for a message that names the file already."""
    return f"in {place.cell}" if place.sheet else f"on line {place.line}"
