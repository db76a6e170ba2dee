"""The cases of every rule and goal: of one plan the check, the terms and the engine say the same, and what the case says.

A file of scenarios/cases bears the name of its family and holds one small scenario with plans for it. Of each plan it says
what is to be found: ``violations`` (every sentence of the check; none where the plan is clean), ``given-way`` (those of
softened rules) and ``figure`` (of the family). ``amounts`` are those of the violations one by one, for what no sentence
tells. ``patch`` changes the scenario for one case, ``base`` is a plan to keep to, ``base-homes`` where delegations
stay in it, ``homes`` says where they stay, ``displaced`` whose holds give way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.errors import Issue
from scheduler.load import Loaded, build
from scheduler.plan import Plan
from scheduler.problem import Problem, compile_problem, refused
from scheduler.rules import Candidates, Goal, families
from scheduler.scenario.merge import patched
from scheduler.scenario.model import Model
from scheduler.scenario.strict_yaml import Mapping, parse
from scheduler.terms import Choice, Spot, holds
from tests.conftest import plan_of

FOLDER = Path(__file__).parent.parent / "scenarios" / "cases"


class Case(Model):
    """One plan for the scenario of a file, and what is to be said of it."""

    patch: dict[str, Any] = {}
    plan: dict[str, dict[str, str]]
    homes: dict[str, str] = {}
    displaced: list[str] = []
    base: dict[str, dict[str, str]] | None = None
    base_homes: dict[str, str] = {}
    violations: list[str] = []
    amounts: list[int] | None = None
    given_way: list[str] = []
    figure: int | None = None


def _cases(family: str) -> Iterator[tuple[str, Mapping, Case]]:
    file = FOLDER / f"{family}.yaml"
    tree = parse(file.read_text(encoding="utf-8"), file.name)
    assert set(tree) == {"scenario", "cases"}
    for name, said in tree["cases"].items():
        yield name, tree["scenario"], Case.model_validate(said, by_name=False)


EVERY_CASE = [
    pytest.param(family, scenario, case, id=f"{family}/{name}")
    for family in sorted(file.stem for file in FOLDER.glob("*.yaml"))
    for name, scenario, case in _cases(family)
]


def _loaded(scenario: Mapping, case: Case, folder: Path, *more: dict[str, Any]) -> Loaded:
    """Return the scenario of a case under its patch and ``more`` of them; a base plan goes by a file in ``folder``."""
    issues: list[Issue] = []
    for patch in ({"schema": 1, "id": "case"}, case.patch, *more):
        scenario = patched(scenario, parse(json.dumps(patch), "patch"), issues)
    assert not issues
    if case.base is None:
        return build(scenario)
    base = folder / "base.json"
    sessions = {session: {**spot, "end": spot["start"]} for session, spot in case.base.items()}
    said = {"schema": 1, "kind": "plan", "scenario": "case", "sessions": sessions, "homes": case.base_homes}
    base.write_text(json.dumps(said))
    return build(scenario, base=base)


def _said_in_terms(loaded: Loaded, plan: Plan) -> tuple[set[str], dict[str, int], dict[str, int]]:
    """Return which rules refuse a placement, and what hard and priced ones measure, by what they tell the engine alone."""
    scenario = loaded.scenario
    spots: list[Spot | None] = []
    refusing: set[str] = set()
    # Nothing is pruned, so that a placement that one rule refuses is still weighed by the others.
    choices = [tuple(choice for choice, _, _ in refused(scenario, (), session)) for session in scenario.sessions.values()]
    homes = [(home, *map(scenario.calendar.minute, (home.arrives, home.leaves))) for home in scenario.homes.values()]
    choices += (tuple(Choice("", hotel, hotel, end - start) for hotel in home.hotels) for home, start, end in homes)
    for hold in scenario.displaceable.values():
        minutes = scenario.calendar.minute(hold.ends) - scenario.calendar.minute(hold.begins)
        choices.append((Choice("", hold.halls[0], scenario.bookables[hold.halls[0]].venue, minutes),))
    names = (*scenario.sessions, *scenario.homes, *scenario.displaceable)
    candidates = Candidates({name: number for number, name in enumerate(names)}, tuple(choices))
    for session in scenario.sessions.values():
        if session.id not in plan.sessions:
            spots.append(None)
            continue
        placed = plan.sessions[session.id]
        numbers = {(choice.option, choice.hall): number for number, choice in enumerate(candidates.of(session.id))}
        number, start = numbers[placed.option or "", placed.hall], scenario.calendar.minute(placed.start)
        choice = candidates.of(session.id)[number]
        spots.append(Spot(number, start, start + choice.minutes))
        for rule in loaded.rules:
            for reason, spans in rule.admits(scenario, session, choice):
                assert reason
                if spans is None or any(begin <= start < end for begin, end in spans):
                    refusing.add(rule.id)
    for home, start, end in homes:
        hotel = plan.homes.get(home.delegation)
        spots.append(Spot(home.hotels.index(hotel), start, end) if hotel in home.hotels else None)
    for hold in scenario.displaceable.values():
        begins, ends = scenario.calendar.minute(hold.begins), scenario.calendar.minute(hold.ends)
        spots.append(None if hold.id in plan.displaced else Spot(0, begins, ends))
    weights = {rule.id: rule.price.weight for rule in loaded.rules if rule.price is not None}
    figures = dict.fromkeys(weights, 0)
    missing: dict[str, int] = {}
    for term in (term for rule in loaded.rules for term in rule.state(scenario, candidates)):
        if term.price is not None:
            times, rest = divmod(term.price.weight, weights[term.rule])  # below 0 where it is a reward
            assert rest == 0
            figures[term.rule] += times * term.measure(spots)
        elif measure := term.measure(spots):
            missing[term.rule] = missing.get(term.rule, 0) + measure
    return refusing, missing, figures


def _admitted(problem: Problem, plan: Plan) -> bool:
    """Return whether every placement of a plan is a candidate of the compiled problem and every hard term holds."""
    spots: list[Spot | None] = []
    kept = {name: hold for name, hold in problem.scenario.displaceable.items() if hold.id not in plan.displaced}
    for number, (session, choices) in enumerate(zip(problem.names, problem.candidates.choices, strict=True)):
        placed, minute = plan.sessions.get(session), problem.scenario.calendar.minute
        wanted = placed and (placed.option or "", placed.hall, minute(placed.start))
        if session in plan.homes:
            wanted = "", plan.homes[session], minute(problem.scenario.homes[session].arrives)
        if session in kept:
            wanted = "", kept[session].halls[0], minute(kept[session].begins)
        found = (spot for spot in problem.spots(number) if (*choices[spot.choice][:2], spot.start) == wanted)
        spots.append(next(found, None))
    held = {session for session, spot in zip(problem.names, spots, strict=True) if spot is not None}
    return held == {*plan.sessions, *plan.homes, *kept} and holds(problem.terms, spots)


@pytest.mark.parametrize(("family", "scenario", "case"), EVERY_CASE)
def test_case(family: str, scenario: Mapping, case: Case, tmp_path: Path) -> None:
    """Hold check, terms and engine against what a case says."""
    loaded = _loaded(scenario, case, tmp_path)
    placements = {session: (spot["hall"], spot["start"]) for session, spot in case.plan.items()}
    options = {session: spot["option"] for session, spot in case.plan.items() if "option" in spot}
    plan = plan_of(loaded, placements, options).model_copy(update={"homes": case.homes, "displaced": case.displaced})

    report = check(loaded, plan)
    assert sorted(finding.text for finding in report.findings) == sorted(case.violations)
    if case.amounts is not None:
        amounts = {finding.text: finding.amount for finding in report.findings}
        assert [amounts[text] for text in case.violations] == case.amounts
    assert sorted(finding.text for finding in report.given_way) == sorted(case.given_way)
    if case.figure is not None:
        assert sum(figure.figure for figure in report.figures.values() if figure.family == family) == case.figure

    refusing, missing, figures = _said_in_terms(loaded, plan)
    broken = {finding.rule: finding.family for finding in report.findings}
    assert refusing | set(missing) == set(broken) - {"plan"}
    for rule in set(missing) - refusing:  # a refusal has no measure, and what never has a price may count otherwise
        if "soften" in families()[broken[rule]].model_fields:
            assert missing[rule] == sum(finding.amount for finding in report.findings if finding.rule == rule), rule
    if report.clean:  # what half an event is worth is nobody's question
        assert figures == {rule: figure.figure for rule, figure in report.figures.items()}
    assert _admitted(compile_problem(loaded), plan) == report.clean

    if {"plan", "pins"} & set(broken):
        return  # a start off the grid becomes a candidate once it is pinned, and a pin that is broken would be replaced
    # Each session is held by a pin where the plan has it; what the plan leaves out wants what no hall has. A delegation has
    # no other open hotel than that of the plan, which keeps its place in the list.
    fixed: list[dict[str, Any]] = []
    for name, hotel in case.homes.items():
        closed = [f"closed-{place}" for place in range(loaded.scenario.homes[name].hotels.index(hotel))]
        node = loaded.scenario.hotels[hotel].node
        shut = {"name": "Closed", "rooms": 999, "opens": "2199-01-01"} | ({"node": node} if node else {})
        fixed.append({"hotels": dict.fromkeys(closed, shut)})
        fixed.append({"delegations": {name: {"home": {"any": [*closed, hotel]}}}})
    for event, name in (session.split(".") for session in loaded.scenario.sessions if session not in plan.sessions):
        fixed.append({"events": {event: {"sessions": {name: {"needs": ["what-no-hall-has"]}}}}})
    for name, hold in loaded.scenario.holds.items():
        if hold.price is not None and name not in case.displaced:
            fixed.append({"holds": {name: {"price": None}}})
    outcome = solve(_loaded(scenario, case, tmp_path, {"pins": case.plan}, *fixed), Limits(seconds=20))
    assert outcome.status == ("optimal" if report.clean else "infeasible")
    if outcome.report is not None:
        assert outcome.report.figures == report.figures


@pytest.mark.parametrize("family", families())
def test_every_family_has_cases(family: str) -> None:
    """Want of each family a case that is clean and, unless it is a goal, one that is not."""
    cases = [case for _, _, case in _cases(family)]
    assert any(not case.violations for case in cases)
    assert any(case.violations for case in cases) or issubclass(families()[family], Goal)
