"""From spots to a plan: wall-clock times, when each hall is taken, what is left out at which price."""

from __future__ import annotations

from scheduler.plan import Placed, Plan
from scheduler.problem import Problem
from scheduler.terms import Assignment, Spot


def decode(problem: Problem, spots: Assignment) -> Plan:
    """Return the plan that an assignment stands for, without values and figures."""
    scenario, names = problem.scenario, problem.names
    placed = {name: spot for name, spot in zip(names, spots, strict=True) if spot is not None}
    held = {name: spot for name, spot in placed.items() if name in scenario.sessions}
    sessions = {name: _placed(problem, held, name) for name in sorted(held, key=lambda name: (held[name].start, name))}
    homes = {name: problem.candidates.of(name)[placed[name].choice].hall for name in scenario.homes if name in placed}
    return Plan(
        scenario=scenario.id,
        digest=problem.loaded.digest,
        patches=list(problem.loaded.patches),
        sessions=sessions,
        absent=_absent(problem, held),
        homes=homes,
        displaced=[hold.id for name, hold in scenario.displaceable.items() if name not in placed],
    )


def _absent(problem: Problem, held: dict[str, Spot]) -> dict[str, int]:
    absent: dict[str, int] = {}
    for event_id, sessions in problem.scenario.event_sessions.items():
        optional = problem.scenario.events[event_id].optional
        if optional and any(s.absence_price is None and s.id not in held for s in sessions):
            absent[event_id] = optional.price
        for session in sessions:
            if session.absence_price is not None and session.id not in held:
                absent[session.id] = session.absence_price
    return absent


def _placed(problem: Problem, held: dict[str, Spot], name: str) -> Placed:
    scenario, session = problem.scenario, problem.scenario.sessions[name]
    spot = held[name]
    choice = problem.candidates.of(name)[spot.choice]
    moment = scenario.calendar.moment
    swept, parts = _swept_parts(problem, held, name)
    sweep = 0 if scenario.bookables[choice.hall].pooled or swept == parts else scenario.sweeps[session.envelope]
    return Placed(
        option=choice.option or None,
        hall=choice.hall,
        start=moment(spot.start),
        end=moment(spot.end),
        hall_from=moment(spot.start - session.move_in - (0 if swept else sweep)),
        sweep_from=moment(spot.start - sweep) if sweep else None,
        hall_to=moment(spot.end + session.move_out),
    )


def _swept_parts(problem: Problem, held: dict[str, Spot], name: str) -> tuple[int, int]:
    """Return how many halls of a session's place its envelope has already, swept, and of how many it is made."""
    scenario = problem.scenario
    session, spot = scenario.sessions[name], held[name]
    parts = scenario.bookables[problem.candidates.of(name)[spot.choice].hall].parts
    last: dict[str, tuple[int, str]] = {}
    for other, other_spot in held.items():
        if other != name and other_spot.start < spot.start:
            for part in scenario.bookables[problem.candidates.of(other)[other_spot.choice].hall].parts:
                last[part] = max(last.get(part, (-1, "")), (other_spot.start, other))
    own = [part for part in parts if part in last and scenario.sessions[last[part][1]].envelope == session.envelope]
    return len(own), len(parts)
