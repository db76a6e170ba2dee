"""What the solver sees: sessions with their candidate placements, and terms over them; integers only."""

from scheduler.problem.compile import Problem, Starts, compile_problem, places_left, refused
from scheduler.problem.parts import Part, parts, whole
from scheduler.problem.placeless import placeless, reasons, session_place

__all__ = [
    "Part",
    "Problem",
    "Starts",
    "compile_problem",
    "parts",
    "placeless",
    "places_left",
    "reasons",
    "refused",
    "session_place",
    "whole",
]
