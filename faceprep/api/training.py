"""Shards to trained models: `faceprep train` and `faceprep crossval`."""

from __future__ import annotations

import dataclasses
import shlex
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from faceprep.errors import Interrupted, UsageError
from faceprep.evaluate.crossval import crossval
from faceprep.evaluate.fold_training import FoldTraining
from faceprep.options import flags
from faceprep.train import presets
from faceprep.train.begin import AUTOENCODER, SIAMESE, Job
from faceprep.train.learning import FitOptions
from faceprep.train.options import DEFAULT
from faceprep.train.run import train
from faceprep.train.siamese import presets as siamese_presets
from faceprep.train.siamese.options import DEFAULT as SIAMESE_DEFAULT
from faceprep.train.siamese.options import SiameseFit, SiameseOptions
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.train.begin import AnyJob
    from faceprep.train.options import AutoencoderOptions
    from faceprep.train.run_folder import Run
    from faceprep.train.siamese.presets import Preset


def autoencoder_preset(name: str = DEFAULT) -> AutoencoderOptions:
    """The options of a recorded experiment, or of `frontal`, ours; to be changed as a dataclass is.

    Raises:
        UsageError: there is no such preset; the nearest is named.

    Example:
        >>> import dataclasses, faceprep
        >>> v12 = faceprep.autoencoder_preset("v12")
        >>> v12.input_size, v12.output_size, dataclasses.replace(v12, latent=128).latent
        ('128x128x1', '64x64x1', 128)
    """
    return presets.preset(name)


def siamese_preset(name: str = SIAMESE_DEFAULT) -> Preset:
    """A recorded experiment, or `embed`, ours: its `options`, its `epochs`, and what it has reached.

    Raises:
        UsageError: there is no such preset; the nearest is named.

    Example:
        >>> import faceprep
        >>> faceprep.siamese_preset("b").options.backbone
        'alexnet'
    """
    return siamese_presets.preset(name)


def train_autoencoder(
    shards: str,
    options: AutoencoderOptions | None = None,
    *,
    preset: str = "",
    fit: FitOptions | None = None,
    runs: str = "runs",
    run_dir: str = "",
    bar: bool = False,
) -> tuple[str, Run]:
    """Train a model that turns any view of a face into the frontal one: `faceprep train autoencoder`.

    Args:
        shards: the data set of pairs, or the folder that it is in.
        options: of the model and its learning; None for those of the preset.
        preset: that the options are of, or began from; without either it is `frontal`.
        fit: how the run is done.
        runs: folder below which each run has its own.
        run_dir: folder of this run; empty for a new one below `runs`.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Returns:
        The run's folder, and what its `run.json` says in the end.

    Raises:
        UsageError: no such preset, or `run_dir` is of another configuration.
        InputError: the shards cannot be used. StorageError: full disk, no permission.
        Diverged: the loss became no number; the best model so far is kept.
        KeyboardInterrupt: Ctrl-C, after a backup; the same call goes on from there.

    Example:
        >>> import faceprep
        >>> tiny = faceprep.AutoencoderOptions(
        ...     family="pooled", input_size="16x16x1", encoder="4", latent=4, batch=5, optimizer="sgd"
        ... )
        >>> once = faceprep.FitOptions(epochs=1)
        >>> folder, run = faceprep.train_autoencoder("shards", tiny, fit=once)
        >>> folder, run.epochs, sorted(run.scores)
        ('runs/autoencoder-custom-001', 1, ['validation'])
    """
    known = presets.preset(preset or DEFAULT)
    name = preset or (CUSTOM if options else DEFAULT)
    return _trained(
        Job(AUTOENCODER, (shards,), runs, run_dir, name, options or known, fit or FitOptions(), bar)
    )


def train_siamese(
    shards: str | Sequence[str],
    options: SiameseOptions | None = None,
    *,
    preset: str = "",
    fit: SiameseFit | None = None,
    runs: str = "runs",
    run_dir: str = "",
    bar: bool = False,
) -> tuple[str, Run]:
    """Train a network that tells whether two faces are of the same person: `faceprep train siamese`.

    Args:
        shards: the data set of CFP pairs or triplets, or the folder that it is in; of several, those
            after the first have only more people to train on.
        options: of the network and its learning; None for those of the preset.
        preset: that the options are of, or began from; without either it is `embed`.
        fit: how the run is done; None for the preset's epochs.
        runs: folder below which each run has its own.
        run_dir: folder of this run; empty for a new one below `runs`.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Returns:
        The run's folder, and what its `run.json` says in the end.

    Raises:
        UsageError: no such preset, or `run_dir` is of another configuration.
        InputError: the shards cannot be used. StorageError: full disk, no permission.
        Diverged: the loss became no number; the best model so far is kept.
        KeyboardInterrupt: Ctrl-C, after a backup; the same call goes on from there.

    Example:
        >>> import faceprep
        >>> tiny = faceprep.SiameseOptions(
        ...     data="triplets", input_size="16x16x1", width=0.05, batch=8, optimizer="sgd", augment=False
        ... )
        >>> folder, run = faceprep.train_siamese("shards", tiny, fit=faceprep.SiameseFit(epochs=1))
        >>> folder, run.threshold is not None
        ('runs/siamese-custom-001', True)
    """
    name, chosen, fit = _siamese(preset, options, fit)
    where = (shards,) if isinstance(shards, str) else tuple(shards)
    return _trained(Job(SIAMESE, where, runs, run_dir, name, chosen, fit, bar))


def cross_validate(
    shards: str,
    out: str,
    options: SiameseOptions | None = None,
    *,
    preset: str = "",
    fit: SiameseFit | None = None,
    bar: bool = False,
) -> Evaluation:
    """Train once for each fold of CFP's protocol, and report on all of it: `faceprep crossval`.

    Args:
        shards: the data set of CFP pairs, or the folder that it is in.
        out: folder for the runs, `fold-01` and so on, and for the report, `evaluation`.
        options: as for `train_siamese`; the folds have their turns, whatever it says of them.
        preset: likewise.
        fit: likewise.
        bar: show progress bars on stderr; log lines otherwise.

    Raises:
        UsageError: no such preset, or a folder is of another configuration.
        InputError: the shards cannot be used, or have fewer than three folds.
        Diverged, StorageError, KeyboardInterrupt: as `train_siamese`.

    Example:
        >>> import faceprep
        >>> found = faceprep.cross_validate("shards", "ten", preset="embed")  # doctest: +SKIP
        >>> found.figures["FP"].accuracy  # doctest: +SKIP
    """
    if not out:
        raise UsageError("--run-dir is empty; name a folder")
    name, chosen, fit = _siamese(preset, options, fit)
    turns = FoldTraining((shards,), name, chosen, fit, bar)
    base = SIAMESE_DEFAULT if name == CUSTOM else name
    changed = _changed(chosen, siamese_presets.preset(base).options) | _changed(fit, SiameseFit())
    named = ["--preset", preset] if preset else []
    command = ["faceprep", "crossval", shards, *named, *flags(changed), "--run-dir", out]
    with interrupted_as_in_python():
        return crossval(shards, out, f"crossval of {name}", turns, shlex.join(command), bar=bar)


def _siamese(
    preset: str, options: SiameseOptions | None, fit: SiameseFit | None
) -> tuple[str, SiameseOptions, SiameseFit]:
    """What the run is called after, its options, and how it is done."""
    if options and not preset:
        return CUSTOM, options, fit or SiameseFit()
    base = siamese_presets.preset(preset or SIAMESE_DEFAULT)
    return (
        preset or SIAMESE_DEFAULT,
        options or base.options,
        fit or SiameseFit(epochs=base.epochs),
    )


def _changed(
    options: SiameseOptions | SiameseFit, base: SiameseOptions | SiameseFit
) -> dict[str, object]:
    was = dataclasses.asdict(base)
    return {n: value for n, value in dataclasses.asdict(options).items() if value != was[n]}


def _trained(job: AnyJob) -> tuple[str, Run]:
    if not (job.run_dir or job.runs_dir):
        raise UsageError("--runs is empty; name a folder")
    with interrupted_as_in_python():
        return train(job)


@contextmanager
def interrupted_as_in_python() -> Iterator[None]:
    """Ctrl-C, which training takes note of until it has made a backup, is what it is elsewhere."""
    try:
        yield
    except Interrupted as stop:
        if stop.signum == signal.SIGINT:
            raise KeyboardInterrupt(str(stop)) from None
        raise
