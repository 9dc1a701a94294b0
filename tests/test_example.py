"""`tf.train.Example` without tensorflow: byte for byte its own, and nothing else taken for one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import example, records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VALUES: dict[str, Any] = {
    "image": b"\xff\xd8\0",
    "key": "Daten/Jörg/1.jpg",
    "yaw": -62.125,
    "fold": 10,
    "found": True,
    "nothing": b"",
    "no words": "",
    "none": 0,
    "no": False,
    "zero": 0.0,
}
KINDS = {name: type(value) for name, value in VALUES.items()}
VALUE = (
    st.binary(max_size=50)
    | st.text(max_size=20)
    | st.floats(width=32, allow_nan=False)
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
)
SOME = st.dictionaries(st.text(max_size=8), VALUE, max_size=8)


@pytest.fixture(scope="module")
def by_tensorflow() -> Callable[[Mapping[str, Any]], bytes]:
    """What tensorflow makes of values."""
    import tensorflow as tf

    def feature(value: Any) -> Any:
        if isinstance(value, bytes | str):
            data = value.encode() if isinstance(value, str) else value
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))
        if isinstance(value, float):
            return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(value)]))

    def encode(values: Mapping[str, Any]) -> bytes:
        features = {name: feature(value) for name, value in values.items()}
        message = tf.train.Example(features=tf.train.Features(feature=features))
        return bytes(message.SerializeToString(deterministic=True))

    return encode


@pytest.mark.parametrize("values", [VALUES, {"nan": math.nan, "inf": -math.inf}])
def test_examples_are_those_of_tensorflow_byte_for_byte(
    by_tensorflow: Callable[[Mapping[str, Any]], bytes], values: dict[str, Any]
) -> None:
    assert example.encode(values) == by_tensorflow(values)


@settings(deadline=None, max_examples=200)
@given(values=SOME.filter(bool))
def test_any_example_is_that_of_tensorflow(
    by_tensorflow: Callable[[Mapping[str, Any]], bytes], values: dict[str, Any]
) -> None:
    assert example.encode(values) == by_tensorflow(values)


def test_tensorflow_parses_our_examples() -> None:
    import tensorflow as tf

    dtypes = {bytes: tf.string, str: tf.string, float: tf.float32, int: tf.int64, bool: tf.int64}
    wanted = {name: tf.io.FixedLenFeature([], dtypes[kind]) for name, kind in KINDS.items()}
    found = tf.io.parse_single_example(example.encode(VALUES), wanted)
    assert found["key"].numpy().decode() == VALUES["key"]
    assert found["image"].numpy() == VALUES["image"]
    assert (float(found["yaw"]), int(found["fold"]), int(found["found"])) == (-62.125, 10, 1)


@given(SOME)
def test_what_is_encoded_comes_back(values: dict[str, Any]) -> None:
    kinds = {name: type(value) for name, value in values.items()}
    found = example.decode(example.encode(values), kinds)
    assert found == values
    assert {name: type(value) for name, value in found.items()} == kinds


def test_values_come_in_the_order_asked_for() -> None:
    backwards = dict(reversed(KINDS.items()))
    assert list(example.decode(example.encode(VALUES), backwards)) == list(backwards)


def test_the_order_of_the_values_does_not_matter() -> None:
    assert example.encode(dict(reversed(VALUES.items()))) == example.encode(VALUES)


def test_a_pose_without_a_face_stays_none() -> None:
    assert math.isnan(example.decode(example.encode({"yaw": math.nan}), {"yaw": float})["yaw"])


def test_angles_are_kept_as_float32() -> None:
    found = example.decode(example.encode({"yaw": 0.1}), {"yaw": float})["yaw"]
    assert found == float(np.float32(0.1))


@pytest.mark.parametrize("value", [np.int64(7), np.float64(7.0), np.int32(7)])
def test_numbers_of_numpy_are_numbers(value: Any) -> None:
    kind = float if isinstance(value, float) else int
    assert example.decode(example.encode({"x": value}), {"x": kind}) == {"x": kind(7)}


@pytest.mark.parametrize("value", [np.float32(0.5), None, [1], (b"",)])
def test_a_value_of_another_type_is_not_bent(value: Any) -> None:
    with pytest.raises(TypeError):
        example.encode({"x": value})


@pytest.mark.parametrize("kind", records.EXAMPLES.values(), ids=list(records.EXAMPLES))
def test_each_of_our_examples_comes_back(kind: type) -> None:
    kinds = {feature.name: feature.kind for feature in records.features(kind)}
    ones: dict[type, Any] = {bytes: b"x", str: "é", float: 1.5, int: 3, bool: True}
    values = {name: ones[each] for name, each in kinds.items()}
    assert example.decode(example.encode(values), kinds) == values


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"\xff\xff\xff", "not a tf.train.Example"),
        (b"\x0a\x05ab", "not a tf.train.Example"),
        (b"", "feature 'fold' is missing or unknown"),
        (example.encode({"yaw": 1.0}), "feature 'fold' is missing or unknown"),
        (
            example.encode({"yaw": 1.0, "fold": 1, "more": 1}),
            "feature 'more' is missing or unknown",
        ),
        (example.encode({"yaw": 1, "fold": 1}), "feature 'yaw' has 0 values of kind float"),
        (example.encode({"yaw": 1.0, "fold": "1"}), "feature 'fold' has 0 values of kind int"),
    ],
)
def test_what_is_no_such_example_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        example.decode(payload, {"yaw": float, "fold": int})


def test_two_values_where_one_is_meant_are_refused() -> None:
    # protobuf: the lists of two messages, one after the other, are one list
    twice = example._Example()
    twice.features.feature["fold"].int64_list.value.extend([1, 2])
    with pytest.raises(ValueError, match="'fold' has 2 values of kind int"):
        example.decode(twice.SerializeToString(), {"fold": int})


def test_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        example.decode(example.encode({"key": b"\xff"}), {"key": str})


@settings(max_examples=200)
@given(st.binary(max_size=100), st.data())
def test_any_bytes_are_either_an_example_or_refused(noise: bytes, data: st.DataObject) -> None:
    payload = bytearray(example.encode(VALUES))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    for strange in (noise, bytes(payload)):
        try:
            found = example.decode(strange, KINDS)
        except ValueError:
            continue
        assert found.keys() == KINDS.keys()
