"""What has happened: a small file of facts, by session, and the patch that says them.

kind: actuals
sessions:
  arrivals.arrival-nor: {landed: 2027-05-10T14:50}
  opening.ceremony: {started: 2027-05-11T10:20, overran: 40 min}
  opening.photo: {ended: 2027-05-11T12:10}
  talks.bilateral: {missed: true}            # did not take place: to be placed anew
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from scheduler.errors import InputError, Issue, nearest
from scheduler.plan import Placed, Plan
from scheduler.scenario.include import read_tree
from scheduler.scenario.model import Model
from scheduler.scenario.scenario import Scenario
from scheduler.scenario.strict_yaml import Mapping, key_place_of, place_of
from scheduler.scenario.units import Length, LocalTime, duration_text, unusable
from scheduler.scenario.validation import issues_of
from scheduler.studies.short_forms import Subject, at_last


class Fact(Model):
    """When a session began (an aircraft landed), and when it ended or by how much it was longer than planned."""

    landed: LocalTime | None = None
    started: LocalTime | None = None
    ended: LocalTime | None = None
    overran: Length | None = None
    missed: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.landed is not None and self.started is not None:
            raise unusable("a session has either landed or started", "leave out one of the two.")
        if self.ended is not None and self.overran is not None:
            raise unusable("a session has either ended or overrun", "leave out one of the two.")
        told = (self.began, self.ended, self.overran)
        if self.missed and any(told):
            raise unusable("what did not take place has no times", "leave out 'missed', or the rest.")
        if not self.missed and not any(told):
            raise unusable("this says nothing of it", "'landed: 2023-10-17T14:50'?")
        return self

    @property
    def began(self) -> datetime | None:
        """When it began."""
        return self.landed or self.started


class ActualsFile(Model):
    """A file of facts."""

    kind: Literal["actuals"]
    sessions: dict[str, Fact]


@dataclass(frozen=True)
class Actual:
    """What a session really was: where the plan had it, from ``start`` to ``end``."""

    session: str
    planned: Placed
    start: datetime
    end: datetime
    fact: Fact

    def __str__(self) -> str:
        said = ["did not take place as planned"] if self.fact.missed else []
        if self.fact.began is not None:
            verb = "landed" if self.fact.landed else "started"
            said.append(f"{verb} at {self.start:%d %b %H:%M}, planned {self.planned.start:%d %b %H:%M}")
        if self.fact.overran is not None:
            said.append(f"overran by {duration_text(self.fact.overran)}")
        if self.fact.ended is not None:
            said.append(f"ended at {self.end:%d %b %H:%M}, planned {self.planned.end:%d %b %H:%M}")
        return "; ".join(said)

    def patch(self, subject: Subject) -> dict[str, Any]:
        """Return the patch that says it."""
        if self.fact.missed:
            return {}
        session = subject.scenario.sessions[self.session]
        where = {"hall": self.planned.hall, **({"option": self.planned.option} if self.planned.option else {})}
        data = at_last(subject, session, self.start, self.end, where)
        minutes = int((self.end - self.start) / timedelta(minutes=1))
        if minutes != session.way(self.planned.option).minutes:
            event, _, own = self.session.partition(".")
            said: dict[str, Any] = {"duration": f"{minutes} min"}
            data["events"][event]["sessions"][own] |= (
                {"options": {self.planned.option: said}} if self.planned.option else said
            )
        return data


def read_actuals(path: str | Path, scenario: Scenario, plan: Plan, now: datetime | None) -> list[Actual]:
    """Return the facts in a file, held against the plan by which people worked.

    Raises InputError with every issue: sessions that nobody knows or that the plan leaves out, times before the plan's
    first day or after ``now``; MachineError where the file may not be read.
    """
    tree = read_tree(Path(path), str(path), "'kind: actuals', with 'sessions' below it.")
    if tree.get("kind") != "actuals":
        raise InputError([Issue(tree.place, "this is no file of facts: it does not say 'kind: actuals'")])
    file, issues = issues_of(ActualsFile, tree, {"zone": scenario.calendar.timezone})
    if file is None:
        raise InputError(issues)
    found = []
    for name, fact in file.sessions.items():
        wrong = list(_wrong(tree, scenario, plan, now, name, fact))
        issues += wrong
        if not wrong:
            found.append(_actual(plan, name, fact))
            if found[-1].end <= found[-1].start:
                where = place_of(tree, ("sessions", name))
                issues.append(Issue(where, f"{name} ended at {found[-1].end:%H:%M}, before it began"))
    if issues:
        raise InputError(issues)
    return found


def _actual(plan: Plan, name: str, fact: Fact) -> Actual:
    planned = plan.sessions[name]
    start = fact.began or planned.start
    length = planned.end - planned.start + timedelta(minutes=fact.overran or 0)
    return Actual(name, planned, start, fact.ended or start + length, fact)


def _wrong(tree: Mapping, scenario: Scenario, plan: Plan, now: datetime | None, name: str, fact: Fact) -> Iterator[Issue]:
    """Yield what of a fact cannot be."""
    key = key_place_of(tree, ("sessions", name))
    if name not in scenario.sessions:
        yield Issue(key, f"there is no session {name!r}", nearest(name, scenario.sessions))
        return
    if name not in plan.sessions:
        yield Issue(key, f"the plan does not hold {name}")
    elif scenario.sessions[name].daily is not None and (fact.ended or fact.overran):
        yield Issue(key, f"{name} has daily hours: when it ended is not counted")
    first = scenario.calendar.midnight(scenario.calendar.start)
    for key_, moment in (("landed", fact.landed), ("started", fact.started), ("ended", fact.ended)):
        if moment is None:
            continue
        place = place_of(tree, ("sessions", name, key_))
        if moment < first:
            yield Issue(place, f"{moment:%Y-%m-%dT%H:%M} is before the plan begins, {first:%Y-%m-%d}")
        elif now is not None and moment > now:
            hint = f"a later --now, or --delay {name}=... for what is expected?"
            yield Issue(place, f"{moment:%Y-%m-%dT%H:%M} is after {now:%Y-%m-%dT%H:%M}, which is now", hint)
