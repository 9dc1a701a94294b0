"""The command line: parse, make options, call the stage, turn its outcome into an exit code.

Nothing heavier than click is imported before a command runs.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import click

import faceprep
from faceprep import config
from faceprep.errors import FaceprepError, Interrupted
from faceprep.extract.options import TIMEOUT, ExtractOptions
from faceprep.parameters import Share, Statuses, options_of
from faceprep.signals import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.extract.run import ExtractSummary

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}

_EXIT_CODES = """\b
Exit codes: 0 done; 1 the run went wrong, no face, or too many rejects; 2 wrong usage;
3 unusable input; 4 the output cannot be written; 5 the machine lacks something (see
'faceprep doctor'); 130 Ctrl-C; 143 SIGTERM."""


@click.group(context_settings=_CONTEXT, epilog=_EXIT_CODES)
@click.version_option(faceprep.__version__, prog_name="faceprep")
def cli() -> None:
    """Prepare face data sets for training: offline, unattended, on all cores."""


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with what every command can be told about its words."""
    for decorate in (
        click.option(
            "--json", "as_json", is_flag=True, help="Print the summary as one JSON object."
        ),
        click.option("--quiet", is_flag=True, help="Say nothing but warnings and errors."),
        click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            default="text",
            help="Form of the log on stderr; json is for cloud logging.",
        ),
        click.option(
            "--debug", is_flag=True, help="Show tracebacks and the libraries' own messages."
        ),
    ):
        command = decorate(command)
    return command


@cli.command(
    epilog="""\b
Examples:
  faceprep extract                              raw/ to faces/, on all cores
  faceprep extract photos --out f --size 112    another source, another folder
  faceprep extract --pose mesh --align arcface  crops as ArcFace models take them
  faceprep extract list.csv --layout list       columns path, identity and clip"""
)
@click.argument(
    "raw", metavar="[SRC]", required=False, default=config.WORKSPACE["raw"], envvar="FACEPREP_RAW"
)
@click.option(
    "--out",
    "faces",
    metavar="DIR",
    default=config.WORKSPACE["faces"],
    envvar="FACEPREP_FACES",
    help="Folder for the faces.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    envvar="FACEPREP_WORKERS",
    help="Worker processes.",
    show_default="the cores this process may use",
)
@options_of(ExtractOptions)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86_400),
    default=TIMEOUT,
    help="Seconds one image may take; after that it is rejected.",
)
@click.option(
    "--max-rejects",
    type=Share(),
    help="Fail when a larger share of images gives no face.  [e.g. 5%]",
)
@click.option(
    "--retry",
    type=Statuses(),
    default="",
    help="Do parts again that hold such rejects, for instance timeout,crashed.",
    show_default="none",
)
@click.option("--overwrite", is_flag=True, help="Delete what DIR holds of an earlier run first.")
@output_options
def extract(
    raw: str,
    faces: str,
    workers: int | None,
    timeout: float,
    max_rejects: float | None,
    overwrite: bool,
    retry: frozenset[str],
    as_json: bool,
    quiet: bool,
    log_format: str,
    debug: bool,
    **options: Any,
) -> None:
    """Photographs in SRC to faces in DIR: found, posed, aligned, cropped.

    SRC is a folder with one folder per person (or another layout), or a table that names the
    images. DIR gets Parquet files that any Parquet reader opens: a row per face with its crop, and a
    row with the reason for each image that gave none. Run the same command again to go on after a
    kill, or to add the images that came to SRC since.
    """
    _start_log(log_format, quiet, debug)
    from faceprep.extract.run import extract as run

    bar = log_format == "text" and not quiet and sys.stderr.isatty()
    summary = run(
        raw,
        faces,
        ExtractOptions(**options),
        workers=workers,
        timeout=timeout,
        overwrite=overwrite,
        retry=retry,
        bar=bar,
    )
    _print_summary(summary, faces, as_json, quiet)
    _hold_to_limits(summary, max_rejects, faces)


def _hold_to_limits(summary: ExtractSummary, max_rejects: float | None, folder: str) -> None:
    if not summary.counts.faces:
        raise FaceprepError(f"none of the {summary.counts.images:,} images gave a face")
    share = summary.counts.rejected / summary.counts.images
    if max_rejects is not None and share > max_rejects:
        raise FaceprepError(
            f"{summary.counts.rejected:,} of {summary.counts.images:,} images ({share:.1%}) gave no "
            f"face, more than --max-rejects {max_rejects:.1%}; the faces are in {folder} all the same"
        )


def _print_summary(summary: ExtractSummary, folder: str, as_json: bool, quiet: bool) -> None:
    facts = summary.as_json()
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    elif not quiet:
        click.echo(f"images            {facts['images']:>12,}")
        click.echo(f"faces             {facts['faces']:>12,}")
        for status, count in sorted(summary.counts.rejects.items()):
            click.echo(f"  {status:<16}{count:>12,}")
        if summary.processed:
            click.echo(f"images/s          {facts['images_per_second']:>12,.1f}")
            click.echo(f"images/core-s     {facts['images_per_core_second']:>12,.1f}")
        else:
            click.echo("nothing was left to do")
        click.echo(f"{facts['parts']} {'part' if facts['parts'] == 1 else 'parts'} in {folder}")


@cli.command()
@output_options
def doctor(as_json: bool, quiet: bool, log_format: str, debug: bool) -> None:
    """Look whether this machine has what faceprep needs; each line is ok or says what to do."""
    _start_log(log_format, quiet, debug)
    from faceprep.doctor import examine

    findings = examine()
    if as_json:
        lines = [dataclasses.asdict(finding) for finding in findings]
        click.echo(json.dumps({"ok": all(f.ok for f in findings), "findings": lines}))
    elif not quiet:
        for finding in findings:
            click.echo(
                f"{'ok  ' if finding.ok else 'MEND'}  {finding.subject:<18} {finding.detail}"
            )
    if not all(finding.ok for finding in findings):
        sys.exit(5)


def main() -> None:
    """Run the command line and exit; the console script `faceprep`."""
    _start_log(_log_format(sys.argv), quiet=False, debug="--debug" in sys.argv)
    try:
        with stop_on_signals():
            cli.main(
                prog_name="faceprep",
                standalone_mode=False,
                default_map=_settings(),
                auto_envvar_prefix="FACEPREP",
            )
    except click.exceptions.NoArgsIsHelpError as nothing:
        click.echo(nothing.format_message(), err=True)
        sys.exit(nothing.exit_code)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except Interrupted as stop:
        _fail(
            f"{stop}; what is finished stays, and the same command goes on from there",
            stop.exit_code,
        )
    except FaceprepError as error:
        _fail(str(error), error.exit_code, traceback=True)
    except BrokenPipeError:  # `faceprep … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        _fail(f"{type(error).__name__}: {error} (a defect; --debug shows where)", 1, traceback=True)


def _log_format(arguments: list[str]) -> str:
    """For what goes wrong before the command line is parsed."""
    given = " ".join(arguments).replace("=", " ")
    return "json" if "--log-format json" in given else "text"


def _settings() -> dict[str, Any]:
    known = {
        name: {_setting(parameter): str(parameter.name) for parameter in command.params}
        for name, command in cli.commands.items()
    }
    return config.load(known)


def _setting(parameter: click.Parameter) -> str:
    """What a parameter is called in the settings file: as on the command line, without dashes."""
    return parameter.opts[0].lstrip("-")


def _fail(message: str, exit_code: int, *, traceback: bool = False) -> None:
    log = logging.getLogger("faceprep")
    log.error(message, exc_info=traceback and bool(os.environ.get("FACEPREP_DEBUG")))
    sys.exit(exit_code)


def _start_log(log_format: str, quiet: bool, debug: bool) -> None:
    from faceprep import log

    if debug:
        os.environ["FACEPREP_DEBUG"] = "1"  # the workers inherit it
    log.start(log_format, quiet=quiet)


if __name__ == "__main__":
    main()
