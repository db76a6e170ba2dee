from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from scheduler.rules import (
    Candidates,
    Choice,
    Cumulative,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Session,
    Soften,
    Steps,
    Term,
    Use,
    Violation,
)

_Span = tuple[datetime, datetime, str]


class VenueLimits(Rule):
    """At no moment does a venue, over all its halls, take more people, sessions or vehicles than its ``limits`` say.

    Planners need it because the halls of a house share its entrances, kitchens and car parks, whatever each of them seats.
    A session counts with its ``attendance``, with 1, and with its ``vehicles``, from start to end; of several days, in the
    daily hours. A limit that is not given does not bind.

        venues:
          ghop: {name: Great Hall, limits: {attendance: 12000, sessions: 20, vehicles: 900}, halls: {east: {}}}
        rules:
          crowds: {rule: venue-limits, soften: {tier: 2, weight: 1}}

    It always stands; write it only to soften it: then each unit too many has a price by the minute. When it blocks a plan,
    admit halls of other venues, widen windows, or raise the limit.
    """

    family = "venue-limits"
    standing = True
    unit = "units x minutes over the limit"

    soften: Soften | None = None

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse venues that the session alone is too much for, unless that is softened."""
        if self.soften is not None:
            return
        for what, limit in _limits(scenario, choice.venue):
            amount = _amount(session, what)
            if amount > limit:
                has = f"the session has {amount}" if what != "sessions" else "this is one"
                yield Refusal(f"the venue takes {limit} {_NAMES[what]} at once; {has}")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one cumulative for each limit that could be passed."""
        at: dict[str, dict[str, None]] = {}
        for name in scenario.sessions:
            for choice in candidates.of(name):
                at.setdefault(choice.venue, {})[name] = None
        for venue in scenario.venues:
            for what, limit in _limits(scenario, venue):
                uses: list[Use] = []
                total = 0
                for session in (scenario.sessions[name] for name in at.get(venue, ())):
                    choices, amount = candidates.of(session.id), _amount(session, what)
                    if not amount:
                        continue
                    total += amount
                    uses += candidates.attended(session, [amount if c.venue == venue else None for c in choices])
                if total > limit:
                    capacity, about = Steps((0,), (limit,)), f"{_NAMES[what]} at {scenario.venues[venue].name}"
                    yield Cumulative(rule=self.id, price=self.price, about=about, uses=tuple(uses), capacity=capacity)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the spans in which a venue takes more than its limit."""
        by_venue: dict[str, list[_Span]] = {}
        for name, placed in plan.sessions.items():
            by_venue.setdefault(placed.hall.split(".")[0], []).extend(self._spans(scenario, plan, name))
        for venue, spans in by_venue.items():
            limits = scenario.venues[venue].limits
            for what, limit in (
                ("people", limits.attendance),
                ("sessions", limits.sessions),
                ("vehicles", limits.vehicles),
            ):
                if limit is not None:
                    yield from self._too_much(scenario, venue, what, limit, spans)

    @staticmethod
    def _spans(scenario: Scenario, plan: Plan, name: str) -> Iterator[_Span]:
        """Yield when people are at a session: once, or on each of its days."""
        session, placed = scenario.sessions[name], plan.sessions[name]
        start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
        if session.daily is None:
            yield start, end, name
            return
        for day in range(session.days):
            opening = start + timedelta(hours=24 * day)
            yield opening, opening + timedelta(minutes=session.daily.end - session.daily.start), name

    @staticmethod
    def _too_much(scenario: Scenario, venue: str, what: str, limit: int, spans: list[_Span]) -> Iterator[Violation]:
        zone = scenario.calendar.timezone

        def counted(name: str) -> int:
            session = scenario.sessions[name]
            return {"people": session.attendance, "sessions": 1, "vehicles": session.vehicles}[what]

        spans = [span for span in spans if counted(span[2])]
        starting: dict[datetime, list[_Span]] = {}
        for span in spans:
            starting.setdefault(span[0], []).append(span)
        running: list[_Span] = []
        over: list[Violation] = []
        for begin, end in pairwise(sorted({moment for span in spans for moment in span[:2]})):
            running = [span for span in running if span[1] > begin] + starting.get(begin, [])
            names = tuple(name for _, _, name in running)
            used = sum(map(counted, names))
            if used <= limit:
                continue
            excess = (used - limit) * int((end - begin).total_seconds() // 60)
            facts = {"venue": venue, "what": what, "limit": limit, "from": begin.astimezone(zone), "used": used}
            if over and over[-1].facts["to"] == begin:
                before = over.pop()
                names = tuple(dict.fromkeys((*before.sessions, *names)))
                excess += before.amount
                facts |= {"from": before.facts["from"], "used": max(used, before.facts["used"])}
            over.append(Violation(names, excess, {**facts, "to": end.astimezone(zone)}))
        yield from over

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who brings too much, where and when."""
        facts = violation.facts
        begin, end = facts["from"], facts["to"]
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%d %b %H:%M}"
        venue, names = scenario.venues[facts["venue"]].name, ", ".join(violation.sessions)
        return (
            f"From {begin:%d %b %H:%M} to {until} {venue} has up to {facts['used']} {facts['what']} with {names}; it takes "
            f"{facts['limit']} at once."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Raise the limit to what comes at once."""
        venue, used, limit = violation.facts["venue"], violation.facts["used"], violation.facts["limit"]
        key = next(key for key, what in _NAMES.items() if what == violation.facts["what"])
        text = f"Let {venue} have {used} {violation.facts['what']} at once, not {limit}."
        yield Remedy(text, {"venues": {venue: {"limits": {key: used}}}}, (used - limit) / max(1, limit))


_NAMES = {"attendance": "people", "sessions": "sessions", "vehicles": "vehicles"}


def _limits(scenario: Scenario, venue: str) -> Iterator[tuple[str, int]]:
    """Yield what is limited at a venue, and to how much."""
    for what in _NAMES:
        limit = getattr(scenario.venues[venue].limits, what)
        if limit is not None:
            yield what, limit


def _amount(session: Session, what: str) -> int:
    """Return with how much a session counts."""
    return 1 if what == "sessions" else int(getattr(session, what))
