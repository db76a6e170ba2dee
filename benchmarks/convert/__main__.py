"""``python -m benchmarks.convert SET FILE``: a public instance as a scenario file, or a plan for it scored.

``-o`` names the scenario file; ``--score PLAN`` says what the set's own definition says of a plan for that scenario. The
exit code is 0, 2 where a file cannot be used, or 5 where the set would not take the plan.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.convert import conference, conference_score, cosplib, ctt, mrcpsp
from benchmarks.convert.score import Score
from scheduler.errors import ExitCode, InputError, SchedulerError
from scheduler.plan import Plan, read_plan, write_whole
from scheduler.tables.written import written


class Set(NamedTuple):
    """The names of a set's files as a pattern, how its instances become scenarios, and how it scores plans."""

    files: str
    convert: Callable[[Path], dict[str, Any]]
    score: Callable[[Path, Plan], Score]


SETS = {
    "conference": Set("*.json", conference.convert, conference_score.score),
    "cosplib": Set("*.xlsx", cosplib.convert, cosplib.score),
    "ctt": Set("*.ctt", ctt.convert, ctt.score),
    "mrcpsp": Set("*.mm", mrcpsp.convert, mrcpsp.score),
}


def main(words: list[str] | None = None) -> int:
    """Convert, or score; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convert", description=__doc__)
    parser.add_argument("set", choices=SETS, help="the set the instance is of")
    parser.add_argument("file", type=Path, help="the instance")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("-o", "--output", type=Path, metavar="SCENARIO", help="the scenario file; NAME.yaml without it")
    what.add_argument("--score", type=Path, metavar="PLAN", help="a plan to score")
    arguments = parser.parse_args(words)
    chosen: Set = SETS[arguments.set]
    try:
        if arguments.score is not None:
            score = chosen.score(arguments.file, read_plan(arguments.score, ZoneInfo("UTC")))
            print(score)
            return ExitCode.PLAN if score.valid else ExitCode.VIOLATED
        scenario = chosen.convert(arguments.file)
        target = arguments.output or Path(f"{scenario['id']}.yaml")
        write_whole(target, written(scenario, f"{arguments.file.name} of the set {arguments.set}, converted"))
    except InputError as error:
        for issue in error.issues:
            print(issue, file=sys.stderr)
        return error.exit_code
    except SchedulerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"written to {target}")
    return ExitCode.PLAN


if __name__ == "__main__":
    sys.exit(main())
