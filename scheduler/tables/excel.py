"""Excel workbooks: the cells of one sheet, and what in a workbook stands in the way of reading it."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from scheduler.errors import InputError, Issue, MachineError, Place, nearest
from scheduler.tables.grid import Cell, Grid, Merged, tidied

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST = 200_000_000
"""Bytes of a workbook once it is unpacked; a list of requests has a hundredth of it."""

MOST_CELLS = 2_000_000
"""Cells between the first and the last that hold anything, a format included."""

_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Excel up to 2003 begin, and those that a password locks."""

_LOCKED = "EncryptedPackage".encode("utf-16-le")

_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What openpyxl raises over a file that is not what it says it is."""


def read_workbook(raw: bytes, file: str, sheet: str | None) -> Grid:
    """Return the first visible sheet of a workbook, or the one called ``sheet``.

    Raises InputError where it is no workbook or has no such sheet, MachineError where openpyxl is not installed.
    """
    _refuse_other_formats(raw, file)
    workbook = _opened(raw, file, values=True)
    chosen = _chosen(workbook, file, sheet)
    place = Place(file, sheet=chosen.title)
    if chosen.max_row * chosen.max_column > MOST_CELLS:
        message = f"the sheet reaches to {Place(file, chosen.max_row, chosen.max_column).cell}"
        raise InputError([Issue(place, message, "delete the empty rows below the table and the empty columns beside it.")])
    formulas = _opened(raw, file, values=False)[chosen.title]
    issues: list[Issue] = []
    return Grid(
        place,
        _rows(chosen, formulas, place, issues),
        issues,
        _merged(chosen, place),
        [one.title for one in workbook.worksheets if one.sheet_state == "visible" and one is not chosen],
    )


def _refuse_other_formats(raw: bytes, file: str) -> None:
    if raw.startswith(_OLD_FORMAT) and _LOCKED in raw:
        raise InputError([Issue(Place(file), "a password locks this workbook", "save a copy without the password.")])
    if raw.startswith(_OLD_FORMAT):
        raise InputError([Issue(Place(file), "this is the format of Excel up to 2003", "save it as .xlsx.")])
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except _DAMAGED as error:
        raise _damaged(file) from error
    if size > LARGEST:
        raise InputError([Issue(Place(file), f"unpacked, this workbook has {size} bytes; {LARGEST} are the most")])


def _damaged(file: str) -> InputError:
    hint = "open it in Excel and save it again as .xlsx."
    return InputError([Issue(Place(file), "this is no Excel workbook, or a damaged one", hint)])


def _opened(raw: bytes, file: str, *, values: bool) -> Workbook:
    """Return a workbook with the values that Excel stored for its formulas, or with the formulas themselves."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        hint = "pip install 'diplomatic-scheduler[tables]'"
        raise MachineError(f"{file}: openpyxl, which reads Excel, is not installed: {hint}, or save it as CSV") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about charts and drop-down lists, which nobody misses here
            return load_workbook(io.BytesIO(raw), data_only=values, keep_links=False)
    except _DAMAGED as error:
        raise _damaged(file) from error


def _chosen(workbook: Workbook, file: str, sheet: str | None) -> Worksheet:
    sheets = {one.title: one for one in workbook.worksheets}
    if sheet is None:
        visible = [one for one in workbook.worksheets if one.sheet_state == "visible"]
        if not visible:
            raise InputError(
                [Issue(Place(file), "the workbook has no visible sheet of cells", "--sheet names a hidden one.")]
            )
        return visible[0]
    if sheet not in sheets:
        names = ", ".join(map(repr, sheets))
        hint = nearest(sheet, sheets) or f"one of {names}?"
        raise InputError([Issue(Place(file), f"there is no sheet {sheet!r}", hint)])
    return sheets[sheet]


def _merged(sheet: Worksheet, place: Place) -> list[Merged]:
    spans = (span.bounds for span in sheet.merged_cells.ranges)  # first column, first row, last column, last row
    return sorted(
        Merged(place._replace(line=top, column=left), place._replace(line=bottom, column=right))
        for left, top, right, bottom in spans
    )


def _rows(sheet: Worksheet, formulas: Worksheet, place: Place, issues: list[Issue]) -> list[list[Cell]]:
    hidden_below = {
        at: sheet.cell(span.min_row, span.min_col).value for span in sheet.merged_cells.ranges for at in span.cells
    }
    rows = []
    for line, cells in enumerate(sheet.iter_rows(), 1):
        row = []
        for column, cell in enumerate(cells, 1):
            at = place._replace(line=line, column=column)
            value: Any = hidden_below.get((line, column), cell.value)
            if cell.data_type == "e":
                issues.append(Issue(at, f"the cell shows the error {value}", "put the formula right, or write the value."))
                value = None
            elif value is None and formulas.cell(line, column).data_type == "f":
                hint = "open the file in Excel and save it, or write the value."
                issues.append(Issue(at, "the value of this formula is not stored in the file", hint))
            row.append(tidied(value, at, issues))
        rows.append(row)
    return rows
