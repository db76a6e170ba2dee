"""CSV files as they come: UTF-8 or GB18030, parted by commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from scheduler.errors import InputError, Issue, Place
from scheduler.tables.columns import column_of
from scheduler.tables.grid import Cell, Grid, tidied

_SEPARATORS = ",;\t"

_HEAD = 40
"""Lines among which the headings are looked for."""


def read_csv(raw: bytes, file: str) -> Grid:
    """Return the rows of a CSV file; the place of a value is its line and, as column, which value of the line it is.

    Raises InputError with the first place where the file stops being CSV.
    """
    text = _decoded(raw, file)
    lines = list(io.StringIO(text, newline=""))  # unlike splitlines(), which knows ends of lines that CSV does not
    issues: list[Issue] = []
    rows = [
        [tidied(value, Place(file, line, column), issues) for column, value in enumerate(values, 1)]
        for line, values in _records(lines, _separator(lines), file)
    ]
    return Grid(Place(file), _without_tails(rows), issues)


def _decoded(raw: bytes, file: str) -> str:
    """Return the text of UTF-8, of what Excel calls Unicode text, or else of GB18030, which Excel writes in China."""
    is_utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "gb18030"]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            start = error.start
    message = f"the file is neither UTF-8 nor GB18030: byte 0x{raw[start]:02x} cannot be read"
    raise InputError([Issue(Place(file, raw.count(b"\n", 0, start) + 1, 1), message, "save it as 'CSV UTF-8'.")])


def _separator(lines: list[str]) -> str:
    """Return what parts the values: that with which most headings of ours are found in one line."""

    def headings(separator: str) -> int:
        try:
            head = list(csv.reader(lines[:_HEAD], delimiter=separator))
        except csv.Error:  # told with its line when the rows are read
            return 0
        return max((sum(column_of(value) is not None for value in row) for row in head), default=0)

    return max(_SEPARATORS, key=headings)


def _records(lines: list[str], separator: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it begins."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    try:
        for values in reader:
            yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "a text with a quote in it stands in quotes, and its own quote is doubled."
        raise InputError([Issue(Place(file, line, 1), f"the row that begins here is not CSV: {error}", hint)]) from error


def _without_tails(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Leave out the empty values at the end of each row."""
    for row in rows:
        while row and row[-1].value is None:
            row.pop()
    return rows
