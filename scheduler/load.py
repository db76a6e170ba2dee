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
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from scheduler.errors import InputError, Issue, Place, nearest
from scheduler.plan import Plan, read_plan
from scheduler.rules import Goal, Rule, families
from scheduler.scenario.include import read_tree, read_with_includes
from scheduler.scenario.merge import patched, plain, without
from scheduler.scenario.resolve import KEY, resolve
from scheduler.scenario.salvage import salvaged
from scheduler.scenario.scenario import BasePlacement, Scenario
from scheduler.scenario.schema import ScenarioFile
from scheduler.scenario.strict_yaml import Mapping, key_place_of, place_of
from scheduler.scenario.template import Template, expanded
from scheduler.scenario.units import Zone
from scheduler.scenario.validation import issues_of

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


def _ids_in(message: str) -> list[str]:
    """Return the words of a message that could be ids."""
    return re.findall(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", message)


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
    tree = read_patched(path, patches, issues)
    if base is None and isinstance(tree.get("base"), str):
        base = Path(path).parent / tree["base"]
    return build(tree, tuple(Path(patch).name for patch in patches), base, issues)


def read_patched(path: str | Path, patches: Sequence[str | Path], issues: list[Issue]) -> Mapping:
    """Return the tree of a scenario file over its includes, with patches laid over it; what is wrong goes to ``issues``.

    Raises InputError where a file cannot be used at all; MachineError where it may not be read.
    """
    tree = read_with_includes(Path(path), issues)
    if tree.get("kind") == "plan":
        message = "this is a plan, not a scenario"
        raise InputError([Issue(tree.place, message, "the scenario and the plan are swapped?")])
    for patch in patches:
        tree = patched(tree, read_patch(patch, issues), issues)
    return tree


def read_patch(path: str | Path, issues: list[Issue]) -> Mapping:
    """Return the tree of a patch file; what is wrong with it goes to ``issues``.

    Raises InputError where the file cannot be used at all; MachineError where it may not be read.
    """
    change = read_tree(Path(path), str(path))
    if change.get("kind") == "plan":
        raise InputError([Issue(change.place, "this is a plan, not a patch", "it was meant for --base?")])
    if "include" in change:
        issues.append(Issue(change.keys_at["include"], "a patch includes no files", "include it from the scenario."))
    return change


def build(
    tree: Mapping, patches: tuple[str, ...] = (), base: str | Path | Plan | None = None, issues: Sequence[Issue] = ()
) -> Loaded:
    """Return the scenario that one merged tree means; ``issues`` are those found while it was merged.

    ``base`` is a plan to stay close to, or the file it is in.

    Raises InputError with every issue found.
    """
    issues = list(issues)
    reader = _Reader(tree, issues)
    scenario = reader.scenario()
    if scenario is not None and base is not None:
        scenario = reader.with_base(scenario, base)
    rules = reader.rules(scenario) if scenario is not None else ()
    if scenario is None or issues:
        raise InputError(sorted(dict.fromkeys(issues), key=lambda issue: issue.place))
    return Loaded(scenario, rules, _digest(tree, scenario), patches, reader.tree)


def _digest(tree: Mapping, scenario: Scenario) -> str:
    base: dict[str, Any] = {name: [spot.hall, spot.start.isoformat()] for name, spot in (scenario.base or {}).items()}
    base |= scenario.base_homes
    canonical = json.dumps(
        [plain(without(tree, frozenset({"include", "base"}))), base],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def kept_to(scenario: Scenario, plan: Plan) -> Scenario:
    """Return a scenario whose goal stability keeps to a plan."""
    base = {session: BasePlacement(placed.hall, placed.start) for session, placed in plan.sessions.items()}
    return replace(scenario, base=base, base_homes=plan.homes)


class _Clock(BaseModel):
    """What of a calendar is needed to read local times, even where the rest is wrong."""

    timezone: Zone


def zone_of(tree: Mapping) -> ZoneInfo:
    """Return the time zone of a scenario's clocks; UTC where the tree names none that there is."""
    if isinstance(tree.get("calendar"), Mapping):
        clock, _ = issues_of(_Clock, tree, {}, ("calendar",))
        if clock is not None:
            return clock.timezone
    return ZoneInfo("UTC")


def _under(body: Mapping, path: Path_) -> Mapping:
    """Return a tree that holds ``body`` under ``path`` and nothing else."""
    for step in reversed(path):
        holder = Mapping(body.place)
        holder.put(str(step), body, body.place, body.place)
        body = holder
    return body


class _Reader:
    """Reads one tree; every issue goes to ``issues``."""

    def __init__(self, tree: Mapping, issues: list[Issue]) -> None:
        self.tree = tree
        self.issues = issues
        self.context: dict[str, Any] = {"zone": zone_of(tree)}
        self.faulty: set[str] = set()
        """The ids of what is complained of: event.session, venue.hall, delegation."""

    def scenario(self) -> Scenario | None:
        """Return the scenario, or None where its shape is wrong beyond reading on."""
        if isinstance(self.tree.get("templates"), Mapping):
            self._expand()
        file, issues = issues_of(ScenarioFile, self.tree, self.context)
        self.issues += issues
        removed: frozenset[str] = frozenset()
        if file is None:
            file, removed = salvaged(self.tree, self.context)
        if file is None:
            return None

        def is_set_aside(word: str) -> bool:
            return any(word == gone or word.startswith(f"{gone}.") for gone in removed)

        def complain(path: Path_, message: str, hint: str) -> None:
            self.faulty.add(".".join(map(str, path[1 : 4 if path[2:3] == ("sessions",) else 2 : 2])))
            if not any(map(is_set_aside, _ids_in(message))):
                where = key_place_of(self.tree, path[:-1]) if path[-1] == KEY else place_of(self.tree, path)
                self.issues.append(Issue(where, message, hint))

        self.faulty |= removed
        self.context["is_set_aside"] = is_set_aside
        return resolve(file, complain, all_roads="network" not in removed)

    def _expand(self) -> None:
        """Replace the templates by the sessions they stand for; a misshapen one does not hinder the others."""
        read: dict[str, Template] = {}
        for template_id in self.tree["templates"]:
            path: Path_ = ("templates", template_id)
            if not isinstance(self.tree["templates"][template_id], Mapping):
                message = f"templates.{template_id} wants a mapping of keys to values"
                self.issues.append(Issue(place_of(self.tree, path), message))
                continue
            template, issues = issues_of(Template, self.tree, self.context, path)
            self.issues += issues
            if template is not None:
                read[template_id] = template
        self.tree = expanded(self.tree, read, self.issues)

    def with_base(self, scenario: Scenario, base: str | Path | Plan) -> Scenario:
        """Return the scenario with the placements of the plan that stability keeps to."""
        try:
            plan = base if isinstance(base, Plan) else read_plan(base, scenario.calendar.timezone)
        except InputError as error:
            self.issues += error.issues
            return scenario
        if plan.scenario != scenario.id:
            place = plan.place() if isinstance(base, Plan) else Place(str(base))
            self.issues.append(Issue(place, f"this is a plan for {plan.scenario!r}, not for {scenario.id!r}"))
        return kept_to(scenario, plan)

    def rules(self, scenario: Scenario) -> tuple[Rule, ...]:
        """Return the rules and goals that the scenario writes, then those that stand by themselves."""
        self.context["scenario"] = scenario
        written = [*self._section("rules", "rule", scenario), *self._section("goals", "goal", scenario)]
        spoken = {rule.family for rule in written}
        standing = [family() for name, family in families().items() if family.standing and name not in spoken]
        rules = (*standing, *written)
        seen: set[str] = set()
        for rule in rules:
            if rule.id in seen:
                section = "goals" if isinstance(rule, Goal) else "rules"
                message = f"another rule or goal has the id {rule.id!r} too; one that always stands has its own name as id"
                self.issues.append(Issue(key_place_of(self.tree, (section, rule.id)), message))
            seen.add(rule.id)
        for rule in rules:
            for complaint in rule.complaints(scenario):
                if not self._follows(complaint.message):
                    self.issues.append(Issue(place_of(self.tree, complaint.path), complaint.message, complaint.hint))
        return rules

    def _follows(self, message: str) -> bool:
        """Return whether what a rule says is of something that has been complained of, or of what holds or lies in it."""
        pairs = [(f"{word}.", f"{gone}.") for word in _ids_in(message) for gone in self.faulty]
        return any(word.startswith(gone) or gone.startswith(word) for word, gone in pairs)

    def _section(self, section: str, kind: str, scenario: Scenario) -> Iterable[Rule]:
        entries = self.tree.get(section)
        if not isinstance(entries, Mapping):
            return
        for rule_id in entries:
            path: Path_ = (section, rule_id)
            family = self._family(path, kind)
            if family is None:
                continue
            body = without(entries[rule_id], frozenset({kind}))
            rule, issues = issues_of(family, _under(body, path), self.context, path)
            self.issues += issues
            if rule is None:
                continue
            yield rule.named(rule_id)

    def _family(self, path: Path_, kind: str) -> type[Rule] | None:
        """Return the family of one entry; what is wrong with it goes to the issues."""
        entry = self.tree[str(path[0])][path[1]]
        place = place_of(self.tree, path)
        known = {name for name, family in families().items() if issubclass(family, Goal) == (kind == "goal")}
        other = "rule" if kind == "goal" else "goal"
        if isinstance(entry, Mapping) and other in entry and kind not in entry:
            hint = f"it belongs under '{other}s'."
            self.issues.append(Issue(place, f"{path[0]}.{path[1]} is a {other}, not a {kind}", hint))
        elif not isinstance(entry, Mapping) or kind not in entry:
            hint = f"'{path[1]}: {{{kind}: {sorted(known)[0]}}}'?"
            self.issues.append(Issue(place, f"{path[0]}.{path[1]} does not name its {kind}", hint))
        else:
            name = plain(entry[kind])
            if isinstance(name, str) and name in known:
                return families()[name]
            if isinstance(name, str) and name in families():
                hint = f"it belongs under '{other}s'."
                self.issues.append(Issue(entry.values_at[kind], f"{name!r} is a {other}, not a {kind}", hint))
            else:
                hint = nearest(str(name), known)
                self.issues.append(Issue(entry.values_at[kind], f"there is no {kind} {name!r}", hint))
        return None
