"""Where settings come from: command line over environment over `faceprep.toml` over default.

`faceprep.toml` in the working directory:

    raw = "photos"              # the workspace: raw, faces, shards, runs
    faces = "/data/faces"
    workers = 24

    [extract]                   # options of a command, as on its command line
    size = 112
    min-face = 40

    [shard.pairs]
    seed = 7

In the environment: `FACEPREP_RAW`, `FACEPREP_FACES`, `FACEPREP_SHARDS`, `FACEPREP_RUNS`,
`FACEPREP_WORKERS`, and for instance `FACEPREP_EXTRACT_MIN_FACE` or `FACEPREP_SHARD_PAIRS_SEED`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError
from faceprep.options import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Known: TypeAlias = Mapping[str, str | "Known"]

FILE = "faceprep.toml"

WORKSPACE = {"raw": "raw", "faces": "faces", "shards": "shards", "runs": "runs"}
"""The folders that stages meet in, with their defaults. Commands call their parameters `raw_dir`, …."""

_SHARED = ("workers",)


def load(commands: Known, path: str = FILE) -> dict[str, Any]:
    """Read the settings file into click's default map; empty where there is no file.

    Args:
        commands: command to its options, as spelt on the command line without the leading dashes,
            to the names of their parameters; a group of commands holds such mappings.
        path: of the settings file.

    Raises:
        UsageError: no valid TOML, or a name that is not known.
    """
    file = Path(path)
    if not file.is_file():
        return {}
    settings = _parse(file)
    top = {name: settings.pop(name) for name in (*WORKSPACE, *_SHARED) if name in settings}
    shared = {name: top[name] for name in _SHARED if name in top}
    shared |= {f"{name}_dir": _at_home(top[name]) for name in WORKSPACE if name in top}
    return _defaults(path, (), settings, commands, shared)


def _defaults(
    path: str, words: tuple[str, ...], given: Any, known: Known, shared: dict[str, Any]
) -> dict[str, Any]:
    """The default map of a command, or of a group of commands."""
    section = ".".join(words)
    if not isinstance(given, dict):
        raise UsageError(f"{path}: '{section}' must be a section: [{section}]")
    options = {name: to for name, to in known.items() if isinstance(to, str)}
    if options:
        return shared | _section(path, section, given, options)
    for name in given:
        if name not in known:
            top = () if words else (*WORKSPACE, *_SHARED)
            raise UsageError(
                f"{path}: '{'.'.join((*words, name))}' is not known{nearest(name, [*known, *top])}"
            )
    return {
        name: _defaults(path, (*words, name), given.get(name, {}), below, shared)
        for name, below in known.items()
        if not isinstance(below, str)
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


def _section(
    path: str, section: str, given: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        option = name.replace("_", "-")
        if option not in known:
            raise UsageError(f"{path}: [{section}] has no option '{name}'{nearest(option, known)}")
        values[known[option]] = value
    return values
