"""Conference scheduling (Timefold, JSON): talks to timeslots and rooms.

The hall of each talk is one of its type's rooms, its windows are its type's timeslots. Speakers are persons, who cannot be
in two places; tags are labels of sessions and features of halls. What is hard in the set is a rule, what is soft has the
set's weight in one tier: the points of a plan are the set's cost, rewards included.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from math import gcd
from pathlib import Path
from typing import Any

from benchmarks.convert.conference_score import EVENT, Instance, Speaker, Talk, Timeslot, plain, read
from benchmarks.convert.names import ids_of
from scheduler.errors import InputError, Issue, Place

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
    roles = {speaker: plain(speaker.id) for speaker in instance.speakers}
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
                    plain(room.id): {
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
            name: {"hall": f"house.{plain(talk.pin[1].id)}", "start": _local(talk.pin[0].start)}
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
        "halls": {"any": [f"house.{plain(room.id)}" for room in talk.halls]},
        "needs": [instance.words[tag] for tag in sorted(needs)],
        "within": {plain(slot.id): {"from": _local(slot.start), "to": _local(slot.end)} for slot in _open(talk)},
        "labels": _labels(talk, instance),
    }


def _pauses(instance: Instance) -> dict[str, Any]:
    """Return the rules that a speaker has a pause between two talks."""
    rules = {}
    for speaker in instance.speakers if instance.pause else ():
        given = [name for name, talk in instance.talks.items() if speaker in talk.speakers]
        if len(given) > 1:
            rules[f"pause-{plain(speaker.id)}"] = {"rule": "apart", "gap": f"{instance.pause} min", "sessions": given}
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
                spans = {plain(slot.id): {"from": _local(slot.start), "to": _local(slot.end)} for slot in slots}
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
