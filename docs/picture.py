"""Draws a plan as the README shows it: one panel a day, a line a session by halls, move-in and sweep pale before each.

scheduler solve scenarios/brf-2023 -o forum.plan.json
python docs/picture.py scenarios/brf-2023/scenario.yaml forum.plan.json docs/forum.svg 2023-10-18
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from html import escape
from pathlib import Path

from scheduler.load import load
from scheduler.plan import Placed, Plan, read_plan
from scheduler.scenario.scenario import Scenario

LEFT, RIGHT, ROW, HEAD = 250, 20, 26, 44
FIRST_HOUR, LAST_HOUR, HOUR = 6, 24, 45
WIDTH = LEFT + (LAST_HOUR - FIRST_HOUR) * HOUR + RIGHT
LONGEST = 46
"""Letters of a venue that there is room for."""
INK, GRID, PALE, SWEEP = "#1f2933", "#d9dee3", "#dbe6f2", "#eef2f6"
COLOURS = ("#b3382c", "#20639b", "#3c7a5e", "#8a5a9e")


def picture(scenario: Scenario, plan: Plan, wanted: list[date]) -> str:
    """Return the SVG of a plan, of all its days where none is wanted."""
    days = wanted or sorted({placed.start.date() for placed in plan.sessions.values()})
    body: list[str] = []
    top = 34
    for day in days:
        panel, height = _panel(scenario, plan, day, top)
        body += panel
        top += height + 18
    title = escape(f"{scenario.file.name or scenario.id}: {plan.status}, {len(plan.sessions)} sessions")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" '
            f'font-family="DejaVu Sans, Verdana, Noto Sans CJK SC, sans-serif" font-size="11" fill="{INK}">',
            f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>',
            f'<text x="10" y="20" font-size="14" font-weight="bold">{title}</text>',
            *body,
            "</svg>\n",
        ]
    )


def _panel(scenario: Scenario, plan: Plan, day: date, top: int) -> tuple[list[str], int]:
    """Return the drawing of one day and its height."""
    today = {name: placed for name, placed in plan.sessions.items() if placed.start.date() == day}
    halls = list(dict.fromkeys(placed.hall for placed in sorted(today.values(), key=lambda placed: placed.start)))
    lines = sorted(today, key=lambda name: (halls.index(today[name].hall), today[name].start))
    height = HEAD + ROW * len(lines)
    drawn = [f'<text x="10" y="{top + 16}" font-weight="bold">{day:%A %d %B %Y}</text>']
    for hour in range(FIRST_HOUR, LAST_HOUR + 1):
        x = LEFT + (hour - FIRST_HOUR) * HOUR
        drawn.append(f'<line x1="{x}" y1="{top + HEAD - 14}" x2="{x}" y2="{top + height}" stroke="{GRID}"/>')
        drawn.append(f'<text x="{x}" y="{top + HEAD - 20}" text-anchor="middle" font-size="9">{hour:02d}</text>')
    named = ""
    for row, name in enumerate(lines):
        y, hall = top + HEAD - 8 + row * ROW, today[name].hall
        if hall != named:
            named, bookable = hall, scenario.bookables[hall]
            venue = scenario.venues[bookable.venue].name.en
            drawn.append(f'<text x="10" y="{y + 8}">{escape(bookable.name.en)}</text>')
            shown = venue if len(venue) < LONGEST else f"{venue[:LONGEST]}…"
            drawn.append(f'<text x="10" y="{y + 18}" font-size="8" fill="#667380">{escape(shown)}</text>')
        drawn += _bars(scenario, name, today[name], day, y)
    return drawn, height


def _bars(scenario: Scenario, name: str, placed: Placed, day: date, y: int) -> Iterator[str]:
    """Yield the bars of one session: hall taken, sweep, and the session itself with its name."""
    session = scenario.sessions[name]
    if placed.hall_from and placed.hall_to:
        yield _bar(placed.hall_from, placed.hall_to, day, y + 5, 10, SWEEP)
        yield _bar(placed.hall_from, placed.sweep_from or placed.start, day, y + 5, 10, PALE)
        yield _bar(placed.end, placed.hall_to, day, y + 5, 10, PALE)
    colour = COLOURS[list(scenario.events).index(session.event) % len(COLOURS)]
    yield _bar(placed.start, placed.end, day, y, 20, colour)
    label = f"{placed.start:%H:%M} {session.name.en}"
    before = placed.start.hour >= 17
    x = _x(placed.start, day) - 4 if before else _x(placed.end, day) + 4
    anchor = "end" if before else "start"
    yield f'<text x="{x:.0f}" y="{y + 14}" text-anchor="{anchor}" font-size="10">{escape(label)}</text>'


def _bar(begin: datetime, end: datetime, day: date, y: int, height: int, colour: str) -> str:
    left, right = _x(begin, day), _x(end, day)
    return f'<rect x="{left:.1f}" y="{y}" width="{max(0.0, right - left):.1f}" height="{height}" rx="2" fill="{colour}"/>'


def _x(moment: datetime, day: date) -> float:
    hours = (moment - datetime(day.year, day.month, day.day, tzinfo=moment.tzinfo)).total_seconds() / 3600
    return LEFT + (min(max(hours, FIRST_HOUR), LAST_HOUR) - FIRST_HOUR) * HOUR


if __name__ == "__main__":
    scenario_file, plan_file, target, *wanted = sys.argv[1:]
    scenario = load(scenario_file).scenario
    svg = picture(scenario, read_plan(plan_file, scenario.calendar.timezone), list(map(date.fromisoformat, wanted)))
    Path(target).write_text(svg, encoding="utf-8")
