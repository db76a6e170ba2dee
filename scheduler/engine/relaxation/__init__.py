"""What plans cost at least, or why there is none: by a linear relaxation, and by few sessions at a time."""

from scheduler.engine.relaxation.best import Bound, bound, proofs, why_impossible
from scheduler.engine.relaxation.demands import overloaded

__all__ = ["Bound", "bound", "overloaded", "proofs", "why_impossible"]
