"""What all commands share: the options that mean the same everywhere, and how errors are shown."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from scheduler.errors import ExitCode, InputError, MachineError, SchedulerError


class ScenarioPath(click.Path):
    """A scenario file, or a folder that holds one as ``scenario.yaml``."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of the file."""
        inside = Path(value) / "scenario.yaml"
        with suppress(OSError, ValueError):  # a name that no file can have is reported where it is read
            return str(inside) if inside.is_file() else value
        return value


FilePath = click.Path(readable=False)
"""A file, whose reading is left to the command: it says what is wrong in the format it was asked for."""

scenario_argument = click.argument("file", type=ScenarioPath(readable=False), metavar="FILE")
patch_option = click.option(
    "--patch",
    "patches",
    type=FilePath,
    multiple=True,
    metavar="PATCH",
    help="Lay a patch file over the scenario; repeatable.",
)
base_option = click.option("--base", type=FilePath, metavar="PLAN", help="The plan that the goal stability keeps to.")
format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What to print; json is for programs."
)


def answering(command: Callable[..., int]) -> Callable[..., int]:
    """Show the errors of a command in the format it was asked for, and return their exit code."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> int:
        try:
            return command(*args, **options)
        except SchedulerError as error:
            show_error(error, options.get("form", "text"))
            return error.exit_code

    return wrapped


def show_error(error: SchedulerError, form: str) -> None:
    """Print an error for a person, or as one JSON object."""
    if form == "json":
        print_json(error_json(error))
        return
    if isinstance(error, InputError):
        click.echo(str(error), err=True)
        count = len(error.issues)
        click.echo(f"{count} problem{'s' if count > 1 else ''}.", err=True)
    elif isinstance(error, MachineError):
        click.echo(str(error), err=True)
    else:
        click.echo(f"This is a fault of the program, not of your input: {error}", err=True)


def error_json(error: SchedulerError) -> dict[str, Any]:
    """Return an error as JSON: its exit code, and its issues or its message."""
    if isinstance(error, InputError):
        return {
            "status": "invalid",
            "exit_code": int(error.exit_code),
            "issues": [issue.as_json() for issue in error.issues],
        }
    return {"status": "error", "exit_code": int(error.exit_code), "message": str(error)}


def print_json(data: Any) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(data, ensure_ascii=False))


def machine_refuses(error: OSError | MemoryError) -> int:
    """Say that the machine would not go on, and return the exit code for it."""
    reason = "out of memory" if isinstance(error, MemoryError) else (error.strerror or str(error)).lower()
    with suppress(OSError):  # where the complaint cannot be written either, the exit code says it
        click.echo(f"The machine refuses: {reason}", err=True)
    return ExitCode.MACHINE
