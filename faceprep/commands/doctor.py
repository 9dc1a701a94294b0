"""`faceprep doctor`: whether this machine will do."""

from __future__ import annotations

import dataclasses
import sys

import click

from faceprep.commands.common import Output, output_options


@click.command(
    short_help="Look whether this machine has what is needed.",
    epilog="""\b
Examples:
  faceprep doctor
  faceprep doctor --json                       the same for a program""",
)
@output_options
def doctor(output: Output) -> None:
    """Look whether this machine has what faceprep needs; each line is ok or says what to do.

    Python, packages, system libraries, the model file, cores, memory, disk and GPUs. Exit code 5
    where something is to be mended.
    """
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
