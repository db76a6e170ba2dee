from __future__ import annotations

import click

from scheduler.cli.answers import FilePath, answering, format_option, print_json
from scheduler.errors import ExitCode

_SAID = {
    "changed": "was changed",
    "missing": "is missing",
    "added": "was added",
    "chain": "is not the one that the issue after it was made from",
}


@click.command("verify", short_help="Tell what was changed in an issue.")
@click.argument("folder", type=FilePath, metavar="FOLDER")
@format_option
@answering
def command(folder: str, form: str) -> int:
    """Tell what was changed since an issue was made: in its folder, or in each of a folder of issues.

    Exit code 5 where something was. A manifest that was changed with its files is told by its seal, which `scheduler
    export` printed.
    """
    from pathlib import Path

    from scheduler.exports.issue import verify

    verdicts = verify(Path(folder))
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    if form == "json":
        told = [
            {
                "folder": str(verdict.issue.path),
                "issue": verdict.issue.manifest.issue,
                "seal": verdict.issue.seal,
                "findings": [{"file": str(finding.path), "kind": finding.kind} for finding in verdict.findings],
            }
            for verdict in verdicts
        ]
        print_json({"status": "changed" if findings else "as issued", "issues": told})
        return ExitCode.VIOLATED if findings else ExitCode.PLAN
    for verdict in verdicts:
        for finding in verdict.findings:
            click.echo(f"{finding.path}: {_SAID[finding.kind]}", err=True)
        manifest = verdict.issue.manifest
        whom = manifest.audience + (f" of {manifest.delegation}" if manifest.delegation else "")
        state = f"{len(verdict.findings)} differences" if verdict.findings else f"{len(manifest.files)} files as issued"
        click.echo(
            f"{verdict.issue.path}: issue {manifest.issue} of {manifest.scenario} for {whom}, {manifest.status}: {state}; "
            f"seal {verdict.issue.seal[:16]}"
        )
    return ExitCode.VIOLATED if findings else ExitCode.PLAN
