"""How explanations look in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from scheduler.studies.conflict import Cause, Conflict
from scheduler.studies.explain import Explanation
from scheduler.studies.repairs import Repair


@contextmanager
def watching(form: str) -> Iterator[Callable[[str], None]]:
    """Hand out what shows on one line of a terminal what is being done, and nowhere else."""
    shown = form == "text" and sys.stderr.isatty()

    def watch(said: str) -> None:
        if shown:
            click.echo(f"\r\x1b[2K{said} …", err=True, nl=False)

    try:
        yield watch
    finally:
        if shown:
            click.echo("\r\x1b[2K", err=True, nl=False)


def show_explanation(explanation: Explanation, solving: str) -> None:
    """Print why there is no plan, and what would have to give; ``solving`` is the command that plans it."""
    if explanation.status == "feasible":
        click.echo(f"There is a plan: nothing stands in the way. Next: {solving}")
        return
    if explanation.conflict is None:
        click.echo(f"Not proved in {explanation.seconds:.1f} s: neither a plan nor a conflict was found. Ruled out is:")
        for said in explanation.ruled_out:
            click.echo(f"  {said}")
        click.echo("Give it more time (--time-limit), or leave out what you suspect.")
        return
    _show_conflict(explanation.conflict)
    if not explanation.repairs:
        click.echo("No single change was found in the time after which there is a plan.")
        return
    click.echo("What would have to give, the smallest change first; for each there is a plan, checked:")
    for number, repair in enumerate(explanation.repairs, 1):
        click.echo(f"{number:3}. {repair.text}")
        click.echo(f"     {_worth(repair)}")
    click.echo("Take one with --take N --as-patch FILE; nothing is changed until then.")


def _show_conflict(conflict: Conflict) -> None:
    many = len(conflict.sessions) > 1
    click.echo("There is no plan. These cannot all be held:" if many else "There is no plan. This cannot be held:")
    for name, place, where in conflict.sessions:
        click.echo(f"  {name} ({place}): {where}")
    if conflict.causes:
        click.echo("Because of:")
    by_text: dict[tuple[str, str], list[Cause]] = {}
    for cause in conflict.causes:
        by_text.setdefault((cause.rule, cause.text), []).append(cause)
    for (rule, text), causes in by_text.items():
        places = " and ".join(dict.fromkeys(str(cause.place) for cause in causes))
        told = f"  {rule} ({places}): {text}"
        if is_refusal := bool(causes[0].without) or len(causes) > 1:
            told = f"  {rule} ({places}) refuses {', '.join(cause.sessions[0] for cause in causes)}: {text}."
        click.echo(told)
        if is_refusal and len(causes) == 1:
            click.echo(f"    Without that: {causes[0].without}")
    if conflict.minimal:
        click.echo("Proved twice; without any one of these the others can hold together. There may be other conflicts.\n")
    else:
        click.echo("Proved; that each one of these is needed was not shown in the time. There may be other conflicts.\n")


def _worth(repair: Repair) -> str:
    worth = ", ".join(f"tier {tier.tier} at most {tier.value} points" for tier in repair.tiers)
    return "; ".join(["A plan", *([worth] if worth else []), *repair.gives]) + "."
