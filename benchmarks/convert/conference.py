"""Conference scheduling (Timefold, JSON): talks to timeslots and rooms.

The hall of each talk is one of its type's rooms, its windows are its type's timeslots. Speakers are persons, who cannot be
in two places; tags are labels of sessions and features of halls. What is hard in the set is a rule, what is soft has the
set's weight in one tier: the points of a plan are the set's cost, rewards included.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.convert.names import ids_of
from benchmarks.convert.score import Score
from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.plan import Plan

EVENT = "programme"
CONFLICTS = {("theme",): 10, ("sector",): 10, ("audience", "theme"): 1, ("content",): 100}
"""What a minute costs in which two talks both go on, for each label of these kinds that they share."""
PAIR = 10
"""What a minute of two talks costs that are in the wrong halls, on different days or in the wrong order."""
VARIETY = {"audience": ("shared", 1), "level": ("different", 1), "language": ("different", 10)}
"""What kinds of labels are to be in one timeslot, and what each minute of it brings for each pair."""
UNLOVED = 20
"""What a minute costs for each tag of a room or a timeslot that is preferred and missing, or there and not desired."""
DAY_OF_STAY = 20 * 480
"""What each day costs that lies between the first and the last of a speaker."""


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


def convert(path: Path) -> dict[str, Any]:
    """Return the scenario of an instance.

    Raises InputError where the file cannot be read, or asks for what a scenario cannot say.
    """
    instance = read(path)
    talks = instance.talks
    issues = list(_unsayable(instance))
    if issues:
        raise InputError([Issue(Place(str(path)), issue) for issue in issues])
    slots = {slot for talk in talks.values() for slot in talk.timeslots}
    halls = {room for talk in talks.values() for room in talk.halls}
    roles = {speaker: _plain(speaker.id) for speaker in instance.speakers}
    sessions = {name.partition(".")[2]: _session(talk, instance, roles) for name, talk in talks.items()}
    rules: dict[str, Any] = {**_pauses(instance), **_orders(instance), **_crowds(instance), **_wished(instance)}
    if any(talk.exclusive for talk in talks.values()):
        rules["exclusive"] = {"rule": "shared-audience", "events": [EVENT], "by": ["exclusive"]}
    for kinds, weight in CONFLICTS.items():
        if all(_have(instance, kind) for kind in kinds):
            priced = {"soften": {"tier": 1, "weight": weight}}
            rules["-and-".join(kinds)] = {"rule": "shared-audience", "events": [EVENT], "by": [*kinds], **priced}
    return {
        "schema": 1,
        "id": ids_of([path.stem])[path.stem],
        "calendar": {
            "timezone": "UTC",
            "start": str(min(slot.start for slot in slots).date()),
            "end": str(max(slot.end for slot in slots).date()),
            "grid": f"{gcd(60, *(slot.start.minute for slot in slots))} min",
        },
        "grades": {"G3": {}},
        "venues": {
            "house": {
                "name": "The house",
                "halls": {
                    _plain(room.id): {
                        "seats": {"theatre": room.capacity},
                        "features": [instance.words[tag] for tag in sorted(room.tags)],
                    }
                    for room in sorted(halls, key=lambda room: room.id)
                },
            }
        },
        "delegations": {"speakers": {"name": "Speakers", "persons": [*roles.values()]}},
        "events": {EVENT: {"grade": "G3", "delegations": ["speakers"], "sessions": sessions}},
        "rules": rules,
        "goals": _goals(instance, roles),
        "pins": {
            name: {"hall": f"house.{_plain(talk.pin[1].id)}", "start": _local(talk.pin[0].start)}
            for name, talk in talks.items()
            if talk.pin is not None
        },
    }


def _unsayable(instance: Instance) -> Iterator[str]:
    """Yield why a plan's points could not be the set's score."""
    tags = {tag for talk in instance.talks.values() for room in talk.halls for tag in room.tags}
    for name, talk in instance.talks.items():
        if len({slot.minutes for slot in talk.timeslots}) != 1:
            yield f"{name} has timeslots of several lengths, or none"
        if not _open(talk):
            yield f"{name} has no timeslot in which all its speakers are available"
        if len({slot.start for slot in talk.timeslots}) < len(talk.timeslots):
            yield f"{name} has two timeslots of one time: which of them it is in, a plan does not tell"
        for slot, later in combinations(talk.timeslots, 2):
            if slot.start < later.end and later.start < slot.end and _dislike(talk, slot) != _dislike(talk, later):
                yield f"{name} has timeslots that overlap, of which one is liked more: {slot.id} and {later.id}"
        wanted = frozenset().union(talk.rooms.preferred, *(speaker.rooms.preferred for speaker in talk.speakers))
        if wanted - tags:
            yield f"{name} prefers what no room has, a fixed penalty: {', '.join(sorted(wanted - tags))}"
    times = {(slot.start, slot.end): slot for talk in instance.talks.values() for slot in talk.timeslots}
    for slot in {slot for talk in instance.talks.values() for slot in talk.timeslots}:
        if times[slot.start, slot.end].id != slot.id:
            yield f"{slot.id} and {times[slot.start, slot.end].id} are of one time, and talks in them not together"
        for other in times.values():
            if slot.start.date() < other.start.date() and other.start - slot.end < timedelta(minutes=instance.pause):
                yield f"from {slot.id} to {other.id}, on the next day, it is less than the pause of one day"


def _plain(name: str) -> str:
    """Return an id of the set as an id of a scenario: ``timeslot-1``."""
    return re.sub("[^a-z0-9_-]+", "-", name.lower())


def _local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def _have(instance: Instance, kind: str) -> bool:
    """Return whether there are talks with labels of a kind."""
    return any(kind in _labels(talk, instance) for talk in instance.talks.values())


def _labels(talk: Talk, instance: Instance) -> dict[str, Any]:
    words = {
        "theme": talk.themes,
        "sector": talk.sectors,
        "audience": talk.audiences,
        "content": talk.contents,
        "exclusive": talk.exclusive,
        "language": {talk.language},
    }
    labels: dict[str, Any] = {kind: [instance.words[word] for word in sorted(said)] for kind, said in words.items() if said}
    return labels | {"level": talk.level, "demand": talk.favorites}


def _open(talk: Talk) -> list[Timeslot]:
    """Return the timeslots in which every speaker of a talk is available."""
    barred = frozenset().union(*(speaker.barred for speaker in talk.speakers))
    return [slot for slot in talk.timeslots if slot.id not in barred]


def _dislike(talk: Talk, slot: Timeslot) -> int:
    """Return how many tags its speakers miss in a timeslot, or do not desire."""
    return sum(len(who.preferred - slot.tags) + len(who.undesired & slot.tags) for who in talk.speakers)


def _session(talk: Talk, instance: Instance, roles: dict[Speaker, str]) -> dict[str, Any]:
    needs = talk.rooms.required.union(*(speaker.rooms.required for speaker in talk.speakers))
    return {
        "name": talk.title,
        "duration": f"{talk.timeslots[0].minutes} min",
        "persons": [f"speakers.{roles[speaker]}" for speaker in talk.speakers],
        "halls": {"any": [f"house.{_plain(room.id)}" for room in talk.halls]},
        "needs": [instance.words[tag] for tag in sorted(needs)],
        "within": {_plain(slot.id): {"from": _local(slot.start), "to": _local(slot.end)} for slot in _open(talk)},
        "labels": _labels(talk, instance),
    }


def _pauses(instance: Instance) -> dict[str, Any]:
    """Return the rules that a speaker has a pause between two talks."""
    rules = {}
    for speaker in instance.speakers if instance.pause else ():
        given = [name for name, talk in instance.talks.items() if speaker in talk.speakers]
        if len(given) > 1:
            rules[f"pause-{_plain(speaker.id)}"] = {"rule": "apart", "gap": f"{instance.pause} min", "sessions": given}
    return rules


def _orders(instance: Instance) -> dict[str, Any]:
    """Return the rules that a talk comes after those that it builds on."""
    names = {talk.number: name for name, talk in instance.talks.items()}
    return {
        f"after-{talk.number}": {
            "rule": "requires",
            "session": name,
            "needs": [names[n] for n in sorted(talk.prerequisites)],
        }
        for name, talk in instance.talks.items()
        if talk.prerequisites
    }


def _crowds(instance: Instance) -> dict[str, Any]:
    """Return the rules that at most two talks that draw a crowd are in one timeslot: of one start and length."""
    rules = {}
    for minutes, names in _by_length(instance).items():
        crowds = [name for name in names if instance.talks[name].is_crowded]
        if len(crowds) > 2:
            rules[f"crowds-{minutes}"] = {"rule": "concurrency", "sessions": crowds, "most": 2, "each": "start"}
    return rules


def _by_length(instance: Instance) -> dict[int, list[str]]:
    lengths: dict[int, list[str]] = {}
    for name, talk in instance.talks.items():
        lengths.setdefault(talk.timeslots[0].minutes, []).append(name)
    return lengths


def _wished(instance: Instance) -> dict[str, Any]:
    """Return the rules for what is prohibited, preferred and not desired of rooms and timeslots, alike ones as one."""
    tags = {tag for talk in instance.talks.values() for room in talk.halls for tag in room.tags}
    stated: dict[str, dict[str, Any]] = {}

    def state(rule: dict[str, Any], session: str) -> None:
        stated.setdefault(json.dumps(rule), {**rule, "sessions": []})["sessions"].append(session)

    for name, talk in instance.talks.items():
        minutes, everybody = talk.timeslots[0].minutes, [talk.rooms, *(speaker.rooms for speaker in talk.speakers)]
        for tag in sorted(tags & {tag for wishes in everybody for tag in wishes.prohibited}):
            state({"rule": "tags", "forbid": [instance.words[tag]]}, name)
        for key, wished in (("prefer", 1), ("forbid", 3)):
            counted = Counter(tag for wishes in everybody for tag in wishes[wished] if tag in tags)
            for tag, times in sorted(counted.items()):
                soften = {"tier": 1, "weight": UNLOVED * minutes * times}
                state({"rule": "tags", key: [instance.words[tag]], "soften": soften}, name)
        disliked: dict[int, list[Timeslot]] = {}
        for slot in talk.timeslots:
            disliked.setdefault(_dislike(talk, slot), []).append(slot)
        for times, slots in disliked.items():
            if times:
                spans = {_plain(slot.id): {"from": _local(slot.start), "to": _local(slot.end)} for slot in slots}
                soften = {"tier": 1, "weight": UNLOVED * times}
                state({"rule": "unavailable", "times": spans, "soften": soften}, name)
    return {f"wish-{number}": rule for number, rule in enumerate(stated.values(), 1)}


def _goals(instance: Instance, roles: dict[Speaker, str]) -> dict[str, Any]:
    both: dict[str, Any] = {"events": [EVENT], "tier": 1, "weight": PAIR, "by-minutes": True}
    goals: dict[str, Any] = {"halls": {"goal": "larger-halls", "by": "demand", **both}}
    subjects = {"theme-hall": ("theme", "hall"), "theme-day": ("theme", "day"), "content-day": ("content", "day")}
    for name, (kind, keep) in subjects.items():
        if _have(instance, kind):
            goals[name] = {"goal": "same-subject", "by": kind, "keep": keep, **both}
    if _have(instance, "content"):
        goals["flow"] = {"goal": "same-subject", "by": "content", "keep": "order", "rank": "level", **both}
    for minutes, names in _by_length(instance).items():
        for kind, (want, weight) in VARIETY.items():
            if _have(instance, kind):
                said = {"goal": "variety", "tier": 1, "weight": weight * minutes, "sessions": names}
                goals[f"{kind}-{minutes}"] = {**said, "by": kind, "want": want}
    persons = [f"speakers.{role}" for role in roles.values()]
    if persons:
        goals["stay"] = {"goal": "compact-days", "tier": 1, "weight": DAY_OF_STAY, "what": "stay", "persons": persons}
    return goals


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
        rooms = [room for room in talk.halls if placed is not None and placed.hall == f"house.{_plain(room.id)}"]
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
