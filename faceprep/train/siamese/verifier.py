"""A trained model judges pairs of encoded faces. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from faceprep import records
from faceprep.errors import Diverged
from faceprep.train import reading
from faceprep.train.faults import named_faults
from faceprep.train.images import decode_faces
from faceprep.train.saved import load_model
from faceprep.train.siamese import network
from faceprep.train.siamese.census import faces_of
from faceprep.train.siamese.judged import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.dataset_folder import ImageForm
    from faceprep.train.options import Shape
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.network import Judge
    from faceprep.train.siamese.options import SiameseOptions

_AT_ONCE = 64
"""Pairs that are judged together."""

_PIXELS_SIDE = 24
"""Of the pictures that the baseline compares."""

_ROOM = 64 << 20
"""Bytes of embeddings that are kept while a split is judged, for a face is in several pairs."""

_PARTS = ("key", "image")
_POSITIVE = "positive"


def pairs_of(data_set: str) -> dict[str, tuple[str, str]]:
    """The pairs in an example: what is added to its key to name one, and the faces it is of."""
    if data_set == "cfp":
        return {"": ("first", "second")}
    return {f"/{other}": ("anchor", other) for other in (_POSITIVE, "negative")}


class Verifier:
    """What says how alike two faces are.

    Args:
        judge: of faces as the shape says, (n, height, width, channels) float32, 0 to 1.
        shape: of the faces that it takes.
        image: what encoded faces are.
    """

    def __init__(self, judge: Judge, shape: Shape, image: ImageForm) -> None:
        strings = tf.TensorSpec([None], tf.string)

        @tf.function(input_signature=[strings, strings])  # type: ignore[untyped-decorator]
        def scores(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
            return judge.score(
                decode_faces(first, shape, image), decode_faces(second, shape, image)
            )

        @tf.function(input_signature=[strings])  # type: ignore[untyped-decorator]
        def vectors(faces: tf.Tensor) -> tf.Tensor:
            return judge.embed(decode_faces(faces, shape, image)) if judge.embed else ()

        self._scores = scores
        self._vectors = vectors if judge.embed else None

    @classmethod
    def of_model(cls, model: Any, options: SiameseOptions, image: ImageForm) -> Verifier:
        """The verifier that a fitted or loaded model is."""
        return cls(network.judge_of(model, options), options.input_shape, image)

    @classmethod
    def of_pixels(cls, image: ImageForm) -> Verifier:
        """What costs nothing: the correlation of two small grey pictures."""
        return cls(network.Judge(None, _correlation), _small(), image)

    def scores(self, first: Sequence[bytes], second: Sequence[bytes]) -> NDArray[np.float64]:
        """How alike faces are.

        Args:
            first: encoded crops.
            second: as many.

        Returns:
            (n,); higher for more alike.

        Raises:
            Diverged: a score is none.
        """
        found = [
            self._scores(
                tf.constant(first[n : n + _AT_ONCE]), tf.constant(second[n : n + _AT_ONCE])
            )
            for n in range(0, len(first), _AT_ONCE)
        ]
        return _finite(np.concatenate([each.numpy() for each in found]) if found else np.zeros(0))

    def judge(
        self, shards: TrainingShards, split: str, check: Callable[[], None] = lambda: None
    ) -> Judged:
        """All pairs of a split, in the order of the files; a triplet is two.

        Args:
            shards: of a protocol, or of triplets.
            split: of it.
            check: called now and then, to raise what is to end it.

        Raises:
            InputError: a damaged record.
            Diverged: a score is none.
        """
        parts: list[Judged] = []
        known: dict[str, NDArray[np.float32]] = {}
        with named_faults(shards):
            for encoded in reading.in_order(shards, split).batch(_AT_ONCE).prefetch(1):
                check()
                found = _parsed(encoded, shards)
                parts += [
                    _judged(found, pair, self._scores_of(found, pair, known))
                    for pair in pairs_of(shards.data_set).items()
                ]
        return Judged.joined(parts)

    def _scores_of(
        self,
        found: Mapping[str, Any],
        pair: tuple[str, tuple[str, str]],
        known: dict[str, NDArray[np.float32]],
    ) -> NDArray[np.float64]:
        """(n,) of one pair of each example."""
        if self._vectors is None:
            first, second = (found[f"{face}/image"] for face in pair[1])
            return _finite(self._scores(first, second).numpy())
        first, second = (_embedded(self._vectors, found, face, known) for face in pair[1])
        return _finite(np.einsum("nd,nd->n", first, second))


def _embedded(
    vectors: Callable[[tf.Tensor], tf.Tensor],
    found: Mapping[str, Any],
    face: str,
    known: dict[str, NDArray[np.float32]],
) -> NDArray[np.float32]:
    """(n, embedding) of one face of each example; what is known is not computed again."""
    keys = _texts(found[f"{face}/key"])
    rows = {key: row for row, key in enumerate(keys) if key not in known}
    if rows:
        images = tf.gather(found[f"{face}/image"], list(rows.values()))
        known.update(zip(rows, vectors(images).numpy(), strict=True))
    found_vectors = np.stack([known[key] for key in keys])
    while len(known) * found_vectors[0].nbytes > _ROOM:
        del known[next(iter(known))]
    return found_vectors


def load_verifier(location: str, options: SiameseOptions, image: ImageForm) -> Verifier:
    """The verifier of a run.

    Args:
        location: of its `model.keras`.
        options: of the network.
        image: what encoded faces will be.

    Raises:
        InputError: the model cannot be loaded.
    """
    model = load_model(location, "is it of another Keras or faceprep? Train again")
    return Verifier.of_model(model, options, image)


def _small() -> Shape:
    from faceprep.train.options import Shape

    return Shape(_PIXELS_SIDE, _PIXELS_SIDE, 1)


def _correlation(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Of pixels about their mean, (n,) float32, -1 to 1."""
    one, other = (
        tf.math.l2_normalize(flat - tf.reduce_mean(flat, 1, keepdims=True), 1)
        for flat in (tf.reshape(each, (-1, _PIXELS_SIDE**2)) for each in (first, second))
    )
    return tf.reduce_sum(one * other, 1)


def _parsed(encoded: tf.Tensor, shards: TrainingShards) -> dict[str, Any]:
    faces = faces_of(shards)
    texts = ["key", *(f"{face}/{part}" for face in faces for part in _PARTS)]
    numbers = [f"{face}/found" for face in faces]
    if shards.data_set == "cfp":
        texts.append("protocol")
        numbers += ["label", "fold"]
    kinds = {**dict.fromkeys(texts, tf.string), **dict.fromkeys(numbers, tf.int64)}
    wanted = {name: tf.io.FixedLenFeature((), kind) for name, kind in kinds.items()}
    found: dict[str, Any] = tf.io.parse_example(encoded, wanted)
    return found


def _judged(
    found: Mapping[str, Any], pair: tuple[str, tuple[str, str]], scores: NDArray[np.float64]
) -> Judged:
    suffix, (first, second) = pair
    count = len(scores)
    protocol = "label" in found
    missing = 2 - found[f"{first}/found"].numpy() - found[f"{second}/found"].numpy()
    return Judged(
        keys=tuple(key + suffix for key in _texts(found["key"])),
        scores=scores,
        same=found["label"].numpy() == records.LABEL_SAME
        if protocol
        else np.full(count, second == _POSITIVE),
        protocols=_texts(found["protocol"]) if protocol else ("",) * count,
        folds=found["fold"].numpy() if protocol else np.zeros(count, np.int64),
        stand_ins=missing,
    )


def _texts(values: tf.Tensor) -> tuple[str, ...]:
    return tuple(value.decode() for value in values.numpy())


def _finite(scores: NDArray[Any]) -> NDArray[np.float64]:
    if not np.isfinite(scores).all():
        raise Diverged("the model gives scores that are no numbers; train again")
    return scores.astype(np.float64)
