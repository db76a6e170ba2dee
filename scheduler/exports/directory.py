"""The names and places that a view speaks of, and no others; every name on one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

from scheduler.exports.view import Place, Position, Session, View
from scheduler.scenario.city import Name
from scheduler.scenario.scenario import Scenario


def with_names(view: View, scenario: Scenario, before: View | None = None) -> View:
    """Return a view with its directories; ``before``, an earlier issue, knows what the scenario has no more.

    A hotel is named where a home or the end of a leg is: where it is withheld, neither is there.
    """
    sessions = [*view.sessions, *view.cancelled, *(change.session for change in view.changes if change.session)]
    legs = [*view.legs, *view.cancelled_legs, *(change.leg for change in view.changes if change.leg)]
    ends = {end for leg in legs for end in (leg.from_, leg.to) if end}
    parties = {view.delegation or "", *view.homes, *(leg.delegation for leg in legs)}
    parties |= {delegation for session in sessions for delegation in session.participants}
    closed = {corridor for leg in legs for corridor in leg.corridors or ()}
    hotels = {name: Place(name=clean(hotel.name), at=position(scenario, name)) for name, hotel in scenario.hotels.items()}
    delegations = {name: clean(known.name or Name(en=name)) for name, known in scenario.delegations.items()}
    corridors = {name: clean(corridor.name) for name, corridor in scenario.file.network.corridors.items()}
    return view.model_copy(
        update={
            "venues": _venues(scenario, ends, sessions, before),
            "hotels": _among(ends | set(view.homes.values()), hotels, before.hotels if before else {}),
            "corridors": _among(closed, corridors, before.corridors if before else {}),
            "delegations": _among(parties, delegations, before.delegations if before else {}),
        }
    )


Named = TypeVar("Named", Name, Place)


def _among(spoken: set[str], known: Mapping[str, Named], before: Mapping[str, Named]) -> dict[str, Named]:
    gone = {name: said for name, said in before.items() if name not in known}
    return {name: said for name, said in {**known, **gone}.items() if name in spoken}


def _venues(scenario: Scenario, ends: set[str], sessions: Iterable[Session], before: View | None) -> dict[str, Place]:
    """Return the venues of sessions and at the ends of legs, each with those of its halls in which sessions are."""
    spoken = {session.hall for session in sessions if session.hall}
    halls: dict[str, dict[str, Name]] = {}
    for name, place in before.venues.items() if before else ():
        halls[name] = {hall: said for hall, said in place.halls.items() if hall in spoken}
    for hall in scenario.bookables.keys() & spoken:
        bookable = scenario.bookables[hall]
        halls.setdefault(bookable.venue, {})[hall] = clean(bookable.name)
    venues = {name: Place(name=clean(venue.name), at=position(scenario, name)) for name, venue in scenario.venues.items()}
    used = _among(ends | {session.venue for session in sessions if session.venue}, venues, before.venues if before else {})
    return {
        name: place.model_copy(update={"halls": dict(sorted(halls.get(name, {}).items()))}) for name, place in used.items()
    }


def node(scenario: Scenario, place: str) -> str:
    """Return the node of the network at which a venue or a hotel stands; nothing where it stands at none."""
    known = scenario.venues.get(place) or scenario.hotels.get(place)
    return (known.node if known else None) or ""


def position(scenario: Scenario, place: str) -> Position | None:
    """Return where a venue or a hotel is, if it stands at a node."""
    found = scenario.file.network.nodes.get(node(scenario, place))
    return found.at if found else None


def clean(name: Name) -> Name:
    """Return a name on one line, without the signs that no text format may hold."""
    return Name(en=_clean(name.en) or "–", zh=_clean(name.zh or "") or None)


def _clean(text: str) -> str:
    """Return a text with its control signs (also those that turn the direction of what follows) as spaces."""
    spaced = (" " if _is_control(sign) else sign for sign in text)
    return " ".join("".join(spaced).split())


def _is_control(sign: str) -> bool:
    return (
        unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Zl", "Zp")
        or "\u202a" <= sign <= "\u202e"
        or "\u2066" <= sign <= "\u2069"
    )
