"""The minutes between all venues and hotels of Beijing: with a motorcade, and without one at every time of a working day.

``python -m benchmarks.all_ways`` prints the seconds they take to work out, once everything is imported that any command
imports; numpy is not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import product
from pathlib import Path

from scheduler.scenario.calendar import Calendar
from scheduler.scenario.city import Network
from scheduler.scenario.include import read_with_includes
from scheduler.scenario.merge import plain
from scheduler.scenario.travel import Travel

HOME = Path(__file__).parents[1]
CITY = HOME / "scenarios" / "beijing" / "city.yaml"
WORKDAY = date(2023, 10, 16)


def seconds_of(runs: int, warm: bool) -> list[float]:
    """Return the seconds of each run, in processes of their own; where not ``warm``, nothing is kept from run to run."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        caches = {"XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder, "SCHEDULER_CACHE": "on" if warm else "off"}
        for _ in range(runs + 1):
            command = [sys.executable, "-m", "benchmarks.all_ways"]
            said = subprocess.run(
                command, check=True, capture_output=True, text=True, cwd=HOME, env={**os.environ, **caches}
            )
            seconds.append(float(said.stdout))
    return seconds[1:]


def main() -> None:
    """Work everything out once and print the seconds."""
    city = plain(read_with_includes(CITY, []))
    network = Network.model_validate(city["network"])
    places = [f"{kind} {name}" for kind in ("venues", "hotels") for name in city[kind]]
    nodes = {f"{kind} {name}": place["node"] for kind in ("venues", "hotels") for name, place in city[kind].items()}
    calendar = Calendar.model_validate({"timezone": "Asia/Shanghai", "start": WORKDAY, "end": WORKDAY})
    began = time.perf_counter()
    travel = Travel({}, network, nodes, calendar)
    for origin, destination in product(places, repeat=2):
        travel.minutes(origin, destination)
        travel.departures(origin, destination, range(0, 1440, 5))
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
