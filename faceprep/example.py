"""`tf.train.Example`, the message in each record, without tensorflow.

Field numbers and types are those of tensorflow/core/example/{example,feature}.proto. The message is
declared in a pool of its own, so that tensorflow's may live beside it in one process.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
    text_format,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

Value: TypeAlias = "bytes | str | float | int | bool"
"""Of a feature; in faceprep's examples each has exactly one."""

_DECLARATION = """
name: "example.proto"  package: "faceprep"  syntax: "proto3"
message_type { name: "BytesList"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_BYTES } }
message_type { name: "FloatList"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_FLOAT } }
message_type { name: "Int64List"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_INT64 } }
message_type { name: "Feature"
  oneof_decl { name: "kind" }
  field { name: "bytes_list" number: 1 oneof_index: 0
          label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".faceprep.BytesList" }
  field { name: "float_list" number: 2 oneof_index: 0
          label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".faceprep.FloatList" }
  field { name: "int64_list" number: 3 oneof_index: 0
          label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".faceprep.Int64List" } }
message_type { name: "Features"
  field { name: "feature" number: 1
          label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".faceprep.Features.FeatureEntry" }
  nested_type { name: "FeatureEntry" options { map_entry: true }
    field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
    field { name: "value" number: 2
            label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".faceprep.Feature" } } }
message_type { name: "Example"
  field { name: "features" number: 1
          label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".faceprep.Features" } }
"""


def encode(values: Mapping[str, Value]) -> bytes:
    """Serialize an example; the same values give the same bytes.

    Args:
        values: feature to value; text becomes UTF-8, a bool 0 or 1.
    """
    example = _Example()
    feature = example.features.feature
    for name, value in values.items():
        if isinstance(value, bytes):
            feature[name].bytes_list.value.append(value)
        elif isinstance(value, str):
            feature[name].bytes_list.value.append(value.encode())
        elif isinstance(value, float):
            feature[name].float_list.value.append(value)
        else:
            # int: protobuf 7 takes no bool; index: so that a stranger's float is an error, not cut
            feature[name].int64_list.value.append(int(operator.index(value)))
    return bytes(example.SerializeToString(deterministic=True))


def decode(payload: bytes, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Feature to value, in the order of `kinds`.

    Args:
        payload: a serialized example.
        kinds: feature to the type of its value: bytes, str, float, int or bool.

    Raises:
        ValueError: no such message, other features, or a value of another kind.
    """
    try:
        found = _Example.FromString(payload).features.feature
    except message.DecodeError as error:
        raise ValueError(f"not a tf.train.Example ({error})") from None
    if strangers := set(found) ^ set(kinds):
        raise ValueError(f"feature {min(strangers)!r} is missing or unknown")
    return {name: _value(name, found[name], kind) for name, kind in kinds.items()}


def _value(name: str, feature: Any, kind: type) -> Any:
    lists = {bytes: "bytes_list", str: "bytes_list", float: "float_list"}
    values = getattr(feature, lists.get(kind, "int64_list")).value
    if len(values) != 1:
        raise ValueError(f"feature {name!r} has {len(values)} values of kind {kind.__name__}")
    return values[0].decode() if kind is str else kind(values[0])


def _example_class() -> Any:
    file = text_format.Parse(_DECLARATION, descriptor_pb2.FileDescriptorProto())
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("faceprep.Example"))


_Example = _example_class()
