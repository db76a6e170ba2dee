"""Reading on where the shape of some entries is wrong, so that dangling names elsewhere are reported in the same run."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any

from pydantic import ValidationError

from scheduler.scenario.merge import patched
from scheduler.scenario.schema import ScenarioFile
from scheduler.scenario.strict_yaml import Mapping

_INNER_ENTRIES = {("events", "sessions"), ("venues", "halls"), ("venues", "combinations")}
"""Sections whose entries hold entries of their own."""


def salvaged(tree: Mapping, context: AnyMapping[str, Any]) -> tuple[ScenarioFile | None, frozenset[str]]:
    """Return what is left of a scenario without its misshapen entries, and their full ids; None where nothing can be."""
    try:
        return _validated(tree, context), frozenset()
    except ValidationError as error:
        found = error.errors()
    removed: set[str] = set()
    trim = Mapping(tree.place)
    for detail in found:
        written = tuple(str(step) for step in detail["loc"])
        if detail["type"] == "extra_forbidden" and _is_there(tree, written):
            _mark(trim, written)  # an unknown key goes alone
            continue
        entry = written[: 4 if (written[0], *written[2:3]) in _INNER_ENTRIES and len(written) > 3 else 2]
        if written[0] == "network" and len(written) > 2:
            entry = written[:3]
            removed |= {"network", written[2]}
        if written[0] == "blocks":
            removed.add("blocks")
        if len(entry) < 2 or entry[0] == "calendar" or not _is_there(tree, entry):
            return None, frozenset()
        removed.add(".".join(entry[1::2]))  # event.session, venue.hall, delegation; of roads, links and the like
        removed |= _kinds_of_labels(tree, entry)
        _mark(trim, entry)
    try:
        return _validated(patched(tree, trim, []), context), frozenset(removed)
    except ValidationError:
        return None, frozenset()


def _validated(tree: Mapping, context: AnyMapping[str, Any]) -> ScenarioFile:
    return ScenarioFile.model_validate(tree, context=dict(context), by_alias=True, by_name=False)


def _kinds_of_labels(tree: Mapping, entry: tuple[str, ...]) -> set[str]:
    """Return the kinds of labels of a session, or of all of an event: others need not have them."""
    section, event, *session = entry
    said = tree[section][event]
    sessions = said.get("sessions") if section == "events" and isinstance(said, Mapping) else None
    if not isinstance(sessions, Mapping):
        return set()
    listed = [sessions[session[1]]] if session else sessions.values()
    found = [one.get("labels") for one in listed if isinstance(one, Mapping)]
    return {kind for labels in found if isinstance(labels, Mapping) for kind in labels}


def _is_there(tree: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(tree, Mapping) or step not in tree:
            return False
        tree = tree[step]
    return True


def _mark(trim: Mapping, path: tuple[str, ...]) -> None:
    """Write into a patch that ``path`` is to go, unless what holds it goes already."""
    *parents, last = path
    for step in parents:
        if step in trim and trim[step] is None:
            return
        if step not in trim:
            trim.put(step, Mapping(trim.place), trim.place, trim.place)
        trim = trim[step]
    trim.put(last, None, trim.place, trim.place)
