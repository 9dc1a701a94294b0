"""What is said of an archive that cannot be listed."""

from __future__ import annotations

import pytest

from faceprep.archives.damage import Damaged, refusal


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Damaged("is cut"), "x.zip: is cut; fetch or pack the archive again, or take it out of the source"),
        (
            PermissionError(13, "Permission denied"),
            "x.zip: the archive cannot be read (Permission denied); "
            "make it readable, or take it out of the source",
        ),
    ],
)  # fmt: skip
def test_the_line_says_what_where_and_what_to_do(error: Exception, line: str) -> None:
    assert str(refusal("x.zip", error)) == line
