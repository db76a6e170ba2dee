"""Figures kept under today's date in ``benchmarks/results/``, with what they were found on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]


def keep(name: str, command: str, figures: dict[str, Any], packages: Iterable[str]) -> Path:
    """Keep figures with the command that finds them and the versions of packages; return the path in the project."""
    today = datetime.now(UTC).date().isoformat()
    found_on = {
        "date": today,
        "command": command,
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "versions": {package: version(package) for package in packages},
    }
    path = HOME / "benchmarks" / "results" / f"{today}-{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**found_on, **figures}, indent=1) + "\n", encoding="utf-8")
    return path.relative_to(HOME)
