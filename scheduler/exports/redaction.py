"""The one room that decides what an audience sees: a plan goes in, a view comes out.

Everything about a session that an audience could be shown is put together first; ``_shown`` then keeps what the scenario
declares for the audience and the grade. Whatever depends on more than one field (order, references, which places are
named) is worked out afterwards, from what was kept: so two plans that differ only in what is withheld give equal views.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

from scheduler.errors import InputError, Issue, nearest
from scheduler.errors import Place as Where
from scheduler.exports.directory import clean, node, with_names
from scheduler.exports.uses import pools_of, uses_of
from scheduler.exports.view import Figure, LeftOut, Leg, Person, Position, Session, View
from scheduler.legs import legs as driven
from scheduler.plan import Figure as PlanFigure
from scheduler.plan import Leg as PlanLeg
from scheduler.plan import Placed, Plan
from scheduler.scenario.audiences import AUDIENCES, GRADES, Audience, OwnField, SessionField
from scheduler.scenario.city import Name
from scheduler.scenario.scenario import Scenario
from scheduler.scenario.units import fixed

_ATTRIBUTES: Mapping[SessionField, tuple[str, ...]] = {
    "event": ("event",),
    "name": ("name",),
    "date": ("date", "last_date"),
    "time": ("start", "end", "first_end"),
    "venue": ("venue",),
    "hall": ("hall", "option"),
    "layout": ("layout",),
    "needs": ("needs",),
    "delegations": ("delegations",),
    "persons": ("persons",),
    "attendance": ("attendance",),
    "vehicles": ("vehicles",),
    "preparation": ("taken_from", "swept_from", "taken_to"),
    "grade": ("grade",),
}
"""The attributes of a session that each field opens; ``id`` and ``uses`` are opened by none."""

EVERYTHING = frozenset(Session.model_fields)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom an issue is: an audience, and of ``liaison`` the delegation."""

    audience: Audience
    delegation: str | None = None

    @classmethod
    def of(cls, scenario: Scenario, audience: Audience, delegation: str | None) -> Reader:
        """Return the reader; raises InputError where there is no such one."""
        where, known = Where("--delegation"), scenario.delegations
        if delegation is not None and audience != "liaison":
            message = f"an issue for {audience} is not for one delegation"
            raise InputError([Issue(where, message, "'--audience liaison'?")])
        if audience == "liaison" and delegation is None:
            hint = f"'--delegation {next(iter(known))}'?" if known else ""
            raise InputError([Issue(Where("--audience"), "an issue for liaison is for one delegation: say which", hint)])
        if delegation is not None and delegation not in known:
            hint = nearest(delegation, known) or (f"one of {', '.join(known)}?" if known else "")
            raise InputError([Issue(where, f"the scenario has no delegation {delegation!r}", hint)])
        return cls(audience, delegation)


class Redaction:
    """What of one plan a reader is shown."""

    def __init__(self, scenario: Scenario, reader: Reader) -> None:
        self._scenario = scenario
        self._reader = reader
        self._declared = scenario.file.audiences

    @property
    def scenario(self) -> Scenario:
        """The scenario whose declaration decides."""
        return self._scenario

    @property
    def _all(self) -> bool:
        return self._reader.audience == "command"

    def view(
        self,
        plan: Plan,
        figures: Mapping[str, PlanFigure],
        *,
        made: datetime,
        approved_by: str | None,
        findings: Sequence[str],
    ) -> View:
        """Return a first issue of a plan; ``figures`` and ``findings`` are what the check says of it."""
        held = [(name, self._session(name, placed)) for name, placed in plan.sessions.items()]
        seen = [(name, session) for name, session in held if session is not None]
        # A plan that is edited by hand may lack its legs, or have some that lead nowhere.
        legs = self._legs(plan.legs if plan.legs and not findings else driven(self._scenario, plan))
        scenario, own = self._scenario, self._own
        view = View(
            scenario=scenario.id,
            title=clean(scenario.file.name or Name(en=scenario.id)),
            timezone=scenario.calendar.timezone.key,
            audience=self._reader.audience,
            delegation=self._reader.delegation,
            made=made,
            confirmed=not plan.provisional or approved_by is not None,
            approved_by=approved_by,
            broken=bool(findings),
            findings=list(findings) if self._all else [],
            sessions=sorted((session for _, session in seen), key=by_time),
            legs=legs,
            ways=self._ways(legs) if self._all or "routes" in own else {},
            homes={
                delegation: hotel
                for delegation, hotel in sorted(plan.homes.items())
                if self._all or ("homes" in own and delegation == self._reader.delegation)
            },
            pools=pools_of(scenario, plan) if self._all else {},
            figures={goal: Figure(**figure.model_dump()) for goal, figure in figures.items()} if self._all else {},
            absent=[self._left_out(name, price) for name, price in plan.absent.items()] if self._all else [],
        )
        return with_names(view, scenario)

    @cached_property
    def _own(self) -> frozenset[OwnField]:
        return frozenset(self._declared.liaison.own) if self._reader.audience == "liaison" else frozenset()

    def attributes(self, session: str) -> frozenset[str]:
        """Return the attributes of a session that the reader is shown; none where it is not told of the session."""
        if self._all:
            return EVERYTHING
        known = self._scenario.sessions[session]
        file = self._scenario.events[known.event]
        widest = file.sessions[session.removeprefix(f"{known.event}.")].audience or file.audience
        if AUDIENCES.index(self._reader.audience) < AUDIENCES.index(widest):
            return frozenset()
        grade = next(name for name in GRADES if name == known.grade)
        shown = self._declared.fields("public", grade) if widest == "public" else frozenset()
        if self._takes_part(session):
            shown |= self._declared.fields("liaison", grade)
        return _attributes(shown)

    def _takes_part(self, session: str) -> bool:
        """Return whether the delegation of the reader takes part in a session, if only with one person."""
        known, own = self._scenario.sessions[session], self._reader.delegation
        return own is not None and (own in known.delegations or any(p.startswith(f"{own}.") for p in known.persons))

    def once_shown(self, session: Session) -> Session | None:
        """Return what may still be shown of a session of an earlier issue; None where that is nothing.

        Of one that the scenario has no more, that is what the reader is shown of any grade.
        """
        if session.ref in self._ids:
            return _shown(session, self.attributes(self._ids[session.ref]))
        if self._all:
            return session
        audience = self._reader.audience
        return _shown(session, _attributes(f for grade in GRADES for f in self._declared.fields(audience, grade)))

    def leg_once_shown(self, leg: Leg) -> Leg | None:
        """Return what may still be shown of a leg of an earlier issue; None where that is nothing."""
        if self._all:
            return leg
        if leg.delegation not in self._followed or leg.delegation not in self._scenario.delegations:
            return None
        offices = [office for office in leg.persons if office in self._offices(leg)]
        return self._shown_leg(leg.model_copy(update={"persons": offices})) if offices else None

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        return {self._ref("session", session): session for session in self._scenario.sessions}

    def _ref(self, *words: str) -> str:
        """Return what stands for a session or a leg in issues for this reader, the same in each of them."""
        said = "\n".join((self._scenario.id, self._reader.audience, self._reader.delegation or "", *words))
        return hmac.new((self._declared.key or "").encode(), said.encode(), sha256).hexdigest()[:24]

    def _session(self, name: str, placed: Placed) -> Session | None:
        scenario, session = self._scenario, self._scenario.sessions[name]
        attributes = self.attributes(name)
        if not attributes:
            return None
        way = session.way(placed.option)
        option = (scenario.events[session.event].sessions[name.removeprefix(f"{session.event}.")].options or {}).get(
            way.option
        )
        event = scenario.events[session.event].name
        date = placed.start.date()
        lasting = session.days > 1 and session.daily is not None
        length = session.daily.end - session.daily.start if session.daily else 0
        full = Session(
            ref=self._ref("session", name),
            id=name,
            event=clean(event or Name(en=session.event)),
            name=clean(session.name),
            date=date,
            last_date=date + timedelta(days=session.days - 1) if lasting else None,
            start=placed.start,
            end=placed.end,
            first_end=placed.start + timedelta(minutes=length) if lasting else None,
            venue=scenario.bookables[placed.hall].venue,
            hall=placed.hall,
            option=clean(option.name) if option and option.name else None,
            layout=session.layout,
            needs=list(session.needs),
            delegations=list(session.delegations),
            persons=[
                Person(delegation=delegation, name=clean(scenario.delegations[delegation].persons[role]))
                for delegation, _, role in (person.partition(".") for person in session.persons)
            ],
            attendance=session.attendance,
            vehicles=session.vehicles,
            taken_from=placed.hall_from,
            swept_from=placed.sweep_from,
            taken_to=placed.hall_to,
            grade=session.grade,
            uses=uses_of(scenario, session, placed) if self._all else [],
        )
        return _shown(full, attributes)

    def notes(self, plan: Plan) -> Iterator[str]:
        """Yield what whoever issues a plan should know of what the reader is not shown, and may read all the same."""
        withheld = [name for name in plan.sessions if not self.attributes(name)]
        if withheld:
            yield f"{len(withheld)} of {len(plan.sessions)} sessions are withheld from {self._reader.audience}."
        own = self._reader.delegation
        if own is not None and "movements" in self._own:
            missing = len(self._scenario.delegations[own].persons) - len(self._followed[own])
            if missing:
                yield f"the movements of {missing} persons of {own} are withheld, as sessions of theirs are."
        telling = []
        for name in plan.sessions:
            shown = self.attributes(name)
            if "name" in shown and "delegations" not in shown:
                session = self._scenario.sessions[name]
                names = [self._scenario.delegations[delegation].name for delegation in session.delegations]
                texts = {text for said in names if said for text in (said.en, said.zh) if text}
                telling += [name] if any(text in (session.name.en + (session.name.zh or "")) for text in texts) else []
        if telling:
            more = f" (and {len(telling) - 1} more)" if len(telling) > 1 else ""
            yield f"the name of {telling[0]}{more} tells of a delegation that is withheld; 'name' is declared as shown."

    def _left_out(self, name: str, price: int) -> LeftOut:
        if name in self._scenario.sessions:
            return LeftOut(name=clean(self._scenario.sessions[name].name), price=price)
        return LeftOut(name=clean(self._scenario.events[name].name or Name(en=name)), price=price)

    def _legs(self, all_legs: Iterable[PlanLeg]) -> list[Leg]:
        """Return the legs that are shown, in order of time; those that look alike are one."""
        alike: dict[tuple[object, ...], Leg] = {}
        for plan_leg in all_legs:
            followed = self._followed.get(plan_leg.delegation, ())
            roles = [role for role in plan_leg.persons if role in followed]
            if not roles:
                continue
            leg = self._shown_leg(self._leg(plan_leg, roles))
            key = tuple(str(getattr(leg, field)) for field in type(leg).model_fields if field != "persons")
            if key in alike:
                both = (*alike[key].persons, *leg.persons)
                leg = leg.model_copy(update={"persons": [office for office in self._offices(leg) if office in both]})
            alike[key] = leg
        return list(self._numbered(sorted(alike.values(), key=_leg_order)))

    def _offices(self, leg: Leg) -> list[Name]:
        """Return the offices in the delegation of a leg whose movements are shown."""
        persons = self._scenario.delegations[leg.delegation].persons
        return [clean(persons[role]) for role in self._followed.get(leg.delegation, ())]

    @cached_property
    def _followed(self) -> Mapping[str, tuple[str, ...]]:
        """Roles by delegation whose movements are shown: theirs all whose sessions are shown with time and venue.

        A leg tells of both its ends, and by its absence too. So it is the scenario that decides, and nothing of the plan.
        """
        hidden: set[str] = set()
        for name, session in self._scenario.sessions.items():
            if not {"start", "venue"} <= self.attributes(name):
                hidden |= set(session.persons)
        return {
            name: tuple(role for role in delegation.persons if f"{name}.{role}" not in hidden)
            for name, delegation in self._scenario.delegations.items()
            if self._all or ("movements" in self._own and name == self._reader.delegation)
        }

    def _leg(self, leg: PlanLeg, roles: Iterable[str]) -> Leg:
        delegation = self._scenario.delegations[leg.delegation]
        return Leg(
            ref="",
            delegation=leg.delegation,
            persons=[clean(delegation.persons[role]) for role in roles],
            from_=leg.from_,
            to=leg.to,
            leave=leg.leave,
            arrive=leg.arrive,
            escorted=leg.escorted,
            corridors=list(leg.corridors),
        )

    def _shown_leg(self, leg: Leg) -> Leg:
        if self._all:
            return leg
        hidden: dict[str, None] = {}
        for end in ("from_", "to"):
            if getattr(leg, end) in self._scenario.hotels and "homes" not in self._own:
                hidden[end] = None
        if "routes" not in self._own:
            hidden["corridors"] = None
        if "escorts" not in self._own:
            hidden["escorted"] = None
        return leg.model_copy(update=hidden)

    def _numbered(self, legs: Iterable[Leg]) -> Iterator[Leg]:
        """Yield legs with references made of what is shown of them: who, from where, to where, on which day, which time."""
        times: dict[tuple[str, ...], int] = {}
        for leg in legs:
            who = ",".join(office.en for office in leg.persons)
            said = (leg.delegation, who, leg.from_ or "", leg.to or "", leg.leave.date().isoformat())
            times[said] = times.get(said, 0) + 1
            yield leg.model_copy(update={"ref": self._ref("leg", *said, str(times[said]))})

    def _ways(self, legs: Iterable[Leg]) -> dict[str, dict[str, list[Position]]]:
        """Return the points that legs lead over, where the network knows the way and both ends are shown."""
        ways: dict[str, dict[str, list[Position]]] = {}
        for origin, destination in sorted({(leg.from_, leg.to) for leg in legs if leg.from_ and leg.to}):
            points = self._way(origin, destination)
            if points:
                ways.setdefault(origin, {})[destination] = points
        return ways

    def _way(self, origin: str, destination: str) -> list[Position]:
        network, here = self._scenario.file.network, node(self._scenario, origin)
        points = [here]
        for link in self._scenario.travel.route(origin, destination).links:
            a, b = network.links[link].between
            here = b if here == a else a
            points.append(here)
        return [network.nodes[point].at for point in points if point in network.nodes] if len(points) > 1 else []


def _attributes(fields: Iterable[SessionField]) -> frozenset[str]:
    return frozenset(attribute for field in fields for attribute in _ATTRIBUTES[field])


def _shown(session: Session, attributes: frozenset[str]) -> Session | None:
    """Return a session with only those attributes; None where there are none."""
    if not attributes:
        return None
    keep = attributes | {"ref", "sequence"}
    return Session(**{name: getattr(session, name) for name in Session.model_fields if name in keep})


def by_time(session: Session) -> tuple[str, ...]:
    """Return by what sessions are ordered, as far as it is shown."""
    start = fixed(session.start).timestamp() if session.start else 0
    date = session.date.isoformat() if session.date else ""
    return date, f"{start:015.0f}", session.venue or "", session.hall or "", session.label.en, session.ref


def _leg_order(leg: Leg) -> tuple[object, ...]:
    return leg.leave, leg.arrive, leg.delegation, leg.from_ or "", leg.to or "", [office.en for office in leg.persons]
