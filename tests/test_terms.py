"""The exact evaluation of every kind of term, on examples worked out by hand."""

from __future__ import annotations

import pytest

from scheduler.terms import (
    Cells,
    Clear,
    Cumulative,
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
    Spot,
    Stay,
    Steps,
    Table,
    Tally,
    Total,
    Tour,
    Use,
    Visit,
    holds,
    tier_values,
)


def at(start: int, minutes: int = 60, choice: int = 0) -> Spot:
    """Return a spot of an hour, unless said otherwise."""
    return Spot(choice, start, start + minutes)


# placement


def test_placement_price_adds_choice_and_start() -> None:
    # Choice 1 costs 7. The start 130 is 30 after the ideal 100, late costs 2 a minute: 60. Together 67.
    v_shape = (Slope(0, 100, -1), Slope(100, 0, 2))
    term = PlacementPrice(rule="p", session=0, by_choice=(0, 7), slopes=v_shape, absent=99)
    assert term.measure([at(130, choice=1)]) == 67
    assert term.measure([at(70)]) == 30  # 30 early at 1 a minute
    assert term.measure([at(100)]) == 0
    assert term.measure([None]) == 99


def test_placement_price_before_its_first_slope_follows_that_slope() -> None:
    assert PlacementPrice(rule="p", session=0, slopes=(Slope(50, 10, 1),)).measure([at(40)]) == 0  # 10 + 1 x (40 - 50)
    by_end = PlacementPrice(rule="p", session=0, slopes=(Slope(50, 10, 1),), at_end=True)
    assert by_end.measure([Spot(0, 40, 70)]) == 30  # 10 + 1 x (70 - 50)


def test_placement_price_with_steps_takes_the_piece_that_begins_last() -> None:
    day = (Slope(0, 8, 0), Slope(1440, 1, 0), Slope(1500, 0, 0), Slope(1501, 1, 0), Slope(2880, 8, 0))
    prices = [
        PlacementPrice(rule="p", session=0, slopes=day).measure([at(start)]) for start in (1439, 1440, 1500, 1501, 2880)
    ]
    assert prices == [8, 1, 0, 1, 8]


# group


@pytest.mark.parametrize(
    ("present", "missing"),
    [((True, True, True), 0), ((True, False, True), 1), ((True, False, False), 2), ((False, False, False), 0)],
)
def test_group_wants_all_once_one_is_there(present: tuple[bool, ...], missing: int) -> None:
    spots = [at(0) if there else None for there in present]
    assert Group(rule="g", whenever=(0, 1, 2), then=(0, 1, 2)).measure(spots) == missing


def test_group_without_a_condition_wants_its_sessions_anyway() -> None:
    assert Group(rule="g", then=(0, 1)).measure([None, None]) == 2


def test_group_as_prerequisite_asks_nothing_of_the_prerequisite_alone() -> None:
    needs = Group(rule="g", whenever=(1,), then=(0,))
    assert needs.measure([None, at(0)]) == 1
    assert needs.measure([at(0), None]) == 0


# sequence


def hall(*stays: tuple[Stay | None, ...], changeover: tuple[tuple[int, ...], ...] = ((0,),)) -> Sequence:
    """Return a sequence over sessions 0, 1, … with these stays by choice."""
    visits = tuple(Visit(session, by_choice) for session, by_choice in enumerate(stays))
    return Sequence(rule="s", visits=visits, changeover=changeover)


def test_sequence_counts_tail_changeover_and_lead() -> None:
    # 0 ends at 60; tail 10, change-over 30, lead 20 of the next: it may start at 120.
    term = hall((Stay(0, 5, 10),), (Stay(1, 20, 0),), changeover=((0, 30), (45, 0)))
    assert term.measure([at(0), at(120)]) == 0
    assert term.measure([at(0), at(119)]) == 1
    # The other way round: 1 ends at 60, no tail, 45 back, lead 5: 110.
    assert term.measure([at(110), at(0)]) == 0
    assert term.measure([at(100), at(0)]) == 10


def test_sequence_holds_between_any_two_not_only_neighbours() -> None:
    # From kind 0 to kind 2 takes 100; the short visit of kind 1 between them does not shorten it: 60 + 100 - 90 = 70.
    changeover = ((0, 0, 100), (0, 0, 0), (0, 0, 0))
    term = hall((Stay(0),), (Stay(1),), (Stay(2),), changeover=changeover)
    assert term.measure([at(0), at(60, 30), at(90)]) == 70


def test_sequence_of_equal_starts_takes_the_cheaper_order() -> None:
    # Either may go first: 60 + 10 - 0 = 70 one way, 60 + 30 = 90 the other.
    assert hall((Stay(0),), (Stay(1),), changeover=((0, 10), (30, 0))).measure([at(0), at(0)]) == 70


def test_sequence_passes_over_the_absent_and_choices_elsewhere() -> None:
    term = hall((Stay(0), None), (Stay(0),))
    assert term.measure([at(0, choice=1), at(0)]) == 0
    assert term.measure([None, at(0)]) == 0
    assert term.measure([at(0, choice=0), at(0)]) == 60


def test_tour_adds_steps_between_neighbours_only() -> None:
    # Order by start: 2 (kind 1), 0 (kind 0), 1 (kind 1): steps 1->0 = 25, 0->1 = 20.
    visits = (Visit(0, (Stay(0),)), Visit(1, (Stay(1),)), Visit(2, (Stay(1),)))
    term = Tour(rule="t", price=Price(1, 1), visits=visits, step=((0, 20), (25, 0)))
    assert term.measure([at(100), at(200), at(0)]) == 45
    assert term.measure([None, at(200), at(0)]) == 0  # both of kind 1
    assert term.measure([at(100), at(200), None]) == 20


# cumulative


def test_cumulative_counts_excess_times_minutes() -> None:
    # Three of amount 2 under 4: 0-60, 30-90, 40-100. All three overlap 40-60: excess 2 x 20 = 40.
    uses = tuple(Use(session, ((0, 0, 2),)) for session in range(3))
    assert Cumulative(rule="c", uses=uses, capacity=Steps((0,), (4,))).measure([at(0), at(30), at(40)]) == 40


def test_cumulative_follows_the_profile_and_the_footprint() -> None:
    # Taken from 50 (10 before) to 130 (10 after), amount 3; capacity 3, only 1 from 100 to 120: excess 2 x 20 = 40.
    term = Cumulative(rule="c", uses=(Use(0, ((10, 10, 3), None)),), capacity=Steps((0, 100, 120), (3, 1, 3)))
    assert term.measure([at(60)]) == 40
    assert term.measure([at(60, choice=1)]) == 0


def test_cumulative_lets_one_end_where_another_begins() -> None:
    uses = (Use(0, ((0, 0, 1),)), Use(1, ((0, 0, 1),)))
    assert Cumulative(rule="c", uses=uses, capacity=Steps((0,), (1,))).measure([at(0), at(60)]) == 0


# sum


def test_total_measures_the_distance_from_its_bounds() -> None:
    term = Total(rule="b", sessions=(0, 1), amounts=((3, 8), (5,)), least=4, most=10)
    assert term.measure([at(0, choice=1), at(0)]) == 3  # 13 is 3 above 10
    assert term.measure([at(0, choice=0), None]) == 1  # 3 is 1 below 4
    assert term.measure([at(0, choice=0), at(0)]) == 0


# relation


def test_relation_lag_counts_from_the_end() -> None:
    term = Relation(rule="o", first=0, second=1, then=Lag(least=15, most=30))
    # 0 ends at 60; lags of 10, 15, 30, 45 minutes miss 5, 0, 0, 15.
    assert [term.measure([at(0), at(start)]) for start in (70, 75, 90, 105)] == [5, 0, 0, 15]
    assert term.measure([at(0), None]) == 0


def test_relation_lag_counts_once_where_it_is_flat() -> None:
    term = Relation(rule="o", first=0, second=1, then=Lag(least=15, most=30, flat=True))
    assert [term.measure([at(0), at(start)]) for start in (30, 70, 75, 90, 105)] == [1, 1, 0, 0, 1]


def test_relation_lag_from_the_start() -> None:
    term = Relation(rule="o", first=0, second=1, then=Lag(0, 0, from_start=True))
    assert term.measure([at(30), at(30)]) == 0
    assert term.measure([at(30), at(20)]) == 10


def test_relation_clear_takes_either_order() -> None:
    term = Relation(rule="a", first=0, second=1, then=Clear(20))
    assert term.measure([at(0), at(80)]) == 0
    assert term.measure([at(80), at(0)]) == 0
    assert term.measure([at(0), at(70)]) == 10
    assert term.measure([at(0), at(30, 10)]) == 50  # inside: 60 + 20 - 30 one way, 40 + 20 - 0 = 60 the other


def test_relation_clear_by_the_order_of_the_two() -> None:
    # 10 minutes if the first comes first, 90 if the second does.
    term = Relation(rule="c", first=0, second=1, then=Clear(10, back=90))
    assert term.measure([at(0), at(70)]) == 0
    assert term.measure([at(0), at(65)]) == 5
    assert term.measure([at(150), at(0)]) == 0
    assert term.measure([at(140), at(0)]) == 10
    assert term.measure([at(0), at(0)]) == 70  # 60 + 10 - 0 one way, 60 + 90 - 0 the other


def test_relation_binds_only_where_its_condition_matches() -> None:
    # One venue (number 5 of either): then 30 minutes apart.
    same_venue = Match(frozenset({(5, 5)}), first=(5, 6), second=(5,))
    term = Relation(rule="a", first=0, second=1, when=same_venue, then=Clear(30))
    assert term.measure([at(0, choice=0), at(60)]) == 30
    assert term.measure([at(0, choice=1), at(60)]) == 0


def test_relation_match_of_days_goes_by_the_start() -> None:
    days = (0, 1440)
    same_day = Relation(rule="t", first=0, second=1, then=Match(frozenset({(0, 0), (1, 1)}), cells=days))
    assert same_day.measure([at(0), at(1439)]) == 0
    assert same_day.measure([at(1400), at(1440)]) == 1


def test_relation_table_has_an_amount_for_each_two_values() -> None:
    # The first's choices 0 and 2 are of one value, of which the table's first row speaks.
    amounts = Table(first=(0, 1, 0), second=(1, 0), amounts=((5, 7), (0, 9)))
    term = Relation(rule="n", price=Price(1, 2), first=0, second=1, then=amounts)
    assert term.measure([at(0, choice=0), at(60, choice=0)]) == 7
    assert term.measure([at(0, choice=2), at(60, choice=1)]) == 5
    assert term.measure([at(0, choice=1), at(60, choice=1)]) == 0
    assert term.measure([at(0, choice=1), None]) == 0


# tally

SLOTS = (0, 100, 200, 300)


def tally(what: str, spots: list[Spot | None], **bounds: int) -> int:
    """Return what a tally of all sessions over the slots measures."""
    cells = tuple(Cells(slots=SLOTS) for _ in spots)
    owners = tuple(range(len(spots)))
    return Tally(rule="y", what=what, sessions=owners, cells=cells, owners=owners, **bounds).measure(spots)  # type: ignore[arg-type]


def test_tally_counts_sessions_in_each_cell() -> None:
    # Slot 0 has two sessions, slot 2 one; at most one each: 1 too many.
    assert tally("count", [at(0), at(99), at(250), None], most=1) == 1


def test_tally_counts_distinct_cells() -> None:
    assert tally("distinct", [at(0), at(99), at(250)], most=1) == 1  # slots 0 and 2


def test_tally_counts_holes_between_used_slots() -> None:
    assert tally("holes", [at(0), at(310)]) == 2  # slots 1 and 2


def test_tally_counts_slots_between_the_first_and_the_last_used_or_not() -> None:
    assert tally("between", [at(0), at(150), at(310)]) == 2  # slots 1 and 2
    assert tally("between", [at(0), at(110)]) == 0
    assert tally("between", [at(0), None]) == 0


def test_tally_counts_pairs_in_each_cell() -> None:
    # Slot 0 has three sessions, slot 1 two, slot 2 one: 3 + 1 + 0.
    assert tally("pairs", [at(0), at(10), at(20), at(100), at(110), at(200), None]) == 4
    assert tally("pairs", [at(0), at(10), at(20), at(100), at(110), None], most=1) == 2


def test_tally_counts_isolated_slots() -> None:
    assert tally("isolated", [at(0), at(100), at(310)]) == 1  # 0 and 1 are neighbours, 3 is alone


def test_tally_counts_owners_of_a_cell() -> None:
    assert tally("owners", [at(0), at(10), at(150)], most=1) == 1  # two owners share slot 0


def test_tally_counts_amounts_by_choice() -> None:
    # Slot 0: 40 + 30 = 70, slot 2: 90 by the second choice; at most 60: 10 and 30 too many.
    cells, amounts = (Cells(slots=SLOTS),) * 3, ((40,), (30,), (20, 90))
    term = Tally(rule="y", what="count", sessions=(0, 1, 2), cells=cells, amounts=amounts, most=60)
    assert term.measure([at(0), at(99), at(250, choice=1)]) == 40
    assert term.measure([at(0), None, at(250)]) == 0


def test_tally_peak_is_the_fullest_cell_alone() -> None:
    # Slot 0 has three sessions, slot 1 two: 3 is 2 more than 1; the two beside it cost nothing.
    assert tally("peak", [at(0), at(10), at(20), at(100), at(110)], most=1) == 2
    assert tally("peak", [at(0), at(100), None], most=1) == 0
    assert tally("peak", [None, None], least=2) == 2


def test_tally_looks_for_holes_in_rows_by_the_numbers_of_their_slots() -> None:
    # Two days of two slots each: 0 and 3 in the first, 1 and 2 in the second. A hole of two in the first, none over night.
    cells = (Cells(SLOTS, places=((0, 0), (0, 3), (1, 1), (1, 2))),) * 3
    assert Tally(rule="y", what="holes", sessions=(0, 1, 2), cells=cells).measure([at(0), at(100), at(300)]) == 2
    assert Tally(rule="y", what="holes", sessions=(0, 1, 2), cells=cells).measure([at(100), at(200), at(300)]) == 0
    assert Tally(rule="y", what="isolated", sessions=(0, 1, 2), cells=cells).measure([at(100), at(200), at(300)]) == 1


def test_tally_leaves_out_choices_that_lie_in_no_cell() -> None:
    cells = (Cells(SLOTS, block=(0, None)),) * 2
    lone = Tally(rule="y", what="isolated", sessions=(0, 1), cells=cells)
    assert lone.measure([Spot(0, 0, 30), Spot(1, 100, 130)]) == 1  # the neighbour is in no cell
    assert lone.measure([Spot(0, 0, 30), Spot(0, 100, 130)]) == 0
    assert lone.measure([Spot(1, 0, 30), Spot(1, 100, 130)]) == 0


def test_tally_keeps_blocks_apart() -> None:
    # Slots 0 and 2, but in two halls: no hole in either.
    halls = (Cells(SLOTS, block=(0,)), Cells(SLOTS, block=(1,)))
    assert Tally(rule="y", what="holes", sessions=(0, 1), cells=halls).measure([at(0), at(200)]) == 0


def test_tally_adds_what_used_cells_are_worth() -> None:
    # Slot 0 of the second hall is used twice and counts once: 5. Slot 2 of the first is worth 3, slot 1 is not used.
    halls = (Cells(SLOTS, block=(0, 1)),) * 3
    worth = {(1, 0, 0): 5, (0, 0, 2): 3, (0, 0, 1): 9}
    term = Tally(rule="y", what="worth", sessions=(0, 1, 2), cells=halls, worth=worth)
    assert term.measure([at(0, choice=1), at(50, choice=1), at(250)]) == 8


def test_tally_counts_a_row_with_holes_once() -> None:
    assert tally("broken", [at(0), at(310)]) == 1
    assert tally("broken", [at(0), at(100)]) == 0
    assert tally("broken", [None, None]) == 0
    rows = (Cells(SLOTS, block=(0, 1)),) * 4
    both = Tally(rule="y", what="broken", sessions=(0, 1, 2, 3), cells=rows)
    assert both.measure([at(0), at(250), at(0, choice=1), at(310, choice=1)]) == 2


def test_tally_counts_blocks_side_by_side() -> None:
    # Slot 0 has two halls, one of them twice; slot 1 has one.
    halls = (Cells(SLOTS, block=(0, 1)),) * 4
    term = Tally(rule="y", what="abreast", sessions=(0, 1, 2, 3), cells=halls, most=1)
    assert term.measure([at(0), at(10), at(20, choice=1), at(100, choice=1)]) == 1


def test_tally_counts_the_meetings_of_owners() -> None:
    # Slot 0: the first owner has both halls, the second one of them: 2 x 1. In slot 2 they do not meet.
    halls = (Cells(SLOTS, block=(0, 1)),) * 4
    term = Tally(rule="y", what="meetings", sessions=(0, 1, 2, 3), cells=halls, owners=(0, 0, 1, 1))
    assert term.measure([at(0), at(10, choice=1), at(20), at(50)]) == 2
    assert term.measure([at(0), at(10, choice=1), at(20), at(50, choice=1)]) == 4
    assert term.measure([at(0), at(10), at(250), at(310)]) == 0


def test_a_slot_without_a_place_is_in_no_cell() -> None:
    cells = (Cells(SLOTS, places=((0, 0), None, (0, 1), None)),) * 3
    term = Tally(rule="y", what="distinct", sessions=(0, 1, 2), cells=cells)
    assert term.measure([at(0), at(100), at(310)]) == 1
    assert Tally(rule="y", what="broken", sessions=(0, 1, 2), cells=cells).measure([at(0), at(100), at(250)]) == 0


# ranks


def test_ranks_follow_cells_then_choices_then_starts() -> None:
    # The second is in the earlier cell, the first and the third in the later: by their choices the third comes first.
    term = Ranks(rule="r", sessions=(0, 1, 2), wanted=(3, 1, None), ranks=((4, 0), (9, 9), (1, 1)), cells=(0, 100))
    assert term.measure([at(100), at(90), at(150)]) == 0
    assert term.measure([at(100, choice=1), at(90), at(150)]) == 1  # the first comes second
    assert term.measure([at(100), None, at(150)]) == 1  # it is second of two
    assert term.measure([at(10, choice=1), at(90), at(150)]) == 2
    alike = Ranks(rule="r", sessions=(0, 1), wanted=(1, 2), ranks=((0,), (0,)))
    assert alike.measure([at(30), at(60)]) == alike.measure([at(60), at(60)]) == 0
    assert alike.measure([at(60), at(30)]) == 2


# link


def test_link_takes_from_the_first_start_to_the_second_end() -> None:
    # Two aircraft on one stand: 0-360 and 240-560 (30 before landing): 120 minutes of one too many.
    uses = (LinkUse(0, 1, ((1,),)), LinkUse(2, 3, ((1,),), lead=30))
    term = Link(rule="l", uses=uses, capacity=Steps((0,), (1,)))
    assert term.measure([at(0), at(300), at(270), at(500)]) == 120
    assert term.measure([at(0), at(300), at(270), None]) == 0  # no departure, no use


def test_link_amount_comes_from_both_choices() -> None:
    term = Link(rule="l", uses=(LinkUse(0, 1, ((0, 2), (3, 4))),), capacity=Steps((0,), (1,)))
    assert term.measure([at(0, choice=1), at(40, choice=0)]) == 200  # 3 - 1 over 100 minutes
    assert term.measure([at(0, choice=0), at(40, choice=0)]) == 0


def test_both_ends_of_a_link_may_be_of_one_session_and_its_amount_of_both() -> None:
    # On the road from 30 minutes before the start of the first to 10 after it, from the second's choice 1 only.
    to = LinkUse(0, 1, ((0, 2),), 30, 10, Edge("first", "start"), Edge("first", "start"))
    back = LinkUse(0, 1, ((0, 2),), 0, 15, Edge("first", "end"), Edge("first", "end"))
    term = Link(rule="l", uses=(to, back), capacity=Steps((0,), (1,)))
    assert term.measure([at(100), at(0, 900, choice=1)]) == 40 + 15  # 2 - 1 for each minute
    assert term.measure([at(100), at(0, 900)]) == 0
    assert term.measure([at(100), None]) == 0


# extent


@pytest.mark.parametrize(
    ("what", "value"),
    [("earliest", 100), ("latest", 400), ("span", 300), ("longest", 200)],  # sessions 100-160 and 200-400
)
def test_extent_measures_above_its_bound(what: str, value: int) -> None:
    spots = [at(100), at(200, 200), None]
    assert Extent(rule="e", what=what, sessions=(0, 1, 2), most=0).measure(spots) == value  # type: ignore[arg-type]
    assert Extent(rule="e", what=what, sessions=(0, 1, 2), least=value + 7).measure(spots) == 7  # type: ignore[arg-type]


def test_extent_of_nobody_is_within_any_bound() -> None:
    assert Extent(rule="e", what="span", sessions=(0,), least=10).measure([None]) == 0


# together


def test_hard_terms_hold_and_priced_ones_add_up_by_tier() -> None:
    absent = Group(rule="g", then=(0,))
    cheap = PlacementPrice(rule="p", price=Price(2, 3), session=0, absent=4)
    dear = PlacementPrice(rule="q", price=Price(1, 10), session=0, absent=1)
    assert not holds([absent, cheap], [None])
    assert holds([cheap, dear], [None])
    assert tier_values([absent, cheap, dear], [None]) == {1: 10, 2: 12}
