"""What is there, how far it is, whether it is sound: to look at, and never to change."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from faceprep import doctor
from faceprep.engine import known_to
from faceprep.errors import UsageError
from faceprep.face_folder import faces_in_use
from faceprep.inspect.run import RECORDS, inspect
from faceprep.status.run import status
from faceprep.train import runs as past
from faceprep.verify.run import verify

if TYPE_CHECKING:
    from faceprep.doctor import Finding
    from faceprep.engine import Workers
    from faceprep.inspect.report import Inspection
    from faceprep.report.summary import ReportSummary
    from faceprep.status.report import Status
    from faceprep.train.run_folder import Run
    from faceprep.verify.run import VerifySummary


def write_report(
    faces: str | None,
    shards: str | None = None,
    out: str = "report.html",
    *,
    raw: str | None = None,
    allow_incomplete: bool = False,
) -> ReportSummary:
    """Make a page to look at faces and data sets with: `faceprep report`.

    Args:
        faces: the folder of faces; None for shards alone.
        shards: a data set, one of its versions, or a folder of several; None for none.
        out: the page, a file that ends in .html; an older one is replaced.
        raw: the source of the faces, for pictures of images without a face, where `faces` does not tell it.
        allow_incomplete: take the parts that are there when extract has not finished.

    Raises:
        UsageError: neither faces nor shards are given, or `out` is no name of a page.
        StorageError: the page cannot be written.
        InputError: damaged faces, targets or shards; shards that are missing, unfinished, of another
            version.

    Example:
        >>> import faceprep
        >>> made = faceprep.write_report("faces", "shards")
        >>> made.people, made.faces, made.bytes < 10_000_000
        (4, 24, True)
    """
    from faceprep.report.run import report  # it loads Jinja2, which nothing else needs

    if not (faces or shards):
        raise UsageError("there is nothing to report; name a folder of faces, or of shards")
    opened = faces_in_use(faces, allow_incomplete=allow_incomplete) if faces else nullcontext()
    with opened as folder:
        return report(folder, shards, out, raw=raw)


def status_of(path: str, *, exact: bool = False) -> Status:
    """Tell how far a running or stopped job is: `faceprep status`.

    Args:
        path: a folder of faces, a data set, a folder of data sets, or the folder in which `faces` and
            `shards` lie.
        exact: look into every part for faces and rejects; slow over a network.

    Raises:
        UsageError: `path` is empty.
        InputError: nothing at `path`, nothing of faceprep's, a damaged manifest or catalogue.

    Example:
        >>> import faceprep
        >>> [(folder.path, folder.finished) for folder in faceprep.status_of("faces").folders]
        [('faces', True)]
    """
    return status(path, exact=exact)


def verify_path(path: str, *, workers: Workers = None, bar: bool = False) -> VerifySummary:
    """Read faces or shards again, to the last byte: `faceprep verify`.

    Args:
        path: a folder of faces, a version of a data set, a data set, or a folder with data sets.
        workers: processes, None for one per usable core, or a `Cluster`.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Returns:
        What was read, and the faults that were found, which raise nothing.

    Raises:
        InputError: there is nothing of faceprep's at `path`.
        SetupError: worker processes die as soon as they are started.

    Example:
        >>> import faceprep
        >>> faceprep.verify_path("faces").faults
        ()
    """
    return verify(known_to(workers, path), workers=workers, bar=bar)


def inspect_path(path: str, *, records: int = RECORDS, save: str | None = None) -> Inspection:
    """Tell what is in faces or shards, in words: `faceprep inspect`.

    Args:
        path: a folder of faces, one part of it, `targets.parquet`, a folder of data sets or one of its
            data sets or versions, or one shard.
        records: how many to show.
        save: a folder for the images of these records.

    Raises:
        UsageError: an impossible argument. StorageError: `save` cannot be written.
        InputError: nothing at `path`, nothing of faceprep's, or too damaged to say anything of it.

    Example:
        >>> import faceprep
        >>> print(faceprep.inspect_path("faces", records=1).as_text())  # doctest: +ELLIPSIS
        faces: ...
    """
    return inspect(path, records=records, save=save)


def list_runs(runs: str = "runs") -> list[Run]:
    """All runs in a folder, the newest first: `faceprep runs`, which also writes their table.

    Args:
        runs: the folder.

    Returns:
        What `run.json` of each says; one that is damaged is warned about and left out.

    Example:
        >>> import faceprep
        >>> [run.name for run in faceprep.list_runs() if run.kind == "siamese"]
        ['siamese-custom-001']
    """
    return past.list_runs(runs)


def check_machine() -> list[Finding]:
    """Look whether this machine has what faceprep needs: `faceprep doctor`.

    Example:
        >>> import faceprep
        >>> [f.detail for f in faceprep.check_machine() if not f.ok]  # doctest: +SKIP
    """
    return doctor.examine()
