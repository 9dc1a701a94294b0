"""What several commands have in common: options, and how they speak."""

from __future__ import annotations

import functools
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from faceprep import config, log
from faceprep.errors import StorageError, UsageError
from faceprep.parameters import Folder, starting_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from click.shell_completion import CompletionItem

    from faceprep.engine import Workers
    from faceprep.face_folder import FaceFolder

    Command = Callable[..., Any]


@dataclass(frozen=True)
class Output:
    """How a command speaks.

    Attributes:
        as_json: the summary is one JSON object.
        quiet: nothing but warnings and errors.
        bar: progress is a bar, not lines.
    """

    as_json: bool
    quiet: bool
    bar: bool

    def summary(self, facts: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print a summary to stdout: the facts as JSON, or the lines for people.

        Raises:
            StorageError: stdout cannot be written, for instance to a full disk.
        """
        if self.as_json:
            lines = [json.dumps(facts, ensure_ascii=False)]
        elif self.quiet:
            lines = []
        try:
            for line in lines:
                click.echo(line)
        except BrokenPipeError:
            raise
        except OSError as error:
            forget_stdout()
            raise StorageError(f"stdout could not be written ({error.strerror})") from None


def forget_stdout() -> None:
    """Let what is still in its buffer go nowhere: Python would try again as it ends, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_OUTPUT_OPTIONS = (
    click.option(
        "--json", "as_json", is_flag=True, help="Print the summary on stdout as one JSON object."
    ),
    click.option("--quiet", is_flag=True, help="Say nothing but warnings, errors and faults."),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="Form of the log on stderr; json is for cloud logging.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        help="Show tracebacks and the libraries' own messages, to report a defect.",
    ),
)


def output_options(command: Command) -> Command:
    """Decorate a command with what every command can be told about its words.

    It starts the log, and the command gets an `Output` as `output`.
    """

    @functools.wraps(command)
    def speaking(
        *, as_json: bool, quiet: bool, log_format: str, debug: bool, **arguments: Any
    ) -> Any:
        start_log(log_format, quiet=quiet, debug=debug)
        log.describe(command=click.get_current_context().command_path.partition(" ")[2] or None)
        bar = log_format == "text" and not quiet and sys.stderr.isatty()
        return command(output=Output(as_json, quiet, bar), **arguments)

    for decorate in reversed(_OUTPUT_OPTIONS):
        speaking = decorate(speaking)
    return speaking


def start_log(log_format: str, *, quiet: bool, debug: bool) -> None:
    """Send the log of this process to stderr."""
    if debug:
        os.environ["FACEPREP_DEBUG"] = "1"  # the workers inherit it
    log.start(log_format, quiet=quiet)


workers_option = click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    envvar="FACEPREP_WORKERS",
    help="How many worker processes there are.",
    show_default="as many as the cores this process may use",
)


_BACKEND_OPTIONS = (
    click.option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        envvar="FACEPREP_SCHEDULER",
        help="Address of the Dask scheduler, which --backend dask needs.",
    ),
    click.option(
        "--backend",
        type=click.Choice(["loky", "dask"]),
        default="loky",
        envvar="FACEPREP_BACKEND",
        help="Who does the work: processes of this machine (loky), or a Dask cluster that is there.",
    ),
    workers_option,
)


def backend_options(command: Command) -> Command:
    """Decorate a command with who is to do the work; it gets `Workers` as `workers`."""

    @functools.wraps(command)
    def staffed(
        *, workers: int | None, backend: str, scheduler: str | None, **arguments: Any
    ) -> Any:
        return command(workers=_workers(workers, backend, scheduler), **arguments)

    for decorate in _BACKEND_OPTIONS:
        staffed = decorate(staffed)
    return staffed


def _workers(workers: int | None, backend: str, scheduler: str | None) -> Workers:
    typed = click.get_current_context().get_parameter_source
    if backend == "loky":
        if typed("scheduler") is ParameterSource.COMMANDLINE:
            raise UsageError("--scheduler goes with --backend dask")
        return workers
    from faceprep.engine import Cluster

    if typed("workers") is ParameterSource.COMMANDLINE:
        raise UsageError("--workers: with --backend dask, all workers of the cluster are used")
    if not scheduler:
        raise UsageError("--backend dask needs --scheduler tcp://HOST:PORT")
    return Cluster(scheduler)


shards_argument = click.argument(
    "shards_dir",
    type=Folder(),
    metavar="[SHARDS]",
    required=False,
    default=config.WORKSPACE["shards"],
    envvar="FACEPREP_SHARDS",
)


def raw_option(help_text: str) -> Callable[[Command], Command]:
    """Decorate a command with where faces came from, as `raw_dir`."""
    return click.option(
        "--raw",
        "raw_dir",
        type=Folder(),
        metavar="DIR",
        default=config.WORKSPACE["raw"],
        envvar="FACEPREP_RAW",
        help=help_text,
    )


several_shards = click.argument(
    "shards_dir",
    type=Folder(),
    metavar="[SHARDS…]",
    nargs=-1,
    required=False,
    default=(config.WORKSPACE["shards"],),
    envvar="FACEPREP_SHARDS",
)


def run_options(help_of_run_dir: str, usually: str) -> Callable[[Command], Command]:
    """Decorate a command with where its runs are: `run_dir` and `runs_dir`, not both of them empty.

    Args:
        help_of_run_dir: for `--run-dir`.
        usually: where they are without it.
    """
    run_dir = click.option(
        "--run-dir",
        type=Folder(),
        metavar="DIR",
        default="",
        help=help_of_run_dir,
        show_default=usually,
    )
    runs_dir = click.option(
        "--runs",
        "runs_dir",
        type=Folder(),
        metavar="DIR",
        default=config.WORKSPACE["runs"],
        envvar="FACEPREP_RUNS",
        help="Folder, or URL such as s3://bucket/runs, below which runs are.",
    )

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def placed(*, run_dir: str, runs_dir: str, **arguments: Any) -> Any:
            if not (run_dir or runs_dir):
                raise UsageError("--runs is empty; name a folder")
            return command(run_dir=run_dir, runs_dir=runs_dir, **arguments)

        return run_dir(runs_dir(placed))

    return decorate


def siamese_presets(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """For the shell."""
    from faceprep.train.siamese.presets import SIAMESE_PRESETS

    return starting_with(incomplete, SIAMESE_PRESETS)


allow_incomplete_option = click.option(
    "--allow-incomplete",
    is_flag=True,
    help="Take the parts that are there where extract has not finished; else that is an error.",
)


def faces_argument(command: Command) -> Command:
    """Decorate a command with the folder of faces that it reads, and whether half of it will do."""
    faces = click.argument(
        "faces_dir",
        type=Folder(),
        metavar="[FACES]",
        required=False,
        default=config.WORKSPACE["faces"],
        envvar="FACEPREP_FACES",
    )
    return faces(allow_incomplete_option(command))


def open_faces(
    faces_dir: str, *, allow_incomplete: bool, workers: Workers = None
) -> AbstractContextManager[FaceFolder]:
    """The folder that `faces_argument` named: `face_folder.faces_in_use`, loaded when it is needed."""
    from faceprep.face_folder import faces_in_use

    return faces_in_use(faces_dir, allow_incomplete=allow_incomplete, workers=workers)


def count_line(name: str, count: float) -> str:
    """A line of a summary: a name, and a number under the others."""
    return f"{name:<24}{count:>12,}" if isinstance(count, int) else f"{name:<24}{count:>12,.1f}"
