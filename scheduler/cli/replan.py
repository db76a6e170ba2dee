from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.cli.answers import FilePath, answering, format_option, print_json, scenario_argument
from scheduler.cli.asking import gathered, short_forms
from scheduler.errors import ExitCode, InputError, Issue, Place

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.scenario.scenario import Scenario
    from scheduler.scenario.strict_yaml import Mapping
    from scheduler.studies.compare import Comparison
    from scheduler.studies.replan import Replanned

_EXIT = {"feasible": ExitCode.PLAN, "infeasible": ExitCode.INFEASIBLE, "unknown": ExitCode.UNKNOWN}


@click.command("replan", short_help="Change a plan as little as something new asks for.")
@scenario_argument
@click.argument("plan_file", type=FilePath, metavar="PLAN")
@click.option(
    "--patch",
    "patches",
    type=FilePath,
    multiple=True,
    metavar="PATCH",
    help="What has changed, as a patch file; repeatable.",
)
@click.option(
    "--with",
    "before",
    type=FilePath,
    multiple=True,
    metavar="PATCH",
    help="A patch that PLAN was made with already; repeatable.",
)
@short_forms
@click.option("--actuals", type=FilePath, metavar="FILE", help="What has happened: landed, started, overran, ended.")
@click.option("--now", metavar="TIME", help="What has begun by now stays: 2023-10-17T12:00.")
@click.option("--freeze", metavar="TIME", default="0 min", show_default=True, help="So long after now all stays too: 2 h.")
@click.option("--order", default="absent,day,venue,hall,time", show_default=True, help="Ways to change, the gravest first.")
@click.option(
    "-o", "--output", type=FilePath, metavar="PLAN", help="Where the new plan goes; ID.replan.json where not given."
)
@click.option(
    "--notices", type=FilePath, metavar="FILE", help="Where the change notices go; beside the plan where not given."
)
@click.option("--as-patch", is_flag=True, help="Print the changes as a patch in place of the report.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds; with --deterministic units of work.",
)
@click.option("--prove", is_flag=True, help="Search on until it is proved that no plan changes less.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 2), default=0, show_default=True, help="Another seed, another search."
)
@click.option("--deterministic", is_flag=True, help="The same bytes on every run: work counted, no run block.")
@format_option
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@answering
def command(
    file: str,
    plan_file: str,
    patches: tuple[str, ...],
    before: tuple[str, ...],
    actuals: str | None,
    now: str | None,
    freeze: str,
    order: str,
    output: str | None,
    notices: str | None,
    as_patch: bool,
    time_limit: float,
    prove: bool,
    seed: int,
    deterministic: bool,
    form: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Change a plan as little as something new asks for: fewest and mildest changes, each with its reason.

    What is new comes as patches, as short forms, as facts. Out come the new plan and a notice for each delegation, venue,
    shared resource and hotel that a change concerns.
    """
    from scheduler.load import read_patch, read_patched, zone_of
    from scheduler.plan import plan_json, read_plan, require_folder, write_whole
    from scheduler.scenario.merge import patched
    from scheduler.studies.actuals import read_actuals
    from scheduler.studies.notices import notice_text
    from scheduler.studies.notices import notices as addressed
    from scheduler.studies.patches import composed, placed
    from scheduler.studies.replan import replan, staying, weights, why
    from scheduler.studies.short_forms import Subject
    from scheduler.studies.study import asked
    from scheduler.studies.whatif import built, require_same

    target = output or f"{Path(plan_file).name.partition('.')[0]}.replan.json"
    notice_file = notices or f"{target.removesuffix('.json')}.notices.txt"
    for path in (target, notice_file):
        require_folder(path)
    ways = order.split(",")
    weights(ways)
    issues: list[Issue] = []
    tree = read_patched(file, before, issues)
    plan = read_plan(plan_file, zone_of(tree))
    require_same(tree, plan)
    names = tuple(Path(patch).name for patch in before)
    scenario = built(tree, names, plan, issues).scenario
    subject = Subject(scenario, plan)
    moment = _moment(now, scenario) if now is not None else None
    minutes = _minutes(freeze)
    facts = read_actuals(actuals, scenario, plan, moment) if actuals is not None else []
    news = placed({}, Place("the change"))
    for patch in patches:
        news = composed(news, read_patch(patch, issues), issues)
    more = asked(gathered(options), subject)
    if more is not None:
        news = composed(news, more.patch, issues)
    for fact in facts:
        news = composed(news, placed(fact.patch(subject), Place(f"{actuals}: {fact.session}")), issues)
    whole = news
    if moment is not None:
        missed = [fact.session for fact in facts if fact.fact.missed]
        stays = staying(subject, moment, minutes, list(news.get("pins", {})), missed)
        whole = composed(news, placed(stays, Place("--now")), issues)
    if issues:
        raise InputError(issues)
    loaded = built(patched(tree, whole, issues), (*names, *(Path(patch).name for patch in patches)), plan, issues)

    from scheduler.engine import Limits

    answer = replan(loaded, plan, Limits(time_limit, 0.0, 1, seed, deterministic), ways, prove=prove)
    if answer.plan is None or answer.changes is None:
        return _no_plan(answer, form)
    told = {name: f"Delayed by {length}." for word in options["delay"] for name, _, length in [word.partition("=")]}
    told |= {fact.session: f"{str(fact)[0].upper()}{str(fact)[1:]}." for fact in facts}
    reasons = {change.session: why(loaded, answer.plan, change, told) for change in answer.changes.changes}
    letters = addressed(loaded.scenario, answer.changes, reasons)
    write_whole(target, plan_json(answer.plan))
    write_whole(notice_file, "\n".join(map(notice_text, letters)) or "Nothing changes.\n")
    if as_patch:
        _print_as_patch(news, Subject(loaded.scenario, answer.plan), answer.changes)
    elif form == "json":
        changes = answer.changes.as_json(loaded.scenario)
        for change in changes["changes"]:
            change["why"] = reasons[change["session"]]
        sent = [{**letter._asdict(), "entries": [entry._asdict() for entry in letter.entries]} for letter in letters]
        result = {"status": answer.status, "fewest": answer.proved, "points": answer.points, "plan": target}
        print_json({**result, "seconds": round(answer.seconds, 3), **changes, "notices": sent})
    elif not quiet:
        _show(loaded.scenario, answer, reasons, target, notice_file)
    return _EXIT[answer.status]


def _moment(text: str, scenario: Scenario) -> datetime:
    from pydantic import TypeAdapter, ValidationError

    from scheduler.scenario.units import LocalTime

    adapter: TypeAdapter[datetime] = TypeAdapter(LocalTime)
    try:
        return adapter.validate_python(text, context={"zone": scenario.calendar.timezone})
    except ValidationError as error:
        said = error.errors()[0]
        raise InputError([Issue(Place("--now"), said["msg"], said.get("ctx", {}).get("hint", ""))]) from error


def _minutes(text: str) -> int:
    from pydantic_core import PydanticCustomError

    from scheduler.scenario.units import parse_duration

    try:
        return parse_duration(text)
    except PydanticCustomError as error:
        raise InputError([Issue(Place("--freeze"), error.message(), str((error.context or {}).get("hint", "")))]) from error


def _no_plan(answer: Replanned, form: str) -> int:
    if form == "json":
        issues = [issue.as_json() for issue in answer.issues]
        print_json({"status": answer.status, "reason": answer.reason, "issues": issues})
        return _EXIT[answer.status]
    click.echo(f"{answer.status} after {answer.seconds:.1f} s", err=True)
    for line in (*map(str, answer.issues), answer.reason):
        if line:
            click.echo(line, err=True)
    lost = [issue.message.split()[0] for issue in answer.issues]
    if lost:
        click.echo(f"    Maybe leave them out: {' '.join(f'--drop {name}' for name in lost)}", err=True)
    return _EXIT[answer.status]


def _print_as_patch(news: Mapping, subject: Any, found: Comparison) -> None:
    from scheduler.scenario.merge import patched
    from scheduler.studies.patches import patch_text, placed
    from scheduler.studies.replan import changes_patch

    whole = patched(news, placed(changes_patch(subject, found), Place("the new plan")), [])
    click.echo(patch_text(whole, "What has changed, and where the new plan has what it moves."), nl=False)


def _show(scenario: Scenario, answer: Replanned, reasons: dict[str, str], target: str, notice_file: str) -> None:
    from scheduler.cli.differences import counted, print_columns, print_homes
    from scheduler.cli.terminal import page
    from scheduler.studies.compare import session_name, where_and_when

    assert answer.changes is not None
    out, found = page(), answer.changes
    out.print(f"{len(found.changes)} of {found.sessions} sessions change{counted(found)}.\n", soft_wrap=True)
    rows = [
        (
            change.session,
            session_name(scenario, change.session),
            where_and_when(scenario, change.was),
            where_and_when(scenario, change.now),
            reasons[change.session],
        )
        for change in found.changes
    ]
    print_columns(out, "Changes", ("Session", "Name", "Was", "Is", "Why"), rows)
    print_homes(out, scenario, found)
    proved = "No plan changes less" if answer.proved else "Nothing found that changes less"
    out.print(f"{proved} ({answer.points} points); {answer.seconds:.1f} s, checked.", soft_wrap=True)
    out.print(f"The plan: {target}  The notices: {notice_file}", soft_wrap=True, markup=False, emoji=False)
