"""`make bench`: what extraction costs, against the floor and against MTCNN, in one run.

The floor is what nobody who uses these libraries gets below: decoding the JPEG, BlazeFace on a
picture that is ready for it, one warp, encoding the crop, each timed alone on the same images. The
ratios are taken from medians of interleaved rounds, so that they hold when the machine's speed
drifts. Give real photographs with FACEPREP_CFP; without it the rendered sample is used.

MTCNN is compared with when facenet-pytorch is installed (it is no dependency, and pins old
versions of what it needs, so without its dependencies):

    pip install torch torchvision && pip install --no-deps facenet-pytorch
"""

from __future__ import annotations

import importlib.util
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
from faceprep.engine import WorkerPool
from faceprep.extract import parts, worker
from faceprep.extract.catalog import Catalog, read_catalog
from faceprep.extract.options import ExtractOptions
from faceprep.faces import align, runtime
from faceprep.faces.detect import BlazeFace, find_faces
from faceprep.faces.kernel import FaceKernel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

OPTIONS = ExtractOptions()
ROUNDS = 7
IMAGES = 400
MTCNN_IMAGES = 40


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.environ.get("FACEPREP_CFP") or _rendered(Path(scratch))
        catalog = read_catalog(source, "auto")
        files = _evenly(catalog, IMAGES)
        print(f"{len(files)} images of {source}, {ROUNDS} rounds; milliseconds per image, median")
        floor, kernel = _one_process(files)
        print(f"{'kernel / floor':<34}{kernel / floor:8.2f} times the work")
        one = _workers(catalog, Path(scratch), 1, floor)
        two = _workers(catalog, Path(scratch), 2, floor)
        print(f"{'floor / one worker':<34}{floor / one:8.2f} of the floor's speed")
        print(f"{'one worker / two':<34}{one / two:8.2f} times as fast")
        _small_faces(files)
        _mtcnn(files, one)


def _rendered(scratch: Path) -> str:
    make_sample(scratch / "sample")
    return str(scratch / "sample" / "raw")


def _evenly(catalog: Catalog, count: int) -> list[bytes]:
    keys = catalog.images["key"].to_pylist()
    step = max(1, len(keys) // count)
    return [Path(catalog.root, key).read_bytes() for key in keys[::step]][:count]


def _one_process(files: list[bytes]) -> tuple[float, float]:
    """Floor and kernel, ms per image, in this process; round by round in turn."""
    pixels = [simplejpeg.decode_jpeg(data, "RGB") for data in files]
    detector, kernel = runtime.blazeface(OPTIONS.min_score), FaceKernel(OPTIONS)
    inputs = [cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA) for image in pixels]
    wrapped = [runtime.mediapipe_image(image) for image in inputs]
    matrices = [_centre_crop(image) for image in pixels]
    crops = [align.warp(image, m, OPTIONS.size) for image, m in zip(pixels, matrices, strict=True)]
    steps: dict[str, tuple[Callable[..., Any], Sequence[tuple[Any, ...]]]] = {
        "JPEG decode": (lambda data: simplejpeg.decode_jpeg(data, "RGB"), [(f,) for f in files]),
        "BlazeFace inference": (detector.detect, [(image,) for image in wrapped]),
        "warp": (_plain_warp, list(zip(pixels, matrices, strict=True))),
        "JPEG encode": (_encode, [(crop,) for crop in crops]),
        "whole kernel": (kernel.extract, [(f,) for f in files]),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, (step, arguments) in steps.items():
            times[name].append(_milliseconds(step, arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:<34}{value:8.3f}")
    whole = medians.pop("whole kernel")
    print(f"{'floor: the first four':<34}{sum(medians.values()):8.3f}")
    return sum(medians.values()), whole


def _milliseconds(step: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> float:
    start = time.perf_counter()
    for argument in arguments:
        step(*argument)
    return (time.perf_counter() - start) * 1000 / len(arguments)


def _centre_crop(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    h, w = image.shape[:2]
    middle, target = np.array([w, h]) / 2, np.full(2, OPTIONS.size / 2)
    return align.similarity(OPTIONS.size / max(h, w), 0.0, middle, target)


def _plain_warp(image: NDArray[np.uint8], matrix: NDArray[np.float64]) -> object:
    return cv2.warpAffine(image, matrix, (OPTIONS.size, OPTIONS.size))


def _encode(crop: NDArray[np.uint8]) -> object:
    return simplejpeg.encode_jpeg(crop, OPTIONS.quality, colorsubsampling="420")


def _workers(catalog: Catalog, scratch: Path, workers: int, floor: float) -> float:
    """The whole of extract in steady state, files to parts: ms per image with so many workers."""
    folder = scratch / f"faces-{workers}"
    folder.mkdir()
    parts.write_catalog(str(folder), 0, catalog.layout, catalog.images)
    tasks = [
        worker.PartTask(catalog.root, str(folder), part, "bench", OPTIONS, 60.0)
        for part in parts.planned_parts(str(folder))
    ]
    with WorkerPool(workers) as pool:
        warm = list(pool.run(worker.extract_part, tasks[:workers]))
        start = time.perf_counter()
        rest = list(pool.run(worker.extract_part, tasks[workers:])) or warm
        seconds = time.perf_counter() - start
    images = sum(outcome.result.images for outcome in rest if outcome.result)
    each = seconds * 1000 / images
    print(f"{f'extract, {workers} workers':<34}{each:8.3f}  = {1000 / each:.0f} images/s")
    return each


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


def _mtcnn(files: list[bytes], one_worker: float) -> None:
    if importlib.util.find_spec("facenet_pytorch") is None:
        print("MTCNN: facenet-pytorch is not installed; tests/bench.py says how")
        return
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)
    mtcnn = MTCNN(image_size=OPTIONS.size, device="cpu")
    images = [simplejpeg.decode_jpeg(data, "RGB") for data in files[:MTCNN_IMAGES]]
    _milliseconds(mtcnn.detect, [(image,) for image in images[:3]])
    each = _milliseconds(mtcnn.detect, [(image,) for image in images])
    print(f"{'MTCNN, one thread, detection only':<34}{each:8.3f}")
    print(f"{'MTCNN / one worker':<34}{each / one_worker:8.2f} times as long")


if __name__ == "__main__":
    main()
