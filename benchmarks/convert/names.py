"""Names of an instance as ids of a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable


def ids_of(names: Iterable[str]) -> dict[str, str]:
    """Return an id for each name, the same on every call; names that would share one are numbered in their order."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        plain = re.sub("[^a-z0-9_-]+", "-", name.lower()) or "-"
        identity, number = plain, 2
        while identity in taken:
            identity, number = f"{plain}-{number}", number + 1
        taken.add(identity)
        ids[name] = identity
    return ids
