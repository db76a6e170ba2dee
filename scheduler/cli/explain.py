from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from scheduler.engine import Limits
    from scheduler.load import Loaded
    from scheduler.plan import Placed
    from scheduler.studies.conflict import Conflict
    from scheduler.studies.explain import Explanation
    from scheduler.studies.place import Here, There, Wanted
    from scheduler.studies.repairs import Load

SECONDS, PLACE_SECONDS = 60.0, 20.0
"""The time for a conflict with its repairs, and for the places of one session."""

_EXIT = {"feasible": ExitCode.PLAN, "infeasible": ExitCode.INFEASIBLE, "unknown": ExitCode.UNKNOWN}
_EXIT_THERE = {"possible": ExitCode.PLAN, "impossible": ExitCode.INFEASIBLE, "unknown": ExitCode.UNKNOWN}


@click.command("explain", short_help="Say why there is no plan, and what would have to give.")
@scenario_argument
@click.argument("plan_file", type=FilePath, metavar="[PLAN]", required=False)
@patch_option
@base_option
@click.option("--session", metavar="SESSION", help="Why a session of PLAN is where it is, and where else it could be.")
@click.option("--hall", metavar="HALL", help="With --session: what it would mean to have it in this hall.")
@click.option("--option", metavar="OPTION", help="With --session: what it would mean to hold it by this option.")
@click.option("--start", metavar="T", help="With --session: what it would mean to start it then, 2023-10-18T10:00.")
@click.option("-n", "--number", type=click.IntRange(1, 50), default=5, show_default=True, help="Offer so many at most.")
@click.option(
    "--as-patch", type=FilePath, metavar="FILE", help="Write what is offered as a patch; it changes nothing else."
)
@click.option("--take", type=click.IntRange(1), default=1, show_default=True, help="Which of the offers --as-patch writes.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    help=f"Seconds in all; {SECONDS:g} where not given, {PLACE_SECONDS:g} with --session.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Cores the search may use.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 2), default=0, show_default=True, help="Another seed, another search."
)
@format_option
@answering
def command(
    file: str,
    plan_file: str | None,
    patches: tuple[str, ...],
    base: str | None,
    session: str | None,
    hall: str | None,
    option: str | None,
    start: str | None,
    number: int,
    as_patch: str | None,
    take: int,
    time_limit: float | None,
    workers: int,
    seed: int,
    form: str,
) -> int:
    """Say why a scenario has no plan: the smallest set of sessions, rules and numbers that cannot hold together.

    Then what would have to give for a plan to be possible, the smallest change first: each was planned and checked before
    it is offered. Exit code 3 where there is no plan, 4 where neither that nor a plan was found in the time.

    With PLAN and --session: what the place of a session costs by goal, what holds it there, and the best few others. With
    --hall, --start or --option too: whether it can be there, at which price, and who else would move.
    """
    from scheduler.load import load
    from scheduler.plan import require_folder

    _require_together(plan_file, session, hall or option or start)
    if as_patch is not None:
        require_folder(as_patch)
    loaded = load(file, patches, base)

    from scheduler.engine import Limits

    seconds = SECONDS if session is None else PLACE_SECONDS
    limits = Limits(time_limit or seconds, workers=workers, seed=seed)

    def load_with(patch: Path) -> Loaded:
        return load(file, (*patches, patch), base)

    solving = " ".join(["scheduler solve", file, *(f"--patch {patch}" for patch in patches)])
    if session is not None and plan_file is not None:
        from scheduler.studies.place import wanted

        asked = wanted(loaded, session, hall, option, start)
        return _place(solving, loaded, plan_file, asked, limits, number, as_patch, take, form)
    return _scenario(solving, loaded, load_with, limits, number, as_patch, take, form)


def _require_together(plan_file: str | None, session: str | None, elsewhere: str | None) -> None:
    """Raise InputError where one word is of no use without another."""
    if session is None and elsewhere is not None:
        raise InputError([Issue(Place("--session"), "--hall, --option and --start are of a session", "'--session ID'?")])
    if session is not None and plan_file is None:
        hint = "'scheduler explain FILE PLAN --session ID'?"
        raise InputError([Issue(Place("--session"), "a session is explained by a plan, and none is given", hint)])
    if session is None and plan_file is not None:
        hint = "'--session ID'? Why there is no plan is asked without one."
        raise InputError([Issue(Place(plan_file), "of which session of this plan?", hint)])


def _place(
    solving: str,
    loaded: Loaded,
    plan_file: str,
    asked: Wanted,
    limits: Limits,
    number: int,
    as_patch: str | None,
    take: int,
    form: str,
) -> int:
    """Explain where a session is, or where it is asked for."""
    from scheduler.cli.explained import show_alternatives, show_here, show_there
    from scheduler.engine.search import Clock, stopping_on_ctrl_c
    from scheduler.plan import read_plan
    from scheduler.problem import compile_problem
    from scheduler.studies.place import Places

    plan = read_plan(plan_file, loaded.scenario.calendar.timezone)
    places = Places(loaded, compile_problem(loaded), plan)
    clock = Clock(limits)
    with stopping_on_ctrl_c(clock):
        if asked.hall or asked.option or asked.start:
            there = places.there(asked, clock)
            print_json(_there_json(there)) if form == "json" else show_there(asked, there)
            offers = [there] if there.status == "possible" else []
            code = _EXIT_THERE[there.status]
        else:
            here = places.here(asked.session)
            if form == "text":
                show_here(asked.session, here)
            offers = places.alternatives(asked.session, number, clock)
            if form == "json":
                print_json({**(_here_json(here) if here else {}), "alternatives": [_there_json(offer) for offer in offers]})
            else:
                show_alternatives(offers)
            code = ExitCode.PLAN
    if as_patch is not None:
        said = [(offer.patch, offer.text(asked.session)) for offer in offers]
        _write(as_patch, take, said, f"{solving} --patch {as_patch}", form)
    return code


def _write(as_patch: str, take: int, offers: list[tuple[Any, str]], solving: str, form: str) -> None:
    """Write one of what is offered.

    Raises InputError where there are not so many.
    """
    from scheduler.plan import write_whole
    from scheduler.studies.repairs import patch_text

    if take > len(offers):
        message = f"there is no offer {take} to write" if offers else "there is no offer to write"
        hint = "" if not offers else f"1 to {len(offers)}?" if len(offers) > 1 else "1?"
        raise InputError([Issue(Place("--take"), message, hint)])
    write_whole(as_patch, patch_text(*offers[take - 1]))
    if form == "text":
        click.echo(f"{as_patch} is written. Next: {solving}")


def _scenario(
    solving: str, loaded: Loaded, load_with: Load, limits: Limits, number: int, as_patch: str | None, take: int, form: str
) -> int:
    """Explain why there is no plan."""
    from scheduler.cli.explained import show_explanation, watching
    from scheduler.studies.explain import explain_scenario

    with watching(form) as watch:
        explanation = explain_scenario(loaded, load_with, limits, number, watch)
    if form == "json":
        print_json(_as_json(explanation))
    else:
        show_explanation(explanation, solving)
    if as_patch is not None:
        offers = [(repair.patch, repair.text) for repair in explanation.repairs]
        _write(as_patch, take, offers, f"{solving} --patch {as_patch}", form)
    return _EXIT[explanation.status]


def _as_json(explanation: Explanation) -> dict[str, Any]:
    result: dict[str, Any] = {"status": explanation.status, "seconds": round(explanation.seconds, 3)}
    if explanation.conflict is None:
        return {**result, "ruled_out": list(explanation.ruled_out)}
    return {
        **result,
        **_conflict_json(explanation.conflict),
        "repairs": [
            {
                "text": repair.text,
                "patch": repair.patch,
                "change": round(repair.share, 4),
                "gives": list(repair.gives),
                "tiers": {tier.tier: tier.value for tier in repair.tiers},
            }
            for repair in explanation.repairs
        ],
    }


def _conflict_json(conflict: Conflict) -> dict[str, Any]:
    return {
        "sessions": [
            {"id": name, "file": place.file, "line": place.line, "where": where} for name, place, where in conflict.sessions
        ],
        "causes": [
            {
                "rule": cause.rule,
                "family": cause.family,
                "sessions": list(cause.sessions),
                "file": cause.place.file,
                "line": cause.place.line,
                "text": cause.text,
                "without": cause.without,
            }
            for cause in conflict.causes
        ],
        "minimal": conflict.minimal,
    }


def _here_json(here: Here) -> dict[str, Any]:
    return {
        "placed": _placed_json(here.placed),
        "costs": [share._asdict() for share in here.costs],
        "neighbours": [
            {"where": place.where, "price": place.price, "why_not": list(place.why_not)} for place in here.neighbours
        ],
    }


def _there_json(there: There) -> dict[str, Any]:
    return {
        "status": there.status,
        "placed": _placed_json(there.placed) if there.placed is not None else None,
        "price": there.price,
        "by_goal": [share._asdict() for share in there.by_goal],
        "moves": [{"what": what, "from": before, "to": after} for what, before, after in there.moves],
        "proved": there.proved,
        "refused": there.refused.splitlines(),
        "conflict": _conflict_json(there.conflict) if there.conflict is not None else None,
        "patch": there.patch,
    }


def _placed_json(placed: Placed) -> dict[str, Any]:
    said = {"hall": placed.hall, "option": placed.option, "start": placed.start.isoformat(timespec="minutes")}
    return {key: value for key, value in said.items() if value is not None}
