"""`faceprep doctor`: whether this machine will do."""

from __future__ import annotations

import dataclasses
import sys

import click

from faceprep.commands.common import Output, output_options


@click.command()
@output_options
def doctor(output: Output) -> None:
    """Look whether this machine has what faceprep needs; each line is ok or says what to do."""
    from faceprep.doctor import examine

    findings = examine()
    facts = {
        "ok": all(finding.ok for finding in findings),
        "findings": [dataclasses.asdict(finding) for finding in findings],
    }
    lines = (f"{'ok  ' if f.ok else 'MEND'}  {f.subject:<18} {f.detail}" for f in findings)
    output.summary(facts, lines)
    if not facts["ok"]:
        sys.exit(5)
