"""YAML as planners mean it: the core types of YAML 1.2, every value with its place.

``NO`` is Norway, ``09:30`` is a text and a later stage makes a time of it. Aliases, tags, merge keys and duplicate keys
are refused. The parser's events are read in one loop without recursion, so that no nesting, however hostile, can exhaust
the stack.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from scheduler.errors import InputError, Issue, Place

DEEPEST = 40
"""Levels of nesting; a scenario needs about twelve."""

LONGEST_NUMBER = 18
"""Digits of a whole number; minutes, people and prices need far fewer."""

MOST_ISSUES = 100
"""Issues of one file that are told; nobody reads on after so many."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_COLON_WITHOUT_SPACE = re.compile(r"[a-z-]+:[^ :]+")

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Mapping(dict[str, Any]):
    """A YAML mapping that knows where it, its keys and its values are written."""

    __slots__ = ("deleted_at", "keys_at", "place", "values_at")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.keys_at: dict[str, Place] = {}
        self.values_at: dict[str, Place] = {}
        self.deleted_at: dict[str, Place] = {}
        """Where patches delete keys of this mapping."""

    def put(self, key: str, value: Any, key_at: Place, value_at: Place) -> None:
        """Set ``key`` to ``value`` with both places."""
        self[key] = value
        self.keys_at[key] = key_at
        self.values_at[key] = value_at


class Items(list[Any]):
    """A YAML sequence that knows where it and its items are written."""

    __slots__ = ("items_at", "place")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.items_at: list[Place] = []

    def put(self, value: Any, value_at: Place) -> None:
        """Append ``value`` with its place."""
        self.append(value)
        self.items_at.append(value_at)


def place_of(tree: Any, path: tuple[str | int, ...]) -> Place:
    """Return where ``path`` is written in ``tree``; of what is missing, where its nearest parent is.

    Steps that name nothing (the tag of a union, say) are passed over.
    """
    place: Place = tree.place
    for step in path:
        if isinstance(tree, Mapping) and step in tree:
            key = str(step)
            tree, place = tree[key], tree.values_at[key]
        elif isinstance(tree, Items) and isinstance(step, int) and step < len(tree):
            tree, place = tree[step], tree.items_at[step]
        elif isinstance(tree, Items) and step in tree:  # a list of words that was read as a mapping by them
            place = tree.items_at[tree.index(step)]
    return place


def key_place_of(tree: Any, path: tuple[str | int, ...]) -> Place:
    """Return where the last key of ``path`` is written; of what is missing, where its nearest parent is."""
    parent: Any = tree
    for step in path[:-1]:
        if isinstance(parent, Mapping) and step in parent:
            parent = parent[str(step)]
        elif isinstance(parent, Items) and isinstance(step, int) and step < len(parent):
            parent = parent[step]
    key = str(path[-1])
    return parent.keys_at[key] if isinstance(parent, Mapping) and key in parent.keys_at else place_of(tree, path)


def decode(raw: bytes, file: str) -> str:
    """Return the text of a file's bytes.

    Raises InputError with the line and column of the first byte that is not UTF-8.
    """
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8").removeprefix("\ufeff")
        line, column = _line_and_column(before, len(before))
        message = f"the file is not UTF-8: byte 0x{raw[error.start]:02x} cannot be read"
        hint = "it was saved in GB18030 or another encoding; save it as UTF-8."
        raise InputError([Issue(Place(file, line, column), message, hint)]) from error


def parse(text: str, file: str, hint: str = "") -> Mapping:
    """Return the one mapping that ``text`` holds; ``hint`` is what to do where it holds none.

    Raises InputError with every duplicate key, alias, tag and unusable number, or with the first place where the text
    stops being YAML.
    """
    reader = _Reader(file)
    try:
        loader = _Loader(text)
        while loader.check_event():
            reader.take(loader.get_event())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        context = f" {error.context}" if error.context else ""
        reader.issues.append(Issue(place, f"this is not YAML: {error.problem}{context}", _yaml_hint(text, place)))
    except yaml.reader.ReaderError as error:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        if found is None:
            reader.issues.append(Issue(Place(file), f"this is not YAML: {error.reason}"))
        else:
            place = Place(file, *_line_and_column(text, found.start()))
            reader.issues.append(Issue(place, f"character U+{ord(found[0]):04X} is not allowed in YAML"))
    if reader.issues:
        raise InputError(reader.issues)
    if not isinstance(reader.root, Mapping):
        what = "empty" if reader.root is None else "not a mapping of keys to values"
        raise InputError([Issue(Place(file, 1, 1), f"the file is {what}", hint)])
    return reader.root


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _yaml_hint(text: str, place: Place) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if "\t" in line[: place.column]:
        return "a tab indents this line; YAML wants spaces."
    if line.count(": ") > 1:
        return "a text that holds ': ' needs quotes."
    return ""


class _Reader:
    """Builds the tree from parser events; ``stack`` holds the open collections, each with the key it waits to fill."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.issues: list[Issue] = []
        self.root: Any = None
        self.documents = 0
        self.stack: list[Mapping | Items] = []
        self.pending: list[tuple[str, Place] | None] = []

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def take(self, event: Any) -> None:
        if len(self.issues) >= MOST_ISSUES:
            raise InputError([*self.issues, Issue(self.place(event), "and more; reading stops here")])
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
            self.pending.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.issues.append(
                Issue(
                    self.place(event),
                    f"the alias *{event.anchor} is not allowed",
                    "write the value out again, or use a template.",
                )
            )
            self._put(None, self.place(event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise InputError(
                    [*self.issues, Issue(self.place(event), "a second document begins here; a file holds one scenario")]
                )

    def _open(self, event: Any) -> None:
        place = self.place(event)
        if len(self.stack) >= DEEPEST:
            raise InputError([*self.issues, Issue(place, f"more than {DEEPEST} levels of nesting")])
        self._no_tag(event, place)
        opened: Mapping | Items = Mapping(place) if isinstance(event, yaml.MappingStartEvent) else Items(place)
        if self.stack and isinstance(self.stack[-1], Mapping) and self.pending[-1] is None:
            self.issues.append(Issue(place, "a key must be a plain text, not a list or a mapping"))
            self.pending[-1] = ("", place)
        else:
            self._put(opened, place)
        self.stack.append(opened)
        self.pending.append(None)

    def _scalar(self, event: Any) -> None:
        place = self.place(event)
        self._no_tag(event, place)
        if event.style == '"' and any("\ud800" <= letter <= "\udfff" for letter in event.value):
            self.issues.append(Issue(place, "half of a surrogate pair is no character"))
        if self.stack and isinstance(self.stack[-1], Mapping) and self.pending[-1] is None:
            self._key(event.value, place)
        else:
            value = self._typed(event.value, place) if event.implicit[0] else event.value
            self._put(value, place)

    def _key(self, key: str, place: Place) -> None:
        mapping = self.stack[-1]
        assert isinstance(mapping, Mapping)
        if key in mapping:
            first = mapping.keys_at[key]
            self.issues.append(
                Issue(
                    place,
                    f"the key {key!r} stands here a second time; first on line {first.line}",
                    "one of them is to go.",
                )
            )
        elif _COLON_WITHOUT_SPACE.fullmatch(key):
            self.issues.append(
                Issue(place, f"{key!r} is read as a key", f"{key.replace(':', ': ', 1)!r}: a colon wants a space.")
            )
        elif key == "<<":
            self.issues.append(Issue(place, "merge keys are not allowed", "use a template or an include."))
        self.pending[-1] = (key, place)

    def _put(self, value: Any, place: Place) -> None:
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if isinstance(parent, Items):
            parent.put(value, place)
            return
        pending = self.pending[-1]
        if pending is None:
            self.pending[-1] = ("", place)
            return
        parent.put(pending[0], value, pending[1], place)
        self.pending[-1] = None

    def _no_tag(self, event: Any, place: Place) -> None:
        if event.tag not in (None, "!") or (event.tag is None and event.anchor):
            what = f"the tag {event.tag}" if event.tag else f"the anchor &{event.anchor}"
            self.issues.append(Issue(place, f"{what} is not allowed", "write the plain value."))

    def _typed(self, text: str, place: Place) -> Any:
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        if _WHOLE.fullmatch(text):
            if len(text) > LONGEST_NUMBER:
                self.issues.append(Issue(place, f"a number of {len(text)} digits; {LONGEST_NUMBER} are the most"))
                return 0
            return int(text)
        if _RADIX.fullmatch(text) and len(text) <= LONGEST_NUMBER:
            return int(text, 0)
        if _FRACTION.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        if _FRACTION.fullmatch(text) or _SPECIAL.fullmatch(text):
            self.issues.append(Issue(place, f"{text} is no number to plan with"))
            return 0
        return text
