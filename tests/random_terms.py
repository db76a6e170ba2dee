"""Terms of every kind at random, over a problem so small that all its assignments can be tried."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from scheduler.load import build
from scheduler.problem import Problem, compile_problem
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

KINDS: tuple[type[Term], ...] = (
    Cumulative,
    Extent,
    Group,
    Link,
    PlacementPrice,
    Ranks,
    Relation,
    Sequence,
    Tally,
    Total,
    Tour,
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


def tally(draw: st.DrawFn, what: Any) -> Tally:
    """Return a tally of a kind over slots, blocks or both, of some of the sessions."""
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
def terms(draw: st.DrawFn, kinds: tuple[type[Term], ...] = KINDS, tallies: tuple[str, ...] = TALLIES) -> Term:
    """Return a term of any kind that the engine encodes, or of these."""
    kind = draw(st.sampled_from(kinds))
    if kind is Tally:
        return tally(draw, draw(st.sampled_from(tallies)))
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
    everywhere = [[None, *problem.spots(session)] for session in range(len(problem.names))]
    allowed = [spots for spots in product(*everywhere) if holds(problem.terms, spots)]
    return min((sum(tier_values(problem.terms, spots).values()) for spots in allowed), default=None)
