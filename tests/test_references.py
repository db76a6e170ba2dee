"""What a scenario refers to: dangling names, dates outside the calendar, spans the wrong way round, all told at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.errors import InputError, Issue
from scheduler.scenario.calendar import Calendar
from tests.conftest import LoadText

SCENARIO = """\
schema: 1
id: small
calendar: {timezone: Europe/Berlin, start: 2027-05-10, end: 2027-05-12}
grades: {G2: {sweep: 1 h}, G3: {}}
zones: {centre: {}, north: {in: centre}}
venues:
  palace:
    name: Palace
    zone: centre
    clearance: G2
    hours: 08:00-22:00
    opens: 2027-01-01
    closes: 2027-12-31
    closures: {works: {from: 2027-04-01T00:00, to: 2027-04-12T24:00}}
    halls:
      red: {seats: {theatre: 60}, features: [interpretation]}
      blue: {seats: {theatre: 40}}
      foyer: {pooled: 3}
    combinations: {both: [red, blue]}
  ministry: {name: Ministry, clearance: G2, halls: {blue: {seats: {theatre: 40}}}}
travel: {palace: {ministry: 20 min}}
delegations:
  host: {country: CN, persons: [minister, premier]}
  nor: {country: NO, persons: [minister]}
  bra: {country: BR, persons: [minister]}
groups: {guests: [nor]}
events:
  visit:
    grade: G2
    delegations: [host, guests]
    within: {day: {date: 2027-05-10, time: 09:00-20:00}}
    sessions:
      talks: {duration: 90 min, attendance: 20, persons: [minister], halls: {any: [palace.red, ministry.*]}}
      dinner: {duration: 2 h, persons: [host.premier], prefer: {start: 2027-05-10T18:00, venues: [palace]}}
  press:
    grade: G3
    sessions:
      statement: {duration: 20 min, options: {inside: {halls: {any: [palace.foyer]}}, outside: {halls: {any: ["*"]}}}}
  gala:
    grade: G2
    sessions:
      welcome: {duration: 30 min}
      banquet: {duration: 2 h}
rules:
  programme: {rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}
goals:
  times: {goal: preferred-times, tier: 1}
pins: {gala.welcome: {hall: palace.blue, start: 2027-05-10T10:00}}
"""

MORE_FOR_NORWAY = ("persons: [host.premier]", "persons: [host.premier, nor.minister]")
"""A change that gives one person two sessions, which may be in two venues."""

MARK = "§"
"""Stands in a changed text where the complaint is expected; it is taken out before the text is read."""


def changed(*changes: tuple[str, str]) -> str:
    """Return the scenario with each first text, which it holds once, replaced by the second."""
    text = SCENARIO
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def marks(text: str) -> list[tuple[int, int]]:
    """Return the line and column of each mark."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        pieces = line.split(MARK)
        found += [(number, len("".join(pieces[:count])) + 1) for count in range(1, len(pieces))]
    return found


@pytest.fixture
def complaints(load_text: LoadText) -> Complaints:
    return Complaints(load_text)


class Complaints:
    """Loads texts that are wrong."""

    def __init__(self, load_text: LoadText) -> None:
        self.load_text = load_text

    def of(self, text: str) -> list[Issue]:
        """Return what is wrong with a text, which is as many complaints as it has marks, each at its mark."""
        with pytest.raises(InputError) as refused:
            self.load_text(text.replace(MARK, ""))
        issues = list(refused.value.issues)
        said = "\n".join(map(str, issues))
        assert [(issue.place.line, issue.place.column) for issue in issues] == marks(text), said
        return issues

    def one(self, *changes: tuple[str, str]) -> Issue:
        """Return the one complaint of the scenario with some changes, which is at the mark in them."""
        (issue,) = self.of(changed(*changes))
        return issue


def test_the_scenario_of_this_file_is_sound(load_text: LoadText) -> None:
    assert len(load_text(SCENARIO).scenario.sessions) == 5


# Names of what is not there


@pytest.mark.parametrize(
    ("old", "new", "what", "hint"),
    [
        ("zone: centre", "zone: §centr", "zone 'centr'", "'centre'?"),
        ("in: centre", "in: §sentre", "zone 'sentre'", "'centre'?"),
        ("palace: {ministry: 20 min}", "§palas: {ministry: 20 min}", "venue 'palas'", "'palace'?"),
        ("{ministry: 20 min}", "{§minstry: 20 min}", "venue 'minstry'", "'ministry'?"),
        ("guests: [nor]", "guests: [nor, §nro]", "delegation 'nro'", "'nor'?"),
        ("[host, guests]", "[host, §guest]", "delegation or group 'guest'", "'guests'?"),
        ("any: [palace.red, ministry.*]", "any: [palace.red, §ministri.*]", "hall 'ministri.*'", "'ministry.*'?"),
        ("any: [palace.red, ministry.*]", "any: [§palace.rde]", "hall 'palace.rde'", "'palace.red'?"),
        ("any: [palace.foyer]", "any: [§palace.foyr]", "hall 'palace.foyr'", "'palace.foyer'?"),
        ("venues: [palace]", "venues: [palace, §palacio]", "venue or hall 'palacio'", "'palace'?"),
        ("persons: [host.premier]", "persons: [§host.premeir]", "person 'host.premeir'", "'host.premier'?"),
        ("persons: [host.premier]", "persons: [§bra.premier]", "person 'bra.premier'", "'host.premier'?"),
        ("[gala.welcome, gala.banquet]", "[gala.welcome, §gala.bankett]", "session 'gala.bankett'", "'gala.banquet'?"),
        ("pins: {gala.welcome", "pins: {§gala.welcom", "session 'gala.welcom'", "'gala.welcome'?"),
        ("hall: palace.blue", "hall: §palace.bleu", "hall 'palace.bleu'", "'palace.blue'?"),
        ("rule: order", "rule: §ordre", "rule 'ordre'", "'order'?"),
        ("goal: preferred-times", "goal: §prefered-times", "goal 'prefered-times'", "'preferred-times'?"),
        ("both: [red, blue]", "both: [red, §blu]", "hall 'palace.blu'", "'palace.blue'?"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(old: str, new: str, what: str, hint: str, complaints: Complaints) -> None:
    issue = complaints.one((old, new))
    assert f"there is no {what}" in issue.message
    assert issue.hint == hint


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("rule: cooldown, gap: 2 h, venues: [§palas]", "there is no venue 'palas'", "'palace'?"),
        ("rule: cooldown, gap: 2 h, venues: [palace, §palace]", "palace stands twice in this list", ""),
        ("rule: perimeter, grade: §G4", "is 'G4', not 'G1', 'G2' or 'G3'", ""),
        (
            "rule: perimeter, grade: G2, radius: §2 km",
            "the distance from palace to ministry is not known",
            "give both a node",
        ),
        ("rule: cordon, before: 2 h, radius: §2 km", "how far it is from palace to others is not known", "give pal"),
        ("rule: cordon, venues: {§palas: 2 h}", "there is no venue 'palas'", "'palace'?"),
        ("rule: concurrency, most: §0", "wants at least 1, not 0", ""),
        ("rule: concurrency, most: 2, zone: §centr", "there is no zone 'centr'", "'centre'?"),
        ("rule: concurrency, most: 2, district: §Chaoyang", "no venue is in a district 'Chaoyang'", ""),
        ("rule: concurrency, most: 2, count: §envelopes", "envelopes are counted by day", "add 'each: day'."),
    ],
)
def test_a_rule_of_security_that_cannot_be_meant(said: str, message: str, hint: str, complaints: Complaints) -> None:
    issues = complaints.of(changed(("rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h", said)))
    assert message in issues[0].message
    assert issues[0].hint.startswith(hint)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("rule: perimeter, grade: G2", "says what is near by either 'radius' or 'drive'"),
        ("rule: perimeter, radius: 2 km, drive: 5 min", "says what is near by either 'radius' or 'drive'"),
        ("rule: cordon, after: 2 h", "says for no venue how long before a session its roads close"),
    ],
)
def test_a_rule_of_security_that_says_too_little_or_too_much(said: str, message: str, complaints: Complaints) -> None:
    entry = ("{rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}", f"§{{{said}}}")
    assert complaints.one(entry).message == message


ORDER = "{rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}"
ROADS = """network:
  corridors: {axis: {name: Axis}}
  classes: {street: {speed: 60 km/h}}
  nodes: {square: {name: Square, at: [40, 116]}, lake: {name: Lake, at: [40.02, 116]}}
  links: {axis: {between: [square, lake], class: street, length: 5 km, corridor: axis}}
"""


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("rule: airports, halls: [§palace], arrivals: visit, departures: visit", "no hall 'palace'", "'palace.red'?"),
        (
            "rule: concurrency, most: 2, zone: centre, district: §X",
            "a rule is for a zone or for a district",
            "write a rule",
        ),
        ("rule: daily-limits, per: person, hours: §0 h", "this is at least a minute", ""),
        ("rule: daily-limits, per: person, sessions: 2, of: [§host]", "no person 'host'", "'host.minister'?"),
        ("rule: daily-limits, per: venue, sessions: 2, of: [palace, §palace]", "palace stands twice in this list", ""),
        ("rule: interpreters, host: host, pairs: {§Russian: 2}", "'Russian' is not a language", "'ru'?"),
        ("rule: interpreters, host: host, pairs: {ru: 2}, sessions: §[]", "wants at least 1 entry", ""),
        ("rule: perimeter, radius: §3", "3 is not a distance", "'3.9 km'"),
        (
            "rule: precedence, by: list, order: [nor, bra, §nor], sessions: [gala.welcome, gala.banquet]",
            "nor stands twice",
            "",
        ),
        ("rule: requires, session: visit.talks, needs: [visit.dinner, §visit.dinner]", "visit.dinner stands twice", ""),
        ("rule: shared-audience, events: [visit, §visit]", "visit stands twice in this list", ""),
        (
            "rule: tags, sessions: [visit.talks], forbid: [interpretation, §interpretation]",
            "interpretation stands twice",
            "",
        ),
        (
            "rule: tags, sessions: [visit.talks], forbid: [interpretation], prefer: [§interpretation], soften: {}",
            "interpretation is forbidden by this rule as well",
            "",
        ),
        (
            "rule: unavailable, halls: [palace.red, §palace.red], times: {t: {date: 2027-05-10}}",
            "palace.red stands twice",
            "",
        ),
        ("rule: unavailable, persons: [§nor.ministre], times: {t: {date: 2027-05-10}}", "no person", "'nor.minister'?"),
        (
            "rule: unavailable, delegations: [nor], times: {before: §{date: 2027-05-08}, in: {date: 2027-05-10}}",
            "the time lies outside the calendar: 2027-05-08 to 2027-05-08",
            "between 2027-05-10 and 2027-05-12?",
        ),
    ],
)
def test_a_rule_with_a_slip_of_the_pen(said: str, message: str, hint: str, complaints: Complaints) -> None:
    issues = complaints.of(changed((ORDER, f"{{{said}}}")))
    assert message in issues[0].message
    assert issues[0].hint.startswith(hint)


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            "rule: airports, halls: [palace.red], arrivals: visit, departures: gala",
            "asks for no spacing, no stands and no one hub",
            "'spacing: 15 min'?",
        ),
        (
            "rule: shared-audience, events: [press]",
            "lists no two sessions that could overlap (press: press.statement alone)",
            None,
        ),
    ],
)
def test_a_rule_that_asks_for_nothing(said: str, message: str, hint: str | None, complaints: Complaints) -> None:
    issue = complaints.one((ORDER, f"§{{{said}}}"))
    assert issue.message == message
    assert hint in (None, issue.hint)


def test_aircraft_are_towed_only_where_stands_are_counted(complaints: Complaints) -> None:
    said = "{rule: airports, halls: [palace.red], arrivals: visit, departures: gala, spacing: 5 min, towed: §1 h}"
    assert complaints.one((ORDER, said)).hint == "'stands: 30'?"


@pytest.mark.parametrize(
    ("hotel", "venue", "message"),
    [
        (
            "§{name: Inn, rooms: 9}",
            ", node: lake",
            "inn has no node, so that no way between inn and palace is known for nor",
        ),
        (
            "{name: Inn, rooms: 9, node: lake}",
            "",
            "palace has no node, so that no way between inn and palace is known for nor",
        ),
    ],
)
@pytest.mark.parametrize(
    "said", ["rules: {roads: {rule: motorcades, capacity: 1}}\ngoals", "goals:\n  near: {goal: near-home, of: [minister]}"]
)
def test_a_way_home_that_is_not_known_is_told_once(
    said: str, hotel: str, venue: str, message: str, complaints: Complaints
) -> None:
    # The talks may be in two venues: to the ministry there is a way from the palace, by the table.
    text = changed(
        ("palace:\n    name: Palace", "palace:\n    name: Palace" if venue else "palace:\n    §name: Palace"),
        ("zone: centre", f"zone: centre{venue.replace(', ', chr(10) + '    ')}"),
        ("grades: {G2: {sweep: 1 h}", "grades: {G2: {sweep: 1 h, escorted: true}"),
        ("delegations:\n  host", f"{ROADS}hotels: {{inn: {hotel}}}\ndelegations:\n  host"),
        ("nor: {country: NO,", "nor: {country: NO, home: {any: [inn]},"),
        (f"rules:\n  programme: {ORDER}\n", ""),
        ("any: [palace.red, ministry.*]", "any: [palace.red]"),
        ("goals:", said if said.startswith("goals") else f"{said}:"),
    )
    (issue,) = complaints.of(text)
    assert issue.message == message


def test_of_broken_roads_only_their_own_fault_is_told(complaints: Complaints) -> None:
    # Both venues stand at nodes; the road between them is of no class, and so nobody can say how long a drive takes.
    text = changed(
        ("travel: {palace: {ministry: 20 min}}\n", ROADS.replace("class: street", "class: §stret")),
        ("palace:\n    name: Palace", "palace:\n    node: lake\n    name: Palace"),
        ("ministry: {name: Ministry", "ministry: {node: square, name: Ministry"),
        (ORDER, "{rule: perimeter, grade: G2, drive: 5 min}"),
    )
    (issue,) = complaints.of(text)
    assert issue.hint == "'street'?"


@pytest.mark.parametrize(
    "fault",
    [
        ("bra: {country: BR", "bra: {country: §Brazil"),
        ("gala:\n    grade: G2\n    delegations: [bra]", "gala:\n    grade: G2\n    delegations: [§brazil]"),
        ("delegations: [bra]", "delegations: [§brazil]"),
    ],
)
@pytest.mark.parametrize("rule", ["precedence", "equal-treatment, same: hall"])
def test_only_the_first_cause_is_told_of_a_guest_with_a_fault(
    rule: str, fault: tuple[str, str], complaints: Complaints
) -> None:
    text = changed(
        ("gala:\n    grade: G2", "gala:\n    grade: G2\n    delegations: [bra]"),
        ("bra: {country: BR", "bra: {rank: minister, country: BR"),
        ("banquet: {duration: 2 h}", "banquet: {duration: 30 min}"),
        (ORDER, f"{{rule: {rule}, sessions: [gala.welcome, gala.banquet]}}"),
    )
    fault = (fault[0].replace("bra: {c", "bra: {rank: minister, c"), fault[1].replace("bra: {c", "bra: {rank: minister, c"))
    assert fault[0] in text
    (issue,) = complaints.of(text.replace(*fault))
    assert "razil" in issue.message


def test_options_that_all_say_how_long_they_are_spare_the_session_its_duration(load_text: LoadText) -> None:
    inside, outside = "inside: {halls: {any: [palace.foyer]}}", 'outside: {halls: {any: ["*"]}}'
    text = changed(
        ("statement: {duration: 20 min, ", "statement: {"),
        (inside, inside.replace("{h", "{duration: 1 h, h", 1)),
        (outside, outside.replace("{h", "{duration: 5 min, h", 1)),
    )
    session = load_text(text).scenario.sessions["press.statement"]
    assert [(way.option, way.minutes) for way in session.ways] == [("inside", 60), ("outside", 5)]


def test_one_option_without_a_duration_wants_that_of_the_session(complaints: Complaints) -> None:
    old = "statement: {duration: 20 min, options: {inside: {halls"
    issue = complaints.one((old, "statement: §{options: {inside: {duration: 1 h, halls"))
    assert "a session, or each of its options, has a 'duration'" in issue.message


def test_a_person_whom_no_delegation_of_the_session_has(complaints: Complaints) -> None:
    issue = complaints.one(("persons: [minister], halls", "persons: [§ministre], halls"))
    assert "(host, nor)" in issue.message
    assert issue.hint == "'minister'?"


def test_a_role_of_another_delegation_than_those_of_the_session(complaints: Complaints) -> None:
    # the host alone has a premier
    change = ("persons: [host.premier]", "delegations: [nor], persons: [§premier]")
    assert "(nor)" in complaints.one(change).message


def test_a_venue_where_a_hall_is_wanted(complaints: Complaints) -> None:
    issue = complaints.one(("any: [palace.red, ministry.*]", "any: [§palace]"))
    assert "is a venue" in issue.message
    assert issue.hint == "'palace.*' for any of its halls?"


def test_a_word_like_nothing_known_has_no_hint(complaints: Complaints) -> None:
    assert complaints.one(("zone: centre", "zone: §xyzzyxyzzy")).hint == ""


def test_a_pin_in_a_hall_that_the_session_does_not_admit(complaints: Complaints) -> None:
    issue = complaints.one(("pins: {", "pins: {visit.talks: {hall: §palace.blue}, "))
    assert "visit.talks does not admit the hall palace.blue" in issue.message


def test_a_pin_to_an_unknown_option(complaints: Complaints) -> None:
    issue = complaints.one(("pins: {", "pins: {press.statement: {option: §insid}, "))
    assert "option of press.statement 'insid'" in issue.message
    assert issue.hint == "'inside'?"


def test_a_goal_under_rules(complaints: Complaints) -> None:
    issue = complaints.one(("{rule: order,", "{rule: §hold-events,"))
    assert "is a goal, not a rule" in issue.message


def test_a_rule_under_goals(complaints: Complaints) -> None:
    assert "rule" in complaints.one(("goal: preferred-times", "goal: §order")).message


def test_an_entry_of_the_other_section_is_told_its_section(complaints: Complaints) -> None:
    issue = complaints.one(
        ("programme: {rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}", "hold: §{goal: hold-events}")
    )
    assert "goals" in issue.message + issue.hint


@pytest.mark.parametrize("entry", ["§{}", "§5", "§[order]", "§order", "§{sessions: [gala.welcome, gala.banquet]}", "§~"])
def test_a_rule_names_its_family(entry: str, complaints: Complaints) -> None:
    rule = "{rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}"
    assert "rules.programme does not name its rule" in complaints.one((rule, entry)).message


@pytest.mark.parametrize("name", ["~", "5", "[order]", "{order: 1}", "true"])
def test_the_family_of_a_rule_is_a_known_word(name: str, complaints: Complaints) -> None:
    assert "there is no rule" in complaints.one(("rule: order", f"rule: §{name}")).message


def test_a_grade_without_a_row_is_told_once_for_its_event(complaints: Complaints) -> None:
    issue = complaints.one(("  visit:\n    grade: G2", "  visit:\n    grade: §G1"))
    assert "G1" in issue.message
    assert "grades: {G1" in issue.hint


def test_a_grade_of_a_session_without_a_row(complaints: Complaints) -> None:
    assert "G1" in complaints.one(("talks: {duration: 90 min", "talks: {grade: §G1, duration: 90 min")).message


def test_a_grade_that_does_not_exist(complaints: Complaints) -> None:
    issue = complaints.one(("grade: G3", "grade: §G4"))
    assert "'G4'" in issue.message
    assert "'G1', 'G2' or 'G3'" in issue.message


def test_a_combination_of_a_pooled_hall(complaints: Complaints) -> None:
    assert "foyer is pooled" in complaints.one(("both: [red, blue]", "both: [red, §foyer]")).message


def test_a_combination_of_another_venues_hall(complaints: Complaints) -> None:
    complaints.one(("both: [red, blue]", "both: [red, §ministry.blue]"))


def test_a_combination_under_the_id_of_a_hall(complaints: Complaints) -> None:
    assert "already" in complaints.one(("both: [red, blue]", "red: §[red, blue]")).message


def test_a_group_under_the_id_of_a_delegation(complaints: Complaints) -> None:
    assert "already" in complaints.one(("groups: {guests", "groups: {host: §[nor], guests")).message


def test_a_way_from_a_venue_to_itself(complaints: Complaints) -> None:
    assert "itself" in complaints.one(("{ministry: 20 min}", "{ministry: 20 min, palace: §5 min}")).message


def test_a_way_that_nobody_has_told(complaints: Complaints) -> None:
    issue = complaints.one(("travel: {palace: {ministry: 20 min}}\n", ""), ("schema: 1", "§schema: 1"), MORE_FOR_NORWAY)
    assert "no minutes between ministry and palace" in issue.message
    assert issue.hint == "'travel: {ministry: {palace: 20 min}}'?"


def test_a_session_twice_in_one_rule(complaints: Complaints) -> None:
    assert "twice" in complaints.one(("[gala.welcome, gala.banquet]", "[gala.banquet, §gala.banquet]")).message


def test_an_optional_event_of_optional_sessions(complaints: Complaints) -> None:
    issue = complaints.one(
        ("  press:\n    grade: G3", "  press:\n    optional: §{price: 1}\n    grade: G3"),
        ("statement: {", "statement: {optional: {price: 1}, "),
    )
    assert "optional" in issue.message


# Outside the calendar, or the wrong way round


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("day: {date: 2027-05-10, time: 09:00-20:00}", "day: §{date: 2027-05-09, time: 09:00-20:00}"),
        ("day: {date: 2027-05-10, time: 09:00-20:00}", "day: §{from: 2027-05-13, to: 2027-06-01}"),
        ("day: {date: 2027-05-10, time: 09:00-20:00}", "day: §{from: 2027-05-13T00:00, to: 2027-05-13T10:00}"),
        ("talks: {duration", "talks: {within: {x: §{date: 2028-05-10}}, duration"),
        ("prefer: {start: 2027-05-10T18:00", "prefer: {start: §2027-05-09T23:59"),
        ("prefer: {start: 2027-05-10T18:00", "prefer: {start: §2027-05-12T24:00"),
        ("start: 2027-05-10T10:00}", "start: §2027-05-13T00:00}"),
        ("start: 2027-05-10T10:00}", "start: §2026-05-10T10:00}"),
    ],
)
def test_what_lies_outside_the_calendar(old: str, new: str, complaints: Complaints) -> None:
    issue = complaints.one((old, new))
    assert "outside the calendar" in issue.message
    assert issue.hint == "between 2027-05-10 and 2027-05-12?"


@pytest.mark.parametrize(
    "window",
    ["{from: 2027-05-01, to: 2027-05-10}", "{from: 2027-05-12, to: 2027-06-01}", "{from: 2000-01-01, to: 2030-01-01}"],
)
def test_a_window_may_reach_beyond_the_calendar(window: str, load_text: LoadText) -> None:
    load_text(changed(("{date: 2027-05-10, time: 09:00-20:00}", window)))


def test_a_window_of_centuries_costs_no_more_than_the_calendar(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.problem import compile_problem

    text = changed(("{date: 2027-05-10, time: 09:00-20:00}", "{from: 1950-01-01, to: 2150-01-01, time: 09:00-20:00}"))
    loaded = load_text(text)
    asked = 0
    band = Calendar.band

    def counting(calendar: Calendar, *args: object) -> tuple[int, int]:
        nonlocal asked
        asked += 1
        assert asked < 1_000, "every day of the window is looked at, not only those of the calendar"
        return band(calendar, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Calendar, "band", counting)
    compile_problem(loaded)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "{timezone: Europe/Berlin, start: 2027-05-10, end: 2027-05-12}",
            "§{timezone: Europe/Berlin, start: 2027-05-12, end: 2027-05-10}",
            "2027-05-10, before it starts on 2027-05-12",
        ),
        (
            "day: {date: 2027-05-10, time: 09:00-20:00}",
            "day: §{from: 2027-05-12, to: 2027-05-10}",
            "2027-05-10, before it starts 2027-05-12",
        ),
        (
            "day: {date: 2027-05-10, time: 09:00-20:00}",
            "day: §{from: 2027-05-10T12:00, to: 2027-05-10T11:00}",
            "before it starts",
        ),
        (
            "works: {from: 2027-04-01T00:00, to: 2027-04-12T24:00}",
            "works: §{from: 2027-04-12T24:00, to: 2027-04-01T00:00}",
            "not after it starts",
        ),
        (
            "opens: 2027-01-01\n    closes: 2027-12-31",
            "opens: 2027-12-31\n    closes: 2027-01-01",
            "2027-01-01, before it opens on 2027-12-31",
        ),
        ("at-most: 4 h", "at-most: §4 min, at-least: 4 h", "shorter"),
    ],
)
def test_an_end_before_its_start(old: str, new: str, words: str, load_text: LoadText) -> None:
    text = changed((old, new))
    with pytest.raises(InputError) as refused:
        load_text(text.replace(MARK, ""))
    (issue,) = refused.value.issues
    assert words in issue.message
    assert "swap" in issue.hint
    if MARK in text:
        assert [(issue.place.line, issue.place.column)] == marks(text)
    else:
        assert 7 <= issue.place.line <= 19  # the palace, where both dates stand


@pytest.mark.parametrize(
    "window",
    [
        "{date: 2027-05-10, from: 2027-05-10, to: 2027-05-11}",
        "{from: 2027-05-10}",
        "{to: 2027-05-10}",
        "{time: 09:00-10:00}",
        "{}",
    ],
)
def test_a_window_has_one_form(window: str, complaints: Complaints) -> None:
    issue = complaints.one(("{date: 2027-05-10, time: 09:00-20:00}", f"§{window}"))
    assert "either 'date' or 'from' and 'to'" in issue.message


def test_a_window_without_a_minute_is_refused(complaints: Complaints) -> None:
    empty = "§{from: 2027-05-10T12:00, to: 2027-05-10T12:00}"
    assert "window ends" in complaints.one(("{date: 2027-05-10, time: 09:00-20:00}", empty)).message


def test_hours_that_no_clock_shows(complaints: Complaints) -> None:
    assert "24:30" in complaints.one(("hours: 08:00-22:00", "hours: §08:00-24:30")).message


def test_hours_of_nothing(complaints: Complaints) -> None:
    assert "empty" in complaints.one(("hours: 08:00-22:00", "hours: §08:00-08:00")).message


def test_a_time_that_the_clocks_of_the_calendar_skip(complaints: Complaints) -> None:
    issue = complaints.one(
        ("start: 2027-05-10, end: 2027-05-12", "start: 2027-03-28, end: 2027-05-12"),
        ("start: 2027-05-10T10:00}", "start: §2027-03-28T02:30}"),
    )
    assert "does not exist in Europe/Berlin" in issue.message


def test_a_calendar_the_wrong_way_round_does_not_cast_doubt_on_offsets(complaints: Complaints) -> None:
    # the zone is sound, and Berlin is at +02:00 in May
    complaints.one(
        (
            "{timezone: Europe/Berlin, start: 2027-05-10, end: 2027-05-12}",
            "§{timezone: Europe/Berlin, start: 2027-05-12, end: 2027-05-10}",
        ),
        ("start: 2027-05-10T10:00}", "start: 2027-05-10T10:00+02:00}"),
    )


# How it is said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "{rule: order, sessions: [gala.welcome, gala.banquet], at-most: 4 h}",
            "§{rule: order}",
            ["rules.programme", "lacks", "'sessions'"],
        ),
        ("sessions: [gala.welcome, gala.banquet]", "sessions: §5", ["rules.programme.sessions", "a list"]),
        (
            "sessions: [gala.welcome, gala.banquet]",
            "sessions: [gala.welcome, §visit.lunch]",
            ["rules.programme", "visit.lunch"],
        ),
        ("at-most: 4 h", "at-most: §4", ["rules.programme.at-most", "no unit"]),
        ("at-most: 4 h", "§at-mots: 4 h", ["unknown key 'at-mots'"]),
        ("tier: 1", "tier: §0", ["goals.times.tier", "1"]),
        ("tier: 1", "tier: §first", ["goals.times.tier", "a whole number", "'first'"]),
    ],
)
def test_what_is_wrong_in_a_rule_names_the_rule(old: str, new: str, words: list[str], complaints: Complaints) -> None:
    issue = complaints.one((old, new))
    assert [word for word in words if word not in issue.message] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delegations: [host, guests]", "delegations: §alll"),
        ("delegations: [host, guests]", "delegations: §5"),
        ("delegations: [host, guests]", "delegations: [host, §5]"),
        ("delegations: [host, guests]", "delegations: §{host: 1}"),
        ("seats: {theatre: 60}", "basis: §publishd, seats: {theatre: 60}"),
        ("seats: {theatre: 60}", "basis: {theatre: §publishd}, seats: {theatre: 60}"),
        ("any: [palace.foyer]", "any: §[]"),
        ("halls: {blue: {seats: {theatre: 40}}}", "halls: §{}"),
        ("both: [red, blue]", "both: §[red]"),
        ("both: [red, blue]", "both: §5"),
        ("seats: {theatre: 60}", "turnover: §[1 h], seats: {theatre: 60}"),
        ("name: Palace", "name: §2027"),
        ("name: Palace", "name: §[Palace]"),
        ("name: Palace", "name: §{zh: 宫}"),
        ("persons: [minister, premier]", "persons: §minister"),
        ("persons: [minister, premier]", "persons: [minister, §[premier]]"),
        ("persons: [minister, premier]", "persons: [minister, §{premier: 1}]"),
        ("persons: [minister, premier]", "persons: [minister, §5]"),
        ("persons: [minister, premier]", "persons: [minister, §Premier]"),
        ("attendance: 20, persons: [minister]", "attendance: §NO, persons: [minister]"),
        ("attendance: 20, persons: [minister]", "attendance: §12:30, persons: [minister]"),
        ("attendance: 20, persons: [minister]", "attendance: §'20', persons: [minister]"),
        ("attendance: 20, persons: [minister]", "attendance: §-20, persons: [minister]"),
        ("duration: 90 min", "duration: §~"),
        ("duration: 90 min", "duration: §[90 min]"),
        ("schema: 1", "schema: §2"),
        ("schema: 1", "schema: §true"),
        ("tier: 1", "tier: §true"),
        ("tier: 1", "tier: §'1'"),
        ("country: NO", "country: §Norway"),
        ("country: NO", "country: §no"),
    ],
)
def test_wrong_shapes_are_told_once_in_plain_words(old: str, new: str, complaints: Complaints) -> None:
    message = complaints.one((old, new)).message
    foreign = ("list[", "literal[", "dict[", "NoneType", "Items", "Mapping", "after validation", "^[A-Z]", "input should")
    assert [word for word in foreign if word in message] == []


def test_a_number_as_a_name_is_told_that_a_text_is_wanted(complaints: Complaints) -> None:
    assert "a text" in complaints.one(("name: Palace", "name: §2027")).message


@pytest.mark.parametrize("country", ["Norway", "no", "NOR"])
def test_the_hint_for_a_country_is_no_id(country: str, complaints: Complaints) -> None:
    hint = complaints.one(("country: NO", f"country: §{country}")).hint
    assert country.lower() not in hint


@pytest.mark.parametrize("tier", ["first", "0", "-1", "1.5"])
def test_tiers_are_numbered_from_one(tier: str, complaints: Complaints) -> None:
    message = complaints.one(("goals:\n", f"tiers: {{§{tier}: {{slack: 2}}}}\ngoals:\n")).message
    assert repr(tier) in message
    assert "is no id" not in message  # it is a number that is wanted here


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("hours: 08:00", "§huors: 08:00", "'hours'?"),
        ("duration: 90 min", "§duratoin: 90 min, duration: 90 min", "'duration'?"),
        ("talks: {duration", "talks: {§move_in: 5 min, duration", "'move-in'?"),
        ("calendar: {timezone", "calendar: {§timezon: x, timezone", "'timezone'?"),
        ("id: small", "id: small\n§vanues: {}", "'venues'?"),
        ("seats: {theatre: 60}", "seats: {theatre: 60}, §seat: 3", "'seats'?"),
        ("any: [palace.foyer]", "any: [palace.foyer], §all: []", ""),
        ("at-most: 4 h", "at-most: 4 h, §soften_: {tier: 1}", "'soften'?"),
        ("at-most: 4 h", "at-most: 4 h, soften: {§wieght: 2}", "'weight'?"),
    ],
)
def test_an_unknown_key_is_told_the_nearest(old: str, new: str, hint: str, complaints: Complaints) -> None:
    issue = complaints.one((old, new))
    assert "unknown key" in issue.message
    assert issue.hint == hint


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("talks: {duration", "§Talks: {duration", "'talks'?"),
        ("talks: {duration", "§opening talks: {duration", "'opening-talks'?"),
        ("  press:", "  §press.room:", "'press-room'?"),
        ("id: small", "id: §Small One", "'small-one'?"),
    ],
)
def test_what_is_no_id_is_told_one(old: str, new: str, hint: str, load_text: LoadText) -> None:
    text = changed((old, new))
    with pytest.raises(InputError) as refused:
        load_text(text.replace(MARK, ""))
    issue = refused.value.issues[0]
    assert [(issue.place.line, issue.place.column)] == marks(text)
    assert issue.hint == hint


# Everything at once


def test_ten_mistakes_of_ten_kinds_are_told_together(complaints: Complaints) -> None:
    text = changed(
        ("in: centre", "in: §centr"),  # a dangling reference
        ("clearance: G2\n    hours", "§claerance: G2\n    hours"),  # an unknown key
        ("blue: {seats: {theatre: 40}}\n", "blue: {seats: {theatre: §many}}\n"),  # a wrong type
        ("{ministry: 20 min}", "{ministry: §20}"),  # no unit
        ("country: NO", "country: §Norway"),  # a wrong form
        ("guests: [nor]", "guests: [nor, §swe]"),
        ("  press:\n    grade: G3", "  press:\n    grade: §G5"),  # not one of a few words
        ("rule: order", "rule: §odrer"),
        ("goal: preferred-times", "goal: §preferred-tims"),
        ("start: 2027-05-10T10:00}", "start: §2027-05-40T10:00}"),  # no date
    )
    issues = complaints.of(text)
    assert len(issues) == 10


def test_ten_dangling_references_are_told_together(complaints: Complaints) -> None:
    text = changed(
        ("in: centre", "in: §centr"),
        ("zone: centre", "zone: §centr"),
        ("both: [red, blue]", "both: [red, §blu]"),
        ("{ministry: 20 min}", "{ministry: 20 min, §minstry: 20 min}"),
        ("guests: [nor]", "guests: [nor, §swe]"),
        ("[host, guests]", "[host, §guest, guests]"),
        ("any: [palace.red, ministry.*]", "any: [palace.red, §palace.rde]"),
        ("persons: [host.premier]", "persons: [§host.premeir]"),
        ("venues: [palace]", "venues: [§palac]"),
        ("[gala.welcome, gala.banquet]", "[gala.welcome, §visit.lunch, gala.banquet]"),
    )
    assert len(complaints.of(text)) == 10


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("talks: {duration: 90 min", "talks: {duration: §90 minutes"),
        ("talks: {duration: 90 min", "talks: {§duratoin: 5 min, duration: 90 min"),
        ("delegations: [host, guests]", "delegations: §5"),
        ("red: {seats: {theatre: 60}", "red: {seats: {theatre: §many}"),
        ("clearance: G2\n    hours", "clearance: §G7\n    hours"),
        ("host: {country: CN", "host: {country: §China"),
        ("centre: {}", "centre: {name: §[5]}"),
    ],
)
def test_a_mistake_in_an_entry_is_not_followed_by_complaints_of_those_who_name_it(
    old: str, new: str, complaints: Complaints
) -> None:
    rule = ("rules:\n", "rules:\n  meal: {rule: order, sessions: [visit.talks, visit.dinner]}\n")
    complaints.one((old, new), rule)


def test_a_mistake_in_one_session_does_not_hide_a_dangling_name_like_it(complaints: Complaints) -> None:
    text = changed(
        ("talks: {duration: 90 min", "talks: {duration: §90 minutes"),
        ("pins: {", "pins: {§press.talks: {hall: palace.blue}, "),
    )
    messages = [issue.message for issue in complaints.of(text)]
    assert any("press.talks" in message for message in messages)


def test_what_is_missing_is_said_one_by_one(load_text: LoadText) -> None:
    with pytest.raises(InputError) as refused:
        load_text("schema: 1\n")
    messages = [issue.message for issue in refused.value.issues]
    assert not any("; or " in message for message in messages)  # all are needed, none will do alone
    for section in ("id", "calendar", "venues", "events"):
        assert any(f"'{section}'" in message for message in messages)


def test_complaints_of_one_place_come_in_the_same_order_on_every_run(tmp_path: Path) -> None:
    # six venues without any way between them are fifteen complaints, all where 'travel' should stand
    venues = "\n".join(f"  v{number}: {{name: V, clearance: G2, halls: {{a: {{}}}}}}" for number in range(4))
    file = tmp_path / "scenario.yaml"
    file.write_text(
        changed(
            ("travel: {palace: {ministry: 20 min}}", venues),
            ("any: [palace.red, ministry.*]", "any: ['*']"),
            MORE_FOR_NORWAY,
        )
    )
    command = [sys.executable, "-m", "scheduler", "validate", str(file)]
    said = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False).stderr
        for seed in ("1", "2", "3")
    }
    assert "15 problems" in next(iter(said))
    assert len(said) == 1


LABELS = ("talks: {duration: 90 min", "talks: {duration: 90 min, labels: {theme: [trade], level: 2}")
"""A change that gives one session labels: words of one kind, a number of another."""

BLOCKS = "blocks: {noon: {date: 2027-05-10, time: 11:00-13:00}}\nrules:\n  programme"
GOAL = "times: {goal: preferred-times, tier: 1}"


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("goal: same-subject, by: level, keep: order, rank: §theme", "no session has a number as its theme", "'theme: 1'?"),
        ("goal: compact-days, what: stay, slot: §1 h, events: [visit]", "a stay is counted in days", "leave out 'slot'."),
        (
            "goal: block-prices, events: §{visit: {halls: {palace.red: 1}}}",
            "an event counts by the blocks in which it has halls, and the scenario has no blocks of time",
            "'blocks: {morning",
        ),
    ],
)
def test_a_goal_with_a_slip_of_the_pen(said: str, message: str, hint: str, complaints: Complaints) -> None:
    issue = complaints.one(LABELS, (GOAL, f"times: {{{said}}}"))
    assert message in issue.message
    assert issue.hint.startswith(hint)


def test_an_event_priced_by_halls_and_blocks_wants_blocks_only(load_text: LoadText) -> None:
    goal = "times: {goal: block-prices, events: {visit: {halls: {palace.red: 1}}}}"
    load_text(changed(("rules:\n  programme", BLOCKS), (GOAL, goal)))


def test_what_shares_a_day_is_not_bound_by_its_day(complaints: Complaints) -> None:
    rule = "{rule: together, same: day, each: §day, sessions: [gala.welcome, gala.banquet]}"
    assert complaints.one((ORDER, rule)).hint == "leave out 'each'."


def test_a_word_where_a_list_is_wanted_is_proposed_as_one(complaints: Complaints) -> None:
    assert complaints.one((LABELS[0], "talks: {duration: 90 min, labels: {theme: §trade}")).hint == "[trade]?"


@pytest.mark.parametrize(
    "said",
    [
        "goal: running-order, places: {visit.talks: 1}",
        "goal: running-order, places: {visit.dinner: 2}",
        "goal: variety, by: theme",
        "goal: larger-halls, by: level",
        "goal: same-subject, by: theme, keep: order, rank: level",
    ],
)
@pytest.mark.parametrize("fault", [("visit:\n    grade: G2", "visit:\n    grade: §G9"), ("90 min", "§90 mn")])
def test_only_the_first_cause_is_told_of_a_session_with_a_fault(
    said: str, fault: tuple[str, str], complaints: Complaints
) -> None:
    text = changed(LABELS, ("rules:\n  programme", BLOCKS), (GOAL, f"times: {{{said}}}"))
    assert fault[0] in text
    complaints.of(text.replace(*fault))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("rules", "rule: hall-blocks"),
        ("goals", "goal: unbroken, events: [visit]"),
        ("goals", "goal: running-order, places: {visit.talks: 1}"),
        ("goals", "goal: block-prices, events: {visit: {blocks: {noon: 1}}}"),
    ],
)
def test_only_the_first_cause_is_told_of_a_block_with_a_fault(section: str, said: str, complaints: Complaints) -> None:
    text = changed(("rules:\n  programme", BLOCKS.replace("11:00-13:00", "§11:00-13:0")))
    complaints.of(text.replace(f"\n{section}:\n", f"\n{section}:\n  more: {{{said}}}\n"))


def test_of_an_event_with_a_fault_it_is_not_told_that_it_shares_an_audience_with_nothing(complaints: Complaints) -> None:
    rule = "{rule: shared-audience, events: [visit]}"
    complaints.of(changed((ORDER, rule), ("talks: {duration: 90 min", "talks: {duration: §90 mn")))
