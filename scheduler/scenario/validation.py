"""From what pydantic says of a tree to what a planner needs to hear: the place, the value, the nearest word."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scheduler.errors import Issue, Place, nearest
from scheduler.scenario.strict_yaml import Mapping, key_place_of, place_of
from scheduler.scenario.units import duration_text, shown

M = TypeVar("M", bound=BaseModel)

_UNION_TAG = re.compile(r"function-|\[|lax-|constrained-|list\[|dict\[|literal\[|str$|int$")
"""Steps of a location that only say which member of a union was tried."""

_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "list_type": "a list",
}


def issues_of(
    model: type[M], tree: Mapping, context: AnyMapping[str, Any], path: tuple[str | int, ...] = ()
) -> tuple[M | None, list[Issue]]:
    """Return the model that the part of ``tree`` under ``path`` validates to, or None and every issue with its place."""
    part: Any = tree
    for step in path:
        part = part[step]
    try:
        return model.model_validate(part, context=dict(context), by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, _merged(
            (_named((*path, *detail["loc"])), _issue(model, tree, path, detail)) for detail in error.errors()
        )


def _merged(issues: Iterable[tuple[str, Issue]]) -> list[Issue]:
    """Join what the members of a union say of one value into one issue; values come with the name of each."""
    by_value: dict[tuple[Place, str], Issue] = {}
    for name, issue in issues:
        before = by_value.get((issue.place, name))
        if before is None:
            by_value[issue.place, name] = issue
        elif issue.message not in before.message:
            joined = f"{before.message}; or {issue.message}"
            by_value[issue.place, name] = Issue(issue.place, joined, before.hint or issue.hint)
    names = [name for _, name in by_value]
    # Of a union whose member was right about the kind of value, only what that member says is told.
    return [issue for (_, name), issue in by_value.items() if not any(other.startswith(f"{name}.") for other in names)]


def _issue(model: type[BaseModel], tree: Mapping, path: tuple[str | int, ...], detail: ErrorDetails) -> Issue:
    steps = (*path, *detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    key = str(steps[-1]) if steps else ""
    place = place_of(tree, steps)
    if kind == "missing":
        place = _deleted_at(tree, steps) or place
        return Issue(place, f"{_named(steps[:-1])} lacks {key!r}")
    if kind == "extra_forbidden":
        return Issue(key_place_of(tree, steps), f"unknown key {key!r}", nearest(key, _keys_at(model, detail["loc"][:-1])))
    if steps and steps[-1] == "[key]":
        word = str(steps[-2])
        if kind == "literal_error":
            return Issue(key_place_of(tree, steps[:-1]), f"{word!r} is not {context['expected']}")
        if kind == "unusable":
            return Issue(key_place_of(tree, steps[:-1]), f"{_named(steps[:-2])}: {context['message']}", context["hint"])
        if kind != "string_pattern_mismatch":
            return Issue(
                key_place_of(tree, steps[:-1]), f"{_named(steps[:-2])} has whole numbers from 1 as keys, not {word!r}"
            )
        message = f"{word!r} is no id: ids are made of a-z, 0-9, _ and -"
        return Issue(key_place_of(tree, steps[:-1]), message, _as_id(word))
    if kind == "unusable":
        place = _deletion_in(value) or place
        return Issue(place, f"{_named(steps)}: {context['message']}", context["hint"])
    if kind == "literal_error":
        expected = str(context["expected"])
        return Issue(
            place,
            f"{_named(steps)} is {value!r}, not {expected}",
            nearest(str(value), expected.replace("'", "").replace(" or ", ", ").split(", ")),
        )
    if kind in ("greater_than_equal", "less_than_equal"):
        bound, which = (context["ge"], "least") if "ge" in context else (context["le"], "most")
        said = duration_text(bound) if isinstance(value, str) else bound  # numbers are never texts, durations always
        return Issue(place, f"{_named(steps)} wants at {which} {said}, not {shown(value)}")
    if kind == "too_short":
        least = context["min_length"]
        return Issue(place, f"{_named(steps)} wants at least {least} {'entry' if least == 1 else 'entries'}")
    if kind in _WANTED:
        hint = f"[{value}]?" if kind == "list_type" and isinstance(value, str) else ""
        return Issue(place, f"{_named(steps)} wants {_WANTED[kind]}, not {shown(value)}", hint)
    if kind == "string_pattern_mismatch":
        return Issue(
            place, f"{_named(steps)}: {shown(value)} does not have the form {context['pattern']}", _as_id(str(value))
        )
    return Issue(place, f"{_named(steps)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {shown(value)}")


def _deletion_in(value: Any) -> Place | None:
    """Return where a patch has deleted something of a mapping that is unusable now."""
    return next(iter(value.deleted_at.values()), None) if isinstance(value, Mapping) else None


def _deleted_at(tree: Mapping, steps: tuple[str | int, ...]) -> Place | None:
    """Return where a patch deletes what ``steps`` name."""
    parent: Any = tree
    for step in steps[:-1]:
        parent = parent.get(str(step)) if isinstance(parent, Mapping) else None
    return parent.deleted_at.get(str(steps[-1])) if isinstance(parent, Mapping) else None


def _named(steps: tuple[str | int, ...]) -> str:
    words = [str(step) for step in steps if not _UNION_TAG.match(str(step))]
    return ".".join(words) or "the file"


def _as_id(word: str) -> str:
    proposal = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in word.lower()).strip("-")
    return f"{proposal!r}?" if proposal and proposal != word else ""


def _keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the model found at ``path`` below ``model`` knows."""
    kind: Any = model
    for step in path:
        kind = _below(kind, step)
    found = next((candidate for candidate in _members(kind) if _is_model(candidate)), None)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _below(kind: Any, step: str | int) -> Any:
    for candidate in _members(kind):
        if _is_model(candidate):
            for name, field in candidate.model_fields.items():
                if step in (field.alias, name):
                    return field.annotation
        elif get_origin(candidate) is dict:
            return get_args(candidate)[1]
        elif get_origin(candidate) is list:
            return get_args(candidate)[0]
    return kind  # a step that only tags a union


def _members(kind: Any) -> list[Any]:
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [member for argument in get_args(kind) for member in _members(argument)]
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
