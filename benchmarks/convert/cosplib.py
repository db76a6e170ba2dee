"""Conferences (CoSPLib, .xlsx): submissions to rooms and time slots, tracks to rooms for a session.

A submission is a session, its track the event; the rooms are halls of one house. A session of the set is a block of time,
of which a slot is a minute: block k begins at minute 60 k, so that only the order of the blocks is the set's. Dates and
times of day are in the prices by time zone, which are added up here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.convert.cosplib_instance import Conflicts, Instance, Table, read
from benchmarks.convert.cosplib_score import BLOCK, HOUSE, MONDAY, score
from benchmarks.convert.names import ids_of
from scheduler.errors import InputError, Issue, Place

__all__ = ["convert", "score"]


def convert(path: Path) -> dict[str, Any]:
    """Return the scenario of an instance.

    Raises InputError where the file cannot be read, or asks for what a scenario cannot say.
    """
    instance = read(path)
    _require_sayable(path, instance)
    said = _Scenario(instance)
    days = -(-len(instance.sessions) * BLOCK // (24 * 60))
    return {
        "schema": 1,
        "id": ids_of([path.stem])[path.stem],
        "calendar": {
            "timezone": "UTC",
            "start": str(MONDAY),
            "end": str(MONDAY + timedelta(days=days - 1)),
            "grid": "1 min",
        },
        "grades": {"G3": {}},
        "venues": {HOUSE: {"name": "The house", "halls": {said.rooms[name]: {"name": name} for name in instance.rooms}}},
        "blocks": said.blocks(),
        "events": said.events(),
        "rules": {"one-track-a-room": {"rule": "hall-blocks"}, **said.rules()},
        "goals": said.goals(),
    }


def _require_sayable(path: Path, instance: Instance) -> None:
    """Raise InputError where a plan's points could not be the set's score."""
    issues = [
        f"{name} has {session.slots} slots; {BLOCK} are the most"
        for name, session in instance.sessions.items()
        if session.slots > BLOCK
    ]
    listed = Counter(one.track for one in instance.submissions.values())
    for name, one in instance.submissions.items() if instance.weights["order"] else ():
        if one.order > listed[one.track]:
            issues.append(f"{name} is to be at place {one.order} of {listed[one.track]}: a fixed penalty")
    issues += [f"{name} takes no slot" for name, one in instance.submissions.items() if one.slots < 1]
    if issues:
        raise InputError([Issue(Place(str(path)), issue) for issue in issues])


class _Scenario:
    """Says an instance in the words of a scenario; a term of the score has the name of its rules and goals."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.tracks, self.names = ids_of(instance.tracks), ids_of(instance.submissions)
        with_any = {one.track for one in instance.submissions.values()}
        self.used = {track: identity for track, identity in self.tracks.items() if track in with_any}
        """The events: tracks without a submission are none."""
        self.rooms, self.times = ids_of(instance.rooms), ids_of(instance.sessions)

    def hall(self, room: str) -> str:
        """Return the id of a room."""
        return f"{HOUSE}.{self.rooms[room]}"

    def session(self, name: str) -> str:
        """Return the id of a submission."""
        return f"{self.tracks[self.instance.submissions[name].track]}.{self.names[name]}"

    def blocks(self) -> dict[str, Any]:
        """Return each session of the set as a block of time."""
        found = {}
        for number, (name, session) in enumerate(self.instance.sessions.items()):
            begin = datetime.combine(MONDAY, time()) + timedelta(minutes=BLOCK * number)
            end = begin + timedelta(minutes=session.slots)
            found[self.times[name]] = {"from": f"{begin:%Y-%m-%dT%H:%M}", "to": f"{end:%Y-%m-%dT%H:%M}"}
        return found

    def events(self) -> dict[str, Any]:
        """Return each track with its submissions."""
        found: dict[str, Any] = {}
        for track, identity in self.used.items():
            own = {name: one for name, one in self.instance.submissions.items() if one.track == track}
            sessions = {self.names[name]: {"name": name, "duration": f"{one.slots} min"} for name, one in own.items()}
            found[identity] = {"name": track, "grade": "G3", "within": self.blocks(), "sessions": sessions}
        return found

    def rules(self) -> dict[str, Any]:
        """Return a softened rule for each pair in conflict."""
        conflicts, found = Conflicts(self.instance), {}
        together = {"rule": "together", "same": "hall", "each": "block"}
        at_once = {"rule": "shared-audience"}
        ordered = [name for name, one in self.instance.submissions.items() if one.order]
        pairs = [pair for pair in combinations(ordered, 2) if len({self.instance.submissions[n].track for n in pair}) == 1]
        for term, listed, rule in (
            ("presenter conflicts", conflicts.presenters, together),
            ("attendee conflicts", conflicts.attendees, together),
            ("order", pairs, at_once),
            ("presenters at one time", conflicts.presenters, at_once),
            ("attendees at one time", conflicts.attendees, at_once),
        ):
            weight = self.instance.weights[term]
            for number, pair in enumerate(listed if weight else (), 1):
                sessions = [self.session(name) for name in pair]
                soften = {"tier": 1, "weight": weight}
                found[f"{_identity(term)}-{number}"] = {**rule, "sessions": sessions, "soften": soften}
        return found

    def goals(self) -> dict[str, Any]:
        """Return the goals: all of one tier, each weighted like its term."""
        events, places = list(self.used.values()), self._places()
        by_term: dict[str, dict[str, Any]] = {
            "rooms per track": {"goal": "same-hall", "events": events},
            "parallel tracks": {"goal": "same-hall", "events": events, "each": "block"},
            "consecutive tracks": {"goal": "unbroken", "events": events} if len(self.times) > 2 else {},
            "order": {"goal": "running-order", "places": places} if places else {},
            **self._prices(),
        }
        weights = self.instance.weights
        found: dict[str, Any] = {
            _identity(term): {**goal, "tier": 1, "weight": weights[term]}
            for term, goal in by_term.items()
            if goal and weights[term]
        }
        pairs: dict[tuple[str, int], list[list[str]]] = defaultdict(list)
        for pair, penalty in self.instance.similar.items():
            pairs[f"similar-tracks-{penalty}", weights["similar tracks"] * penalty].append(list(pair))
        pairs["chair-conflicts", weights["chair conflicts"]] = list(map(list, Conflicts(self.instance).chairs))
        for (name, weight), listed in pairs.items():
            held = [[self.used[track] for track in pair] for pair in listed if set(pair) <= self.used.keys()]
            if held and weight:
                found[name] = {"goal": "parallel-events", "tier": 1, "weight": weight, "pairs": held}
        return found

    def _places(self) -> dict[str, int]:
        return {self.session(name): one.order for name, one in self.instance.submissions.items() if one.order}

    def _prices(self) -> dict[str, dict[str, Any]]:
        """Return the goal of each term that adds penalties of where something is; an empty one where there are none."""
        instance, times = self.instance, self.times
        by_zone = {
            name: {at: instance.hours.penalty(session, one.zone) for at, session in instance.sessions.items()}
            for name, one in instance.submissions.items()
        }
        by_room = {room: {at: own[room] for at, own in instance.sessions_rooms.items()} for room in instance.rooms}
        halls = {room: self.hall(room) for room in instance.rooms}
        sessions = {name: self.session(name) for name in instance.submissions}
        slots = {self.session(name): one.slots for name, one in instance.submissions.items()}

        def points(table: Table, rows: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, dict[str, int]]:
            """Return what is not 0 of a table, by the ids of its rows and columns; of a submission, for all its slots."""
            found: dict[str, dict[str, int]] = {}
            for row, identity in rows.items():
                own = {columns[at]: slots.get(identity, 1) * penalty for at, penalty in table[row].items() if penalty}
                found |= {identity: own} if own else {}
            return found

        def goal(what: str, priced: dict[str, Any], where: str = "") -> dict[str, Any]:
            said = {name: {where: own} for name, own in priced.items()} if where else priced
            return {"goal": "block-prices", what: said} if said else {}

        return {
            "tracks in sessions": goal("events", points(instance.tracks_sessions, self.used, times), "blocks"),
            "tracks in rooms": goal("events", points(instance.tracks_rooms, self.used, halls), "halls"),
            "sessions in rooms": goal("halls", points(by_room, halls, times)),
            "time zones": goal("sessions", points(by_zone, sessions, times), "blocks"),
            "submissions in sessions": goal("sessions", points(instance.submissions_sessions, sessions, times), "blocks"),
            "submissions in rooms": goal("sessions", points(instance.submissions_rooms, sessions, halls), "halls"),
        }


def _identity(term: str) -> str:
    return term.replace(" ", "-")
