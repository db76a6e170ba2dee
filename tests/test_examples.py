"""The example in the docstring of every rule and goal is what a scenario may say: it is laid over one and read as such.

``examples.base.yaml`` has what the examples name. An example of keys of a session (``within``, ``uses``) goes to one of its
sessions; the plan that a ``base`` names is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from scheduler.check import check
from scheduler.cli.rules import example_of
from scheduler.errors import InputError
from scheduler.load import Loaded, load
from scheduler.plan import Plan
from scheduler.problem import compile_problem
from scheduler.rules import Goal, families
from scheduler.scenario.merge import plain
from scheduler.scenario.schema import ScenarioFile, SessionEntry
from scheduler.scenario.strict_yaml import parse

BASE = Path(__file__).with_name("examples.base.yaml")
TOP = {field.alias for field in ScenarioFile.model_fields.values()}
OF_A_SESSION = {field.alias for field in SessionEntry.model_fields.values()}


def example(family: str) -> dict[str, Any]:
    """Return the example of a family as a patch."""
    written: dict[str, Any] = plain(parse(example_of(families()[family].__doc__ or ""), family))
    patch = {section: said for section, said in written.items() if section in TOP}
    of_a_session = {key: said for key, said in written.items() if key not in TOP}
    assert set(of_a_session) <= OF_A_SESSION, f"no section and no key of a session: {set(of_a_session) - OF_A_SESSION}"
    if of_a_session:
        assert "events" not in patch
        patch["events"] = {"visit": {"sessions": {"talks": of_a_session}}}
    return patch


def laid_over_the_base(patch: dict[str, Any], folder: Path) -> Loaded:
    """Load the base with a patch over it; raises InputError where that says what no scenario may."""
    scenario = folder / "scenario.yaml"
    scenario.write_text(BASE.read_text(encoding="utf-8"), encoding="utf-8")
    if "base" in patch:
        kept = {"schema": 1, "kind": "plan", "scenario": "examples", "sessions": {}}
        (folder / patch["base"]).write_text(json.dumps(kept), encoding="utf-8")
    file = folder / "patch.yaml"
    file.write_text(json.dumps(patch, default=str), encoding="utf-8")
    return load(scenario, [file])


def leaves(said: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every scalar in a tree with its path."""
    if isinstance(said, dict | list):
        for key, value in said.items() if isinstance(said, dict) else enumerate(said):
            yield from leaves(value, (*path, key))
    else:
        yield path, said


def changed(said: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a tree with another value at a path, or with one more."""
    if not path:
        return value
    copy = said.copy()
    copy[path[0]] = changed(said[path[0]] if len(path) > 1 else None, path[1:], value)
    return copy


@pytest.mark.parametrize("family", families())
def test_the_example_is_read_as_a_rule_of_its_family(family: str, tmp_path: Path) -> None:
    patch, known = example(family), families()[family]
    section, kind = ("goals", "goal") if issubclass(known, Goal) else ("rules", "rule")
    assert patch
    loaded = laid_over_the_base(patch, tmp_path)

    written = [*patch.get("rules", {}).values(), *patch.get("goals", {}).values()]
    assert {said.get("rule") or said["goal"] for said in written} <= {family}
    assert all(said[kind] == family for said in patch.get(section, {}).values())
    assert {family} <= {rule.family for rule in loaded.rules}
    assert set(patch.get(section, {})) <= {rule.id for rule in loaded.rules}

    # What it means can be said to the engine and asked of a plan.
    compile_problem(loaded)
    check(loaded, Plan(scenario=loaded.scenario.id, sessions={}))


@pytest.mark.parametrize("family", families())
def test_a_wrong_key_or_name_in_an_example_is_refused(family: str, tmp_path: Path) -> None:
    """Misspell every name in its rules and goals, give each a key too many, and the scenario a section, one at a time."""
    patch, scenario = example(family), laid_over_the_base(example(family), tmp_path).scenario
    names = {*scenario.sessions, *scenario.delegations, *scenario.events, *scenario.bookables, *scenario.venues}
    names |= {*scenario.blocks, *scenario.hotels, *scenario.file.pools, *scenario.file.zones}
    # A name that is wrong in the scenario's own sections is theirs to refuse, and maybe a new name there.
    rules = chain(*(leaves(patch.get(section, {}), (section,)) for section in ("rules", "goals")))
    wrong = [(path, "no-such-name") for path, said in rules if said in names]
    entries = [(section, name) for section in ("rules", "goals") for name in patch.get(section, {})]
    wrong += [((*entry, "no-such-key"), 1) for entry in entries]
    wrong.append((("no-such-section",), {}))
    for path, value in wrong:
        with pytest.raises(InputError, match="no-such"):
            laid_over_the_base(changed(patch, path, value), tmp_path)
