"""The one door: a plan is checked, redacted for its readers, set against the issue before, written in all formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path

from scheduler import __version__
from scheduler.check import Report, check
from scheduler.errors import InputError, Issue, Place
from scheduler.exports.directory import clean
from scheduler.exports.formats import Format, Wishes, format_of
from scheduler.exports.issue import Manifest, Previous, Written, in_whole_seconds, read, view_of, write, written
from scheduler.exports.redaction import Reader, Redaction
from scheduler.exports.succession import following
from scheduler.exports.view import View
from scheduler.exports.words import Words, words
from scheduler.load import Loaded
from scheduler.plan import Plan, plan_json
from scheduler.scenario.audiences import Audience
from scheduler.scenario.city import Name

DEFAULT = ("ics", "xlsx", "pdf", "csv", "geojson")
"""The formats where none is named; JSON is in every issue."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be issued, for whom, in which languages. ``catalogues`` are files of words beside those shipped."""

    formats: Sequence[str] = DEFAULT
    audience: Audience = "command"
    delegation: str | None = None
    languages: Sequence[str] = ("en", "zh")
    catalogues: Sequence[str] = ()
    bom: bool = False
    approved_by: str | None = None
    anyway: bool = False
    made: datetime | None = None
    """The time of issue; now where not given."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of an order: what the check said, and unless that forbade it, the view and where it was written."""

    report: Report
    view: View | None = None
    written: Written | None = None
    notes: tuple[str, ...] = ()


def export(loaded: Loaded, plan: Plan, folder: str | Path, order: Order) -> Issued:
    """Write the next issue of a plan into a folder.

    A plan that does not keep all rules is not written, unless ``anyway``: then every page says so.

    Raises InputError where the order cannot be filled, MachineError where the disk is full or cannot be written.
    """
    reader = Reader.of(loaded.scenario, order.audience, order.delegation)
    if not order.formats:
        raise InputError([Issue(Place("--to"), "no format is named", f"'--to {','.join(DEFAULT)}'?")])
    formats = [format_of(name) for name in dict.fromkeys((*order.formats, "json"))]
    said = words(order.languages, order.catalogues)
    target = Path(folder)
    before = _before(target, loaded.scenario.id, reader)
    report = check(loaded, plan)
    if not report.clean:
        if not order.anyway:
            return Issued(report)
        if order.approved_by is not None or not plan.provisional:
            message = "a plan that does not keep all rules cannot be confirmed"
            raise InputError(
                [Issue(Place("--anyway"), message, "leave out '--approved-by'; the plan says 'provisional: true'.")]
            )
    redaction = Redaction(loaded.scenario, reader)
    view = redaction.view(
        plan,
        report.figures,
        made=in_whole_seconds(order.made or datetime.now(UTC)),
        approved_by=clean(Name(en=order.approved_by)).en if order.approved_by else None,
        findings=[finding.text for finding in report.findings],
    )
    if before is not None:
        view = following(view_of(before), view, redaction)
    manifest = _manifest(loaded, plan, view, said, dict.fromkeys((*order.formats, "json")), before)
    issued = write(target, manifest, _files(formats, view, said, Wishes(bom=order.bom)))
    return Issued(report, view, issued, tuple(redaction.notes(plan)))


def _before(folder: Path, scenario: str, reader: Reader) -> Written | None:
    """Return the last issue in a folder; raises InputError where it is of another scenario or for other readers."""
    issues = written(folder)
    if not issues:
        return None
    last = read(issues[-1])
    was = last.manifest
    if (was.scenario, was.audience, was.delegation) != (scenario, reader.audience, reader.delegation):
        whom = was.audience + (f" of {was.delegation}" if was.delegation else "")
        message = f"holds issues of {was.scenario} for {whom}"
        hint = "another folder? Each audience, and each delegation of liaison, has one of its own."
        raise InputError([Issue(Place(str(folder)), message, hint)])
    return last


def _manifest(
    loaded: Loaded, plan: Plan, view: View, said: Words, formats: dict[str, None], before: Written | None
) -> Manifest:
    manifest = Manifest(
        scenario=view.scenario,
        audience=view.audience,
        delegation=view.delegation,
        issue=view.number,
        made=view.made,
        status="confirmed" if view.confirmed else "provisional",
        approved_by=view.approved_by,
        broken=view.broken,
        release=__version__,
        languages=list(said.languages),
        formats=list(formats),
        previous=Previous(issue=before.manifest.issue, manifest=before.seal) if before else None,
    )
    if view.audience != "command":
        return manifest
    digest = sha256(plan_json(plan).encode()).hexdigest()
    return manifest.model_copy(
        update={"plan_sha256": digest, "scenario_digest": loaded.digest, "patches": list(loaded.patches)}
    )


def _files(formats: Sequence[Format], view: View, said: Words, wishes: Wishes) -> Iterator[tuple[str, bytes]]:
    return chain.from_iterable(format_.files(view, said, wishes) for format_ in formats)
