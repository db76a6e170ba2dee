"""What an audience may not see is in no byte of its issues, and changes nothing in them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.exports.formats import FORMATS
from scheduler.load import Loaded, load
from tests.exported import (
    FIELDS,
    HALLS,
    NEEDS,
    SESSIONS,
    STARTS,
    Declared,
    all_bytes,
    issue,
    placed_plan,
    projected,
    shown_marks,
)

Where = Mapping[str, tuple[str, str]]

READERS = st.builds(
    lambda reader, formats: {**reader, "formats": formats},
    st.sampled_from([{"audience": "public"}, {"audience": "liaison", "delegation": "nor"}]),
    # Pages take long to be read again: they are looked into now and then.
    st.sampled_from([tuple(name for name in FORMATS if name != "pdf")] * 3 + [("pdf",)]),
)


def _closed(fields: set[str]) -> list[str]:
    """Return fields with all that they need to be shown."""
    for _ in FIELDS:
        fields |= {NEEDS[field] for field in fields if field in NEEDS}
    return sorted(fields)


_FIELDS = st.sets(st.sampled_from(FIELDS), max_size=6).map(_closed)
_BY_GRADE = st.dictionaries(st.sampled_from(["G1", "G2", "G3"]), _FIELDS)
_OWN = st.sampled_from(
    [[], ["movements"], ["movements", "routes"], ["movements", "escorts"], ["homes"], ["movements", "homes"]]
)
DECLARED = st.builds(
    Declared,
    public=_BY_GRADE,
    liaison=st.none() | _BY_GRADE,
    own=_OWN,
    quiet=st.sampled_from(["public", "liaison", "command"]),
)
HOMES = st.fixed_dictionaries({"nor": st.sampled_from(["inn", "lodge"]), "fij": st.sampled_from(["inn", "lodge"])})


@cache
def all_placements() -> list[Where]:
    """Every way to hold the sessions, each at a start of its own; the quiet one perhaps not at all."""
    found: list[Where] = []
    for starts in permutations(STARTS):
        for halls in product(HALLS, repeat=len(SESSIONS)):
            where = dict(zip(SESSIONS, zip(halls, starts, strict=True), strict=True))
            found += [where, {name: spot for name, spot in where.items() if name != "quiet.call"}]
    return found


PLACEMENTS = st.sampled_from(range(24 * 3**4 * 2)).map(lambda number: all_placements()[number])


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Issues are written by the hundred here, and thrown away."""
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("os.fsync", lambda handle: None)
        yield


def loaded_of(declared: Declared, folder: Path) -> Loaded:
    """Return the scenario of a declaration."""
    file = folder / "scenario.yaml"
    file.write_text(declared.text(), encoding="utf-8")
    return load(file)


def found_marks(folder: Path) -> set[str]:
    """Return the marks in all bytes of an issue, and the ids of sessions, which only the command centre is told."""
    pattern = re.compile(rb"mark-[a-z-]+?-zq|[678]31000\d{3}|(?:summit|quiet)\.(?:talks|dinner|press|call)")
    return {found.decode() for name, content in all_bytes(folder) for found in pattern.findall(name.encode() + content)}


@given(DECLARED, PLACEMENTS, PLACEMENTS, HOMES, READERS)
@settings(max_examples=25, deadline=None)
def test_nothing_withheld_is_in_any_byte(
    declared: Declared, where: Where, later: Where, homes: dict[str, str], reader: dict[str, Any]
) -> None:
    """Neither of a first issue nor of the one after it, which tells what changed."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        loaded = loaded_of(declared, folder)
        plans = [placed_plan(loaded, placements, homes) for placements in (where, later)]
        for number in (1, 2):
            found = found_marks(issue(loaded, plans[number - 1], folder / "out", **reader))
            assert found <= shown_marks(declared, reader["audience"], plans[:number])


@given(DECLARED, DECLARED, PLACEMENTS, PLACEMENTS, HOMES, READERS)
@settings(max_examples=15, deadline=None)
def test_what_is_withheld_from_now_on_is_not_told_as_cancelled_or_changed(
    declared: Declared, narrower: Declared, where: Where, later: Where, homes: dict[str, str], reader: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        loaded = loaded_of(declared, folder)
        plans = [placed_plan(loaded, where, homes)]
        issue(loaded, plans[0], folder / "out", **reader)
        loaded = loaded_of(narrower, folder)
        plans.append(placed_plan(loaded, later, homes))
        found = found_marks(issue(loaded, plans[1], folder / "out", **reader))
        assert found <= shown_marks(narrower, reader["audience"], plans)


@st.composite
def twins(draw: st.DrawFn) -> tuple[Declared, dict[str, Any], list[tuple[Where, dict[str, str]]]]:
    """Draw a declaration, a reader, and two plans that differ only in what the reader may not see."""
    declared, reader, where, homes = draw(DECLARED), draw(READERS), draw(PLACEMENTS), draw(HOMES)
    seen = projected(declared, reader["audience"], where)
    alike = [other for other in all_placements() if projected(declared, reader["audience"], other) == seen]
    others = draw(HOMES)
    if reader["audience"] == "liaison" and declared.own:  # where it stays, and when it leaves there, is shown
        others = {**others, "nor": homes["nor"]}
    return declared, reader, [(where, homes), (draw(st.sampled_from(alike)), others)]


@given(twins(), PLACEMENTS)
@settings(max_examples=25, deadline=None)
def test_plans_that_differ_only_in_what_is_withheld_are_issued_alike(
    pair_and_reader: tuple[Declared, dict[str, Any], list[tuple[Where, dict[str, str]]]], later: Where
) -> None:
    """Byte by byte, manifests too; and so are the issues after them."""
    declared, reader, pair = pair_and_reader
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        loaded = loaded_of(declared, folder)
        for number, (where, homes) in enumerate(pair):
            issue(loaded, placed_plan(loaded, where, homes), folder / f"out{number}", **reader)
            issue(loaded, placed_plan(loaded, later, pair[0][1]), folder / f"out{number}", **reader)
        one, other = (dict(all_bytes(folder / f"out{number}")) for number in (0, 1))
        assert one == other
        assert b'"broken": false' in one["issue-001/manifest.json"]


def test_the_command_centre_is_shown_everything(tmp_path: Path) -> None:
    """So that the tests above look for marks that are there to be found."""
    loaded = loaded_of(Declared(quiet="command"), tmp_path)
    plan = placed_plan(loaded, all_placements()[0], {"nor": "inn", "fij": "lodge"})
    found = found_marks(issue(loaded, plan, tmp_path / "out", audience="command"))
    fields = dict.fromkeys(("G1", "G2", "G3"), FIELDS)
    everything = Declared(public=fields, liaison=fields, own=("homes", "routes"))
    assert shown_marks(everything, "liaison", [plan]) <= found
    assert {"mark-poolname-zq", "mark-fij-chief-zq"} <= found


def test_the_two_plans_of_a_pair_do_differ(tmp_path: Path) -> None:
    """Where all is withheld but names, every placement is alike."""
    declared = Declared(public={"G1": ["name"], "G2": ["name"], "G3": ["name"]})
    here, there = all_placements()[0], all_placements()[-2]
    assert here != there
    assert projected(declared, "public", here) == projected(declared, "public", there)
