"""The scenario language told back: as an editor needs it (JSON Schema), and one scenario as it is understood."""

from __future__ import annotations

from typing import Any

from scheduler.load import Loaded
from scheduler.rules import Goal, Rule, families
from scheduler.scenario.merge import plain
from scheduler.scenario.schema import ScenarioFile
from scheduler.scenario.template import Template


def effective(loaded: Loaded) -> dict[str, Any]:
    """Return a scenario with includes, patches, templates and every default written out, standing rules included."""
    data: dict[str, Any] = loaded.scenario.file.model_dump(mode="json", by_alias=True, exclude_none=True)
    for section in ("include", "templates"):
        data.pop(section, None)
    data["rules"] = {rule.id: _entry(rule, "rule") for rule in loaded.rules if not isinstance(rule, Goal)}
    data["goals"] = {goal.id: _entry(goal, "goal") for goal in loaded.goals}
    written: dict[str, Any] = plain(data)
    return written


def _entry(rule: Rule, kind: str) -> dict[str, Any]:
    return {kind: rule.family, **rule.model_dump(mode="json", by_alias=True, exclude_none=True)}


def scenario_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, with the specification of every installed rule and goal.

    Nothing but ``schema`` is required of a file: the rest may come from its includes.
    """
    schema: dict[str, Any] = ScenarioFile.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for section, kind in (("rules", "rule"), ("goals", "goal")):
        members = [family for family in families().values() if issubclass(family, Goal) == (kind == "goal")]
        schema["properties"][section]["additionalProperties"] = {
            "oneOf": [_family_schema(family, kind, definitions) for family in members]
        }
    template = Template.model_json_schema(by_alias=True)
    definitions |= template.pop("$defs", {})
    schema["properties"]["templates"]["additionalProperties"] = template
    schema["required"] = ["schema"]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _family_schema(family: type[Rule], kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = family.model_json_schema(by_alias=True)
    definitions |= schema.pop("$defs", {})
    schema["properties"] = {kind: {"const": family.family}, **schema.get("properties", {})}
    schema["required"] = [kind, *schema.get("required", [])]
    schema["description"] = (family.__doc__ or "").split("\n\n")[0].strip()
    return schema
