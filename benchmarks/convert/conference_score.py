"""What a file of the conference set (Timefold, JSON) says, and the score that the set gives to a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.convert.names import ids_of
from benchmarks.convert.score import Score
from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.plan import Plan

EVENT = "programme"
"""The event of a scenario whose sessions are the talks."""


class Timeslot(NamedTuple):
    """When a talk may be; two timeslots of the same times are two all the same."""

    id: str
    start: datetime
    end: datetime
    tags: frozenset[str]

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.end - self.start).total_seconds() // 60)


class Room(NamedTuple):
    """Where a talk may be."""

    id: str
    capacity: int
    tags: frozenset[str]


class Wishes(NamedTuple):
    """The tags of rooms that a speaker or a talk requires, prefers, prohibits and does not desire."""

    required: frozenset[str]
    preferred: frozenset[str]
    prohibited: frozenset[str]
    undesired: frozenset[str]


class Speaker(NamedTuple):
    """Who speaks: the timeslots that are barred, the tags of timeslots that are wished for or not, and those of rooms."""

    id: str
    barred: frozenset[str]
    preferred: frozenset[str]
    undesired: frozenset[str]
    rooms: Wishes


class Talk(NamedTuple):
    """A talk under its number, with the timeslots and rooms of its type; ``pin`` are those it has to have."""

    number: int
    title: str
    timeslots: tuple[Timeslot, ...]
    halls: tuple[Room, ...]
    speakers: tuple[Speaker, ...]
    themes: frozenset[str]
    sectors: frozenset[str]
    audiences: frozenset[str]
    contents: frozenset[str]
    exclusive: frozenset[str]
    level: int
    language: str
    rooms: Wishes
    prerequisites: frozenset[int]
    favorites: int
    is_crowded: bool
    pin: tuple[Timeslot, Room] | None


class Instance(NamedTuple):
    """What a file says; ``pause`` is the least between two talks of a speaker on one day, in minutes.

    ``words`` are the ids of all tags, audiences and languages in a scenario.
    """

    pause: int
    speakers: tuple[Speaker, ...]
    talks: dict[str, Talk]
    words: dict[str, str]


class Held(NamedTuple):
    """A talk with the timeslot and the room of a plan."""

    talk: Talk
    slot: Timeslot
    room: Room


def read(path: Path) -> Instance:
    """Return the instance in a file, talks under the ids they have in plans.

    Raises InputError where the file does not hold what the set has in its files.
    """
    with file_errors(str(path), "read the instance"):
        text = path.read_text(encoding="utf-8")
    try:
        root = json.loads(text)
        known = {found["@id"]: found for found in _objects(root)}
        speakers = {name: _speaker(known[name]) for name in map(_id, root["speakerList"])}
        talks = [_talk(known, speakers, known[name]) for name in map(_id, root["talkList"])]
        pause = int(root["constraintProperties"]["minimumConsecutiveTalksPauseInMinutes"])
        weights = root["constraintWeightOverrides"]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError([Issue(Place(str(path)), f"this is no conference: {error!r}")]) from error
    if weights:
        raise InputError([Issue(Place(str(path)), f"the weights are not those of the definition: {weights}")])
    by_name = {f"{EVENT}.item-{talk.number}": talk for talk in talks}
    return Instance(pause, tuple(speakers.values()), by_name, ids_of(sorted(_words(talks))))


def _words(talks: list[Talk]) -> set[str]:
    """Return every tag, audience and language that talks, their rooms and their speakers have or wish for."""
    found = {talk.language for talk in talks}
    for talk in talks:
        found.update(talk.themes, talk.sectors, talk.audiences, talk.contents, talk.exclusive)
        for wishes in (talk.rooms, *(speaker.rooms for speaker in talk.speakers)):
            found.update(*wishes)
        found.update(*(room.tags for room in talk.halls))
    return found


def _objects(said: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a file that has an id, wherever it stands."""
    if isinstance(said, dict) and "@id" in said:
        yield said
    if isinstance(said, dict | list):
        for part in said.values() if isinstance(said, dict) else said:
            yield from _objects(part)


def _id(said: Any) -> str:
    """Return the id of an object that is written in full, or is one already."""
    return str(said["@id"] if isinstance(said, dict) else said)


def _wishes(said: dict[str, Any]) -> Wishes:
    kinds = ("required", "preferred", "prohibited", "undesired")
    return Wishes(*(frozenset(said[f"{kind}RoomTagSet"]) for kind in kinds))


def _speaker(said: dict[str, Any]) -> Speaker:
    return Speaker(
        said["@id"],
        frozenset(map(_id, said["unavailableTimeslotSet"])),
        frozenset(said["preferredTimeslotTagSet"]),
        frozenset(said["undesiredTimeslotTagSet"]),
        _wishes(said),
    )


def _timeslot(said: dict[str, Any]) -> Timeslot:
    times = []
    for key in ("startDateTime", "endDateTime"):
        year, month, day, hour, minute = said[key]
        times.append(datetime(year, month, day, hour, minute, tzinfo=UTC))
    start, end = times
    return Timeslot(said["@id"], start, end, frozenset(said["tagSet"]))


def _room(said: dict[str, Any]) -> Room:
    return Room(said["@id"], int(said["capacity"]), frozenset(said["tagSet"]))


def _talk(known: dict[str, Any], speakers: dict[str, Speaker], said: dict[str, Any]) -> Talk:
    kind = known[_id(said["talkType"])]
    pin = None
    if said["pinnedByUser"]:
        pin = _timeslot(known[_id(said["timeslot"])]), _room(known[_id(said["room"])])
    return Talk(
        number=int(said["id"]),
        title=said.get("title") or said["code"],
        timeslots=tuple(_timeslot(known[_id(one)]) for one in kind["compatibleTimeslotSet"]),
        halls=tuple(_room(known[_id(one)]) for one in kind["compatibleRoomSet"]),
        speakers=tuple(speakers[_id(one)] for one in said["speakerList"]),
        themes=frozenset(said["themeTrackTagSet"]),
        sectors=frozenset(said["sectorTagSet"]),
        audiences=frozenset(said["audienceTypeSet"]),
        contents=frozenset(said["contentTagSet"]),
        exclusive=frozenset(said["mutuallyExclusiveTalksTagSet"]),
        level=int(said["audienceLevel"]),
        language=said["language"],
        rooms=_wishes(said),
        prerequisites=frozenset(int(known[_id(one)]["id"]) for one in said["prerequisiteTalkSet"]),
        favorites=int(said["favoriteCount"]),
        is_crowded=int(said["crowdControlRisk"]) > 0,
        pin=pin,
    )


def plain(name: str) -> str:
    """Return an id of the set as an id of a scenario: ``timeslot-1``."""
    return re.sub("[^a-z0-9_-]+", "-", name.lower())


def score(path: Path, plan: Plan) -> Score:
    """Return what the set's score says of a plan: its hard points, and its soft ones as a cost, rewards below 0.

    A talk that is not in one of its timeslots and rooms, or away from its pin, is counted as misplaced, and else nowhere.
    """
    instance = read(path)
    held, misplaced = [], 0
    for name, talk in instance.talks.items():
        placed = plan.sessions.get(name)
        start, end = (placed.start.astimezone(UTC), placed.end.astimezone(UTC)) if placed else (None, None)
        slots = [slot for slot in talk.timeslots if (slot.start, slot.end) == (start, end)]
        rooms = [room for room in talk.halls if placed is not None and placed.hall == f"house.{plain(room.id)}"]
        if not (slots and rooms) or (talk.pin is not None and (slots[0].id, rooms[0].id) != _ids(talk.pin)):
            misplaced += 1
        else:
            held.append(Held(talk, slots[0], rooms[0]))
    return scored(instance, held, misplaced)


def scored(instance: Instance, held: list[Held], misplaced: int = 0) -> Score:
    """Return the score of talks in timeslots and rooms, and of so many that are elsewhere."""
    return Score({"misplaced": misplaced, **_hard(instance, held)}, _soft(instance, held))


def _ids(pin: tuple[Timeslot, Room]) -> tuple[str, str]:
    return pin[0].id, pin[1].id


def _hard(instance: Instance, held: list[Held]) -> dict[str, int]:
    """Return the hard points by the set's constraints."""
    points = dict.fromkeys(
        (
            "room conflict",
            "speaker unavailable",
            "speaker conflict",
            "prerequisite",
            "mutually exclusive",
            "pause",
            "crowd control",
            "speaker room tags",
            "talk room tags",
        ),
        0,
    )
    for talk, slot, room in held:
        points["speaker unavailable"] += 100 * slot.minutes * sum(slot.id in speaker.barred for speaker in talk.speakers)
        crowds = sum(other.talk.is_crowded for other in held if other.slot.id == slot.id)
        points["crowd control"] += slot.minutes if talk.is_crowded and crowds > 2 else 0
        points["speaker room tags"] += slot.minutes * sum(_refused(speaker.rooms, room) for speaker in talk.speakers)
        points["talk room tags"] += slot.minutes * _refused(talk.rooms, room)
    for a, b in combinations(held, 2):
        both, overlap = a.slot.minutes + b.slot.minutes, _overlap(a, b)
        shared = len({*a.talk.speakers} & {*b.talk.speakers})
        points["room conflict"] += 1000 * overlap * (a.room.id == b.room.id)
        points["speaker conflict"] += 10 * overlap * shared
        points["mutually exclusive"] += overlap * len(a.talk.exclusive & b.talk.exclusive)
        for first, second in ((a, b), (b, a)):
            if first.talk.number in second.talk.prerequisites and first.slot.end > second.slot.start:
                points["prerequisite"] += 10 * both
        gap = max(a.slot.start, b.slot.start) - min(a.slot.end, b.slot.end)
        is_close = a.slot.start.date() == b.slot.start.date() and gap < timedelta(minutes=instance.pause)
        points["pause"] += both if shared and (overlap or is_close) else 0
    return points


def _soft(instance: Instance, held: list[Held]) -> dict[str, int]:
    """Return the soft points by the set's constraints, as costs."""
    costs = dict.fromkeys(
        (
            "theme conflict",
            "theme room stability",
            "sector conflict",
            "audience diversity",
            "audience and theme conflict",
            "level diversity",
            "level flow",
            "content conflict",
            "language diversity",
            "same day",
            "popular talks",
            "speaker timeslot tags",
            "speaker room tags",
            "talk room tags",
            "speaker makespan",
        ),
        0,
    )
    for talk, slot, room in held:
        for speaker in talk.speakers:
            unloved = len(speaker.preferred - slot.tags) + len(speaker.undesired & slot.tags)
            costs["speaker timeslot tags"] += 20 * slot.minutes * unloved
            costs["speaker room tags"] += 20 * slot.minutes * _unloved(speaker.rooms, room)
        costs["talk room tags"] += 20 * slot.minutes * _unloved(talk.rooms, room)
    for a, b in combinations(held, 2):
        both, overlap = a.slot.minutes + b.slot.minutes, _overlap(a, b)
        themes, contents = len(a.talk.themes & b.talk.themes), len(a.talk.contents & b.talk.contents)
        audiences = len(a.talk.audiences & b.talk.audiences)
        costs["theme conflict"] += 10 * themes * overlap
        costs["sector conflict"] += 10 * len(a.talk.sectors & b.talk.sectors) * overlap
        costs["audience and theme conflict"] += audiences * themes * overlap
        costs["content conflict"] += 100 * contents * overlap
        if a.slot.id == b.slot.id:
            costs["audience diversity"] -= audiences * a.slot.minutes
            costs["level diversity"] -= a.slot.minutes if a.talk.level != b.talk.level else 0
            costs["language diversity"] -= 10 * a.slot.minutes if a.talk.language != b.talk.language else 0
        if a.slot.start.date() != b.slot.start.date():
            costs["same day"] += 10 * (contents + themes) * both
        elif a.room.id != b.room.id:
            costs["theme room stability"] += 10 * themes * both
        for first, second in ((a, b), (b, a)):
            if first.talk.level < second.talk.level and first.slot.end > second.slot.start:
                costs["level flow"] += 10 * contents * both
            if first.talk.favorites < second.talk.favorites and first.room.capacity > second.room.capacity:
                costs["popular talks"] += 10 * both
    for speaker in instance.speakers:
        days = [slot.start.date() for talk, slot, _ in held if speaker in talk.speakers]
        between = (max(days) - min(days)).days if days else 0
        costs["speaker makespan"] += 20 * 480 * max(0, between - 1)
    return costs


def _overlap(a: Held, b: Held) -> int:
    """Return the minutes in which two talks both go on."""
    both = min(a.slot.end, b.slot.end) - max(a.slot.start, b.slot.start)
    return max(0, int(both.total_seconds() // 60))


def _refused(wishes: Wishes, room: Room) -> int:
    return len(wishes.required - room.tags) + len(wishes.prohibited & room.tags)


def _unloved(wishes: Wishes, room: Room) -> int:
    return len(wishes.preferred - room.tags) + len(wishes.undesired & room.tags)
