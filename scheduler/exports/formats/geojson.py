"""GeoJSON (RFC 7946): a point for each venue and hotel, a line for each leg whose two ends are shown, with its times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scheduler.exports.formats import Wishes
from scheduler.exports.view import Leg, Place, Position, Session, View
from scheduler.exports.words import Words


def files(view: View, words: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    """Yield one collection."""
    features = [*_places(view, words, "venue"), *_places(view, words, "hotel")]
    features += [feature for leg in view.legs if (feature := _leg(view, words, leg)) is not None]
    collection = {
        "type": "FeatureCollection",
        "scenario": view.scenario,
        "issue": view.number,
        "confirmed": view.confirmed,
        **({"broken": words.say("broken")} if view.broken else {}),
        "features": features,
    }
    yield "map.geojson", (json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _places(view: View, words: Words, kind: str) -> Iterator[dict[str, Any]]:
    places: dict[str, Place] = view.venues if kind == "venue" else view.hotels
    for name, place in places.items():
        if place.at is None:
            continue
        properties: dict[str, Any] = {"kind": kind, **words.columns("name", place.name)}
        if kind == "venue":
            properties["sessions"] = [_session(words, session) for session in view.of_venue(name)]
        else:
            guests = [view.delegations[delegation] for delegation, hotel in view.homes.items() if hotel == name]
            properties["delegations"] = [words.name(guest) for guest in guests]
        yield _feature(name, {"type": "Point", "coordinates": _turned(place.at)}, properties)


def _session(words: Words, session: Session) -> dict[str, Any]:
    times = {"date": session.date, "start": session.start, "end": session.end}
    told = {key: moment.isoformat() for key, moment in times.items() if moment is not None}
    return {"ref": session.ref, **words.columns("name", session.label), **told}


def _leg(view: View, words: Words, leg: Leg) -> dict[str, Any] | None:
    line = view.way(leg)
    if not line:
        return None
    properties: dict[str, Any] = {
        "kind": "leg",
        "ref": leg.ref,
        "delegation": leg.delegation,
        **words.columns("delegation", view.delegations[leg.delegation]),
        "persons": [words.name(person) for person in leg.persons],
        "from": leg.from_,
        "to": leg.to,
        "leave": view.wall(leg.leave).isoformat(),
        "arrive": view.wall(leg.arrive).isoformat(),
    }
    if leg.escorted is not None:
        properties["escorted"] = leg.escorted
    if leg.corridors is not None:
        properties["corridors"] = [words.name(view.corridors[corridor]) for corridor in leg.corridors]
    return _feature(leg.ref, {"type": "LineString", "coordinates": [_turned(point) for point in line]}, properties)


def _feature(ref: str, geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": ref, "geometry": geometry, "properties": properties}


def _turned(at: Position) -> list[float]:
    """Return longitude and latitude, in the order of GeoJSON."""
    return [at[1], at[0]]
