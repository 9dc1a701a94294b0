"""The stage: a folder of faces and some names to the same folder without these people.

`extract.json` says who is being forgotten before anything else is touched, and that it is finished when
nothing of them is left. In between, other commands refuse the folder, and whoever gives the command again
goes on: what is done already is seen from the files. The catalogues, which tell who was there, come last.

Data sets and runs that were made of these faces are looked through, and left as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from faceprep import face_folder, forgotten, manifest, parts, past_runs, storage
from faceprep.errors import InputError, UsageError
from faceprep.forget import data_sets, faces, journals, runs, target_rows
from faceprep.forget.summary import ForgetSummary
from faceprep.log import LOG
from faceprep.options import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from faceprep.forget.options import ForgetOptions
    from faceprep.forgotten import Forgotten

_NAMED, _LONGEST = 5, 300


def forget(
    folder: str,
    people: Collection[str],
    options: ForgetOptions,
    *,
    shards: str,
    runs_dir: str,
    bar: bool = False,
) -> ForgetSummary:
    """Remove people from a folder of faces, and say which data sets and runs hold them.

    Args:
        folder: of the faces; local or a URL.
        people: their identities, exactly as the table has them; none to finish what was begun, and to be
            told where those are who were forgotten before.
        options: how.
        shards: where data sets are looked for; not there, there are none.
        runs_dir: where runs of training are looked for; likewise.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: nobody is named, and nobody was before; a folder has no name.
        InputError: no folder of faces; a file in place of a folder; a name that is not in it, in which
            case nothing is done; a file that is damaged.
        StorageError: another run is at work in the folder, or it cannot be written.
    """
    _refuse_no_folders(shards=shards, runs=runs_dir)
    with storage.in_use(folder, alone=True):
        described = face_folder.read_manifest(folder, "name the folder of faces with --faces")
        known = forgotten.read(storage.join(folder, parts.MANIFEST), described)
        if not people and not known.people:
            raise UsageError("nobody is named; give identities, or a file of them with --from")
        summary = _forget(folder, described, people, known, options, bar=bar)
    asked = frozenset(people).__contains__ if people else known.holds
    held = data_sets.look(shards, asked, folder, bar=bar)
    return replace(
        summary,
        data_sets=held,
        unseen=data_sets.passed_over(shards, held or ()),
        runs=runs.look(runs_dir, asked, held),
    )


def _refuse_no_folders(**places: str) -> None:
    """What is looked through must be a folder, or not there; seen before anybody is removed."""
    for name, location in places.items():
        if not location:
            raise UsageError(f"--{name} is empty; name a folder")
        try:
            nothing_in_it = storage.exists(location) and not storage.names(location)
            if nothing_in_it and _is_file(location):
                raise InputError(f"{location}: a file; name a folder with --{name}")
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"{location}: cannot be read ({reason}); see --{name}") from None


def _is_file(location: str) -> bool:
    try:
        with storage.open_input(location):
            return True
    except (FileNotFoundError, IsADirectoryError):
        return False


def _forget(
    folder: str,
    described: dict[str, Any],
    people: Collection[str],
    known: Forgotten,
    options: ForgetOptions,
    *,
    bar: bool,
) -> ForgetSummary:
    """What is done in the folder of faces itself."""
    there = faces.people_in(folder)
    if not options.allow_unknown:
        _refuse_unknown(folder, people, there, known)
    goes = known.begun_with(people)
    leaving = goes.among(there)
    found = faces.look(folder, described["digest"], leaving)
    nothing_to_do = known.finished and not leaving and goes.people == known.people
    if not options.dry_run:
        past_runs.refuse_running(folder)
        if nothing_to_do:
            _remove_words(folder)
        else:
            _remove(folder, described, goes, leaving, bar=bar)
    return ForgetSummary(
        folder=folder,
        people=len(leaving),
        before=len(goes.people) - len(leaving),
        images=found.images,
        faces=found.faces,
        parts=len(found.parts),
        others=faces.strange_files(folder),
        data_sets=None,
        runs=None,
        dry_run=options.dry_run,
    )


def _refuse_unknown(
    folder: str, people: Collection[str], there: Collection[str], known: Forgotten
) -> None:
    """A slip of the pen must not pass for a person who is gone."""
    unknown = sorted(name for name in people if name not in there and not known.holds(name))
    if unknown:
        named = ", ".join(f"{_short(name)!r}{nearest(name, there)}" for name in unknown[:_NAMED])
        more = ", …" if len(unknown) > _NAMED else ""
        raise InputError(
            f"{folder}: {len(unknown):,} of {len(people):,} names are not among its people, and nobody "
            f"was removed: {named}{more}. With --allow-unknown they are kept out from now on"
        )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _remove(
    folder: str,
    described: dict[str, Any],
    goes: Forgotten,
    leaving: Collection[str],
    *,
    bar: bool,
) -> None:
    """Each step can be done again, and the order is such that none needs what an earlier one removed."""
    begun = {**described, "counts": None, "worst_part": None}
    manifest.write(folder, parts.MANIFEST, goes.into(begun))
    target_rows.remove(folder, leaving)
    _remove_words(folder)
    counts = faces.rewrite_parts(folder, described["digest"], leaving, bar=bar)
    faces.rewrite_catalogues(folder, leaving)
    target_rows.hold_for_current(folder)
    finished = faces.counted(folder, begun, counts)
    manifest.write(folder, parts.MANIFEST, goes.done().into(finished))
    LOG.info(f"{folder}: {len(leaving):,} removed; nothing of them is left in it")


def _remove_words(folder: str) -> None:
    """What runs have said and left behind since people were forgotten may name them again."""
    journals.silence(folder)
    faces.remove_leftovers(folder)
