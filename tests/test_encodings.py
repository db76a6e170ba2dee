"""What the engine says to the solver means what the terms mean, on random terms over a small problem, tried out in full."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.errors import SchedulerError
from scheduler.problem import Problem, parts
from scheduler.terms import Cells, Clear, Group, Price, Relation, Tally, Term, Total, holds, tier_values
from tests.random_terms import SESSIONS, best, minutes, small_problem, terms


@settings(max_examples=300, deadline=None)
@given(st.lists(terms(), min_size=1, max_size=4), st.sampled_from([(), (0, 1), (0, 1, 2), (0, 1, 2)]), minutes)
def test_the_solver_s_best_is_the_best_there_is(stated: list[Term], held: tuple[int, ...], longer: int) -> None:
    # Most terms are worth nothing where nobody comes: sessions have to be held.
    problem = small_problem([*stated, Group(rule="held", then=held)], longer)
    model = Model(problem)
    encode(model)
    objectives = list(model.objectives.values())
    if objectives and objectives[0].expressions:
        model.cp.minimize(objectives[0].expression)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.cp)
    expected = best(problem)
    if expected is None:
        assert status == cp_model.INFEASIBLE
        return
    assert status == cp_model.OPTIMAL
    spots = model.spots(solver)
    assert problem.admits(spots)
    assert sum(problem.values(spots).values()) == expected
    if objectives and objectives[0].expressions:
        assert round(solver.objective_value) == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(terms(), min_size=1, max_size=4), st.tuples(*[st.sampled_from([0, 240, 480])] * 3), st.data())
def test_the_parts_of_a_problem_measure_what_the_whole_does(
    stated: list[Term], later: tuple[int, int, int], data: st.DataObject
) -> None:
    problem = small_problem(stated, 0)
    starts = tuple(
        tuple(tuple(range(span.start + by, span.stop + by, span.step) for span in spans) for spans in choices)
        for choices, by in zip(problem.starts, later, strict=True)
    )
    problem = replace(problem, starts=starts)
    divided = parts(problem)
    event(f"{len(divided)} parts")
    assert sorted(session for part in divided for session in part.sessions) == list(SESSIONS)
    for part in divided:
        assert all(set(term.members) <= set(part.sessions) for term in part.terms)
    for _ in range(60):
        spots = [data.draw(st.sampled_from([None, *problem.spots(session)])) for session in SESSIONS]
        assert holds(problem.terms, spots) == all(holds(part.terms, spots) for part in divided)
        by_part = [tier_values(part.terms, spots) for part in divided]
        assert sum(problem.values(spots).values()) == sum(sum(values.values()) for values in by_part)


def four_hours_later(problem: Problem) -> Problem:
    """Return a problem whose second session starts four hours later: at 04:00 or after; the others are over by 03:00."""
    one, two, three = problem.starts
    later = tuple(tuple(range(span.start + 240, span.stop + 240, span.step) for span in spans) for spans in two)
    return replace(problem, starts=(one, later, three))


@pytest.mark.parametrize(
    ("slots", "most", "expected"),
    [
        ((0, 240), 1, [(), ((0, 2),)]),  # the second alone is never one too many
        ((0, 240), 2, [(), (), ()]),
        ((0, 60), 1, [((0, 1, 2),)]),  # the others may start at 01:00 or later, in the slot of the second
        ((0, 60), 2, [((0, 1, 2),)]),
        ((), 1, [((0, 1, 2),)]),
    ],
)
def test_a_tally_falls_apart_where_no_slot_is_shared(
    slots: tuple[int, ...], most: int, expected: list[tuple[tuple[int, ...], ...]]
) -> None:
    tally = Tally(rule="t", what="count", sessions=tuple(SESSIONS), cells=(Cells(slots),) * 3, most=most)
    problem = four_hours_later(small_problem([tally], 0))
    assert [tuple(term.members for term in part.terms) for part in parts(problem)] == expected


def test_a_reward_for_what_can_only_cost_is_refused() -> None:
    cells = (Cells((0, 60)),) * 2
    pairs = Tally(rule="t", price=Price(1, -1), what="pairs", sessions=(0, 1), cells=cells)
    encode(Model(small_problem([pairs], 0)))
    for term in (
        replace(pairs, what="count"),
        replace(pairs, most=1),
        Total(rule="t", price=Price(1, -1), sessions=(), amounts=()),
    ):
        with pytest.raises(SchedulerError, match="states a reward"):
            encode(Model(small_problem([term], 0)))


@pytest.mark.parametrize("back", [60, 61])
def test_a_gap_falls_away_where_time_alone_sees_to_it_in_the_only_order_there_is(back: int) -> None:
    # From 03:00 to 04:00 is an hour.
    problem = four_hours_later(small_problem([Relation(rule="t", first=1, second=0, then=Clear(0, back=back))], 0))
    assert [len(part.terms) for part in parts(problem)] == ([0, 0, 0] if back == 60 else [0, 1])
    mirrored = replace(problem, terms=(Relation(rule="t", first=0, second=1, then=Clear(back, back=0)),))
    assert [len(part.terms) for part in parts(mirrored)] == ([0, 0, 0] if back == 60 else [0, 1])
