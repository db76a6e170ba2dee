"""Which fields of a plan each audience is shown, as a scenario file declares it: by grade, with safe defaults.

The command centre is shown everything, the public what is declared and nothing else. Those who look after a delegation are
shown of all sessions what the public is; of those in which it takes part the fields of ``OWN``, where nothing is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scheduler.scenario.city import GradeName
from scheduler.scenario.model import Model
from scheduler.scenario.units import unusable

Audience = Literal["public", "liaison", "command"]
"""From the widest to the narrowest."""

AUDIENCES: tuple[Audience, ...] = ("public", "liaison", "command")

SessionField = Literal[
    "event",
    "name",
    "date",
    "time",
    "venue",
    "hall",
    "layout",
    "needs",
    "delegations",
    "persons",
    "attendance",
    "vehicles",
    "preparation",
    "grade",
]
"""``time`` is start and end; ``preparation`` is when the hall is taken and swept; ``hall`` tells the option too."""

OwnField = Literal["movements", "escorts", "routes", "homes"]
"""Of a delegation itself: when it is driven from where to where; with a motorcade or not; by which roads; its hotel."""

_NEEDS: Mapping[str, str] = {
    "time": "date",
    "preparation": "time",
    "hall": "venue",
    "persons": "delegations",
    "escorts": "movements",
    "routes": "movements",
}


def _with_what_they_need(fields: list[str]) -> list[str]:
    for field in fields:
        if _NEEDS.get(field, field) not in fields:
            raise unusable(f"{field!r} cannot be shown without {_NEEDS[field]!r}", f"add {_NEEDS[field]!r} to the list.")
    return fields


SessionFields = Annotated[list[SessionField], AfterValidator(_with_what_they_need)]
OwnFields = Annotated[list[OwnField], AfterValidator(_with_what_they_need)]

GRADES: tuple[GradeName, ...] = ("G1", "G2", "G3")

OWN: tuple[SessionField, ...] = ("event", "name", "date", "time", "venue", "hall", "layout", "delegations", "persons")
"""What is shown to ``liaison`` of its own sessions where the scenario does not say."""


class Public(Model):
    """What everybody is shown."""

    sessions: dict[GradeName, SessionFields] = Field(
        default={}, description="The fields shown of sessions of a grade; nothing of those of a grade not given."
    )


class Liaison(Model):
    """What those are shown who look after one delegation: of its own sessions more, of all others what the public is."""

    sessions: dict[GradeName, SessionFields] = Field(
        default={}, description="The fields shown of sessions of a grade in which the delegation takes part."
    )
    own: OwnFields = Field(default=["movements"], description="What is shown of the delegation itself.")


class Audiences(Model):
    """What each audience is shown of the plan; ``command`` is shown everything."""

    key: str | None = Field(
        default=None,
        min_length=16,
        description="A secret text of your own. With it nobody can guess a session's id from its reference in an export.",
    )
    public: Public = Public()
    liaison: Liaison = Liaison()

    def fields(self, audience: Audience, grade: GradeName) -> frozenset[SessionField]:
        """Return the fields that ``public``, or ``liaison`` of its own sessions, is shown of sessions of a grade."""
        if audience == "public":
            return frozenset(self.public.sessions.get(grade, ()))
        return frozenset(self.liaison.sessions.get(grade, OWN))
