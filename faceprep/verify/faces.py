"""A folder of faces: what it should hold, and what its parts must be to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faceprep import parts, records, storage, targets
from faceprep.errors import InputError
from faceprep.verify import target_file
from faceprep.verify.face_part import PartTask, check_part, face_hash, in_words
from faceprep.verify.keys import Keys, repeated

if TYPE_CHECKING:
    from faceprep.targets import Targets
    from faceprep.verify.description import Faces
    from faceprep.verify.face_part import PartReport
    from faceprep.verify.fault import FaultLog
    from faceprep.verify.keys import Hashes

_REMEDY = "run the 'faceprep extract' command that made the folder again"


class FacesCheck:
    """The check of one folder: make it, `take` what workers report of its tasks, `finish` it.

    Args:
        folder: its location.
        described: what its extract.json says.
        faults: where to note what is wrong.

    Attributes:
        name: what it is.
        tasks: one for each part.
        work: what a worker does with one of them.
    """

    name = "faces"
    work = staticmethod(check_part)

    def __init__(self, folder: str, described: Faces, faults: FaultLog) -> None:
        self._folder, self._described, self._faults = folder, described, faults
        planned = self._planned()
        there = parts.finished_parts(folder) if planned else set()
        self._say_what_is_missing(planned, there)
        self._parts = len(planned)
        self.tasks = [
            PartTask(folder, part, described.digest, described.image, described.crops)
            for part in planned
            if part in there
        ]
        self._whole = 0
        self._counts = parts.Counts()
        self._keys: list[Keys] = []
        self._hashes: list[Hashes] = []

    def take(self, task: PartTask, report: PartReport) -> None:  # noqa: ARG002 - as with data sets
        """Merge what is known of one part; to be called in the order of `tasks`."""
        self._faults.take(report.faults)
        self._whole += report.whole
        self._counts += report.counts
        self._keys.append(report.keys)
        self._hashes.append(report.faces)

    def finish(self) -> None:
        """Say what is wrong with all of them together."""
        for twice in repeated(self._keys):
            self._faults.add(twice.file, twice.record, f"has the face of {twice.first}")
        complete = 0 < self._parts == self._whole
        said = self._described.counts
        if complete and said is not None and said != self._counts:
            what = f"says that there are {in_words(said)}; the parts hold {in_words(self._counts)}"
            self._faults.add(self._at(parts.MANIFEST), None, what)
        if storage.exists(self._at(targets.NAME)):
            chosen = self._sound_targets()
            if complete and chosen:  # else the parts at fault may hold the faces that are missed
                self._check_targets(chosen)

    def _at(self, name: str) -> str:
        return storage.join(self._folder, name)

    def _planned(self) -> list[parts.Part]:
        """What the catalogues call for; nothing, and a fault, where they do not tell."""
        try:
            planned = parts.planned_parts(self._folder)
        except (InputError, OSError) as error:
            catalogues = map(self._at, parts.our_files(self._folder))
            named = next((c for c in catalogues if str(error).startswith(f"{c}: ")), self._folder)
            self._faults.add_error(named, error)
            return []
        if not planned and self._described.counts is not None:
            self._faults.add(self._at(parts.catalog_name(0)), None, "missing")
        return planned

    def _say_what_is_missing(self, planned: list[parts.Part], there: set[parts.Part]) -> None:
        missing = [part for part in planned if part not in there]
        if self._described.counts is None:
            what = f"unfinished: {len(missing):,} of {len(planned):,} parts to do; {_REMEDY}"
            self._faults.add(self._at(parts.MANIFEST), None, what)
        else:
            for part in missing:
                self._faults.add(self._at(part.name), None, f"missing; {_REMEDY}")
        for part in sorted(there.difference(planned)):
            self._faults.add(self._at(part.name), None, "no catalogue of the folder calls for it")

    def _sound_targets(self) -> Targets | None:
        location = self._at(targets.NAME)
        try:
            return target_file.read_sound(location)
        except InputError as error:
            self._faults.add_error(location, error)
            return None

    def _check_targets(self, found: Targets) -> None:
        """Whether each target is a face of that person."""
        there = np.sort(np.concatenate(self._hashes))
        for number, row in target_file.chosen(found):
            key = records.face_key(row["key"], row["face_index"])
            wanted = np.uint64(face_hash(row["identity"], key))
            place = int(np.searchsorted(there, wanted))
            if place == len(there) or there[place] != wanted:
                what = f"the target of {row['identity']!r} is {key!r}, which is no face of theirs"
                self._faults.add(self._at(targets.NAME), number, what)
