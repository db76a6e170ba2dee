"""How differences between plans look in a terminal: tables that several commands print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.scenario.scenario import Scenario
from scheduler.studies.compare import Comparison, session_name, where_and_when


def counted(found: Comparison) -> str:
    """Return how many sessions changed in which way: ``: 1 other day, 2 other time``."""
    said = ", ".join(f"{count} {kind}" for kind, count in found.counts.items())
    return f": {said}" if said else ""


def print_changes(page: Console, scenario: Scenario, found: Comparison) -> None:
    """Print every session that changed, with what it was and what it is, and every delegation that stays elsewhere."""
    rows = [
        (
            change.session,
            session_name(scenario, change.session),
            where_and_when(scenario, change.was),
            where_and_when(scenario, change.now),
            ", ".join(change.kinds),
        )
        for change in found.changes
    ]
    print_columns(page, "By session", ("Session", "Name", "Was", "Is", "Change"), rows)
    print_homes(page, scenario, found)


def print_homes(page: Console, scenario: Scenario, found: Comparison) -> None:
    """Print every delegation that stays elsewhere."""
    homes = [
        (scenario.delegation_name(home.delegation), _hotel(scenario, home.was), _hotel(scenario, home.now))
        for home in found.homes
    ]
    print_columns(page, "Homes", ("Delegation", "Was", "Is"), homes)


def _hotel(scenario: Scenario, hotel: str | None) -> str:
    return "" if hotel is None else str(scenario.hotels[hotel].name) if hotel in scenario.hotels else hotel


def print_columns(page: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table and a blank line, nothing where it has no rows."""
    rows = list(rows)
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=not number)
    for row in rows:
        table.add_row(*map(Text, row))  # no markup, and ":100:" of a place is no emoji
    page.print(table)
    page.print()
