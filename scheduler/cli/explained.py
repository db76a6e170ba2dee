"""How explanations look in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from scheduler.studies.conflict import Cause, Conflict
from scheduler.studies.explain import Explanation
from scheduler.studies.place import Here, Share, There, Wanted
from scheduler.studies.repairs import Repair

SHOWN = 6
"""Places nearby that are told one by one."""


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
    many = len(explanation.conflict.sessions) > 1
    click.echo("There is no plan. These cannot all be held:" if many else "There is no plan. This cannot be held:")
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


def show_here(session: str, here: Here | None) -> None:
    """Print what a place costs and what holds it."""
    if here is None:
        click.echo(f"{session} is left out of this plan.")
        return
    placed = here.placed
    click.echo(f"{session} is in {placed.hall}, {placed.start:%d %b %H:%M} to {placed.end:%H:%M}.")
    click.echo("It costs " + (", ".join(map(_share, here.costs)) if here.costs else "nothing") + ".")
    click.echo("If nobody else moved:")
    possible: dict[str, list[str]] = {}
    impossible = [place for place in here.neighbours if place.price is None]
    for place in here.neighbours:
        if place.price is not None:
            possible.setdefault(_price(place.price), []).append(place.where)
    for price, where in possible.items():
        more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
        click.echo(f"  {', '.join(where[:SHOWN])}{more}: {price}")
    for place in impossible[:SHOWN]:
        click.echo(f"  {place.where}: not possible. {' '.join(place.why_not)}")
    if len(impossible) > SHOWN:
        click.echo(f"  {len(impossible) - SHOWN} more halls: not possible (--hall tells why).")


def show_alternatives(offers: list[There]) -> None:
    """Print other places for a session, each with its price."""
    if not offers:
        click.echo("No other place was found for it.")
        return
    click.echo("Other places, the cheapest first:")
    for number, offer in enumerate(offers, 1):
        assert offer.placed is not None
        click.echo(f"{number:3}. {offer.placed.start:%d %b %H:%M} in {offer.placed.hall}: {_price(offer.price)}")
        _show_change(offer, "     ")
    click.echo("Take one with --take N --as-patch FILE; nothing is changed until then.")


def show_there(asked: Wanted, there: There) -> None:
    """Print what it would mean to have a session elsewhere."""
    where = f"{asked.session}" + (f" in {asked.hall}" if asked.hall else "")
    where += f" at {asked.start:%d %b %H:%M}" if asked.start else ""
    if there.status == "possible" and there.placed is not None:
        click.echo(f"{where} is possible: {there.text(asked.session)}.")
        click.echo(f"  {_price(there.price)}")
        _show_change(there, "  ")
        click.echo("  No plan with it there is better: proved." if there.proved else "  That much at most: not proved.")
        return
    if there.status == "unknown":
        click.echo(f"{where}: neither a plan with it there nor a proof against it was found in the time.")
        return
    click.echo(f"{where} is not possible.")
    for line in there.refused.splitlines():
        click.echo(f"  {line}")
    if there.conflict is not None:
        click.echo("These cannot all be held then:")
        _show_conflict(there.conflict)


def _show_change(there: There, margin: str) -> None:
    if there.by_goal:
        click.echo(margin + ", ".join(map(_share, there.by_goal)))
    for what, before, after in there.moves:
        click.echo(f"{margin}{what} moves: {before} -> {after}")


def _price(price: dict[int, int]) -> str:
    said = [
        f"{abs(points)} points {'more' if points > 0 else 'less'} in tier {tier}"
        for tier, points in price.items()
        if points
    ]
    return ", ".join(said) or "no price"


def _share(share: Share) -> str:
    return f"{share.goal} {share.figure:+} {share.unit} ({share.points:+} points, tier {share.tier})"
