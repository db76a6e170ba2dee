"""Curriculum-based timetables (ITC-2007 track 3, formulation UD2): lectures to rooms and periods.

A course is an event, its lectures are the sessions; the rooms are halls of one house, a period is an hour from 08:00. Its
teacher and its curricula are persons who attend, and who cannot be in two places: that keeps apart what the set calls in
conflict, and the lectures of one course. The four penalties are seats short, and goals of one tier.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, timedelta
from itertools import combinations, groupby
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.convert.names import ids_of
from benchmarks.convert.score import Score
from scheduler.errors import InputError, Issue, Place, file_errors
from scheduler.plan import Plan

MONDAY = date(2027, 5, 10)
OPENS = 8
"""The hour at which the first period of a day begins."""
SEATS, DAYS, COMPACT, STEADY = 1, 5, 2, 1
"""What a seat short, a missing day, an isolated lecture and a further room cost."""


class Course(NamedTuple):
    """A course, under its name in the file."""

    teacher: str
    lectures: int
    least_days: int
    students: int


class Instance(NamedTuple):
    """What a file says, by its names and in its order."""

    courses: dict[str, Course]
    rooms: dict[str, int]
    curricula: dict[str, tuple[str, ...]]
    barred: frozenset[tuple[str, int, int]]
    days: int
    periods: int


def read(path: Path) -> Instance:
    """Return the instance in a file.

    Raises InputError where the file does not hold what its header says.
    """
    header: dict[str, str] = {}
    sections: dict[str, list[list[str]]] = {}
    section = ""
    with file_errors(str(path), "read the instance"):
        lines = path.read_text(encoding="latin-1").splitlines()
    for words in map(str.split, lines):
        if not words or words == ["END."]:
            continue
        if len(words) == 1 and words[0].endswith(":"):
            section = words[0]
            sections[section] = []
        elif section:
            sections[section].append(words)
        else:
            header[words[0]] = words[-1]
    try:
        courses = {
            name: Course(teacher, int(lectures), int(days), int(students))
            for name, teacher, lectures, days, students in sections["COURSES:"]
        }
        rooms = {name: int(capacity) for name, capacity in sections["ROOMS:"]}
        curricula = {name: tuple(members) for name, _, *members in sections["CURRICULA:"]}
        barred = frozenset(
            (course, int(day), int(period)) for course, day, period in sections["UNAVAILABILITY_CONSTRAINTS:"]
        )
        told = [int(header[key]) for key in ("Courses:", "Rooms:", "Curricula:", "Constraints:")]
        days, periods = int(header["Days:"]), int(header["Periods_per_day:"])
    except (KeyError, ValueError) as error:
        raise InputError([Issue(Place(str(path)), f"this is no ITC-2007 timetable: {error}")]) from error
    found = [len(courses), len(rooms), len(curricula), len(sections["UNAVAILABILITY_CONSTRAINTS:"])]
    if found != told:
        raise InputError([Issue(Place(str(path)), f"the header tells of {told} courses, rooms … and there are {found}")])
    return Instance(courses, rooms, curricula, barred, days, periods)


def convert(path: Path) -> dict[str, Any]:
    """Return the scenario of an instance.

    Raises InputError where the file cannot be read, or asks for what a scenario cannot say.
    """
    instance = read(path)
    _require_sayable(path, instance)
    rooms, courses = ids_of(instance.rooms), ids_of(instance.courses)
    teachers = ids_of(course.teacher for course in instance.courses.values())
    curricula = ids_of(instance.curricula)
    attended: dict[str, list[str]] = {name: [] for name in courses}
    for curriculum, members in instance.curricula.items():
        for member in members:
            attended[member].append(f"curricula.{curricula[curriculum]}")
    delegations: dict[str, Any] = {"teachers": {"name": "Teachers", "persons": list(teachers.values())}}
    if curricula:
        delegations["curricula"] = {"name": "Students, by curriculum", "persons": list(curricula.values())}
    events = {}
    for name, course in instance.courses.items():
        session = {
            "duration": "1 h",
            "attendance": course.students,
            "persons": [f"teachers.{teachers[course.teacher]}", *attended[name]],
        }
        events[courses[name]] = {
            "name": name,
            "grade": "G3",
            "delegations": ["teachers", "curricula"] if attended[name] else ["teachers"],
            "within": _windows(instance, name),
            "sessions": {f"s{number}": session for number in range(1, course.lectures + 1)},
        }
    return {
        "schema": 1,
        "id": ids_of([path.stem])[path.stem],
        "calendar": {
            "timezone": "UTC",
            "start": str(MONDAY),
            "end": str(MONDAY + timedelta(days=instance.days - 1)),
            "grid": "1 h",
        },
        "grades": {"G3": {}},
        "venues": {
            "house": {
                "name": "The house",
                "hours": f"{_clock(0)}-{_clock(instance.periods)}",
                "halls": {rooms[name]: {"seats": {"theatre": seats}} for name, seats in instance.rooms.items()},
            }
        },
        "delegations": delegations,
        "events": events,
        "rules": {"seats": {"rule": "seating", "soften": {"tier": 1, "weight": SEATS}}},
        "goals": _goals(instance, courses, curricula),
    }


def _require_sayable(path: Path, instance: Instance) -> None:
    """Raise InputError where a plan's points could not be the set's score."""
    issues = []
    if instance.periods > 24 - OPENS:
        issues.append(f"a day has {instance.periods} periods; from {OPENS}:00 on there are {24 - OPENS} hours")
    for name, course in instance.courses.items():
        if course.least_days > course.lectures:
            issues.append(f"{name} is to be on {course.least_days} days with {course.lectures} lectures: a fixed penalty")
        if not _windows(instance, name):
            issues.append(f"{name} is barred from every period")
    for curriculum, members in instance.curricula.items():
        unknown = [member for member in members if member not in instance.courses]
        issues += [f"{curriculum} names {member}, which is no course" for member in unknown]
    if issues:
        raise InputError([Issue(Place(str(path)), issue) for issue in issues])


def _windows(instance: Instance, course: str) -> dict[str, Any]:
    """Return the unbroken runs of periods in which a course may be taught."""
    windows = {}
    for day in range(instance.days):
        free = [period for period in range(instance.periods) if (course, day, period) not in instance.barred]
        for _, run in groupby(enumerate(free), lambda item: item[1] - item[0]):
            first, *rest = (period for _, period in run)
            last = rest[-1] if rest else first
            on = MONDAY + timedelta(days=day)
            windows[f"day-{day}-{first}"] = {"date": str(on), "time": f"{_clock(first)}-{_clock(last + 1)}"}
    return windows


def _clock(period: int) -> str:
    return f"{OPENS + period:02d}:00"


def _goals(instance: Instance, courses: dict[str, str], curricula: dict[str, str]) -> dict[str, Any]:
    several = {courses[name]: course for name, course in instance.courses.items() if course.lectures > 1}
    goals: dict[str, Any] = {}
    if several:
        goals["steady"] = {"goal": "same-hall", "tier": 1, "weight": STEADY, "events": list(several)}
    for event, course in several.items():
        if course.least_days > 1:
            sessions = [f"{event}.s{number}" for number in range(1, course.lectures + 1)]
            spread = {"goal": "spread", "tier": 1, "weight": DAYS, "least": course.least_days, "sessions": sessions}
            goals[f"days-{event}"] = spread
    if curricula:
        persons = [f"curricula.{person}" for person in curricula.values()]
        compact = {"goal": "compact-days", "tier": 1, "weight": COMPACT, "what": "isolated", "slot": "1 h"}
        goals["compact"] = {**compact, "persons": persons}
    return goals


def score(path: Path, plan: Plan) -> Score:
    """Return what the set's validator says of a plan.

    As there, a session of an unknown course or room or off the periods is skipped, and a second of a course in a period.
    """
    instance = read(path)
    rooms = {f"house.{identity}": name for name, identity in ids_of(instance.rooms).items()}
    courses = {identity: name for name, identity in ids_of(instance.courses).items()}
    taught: dict[str, dict[tuple[int, int], str]] = {name: {} for name in instance.courses}
    for session, placed in plan.sessions.items():
        course, room = courses.get(session.split(".")[0]), rooms.get(placed.hall)
        start = placed.start.astimezone(UTC)
        when = (start.date() - MONDAY).days, start.hour - OPENS
        on_time = when[0] in range(instance.days) and when[1] in range(instance.periods) and start.minute == 0
        if course is not None and room is not None and on_time:
            taught[course].setdefault(when, room)
    occupied = Counter((when, room) for lectures in taught.values() for when, room in lectures.items())
    violations = {
        "lectures": sum(abs(len(taught[name]) - course.lectures) for name, course in instance.courses.items()),
        "conflicts": sum(len(taught[a].keys() & taught[b].keys()) for a, b in _conflicts(instance)),
        "availability": sum((name, *when) in instance.barred for name, lectures in taught.items() for when in lectures),
        "room occupation": sum(there - 1 for there in occupied.values()),
    }
    short = days = further_rooms = isolated = 0
    for name, asked in instance.courses.items():
        used = taught[name].values()
        short += sum(max(0, asked.students - instance.rooms[room]) for room in used)
        days += max(0, asked.least_days - len({day for day, _ in taught[name]}))
        further_rooms += max(0, len(set(used)) - 1)
    for members in instance.curricula.values():
        busy = Counter(when for member in members for when in taught[member])
        isolated += sum(
            lectures for (day, period), lectures in busy.items() if not {(day, period - 1), (day, period + 1)} & busy.keys()
        )
    penalties = {
        "room capacity": SEATS * short,
        "minimum working days": DAYS * days,
        "curriculum compactness": COMPACT * isolated,
        "room stability": STEADY * further_rooms,
    }
    return Score(violations, penalties)


def _conflicts(instance: Instance) -> set[tuple[str, str]]:
    """Return the pairs of courses that share a teacher or a curriculum, each once."""
    together = [set(members) for members in instance.curricula.values()]
    for teacher in {course.teacher for course in instance.courses.values()}:
        together.append({name for name, course in instance.courses.items() if course.teacher == teacher})
    return {pair for members in together for pair in combinations(sorted(members), 2)}
