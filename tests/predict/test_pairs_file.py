"""A CSV file of pairs: read as it is meant, or refused with the line that is wrong."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.predict.pairs_file import PhotoPair, read_pairs

if TYPE_CHECKING:
    from pathlib import Path


def file(folder: Path, content: str | bytes) -> str:
    path = folder / "pairs.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_pairs_come_in_order_with_their_labels(tmp_path: Path) -> None:
    content = 'first,second,label\na.jpg,"b, c.jpg",1\n\nä.jpg,/d.jpg,different\ne,f,\ng,h, TRUE \n'
    found = read_pairs(file(tmp_path, content))
    assert list(found.pairs()) == [
        PhotoPair("a.jpg", "b, c.jpg", True),
        PhotoPair("ä.jpg", "/d.jpg", False),
        PhotoPair("e", "f", None),
        PhotoPair("g", "h", True),
    ]
    assert (found.count, found.labelled) == (4, 3)
    assert found.sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_names_are_relative_to_the_file(tmp_path: Path) -> None:
    found = read_pairs(file(tmp_path, "first,second\na,b\n"))
    assert found.path("x/a.jpg") == f"{tmp_path}/x/a.jpg"
    assert found.path("/a.jpg") == "/a.jpg"


@pytest.mark.parametrize(
    "content",
    [
        "second,note,first\nb,whatever,a\n",
        "first,second,same\na,b,\n",
        b"\xef\xbb\xbffirst,second\r\na,b\r\n",
        "first,second\na,b,too,many\n",
    ],
)
def test_other_ways_to_write_a_pair(tmp_path: Path, content: str | bytes) -> None:
    assert list(read_pairs(file(tmp_path, content)).pairs()) == [PhotoPair("a", "b", None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"no column first and no column second; .* \(there is: nothing\)"),
        ("a;b\n1;2\n", r"no column first .* \(there is: a;b\)"),
        ("first\na\n", "no column second"),
        ("first,second\n", "no pairs in it"),
        ("first,second\na,b\nc\n", r"pairs\.csv: line 3: no photograph in column second"),
        ("first,second\n,b\n", "line 2: no photograph in column first"),
        ("first,second\ngs://x/a,b\n", "line 2: gs://x/a: photographs must be local files"),
        ("first,second,label\na,b,2\n", "line 2: label is '2'; write 1 for one person, 0 for two"),
        ("first,second,label,same\na,b,1,1\n", "has the columns label and same"),
        (b"first,second\n\xff\xfe,b\n", "not UTF-8"),
        ("first,second\n" + "a" * 200_000 + ",b\n", "not a CSV file .field larger than"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_pairs(file(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for location, message in (
        ("", "--pairs is empty"),
        ("gs://bucket/pairs.csv", "must be in a local file"),
        (str(tmp_path / "none.csv"), "cannot be read .No such file"),
        (str(tmp_path), "cannot be read .Is a directory"),
    ):
        with pytest.raises(InputError, match=message):
            read_pairs(location)
