"""The command line: parse, make options, call the stage, turn its outcome into an exit code.

Nothing heavier than click is imported before a command runs.
"""

from __future__ import annotations

import os
import select
import sys
from typing import Any

import click

import faceprep
from faceprep import config
from faceprep.commands import COMMANDS
from faceprep.commands.common import forget_stdout, start_log
from faceprep.errors import FaceprepError, Interrupted
from faceprep.log import LOG
from faceprep.signals import stop_on_signals

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}

_COMPLETE = "_FACEPREP_COMPLETE"
"""Set by a shell that asks what completes a command line; a settings file is then nobody's concern."""

_EPILOG = """\b
Examples, in a folder with photographs in raw/:
  faceprep extract                     photographs to faces
  faceprep report --open               look at them
  faceprep shard                       faces to TFRecord shards
  faceprep train autoencoder           shards to a trained model
  faceprep shard auto --help           what can be told, with examples

Options come from the command line, else from the environment (FACEPREP_EXTRACT_SIZE=112), else from
faceprep.toml in the working directory, else they have the default that is shown.

\b
The tab key completes commands, options and names when the shell reads
  bash  eval "$(_FACEPREP_COMPLETE=bash_source faceprep)"     in ~/.bashrc
  zsh   eval "$(_FACEPREP_COMPLETE=zsh_source faceprep)"      in ~/.zshrc
  fish  _FACEPREP_COMPLETE=fish_source faceprep | source
        in ~/.config/fish/completions/faceprep.fish

Exit codes: 0 done; 1 the run went wrong, no face, too many rejects, or faults found; 2 wrong usage; 3
unusable input; 4 the output cannot be written; 5 the machine lacks something (see 'faceprep doctor'); 130
Ctrl-C; 143 SIGTERM."""


@click.group(context_settings=_CONTEXT, epilog=_EPILOG)
@click.version_option(faceprep.__version__, prog_name="faceprep")
def cli() -> None:
    """Prepare face data sets for training: offline, unattended, on all cores.

    Photographs (raw/) become faces (faces/), faces become shards (shards/), and shards train models
    (runs/). Each command goes on where it was stopped; 'faceprep COMMAND --help' tells the rest.
    """


for _command in COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """Run the command line and exit; the console script `faceprep`."""
    _open_streams()
    start_log(_log_format(sys.argv), quiet=False, debug="--debug" in sys.argv)
    # Arrow's own allocators keep what has been freed, for as long as the process lives.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        with stop_on_signals():
            cli.main(
                prog_name="faceprep",
                standalone_mode=False,
                default_map={} if _COMPLETE in os.environ else _settings(),
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
    except BrokenPipeError as error:
        if not _nobody_reads():
            _fail(f"a worker process could not be started ({error}); run 'faceprep doctor'", 5)
        forget_stdout()  # `faceprep … | head`
        sys.exit(1)
    except Exception as error:
        _fail(f"{type(error).__name__}: {error} (a defect; --debug shows where)", 1, traceback=True)


def _open_streams() -> None:
    """A stream that was closed would be the next file that is opened."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _nobody_reads() -> bool:
    """Whether stdout is a pipe whose other end is closed."""
    waiting = select.poll()
    waiting.register(1, 0)
    return any(event & select.POLLERR for _, event in waiting.poll(0))


def _log_format(arguments: list[str]) -> str:
    """For what goes wrong before the command line is parsed."""
    given = " ".join(arguments).replace("=", " ")
    return "json" if "--log-format json" in given else "text"


def _settings() -> dict[str, Any]:
    defaults = config.load({name: _known(command) for name, command in cli.commands.items()})
    if sharding := defaults.get(
        "shard"
    ):  # without a data set's name it makes pairs, as these are set
        sharding["auto"] = sharding["pairs"] | sharding["auto"]
    return defaults


def _known(command: click.Command) -> config.Known:
    """What the settings file may say of a command, or of those in a group."""
    if isinstance(command, click.Group):
        return {name: _known(below) for name, below in command.commands.items()}
    return {_setting(parameter): str(parameter.name) for parameter in command.params}


def _setting(parameter: click.Parameter) -> str:
    """What a parameter is called in the settings file: as on the command line, without dashes."""
    return parameter.opts[0].lstrip("-").removesuffix("_dir")


def _fail(message: str, exit_code: int, *, traceback: bool = False) -> None:
    LOG.error(message, exc_info=traceback and bool(os.environ.get("FACEPREP_DEBUG")))
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
