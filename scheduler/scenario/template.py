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
    result = without(tree, frozenset({"templates"}))
    events = tree.get("events")
    if not isinstance(events, Mapping):
        return result
    generated: dict[str, Mapping] = {}
    for template_id, template in templates.items():
        written = tree["templates"][template_id]
        if template.event not in events:
            hint = nearest(template.event, events)
            issues.append(Issue(written.values_at["event"], f"there is no event {template.event!r}", hint))
            continue
        sessions = generated.setdefault(template.event, Mapping(events.values_at[template.event]))
        for delegation in _delegations(tree, template, written, issues):
            session = f"{template_id}-{delegation}"
            place = written.values_at["session"]
            if session in sessions:
                issues.append(Issue(written.place, f"another template makes the session {template.event}.{session} too"))
            fill = _filler(delegation, tree["delegations"][delegation])
            sessions.put(session, _filled(written["session"], fill, "en"), place, place)
    merged = Mapping(events.place)
    for event_id, event in events.items():
        whole = _with_generated(event, generated[event_id], issues) if event_id in generated else event
        merged.put(event_id, whole, events.keys_at[event_id], events.values_at[event_id])
    result.put("events", merged, tree.keys_at["events"], tree.values_at["events"])
    return result


def _with_generated(event: Any, generated: Mapping, issues: list[Issue]) -> Any:
    """Return an event with generated sessions below its own; what a patch has deleted of them stays away."""
    if not isinstance(event, Mapping):
        return event
    own = event.get("sessions")
    if own is not None and not isinstance(own, Mapping):
        return event
    place = event.values_at.get("sessions", event.place)
    wanted = _less_deleted(generated, own, issues) if own is not None else generated
    whole = without(event, frozenset({"sessions"}))
    sessions = patched(wanted, own, issues) if own is not None else wanted
    whole.put("sessions", sessions, event.keys_at.get("sessions", event.place), place)
    return whole


def _less_deleted(generated: Mapping, own: Mapping, issues: list[Issue]) -> Mapping:
    """Return what is generated without what patches have deleted of it, and take back that it was not there."""
    gone = {key: place for key, place in own.deleted_at.items() if key in generated}
    issues[:] = [issue for issue in issues if issue.place not in gone.values()]
    left = without(generated, frozenset(gone))
    for key in left:
        if isinstance(left[key], Mapping) and isinstance(own.get(key), Mapping):
            left[key] = _less_deleted(left[key], own[key], issues)
    return left


def _delegations(tree: Mapping, template: Template, written: Mapping, issues: list[Issue]) -> list[str]:
    known, groups = (said if isinstance(said := tree.get(name), Mapping) else {} for name in ("delegations", "groups"))
    if template.for_ == "all":
        return list(known)
    listed = [template.for_] if isinstance(template.for_, str) else template.for_
    chosen: dict[str, None] = {}
    for word in listed:
        if word in known:
            chosen[word] = None
        elif word in groups:
            members = groups[word] if isinstance(groups[word], list) else []
            chosen.update(dict.fromkeys(one for one in members if isinstance(one, str) and one in known))
        else:
            hint = nearest(word, [*known, *groups])
            issues.append(Issue(written.values_at["for"], f"there is no delegation or group {word!r}", hint))
    return list(chosen)


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
