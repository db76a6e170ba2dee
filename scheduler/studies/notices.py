"""Change notices: for each delegation, venue, shared resource and hotel what was, what is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scheduler.plan import Placed
from scheduler.scenario.scenario import Scenario
from scheduler.studies.compare import Change, Comparison, delegations_of, session_name, where_and_when


class Entry(NamedTuple):
    """One line of a notice: what it is about, what was, what is, and why."""

    what: str
    was: str
    now: str
    why: str


class Notice(NamedTuple):
    """What one addressee has to know; ``kind`` is ``delegation``, ``venue``, ``pool`` or ``hotel``."""

    kind: str
    id: str
    name: str
    entries: tuple[Entry, ...]


def notices(scenario: Scenario, found: Comparison, reasons: Mapping[str, str]) -> list[Notice]:
    """Return a notice for everybody whom some change concerns; ``reasons`` says why, by session."""
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for change in found.changes:
        entry = Entry(
            session_name(scenario, change.session),
            where_and_when(scenario, change.was),
            where_and_when(scenario, change.now),
            reasons.get(change.session, ""),
        )
        for addressee in _concerned(scenario, change):
            grouped.setdefault(addressee, []).append(entry)
    for home in found.homes:
        was, now = (_hotel_name(scenario, hotel) for hotel in (home.was, home.now))
        entry = Entry(f"Stay of {scenario.delegation_name(home.delegation)}", was, now, "")
        for addressee in (("delegation", home.delegation), *(("hotel", h) for h in (home.was, home.now) if h)):
            grouped.setdefault(addressee, []).append(entry)
    kinds = ("delegation", "venue", "pool", "hotel")
    ordered = sorted(grouped, key=lambda addressee: (kinds.index(addressee[0]), _rank(scenario, *addressee)))
    return [Notice(kind, id_, _name(scenario, kind, id_), tuple(grouped[kind, id_])) for kind, id_ in ordered]


def notice_text(notice: Notice) -> str:
    """Return a notice as people read it."""
    lines = [f"{notice.name}: {len(notice.entries)} change{'s' if len(notice.entries) > 1 else ''}"]
    for entry in notice.entries:
        lines += [f"  {entry.what}", f"    was  {entry.was}", f"    is   {entry.now}"]
        lines += [f"    why  {entry.why}"] if entry.why else []
    return "\n".join(lines) + "\n"


def _concerned(scenario: Scenario, change: Change) -> Iterator[tuple[str, str]]:
    for name in sorted(delegations_of(scenario, change.session)):
        yield "delegation", name
    for venue in sorted({change.left, change.came_to} - {None}, key=str):
        yield "venue", str(venue)
    for pool in sorted(_pools(scenario, change.session, change.was) | _pools(scenario, change.session, change.now)):
        yield "pool", pool


def _pools(scenario: Scenario, session: str, placed: Placed | None) -> set[str]:
    if placed is None or session not in scenario.sessions:
        return set()
    ways = {way.option: way for way in scenario.sessions[session].ways}
    return set(ways[placed.option or ""].uses) if (placed.option or "") in ways else set()


def _rank(scenario: Scenario, kind: str, id_: str) -> tuple[int, str]:
    known = {
        "delegation": scenario.delegations,
        "venue": scenario.venues,
        "pool": scenario.file.pools,
        "hotel": scenario.hotels,
    }[kind]
    return (list(known).index(id_) if id_ in known else len(known), id_)


def _name(scenario: Scenario, kind: str, id_: str) -> str:
    if kind == "delegation":
        return scenario.delegation_name(id_)
    if kind == "hotel":
        return _hotel_name(scenario, id_)
    if kind == "venue":
        return str(scenario.venues[id_].name) if id_ in scenario.venues else id_
    return str(scenario.file.pools[id_].name or id_)


def _hotel_name(scenario: Scenario, hotel: str | None) -> str:
    return "nowhere" if hotel is None else str(scenario.hotels[hotel].name) if hotel in scenario.hotels else hotel
