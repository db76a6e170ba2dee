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
    from scheduler.studies.explain import Explanation

_EXIT = {"feasible": ExitCode.PLAN, "infeasible": ExitCode.INFEASIBLE, "unknown": ExitCode.UNKNOWN}


@click.command("explain", short_help="Say why there is no plan, and what would have to give.")
@scenario_argument
@click.argument("plan_file", type=FilePath, metavar="[PLAN]", required=False)
@patch_option
@base_option
@click.option("-n", "--number", type=click.IntRange(1, 50), default=5, show_default=True, help="Offer so many at most.")
@click.option("--as-patch", type=FilePath, metavar="FILE", help="Write what is offered as a patch; it changes nothing else.")
@click.option("--take", type=click.IntRange(1), default=1, show_default=True, help="Which of the offers --as-patch writes.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="Seconds in all."
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
    number: int,
    as_patch: str | None,
    take: int,
    time_limit: float,
    workers: int,
    seed: int,
    form: str,
) -> int:
    """Say why a scenario has no plan: the smallest set of sessions, rules and numbers that cannot hold together.

    Then what would have to give for a plan to be possible, the smallest change first: each was planned and checked before
    it is offered. Exit code 3 where there is no plan, 4 where neither that nor a plan was found in the time.
    """
    from scheduler.load import load
    from scheduler.plan import require_folder

    if as_patch is not None:
        require_folder(as_patch)
    loaded = load(file, patches, base)

    from scheduler.engine import Limits

    limits = Limits(time_limit, workers=workers, seed=seed)

    def load_with(patch: Path) -> Loaded:
        return load(file, (*patches, patch), base)

    solving = " ".join(["scheduler solve", file, *(f"--patch {patch}" for patch in patches)])
    return _scenario(solving, loaded, load_with, limits, number, as_patch, take, form)


def _scenario(
    solving: str, loaded: Loaded, load_with: Any, limits: Limits, number: int, as_patch: str | None, take: int, form: str
) -> int:
    """Explain why there is no plan."""
    from scheduler.cli.explained import show_explanation, watching
    from scheduler.plan import write_whole
    from scheduler.studies.explain import explain_scenario
    from scheduler.studies.repairs import patch_text

    with watching(form) as watch:
        explanation = explain_scenario(loaded, load_with, limits, number, watch)
    if form == "json":
        print_json(_as_json(explanation))
    else:
        show_explanation(explanation, solving)
    if as_patch is not None:
        if take > len(explanation.repairs):
            raise InputError([_no_such_offer(take, len(explanation.repairs))])
        write_whole(as_patch, patch_text(explanation.repairs[take - 1]))
        if form == "text":
            click.echo(f"{as_patch} is written. Next: {solving} --patch {as_patch}")
    return _EXIT[explanation.status]


def _no_such_offer(take: int, offers: int) -> Issue:
    message = f"there is no offer {take} to write" if offers else "there is no offer to write"
    return Issue(Place("--take"), message, f"1 to {offers}?" if offers else "")


def _as_json(explanation: Explanation) -> dict[str, Any]:
    result: dict[str, Any] = {"status": explanation.status, "seconds": round(explanation.seconds, 3)}
    conflict = explanation.conflict
    if conflict is None:
        return {**result, "ruled_out": list(explanation.ruled_out)}
    return {
        **result,
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
            }
            for cause in conflict.causes
        ],
        "minimal": conflict.minimal,
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
