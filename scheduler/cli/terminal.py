"""How plans and reports look in a terminal: rich draws the tables, which know how wide Chinese is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scheduler.plan import Figure, Placed, Plan, TierValue

if TYPE_CHECKING:
    from scheduler.check import Report
    from scheduler.engine import Progress
    from scheduler.scenario.scenario import Scenario

_PIPE_WIDTH = 132
"""Columns where nobody tells how wide the page is."""


def page(*, stderr: bool = False) -> Console:
    """Return where tables are printed, as wide as the terminal; a pipe has its own width."""
    file = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if file.isatty() else _PIPE_WIDTH, highlight=False)


class LiveLine:
    """The state of a search on one line: redrawn in a terminal, a new line for each change of value in a pipe."""

    def __init__(self, quiet: bool) -> None:
        self._console = page(stderr=True)
        self._quiet = quiet
        self._shown: tuple[int, int | None] | None = None
        self._line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._line and self._console.is_terminal:
            self._console.print()

    def show(self, progress: Progress) -> None:
        """Show where the search stands."""
        if self._quiet:
            return
        value = "none yet" if progress.value is None else str(progress.value)
        gap = "" if progress.value is None else f"  gap {_gap(progress.value, progress.bound):.1%}"
        where = f"tier {progress.tier} of {progress.tiers}"
        self._line = f"{where}  incumbent {value}  bound {progress.bound}{gap}  {progress.seconds:.1f} s"
        if self._console.is_terminal:
            self._console.file.write(f"\r\x1b[2K{self._line}")
            self._console.file.flush()
        elif progress.value is not None and (progress.tier, progress.value) != self._shown:
            self._shown = progress.tier, progress.value
            self._console.print(self._line)


def _gap(value: int, bound: int) -> float:
    return abs(value - bound) / max(1, abs(value))


def show_plan(scenario: Scenario, plan: Plan, seconds: float, target: str) -> None:
    """Print a plan by day, its figures by goal, and where its file lies."""
    console = page()
    _print_days(console, scenario, plan)
    if plan.absent:
        left_out = ", ".join(f"{name} ({points} points)" for name, points in plan.absent.items())
        console.print(f"[bold]Left out:[/] {escape(left_out)}\n")
    if plan.displaced:
        holds = [scenario.file.holds[hold] for hold in plan.displaced]
        displaced = ", ".join(f"{hold.by} in {hold.hall} ({hold.price} points)" for hold in holds)
        console.print(f"[bold]Displaced:[/] {escape(displaced)}\n", soft_wrap=True)
    _print_homes(console, scenario, plan)
    _print_figures(console, plan.figures, plan.tiers)
    verdict = {"optimal": "Proved optimal", "feasible": "Not proved optimal"}[plan.status]
    console.print(
        f"{verdict} in {seconds:.1f} s; {len(plan.sessions)} sessions, checked. The plan: [bold]{escape(target)}[/]"
    )


def show_report(scenario: Scenario, plan: Plan, report: Report) -> None:
    """Print what a check found."""
    console = page()
    for finding in report.findings:
        console.print(f"[red]✗[/] {escape(finding.text)} [dim]({escape(finding.rule)})[/]", soft_wrap=True)
    for finding in report.given_way:
        console.print(f"[yellow]~[/] {escape(finding.text)} [dim]({escape(finding.rule)}, softened)[/]", soft_wrap=True)
    _print_figures(console, report.figures, [])
    count = len(report.findings)
    if report.clean:
        console.print(f"Clean: {len(plan.sessions)} sessions of {scenario.id} keep all rules.")
    else:
        console.print(f"[bold]{count} violation{'s' if count > 1 else ''}.[/]")


def show_why_not(scenario: Scenario, session: str, rows: list[dict[str, Any]]) -> None:
    """Print of each hall when a session can start in it, and what the rules refuse."""
    console = page()
    table = Table(title=f"Where {session} can be", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Hall", "Option", "Starts", "First", "Last", "Other starts refused because"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Starts" else "left")
    for row in rows:
        first, last = str(row.get("first", ""))[:16], str(row.get("last", ""))[:16]
        table.add_row(row["hall"], row["option"] or "", str(row["starts"]), first, last, escape(row["why_not"]))
    console.print(table)
    others = len(scenario.bookables) - len({row["hall"] for row in rows})
    if others:
        console.print(f"{others} other halls: not among the halls of {session}.")


def _print_days(console: Console, scenario: Scenario, plan: Plan) -> None:
    def day(item: tuple[str, Placed]) -> date:
        return item[1].start.date()

    for when, items in groupby(sorted(plan.sessions.items(), key=lambda item: item[1].start), key=day):
        table = Table(
            title=f"{when:%A %d %B %Y}",
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
        )
        for heading in ("Time", "Session", "Hall", "Who", "Hall taken"):
            table.add_column(heading, overflow="fold")
        for name, placed in items:
            table.add_row(*(escape(cell) for cell in _row(scenario, name, placed)))
        console.print(table)
        console.print()


def _print_homes(console: Console, scenario: Scenario, plan: Plan) -> None:
    """Print who stays where, one line a hotel, and how many legs the plan asks for."""
    guests: dict[str, list[str]] = {}
    for delegation, hotel in plan.homes.items():
        guests.setdefault(hotel, []).append(scenario.delegation_name(delegation))
    for hotel, names in guests.items():
        console.print(f"[bold]{escape(str(scenario.hotels[hotel].name))}:[/] {escape(', '.join(names))}", soft_wrap=True)
    if plan.legs:
        escorted = sum(leg.escorted for leg in plan.legs)
        console.print(f"{len(plan.legs)} legs, {escorted} with a motorcade: times and corridors are in the plan file.")
    if guests or plan.legs:
        console.print()


def _row(scenario: Scenario, name: str, placed: Placed) -> tuple[str, str, str, str, str]:
    session = scenario.sessions[name]
    option = scenario.events[session.event].sessions[name.removeprefix(f"{session.event}.")].options or {}
    title = str(session.name)
    if placed.option is not None:
        title += f" [{option[placed.option].name or placed.option}]"
    who = _who(scenario, session.persons) or ", ".join(scenario.delegation_name(d) for d in session.delegations)
    taken = f"{placed.hall_from:%H:%M}–{placed.hall_to:%H:%M}" if placed.hall_from and placed.hall_to else ""
    return f"{placed.start:%H:%M}–{placed.end:%H:%M}", title, scenario.hall_name(placed.hall), who, taken


def _who(scenario: Scenario, persons: tuple[str, ...]) -> str:
    """Return persons by delegation, both in the order in which the scenario names them: ``China: President; Brazil: …``."""
    by_delegation = {
        scenario.delegation_name(name): [
            str(office) for role, office in delegation.persons.items() if f"{name}.{role}" in persons
        ]
        for name, delegation in scenario.delegations.items()
    }
    return "; ".join(f"{name}: {', '.join(offices)}" for name, offices in by_delegation.items() if offices)


def _print_figures(console: Console, figures: Mapping[str, Figure], tiers: list[TierValue]) -> None:
    table = Table(title="Figures", title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Tier", "Goal", "Figure", "Points", "Share"):
        table.add_column(heading, justify="left" if heading == "Goal" else "right")
    totals: dict[int, int] = {}
    for figure in figures.values():
        totals[figure.tier] = totals.get(figure.tier, 0) + figure.points
    for goal, figure in sorted(figures.items(), key=lambda item: item[1].tier):
        share = f"{figure.points / totals[figure.tier]:.0%}" if totals[figure.tier] else ""
        name = goal if goal == figure.family else f"{goal} ({figure.family})"
        table.add_row(str(figure.tier), escape(name), f"{figure.figure} {figure.unit}", str(figure.points), share)
    console.print(table)
    for tier in tiers:
        by = f" by {tier.bound_by}" if tier.gap else ""
        console.print(f"Tier {tier.tier}: {tier.value} points, bound {tier.bound}{by}, gap {tier.gap:.1%}")
    console.print()
