"""The engine: annealing, neighbourhoods and proofs over one problem. The only folder that imports the solver, CP-SAT."""

from scheduler.engine.search import Limits, Progress
from scheduler.engine.solve import Outcome, solve

__all__ = ["Limits", "Outcome", "Progress", "solve"]
