"""Files to scenario: includes, patches and templates laid together, every rule read by its own family.

Everything wrong is reported at once. Where the shape of some entries is wrong, they are set aside and the rest is read on,
so that a dangling reference on the next page is reported in the same run.
"""

from __future__ import annotations

import gc
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from scheduler.errors import InputError, Issue, Place, file_errors, nearest
from scheduler.plan import Plan, read_plan
from scheduler.rules import Goal, Rule, families
from scheduler.scenario.calendar import Calendar
from scheduler.scenario.merge import joined, patched, plain, without
from scheduler.scenario.model import Model
from scheduler.scenario.resolve import resolve
from scheduler.scenario.scenario import BasePlacement, Scenario
from scheduler.scenario.schema import ScenarioFile
from scheduler.scenario.strict_yaml import Mapping, decode, parse, place_of
from scheduler.scenario.template import Template, expanded
from scheduler.scenario.units import Id
from scheduler.scenario.validation import issues_of

LIBRARIES = "scheduler.libraries"
TOP_ONLY = frozenset(("schema", "id", "name", "include", "calendar", "goals", "tiers", "pins", "base", "expect"))
"""What an include may say for itself but does not hand to the file that includes it."""

_LIBRARY = re.compile(r"([a-z0-9_-]+):([a-z0-9_/-]+)")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Loaded:
    """A scenario with its rules and goals, as read from files; ``tree`` is what was written, all together."""

    scenario: Scenario
    rules: tuple[Rule, ...]
    digest: str
    patches: tuple[str, ...]
    tree: Mapping

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The goals among the rules."""
        return tuple(rule for rule in self.rules if isinstance(rule, Goal))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Spare the collector trees that only grow: a third of the time of a large file."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_garbage_collection()
def load(path: str | Path, patches: Sequence[str | Path] = (), base: str | Path | None = None) -> Loaded:
    """Return the scenario in a file with ``patches`` (files) laid over it in order; ``base`` is a plan to stay close to.

    Raises InputError with every issue found; MachineError where a file may not be read.
    """
    issues: list[Issue] = []
    tree = _with_includes(Path(path), str(path), (), issues)
    for patch in patches:
        tree = patched(tree, _read(Path(patch), str(patch)), issues)
    base_path = base or _base_beside(Path(path), tree)
    if issues:
        raise InputError(issues)
    return build(tree, tuple(Path(patch).name for patch in patches), base_path)


def build(tree: Mapping, patches: tuple[str, ...] = (), base: str | Path | None = None) -> Loaded:
    """Return the scenario that one merged tree means.

    Raises InputError with every issue found.
    """
    issues: list[Issue] = []
    reader = _Reader(tree, issues)
    scenario = reader.scenario()
    if scenario is not None and base is not None:
        scenario = reader.with_base(scenario, base)
    rules = reader.rules(scenario) if scenario is not None else ()
    if scenario is None or issues:
        raise InputError(sorted(set(issues), key=lambda issue: issue.place))
    return Loaded(scenario, rules, _digest(tree, scenario), patches, reader.tree)


def _digest(tree: Mapping, scenario: Scenario) -> str:
    base = {session: [spot.hall, spot.start.isoformat()] for session, spot in (scenario.base or {}).items()}
    canonical = json.dumps([plain(tree), base], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _read(path: Path, label: str) -> Mapping:
    with file_errors(label, "read"):
        raw = path.read_bytes()
    return parse(decode(raw, label), label)


def _base_beside(path: Path, tree: Mapping) -> Path | None:
    base = tree.get("base")
    return path.parent / base if isinstance(base, str) else None


def _with_includes(path: Path, label: str, above: tuple[str, ...], issues: list[Issue]) -> Mapping:
    tree = _read(path, label)
    includes = tree.get("include") or []
    if not isinstance(includes, list):
        return tree  # the schema says what is wrong with it
    merged: Mapping | None = None
    for index, word in enumerate(includes):
        place = place_of(tree, ("include", index))
        found = _locate(word, path, label, place, issues) if isinstance(word, str) else None
        if found is None:
            continue
        below, below_label = found
        chain = (*above, label)
        if below_label in chain or str(below.resolve()) in {str(Path(one).resolve()) for one in chain}:
            issues.append(Issue(place, f"{label} includes itself: {' -> '.join([*chain, below_label])}"))
            continue
        if not below.is_file():
            issues.append(Issue(place, f"there is no file {below_label}", nearest(word, _neighbours(below))))
            continue
        part = without(_with_includes(below, below_label, chain, issues), TOP_ONLY)
        merged = part if merged is None else joined(merged, part, issues)
    return patched(merged, tree, issues) if merged is not None else tree


def _neighbours(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.glob("*.yaml")) if path.parent.is_dir() else []


def _locate(word: str, path: Path, label: str, place: Place, issues: list[Issue]) -> tuple[Path, str] | None:
    """Return the file that an include names, and how messages call it."""
    library = _LIBRARY.fullmatch(word)
    if not library:
        beside = path.parent / word
        return beside, str(Path(label).parent / word) if ":" not in label else f"{label.partition(':')[0]}:{word}"
    points = {point.name: point for point in entry_points(group=LIBRARIES)}
    if library[1] not in points:
        issues.append(Issue(place, f"there is no library {library[1]!r}", nearest(library[1], points)))
        return None
    try:
        folder = Path(str(files(points[library[1]].value)))
    except ModuleNotFoundError:
        message = f"the library {library[1]!r} is announced but not installed"
        issues.append(Issue(place, message, "install its package again."))
        return None
    return folder / f"{library[2]}.yaml", word


class _Templates(Model):
    templates: dict[Id, Template]


class _Reader:
    """Reads one tree; every issue goes to ``issues``."""

    def __init__(self, tree: Mapping, issues: list[Issue]) -> None:
        self.tree = tree
        self.issues = issues
        self.context: dict[str, Any] = {"zone": ZoneInfo("UTC")}

    def scenario(self) -> Scenario | None:
        """Return the scenario, or None where its shape is wrong beyond reading on."""
        if isinstance(self.tree.get("calendar"), Mapping):
            calendar, _ = issues_of(Calendar, self.tree, {}, ("calendar",))
            if calendar is not None:
                self.context["zone"] = calendar.timezone
        if isinstance(self.tree.get("templates"), Mapping):
            self._expand()
        file, issues = issues_of(ScenarioFile, self.tree, self.context)
        removed: set[str] = set()
        self.issues += issues
        if file is None:
            trimmed = self._without_bad_entries(removed)
            file = issues_of(ScenarioFile, trimmed, self.context)[0] if trimmed is not None else None
        if file is None:
            return None

        def complain(path: Path_, message: str, hint: str) -> None:
            if not any(repr(word) in message or f".{word}'" in message or f"'{word}." in message for word in removed):
                self.issues.append(Issue(place_of(self.tree, path), message, hint))

        return resolve(file, complain)

    def _expand(self) -> None:
        templates, issues = issues_of(_Templates, _only(self.tree, "templates"), self.context)
        self.issues += issues
        self.tree = expanded(self.tree, templates.templates if templates else {}, self.issues)

    def _without_bad_entries(self, removed: set[str]) -> Mapping | None:
        """Return the tree without the entries whose shape is wrong, noting their ids; None where that is not enough."""
        tree = self.tree
        try:
            ScenarioFile.model_validate(tree, context=self.context, by_alias=True, by_name=False)
        except ValidationError as error:
            patch = Mapping(tree.place)
            for detail in error.errors():
                cut = _entry(detail["loc"])
                if cut is None or not _present(tree, cut):
                    if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
                        cut = (str(detail["loc"][0]),)
                    else:
                        return None
                removed.add(cut[-1])
                _delete(patch, cut)
            return patched(tree, patch, [])
        return tree

    def with_base(self, scenario: Scenario, path: str | Path) -> Scenario:
        """Return the scenario with the placements of the plan that stability keeps to."""
        try:
            plan: Plan = read_plan(path, scenario.calendar.timezone)
        except InputError as error:
            self.issues += error.issues
            return scenario
        if plan.scenario != scenario.id:
            self.issues.append(Issue(Place(str(path)), f"this is a plan for {plan.scenario!r}, not for {scenario.id!r}"))
        return replace(scenario, base={session: BasePlacement(p.hall, p.start) for session, p in plan.sessions.items()})

    def rules(self, scenario: Scenario) -> tuple[Rule, ...]:
        """Return the rules and goals that the scenario writes, then those that stand by themselves."""
        self.context["scenario"] = scenario
        written = [*self._section("rules", "rule", scenario), *self._section("goals", "goal", scenario)]
        spoken = {rule.family for rule in written}
        standing = [family() for name, family in families().items() if family.standing and name not in spoken]
        rules = (*standing, *written)
        for rule in rules:
            for complaint in rule.complaints(scenario):
                self.issues.append(Issue(place_of(self.tree, complaint.path), complaint.message, complaint.hint))
        return rules

    def _section(self, section: str, kind: str, scenario: Scenario) -> Iterable[Rule]:
        entries = self.tree.get(section)
        for rule_id in entries if isinstance(entries, Mapping) else ():
            path: Path_ = (section, rule_id)
            family = self._family(path, kind)
            if family is None:
                continue
            body = without(self.tree[section][rule_id], frozenset({kind}))
            rule, issues = issues_of(family, body, self.context)
            self.issues += issues
            if rule is None:
                continue
            yield rule.named(rule_id)

    def _family(self, path: Path_, kind: str) -> type[Rule] | None:
        """Return the family of one entry; what is wrong with it goes to the issues."""
        entry = self.tree[str(path[0])][path[1]]
        place = place_of(self.tree, path)
        known = {name for name, family in families().items() if issubclass(family, Goal) == (kind == "goal")}
        if not isinstance(entry, Mapping) or kind not in entry:
            hint = f"'{path[1]}: {{{kind}: {sorted(known)[0]}}}'?"
            self.issues.append(Issue(place, f"{path[0]}.{path[1]} does not name its {kind}", hint))
            return None
        name = str(entry[kind])
        if name not in known:
            where = entry.values_at[kind]
            other = " That is a goal." if name in families() and kind == "rule" else ""
            self.issues.append(Issue(where, f"there is no {kind} {name!r}.{other}", nearest(name, known)))
            return None
        return families()[name]


def _only(tree: Mapping, key: str) -> Mapping:
    return without(tree, frozenset(set(tree) - {key}))


_ENTRY_DEPTH = {("events", "sessions"): 4, ("venues", "halls"): 4, ("venues", "combinations"): 4}


def _entry(loc: Path_) -> tuple[str, ...] | None:
    """Return the path of the smallest entry under an id that holds ``loc``: a session, a hall, an event, a pin."""
    words = tuple(str(step) for step in loc)
    if len(words) < 2 or words[0] == "calendar":
        return None
    depth = _ENTRY_DEPTH.get((words[0], words[2]), 2) if len(words) > 3 else 2
    return words[:depth]


def _present(tree: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(tree, Mapping) or step not in tree:
            return False
        tree = tree[step]
    return True


def _delete(patch: Mapping, path: tuple[str, ...]) -> None:
    """Write into ``patch`` that ``path`` is to go."""
    *parents, last = path
    for step in parents:
        if patch.get(step, patch) is None:
            return
        if step not in patch:
            patch.put(step, Mapping(patch.place), patch.place, patch.place)
        patch = patch[step]
    patch.put(last, None, patch.place, patch.place)
