"""What a tier of a part can cost at least, whatever is planned: the best of three proofs, named by its kind.

``model``: what single terms say. ``events``: events solved exactly, each alone, and added up. ``relaxation``: a linear
programme in which all sessions contend for what there is, and groups cost at least what they do alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from scheduler.engine.relaxation.groups import Least, Restricted, events_of, groups_of
from scheduler.engine.relaxation.program import AVAILABLE, Solution, TooLarge
from scheduler.engine.relaxation.relaxation import Relaxation
from scheduler.engine.relaxation.words import impossible
from scheduler.engine.search import Clock
from scheduler.problem import Part, Problem

Kind = Literal["model", "relaxation", "events"]

SHARES = (0.5, 1.0, 2.0)
"""Of its length, how far apart the starts of one span of a session lie: as fine as the numbers allow."""

NUMBERS = 700_000
"""Numbers in the rows of one linear programme: some 300 MB with all that the solver makes of them."""

FEW_NUMBERS = 150_000
"""The same where runs must repeat and seconds are not counted."""

SESSIONS = 1_300
"""Sessions of one linear programme; larger parts are cut in time, and what joins the pieces is left unsaid."""

WORK = 1e-5
"""Units of work that a number in the rows is counted as."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The points that every plan costs at least, by what kind of proof; or why there is no plan at all."""

    value: int
    kind: Kind = "model"
    impossible: str = ""


def bound(
    problem: Problem,
    part: Part,
    tier: int,
    clock: Clock,
    seconds: float,
    *,
    known: int,
    limits: Mapping[int, int] | None = None,
) -> Bound:
    """Return the best bound that is found in time; ``known`` is the model's own.

    ``limits`` are what tiers before may be worth. Without scipy only events are looked at.
    """
    ends = clock.left - seconds
    best = Bound(known)
    for piece in (_relaxed(problem, part, tier, clock, ends, limits or {}), _events(problem, part, tier, clock, ends)):
        for found in piece:
            if found.impossible:
                return found
            if found.value > best.value:
                best = found
            if clock.left <= ends:
                return best
        if AVAILABLE:
            break  # its groups are more than the events
    return best


def _relaxed(
    problem: Problem, part: Part, tier: int, clock: Clock, ends: float, limits: Mapping[int, int]
) -> Iterator[Bound]:
    """Yield what linear programmes prove: first without groups, then with what was found of them in time."""
    if not AVAILABLE:
        return
    pieces = _pieces(problem, part, tier)
    if pieces is None:
        return
    if len(pieces) > 1:
        limits = {}  # what a whole tier has reached says nothing of a piece of it
    values: list[int] = []
    for number, piece in enumerate(pieces):
        share = (clock.left - ends) / (len(pieces) - number)
        found = _proved(problem, piece, tier, clock, clock.left - share, limits, [])
        if found is None:
            return
        if found.impossible:
            yield found
            return
        values.append(found.value)
    yield Bound(sum(values), "relaxation")
    if len(pieces) > 1:
        return
    groups: list[Least] = []
    restricted = Restricted(problem, part, tier)
    wanted = groups_of(problem, part, tier)
    for least in restricted.leasts(wanted, clock, (clock.left - ends) / 2):
        if not isinstance(least, Least):
            yield Bound(0, "events", impossible(problem, sorted(least)))
            return
        if least.points > 0:
            groups.append(least)
    if groups and clock.left > ends:
        found = _proved(problem, part, tier, clock, ends, limits, groups)
        if found is not None:
            yield found


def _proved(
    problem: Problem,
    part: Part,
    tier: int,
    clock: Clock,
    ends: float,
    limits: Mapping[int, int],
    groups: list[Least],
) -> Bound | None:
    """Return what one linear programme proves; None where it is too large, or the time was too short."""
    exact = clock.limits.deterministic
    for share in SHARES:
        try:
            stated = Relaxation(
                problem,
                part,
                tier,
                share=share,
                most=FEW_NUMBERS if exact else NUMBERS,
                limits=limits,
                groups=groups,
            )
        except TooLarge:
            if clock.left <= ends:
                return None
            continue
        return _answer(problem, stated, clock, ends)
    return None


def _answer(problem: Problem, stated: Relaxation, clock: Clock, ends: float) -> Bound | None:
    if stated.places.homeless:
        return Bound(0, "relaxation", impossible(problem, stated.places.homeless))
    found = _solve(stated, clock, ends, elastic=False)
    if found.status == "optimal":
        value, unit = stated.program.proved(found.multipliers), stated.unit
        return Bound(-(-value // unit) * unit, "relaxation")
    if found.status == "infeasible":
        certificate = _solve(stated, clock, ends, elastic=True)
        # What the solver says is proved only where its certificate holds in whole numbers.
        if certificate.status == "optimal" and stated.program.proved(certificate.multipliers, priced=False) > 0:
            return Bound(0, "relaxation", stated.why(problem, certificate.multipliers))
    return None


def _solve(stated: Relaxation, clock: Clock, ends: float, *, elastic: bool) -> Solution:
    if clock.limits.deterministic:
        clock.spent += stated.program.size[2] * WORK
        return stated.program.solve(None, elastic=elastic)
    return stated.program.solve(clock.left - ends, elastic=elastic)


def _pieces(problem: Problem, part: Part, tier: int) -> list[Part] | None:
    """Return a part cut in time where it is large; None where something that joins the pieces could be a reward."""
    if len(part.sessions) <= SESSIONS:
        return [part]
    middles = {session: _middle(problem, session) for session in part.sessions}
    ordered = sorted(part.sessions, key=lambda session: (middles[session], session))
    count = -(-len(ordered) // SESSIONS)
    cuts = [len(ordered) * k // count for k in range(count + 1)]
    restricted = Restricted(problem, part, tier)
    if restricted.rewards:
        return None
    return [restricted.part_of(frozenset(ordered[a:b])) for a, b in pairwise(cuts)]


def _middle(problem: Problem, session: int) -> int:
    spans = [span for ranges in problem.starts[session] for span in ranges]
    return (min(span[0] for span in spans) + max(span[-1] for span in spans)) // 2 if spans else 0


def _events(problem: Problem, part: Part, tier: int, clock: Clock, ends: float) -> Iterator[Bound]:
    """Yield what events cost at least, added up: as many as there was time for, the others nothing."""
    restricted = Restricted(problem, part, tier)
    if restricted.rewards:
        return
    total = 0
    for least in restricted.leasts(events_of(problem, part), clock, clock.left - ends):
        if not isinstance(least, Least):
            yield Bound(0, "events", impossible(problem, sorted(least)))
            return
        total += least.points
    yield Bound(total, "events")
