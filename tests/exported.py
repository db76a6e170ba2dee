"""A small city with a name for everything, its plans, and an independent word on what of them an audience may see.

The oracle of the property tests is here: it reads the declaration of a scenario by itself and shares nothing with the
redaction.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from scheduler.exports.export import Order, export
from scheduler.exports.formats import FORMATS
from scheduler.legs import legs
from scheduler.load import Loaded
from scheduler.plan import Placed, Plan

MADE = dt.datetime(2027, 5, 1, 12, tzinfo=dt.UTC)

FIELDS = (
    *("event", "name", "date", "time", "venue", "hall", "layout", "needs", "delegations", "persons"),
    *("attendance", "vehicles", "preparation", "grade"),
)
NEEDS = {"time": "date", "preparation": "time", "hall": "venue", "persons": "delegations"}

HALLS = ("house.red", "house.blue", "tower.top")
STARTS = ("2027-05-18T09:00", "2027-05-18T13:00", "2027-05-19T09:00", "2027-05-19T13:00")

SESSIONS: Mapping[str, Mapping[str, Any]] = {
    "summit.talks": {
        "grade": "G1",
        "attendance": "731000110",
        "vehicles": "831000110",
        "delegations": ("host", "nor"),
        "persons": ("host.chief", "nor.chief"),
    },
    "summit.dinner": {
        "grade": "G2",
        "attendance": "731000220",
        "vehicles": "831000220",
        "delegations": ("host", "nor", "fij"),
        "persons": ("host.chief", "fij.chief"),
    },
    "summit.press": {
        "grade": "G3",
        "attendance": "731000330",
        "vehicles": "831000330",
        "delegations": ("host",),
        "persons": ("host.chief",),
    },
    "quiet.call": {
        "grade": "G2",
        "attendance": "731000440",
        "vehicles": "831000440",
        "delegations": ("host", "nor"),
        "persons": ("host.chief", "nor.aide"),
    },
}

_CITY = """
schema: 1
id: small
name: {en: Small summit, zh: 小型峰会}
calendar: {timezone: Asia/Shanghai, start: 2027-05-17, end: 2027-05-20, grid: 5 min}
grades: {G1: {sweep: 30 min, escorted: true}, G2: {}, G3: {}}
network:
  classes: {street: {speed: 60 km/h}}
  corridors: {house: {name: {en: MARKcorridor, zh: 走廊}}}
  nodes:
    a: {name: A, at: [39.90, 116.30]}
    b: {name: B, at: [39.95, 116.35]}
    c: {name: C, at: [40.00, 116.40]}
  links:
    ab: {between: [a, b], class: street, length: 6 km, corridor: house}
    bc: {between: [b, c], class: street, length: 6 km}
venues:
  house:
    name: {en: MARKhouse, zh: 标记宅}
    node: a
    clearance: G1
    halls:
      red: {name: MARKhouse.red, SPACE}
      blue: {name: MARKhouse.blue, SPACE}
  tower:
    name: MARKtower
    node: b
    clearance: G1
    halls:
      top: {name: MARKtower.top, SPACE}
hotels:
  inn: {name: MARKinn, node: c, rooms: 90}
  lodge: {name: MARKlodge, node: b, rooms: 90}
pools:
  MARKpool: {name: MARKpoolname, capacity: 99}
delegations:
  host: {name: MARKhost, persons: {chief: MARKhost.chief}}
  nor: {name: MARKnor, persons: {chief: MARKnor.chief, aide: MARKnor.aide}, home: {any: [inn, lodge]}}
  fij: {name: MARKfij, persons: {chief: MARKfij.chief}, home: {any: [inn, lodge]}}
audiences: {AUDIENCES}
events:
  summit:
    name: MARKevent.summit
    grade: G1
    delegations: [host]
    sessions:
      talks:
        name: MARKname.talks
        duration: 60 min
        attendance: 731000110
        vehicles: 831000110
        layout: MARKlayout.talks
        needs: [MARKneeds.talks]
        delegations: [host, nor]
        persons: [host.chief, nor.chief]
        uses: {MARKpool: {amount: 3}}
      dinner:
        name: MARKname.dinner
        grade: G2
        duration: 60 min
        attendance: 731000220
        vehicles: 831000220
        layout: MARKlayout.dinner
        needs: [MARKneeds.dinner]
        delegations: [host, nor, fij]
        persons: [host.chief, fij.chief]
        uses: {MARKpool: {amount: 2, phase: wave}}
      press:
        name: MARKname.press
        grade: G3
        duration: 60 min
        attendance: 731000330
        vehicles: 831000330
        layout: MARKlayout.press
        needs: [MARKneeds.press]
        persons: [host.chief]
  quiet:
    name: MARKevent.quiet
    grade: G2
    audience: {QUIET}
    optional: {price: 631000110}
    sessions:
      call:
        name: MARKname.call
        duration: 60 min
        attendance: 731000440
        vehicles: 831000440
        layout: MARKlayout.call
        needs: [MARKneeds.call]
        delegations: [host, nor]
        persons: [host.chief, nor.aide]
rules: {seats: {rule: seating, soften: {tier: 2, weight: 1}}}
"""


_WORDS = ("talks", "dinner", "press", "call")
_SPACE = (
    f"seats: {{{', '.join(f'MARKlayout.{word}: 900' for word in _WORDS)}}}, "
    f"features: [{', '.join(f'MARKneeds.{word}' for word in _WORDS)}]"
)


def mark(word: str) -> str:
    """Return what stands for a word in the scenario, and is found nowhere by chance."""
    return f"mark-{word.replace('.', '-')}-zq"


def marked(text: str) -> str:
    """Return a text with its marks."""
    return re.sub(r"MARK([a-z.]+)", lambda found: mark(found[1]), text.replace("SPACE", _SPACE))


@dataclass(frozen=True)
class Declared:
    """What a scenario declares: fields by grade for the public and for liaison, of the delegation itself, of one event."""

    public: Mapping[str, Sequence[str]] = field(default_factory=dict)
    liaison: Mapping[str, Sequence[str]] | None = None
    own: Sequence[str] = ("movements",)
    quiet: str = "public"

    def text(self) -> str:
        """Return the scenario."""

        def listed(fields: Mapping[str, Sequence[str]]) -> str:
            return "{" + ", ".join(f"{grade}: [{', '.join(shown)}]" for grade, shown in fields.items()) + "}"

        liaison = f"own: [{', '.join(self.own)}]"
        if self.liaison is not None:
            liaison += f", sessions: {listed(self.liaison)}"
        audiences = f"{{public: {{sessions: {listed(self.public)}}}, liaison: {{{liaison}}}}}"
        return marked(_CITY.replace("{AUDIENCES}", audiences).replace("{QUIET}", self.quiet))

    def fields(self, audience: str, session: str) -> frozenset[str]:
        """Return what an audience (liaison: of nor) is shown of a session."""
        entry = SESSIONS[session]
        widest = self.quiet if session == "quiet.call" else "public"
        shown: set[str] = set()
        if widest == "public":
            shown |= set(self.public.get(entry["grade"], ()))
        if audience == "liaison" and widest != "command" and "nor" in entry["delegations"]:
            own = ("event", "name", "date", "time", "venue", "hall", "layout", "delegations", "persons")
            shown |= set(own if self.liaison is None else self.liaison.get(entry["grade"], own))
        return frozenset(shown)


def shown_marks(declared: Declared, audience: str, plans: Iterable[Plan]) -> set[str]:
    """Return the marks that an audience may find in issues of plans."""
    seen = set()
    for plan in plans:
        for session, placed in plan.sessions.items():
            shown, entry, word = declared.fields(audience, session), SESSIONS[session], session.partition(".")[2]
            values = {
                "event": [f"event.{session.partition('.')[0]}"],
                "venue": [placed.hall.partition(".")[0]],
                "hall": [placed.hall],
                "delegations": entry["delegations"],
                "persons": entry["persons"],
            }
            seen |= {mark(f"{field_}.{word}") for field_ in shown & {"name", "layout", "needs"}}
            seen |= {mark(value) for field_ in shown & set(values) for value in values[field_]}
            seen |= {entry["attendance"]} if "attendance" in shown else set()
            seen |= {entry["vehicles"]} if "vehicles" in shown else set()
    if audience == "liaison":
        seen.add(mark("nor"))
        if "movements" in declared.own:
            seen |= {mark(person) for person in ("nor.chief", "nor.aide") if followed(declared, person)}
        seen |= set(map(mark, ("inn", "lodge"))) if "homes" in declared.own else set()
        seen |= {mark("corridor")} if "routes" in declared.own else set()
    return seen


def followed(declared: Declared, person: str) -> bool:
    """Return whether the movements of a person of nor may be shown: time and venue of all its sessions are."""
    theirs = [session for session, entry in SESSIONS.items() if person in entry["persons"]]
    return all({"time", "venue"} <= declared.fields("liaison", session) for session in theirs)


def projected(declared: Declared, audience: str, where: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return what an audience is shown of placements, by session."""
    seen = {}
    for session, (hall, start) in where.items():
        shown = declared.fields(audience, session)
        values = {"venue": hall.partition(".")[0], "hall": hall, "date": start[:10], "time": start, "preparation": start}
        if shown:
            seen[session] = tuple(values[field_] for field_ in sorted(values) if field_ in shown)
    return seen


def placed_plan(loaded: Loaded, where: Mapping[str, tuple[str, str]], homes: Mapping[str, str]) -> Plan:
    """Return a plan of ``{session: (hall, local start)}``, with the legs that it asks for."""
    scenario, calendar = loaded.scenario, loaded.scenario.calendar
    sessions = {}
    for session, (hall, start) in where.items():
        at = dt.datetime.fromisoformat(f"{start}+08:00")
        end = at + dt.timedelta(minutes=60)
        sessions[session] = Placed(hall=hall, start=at, end=end, hall_from=at - dt.timedelta(minutes=30), hall_to=end)
    assert calendar.timezone.key == "Asia/Shanghai"
    absent = {} if "quiet.call" in where else {"quiet": 631000110}
    plan = Plan(scenario=scenario.id, sessions=sessions, homes=dict(homes), absent=absent)
    return plan.model_copy(update={"legs": legs(scenario, plan)})


def issue(loaded: Loaded, plan: Plan, folder: Path, **order: Any) -> Path:
    """Write an issue of a plan, whatever the check says of it; return its folder."""
    order = {"made": MADE, "anyway": True, "formats": FORMATS, **order}
    issued = export(loaded, plan, folder, Order(**order))
    assert issued.written is not None
    return issued.written.path


def text_of(document: bytes) -> list[str]:
    """Return the text of each page of a PDF, its title at the end; a line that is broken has a blank there."""
    read = PdfReader(io.BytesIO(document))
    pages = [page.extract_text().replace("\n", " ") for page in read.pages]
    return [*pages, str(read.metadata.title if read.metadata else "")]


def all_bytes(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file in a folder: folded lines unfolded, members of a zip and text of pages too."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        content = file.read_bytes()
        name = file.relative_to(folder).as_posix()
        yield name, content.replace(b"\r\n ", b"") if file.suffix == ".ics" else content
        if file.suffix == ".pdf":
            yield f"{name}!text", "".join(" ".join(text_of(content)).split()).encode()  # lines are broken anywhere
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                for part in parts.namelist():
                    yield f"{name}!{part}", parts.read(part)
