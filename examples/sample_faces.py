"""Render a small identity-organised face data set in which every pose is known.

The portraits are computer graphics: MediaPipe's canonical face mesh wears the public-domain NASA
photograph of Eileen Collins (scikit-image carries it), on a head with hair, neck and shoulders.
Smooth shape modes and tints make several people of the one photograph.

The head frame equals the image frame at zero pose: x right, y down, z away from the viewer, in
centimetres; the face looks along -z.  Angles are degrees: yaw > 0 turns the face to the image's
right, pitch > 0 looks up, roll > 0 tilts the head clockwise.  Images and textures are BGR.
"""

import re
import zipfile
from dataclasses import astuple, dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut

from faceprep.faces import model, runtime
from faceprep.faces.pose import rotation_matrix

Floats = NDArray[np.float64]
Image = NDArray[np.uint8]
Size = tuple[int, int]  # width, height

SEED = 2  # BlazeFace finds every face of this one; of other seeds, some 95 of 96
CAMERA_DISTANCE = 80.0  # cm: a portrait across a table
SUPERSAMPLING = 2
NECK_PIVOT = np.array([0.0, 5.0, 6.0])  # head frame: where the turning head meets the still body
# Vertices around the face, as MediaPipe lists them (FACE_LANDMARKS_FACE_OVAL).
# fmt: off
OVAL = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
]
# fmt: on
# Places in the photograph, in pixels, found by eye: where hair meets skin, and the hair's ellipse.
HAIRLINE = [(182, 96), (186, 83), (193, 77), (215, 78), (233, 80), (248, 86), (263, 90), (269, 96)]
HAIR_CENTRE, HAIR_RADII = np.array([227.5, 72.5]), np.array([66.0, 50.0])
SKIN_PIXEL, CLOTH_PIXEL = (243.0, 150.0), (480.0, 480.0)
HAIR_COLOURS = [(28, 24, 24), (42, 58, 84), (76, 108, 135), (34, 58, 120), (98, 100, 104)]


@dataclass(frozen=True)
class SampleImage:
    """One image: its POSIX path below ``OUT/raw``, whose face it is, and the pose in degrees."""

    key: str
    identity: str
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Mesh:
    """A textured surface: vertices (V,3) in cm, texture pixels (V,2), triangles (T,3)."""

    vertices: Floats
    uv: Floats
    triangles: NDArray[np.int64]

    def __add__(self, other: "Mesh") -> "Mesh":
        triangles = np.vstack([self.triangles, other.triangles + len(self.vertices)])
        vertices = np.vstack([self.vertices, other.vertices])
        return Mesh(vertices, np.vstack([self.uv, other.uv]), triangles)


def canonical_face(bundle: bytes, uv: Floats) -> Mesh:
    """Read the canonical face out of a face landmarker bundle; vertex k gets texture ``uv[k]``."""
    name = "geometry_pipeline_metadata_landmarks.binarypb"
    message = zipfile.ZipFile(BytesIO(bundle)).read(name)
    # Its protobuf Mesh3d is a run of floats x, y, z, u, v (tag 0x1d) and one of varints (0x20).
    runs = re.findall(rb"((?:\x1d.{4})+)((?:\x20[\x80-\xff]?[\x00-\x7f])+)", message, re.DOTALL)
    xyzuv = np.frombuffer(runs[0][0], "u1,<f4")["f1"].reshape(-1, 5)
    varints = re.findall(rb"\x20([\x80-\xff]?)([\x00-\x7f])", runs[0][1])
    numbers = [ord(low or b"\0") % 128 + ord(high) * (128 if low else 1) for low, high in varints]
    vertices = xyzuv[:, :3] * np.array([1.0, -1.0, -1.0])  # stored y up, z towards the viewer
    return Mesh(vertices, uv[: len(vertices)], np.array(numbers).reshape(-1, 3))


@cache
def photographed_face() -> tuple[Image, Mesh]:
    """Return the photograph, skin continued around the face, and the face that wears it."""
    photograph: Image = astronaut()  # type: ignore[no-untyped-call]
    found = runtime.landmarker().detect(runtime.mediapipe_image(photograph)).face_landmarks[0]
    uv = np.array([(point.x, point.y) for point in found]) * photograph.shape[1::-1]
    oval = cv2.fillPoly(np.zeros(photograph.shape[:2], np.uint8), [uv[OVAL].astype(np.int32)], [1])
    around = cv2.dilate(oval, np.ones((41, 41))) - cv2.erode(oval, np.ones((7, 7)))
    around[: HAIRLINE[0][1]] = 0
    skin = cv2.inpaint(photograph[..., ::-1].copy(), around, 5, cv2.INPAINT_TELEA)
    return np.asarray(skin, np.uint8), canonical_face(model.landmarker_bundle(), uv)


def reshape_face(vertices: Floats, rng: np.random.Generator) -> Floats:
    """Deform the canonical vertices (V,3) by smooth, left-right symmetric modes."""
    x, y, z = vertices.T
    width, length, jaw, cheeks, eyes, nose, nose_width = rng.uniform(-1, 1, 7)
    at_nose = np.exp(-((x / 1.8) ** 2) - ((y - 1.5) / 2.2) ** 2)
    at_eyes = np.exp(-((np.abs(x) - 3.2) ** 2 + (y + 2.5) ** 2) / 5)
    at_cheeks, at_jaw = np.exp(-((y - 1) ** 2) / 9), 1 / (1 + np.exp((4 - y) / 1.5))
    sideways = 1 + 0.07 * width + 0.10 * jaw * at_jaw + 0.06 * cheeks * at_cheeks
    sideways += 0.09 * eyes * at_eyes + 0.15 * nose_width * at_nose
    shape = np.stack([x * sideways, y * (1 + 0.07 * length), z - 0.7 * nose * at_nose], 1)
    # The pose is the rotation from the canonical face (Kabsch): undo what the modes brought in.
    u, _, vt = np.linalg.svd((shape - shape.mean(0)).T @ (vertices - vertices.mean(0)))
    return np.asarray(shape @ u @ vt)


def loft(rings: Floats, uv: Floats) -> Mesh:
    """Join rings of vertices (R,C,3) with texture pixels (R,C,2) into one sheet."""
    index = np.arange(rings[..., 0].size).reshape(rings.shape[:2])
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.stack([a, b, c, b, d, c], -1).reshape(-1, 3)
    return Mesh(rings.reshape(-1, 3), uv.reshape(-1, 2), triangles)


def shell(rim: Floats, around: Floats, centre: Floats, radii: Floats, start: float) -> Floats:
    """Return rings (R,C,3) from a rim (C,3) over an ellipsoid to its pole at the back.

    Column k leaves in the direction ``around[k]`` (radians clockwise from the image's right) and
    joins the ellipsoid behind the latitude ``start`` (degrees; 0 is the widest place).
    """
    t = np.linspace(0, 1, 16)[:, None]
    latitude = np.radians(start + (90 - start) * t)
    across, down = np.cos(latitude) * np.cos(around), np.cos(latitude) * np.sin(around)
    direction = np.stack(np.broadcast_arrays(across, down, np.sin(latitude)), -1)
    joined = 1 - np.clip(1 - t / 0.4, 0, 1)[..., None] ** 2
    return np.asarray(rim + joined * (centre + radii * direction - rim))


def grow_skull(face: Mesh) -> Mesh:
    """Return the skin that continues the face under the jaw and to the back of the head."""
    loop = [*OVAL, OVAL[0]]
    rim, uv = face.vertices[loop], face.uv[loop]
    around = np.arctan2(rim[:, 1] - 1, rim[:, 0])
    rings = shell(rim, around, np.array([0, 1, 3]), np.array([7.6, 5.5, 9]), 0)
    return loft(rings, np.linspace(uv, 1.2 * uv - 0.2 * uv.mean(0), len(rings)))


def grow_hair(face: Mesh, rng: np.random.Generator) -> Mesh:
    """Return hair from ear to ear over the top of the face: the hair of the photograph."""
    loop = [k for k in np.roll(OVAL, 18) if face.vertices[k, 1] < 2]  # from left to right
    around = np.linspace(np.pi - 0.15, 2 * np.pi + 0.15, len(loop))
    volume, length = rng.uniform([0, 1.5], [1.5, 5.0])
    centre, radii = np.array([0, length, 4]), np.array([9.4, 12.2 + length, 9.3]) + volume
    rings = shell(face.vertices[loop], around, centre, radii, -25)
    ellipse = HAIR_CENTRE + HAIR_RADII * np.stack([np.cos(around), np.sin(around)], 1)
    roots = np.minimum(face.uv[loop], [np.inf, HAIRLINE[0][1] - 4])
    mirrored = 1 - np.abs(1 - np.linspace(0, 3, len(rings))[:, None, None] % 2)  # no seams
    return loft(rings, roots + mirrored * (ellipse - roots))


def build_body(pivot: Floats) -> Mesh:
    """Return a neck and clothed shoulders around the pivot (3,), lofted over ellipses."""
    skin = [(-4, 5.2, 5.2), (4, 5.3, 5.3), (8.5, 5.8, 5.6)]  # y, half width, half depth
    cloth = [(7, 6.4, 6.2), (8, 7.2, 6.8), (10, 12, 8), (12, 18, 9), (17, 21, 10), (60, 24, 12)]
    around = np.linspace(0, 2 * np.pi, 41)
    y, width, depth = np.array(skin + cloth).T[..., None]
    rings = np.stack([width * np.cos(around), y + 0 * around, depth * np.sin(around)], -1)
    pixels = np.array([SKIN_PIXEL] * len(skin) + [CLOTH_PIXEL] * len(cloth))
    return loft(pivot + rings, np.broadcast_to(pixels[:, None], (*rings.shape[:2], 2)))


def tint(photograph: Image, rng: np.random.Generator) -> Image:
    """Recolour the photograph: skin below the hairline, hair above, cloth in a corner."""
    width, row = photograph.shape[1], HAIRLINE[0][1]
    below = np.array([(0, row), *HAIRLINE, (width, row), (width, width), (0, width)])
    mask = cv2.fillPoly(np.zeros(photograph.shape[:2]), [below.astype(np.int32)], [1.0])
    mask = cv2.GaussianBlur(mask, (0, 0), 1.5)[..., None]
    melanin = rng.uniform(0, 0.6) * np.array([0.85, 0.75, 0.6])  # darkens blue most
    skin = photograph * (1 - melanin) * rng.uniform(0.94, 1.04, 3)
    hair = photograph.mean(2, keepdims=True) / 100 * rng.choice(HAIR_COLOURS)
    texture = mask * skin + (1 - mask) * hair
    texture[440:, 440:] = rng.uniform(20, 200) + rng.uniform(-40, 40, 3)
    return np.asarray(np.clip(texture, 0, 255), np.uint8)


def shade(mesh: Mesh, light: Floats) -> Floats:
    """Return the brightness (V,) of the vertices under a light in the direction ``light`` (3,)."""
    a, b, c = np.moveaxis(mesh.vertices[mesh.triangles], 1, 0)
    normals = np.zeros_like(mesh.vertices)
    np.add.at(normals, mesh.triangles, np.cross(b - a, c - a)[:, None])
    normals *= np.where(normals[:, 2:] > 0, -1, 1)  # hair is open: one may see its inside
    cosine = normals @ light / (np.linalg.norm(normals, axis=1) * np.linalg.norm(light) + 1e-9)
    return np.asarray(0.6 + 0.4 * np.clip(cosine, 0, 1))


def draw(mesh: Mesh, points: Floats, shading: Floats, texture: Image, size: Size) -> Floats:
    """Return premultiplied BGR in 0..255 and opacity in 0..1, (H,W,4), of a mesh at ``points``."""
    # Paint triangle numbers from far to near, then shade every visible pixel once.
    points = points * SUPERSAMPLING
    seen = np.full((size[1] * SUPERSAMPLING, size[0] * SUPERSAMPLING), -1, np.int32)
    sixteenths = np.round(points * 16).astype(np.int32)[mesh.triangles]
    for k in np.argsort(-mesh.vertices[mesh.triangles, 2].mean(1)):
        cv2.fillConvexPoly(seen, sixteenths[k], [int(k)], cv2.LINE_8, 4)
    rows, columns = np.nonzero(seen >= 0)
    triangle = seen[rows, columns]
    to_weights = np.linalg.pinv(np.insert(points[mesh.triangles], 2, 1, axis=2))
    pixels = np.stack([columns, rows, np.ones_like(rows)], 1)
    weights = np.clip(np.einsum("ni,nij->nj", pixels, to_weights[triangle]), 1e-6, 1)
    weights /= weights.sum(1, keepdims=True)
    attributes = np.column_stack([mesh.uv, shading])[mesh.triangles[triangle]]
    u, v, light = planes = np.zeros((3, *seen.shape), np.float32)
    planes[:, rows, columns] = np.einsum("nj,njk->kn", weights, attributes)
    colour = cv2.remap(texture, u, v, cv2.INTER_LINEAR) * light[..., None]
    picture = np.dstack([colour, seen >= 0])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float64)


def paint_background(size: Size, rng: np.random.Generator) -> Floats:
    """Return a gradient, stripes, noise or blurred shapes between two colours, (H,W,3)."""
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    along = x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)
    noise = cv2.resize(rng.random((60, 60)), size, interpolation=cv2.INTER_CUBIC)
    shapes = cv2.resize(rng.random((4, 4)), size, interpolation=cv2.INTER_NEAREST)
    shapes = cv2.GaussianBlur(shapes, (0, 0), rng.uniform(2, 20))
    pattern = [along, np.sin(30 * along), noise, shapes][rng.integers(4)]
    first, second = rng.uniform(40, 215, (2, 1)) + rng.uniform(-40, 40, (2, 3))
    return np.asarray(first + (second - first) * np.clip(pattern, 0, 1)[..., None])


def render(head: Mesh, texture: Image, sample: SampleImage, rng: np.random.Generator) -> Image:
    """Return the portrait (H,W,3) of a head and its texture in the pose of a sample."""
    rotation = rotation_matrix(sample.yaw, sample.pitch, sample.roll)
    scene = replace(head, vertices=head.vertices @ rotation.T) + build_body(rotation @ NECK_PIVOT)
    # Seen on the optical axis and only then scaled and shifted, the head keeps its pose exactly.
    points = scene.vertices[:, :2] / (1 + scene.vertices[:, 2:] / CAMERA_DISTANCE)
    head_points = points[: len(head.vertices)]
    extent = np.ptp(head_points, 0)
    long_side, ratio = rng.integers(214, 481), rng.choice([0.75, 1.0])
    width, height = (int(side) for side in rng.permutation([long_side, long_side * ratio]))
    scale = min(rng.uniform(0.45, 0.65) * height / extent[1], 0.8 * width / extent[0])
    corner = ([width, height] - scale * extent) * rng.uniform(0.1, 0.9, 2)
    points = corner + scale * (points - head_points.min(0))
    light = np.array([rng.uniform(-0.7, 0.7), rng.uniform(-0.7, 0.1), -1])
    figure = draw(scene, points, shade(scene, light), texture, (width, height))
    picture = figure[..., :3] + (1 - figure[..., 3:]) * paint_background((width, height), rng)
    picture = picture * rng.uniform(0.85, 1.15) + rng.normal(0, 2, picture.shape)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def choose_pose(identity: int, index: int, rng: np.random.Generator) -> SampleImage:
    """Choose a pose: near frontal for image 0, else spread evenly up to the extremes."""
    yaw, pitch = rng.uniform(-3, 3, 2)
    if index:
        # An additive recurrence fills the square evenly however many images are asked for.
        spread = (np.array([0.7549, 0.5698]) * index + np.array([0.618, 0.414]) * identity) % 1
        yaw, pitch = np.clip((2 * spread - 1) * [66, 33], [-60, -30], [60, 30])
        pitch *= 1 - 0.4 * (yaw / 60) ** 2  # in the corners the eyes are out of sight
    name = f"person_{identity:02d}"
    yaw, pitch, roll = (round(float(angle), 2) for angle in (yaw, pitch, rng.uniform(-15, 15)))
    return SampleImage(f"{name}/{index:02d}.jpg", name, yaw, pitch, roll)


def make_sample(
    out: Path, identities: int = 8, images: int = 12, seed: int = SEED
) -> list[SampleImage]:
    """Write ``raw/<identity>/<NN>.jpg`` and ``poses.csv`` below ``out``; return the CSV's rows."""
    photograph, canonical = photographed_face()
    samples = []
    for identity in range(identities):
        rng = np.random.default_rng([seed, identity])
        face = replace(canonical, vertices=reshape_face(canonical.vertices, rng))
        head = face + grow_skull(face) + grow_hair(face, rng)
        texture = tint(photograph, rng)
        for index in range(images):
            rng = np.random.default_rng([seed, identity, index + 1])  # a last 0 is no seed
            sample = choose_pose(identity, index, rng)
            path = out / "raw" / sample.key
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = render(head, texture, sample, rng)
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(90, 96))])
            samples.append(sample)
    lines = [",".join(map(str, astuple(sample))) for sample in samples]
    (out / "poses.csv").write_text("\n".join(["key,identity,yaw,pitch,roll", *lines, ""]))
    return samples


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--identities", type=click.IntRange(1), default=8, show_default=True)
@click.option("--images", type=click.IntRange(1), default=12, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True)
def main(out: Path, identities: int, images: int, seed: int) -> None:
    """Write a data set of rendered faces, and the pose of each, to the folder OUT."""
    samples = make_sample(out, identities, images, seed)
    click.echo(f"wrote {len(samples)} images of {identities} identities to {out}")


if __name__ == "__main__":
    main()
