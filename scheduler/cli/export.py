from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

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
from scheduler.errors import ExitCode, InputError, Issue, Place

if TYPE_CHECKING:
    from scheduler.exports.export import Issued
    from scheduler.scenario.audiences import Audience


@click.command("export", short_help="Issue a plan: calendars, sheets, tables, a map.")
@scenario_argument
@click.argument("plan_file", type=FilePath, metavar="PLAN")
@click.option("--to", "formats", default="ics,xlsx,pdf,csv,geojson", show_default=True, help="The formats, with commas.")
@click.option(
    "--audience",
    type=click.Choice(["public", "liaison", "command"]),
    default="command",
    show_default=True,
    help="Who reads it; what each is shown, the scenario declares under 'audiences'.",
)
@click.option("--delegation", metavar="ID", help="The delegation that liaison looks after.")
@click.option(
    "--lang", "languages", default="en,zh", show_default=True, help="The languages, side by side; the first leads."
)
@click.option(
    "--words",
    "catalogues",
    type=FilePath,
    multiple=True,
    metavar="FILE",
    help="Words of one more language: fr.yaml; repeatable.",
)
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option("--anyway", is_flag=True, help="Issue a plan that breaks rules; every page says that it does.")
@click.option("--approved-by", metavar="WHO", help="The issue is confirmed, and by whom.")
@click.option("--now", metavar="TIME", help="The time of issue (2023-10-12T18:00); the clock's where not given.")
@click.option(
    "-o", "--output", "folder", type=FilePath, required=True, metavar="DIR", help="Where issues for these readers lie."
)
@patch_option
@base_option
@format_option
@answering
def command(
    file: str,
    plan_file: str,
    formats: str,
    audience: Audience,
    delegation: str | None,
    languages: str,
    catalogues: tuple[str, ...],
    bom: bool,
    anyway: bool,
    approved_by: str | None,
    now: str | None,
    folder: str,
    patches: tuple[str, ...],
    base: str | None,
    form: str,
) -> int:
    """Issue a plan to those who work by it: DIR/issue-001, then DIR/issue-002, which tells what changed since.

    The plan is checked first. What the readers may not see is in none of the files.
    """
    from scheduler.exports.export import Order, export
    from scheduler.load import load
    from scheduler.plan import read_plan

    loaded = load(file, patches, base)
    zone = loaded.scenario.calendar.timezone
    plan = read_plan(plan_file, zone)
    order = Order(
        formats=_listed(formats),
        audience=audience,
        delegation=delegation,
        languages=_listed(languages),
        catalogues=catalogues,
        bom=bom,
        approved_by=approved_by,
        anyway=anyway,
        made=_moment(now, zone) if now else None,
    )
    issued = export(loaded, plan, folder, order)
    notes = list(issued.notes)
    if plan.digest and plan.digest != loaded.digest:
        notes.insert(0, "the plan was made from another version of the scenario; it was checked against this one.")
    return _answer(issued, notes, form)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _moment(text: str, zone: ZoneInfo) -> datetime:
    from pydantic import TypeAdapter, ValidationError

    from scheduler.scenario.units import LocalTime

    try:
        return TypeAdapter(LocalTime).validate_python(text, context={"zone": zone})
    except ValidationError as error:
        said = error.errors()[0].get("ctx", {})
        raise InputError([Issue(Place("--now"), said["message"], said["hint"])]) from error


def _answer(issued: Issued, notes: list[str], form: str) -> ExitCode:
    """Print what was written, or why not, and return the exit code."""
    from scheduler.exports.cells import counted

    view, written = issued.view, issued.written
    if view is None or written is None:
        findings = [finding.text for finding in issued.report.findings]
        if form == "json":
            print_json({"status": "violated", "violations": findings, "notes": notes})
        else:
            for finding in findings:
                click.echo(finding, err=True)
            many = f"{len(findings)} violations" if len(findings) > 1 else "1 violation"
            click.echo(f"{many}; nothing was written.\n    Maybe --anyway, which marks every page?", err=True)
        return ExitCode.VIOLATED
    counts = counted(view)
    if form == "json":
        print_json(
            {
                "status": written.manifest.status,
                "folder": str(written.path),
                "issue": view.number,
                "seal": written.seal,
                "sessions": len(view.sessions),
                "changes": counts,
                "files": list(written.manifest.files),
                "notes": notes,
            }
        )
        return ExitCode.PLAN
    for note in notes:
        click.echo(f"Note: {note}", err=True)
    since = ""
    if view.number > 1:
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing changed"
        since = f"; {told} since issue {view.number - 1}"
    size = sum(listed.bytes for listed in written.manifest.files.values())
    click.echo(f"{written.path} is written ({written.manifest.status}, {len(view.sessions)} sessions{since})")
    click.echo(f"{len(written.manifest.files)} files, {size / 1e6:.1f} MB; seal {written.seal[:16]}")
    return ExitCode.PLAN
