"""`make bench`, third part: what feeding a network costs, against decoding the same records without tf.data.

The floor is two Python threads that read the shards, parse each record and decode both of its JPEGs to
grey, and do nothing with them. Ours shuffles, parses, decodes, resizes, augments and batches. Give real
photographs with FACEPREP_CFP, or shards of pairs as an argument; without either the rendered sample is
used. The shards are read several times over in each epoch, under other names.
"""

from __future__ import annotations

import dataclasses
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import simplejpeg

from examples.sample_faces import make_sample
from faceprep import dataset_folder, example, records, tfrecord
from faceprep.train import machine
from faceprep.train.learning import LearningOptions
from faceprep.train.options import Shape
from faceprep.train.shards import TRAIN, TrainingShards, open_shards
from tests.shard.many import multiply

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 5
PAIRS = 20_000
"""In an epoch of what is measured, at least."""

THREADS = 2
SHAPE = Shape(64, 64, 1)
WARM_UP = 64  # batches
AUGMENTED = LearningOptions(flip=True, shift=0.03, brightness=0.15, noise=0.0)
PLAIN = dataclasses.replace(AUGMENTED, flip=False, shift=0.0, brightness=0.0)
_KINDS = {each.name: each.kind for each in records.features(records.PairExample)}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    machine.start_tensorflow()
    if arguments[:1] == ["--peak"]:
        print(_peak(arguments[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        shards = open_shards(arguments[0] if arguments else str(_make_shards(scratch)))
        copies = -(-PAIRS // shards.examples(TRAIN))
        few = _often(shards, scratch / "few", 1)
        often = _often(shards, scratch / "often", copies)
        many = _often(shards, scratch / "many", 10 * copies)
        _compare_rates(open_shards(str(often), needed=(TRAIN,)))
        _compare_peaks(few, often, many)


def _compare_rates(shards: TrainingShards) -> None:
    """Print medians over rounds, and of the ratios within each round."""
    rounds = []
    for _ in range(ROUNDS):
        floor = _floor(shards)
        rounds.append((floor, *(_ours(shards, learning) for learning in (AUGMENTED, PLAIN))))
    floor, *ours = map(statistics.median, zip(*rounds, strict=True))
    print(f"{THREADS} threads that read and decode: {floor:,.0f} pairs/s")
    for n, words in enumerate(("with augmentation", "without augmentation"), start=1):
        ratio = statistics.median(each[n] / each[0] for each in rounds)
        print(f"tf.data, {SHAPE}, {words}: {ours[n - 1]:,.0f} pairs/s, ratio {ratio:.2f}")


def _compare_peaks(*folders: Path) -> None:
    for folder in folders:
        command = [sys.executable, "-m", "tests.bench_train", "--peak", str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        pairs = open_shards(str(folder), needed=(TRAIN,)).examples(TRAIN)
        print(f"peak memory of reading {pairs:,} pairs: {float(run.stdout):.0f} MB")


def _floor(shards: TrainingShards) -> float:
    """Pairs per second of threads that share the files, but nothing else."""
    done = [0] * THREADS

    def work(number: int) -> None:
        for file in shards.files(TRAIN)[number::THREADS]:
            done[number] += _decode_all(file, shards.compression)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - start)


def _decode_all(file: str, compression: str) -> int:
    count = 0
    with Path(file).open("rb") as packed, tfrecord.decompressed(packed, compression) as stream:
        for count, record in enumerate(tfrecord.read_records(stream), start=1):  # noqa: B007
            pair = example.decode(record.payload, _KINDS)
            for name in ("feature/image", "target/image"):
                simplejpeg.decode_jpeg(pair[name], "GRAY")
    return count


def _ours(shards: TrainingShards, learning: LearningOptions) -> float:
    """Pairs per second of an epoch, its first batches not counted."""
    from faceprep.train.dataset import PairForm, training_stream

    stream = training_stream(shards, PairForm(SHAPE, SHAPE), learning, seed=0)
    batches = iter(stream.epoch(0))
    for _ in range(WARM_UP):
        next(batches)
    start = time.perf_counter()
    for _ in batches:
        pass
    return (stream.steps - WARM_UP) * stream.batch / (time.perf_counter() - start)


def _peak(folder: str) -> float:
    """MB at most of this process, which reads an epoch."""
    _ours(open_shards(folder, needed=(TRAIN,)), AUGMENTED)
    # not getrusage, which begins with what the parent held when it forked
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024


def _often(shards: TrainingShards, folder: Path, copies: int) -> Path:
    """A data set whose split train is that of `shards`, so many times; links to its files."""
    folder.mkdir()
    files, lengths = shards.files(TRAIN), shards.splits[TRAIN].lengths
    split = dataset_folder.Split(TRAIN, lengths * copies, shards.splits[TRAIN].bytes * copies)
    for shard, file in zip(split.shards(shards.data_set), files * copies, strict=True):
        (folder / shard.name).symlink_to(Path(file).resolve())
    for name in (dataset_folder.MANIFEST, dataset_folder.FEATURES):
        (folder / name).symlink_to(Path(shards.folder).resolve() / name)
    info = dataset_folder.info(shards.data_set, {TRAIN: split})
    (folder / dataset_folder.INFO).write_bytes(info)
    return folder


def _make_shards(scratch: Path) -> Path:
    """Of the photographs that FACEPREP_CFP names, or of the rendered sample, twenty times over."""
    source = os.environ.get("FACEPREP_CFP")
    faces = scratch / "faces"
    if source:
        _run("extract", source, "--out", faces, "--quiet")
    else:
        make_sample(scratch / "sample")
        _run("extract", scratch / "sample" / "raw", "--out", scratch / "once", "--quiet")
        multiply(scratch / "once", faces, 20)
    _run("select", faces, "--shortlist", "1", "--quiet")
    _run("shard", "pairs", faces, "--out", scratch / "shards", "--quiet")
    return scratch / "shards"


def _run(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "faceprep", *map(str, arguments)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
