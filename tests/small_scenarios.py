"""Random scenarios small enough to try every plan: a few sessions, halls and starts, all rule families mixed."""

from __future__ import annotations

import json
from math import prod
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from scheduler.load import Loaded, build
from scheduler.problem import Problem, compile_problem
from scheduler.scenario.strict_yaml import parse

MOST_PLANS = 1_500
"""Assignments of one scenario, absences included, that a test may try."""

DAY = "2027-05-10"
ROLES = ("principal", "spouse")
LAYOUTS = ("theatre", "banquet")

minutes = st.sampled_from(["0 min", "30 min", "1 h"])
lengths = st.sampled_from(["10 min", "30 min", "45 min", "60 min", "90 min"])
clocks = st.sampled_from(["09:00", "09:30", "10:00", "10:30", "11:00"])


@st.composite
def halls(draw: st.DrawFn) -> dict[str, Any]:
    """Return one hall; pooled ones are rarer."""
    seats = {layout: draw(st.sampled_from([20, 40])) for layout in draw(st.sets(st.sampled_from(LAYOUTS), min_size=1))}
    hall: dict[str, Any] = {"seats": seats, "features": draw(st.lists(st.just("booth"), max_size=1))}
    if draw(st.integers(0, 4)) == 0:
        return hall | {"pooled": draw(st.integers(1, 2))}
    turnover: dict[str, Any] = {"default": draw(minutes)}
    if draw(st.booleans()):
        turnover["same-event"] = draw(minutes)
    if draw(st.booleans()):
        turnover["layouts"] = {"theatre": {"banquet": draw(minutes)}}
    return hall | {"turnover": turnover}


@st.composite
def venues(draw: st.DrawFn) -> dict[str, Any]:
    """Return two venues, with a combination where the first has two exclusive halls."""
    first = {"a": draw(halls()), "b": draw(halls())}
    venue: dict[str, Any] = {
        "name": "One",
        "clearance": draw(st.sampled_from(["G1", "G2"])),
        "halls": first,
        "moves": draw(minutes),
    }
    if all("pooled" not in hall for hall in first.values()) and draw(st.booleans()):
        venue["combinations"] = {"ab": ["a", "b"]}
    if draw(st.booleans()):
        venue["hours"] = draw(st.sampled_from(["09:00-12:00", "09:30-11:30", "22:00-11:00"]))
    if draw(st.integers(0, 3)) == 0:
        closure = {"from": f"{DAY}T{draw(clocks)}", "to": f"{DAY}T12:00"}
        first[draw(st.sampled_from(["a", "b"]))]["closures"] = {"works": closure}
    other = {"name": "Two", "clearance": "G1", "halls": {"c": draw(halls())}}
    if draw(st.integers(0, 3)) == 0:
        other[draw(st.sampled_from(["opens", "closes"]))] = draw(st.sampled_from(["2027-05-09", DAY, "2027-05-11"]))
    return {"one": venue, "two": other}


@st.composite
def sessions(draw: st.DrawFn, day: str) -> dict[str, Any]:
    """Return one session with few starts."""
    begin = draw(st.sampled_from(["00:00", "08:30", "09:00", "09:30"]))
    session: dict[str, Any] = {
        "duration": draw(lengths),
        "attendance": draw(st.sampled_from([10, 30])),
        "within": {
            "w": {
                "date": day,
                "time": f"{begin}-{draw(st.sampled_from(['11:00', '11:30', '12:00'] if begin != '00:00' else ['02:00']))}",
            }
        },
        "persons": draw(st.lists(st.sampled_from([*ROLES, "host.principal"]), max_size=2, unique=True)),
        "move-in": draw(minutes),
        "move-out": draw(st.sampled_from(["0 min", "0 min", "30 min"])),
    }
    if draw(st.booleans()):
        session["layout"] = draw(st.sampled_from(LAYOUTS))
    if draw(st.integers(0, 3)) == 0:
        session["needs"] = ["booth"]
    if draw(st.integers(0, 2)) == 0:
        session["optional"] = {"price": draw(st.integers(0, 9))}
    if draw(st.booleans()):
        preferred = draw(st.lists(st.sampled_from(["one", "two", "one.b"]), max_size=2, unique=True))
        session["prefer"] = {"start": f"{day}T{draw(clocks)}", "venues": preferred}
    patterns = st.lists(st.sampled_from(["one.a", "one.*", "two.c", "*"]), min_size=1, max_size=2, unique=True)
    if draw(st.booleans()):
        session["halls"] = {"any": draw(patterns)}
    else:
        options = draw(st.sets(st.sampled_from(["indoors", "outdoors"]), min_size=1))
        session["options"] = {
            o: {"halls": {"any": draw(patterns)}, "price": draw(st.integers(0, 5))} for o in sorted(options)
        }
    return session


@st.composite
def rules(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return a few rules over the sessions, hard or softened."""
    found: dict[str, Any] = {}
    for number in range(draw(st.integers(0, 3))):
        listed = draw(st.permutations(ids))[: draw(st.integers(2, 3))]
        kind = draw(st.sampled_from(["order", "together", "apart"]))
        rule: dict[str, Any] = {"rule": kind, "sessions": listed}
        if kind == "order" and draw(st.booleans()):
            rule |= {"at-least": "30 min", "at-most": draw(st.sampled_from(["30 min", "60 min"]))}
        elif kind == "together":
            rule["same"] = draw(st.sampled_from(["hall", "venue", "day", "start"]))
        elif kind == "apart":
            different = draw(st.sampled_from([None, "hall", "venue", "day"]))
            rule |= {"different": different} if different else {"gap": "30 min"}
            if different and draw(st.booleans()):
                rule["gap"] = draw(st.sampled_from(["0 min", "30 min"]))
        if draw(st.booleans()):
            rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
        found[f"r{number}"] = rule
    if draw(st.booleans()):
        found["seats"] = {"rule": "seating", "soften": {"tier": 2, "weight": 1}}
    return found


@st.composite
def goals(draw: st.DrawFn) -> dict[str, Any]:
    """Return some goals over two tiers."""
    kinds = draw(
        st.sets(st.sampled_from(["hold-events", "preferred-times", "preferred-venues", "travel-minutes", "stability"]))
    )
    found: dict[str, Any] = {}
    for kind in sorted(kinds):
        found[kind] = {"goal": kind, "tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
        if kind == "preferred-times":
            found[kind]["late"] = draw(st.integers(0, 3))
    return found


@st.composite
def scenario_data(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the data of a small scenario, and placements of an earlier plan where stability wants one."""
    days = draw(st.lists(st.sampled_from([DAY, DAY, "2027-05-11"]), min_size=2, max_size=4))
    events: dict[str, Any] = {}
    ids = []
    for number, day in enumerate(days):
        event = draw(st.sampled_from(["e", "f"]))
        said = events.setdefault(
            event, {"grade": draw(st.sampled_from(["G1", "G2", "G3"])), "delegations": "all", "sessions": {}}
        )
        said["sessions"][f"s{number}"] = draw(sessions(day))
        ids.append(f"{event}.s{number}")
    for event in events.values():
        if draw(st.booleans()) and any("optional" not in session for session in event["sessions"].values()):
            event["optional"] = {"price": draw(st.integers(0, 20))}
        if draw(st.booleans()):
            event["envelope"] = "shared"
    data = {
        "schema": 1,
        "id": "small",
        "calendar": {
            "timezone": "Asia/Shanghai",
            "start": DAY,
            "end": "2027-05-11",
            "grid": draw(st.sampled_from(["30 min", "60 min"])),
        },
        "grades": {"G1": {"sweep": draw(minutes)}, "G2": {"sweep": "30 min"}, "G3": {}},
        "venues": draw(venues()),
        "travel": {"one": {"two": draw(st.sampled_from(["15 min", "30 min", "45 min"]))}},
        "delegations": {
            "host": {"country": "CN", "persons": list(ROLES)},
            "guest": {"country": "NO", "persons": ["principal"]},
        },
        "events": events,
        "rules": draw(rules(ids)),
        "goals": draw(goals()),
    }
    if draw(st.integers(0, 2)) == 0:
        data["tiers"] = {"1": {"slack": draw(st.sampled_from([1, 5, 30, 60]))}}
    if draw(st.integers(0, 3)) == 0:
        start = draw(st.sampled_from(["09:30", "10:00", "10:10"]))
        data["pins"] = {draw(st.sampled_from(ids)): {"start": f"{DAY}T{start}"}}
    base = None
    if "stability" in data["goals"]:
        kept = draw(st.lists(st.sampled_from(ids), unique=True))
        places = st.sampled_from(["one.a", "one.b", "two.c"])
        base = {s: {"hall": draw(places), "start": f"{draw(st.sampled_from(days))}T{draw(clocks)}"} for s in kept}
    return data, base


def loaded_from(data: dict[str, Any], base_file: str | None = None) -> Loaded:
    """Return the scenario that data mean: JSON is YAML too."""
    return build(parse(json.dumps(data), "small.yaml"), base=base_file)


def plans_to_try(problem: Problem) -> int:
    """Return the number of assignments, absences included."""
    return prod(1 + sum(1 for _ in problem.spots(session)) for session in range(len(problem.names)))


def small_problem(loaded: Loaded) -> Problem:
    """Return the problem of a scenario; one too large to try every plan is passed over."""
    problem = compile_problem(loaded)
    assume(plans_to_try(problem) <= MOST_PLANS)
    return problem
