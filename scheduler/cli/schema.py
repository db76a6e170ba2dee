from __future__ import annotations

import json

import click

from scheduler.cli.answers import FilePath, answering, format_option


@click.command("schema", short_help="Write the JSON Schema for editors.")
@click.option("--plan", "of_plan", is_flag=True, help="The schema of plan files instead.")
@click.option("-o", "--output", type=FilePath, metavar="FILE", help="Write it to a file.")
@format_option
@answering
def command(of_plan: bool, output: str | None, form: str) -> int:
    """Write the JSON Schema of scenario files, for editors; of every installed rule too."""
    from scheduler.language import scenario_json_schema
    from scheduler.plan import plan_json_schema, write_whole

    schema = plan_json_schema() if of_plan else scenario_json_schema()
    text = json.dumps(schema, ensure_ascii=False, indent=None if form == "json" else 1, sort_keys=True) + "\n"
    if output:
        write_whole(output, text)
    else:
        click.echo(text, nl=False)
    return 0
