"""The catalogue of a table: what it may leave out, and how it is held to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep.errors import InputError
from faceprep.extract.catalog import Catalog, read_catalog
from faceprep.extract.layouts import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "path": ["b/2.jpg", "a/1.jpg"],
    "identity": ["001", "002"],
    "clip": ["x", None],
    "view": [None, "frontal"],
}
ROWS = [
    {"key": "a/1.jpg", "identity": "002", "clip": None, "view": "frontal"},
    {"key": "b/2.jpg", "identity": "001", "clip": "x", "view": None},
]


def touch(folder: Path, *keys: str) -> None:
    for key in keys:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).touch()


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """With the images that most of the tables here name."""
    touch(tmp_path, "a/1.jpg", "b/2.jpg", "a, b/1 😀.jpg")
    return tmp_path


def write_csv(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join([*lines, ""]), encoding)
    return path


def write_parquet(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "list.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def read_csv(folder: Path, *lines: str) -> Catalog:
    return read_catalog(str(write_csv(folder, *lines)), "list")


def refusal(path: Path) -> str:
    """What is said of a table, after its name."""
    with pytest.raises(InputError) as caught:
        read_catalog(str(path), "list")
    name, _, message = str(caught.value).partition(": ")
    assert name == str(path)
    return message


@pytest.mark.parametrize("layout", ["list", "auto"])
def test_a_csv_file_names_the_images(tmp_path: Path, layout: str) -> None:
    lines = ["path,identity,clip,view", "b/2.jpg,001,x,", "a/1.jpg,002,,frontal"]
    catalog = read_catalog(str(write_csv(tmp_path, *lines)), layout)
    assert catalog.images.to_pylist() == ROWS
    assert (catalog.root, catalog.layout, catalog.identities) == (str(tmp_path), "list", 2)


@pytest.mark.parametrize("layout", ["list", "auto"])
def test_a_parquet_file_names_the_images(tmp_path: Path, layout: str) -> None:
    catalog = read_catalog(str(write_parquet(tmp_path, COLUMNS)), layout)
    assert catalog.images.to_pylist() == ROWS
    assert catalog.images.schema == SCHEMA


def test_clip_and_view_may_be_left_out(tmp_path: Path) -> None:
    catalog = read_csv(tmp_path, "path,identity", "a/1.jpg,ann")
    assert catalog.images.to_pylist() == [
        {"key": "a/1.jpg", "identity": "ann", "clip": None, "view": None}
    ]


def test_other_columns_and_their_order_do_not_matter(tmp_path: Path) -> None:
    catalog = read_csv(tmp_path, "age,identity,path", "33,ann,a/1.jpg")
    assert catalog.images["key"].to_pylist() == ["a/1.jpg"]


@pytest.mark.parametrize(
    "identity", ["001", "1.50", "NA", "null", "nan", "True", "2024-01-01", "Zoë"]
)
def test_an_identity_stays_the_text_it_is(tmp_path: Path, identity: str) -> None:
    catalog = read_csv(tmp_path, "path,identity", f"a/1.jpg,{identity}")
    assert catalog.images["identity"].to_pylist() == [identity]


@pytest.mark.parametrize(
    "identity", [[7], pa.array(["7"]).dictionary_encode(), pa.array(["7"], pa.large_string())]
)
def test_parquet_identities_become_text(tmp_path: Path, identity: Any) -> None:
    path = write_parquet(tmp_path, {"path": ["a/1.jpg"], "identity": identity})
    assert read_catalog(str(path), "list").images["identity"].to_pylist() == ["7"]


@pytest.mark.parametrize(
    ("path", "key"),
    [("./a/1.jpg", "a/1.jpg"), ("a//1.jpg", "a/1.jpg"), ("b/../a/1.jpg", "a/1.jpg")],
)
def test_a_path_is_brought_into_its_plain_form(tmp_path: Path, path: str, key: str) -> None:
    assert read_csv(tmp_path, "path,identity", f"{path},ann").images["key"].to_pylist() == [key]


def test_a_quoted_path_may_hold_commas(tmp_path: Path) -> None:
    catalog = read_csv(tmp_path, "path,identity", '"a, b/1 😀.jpg",ann')
    assert catalog.images["key"].to_pylist() == ["a, b/1 😀.jpg"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "path,identity", "a/1.jpg,ann", encoding="utf-8-sig")
    assert read_catalog(str(path), "list").images.num_rows == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["path,name", "a.jpg,ann"], "no column identity; a list has the columns path and identity"),
        (["file,name", "a.jpg,ann"], "no column identity and path; a list has"),
        (["file,name", "a.jpg,ann"], "(found: file, name)"),
        (["path,path,identity", "a.jpg,b.jpg,ann"], "the column path must be there once, as text"),
        (["path,identity"], "names no images"),
        (["path,identity", "a.jpg,ann", ",bob"], "row 2 has no path"),
        (["path,identity", ".,ann"], "row 1 has no path"),
        (["path,identity", "a.jpg,ann", "b.jpg,"], "row 2 has no identity"),
        (["path,identity", "../a.jpg,ann"], "row 1: '../a.jpg' leaves the folder of the list"),
        (["path,identity", "b/../../a.jpg,ann"], "leaves the folder of the list"),
        (["path,identity", "..,ann"], "leaves the folder of the list"),
        (["path,identity", "/etc/a.jpg,ann"], "paths are relative to it"),
        (["path,identity", "a.jpg,ann", "a.jpg,bob"], "'a.jpg' is named 2 times; each image may be"),
        (["path,identity", "a.jpg,ann", "./a.jpg,ann"], "'a.jpg' is named 2 times"),
        (["path,identity", "a.jpg,ann,bob"], "cannot be read as a table (CSV parse error"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_with_the_row_and_what_is_wrong(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    assert message in refusal(write_csv(tmp_path, *lines))


@pytest.mark.parametrize("identity", [[["ann"]], [b"\xff"]])
def test_a_column_that_is_not_text_is_refused(tmp_path: Path, identity: list[Any]) -> None:
    path = write_parquet(tmp_path, {"path": ["a/1.jpg"], "identity": identity})
    assert refusal(path) == "the column identity must be there once, as text"


@pytest.mark.parametrize("name", ["list.csv", "list.parquet", "LIST.CSV"])
@pytest.mark.parametrize("content", [b"", b"path,identity\n\xff\xfe,\xff\n"])
def test_a_damaged_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).startswith("cannot be read as a table (")


@pytest.mark.parametrize("name", ["list.txt", "list", "list.csv.gz"])
def test_another_kind_of_file_is_refused_with_the_kinds_that_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("path,identity\na.jpg,ann\n")
    assert refusal(tmp_path / name) == (
        "--layout list takes a .csv or .parquet file that names the images"
    )


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    assert "--layout list takes a .csv or .parquet file" in refusal(tmp_path)


def test_a_list_of_which_nothing_is_there_is_refused(tmp_path: Path) -> None:
    message = refusal(write_csv(tmp_path, "path,identity", "x/1.jpg,ann", "x/2.jpg,bob"))
    assert message.startswith("none of its 2 files is there")


def test_a_list_of_which_something_is_missing_is_taken(tmp_path: Path) -> None:
    assert read_csv(tmp_path, "path,identity", "x/1.jpg,ann", "a/1.jpg,ann").images.num_rows == 2


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "path,identity,größe", "a/1.jpg,ann,1", encoding="latin-1")
    assert refusal(path).startswith("cannot be read as a table")


def test_a_list_does_not_look_into_archives(tmp_path: Path) -> None:
    touch(tmp_path, "b/lfw.tgz")
    path = write_csv(tmp_path, "path,identity", "a/1.jpg,ann", "b/lfw.tgz/lfw/ann/1.jpg,ann")
    message = refusal(path)
    assert "names images in the archive b/lfw.tgz, which a list cannot; unpack it" in message


def test_a_folder_may_be_called_like_an_archive(tmp_path: Path) -> None:
    touch(tmp_path, "lfw.tgz/1.jpg")
    catalog = read_csv(tmp_path, "path,identity", "lfw.tgz/1.jpg,ann")
    assert catalog.images["key"].to_pylist() == ["lfw.tgz/1.jpg"]
