"""What several tests need: a scenario from a text, and a plan from a few words."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scheduler.load import Loaded, load
from scheduler.plan import Placed, Plan

os.environ["SCHEDULER_CACHE"] = "off"  # what one run keeps must not hide from the next what it gets wrong

LoadText = Callable[[str], Loaded]


@pytest.fixture
def load_text(tmp_path: Path) -> LoadText:
    """Load a scenario written in a test."""

    def loading(text: str) -> Loaded:
        file = tmp_path / "scenario.yaml"
        file.write_text(text, encoding="utf-8")
        return load(file)

    return loading


def plan_of(loaded: Loaded, placements: Mapping[str, tuple[str, str]], options: Mapping[str, str] | None = None) -> Plan:
    """Return a plan from ``{session: (hall, local start)}``; ends follow from the durations."""
    scenario, zone = loaded.scenario, loaded.scenario.calendar.timezone
    sessions: dict[str, Any] = {}
    for session, (hall, start) in placements.items():
        said = {"hall": hall, "start": start, "end": start, "option": (options or {}).get(session)}
        placed = Placed.model_validate(said, context={"zone": zone})
        minutes = scenario.sessions[session].way(placed.option).minutes
        end = scenario.calendar.moment(scenario.calendar.minute(placed.start) + minutes)
        sessions[session] = placed.model_copy(update={"end": end})
    return Plan(scenario=scenario.id, sessions=sessions)
