"""In how many images of each group a face was found, and how sure that share is.

    python examples/recall_by_group.py faces                          what the faces say themselves
    python examples/recall_by_group.py faces --groups groups.csv      your own labels: key, and group
    python examples/recall_by_group.py faces --photos raw             grey or colour, dark or bright
    python examples/recall_by_group.py faces --points fiducials.npz   whether boxes cover labelled points

The table is Markdown. Shares have a 95 % interval by Wilson (1927): groups whose intervals overlap
widely are not shown to differ. Every image counts once, whoever is in it. Brightness is the mean of the
whole picture; it says nothing of anybody's skin. For sex, age or skin you need labels that people gave,
in a table of your own, such as those of FairFace or RFW.

Labels may have further columns, each a grouping of its own. The NPZ file has `keys` (of images, with or
without their endings) and `points`, (n, k, 2) px of the upright image, at least one face a picture.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pandas as pd

from faceprep.errors import ImageError
from faceprep.faces.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ["key", "view", "status", "width", "height", "yaw"]
BOX = ["box_x", "box_y", "box_width", "box_height"]
Z = 1.959964  # of the normal distribution: 95 % lie within
COVERED = 0.8
"""Share of the points that a box must hold. Jaw and brow are labelled out to the rim, which boxes cut."""

SIDES, BRIGHTNESS, ANGLES = (
    (0, 64, 128, 192, 256, 384),
    (0, 64, 96, 128, 160),
    (0, 15, 30, 45, 60, 75),
)
GREY = 2.0  # of 255, mean difference between the channels: more is colour, less is JPEG's rounding


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson (1927); all of 0 to 1 where nothing was counted."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def binned(values: pd.Series, edges: tuple[int, ...], unit: str) -> pd.Series:
    """Each value's bin, in words, such as `064 to 127 px`; missing ones stay so."""
    ends = [f"{low:03d} to {high - 1:03d} {unit}" for low, high in pairwise(edges)]
    names = [*ends, f"{edges[-1]:03d} {unit} and more"]
    return pd.Series(pd.cut(values, [*edges, math.inf], right=False, labels=names)).astype(object)


def read_images(faces: Path) -> pd.DataFrame:
    """A row for each image: what is known of it, `found`, and the rows of its faces by key as index."""
    parts = sorted(faces.glob("part-*.parquet"))
    if not parts:
        raise click.ClickException(f"no faces in {faces}")
    rows = pd.concat(pd.read_parquet(part, columns=COLUMNS) for part in parts)
    rows["found"] = rows.status == "ok"
    return rows.drop_duplicates("key").set_index("key", drop=False).sort_index()


def own_groupings(images: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """What the faces say themselves of images with and without a face."""
    yield "all", pd.Series("all", images.index)
    if images.view.notna().any():
        yield "view, as labelled", images.view
    yield "shorter side of the image", binned(images[["width", "height"]].min(axis=1), SIDES, "px")


def labelled(path: Path, images: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """The columns of a CSV file, by its column `key`; images that it does not name are left out."""
    table = pd.read_csv(path, dtype=str)
    if "key" not in table or len(table.columns) < 2:
        raise click.ClickException(f"{path}: needs the columns key and group")
    table = table.drop_duplicates("key").set_index("key").reindex(images.index)
    if table.isna().all(axis=None):
        raise click.ClickException(
            f"{path}: its keys are not those of the faces, such as {images.index[0]}"
        )
    yield from ((str(name), column) for name, column in table.items())


def measured(photos: Path, images: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """What the pictures are like: colour, and mean luminance from 0 to 255."""
    seen = pd.DataFrame([_look(photos / key) for key in images.index], images.index)
    colour = seen.colour.map(lambda spread: "colour" if spread > GREY else "grey")
    yield "colours", colour.where(seen.colour.notna())
    yield "mean luminance", binned(seen.light, BRIGHTNESS, "of 255")


def _look(path: Path) -> dict[str, float]:
    try:
        pixels = decode(path.read_bytes(), 10**8, 256).pixels.astype(np.float32)
    except (OSError, ImageError):
        return {"colour": math.nan, "light": math.nan}
    spread = float(np.ptp(pixels, axis=2).mean())
    return {"colour": spread, "light": float((pixels @ (0.299, 0.587, 0.114)).mean())}


def covered(faces: Path, path: Path) -> pd.DataFrame:
    """For each image with a face and labelled points: share of the points in its best box, and |yaw|."""
    rows = pd.concat(
        pd.read_parquet(part, columns=["key", "yaw", *BOX]) for part in faces.glob("part-*.parquet")
    ).dropna(subset="yaw")
    with np.load(path) as stored:
        points = dict(zip(stored["keys"].tolist(), stored["points"], strict=True))
    rows["points"] = [points.get(key, points.get(_stem(key))) for key in rows.key]
    rows = rows.dropna(subset="points")
    if rows.empty:
        raise click.ClickException(f"{path}: its keys are none of the faces'")
    rows["share"] = [_share(*row) for row in rows[["points", *BOX]].itertuples(index=False)]
    return (
        rows.sort_values("share").drop_duplicates("key", keep="last").set_index("key", drop=False)
    )


def _stem(key: str) -> str:
    """The key without the root that it may be below, and without its ending."""
    return "/".join(Path(key).with_suffix("").parts[-3:])


def _share(points: Any, x: float, y: float, width: float, height: float) -> float:
    inside = (points >= (x, y)) & (points <= (x + width, y + height))
    return float(inside.all(axis=1).mean())


def table(groupings: Iterator[tuple[str, pd.Series]], hits: pd.Series, what: str) -> Iterator[str]:
    """A Markdown table: for each group images, hits, their share and its interval."""
    yield f"| | images | {what} | share | 95 % interval |"
    yield "|---|---:|---:|---:|---:|"
    for name, groups in groupings:
        for group, of_group in hits.groupby(groups.reindex(hits.index)):
            found, count = int(of_group.sum()), len(of_group)
            low, high = wilson(found, count)
            label = name if str(group) == name else f"{name}: {group}"
            yield (
                f"| {label} | {count:,} | {found:,} | {found / count:.2%} | "
                f"{low:.2%} to {high:.2%} |"
            )


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--groups", type=click.Path(exists=True, path_type=Path), help="CSV: key, group, ….")
@click.option(
    "--photos", type=click.Path(exists=True, path_type=Path), help="The images themselves."
)
@click.option("--points", type=click.Path(exists=True, path_type=Path), help="NPZ: keys, points.")
def main(faces: Path, groups: Path | None, photos: Path | None, points: Path | None) -> None:
    """Print in how many images of each group a face was found in the folder FACES."""
    images = read_images(faces)
    groupings = list(own_groupings(images))
    groupings += labelled(groups, images) if groups else ()
    groupings += measured(photos, images) if photos else ()
    for line in table(iter(groupings), images.found, "with a face"):
        click.echo(line)
    if points:
        boxes = covered(faces, points)
        groupings.append(
            ("angle to the side, as measured", binned(boxes.yaw.abs(), ANGLES, "degrees"))
        )
        click.echo(
            f"\nOf the images with a face, the box holds {COVERED:.0%} of the labelled points in\n"
        )
        for line in table(iter(groupings), boxes.share >= COVERED, "covered"):
            click.echo(line)


if __name__ == "__main__":
    main()
