"""Compilation of the functions that the annealing runs millions of times, where numba is installed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

AVAILABLE = find_spec("numba") is not None
"""Whether functions can be compiled; uncompiled ones would be a hundred times too slow to be of use."""

INT, FLOAT, BOOL, NOTHING = "i8", "f8", "b1", "void"
ROW, ROWS, FLOATS = "i8[::1]", "i8[:, ::1]", "f8[::1]"
"""Types of arguments and results: whole numbers of 64 bits, and arrays of them with one dimension or two."""


def compiled(result: str, *arguments: Any, inlined: bool = False) -> Callable[[Function], Function]:
    """Return what compiles a function for these types, and keeps it on disk for the next run.

    For one signature only: left to itself numba compiles a function anew for each constant that it is called with. Other
    threads run while a compiled function does.
    """
    if not AVAILABLE:
        return lambda function: function
    import numba

    signature = _type(result)(*map(_type, arguments))
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, "forceinline": inlined}
    found: Callable[[Function], Function] = numba.njit(signature, **options)
    return found


def forget_stale(folder: Path) -> None:
    """Drop what was compiled before any module of a folder changed: numba looks at the changes of one module alone.

    A function has those that it calls compiled into it, of whatever module.
    """
    changed = max(module.stat().st_mtime for module in folder.glob("*.py"))
    for index in folder.glob("__pycache__/*.nbi"):
        with suppress(FileNotFoundError, PermissionError):  # another process was quicker; numba writes elsewhere
            if index.stat().st_mtime < changed:
                index.unlink()


def record(of: type[Any], *fields: str) -> Any:
    """Return the type of a NamedTuple with fields of these types."""
    if not AVAILABLE:
        return None
    import numba

    named: Any = numba.types.NamedTuple
    return named([_type(field) for field in fields], of)


def _type(name: Any) -> Any:
    import numba

    if not isinstance(name, str):
        return name
    base, _, dimensions = name.partition("[")
    scalar = {"i8": numba.types.int64, "f8": numba.types.float64, "b1": numba.types.boolean, "void": numba.types.void}[base]
    if not dimensions:
        return scalar
    return scalar[:, ::1] if "," in dimensions else scalar[::1]


if AVAILABLE:
    forget_stale(Path(__file__).parent)
