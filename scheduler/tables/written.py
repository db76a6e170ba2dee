"""A scenario written down as a person would: a key a line down to the session, its details beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from scheduler.errors import SchedulerError
from scheduler.scenario.merge import plain
from scheduler.scenario.strict_yaml import parse

_WIDTH = 120

_BLOCKS = {
    (), ("events",), ("events", "*"), ("events", "*", "sessions"), ("events", "*", "sessions", "*"),
    ("delegations",), ("goals",),
}  # fmt: skip
"""Where every key has its own lines, so that a change of one request is a change of its lines alone."""

_KEY = re.compile(r"\D:|:(?!\d)")
"""A colon that is not that of a time."""


def written(tree: Mapping[str, Any], comment: str) -> str:
    """Return the text of a scenario file below a comment.

    It is read back before it is returned, so that no file says anything else than the tree.
    """
    text = "\n".join([*(f"# {line}" for line in comment.splitlines()), *_lines(tree, ())]) + "\n"
    if plain(parse(text, "the file that was written")) != plain(tree):
        raise SchedulerError("what was written reads differently from what was meant")
    return text


def _lines(mapping: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a mapping; a large part of the file stands between empty lines."""
    indent = "  " * len(path)
    for number, (key, value) in enumerate(mapping.items()):
        below = (*path, key)
        is_large = _is_block(below) and path in ((), ("events",))
        if is_large and (not path or number):
            yield ""
        line = f"{indent}{_scalar(key)}: {_flow(value) if isinstance(value, (dict, list)) else _scalar(value)}"
        if isinstance(value, dict) and value and (_is_block(below) or len(line) > _WIDTH):
            yield f"{indent}{_scalar(key)}:"
            yield from _lines(value, below)
        elif isinstance(value, list) and len(line) > _WIDTH:
            yield f"{indent}{_scalar(key)}:"
            yield from (f"{indent}  - {_scalar(item)}" for item in value)
        else:
            yield line


def _is_block(path: tuple[str, ...]) -> bool:
    return tuple(step if number % 2 == 0 else "*" for number, step in enumerate(path)) in _BLOCKS


def _flow(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, ",[]{}")


def _scalar(value: Any, marks: str = "") -> str:
    """Return a text as it is where YAML takes it for itself, in quotes elsewhere; ``marks`` would end it."""
    text = "null" if value is None else str(value)
    if not isinstance(value, str) or (text[:1].isalnum() and not _has_meaning(text) and not any(map(text.count, marks))):
        return text
    return json.dumps(text, ensure_ascii=False)


def _has_meaning(text: str) -> bool:
    """Return whether YAML, or whoever reads it, sees something else in a text: a number, a key, a comment."""
    with suppress(ValueError):
        float(text)
        return True
    word = text.lower()
    is_word = word in ("null", "true", "false") or word[:2] in ("0x", "0o")
    return is_word or " #" in text or text[-1] == " " or _KEY.search(text) is not None
