"""Results kept between runs in the user's cache folder; whatever is wrong with it, they are worked out anew."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SWITCH = "SCHEDULER_CACHE"
"""The environment variable that, set to ``off``, has everything worked out anew."""

MOST_FILES = 16
"""Results of one name that are kept; the oldest go first."""

_SUM = hashlib.sha256().digest_size


def kept(name: str, key: str, work_out: Callable[[], bytes]) -> bytes:
    """Return the result of ``work_out``, or what it returned for this name and key in an earlier run.

    The key says everything the result follows from. A file begins with a sum over key and result, so that one which is
    cut off, altered or another's is as good as none.
    """
    folder = _folder()
    if folder is None:
        return work_out()
    path = folder / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    with suppress(OSError):
        content = path.read_bytes()
        if content[:_SUM] == _sum(key, content[_SUM:]):
            return content[_SUM:]
    result = work_out()
    with suppress(OSError):
        _write(path, _sum(key, result) + result)
        _drop_oldest(folder, name)
    return result


def _sum(key: str, result: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + result).digest()


def _folder() -> Path | None:
    """Return the folder of this program below the user's caches, None where there are to be none."""
    if os.environ.get(SWITCH, "").lower() == "off":
        return None
    said = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    with suppress(RuntimeError):  # nobody's home
        return (Path(said) if Path(said).is_absolute() else Path.home() / ".cache") / "diplomatic-scheduler"
    return None


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all, also where two runs write it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _drop_oldest(folder: Path, name: str) -> None:
    files = sorted(folder.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST_FILES]:
        path.unlink(missing_ok=True)
