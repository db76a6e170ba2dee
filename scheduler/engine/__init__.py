"""The engine: exact search over a problem with OR-Tools CP-SAT. The only folder that imports the solver."""

from scheduler.engine.search import Limits, Progress
from scheduler.engine.solve import Outcome, solve

__all__ = ["Limits", "Outcome", "Progress", "solve"]
