"""Why there is no plan, what would have to give, why a session is where it is and what another place would cost."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from benchmarks.conflicts import Seeded, complaints, seeded
from scheduler.check import check
from scheduler.cli.main import scheduler
from scheduler.engine import Limits, solve
from scheduler.engine.cores import Answer, Questions, smallest
from scheduler.engine.kernel import find_kernel
from scheduler.engine.search import Clock, Way
from scheduler.errors import SchedulerError
from scheduler.load import Loaded, load
from scheduler.plan import plan_json
from scheduler.problem import compile_problem
from scheduler.studies.explain import Explanation, explain_scenario
from scheduler.studies.place import Places, wanted
from tests.test_readme import HOME, squeezed, tour

BASE = """
schema: 1
id: explained
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-11, grid: 15 min}
grades: {G1: {}, G3: {}}
venues:
  ghop:
    name: Great Hall
    clearance: G1
    hours: 07:00-23:00
    halls: {east: {name: East Hall, seats: {rows: 100}}, west: {name: West Hall, seats: {rows: 50}}, foyer: {pooled: 9}}
  annex: {name: Annex, clearance: G1, halls: {room: {name: Room, seats: {rows: 100}}}}
travel: {annex: {ghop: 30 min}}
hotels: {inn: {name: Inn, rooms: 100}}
pools: {teams: {name: Security teams, capacity: 36}}
budgets: {banquets: {name: Banquets, amount: 100}}
delegations:
  nor: {country: "NO", persons: [minister]}
  swe: {country: SE, persons: [minister]}
events:
  summit:
    grade: G1
    within: {day: {date: 2027-05-10, time: 09:30-12:00}}
    sessions: {}
"""

ON_10_MAY = "2027-05-10T{}"


def scenario(sessions: dict[str, Any], **more: Any) -> str:
    """Return a scenario with these sessions of the summit, and sections laid over the base."""
    tree = yaml.safe_load(BASE.replace("2027-05-10", "'2027-05-10'").replace("2027-05-11", "'2027-05-11'"))
    tree["events"]["summit"]["sessions"] = sessions
    for section, entries in more.items():
        tree[section] = {**tree.get(section, {}), **entries}
    return json.dumps(tree)  # which is YAML too, without aliases


def session(**said: Any) -> dict[str, Any]:
    """Return a session of two hours in the foyer, with what else is said of it."""
    return {"duration": "2 h", "halls": {"any": ["ghop.foyer"]}, **said}


TEAMS = {name: session(uses={"teams": {"amount": amount}}) for name, amount in zip("abcd", (14, 15, 15, 1), strict=True)}


def explained(tmp_path: Path, text: str, most: int = 3) -> tuple[Loaded, Explanation]:
    """Return a scenario and why it has no plan; every repair is loaded, solved and checked anew from its patch."""
    file = tmp_path / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = load(file)
    found = explain_scenario(loaded, lambda patch: load(file, [patch]), Limits(seconds=30), most)
    for number, repair in enumerate(found.repairs):
        patch = tmp_path / f"{number}.yaml"
        patch.write_text(yaml.safe_dump(dict(repair.patch)), encoding="utf-8")
        repaired = load(file, [patch])
        outcome = solve(repaired, Limits(seconds=20))
        assert outcome.plan is not None, repair.text
        assert check(repaired, repair.plan).clean
    return loaded, found


def test_need_and_supply_are_told_by_number_time_and_name(tmp_path: Path) -> None:
    # Each is on from 10:00 to 11:30, wherever it is between 9:30 and 12:00: 14 + 15 + 15 = 44. With the fourth it is 45.
    _, found = explained(tmp_path, scenario(TEAMS))
    assert found.conflict is not None
    assert found.conflict.names == ("summit.a", "summit.b", "summit.c")
    pools = next(cause for cause in found.conflict.causes if cause.rule == "pools")
    assert pools.text == (
        "Three G1 sessions (summit.a, summit.b, summit.c) need 44 of Security teams from 10 May 10:00 to 11:30; "
        "there are 36."
    )
    assert {cause.rule for cause in found.conflict.causes} == {"pools", "windows"}
    assert found.conflict.minimal
    assert found.repairs[0].patch == {"pools": {"teams": {"capacity": 45}}}
    assert found.repairs[0].text == "pools.teams.capacity: 45, not 36."


HOLD = {
    "halls": ["ghop.east"],
    "from": ON_10_MAY.format("08:00"),
    "to": ON_10_MAY.format("13:00"),
    "by": "another ministry",
}
EAST = {"any": ["ghop.east"]}
ORDER = {"rule": "order"}
KINDS: dict[str, tuple[str, set[str], set[str]]] = {
    # In 150 minutes one hall has no room for twice 90.
    "one hall": (
        scenario({name: {"duration": "90 min", "halls": EAST} for name in ("a", "b")}),
        {"occupancy", "windows"},
        {"summit.a", "summit.b"},
    ),
    "one person in two places": (
        scenario({n: {"duration": "90 min", "persons": ["minister"], "delegations": ["nor"]} for n in ("a", "b")}),
        {"itinerary", "windows"},
        {"summit.a", "summit.b"},
    ),
    "a closed venue": (
        scenario(
            {"a": {"duration": "90 min", "halls": {"any": ["annex.room"]}}},
            venues={
                "annex": {
                    "name": "Annex",
                    "clearance": "G1",
                    "closures": {"works": {"from": ON_10_MAY.format("00:00"), "to": ON_10_MAY.format("11:00")}},
                    "halls": {"room": {"name": "Room"}},
                }
            },
        ),
        {"availability", "windows"},
        {"summit.a"},
    ),
    "after hours": (
        scenario({"a": session(duration="90 min", within={"late": {"date": "2027-05-10", "time": "22:00-24:00"}})}),
        {"availability", "windows"},
        {"summit.a"},
    ),
    "too few seats": (
        scenario(
            {"a": {"duration": "1 h", "attendance": 300, "layout": "rows", "halls": {"any": ["ghop.east", "ghop.west"]}}}
        ),
        {"seating"},
        {"summit.a"},
    ),
    "rivals": (
        scenario(
            {
                name: {"duration": "75 min", "delegations": [who], "halls": {"any": ["ghop.foyer"]}}
                for name, who in (("a", "nor"), ("b", "swe"))
            },
            rules={"far": {"rule": "separation", "delegations": ["nor", "swe"], "scope": "venue", "gap": "30 min"}},
        ),
        {"far", "windows"},
        {"summit.a", "summit.b"},
    ),
    "an order cycle": (
        scenario(
            {name: session(duration="15 min") for name in ("a", "b", "c", "d")},
            rules={
                "ab": {**ORDER, "sessions": ["summit.a", "summit.b"]},
                "bc": {**ORDER, "sessions": ["summit.b", "summit.c"]},
                "ca": {**ORDER, "sessions": ["summit.c", "summit.a"]},
            },
        ),
        {"ab", "bc", "ca"},
        {"summit.a", "summit.b", "summit.c"},
    ),
    "a budget": (
        scenario({name: session(spends={"banquets": 40}) for name in ("a", "b", "c")}),
        {"budgets"},
        {"summit.a", "summit.b", "summit.c"},
    ),
    "rooms by night": (
        scenario(
            {"a": session()},
            delegations={
                name: {
                    "country": country,
                    "home": {"any": ["inn"]},
                    "rooms": 60,
                    "nights": {"from": "2027-05-10", "to": "2027-05-10"},
                }
                for name, country in (("nor", "NO"), ("swe", "SE"))
            },
            hotels={"inn": {"name": "Inn", "rooms": 100}, "other": {"name": "Other", "rooms": 100}},
        ),
        {"lodging"},
        {"nor", "swe"},
    ),
    "pins": (
        scenario(
            {"a": session(), "b": session()},
            rules={"apart": {"rule": "apart", "sessions": ["summit.a", "summit.b"], "different": "hall"}},
            pins={"summit.a": {"hall": "ghop.foyer"}},
        ),
        {"apart"},
        {"summit.a", "summit.b"},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cause_is_named_and_every_repair_leads_to_a_plan(kind: str, tmp_path: Path) -> None:
    text, rules, names = KINDS[kind]
    loaded, found = explained(tmp_path, text)
    assert found.status == "infeasible"
    assert found.conflict is not None
    assert {cause.rule for cause in found.conflict.causes} == rules
    assert set(found.conflict.names) == names
    assert found.conflict.minimal
    assert found.repairs
    for cause in found.conflict.causes:
        assert cause.text
        assert cause.place.file.endswith("scenario.yaml")
        assert cause.place.line
    assert solve(loaded).status == "infeasible"


@pytest.fixture(scope="module")
def every_thirtieth() -> list[Seeded]:
    """Return some of the conflicts that the cases of all families make."""
    return list(seeded(every=30))


def test_seeded_causes_are_in_minimal_kernels(every_thirtieth: list[Seeded]) -> None:
    for conflict in every_thirtieth:
        verdict = find_kernel(conflict.loaded, Clock(Limits(seconds=20)))
        assert verdict.kernel is not None, conflict.name
        assert not list(complaints(conflict, verdict.kernel)), conflict.name


def test_two_conflicts_are_repaired_together(tmp_path: Path) -> None:
    """Teams and the budget are both too few: no single change helps, two do."""
    sessions = {name: {**said, "spends": {"banquets": 40}} for name, said in TEAMS.items()}
    _, found = explained(tmp_path, scenario(sessions), most=1)
    assert set(found.repairs[0].patch) == {"pools", "budgets"}


def test_what_nobody_can_decide_is_not_proved(load_text: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Questions, "ask", lambda *arguments, **options: Answer(None))
    loaded = load_text(KINDS["an order cycle"][0])
    found = explain_scenario(loaded, lambda patch: loaded, Limits(seconds=5))
    assert found.status == "unknown"
    assert "every session has a place of its own" in found.ruled_out


def test_what_one_way_finds_impossible_another_has_to_confirm(load_text: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Questions.ask

    def contradicting(self: Questions, *arguments: Any, **options: Any) -> Answer:
        answer = honest(self, *arguments, **options)
        return answer._replace(possible=True, spots=None) if Way.CAUTIOUS in arguments else answer

    monkeypatch.setattr(Questions, "ask", contradicting)
    with pytest.raises(SchedulerError, match="possible after all"):
        find_kernel(load_text(KINDS["an order cycle"][0]), Clock(Limits(seconds=5)))


@pytest.mark.parametrize("needed", [{3}, {0, 9}, {1, 2, 3, 4}, set(range(10))])
def test_nothing_can_be_spared_of_the_smallest(needed: set[int]) -> None:
    found = smallest(list(range(10)), lambda some: some if needed <= set(some) else None)
    assert set(found) == needed


TALKS = scenario(
    {
        "talks": {
            "duration": "1 h",
            "halls": {"any": ["ghop.east", "ghop.west"]},
            "prefer": {"start": ON_10_MAY.format("10:00"), "venues": ["ghop.east"]},
        },
        "lunch": {"duration": "1 h", "halls": EAST, "prefer": {"start": ON_10_MAY.format("11:00")}},
        "call": {"duration": "30 min", "halls": {"any": ["ghop.foyer"]}, "prefer": {"start": ON_10_MAY.format("09:30")}},
    },
    rules={"order": {"rule": "order", "sessions": ["summit.call", "summit.talks", "summit.lunch"]}},
    goals={"times": {"goal": "preferred-times", "tier": 1}, "places": {"goal": "preferred-venues", "tier": 2}},
).replace("09:30-12:00", "09:30-14:00")


def places_of(tmp_path: Path) -> tuple[Path, Path, Places]:
    """Return the files of a scenario and of its best plan, and the questions to it."""
    file, plan_file = tmp_path / "scenario.yaml", tmp_path / "plan.json"
    file.write_text(TALKS, encoding="utf-8")
    loaded = load(file)
    plan = solve(loaded).plan
    assert plan is not None
    plan_file.write_text(plan_json(plan), encoding="utf-8")
    return file, plan_file, Places(loaded, compile_problem(loaded), plan)


def test_a_price_is_that_of_a_full_solve_with_the_pin(tmp_path: Path) -> None:
    file, _, places = places_of(tmp_path)
    asked = [("summit.talks", "ghop.west", "10:00"), ("summit.talks", None, "10:30"), ("summit.call", None, "10:00")]
    asked += [("summit.lunch", "ghop.east", "12:00"), ("summit.lunch", None, "10:30"), ("summit.talks", None, "09:30")]
    prices = []
    for name, hall, start in asked:
        there = places.there(wanted(places.loaded, name, hall, None, ON_10_MAY.format(start)), Clock(Limits(seconds=20)))
        pin = tmp_path / "pin.yaml"
        pin.write_text(
            yaml.safe_dump({"pins": {name: {**({"hall": hall} if hall else {}), "start": ON_10_MAY.format(start)}}})
        )
        outcome = solve(load(file, [pin]))
        assert (there.status == "possible") == (outcome.plan is not None)
        if outcome.plan is not None:
            assert outcome.status == "optimal"
            assert there.proved
            before = {tier.tier: tier.value for tier in places.plan.tiers}
            assert there.price == {tier.tier: tier.value - before[tier.tier] for tier in outcome.plan.tiers}
        else:
            assert there.conflict is not None or there.refused
        prices.append(there.price.get(1))
    # The plan costs nothing. Talks at 10:30 push lunch to 11:30: twice 30. The call at 10:00 pushes both: three times 30.
    # Lunch before 11:00 leaves no time for the talks, talks before 10:00 none for the call.
    assert prices == [0, 60, 90, 60, None, None]


def test_what_holds_a_session_is_told_and_what_it_costs(tmp_path: Path) -> None:
    _, _, places = places_of(tmp_path)
    here = places.here("summit.talks")
    assert not here.costs
    earlier, later, west = here.neighbours
    assert earlier.price is None
    assert earlier.why_not == ("summit.talks starts 15 min before summit.call ends; it has to follow it. (order)",)
    assert later.price is None
    assert any("summit.lunch" in said for said in later.why_not)
    assert west.where == "West Hall (Great Hall)"
    assert west.price == {1: 0, 2: 1}


def test_alternatives_tell_their_price_and_who_moves(tmp_path: Path) -> None:
    _, _, places = places_of(tmp_path)
    offers = places.alternatives("summit.talks", 3, Clock(Limits(seconds=20)))
    found = [(offer.placed.hall, f"{offer.placed.start:%H:%M}", offer.price) for offer in offers if offer.placed]
    # An hour later in either hall pushes lunch by an hour too.
    assert found == [
        ("ghop.west", "10:00", {1: 0, 2: 1}),
        ("ghop.east", "11:00", {1: 120, 2: 0}),
        ("ghop.west", "11:00", {1: 120, 2: 1}),
    ]
    assert [what for what, _, _ in offers[1].moves] == ["summit.lunch"]


def run(*arguments: object) -> Any:
    return CliRunner().invoke(scheduler, ["explain", *map(str, arguments)], standalone_mode=False)


def test_an_offer_is_written_as_a_patch_and_taken(tmp_path: Path) -> None:
    file, patch = tmp_path / "scenario.yaml", tmp_path / "patch.yaml"
    file.write_text(scenario(TEAMS), encoding="utf-8")
    done = run(file, "--take", 2, "--as-patch", patch, "-n", 2)
    assert done.return_value == 3
    assert f"Next: scheduler solve {file} --patch {patch}" in done.stdout
    assert patch.read_text(encoding="utf-8").startswith("# Let summit.")
    assert solve(load(file, [patch])).plan is not None
    assert run(file, "--patch", patch).return_value == 0


def test_a_place_is_written_as_a_pin(tmp_path: Path) -> None:
    file, plan_file, _ = places_of(tmp_path)
    patch = tmp_path / "patch.yaml"
    done = run(file, plan_file, "--session", "summit.talks", "--hall", "ghop.west", "--as-patch", patch)
    assert done.return_value == 0
    assert "summit.talks in ghop.west is possible" in done.stdout
    assert yaml.safe_load(patch.read_text())["pins"]["summit.talks"]["hall"] == "ghop.west"
    plan = solve(load(file, [patch])).plan
    assert plan is not None
    assert plan.sessions["summit.talks"].hall == "ghop.west"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["--session", "summit.talk"], "there is no session 'summit.talk'", "Maybe 'summit.talks'?"),
        (["--session", "summit.talks", "--hall", "ghop.eats"], "there is no hall 'ghop.eats'", "Maybe 'ghop.east'?"),
        (
            ["--session", "summit.talks", "--start", "2027-05-10T10:07"],
            "is not on the grid of 15 min",
            "'2027-05-10T10:00' or",
        ),
        (["--session", "summit.talks", "--start", "2027-06-10T10:00"], "lies outside the calendar", ""),
        (["--session", "summit.talks", "--start", "ten"], "--start: 'ten' is not", "Maybe '2023-10-18T10:00'?"),
        (["--session", "summit.talks", "--option", "x"], "summit.talks has no options", ""),
        (
            ["--session", "summit.talks", "--hall", "ghop.west", "--take", "2", "--as-patch", "p"],
            "no offer 2 to write",
            "Maybe 1?",
        ),
        (["--hall", "ghop.west"], "--hall, --option and --start are of a session", "Maybe '--session ID'?"),
        ([], "of which session of this plan?", "Maybe '--session ID'?"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_may_be(
    arguments: list[str], message: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, plan_file, _ = places_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = run(file, plan_file, *arguments)
    assert done.return_value == 2
    assert message in done.stderr
    assert hint in done.stderr


def test_the_tour_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HOME / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    text = (HOME / "docs" / "explain.md").read_text(encoding="utf-8")
    for command, shown in tour(text):
        arguments = shlex.split(command.removeprefix("./dev scheduler"))
        done = CliRunner().invoke(scheduler, arguments, standalone_mode=False)
        impossible = any("no plan" in line or "not possible." in line for line in shown[:1])
        assert done.return_value == (3 if impossible else 0), (command, done.output)
        for line in shown:  # the line of a file may move: what is told is that there is one
            told, printed = (re.sub(r":\d+:\d+", ":LINE", squeezed(text)) for text in (line, done.stdout))
            assert told.strip() in printed, (command, line)
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    exec(example[1], {})


def test_a_plan_that_breaks_rules_explains_nothing(tmp_path: Path) -> None:
    file, plan_file, _ = places_of(tmp_path)
    plan_file.write_text(plan_file.read_text().replace("T10:00", "T10:15").replace("T11:00", "T11:15"), encoding="utf-8")
    done = run(file, plan_file, "--session", "summit.talks", "--format", "json")
    assert done.return_value == 2
    assert "the plan breaks" in json.loads(done.stdout)["issues"][0]["message"]
