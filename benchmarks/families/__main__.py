"""``python -m benchmarks.families SIZE TIGHTNESS SEED -o FILE``: write a planted programme, and its plan beside it."""

from __future__ import annotations

import argparse
import sys

from benchmarks.families import SIZES, TIGHTNESSES, family
from scheduler.errors import SchedulerError


def main() -> int:
    """Write both files and print the measured tightness."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("size", choices=SIZES, help="how much is planted")
    parser.add_argument("tightness", type=int, choices=TIGHTNESSES, help="percent of what there is that is used at peaks")
    parser.add_argument("seed", type=int, help="any whole number; one seed, one programme")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the scenario; its plan is FILE.plan.json")
    arguments = parser.parse_args()
    try:
        made = family(arguments.size, arguments.tightness, arguments.seed)
        beside = made.write(arguments.output)
    except SchedulerError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{arguments.output} and {beside}: used at peaks {made.tightness}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
