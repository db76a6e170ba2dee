"""The contract of a rule family or goal, and the registry that finds them.

One family is one class in one file. The class is its own specification: its pydantic fields are what a scenario may say
under ``rule: NAME``. Its docstring is what ``scheduler rules NAME`` prints. It is found through the entry-point group
``scheduler.rules``; this module is all a family imports of the program.

A rule speaks twice, and the two share nothing: ``admits`` and ``state`` say it to the engine in terms over integers,
``check`` says it of a finished plan by the clock on the wall.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import AfterValidator, Field, PrivateAttr, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails

from scheduler.errors import SchedulerError, nearest
from scheduler.plan import Placed, Plan
from scheduler.scenario.city import Blackout, GradeName, Hotel
from scheduler.scenario.model import Model
from scheduler.scenario.scenario import Bookable, Hold, Home, Scenario, Session
from scheduler.scenario.schema import Language, Rank, Window
from scheduler.scenario.units import (
    Band,
    Count,
    Kilometres,
    Length,
    LocalTime,
    Minutes,
    TimeOfDay,
    duration_text,
    unusable,
)
from scheduler.terms import (
    Cells,
    Choice,
    Clear,
    Cumulative,
    Delay,
    Edge,
    Extent,
    Group,
    Lag,
    Link,
    LinkUse,
    Match,
    PlacementPrice,
    Price,
    Ranks,
    Relation,
    Sequence,
    Slope,
    Stay,
    Steps,
    Table,
    Tally,
    Term,
    Total,
    Tour,
    Use,
    Visit,
)

__all__ = [
    "Band",
    "Blackout",
    "BlockRef",
    "Bookable",
    "Candidates",
    "Cells",
    "Choice",
    "Clear",
    "Complaint",
    "Count",
    "Cumulative",
    "Delay",
    "DelegationRef",
    "Distinct",
    "Edge",
    "EventRef",
    "Extent",
    "Goal",
    "GradeName",
    "Group",
    "HallRef",
    "Hold",
    "Home",
    "Hotel",
    "HotelRef",
    "Kilometres",
    "LabelRef",
    "Lag",
    "Language",
    "Length",
    "Link",
    "LinkUse",
    "LocalTime",
    "Match",
    "Minutes",
    "Model",
    "PersonRef",
    "Placed",
    "PlacementPrice",
    "Plan",
    "Price",
    "Rank",
    "Ranks",
    "Refusal",
    "Relation",
    "Remedy",
    "Rule",
    "Scenario",
    "Sequence",
    "Session",
    "SessionRef",
    "Slope",
    "Soften",
    "Stay",
    "Steps",
    "Table",
    "Tally",
    "Term",
    "TimeOfDay",
    "Total",
    "Tour",
    "Use",
    "VenueRef",
    "Violation",
    "Visit",
    "Window",
    "ZoneRef",
    "block_cells",
    "duration_text",
    "families",
    "nearest",
]

GROUP = "scheduler.rules"


class Refusal(NamedTuple):
    """Why a choice cannot stand: at all, or at the starts in the half-open spans of minutes."""

    reason: str
    spans: tuple[tuple[int, int], ...] | None = None

    @classmethod
    def outside(cls, allowed: Iterable[tuple[int, int]], horizon: int, reason: str, since: int = 0) -> Refusal:
        """Return the refusal of every start, from ``since`` to the horizon, that lies in none of the ``allowed`` spans."""
        refused = []
        reached = since
        for begin, end in sorted(span for span in allowed if span[0] < span[1]):
            if begin > reached:
                refused.append((reached, begin))
            reached = max(reached, end)
        return cls(reason, (*refused, (reached, horizon)) if reached < horizon else tuple(refused))


@dataclass(frozen=True, slots=True)
class Candidates:
    """What terms speak of: the number of each session and its remaining choices, each numbered from 0.

    The home of a delegation is placed like a session, under the delegation's id: a choice is a hotel, the start is fixed.
    So is a hold that may be displaced, under its name in ``displaceable``: it has one choice, and is absent where it is.
    """

    numbers: Mapping[str, int]
    choices: tuple[tuple[Choice, ...], ...]

    def of(self, session: str) -> tuple[Choice, ...]:
        """Return the choices of a session."""
        return self.choices[self.numbers[session]]

    def attended(self, session: Session, amounts: Iterable[int | None]) -> Iterator[Use]:
        """Yield a use for each span in which people are at a session, of an amount by choice; None takes nothing."""
        choices = self.of(session.id)
        if session.daily is None and choices:  # quicker: all of them are from start to end
            yield Use(self.numbers[session.id], tuple((0, 0, amount) if amount is not None else None for amount in amounts))
            return
        by_choice = list(zip(choices, amounts, strict=True))
        for spans in zip(*(session.hours(choice.minutes) for choice in choices), strict=True):
            taken = (
                (-begin, end - choice.minutes, amount) if amount is not None else None
                for (choice, amount), (begin, end) in zip(by_choice, spans, strict=True)
            )
            yield Use(self.numbers[session.id], tuple(taken))


def block_cells(scenario: Scenario) -> Cells:
    """Return the cells of one row that are the scenario's blocks of time; a start outside of them lies in none."""
    bounds = scenario.block_bounds
    return Cells(tuple(bounds), places=tuple(None if block is None else (0, block) for block in bounds.values()))


@dataclass(frozen=True, slots=True)
class Violation:
    """What a check found: the sessions concerned, by how much, and what ``explain`` needs to say it."""

    sessions: tuple[str, ...]
    amount: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)


class Remedy(NamedTuple):
    """A change of the scenario after which a violation is none: in words, as a patch, and how large it is.

    ``share`` is by what part a number changes: 0.5 for 24 escorts that become 36.
    """

    text: str
    patch: Mapping[str, Any]
    share: float


class Complaint(NamedTuple):
    """What a rule's specification cannot mean in this scenario: the path in the file, the message, a hint."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""


def _reference(kind: str, known: Callable[[Scenario], Collection[str]]) -> AfterValidator:
    """Return the check that a word names something the scenario has; what was set aside for its own fault is not missed."""

    def check(word: str, info: ValidationInfo) -> str:
        words = known(info.context["scenario"]) if info.context else ()
        if word not in words and not (info.context and info.context["is_set_aside"](word)):
            raise unusable(f"there is no {kind} {word!r}", nearest(word, words))
        return word

    return AfterValidator(check)


BlockRef = Annotated[str, _reference("block", lambda scenario: scenario.blocks)]
"""The id of a block of time of the scenario."""

SessionRef = Annotated[str, _reference("session", lambda scenario: scenario.sessions)]
"""The id ``event.session`` of a session of the scenario."""

DelegationRef = Annotated[str, _reference("delegation", lambda scenario: scenario.delegations)]
"""The id of a delegation of the scenario."""

PersonRef = Annotated[str, _reference("person", lambda scenario: scenario.persons)]
"""A person of the scenario: a role of a delegation, ``nor.minister``."""

EventRef = Annotated[str, _reference("event", lambda scenario: scenario.events)]
"""The id of an event of the scenario."""

HallRef = Annotated[str, _reference("hall", lambda scenario: scenario.bookables)]
"""The id ``venue.hall`` of a hall of the scenario."""

HotelRef = Annotated[str, _reference("hotel", lambda scenario: scenario.hotels)]
"""The id of a hotel of the scenario."""

LabelRef = Annotated[str, _reference("kind of label", lambda scenario: scenario.label_kinds)]
"""A kind of label that some session of the scenario has."""

VenueRef = Annotated[str, _reference("venue", lambda scenario: scenario.venues)]
"""The id of a venue of the scenario."""

ZoneRef = Annotated[str, _reference("zone", lambda scenario: scenario.file.zones)]
"""The id of a zone of the scenario."""


def _distinct(listed: list[Any]) -> list[Any]:
    """Refuse each entry of a list that stands in it already, at its own place."""
    again = [
        InitErrorDetails(type=unusable(f"{entry} stands twice in this list"), loc=(position,), input=entry)
        for position, entry in enumerate(listed)
        if entry in listed[:position]
    ]
    if again:
        raise ValidationError.from_exception_data("list", again)
    return listed


_T = TypeVar("_T")

Distinct = Annotated[list[_T], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})]
"""A list in which nothing stands twice."""


class Soften(Model):
    """Makes a rule give way at a price: weight x its measure, in points of a tier."""

    tier: Annotated[int, Field(ge=1, strict=True)] = 1
    weight: Annotated[Count, Field(ge=1)] = 1


class Rule(Model):
    """A rule family; one instance is one rule of a scenario."""

    family: ClassVar[str]
    """The name in scenario files."""
    standing: ClassVar[bool] = False
    """Whether it holds in every scenario, with its defaults, unless the scenario writes one of this family."""
    unit: ClassVar[str] = "violations"
    """What its measure counts."""

    _id: str = PrivateAttr(default="")
    _kept: tuple[Scenario | None, dict[Hashable, Any]] = PrivateAttr(default=(None, {}))

    @property
    def id(self) -> str:
        """The id under which the scenario names this rule; its family where it stands by itself."""
        return self._id or self.family

    def named(self, rule_id: str) -> Rule:
        """Return this rule under its id."""
        self._id = rule_id
        return self

    def once(self, scenario: Scenario, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what ``make`` gives, worked out once for a scenario and a key."""
        of, kept = self._kept
        if of is not scenario:
            kept = {}
            self._kept = scenario, kept
        if key not in kept:
            kept[key] = make()
        found: _T = kept[key]
        return found

    @property
    def price(self) -> Price | None:
        """What breaking it costs; None where it must hold."""
        soften: Soften | None = getattr(self, "soften", None)
        return Price(soften.tier, soften.weight) if soften else None

    @property
    def counts(self) -> str:
        """What the measure of this one rule counts, where its family's ``unit`` leaves that to the fields."""
        return self.unit

    def complaints(self, scenario: Scenario) -> Iterable[Complaint]:
        """Say what of the specification cannot be meant in this scenario."""
        return ()

    def concerns(self, scenario: Scenario) -> Collection[str] | None:
        """Return the sessions of which ``admits`` could refuse something; None where that may be any."""
        return None

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Say why a choice, or some of its starts, cannot stand whatever the other sessions do."""
        return ()

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say the rule in terms."""
        return ()

    @abstractmethod
    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Say where a plan breaks the rule, from the scenario and the plan alone."""

    @abstractmethod
    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say a violation in one sentence with names, times and amounts."""

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Say which numbers of the scenario would have to be others for a violation to be none; softening goes without."""
        return ()


class Goal(Rule):
    """A goal family: a figure to make small, at a weight, in a tier."""

    tier: Annotated[int, Field(ge=1, strict=True)] = 1
    weight: Annotated[Count, Field(ge=1)] = 1

    @property
    def price(self) -> Price:
        """Points for each unit of the figure."""
        return Price(self.tier, self.weight)

    @abstractmethod
    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Return the figure of a plan, from the scenario and the plan alone."""

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """A goal is never broken."""
        return ()

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """A goal is never broken."""
        raise SchedulerError(f"the goal {self.id} was asked to explain a violation")


@lru_cache(maxsize=1)
def families() -> Mapping[str, type[Rule]]:
    """Return every installed rule family and goal by its name.

    Raises SchedulerError where two packages claim one name, or where one announces something else than a rule.
    """
    found: dict[str, type[Rule]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception as error:  # to import a package of others may raise anything; it is told, and nothing is hidden
            raise SchedulerError(f"the rule {point.name} ({point.value}) cannot be imported: {error}") from error
        if not (isinstance(loaded, type) and issubclass(loaded, Rule)):
            raise SchedulerError(f"the entry point {point.name} = {point.value} is no rule family")
        if loaded.family != point.name or found.get(point.name, loaded) is not loaded:
            raise SchedulerError(f"{point.value} is announced as {point.name!r}: the name is not its own, or is taken")
        found[point.name] = loaded
    return found
