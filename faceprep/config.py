"""Where settings come from: command line over environment over `faceprep.toml` over default.

`faceprep.toml` in the working directory:

    raw = "photos"              # the workspace: raw, faces
    faces = "/data/faces"
    workers = 24

    [extract]                   # options of a command, as on its command line
    size = 112
    min-face = 40

In the environment: `FACEPREP_RAW`, `FACEPREP_FACES`, `FACEPREP_WORKERS`, `FACEPREP_EXTRACT_MIN_FACE`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError
from faceprep.options import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "faceprep.toml"

WORKSPACE = {"raw": "raw", "faces": "faces"}
"""The folders that stages meet in, with their defaults."""

_SHARED = ("workers",)


def load(commands: Mapping[str, Mapping[str, str]], path: str = FILE) -> dict[str, Any]:
    """Read the settings file into click's default map; empty where there is no file.

    Args:
        commands: command to its options, as spelt on the command line without the leading dashes,
            to the names of their parameters.
        path: of the settings file.

    Raises:
        UsageError: no valid TOML, or a name that is not known.
    """
    file = Path(path)
    if not file.is_file():
        return {}
    settings = _parse(file)
    top = {name: settings.pop(name) for name in (*WORKSPACE, *_SHARED) if name in settings}
    top |= {name: _at_home(top[name]) for name in WORKSPACE if name in top}
    for name in settings:
        if name not in commands:
            hint = nearest(name, [*commands, *WORKSPACE, *_SHARED])
            raise UsageError(f"{path}: '{name}' is not known{hint}")
    return {
        command: top | _section(path, command, settings.get(command, {}), known)
        for command, known in commands.items()
    }


def _at_home(folder: Any) -> str:
    """No shell has read the file, so `~` is still to be replaced."""
    return str(Path(folder).expanduser()) if str(folder).startswith("~") else str(folder)


def _parse(file: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: not readable as TOML ({error})") from None


def _section(path: str, command: str, given: Any, known: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise UsageError(f"{path}: '{command}' must be a section: [{command}]")
    section = {}
    for name, value in given.items():
        option = name.replace("_", "-")
        if option not in known:
            raise UsageError(f"{path}: [{command}] has no option '{name}'{nearest(option, known)}")
        section[known[option]] = value
    return section
