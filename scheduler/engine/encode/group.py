"""Presence together, as implications."""

from __future__ import annotations

from scheduler.engine.encode.hard import require_hard
from scheduler.engine.model import Model
from scheduler.terms import Group


def encode_group(model: Model, term: Group) -> None:
    """Say that some sessions bring others."""
    require_hard(term)
    for session in term.then:
        present = model.sessions[session].present
        if not term.whenever:
            model.cp.add_bool_or([present])
        for cause in term.whenever:
            if cause != session:
                model.cp.add_implication(model.sessions[cause].present, present)
