from __future__ import annotations

import inspect

import click

from scheduler.cli.answers import answering, format_option, print_json
from scheduler.errors import InputError, Issue, Place, nearest


@click.command("rules", short_help="List the rules and goals, or tell one.")
@click.argument("name", required=False)
@format_option
@answering
def command(name: str | None, form: str) -> int:
    """List the rule families and goals, or tell one: what it says, why, an example, what to try when it blocks."""
    from scheduler.rules import Goal, families

    known = families()
    if name is not None and name not in known:
        raise InputError([Issue(Place(name), "there is no such rule or goal", nearest(name, known))])
    told = [name] if name is not None else list(known)
    rows = [
        {
            "name": family,
            "kind": "goal" if issubclass(known[family], Goal) else "rule",
            "standing": known[family].standing,
            "soft": "soften" in known[family].model_fields,
            "unit": known[family].unit,
            "doc": inspect.cleandoc(known[family].__doc__ or ""),
        }
        for family in told
    ]
    if form == "json":
        print_json({"rules": rows})
    elif name is not None:
        click.echo(f"{name}\n\n{rows[0]['doc']}")
    else:
        for kind in ("rule", "goal"):
            click.echo(f"{kind}s:")
            for row in rows:
                if row["kind"] == kind:
                    click.echo(f"  {row['name']:<18}{str(row['doc']).split(chr(10) + chr(10), maxsplit=1)[0]}")
    return 0
