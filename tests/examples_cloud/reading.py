"""The files of examples/cloud, and every faceprep command line in them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "examples" / "cloud"
MANIFESTS = sorted(FOLDER.glob("*.yaml"))
SCRIPTS = sorted(FOLDER.glob("*.sh"))


@dataclass(frozen=True)
class Line:
    """One command: the file that it stands in, and its words after `faceprep`."""

    file: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.words)}"


def manifest(name: str) -> dict[str, Any]:
    """The one document of a YAML file."""
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return document


def command_lines() -> list[Line]:
    """All of them: of the manifests, the scripts, the Dockerfile and the README."""
    found = [
        Line(path.name, words) for path in MANIFESTS for words in _commands(manifest(path.name))
    ]
    for path in (*SCRIPTS, FOLDER / "Dockerfile", FOLDER / "README.md"):
        found += [Line(path.name, words) for words in _shell_commands(path.read_text("utf-8"))]
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with its arguments in one line."""
    lines = (FOLDER / "Dockerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return [
        (name, " ".join(arguments.split()))
        for name, arguments in re.findall(
            r"^([A-Z]+) (.+)$", re.sub(r"\\\n", "", text), re.MULTILINE
        )
    ]


def context_files() -> set[str]:
    """What the build is given of the project: all else is ignored."""
    lines = (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    return {line[1:] for line in lines if line.startswith("!")}


def _commands(node: Any) -> Iterator[tuple[str, ...]]:
    """What containers are told: our image has faceprep as its entry point."""
    if isinstance(node, list):
        for item in node:
            yield from _commands(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"commands", "command", "args"}:
                yield tuple(value)
            else:
                yield from _commands(value)


def _shell_commands(text: str) -> Iterator[tuple[str, ...]]:
    for line in re.sub(r"\\\n", " ", text).splitlines():
        for code in re.findall(r"`([^`]+)`", line) or [line]:
            for found in re.findall(r"(?:^|\s)(?:faceprep|IMAGE) ([a-z].*)", code.split("#")[0]):
                words = shlex.split(re.split(r" \|\| | \| | && ", found)[0])
                yield tuple(words)
