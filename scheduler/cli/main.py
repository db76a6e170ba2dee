"""The command ``scheduler``: finds its subcommands by file name and imports each only when it is used."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from scheduler import __version__
from scheduler.cli.answers import machine_refuses
from scheduler.errors import ExitCode

COMMANDS = ("new", "validate", "solve", "check", "rules", "schema")


class Commands(click.Group):
    """Subcommands live in ``scheduler/cli/NAME.py`` under the name ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"scheduler.cli.{cmd_name}").command
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
    try:
        code = scheduler.main(standalone_mode=False) or ExitCode.PLAN
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; nothing is left to flush
    except (OSError, MemoryError) as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = machine_refuses(error)
    sys.exit(code)
