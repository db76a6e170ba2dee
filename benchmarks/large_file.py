"""A scenario file of many sessions, as a season's requests look: for measuring how fast files are read."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

_HEAD = """schema: 1
id: large
name: {en: A season of requests, zh: 一季的申请}
calendar: {timezone: Asia/Shanghai, start: 2027-03-01, end: 2027-05-31}
grades: {G1: {sweep: 6 h}, G2: {sweep: 2 h}, G3: {sweep: 30 min}}
delegations:
  host: {country: CN, persons: [principal, premier]}
"""


def write_large_scenario(path: Path, sessions: int) -> None:
    """Write a scenario of so many sessions over 30 venues of six halls, ten sessions an event, twelve lines a session."""
    lines = [_HEAD.rstrip()]
    lines += [f"  d{n}: {{country: NO, name: Delegation {n}, persons: [principal, spouse]}}" for n in range(60)]
    lines.append("venues:")
    for venue in range(30):
        lines += [
            f"  v{venue}:",
            f"    name: {{en: Venue {venue}, zh: 场馆}}",
            "    clearance: G1",
            "    hours: 07:00-23:00",
            "    halls:",
        ]
        lines += [
            f"      h{hall}: {{seats: {{theatre: {60 + hall}, banquet: {40 + hall}}}, turnover: 1 h, features: [booth]}}"
            for hall in range(6)
        ]
    lines.append("travel:")
    lines += [f"  v{venue}: {{v{(venue + 1) % 30}: {10 + venue} min}}" for venue in range(30)]
    lines.append("events:")
    for number in range(sessions):
        event, item = divmod(number, 10)
        if item == 0:
            lines += [f"  e{event}:", f"    name: {{en: Event {event}, zh: 活动}}", "    grade: G2"]
            lines += [f"    delegations: [host, d{event % 60}, d{(event + 7) % 60}]", "    sessions:"]
        lines += _session(event, item, date(2027, 3, 1) + timedelta(days=number % 90))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _session(event: int, item: int, day: date) -> list[str]:
    return [
        f"      s{item}:",
        f"        name: {{en: Session {item} of event {event}, zh: 会议}}",
        "        duration: 90 min",
        f"        attendance: {40 + item}",
        "        layout: theatre",
        "        needs: [booth]",
        f"        persons: [d{event % 60}.principal]",
        f"        halls: {{any: [v{event % 30}.*, v{(event + 3) % 30}.h2]}}",
        "        move-in: 1 h",
        f"        within: {{main: {{date: {day}, time: 09:00-21:00}}}}",
        f"        prefer: {{start: {day}T10:00, venues: [v{event % 30}]}}",
    ]
