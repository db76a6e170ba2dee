"""``python -m benchmarks.brute_force``: random small scenarios by the thousand, of each every plan tried.

Of every instance terms and checks, the engine and what is pruned are held against each other, by the comparisons of
``tests/agreement.py``. Instances are drawn in chunks, each from a seed of its own: ``--seed`` for the first, one more for
each that follows. A chunk that disagrees is told with its seed and the least scenario that shows it, and the run goes on;
``--seed SEED --instances 250`` draws it again. Ctrl-C ends the run and counts what is done. ``--save`` adds to what was
kept last, as long as rules, terms and comparisons are to the letter what they were then. Returns 1 where anything
disagrees.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.kept import HOME, keep
from tests.agreement import COMPARISONS, Drawn, load_small
from tests.small_scenarios import scenario_data

PACKAGES = ("hypothesis", "ortools", "pydantic")
"""Whose versions are kept with what is found."""
CHUNK = 250
"""Instances of one seed."""


class Told(NamedTuple):
    """What became of instances that agree: how many, how many with a plan, how many speak of each rule or goal."""

    instances: int
    feasible: int
    families: Counter[str]


def tried(chunk_seed: int, instances: int, shrink: bool = True) -> Told:
    """Draw instances from a seed and compare each; the first that disagrees is raised, made small with ``shrink``."""
    feasible = []
    families: Counter[str] = Counter()

    @seed(chunk_seed)
    @settings(
        max_examples=instances,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenario_data())
    def compare(drawn: Drawn) -> None:
        loaded = load_small(drawn)
        found = {name: comparison(loaded) for name, comparison in COMPARISONS.items()}
        feasible.append(found["engine"])
        written = [*drawn[0]["rules"].values(), *drawn[0]["goals"].values()]
        families.update({said.get("rule") or said["goal"] for said in written})

    compare()
    return Told(len(feasible), sum(feasible), families)


def compared() -> str:
    """Return a digest of all that is held against one another: rules, goals, terms and the comparisons themselves."""
    folders = (HOME / "constraints", HOME / "scheduler" / "terms")
    files = [HOME / "tests" / "agreement.py", HOME / "tests" / "small_scenarios.py"]
    files += sorted(file for folder in folders for file in folder.rglob("*.py"))
    digest = sha256()
    for file in files:
        digest.update(file.relative_to(HOME).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def added(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what is found now together with what was kept last, where that compared the same; each seed counts once."""
    last = max((HOME / "benchmarks" / "results").glob("*-brute-force.json"), default=None)
    before = json.loads(last.read_text(encoding="utf-8")) if last is not None else {}
    seeds = kept["seeds"]
    if before.get("compared") != kept["compared"] or set(before["seeds"]["tried"]) & set(seeds["tried"]):
        return kept
    together = {name: before["seeds"][name] + seeds[name] for name in ("tried", "disagree")}
    sums = {name: before[name] + kept[name] for name in ("instances", "feasible", "seconds")}
    written = dict(sorted((Counter(before["written"]) + Counter(kept["written"])).items()))
    return {**kept, **sums, "written": written, "seeds": {**seeds, **{key: sorted(all_) for key, all_ in together.items()}}}


def main() -> int:
    """Draw and compare; return 1 where anything disagrees."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.brute_force", description=__doc__)
    parser.add_argument("--instances", type=int, default=10_000, help="how many instances to draw (10000)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first chunk (0)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at a time (the cores)")
    parser.add_argument("--save", action="store_true", help="keep the counts and seeds in benchmarks/results")
    arguments = parser.parse_args()
    os.environ["SCHEDULER_CACHE"] = "off"  # what one run keeps must not hide from the next what it gets wrong
    began = time.perf_counter()
    chunks = {
        arguments.seed + number: min(CHUNK, arguments.instances - begin)
        for number, begin in enumerate(range(0, arguments.instances, CHUNK))
    }
    agreed: dict[int, Told] = {}
    failed: list[int] = []
    pool = ProcessPoolExecutor(arguments.processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    running = {pool.submit(tried, chunk, instances): chunk for chunk, instances in chunks.items()}
    try:
        for done in as_completed(running):
            chunk, error = running[done], done.exception()
            if error is None:
                agreed[chunk] = done.result()
            else:
                failed.append(chunk)
                print(f"\nseed {chunk} disagrees:\n{''.join(traceback.format_exception(error))}", flush=True)
            finished = f"{len(agreed) + len(failed)} of {len(chunks)} seeds"
            so_far = sum(told.instances for told in agreed.values())
            print(f"\r{finished}, {so_far:,} instances agree", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("\nstopped: what is running is finished, nothing more is begun", file=sys.stderr)
    pool.shutdown(cancel_futures=True)
    seconds = time.perf_counter() - began
    print("\nwritten in instances:")
    families = sum((told.families for told in agreed.values()), Counter[str]())
    for family, count in sorted(families.items()):
        print(f"  {family:<20}{count:>10,}")
    total = sum(told.instances for told in agreed.values())
    feasible = sum(told.feasible for told in agreed.values())
    tried_seeds = sorted([*agreed, *failed])
    if not tried_seeds:
        return 0
    seeds = f"{len(tried_seeds)} seeds from {tried_seeds[0]} to {tried_seeds[-1]}, {CHUNK} instances each"
    print(f"{total:,} instances agree, {feasible:,} of them with a plan; {seeds}; {seconds:.0f} s")
    print(f"{len(failed)} seeds disagree: {', '.join(map(str, sorted(failed)))}" if failed else "No seed disagrees.")
    if arguments.save:
        kept = added(
            {
                "instances": total,
                "feasible": feasible,
                "comparisons": list(COMPARISONS),
                "seeds": {"tried": tried_seeds, "instances_each": CHUNK, "disagree": sorted(failed)},
                "written": dict(sorted(families.items())),
                "seconds": round(seconds),
                "compared": compared(),
            }
        )
        command = f"python -m benchmarks.brute_force --instances {arguments.instances} --seed {arguments.seed} --save"
        print(f"kept in {keep('brute-force', command, kept, PACKAGES)}: {kept['instances']:,} instances in all")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
