"""What a tier of a part can cost at least, whatever is planned: the best of three proofs, named by its kind.

``model``: what single terms say. ``events``: events solved exactly, each alone, and added up. ``relaxation``: a linear
programme in which all sessions contend for what there is, and groups cost at least what they do alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scheduler.engine.relaxation.groups import Groups, Least
from scheduler.engine.relaxation.program import AVAILABLE, Solution, TooLarge
from scheduler.engine.relaxation.relaxation import Fineness, Relaxation, merged
from scheduler.engine.relaxation.words import impossible
from scheduler.engine.search import Clock
from scheduler.plan import BoundKind
from scheduler.problem import Part, Problem

FINENESS = ((0.5, 4_000), (0.5, 30), (0.5, 8), (1.0, 8), (2.0, 1))
"""How fine a linear programme is made, as far as the numbers allow: :class:`Fineness` of each try."""

NUMBERS = 700_000
"""Numbers in the rows of one linear programme: some 300 MB with all that the solver makes of them."""

FEW_NUMBERS = 150_000
"""The same where runs must repeat and seconds are not counted."""

MANY = 500
"""Sessions from which on the finest is too large in any case."""

SESSIONS = 1_300
"""Sessions of one linear programme; larger parts are cut in time, and what joins the pieces is left unsaid."""

WORK = 1e-5
"""Units of work that a number in the rows is counted as."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The points that every plan costs at least, by what kind of proof; or why there is no plan at all."""

    value: int
    kind: BoundKind = "model"
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
    quick: bool = False,
) -> Bound:
    """Return the best bound that is found in time; ``known`` is the model's own.

    ``limits`` are what tiers before may be worth. Without scipy only groups are looked at. ``quick``, only what is found
    first is.
    """
    best = Bound(known)
    for found in proofs(problem, part, tier, clock, clock.left - seconds, limits or {}):
        if found.impossible:
            return found
        if found.value > best.value:
            best = found
        if quick:
            break
    return best


def proofs(
    problem: Problem, part: Part, tier: int, clock: Clock, ends: float, limits: Mapping[int, int]
) -> Iterator[Bound]:
    """Yield what is proved: by a linear programme, by groups alone, by a linear programme that knows of the groups."""
    part = part._replace(terms=tuple(merged(part.terms)))
    groups = Groups(problem, part, tier)
    pieces = _pieces(problem, part, groups) if AVAILABLE else []
    stated: Relaxation | None = None
    total = 0
    for number, piece in enumerate(pieces):
        until = clock.left - (clock.left - ends) / (len(pieces) - number)
        # What a whole tier has reached says nothing of a piece of it.
        stated = state(problem, piece, tier, clock, until, limits if len(pieces) == 1 else {})
        found = _answer(problem, stated, clock, until) if stated is not None else None
        if found is None:
            break
        if found.impossible:
            yield found
            return
        total += found.value
    else:
        if pieces:
            yield Bound(total, "relaxation")
    leasts: list[Least] = []
    for least in groups.leasts(clock, (clock.left + ends) / 2 if AVAILABLE else ends):
        if not isinstance(least, Least):
            yield Bound(0, "events", impossible(problem, sorted(least)))
            return
        if least.points:
            leasts.append(least)
    if groups.bounded:
        yield Bound(sum(least.points for least in leasts), "events")
    if stated is not None and leasts and len(pieces) == 1 and clock.left > ends:
        stated.join(leasts)
        found = _answer(problem, stated, clock, ends)
        if found is not None:
            yield found


def state(
    problem: Problem, part: Part, tier: int, clock: Clock, ends: float, limits: Mapping[int, int]
) -> Relaxation | None:
    """Return a linear programme, as fine as the numbers allow; None where it is too large, or the time too short."""
    most = FEW_NUMBERS if clock.limits.deterministic else NUMBERS
    for share, arcs in FINENESS if len(part.sessions) < MANY else FINENESS[1:]:
        try:
            return Relaxation(problem, part, tier, Fineness(share, arcs, most), limits)
        except TooLarge:
            if clock.left <= ends:
                return None
    return None


def why_impossible(problem: Problem, part: Part, clock: Clock, seconds: float) -> str:
    """Return why hard terms leave no plan, where arithmetic shows it; nothing where it does not, or not in time."""
    ends = clock.left - seconds
    hard = part._replace(terms=tuple(term for term in part.terms if term.price is None))
    stated = state(problem, hard, 0, clock, ends, {}) if AVAILABLE else None
    return _impossible(problem, stated, clock, ends) if stated is not None else ""


def _impossible(problem: Problem, stated: Relaxation, clock: Clock, ends: float) -> str:
    """Return in words the least that rows must give way, where that is proved in whole numbers to be something."""
    if stated.places.homeless:
        return impossible(problem, stated.places.homeless)
    found = _solve(stated, clock, ends, elastic=True)
    if found.status != "optimal" or stated.program.proved(found.multipliers, priced=False) <= 0:
        return ""
    return stated.why(problem, found.multipliers)


def _answer(problem: Problem, stated: Relaxation, clock: Clock, ends: float) -> Bound | None:
    found = None if stated.places.homeless else _solve(stated, clock, ends, elastic=False)
    if found is None or found.status == "infeasible":
        # What the solver says is proved only where its certificate holds.
        why = _impossible(problem, stated, clock, ends)
        return Bound(0, "relaxation", why) if why else None
    if found.status != "optimal":
        return None
    value, unit = stated.program.proved(found.multipliers), stated.unit
    return Bound(-(-value // unit) * unit, "relaxation")


def _solve(stated: Relaxation, clock: Clock, ends: float, *, elastic: bool) -> Solution:
    if clock.limits.deterministic:
        clock.spent += stated.program.size[2] * WORK
        return stated.program.solve(None, elastic=elastic)
    return stated.program.solve(clock.left - ends, elastic=elastic)


def _pieces(problem: Problem, part: Part, groups: Groups) -> list[Part]:
    """Return a part cut in time where it is large; nothing, where what joins the pieces could be a reward."""
    if len(part.sessions) <= SESSIONS:
        return [part]
    if any(term.price is not None and term.price.weight < 0 for term in part.terms):
        return []
    ordered = sorted(part.sessions, key=lambda session: (_middle(problem, session), session))
    count = -(-len(ordered) // SESSIONS)
    cuts = [len(ordered) * k // count for k in range(count + 1)]
    return [groups.part_of(frozenset(ordered[a:b])) for a, b in pairwise(cuts)]


def _middle(problem: Problem, session: int) -> int:
    spans = [span for ranges in problem.starts[session] for span in ranges]
    return (min(span[0] for span in spans) + max(span[-1] for span in spans)) // 2 if spans else 0
