"""TFRecord files: byte for byte tensorflow's own, and every damaged record told by its number."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import tfrecord
from faceprep.tfrecord import COMPRESSIONS, FRAME_BYTES, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAYLOADS = [b"first", b"", b"\0" * 40, b"the fourth of them"]
SOME = st.lists(st.binary(max_size=300), max_size=8)
CUT_OFF = "the file ends within it"
BAD_LENGTH = "the checksum of its length is wrong; nothing after it can be read"
BAD_PAYLOAD = "the checksum of its content is wrong"
BAD_STREAM = "the compressed stream is damaged; nothing after it can be read"


def written(payloads: list[bytes], compression: str = "none") -> bytes:
    file = io.BytesIO()
    with tfrecord.compressed(file, compression) as stream:
        for payload in payloads:
            tfrecord.write_record(stream, payload)
    return file.getvalue()


def read(data: bytes, compression: str = "none") -> list[Record]:
    with tfrecord.decompressed(io.BytesIO(data), compression) as stream:
        return list(tfrecord.read_records(stream))


def sound(payloads: list[bytes]) -> list[Record]:
    return [Record(index, payload) for index, payload in enumerate(payloads)]


def flipped(data: bytes, place: int, mask: int) -> bytes:
    spoilt = bytearray(data)
    spoilt[place] ^= mask
    return bytes(spoilt)


@pytest.fixture(scope="module")
def by_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[bytes]], bytes]:
    """What tensorflow makes of payloads."""
    import tensorflow as tf

    path = tmp_path_factory.mktemp("tensorflow") / "x.tfrecord"

    def write(payloads: list[bytes]) -> bytes:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for payload in payloads:
                writer.write(payload)
        return path.read_bytes()

    return write


@pytest.fixture(scope="module")
def read_by_tensorflow() -> Callable[[Path, str], list[Any]]:
    """The payloads that tensorflow finds in a file."""
    import tensorflow as tf

    def read_it(path: Path, compression: str) -> list[Any]:
        kind = "" if compression == "none" else compression
        return list(tf.data.TFRecordDataset(str(path), kind).as_numpy_iterator())

    return read_it


@settings(deadline=None, max_examples=100)
@given(payloads=SOME)
def test_files_are_those_of_tensorflow_byte_for_byte(
    by_tensorflow: Callable[[list[bytes]], bytes], payloads: list[bytes]
) -> None:
    assert written(payloads) == by_tensorflow(payloads)


@pytest.mark.parametrize("size", [65_535, 1 << 20])
def test_long_records_are_those_of_tensorflow(
    by_tensorflow: Callable[[list[bytes]], bytes], size: int
) -> None:
    payloads = [bytes(range(256)) * (size // 256), b"x" * (size % 256)]
    assert written(payloads) == by_tensorflow(payloads)
    assert read(by_tensorflow(payloads)) == sound(payloads)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("payloads", [[], [b""], PAYLOADS], ids=["none", "empty", "several"])
def test_tensorflow_reads_our_files(
    read_by_tensorflow: Callable[[Path, str], list[Any]],
    tmp_path: Path,
    compression: str,
    payloads: list[bytes],
) -> None:
    (tmp_path / "x.tfrecord").write_bytes(written(payloads, compression))
    assert read_by_tensorflow(tmp_path / "x.tfrecord", compression) == payloads


@pytest.mark.parametrize("compression", COMPRESSIONS)
@given(payloads=SOME)
def test_what_is_written_comes_back(compression: str, payloads: list[bytes]) -> None:
    assert read(written(payloads, compression), compression) == sound(payloads)


def test_a_frame_adds_its_bytes() -> None:
    assert len(written(PAYLOADS)) == sum(map(len, PAYLOADS)) + FRAME_BYTES * len(PAYLOADS)


def place_of(byte: int) -> tuple[int, int]:
    """Which of the records of PAYLOADS a byte of their file lies in, and where in it."""
    for index, payload in enumerate(PAYLOADS):
        if byte < FRAME_BYTES + len(payload):
            return index, byte
        byte -= FRAME_BYTES + len(payload)
    raise ValueError(byte)


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x80])
def test_every_flipped_byte_is_found_with_the_number_of_its_record(mask: int) -> None:
    data = written(PAYLOADS)
    for byte in range(len(data)):
        index, place = place_of(byte)
        found = read(flipped(data, byte, mask))
        expected = sound(PAYLOADS)
        if place < 12:
            expected[index:] = [Record(index, b"", BAD_LENGTH)]
        else:
            expected[index] = Record(index, b"", BAD_PAYLOAD)
        assert found == expected, f"byte {byte}"


def test_a_file_cut_off_anywhere_is_found() -> None:
    data = written(PAYLOADS)
    for length in range(len(data)):
        index, place = place_of(length)
        expected = sound(PAYLOADS[:index]) + ([Record(index, b"", CUT_OFF)] if place else [])
        assert read(data[:length]) == expected, f"{length} bytes"


def test_bytes_behind_the_last_record_are_found() -> None:
    assert read(written(PAYLOADS) + b"\0")[-1] == Record(4, b"", CUT_OFF)
    assert read(written(PAYLOADS) + bytes(12))[-1] == Record(4, b"", BAD_LENGTH)


def test_an_empty_file_has_no_records() -> None:
    assert read(b"") == []
    assert read(written([], "GZIP"), "GZIP") == []


@pytest.mark.parametrize("payloads", [PAYLOADS, [bytes(range(256)) * 40]])
def test_gzip_gives_the_same_bytes_each_time_and_says_no_time(payloads: list[bytes]) -> None:
    data = written(payloads, "GZIP")
    assert data == written(payloads, "GZIP")
    assert data[4:8] == bytes(4)
    assert gzip.decompress(data) == written(payloads)
    assert tfrecord.has_our_header(io.BytesIO(data))


def is_sound(data: bytes) -> bool:
    """Whether a compressed file passes all that is looked at: its header, and every record."""
    header = tfrecord.has_our_header(io.BytesIO(data))
    return header and not any(record.fault for record in read(data, "GZIP"))


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x80])
def test_every_flipped_byte_of_a_compressed_file_is_found(mask: int) -> None:
    data = written(PAYLOADS, "GZIP")
    for byte in range(len(data)):
        spoilt = flipped(data, byte, mask)
        same = byte >= 10 and _decompressed(spoilt) == written(PAYLOADS)
        assert is_sound(spoilt) == same, f"byte {byte}"


def _decompressed(data: bytes) -> bytes | None:
    """None for what gzip refuses. It takes a few: bits that fill up deflate's last byte mean nothing."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def test_a_compressed_file_cut_off_anywhere_is_found() -> None:
    data = written(PAYLOADS, "GZIP")
    assert all(not is_sound(data[:length]) for length in range(len(data)))


def test_records_before_the_damage_of_a_compressed_file_are_still_read() -> None:
    payloads = [bytes([n]) * 50_000 for n in range(8)]
    data = written(payloads, "GZIP")
    found = read(data[: len(data) // 2], "GZIP")
    assert found[-1].fault == BAD_STREAM
    assert found[-1].index == len(found) - 1
    assert found[:-1] == sound(payloads[: len(found) - 1])
    assert len(found) > 1


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", written(PAYLOADS)])
def test_other_files_have_not_our_header(data: bytes) -> None:
    file = io.BytesIO(data)
    assert not tfrecord.has_our_header(file)
    assert file.tell() == 0


def test_a_file_that_is_not_compressed_is_no_gzip() -> None:
    assert read(written(PAYLOADS), "GZIP") == [Record(0, b"", BAD_STREAM)]
