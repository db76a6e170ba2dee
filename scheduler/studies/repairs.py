"""What would have to give for a plan to be possible: patches, each loaded, solved and checked before it is offered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from scheduler.engine import solve
from scheduler.engine.kernel import find_kernel
from scheduler.engine.search import Clock
from scheduler.errors import InputError
from scheduler.load import Loaded
from scheduler.plan import Plan, TierValue
from scheduler.studies.conflict import Conflict, tell

SHOWN = 4
"""Sessions that are left out are named one by one where there are so many or fewer."""

ROUNDS = 5
"""Conflicts that one repair may have to solve, one after another."""

PRICED = 4.0
"""Seconds (units of work) in which the plan of a repair, which is possible, is made better."""

SOFTENED, LEFT_OUT = 1.0, 2.0
"""How large a change it is to let a rule give way, and to leave a session out, as numbers that change by so much of it."""

LEFT_OUT_PRICE = 1000
"""Points of leaving out what has no price yet."""

Load = Callable[[Path], Loaded]
"""Reads the scenario with one patch more."""


class _WithoutAliases(yaml.SafeDumper):
    """Writes a value out again where it stands twice: a scenario file has no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Say so of every value."""
        return True


class Change(NamedTuple):
    """One thing that gives: in words, as a patch, and how large it is."""

    text: str
    patch: Mapping[str, Any]
    share: float


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes after which there is a plan, together as one patch, with what that plan is worth."""

    changes: tuple[Change, ...]
    patch: Mapping[str, Any]
    plan: Plan
    gives: tuple[str, ...]
    """What the plan then does: by how much softened rules give way, and what is left out."""

    @property
    def share(self) -> float:
        """How large the changes are together."""
        return sum(change.share for change in self.changes)

    @property
    def tiers(self) -> list[TierValue]:
        """The points of the plan by tier."""
        return self.plan.tiers

    @property
    def text(self) -> str:
        """The changes in words."""
        return " ".join(change.text for change in self.changes)


def repairs(loaded: Loaded, conflict: Conflict, load: Load, clock: Clock, most: int) -> Iterator[Repair]:
    """Yield repairs of a conflict as they are found, the smallest change first; at most so many."""
    offered: list[Mapping[str, Any]] = []
    options = list(_options(loaded, conflict))
    for number, option in enumerate(options):
        if clock.left <= 0 or len(offered) == most:
            return
        seconds = clock.left / min(len(options) - number, 2 * (most - len(offered)))
        found = _repaired([option], loaded, load, clock, clock.left - max(1.0, seconds))
        # What an earlier one does and something more is not worth telling.
        if found is not None and not any(merged(found.patch, less) == found.patch for less in offered):
            offered.append(found.patch)
            yield found


def patch_text(patch: Mapping[str, Any], said: str) -> str:
    """Return the file of a patch, with what it does above it."""
    body: str = yaml.dump(dict(patch), Dumper=_WithoutAliases, allow_unicode=True, sort_keys=False, width=120)
    return f"# {said}\n{body}"


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patch that does what two do one after the other."""
    result = dict(first)
    for key, value in second.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _options(loaded: Loaded, conflict: Conflict) -> Iterator[Change]:
    """Yield single changes that may solve a conflict, the smallest first, each once."""
    found = [Change(*remedy) for cause in conflict.causes for remedy in cause.remedies]
    found += _softened(loaded, conflict)
    found += _left_out(loaded, conflict)
    seen: list[Mapping[str, Any]] = []
    for change in sorted(found, key=lambda change: change.share):
        if change.patch not in seen:
            seen.append(change.patch)
            yield change


def _softened(loaded: Loaded, conflict: Conflict) -> Iterator[Change]:
    rules = {rule.id: rule for rule in loaded.rules}
    for name in dict.fromkeys(cause.rule for cause in conflict.causes):
        rule = rules[name]
        if "soften" in type(rule).model_fields and rule.price is None:
            written = name in loaded.tree.get("rules", {})
            entry = {"soften": {"tier": 1, "weight": 1}}
            patch = {"rules": {name: entry if written else {"rule": rule.family, **entry}}}
            yield Change(f"Let {name} give way, at a point for each of its {rule.counts}.", patch, SOFTENED)


def _left_out(loaded: Loaded, conflict: Conflict) -> Iterator[Change]:
    scenario = loaded.scenario
    for name in conflict.names:
        session = scenario.sessions.get(name)
        if session is None:
            continue
        needed = [other for other in scenario.event_sessions[session.event] if other.absence_price is None]
        optional = {"optional": {"price": LEFT_OUT_PRICE}}
        pins: dict[str, Any] = {"pins": {name: None}} if name in scenario.pins else {}
        if len(needed) == 1 and scenario.events[session.event].optional is None:
            patch = {"events": {session.event: optional}, **pins}
            yield Change(f"Let the event {session.event} be left out, at {LEFT_OUT_PRICE} points.", patch, LEFT_OUT)
        elif session.absence_price is None:
            entry = name.removeprefix(f"{session.event}.")
            patch = {"events": {session.event: {"sessions": {entry: optional}}}, **pins}
            yield Change(f"Let {name} be left out, at {LEFT_OUT_PRICE} points.", patch, LEFT_OUT)


def _repaired(changes: list[Change], before: Loaded, load: Load, clock: Clock, ends: float) -> Repair | None:
    """Return the repair that begins with some changes, where what else stands in the way can be solved alike."""
    patch: dict[str, Any] = {}
    for change in changes:
        patch = merged(patch, change.patch)
    loaded = _loaded(patch, load)
    if loaded is None:
        return None
    verdict = find_kernel(loaded, clock, clock.left - ends)
    if verdict.kernel is not None:
        if len(changes) == ROUNDS or clock.left <= ends:
            return None
        options = list(_options(loaded, tell(loaded, verdict.kernel, clock)))
        # What follows is solved as the first was where that can be: the same number further up, the same rule.
        like = [option for option in options if _section(option) == _section(changes[0])]
        best = next(iter([*like, *options]), None)
        return _repaired([*changes, best], before, load, clock, ends) if best is not None else None
    if verdict.plan is None:
        return None
    seconds = min(PRICED, max(0.1, clock.left - ends))
    better = solve(loaded, clock.limits._replace(seconds=seconds)).plan
    plan = better or verdict.plan
    return Repair(_last_words(changes, patch, before), patch, plan, tuple(_gives(loaded, patch, plan)))


def _last_words(changes: list[Change], patch: Mapping[str, Any], before: Loaded) -> tuple[Change, ...]:
    """Return the changes, or what they come to, where one changes again what an earlier one has changed."""
    numbers = [path for change in changes for path, _ in _leaves(change.patch)]
    if len(set(numbers)) == len(numbers):
        return tuple(changes)
    said = [f"{'.'.join(path)}: {_shown(value)}, not {_shown(_at(before.tree, path))}." for path, value in _leaves(patch)]
    return (Change(" ".join(said), patch, sum(change.share for change in changes)),)


def _leaves(patch: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path of each value that a patch sets, and the value."""
    for key, value in patch.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _section(change: Change) -> list[str]:
    """Return the keys at which a patch begins: the section, and what in it."""
    return [key for section, entries in change.patch.items() for key in (section, *entries)]


def _loaded(patch: Mapping[str, Any], load: Load) -> Loaded | None:
    """Return the scenario under a patch, None where that is no scenario."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "repair.yaml"
        file.write_text(patch_text(patch, "A repair that is tried"), encoding="utf-8")
        try:
            return load(file)
        except InputError:
            return None


def _gives(loaded: Loaded, patch: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    for rule in patch.get("rules", {}):
        figure = plan.figures.get(rule)
        if figure is not None:
            yield f"{rule} gives way by {figure.figure} {figure.unit}"
    if len(plan.absent) > SHOWN:
        yield f"{len(plan.absent)} sessions are left out ({sum(plan.absent.values())} points)"
    for name, points in plan.absent.items() if len(plan.absent) <= SHOWN else ():
        yield f"{name} is left out ({points} points)"
