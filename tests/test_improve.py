"""Where the search for better plans goes: elsewhere first, for how long, and on which core."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ortools.sat.python import cp_model

from scheduler.engine import part as module
from scheduler.engine.annealing.compiled import AVAILABLE
from scheduler.engine.basins import Basins
from scheduler.engine.first import large
from scheduler.engine.improve import Improver
from scheduler.engine.part import PartSearch
from scheduler.engine.search import Answer, Clock, Limits, Way
from scheduler.load import Loaded, build
from scheduler.problem import Problem, compile_problem, whole
from scheduler.scenario.strict_yaml import parse
from scheduler.terms import Group, Sequence, Spot, Stay, Visit

needs_compiled = pytest.mark.skipif(not AVAILABLE, reason="numba is not installed: nothing can be compiled")

# `opening` shares the principal with both others and may be in two venues, `talks` shares him with two but has one venue,
# `dinner` has two halls of one venue and shares the minister with one.
SUMMIT = """
schema: 1
id: summit
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10, grid: 30 min}
grades: {G3: {}}
venues:
  old: {name: Old, halls: {a: {}, b: {}}}
  new: {name: New, halls: {c: {}}}
travel: {new: {old: 20 min}}
delegations: {nor: {country: NO, persons: [principal, minister]}}
events:
  e:
    grade: G3
    within: {w: {date: 2027-05-10, time: 09:00-15:00}}
    sessions:
      opening: {duration: 60 min, persons: [nor.principal], prefer: {start: 2027-05-10T11:00, venues: [old]}}
      talks: {duration: 60 min, persons: [nor.principal], halls: {any: [old.a]}, prefer: {start: 2027-05-10T11:00}}
      lunch: {duration: 60 min, persons: [nor.principal, nor.minister], halls: {any: [old.b]}}
      dinner: {duration: 60 min, persons: [nor.minister], halls: {any: [old.a, old.b]}}
goals:
  held: {goal: hold-events, tier: 1}
  places: {goal: preferred-venues, tier: 2, weight: 7}
  wishes: {goal: preferred-times, tier: 2}
"""


@pytest.fixture
def loaded() -> Loaded:
    return build(parse(SUMMIT, "summit.yaml"))


@pytest.fixture
def problem(loaded: Loaded) -> Problem:
    return compile_problem(loaded)


def spots_with(problem: Problem, session: int, choice: int) -> list[Spot | None]:
    """Return an assignment in which one session is by a choice, and nobody else anywhere."""
    found: list[Spot | None] = [None] * len(problem.names)
    found[session] = next(spot for spot in problem.spots(session) if spot.choice == choice)
    return found


def test_a_search_begins_anew_where_the_session_with_most_others_has_not_been(problem: Problem) -> None:
    basins = Basins(problem, whole(problem))
    opening = problem.names.index("e.opening")
    venues = [choice.venue for choice in problem.candidates.choices[opening]]
    assert basins.session == opening  # talks and lunch have one place; dinner meets one other, the opening two
    assert venues == ["old", "old", "new"]
    assert basins.avoided() == frozenset()
    basins.note(spots_with(problem, opening, 1))
    assert basins.avoided() == {0, 1}  # a hall of the same venue is the same place
    basins.note(spots_with(problem, opening, 2))
    assert basins.avoided() == frozenset()  # all have been tried


def test_where_all_have_one_place_nothing_is_avoided(problem: Problem) -> None:
    part = whole(problem)
    talks = problem.names.index("e.talks")
    basins = Basins(problem, part._replace(sessions=(talks,), terms=(Group(rule="held", then=(talks,)),)))
    assert basins.session is None
    basins.note(spots_with(problem, talks, 0))
    assert basins.avoided() == frozenset()


@needs_compiled
@pytest.mark.parametrize("avoided", [frozenset({0, 1}), frozenset({2}), frozenset()])
def test_a_cycle_keeps_away_from_what_it_is_to_avoid(problem: Problem, avoided: frozenset[int]) -> None:
    one = PartSearch(problem, whole(problem))
    annealing = one.annealer(0, 0)
    assert annealing is not None
    assert one.basins.session is not None
    for _ in range(3):  # a cycle begins where the one before has ended
        found = annealing.cycle(2, annealing.shortest, lambda made: False, avoided)
        assert found is not None
        spot = found[one.basins.session]
        assert spot is not None
        assert spot.choice not in avoided
        assert (spot.choice == 2) == (avoided == {0, 1})  # the new venue costs 7 points: nobody goes there unasked


def lengths(problem: Problem, core: int, alone: bool, pays: bool, pace: float | None, seconds: float) -> list[float]:
    """Return the lengths of four cycles of an improver, in those of the shortest."""
    one = PartSearch(problem, whole(problem))
    one.long_pays, one.pace = pays, pace
    improver = Improver(one, 2, core, 0, alone)
    return [improver._proposals(1000, seconds) / 1000 for _ in range(4)]


def test_cycles_double_on_the_first_core_and_on_both_where_that_pays(problem: Problem) -> None:
    assert lengths(problem, 0, alone=False, pays=False, pace=None, seconds=60) == [1, 2, 4, 8]
    assert lengths(problem, 1, alone=False, pays=False, pace=None, seconds=60) == [1, 1, 1, 1]
    assert lengths(problem, 1, alone=False, pays=True, pace=None, seconds=60) == [1, 2, 4, 8]
    assert lengths(problem, 0, alone=True, pays=False, pace=None, seconds=60) == [1, 1, 2, 1]


def test_the_last_cycle_takes_all_the_time_there_is_and_none_is_cut_short(problem: Problem) -> None:
    # 1,000 proposals a second for 5 s: after 1 and 2 there is no room for two of 4, so one takes all that fit; then again.
    assert lengths(problem, 0, alone=False, pays=False, pace=1000.0, seconds=5) == [1, 2, 5, 5]
    assert lengths(problem, 0, alone=False, pays=False, pace=1000.0, seconds=0.4) == [0, 0, 0, 0]
    assert lengths(problem, 1, alone=False, pays=False, pace=1000.0, seconds=1.5) == [1, 1, 1, 1]


def test_the_core_of_a_proof_that_stands_still_improves_plans_too(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, cores = module.search, []
    improve = Improver.improve

    def standing_still(*arguments: Any) -> Answer:
        """A quick way that finds something, and a proof that never moves; all else is as it is."""
        if arguments[4] is not Way.PROOF:
            answer: Answer = honest(*arguments)
            return answer._replace(status=cp_model.FEASIBLE, bound=0) if arguments[4] is Way.QUICK else answer
        while not arguments[7]():
            threading.Event().wait(0.01)
        return Answer(cp_model.UNKNOWN, cp_model.CpSolver(), 0, 0)

    def noted(self: Improver, clock: Clock, *arguments: Any) -> None:
        cores.append(self._core)
        improve(self, clock, *arguments)

    monkeypatch.setattr(module, "search", standing_still)
    monkeypatch.setattr(module, "UNMOVED_SHARE", 0.01)
    monkeypatch.setattr(module.PartSearch, "_relax_further", lambda *arguments: None)
    monkeypatch.setattr(Improver, "improve", noted)
    one = PartSearch(problem, whole(problem))
    one.search(2, Clock(Limits(seconds=2, workers=2)), lambda value, bound: None, 2)
    assert sorted(cores) == [0, 1]


@needs_compiled
def test_a_large_part_has_a_plan_before_its_model_is_written(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "large", lambda part: True)
    one = PartSearch(problem, whole(problem))
    clock = Clock(Limits(seconds=20))
    one.search(1, clock, lambda value, bound: None, 20)
    assert one.value(1) == 0
    assert one.settled(1, clock)
    assert "model" not in vars(one)
    one.limit(1, 0)
    one.search(2, clock, lambda value, bound: None, 20)
    assert one.proved(2)
    assert one.value(2) == 60  # the principal wants both at 11:00: one of them is an hour early or late


def test_a_part_is_large_by_the_pairs_of_its_visits(problem: Problem) -> None:
    part = whole(problem)
    visit = Visit(0, (Stay(0),) * 3)
    for visits, expected in ((316, False), (317, True)):  # 316^2 = 99,856
        crowded = Sequence(rule="hall", visits=(visit,) * visits, changeover=((0,),))
        assert large(part._replace(terms=(crowded,))) is expected
