from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scheduler.cli.answers import (
    ScenarioPath,
    answering,
    error_json,
    format_option,
    patch_option,
    print_json,
    show_error,
)
from scheduler.errors import ExitCode, InputError, Issue, Place, SchedulerError, nearest

if TYPE_CHECKING:
    from scheduler.load import Loaded


@click.command("validate", short_help="Find every problem of a scenario at once.")
@click.argument("files", type=ScenarioPath(readable=False), metavar="FILE...", nargs=-1, required=True)
@patch_option
@click.option("--effective", is_flag=True, help="Print the scenario as it is understood: all files together, all defaults.")
@click.option("--why-not", metavar="SESSION", help="Say of each hall of a session why it cannot be there, or when it can.")
@format_option
@answering
def command(files: tuple[str, ...], patches: tuple[str, ...], effective: bool, why_not: str | None, form: str) -> int:
    """Find every problem of a scenario at once, with its file, line and column."""
    worst = ExitCode.PLAN
    for file in files:
        try:
            code = _validate(file, patches, effective, why_not, form)
        except SchedulerError as error:
            show_error(error, form) if form == "text" else print_json({"file": file, **error_json(error)})
            code = error.exit_code
        worst = max(worst, code)
    return worst


def _validate(file: str, patches: tuple[str, ...], effective: bool, why_not: str | None, form: str) -> ExitCode:
    from scheduler.load import load
    from scheduler.problem import placeless

    loaded = load(file, patches)
    if why_not is not None:
        _print_why_not(loaded, file, why_not, form)
        return ExitCode.PLAN
    if effective:
        _print_effective(loaded, form)
        return ExitCode.PLAN
    issues = list(placeless(loaded))
    scenario = loaded.scenario
    counts = {
        "events": len(scenario.events),
        "sessions": len(scenario.sessions),
        "halls": len(scenario.bookables),
        "rules": len(loaded.rules),
    }
    if form == "json":
        status = "infeasible" if issues else "valid"
        print_json({"file": file, "status": status, **counts, "issues": [issue.as_json() for issue in issues]})
    elif issues:
        for issue in issues:
            click.echo(str(issue), err=True)
    else:
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        click.echo(f"{file}: valid ({said})")
    return ExitCode.INFEASIBLE if issues else ExitCode.PLAN


def _print_why_not(loaded: Loaded, file: str, session_id: str, form: str) -> None:
    from scheduler.cli.terminal import show_why_not
    from scheduler.problem import reasons, refused

    scenario = loaded.scenario
    if session_id not in scenario.sessions:
        hint = nearest(session_id, scenario.sessions)
        raise InputError([Issue(Place(file), f"there is no session {session_id!r}", hint)])
    rows = []
    for choice, starts, refusals in refused(scenario, loaded.rules, scenario.sessions[session_id]):
        count = sum(len(span) for span in starts)
        row: dict[str, Any] = {
            "option": choice.option or None,
            "hall": choice.hall,
            "starts": count,
            "why_not": reasons(refusals) if refusals else "",
        }
        if starts:
            row["first"] = scenario.calendar.moment(starts[0][0]).isoformat(timespec="minutes")
            row["last"] = scenario.calendar.moment(starts[-1][-1]).isoformat(timespec="minutes")
        rows.append(row)
    if form == "json":
        print_json({"session": session_id, "halls": rows})
    else:
        show_why_not(scenario, session_id, rows)


def _print_effective(loaded: Loaded, form: str) -> None:
    import yaml

    from scheduler.language import effective

    data = effective(loaded)
    if form == "json":
        print_json(data)
    else:
        click.echo(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), nl=False)
