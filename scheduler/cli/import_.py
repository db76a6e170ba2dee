from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

import click

from scheduler.cli.answers import FilePath, answering, format_option, print_json
from scheduler.errors import ExitCode, InputError, Issue, Place, file_errors, nearest
from scheduler.tables.columns import told

if TYPE_CHECKING:
    from scheduler.tables.requests import Requests

_MADE = "Made by `scheduler import`"
_ADVICE = "Say more in a file that includes this one: it is made anew when the table changes."
_COLUMNS = "\b\nThe columns, in any order:\n" + "\n".join(f"  {line}" for line in told().splitlines())


@click.command("import", short_help="Make a scenario of a table of requests.", epilog=_COLUMNS)
@click.argument("table", type=FilePath, metavar="TABLE")
@click.option("-o", "--output", type=FilePath, metavar="FILE", help="Where the scenario goes; printed where not given.")
@click.option(
    "--include",
    multiple=True,
    metavar="WHAT",
    help="What the scenario shall include: beijing:city, or a file, as seen from FILE; repeatable.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of the workbook; the first visible one where not given.")
@click.option("--timezone", metavar="ZONE", default="Asia/Shanghai", show_default=True, help="The zone of the times.")
@format_option
@answering
def command(table: str, output: str | None, include: tuple[str, ...], sheet: str | None, timezone: str, form: str) -> int:
    """Make a scenario of a table of requests (.xlsx, .csv): one row a session.

    With --include it is whole, and its calendar spans the requested days: `scheduler solve` plans it as it is. Without,
    it is a part for another scenario to include, and its halls and delegations are checked there. The first row holds
    the names of the columns, in English or Chinese. Every problem is told at once, with its cell; nothing is written then.
    """
    from scheduler.plan import require_folder, write_whole
    from scheduler.tables.requests import read_requests
    from scheduler.tables.table import read_table
    from scheduler.tables.written import written

    zone = _zone(timezone)
    if output is not None:
        require_folder(output)
        _refuse_to_replace(output)
    target = Path(output) if output is not None else Path(f"{Path(table).stem}.yaml")
    requests = read_requests(read_table(table, sheet), target, include, zone)
    text = written(requests.tree, f"{_MADE}: requests of {_name(table)}.\n{_ADVICE}")
    if output is not None:
        write_whole(output, text)
    return _answer(requests, output, text, form)


def _zone(name: str) -> ZoneInfo:
    known = available_timezones()
    if name not in known:
        raise InputError([Issue(Place("--timezone"), f"{name!r} is not a time zone", nearest(name, known))])
    return ZoneInfo(name)


def _name(table: str) -> str:
    """Return the name of the table's file, as far as it can be written into a text."""
    return " ".join(Path(table).name.encode("utf-8", "replace").decode().split())


def _refuse_to_replace(output: str) -> None:
    """Raise InputError where a file is in the way that a person wrote, the table itself for one."""
    with file_errors(output, "read what is there"):
        if not Path(output).is_file():
            return
        with Path(output).open("rb") as file:
            made = file.readline().startswith(f"# {_MADE}".encode())
    if not made:
        message = "is already there, and `scheduler import` did not write it"
        raise InputError([Issue(Place(output), message, "name another file; nothing was changed.")])


def _answer(requests: Requests, output: str | None, text: str, form: str) -> ExitCode:
    """Print what was made of the table and return the exit code: 3 where a session fits no hall, as of `validate`."""
    from scheduler.problem import placeless
    from scheduler.scenario.merge import plain

    issues = list(placeless(requests.loaded)) if requests.loaded is not None else []
    events = requests.tree["events"]
    if form == "json":
        counts = {"events": len(events), "sessions": requests.sessions}
        where: dict[str, Any] = {"file": output} if output is not None else {"scenario": plain(requests.tree)}
        status = "infeasible" if issues else "valid"
        told = {"notes": list(requests.notes), "issues": [issue.as_json() for issue in issues]}
        print_json({"status": status, **where, **counts, **told})
    else:
        for note in requests.notes:
            click.echo(f"Note: {note}", err=True)
        for issue in issues:
            click.echo(str(issue), err=True)
        click.echo(_done(requests, output) if output is not None else text, nl=output is not None)
    return ExitCode.INFEASIBLE if issues else ExitCode.PLAN


def _done(requests: Requests, output: str) -> str:
    calendar = requests.tree.get("calendar")
    days = f", {calendar['start']} to {calendar['end']}" if calendar else ""
    following = f"scheduler solve {output}" if calendar else f"include: [{Path(output).name}] in a scenario beside it"
    counts = f"{len(requests.tree['events'])} events, {requests.sessions} sessions"
    return f"{output} is written ({counts}{days}). Next: {following}"
