"""The base of everything a file may say: strict, immutable, hyphenated keys, unknown keys refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def _key(field: str) -> str:
    return field.rstrip("_").replace("_", "-")


class Model(BaseModel):
    """A mapping of the scenario language; a field ``same_event`` is the key ``same-event``, ``from_`` is ``from``."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_key,
        validate_by_name=True,
        validate_by_alias=True,
    )
