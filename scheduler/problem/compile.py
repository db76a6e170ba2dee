"""From a scenario to integers: choices and starts of each session, what cannot be pruned away with its reason, terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from scheduler.load import Loaded
from scheduler.rules import Candidates, Refusal, Rule
from scheduler.scenario.scenario import Scenario, Session
from scheduler.terms import Assignment, Choice, Spot, Term, holds, tier_values

Starts = tuple[range, ...]
"""The starts of a choice, ascending, as ranges of minutes since the calendar's start."""


@dataclass(frozen=True)
class Problem:
    """What the engine solves. Sessions (and homes and holds) and choices are numbered as in ``candidates``.

    ``starts[session][choice]`` are the starts left to each.
    """

    loaded: Loaded
    candidates: Candidates
    starts: tuple[tuple[Starts, ...], ...]
    terms: tuple[Term, ...]

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The id of each session, of the delegation whose home it is, or the name of the hold, by its number."""
        return tuple(self.candidates.numbers)

    @cached_property
    def tiers(self) -> tuple[int, ...]:
        """The tiers that some priced term speaks of, in the order they are solved."""
        return tuple(sorted({term.price.tier for term in self.terms if term.price is not None}))

    def spots(self, session: int) -> Iterator[Spot]:
        """Yield every candidate placement of a session."""
        for number, (choice, starts) in enumerate(zip(self.candidates.choices[session], self.starts[session], strict=True)):
            for span in starts:
                for start in span:
                    yield Spot(number, start, start + choice.minutes)

    def admits(self, spots: Assignment) -> bool:
        """Return whether every spot is a candidate and every hard term holds."""
        for session, spot in enumerate(spots):
            if spot is not None and not any(spot.start in span for span in self.starts[session][spot.choice]):
                return False
        return holds(self.terms, spots)

    def values(self, spots: Assignment) -> dict[int, int]:
        """Return the points of each tier."""
        return tier_values(self.terms, spots)


Places = Mapping[str, Mapping[Choice, Starts]]
"""Of each session the choices that are left to it, with their starts."""


def places_left(loaded: Loaded) -> Places:
    """Return where each session of a scenario can be whatever the others do."""
    scenario = loaded.scenario
    asked: dict[str, list[Rule]] = {name: [] for name in scenario.sessions}
    for rule in loaded.rules:
        concerned = rule.concerns(scenario) if type(rule).admits is not Rule.admits else ()
        for name in scenario.sessions if concerned is None else concerned:
            asked[name].append(rule)
    return {
        session.id: {choice: found for choice, found, _ in refused(scenario, asked[session.id], session) if found}
        for session in scenario.sessions.values()
    }


def compile_problem(loaded: Loaded, places: Places | None = None) -> Problem:
    """Return the problem that a scenario poses; ``places`` spares working out again what is left to each session."""
    scenario = loaded.scenario
    left = places if places is not None else places_left(loaded)
    choices = [tuple(kept) for kept in left.values()]
    starts: list[tuple[Starts, ...]] = [tuple(kept.values()) for kept in left.values()]
    for home in scenario.homes.values():
        arrives, leaves = map(scenario.calendar.minute, (home.arrives, home.leaves))
        hotels = tuple(Choice("", hotel, hotel, leaves - arrives) for hotel in home.hotels)
        choices.append(hotels)
        starts.append(tuple((range(arrives, arrives + 1),) for _ in hotels))
    for hold in scenario.displaceable.values():
        begins, ends = map(scenario.calendar.minute, (hold.begins, hold.ends))
        choices.append((Choice("", hold.halls[0], scenario.bookables[hold.halls[0]].venue, ends - begins),))
        starts.append(((range(begins, begins + 1),),))
    names = (*scenario.sessions, *scenario.homes, *scenario.displaceable)
    numbers = {name: number for number, name in enumerate(names)}
    candidates = Candidates(numbers, tuple(choices))
    terms = tuple(term for rule in loaded.rules for term in rule.state(scenario, candidates))
    return Problem(loaded, candidates, tuple(starts), terms)


def refused(
    scenario: Scenario, rules: Iterable[Rule], session: Session
) -> Iterator[tuple[Choice, Starts, tuple[tuple[str, Refusal], ...]]]:
    """Yield each choice of a session with the starts left to it and what the rules refuse of it."""
    named = [(rule.id, rule) for rule in rules]
    horizon, grid = scenario.calendar.horizon, scenario.calendar.grid
    pin = scenario.pins.get(session.id)
    pinned = scenario.calendar.minute(pin.start) if pin is not None and pin.start is not None else None
    for way in session.ways:
        for hall in way.halls:
            choice = Choice(way.option, hall, scenario.bookables[hall].venue, way.minutes)
            refusals = tuple((name, refusal) for name, rule in named for refusal in rule.admits(scenario, session, choice))
            yield choice, _left(horizon - way.minutes, grid, pinned, refusals), refusals


def starts_left(scenario: Scenario, session: str, minutes: int, refusals: Iterable[tuple[str, Refusal]]) -> Starts:
    """Return the starts of a session that lasts so long which some refusals leave, whatever else is refused.

    A pinned start that they leave is one of them, on the grid or off it.
    """
    calendar, pin, refusals = scenario.calendar, scenario.pins.get(session), tuple(refusals)
    last = calendar.horizon - minutes
    found = _left(last, calendar.grid, None, refusals)
    if pin is None or pin.start is None:
        return found
    pinned = calendar.minute(pin.start)
    free = _left(last, 1, None, refusals)
    on_grid = any(pinned in span for span in found)
    return (*found, range(pinned, pinned + 1)) if not on_grid and any(pinned in span for span in free) else found


def _left(last: int, grid: int, pinned: int | None, refusals: Iterable[tuple[str, Refusal]]) -> Starts:
    """Return the starts from 0 to ``last`` that nobody refuses: those on the grid, and the pinned one."""
    spans: list[tuple[int, int]] = []
    for _, refusal in refusals:
        if refusal.spans is None:
            return ()
        spans += refusal.spans
    starts = []
    reached = 0
    for begin, end in sorted(spans):
        if begin > reached:
            starts.append(range(reached, min(begin, last + 1)))
        reached = max(reached, end)
    starts.append(range(reached, last + 1))
    found = []
    for span in starts:
        on_grid = range(-(-span.start // grid) * grid, span.stop, grid)
        if on_grid:
            found.append(on_grid)
        if pinned is not None and pinned in span and pinned % grid:
            found = [range(pinned, pinned + 1)]  # the pins rule refuses every other start
    return tuple(found)
