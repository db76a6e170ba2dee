"""Two plans in the planner's terms: what is left out or elsewhere or at another time, by session, delegation, venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scheduler.errors import InputError, Issue
from scheduler.plan import Figure, Placed, Plan
from scheduler.scenario.scenario import Scenario

KINDS = (
    "left out",
    "held after all",
    "other day",
    "other venue",
    "other hall",
    "other option",
    "other time",
    "other length",
)
"""What can become of a session, the gravest first; of day and time, and of venue and hall, only the first is told."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one session; None where it is not held. ``kinds`` are in the order of ``KINDS``."""

    session: str
    kinds: tuple[str, ...]
    was: Placed | None
    now: Placed | None

    @property
    def left(self) -> str | None:
        """The id of the venue where it was."""
        return self.was.hall.partition(".")[0] if self.was is not None else None

    @property
    def came_to(self) -> str | None:
        """The id of the venue where it is."""
        return self.now.hall.partition(".")[0] if self.now is not None else None


@dataclass(frozen=True, slots=True)
class Moved:
    """A delegation that stays elsewhere: the ids of its hotels, None where it has none."""

    delegation: str
    was: str | None
    now: str | None


class AtVenue(NamedTuple):
    """The ids of the sessions that go from a venue, that come to it, and that stay there and change."""

    go: tuple[str, ...]
    come: tuple[str, ...]
    stay: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """The difference between two plans for one scenario; changes in order of time."""

    sessions: int
    """How many sessions are held in either of them."""
    changes: tuple[Change, ...]
    homes: tuple[Moved, ...]
    figures: Mapping[str, tuple[Figure | None, Figure | None]] = field(default_factory=dict)
    """Of each goal whose figure differs what it was and what it is."""

    @property
    def counts(self) -> dict[str, int]:
        """How many sessions changed in each way, the gravest first; one can count in several."""
        found = Counter(kind for change in self.changes for kind in change.kinds)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def by_delegation(self, scenario: Scenario) -> dict[str, tuple[Change, ...]]:
        """Return the changes that concern each delegation, in the order in which the scenario names them."""
        concerned = {change.session: delegations_of(scenario, change.session) for change in self.changes}
        grouped = {
            name: tuple(change for change in self.changes if name in concerned[change.session])
            for name in scenario.delegations
        }
        moved = {home.delegation for home in self.homes}
        return {name: changes for name, changes in grouped.items() if changes or name in moved}

    def by_venue(self) -> dict[str, AtVenue]:
        """Return what becomes of the changed sessions at each venue, by its id."""
        grouped: dict[str, tuple[list[str], list[str], list[str]]] = {}
        for change in self.changes:
            for venue in {change.left, change.came_to} - {None}:
                column = 2 if change.left == change.came_to else 0 if venue == change.left else 1
                grouped.setdefault(str(venue), ([], [], []))[column].append(change.session)
        return {venue: AtVenue(*map(tuple, grouped[venue])) for venue in sorted(grouped)}

    def as_json(self, scenario: Scenario) -> dict[str, Any]:
        """Return the difference as plain data; times are local, with their offset."""
        return {
            "sessions": self.sessions,
            "counts": self.counts,
            "changes": [change_json(change) for change in self.changes],
            "homes": [{"delegation": home.delegation, "was": home.was, "now": home.now} for home in self.homes],
            "delegations": {
                name: [change.session for change in changes] for name, changes in self.by_delegation(scenario).items()
            },
            "venues": {venue: found._asdict() for venue, found in self.by_venue().items()},
            "figures": {
                goal: {"was": was and was.model_dump(), "now": now and now.model_dump()}
                for goal, (was, now) in self.figures.items()
            },
        }


def compare(scenario: Scenario, was: Plan, now: Plan) -> Comparison:
    """Return what differs between two plans, which may be of different versions of the scenario.

    Raises InputError where one of them is a plan for another scenario.
    """
    issues = [
        Issue(plan.place("scenario"), f"this is a plan for {plan.scenario!r}, not for {scenario.id!r}")
        for plan in (was, now)
        if plan.scenario != scenario.id
    ]
    if issues:
        raise InputError(issues)
    names = {*was.sessions, *now.sessions}
    pairs = [(name, was.sessions.get(name), now.sessions.get(name)) for name in names]
    changes = [Change(name, kinds, old, new) for name, old, new in pairs if (kinds := _kinds(old, new))]
    changes.sort(key=lambda change: (min(p.start for p in (change.was, change.now) if p is not None), change.session))
    delegations = dict.fromkeys([*was.homes, *now.homes])
    homes = (Moved(name, was.homes.get(name), now.homes.get(name)) for name in delegations)
    figures = {goal: (was.figures.get(goal), now.figures.get(goal)) for goal in dict.fromkeys([*was.figures, *now.figures])}
    return Comparison(
        len(names),
        tuple(changes),
        tuple(home for home in homes if home.was != home.now),
        {goal: pair for goal, pair in figures.items() if pair[0] != pair[1]},
    )


def _kinds(was: Placed | None, now: Placed | None) -> tuple[str, ...]:
    if was is None or now is None:
        return () if was is now else ("left out",) if now is None else ("held after all",)
    found = set()
    if was.start.date() != now.start.date():
        found.add("other day")
    elif was.start != now.start:
        found.add("other time")
    if was.hall.partition(".")[0] != now.hall.partition(".")[0]:
        found.add("other venue")
    elif was.hall != now.hall:
        found.add("other hall")
    if was.option != now.option:
        found.add("other option")
    if was.end - was.start != now.end - now.start:
        found.add("other length")
    return tuple(kind for kind in KINDS if kind in found)


def delegations_of(scenario: Scenario, session: str) -> frozenset[str]:
    """Return the delegations that take part in a session, with those of its persons; none where it is not known."""
    known = scenario.sessions.get(session)
    if known is None:
        return frozenset()
    return frozenset((*known.delegations, *(person.partition(".")[0] for person in known.persons)))


def session_name(scenario: Scenario, session: str) -> str:
    """Return the name of a session, its id where the scenario does not know it."""
    return str(scenario.sessions[session].name) if session in scenario.sessions else session


def where_and_when(scenario: Scenario, placed: Placed | None) -> str:
    """Return a placement as people say it: ``18 Oct 10:00–11:30 State Banquet Hall (Great Hall of the People)``."""
    if placed is None:
        return "not held"
    hall = scenario.hall_name(placed.hall) if placed.hall in scenario.bookables else placed.hall
    last = f"{placed.end:%H:%M}" if placed.end.date() == placed.start.date() else f"{placed.end:%d %b %H:%M}"
    return f"{placed.start:%d %b %H:%M}–{last} {hall}"


def change_json(change: Change) -> dict[str, Any]:
    """Return a change as plain data."""
    return {
        "session": change.session,
        "kinds": list(change.kinds),
        "was": _placed_json(change.was),
        "now": _placed_json(change.now),
    }


def _placed_json(placed: Placed | None) -> dict[str, Any] | None:
    if placed is None:
        return None
    times = {key: getattr(placed, key).isoformat(timespec="minutes") for key in ("start", "end")}
    return {**({"option": placed.option} if placed.option else {}), "hall": placed.hall, **times}
