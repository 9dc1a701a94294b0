"""Runs as `run.json` and `history.csv` tell of them, made up; nothing is trained."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from faceprep.extract.options import ExtractOptions
from faceprep.train.history import Epoch
from faceprep.train.learning import FitOptions
from faceprep.train.presets import preset
from faceprep.train.run_folder import Run

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
        Epoch(place, 100 * place, 60.0 * place, 0.001, loss, val_loss, loss, val_loss)
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
