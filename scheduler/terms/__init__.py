"""The kinds of term: what a rule says of placements, as plain data with one exact evaluation each.

A term measures an assignment by a whole number that is never below 0. A hard term demands 0; a priced one adds weight x
measure to its tier. How a term is encoded for a solver is the engine's business.
"""

from scheduler.terms.base import Assignment, Choice, Price, Spot, Steps, Term, holds, tier_values
from scheduler.terms.cumulative import Cumulative, Use
from scheduler.terms.extent import Extent
from scheduler.terms.group import Group
from scheduler.terms.link import Edge, Link, LinkUse
from scheduler.terms.placement import PlacementPrice, Slope
from scheduler.terms.ranks import Ranks
from scheduler.terms.relation import Clear, Lag, Match, Relation, Table
from scheduler.terms.sequence import Delay, Sequence, Stay, Tour, Visit
from scheduler.terms.tally import Cell, Cells, Tally
from scheduler.terms.total import Total

__all__ = [
    "Assignment",
    "Cell",
    "Cells",
    "Choice",
    "Clear",
    "Cumulative",
    "Delay",
    "Edge",
    "Extent",
    "Group",
    "Lag",
    "Link",
    "LinkUse",
    "Match",
    "PlacementPrice",
    "Price",
    "Ranks",
    "Relation",
    "Sequence",
    "Slope",
    "Spot",
    "Stay",
    "Steps",
    "Table",
    "Tally",
    "Term",
    "Total",
    "Tour",
    "Use",
    "Visit",
    "holds",
    "tier_values",
]
