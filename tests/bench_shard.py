"""`make bench`, second half: what writing shards costs, against tensorflow copying the same records.

The floor is `tf.io.TFRecordWriter` given records that are ready, out of `tf.data.TFRecordDataset`, in as
many processes as there are workers; the same with tensorflow's older iterator, which is faster and
deprecated, is shown beside it. Ours starts from `faces/`: it reads Parquet, lays out the spool, shuffles,
builds the examples and writes them. Give real photographs with FACEPREP_CFP; without it the rendered
sample is used. The faces are taken twenty times over, under other names.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from examples.sample_faces import make_sample
from tests.shard.many import multiply

COPIES = 20
ROUNDS = 3
_COPY = """
import sys, time
import tensorflow as tf
how, out, *paths = sys.argv[1:]
def records(path):
    if how == "tf.data":
        return tf.data.TFRecordDataset(path).as_numpy_iterator()
    return tf.compat.v1.io.tf_record_iterator(path)
start, count = time.perf_counter(), 0
for path in paths:
    with tf.io.TFRecordWriter(out) as writer:
        for record in records(path):
            writer.write(record)
            count += 1
print(count / (time.perf_counter() - start))
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        source = os.environ.get("FACEPREP_CFP") or _rendered(scratch)
        _run("extract", source, "--out", scratch / "few", "--quiet")
        for folder, copies in (("once", 1), ("often", COPIES)):
            multiply(scratch / "few", scratch / folder, copies)
            _run("select", scratch / folder, "--shortlist", "1", "--quiet")
        for workers in (1, 2):
            _compare(scratch, workers)


def _compare(scratch: Path, workers: int) -> None:
    """Print medians over rounds, and the ratios within each round."""
    _shard(scratch / "once", scratch / "out", workers)
    rounds = []
    for _ in range(ROUNDS):
        few = _shard(scratch / "once", scratch / "out", workers)
        many = _shard(scratch / "often", scratch / "out", workers)
        copied = [_copy(scratch / "out", how, workers) for how in ("tf.data", "iterator")]
        rounds.append((many.rate, *copied, few.peak, many.peak))
    ours, data, iterator, few_peak, many_peak = map(statistics.median, zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other, *_ in rounds)
    older = statistics.median(one / other for one, _, other, *_ in rounds)
    print(
        f"{workers} workers: {ours:,.0f} records/s; tensorflow's copy {data:,.0f}/s, ratio {ratio:.2f}"
    )
    print(f"  with the deprecated iterator {iterator:,.0f}/s, ratio {older:.2f}")
    print(
        f"  peak of the largest process: {few_peak:.0f} MB, {many_peak:.0f} with {COPIES} times the faces"
    )


class _Measured:
    """One run of `faceprep shard pairs`: records per second, and the peak of its largest process, MB."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        peaks: dict[int, int] = {}
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        out = process.communicate()[0]
        watcher.join()
        self.rate = json.loads(out)["pairs"]["records_per_second"]
        self.peak = max(peaks.values()) / 2**20


def _watch(process: subprocess.Popen[str], peaks: dict[int, int]) -> None:
    """Note the most memory that each process of the run ever held."""
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(process.pid)
            for member in (parent, *parent.children(recursive=True)):
                peaks[member.pid] = max(peaks.get(member.pid, 0), member.memory_info().rss)
        time.sleep(0.02)


def _shard(faces: Path, out: Path, workers: int) -> _Measured:
    shutil.rmtree(out, ignore_errors=True)
    arguments = ["shard", "pairs", faces, "--out", out, "--workers", workers, "--json", "--quiet"]
    command = [sys.executable, "-m", "faceprep", *map(str, arguments)]
    return _Measured(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def _copy(out: Path, how: str, workers: int) -> float:
    """Records per second of tensorflow copying the shards of the last run, start-up not counted."""
    shards = sorted(out.glob("pairs/*/*.tfrecord-*"))
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    copies = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                _COPY,
                how,
                str(out / f"copy-{n}"),
                *map(str, shards[n::workers]),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=quiet,
        )
        for n in range(workers)
    ]
    return sum(float(copy.communicate()[0]) for copy in copies)


def _rendered(scratch: Path) -> Path:
    make_sample(scratch / "sample")
    return scratch / "sample" / "raw"


def _run(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "faceprep", *map(str, arguments)], check=True)


if __name__ == "__main__":
    main()
