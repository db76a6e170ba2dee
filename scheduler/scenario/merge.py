"""Laying one tree over another: patches by RFC 7396, includes that must agree."""

from __future__ import annotations

from typing import Any

from scheduler.errors import Issue, Place, nearest
from scheduler.scenario.strict_yaml import Mapping
from scheduler.scenario.units import shown


def patched(base: Mapping, patch: Mapping, issues: list[Issue]) -> Mapping:
    """Return ``base`` with ``patch`` laid over it as RFC 7396 says, every value with the place it comes from.

    A ``null`` deletes; one that deletes nothing is added to ``issues``.
    """
    result = _copy(base)
    for key, value in patch.items():
        key_at, value_at = patch.keys_at[key], patch.values_at[key]
        if value is None:
            result.deleted_at[key] = key_at
            if key not in result:
                issues.append(Issue(key_at, f"this deletes {key!r}, which is not there", nearest(key, result)))
            else:
                _remove(result, key)
        elif isinstance(value, Mapping):
            below = result.get(key)
            if isinstance(below, Mapping):
                result.put(key, patched(below, value, issues), result.keys_at[key], result.values_at[key])
            else:
                result.put(key, patched(Mapping(value.place), value, issues), key_at, value_at)
        else:
            result.put(key, value, key_at, value_at)
    return result


def joined(first: Mapping, second: Mapping, issues: list[Issue], path: str = "") -> Mapping:
    """Return two includes as one; a value on which they disagree is added to ``issues`` with both its places."""
    result = _copy(first)
    for key, value in second.items():
        name = f"{path}.{key}" if path else key
        below = result.get(key)
        if key not in result:
            result.put(key, value, second.keys_at[key], second.values_at[key])
        elif isinstance(below, Mapping) and isinstance(value, Mapping):
            result.put(key, joined(below, value, issues, name), result.keys_at[key], result.values_at[key])
        elif below != value:
            other: Place = result.values_at[key]
            issues.append(
                Issue(
                    second.values_at[key],
                    f"{name} is {shown(value)} here and {shown(below)} at {other}",
                    "take it out of one of the two.",
                )
            )
    return result


def without(tree: Mapping, keys: frozenset[str]) -> Mapping:
    """Return ``tree`` without ``keys`` at its top level."""
    result = _copy(tree)
    for key in keys & tree.keys():
        _remove(result, key)
    return result


def plain(tree: Any) -> Any:
    """Return the bare data of a tree, for digests and printing."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    return [plain(item) for item in tree] if isinstance(tree, list) else tree


def _copy(tree: Mapping) -> Mapping:
    result = Mapping(tree.place)
    result.update(tree)
    result.keys_at.update(tree.keys_at)
    result.values_at.update(tree.values_at)
    result.deleted_at.update(tree.deleted_at)
    return result


def _remove(tree: Mapping, key: str) -> None:
    del tree[key], tree.keys_at[key], tree.values_at[key]
