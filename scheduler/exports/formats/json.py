"""JSON: the view itself, with all that the audience is shown. It is in every issue: the next issue is made from it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scheduler.exports.formats import Wishes
from scheduler.exports.view import View
from scheduler.exports.words import Words

FILE = "issue.json"


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield the view."""
    data = view.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps({"schema": view.schema_, "kind": view.kind, **data}, ensure_ascii=False, indent=1)
    yield FILE, text.encode() + b"\n"
