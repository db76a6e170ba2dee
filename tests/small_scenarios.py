"""Random scenarios small enough to try every plan: a few sessions, halls and starts, all rule families mixed."""

from __future__ import annotations

import json
from math import prod
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from scheduler.errors import InputError
from scheduler.load import Loaded, build
from scheduler.problem import Problem, compile_problem
from scheduler.scenario.strict_yaml import parse

MOST_PLANS = 1_500
"""Assignments of one scenario, absences included, that a test may try."""

DAY = "2027-05-10"
NEXT = "2027-05-11"
ROLES = ("principal", "spouse")
LAYOUTS = ("theatre", "banquet")
SERIES_GOALS = ("same-hall", "spread", "balance", "compact-days")

minutes = st.sampled_from(["0 min", "30 min", "1 h"])
lengths = st.sampled_from(["10 min", "30 min", "45 min", "60 min", "90 min"])
clocks = st.sampled_from(["09:00", "09:30", "10:00", "10:30", "11:00"])
ranks = st.sampled_from(["head-of-state", "minister", "other"])
fit_hotels = st.sampled_from([{}, {"ranks": {"head-of-state": ["inn"]}}, {"ranks": {"minister": ["spa", "inn"]}}])
kinds_of_day = st.sampled_from(["workdays", "days-off"])


@st.composite
def halls(draw: st.DrawFn) -> dict[str, Any]:
    """Return one hall; pooled ones are rarer."""
    seats = {layout: draw(st.sampled_from([20, 40])) for layout in draw(st.sets(st.sampled_from(LAYOUTS), min_size=1))}
    hall: dict[str, Any] = {"seats": seats, "features": draw(st.lists(st.just("booth"), max_size=1))}
    hall |= {"cost": draw(st.integers(0, 3))} if draw(st.integers(0, 3)) == 0 else {}
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
    other: dict[str, Any] = {"name": "Two", "clearance": "G1", "district": "west", "halls": {"c": draw(halls())}}
    for place in (venue, other):
        if draw(st.booleans()):
            place["limits"] = draw(limits())
        zone = draw(st.sampled_from([None, "inner", "outer", "else"]))
        if zone:
            place["zone"] = zone
    if draw(st.integers(0, 3)) == 0:
        other[draw(st.sampled_from(["opens", "closes"]))] = draw(st.sampled_from(["2027-05-09", DAY, "2027-05-11"]))
    return {"one": venue, "two": other}


@st.composite
def limits(draw: st.DrawFn) -> dict[str, int]:
    """Return what a venue takes at once, of some kinds."""
    most = {"attendance": [20, 40, 60], "sessions": [1, 2], "vehicles": [0, 2, 3]}
    kinds = draw(st.sets(st.sampled_from(sorted(most)), min_size=1))
    return {kind: draw(st.sampled_from(most[kind])) for kind in sorted(kinds)}


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    """Return a pool whose capacity changes in the hours of the sessions, or not."""
    during: dict[str, Any] = {}
    for number in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            span = {
                "daily": draw(st.sampled_from(["09:00-10:00", "09:30-10:01", "10:00-12:00", "22:00-09:30", "23:30-00:30"]))
            }
            on = draw(st.sampled_from([None, "workdays", "days-off"]))
            span |= {"on": on} if on else {}
        else:
            span = {"from": f"{DAY}T{draw(clocks)}", "to": f"{draw(st.sampled_from([DAY, '2027-05-12']))}T11:30"}
        during[f"d{number}"] = {**span, "capacity": draw(st.integers(0, 4))}
    return {"capacity": draw(st.integers(1, 4)), "during": during}


@st.composite
def uses(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a session takes of the pool."""
    use: dict[str, Any] = {"phase": draw(st.sampled_from(["sweep", "session", "wave"])), "amount": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        use["per-delegation"] = 1
    if draw(st.integers(0, 2)) == 0:
        use["per-people"] = draw(st.sampled_from([9, 10, 29, 30, 50]))
    if use["phase"] == "wave":
        use["wave"] = draw(st.sampled_from(["20 min", "30 min", "90 min"]))
    return use


@st.composite
def several_days(draw: st.DrawFn) -> dict[str, Any]:
    """Return a session of both days of the calendar, which can begin at one minute only."""
    daily = draw(st.sampled_from(["09:00-10:00", "10:00-10:30", "09:30-11:00", "22:00-02:00"]))
    session: dict[str, Any] = {"days": 1 if daily.startswith("22") else 2, "daily": daily, "attendance": 10}
    if draw(st.booleans()):
        session["uses"] = {"escorts": draw(uses())}
    if draw(st.booleans()):
        session["within"] = {"w": {"from": DAY, "to": NEXT} | ({"on": draw(kinds_of_day)} if draw(st.booleans()) else {})}
    return session | {"vehicles": draw(st.integers(0, 2)), "halls": {"any": [draw(st.sampled_from(["one.a", "two.c"]))]}}


@st.composite
def sessions(draw: st.DrawFn, day: str, alone: str | None) -> dict[str, Any]:
    """Return one session with few starts, of all delegations or of one alone."""
    if draw(st.integers(0, 7)) == 0:
        return draw(several_days()) | ({"delegations": [alone]} if alone else {})
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
        "persons": draw(st.sampled_from([[], ["principal"], ["spouse"], ["host.principal"], ["principal", "spouse"]])),
        "move-in": draw(minutes),
        "move-out": draw(st.sampled_from(["0 min", "0 min", "30 min"])),
    }
    if draw(st.integers(0, 4)) == 0:
        time = draw(st.sampled_from(["09:00-10:30", "09:30-12:00", "23:00-01:30"]))
        session["within"] = {"w": {"from": DAY, "to": NEXT, "time": time, "on": draw(kinds_of_day)}}
    if draw(st.booleans()):
        session["layout"] = draw(st.sampled_from(LAYOUTS))
    if draw(st.integers(0, 3)) == 0:
        session["needs"] = ["booth"]
    if draw(st.integers(0, 2)) == 0:
        session["uses"] = {"escorts": draw(uses())}
    if draw(st.integers(0, 2)) == 0:
        session["vehicles"] = draw(st.integers(1, 2))
    if alone:
        session["delegations"] = [alone]
        if alone == "guest":
            session["persons"] = [person for person in session["persons"] if person != "spouse"]
    session |= draw(spending())
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
            o: {"halls": {"any": draw(patterns)}, "price": draw(st.integers(0, 5)), **draw(otherwise())}
            for o in sorted(options)
        }
    return session


@st.composite
def otherwise(draw: st.DrawFn) -> dict[str, Any]:
    """Return what an option does in another way than its session: mostly nothing."""
    found: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 0:
        found["duration"] = draw(lengths)
    if draw(st.integers(0, 2)) == 0:
        found["uses"] = draw(st.sampled_from([{}, {"escorts": draw(uses())}]))
    return found | draw(spending())


@st.composite
def spending(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a session or an option spends and costs: mostly nothing."""
    found: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        found["spends"] = draw(st.sampled_from([{}, {"gifts": 1}, {"gifts": 2}]))
    if draw(st.integers(0, 3)) == 0:
        found["cost"] = draw(st.integers(0, 5))
    return found


@st.composite
def rewards(draw: st.DrawFn, sessions: dict[str, Any]) -> None:
    """Give some options of sessions a reward."""
    for session in sessions.values():
        for option in session.get("options", {}).values():
            if draw(st.booleans()):
                option["reward"] = draw(st.integers(1, 4))


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
        found["rivals"] = draw(separations())
    if draw(st.integers(0, 3)) == 0:
        found["houses"] = {"rule": "lodging", "principals": 1} | draw(fit_hotels)
    if draw(st.booleans()):
        found["days"] = draw(itineraries())
    if {session[0] for session in ids} == {"e", "f"} and draw(st.booleans()):
        found["airport"] = draw(airports())
    if draw(st.booleans()):
        found["seats"] = {"rule": "seating", "soften": {"tier": 2, "weight": 1}}
    if draw(st.integers(0, 2)) == 0:
        found["calm"] = draw(daily_limits(ids[0][0]))
    for standing in ("pools", "venue-limits"):
        if draw(st.integers(0, 2)) == 0:
            found[standing] = {"rule": standing, "soften": {"tier": draw(st.integers(1, 2)), "weight": 1}}
    if draw(st.integers(0, 2)) == 0:
        found["cooldown"] = draw(cooldowns())
    if draw(st.integers(0, 2)) == 0:
        found["cordon"] = draw(cordons())
    if draw(st.integers(0, 2)) == 0:
        found["concurrency"] = draw(concurrencies(ids))
    if draw(st.booleans()):
        found["money"] = {"rule": "budgets", "soften": {"tier": 1, "weight": 2}}
    return found


@st.composite
def daily_limits(draw: st.DrawFn, event: str) -> dict[str, Any]:
    """Return how much of a day somebody may have, hard or softened."""
    names = {"event": [event], "delegation": ["guest"], "person": ["host.principal"], "venue": ["one"]}
    rule: dict[str, Any] = {"rule": "daily-limits", "per": draw(st.sampled_from(sorted(names)))}
    if draw(st.booleans()):
        rule["of"] = names[rule["per"]]
    most = {"sessions": draw(st.integers(1, 2)), "hours": draw(st.sampled_from(["40 min", "1 h", "100 min", "2 h"]))}
    kind = draw(st.sampled_from(sorted(most)))
    rule[kind] = most[kind]
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def separations(draw: st.DrawFn) -> dict[str, Any]:
    """Return the rule that the two delegations are rivals, hard or softened."""
    rule: dict[str, Any] = {
        "rule": "separation",
        "delegations": draw(st.permutations(["host", "guest"])),
        "scope": draw(st.sampled_from(["hall", "venue", "zone", "city"])),
        "gap": draw(minutes),
        "homes": draw(st.booleans()),
    }
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def cooldowns(draw: st.DrawFn) -> dict[str, Any]:
    """Return the rule that envelopes keep apart in time at a venue, hard or softened."""
    rule: dict[str, Any] = {"rule": "cooldown", "gap": draw(st.sampled_from(["10 min", "30 min", "1 h", "23 h"]))}
    if draw(st.booleans()):
        rule["grade"] = draw(st.sampled_from(["G1", "G2"]))
    if draw(st.booleans()):
        rule["venues"] = draw(st.sampled_from([["one"], ["two", "one"]]))
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def cordons(draw: st.DrawFn) -> dict[str, Any]:
    """Return the rule that sessions close roads around them, hard or softened; a radius needs roads, which not all have."""
    rule: dict[str, Any] = {"rule": "cordon", "grade": draw(st.sampled_from(["G1", "G2", "G3"])), "after": draw(minutes)}
    rule["around"] = draw(st.sampled_from(["venue", "zone"]))
    rule |= draw(st.sampled_from([{}, {"venues": {"two": "2 h"}}, {"venues": {"one": "0 min", "two": "1 d"}}]))
    if "venues" not in rule or draw(st.booleans()):
        rule["before"] = draw(st.sampled_from(["0 min", "30 min", "90 min", "22 h"]))
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def concurrencies(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return the rule that few sessions or envelopes come together, hard or softened."""
    rule: dict[str, Any] = {"rule": "concurrency", "grade": draw(st.sampled_from(["G1", "G2", "G3"])), "most": 1}
    if draw(st.integers(0, 2)) == 0:
        rule["sessions"] = ids[: draw(st.integers(2, 3))]
        del rule["grade"]
    ways: list[dict[str, Any]] = [
        {},
        {"most": 2},
        {"each": "day"},
        {"each": "day", "count": "envelopes"},
        {"each": "start"},
    ]
    rule |= draw(st.sampled_from(ways))
    rule |= draw(st.sampled_from([{}, {"zone": "outer"}, {"zone": "inner"}, {"district": "west"}]))
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def perimeters(draw: st.DrawFn) -> dict[str, Any]:
    """Return the rule that envelopes keep apart in time where venues are near, by the roads that ``ways`` draws."""
    rule: dict[str, Any] = {"rule": "perimeter", "grade": draw(st.sampled_from(["G1", "G2", "G3"])), "gap": draw(minutes)}
    rule |= draw(st.sampled_from([{"radius": "85 km"}, {"radius": "86 km"}, {"drive": "8 min"}, {"drive": "30 min"}]))
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return rule


@st.composite
def itineraries(draw: st.DrawFn) -> dict[str, Any]:
    """Return what persons need of rest, and how long a day they may have."""
    rule: dict[str, Any] = {"rule": "itinerary"}
    if draw(st.booleans()):
        rule["rest"] = draw(st.sampled_from(["8 h", "12 h 30 min", "22 h", "23 h", "24 h"]))
    if draw(st.booleans()):
        rule["longest-day"] = draw(st.sampled_from(["90 min", "2 h", "3 h"]))
    if draw(st.booleans()):
        rule["of"] = [draw(st.sampled_from(ROLES))]
    return rule


@st.composite
def airports(draw: st.DrawFn) -> dict[str, Any]:
    """Return the rule that the sessions of the two events are flights."""
    rule: dict[str, Any] = {
        "rule": "airports",
        "halls": draw(st.sampled_from([["two.c"], ["one.a", "two.c"], ["one.a", "one.b"]])),
        "arrivals": "e",
        "departures": "f",
        "spacing": draw(st.sampled_from(["0 min", "15 min", "30 min", "90 min"])),
    }
    if draw(st.integers(0, 2)):
        rule["stands"] = draw(st.sampled_from([1, 1, 2]))
        if draw(st.integers(0, 2)) == 0:
            rule["towed"] = draw(st.sampled_from(["0 min", "20 min", "1 h"]))
    if draw(st.integers(0, 2)) == 0:
        rule["same-hub"] = True
    if rule["spacing"] == "0 min" and not {"stands", "same-hub"} & {*rule}:
        rule["spacing"] = "15 min"  # it has to ask for something
    return rule


@st.composite
def precedences(draw: st.DrawFn, events: dict[str, Any]) -> dict[str, Any]:
    """Return the rule that sessions of one delegation each go by precedence; mostly none."""
    listed = [
        f"{e}.{s}" for e in events for s, said in events[e]["sessions"].items() if len(said.get("delegations", [])) == 1
    ]
    if len(listed) < 2 or draw(st.booleans()):
        return {}
    rule: dict[str, Any] = {"rule": "precedence", "sessions": listed, "each-day": draw(st.booleans())}
    rule |= draw(st.sampled_from([{}, {"inside": "free"}, {"by": "list", "order": ["host", "guest"]}]))
    if draw(st.booleans()):
        rule["gap"] = draw(minutes)
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"precedence": rule}


@st.composite
def equal_treatments(draw: st.DrawFn, events: dict[str, Any]) -> dict[str, Any]:
    """Return the rule that sessions of guests of one rank are alike; mostly none, and softened where lengths may differ."""
    listed = {f"{e}.{s}": said for e in events for s, said in events[e]["sessions"].items()}
    same = draw(st.sampled_from(["hall", "venue", "option"]))
    if same == "option":
        listed = {name: said for name, said in listed.items() if "options" in said}
    if len(listed) < 2 or draw(st.booleans()):
        return {}
    rule: dict[str, Any] = {"rule": "equal-treatment", "same": same, "sessions": list(listed)}
    if len({(said.get("duration"), said.get("daily")) for said in listed.values()}) > 1 or draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"equal": rule}


@st.composite
def requirements(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return the rule that a session requires one or two others; mostly none."""
    if draw(st.integers(0, 2)):
        return {}
    session, *needs = draw(st.permutations(ids))[: draw(st.integers(2, 3))]
    rule: dict[str, Any] = {"rule": "requires", "session": session, "needs": needs}
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"first": rule | draw(st.sampled_from([{}, {"at-least": "30 min"}, {"any-time": True}]))}


@st.composite
def absences(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return the rule that somebody, a hall or sessions are not available at some time; mostly none."""
    if draw(st.integers(0, 2)):
        return {}
    rule: dict[str, Any] = {"rule": "unavailable"}
    rule |= draw(
        st.sampled_from(
            [{"delegations": ["guest"]}, {"persons": ["host.principal"]}, {"halls": ["one.a"]}, {"sessions": ids[:2]}]
        )
    )
    time = st.sampled_from(["09:00-09:45", "10:00-10:20", "23:30-00:15"])
    days = {"from": draw(st.sampled_from(["2027-05-09", DAY])), "to": draw(st.sampled_from([DAY, NEXT]))}
    rule["times"] = {"t": days | {"time": draw(time)}}
    if draw(st.booleans()):
        rule["times"]["u"] = {"from": f"{DAY}T{draw(clocks)}", "to": f"{draw(st.sampled_from([DAY, NEXT]))}T11:10"}
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"busy": rule}


@st.composite
def hall_features(draw: st.DrawFn, ids: list[str], venues: dict[str, Any]) -> dict[str, Any]:
    """Return the rule that sessions avoid or prefer booths; mostly none."""
    booths = any(hall["features"] for venue in venues.values() for hall in venue["halls"].values())
    if not booths or draw(st.booleans()):
        return {}
    rule: dict[str, Any] = {"rule": "tags", "sessions": draw(st.permutations(ids))[: draw(st.integers(1, 2))]}
    if draw(st.integers(0, 2)) == 0:
        return {"features": rule | {"forbid": ["booth"]}}
    soften = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"features": rule | {draw(st.sampled_from(["forbid", "prefer"])): ["booth"], "soften": soften}}


@st.composite
def audiences(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return the rule that sessions share an audience; mostly none."""
    if draw(st.integers(0, 2)):
        return {}
    listed = {"sessions": draw(st.permutations(ids))[: draw(st.integers(2, 3))]} if draw(st.booleans()) else {}
    rule: dict[str, Any] = {"rule": "shared-audience", "by-delegations": draw(st.booleans())}
    events = [session.split(".")[0] for session in ids]
    rule |= listed or {"events": events[:1] if events.count(events[0]) > 1 else sorted({*events})}
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"audience": rule}


def by_blocks(draw: st.DrawFn, data: dict[str, Any], ids: list[str]) -> None:
    """Name blocks of time, some of them adjacent or empty, and give halls, sessions and events by them."""
    spans = {
        "early": {"date": DAY, "time": draw(st.sampled_from(["08:30-09:30", "09:00-10:00"]))},
        "late": {"date": DAY, "time": draw(st.sampled_from(["10:00-11:00", "10:10-12:00"]))},
        "night": {"from": f"{DAY}T23:00", "to": f"{NEXT}T01:00"},
        "next": {"date": NEXT, "time": draw(st.sampled_from(["08:00-10:00", "09:30-24:00"]))},
    }
    data["blocks"] = dict(draw(st.permutations(list(spans.items()))))
    events, places = sorted(data["events"]), ["one.a", "one.b", "two.c"]
    said = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    rule: dict[str, Any] = {"rule": "hall-blocks"} | draw(st.sampled_from([{}, {"halls": ["two.c"]}, {"halls": ["one.a"]}]))
    soften = draw(st.sampled_from([{}, {"soften": said}]))
    pair = draw(st.permutations(ids))[:2]
    each = {"each": draw(st.sampled_from(["day", "block"]))}
    same = {"same": draw(st.sampled_from(["hall", "venue"]))}
    shared = {"same": draw(st.sampled_from(["hall", "venue", "start"]))}
    by_block = st.dictionaries(st.sampled_from(list(spans)), st.integers(0, 3))
    points = st.fixed_dictionaries(
        {"blocks": by_block, "halls": st.dictionaries(st.sampled_from(places), st.integers(0, 3))}
    )
    prices = {
        "sessions": {session: draw(points) for session in pair},
        "events": {events[0]: draw(points)},
        "halls": {draw(st.sampled_from(places)): draw(by_block)},
    }
    numbers = {}
    for session in pair:
        numbers[session] = draw(st.integers(1, sum(other[0] == session[0] for other in ids)))
    data["rules"] |= draw(
        st.sampled_from(
            [{}, {"let": rule | soften}, {"paths": {"rule": "together", "sessions": pair} | each | shared | soften}]
        )
    )
    drawn = draw(
        st.sets(st.sampled_from(["block-prices", "unbroken", "parallel-events", "running-order", "same-hall"]), max_size=2)
    )
    of: dict[str, dict[str, Any]] = {
        "block-prices": prices,
        "unbroken": {"events": events},
        "parallel-events": {"pairs": [events]},
        "running-order": {"places": numbers},
        "same-hall": {"events": events} | each | same,
    }
    for kind in sorted(drawn):
        if kind != "parallel-events" or len(events) == 2:
            data["goals"][f"{kind}-by-block"] = {"goal": kind} | said | of[kind]


@st.composite
def interpreting(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return the rule that sessions with the guest take an interpreter or two; mostly none."""
    if draw(st.integers(0, 2)):
        return {}
    each = draw(st.integers(1, 2))
    rule: dict[str, Any] = {"rule": "interpreters", "host": "host", "each": each, "sessions": ids}
    rule["pairs"] = {"no": draw(st.integers(each, 3))}
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    return {"interpreters": rule}


@st.composite
def blackouts(draw: st.DrawFn) -> dict[str, Any]:
    """Return days on which a venue is taken by others, in the calendar or just before it; mostly none."""
    if draw(st.integers(0, 2)):
        return {}
    first, last = draw(
        st.sampled_from([(DAY, DAY), (NEXT, NEXT), ("2027-05-08", "2027-05-09"), ("2027-05-12", "2027-05-12")])
    )
    venues = draw(st.sampled_from([["one"], ["two"], ["one", "two"]]))
    return {"fair": {"from": first, "to": last, "venues": venues, "why": "a fair"}}


@st.composite
def ways(draw: st.DrawFn) -> dict[str, Any]:
    """Return the way between the two venues: minutes of a table, or a road that is slow at the hours of the sessions."""
    if draw(st.booleans()):
        return {"travel": {"one": {"two": draw(st.sampled_from(["15 min", "30 min", "45 min"]))}}}
    periods = {}
    for number in range(draw(st.integers(1, 2))):
        daily = st.sampled_from(["08:00-10:00", "09:15-11:00", "09:30-10:20", "10:00-12:00", "23:30-01:40"])
        on = draw(st.sampled_from([None, None, "workdays", "days-off"]))
        periods[f"p{number}"] = {"daily": draw(daily)} | ({"on": on} if on else {})
    return {
        "network": {
            "classes": {"ring": {"speed": "60 km/h", "rush": draw(st.sampled_from([1.5, 2, 4]))}},
            "periods": periods,
            "nodes": {"a": {"name": "A", "at": [40, 116]}, "b": {"name": "B", "at": [40, 117]}},
            "links": {
                "road": {
                    "between": ["a", "b"],
                    "class": "ring",
                    "length": draw(st.sampled_from(["8 km", "20 km", "40 km"])),
                }
            },
        }
    }


def drive_with_motorcades(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Make the road between the venues a corridor, with a hotel at each end, and have guests of hotels escorted on it."""
    guests = [f"{name}.principal" for name, delegation in data["delegations"].items() if "home" in delegation]
    for session in (session for event in data["events"].values() for session in event["sessions"].values()):
        if "duration" in session:
            session["persons"] = guests
    data["network"]["corridors"] = {"axis": {"name": "Axis"}}
    data["network"]["links"]["road"]["corridor"] = "axis"
    data["hotels"]["inn"]["node"], data["hotels"]["spa"]["node"] = "a", "b"
    for grade in data["grades"].values():
        grade["escorted"] = True
    rule: dict[str, Any] = {"rule": "motorcades", "capacity": draw(st.integers(1, 2))}
    if draw(st.booleans()):
        rule |= {"before": draw(minutes), "after": draw(minutes)}
    if draw(st.integers(0, 3)) == 0:
        rule["rush"] = draw(st.sampled_from([["09:00-10:00"], ["23:00-09:20", "08:00-09:30"], ["11:00-12:00"]]))
    if draw(st.integers(0, 2)) == 0:
        rule[draw(st.sampled_from(["arrivals", "departures"]))] = draw(st.sampled_from(sorted(data["events"])))
    if draw(st.integers(0, 2)) == 0:
        rule["events"] = draw(st.lists(st.sampled_from(sorted(data["events"])), min_size=1, unique=True))
    if draw(st.booleans()):
        rule["soften"] = {"tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
    data["rules"]["roads"] = rule


@st.composite
def homes(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Return what delegations say of their stay; mostly nothing, for each home doubles the plans to try."""
    found: dict[str, dict[str, Any]] = {"host": {}, "guest": {}}
    chosen = draw(st.sampled_from([(), (), ("guest",), ("guest",), ("host", "guest")]))
    for name in chosen:
        first = draw(st.sampled_from([DAY, DAY, "2027-05-11"]))
        found[name] = {
            "home": {"any": draw(st.sampled_from([["inn"], ["inn", "spa"], ["spa", "inn"]]))},
            "nights": {"from": first, "to": draw(st.sampled_from([first, "2027-05-11"]))},
            "rank": draw(st.sampled_from(["head-of-state", "minister"])),
        }
        if draw(st.booleans()):
            found[name]["uses"] = {"escorts": draw(st.integers(1, 2))}
    return found


@st.composite
def spas(draw: st.DrawFn) -> dict[str, Any]:
    """Return the smaller of the two hotels, which may be closed for a part of the time."""
    closed = {"closures": {"works": {"from": f"{NEXT}T{draw(st.sampled_from(['09:00', '12:00']))}", "to": f"{NEXT}T18:00"}}}
    return {"name": "Spa", "rooms": 1} | draw(st.sampled_from([{}, {}, {"opens": NEXT}, {"closes": DAY}, closed]))


@st.composite
def holds(draw: st.DrawFn) -> dict[str, Any]:
    """Return what others hold; mostly nothing, for each hold with a price doubles the plans to try."""
    found: dict[str, Any] = {}
    for number in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        hall = draw(st.sampled_from(["one.a", "one.b", "two.c", "one.*", "*"]))
        begins, ends = draw(st.sampled_from([("2027-05-09T20:00", f"{DAY}T00:00"), (f"{DAY}T09:00", f"{DAY}T09:50")]))
        if draw(st.booleans()):
            begins, ends = f"{draw(st.sampled_from([DAY, NEXT]))}T{draw(clocks)}", f"{NEXT}T12:00"
        found[f"h{number}"] = {"hall": hall, "from": begins, "to": ends, "by": "a ball"}
        if draw(st.booleans()):
            found[f"h{number}"]["price"] = draw(st.integers(1, 9))
    return found


@st.composite
def goals(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return some goals over two tiers."""
    names = [
        "hold-events",
        "preferred-times",
        "preferred-venues",
        "travel-minutes",
        "stability",
        "seats-wasted",
        "rush-hour",
        "finish-early",
        "cost",
        *SERIES_GOALS,
    ]
    kinds = draw(st.sets(st.sampled_from(names)))
    found: dict[str, Any] = {}
    for kind in sorted(kinds):
        found[kind] = {"goal": kind, "tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
        if kind == "preferred-times":
            found[kind] |= {"early": draw(st.integers(0, 2)), "late": draw(st.integers(0, 3))}
        elif kind == "seats-wasted":
            found[kind]["spare"] = draw(st.sampled_from([0, 15, 40]))
        elif kind == "rush-hour":
            found[kind] |= draw(rush_hours())
        elif kind == "finish-early":
            found[kind] |= draw(st.sampled_from([{}, {"event": ids[0][0]}, {"after": f"{DAY}T10:00"}]))
        elif kind in SERIES_GOALS:
            found[kind] |= draw(series_goals(kind, ids))
    return found


@st.composite
def series_goals(draw: st.DrawFn, kind: str, ids: list[str]) -> dict[str, Any]:
    """Return what a goal wants of some sessions together: one hall, many days, even days, days without a gap."""
    series = draw(st.lists(st.sampled_from(ids), min_size=2, unique=True))
    events = draw(st.lists(st.sampled_from(sorted({session[0] for session in ids})), unique=True))
    if kind == "same-hall":
        return {"series": {"x": series}, "events": events, "same": draw(st.sampled_from(["hall", "venue"]))}
    if kind == "compact-days":
        persons = draw(st.lists(st.sampled_from(["host.principal", "guest.principal"]), min_size=1, unique=True))
        slot = draw(st.sampled_from(["15 min", "40 min", "1 h", "5 h"]))
        what = draw(st.sampled_from(["idle", "isolated", "stay"]))
        listed = {"persons": persons, "delegations": ["host"], "events": events}
        return {"what": what} | listed | ({} if what == "stay" else {"slot": slot})
    over = draw(st.sampled_from(["day", "venue", "hall"]))
    if kind == "spread":
        return {"sessions": series, "least": draw(st.integers(2, len(series))), "over": over}
    return {"most": draw(st.integers(0, 2)), "over": over} | draw(st.sampled_from([{}, {"sessions": series}]))


@st.composite
def rush_hours(draw: st.DrawFn) -> dict[str, Any]:
    """Return what hours are to be left to the city, those of most sessions among them, and whether vehicles count."""
    bands = st.sampled_from(["07:00-09:00", "08:45-10:00", "09:50-11:10", "10:30-12:30", "23:15-00:40"])
    return {
        "hours": draw(st.lists(bands, min_size=1, max_size=3, unique=True)),
        "wave": draw(st.sampled_from(["10 min", "30 min", "90 min"])),
        "per-vehicle": draw(st.booleans()),
    }


def stay_near(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Put a hotel at each end of the road, and have principals stay near their sessions."""
    data["hotels"]["inn"]["node"], data["hotels"]["spa"]["node"] = "a", "b"
    roles = draw(st.sampled_from([["principal"], ["principal"], ["spouse"], ["spouse", "principal"]]))
    data["goals"]["near"] = {"goal": "near-home", "tier": draw(st.integers(1, 2)), "weight": 2, "of": roles}


def label(draw: st.DrawFn, data: dict[str, Any], ids: list[str]) -> None:
    """Give sessions themes and levels, the first both, and have goals and a shared audience go by them."""
    for number, session in enumerate(ids):
        event, name = session.split(".")
        labels: dict[str, Any] = {"theme": draw(st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True))}
        if number == 0 or draw(st.integers(0, 4)):
            labels["level"] = draw(st.integers(0, 2))
        data["events"][event]["sessions"][name]["labels"] = labels
    for goal in draw(st.sets(st.sampled_from(["larger-halls", "same-subject", "variety"]), min_size=1)):
        said: dict[str, Any] = {"goal": goal, "tier": draw(st.integers(1, 2)), "weight": draw(st.integers(1, 3))}
        said |= draw(st.sampled_from([{}, {}, {"events": [ids[0][0]]}, {"sessions": ids[:2]}]))
        if goal == "variety":
            said |= {
                "by": draw(st.sampled_from(["theme", "level"])),
                "want": draw(st.sampled_from(["different", "shared"])),
            }
        else:
            said |= {"by": "level" if goal == "larger-halls" else "theme", "by-minutes": draw(st.booleans())}
        if goal == "same-subject":
            said |= draw(st.sampled_from([{"keep": "day"}, {"keep": "hall"}, {"keep": "order", "rank": "level"}]))
        data["goals"][goal] = said
    audience = data["rules"].get("audience", {})
    if audience and not audience["by-delegations"]:
        audience["by"] = draw(st.sampled_from([["theme"], ["level"], ["theme", "level"]]))


def drive_to_and_fro(data: dict[str, Any]) -> None:
    """Give sessions of one morning to one person, in one venue and the other by turns, and nothing else that hinders."""
    sessions = [session for event in data["events"].values() for session in event["sessions"].values()]
    for number, session in enumerate(session for session in sessions if "duration" in session):
        session["persons"] = ["host.principal"]
        session["halls"] = {"any": ["two.c" if number % 2 else "one.a"]}
        session["attendance"] = 10
        session["within"] = {"w": {"date": DAY, "time": "08:30-11:30"}}
        for key in ("options", "needs", "layout", "uses", "move-in", "move-out"):
            session.pop(key, None)
    for venue in data["venues"].values():
        venue.pop("hours", None)
        venue.pop("limits", None)


@st.composite
def scenario_data(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the data of a small scenario, and placements and hotels of an earlier plan where stability wants one."""
    days = draw(st.lists(st.sampled_from([DAY, DAY, "2027-05-11"]), min_size=2, max_size=4))
    alone = draw(st.sampled_from([("host", "guest"), ("guest", "host"), (None, "guest"), (None, None)]))
    events: dict[str, Any] = {}
    ids = []
    for number, day in enumerate(days):
        event = draw(st.sampled_from(["e", "f"]))
        said = events.setdefault(
            event, {"grade": draw(st.sampled_from(["G1", "G2", "G3"])), "delegations": "all", "sessions": {}}
        )
        said["sessions"][f"s{number}"] = draw(sessions(day, alone[number % 2]))
        ids.append(f"{event}.s{number}")
    for event in events.values():
        if draw(st.booleans()) and any("optional" not in session for session in event["sessions"].values()):
            event["optional"] = {"price": draw(st.integers(0, 20))}
        if draw(st.booleans()):
            event["envelope"] = "shared"
    for event in events.values():
        draw(rewards(event["sessions"]))
    stays = draw(homes())
    taken = draw(blackouts())
    for event in events.values() if taken else ():
        if draw(st.booleans()):
            event["despite"] = ["fair"]
    escorted = [{"escorted": draw(st.integers(0, 3)) == 0} for _ in range(3)]
    data = {
        "schema": 1,
        "id": "small",
        "calendar": {
            "timezone": "Asia/Shanghai",
            "start": DAY,
            "end": "2027-05-11",
            "grid": draw(st.sampled_from(["30 min", "60 min"])),
        },
        "grades": {
            "G1": {"sweep": draw(minutes)} | escorted[0],
            "G2": {"sweep": "30 min"} | escorted[1],
            "G3": escorted[2],
        },
        "holidays": draw(st.sampled_from([{}, {}, {DAY: {}}, {NEXT: {}}])),
        "blackouts": taken,
        "zones": {"outer": {}, "inner": {"in": "outer"}, "else": {}},
        "venues": draw(venues()),
        "hotels": {"inn": {"name": "Inn", "rooms": draw(st.integers(1, 2))}, "spa": draw(spas())},
        "pools": {"escorts": draw(pools())},
        "budgets": {"gifts": {"amount": draw(st.integers(1, 5))}},
        "delegations": {
            "host": {"country": "CN", "rank": "minister", "languages": ["zh"], "persons": list(ROLES), **stays["host"]},
            "guest": {
                "country": "NO",
                "rank": draw(ranks),
                "languages": ["no", "en"],
                "persons": ["principal"],
                **stays["guest"],
            },
        },
        "events": events,
        "rules": draw(rules(ids)),
        "goals": draw(goals(ids)),
        "holds": draw(holds()),
        **draw(ways()),
    }
    if any("price" in hold for hold in data["holds"].values()):
        data["goals"]["moved"] = {"goal": "displaced-holds", "tier": draw(st.integers(1, 2)), "weight": 2}
    if "network" in data:
        data["venues"]["one"]["node"], data["venues"]["two"]["node"] = "a", "b"
        if draw(st.booleans()):
            data["rules"]["perimeter"] = draw(perimeters())
        if "cordon" in data["rules"]:
            data["rules"]["cordon"] |= draw(st.sampled_from([{}, {"radius": "85 km"}, {"radius": "86 km"}]))
        if draw(st.booleans()):
            drive_to_and_fro(data)
        if any("home" in stay for stay in stays.values()) and draw(st.booleans()):
            drive_with_motorcades(draw, data)
        if draw(st.booleans()):
            stay_near(draw, data)
    data["rules"] |= draw(precedences(events))
    data["rules"] |= draw(equal_treatments(events))
    data["rules"] |= draw(requirements(ids))
    data["rules"] |= draw(absences(ids))
    data["rules"] |= draw(audiences(ids))
    if draw(st.booleans()):
        label(draw, data, ids)
    data["rules"] |= draw(interpreting(ids))
    data["rules"] |= draw(hall_features(ids, data["venues"]))
    if draw(st.integers(0, 2)) == 0:
        by_blocks(draw, data, ids)
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
        stayed = draw(st.lists(st.sampled_from(["host", "guest"]), unique=True))
        base |= {delegation: {"hotel": draw(st.sampled_from(["inn", "spa"]))} for delegation in stayed}
    return data, base


def loaded_from(data: dict[str, Any], base_file: str | None = None) -> Loaded:
    """Return the scenario that data mean, as JSON, which is YAML too; too long a day and no airport are passed over."""
    try:
        return build(parse(json.dumps(data), "small.yaml"), base=base_file)
    except InputError as error:
        expected = ("of sessions on", "all hotels together", "may be at", "of one rank")
        assume(not all(any(words in issue.message for words in expected) for issue in error.issues))
        raise


def plans_to_try(problem: Problem) -> int:
    """Return the number of assignments, absences included."""
    return prod(1 + sum(1 for _ in problem.spots(session)) for session in range(len(problem.names)))


def small_problem(loaded: Loaded) -> Problem:
    """Return the problem of a scenario; one too large to try every plan is passed over."""
    problem = compile_problem(loaded)
    assume(plans_to_try(problem) <= MOST_PLANS)
    return problem
