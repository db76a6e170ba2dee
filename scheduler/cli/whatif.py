from __future__ import annotations

import csv
import io
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.cli.answers import FilePath, answering, patch_option, print_json, scenario_argument
from scheduler.cli.asking import gathered, print_patch, short_forms
from scheduler.errors import ExitCode, InputError, Issue, Place, file_errors

if TYPE_CHECKING:
    from scheduler.studies.whatif import Ground, Result


@click.command("whatif", short_help="Put variants side by side against the base plan.")
@scenario_argument
@click.argument("study_file", type=FilePath, metavar="[STUDY]", required=False)
@patch_option
@click.option("--base", type=FilePath, metavar="PLAN", help="The plan that variants begin from; solved where not given.")
@short_forms
@click.option(
    "-o", "--output", type=FilePath, metavar="DIR", help="Where plans and patches go; STUDY.whatif where not given."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds for each variant; with --deterministic units of work.",
)
@click.option(
    "--gap", type=click.FloatRange(0, 1), default=0.0, help="Stop a tier at this gap, 0.01 for 1%; 0 to prove it."
)
@click.option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster, tcp://host:8786; wants the extra 'cluster'.")
@click.option("--workers", type=click.IntRange(1, 256), help="Variants side by side; one a core where not given.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 2), default=0, show_default=True, help="Another seed, another search."
)
@click.option("--deterministic", is_flag=True, help="The same plans on every run: work counted, no run block.")
@click.option("--dry-run", is_flag=True, help="Name the variants and what they will cost, and stop.")
@click.option("--as-patch", is_flag=True, help="Print the patch that the short forms stand for, and stop.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", help="What to print.")
@click.option("--quiet", is_flag=True, help="Print the table alone.")
@answering
def command(
    file: str,
    study_file: str | None,
    patches: tuple[str, ...],
    base: str | None,
    output: str | None,
    time_limit: float,
    gap: float,
    cluster: str | None,
    workers: int | None,
    seed: int,
    deterministic: bool,
    dry_run: bool,
    as_patch: bool,
    form: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Solve variants of a scenario side by side, and compare each with the base plan.

    They stand in a file (STUDY), or one is said in short forms. Asked again with the same folder, what is done is kept;
    Ctrl-C keeps what is finished. Exit code 2 where a variant is not valid, 4 where one has no answer yet.
    """
    from scheduler.executor import Cluster, cores, run_here
    from scheduler.load import read_patched, zone_of
    from scheduler.plan import read_plan
    from scheduler.studies.short_forms import Subject
    from scheduler.studies.study import asked, read_study
    from scheduler.studies.whatif import built, require_same

    issues: list[Issue] = []
    tree, names = read_patched(file, patches, issues), tuple(Path(patch).name for patch in patches)
    read = read_study(study_file) if study_file is not None else None
    base = base or (str(read.base) if read is not None and read.base is not None else None)
    plan = read_plan(base, zone_of(tree)) if base is not None else None
    if plan is not None:
        require_same(tree, plan)
    loaded = built(tree, names, plan, issues)
    subject = Subject(loaded.scenario, plan)
    more = asked(gathered(options), subject)
    if as_patch:
        return print_patch(more, loaded.scenario.id)
    variants = [*(read.variants(subject) if read is not None else ()), *([more] if more is not None else ())]
    if not variants:
        raise InputError([Issue(Place(file), "nothing is to be changed", "a STUDY, or '--close VENUE@DAY'?")])
    there = click.get_current_context().with_resource(Cluster(cluster)) if cluster is not None else None
    side_by_side = min(there.workers if there is not None else workers or cores(), len(variants))
    if dry_run or not quiet:
        click.echo(_cost(len(variants), side_by_side, time_limit, deterministic), err=not dry_run)
    if dry_run:
        click.echo("\n".join(variant.name for variant in variants))
        return ExitCode.PLAN
    folder = Path(output or f"{Path(study_file).stem if study_file is not None else loaded.scenario.id}.whatif")
    with file_errors(str(folder), "write"):
        folder.mkdir(parents=True, exist_ok=True)

    from scheduler.engine import Limits
    from scheduler.studies.whatif import base_plan, ground, study

    limits = Limits(time_limit, gap, 1, seed, deterministic)
    if plan is None:
        plan = base_plan(loaded, limits, folder)
        if plan is None:
            click.echo("The scenario itself has no plan to compare with: ask `scheduler solve`.", err=True)
            return ExitCode.INFEASIBLE
    common = ground(tree, names, plan, limits)
    results: dict[str, Result] = {}
    runner = there.run if there is not None else partial(run_here, workers=side_by_side)
    with suppress(KeyboardInterrupt):
        for result in study(common, variants, folder, runner):
            results[result.name] = result
            if form == "json":
                _print_row(common, result)
            elif not quiet:
                click.echo(f"{len(results)} of {len(variants)}: {result.name}: {result.status}", err=True)
    ordered = [results[variant.name] for variant in variants if variant.name in results]
    if form == "text":
        _show(common, ordered, folder, len(variants) - len(ordered))
    elif form == "csv":
        click.echo(_table(common, ordered), nl=False)
    _write_table(folder, _table(common, ordered))
    return _exit_code(ordered, len(variants))


def _cost(count: int, side_by_side: int, seconds: float, deterministic: bool) -> str:
    """Return what a study will cost at most, in words."""
    each = f"{seconds:g} {'units of work' if deterministic else 's'}"
    rounds = -(-count // side_by_side)
    total = rounds * (seconds + 2)
    said = f"{total:.0f} s" if total < 120 else f"{total / 60:.0f} min" if total < 7200 else f"{total / 3600:.0f} h"
    at_most = "" if deterministic else f": {said} at most"
    return f"{count} variant{'s' if count > 1 else ''} of at most {each} each, {side_by_side} side by side{at_most}"


def _print_row(common: Ground, result: Result) -> None:
    from scheduler.studies.whatif import row

    issues = [issue.as_json() for issue in result.issues]
    print_json({"event": "variant", **row(common, result), "issues": issues})


def _show(common: Ground, results: list[Result], folder: Path, missing: int) -> None:
    from scheduler.cli.differences import counted, print_columns
    from scheduler.cli.terminal import page
    from scheduler.studies.whatif import columns

    out, goals = page(), columns(common)
    rows = [["base", common.plan.status, *_figures(common, common.plan.figures, goals), "", _absent(common.plan), "", ""]]
    for result in results:
        plan = result.plan
        found = common.compared(plan) if plan is not None else None
        moved = f"{len(found.changes)}{counted(found)}" if found else ""
        homes = f", {len(found.homes)} home{'s' if len(found.homes) > 1 else ''}" if found and found.homes else ""
        figures = _figures(common, plan.figures if plan else {}, goals)
        most, seconds = str(result.tightest or ""), f"{result.seconds:.1f}"
        rows.append([result.name, result.status, *figures, moved + homes, _absent(plan), most, seconds])
    headings = ("Variant", "Status", *goals, "Changed", "Left out", "Tightest", "s")
    print_columns(out, f"{common.loaded.scenario.file.name or common.loaded.scenario.id}: what if", headings, rows)
    for result in results:
        for line in result.why:
            out.print(f"{result.name}: {line}", soft_wrap=True, markup=False, emoji=False)
    if missing:
        out.print(f"{missing} not finished: ask again, and what is done is kept.")
    out.print(f"Plans and patches: {folder}", soft_wrap=True, markup=False)


def _figures(common: Ground, figures: Any, goals: list[str]) -> list[str]:
    return [str(figures[goal].figure) if goal in figures else "" for goal in goals]


def _absent(plan: Any) -> str:
    return ", ".join(plan.absent) if plan is not None else ""


def _table(common: Ground, results: list[Result]) -> str:
    """Return the table as CSV, the base first."""
    from scheduler.studies.whatif import Result, columns, row

    goals = columns(common)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["variant", "status", *goals, "changed", "moved", "homes", "left out", "tightest", "seconds", "why"])
    for result in (Result("base", common.plan.status, plan=common.plan), *results):
        said = row(common, result)
        moved = "; ".join(f"{count} {kind}" for kind, count in said["moved"].items())
        figures = [said["figures"].get(goal, "") for goal in goals]
        rest = [said["homes"], " ".join(said["absent"]), said["tightest"], said["seconds"], " | ".join(said["why"])]
        out.writerow([said["variant"], said["status"], *figures, said["changed"], moved, *rest])
    return text.getvalue()


def _write_table(folder: Path, table: str) -> None:
    from scheduler.plan import write_whole

    write_whole(folder / "table.csv", table)


def _exit_code(results: list[Result], count: int) -> int:
    statuses = {result.status for result in results}
    if "failed" in statuses:
        return ExitCode.OUR_FAULT
    if len(results) < count:
        return ExitCode.UNKNOWN
    return ExitCode.INPUT if "invalid" in statuses else ExitCode.UNKNOWN if "unknown" in statuses else ExitCode.PLAN
