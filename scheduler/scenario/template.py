"""Templates: what is written once for several delegations, or so many times.

    templates:
      arrival: {event: arrivals, for: guests, session: {name: "Arrival of {name}", delegations: ["{delegation}"], ...}}
      workshop: {event: fair, count: 18, session: {name: "Workshop {number}", duration: 90 min}}

The first adds a session to the event ``arrivals`` for each guest, ``arrivals.arrival-kaz`` and so on; the second adds
``fair.workshop-1`` to ``fair.workshop-18``. A template of whole events says ``events``, and ``rules`` that go with them:

      official-visit:
        for: {aus: {first: 2023-11-05, last: 2023-11-07}, cub: {first: 2023-11-06, last: 2023-11-09}}
        events:
          visit-{delegation}:
            name: {en: "Visit of {name}", zh: "{name}访问"}
            within: {stay: {from: "{first}", to: "{last}"}}
            sessions: {talks: {duration: 1 h}, dinner: {duration: 2 h}}
        rules:
          order-{delegation}: {rule: order, sessions: ["visit-{delegation}.talks", "visit-{delegation}.dinner"]}

``for`` names delegations and groups, alone or with words of their own. Keys and texts are filled with ``{delegation}``,
``{name}``, ``{number}`` and those words; a text that is one such word and nothing else becomes its value, be that a
number or a list. A ``count`` may give words of their own to batches too, numbered through:

        count: {monday: {count: 5, day: 2023-11-06}, tuesday: {count: 7, day: 2023-11-07}}

What the file itself writes under a generated id is laid over the template's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from scheduler.errors import Issue, nearest
from scheduler.scenario.merge import patched, without
from scheduler.scenario.model import Model
from scheduler.scenario.strict_yaml import Items, Mapping
from scheduler.scenario.units import Id, unusable

_BRACES = re.compile(r"\{([a-z0-9_-]+)\}")
_LANGUAGES = ("en", "zh")
Words = dict[str, Any]
Number = Annotated[int, Field(ge=1, le=1000)]


class Template(Model):
    """Sessions or whole events written once; ``{delegation}``, ``{name}``, ``{number}`` stand for each."""

    for_: Annotated[list[Id], Field(min_length=1)] | dict[Id, dict[Id, Any]] | Id | Literal["all"] | None = Field(
        default=None, description="Delegations and groups, alone or with words of their own."
    )
    count: Number | dict[Id, dict[Id, Any]] | None = Field(
        default=None, description="So many, by {number} from 1; or batches, each with its count and words of its own."
    )
    event: Id | None = Field(default=None, description="Whose sessions these are.")
    session: dict[str, Any] | None = None
    events: dict[str, Any] | None = Field(default=None, description="Whole events; their ids hold {delegation}.")
    rules: dict[str, Any] = Field(default={}, description="Rules that go with the events.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        lacks = [] if self.for_ is not None or self.count is not None else ["'for' (or 'count')"]
        if self.events is None:
            lacks += [f"{key!r}" for key in ("event", "session") if getattr(self, key) is None]
        if lacks:
            raise unusable(f"lacks {' and '.join(lacks)}")
        for batch, words in self.count.items() if isinstance(self.count, dict) else ():
            if type(words.get("count")) is not int or not 1 <= words["count"] <= 1000:
                raise unusable(f"the batch {batch!r} does not say how many it is", f"'{batch}: {{count: 5}}'?")
        if self.for_ is not None and self.count is not None:
            raise unusable("a template has 'for' or 'count', not both")
        if self.events is not None and (self.event is not None or self.session is not None):
            raise unusable("a template has whole 'events', or 'event' and 'session'", "move the session into 'events'.")
        if self.rules and self.events is None:
            raise unusable("'rules' of a template go with its 'events'", "move them to the rules of the file.")
        return self


def expanded(tree: Mapping, templates: dict[str, Template], issues: list[Issue]) -> Mapping:
    """Return ``tree`` with what its templates stand for, laid under what is written."""
    result = without(tree, frozenset({"templates"}))
    made = _Made(tree, issues)
    for template_id, template in templates.items():
        made.take(template_id, template)
    for section, generated in (("events", made.events), ("rules", made.rules)):
        own = tree.get(section)
        if generated and (own is None or isinstance(own, Mapping)):
            place = tree.values_at.get(section, generated.place)
            whole = _beneath(own if own is not None else Mapping(place), generated, issues)
            result.put(section, whole, tree.keys_at.get(section, place), place)
    return result


class _Made:
    """What templates make of one tree."""

    def __init__(self, tree: Mapping, issues: list[Issue]) -> None:
        self.tree = tree
        self.issues = issues
        place = tree.values_at["templates"]
        self.events, self.rules = Mapping(place), Mapping(place)

    def take(self, template_id: str, template: Template) -> None:
        """Add what one template makes."""
        written = self.tree["templates"][template_id]
        said = self.tree.get("events")
        events = said if isinstance(said, Mapping) else Mapping(written.place)
        if template.event is not None and said is not None and events is not said:
            return  # told where the events are read
        if template.event is not None and template.event not in events:
            hint = nearest(template.event, events)
            self.issues.append(Issue(written.values_at["event"], f"there is no event {template.event!r}", hint))
            return
        for one, words in self._fillings(template, written):
            if template.event is None:
                self._whole(written, words)
                continue
            place = written.values_at["session"]
            if template.event not in self.events:
                event = Mapping(events.values_at[template.event])
                event.put("sessions", Mapping(event.place), event.place, event.place)
                self.events.put(template.event, event, event.place, event.place)
            sessions = self.events[template.event]["sessions"]
            session = f"{template_id}-{one}"
            if session in sessions:
                message = f"another template makes the session {template.event}.{session} too"
                self.issues.append(Issue(written.place, message))
            sessions.put(session, _filled(written["session"], words, "en"), place, place)

    def _whole(self, written: Mapping, words: Words) -> None:
        for section, generated in (("events", self.events), ("rules", self.rules)):
            bodies = written[section] if section in written else Mapping(written.place)
            for key in bodies:
                filled = str(_filled(key, words, "en"))
                if filled in generated:
                    hint = "'{delegation}' or '{number}' in its id?" if filled == key else ""
                    message = f"templates make {section}.{filled} twice"
                    self.issues.append(Issue(bodies.keys_at[key], message, hint))
                body = _filled(bodies[key], words, "en")
                generated.put(filled, body, bodies.keys_at[key], bodies.values_at[key])

    def _fillings(self, template: Template, written: Mapping) -> Iterator[tuple[str, Words]]:
        """Yield the id of each copy, and the words that fill it."""
        if template.count is not None:
            batches = template.count if isinstance(template.count, dict) else {"": {"count": template.count}}
            copies = (words for words in batches.values() for _ in range(words["count"]))
            for number, words in enumerate(copies, 1):
                yield str(number), {**words, "number": number}
            return
        for delegation, own in self._delegations(template, written).items():
            said = self.tree["delegations"][delegation]
            name = said.get("name") if isinstance(said, dict) else None
            yield delegation, {**own, "delegation": delegation, "name": name or delegation}

    def _delegations(self, template: Template, written: Mapping) -> dict[str, Words]:
        """Return whom a template is for, each with the words written beside it."""
        sections = (self.tree.get(name) for name in ("delegations", "groups"))
        known, groups = (said if isinstance(said, Mapping) else {} for said in sections)
        if template.for_ == "all":
            return {delegation: {} for delegation in known}
        listed = [template.for_] if isinstance(template.for_, str) else template.for_ or []
        chosen: dict[str, Words] = {}
        for word in listed:
            own = written["for"][word] if isinstance(template.for_, dict) else {}
            if word in known:
                chosen[word] = own
            elif word in groups:
                members = groups[word] if isinstance(groups[word], list) else []
                chosen |= {one: own for one in members if isinstance(one, str) and one in known}
            else:
                hint = nearest(word, [*known, *groups])
                self.issues.append(Issue(written.values_at["for"], f"there is no delegation or group {word!r}", hint))
        return chosen


def _beneath(own: Mapping, generated: Mapping, issues: list[Issue]) -> Mapping:
    """Return a section with what is generated below what is written; what a patch has deleted of it stays away."""
    wanted = _less_deleted(generated, own, issues)
    whole = Mapping(own.place)
    for key, value in own.items():
        below = wanted.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = _entry(value, below, issues)
        if value is not None or key not in wanted:
            whole.put(key, value, own.keys_at[key], own.values_at[key])
    for key in wanted:
        if key not in own:
            whole.put(key, wanted[key], wanted.keys_at[key], wanted.values_at[key])
    return whole


def _entry(own: Mapping, generated: Mapping, issues: list[Issue]) -> Mapping:
    """Return one event or rule laid over what is generated of it."""
    whole = Mapping(own.place)
    for key, value in own.items():
        below = generated.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = patched(below, value, issues)
        elif value is None and key == "sessions":
            value = below
        if value is not None or key not in generated:
            whole.put(key, value, own.keys_at[key], own.values_at[key])
    for key in generated:
        if key not in own:
            whole.put(key, generated[key], own.place, generated.values_at[key])
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


def _filled(value: Any, words: Words, language: str) -> Any:
    """Return a tree with its words filled in."""
    if isinstance(value, str):
        whole = _BRACES.fullmatch(value)
        if whole and whole[1] in words and not isinstance(words[whole[1]], str):
            return _in_language(words[whole[1]], language)
        return _BRACES.sub(lambda found: _text(found, words, language), value)
    if isinstance(value, Mapping):
        filled = Mapping(value.place)
        for key, below in value.items():
            inner = _filled(below, words, key if key in _LANGUAGES else language)
            filled.put(str(_filled(key, words, "en")), inner, value.keys_at[key], value.values_at[key])
        return filled
    if isinstance(value, Items):
        items = Items(value.place)
        for below, place in zip(value, value.items_at, strict=True):
            items.put(_filled(below, words, language), place)
        return items
    return value


def _text(found: re.Match[str], words: Words, language: str) -> str:
    """Return what one word in braces becomes inside a text; what nobody has said stays as it is written."""
    return str(_in_language(words[found[1]], language)) if found[1] in words else found[0]


def _in_language(value: Any, language: str) -> Any:
    """Return a value, of a name the text in one language."""
    return value.get(language) or value["en"] if isinstance(value, dict) and value.get("en") else value
