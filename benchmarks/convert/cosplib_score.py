"""The score of CoSPLib: its sixteen terms, counted in a plan by the set's own definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from itertools import combinations
from pathlib import Path

from benchmarks.convert.cosplib_instance import TERMS, Conflicts, Instance, read
from benchmarks.convert.names import ids_of
from benchmarks.convert.score import Score
from scheduler.plan import Placed, Plan

MONDAY = date(2027, 5, 10)
BLOCK = 60
"""Minutes from the beginning of one session of the set to that of the next."""
HOUSE = "house"


class Cells:
    """Where a plan puts the submissions, in the words of the set: by session and room, each from a slot on."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        tracks, names = ids_of(instance.tracks), ids_of(instance.submissions)
        rooms = {f"{HOUSE}.{identity}": name for name, identity in ids_of(instance.rooms).items()}
        known = {f"{tracks[s.track]}.{names[name]}": name for name, s in instance.submissions.items()}
        self.instance = instance
        self.where: dict[str, tuple[str, str, int]] = {}
        """The session, the room and the first slot of each submission that is placed as it has to be."""
        self.unknown = [session for session in plan.sessions if session not in known]
        for session, placed in plan.sessions.items():
            room, when = rooms.get(placed.hall), self._when(placed)
            if session in known and room is not None and when is not None:
                name, (block, slot, slots) = known[session], when
                wanted = instance.submissions[name].slots
                if slots == wanted and slot + slots <= instance.sessions[block].slots:
                    self.where[name] = (block, room, slot)
        self.tracks: dict[tuple[str, str], str] = {}
        """The track of each session and room in use; where there are several, the last."""
        self.by_slot: dict[tuple[str, int], list[str]] = defaultdict(list)
        """The submissions of each session and slot."""
        for name, (block, room, slot) in self.where.items():
            self.tracks[block, room] = instance.submissions[name].track
            for taken in range(slot, slot + instance.submissions[name].slots):
                self.by_slot[block, taken].append(name)

    def _when(self, placed: Placed) -> tuple[str, int, int] | None:
        """Return the session, the first slot and the number of slots of a placement, None where it is in no session."""
        since = placed.start.astimezone(UTC) - datetime.combine(MONDAY, time(), UTC)
        minutes, seconds = divmod(int(since.total_seconds()), 60)
        number, slot = divmod(minutes, BLOCK)
        blocks = list(self.instance.sessions)
        if seconds or number not in range(len(blocks)):
            return None
        return blocks[number], slot, int((placed.end - placed.start).total_seconds() // 60)

    def rooms_of(self, track: str, session: str) -> list[str]:
        """Return the rooms in which a track is in a session."""
        return [room for (block, room), there in self.tracks.items() if (block, there) == (session, track)]

    def violations(self) -> dict[str, int]:
        """Return what the set does not take, counted."""
        taken = Counter((slot, self.where[name][1]) for slot, names in self.by_slot.items() for name in names)
        submissions = self.instance.submissions
        owners = {(*self.where[name][:2], submissions[name].track) for name in self.where}
        return {
            "submissions not placed": len(submissions) - len(self.where),
            "unknown submissions": len(self.unknown),
            "slots taken twice": sum(there - 1 for there in taken.values()),
            "tracks too many in a room": len(owners) - len(self.tracks),
        }


def score(path: Path, plan: Plan) -> Score:
    """Return the set's objective of a plan, and what it would not take of it.

    A room has for a session the track of the submissions that are in it. A submission elsewhere than in slots of one
    session, or not as long as it has to be, is not placed and counts in no term.
    """
    instance = read(path)
    cells = Cells(instance, plan)
    counts = [
        sum(instance.tracks_sessions[track][session] for (session, _), track in cells.tracks.items()),
        sum(instance.tracks_rooms[track][room] for (_, room), track in cells.tracks.items()),
        sum(instance.sessions_rooms[session][room] for session, room in cells.tracks),
        sum(penalty * _meetings(cells, pair) for pair, penalty in instance.similar.items()),
        *_spread(cells),
        _hours(cells),
        _order(cells),
        sum(_slots(cells, name) * instance.submissions_sessions[name][at[0]] for name, at in cells.where.items()),
        sum(_slots(cells, name) * instance.submissions_rooms[name][at[1]] for name, at in cells.where.items()),
        *_conflicts(cells),
    ]
    weighted = zip(TERMS, counts, strict=True)
    return Score(cells.violations(), {term: instance.weights[term] * count for term, count in weighted})


def _slots(cells: Cells, name: str) -> int:
    return cells.instance.submissions[name].slots


def _meetings(cells: Cells, tracks: tuple[str, str]) -> int:
    """Return the pairs of rooms, over all sessions, of which one has the one track and one the other."""
    one, other = tracks
    return sum(len(cells.rooms_of(one, s)) * len(cells.rooms_of(other, s)) for s in cells.instance.sessions)


def _spread(cells: Cells) -> tuple[int, int, int]:
    """Return the rooms per track beyond the first, the parallel ones in a session, and the tracks with a broken run."""
    rooms = parallel = broken = 0
    sessions = list(cells.instance.sessions)
    for track in cells.instance.tracks:
        used = {session: len(cells.rooms_of(track, session)) for session in sessions}
        rooms += max(0, len({room for (_, room), there in cells.tracks.items() if there == track}) - 1)
        parallel += sum(max(0, there - 1) for there in used.values())
        indices = [number for number, session in enumerate(sessions) if used[session]]
        broken += bool(indices) and indices[-1] - indices[0] + 1 > len(indices)
    return rooms, parallel, broken


def _hours(cells: Cells) -> int:
    """Return the penalties by time zone."""
    instance, total = cells.instance, 0
    for name, (session, _, _) in cells.where.items():
        submission = instance.submissions[name]
        total += submission.slots * instance.hours.penalty(instance.sessions[session], submission.zone)
    return total


def _order(cells: Cells) -> int:
    """Return the submissions that are not in their place in their track, and the pairs with a place at one time."""
    instance = cells.instance
    total = 0
    for track in instance.tracks:
        there = [name for name in cells.where if instance.submissions[name].track == track]
        there.sort(key=lambda name: _walked(cells, name))
        orders = [instance.submissions[name].order for name in there]
        total += sum(order not in (0, position) for position, order in enumerate(orders, 1))
    for names in cells.by_slot.values():
        ordered = [name for name in names if instance.submissions[name].order]
        total += sum(instance.submissions[a].track == instance.submissions[b].track for a, b in combinations(ordered, 2))
    return total


def _walked(cells: Cells, name: str) -> tuple[int, int, int]:
    """Return where a submission comes in a walk through the sessions, the rooms of each, the slots of each."""
    session, room, slot = cells.where[name]
    return list(cells.instance.sessions).index(session), cells.instance.rooms.index(room), slot


def _conflicts(cells: Cells) -> tuple[int, int, int, int, int]:
    """Return the conflicts of presenters, attendees and chairs in a session, then those of the first two in a slot."""
    conflicts = Conflicts(cells.instance)

    def apart(pairs: Iterable[tuple[str, str]]) -> int:
        """Count the pairs in one session and different rooms."""
        there = [(cells.where[a], cells.where[b]) for a, b in pairs if a in cells.where and b in cells.where]
        return sum(a[0] == b[0] and a[1] != b[1] for a, b in there)

    def at_once(pairs: Iterable[tuple[str, str]]) -> int:
        """Count the slots that pairs share."""
        return sum(a in names and b in names for a, b in pairs for names in cells.by_slot.values())

    return (
        apart(conflicts.presenters),
        apart(conflicts.attendees),
        sum(_meetings(cells, pair) for pair in conflicts.chairs),
        at_once(conflicts.presenters),
        at_once(conflicts.attendees),
    )
