"""The stage: shards → a run folder with the best model, and all that is to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import FaceprepError, UsageError
from faceprep.log import LOG
from faceprep.train import begin, machine, run_folder
from faceprep.train.shards import open_shards

if TYPE_CHECKING:
    from faceprep.train.begin import Job
    from faceprep.train.run_folder import Run


def train_autoencoder(job: Job) -> tuple[str, Run]:
    """Train, or go on with a run that was stopped.

    Returns:
        The folder, and the run as `run.json` has it in the end.

    Raises:
        UsageError: the run folder is of another configuration, or a URL.
        InputError: the shards cannot be used, or the run folder is damaged.
        FaceprepError: the loss became no number; the best model so far is kept.
        StorageError: full disk, no permission.
        Interrupted: by a signal, after a backup.
    """
    shards = open_shards(job.shards_dir, bar=job.bar)
    folder = begin.folder_for(job, shards.fingerprint)
    if storage.is_url(folder):
        raise UsageError(f"{folder}: a run is kept on the local disk; copy it when it is done")
    storage.make_folder(folder)
    with storage.in_use(folder, alone=True):
        run = begin.begun(folder, job, shards.fingerprint)
        if run and begin.is_over(run, job.fit):
            LOG.info(f"{folder}: {run.reason}; nothing is left to do")
        else:
            machine.start_tensorflow()
            from faceprep.train.experiment import conduct

            run = conduct(folder, run, job, shards)
    if run.status == run_folder.FAILED:
        raise FaceprepError(
            f"{folder}: {run.reason}; the best model so far is kept. "
            "Try a smaller --learning-rate in another run"
        )
    return folder, run
