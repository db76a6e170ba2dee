"""The one refusal that several encodings share."""

from __future__ import annotations

from scheduler.errors import SchedulerError
from scheduler.terms import Term


def require_hard(term: Term) -> None:
    """Refuse a price on a kind of term that is encoded hard only.

    Raises SchedulerError.
    """
    if term.price is not None:
        kind = type(term).__name__
        raise SchedulerError(f"the rule {term.rule} puts a price on a {kind}, which the engine cannot encode")
