"""The command ``scheduler``: finds its subcommands by file name and imports each only when it is used."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword

import click

from scheduler import __version__
from scheduler.cli.answers import machine_refuses
from scheduler.errors import ExitCode

COMMANDS = (
    "new",
    "import",
    "validate",
    "solve",
    "check",
    "explain",
    "diff",
    "whatif",
    "replan",
    "export",
    "verify",
    "rules",
    "schema",
)


class Commands(click.Group):
    """Subcommands live in ``scheduler/cli/NAME.py`` (``NAME_.py`` for a word of Python) under the name ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name not in COMMANDS:
            return None
        file = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"scheduler.cli.{file}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scheduler")
def scheduler() -> None:
    """Plan where and when a city hosts its diplomatic events.

    Exit codes: 0 a plan, 1 our fault, 2 the input's, 3 infeasible, 4 unknown (time ran out), 5 the check found
    violations, 6 the machine's (disk, memory).
    """


def main() -> None:
    """Run the command line and leave with its exit code."""
    code: int = ExitCode.PLAN
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows no Chinese shows its code, and a name of any bytes
            stream.reconfigure(errors="backslashreplace")
    try:
        code = scheduler.main(prog_name="scheduler", standalone_mode=False) or ExitCode.PLAN
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 128 + 2
    except BrokenPipeError:
        _discard_output()
    except (OSError, MemoryError) as error:
        _discard_output()
        code = machine_refuses(error)
    sys.exit(code)


def _discard_output() -> None:
    """Send what is still unwritten nowhere, so that Python does not try again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
