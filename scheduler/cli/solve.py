from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scheduler.cli.answers import (
    FilePath,
    answering,
    base_option,
    format_option,
    patch_option,
    print_json,
    scenario_argument,
)
from scheduler.errors import ExitCode

if TYPE_CHECKING:
    from scheduler.engine import Outcome, Progress

_EXIT = {
    "optimal": ExitCode.PLAN,
    "feasible": ExitCode.PLAN,
    "infeasible": ExitCode.INFEASIBLE,
    "unknown": ExitCode.UNKNOWN,
}


@click.command("solve", short_help="Plan a scenario, with its price and bound.")
@scenario_argument
@patch_option
@base_option
@click.option("-o", "--output", type=FilePath, metavar="PLAN", help="Where the plan goes; ID.plan.json where not given.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds; with --deterministic units of work, of a few seconds each.",
)
@click.option(
    "--gap", type=click.FloatRange(0, 1), default=0.0, help="Stop a tier at this gap, 0.01 for 1%; 0 to prove it."
)
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Cores the search may use.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 2), default=0, show_default=True, help="Another seed, another search."
)
@click.option("--deterministic", is_flag=True, help="The same bytes on every run: one worker, work counted, no run block.")
@format_option
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@answering
def command(
    file: str,
    patches: tuple[str, ...],
    base: str | None,
    output: str | None,
    time_limit: float,
    gap: float,
    workers: int,
    seed: int,
    deterministic: bool,
    form: str,
    quiet: bool,
) -> int:
    """Plan a scenario: every session in a hall at a time, with its price and its bound.

    Ctrl-C keeps the best plan so far.
    """
    from scheduler.cli.terminal import LiveLine, show_plan
    from scheduler.load import load
    from scheduler.plan import plan_json, require_folder, write_whole

    if output is not None:
        require_folder(output)  # an hour of search is not lost over a misspelt folder
    loaded = load(file, patches, base)

    from scheduler.engine import Limits, solve

    limits = Limits(time_limit, gap, workers, seed, deterministic)
    if form == "json":
        outcome = solve(loaded, limits, None if quiet else _print_progress)
    else:
        with LiveLine(quiet) as live:
            outcome = solve(loaded, limits, live.show)
    target = output or f"{loaded.scenario.id}.plan.json"
    if outcome.plan is not None:
        write_whole(target, plan_json(outcome.plan))
    if form == "json":
        print_json(_result(outcome, target))
    elif outcome.plan is None:
        click.echo(f"{outcome.status} after {outcome.seconds:.1f} s", err=True)
        for line in (*map(str, outcome.issues), outcome.reason):
            if line:
                click.echo(line, err=True)
    elif not quiet:
        show_plan(loaded.scenario, outcome.plan, outcome.seconds, target)
    return _EXIT[outcome.status]


def _print_progress(progress: Progress) -> None:
    print_json({"event": "progress", **progress._asdict()})


def _result(outcome: Outcome, target: str) -> dict[str, Any]:
    result: dict[str, Any] = {"event": "result", "status": outcome.status, "seconds": round(outcome.seconds, 3)}
    if outcome.plan is None:
        return {**result, "reason": outcome.reason, "issues": [issue.as_json() for issue in outcome.issues]}
    figures = {goal: figure.model_dump() for goal, figure in outcome.plan.figures.items()}
    tiers = [tier.model_dump(by_alias=True) for tier in outcome.plan.tiers]
    return {**result, "plan": target, "tiers": tiers, "figures": figures, "absent": outcome.plan.absent}
