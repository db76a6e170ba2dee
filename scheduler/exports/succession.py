"""From one issue to the next: what changed for the reader, what was cancelled, and how often it has changed by now.

Two views are compared, not two plans: a change that a reader may not see is none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Generic, TypeVar

from scheduler.exports.directory import with_names
from scheduler.exports.redaction import Redaction, by_time
from scheduler.exports.view import Change, Leg, Session, View

Item = TypeVar("Item", Session, Leg)


def following(before: View, now: View, redaction: Redaction) -> View:
    """Return ``now`` as the issue after ``before``: numbered, with sequences, cancelled items and the changes.

    What was shown before is cut to what may be shown now.
    """
    sessions = _Succession(before.sessions, before.cancelled, redaction.once_shown)
    legs = _Succession(before.legs, before.cancelled_legs, redaction.leg_once_shown)
    turned = before.confirmed != now.confirmed
    here, cancelled = sessions.held(now.sessions, turned), sorted(sessions.cancelled(now.sessions), key=by_time)
    changes = [
        *(_change(change, session=was) for change, was in sessions.changes(now.sessions)),
        *(_change(change, leg=was) for change, was in legs.changes(now.legs)),
    ]
    view = now.model_copy(
        update={
            "number": before.number + 1,
            "sessions": here,
            "cancelled": cancelled,
            "legs": legs.held(now.legs, turned),
            "cancelled_legs": legs.cancelled(now.legs),
            "changes": changes,
        }
    )
    return with_names(view, redaction.scenario, before)


def _change(change: Change, session: Session | None = None, leg: Leg | None = None) -> Change:
    return change.model_copy(update={"session": session, "leg": leg})


class _Succession(Generic[Item]):
    """What has become of the items of one kind; ``cut`` tells what of an earlier one may be shown now."""

    def __init__(self, before: Iterable[Item], cancelled: Iterable[Item], cut: Callable[[Item], Item | None]) -> None:
        self._before: dict[str, Item] = _cut(before, cut)
        self._cancelled: dict[str, Item] = _cut(cancelled, cut)

    def held(self, now: Iterable[Item], turned: bool) -> list[Item]:
        """Return the items of now with their sequences; all are raised where the issue was confirmed, or is no more."""
        return [item.model_copy(update={"sequence": self._sequence(item, turned)}) for item in now]

    def _sequence(self, item: Item, turned: bool) -> int:
        if item.ref in self._cancelled:
            return int(self._cancelled[item.ref].sequence) + 1
        was = self._before.get(item.ref)
        if was is None:
            return 0
        return int(was.sequence) + (1 if turned or _differing(was, item) else 0)

    def cancelled(self, now: Iterable[Item]) -> list[Item]:
        """Return the items of earlier issues that are not among those of now; what is cancelled now is one change more."""
        held = {item.ref for item in now}
        newly = {ref: item.model_copy(update={"sequence": item.sequence + 1}) for ref, item in self._before.items()}
        return [item for ref, item in (self._cancelled | newly).items() if ref not in held]

    def changes(self, now: Collection[Item]) -> Iterator[tuple[Change, Item | None]]:
        """Yield what changed since the issue before, each with what was shown there."""
        held = {item.ref for item in now}
        for item in now:
            was = self._before.get(item.ref)
            if was is None:
                yield Change(kind="new", ref=item.ref), None
            elif fields := _differing(was, item):
                yield Change(kind="changed", ref=item.ref, fields=fields), was
        for ref, was in self._before.items():
            if ref not in held:
                yield Change(kind="cancelled", ref=ref), was


def _cut(items: Iterable[Item], cut: Callable[[Item], Item | None]) -> dict[str, Item]:
    return {item.ref: shown for item in items if (shown := cut(item)) is not None}


def _differing(was: Item, item: Item) -> list[str]:
    """Return the fields in which two states of an item differ."""
    return [name for name in type(item).model_fields if name != "sequence" and getattr(was, name) != getattr(item, name)]
