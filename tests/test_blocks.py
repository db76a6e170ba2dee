"""Named blocks of time: which block a start is in, and what no block can be."""

from __future__ import annotations

import pytest

from scheduler.errors import InputError
from scheduler.load import build
from scheduler.scenario.scenario import Scenario
from scheduler.scenario.strict_yaml import parse

SCENARIO = """\
schema: 1
id: small
calendar: {{timezone: Europe/Berlin, start: 2027-10-30, end: 2027-10-31}}
grades: {{G3: {{}}}}
venues: {{palace: {{name: Palace, halls: {{east: {{}}}}}}}}
events: {{visit: {{grade: G3, sessions: {{talks: {{duration: 1 h}}}}}}}}
blocks: {{{blocks}}}
"""


def scenario(blocks: str) -> Scenario:
    return build(parse(SCENARIO.format(blocks=blocks), "small.yaml")).scenario


def test_a_start_is_in_the_block_from_its_first_minute_on_and_not_at_its_end() -> None:
    # On the second day the clocks go back at 03:00: its noon is 25 h + 12 h after the first midnight, not 36 h.
    found = scenario(
        "late: {date: 2027-10-31, time: 12:00-18:00}, early: {from: 2027-10-30T09:00, to: 2027-10-30T10:00},"
        " night: {date: 2027-10-30, time: 22:00-02:00}, morning: {date: 2027-10-30, time: 10:00-12:00}"
    )
    assert list(found.blocks) == ["early", "morning", "night", "late"]
    hour = 60
    assert found.block_bounds == {
        0: None, 9 * hour: 0, 10 * hour: 1, 12 * hour: None, 22 * hour: 2, 26 * hour: None, 37 * hour: 3, 43 * hour: None,
    }  # fmt: skip
    at = {
        minute: found.block_at(found.calendar.moment(minute)) for minute in (539, 540, 599, 600, 719, 720, 1559, 1560, 2220)
    }
    assert list(at.values()) == [None, "early", "early", "morning", "morning", None, "night", None, "late"]


def test_in_the_hour_that_comes_twice_a_block_is_told_by_the_minute() -> None:
    # The clocks go back from 03:00 to 02:00, 24 h + 3 h after the first midnight. The block lasts from 02:45 of the first
    # time (24 h + 2 h 45 min) to 02:15 of the second (24 h + 3 h 15 min), half an hour.
    found = scenario("turn: {from: 2027-10-31T02:45+02:00, to: 2027-10-31T02:15+01:00}")
    assert found.block_bounds == {0: None, 1605: 0, 1635: None}
    at = [found.block_at(found.calendar.moment(minute)) for minute in (1604, 1605, 1620, 1634, 1635, 1650)]
    assert at == [None, "turn", "turn", "turn", None, None]


def test_whole_days_are_a_block() -> None:
    assert scenario("all: {from: 2027-10-30, to: 2027-10-31}").block_bounds == {0: 0, 49 * 60: None}


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ("m: {from: 2027-10-30, to: 2027-10-31, time: 09:00-12:00}", "a block of time is one span without a break"),
        ("m: {from: 2027-10-30, to: 2027-10-31, on: workdays}", "a block of time is one span without a break"),
        ("m: {date: 2027-10-29}", "the block does not lie in the calendar"),
        ("m: {date: 2027-10-31, time: 22:00-02:00}", "the block does not lie in the calendar"),
        (
            "m: {date: 2027-10-30, time: 09:00-12:00}, n: {date: 2027-10-30, time: 11:00-13:00}",
            "the block begins before the block m ends",
        ),
    ],
)
def test_what_is_no_block_is_refused(blocks: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        scenario(blocks)
    assert [issue.message for issue in caught.value.issues] == [message]


def test_a_block_that_begins_too_early_is_told_when_the_one_before_ends() -> None:
    with pytest.raises(InputError) as caught:
        scenario("m: {date: 2027-10-30, time: 09:00-12:00}, n: {date: 2027-10-30, time: 11:00-13:00}")
    assert [issue.hint for issue in caught.value.issues] == ["begin it at 2027-10-30T12:00?"]
