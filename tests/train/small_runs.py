"""Runs as `run.json` and `history.csv` tell of them, made up; nothing is trained."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from faceprep.extract.options import ExtractOptions
from faceprep.train.history import Epoch
from faceprep.train.learning import FitOptions
from faceprep.train.presets import preset
from faceprep.train.run_folder import Run
from faceprep.train.siamese.presets import SIAMESE_PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

FALLING = tuple(0.05 + 0.04 / place for place in range(1, 31))
"""Losses of thirty epochs, the best last."""

SCORES = {
    "validation": {
        "model": {"mse": 0.0456, "psnr": 13.9, "ssim": 0.471, "images": 1240},
        "mean_target": {"mse": 0.048, "psnr": 13.5, "ssim": 0.41, "images": 1240},
        "feature": {"mse": 0.0912, "psnr": 10.5, "ssim": 0.3, "images": 1240},
    },
    "test": {
        "model": {"mse": 0.0504, "psnr": 13.2, "ssim": 0.4, "images": 1300},
        "mean_target": {"mse": 0.048, "psnr": 13.4, "ssim": 0.41, "images": 1300},
        "feature": {"mse": 0.0904, "psnr": 10.4, "ssim": 0.3, "images": 1300},
    },
}
"""The model beats both on validation, and on test the feature alone."""


def epochs(validation: Sequence[float], training: Sequence[float] | None = None) -> list[Epoch]:
    """A history of these losses; that of training falls evenly unless it is given."""
    training = training or [0.09 - 0.001 * place for place in range(len(validation))]
    return [
        Epoch(
            place,
            100 * place,
            60.0 * place,
            0.001,
            loss,
            val_loss,
            {"mse": loss, "val_mse": val_loss},
        )
        for place, (loss, val_loss) in enumerate(zip(training, validation, strict=True), start=1)
    ]


def a_run(name: str = "autoencoder-v12-001", /, **changes: Any) -> Run:
    """A finished run of thirty epochs with the preset `v12`.

    Args:
        name: of the run.
        changes: fields of `Run`; `options` and `fit` are added to what they are else.
    """
    options = {**dataclasses.asdict(preset("v12")), **changes.pop("options", {})}
    fit = {**dataclasses.asdict(FitOptions()), **changes.pop("fit", {})}
    run = Run(
        kind="autoencoder",
        name=name,
        preset="v12",
        options=options,
        fit=fit,
        data={
            "folder": "shards/pairs/1.0.0",
            "fingerprint": "0123456789abcdef" * 4,
            "records": {"train": 5000, "validation": 1240, "test": 1300},
            "image": {"size": 160, "format": "jpeg"},
            "extract": dataclasses.asdict(ExtractOptions()),
        },
        parameters=18_736_897,
        summary='Model: "autoencoder_pooled"\n│ latent (Dense) │ 8,388,864 │',
        versions={"faceprep": "0.3.0", "keras": "3.15.1"},
        machine={"devices": ["CPU"], "cores": 2, "system": "Linux-6.1-x86_64"},
        began="2025-11-22T03:05:11+00:00",
        ended="2025-11-22T03:35:11+00:00",
        status="finished",
        reason="all 30 epochs done",
        epochs=30,
        steps=3000,
        seconds=1800.0,
        best_epoch=30,
        best_loss=0.05133,
        scores=SCORES,
        verdict="still improving: the validation loss fell by 1.8% in the last 7 epochs",
    )
    return dataclasses.replace(run, **changes)


PAIR_SCORES = {
    "validation": {
        "model": {"accuracy": 0.8125, "auc": 0.89123, "eer": 0.19, "tar_at_far_1e-2": 0.31},
        "model_ff": {"accuracy": 0.85, "auc": 0.92, "eer": 0.15, "tar_at_far_1e-2": 0.4},
        "model_fp": {"accuracy": 0.775, "auc": 0.86, "eer": 0.23, "tar_at_far_1e-2": 0.2},
        "pixels": {"accuracy": 0.61, "auc": 0.64, "eer": 0.4, "tar_at_far_1e-2": 0.05},
    },
    "test": {
        "model": {"accuracy": 0.8, "auc": 0.88, "eer": 0.2, "tar_at_far_1e-2": 0.3},
        "model_ff": {"accuracy": 0.84, "auc": 0.91, "eer": 0.16, "tar_at_far_1e-2": 0.38},
        "model_fp": {"accuracy": 0.76, "auc": 0.85, "eer": 0.24, "tar_at_far_1e-2": 0.21},
        "pixels": {"accuracy": 0.6, "auc": 0.63, "eer": 0.41, "tar_at_far_1e-2": 0.06},
    },
}
"""Of a Siamese network on pairs of CFP; it beats plain pixels."""


def pair_epochs(accuracies: Sequence[float], losses: Sequence[float] = ()) -> list[Epoch]:
    """A history of a Siamese network with these validation accuracies; losses fall unless given."""
    losses = losses or [0.7 - 0.01 * place for place in range(len(accuracies))]
    rows = enumerate(zip(accuracies, losses, strict=True), start=1)
    return [
        Epoch(
            place,
            50 * place,
            30.0 * place,
            1e-5,
            0.7 - 0.02 * place,
            loss,
            {"accuracy": 0.5 + 0.01 * place, "val_accuracy": accuracy, "val_auc": accuracy + 0.05},
        )
        for place, (accuracy, loss) in rows
    ]


FOLDS = {"train": (1, 2, 3, 4, 5, 6), "validation": (7,), "test": (8,)}
PAIR_DATA = {
    "folder": "shards/cfp/1.0.0",
    "others": [],
    "fingerprint": "fedcba9876543210" * 4,
    "data_set": "cfp",
    "records": {"train": 8400, "validation": 1400, "test": 1400},
    "splits": {
        split: [f"{side}{fold:02d}" for side in ("ff", "fp") for fold in numbers]
        for split, numbers in FOLDS.items()
    },
    "people": {"train": 300, "validation": 50, "test": 50},
    "image": {"size": 160, "format": "jpeg"},
    "extract": dataclasses.asdict(ExtractOptions()),
}
"""What it is trained on: the folds that there are of CFP."""


def a_pair_run(name: str = "siamese-6-001", /, **changes: Any) -> Run:
    """A finished Siamese run of twenty epochs with the preset `6`, on the folds that there are.

    Args:
        name: of the run.
        changes: fields of `Run`; `options`, `fit` and `data` are added to what they are else.
    """
    chosen = SIAMESE_PRESETS[changes.get("preset", "6")]
    data = {**PAIR_DATA, **changes.pop("data", {})}
    options = {**dataclasses.asdict(chosen.options), **changes.pop("options", {})}
    fit = {**dataclasses.asdict(FitOptions(epochs=chosen.epochs)), **changes.pop("fit", {})}
    run = a_run(
        name,
        kind="siamese",
        preset="6",
        data=data,
        parameters=134_277_186,
        summary="first (InputLayer)",
        epochs=20,
        steps=1000,
        seconds=600.0,
        reason="all 20 epochs done",
        best_epoch=18,
        best_loss=0.44,
        scores=PAIR_SCORES,
        verdict="does not overfit: the best epoch, 18 of 20, since then it stayed level",
        threshold=0.3125,
        threshold_from="highest accuracy on the 1,400 validation pairs (ff07, fp07)",
    )
    return dataclasses.replace(run, **{**changes, "options": options, "fit": fit})
