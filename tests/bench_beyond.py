"""What a cluster and an object store cost: `python -m tests.bench_beyond [ROUNDS]`.

The same photographs are extracted, in turn, by two processes, by a Dask cluster of two workers, and by
two processes that read from S3 and write to it; the servers run on the same cores. Figures are the
medians of the rounds, and ratios to the first.

Give real photographs with FACEPREP_CFP; without it the rendered sample is used. The S3 server is
rclone's where that is installed, and moto's otherwise, which itself takes several times as long over
an object as the client does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from examples.sample_faces import make_sample
from faceprep import storage
from faceprep.engine import Cluster
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from tests.dask_cluster import dask_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.engine import Workers

_PORT = 9753


def photographs(folder: Path) -> str:
    """The root of CFP's pictures, or of rendered ones."""
    if root := os.environ.get("FACEPREP_CFP"):
        return str(Path(root) / "Data" / "Images")
    make_sample(folder, identities=40, images=30)
    return str(folder / "raw")


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """A bucket's URL, and the environment to reach it."""
    (folder / "s3" / "bench").mkdir(parents=True)
    if rclone := shutil.which("rclone"):
        words = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{_PORT}", "--auth-key", "test,test"]
        words += ["--vfs-cache-mode", "off", str(folder / "s3")]
    else:
        words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(_PORT)]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{_PORT}",
    }
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            _wait()
            if not rclone:
                request = urllib.request.Request(
                    f"http://127.0.0.1:{_PORT}/bench", method="PUT", data=b""
                )
                urllib.request.urlopen(request).close()
            yield "s3://bench"
        finally:
            server.kill()


def _wait() -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", _PORT)).close()
            return
        time.sleep(0.1)
    raise TimeoutError("the S3 server does not answer")


def upload(source: str, bucket: str) -> str:
    """The photographs in the bucket."""
    for name, _ in storage.find(source):
        if name.lower().endswith(".jpg"):
            content = (Path(source) / name).read_bytes()
            storage.write_bytes(f"{bucket}/raw/{name}", content)
    return f"{bucket}/raw"


def measure(source: str, out: str, workers: Workers) -> float:
    """Images per second of one run into a new folder."""
    summary = extract(source, out, ExtractOptions(), workers=workers, overwrite=True)
    return summary.images_per_second


def main() -> None:
    """Measure, and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faceprep-bench-")))
        near = photographs(folder)
        cluster = Cluster(stack.enter_context(dask_cluster(folder)).scheduler)
        bucket = stack.enter_context(s3_server(folder))
        far = upload(near, bucket)
        ways: dict[str, tuple[str, str, Workers]] = {
            "two processes": (near, str(folder / "faces"), 2),
            "Dask, two workers": (near, str(folder / "dask"), cluster),
            "two processes, S3": (far, f"{bucket}/faces", 2),
        }
        rates = defaultdict[str, list[float]](list)
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(measure(*way))
    first = rates["two processes"]
    for name, found in rates.items():
        ratio = statistics.median(a / b for a, b in zip(found, first, strict=True))
        print(f"{name:<20}{statistics.median(found):8.1f} images/s  {ratio:6.2f}")


if __name__ == "__main__":
    main()
