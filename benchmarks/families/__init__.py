"""Programmes of a city with a planted plan: ``python -m benchmarks.families SIZE TIGHTNESS SEED -o FILE``.

A plan is planted first, in the halls of ``beijing:city`` (``kinds.py``, ``plant.py``, ``ledger.py``); then a scenario is
derived that it keeps to (``derive.py``, ``rules.py``), so that every programme is known to have a plan. Sizes are a day (40
sessions), a week (200), a season (1,000), a year (4,000), and a year of 10,000 to show the growth. Tightness is measured
(``tightness.py``): 50, 75 or 90 percent of hall-hours, pool energy and principals' time are used at peaks, each within
``TOLERANCE`` percentage points. Holds of others, absences of principals and capacities see to that (``shares.py``), and
weeks that are busier the tighter it is. One size, tightness and seed give the same bytes on every run.

Every rule family takes part, at every size. Twelve stand by themselves and have no line under ``rules``: presence, pins,
seating, facilities, clearance, availability, windows, occupancy, holds, pools, budgets and venue-limits are in what events,
sessions, venues and the other sections say. ``equal-treatment`` and ``precedence`` bind the meetings of a summit,
``airports`` and ``motorcades`` its flights and roads, ``hall-blocks`` the three busiest days. Of the goals those of the
reference scenarios take part, displaced-holds, and same-hall where a conference has two days; the others value what these
programmes do not have (a base plan, numbers of demand, a running order) or would only add figures of the same kind.
"""

from __future__ import annotations

from benchmarks.families.family import SIZES, TIGHTNESSES, TOLERANCE, Family, family

__all__ = ["SIZES", "TIGHTNESSES", "TOLERANCE", "Family", "family"]
