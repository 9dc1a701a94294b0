"""Several at one folder: the tasks of an array job, the workers of a cluster, two runs at cross purposes."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from faceprep import face_folder, parts
from faceprep.array_task import ArrayTask
from faceprep.engine import Cluster
from faceprep.errors import InputError, StorageError, UsageError
from faceprep.extract import manifest, plan
from faceprep.extract.catalog import read_catalog
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from tests.content import content
from tests.dask_cluster import DaskCluster, dask_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sample

SLOW = ExtractOptions(detector="tests.detectors:Slow")


@pytest.fixture(scope="module", autouse=True)
def small_parts() -> Iterator[None]:
    """The 24 images of the sample make three parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_FEWEST", 8)
        yield


@pytest.fixture(scope="module")
def alone(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run leaves."""
    out = tmp_path_factory.mktemp("alone") / "faces"
    extract(str(sample.root), str(out), ExtractOptions(), workers=2)
    return out


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as up:
        yield up


def test_sixteen_tasks_give_the_bytes_of_one_run(
    sample: Sample, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "faces"
    summaries = [
        extract(str(sample.root), str(out), ExtractOptions(), workers=1, task=ArrayTask(index, 16))
        for index in (15, 2, *range(2), *range(3, 15))
    ]
    assert content(out) == content(alone)
    assert sum(summary.counts.images for summary in summaries) == 24
    assert [s.processed for s in summaries if s.processed] == [8, 8, 8]
    assert (summaries[0].counts.images, summaries[0].unfinished) == (0, 3)
    assert summaries[-1].unfinished == 0
    assert json.loads((out / "extract.json").read_text())["run"]["processed"] == 24


def test_a_task_that_runs_twice_does_nothing_the_second_time(
    sample: Sample, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "faces"
    first, second = (
        extract(str(sample.root), str(out), ExtractOptions(), workers=1, task=ArrayTask(1, 3))
        for _ in range(2)
    )
    assert (first.processed, second.processed) == (8, 0)
    assert first.counts == second.counts
    with pytest.raises(InputError, match="2 of 3 parts are still to do"):
        face_folder.open_faces(str(out))
    rest = extract(str(sample.root), str(out), ExtractOptions(), workers=2)
    assert rest.processed == 16
    assert content(out) == content(alone)


def test_tasks_that_begin_at_once_agree_on_the_plan(
    sample: Sample, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "faces"

    def task(index: int) -> int:
        options, which = ExtractOptions(), ArrayTask(index, 3)
        return extract(str(sample.root), str(out), options, workers=1, task=which).processed

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(task, range(3))) == [8, 8, 8]
    assert content(out) == content(alone)


def test_images_that_come_during_an_array_job_are_left_for_a_run_after_it(
    sample: Sample, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "faces"
    people = sorted(sample.root.iterdir())
    raw.mkdir()
    for person in people[:-1]:
        (raw / person.name).symlink_to(person)
    extract(str(raw), str(out), ExtractOptions(), workers=1, task=ArrayTask(0, 2))
    (raw / people[-1].name).symlink_to(people[-1])
    last = extract(str(raw), str(out), ExtractOptions(), workers=1, task=ArrayTask(1, 2))
    assert (last.unfinished, parts.count_updates(str(out))) == (0, 1)
    after = extract(str(raw), str(out), ExtractOptions(), workers=1)
    assert (after.processed, after.counts.images, parts.count_updates(str(out))) == (6, 24, 2)


def test_an_array_of_one_task_is_a_run_on_its_own(alone: Path, sample: Sample) -> None:
    options, task = ExtractOptions(), ArrayTask(0, 1)
    again = extract(str(sample.root), str(alone), options, workers=1, task=task)
    assert (again.task, again.processed, again.counts.images) == (None, 0, 24)


def test_no_task_deletes_what_others_have_done(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--overwrite: each task of an array would delete"):
        extract(
            str(sample.root), str(tmp_path), ExtractOptions(), task=ArrayTask(0, 2), overwrite=True
        )


def test_a_run_with_other_options_is_kept_out_of_one_that_has_just_begun(
    sample: Sample, tmp_path: Path
) -> None:
    out = tmp_path / "faces"
    with ThreadPoolExecutor(1) as other:
        first = other.submit(extract, str(sample.root), str(out), SLOW, workers=1)
        wait_for(out / parts.catalog_name(0))
        with pytest.raises(StorageError, match="another run is at work in it"):
            extract(str(sample.root), str(out), ExtractOptions(size=96), workers=1)
        assert first.result().counts.faces == 24


def test_of_two_that_begin_at_once_the_second_does_not_delete_the_plan_of_the_first(
    sample: Sample, tmp_path: Path
) -> None:
    catalog = read_catalog(str(sample.root), "auto")
    first, second = (
        manifest.describe(ExtractOptions(size=size), catalog.layout) for size in (160, 96)
    )
    plan.make_room(str(tmp_path), second, None, overwrite=False)  # nothing is there yet
    plan.begin(str(tmp_path), catalog, first, None)
    before = content(tmp_path)
    with pytest.raises(UsageError, match="--size was 160 and is now 96"):
        plan.begin(str(tmp_path), catalog, second, None)
    assert content(tmp_path) == before


def test_a_task_of_an_array_never_clears_a_folder(sample: Sample, tmp_path: Path) -> None:
    catalog = read_catalog(str(sample.root), "auto")
    other = manifest.describe(ExtractOptions(size=96), catalog.layout)
    plan.begin(str(tmp_path), catalog, other, None)
    options, task = ExtractOptions(), ArrayTask(0, 2)
    with pytest.raises(UsageError, match="--size was 96 and is now 160"):
        extract(str(sample.root), str(tmp_path), options, workers=1, task=task)
    assert extract(str(sample.root), str(tmp_path), options, workers=1).counts.faces == 24


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.02)


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(
    sample: Sample, cluster: DaskCluster, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    extract(str(sample.root), str(one), SLOW, workers=2)
    with ThreadPoolExecutor(1) as runner:
        workers = Cluster(cluster.scheduler)
        run = runner.submit(extract, str(sample.root), str(two), SLOW, workers=workers)
        wait_for(two / parts.Part(0, 0, 3).name)
        [victim, *_] = cluster.workers()
        victim.kill()
        summary = run.result()
    assert (summary.counts.faces, summary.unfinished) == (24, 0)
    assert content(two) == content(one)
