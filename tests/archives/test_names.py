"""Names of members: cleaned, or passed over with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.archives.names import (
    OUTSIDE,
    PassedOver,
    is_archive,
    is_other_archive,
    member_path,
    stem,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"a/b.jpg", "a/b.jpg"),
        (b"./a//b.jpg", "a/b.jpg"),
        (b"a/./b.jpg", "a/b.jpg"),
        ("é/你 好.jpg".encode(), "é/你 好.jpg"),
        (b"a..b/...jpg", None),
        (b"a..b/c..jpg", "a..b/c..jpg"),
        (b"c:1.jpg", "c:1.jpg"),
        (b"a\\b.jpg", "a\\b.jpg"),
    ],
)
def test_a_name_is_cleaned(name: bytes, path: str | None) -> None:
    if path is None:
        with pytest.raises(PassedOver, match="hidden"):
            member_path(name)
    else:
        assert member_path(name) == path


@pytest.mark.parametrize(
    "name",
    [b"/etc/a.jpg", b"../a.jpg", b"a/../../b.jpg", b"a/..", b"..\\a.jpg",
     b"\\\\host\\a.jpg", b"C:\\a.jpg", b"c:/a.jpg"],
)  # fmt: skip
def test_a_name_that_points_outside_is_passed_over(name: bytes) -> None:
    for backslashes in (False, True):
        with pytest.raises(PassedOver, match=OUTSIDE):
            member_path(name, backslashes=backslashes)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"a/\xff.jpg", "not UTF-8"),
        (b"a/\0.jpg", "no file can have"),
        (b"", "no file can have"),
        (b"./", "no file can have"),
        (b"a" * 5000, "no file can have"),
        (b"a/.b/c.jpg", "hidden"),
        (b"__MACOSX/a/b.jpg", "hidden"),
    ],
)
def test_other_names_are_passed_over_with_the_reason(name: bytes, reason: str) -> None:
    with pytest.raises(PassedOver, match=reason):
        member_path(name)


def test_backslashes_part_folders_where_they_may() -> None:
    assert member_path(b"Ann\\1.jpg", backslashes=True) == "Ann/1.jpg"


@given(st.binary(max_size=30))
def test_no_path_ever_leads_outside(name: bytes) -> None:
    for backslashes in (False, True):
        try:
            path = member_path(name, backslashes=backslashes)
        except PassedOver:
            continue
        assert path
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))


@pytest.mark.parametrize(
    ("name", "known", "other", "called"),
    [
        ("lfw.tgz", True, False, "lfw"),
        ("LFW.TAR.GZ", True, False, "LFW"),
        ("a.b.tar", True, False, "a.b"),
        ("a.zip", True, False, "a"),
        ("a.jpg.gz", False, True, ""),
        ("a.tar.xz", False, True, ""),
        ("a.7z", False, True, ""),
        ("a.jpg", False, False, ""),
        ("tar", False, False, ""),
    ],
)
def test_archives_are_known_by_their_ending(
    name: str, known: bool, other: bool, called: str
) -> None:
    assert (is_archive(name), is_other_archive(name)) == (known, other)
    assert not known or stem(name) == called
