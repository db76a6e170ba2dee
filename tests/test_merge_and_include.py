"""Patches, includes and templates: what is laid over what, and where its parts are said to be written."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scheduler.scenario.include as including_files
from scheduler.errors import InputError, Issue, Place
from scheduler.load import Loaded, load
from scheduler.scenario.merge import joined, patched, plain, without
from scheduler.scenario.strict_yaml import Mapping as Tree
from scheduler.scenario.strict_yaml import parse

HEAD = """\
schema: 1
id: top
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11}
"""

CITY = """\
venues:
  house:
    name: {en: House, zh: 国宾馆}
    halls:
      red: {seats: {theatre: 50}}
      blue: {seats: {theatre: 30}}
delegations:
  host: {country: CN, name: {en: China, zh: 中国}, persons: [minister]}
  nor: {country: NO, name: {en: Norway, zh: 挪威}, persons: [minister, spouse]}
  bra: {country: BR, persons: [minister]}
groups:
  guests: [nor, bra]
"""

PROGRAMME = """\
events:
  visit:
    grade: G3
    sessions:
      talks: {duration: 90 min, attendance: 20}
      dinner: {duration: 2 h, attendance: 20}
"""

GRADES = "grades: {G3: {sweep: 30 min}}\n"

WHOLE = HEAD + GRADES + CITY + PROGRAMME

Files = Callable[[Mapping[str, str]], None]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Write files into the current folder, so that messages name them by their plain names."""
    monkeypatch.chdir(tmp_path)

    def writing(texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")

    return writing


def issues_of(path: str = "top.yaml", patches: Sequence[str] = ()) -> list[Issue]:
    with pytest.raises(InputError) as refused:
        load(path, patches)
    return list(refused.value.issues)


def only_issue(path: str = "top.yaml", patches: Sequence[str] = ()) -> Issue:
    issues = issues_of(path, patches)
    assert len(issues) == 1, "\n".join(map(str, issues))
    return issues[0]


def tree_of(text: str, file: str = "a.yaml") -> Tree:
    return parse(text, file)


def including(*names: str) -> str:
    return f"include: [{', '.join(names)}]\n"


# RFC 7396


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        # the test cases of RFC 7396, appendix A, whose original and patch are mappings and whose nulls delete something
        ("{a: b}", "{a: c}", {"a": "c"}),
        ("{a: b}", "{b: c}", {"a": "b", "b": "c"}),
        ("{a: b}", "{a: null}", {}),
        ("{a: b, b: c}", "{a: null}", {"b": "c"}),
        ("{a: [b]}", "{a: c}", {"a": "c"}),
        ("{a: c}", "{a: [b]}", {"a": ["b"]}),
        ("{a: [{b: c}]}", "{a: [1]}", {"a": [1]}),
        ("{e: null}", "{a: 1}", {"e": None, "a": 1}),
    ],
)
def test_the_cases_of_the_standard(original: str, patch: str, result: Any) -> None:
    issues: list[Issue] = []
    assert plain(patched(tree_of(original), tree_of(patch), issues)) == result
    assert issues == []


@pytest.mark.parametrize(
    ("original", "patch", "result", "key"),
    [
        # here the standard lets a null delete nothing; we have its result, and say so
        ("{a: {b: c}}", "{a: {b: d, c: null}}", {"a": {"b": "d"}}, "c"),
        ("{}", "{a: {bb: {ccc: null}}}", {"a": {"bb": {}}}, "ccc"),
    ],
)
def test_the_cases_of_the_standard_that_delete_nothing(original: str, patch: str, result: Any, key: str) -> None:
    issues: list[Issue] = []
    assert plain(patched(tree_of(original), tree_of(patch, "p.yaml"), issues)) == result
    (issue,) = issues
    assert repr(key) in issue.message
    assert issue.place == Place("p.yaml", 1, patch.index(key) + 1)


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(("x", "y"))
TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        SCALARS | st.lists(SCALARS, max_size=2),
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)


def by_the_standard(target: Any, patch: Any) -> Any:
    """Return what the pseudocode of RFC 7396 returns."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = by_the_standard(result.get(key), value)
    return result


def marked(data: Any, place: Place) -> Any:
    """Return plain data as a tree that is all written at one place."""
    if not isinstance(data, dict):
        return data
    tree = Tree(place)
    for key, value in data.items():
        tree.put(key, marked(value, place), place, place)
    return tree


@given(TREES, TREES)
def test_patching_is_what_the_standard_says(original: dict[str, Any], patch: dict[str, Any]) -> None:
    below, above = marked(original, Place("a.yaml", 1, 1)), marked(patch, Place("p.yaml", 1, 1))
    assert plain(patched(below, above, [])) == by_the_standard(original, patch)
    assert (plain(below), plain(above)) == (original, patch)  # neither is changed


@given(TREES, TREES, TREES)
def test_every_value_of_a_patched_tree_knows_its_file(first: dict[str, Any], second: dict[str, Any], third: Any) -> None:
    result = marked(first, Place("1", 1, 1))
    for name, data in (("2", second), ("3", third)):
        result = patched(result, marked(data, Place(name, 1, 1)), [])
    by_file = {"1": first, "2": second, "3": third}

    def walk(tree: Tree, path: tuple[str, ...]) -> None:
        assert set(tree) == set(tree.keys_at) == set(tree.values_at)
        for key, value in tree.items():
            written: Any = by_file[tree.values_at[key].file]
            for step in (*path, key):
                written = written[step]
            if isinstance(value, Tree):
                walk(value, (*path, key))
            else:
                assert written == value

    walk(result, ())


def test_what_a_patch_replaces_is_where_the_patch_says_it_and_the_rest_stays() -> None:
    below = tree_of("a: {b: 1, c: 2}\nd: 3\n")
    above = tree_of("# why\na:\n  c: 5\n", "p.yaml")
    result = patched(below, above, [])
    assert result["a"].values_at == {"b": Place("a.yaml", 1, 8), "c": Place("p.yaml", 3, 6)}
    assert result.values_at["d"] == Place("a.yaml", 2, 4)


def test_a_list_is_replaced_whole_with_the_places_of_its_items() -> None:
    result = patched(tree_of("a: [1, 2, 3]"), tree_of("a: [9]", "p.yaml"), [])
    assert result["a"] == [9]
    assert result["a"].items_at == [Place("p.yaml", 1, 5)]


def test_a_deletion_of_nothing_has_the_nearest_key_as_hint() -> None:
    issues: list[Issue] = []
    patched(tree_of("a: {talks: 1}"), tree_of("a: {tlaks: ~}", "p.yaml"), issues)
    assert issues == [Issue(Place("p.yaml", 1, 5), "this deletes 'tlaks', which is not there", "'talks'?")]


# Two includes as one


def test_includes_that_agree_are_joined_key_by_key() -> None:
    issues: list[Issue] = []
    result = joined(tree_of("a: {b: 1, c: [1, 2]}"), tree_of("a: {c: [1, 2], d: 3}\ne: 4", "b.yaml"), issues)
    assert plain(result) == {"a": {"b": 1, "c": [1, 2], "d": 3}, "e": 4}
    assert result["a"].values_at["d"].file == "b.yaml"
    assert issues == []


@pytest.mark.parametrize(
    ("first", "second"), [("1", "2"), ("[1, 2]", "[2, 1]"), ("{b: 1}", "[1]"), ("x", "{b: 1}"), ("~", "1"), ("1", "~")]
)
def test_includes_that_disagree_are_named_both(first: str, second: str) -> None:
    issues: list[Issue] = []
    joined(tree_of(f"v: {{w: {first}}}"), tree_of(f"\nv: {{w: {second}}}", "b.yaml"), issues)
    (issue,) = issues
    assert issue.place == Place("b.yaml", 2, 8)
    assert "v.w" in issue.message
    assert "a.yaml:1:8" in issue.message


def test_a_disagreement_is_told_in_short_plain_words() -> None:
    issues: list[Issue] = []
    halls = ", ".join(f"hall-{number}: {{seats: {{theatre: {number}}}}}" for number in range(200))
    joined(tree_of(f"halls: {{{halls}}}"), tree_of("halls: ~", "b.yaml"), issues)
    assert len(issues[0].message) < 400
    assert "None" not in issues[0].message


def test_without_leaves_the_original_alone() -> None:
    tree = tree_of("a: 1\nb: 2")
    assert without(tree, frozenset({"a", "zz"})) == {"b": 2}
    assert tree == {"a": 1, "b": 2}


# Files that include files


def test_includes_are_laid_under_the_file(files: Files) -> None:
    files({"top.yaml": including("city.yaml", "days/programme.yaml") + HEAD + GRADES, "city.yaml": CITY})
    files({"days/programme.yaml": PROGRAMME})
    scenario = load("top.yaml").scenario
    assert list(scenario.sessions) == ["visit.talks", "visit.dinner"]
    assert list(scenario.bookables) == ["house.red", "house.blue"]


def test_the_file_overrides_its_includes(files: Files) -> None:
    change = "events: {visit: {sessions: {talks: {attendance: 7}, dinner: ~}}}\n"
    files({"top.yaml": including("below.yaml") + HEAD + change, "below.yaml": WHOLE})
    scenario = load("top.yaml").scenario
    assert list(scenario.sessions) == ["visit.talks"]
    assert (scenario.sessions["visit.talks"].attendance, scenario.sessions["visit.talks"].ways[0].minutes) == (7, 90)


def test_an_include_lies_above_its_own_includes(files: Files) -> None:
    files(
        {
            "top.yaml": including("middle.yaml") + HEAD,
            "middle.yaml": including("below.yaml") + "events: {visit: {sessions: {talks: {attendance: 8}}}}\n",
            "below.yaml": WHOLE,
        }
    )
    assert load("top.yaml").scenario.sessions["visit.talks"].attendance == 8


def test_includes_are_found_beside_the_file_that_names_them(files: Files) -> None:
    files(
        {
            "top.yaml": including("sub/middle.yaml") + HEAD + GRADES + PROGRAMME,
            "sub/middle.yaml": including("city.yaml"),
            "sub/city.yaml": CITY,
            "city.yaml": "venues: {wrong: 5}\n",
        }
    )
    assert list(load("top.yaml").scenario.venues) == ["house"]


def test_a_colon_in_the_name_of_a_folder_does_not_make_it_a_library(files: Files) -> None:
    files({"a:b/top.yaml": including("gone.yaml") + WHOLE})
    assert "a:b/gone.yaml" in only_issue("a:b/top.yaml").message


def test_what_is_for_the_top_file_only_does_not_leak(files: Files) -> None:
    own = """\
id: below
name: Below
calendar: {timezone: Europe/Berlin, start: 2001-01-01, end: 2001-01-01}
goals: {hold: {goal: hold-events}}
tiers: {1: {slack: 5}}
pins: {visit.talks: {hall: house.red}}
base: no-such-plan.json
expect: {status: infeasible}
"""
    files({"top.yaml": including("below.yaml") + HEAD, "below.yaml": "schema: 1\n" + own + GRADES + CITY + PROGRAMME})
    loaded = load("top.yaml")
    file = loaded.scenario.file
    assert (file.id, file.name, file.calendar.timezone.key) == ("top", None, "Asia/Shanghai")
    assert (file.goals, file.tiers, file.pins, file.base) == ({}, {}, {}, None)
    assert (file.expect.status, file.expect.absent) == (None, None)


def test_rules_of_an_include_do_come_along(files: Files) -> None:
    rule = "rules: {one-day: {rule: together, same: day, sessions: [visit.talks, visit.dinner]}}\n"
    files({"top.yaml": including("below.yaml") + HEAD, "below.yaml": GRADES + CITY + PROGRAMME + rule})
    assert "one-day" in [written.id for written in load("top.yaml").rules]


@pytest.mark.parametrize("word", ["top.yaml", "./top.yaml", "../here/top.yaml"])
def test_a_file_that_includes_itself(word: str, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files({"here/top.yaml": including(word) + WHOLE})
    monkeypatch.chdir("here")
    issue = only_issue()
    assert issue.place == Place("top.yaml", 1, 11)
    assert "includes itself" in issue.message


def test_a_file_that_includes_itself_through_another(files: Files) -> None:
    files({"top.yaml": including("a.yaml") + WHOLE, "a.yaml": including("b.yaml"), "b.yaml": including("top.yaml")})
    issue = only_issue()
    assert issue.place == Place("b.yaml", 1, 11)
    assert "top.yaml -> a.yaml -> b.yaml -> top.yaml" in issue.message


def test_an_include_that_includes_itself_below_the_top(files: Files) -> None:
    files({"top.yaml": including("a.yaml") + WHOLE, "a.yaml": including("b.yaml"), "b.yaml": including("a.yaml")})
    issue = only_issue()
    assert issue.place == Place("b.yaml", 1, 11)
    assert "a.yaml -> b.yaml -> a.yaml" in issue.message


def test_one_file_may_be_included_by_two(files: Files) -> None:
    files({"top.yaml": including("a.yaml", "b.yaml") + HEAD + GRADES + PROGRAMME})
    files({"a.yaml": including("city.yaml"), "b.yaml": including("city.yaml"), "city.yaml": CITY})
    assert list(load("top.yaml").scenario.venues) == ["house"]


def test_a_file_included_along_many_ways_is_not_read_again_for_each(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    # 20 floors that each include the next one twice: a million ways to the last
    files({f"{floor}.yaml": including(f"{floor + 1}.yaml", f"{floor + 1}.yaml") for floor in range(20)})
    files({"20.yaml": CITY, "top.yaml": including("0.yaml") + HEAD + GRADES + PROGRAMME})
    reads: list[str] = []
    read = including_files.read_tree

    def counting(path: Path, label: str, hint: str = "") -> Tree:
        reads.append(label)
        assert len(reads) < 500, "the files are read over and over"
        return read(path, label)

    monkeypatch.setattr(including_files, "read_tree", counting)
    load("top.yaml")


def test_a_long_chain_of_includes_loads_or_is_refused(files: Files) -> None:
    files({f"{floor}.yaml": including(f"{floor + 1}.yaml") for floor in range(300)})
    files({"300.yaml": CITY, "top.yaml": including("0.yaml") + HEAD + GRADES + PROGRAMME})
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 250)  # as a thousand files would do with the usual limit
    try:
        load("top.yaml")
    except InputError as refused:
        assert "include" in str(refused)
    finally:
        sys.setrecursionlimit(usual)


@pytest.mark.parametrize(
    ("word", "hint"), [("citty.yaml", "'city.yaml'?"), ("sub/nearby.yml", "'sub/nearby.yaml'?"), ("nothing-like-it", "")]
)
def test_a_missing_include_is_named_with_the_nearest_file(word: str, hint: str, files: Files) -> None:
    files({"top.yaml": WHOLE.replace("id: top", f"id: top\ninclude: [{word}]"), "city.yaml": CITY, "sub/nearby.yaml": CITY})
    issue = only_issue()
    assert issue.place == Place("top.yaml", 3, 11)
    assert word in issue.message
    assert issue.hint == hint


def test_a_missing_include_is_not_proposed_to_be_the_file_itself(files: Files) -> None:
    files({"top.yaml": including("tops.yaml") + WHOLE})
    assert "top.yaml" not in only_issue().hint


@pytest.mark.parametrize("word", ["sub", ".", '""'])
def test_a_folder_is_no_include(word: str, files: Files) -> None:
    files({"top.yaml": including(word) + WHOLE, "sub/city.yaml": CITY})
    assert only_issue().place == Place("top.yaml", 1, 11)


@pytest.mark.parametrize("word", ['"a\\0b"', "x" * 5_000], ids=["with a zero byte", "too long"])
def test_a_name_that_no_file_can_have_is_refused(word: str, files: Files) -> None:
    files({"top.yaml": including(word) + WHOLE})
    assert only_issue().place == Place("top.yaml", 1, 11)


def test_an_include_that_is_a_link_to_itself_is_refused(files: Files) -> None:
    files({"top.yaml": including("loop.yaml") + WHOLE})
    Path("loop.yaml").symlink_to("loop.yaml")
    assert only_issue().place == Place("top.yaml", 1, 11)


def test_every_missing_include_is_reported(files: Files) -> None:
    files({"top.yaml": including("a.yaml", "b.yaml") + WHOLE})
    assert [issue.place.column for issue in issues_of()] == [11, 19]


def test_every_include_that_is_not_yaml_is_reported(files: Files) -> None:
    files({"top.yaml": including("a.yaml", "b.yaml") + WHOLE, "a.yaml": "a: b: c\n", "b.yaml": "a: 1\na: 2\n"})
    assert [issue.place.file for issue in issues_of()] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("said", ["city.yaml", "{city: yaml}", "[[city.yaml]]", "[5]"])
def test_includes_are_a_list_of_names(said: str, files: Files) -> None:
    files({"top.yaml": f"include: {said}\n" + WHOLE, "city.yaml": CITY})
    issue = only_issue()
    assert issue.place.line == 1
    assert "include" in issue.message


def test_two_includes_that_disagree_are_named_with_both_places(files: Files) -> None:
    files({"top.yaml": including("a.yaml", "b.yaml") + HEAD, "a.yaml": WHOLE})
    files({"b.yaml": "venues:\n  house:\n    halls:\n      red: {seats: {theatre: 55}}\n"})
    issue = only_issue()
    assert issue.place == Place("b.yaml", 4, len("      red: {seats: {theatre: ") + 1)
    line, text = next((number, text) for number, text in enumerate(WHOLE.splitlines(), 1) if "theatre: 50" in text)
    assert f"a.yaml:{line}:{text.index('50') + 1}" in issue.message
    assert "50" in issue.message
    assert "55" in issue.message


def test_what_the_file_says_does_not_settle_a_disagreement_of_its_includes(files: Files) -> None:
    files(
        {
            "top.yaml": including("a.yaml", "b.yaml") + WHOLE,
            "a.yaml": "zones: {x: {name: A}}",
            "b.yaml": "zones: {x: {name: B}}",
        }
    )
    assert "zones.x.name" in only_issue().message


# Libraries


@pytest.fixture
def shelf(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that hands out scenario files under the name ``shelf``."""
    files({"packages/city_shelf/__init__.py": "", "packages/city_shelf/city.yaml": including("parts.yaml")})
    files({"packages/city_shelf/parts.yaml": CITY, "packages/city_shelf/odd.yaml": "venues: {house: 5}\n"})
    monkeypatch.syspath_prepend(str(Path("packages").resolve()))
    point = EntryPoint(name="shelf", value="city_shelf", group=including_files.LIBRARIES)
    monkeypatch.setattr(
        including_files, "entry_points", lambda *, group: [point] if group == including_files.LIBRARIES else []
    )


def test_a_library_is_included_by_its_name(files: Files, shelf: None) -> None:
    files({"top.yaml": including('"shelf:city"') + HEAD + GRADES + PROGRAMME})
    assert list(load("top.yaml").scenario.venues) == ["house"]


def test_places_in_a_library_carry_its_name(files: Files, shelf: None) -> None:
    files({"top.yaml": including('"shelf:odd"') + HEAD + GRADES + PROGRAMME})
    assert only_issue().place == Place("shelf:odd", 1, 17)


def test_an_unknown_library_has_the_nearest_as_hint(files: Files, shelf: None) -> None:
    files({"top.yaml": including('"shelv:city"') + WHOLE})
    issue = only_issue()
    assert issue.place == Place("top.yaml", 1, 11)
    assert "'shelv'" in issue.message
    assert issue.hint == "'shelf'?"


def test_an_unknown_file_of_a_library_has_the_nearest_as_hint(files: Files, shelf: None) -> None:
    files({"top.yaml": including('"shelf:citty"') + WHOLE})
    issue = only_issue()
    assert issue.place == Place("top.yaml", 1, 11)
    assert "shelf:citty" in issue.message
    assert issue.hint == "'shelf:city'?"


# Patches


def test_patches_are_laid_over_one_another_in_their_order(files: Files) -> None:
    files(
        {
            "top.yaml": WHOLE,
            "a.yaml": "events: {visit: {sessions: {talks: {attendance: 1}, extra: {duration: 5 min}}}}\n",
            "b.yaml": "events: {visit: {sessions: {talks: {attendance: 2}, extra: ~}}}\n",
        }
    )
    loaded = load("top.yaml", ["a.yaml", "b.yaml"])
    assert loaded.scenario.sessions["visit.talks"].attendance == 2
    assert "visit.extra" not in loaded.scenario.sessions
    assert loaded.patches == ("a.yaml", "b.yaml")
    assert [issue.place.file for issue in issues_of("top.yaml", ["b.yaml", "a.yaml"])] == ["b.yaml"]


def test_a_patch_makes_another_digest_and_an_empty_change_the_same(files: Files) -> None:
    files({"top.yaml": WHOLE, "same.yaml": "id: top\n", "other.yaml": "grades: {G3: {sweep: 31 min}}\n"})
    digest = load("top.yaml").digest
    assert load("top.yaml", ["same.yaml"]).digest == digest
    assert load("top.yaml", ["other.yaml"]).digest != digest


def test_the_digest_is_of_what_results_and_not_of_how_it_is_spread_over_files(files: Files) -> None:
    files({"whole.yaml": WHOLE, "top.yaml": including("below.yaml") + HEAD, "below.yaml": GRADES + CITY + PROGRAMME})
    assert load("top.yaml").digest == load("whole.yaml").digest


def test_a_patch_that_deletes_nothing_is_refused_at_its_own_place(files: Files) -> None:
    files({"top.yaml": WHOLE, "p.yaml": "events:\n  visit:\n    sessions: {tlaks: ~}\n"})
    assert only_issue("top.yaml", ["p.yaml"]) == Issue(
        Place("p.yaml", 3, 16), "this deletes 'tlaks', which is not there", "'talks'?"
    )


@pytest.mark.parametrize(
    ("patch", "column", "word"),
    [
        ("{visit: {sessions: {talks: {duration: 5}}}}", 47, "no unit"),
        ("{visit: {sessions: {talks: {duratoin: 5 min}}}}", 37, "duratoin"),
        ("{visit: {sessions: {talks: {halls: {any: [house.rde]}}}}}", 51, "house.rde"),
        ("{visit: {grade: G9}}", 25, "G9"),
        ("{visit: {delegations: [nro]}}", 32, "nro"),
        ("{visit: {sessions: {new: {attendance: 5}}}}", 34, "duration"),
    ],
)
def test_what_a_patch_breaks_is_placed_in_the_patch(patch: str, column: int, word: str, files: Files) -> None:
    files({"top.yaml": WHOLE, "p.yaml": f"events: {patch}\n"})
    issue = only_issue("top.yaml", ["p.yaml"])
    assert issue.place == Place("p.yaml", 1, column)
    assert word in issue.message


def test_a_patch_that_deletes_what_is_needed_is_named(files: Files) -> None:
    files({"top.yaml": WHOLE, "change.yaml": "events: {visit: {sessions: {talks: {duration: ~}}}}\n"})
    issue = only_issue("top.yaml", ["change.yaml"])
    assert "duration" in issue.message
    assert "change.yaml" in str(issue)  # the scenario itself has its duration; its line would mislead


def test_a_patch_may_break_what_another_place_refers_to(files: Files) -> None:
    rule = "rules: {one-day: {rule: together, same: day, sessions: [visit.talks, visit.dinner]}}\n"
    files({"top.yaml": WHOLE + rule, "p.yaml": "events: {visit: {sessions: {talks: ~}}}\n"})
    issue = only_issue("top.yaml", ["p.yaml"])
    assert issue.place.file == "top.yaml"
    assert "visit.talks" in issue.message


def test_a_patch_that_includes_files_does_so_or_is_refused(files: Files) -> None:
    files({"top.yaml": WHOLE, "p.yaml": including("more.yaml"), "more.yaml": "zones: {north: {}}\n"})
    try:
        loaded = load("top.yaml", ["p.yaml"])
    except InputError as refused:
        assert refused.issues[0].place == Place("p.yaml", 1, 1)
    else:
        assert list(loaded.scenario.file.zones) == ["north"]


def test_an_empty_patch_is_not_sent_to_a_new_scenario(files: Files) -> None:
    files({"top.yaml": WHOLE, "p.yaml": "# nothing yet\n"})
    issue = only_issue("top.yaml", ["p.yaml"])
    assert issue.place.file == "p.yaml"
    assert "scheduler new" not in issue.hint


def test_a_patch_is_a_mapping(files: Files) -> None:
    files({"top.yaml": WHOLE, "p.yaml": "- events\n"})
    assert only_issue("top.yaml", ["p.yaml"]).place == Place("p.yaml", 1, 1)


# Templates

ARRIVAL = """\
templates:
  arrival:
    event: visit
    for: guests
    session:
      name: {en: "Arrival of {name}", zh: "{name}抵达"}
      duration: 20 min
      delegations: ["{delegation}"]
      persons: ["{delegation}.minister"]
      halls: {any: [house.red]}
"""


def loaded_with(text: str, files: Files) -> Loaded:
    files({"top.yaml": text})
    return load("top.yaml")


def test_a_template_makes_one_session_for_each_of_a_group(files: Files) -> None:
    sessions = loaded_with(WHOLE + ARRIVAL, files).scenario.sessions
    assert {"visit.arrival-nor", "visit.arrival-bra", "visit.talks", "visit.dinner"} == set(sessions)
    nor = sessions["visit.arrival-nor"]
    assert (nor.delegations, nor.persons, nor.ways[0].minutes) == (("nor",), ("nor.minister",), 20)


def test_names_are_filled_by_language(files: Files) -> None:
    sessions = loaded_with(WHOLE + ARRIVAL, files).scenario.sessions
    nor, bra = sessions["visit.arrival-nor"].name, sessions["visit.arrival-bra"].name
    assert (nor.en, nor.zh) == ("Arrival of Norway", "挪威抵达")
    assert (bra.en, bra.zh) == ("Arrival of bra", "bra抵达")  # a delegation without a name goes by its id


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("all", ["host", "nor", "bra"]),
        ("[nor]", ["nor"]),
        ("nor", ["nor"]),
        ("[bra, guests]", ["bra", "nor"]),
        ("[guests, guests]", ["nor", "bra"]),
    ],
)
def test_whom_a_template_is_for(said: str, made: list[str], files: Files) -> None:
    loaded = loaded_with(WHOLE + ARRIVAL.replace("for: guests", f"for: {said}"), files)
    generated = [session for session in loaded.scenario.sessions if "arrival" in session]
    assert sorted(generated) == sorted(f"visit.arrival-{delegation}" for delegation in made)


def test_what_the_event_writes_lies_over_the_generated_session(files: Files) -> None:
    exception = "      arrival-nor: {duration: 45 min, halls: ~}\n"
    nor = loaded_with(WHOLE + exception + ARRIVAL, files).scenario.sessions["visit.arrival-nor"]
    assert (nor.ways[0].minutes, nor.persons) == (45, ("nor.minister",))
    assert nor.ways[0].halls == ("house.red", "house.blue")  # no longer the one hall of the template


def test_an_event_may_leave_out_a_generated_session(files: Files) -> None:
    sessions = loaded_with(WHOLE + "      arrival-nor: ~\n" + ARRIVAL, files).scenario.sessions
    assert "visit.arrival-nor" not in sessions
    assert "visit.arrival-bra" in sessions


@pytest.mark.parametrize("change", ["{duration: 45 min}", "~"], ids=["changed", "left out"])
def test_a_patch_reaches_a_generated_session(change: str, files: Files) -> None:
    files({"top.yaml": WHOLE + ARRIVAL, "p.yaml": f"events: {{visit: {{sessions: {{arrival-nor: {change}}}}}}}\n"})
    sessions = load("top.yaml", ["p.yaml"]).scenario.sessions
    if change == "~":
        assert "visit.arrival-nor" not in sessions
    else:
        assert sessions["visit.arrival-nor"].ways[0].minutes == 45


def test_a_patch_reaches_the_template_itself(files: Files) -> None:
    files({"top.yaml": WHOLE + ARRIVAL, "p.yaml": "templates: {arrival: {session: {duration: 25 min}}}\n"})
    sessions = load("top.yaml", ["p.yaml"]).scenario.sessions
    assert {sessions["visit.arrival-nor"].ways[0].minutes, sessions["visit.arrival-bra"].ways[0].minutes} == {25}


def test_templates_of_an_include_meet_the_delegations_of_the_file(files: Files) -> None:
    files(
        {
            "top.yaml": including("below.yaml") + HEAD + "groups: {guests: [bra]}\n",
            "below.yaml": GRADES + CITY + PROGRAMME + ARRIVAL,
        }
    )
    assert [session for session in load("top.yaml").scenario.sessions if "arrival" in session] == ["visit.arrival-bra"]


def test_an_event_of_generated_sessions_alone(files: Files) -> None:
    text = WHOLE + "  arrivals: {grade: G3, sessions: {}}\n" + ARRIVAL.replace("event: visit", "event: arrivals")
    assert "arrivals.arrival-nor" in loaded_with(text, files).scenario.sessions


def test_an_event_with_an_empty_value_bears_a_template(files: Files) -> None:
    text = WHOLE + "  arrivals:\n    name:\n    grade: G3\n" + ARRIVAL.replace("event: visit", "event: arrivals")
    assert "arrivals.arrival-nor" in loaded_with(text, files).scenario.sessions  # as it would be without a template


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("event: visit", "event: vist", "'visit'?"),
        ("for: guests", "for: gests", "'guests'?"),
        ("for: guests", "for: [brra]", "'bra'?"),
    ],
)
def test_a_template_for_what_is_not_there(old: str, new: str, hint: str, files: Files) -> None:
    text = WHOLE + ARRIVAL.replace(old, new)
    files({"top.yaml": text})
    issue = only_issue()
    line = next(number for number, said in enumerate(text.splitlines(), 1) if new in said)
    assert (issue.place.line, issue.place.column) == (line, 5 + len(new.partition(": ")[0]) + 2)
    assert issue.hint == hint


def test_a_mistake_in_a_template_is_placed_in_the_template_once(files: Files) -> None:
    text = WHOLE + ARRIVAL.replace("minister", "king")
    files({"top.yaml": text})
    issues = issues_of()
    line = next(number for number, said in enumerate(text.splitlines(), 1) if "king" in said)
    assert {(issue.place.line, issue.place.column) for issue in issues} == {(line, 17)}


def test_what_a_template_lacks_is_said_all_at_once(files: Files) -> None:
    files({"top.yaml": WHOLE + "templates:\n  arrival: {event: visit}\n"})
    message = only_issue().message
    assert "; or " not in message  # both are needed, neither will do alone
    assert "'for'" in message
    assert "'session'" in message


def test_one_wrong_template_does_not_take_the_others_with_it(files: Files) -> None:
    rule = "rules: {meet: {rule: order, sessions: [visit.arrival-nor, visit.talks]}}\n"
    files({"top.yaml": WHOLE + rule + ARRIVAL + "  farewell: 5\n"})
    assert "templates.farewell" in only_issue().message  # visit.arrival-nor is there


def test_two_templates_that_make_one_id_are_refused(files: Files) -> None:
    # a template x-a for b and a template x for a-b both make x-a-b
    text = WHOLE.replace("groups:", "  b: {country: CN}\n  a-b: {country: CN}\ngroups:")
    text += "templates:\n  x: {event: visit, for: a-b, session: {duration: 10 min}}\n"
    text += "  x-a: {event: visit, for: b, session: {duration: 20 min}}\n"
    files({"top.yaml": text})
    assert "x-a-b" in only_issue().message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{event: visit, for: nor, count: 2, session: {duration: 5 min}}", "'for' or 'count', not both"),
        ("{event: visit, for: nor, events: {}}", "whole 'events'"),
        ("{event: visit, for: nor, session: {duration: 5 min}, rules: {a: {rule: order}}}", "'rules'"),
        ("{for: nor}", "'event' and 'session'"),
    ],
)
def test_a_template_has_one_form(said: str, told: str, files: Files) -> None:
    files({"top.yaml": WHOLE + f"templates: {{t: {said}}}\n"})
    assert told in only_issue().message


def test_a_template_of_so_many_sessions(files: Files) -> None:
    session = '{name: {en: "Workshop {number}", zh: "第{number}场"}, duration: 5 min, attendance: "{number}"}'
    text = WHOLE + f"templates: {{workshop: {{event: visit, count: 12, session: {session}}}}}\n"
    sessions = loaded_with(text, files).scenario.sessions
    assert [name for name in sessions if "workshop" in name] == [f"visit.workshop-{n}" for n in range(1, 13)]
    last = sessions["visit.workshop-12"]
    assert (last.name.en, last.name.zh, last.attendance) == ("Workshop 12", "第12场", 12)


def test_a_template_of_batches_with_words_of_their_own(files: Files) -> None:
    batches = "{monday: {count: 2, day: 2027-05-10}, tuesday: {count: 1, day: 2027-05-11}}"
    session = '{name: "Workshop {number}", duration: 5 min, within: {day: {date: "{day}"}}}'
    text = WHOLE + f"templates: {{workshop: {{event: visit, count: {batches}, session: {session}}}}}\n"
    sessions = loaded_with(text, files).scenario.sessions
    days = [str(sessions[f"visit.workshop-{number}"].windows[0].day) for number in (1, 2, 3)]
    assert days == ["2027-05-10", "2027-05-10", "2027-05-11"]
    assert str(sessions["visit.workshop-3"].name) == "Workshop 3"


@pytest.mark.parametrize("batch", ["{}", "{count: 0}", "{count: yes}", "{count: 1001}", "{count: true}"])
def test_a_batch_says_how_many_it_is(batch: str, files: Files) -> None:
    session = "{duration: 5 min}"
    files({"top.yaml": WHOLE + f"templates: {{t: {{event: visit, count: {{monday: {batch}}}, session: {session}}}}}\n"})
    assert "'monday'" in only_issue().message


VISITS = """\
templates:
  official:
    for:
      nor: {day: 2027-05-10, least: 30 min, halls: [house.red], whose: {en: premier, zh: 总理}}
      bra: {day: 2027-05-11, least: 10 min, halls: [house.blue], whose: {en: president, zh: 总统}}
    events:
      call-{delegation}:
        name: {en: "{name}: the {whose}", zh: "{name}{whose}"}
        grade: G3
        delegations: ["{delegation}"]
        within: {that-day: {date: "{day}"}}
        sessions:
          arrival: {duration: 20 min}
          talks: {duration: 1 h, halls: {any: "{halls}"}, prefer: {start: "{day}T10:30"}, note: "{nothing} stays"}
    rules:
      first-{delegation}:
        rule: order
        sessions: ["call-{delegation}.arrival", "call-{delegation}.talks"]
        at-least: "{least}"
"""


def test_a_template_of_whole_events_with_words_of_each_delegation(files: Files) -> None:
    loaded = loaded_with(WHOLE + VISITS, files)
    nor, bra = (loaded.scenario.events[f"call-{one}"] for one in ("nor", "bra"))
    assert nor.name is not None
    assert bra.name is not None
    assert (nor.name.en, nor.name.zh) == ("Norway: the premier", "挪威总理")
    assert (bra.name.en, bra.delegations) == ("bra: the president", ["bra"])
    talks = loaded.scenario.sessions["call-bra.talks"]
    assert talks.ways[0].halls == ("house.blue",)  # a text that is one word becomes its value
    assert talks.prefer.start is not None
    assert f"{talks.prefer.start:%d %H:%M}" == "11 10:30"
    assert bra.sessions["talks"].note == "{nothing} stays"
    leasts = {rule.id: plain(rule.model_dump())["at_least"] for rule in loaded.rules if rule.id.startswith("first-")}
    assert leasts == {"first-nor": 30, "first-bra": 10}


def test_whole_events_may_be_counted(files: Files) -> None:
    event = "{grade: G3, sessions: {talks: {duration: 5 min}}}"
    text = WHOLE + f"templates: {{t: {{count: 2, events: {{'round-{{number}}': {event}}}}}}}\n"
    assert list(loaded_with(text, files).scenario.events) == ["visit", "round-1", "round-2"]


def test_events_of_templates_come_after_those_that_are_written(files: Files) -> None:
    assert list(loaded_with(WHOLE + VISITS, files).scenario.events) == ["visit", "call-nor", "call-bra"]


def test_a_file_of_generated_events_alone(files: Files) -> None:
    text = HEAD + GRADES + CITY + VISITS
    assert list(loaded_with(text, files).scenario.events) == ["call-nor", "call-bra"]


def test_what_the_file_writes_lies_over_a_generated_event(files: Files) -> None:
    own = "  call-nor: {grade: G2, within: ~, sessions: {talks: {duration: 2 h, halls: ~}, dinner: {duration: 1 h}}}\n"
    own += "  call-bra: {sessions: ~}\n"
    scenario = loaded_with(WHOLE.replace("{G3:", "{G2: {}, G3:") + own + VISITS, files).scenario
    nor = scenario.events["call-nor"]
    assert (nor.grade, nor.within, list(nor.sessions)) == ("G2", {}, ["arrival", "talks", "dinner"])
    assert nor.delegations == ["nor"]
    assert scenario.sessions["call-nor.talks"].ways[0].halls == ("house.red", "house.blue")
    assert "call-bra.talks" in scenario.sessions  # nothing is written there, nothing is taken out


@pytest.mark.parametrize(
    ("patch", "gone"),
    [
        ("events: {call-nor: ~}\nrules: {first-nor: ~}\n", {"call-nor.arrival", "call-nor.talks"}),
        ("events: {call-nor: {sessions: {arrival: ~}}}\nrules: {first-nor: ~}\n", {"call-nor.arrival"}),
        ("events: {call-nor: {within: ~}}\n", set()),
        ("templates: {official: {for: {nor: ~}}}\n", {"call-nor.arrival", "call-nor.talks"}),
    ],
)
def test_a_patch_takes_out_of_what_a_template_makes(patch: str, gone: set[str], files: Files) -> None:
    before = set(loaded_with(WHOLE + VISITS, files).scenario.sessions)
    files({"top.yaml": WHOLE + VISITS, "p.yaml": patch})
    assert before - set(load("top.yaml", ["p.yaml"]).scenario.sessions) == gone


def test_a_patch_reaches_the_words_of_one_delegation_and_a_generated_rule(files: Files) -> None:
    patch = "templates: {official: {for: {nor: {day: 2027-05-11}}}}\nrules: {first-nor: {at-least: 5 min}}\n"
    files({"top.yaml": WHOLE + VISITS, "p.yaml": patch})
    loaded = load("top.yaml", ["p.yaml"])
    start = loaded.scenario.sessions["call-nor.talks"].prefer.start
    assert start is not None
    assert start.day == 11
    assert [plain(rule.model_dump())["at_least"] for rule in loaded.rules if rule.id == "first-nor"] == [5]


@pytest.mark.parametrize(
    ("old", "new", "line_of", "told"),
    [
        ("call-{delegation}:", "call:", "call:", "events.call twice"),
        ("first-{delegation}:", "first:", "first:", "rules.first twice"),
        ("      bra: {day", "      brra: {day", "for:", "'brra'"),
        ('date: "{day}"', 'date: "{dya}"', "{dya}", "{dya}"),
    ],
)
def test_a_mistake_in_a_template_of_events_is_placed_there(
    old: str, new: str, line_of: str, told: str, files: Files
) -> None:
    text = WHOLE + VISITS.replace(old, new)
    files({"top.yaml": text})
    issues = issues_of()
    line = next(number for number, said in enumerate(text.splitlines(), 1) if line_of in said)
    assert any(told in issue.message for issue in issues)
    assert {issue.place.line for issue in issues if told in issue.message} <= {line, line + 1}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("groups", "[nor]"),
        ("groups", "5"),
        ("groups", "guests"),
        ("groups", "{guests: 5}"),
        ("groups", "{guests: nor}"),
        ("groups", "{guests: [[nor]]}"),
        ("groups", "{guests: [{nor: 1}]}"),
        ("groups", "{guests: ~}"),
        ("delegations", "[nor, bra]"),
        ("delegations", "5"),
        ("delegations", "{nor: 5, bra: [1]}"),
        ("delegations", "{nor: {country: NO, name: 5}, bra: {country: BR, name: [a]}}"),
        ("events", "[visit]"),
        ("events", "{visit: 5}"),
        ("events", "{visit: {grade: G3, sessions: [a]}}"),
        ("events", "{visit: {grade: G3, sessions: {arrival-nor: 5}}}"),
        ("templates", "[arrival]"),
        ("templates", "{arrival: [visit]}"),
        ("templates", "{arrival: {event: [visit], for: {a: b}, session: [x]}}"),
        ("templates", "{Arrival: {event: visit, for: all, session: {}}}"),
    ],
)
def test_sections_of_a_wrong_shape_beside_a_template_are_input_errors(section: str, said: str, files: Files) -> None:
    tree = plain(parse(WHOLE + ARRIVAL, "top.yaml"))
    body = "".join(f"{key}: {said if key == section else _flow(value)}\n" for key, value in copy.deepcopy(tree).items())
    files({"top.yaml": body})
    issues = issues_of()
    line = next(number for number, text in enumerate(body.splitlines(), 1) if text.startswith(f"{section}:"))
    assert line in [issue.place.line for issue in issues]


def _flow(value: Any) -> str:
    """Return plain data in flow style on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else str(value)
