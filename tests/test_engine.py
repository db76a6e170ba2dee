"""The engine's promises: tiers and slack, statuses that are true, the same bytes, guards, Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from ortools.sat.python import cp_model

from scheduler.engine import Limits, Progress, solve
from scheduler.engine.neighbourhoods import Neighbourhoods
from scheduler.engine.part import LEAST, PartSearch
from scheduler.engine.search import Answer, Clock, Way
from scheduler.errors import InputError, SchedulerError
from scheduler.plan import plan_json
from scheduler.problem import compile_problem, whole
from scheduler.terms import Group
from tests.conftest import LoadText

HALLS = """
schema: 1
id: tiers
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10, grid: 15 min}
grades: {G3: {}}
venues:
  house:
    name: House
    halls: {large: {seats: {theatre: 100}}, small: {seats: {theatre: 30}}}
events:
  day:
    grade: G3
    sessions:
      one: {duration: 60 min, prefer: {start: 2027-05-10T10:00, venues: [house.large]}}
      two: {duration: 60 min, prefer: {start: 2027-05-10T10:00, venues: [house.large]}}
"""


def test_an_earlier_tier_is_never_traded_for_a_later_one(load_text: LoadText) -> None:
    # Both want the large hall at 10:00. Times first: one goes to the small hall (1 point). Places first: one moves by 60.
    times_first = HALLS + "goals: {t: {goal: preferred-times, tier: 1}, v: {goal: preferred-venues, tier: 2, weight: 1000}}"
    outcome = solve(load_text(times_first))
    assert outcome.plan is not None
    assert [(tier.tier, tier.value, tier.bound) for tier in outcome.plan.tiers] == [(1, 0, 0), (2, 1000, 1000)]
    places_first = HALLS + "goals: {t: {goal: preferred-times, tier: 2}, v: {goal: preferred-venues, tier: 1}}"
    outcome = solve(load_text(places_first))
    assert outcome.plan is not None
    assert [(tier.tier, tier.value) for tier in outcome.plan.tiers] == [(1, 0), (2, 60)]


def test_slack_lets_a_later_tier_worsen_an_earlier_one_by_so_much(load_text: LoadText) -> None:
    goals = "goals: {t: {goal: preferred-times, tier: 1}, v: {goal: preferred-venues, tier: 2}}\n"
    outcome = solve(load_text(HALLS + goals + "tiers: {1: {slack: 60}}"))
    assert outcome.plan is not None
    assert outcome.status == "optimal"
    assert [(tier.tier, tier.value, tier.bound) for tier in outcome.plan.tiers] == [(1, 60, 0), (2, 0, 0)]
    outcome = solve(load_text(HALLS + goals + "tiers: {1: {slack: 59}}"))  # 45 is the most on the grid, and not enough
    assert outcome.plan is not None
    assert [tier.value for tier in outcome.plan.tiers] == [0, 1]


def test_slack_that_buys_nothing_is_given_back(load_text: LoadText) -> None:
    # The second wants another hall at the same minute: moving either for a place costs 15 at least, the slack is 200.
    goals = "goals: {t: {goal: preferred-times, tier: 1}, v: {goal: preferred-venues, tier: 2}}\n"
    outcome = solve(load_text(HALLS + goals + "tiers: {1: {slack: 200}}"))
    assert outcome.plan is not None
    assert [(tier.tier, tier.value) for tier in outcome.plan.tiers] == [(1, 60), (2, 0)]


def test_a_soft_gap_counts_the_cheaper_order_of_nested_sessions(load_text: LoadText) -> None:
    # Long 10:00-13:20, short inside it 10:10-10:20, gap 30: short first 10:20 + 30 - 10:00 = 50; long first 220.
    text = HALLS.replace("grid: 15 min", "grid: 10 min").replace("one: {duration: 60 min", "one: {duration: 200 min")
    text = text.replace("two: {duration: 60 min", "two: {duration: 10 min")
    text += "rules: {far: {rule: apart, sessions: [day.one, day.two], gap: 30 min, soften: {}}}\n"
    text += "pins: {day.one: {hall: house.large, start: 2027-05-10T10:00},"
    text += " day.two: {hall: house.small, start: 2027-05-10T10:10}}"
    outcome = solve(load_text(text))
    assert outcome.plan is not None
    assert outcome.plan.tiers[0].value == 50


def test_the_gap_is_relative_to_the_whole_value(load_text: LoadText) -> None:
    """Prices of what is left out are most of the value; a gap of 5% is of that, not of the rest."""
    rows = [
        f"  e{n}: {{grade: G3, optional: {{price: {900 + 7 * n}}}, sessions: {{s: {{duration: {60 + n} min}}}}}}"
        for n in range(8)
    ]
    text = HALLS.replace("day:", "day:\n    optional: {price: 1000}") + "\n".join(rows)
    text = text.replace("large: {seats: {theatre: 100}}", "large: {seats: {theatre: 100}, closes: 2027-05-09}")
    hours = text.replace("name: House", "name: House\n    hours: 08:00-12:00")
    outcome = solve(
        load_text(hours + "\ngoals: {h: {goal: hold-events}, t: {goal: preferred-times}}"), Limits(seconds=20, gap=0.05)
    )
    assert outcome.plan is not None
    assert outcome.plan.tiers[0].gap <= 0.0501


def test_weights_are_refused_before_anything_is_solved(load_text: LoadText, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["scheduler.engine.part"]
    monkeypatch.setattr(module, "search", lambda *arguments, **options: pytest.fail("searched first"))
    goals = "goals: {v: {goal: preferred-venues, tier: 1}, t: {goal: preferred-times, tier: 2, weight: 900000000}}"
    with pytest.raises(InputError, match="tier 2 can add up to"):
        solve(load_text(HALLS + goals))


@pytest.mark.parametrize("limits", [Limits(workers=1), Limits(workers=2), Limits(deterministic=True)])
def test_what_the_quick_way_leaves_open_is_improved_and_proved(
    limits: Limits, load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four sessions of an hour want 10:00 in one hall: at best they are 0, 60, 60 and 120 minutes away, 240 in all."""
    module = sys.modules["scheduler.engine.part"]
    honest = module.search
    ways: list[Way] = []

    def slow(*arguments: Any) -> Answer:
        ways.append(arguments[4])
        answer = honest(*arguments)
        return answer._replace(status=cp_model.FEASIBLE, bound=0) if arguments[4] is Way.QUICK else answer

    monkeypatch.setattr(module, "search", slow)
    rows = [
        f"      s{n}: {{duration: 60 min, prefer: {{start: 2027-05-10T10:00}}, halls: {{any: [house.large]}}}}"
        for n in range(4)
    ]
    text = HALLS[: HALLS.index("      one:")] + "\n".join(rows) + "\n"
    outcome = solve(
        load_text(text + "goals: {h: {goal: hold-events, tier: 1}, t: {goal: preferred-times, tier: 2}}"), limits
    )
    assert outcome.plan is not None
    assert outcome.plan.tiers[-1].value == outcome.plan.tiers[-1].bound == 240
    assert outcome.status == "optimal"
    assert Way.PROOF in ways
    assert Way.NEARBY in ways or limits.workers > 1  # where both go at once, the proof may be the quicker


def test_the_same_bytes_on_every_run(load_text: LoadText) -> None:
    loaded = load_text(HALLS + "goals: {t: {goal: preferred-times}}")
    limits = Limits(deterministic=True, workers=8)
    texts = {plan_json(outcome.plan) for outcome in (solve(loaded, limits) for _ in range(3)) if outcome.plan}
    assert len(texts) == 1
    assert '"run"' not in texts.pop()


def test_no_time_is_unknown_never_infeasible(load_text: LoadText) -> None:
    assert solve(load_text(HALLS), Limits(seconds=1e-9)).status == "unknown"


def test_rules_that_cannot_hold_together_are_infeasible(load_text: LoadText) -> None:
    circle = "rules: {a: {rule: order, sessions: [day.one, day.two]}, b: {rule: order, sessions: [day.two, day.one]}}"
    outcome = solve(load_text(HALLS + circle))
    assert outcome.status == "infeasible"
    assert outcome.plan is None
    assert "day.one and day.two cannot be held together under a and b." in outcome.reason


def test_where_two_parts_are_impossible_one_of_them_is_named(load_text: LoadText) -> None:
    weeks = HALLS.replace("end: 2027-05-10", "end: 2027-05-20").replace(
        "    sessions:\n", "    within: {w: {date: 2027-05-10}}\n    sessions:\n"
    )
    weeks += "  later:\n    grade: G3\n    within: {w: {date: 2027-05-18}}\n"
    weeks += "    sessions: {one: {duration: 60 min}, two: {duration: 60 min}}\n"
    circles = [
        f"  {event}-{first}: {{rule: order, sessions: [{event}.{first}, {event}.{second}]}}"
        for event in ("day", "later")
        for first, second in (("one", "two"), ("two", "one"))
    ]
    outcome = solve(load_text(weeks + "rules:\n" + "\n".join(circles)))
    assert outcome.status == "infeasible"
    assert "day.one and day.two cannot" in outcome.reason or "later.one and later.two cannot" in outcome.reason


def test_a_proof_that_denies_the_plan_in_our_hands_is_asked_again(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["scheduler.engine.part"]
    honest = module.search

    def mistaken(*arguments: Any) -> Answer:
        answer = honest(*arguments)
        if arguments[4] is Way.QUICK:
            return answer._replace(status=cp_model.FEASIBLE, bound=0)
        return answer._replace(status=cp_model.INFEASIBLE) if arguments[4] is Way.PROOF else answer

    monkeypatch.setattr(module, "search", mistaken)
    one_hall = HALLS.replace("venues: [house.large]}", "venues: [house.large]}, halls: {any: [house.large]}")
    outcome = solve(load_text(one_hall + "goals: {t: {goal: preferred-times}}"), Limits(seconds=20, workers=2))
    assert outcome.plan is not None
    assert (outcome.status, outcome.plan.tiers[0].value) == ("optimal", 60)  # one hall: one of the two an hour away


def test_an_error_beside_the_proof_stops_the_proof(load_text: LoadText, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["scheduler.engine.part"]
    honest, stopped = module.search, threading.Event()

    def endless(*arguments: Any) -> Answer:
        if arguments[4] is Way.QUICK:
            return honest(*arguments)._replace(status=cp_model.FEASIBLE, bound=0)
        for _ in range(2000):  # twenty seconds, where nobody says that it is enough
            if arguments[7]():
                stopped.set()
                break
            time.sleep(0.01)
        return Answer(cp_model.UNKNOWN, cp_model.CpSolver(), 0, 0)

    def broken(self: object, spots: object) -> None:
        raise SchedulerError("broken neighbourhood")

    monkeypatch.setattr(module, "search", endless)
    monkeypatch.setattr(Neighbourhoods, "draw", broken)
    prefers = HALLS.replace("large: {seats: {theatre: 100}}, ", "large: {}, ")
    one_hall = prefers.replace("venues: [house.large]}", "venues: [house.large]}, halls: {any: [house.large]}")
    with pytest.raises(SchedulerError, match="broken neighbourhood"):
        solve(load_text(one_hall + "goals: {t: {goal: preferred-times}}"), Limits(seconds=60, workers=2))
    assert stopped.is_set()


def test_a_part_without_a_plan_after_its_share_gets_another_one(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["scheduler.engine.part"]
    honest, calls = module.search, []

    def late(*arguments: Any) -> Answer:
        calls.append(arguments)
        answer = honest(*arguments)
        return answer._replace(status=cp_model.UNKNOWN) if len(calls) <= 2 else answer

    monkeypatch.setattr(module, "search", late)
    outcome = solve(load_text(HALLS))
    assert outcome.plan is not None


def test_a_short_time_is_used_up_where_there_is_no_plan_yet(load_text: LoadText) -> None:
    part = PartSearch(problem := compile_problem(load_text(HALLS)), whole(problem))
    clock = Clock(Limits(seconds=LEAST / 2))
    assert not part.settled(None, clock)
    part.search(None, Clock(Limits(seconds=20)), lambda value, bound: None, 20)
    assert part.settled(None, clock)


def test_slack_is_won_back_until_the_solver_says_that_it_is_all(load_text: LoadText) -> None:
    part = PartSearch(problem := compile_problem(load_text(HALLS + "goals: {t: {goal: preferred-times}}")), whole(problem))
    clock = Clock(Limits(seconds=20))
    part.search(1, clock, lambda value, bound: None, 20)
    assert part.proved(1)
    part.status = cp_model.FEASIBLE
    assert not part.settled(1, clock, again=True)  # the bound is of another time
    part.search(1, clock, lambda value, bound: None, 20, again=True)
    assert part.settled(1, clock, again=True)


def test_a_better_plan_is_kept_whoever_found_it(load_text: LoadText) -> None:
    part = PartSearch(problem := compile_problem(load_text(HALLS + "goals: {t: {goal: preferred-times}}")), whole(problem))
    part.search(1, Clock(Limits(seconds=20)), lambda value, bound: None, 20)
    best = part.best
    assert best is not None
    part.best = [spot and spot._replace(start=spot.start + 15, end=spot.end + 15) for spot in best]
    part.keep(1, best, None)
    assert part.best == best


def test_a_tier_in_which_a_part_costs_nothing_needs_no_limit(load_text: LoadText) -> None:
    part = PartSearch(problem := compile_problem(load_text(HALLS + "goals: {t: {goal: preferred-times}}")), whole(problem))
    part.search(1, Clock(Limits(seconds=20)), lambda value, bound: None, 20)
    before = len(part.model.cp.proto.constraints)
    part.limit(2, 0)
    assert len(part.model.cp.proto.constraints) == before
    part.limit(1, 0)
    assert part.value(1) == 0
    assert len(part.model.cp.proto.constraints) == before + 1


def test_a_session_that_fits_nowhere_is_infeasible_with_the_reason_by_hall(load_text: LoadText) -> None:
    crowded = HALLS.replace("one: {duration: 60 min,", "one: {duration: 60 min, attendance: 150, layout: theatre,")
    outcome = solve(load_text(crowded))
    assert outcome.status == "infeasible"
    assert "house.large: seats 100 in the layout theatre; 150 attend (seating)" in outcome.issues[0].message
    assert "house.small: seats 30 in the layout theatre; 150 attend (seating)" in outcome.issues[0].message


def test_weights_too_large_to_compute_with_are_refused(load_text: LoadText) -> None:
    # 1,380 minutes is the furthest a start lies from 10:00 on its day; two sessions at this weight pass 2^31.
    with pytest.raises(InputError, match="can add up to"):
        solve(load_text(HALLS + "goals: {t: {goal: preferred-times, weight: 900000000}}"))


def test_a_plan_that_time_cuts_short_displaces_nobody_for_nothing(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first tier leaves out a hold that nobody touches and one that is in the way; there is no time for the second."""
    holds = """holds:
  idle: {hall: house.small, from: 2027-05-10T20:00, to: 2027-05-10T22:00, by: A, price: 5}
  busy: {hall: house.large, from: 2027-05-10T10:00, to: 2027-05-10T11:00, by: B, price: 7}
"""
    pins = "pins: {day.one: {hall: house.large, start: 2027-05-10T10:00}, day.two: {hall: house.small}}\n"
    goals = "goals: {t: {goal: preferred-times, tier: 1}, d: {goal: displaced-holds, tier: 2}}\n"
    honest = PartSearch.search

    def cut_short(one: PartSearch, tier: int | None, clock: Clock, *arguments: Any, **more: Any) -> None:
        honest(one, tier, clock, *arguments, **more)
        assert one.best is not None
        one.best = [spot if number < 2 else None for number, spot in enumerate(one.best)]
        clock.spent = clock.limits.seconds

    monkeypatch.setattr(PartSearch, "search", cut_short)
    monkeypatch.setattr(sys.modules["scheduler.engine.solve"], "parts", lambda problem: [whole(problem)])
    outcome = solve(load_text(HALLS + holds + pins + goals), Limits(deterministic=True))
    assert outcome.plan is not None
    assert outcome.status == "feasible"
    assert outcome.plan.displaced == ["busy"]
    assert [(tier.tier, tier.value) for tier in outcome.plan.tiers] == [(1, 0), (2, 7)]


def test_a_wrong_word_of_the_solver_is_a_fault_and_not_a_plan(load_text: LoadText, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the hall encoding lost, both sessions get one hall: the exact evaluation has to notice."""
    from scheduler.engine import encode as encodings
    from scheduler.terms import Sequence

    monkeypatch.setitem(encodings._ENCODINGS, Sequence, lambda model, term: None)
    with pytest.raises(SchedulerError, match="proposes what these rules forbid: occupancy"):
        solve(load_text(HALLS + "goals: {t: {goal: preferred-times}, v: {goal: preferred-venues}}"))


def test_a_wrong_price_of_the_solver_is_a_fault_and_not_a_plan(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.engine import encode as encodings
    from scheduler.terms import PlacementPrice

    monkeypatch.setitem(encodings._ENCODINGS, PlacementPrice, lambda model, term: None)
    one_hall = HALLS.replace("small: {seats: {theatre: 30}}", "small: {seats: {theatre: 30}, closes: 2027-05-09}")
    with pytest.raises(SchedulerError, match=r"is worth \d+ by its terms"):
        solve(load_text(one_hall + "goals: {t: {goal: preferred-times}}"))


def test_an_impossibility_that_a_second_way_denies_is_not_said(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first word of the solver made wrong: only where presolve is off does it answer for itself."""
    module = sys.modules["scheduler.engine.part"]
    honest = module.search
    asked: list[Way] = []

    def mistaken(*arguments: Any) -> Answer:
        asked.append(arguments[4])
        answer = honest(*arguments)
        return answer if arguments[4] is Way.CAUTIOUS else answer._replace(status=cp_model.INFEASIBLE)

    monkeypatch.setattr(module, "search", mistaken)
    outcome = solve(load_text(HALLS + "goals: {t: {goal: preferred-times}, v: {goal: preferred-venues}}"))
    assert outcome.status == "optimal"
    assert asked == [Way.QUICK, Way.CAUTIOUS]


def test_a_goal_that_measures_otherwise_than_its_terms_is_a_fault(
    load_text: LoadText, monkeypatch: pytest.MonkeyPatch
) -> None:
    from constraints.goals.preferred_times import PreferredTimes

    monkeypatch.setattr(PreferredTimes, "measure", lambda self, scenario, plan: 7)
    with pytest.raises(SchedulerError, match="the goals measure"):
        solve(load_text(HALLS + "goals: {t: {goal: preferred-times}}"))


def test_a_deterministic_limit_counts_work_over_all_calls(load_text: LoadText) -> None:
    """Two runs of half a unit of work stop at one place; the clock on the wall would not."""
    loaded = load_text(hard_scenario())
    plans = [solve(loaded, Limits(seconds=0.5, deterministic=True)).plan for _ in range(2)]
    assert plans[0] is not None
    assert plans[0].status == "feasible"
    assert plans[0] == plans[1]


def test_a_kind_of_term_without_an_encoding_is_named(load_text: LoadText, monkeypatch: pytest.MonkeyPatch) -> None:
    from constraints.presence import Presence

    class Unheard(Group):
        """A kind of term that nobody has encoded."""

    term = Unheard(rule="presence", then=(0,))
    monkeypatch.setattr(Presence, "state", lambda self, scenario, candidates: [term])
    with pytest.raises(SchedulerError, match="presence states a Unheard"):
        solve(load_text(HALLS))


def test_progress_tells_value_and_bound(load_text: LoadText) -> None:
    seen: list[Progress] = []
    outcome = solve(
        load_text(HALLS + "goals: {t: {goal: preferred-times}, v: {goal: preferred-venues}}"), None, seen.append
    )
    assert outcome.plan is not None
    assert seen[-1].value == seen[-1].bound == outcome.plan.tiers[-1].value
    assert all(progress.value is None or progress.bound <= progress.value for progress in seen)


HARD = """
schema: 1
id: hard
calendar: {timezone: Asia/Shanghai, start: 2027-05-10, end: 2027-05-10, grid: 1 min}
grades: {G3: {}}
venues:
  house: {name: House, halls: {a: {turnover: 7 min}, b: {turnover: 11 min}, c: {turnover: 13 min}}}
events:
  day:
    grade: G3
    sessions:
"""


def hard_scenario() -> str:
    """Return sessions that all want one moment of three halls: a plan is quick, its proof is not."""
    wish = "prefer: {start: 2027-05-10T12:00, venues: [house.a]}"
    rows = [f"      s{n}: {{duration: {20 + 3 * (n % 7)} min, {wish}}}" for n in range(40)]
    return HARD + "\n".join(rows) + "\ngoals: {t: {goal: preferred-times}, v: {goal: preferred-venues}}\n"


def test_the_time_limit_keeps_the_best_plan_and_says_that_it_is_not_proved(load_text: LoadText) -> None:
    outcome = solve(load_text(hard_scenario()), Limits(seconds=4))
    assert outcome.status == "feasible"
    assert outcome.plan is not None
    assert outcome.plan.tiers[0].bound < outcome.plan.tiers[0].value
    assert outcome.report is not None
    assert outcome.report.clean


def test_a_gap_that_is_good_enough_ends_the_search_early(load_text: LoadText) -> None:
    outcome = solve(load_text(hard_scenario()), Limits(seconds=60, gap=1.0))
    assert outcome.status == "feasible"


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows delivers Ctrl-C to the whole console, the test runner included"
)
def test_ctrl_c_keeps_the_best_plan(tmp_path: Path) -> None:
    file, plan = tmp_path / "hard.yaml", tmp_path / "hard.plan.json"
    file.write_text(hard_scenario(), encoding="utf-8")
    command = [sys.executable, "-m", "scheduler", "solve", str(file), "-o", str(plan), "--time-limit", "120"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = running.stderr.readline()  # the first incumbent
        assert "incumbent" in first
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Traceback" not in errors
    assert plan.is_file()
