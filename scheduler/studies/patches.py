"""Changes as patches: laid together, written down to be used again."""

from __future__ import annotations

from typing import Any

from scheduler.errors import Issue, Place
from scheduler.scenario.strict_yaml import Items, Mapping
from scheduler.scenario.units import shown
from scheduler.tables.written import written


def placed(data: Any, place: Place) -> Any:
    """Return plain data as a tree of which everything is written at one place."""
    if isinstance(data, dict):
        mapping = Mapping(place)
        for key, value in data.items():
            mapping.put(key, placed(value, place), place, place)
        return mapping
    if isinstance(data, list):
        items = Items(place)
        for value in data:
            items.put(placed(value, place), place)
        return items
    return data


def composed(first: Mapping, second: Mapping, issues: list[Issue], path: str = "") -> Mapping:
    """Return one patch that does what two do; where they contradict each other goes to ``issues``."""
    result = Mapping(first.place)
    for key, value in first.items():
        result.put(key, value, first.keys_at[key], first.values_at[key])
    for key, value in second.items():
        name = f"{path}.{key}" if path else key
        below = result.get(key)
        if key not in result:
            result.put(key, value, second.keys_at[key], second.values_at[key])
        elif isinstance(below, Mapping) and isinstance(value, Mapping):
            result.put(key, composed(below, value, issues, name), result.keys_at[key], result.values_at[key])
        elif below != value:
            message = f"{name} is {_said(value)} here and {_said(below)} at {first.values_at[key]}"
            issues.append(Issue(second.values_at[key], message, "leave one of the two out."))
    return result


def _said(value: Any) -> str:
    return "deleted" if value is None else shown(value)


def patch_text(patch: Mapping, comment: str) -> str:
    """Return the text of a patch file below a comment."""
    return written(patch, comment)
