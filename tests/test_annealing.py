"""The compiled annealing measures what terms measure, whatever has moved before, and finds the best of tiny problems."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.engine.annealing import tallies
from scheduler.engine.annealing.compiled import AVAILABLE, forget_stale
from scheduler.engine.annealing.cycles import Annealing
from scheduler.engine.annealing.measures import NONE
from scheduler.engine.annealing.proposals import both
from scheduler.engine.annealing.state import BROKEN, HARD, SOFT, TOO_MUCH, fresh, probe, put, reweigh, start_empty
from scheduler.engine.annealing.tables import Tables, flat
from scheduler.load import build
from scheduler.problem import Problem, compile_problem, whole
from scheduler.scenario.strict_yaml import parse
from scheduler.terms import Assignment, Spot, Tally, Term, holds, tier_values
from tests.random_terms import KINDS, SESSIONS, TALLIES, best, minutes, small_problem, terms

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="numba is not installed: nothing can be compiled")

BREACH = 7.5
"""What a hard term that does not hold costs here."""

FAR = 1e9
"""More than any proposal costs."""

walks = st.lists(st.tuples(st.sampled_from(list(SESSIONS)), st.integers(0, 10)), min_size=6, max_size=16)
"""Sessions, each with the number of where it moves to: away, or one of ten spots at most."""

TINY = """
schema: 1
id: tiny
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10, grid: 30 min}
grades: {G3: {}}
venues: {house: {name: House, halls: {a: {}, b: {}}}}
events:
  e:
    grade: G3
    within: {w: {date: 2027-05-10, time: 09:00-11:00}}
    sessions:
      one: {duration: 30 min, prefer: {start: 2027-05-10T10:00}}
      two: {duration: 60 min, prefer: {start: 2027-05-10T09:30}}
      three: {duration: 90 min, prefer: {start: 2027-05-10T09:30}}
      four: {duration: 30 min, prefer: {start: 2027-05-10T09:30}, optional: {price: 40}}
rules:
  turns: {rule: order, sessions: [e.two, e.one]}
goals:
  held: {goal: hold-events, tier: 1}
  wishes: {goal: preferred-times, tier: 1, late: 2}
"""


def cost(tables: Tables, stated: Sequence[Term], spots: Assignment) -> tuple[float, int, int]:
    """Return what broken terms cost, the points of the others, and how many are broken, as the terms themselves say."""
    hard, soft, broken = 0.0, 0, 0
    for number, term in enumerate(stated):
        value = term.measure(spots)
        if term.price is not None:
            soft += term.price.weight * value
        elif value:
            hard += BREACH * (1 + value / tables.terms[number, 4])
            broken += 1
    return hard, soft, broken


def started(problem: Problem) -> tuple[Tables, Any]:
    """Return the tables of a problem, and a state in which everybody is absent."""
    tables = flat(problem, whole(problem))
    state = fresh(tables, len(problem.names))
    start_empty(tables, state)
    state.weights[:] = np.where(tables.terms[:, 2] == NONE, BREACH, tables.terms[:, 3])
    reweigh(tables, state)
    return tables, state


def agree(problem: Problem, tables: Tables, state: Any, spots: Assignment) -> None:
    """Say that a state has the measures and the sums of an assignment."""
    values = [term.measure(spots) for term in problem.terms]
    assert state.values.tolist() == values
    assert state.sums[[HARD, SOFT, BROKEN]] == pytest.approx(cost(tables, problem.terms, spots), abs=1e-6)
    broken = [number for number, term in enumerate(problem.terms) if values[number] and term.price is None]
    assert sorted(state.broken[: len(broken)].tolist()) == broken


def walk(stated: Sequence[Term], longer: int, steps: list[tuple[int, int]]) -> None:
    """Move sessions one by one: what a move would cost is known before it, and leaves no trace."""
    problem = small_problem([term for term in stated if term.members], longer)
    tables, state = started(problem)
    spots: list[Spot | None] = [None] * len(problem.names)
    agree(problem, tables, state, spots)
    for session, number in steps:
        everywhere = [None, *problem.spots(session)]
        before, spot = [*spots], everywhere[number % len(everywhere)]
        spots[session] = spot
        grown = sum(cost(tables, problem.terms, spots)[:2]) - sum(cost(tables, problem.terms, before)[:2])
        choice, start = (NONE, NONE) if spot is None else (spot.choice, spot.start)
        counts = state.counts.copy()
        for most, expected in ((FAR, grown), (grown + 0.1, grown), (grown - 0.1, TOO_MUCH)):
            assert probe(tables, state, session, choice, start, most) == pytest.approx(expected, abs=1e-6)
        assert np.array_equal(state.counts, counts)
        agree(problem, tables, state, before)
        put(tables, state, session, choice, start)
        agree(problem, tables, state, spots)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Tally], ids=lambda kind: kind.__name__)
@settings(max_examples=60, deadline=None)
@given(st.data(), minutes, walks)
def test_terms_of_a_kind_measure_the_same_compiled(
    kind: type[Term], data: st.DataObject, longer: int, steps: list[tuple[int, int]]
) -> None:
    walk(data.draw(st.lists(terms((kind,)), min_size=1, max_size=3)), longer, steps)


@pytest.mark.parametrize("what", TALLIES)
@settings(max_examples=60, deadline=None)
@given(st.data(), minutes, walks)
def test_tallies_of_a_kind_measure_the_same_compiled(
    what: str, data: st.DataObject, longer: int, steps: list[tuple[int, int]]
) -> None:
    walk(data.draw(st.lists(terms((Tally,), (what,)), min_size=1, max_size=3)), longer, steps)


@pytest.mark.parametrize("what", ["between", "broken", "holes", "isolated"])
@settings(max_examples=40, deadline=None)
@given(st.data(), minutes, walks)
def test_rows_too_long_for_the_bits_of_a_number_measure_the_same(
    what: str, data: st.DataObject, longer: int, steps: list[tuple[int, int]]
) -> None:
    with patch.object(tallies, "MASKED", 0):
        walk(data.draw(st.lists(terms((Tally,), (what,)), min_size=1, max_size=3)), longer, steps)


@settings(max_examples=150, deadline=None)
@given(st.lists(terms(), min_size=2, max_size=6), minutes, walks, walks, st.sampled_from([-0.1, 0.1]))
def test_two_sessions_move_where_both_together_cost_no_more_than_they_may(
    stated: list[Term], longer: int, steps: list[tuple[int, int]], wanted: list[tuple[int, int]], more: float
) -> None:
    """They do so exactly where the difference that the terms measure allows it; otherwise nothing has changed."""
    problem = small_problem([term for term in stated if term.members], longer)
    tables, state = started(problem)
    spots: list[Spot | None] = [None] * len(problem.names)

    def place(session: int, number: int) -> tuple[Spot | None, int, int]:
        everywhere = [None, *problem.spots(session)]
        spot = everywhere[number % len(everywhere)]
        return (None, NONE, NONE) if spot is None else (spot, spot.choice, spot.start)

    for session, number in steps:
        spots[session], choice, start = place(session, number)
        put(tables, state, session, choice, start)
    (one, there), (other, elsewhere) = ((session, place(session, number)) for session, number in wanted[:2])
    assume(one != other)
    after = [*spots]
    after[one], after[other] = there[0], elsewhere[0]
    grown = sum(cost(tables, problem.terms, after)[:2]) - sum(cost(tables, problem.terms, spots)[:2])
    logged = both(tables, state, one, *there[1:], other, *elsewhere[1:], grown + more)
    assert (logged == 2) == (more > 0)
    agree(problem, tables, state, after if logged else spots)


@settings(max_examples=100, deadline=None)
@given(st.lists(terms(), min_size=4, max_size=8), minutes, walks)
def test_terms_measure_the_same_side_by_side(stated: list[Term], longer: int, steps: list[tuple[int, int]]) -> None:
    walk(stated, longer, steps)


def tiny() -> Problem:
    """Return a problem of four sessions, two halls and seven starts."""
    return compile_problem(build(parse(TINY, "tiny.yaml")))


def cycles(problem: Problem, seed: int, count: int) -> list[list[Spot | None] | None]:
    """Return what so many cycles of annealing find one after the other in the first tier."""
    annealing = Annealing(problem, whole(problem), seed)
    return [annealing.cycle(1, annealing.shortest, lambda made: False) for _ in range(count)]


@pytest.mark.parametrize("seed", range(3))
def test_a_cycle_finds_the_best_plan_of_a_tiny_problem(seed: int) -> None:
    problem = tiny()
    (found,) = cycles(problem, seed, 1)
    assert found is not None
    assert holds(problem.terms, found)
    assert tier_values(problem.terms, found)[1] == best(problem)


def test_the_same_seed_finds_the_same_plans() -> None:
    assert cycles(tiny(), 5, 3) == cycles(tiny(), 5, 3)
    assert len({str(cycles(tiny(), seed, 1)) for seed in range(8)}) > 1


def test_what_was_compiled_before_any_module_changed_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    for name, minute in (("a.py", 1), ("b.py", 5), ("__pycache__/a.nbi", 4), ("__pycache__/b.nbi", 6)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (60 * minute, 60 * minute))
    forget_stale(tmp_path)
    assert [index.name for index in tmp_path.glob("__pycache__/*")] == ["b.nbi"]
