"""What may be asked of which kind of run."""

from __future__ import annotations

from typing import Any

import pytest

from faceprep.errors import UsageError
from faceprep.predict.options import PredictOptions
from faceprep.predict.request import Request, check_autoencoder, check_siamese

NOTHING: dict[str, Any] = {"images": (), "to": None, "pairs": None, "demo": None, "shards": None}
TWO = ("a.jpg", "b.jpg")


def request(**given: Any) -> Request:
    return Request(**{**NOTHING, **given})


@pytest.mark.parametrize(
    "asked",
    [
        request(images=TWO),
        request(images=TWO, to="out"),
        request(pairs="pairs.csv", to="out"),
        request(demo=3, to="out"),
        request(demo=3, to="out", shards="shards"),
    ],
)
def test_what_a_siamese_run_does(asked: Request) -> None:
    check_siamese(asked, PredictOptions(face="largest"), "siamese-embed-001")


@pytest.mark.parametrize(
    ("asked", "options", "message"),
    [
        (request(), {}, "nothing to compare: siamese-embed-001 is a siamese run; give it two"),
        (request(images=TWO[:1]), {}, "not two photographs but 1: .* --pairs FILE is for many"),
        (request(images=(*TWO, "c.jpg")), {}, "not two photographs but 3"),
        (request(images=TWO, pairs="p.csv", to="o"), {}, "two photographs and --pairs together"),
        (request(demo=3, pairs="p.csv", to="o"), {}, "--pairs and --demo together"),
        (request(pairs="p.csv"), {}, "--out is missing: the folder for what --pairs writes"),
        (request(demo=3), {}, "--out is missing: the folder for what --demo writes"),
        (request(images=TWO, shards="s"), {}, "--shards is for --demo"),
        (request(images=TWO), {"latent": True}, "--latent is for autoencoder runs"),
        (request(images=TWO), {"face": "all"}, "--face all is for autoencoder runs"),
    ],
)
def test_what_a_siamese_run_does_not(asked: Request, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_siamese(asked, PredictOptions(**options), "siamese-embed-001")


def test_what_an_autoencoder_run_does() -> None:
    assert check_autoencoder(request(images=TWO, to="out"), "autoencoder-v12-001") == "out"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (request(to="out"), "IMAGES… is missing"),
        (request(images=TWO), "--out is missing: autoencoder-v12-001 is an autoencoder run"),
        (request(images=TWO, to="o", pairs="p.csv"), "--pairs is for siamese runs"),
        (request(images=TWO, to="o", demo=1), "--demo is for siamese runs"),
        (request(images=TWO, to="o", shards="s"), "--shards is for siamese runs"),
    ],
)
def test_what_an_autoencoder_run_does_not(asked: Request, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_autoencoder(asked, "autoencoder-v12-001")
