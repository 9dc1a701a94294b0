"""`make bench`: what extraction costs, against the floor and against MTCNN, in one run.

The floor is what nobody who uses these libraries gets below: decoding the JPEG, BlazeFace on a
picture that is ready for it, one warp, encoding the crop, each timed alone on the same images. The
ratios are taken within each of several rounds, so that they hold when the machine's speed drifts.
Give real photographs with FACEPREP_CFP; without it the rendered sample is used.

MTCNN is compared with when facenet-pytorch is installed (it is no dependency, and pins old
versions of what it needs: install it without them).
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import simplejpeg

from examples.sample_faces import make_sample
from faceprep import parts
from faceprep.engine import WorkerPool
from faceprep.extract import worker
from faceprep.extract.catalog import Catalog, read_catalog
from faceprep.extract.options import ExtractOptions
from faceprep.faces import runtime
from faceprep.faces.detect import BlazeFace, find_faces
from faceprep.faces.kernel import FaceKernel
from faceprep.faces.warp import similarity, warp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

OPTIONS = ExtractOptions()
ROUNDS = 5
NO_MTCNN = "not installed (pip install torch torchvision; pip install --no-deps facenet-pytorch)"
IMAGES = 512


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.environ.get("FACEPREP_CFP") or _rendered(Path(scratch))
        catalog = _evenly(read_catalog(source, "auto"), IMAGES)
        files = [Path(catalog.root, key).read_bytes() for key in catalog.images["key"].to_pylist()]
        print(f"{len(files)} images of {source}, {ROUNDS} rounds; milliseconds per image, median")
        steps = _steps(files)
        with WorkerPool(1) as one, WorkerPool(2) as two:
            steps["extract, 1 worker"] = _extracting(one, catalog, Path(scratch, "one"))
            steps["extract, 2 workers"] = _extracting(two, catalog, Path(scratch, "two"))
            steps["MTCNN, 1 thread"] = _mtcnn(files)
            _report([{name: step() for name, step in steps.items()} for _ in range(ROUNDS)])
        _small_faces(files)


def _report(rounds: list[dict[str, float]]) -> None:
    """Medians of each figure, and of the ratios within each round."""

    def median(figure: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(map(figure, rounds))

    for name in rounds[0]:
        each = median(lambda r, name=name: r[name])  # type: ignore[misc]
        print(f"{name:<34}{each:8.3f}  = {1000 / each:.0f}/s" if each else f"{name}: {NO_MTCNN}")
    floor = ("JPEG decode", "BlazeFace inference", "warp", "JPEG encode")
    print(f"{'floor: the first four':<34}{median(lambda r: sum(r[n] for n in floor)):8.3f}")
    ratios: dict[str, Callable[[dict[str, float]], float]] = {
        "one worker, of the floor's speed": lambda r: (
            sum(r[n] for n in floor) / r["extract, 1 worker"]
        ),
        "two workers, times one": lambda r: r["extract, 1 worker"] / r["extract, 2 workers"],
        "one worker, times MTCNN's speed": lambda r: r["MTCNN, 1 thread"] / r["extract, 1 worker"],
    }
    if not rounds[0]["MTCNN, 1 thread"]:
        del ratios["one worker, times MTCNN's speed"]
    for name, ratio in ratios.items():
        print(f"{name:<34}{median(ratio):8.2f}")


def _rendered(scratch: Path) -> str:
    """The sample eight times over, as hard links, so that there are parts for two workers."""
    images = make_sample(scratch / "sample")
    for copy, image in itertools.product(range(8), images):
        link = scratch / "raw" / f"{image.identity}_{copy}" / Path(image.key).name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.hardlink_to(scratch / "sample" / "raw" / image.key)
    return str(scratch / "raw")


def _evenly(catalog: Catalog, count: int) -> Catalog:
    """So many of its images, spread over all."""
    step = max(1, catalog.images.num_rows // count)
    chosen = list(range(0, catalog.images.num_rows, step))[:count]
    return dataclasses.replace(catalog, images=catalog.images.take(chosen))


def _steps(files: list[bytes]) -> dict[str, Callable[[], float]]:
    """The floor's parts and the kernel, in this process: name to a measurement, ms per image."""
    pixels = [simplejpeg.decode_jpeg(data, "RGB") for data in files]
    detector, kernel = runtime.blazeface(OPTIONS.min_score), FaceKernel(OPTIONS)
    inputs = [cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA) for image in pixels]
    wrapped = [runtime.mediapipe_image(image) for image in inputs]
    placed = [(image, _centre_crop(image)) for image in pixels]
    crops = [warp(image, matrix, OPTIONS.size) for image, matrix in placed]
    return {
        "JPEG decode": lambda: _milliseconds(lambda f: simplejpeg.decode_jpeg(f, "RGB"), files),
        "BlazeFace inference": lambda: _milliseconds(detector.detect, wrapped),
        "warp": lambda: _milliseconds(lambda p: _plain_warp(*p), placed),
        "JPEG encode": lambda: _milliseconds(_encode, crops),
        "whole kernel": lambda: _milliseconds(kernel.extract, files),
    }


def _milliseconds(step: Callable[[Any], object], arguments: Sequence[Any]) -> float:
    start = time.perf_counter()
    for argument in arguments:
        step(argument)
    return (time.perf_counter() - start) * 1000 / len(arguments)


def _centre_crop(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    h, w = image.shape[:2]
    middle, target = np.array([w, h]) / 2, np.full(2, OPTIONS.size / 2)
    return similarity(OPTIONS.size / max(h, w), 0.0, middle, target)


def _plain_warp(image: NDArray[np.uint8], matrix: NDArray[np.float64]) -> object:
    return cv2.warpAffine(image, matrix, (OPTIONS.size, OPTIONS.size))


def _encode(crop: NDArray[np.uint8]) -> object:
    return simplejpeg.encode_jpeg(crop, OPTIONS.quality, colorsubsampling="420")


def _extracting(pool: WorkerPool, catalog: Catalog, folder: Path) -> Callable[[], float]:
    """The whole of extract in steady state, files to parts: a measurement, ms per image."""
    folder.mkdir()
    parts.write_catalog(str(folder), 0, catalog.layout, catalog.images)
    tasks = [
        worker.PartTask(catalog.root, str(folder), part, "bench", OPTIONS, 60.0)
        for part in parts.planned_parts(str(folder))
    ]

    def measure() -> float:
        start = time.perf_counter()
        done = list(pool.run(worker.extract_part, tasks))
        seconds = time.perf_counter() - start
        return seconds * 1000 / sum(outcome.result.images for outcome in done if outcome.result)

    measure()
    return measure


def _small_faces(files: list[bytes]) -> None:
    """What looking again in tiles costs and finds: each image shrunk into a large empty picture."""
    detector = BlazeFace(OPTIONS.min_score)
    for side in (96, 64, 48, 32):
        pictures = [_in_large_picture(data, side) for data in files[:60]]
        whole = sum(bool(detector.detect(picture)) for picture in pictures)
        start = time.perf_counter()
        tiled = sum(bool(find_faces(detector, picture)) for picture in pictures)
        each = (time.perf_counter() - start) * 1000 / len(pictures)
        print(
            f"images of {side} px in 1024 x 768: {whole} of {len(pictures)} found whole, "
            f"{tiled} with tiles, {each:.1f} ms"
        )


def _in_large_picture(data: bytes, side: int) -> NDArray[np.uint8]:
    picture = np.full((768, 1024, 3), 127, np.uint8)
    image = simplejpeg.decode_jpeg(data, "RGB")
    picture[500 : 500 + side, 150 : 150 + side] = cv2.resize(
        image, (side, side), interpolation=cv2.INTER_AREA
    )
    return picture


def _mtcnn(files: list[bytes]) -> Callable[[], float]:
    """The same job with MTCNN (decode, detect, crop, encode), over all images in `ROUNDS` calls.

    0 when it is not installed.
    """
    if importlib.util.find_spec("facenet_pytorch") is None:
        return lambda: 0.0
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)
    mtcnn = MTCNN(image_size=OPTIONS.size, post_process=False, device="cpu")

    def extract(data: bytes) -> None:
        crop = mtcnn(simplejpeg.decode_jpeg(data, "RGB"))
        if crop is not None:
            _encode(np.ascontiguousarray(crop.permute(1, 2, 0).numpy().astype(np.uint8)))

    shares = itertools.cycle(files[start::ROUNDS] for start in range(ROUNDS))
    _milliseconds(extract, files[:3])
    return lambda: _milliseconds(extract, next(shares))


if __name__ == "__main__":
    main()
