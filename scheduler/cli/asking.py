"""The short forms in which several commands take changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scheduler.errors import ExitCode, InputError, Issue, Place

if TYPE_CHECKING:
    from scheduler.studies.study import Variant

_SHORT_FORMS = {
    "close": ("VENUE[.HALL][@DAY[..DAY]]", "Close a venue or a hall, on days or for the whole calendar."),
    "delay": ("SESSION=TIME", "Start a session so much later than in the base plan: opening.ceremony=40min."),
    "drop": ("EVENT[.SESSION]", "Leave an event or a session out."),
    "pin": ("SESSION[=HALL][@TIME]", "Keep a session where and when the base plan has it, or say where and when."),
    "forbid": ("SESSION=VENUE|@DAY", "Keep a session out of a venue or a hall, or away from a day."),
    "capacity": ("POOL=NUMBER", "So many of a pool (16), or a share more or less (-33%)."),
    "attendance": ("SESSION=NUMBER", "So many people at a session, an event or at all of them (all=+20%)."),
}

_F = TypeVar("_F", bound=Callable[..., Any])


def short_forms(command: _F) -> _F:
    """Give a command every short form as an option; they arrive together as ``words``, by form."""
    for form, (metavar, help_) in reversed(_SHORT_FORMS.items()):
        command = click.option(f"--{form}", form, multiple=True, metavar=metavar, help=help_)(command)
    return command


def gathered(options: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the words of each short form out of a command's options."""
    return {form: tuple(options[form]) for form in _SHORT_FORMS if options.get(form)}


def print_patch(variant: Variant | None, scenario: str) -> int:
    """Print the patch that short forms stand for.

    Raises InputError where none is given.
    """
    from scheduler.studies.patches import patch_text

    if variant is None:
        raise InputError([Issue(Place("--as-patch"), "no short form says what the patch changes", "'--close VENUE@DAY'?")])
    click.echo(patch_text(variant.patch, f"A patch of {scenario}: {variant.name}"), nl=False)
    return ExitCode.PLAN
