"""What goals refuse to be given: each complaint with its place and its hint."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.errors import InputError
from scheduler.load import build
from scheduler.scenario.strict_yaml import parse

SCENARIO = """\
schema: 1
id: small
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10}
grades: {G3: {}}
venues: {palace: {name: Palace, halls: {east: {name: East Hall}}}}
delegations: {host: {country: CN, persons: [premier]}}
events:
  visit: {grade: G3, sessions: {talks: {duration: 1 h, labels: {theme: [trade], level: 1}}, dinner: {duration: 2 h}}}
  call: {grade: G3, sessions: {courtesy: {duration: 1 h}}}
goals:
  g: {goal: """

TWICE = "visit.talks stands twice in this list"
BOTH = "sessions: [visit.talks, visit.dinner]"
LISTS = "sessions: [visit.talks, visit.talks]"


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("goal: same-hall, events: [visit]", "halls"),
        ("goal: same-hall, events: [visit], same: venue", "venues"),
        (f"goal: spread, least: 2, over: venue, {BOTH}", "venues missing"),
        ("goal: balance", "sessions"),
        (f"rule: apart, different: hall, {BOTH}", "pairs"),
        (f"rule: apart, gap: 1 h, {BOTH}", "minutes"),
        ("rule: concurrency, most: 1", "sessions x minutes"),
        ("rule: concurrency, most: 1, each: day, count: envelopes", "envelopes a day"),
        ("rule: daily-limits, per: venue, sessions: 2", "sessions too many"),
        ("rule: daily-limits, per: venue, hours: 2 h", "minutes too many"),
        ("rule: requires, any-time: true, session: visit.dinner, needs: [visit.talks]", "sessions missing"),
        (f"rule: together, same: day, {BOTH}", "pairs"),
        (f"rule: together, same: start, {BOTH}", "minutes between starts"),
        ("goal: compact-days, events: [visit]", "slots"),
        ("goal: compact-days, what: stay, events: [visit]", "days"),
        ("goal: same-subject, by: theme, keep: day", "pairs"),
        ("goal: same-subject, by: theme, keep: day, by-minutes: true", "minutes"),
        ("goal: larger-halls, by: level", "pairs"),
        ("goal: larger-halls, by: level, by-minutes: true", "minutes"),
    ],
)
def test_what_one_rule_counts_is_what_its_fields_choose(said: str, unit: str) -> None:
    text = SCENARIO.replace("goals:", "goals:" if said.startswith("goal") else "rules:").replace("goal: ", "")
    *_, written = build(parse(text + said + "}\n", "small.yaml")).rules
    assert written.counts == unit


@pytest.mark.parametrize(
    ("goal", "message", "hint"),
    [
        (f"seats-wasted, {LISTS}", TWICE, ""),
        (f"rush-hour, {LISTS}", TWICE, ""),
        (f"balance, {LISTS}", TWICE, ""),
        (f"spread, least: 2, {LISTS}", TWICE, ""),
        (
            "spread, least: 3, sessions: [visit.talks, visit.dinner]",
            "2 sessions cannot use 3 different days",
            "'least: 2'?",
        ),
        ("same-hall", "names neither a series nor an event", "'events: [visit]'?"),
        ("same-hall, events: [visit, visit]", "visit stands twice in this list", ""),
        ("same-hall, series: {x: [visit.talks, visit.talks]}", TWICE, ""),
        (
            "same-subject, by: theme, keep: day, sessions: [visit.talks], events: [visit]",
            "visit.talks is of an event that is listed as well",
            "leave out one of the two.",
        ),
        ("variety, by: theme, events: [visit, visit]", "visit stands twice in this list", ""),
        ("larger-halls, by: level, events: [visit, visit]", "visit stands twice in this list", ""),
        ("larger-halls, by: theme", "no session has a number as its theme", "'theme: 300'?"),
        ("variety, by: them", "there is no kind of label 'them'", "'theme'?"),
        ("same-subject, by: theme, keep: order", "an order goes by a number", "'rank: level'?"),
        ("same-subject, by: theme, keep: day, rank: level", "a rank is for an order", "'keep: order'?"),
        ("same-hall, each: block, events: [visit]", "the scenario has no blocks of time", None),
        ("block-prices", "prices no session, event or hall", "'events: {visit: {blocks: {morning: 2}}}'?"),
        ("block-prices, events: {visit: {blocks: {noon: 1}}}", "there is no block 'noon'", None),
        ("unbroken, events: [visit, visit]", "visit stands twice in this list", ""),
        (
            "unbroken, events: [visit]",
            "the scenario has 0 blocks of time: none lies between two others",
            "add to 'blocks'.",
        ),
        ("parallel-events, pairs: [[visit, visit]]", "visit stands twice in this list", ""),
        ("parallel-events, pairs: [[visit, call], [call, visit]]", "call and visit are paired twice", ""),
        ("parallel-events, pairs: [[visit, call]]", "the scenario has no blocks of time", None),
        ("parallel-events, pairs: [[visit]]", "at least 2", None),
        ("running-order, places: {visit.talks: 1}", "the scenario has no blocks of time", None),
        ("running-order, places: {visit.talks: 3}", "visit has 2 sessions, and none at place 3", ""),
        ("compact-days", "names no person, delegation or event", "'persons: [host.principal]'?"),
        ("compact-days, persons: [host.premir]", "there is no person 'host.premir'", "'host.premier'?"),
        ("compact-days, delegations: [host, host]", "host stands twice in this list", ""),
        ("compact-days, slot: 10 min, events: [visit]", "at least 15 min", None),
        ("rush-hour, wave: 13 h", "at most 12 h", None),
        ("rush-hour, hours: []", "at least 1 entry", None),
        ("finish-early, after: 2027-05-11T00:00", "2027-05-11T00:00 lies after the calendar", ""),
        ("near-home, of: [premier, premier]", "premier stands twice in this list", ""),
    ],
)
def test_what_a_goal_cannot_mean_is_told(goal: str, message: str, hint: Any) -> None:
    with pytest.raises(InputError) as caught:
        build(parse(SCENARIO + goal + "}\n", "small.yaml"))
    assert any(message in issue.message and hint in (None, issue.hint) for issue in caught.value.issues)
