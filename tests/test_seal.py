"""Parquet files that know their own checksum: every flipped byte is found, and others read them."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import seal
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = b"faceprep.sha256"
TABLE = pa.table(
    {"name": ["ann", "bob", None], "crop": [b"\xff\xd8", b"", b"\0"], "yaw": [1.5, 2, 3]}
)


def written(
    table: pa.Table = TABLE, metadata: Mapping[str, str] | None = None, *, reserved: bool = True
) -> io.BytesIO:
    """A file that is complete but for its checksum."""
    file = io.BytesIO()
    with pq.ParquetWriter(file, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(metadata or {})
        if reserved:
            seal.reserve(writer)
    return file


def sealed(table: pa.Table = TABLE, metadata: Mapping[str, str] | None = None) -> bytes:
    file = written(table, metadata)
    seal.seal(file)
    return file.getvalue()


def is_intact(data: bytes) -> bool:
    """Whether the file passes; one that is refused does not."""
    try:
        return seal.is_intact(io.BytesIO(data))
    except InputError:
        return False


SEALED = sealed()


def test_a_sealed_file_is_intact_and_says_its_checksum() -> None:
    claimed = seal.read_seal(io.BytesIO(SEALED))
    assert len(claimed) == 64
    assert seal.is_intact(io.BytesIO(SEALED))
    assert pq.read_metadata(io.BytesIO(SEALED)).metadata[KEY].decode() == claimed


def test_the_checksum_is_that_of_the_file_with_zeros_in_its_place() -> None:
    claimed = seal.read_seal(io.BytesIO(SEALED)).encode()
    assert SEALED.count(claimed) == 1
    blank = SEALED.replace(claimed, b"0" * 64)
    assert hashlib.sha256(blank).hexdigest().encode() == claimed


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x20, 0x80])
def test_every_flipped_byte_is_found(mask: int) -> None:
    for place in range(len(SEALED)):
        data = bytearray(SEALED)
        data[place] ^= mask
        assert not is_intact(bytes(data)), f"byte {place}"


def test_a_file_cut_off_anywhere_is_found() -> None:
    for length in range(len(SEALED)):
        assert not is_intact(SEALED[:length]), f"{length} bytes"


def test_bytes_put_in_or_behind_are_found() -> None:
    for place in (0, 4, len(SEALED) // 2, len(SEALED) - 8, len(SEALED)):
        assert not is_intact(SEALED[:place] + b"\0" + SEALED[place:])


@pytest.mark.parametrize(
    "data",
    [b"", b"PAR1", b"\xff\xff\xff\x7fPAR1", b"\0\0\0\0PAR1", b"no parquet at all", b"x" * 1000],
)
def test_what_is_no_parquet_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"its end is damaged|it carries no checksum"):
        seal.read_seal(io.BytesIO(data))


def test_a_file_without_a_checksum_is_refused() -> None:
    file = written(reserved=False)
    with pytest.raises(InputError, match="it carries no checksum"):
        seal.read_seal(file)
    with pytest.raises(InputError, match="it carries no checksum"):
        seal.is_intact(file)


def test_a_file_that_was_never_sealed_is_not_intact() -> None:
    assert not seal.is_intact(written())


def test_the_same_content_gives_the_same_bytes() -> None:
    assert sealed() == SEALED
    assert sealed(TABLE.slice(1)) != SEALED


def test_sealing_again_changes_nothing() -> None:
    file = io.BytesIO(SEALED)
    seal.seal(file)
    assert file.getvalue() == SEALED


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_files_of_any_size_are_sealed(size: int) -> None:
    noise = hashlib.shake_256(b"noise").digest(size)
    data = sealed(pa.table({"crop": [noise]}))
    assert is_intact(data)
    for place in (10, len(data) // 2, -5):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        assert not is_intact(bytes(spoilt))


def test_other_readers_pass_the_checksum_over() -> None:
    assert pq.read_table(io.BytesIO(SEALED)).equals(TABLE)
    assert pd.read_parquet(io.BytesIO(SEALED))["crop"].tolist() == [b"\xff\xd8", b"", b"\0"]


FORGED = f"{KEY.decode()}: {'a' * 64}"
WELL_FORGED = f"\x18\x0f{KEY.decode()}\x18\x40{'a' * 64}\0"


@pytest.mark.parametrize(
    ("table", "metadata"),
    [
        (pa.table({"name": [FORGED]}), {}),
        (pa.table({"name": [WELL_FORGED]}), {}),
        (pa.table({FORGED: [1]}), {}),
        (pa.table({WELL_FORGED: [1]}), {}),
        (TABLE, {"options": FORGED}),
        (TABLE, {KEY.decode() + ".of": "b" * 64}),
    ],
    ids=["value", "same value", "column", "same column", "metadata", "key"],
)
def test_a_text_that_looks_like_a_checksum_is_left_alone(
    table: pa.Table, metadata: dict[str, str]
) -> None:
    data = sealed(table, metadata)
    file = pq.ParquetFile(io.BytesIO(data))
    assert file.read().equals(table)
    assert file.metadata.metadata[KEY].decode() == seal.read_seal(io.BytesIO(data))
    column = file.metadata.row_group(0).column(0)
    if table.column_names == ["name"]:
        assert column.statistics.max == table["name"][0].as_py()
    assert is_intact(data)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text() | st.none(), max_size=5),
    st.dictionaries(st.text("ab.", min_size=1), st.text(), max_size=3),
    st.data(),
)
def test_any_table_is_sealed_and_any_damage_found(
    names: list[str | None], metadata: dict[str, str], data: st.DataObject
) -> None:
    file = sealed(pa.table({"name": pa.array(names, pa.string())}), metadata)
    assert is_intact(file)
    place = data.draw(st.integers(0, len(file) - 1))
    change = data.draw(st.integers(1, 255))
    spoilt = bytearray(file)
    spoilt[place] ^= change
    assert not is_intact(bytes(spoilt))
