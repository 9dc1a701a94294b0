"""Trees of files to list, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.extract.catalog import Catalog, read_catalog

if TYPE_CHECKING:
    from pathlib import Path

JPEG = b"\xff\xd8\xff\xe0 and so on"


def touch(root: Path, *keys: str, content: bytes = JPEG) -> Path:
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def keys_of(catalog: Catalog) -> list[str]:
    keys: list[str] = catalog.images["key"].to_pylist()
    return keys


def refusal(source: Path | str, layout: str = "auto") -> str:
    with pytest.raises(InputError) as caught:
        read_catalog(str(source), layout)
    assert str(source) in str(caught.value)
    return str(caught.value)
