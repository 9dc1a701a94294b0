"""The stage: shards → a run folder with the best model, and all that is to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import Diverged
from faceprep.log import LOG
from faceprep.train import begin, machine, run_folder
from faceprep.train.shards import open_shards
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.sources import fingerprint, open_data

if TYPE_CHECKING:
    from faceprep.train.begin import AnyJob
    from faceprep.train.run_folder import Run
    from faceprep.train.shards import TrainingShards


def train(job: AnyJob) -> tuple[str, Run]:
    """Train, or go on with a run that was stopped, on this machine or on another.

    A local folder has one run at work in it. Behind a URL nothing keeps two machines from training in
    one folder at once: they would write over each other's backups. Who starts them sees to it.

    Returns:
        The folder, and the run as `run.json` has it in the end.

    Raises:
        UsageError: the run folder is of another configuration.
        InputError: the shards cannot be used, or the run folder is damaged.
        Diverged: the loss became no number; the best model so far is kept.
        StorageError: full disk, no permission.
        Interrupted: by a signal, after a backup.
    """
    data = _open(job)
    folder = begin.folder_for(job, fingerprint(data))
    storage.make_folder(folder)
    with storage.in_use(folder, alone=True):
        run = begin.begun(folder, job, fingerprint(data))
        if run and begin.is_over(run, job.fit):
            LOG.info(f"{folder}: {run.reason}; nothing is left to do")
        else:
            machine.start_tensorflow()
            from faceprep.train.experiment import conduct

            run = conduct(folder, run, job, data)
    if run.status == run_folder.FAILED:
        raise Diverged(
            f"{folder}: {run.reason}; the best model so far is kept. "
            "Try a smaller --learning-rate in another run"
        )
    return folder, run


def check(job: AnyJob) -> None:
    """Look whether a job can be begun, without beginning it. Raises UsageError, InputError."""
    _open(job)


def _open(job: AnyJob) -> tuple[TrainingShards, ...]:
    """What is learnt from."""
    if isinstance(job.options, SiameseOptions):
        return open_data(job.shards, job.options, bar=job.bar)
    (location,) = job.shards
    return (open_shards(location, bar=job.bar),)
