"""From what a file says to what it means: references followed, defaults handed down, every dangling name reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

from scheduler.errors import nearest
from scheduler.scenario.city import Combination, Hall, Name, Space, Venue
from scheduler.scenario.roads import network_problems
from scheduler.scenario.scenario import Bookable, Hold, Scenario, Session, Way
from scheduler.scenario.schema import Event, Halls, ScenarioFile, SessionEntry, UseEntry, Window
from scheduler.scenario.travel import Travel
from scheduler.scenario.units import DAY, clock

Path = tuple[str | int, ...]
Complain = Callable[[Path, str, str], None]
"""Takes the path of a value (of a key, where it ends with KEY), what is wrong with it, and a hint or nothing."""

KEY = "[key]"


def resolve(file: ScenarioFile, complain: Complain, *, all_roads: bool = True) -> Scenario:
    """Return the scenario that ``file`` means; what does not hold together goes to ``complain``, all of it.

    Where not ``all_roads`` could be read, places that cannot be reached are nobody's fault.
    Where there was a complaint the returned scenario leaves the dangling part out and is not to be used.
    """
    _check_zones(file, complain)
    _check_travel(file, complain)
    _check_groups(file, complain)
    _check_city(file, complain)
    _check_homes(file, complain)
    bookables = dict(_bookables(file, complain))
    sessions: dict[str, Session] = {}
    reader = _SessionReader(file, bookables, complain)
    for event_id, event in file.events.items():
        reader.windows_inside(("events", event_id, "within"), event.within)
        delegations = reader.delegations(("events", event_id, "delegations"), event.delegations)
        for entry_id, entry in event.sessions.items():
            session = reader.session(event_id, event, delegations, entry_id, entry)
            sessions[session.id] = session
        _check_optional(event_id, event, complain)
        for index, blackout in enumerate(event.despite):
            if blackout not in file.blackouts:
                complain(("events", event_id, "despite", index), *_unknown("blackout", blackout, file.blackouts))
    travel = _travel(file, complain, all_roads)
    scenario = Scenario(file, sessions, bookables, travel, holds=dict(reader.holds()))
    _check_pins(scenario, complain)
    _check_blocks(scenario, complain)
    return scenario


def _unknown(what: str, word: str, known: Iterable[str]) -> tuple[str, str]:
    return f"there is no {what} {word!r}", nearest(word, known)


def _check_zones(file: ScenarioFile, complain: Complain) -> None:
    for zone_id, zone in file.zones.items():
        if zone.in_ and zone.in_ not in file.zones:
            complain(("zones", zone_id, "in"), *_unknown("zone", zone.in_, file.zones))
    for venue_id, venue in file.venues.items():
        if venue.zone and venue.zone not in file.zones:
            complain(("venues", venue_id, "zone"), *_unknown("zone", venue.zone, file.zones))


def _check_city(file: ScenarioFile, complain: Complain) -> None:
    for hotel_id, hotel in file.hotels.items():
        if hotel.zone and hotel.zone not in file.zones:
            complain(("hotels", hotel_id, "zone"), *_unknown("zone", hotel.zone, file.zones))
        if hotel_id in file.venues:
            complain(("hotels", hotel_id, KEY), f"{hotel_id!r} is already the id of a venue", "")
    for blackout_id, blackout in file.blackouts.items():
        for index, venue in enumerate(blackout.venues):
            if venue not in file.venues:
                complain(("blackouts", blackout_id, "venues", index), *_unknown("venue", venue, file.venues))
    for day in file.workdays:
        if day in file.holidays:
            complain(("workdays", day.isoformat(), KEY), f"{day} is a holiday and a workday", "")


def _check_homes(file: ScenarioFile, complain: Complain) -> None:
    for delegation_id, delegation in file.delegations.items():
        for index, hotel in enumerate(delegation.home.any if delegation.home else ()):
            if hotel not in file.hotels:
                complain(("delegations", delegation_id, "home", "any", index), *_unknown("hotel", hotel, file.hotels))
        for pool in delegation.uses:
            if pool not in file.pools:
                complain(("delegations", delegation_id, "uses", pool, KEY), *_unknown("pool", pool, file.pools))
        nights = delegation.nights
        if nights and not file.calendar.start <= nights.from_ <= nights.to <= file.calendar.end:
            message = f"the nights {nights.from_} to {nights.to} do not lie in the calendar"
            complain(("delegations", delegation_id, "nights"), message, _span(file))


def _check_travel(file: ScenarioFile, complain: Complain) -> None:
    for origin, row in file.travel.items():
        if origin not in file.venues:
            complain(("travel", origin, KEY), *_unknown("venue", origin, file.venues))
        for destination in row:
            if destination not in file.venues:
                complain(("travel", origin, destination, KEY), *_unknown("venue", destination, file.venues))
            elif destination == origin:
                complain(("travel", origin, destination), "a venue has no way to itself", "'moves' of the venue?")


def _travel(file: ScenarioFile, complain: Complain, all_roads: bool) -> Travel:
    """Return the ways between places; of a network with problems, those of the table alone."""
    stands: dict[Path, str] = {("venues", name): venue.node for name, venue in file.venues.items() if venue.node}
    stands |= {("hotels", name): hotel.node for name, hotel in file.hotels.items() if hotel.node}
    problems = list(network_problems(file.network, stands, file.travel))
    for path, message, hint in problems:
        if all_roads or not message.startswith("no road"):
            complain(path, message, hint)
    nodes = {str(path[-1]): node for path, node in stands.items()}
    if problems:
        return Travel(file.travel)
    return Travel(file.travel, file.network, nodes, file.calendar, file.kind_of_day)


def _check_groups(file: ScenarioFile, complain: Complain) -> None:
    for group, members in file.groups.items():
        if group in file.delegations or group == "all":
            complain(("groups", group), f"{group!r} is already the name of a delegation or of all of them", "")
        for index, member in enumerate(members):
            if member not in file.delegations:
                complain(("groups", group, index), *_unknown("delegation", member, file.delegations))


def _check_optional(event_id: str, event: Event, complain: Complain) -> None:
    if event.optional and all(entry.optional for entry in event.sessions.values()):
        complain(
            ("events", event_id, "optional"),
            "every session of this optional event is optional too, so that it is held whatever is left out",
            "make the sessions that define it required.",
        )


def _check_pins(scenario: Scenario, complain: Complain) -> None:
    for session_id, pin in scenario.pins.items():
        if session_id not in scenario.sessions:
            complain(("pins", session_id, KEY), *_unknown("session", session_id, scenario.sessions))
            continue
        session = scenario.sessions[session_id]
        halls = sorted({hall for way in session.ways for hall in way.halls})
        options = [way.option for way in session.ways]
        if pin.hall is not None and pin.hall not in scenario.bookables:
            complain(("pins", session_id, "hall"), *_unknown("hall", pin.hall, scenario.bookables))
        elif pin.hall is not None and pin.hall not in halls:
            complain(
                ("pins", session_id, "hall"),
                f"{session_id} does not admit the hall {pin.hall}",
                nearest(pin.hall, halls),
            )
        if pin.option is not None and pin.option not in options:
            complain(("pins", session_id, "option"), *_unknown(f"option of {session_id}", pin.option, options))
        if pin.start is not None and not 0 <= scenario.calendar.minute(pin.start) < scenario.calendar.horizon:
            complain(
                ("pins", session_id, "start"), f"{pin.start:%Y-%m-%dT%H:%M} lies outside the calendar", _span(scenario.file)
            )


def _check_blocks(scenario: Scenario, complain: Complain) -> None:
    broken = {name for name, window in scenario.file.blocks.items() if not window.is_one_span}
    for name in broken:
        complain(("blocks", name), "a block of time is one span without a break", "give each day a block of its own.")
    before = ""
    for name, (begin, end) in scenario.blocks.items():
        if name in broken:
            continue
        if scenario.calendar.minute(begin) < 0 or scenario.calendar.minute(end) > scenario.calendar.horizon:
            complain(("blocks", name), "the block does not lie in the calendar", _span(scenario.file))
        if before and begin < scenario.blocks[before][1]:
            hint = f"begin it at {scenario.blocks[before][1]:%Y-%m-%dT%H:%M}?"
            complain(("blocks", name), f"the block begins before the block {before} ends", hint)
        before = name


def _span(file: ScenarioFile) -> str:
    return f"between {file.calendar.start} and {file.calendar.end}?"


def _bookables(file: ScenarioFile, complain: Complain) -> Iterable[tuple[str, Bookable]]:
    for venue_id, venue in file.venues.items():
        for hall_id, hall in venue.halls.items():
            full = f"{venue_id}.{hall_id}"
            yield full, _bookable(full, venue_id, venue, hall, {full: hall})
        for combination_id, combination in venue.combinations.items():
            path = ("venues", venue_id, "combinations", combination_id)
            if combination_id in venue.halls:
                complain(path, f"{combination_id!r} is already the id of a hall of this venue", "")
                continue
            parts = _parts(path, venue_id, venue, combination, complain)
            full = f"{venue_id}.{combination_id}"
            if parts:
                yield full, _bookable(full, venue_id, venue, combination, parts)


def _parts(path: Path, venue_id: str, venue: Venue, combination: Combination, complain: Complain) -> dict[str, Hall]:
    parts: dict[str, Hall] = {}
    for index, part in enumerate(combination.of):
        if part not in venue.halls:
            complain(
                (*path, "of", index),
                *_unknown("hall", f"{venue_id}.{part}", (f"{venue_id}.{hall}" for hall in venue.halls)),
            )
        elif part in combination.of[:index]:
            complain((*path, "of", index), f"{part} stands twice in this combination", "")
        elif venue.halls[part].pooled:
            complain((*path, "of", index), f"{part} is pooled; only exclusive halls combine", "")
        else:
            parts[f"{venue_id}.{part}"] = venue.halls[part]
    return parts


def _bookable(full: str, venue_id: str, venue: Venue, space: Space, parts: dict[str, Hall]) -> Bookable:
    halls = list(parts.values())
    layouts = set.intersection(*(set(hall.seats) for hall in halls))
    features = frozenset(space.features) or frozenset.intersection(*(frozenset(hall.features) for hall in halls))
    clearances = [hall.clearance or venue.clearance for hall in halls]
    return Bookable(
        id=full,
        venue=venue_id,
        name=space.name or Name(en=full.partition(".")[2]),
        parts=tuple(parts),
        seats=space.seats or {layout: sum(hall.seats[layout] for hall in halls) for layout in sorted(layouts)},
        features=features,
        clearance=max(clearances),  # G3 is the lowest, and sorts last
        pooled=space.pooled if isinstance(space, Hall) else None,
        dated=(venue, *halls),
        turnovers=(space.turnover,) if space.turnover else tuple(hall.turnover or venue.turnover for hall in halls),
        cost=sum(hall.cost or 0 for hall in halls) if space.cost is None else space.cost,
    )


class _SessionReader:
    """Reads sessions; the halls of a pattern and the delegations of a list are looked up once each."""

    def __init__(self, file: ScenarioFile, bookables: dict[str, Bookable], complain: Complain) -> None:
        self.file = file
        self.bookables = bookables
        self.complain = complain
        self.matching = lru_cache(maxsize=None)(self._matching)
        self.everyone = {
            f"{name}.{role}": None for name, delegation in file.delegations.items() for role in delegation.persons
        }

    def session(
        self, event_id: str, event: Event, event_delegations: tuple[str, ...], entry_id: str, entry: SessionEntry
    ) -> Session:
        """Return one session with what its event hands down."""
        path: Path = ("events", event_id, "sessions", entry_id)
        full = f"{event_id}.{entry_id}"
        own = entry.delegations
        delegations = event_delegations if own is None else self.delegations((*path, "delegations"), own)
        grade = entry.grade or event.grade
        if grade not in self.file.grades:
            where: Path = (*path, "grade") if entry.grade else ("events", event_id, "grade")
            self.complain(where, f"the grade {grade} has no row under 'grades'", f"'grades: {{{grade}: {{sweep: 2 h}}}}'?")
        if entry.within is not None:
            self.windows_inside((*path, "within"), entry.within)
        self._check_prefer((*path, "prefer"), entry)
        if entry.daily is not None:
            self._check_daily(path, event, entry)
        within = event.within if entry.within is None else entry.within
        return Session(
            id=full,
            event=event_id,
            envelope=event.envelope or event_id,
            name=entry.name or Name(en=entry_id),
            grade=grade,
            attendance=entry.attendance,
            layout=entry.layout,
            needs=tuple(entry.needs),
            delegations=delegations,
            persons=self._persons((*path, "persons"), entry.persons, delegations),
            ways=self._ways(path, entry),
            move_in=entry.move_in,
            move_out=entry.move_out,
            windows=tuple(within.values()),
            prefer=entry.prefer,
            absence_price=entry.optional.price if entry.optional else None,
            vehicles=entry.vehicles,
            days=entry.days,
            daily=entry.daily,
            labels={kind: said if isinstance(said, int) else tuple(said) for kind, said in entry.labels.items()},
            minutes=entry.duration or (entry.days * (entry.daily.end - entry.daily.start) if entry.daily else 0),
        )

    def _uses(self, path: Path, uses: dict[str, UseEntry]) -> dict[str, UseEntry]:
        for pool in uses:
            if pool not in self.file.pools:
                self.complain((*path, pool, KEY), *_unknown("pool", pool, self.file.pools))
        return {pool: use for pool, use in uses.items() if pool in self.file.pools}

    def _spends(self, path: Path, spends: dict[str, int]) -> dict[str, int]:
        for budget in spends:
            if budget not in self.file.budgets:
                self.complain((*path, budget, KEY), *_unknown("budget", budget, self.file.budgets))
        return {budget: amount for budget, amount in spends.items() if budget in self.file.budgets}

    def _check_daily(self, path: Path, event: Event, entry: SessionEntry) -> None:
        """Complain of what a session with daily hours cannot have."""
        if entry.days > 1 and entry.persons:
            hint = "give them sessions of their own on the days they come."
            self.complain((*path, "persons"), "nobody attends a session of several days from end to end", hint)
        for name, option in (entry.options or {}).items():
            if option.duration is not None:
                message, hint = "this session says its hours itself, as 'daily'", "leave 'duration' out."
                self.complain((*path, "options", name, "duration"), message, hint)
        if entry.prefer.start and entry.daily and self._clock(entry.prefer.start) != entry.daily.start % DAY:
            self.complain((*path, "prefer", "start"), f"the days of this session begin at {clock(entry.daily.start)}", "")
        where: Path = (*path, "within") if entry.within is not None else ("events", path[1], "within")
        for name, window in (event.within if entry.within is None else entry.within).items():
            if window.time is not None:
                hint = "leave 'time' out."
                self.complain((*where, name, "time"), "this session says its hours itself, as 'daily'", hint)

    def _clock(self, moment: datetime) -> int:
        local = moment.astimezone(self.file.calendar.timezone)
        return local.hour * 60 + local.minute

    def windows_inside(self, path: Path, windows: dict[str, Window]) -> None:
        """Complain of windows that do not meet the calendar."""
        calendar = self.file.calendar
        for window_id, window in windows.items():
            first, last = window.days
            if last < calendar.start or first > calendar.end:
                self.complain(
                    (*path, window_id), f"the window lies outside the calendar: {first} to {last}", _span(self.file)
                )

    def _check_prefer(self, path: Path, entry: SessionEntry) -> None:
        start = entry.prefer.start
        if start and not 0 <= self.file.calendar.minute(start) < self.file.calendar.horizon:
            self.complain((*path, "start"), f"{start:%Y-%m-%dT%H:%M} lies outside the calendar", _span(self.file))
        for index, word in enumerate(entry.prefer.venues):
            if word not in self.file.venues and word not in self.bookables:
                self.complain(
                    (*path, "venues", index), *_unknown("venue or hall", word, [*self.file.venues, *self.bookables])
                )

    def _ways(self, path: Path, entry: SessionEntry) -> tuple[Way, ...]:
        uses, spends = self._uses((*path, "uses"), entry.uses), self._spends((*path, "spends"), entry.spends)
        if not entry.options:
            halls = self._halls((*path, "halls", "any"), entry.halls or Halls(any=["*"]))
            return (Way("", halls, 0, entry.minutes, uses, spends, entry.cost),)
        ways = []
        for name, option in entry.options.items():
            where = (*path, "options", name)
            way = Way(
                option=name,
                halls=self._halls((*where, "halls", "any"), option.halls),
                price=option.price,
                minutes=entry.minutes if option.duration is None else option.duration,
                uses=uses if option.uses is None else self._uses((*where, "uses"), option.uses),
                spends=spends if option.spends is None else self._spends((*where, "spends"), option.spends),
                cost=entry.cost if option.cost is None else option.cost,
            )
            ways.append(way)
        return tuple(ways)

    def holds(self) -> Iterable[tuple[str, Hold]]:
        """Yield the holds of others with the halls that they are on."""
        for name, entry in self.file.holds.items():
            halls = self.matching(entry.hall)
            if not halls:
                self.complain(("holds", name, "hall"), *self._no_hall(entry.hall))
                continue
            parts = frozenset(part for hall in halls for part in self.bookables[hall].parts)
            yield name, Hold(name, halls, parts, entry.from_, entry.to, entry.price)

    def _halls(self, path: Path, halls: Halls) -> tuple[str, ...]:
        chosen: dict[str, None] = {}
        for index, pattern in enumerate(halls.any):
            found = self.matching(pattern)
            if not found:
                self.complain((*path, index), *self._no_hall(pattern))
            chosen.update(dict.fromkeys(found))
        return tuple(chosen)

    def _matching(self, pattern: str) -> tuple[str, ...]:
        if pattern == "*":
            return tuple(self.bookables)
        if pattern.endswith(".*"):
            return tuple(hall for hall, bookable in self.bookables.items() if bookable.venue == pattern[:-2])
        return (pattern,) if pattern in self.bookables else ()

    def _no_hall(self, pattern: str) -> tuple[str, str]:
        if pattern in self.file.venues:
            return f"{pattern!r} is a venue, not a hall", f"'{pattern}.*' for any of its halls?"
        return _unknown("hall", pattern, [*self.bookables, *(f"{venue}.*" for venue in self.file.venues)])

    def delegations(self, path: Path, listed: list[str] | str) -> tuple[str, ...]:
        """Return the delegations that a list of delegations and groups names."""
        if isinstance(listed, str):
            return tuple(self.file.delegations)
        chosen: dict[str, None] = {}
        for index, word in enumerate(listed):
            if word in self.file.delegations:
                chosen[word] = None
            elif word in self.file.groups:
                chosen.update(dict.fromkeys(self.file.groups[word]))
            else:
                self.complain(
                    (*path, index), *_unknown("delegation or group", word, [*self.file.delegations, *self.file.groups])
                )
        return tuple(chosen)

    def _persons(self, path: Path, listed: list[str], delegations: tuple[str, ...]) -> tuple[str, ...]:
        persons: dict[str, None] = {}
        for index, word in enumerate(listed):
            if "." in word:
                found = [word] if word in self.everyone else []
            else:
                found = [
                    f"{d}.{word}"
                    for d in delegations
                    if d in self.file.delegations and word in self.file.delegations[d].persons
                ]
            if not found:
                self._no_person((*path, index), word, delegations)
            persons.update(dict.fromkeys(found))
        return tuple(persons)

    def _no_person(self, path: Path, word: str, delegations: tuple[str, ...]) -> None:
        if "." in word:
            self.complain(path, *_unknown("person", word, self.everyone))
            return
        roles = sorted({person.partition(".")[2] for person in self.everyone})
        names = ", ".join(delegations) or "none"
        self.complain(path, f"no delegation of this session ({names}) has a person {word!r}", nearest(word, roles))
