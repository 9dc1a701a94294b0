"""Which shards a Siamese network learns from, and which of their splits are for what. Light."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.options import flag
from faceprep.train.shards import (
    TEST,
    TRAIN,
    VALIDATION,
    cut_otherwise,
    data_sets_at,
    open_shards,
)
from faceprep.train.siamese.folds import AUTO, fold_numbers, fold_text
from faceprep.train.siamese.layouts import check_pretrained
from faceprep.train.siamese.options import DATA_SETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.dataset_folder import ImageForm
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.options import SiameseOptions

SPLITS = (TRAIN, VALIDATION, TEST)
_SPLIT = re.compile(r"(?:ff|fp)(\d\d)")
_PUBLISHED = 10
_RECORDED = {TRAIN: (1, 2, 3, 4, 5, 6), VALIDATION: (7, 8), TEST: (9, 10)}
"""Folds of the recorded experiments."""


def open_data(
    locations: Sequence[str], options: SiameseOptions, *, bar: bool
) -> tuple[TrainingShards, ...]:
    """The shards to learn from, each with a split `train`, the first with `validation` and `test` too.

    Args:
        locations: folders of shards; pairs of a protocol or triplets first, then any that name people.
        options: say which folds are for what, and which data set is taken.
        bar: show a progress bar while copying.

    Raises:
        UsageError: folds that overlap; several sets for a network that learns from pairs.
        InputError: shards of the wrong kind, damaged, or cut out in another way; a fold that is not there.
    """
    check_pretrained(options)  # before anything large is built
    if len(locations) > 1 and not options.by_people:
        raise UsageError(
            f"{len(locations)} shard sets are given, but --loss {options.loss} learns from the pairs of "
            "one; --head embedding --loss margin learns from the people of several"
        )
    first, *others = locations
    shards = _grouped(open_shards(first, _kind(first, options), needed=(), bar=bar), options)
    data = [shards]
    for location in others:
        kind = _kind_of_more(location, options)
        data.append(_grouped(open_shards(location, kind, needed=(), bar=bar), options))
        _check_alike(shards, data[-1])
    for each in data:
        _check_split(each, TRAIN)
    _check_split(shards, VALIDATION)
    return tuple(data)


def fingerprint(data: Sequence[TrainingShards]) -> str:
    """SHA-256 (hexadecimal) of what the sets say of themselves."""
    if len(data) == 1:
        return data[0].fingerprint
    return hashlib.sha256("".join(each.fingerprint for each in data).encode()).hexdigest()


def _kind(location: str, options: SiameseOptions) -> str:
    found = data_sets_at(location)
    if found == ["pairs"]:
        raise InputError(
            f"{location}: has pairs for the autoencoder, none of different people; a Siamese network "
            "learns from shards that 'faceprep shard cfp' or 'faceprep shard triplets' makes"
        )
    if len(found) == 1 and found[0] in DATA_SETS and not _holds_sets(location, found[0]):
        if found[0] != options.data:
            LOG.warning(f"{location}: has {found[0]}, which are taken instead of {options.data}")
        return found[0]
    if found and options.data not in found:
        raise InputError(
            f"{location}: has {' and '.join(found)}, but no {options.data}; make them with "
            f"'faceprep shard {options.data}', or choose with --data"
        )
    return options.data


def _holds_sets(location: str, name: str) -> bool:
    """Whether the folder is the one above that of the data set."""
    from faceprep import storage

    return name in storage.names(location)


def _kind_of_more(location: str, options: SiameseOptions) -> str:
    found = data_sets_at(location)
    if len(found) == 1:
        return found[0]
    if found and options.data not in found:
        raise InputError(f"{location}: has {' and '.join(found)}; name the folder of one of them")
    return options.data


def _check_alike(first: TrainingShards, other: TrainingShards) -> None:
    changed = cut_otherwise(first.extract, other.extract)
    if first.image != other.image:
        changed.append(f"{_pictures(first.image)} and {_pictures(other.image)}")
    if changed:
        raise InputError(
            f"{other.folder}: its faces were cut out otherwise than those of {first.folder} "
            f"({'; '.join(changed)}); extract both with the same options"
        )


def _pictures(image: ImageForm) -> str:
    return f"{image.size} px {image.format}"


def _check_split(shards: TrainingShards, split: str) -> None:
    if not shards.examples(split):
        there = ", ".join(shards.splits) or "none"
        raise InputError(
            f"{shards.folder}: no records to be the split {split} (splits: {there}); shard with "
            "another --split or --identity-ranges"
        )


def _grouped(shards: TrainingShards, options: SiameseOptions) -> TrainingShards:
    """With the splits train, validation and test, whatever they are called."""
    if shards.data_set != "cfp":
        return shards
    folds = _folds(shards, options)
    if sorted(folds[VALIDATION] + folds[TEST]) != sorted(_RECORDED[VALIDATION] + _RECORDED[TEST]):
        words = "; ".join(f"{split} {fold_text(each)}" for split, each in folds.items())
        recorded = "; ".join(f"{split} {fold_text(each)}" for split, each in _RECORDED.items())
        LOG.info(f"folds: {words} (the recorded experiments: {recorded})")
    return shards.grouped({split: _splits(shards, each) for split, each in folds.items()})


def _folds(shards: TrainingShards, options: SiameseOptions) -> dict[str, tuple[int, ...]]:
    """Split to its folds."""
    there = _there(shards)
    if len(there) < len(SPLITS):
        raise InputError(
            f"{shards.folder}: has {len(there)} folds; at least 3 are needed, to train, to validate and "
            "to test"
        )
    given = {
        TRAIN: _parsed("train_folds", options.train_folds, shards),
        VALIDATION: _parsed("validation_folds", options.validation_folds, shards),
        TEST: _parsed("test_folds", options.test_folds, shards),
    }
    usual = (
        _RECORDED if len(there) == _PUBLISHED else {VALIDATION: (there[-2],), TEST: (there[-1],)}
    )
    chosen = {split: given[split] or usual[split] for split in (VALIDATION, TEST)}
    taken = {*chosen[VALIDATION], *chosen[TEST]}
    rest = tuple(fold for fold in there if fold not in taken)
    folds = {TRAIN: given[TRAIN] or rest, **chosen}
    _refuse_overlap(folds)
    return folds


def _there(shards: TrainingShards) -> tuple[int, ...]:
    matches = [_SPLIT.fullmatch(name) for name in shards.splits]
    return tuple(sorted({int(match[1]) for match in matches if match}))


def _parsed(name: str, text: str, shards: TrainingShards) -> tuple[int, ...]:
    """`1-6` or `7` as numbers; none for auto."""
    if text == AUTO:
        return ()
    folds = fold_numbers(flag(name), text)
    there = _there(shards)
    if missing := [fold for fold in folds if fold not in there]:
        raise InputError(
            f"{shards.folder}: {flag(name)} is '{text}', but there is no fold {missing[0]} "
            f"(there are {fold_text(there)})"
        )
    return folds


def _refuse_overlap(folds: dict[str, tuple[int, ...]]) -> None:
    owner: dict[int, str] = {}
    for split, numbers in folds.items():
        for fold in numbers:
            if fold in owner:
                other = owner[fold]
                raise UsageError(
                    f"fold {fold} is for {other} and for {split}: people would be on both sides; "
                    "choose others with --train-folds, --validation-folds and --test-folds"
                )
            owner[fold] = split
    for split, numbers in folds.items():
        if not numbers:
            raise UsageError(f"no fold is left for {split}; choose fewer for the others")


def _splits(shards: TrainingShards, folds: Sequence[int]) -> tuple[str, ...]:
    wanted = {name for fold in folds for name in (f"ff{fold:02d}", f"fp{fold:02d}")}
    return tuple(name for name in shards.splits if name in wanted)
