"""What terms say of some sessions only, all others being absent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from scheduler.terms import Cumulative, Extent, Group, Link, Relation, Sequence, Tally, Term, Total


def restricted(terms: Iterable[Term], sessions: Collection[int]) -> Iterator[Term]:
    """Yield the terms over ``sessions``, in which nobody else has a part; what always holds then is left out.

    A term that may ask for somebody's presence stays whole: see ``company``.
    """
    for term in terms:
        if asks_for_presence(term):
            if any(member in sessions for member in term.members):
                yield term
        else:
            yield from _fewer(term, sessions)


def company(terms: Iterable[Term], sessions: Iterable[int]) -> set[int]:
    """Return ``sessions`` and those that may have to be present with them, however far that goes."""
    asking = [term for term in terms if asks_for_presence(term)]
    found = set(sessions)
    before = -1
    while len(found) > before:
        before = len(found)
        for term in asking:
            if not found.isdisjoint(term.members):
                found.update(term.members)
    return found


def asks_for_presence(term: Term) -> bool:
    """Return whether a term can fail because somebody is absent; a group without a cause is no term but a demand."""
    match term:
        case Group():
            return bool(term.whenever)
        case Tally():
            return term.least > 0 or term.what in ("holes", "broken", "isolated")
        case Total():
            return (term.least or 0) > 0 or any(amount < 0 for row in term.amounts for amount in row)
        case Extent():
            return (term.what == "earliest" and term.most is not None) or (
                term.what != "earliest" and term.least is not None
            )
        case _:
            return not isinstance(term, Sequence | Cumulative | Link | Relation)


def _fewer(term: Term, sessions: Collection[int]) -> Iterator[Term]:
    match term:
        case Sequence():
            visits = tuple(visit for visit in term.visits if visit.session in sessions)
            if len(visits) > 1:
                yield replace(term, visits=visits)
        case Cumulative():
            uses = tuple(use for use in term.uses if use.session in sessions)
            if uses:
                yield replace(term, uses=uses)
        case Link():
            links = tuple(use for use in term.uses if use.first in sessions and use.second in sessions)
            if links:
                yield replace(term, uses=links)
        case Tally():
            kept = [k for k, session in enumerate(term.sessions) if session in sessions]
            if kept:
                yield replace(
                    term,
                    sessions=tuple(term.sessions[k] for k in kept),
                    cells=tuple(term.cells[k] for k in kept),
                    owners=tuple(term.owners[k] for k in kept) if term.owners else (),
                    amounts=tuple(term.amounts[k] for k in kept) if term.amounts else (),
                )
        case Total():
            kept = [k for k, session in enumerate(term.sessions) if session in sessions]
            if kept:
                yield replace(
                    term,
                    sessions=tuple(term.sessions[k] for k in kept),
                    amounts=tuple(term.amounts[k] for k in kept),
                )
        case Extent():
            group = tuple(session for session in term.sessions if session in sessions)
            if group:
                yield replace(term, sessions=group)
        case Group():
            then = tuple(session for session in term.then if session in sessions)
            if then:
                yield replace(term, then=then)
        case _:
            if all(member in sessions for member in term.members):
                yield term
