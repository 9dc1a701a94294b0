"""A Siamese network's training: faces or pairs in, curves, a threshold and scores out. Loads tensorflow."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.errors import Diverged
from faceprep.log import LOG
from faceprep.train import curves, run_folder
from faceprep.train.optimizer import make_optimizer
from faceprep.train.shards import TEST, TRAIN, VALIDATION
from faceprep.train.siamese import measures, network, pretrained, sheet
from faceprep.train.siamese.census import check, take_census
from faceprep.train.siamese.options import NO_WEIGHTS
from faceprep.train.siamese.sources import fingerprint
from faceprep.train.siamese.stream import training_stream
from faceprep.train.siamese.verifier import Verifier, load_verifier
from faceprep.train.verdict import chance_warning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from faceprep.train.begin import Job
    from faceprep.train.history import Epoch
    from faceprep.train.run_folder import Run
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.options import SiameseOptions
    from faceprep.train.tensorboard import Board


class SiameseTask:
    """See `task.Task`, which this is one of.

    Args:
        job: of the kind siamese.
        data: sets to train on, the first with splits to validate and test on.

    Raises:
        InputError: a person on both sides of a split, or pairs of one kind only.
    """

    measure = network.METRIC

    def __init__(self, job: Job[SiameseOptions], data: Sequence[TrainingShards]) -> None:
        self._data, self._shards = data, data[0]
        self._options, self._fit = job.options, job.fit
        self._splits = [s for s in (TRAIN, VALIDATION, TEST) if self._shards.examples(s)]
        self._census = take_census(data, self._splits)
        check(self._census, self._shards.folder)
        self.stream = training_stream(data, self._census, job.options, job.fit.seed)
        self._warned = False

    def model(self, folder: str) -> Any:
        """The network, compiled, with the weights it is to begin with."""
        options = self._options
        model = network.build(options, len(self._census.people[TRAIN]))
        begun = storage.exists(storage.join(folder, run_folder.BACKUP))
        if options.pretrained != NO_WEIGHTS and not begun:
            for line in pretrained.load(model, options):
                LOG.info(line)
        model.compile(
            make_optimizer(options, self.stream.steps * self._fit.epochs),
            loss=network.loss_of(options),
            metrics=[network.metric_of(options)],
            jit_compile=self._fit.jit,
        )
        return model

    def validate(self, model: Any) -> Callable[[Callable[[], None]], Mapping[str, float]]:
        """On the pairs of the validation split.

        The loss is the cross-entropy of the decision; of embeddings, which decide nothing, 1 - AUC. The
        accuracy is that of the decision; of embeddings at the best threshold on these very pairs.
        """
        verifier = self._verifier(model)

        def judged(check: Callable[[], None]) -> dict[str, float]:
            try:
                found = verifier.judge(self._shards, VALIDATION, check)
            except Diverged:
                return dict.fromkeys(("loss", "accuracy", "auc"), math.nan)  # which ends the run
            return _validation(found, decides=self._decides)

        return judged

    def draw_data(self, folder: str) -> None:
        """Some of the first batch; and who is in it is written down."""
        self._write_people(folder)
        sheet.draw_training(storage.join(folder, run_folder.DATA), self.stream, self._options)

    def after_epoch(self, history: Sequence[Epoch], model: Any, board: Board) -> None:  # noqa: ARG002
        """Figures for TensorBoard; a word where nothing is learnt."""
        board.epoch(history[-1])
        warning = chance_warning(history, self._options.learning_rate)
        if warning and not self._warned:
            LOG.warning(warning)
            self._warned = True

    def draw_history(self, folder: str, history: Sequence[Epoch], run: Run) -> None:
        """Losses, and accuracies beside the recorded one."""
        apart = "" if self._decides else "1 − AUC of validation"
        curves.save_loss(storage.join(folder, run_folder.LOSS), history, None, apart)
        curves.save_accuracy(
            storage.join(folder, run_folder.ACCURACY), history, _recorded(run.preset)
        )

    def scored(self, folder: str, run: Run) -> Run:
        """Of the best model, and of plain pixels, each at the threshold it has from validation."""
        verifiers = {
            "model": load_verifier(
                storage.join(folder, run_folder.MODEL), self._options, self._shards.image
            ),
            "pixels": Verifier.of_pixels(self._shards.image),
        }
        scores: dict[str, dict[str, dict[str, float]]] = {}
        threshold = 0.0
        for name, verifier in verifiers.items():
            judged = {s: verifier.judge(self._shards, s) for s in self._splits if s != TRAIN}
            chosen = measures.best_threshold(judged[VALIDATION].scores, judged[VALIDATION].same)
            for split, pairs in judged.items():
                scores.setdefault(split, {}).update(_figures(name, pairs, chosen))
            if name == "model":
                threshold = chosen
                sheet.draw_judged(
                    storage.join(folder, run_folder.PREDICTIONS),
                    self._shards,
                    judged[self._splits[-1]],
                    self._splits[-1],
                    threshold,
                )
        return dataclasses.replace(
            run, scores=scores, threshold=threshold, threshold_from=self._rule()
        )

    @property
    def _decides(self) -> bool:
        """Whether the network says how sure it is; embeddings are only compared."""
        return self._options.head != "embedding"

    def _rule(self) -> str:
        pairs = self._census.genuine[VALIDATION] + self._census.impostor[VALIDATION]
        names = ", ".join(split.name for split in self._shards.members(VALIDATION))
        return f"highest accuracy on the {pairs:,} validation pairs ({names})"

    def data(self) -> dict[str, Any]:
        """Folders, splits, people, images."""
        shards = self._shards
        members = {s: [each.name for each in shards.members(s)] for s in self._splits}
        return {
            "folder": shards.location,
            "others": [each.location for each in self._data[1:]],
            "fingerprint": fingerprint(self._data),
            "data_set": shards.data_set,
            "records": {split: shards.examples(split) for split in self._splits},
            "splits": members,
            "people": {split: len(self._census.people[split]) for split in self._splits},
            "image": asdict(shards.image),
            "extract": dict(shards.extract),
        }

    def _verifier(self, model: Any) -> Verifier:
        return Verifier.of_model(model, self._options, self._shards.image)

    def _write_people(self, folder: str) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("identity", "split"))
        for split in (TRAIN, VALIDATION):
            writer.writerows((person, split) for person in self._census.people[split])
        storage.write_bytes(storage.join(folder, run_folder.PEOPLE), text.getvalue().encode())


def _validation(judged: Judged, *, decides: bool) -> dict[str, float]:
    scores, same = judged.scores, judged.same
    found = measures.quick(scores, same)
    if not decides:
        return {"loss": 1.0 - found["auc"], "accuracy": found["accuracy"], "auc": found["auc"]}
    losses = np.logaddexp(0.0, np.where(same, -scores, scores))
    return {
        "loss": float(losses.mean()),
        "accuracy": measures.accuracy(scores, same, 0.0),
        "auc": found["auc"],
    }


def _figures(name: str, judged: Judged, threshold: float) -> dict[str, dict[str, float]]:
    """Of all pairs, and of each protocol by itself, at one threshold."""
    parts = {name: judged}
    if name == "model":
        parts |= {
            f"{name}_{each.lower()}": judged.only(each)
            for each in dict.fromkeys(judged.protocols)
            if each
        }
    return {
        part: {
            **measures.quick(pairs.scores, pairs.same),
            "accuracy": measures.accuracy(pairs.scores, pairs.same, threshold),
        }
        for part, pairs in parts.items()
        if len(pairs)
    }


def _recorded(preset: str) -> float | None:
    """The validation accuracy that is on record for a preset, 0 to 1."""
    from faceprep.train.siamese.presets import SIAMESE_PRESETS

    known = SIAMESE_PRESETS.get(preset)
    return known.recorded.validation / 100 if known and known.recorded else None
