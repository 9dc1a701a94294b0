"""The made-up data set: the numbers of YouTube Faces, uneven, the same each time."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from tests.soak.catalogue import FULL, Size, clips, frames, pictures_wanted, scaled


def test_the_full_one_has_the_numbers_of_youtube_faces() -> None:
    found = clips(FULL)
    lengths = [clip.frames for clip in found]
    per_person = Counter(clip.person for clip in found)
    assert (sum(lengths), len(per_person), len(found)) == (621_126, 1_595, 3_425)
    assert (min(lengths), max(lengths)) == (48, 6_070)
    assert sorted(Counter(per_person.values()).items()) == [
        *((1, 591), (2, 471), (3, 307), (4, 167), (5, 51), (6, 8))
    ]


def test_its_clips_are_uneven_and_the_same_each_time() -> None:
    lengths = sorted(clip.frames for clip in clips(FULL))
    assert lengths[len(lengths) // 2] < 0.9 * FULL.images / FULL.clips  # few long, many short
    assert clips(FULL) == clips(FULL)


@pytest.mark.parametrize("images", [200, 301, 6_000, 62_113])
def test_a_small_one_is_of_the_same_kind(images: int) -> None:
    size = scaled(images)
    found = clips(size)
    assert sum(clip.frames for clip in found) == images
    assert len({clip.person for clip in found}) == size.identities
    assert len(found) == size.clips
    assert 1 <= min(clip.frames for clip in found) < max(clip.frames for clip in found)


def test_a_size_is_scaled_in_all_its_numbers() -> None:
    assert scaled(FULL.images) == FULL
    assert scaled(6_000) == Size(6_000, 15, 33)


def test_keys_are_in_order_and_lie_as_youtube_faces_does() -> None:
    keys = [frame.key for frame in frames(scaled(300), 20)]
    assert keys[0] == "person_0000/0/0000.jpg"
    assert len(set(keys)) == 300
    assert keys == sorted(keys)


def test_a_picture_comes_twice_only_to_those_with_more_frames_than_pictures() -> None:
    size = scaled(6_000)
    pictures = pictures_wanted(size)
    people = itertools.groupby(frames(size, pictures), key=lambda frame: frame.key.split("/")[0])
    uneven = []
    for _, its in people:
        used = Counter(frame.picture for frame in its)
        frames_of_person = sum(used.values())
        assert max(used.values()) == -(-frames_of_person // pictures)
        uneven.append(frames_of_person > pictures)
    assert any(uneven)
    assert not all(uneven)
