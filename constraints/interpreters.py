from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import Field

from scheduler.rules import (
    Candidates,
    Complaint,
    Count,
    Cumulative,
    DelegationRef,
    Distinct,
    Language,
    Plan,
    Remedy,
    Rule,
    Scenario,
    SessionRef,
    Soften,
    Steps,
    Term,
    Violation,
)


class Interpreters(Rule):
    """At no moment are more interpreters of a language at work than there are.

    Planners need it because six bilaterals at once want six teams, and of some languages the city has one. A session that
    needs ``interpretation`` (or each of ``sessions``, where they are listed) takes ``each`` interpreters for the own
    language of each guest, the first of its ``languages``, unless the guest also speaks that of the ``host``. Guests of one
    language share them; a delegation without languages takes nobody. ``pairs`` says how many there are between each
    language and the host's; they are counted apart from any pool that sessions use. A session of several days takes them in
    its daily hours. Softened, each interpreter too many has a price by the minute.

        rules:
          booths: {rule: interpreters, host: chn, each: 2, pairs: {ru: 6, ar: 4, fr: 4}}

    When it blocks a plan, find more interpreters, take fewer ``each``, or widen the times of the sessions.
    """

    family = "interpreters"
    unit = "interpreters too many x minutes"

    host: DelegationRef
    pairs: Annotated[dict[Language, Count], Field(min_length=1, description="How many there are, by language.")]
    each: Annotated[Count, Field(ge=1)] = 2
    sessions: Annotated[Distinct[SessionRef], Field(min_length=1)] | None = Field(
        default=None, description="Those that need interpretation, where not given."
    )
    soften: Soften | None = None

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say where the host has no language, where a pair is missing or too small for one session."""
        host = scenario.delegations.get(self.host)
        if host is not None and not host.languages:
            yield Complaint(("rules", self.id, "host"), f"{self.host} has no languages", "'languages: [zh]' there?")
            return
        for language, sessions in self._by_language(scenario).items():
            if language not in self.pairs:
                message = f"{sessions[0]} wants interpreters of {language}, of whom nothing is said"
                yield Complaint(("rules", self.id, "pairs"), message, f"'{language}: {self.each}'?")
            elif self.soften is None and self.pairs[language] < self.each:
                there = f"{'is' if self.pairs[language] == 1 else 'are'} {self.pairs[language]}"
                message = f"{sessions[0]} alone takes {self.each} interpreters of {language}; there {there}"
                yield Complaint(("rules", self.id, "pairs", language), message, "fewer 'each', or 'soften'?")

    def _by_language(self, scenario: Scenario) -> dict[str, list[str]]:
        """Return the sessions that take interpreters of each language."""
        spoken = {name: delegation.languages for name, delegation in scenario.delegations.items()}
        hosts = next(iter(spoken.get(self.host, ())), None)
        found: dict[str, list[str]] = {}
        for session in scenario.sessions.values():
            listed = session.id in self.sessions if self.sessions is not None else "interpretation" in session.needs
            if listed:
                guests = (guest for guest in session.delegations if hosts not in spoken[guest] and spoken[guest])
                for language in dict.fromkeys(spoken[guest][0] for guest in guests):
                    found.setdefault(language, []).append(session.id)
        return found

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one cumulative for each language of which there could be too few."""
        for language, sessions in self._by_language(scenario).items():
            uses = (
                use
                for name in sessions
                for use in candidates.attended(scenario.sessions[name], [self.each] * len(candidates.of(name)))
            )
            there = Steps((0,), (self.pairs[language],))
            if self.each * len(sessions) > self.pairs[language]:
                about = f"interpreters of {language}"
                yield Cumulative(rule=self.id, price=self.price, about=about, uses=tuple(uses), capacity=there)

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Find the spans in which there are too few interpreters of a language."""
        for language, there in self.pairs.items():
            sessions = [name for name in plan.sessions if self._wants(scenario, name, language)]
            spans = [span for name in sessions for span in _on(scenario, plan, name)]
            found: list[_Lack] = []
            for begin, end in pairwise(sorted({moment for span in spans for moment in span[:2]})):
                at_work = [span.name for span in spans if span.begin <= begin and end <= span.end]
                taken = self.each * len(at_work)
                if taken <= there:
                    continue
                units = (taken - there) * int((end - begin).total_seconds() // 60)
                if found and found[-1].end == begin:
                    last = found.pop()
                    names = [*dict.fromkeys((*last.names, *at_work))]
                    found.append(_Lack(last.begin, end, last.units + units, max(last.taken, taken), names))
                else:
                    found.append(_Lack(begin, end, units, taken, at_work))
            for lack in found:
                facts = {"language": language, "from": lack.begin, "to": lack.end, "taken": lack.taken}
                yield Violation(tuple(lack.names), lack.units, facts)

    def _wants(self, scenario: Scenario, name: str, language: str) -> bool:
        """Return whether a session takes interpreters of a language."""
        session, delegations = scenario.sessions[name], scenario.delegations
        if name not in (self.sessions or ()) and (self.sessions is not None or "interpretation" not in session.needs):
            return False
        host = delegations[self.host].languages[0]
        spoken = [delegations[guest].languages for guest in session.delegations if guest != self.host]
        return any(languages[:1] == [language] for languages in spoken if host not in languages)

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who takes how many interpreters of those there are, and when."""
        facts, zone = violation.facts, scenario.calendar.timezone
        begin, end = facts["from"].astimezone(zone), facts["to"].astimezone(zone)
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%d %b %H:%M}"
        take = "takes" if len(violation.sessions) == 1 else "take up to"
        return (
            f"From {begin:%d %b %H:%M} to {until} {', '.join(violation.sessions)} {take} {facts['taken']} interpreters of "
            f"{facts['language']}, of whom there are {self.pairs[facts['language']]}."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Find as many interpreters as are taken."""
        language, taken = violation.facts["language"], violation.facts["taken"]
        there = self.pairs[language]
        text = f"Find {taken} interpreters of {language}, not {there} ({self.id})."
        share = (taken - there) / max(1, there)
        yield Remedy(text, {"rules": {self.id: {"pairs": {language: taken}}}}, share)


class _Span(NamedTuple):
    """When a session is on: a part of it, where it has several days."""

    begin: datetime
    end: datetime
    name: str


class _Lack(NamedTuple):
    """A span in which more interpreters are taken than there are, and how many at the worst moment."""

    begin: datetime
    end: datetime
    units: int
    taken: int
    names: list[str]


def _on(scenario: Scenario, plan: Plan, name: str) -> Iterator[_Span]:
    placed, session = plan.sessions[name], scenario.sessions[name]
    start, end = placed.start.astimezone(UTC), placed.end.astimezone(UTC)
    if session.daily is not None:
        end = start + timedelta(minutes=session.daily.end - session.daily.start)
    for day in range(session.days):
        yield _Span(start + timedelta(hours=24 * day), end + timedelta(hours=24 * day), name)
