from __future__ import annotations

from typing import TYPE_CHECKING

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
    from scheduler.check import Report
    from scheduler.load import Loaded
    from scheduler.plan import Plan


@click.command("check", short_help="Hold a plan against its scenario.")
@scenario_argument
@click.argument("plan_file", type=FilePath, metavar="PLAN")
@patch_option
@base_option
@format_option
@answering
def command(file: str, plan_file: str, patches: tuple[str, ...], base: str | None, form: str) -> int:
    """Hold a plan against its scenario, without any solver.

    Also for a plan edited by hand or made elsewhere. Exit code 5 where a rule is broken.
    """
    from scheduler.check import check
    from scheduler.cli.terminal import show_report
    from scheduler.load import load
    from scheduler.plan import read_plan

    loaded = load(file, patches, base)
    plan = read_plan(plan_file, loaded.scenario.calendar.timezone)
    report = check(loaded, plan)
    warnings = _warnings(loaded, plan, report)
    if form == "json":
        print_json(
            {
                "status": "clean" if report.clean else "violated",
                "violations": [
                    {
                        "rule": f.rule,
                        "family": f.family,
                        "sessions": f.sessions,
                        "amount": f.amount,
                        "unit": f.unit,
                        "text": f.text,
                    }
                    for f in report.findings
                ],
                "figures": {goal: figure.model_dump() for goal, figure in report.figures.items()},
                "tiers": report.tiers,
                "warnings": warnings,
            }
        )
    else:
        for warning in warnings:
            click.echo(f"Note: {warning}", err=True)
        show_report(loaded.scenario, plan, report)
    return ExitCode.PLAN if report.clean else ExitCode.VIOLATED


def _warnings(loaded: Loaded, plan: Plan, report: Report) -> list[str]:
    warnings = []
    if plan.digest and plan.digest != loaded.digest:
        patched = f" with the patches {', '.join(plan.patches)}" if plan.patches else ""
        warnings.append(f"the plan was made from another version of the scenario{patched}; it is checked against this one.")
    for goal, figure in report.figures.items():
        stated = plan.figures.get(goal)
        if stated is not None and stated.figure != figure.figure:
            warnings.append(f"the plan file says {goal} is {stated.figure} {stated.unit}; it is {figure.figure}.")
    return warnings
