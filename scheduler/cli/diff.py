from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler.cli.answers import FilePath, answering, format_option, patch_option, print_json, scenario_argument
from scheduler.errors import ExitCode

if TYPE_CHECKING:
    from scheduler.scenario.scenario import Scenario
    from scheduler.studies.compare import Comparison


@click.command("diff", short_help="Tell two plans apart, by session, delegation and venue.")
@scenario_argument
@click.argument("old", type=FilePath, metavar="PLAN")
@click.argument("new", type=FilePath, metavar="PLAN")
@patch_option
@format_option
@answering
def command(file: str, old: str, new: str, patches: tuple[str, ...], form: str) -> int:
    """Tell what differs between an old plan and a new one, by session, delegation and venue.

    Also of plans for two versions of the scenario: names are those of this one.
    """
    from scheduler.load import load
    from scheduler.plan import read_plan
    from scheduler.studies.compare import compare

    loaded = load(file, patches)
    zone = loaded.scenario.calendar.timezone
    found = compare(loaded.scenario, read_plan(old, zone), read_plan(new, zone))
    if form == "json":
        print_json(found.as_json(loaded.scenario))
    else:
        _show(loaded.scenario, found)
    return ExitCode.PLAN


def _show(scenario: Scenario, found: Comparison) -> None:
    from scheduler.cli.differences import counted, print_changes, print_columns
    from scheduler.cli.terminal import page

    out = page()
    out.print(f"{len(found.changes)} of {found.sessions} sessions differ{counted(found)}.\n", soft_wrap=True)
    print_changes(out, scenario, found)
    delegations = [
        (scenario.delegation_name(name), str(len(changes)), ", ".join(change.session for change in changes))
        for name, changes in found.by_delegation(scenario).items()
    ]
    print_columns(out, "By delegation", ("Delegation", "Sessions", "Which"), delegations)
    venues = [
        (str(scenario.venues[venue].name) if venue in scenario.venues else venue, *(str(len(some)) for some in at))
        for venue, at in found.by_venue().items()
    ]
    print_columns(out, "By venue", ("Venue", "Go", "Come", "Stay, and change"), venues)
    figures = [
        (goal, *(f"{figure.figure} {figure.unit}" if figure else "none" for figure in pair))
        for goal, pair in found.figures.items()
    ]
    print_columns(out, "Figures", ("Goal", "Was", "Is"), figures)
