"""YAML as it is written here: one entry a line, in flow style below that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*(?: [A-Za-z0-9_.:-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def flow(value: Any) -> str:
    """Return a value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, (date, int)):
        return str(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and ": " not in text and not text.endswith(":")
    is_word = plain and text.lower() not in _WORDS and not text[0].isdigit()
    return text if is_word or _is_time(text) else json.dumps(text)


def _key(key: Any) -> str:
    return str(key) if str(key)[0].isalpha() else json.dumps(str(key))


def _is_time(text: str) -> bool:
    """Return whether a text that begins with a figure is a time, a span or an amount with its unit."""
    return bool(re.fullmatch(r"\d+ (?:min|h|km|d)|\d\d:\d\d-\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d", text))


def section(name: str, entries: Mapping[str, Any], *, deep: bool = False) -> Iterator[str]:
    """Yield the lines of a section, an entry each; with ``deep`` of events, a line for each of their sessions."""
    if not entries:
        return
    yield f"{name}:"
    for key, value in entries.items():
        if not deep:
            yield f"  {_key(key)}: {flow(value)}"
            continue
        yield f"  {_key(key)}:"
        for below, inner in value.items():
            if below != "sessions":
                yield f"    {below}: {flow(inner)}"
        yield "    sessions:"
        for session, said in value["sessions"].items():
            yield f"      {_key(session)}: {flow(said)}"
