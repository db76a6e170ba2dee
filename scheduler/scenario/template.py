"""Templates: one session for each delegation of a list.

    templates:
      arrival: {event: arrivals, for: guests, session: {name: "Arrival of {name}", delegations: ["{delegation}"], ...}}

adds ``arrivals.arrival-kaz`` and so on. What the event itself writes under a generated id is laid over the template's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from scheduler.errors import Issue, nearest
from scheduler.scenario.merge import patched, without
from scheduler.scenario.model import Model
from scheduler.scenario.strict_yaml import Items, Mapping
from scheduler.scenario.units import Id


class Template(Model):
    """A session written once for several delegations; ``{delegation}`` and ``{name}`` stand for each."""

    event: Id
    for_: Annotated[list[Id], Field(min_length=1)] | Id | Literal["all"]
    session: dict[str, Any]


def expanded(tree: Mapping, templates: dict[str, Template], issues: list[Issue]) -> Mapping:
    """Return ``tree`` with the sessions of its templates added to their events."""
    events = tree.get("events")
    if not templates or not isinstance(events, Mapping):
        return without(tree, frozenset({"templates"}))
    additions = Mapping(events.place)
    for template_id, template in templates.items():
        written = tree["templates"][template_id]
        if template.event not in events:
            hint = nearest(template.event, events)
            issues.append(Issue(written.values_at["event"], f"there is no event {template.event!r}", hint))
            continue
        sessions = _sessions(additions, template.event, events)
        for delegation in _delegations(tree, template, written, issues):
            fill = _filler(delegation, tree["delegations"][delegation])
            place = written.values_at["session"]
            sessions.put(f"{template_id}-{delegation}", _filled(written["session"], fill, "en"), place, place)
    merged = Mapping(events.place)
    for event_id, event in events.items():
        generated = additions.get(event_id)
        whole = patched(generated, event, issues) if generated and isinstance(event, Mapping) else event
        merged.put(event_id, whole, events.keys_at[event_id], events.values_at[event_id])
    result = without(tree, frozenset({"templates"}))
    result.put("events", merged, tree.keys_at["events"], tree.values_at["events"])
    return result


def _sessions(additions: Mapping, event: str, events: Mapping) -> Mapping:
    if event not in additions:
        place = events.values_at[event]
        holder = Mapping(place)
        holder.put("sessions", Mapping(place), place, place)
        additions.put(event, holder, place, place)
    sessions: Mapping = additions[event]["sessions"]
    return sessions


def _delegations(tree: Mapping, template: Template, written: Mapping, issues: list[Issue]) -> list[str]:
    known = tree.get("delegations") or {}
    groups = tree.get("groups") or {}
    if template.for_ == "all":
        return list(known)
    listed = [template.for_] if isinstance(template.for_, str) else template.for_
    chosen: list[str] = []
    for word in listed:
        members = groups.get(word, [word])
        for member in members:
            if member in known:
                chosen.append(member)
            else:
                hint = nearest(word, [*known, *groups])
                issues.append(Issue(written.values_at["for"], f"there is no delegation or group {word!r}", hint))
    return list(dict.fromkeys(chosen))


def _filler(delegation: str, said: Any) -> Callable[[str, str], str]:
    name = said.get("name") if isinstance(said, dict) else None
    names = name if isinstance(name, dict) else {"en": name or delegation}

    def fill(text: str, language: str) -> str:
        shown = str(names.get(language) or names.get("en") or delegation)
        return text.replace("{delegation}", delegation).replace("{name}", shown)

    return fill


def _filled(value: Any, fill: Callable[[str, str], str], language: str) -> Any:
    if isinstance(value, str):
        return fill(value, language)
    if isinstance(value, Mapping):
        filled = Mapping(value.place)
        for key, below in value.items():
            inner = _filled(below, fill, key if key in ("en", "zh") else language)
            filled.put(key, inner, value.keys_at[key], value.values_at[key])
        return filled
    if isinstance(value, Items):
        items = Items(value.place)
        for below, place in zip(value, value.items_at, strict=True):
            items.put(_filled(below, fill, language), place)
        return items
    return value
