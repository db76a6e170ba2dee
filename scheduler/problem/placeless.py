"""Sessions that fit nowhere, whatever the others do: the cheapest proof that there is no plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scheduler.errors import Issue, Place, nearest
from scheduler.load import Loaded
from scheduler.problem.compile import Places, refused
from scheduler.rules import Refusal
from scheduler.scenario.scenario import Session
from scheduler.scenario.strict_yaml import place_of


def placeless(loaded: Loaded, places: Places | None = None) -> Iterator[Issue]:
    """Yield an issue for each session that has to be held and has no candidate placement, with the reasons by hall.

    ``places`` spares looking for the first that is left to each.
    """
    scenario = loaded.scenario
    for session in scenario.sessions.values():
        needed = session.absence_price is None and scenario.events[session.event].optional is None
        if not (needed or session.id in scenario.pins):
            continue
        if places[session.id] if places else any(starts for _, starts, _ in refused(scenario, loaded.rules, session)):
            continue
        by_reason: dict[str, list[str]] = {}
        for choice, _, refusals in refused(scenario, loaded.rules, session):
            by_reason.setdefault(reasons(refusals), []).append(choice.hall)
        lines = [f"    {', '.join(halls)}: {reason}" for reason, halls in by_reason.items()]
        message = "\n".join([f"{session.id} fits no hall", *lines])
        yield Issue(session_place(loaded, session), message, _misspelt(loaded, session))


def _misspelt(loaded: Loaded, session: Session) -> str:
    """Return what may have been meant by a layout or feature that no hall has."""
    bookables = loaded.scenario.bookables.values()
    layouts = {layout for bookable in bookables for layout in bookable.seats}
    features = {feature for bookable in bookables for feature in bookable.features}
    hints = [nearest(session.layout, layouts)] if session.layout and session.layout not in layouts else []
    hints += [nearest(need, features) for need in session.needs if need not in features]
    return " ".join(filter(None, hints))


def reasons(refusals: Iterable[tuple[str, Refusal]]) -> str:
    """Return what the rules refuse of one choice, in words, each with its rule; what refuses it whole comes first."""
    ordered = sorted(refusals, key=lambda item: item[1].spans is not None)
    if ordered and ordered[0][1].spans is None:
        ordered = [item for item in ordered if item[1].spans is None]
    words = dict.fromkeys(f"{refusal.reason} ({rule})" for rule, refusal in ordered)
    return "; ".join(words) or "no start lies on the grid"


def session_place(loaded: Loaded, session: Session) -> Place:
    """Return where a session is written; of a generated one, where its template is."""
    return place_of(loaded.tree, ("events", session.event, "sessions", session.id.removeprefix(f"{session.event}.")))
