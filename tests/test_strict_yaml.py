"""YAML as planners mean it: core types, places of keys and values, and what is refused."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
import yaml

from scheduler.errors import InputError, Issue, Place
from scheduler.scenario import strict_yaml
from scheduler.scenario.strict_yaml import DEEPEST, LONGEST_NUMBER, Items, Mapping, decode, parse, place_of

FILE = "city.yaml"


def value_of(text: str) -> Any:
    """Return what the key ``a`` of a text holds."""
    return parse(text, FILE)["a"]


def issues_in(text: str | bytes) -> tuple[Issue, ...]:
    """Return what is wrong with a text or the bytes of a file."""
    with pytest.raises(InputError) as refused:
        parse(decode(text, FILE) if isinstance(text, bytes) else text, FILE)
    return refused.value.issues


def only_issue(text: str | bytes) -> Issue:
    """Return the one thing that is wrong with a text."""
    (issue,) = issues_in(text)
    return issue


def place(line: int, column: int) -> Place:
    return Place(FILE, line, column)


def with_places(tree: Any) -> Any:
    """Return a tree as plain data in which every key, value and item stands beside its line and column."""
    if isinstance(tree, Mapping):
        return {
            (key, str(tree.keys_at[key])): (with_places(value), str(tree.values_at[key])) for key, value in tree.items()
        }
    if isinstance(tree, Items):
        return [(with_places(item), str(at)) for item, at in zip(tree, tree.items_at, strict=True)]
    return tree


# What a plain word means


@pytest.mark.parametrize(
    "text",
    ["NO", "No", "no", "yes", "YES", "on", "On", "off", "y", "n", "nULL", "tRUE"],
)
def test_words_of_older_yaml_are_texts(text: str) -> None:
    assert value_of(f"a: {text}") == text


@pytest.mark.parametrize("text", ["09:30", "12:30", "12:30:45", "1:2", "190:20:30"])
def test_times_are_texts_and_not_sexagesimal_numbers(text: str) -> None:
    assert value_of(f"a: {text}") == text


@pytest.mark.parametrize(
    "text", ["2023-10-18", "2023-10-18T10:00", "2023-10-18 10:00:00", "1_000", "0b11", "-0o7", "=", "<<"]
)
def test_dates_and_foreign_numbers_are_texts(text: str) -> None:
    assert value_of(f"a: {text}") == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("12", 12), ("-5", -5), ("+5", 5), ("012", 12), ("017", 17), ("0o17", 15), ("0x1F", 31)],
)
def test_whole_numbers(text: str, value: int) -> None:
    assert value_of(f"a: {text}") == value
    assert type(value_of(f"a: {text}")) is int


@pytest.mark.parametrize(("text", "value"), [("1e3", 1000.0), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-2.5E-1", -0.25)])
def test_fractions(text: str, value: float) -> None:
    assert value_of(f"a: {text}") == value
    assert type(value_of(f"a: {text}")) is float


@pytest.mark.parametrize("text", ["~", "null", "Null", "NULL", "", "# only a comment"])
def test_nothing(text: str) -> None:
    assert value_of(f"a: {text}") is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)])
def test_true_and_false(text: str, value: bool) -> None:
    assert value_of(f"a: {text}") is value


@pytest.mark.parametrize("text", ["12", "1e3", "null", "~", "true", "0o17", ".inf", ""])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_is_always_a_text(quote: str, text: str) -> None:
    assert value_of(f"a: {quote}{text}{quote}") == text


def test_block_texts_are_never_numbers() -> None:
    assert value_of("a: |-\n  12\n") == "12"
    assert value_of("a: >-\n  null\n") == "null"


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert list(parse("1: a\nNO: b\n~: c\ntrue: d\n09:30: e\n", FILE)) == ["1", "NO", "~", "true", "09:30"]


# Where it is written


def test_places_in_block_style() -> None:
    tree = parse("venues:\n  ghop:\n    seats: 12\nother:   x\n", FILE)
    assert tree.keys_at == {"venues": place(1, 1), "other": place(4, 1)}
    assert tree.values_at == {"venues": place(2, 3), "other": place(4, 10)}
    assert tree["venues"]["ghop"].keys_at["seats"] == place(3, 5)
    assert tree["venues"]["ghop"].values_at["seats"] == place(3, 12)


def test_places_in_flow_style() -> None:
    tree = parse("a: {b: 1, c: [x,\n  y]}\n", FILE)
    inner = tree["a"]
    assert inner.place == place(1, 4)
    assert inner.keys_at == {"b": place(1, 5), "c": place(1, 11)}
    assert inner.values_at == {"b": place(1, 8), "c": place(1, 14)}
    assert inner["c"].items_at == [place(1, 15), place(2, 3)]


def test_places_of_block_items() -> None:
    tree = parse("a:\n- 1\n- b: 2\n", FILE)
    assert tree["a"].items_at == [place(2, 3), place(3, 3)]
    assert tree["a"][1].values_at["b"] == place(3, 6)


def test_a_multi_line_text_is_where_it_begins_and_shifts_what_follows() -> None:
    tree = parse("a: |\n  one\n  two\nb: plain\n  goes on\nc: 'quoted\n\n  too'\nd: 1\n", FILE)
    assert (tree["a"], tree["b"], tree["c"]) == ("one\ntwo\n", "plain goes on", "quoted\ntoo")
    assert tree.values_at == {"a": place(1, 4), "b": place(4, 4), "c": place(6, 4), "d": place(9, 4)}


def test_columns_count_characters_of_chinese_text_not_bytes() -> None:
    tree = parse("名称: {英: 国宾馆, 座: 40}\n", FILE)
    assert tree.values_at["名称"] == place(1, 5)
    assert tree["名称"].keys_at == {"英": place(1, 6), "座": place(1, 14)}
    assert tree["名称"].values_at == {"英": place(1, 9), "座": place(1, 17)}


def test_a_byte_order_mark_takes_no_column() -> None:
    tree = parse(decode(b"\xef\xbb\xbfa: 1\nb: 2\n", FILE), FILE)
    assert tree.keys_at == {"a": place(1, 1), "b": place(2, 1)}


def test_windows_line_ends() -> None:
    tree = parse("a: 1\r\nb:\r\n  c: 2\r\n", FILE)
    assert tree["b"].values_at["c"] == place(3, 6)


def test_a_missing_value_is_where_it_would_stand() -> None:
    tree = parse("a:\nb: 1\n", FILE)
    assert tree.values_at["a"] == place(1, 3)


def test_place_of_follows_keys_and_items() -> None:
    tree = parse("events:\n  visit: {halls: [a, b]}\n", FILE)
    assert place_of(tree, ("events", "visit", "halls", 1)) == place(2, 22)


def test_place_of_what_is_missing_is_its_nearest_parent() -> None:
    tree = parse("events:\n  visit: {halls: [a, b]}\n", FILE)
    assert place_of(tree, ("events", "visit", "grade")) == place(2, 10)
    assert place_of(tree, ("events", "visit", "halls", 7)) == place(2, 18)
    assert place_of(tree, ("rules",)) == place(1, 1)


def test_place_of_passes_over_the_tag_of_a_union() -> None:
    tree = parse("delegations: [a, 5]\n", FILE)
    assert place_of(tree, ("delegations", "list[str]", 1)) == place(1, 18)


# What is refused


def test_every_duplicate_key_is_reported_with_its_first_line() -> None:
    first, second = issues_in("a: 1\nb: 2\na: 3\nc: {d: 1, 'd': 2}\n")
    assert (first.place, second.place) == (place(3, 1), place(4, 11))
    assert "'a'" in first.message
    assert "line 1" in first.message
    assert "'d'" in second.message


def test_one_key_in_two_mappings_is_no_duplicate() -> None:
    assert parse("a: {x: 1}\nb: {x: 1}\nx: 1\n", FILE) == {"a": {"x": 1}, "b": {"x": 1}, "x": 1}


def test_anchors_and_aliases_are_refused() -> None:
    anchor, alias = issues_in("a: &x 1\nb: *x\n")
    assert (anchor.place, alias.place) == (place(1, 4), place(2, 4))
    assert "&x" in anchor.message
    assert "*x" in alias.message
    assert "template" in alias.hint


def test_anchors_of_mappings_and_lists_are_refused() -> None:
    assert [issue.place for issue in issues_in("a: &x {b: 1}\nc: &y [1]\n")] == [place(1, 4), place(2, 4)]


def test_an_alias_as_a_key_is_refused() -> None:
    assert place(2, 1) in [issue.place for issue in issues_in("a: &x y\n*x : 2\n")]


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    begun = time.perf_counter()
    found = issues_in("\n".join(lines))
    assert time.perf_counter() - begun < 2
    assert found[0].place == place(1, 4)
    assert len(found) < 100  # 9 anchors and 72 aliases, none of them followed


def test_a_flood_of_aliases_does_not_flood_the_reader() -> None:
    found = issues_in("a: &a 1\nb: [" + "*a, " * 20_000 + "]\n")
    assert len(found) <= 1_000


@pytest.mark.parametrize("text", ["b: {<<: {x: 1}}", "b:\n  <<: {x: 1}\n", "b: {'<<': 1}"])
def test_merge_keys_are_refused(text: str) -> None:
    issue = only_issue(text)
    assert "merge key" in issue.message
    assert issue.hint


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a: !!python/object/apply:os.system ['true']", 4),
        ("a: !!python/name:os.system ''", 4),
        ("a: !!str 12", 4),
        ("a: !!int '12'", 4),
        ("a: !mine {b: 1}", 4),
        ("a: !!set {b, c}", 4),
        ("!mine a: 1", 1),
    ],
)
def test_tags_are_refused(text: str, column: int) -> None:
    issue = issues_in(text)[0]
    assert issue.place == place(1, column)
    assert "tag" in issue.message


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "a: 1\n---\n", "a: 1\n...\n---\n# nothing\n"])
def test_a_second_document_is_refused(text: str) -> None:
    issue = only_issue(text)
    assert "second document" in issue.message
    assert issue.place.line == text[: text.index("---")].count("\n") + 1


def test_the_marks_of_one_document_are_welcome() -> None:
    assert parse("%YAML 1.2\n---\na: 1\n...\n", FILE) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "column"),
    [("? [a, b]\n: 1\n", 3), ("? {a: 1}\n: 1\n", 3), ("{a: 1}: 2\n", 1), ("x: {[a]: 1}\n", 5)],
)
def test_keys_that_are_lists_or_mappings_are_refused(text: str, column: int) -> None:
    issue = only_issue(text)
    assert issue.place == place(1, column)
    assert "key" in issue.message


def test_a_long_key_in_the_explicit_form_is_a_key() -> None:
    assert parse("? a\n: 1\n", FILE) == {"a": 1}


def test_a_tab_that_indents_is_named() -> None:
    issue = only_issue("a:\n\tb: 1\n")
    assert issue.place.line == 2
    assert "tab" in issue.hint


def test_a_colon_inside_a_text_is_named() -> None:
    issue = only_issue("a: b: c\n")
    assert issue.place.line == 1
    assert "quotes" in issue.hint


@pytest.mark.parametrize(
    ("character", "code"),
    [("\0", "U+0000"), ("\a", "U+0007"), ("\x1b", "U+001B"), ("\x7f", "U+007F"), ("\ufffe", "U+FFFE")],
)
def test_control_characters_are_refused(character: str, code: str) -> None:
    issue = only_issue(f"a: 1\nbc: x{character}\n")
    assert code in issue.message
    assert issue.place == place(2, 6)


def test_a_control_character_after_chinese_text_has_its_own_line_and_column() -> None:
    assert only_issue("名称: 国宾馆\nb: \a\n").place == place(2, 4)


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "], ids=["lists", "mappings", "block lists", "keys"])
def test_three_megabytes_of_nesting_are_refused_at_once(unit: str) -> None:
    text = unit * (3_000_000 // len(unit))
    begun = time.perf_counter()
    found = issues_in(text)
    assert time.perf_counter() - begun < 2
    assert f"{DEEPEST} levels" in found[-1].message
    assert len(found) <= DEEPEST


def test_nesting_is_allowed_up_to_its_limit_and_no_further() -> None:
    lists = DEEPEST - 1  # the file itself is the first level
    parse("a: " + "[" * lists + "]" * lists, FILE)
    # "a: " takes three columns, the lists allowed as many as they are
    assert only_issue("a: " + "[" * (lists + 1) + "]" * (lists + 1)).place == place(1, 4 + lists)


def test_whole_numbers_up_to_their_longest() -> None:
    nines = "9" * LONGEST_NUMBER
    assert value_of(f"a: {nines}") == int(nines)
    assert only_issue(f"a: 1{nines}").place == place(1, 4)


def test_a_number_of_six_thousand_digits_is_refused_in_a_short_message() -> None:
    issue = only_issue("a: " + "7" * 6_000)
    assert issue.place == place(1, 4)
    assert "6000 digits" in issue.message
    assert len(issue.message) < 100


def test_a_quoted_number_of_six_thousand_digits_is_a_text() -> None:
    assert value_of("a: '" + "7" * 6_000 + "'") == "7" * 6_000


@pytest.mark.parametrize("text", [".inf", "-.inf", "+.INF", ".Inf", ".nan", ".NaN", ".NAN"])
def test_infinity_and_not_a_number_are_refused(text: str) -> None:
    issue = only_issue(f"a: {text}")
    assert issue.place == place(1, 4)
    assert text in issue.message


def test_a_number_too_large_to_hold_is_refused_and_not_made_infinite() -> None:
    try:
        value = value_of("a: 1e999")
    except InputError as refused:
        assert refused.issues[0].place == place(1, 4)
    else:
        assert not isinstance(value, float) or math.isfinite(value)


def test_a_byte_that_is_not_utf_8_is_found() -> None:
    issue = only_issue("城: 1\n".encode() + b"b: caf\xe9 x\n")
    assert issue.place == place(2, 7)
    assert "0xe9" in issue.message
    assert "UTF-8" in issue.hint


def test_a_byte_that_is_not_utf_8_is_found_after_a_byte_order_mark() -> None:
    issue = only_issue(b"\xef\xbb\xbfa: 1\nb: \xff\n")
    assert issue.place == place(2, 4)
    assert "0xff" in issue.message


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_files_in_other_encodings_are_refused(encoding: str) -> None:
    issue = only_issue("名: 国宾馆\n".encode(encoding))
    assert issue.place == place(1, 1)
    assert "UTF-8" in issue.message


@pytest.mark.parametrize("text", ["", "\n\n", "   \n", "# a\n# b\n", "---\n", "~", "null\n"])
def test_an_empty_file_says_so(text: str) -> None:
    issue = only_issue(text)
    assert issue.place == place(1, 1)
    assert "empty" in issue.message


@pytest.mark.parametrize("text", ["- a\n- b\n", "[a]", "hello\n", "12", "'{}'"])
def test_a_file_is_a_mapping(text: str) -> None:
    issue = only_issue(text)
    assert issue.place == place(1, 1)
    assert "mapping" in issue.message


def test_what_stops_being_yaml_is_reported_after_what_was_wrong_before() -> None:
    first, second = issues_in("a: 1\na: 2\nb: [1\n")
    assert first.place == place(2, 1)
    assert "not YAML" in second.message


# Without the C library


@pytest.mark.parametrize(
    "text",
    [
        "a: NO\nb: 12:30\nc: 0o17\nd: ~\ne:\nf: '12'\n",
        "a:\n  b: [1, 2]\n  c: {d: e}\n中文: 值\ne: |\n  text\n  more\nf: >\n  x\ng: plain\n  goes on\n",
        "h:\n- 1\n-\n  - x\n? a\n: 1\n",
        "%YAML 1.2\n---\na: 1\r\nb: {c: 2}\r\n...\n",
    ],
)
def test_the_python_parser_gives_the_same_tree_and_places(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = with_places(parse(text, FILE))
    monkeypatch.setattr(strict_yaml, "_Loader", yaml.SafeLoader)
    assert with_places(parse(text, FILE)) == fast


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "a: 1\n---\nb: 2\n",
        "? [a]\n: 1\n",
        "a: .inf\nb: " + "9" * 6_000,
        "a: x\x01\n",
        "[" * 300,
        "a: 'x\n",
        "",
    ],
    ids=["duplicate", "alias", "tag", "document", "key", "numbers", "control", "nesting", "quote", "empty"],
)
def test_the_python_parser_refuses_the_same_at_the_same_places(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = [issue.place for issue in issues_in(text)]
    monkeypatch.setattr(strict_yaml, "_Loader", yaml.SafeLoader)
    assert [issue.place for issue in issues_in(text)] == fast


@pytest.mark.parametrize("loader", [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader])
def test_half_a_surrogate_pair_is_refused_by_both_parsers(loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "_Loader", loader)
    # no file can hold such a text and no digest can be made of it
    assert only_issue('a: "\\ud800"\n').place.line == 1
