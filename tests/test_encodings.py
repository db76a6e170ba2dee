"""What the engine says to the solver means what the terms mean, on random terms over a small problem, tried out in full."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.errors import SchedulerError
from scheduler.load import build
from scheduler.problem import Problem, compile_problem, parts
from scheduler.scenario.strict_yaml import parse
from scheduler.terms import (
    Cells,
    Clear,
    Cumulative,
    Delay,
    Edge,
    Extent,
    Group,
    Lag,
    Link,
    LinkUse,
    Match,
    PlacementPrice,
    Price,
    Ranks,
    Relation,
    Sequence,
    Slope,
    Stay,
    Steps,
    Table,
    Tally,
    Term,
    Total,
    Tour,
    Use,
    Visit,
    holds,
    tier_values,
)

GRID = 30
SESSIONS = range(3)
CHOICES = range(2)
"""Two halls; four to five starts each: (2 x 5 + 1) ^ 3 assignments at most, absences included."""

SCENARIO = """
schema: 1
id: small
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10, grid: 30 min}
grades: {G3: {}}
venues: {house: {name: House, halls: {a: {}, b: {}}}}
events:
  e:
    grade: G3
    within: {w: {date: 2027-05-10, time: 00:00-03:00}}
    sessions:
      one: {duration: 30 min, optional: {price: 0}}
      two: {duration: 60 min, optional: {price: 0}}
      three: {duration: 90 min}
"""

TALLIES = (
    "abreast",
    "between",
    "broken",
    "count",
    "distinct",
    "holes",
    "isolated",
    "meetings",
    "owners",
    "pairs",
    "peak",
    "worth",
)

small = st.integers(0, 3)
minutes = st.sampled_from([0, 10, 30, 60])
edge = st.builds(Edge, st.sampled_from(["first", "second"]), st.sampled_from(["start", "end"]))
pair = st.permutations(list(SESSIONS)).map(lambda order: (order[0], order[1]))


def soft(draw: st.DrawFn) -> Price | None:
    """Return no price, or one in the only tier."""
    return Price(1, draw(st.integers(1, 3))) if draw(st.booleans()) else None


def stays(draw: st.DrawFn) -> tuple[Visit, ...]:
    """Return a visit of each session, by none, one or both of its choices."""
    stay = st.builds(Stay, st.integers(0, 1), minutes, minutes)
    return tuple(Visit(session, tuple(draw(st.none() | stay) for _ in CHOICES)) for session in SESSIONS)


def matrix(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(draw(minutes) for _ in range(2)) for _ in range(2))


def match(draw: st.DrawFn) -> Match:
    """Return an attribute by choice, or by cells of the start."""
    pairs = frozenset(draw(st.sets(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), max_size=5)))
    if draw(st.booleans()):
        return Match(pairs, cells=(draw(minutes), 75))
    return Match(pairs, *(tuple(draw(st.integers(0, 1)) for _ in CHOICES) for _ in range(2)))


def tally(draw: st.DrawFn) -> Tally:
    """Return a tally over slots, blocks or both, of some of the sessions."""
    what: Any = draw(st.sampled_from(TALLIES))
    sessions = tuple(draw(st.lists(st.sampled_from(list(SESSIONS)), unique=True)))
    slots = draw(st.sampled_from([(), (60,), (0, 30, 60, 90, 120), (30, 60, 75, 240)]))
    block = st.sampled_from([0, 1, None])
    blocks = [tuple(draw(block) for _ in CHOICES) if draw(st.booleans()) else () for _ in sessions]
    place = st.none() | st.tuples(st.integers(0, 1), st.integers(0, 3))
    cell = st.tuples(*[st.integers(0, 1)] * 2, st.integers(-1, 3))
    is_reward = what == "pairs" and draw(st.booleans())
    places = [tuple(draw(place) for _ in slots) if draw(st.booleans()) else () for _ in sessions]
    return Tally(
        rule="t",
        price=Price(1, -draw(st.integers(1, 3))) if is_reward else soft(draw),
        what=what,
        sessions=sessions,
        cells=tuple(Cells(slots, block, place) for block, place in zip(blocks, places, strict=True)),
        owners=tuple(draw(st.integers(0, 1)) for _ in sessions),
        amounts=tuple(tuple(draw(small) for _ in CHOICES) for _ in sessions) if draw(st.booleans()) else (),
        least=0 if is_reward else draw(st.sampled_from([0, 0, 1, 2])),
        most=0 if is_reward else draw(small),
        worth=draw(st.dictionaries(cell, small)),
    )


def extent(draw: st.DrawFn) -> Extent:
    """Return an extent of some of the sessions."""
    what: Any = draw(st.sampled_from(["earliest", "latest", "span", "longest"]))
    sessions = tuple(draw(st.lists(st.sampled_from(list(SESSIONS)), unique=True)))
    bound = st.none() | st.sampled_from([0, 30, 45, 60, 90, 120])
    return Extent(rule="t", price=soft(draw), what=what, sessions=sessions, least=draw(bound), most=draw(bound))


def ranks(draw: st.DrawFn) -> Ranks:
    """Return the places of some of the sessions."""
    sessions = tuple(draw(st.lists(st.sampled_from(list(SESSIONS)), unique=True)))
    return Ranks(
        rule="t",
        price=soft(draw),
        sessions=sessions,
        wanted=tuple(draw(st.none() | st.integers(1, 3)) for _ in sessions),
        ranks=tuple(tuple(draw(st.integers(0, 2)) for _ in CHOICES) for _ in sessions),
        cells=draw(st.sampled_from([(), (60,), (0, 30, 75)])),
    )


@st.composite
def terms(draw: st.DrawFn) -> Term:
    """Return a term of any kind that the engine encodes."""
    kind = draw(
        st.sampled_from([Cumulative, Extent, Group, Link, PlacementPrice, Ranks, Relation, Sequence, Tally, Total, Tour])
    )
    if kind is Tally:
        return tally(draw)
    if kind is Extent:
        return extent(draw)
    if kind is Ranks:
        return ranks(draw)
    if kind is Link:
        uses_of_two = []
        for _ in range(draw(st.integers(1, 3))):
            first, second = draw(pair)
            amounts_of_two = tuple(tuple(draw(small) for _ in CHOICES) for _ in CHOICES)
            ends = draw(edge), draw(edge)
            uses_of_two.append(LinkUse(first, second, amounts_of_two, draw(minutes), draw(minutes), *ends))
        capacity = Steps((0, 60, 100), (draw(small), draw(small), 3))
        return Link(rule="t", price=soft(draw), uses=tuple(uses_of_two), capacity=capacity)
    if kind is Cumulative:
        # Less than nothing before the start and after the end: a part of the session, as for a wave of arrivals.
        part = st.sampled_from([(-30, 0), (0, -30), (60, -30), (-30, 60), (0, 0), (10, 30), (30, 10)])
        amount = st.none() | st.builds(lambda ends, taken: (*ends, taken), part, small)
        uses = tuple(Use(session, tuple(draw(amount) for _ in CHOICES)) for session in SESSIONS)
        capacity = Steps((0, 60, 100), (draw(small), draw(small), draw(small)))
        return Cumulative(rule="t", price=soft(draw), uses=uses, capacity=capacity)
    if kind is Group:
        sets = st.lists(st.sampled_from(list(SESSIONS)), unique=True)
        return Group(rule="t", price=soft(draw), whenever=tuple(draw(sets)), then=tuple(draw(sets)))
    if kind is PlacementPrice:
        begins = sorted(draw(st.sets(st.integers(0, 150), min_size=1, max_size=4)))
        slopes = tuple(Slope(begin, draw(st.integers(0, 40)), 0) for begin in begins)
        if draw(st.booleans()):
            slopes = (Slope(0, 2 * begins[0], -2), Slope(begins[0], 0, 1))
        by_choice, session = tuple(draw(small) for _ in CHOICES), draw(st.sampled_from(list(SESSIONS)))
        price = Price(1, draw(st.integers(1, 3)))
        return PlacementPrice(
            rule="t",
            price=price,
            session=session,
            by_choice=by_choice,
            slopes=slopes,
            absent=draw(small) * 20,
            at_end=draw(st.booleans()),
        )
    if kind is Relation:
        first, second = draw(pair)
        lag = st.builds(Lag, st.none() | minutes, st.none() | minutes, st.booleans(), st.booleans())
        values = st.tuples(*[st.integers(0, 1)] * 2)
        table = st.builds(Table, values, values, st.tuples(*[st.tuples(small, small)] * 2))
        clear = st.builds(Clear, minutes, st.none() | minutes)
        then: Any = draw(st.one_of(lag, table, clear, st.just(None))) or match(draw)
        when = match(draw) if draw(st.booleans()) else None
        return Relation(rule="t", price=soft(draw), first=first, second=second, then=then, when=when)
    if kind is Total:
        amounts = tuple(tuple(draw(st.integers(-2, 4)) for _ in CHOICES) for _ in SESSIONS)
        least, most = draw(st.none() | small), draw(st.none() | small)
        return Total(rule="t", price=soft(draw), sessions=tuple(SESSIONS), amounts=amounts, least=least, most=most)
    if kind is Sequence:
        slow = Steps((0, 60, 90), (draw(minutes), draw(minutes), draw(minutes)))
        delays = {(draw(st.integers(0, 1)), draw(st.integers(0, 1))): Delay(slow.at, 60)} if draw(st.booleans()) else {}
        return Sequence(rule="t", price=soft(draw), visits=stays(draw), changeover=matrix(draw), delays=delays)
    cells = draw(st.sampled_from([(), (60,), (0, 75, 240)]))
    return Tour(rule="t", price=Price(1, draw(st.integers(1, 3))), visits=stays(draw), step=matrix(draw), cells=cells)


def small_problem(stated: list[Term], longer: int) -> Problem:
    """Return the small problem with these terms alone, every session so many minutes longer in the second hall."""
    problem = compile_problem(build(parse(SCENARIO, "small.yaml")))
    choices = tuple((a, b._replace(minutes=b.minutes + longer)) for a, b in problem.candidates.choices)
    return replace(problem, terms=tuple(stated), candidates=replace(problem.candidates, choices=choices))


def best(problem: Problem) -> int | None:
    """Return the least points of all assignments that the hard terms allow, None where they allow none."""
    everywhere = [[None, *problem.spots(session)] for session in SESSIONS]
    allowed = [spots for spots in product(*everywhere) if holds(problem.terms, spots)]
    return min((sum(tier_values(problem.terms, spots).values()) for spots in allowed), default=None)


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
