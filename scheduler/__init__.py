"""Plans where and when a city hosts its diplomatic events.

from scheduler.check import check
from scheduler.engine import solve
from scheduler.load import load

loaded = load("visit.yaml")
outcome = solve(loaded)
if outcome.plan:
    report = check(loaded, outcome.plan)
"""

__version__ = "0.1.0"
