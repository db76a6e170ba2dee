from __future__ import annotations

from inspect import cleandoc
from textwrap import dedent

import click

from scheduler.cli.answers import answering, format_option, print_json
from scheduler.errors import InputError, Issue, Place, nearest


def sentence_of(doc: str) -> str:
    """Return what a family says in one sentence: the first paragraph of its docstring, on one line."""
    return " ".join(cleandoc(doc).split("\n\n")[0].split())


def example_of(doc: str) -> str:
    """Return the example in a family's docstring as a part of a scenario: all of its indented lines."""
    return dedent("\n".join(line for line in cleandoc(doc).splitlines() if line.startswith("    ")))


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
            "sentence": sentence_of(known[family].__doc__ or ""),
            "standing": known[family].standing,
            "soft": "soften" in known[family].model_fields,
            "unit": known[family].unit,
            "example": example_of(known[family].__doc__ or ""),
            "doc": cleandoc(known[family].__doc__ or ""),
        }
        for family in told
    ]
    if form == "json":
        print_json({"rules": rows})
    elif name is not None:
        click.echo(f"{name}\n\n{rows[0]['doc']}")
    else:
        width = max(map(len, told)) + 2
        for kind in ("rule", "goal"):
            click.echo(f"{kind}s:")
            for row in rows:
                if row["kind"] == kind:
                    click.echo(f"  {row['name']:<{width}}{row['sentence']}")
    return 0
