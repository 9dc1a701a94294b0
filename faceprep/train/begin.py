"""Which folder a run gets, and whether it is the run that was begun there. Light."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.options import flag
from faceprep.train import run_folder
from faceprep.train.learning import RESUMABLE

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from faceprep.train.learning import FitOptions
    from faceprep.train.options import AutoencoderOptions
    from faceprep.train.run_folder import Run
    from faceprep.train.siamese.options import SiameseOptions

    AnyJob: TypeAlias = "Job[AutoencoderOptions] | Job[SiameseOptions]"

AUTOENCODER, SIAMESE = "autoencoder", "siamese"
"""The kinds of runs."""


Options = TypeVar("Options", bound="AutoencoderOptions | SiameseOptions", covariant=True)


@dataclass(frozen=True)
class Job(Generic[Options]):
    """What a run is to do, and where.

    Attributes:
        kind: one of `AUTOENCODER` and `SIAMESE`.
        shards: folders of shards, or of the data set among them; one, but for people to train on.
        runs_dir: below which runs are.
        run_dir: of this one; empty for a number of its own below `runs_dir`.
        preset: that the options began from; `custom` without one.
        options: of the model and its learning.
        fit: how the run is done.
        bar: show a bar instead of lines.
        again: whether a run that has ended is done once more, in another folder.
    """

    kind: str
    shards: tuple[str, ...]
    runs_dir: str
    run_dir: str
    preset: str
    options: Options
    fit: FitOptions
    bar: bool
    again: bool = True


def folder_for(job: AnyJob, fingerprint: str) -> str:
    """The folder that was asked for, else one with the next number.

    The last one of this name comes first, where it is the same run, and was stopped; without `again`,
    any that is the same run.

    Args:
        job: what is to be done.
        fingerprint: of the shards.
    """
    if job.run_dir:
        return job.run_dir
    stem = f"{job.kind}-{job.preset}"
    there = run_folder.numbered(job.runs_dir, stem)
    for name in there[-1:] if job.again else there[::-1]:
        known = storage.join(job.runs_dir, name)
        run = run_folder.read_run(known)
        if run is None and name == there[-1] and not storage.names(known):
            return known  # of one that came to nothing
        stopped = run and (run.status == run_folder.RUNNING or not job.again)
        if run and stopped and not differences(run, job, fingerprint):
            return known
    return storage.join(job.runs_dir, run_folder.next_name(job.runs_dir, stem))


def begun(folder: str, job: AnyJob, fingerprint: str) -> Run | None:
    """The run that was begun in a folder; None in an empty one.

    Raises:
        UsageError: it is another run than this; each difference is named.
        InputError: the folder holds something else.
    """
    run = run_folder.read_run(folder)
    if run is None:
        if set(storage.names(folder)) - {run_folder.STOP}:
            raise InputError(f"{folder}: is not empty, and not a run; choose another --run-dir")
        return None
    if changed := differences(run, job, fingerprint):
        raise UsageError(
            f"{folder}: {'; '.join(changed)}. Give the same options to go on, or another --run-dir"
        )
    return run


def is_over(run: Run, fit: FitOptions) -> bool:
    """Whether a run has ended, and nothing that is given now would make it go on."""
    if run.status == run_folder.FINISHED:
        return run.fit == asdict(fit)
    return run.status == run_folder.FAILED


def differences(run: Run, job: AnyJob, fingerprint: str) -> list[str]:
    """What makes this job another run, in words.

    More epochs do not, where the learning rate does not end with them.
    """
    if run.kind != job.kind:
        return [f"it is a run of {run.kind}"]
    free = {*RESUMABLE, *({"epochs"} if job.options.schedule == "constant" else ())}
    was, now = ({**run.options, **run.fit}, {**asdict(job.options), **asdict(job.fit)})
    changed = [
        _difference(name, was, now)
        for name in {**now, **was}
        if name not in free and was.get(name) != now.get(name)
    ]
    if run.data["fingerprint"] != fingerprint:
        changed.append(f"the shards are not those of {run.data['folder']} that it was begun with")
    return changed


def _difference(name: str, was: dict[str, Any], now: dict[str, Any]) -> str:
    return f"{flag(name)} was {was.get(name)} and is now {now.get(name)}"
