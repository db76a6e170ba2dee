from __future__ import annotations

import json
import re
from pathlib import Path

import click

from scheduler.cli.answers import FilePath, answering, format_option, print_json
from scheduler.errors import InputError, Issue, Place, file_errors


@click.command("new", short_help="Make a folder with a scenario to start from.")
@click.argument("folder", type=FilePath, metavar="DIR")
@format_option
@answering
def command(folder: str, form: str) -> int:
    """Make a folder with a small scenario to start from, and the schema that lets an editor help with it."""
    from scheduler.language import scenario_json_schema
    from scheduler.plan import write_whole

    target = Path(folder)
    scenario = target / "scenario.yaml"
    with file_errors(folder, "make the folder"):
        exists = scenario.exists()
    if exists:
        raise InputError([Issue(Place(str(scenario)), "is already there", "name another folder; nothing was changed.")])
    name = re.sub(r"[^a-z0-9_-]+", "-", target.resolve().name.lower()).strip("-") or "scenario"
    starter = (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")
    with file_errors(folder, "make the folder"):
        target.mkdir(parents=True, exist_ok=True)
    write_whole(
        target / "scenario.schema.json",
        json.dumps(scenario_json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    )
    write_whole(scenario, starter.replace("id: starter", f"id: {name}"))
    if form == "json":
        print_json({"scenario": str(scenario)})
    else:
        click.echo(f"{scenario} is written. Next: scheduler solve {folder}")
    return 0
