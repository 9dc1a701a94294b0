"""What `--save` draws: how measures of faces are spread, what a data set holds, and the saved records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from faceprep import records, storage
from faceprep.inspect.words import number
from faceprep.plotting import LIGHT, new_figure, save_png
from faceprep.sheets import RIGHT, WRONG, Block, Cell, save_sheet
from faceprep.spread import MEASURES, TURNED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from faceprep.inspect.report import Shown
    from faceprep.plotting import Axes
    from faceprep.spread import Measure

FACES, DATA_SET, SHEET = "faces.png", "data-set.png", "records.png"
"""Names of the files."""

_MEASURED = ("yaw", "pitch", "frontality", "size", "sharpness")
_SIDES = ("box_width", "box_height")
COLUMNS = (*(name for name in _MEASURED if name != "size"), *_SIDES)
"""Of a part, which `Faces` counts besides the status."""

_PANEL = (3.6, 2.8)  # inches
_LEAST_BARS = 6  # that a panel has room for, so that few are not fat
_SIDE = 160  # px of a face on the sheet


def _nothing() -> dict[str, NDArray[np.int64]]:
    return {name: MEASURES[name].nothing() for name in _MEASURED}


@dataclass
class Faces:
    """Faces that have been counted, part after part.

    Attributes:
        statuses: how many rows have each.
        counts: measure to how many faces lie in each of its bins.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    counts: dict[str, NDArray[np.int64]] = field(default_factory=_nothing)

    def add(self, table: pa.Table) -> None:
        """Count the rows of a part: its status, and those of `COLUMNS` that it has."""
        found = pc.value_counts(table["status"])
        self.statuses.update(
            dict(zip(*(each.to_pylist() for each in found.flatten()), strict=True))
        )
        if set(_SIDES) <= set(table.column_names):
            size = pc.max_element_wise(*(table[side] for side in _SIDES), skip_nulls=False)
            table = table.append_column("size", size)
        for name in _MEASURED:
            if name in table.column_names:
                values = np.asarray(table[name].cast("float64").to_numpy(), np.float64)
                self.counts[name] += MEASURES[name].count(values)

    def by_status(self) -> dict[str, int]:
        """Status to rows, the most frequent first."""
        return dict(sorted(self.statuses.items(), key=lambda item: (-item[1], item[0])))

    def save(self, folder: str) -> str:
        """Draw them into a folder.

        Returns:
            Where the picture is.

        Raises:
            StorageError: it cannot be written.
        """
        width, height = _PANEL
        figure, (bars, *panels) = new_figure(2, 3, size=(3 * width, 2 * height))
        _bars(bars, self.by_status(), "rows")
        for axes, name in zip(panels, _MEASURED, strict=True):
            _histogram(axes, MEASURES[name], {"": self.counts[name]})
            axes.set_ylabel("faces")
        storage.make_folder(folder)
        save_png(storage.join(folder, FACES), figure)
        return storage.join(folder, FACES)


def save_data_set(
    folder: str, splits: Mapping[str, int], yaws: Iterable[Mapping[str, float]]
) -> str:
    """Draw how large the splits of a data set are, and how far the faces of some examples are turned.

    Args:
        folder: where to.
        splits: name to how many examples it has; empty while that is not known.
        yaws: of some examples: role to degrees, NaN without a face.

    Returns:
        Where the picture is.

    Raises:
        StorageError: it cannot be written.
    """
    looked_at = list(yaws)
    by_role = {
        role: TURNED.count(np.abs([each[role] for each in looked_at]))
        for role in (looked_at[0] if looked_at else ())
    }
    width, height = _PANEL
    figure, (bars, turned) = new_figure(1, 2, size=(3 * width, max(height, 0.22 * len(splits))))
    _bars(bars, splits, "examples")
    _histogram(turned, TURNED, by_role)
    of_all = f" of {sum(splits.values()):,}" if splits else ""
    turned.set_title(f"{len(looked_at):,}{of_all} examples")
    turned.set_ylabel("faces")
    if by_role:
        turned.legend()
    storage.make_folder(folder)
    save_png(storage.join(folder, DATA_SET), figure)
    return storage.join(folder, DATA_SET)


def save_records(folder: str, shown: Sequence[Shown]) -> tuple[str, ...]:
    """Draw the records that were saved side by side.

    Args:
        folder: where to.
        shown: records, with the files that their images were written to.

    Returns:
        Where the sheet is; nothing when no record has an image.

    Raises:
        StorageError: it cannot be written.
    """
    drawn = {place: each for place, each in enumerate(shown) if each.saved}
    if not drawn:
        return ()
    cells = [_cell(place, each) for place, each in drawn.items()]
    names = next(iter(drawn.values())).values
    roles = [name.removesuffix("/image") for name in names if name.endswith("/image")]
    save_sheet(storage.join(folder, SHEET), [Block(cells, heads=roles)], side=_SIDE)
    return (storage.join(folder, SHEET),)


def _cell(place: int, shown: Shown) -> Cell:
    """With its number, whether it is of one person, and how its faces are turned."""
    values = shown.values
    same, colour = _LABELS.get(values.get("label"), ("", ""))
    yaws = [value for name, value in values.items() if name.rpartition("/")[2] == "yaw"]
    turned = ", ".join("unknown" if yaw is None else f"{number(yaw)}°" for yaw in yaws)
    name = records.face_key(values["key"], values.get("face_index") or 0)
    lines = [f"{place:03d}{same}: yaw {turned}", name]
    return Cell([storage.read_bytes(file) for file in shown.saved], lines, colour)


_LABELS: dict[Any, tuple[str, str]] = {
    records.LABEL_SAME: (" the same person", RIGHT),
    records.LABEL_DIFFERENT: (" different people", WRONG),
}


def _bars(axes: Axes, counts: Mapping[str, int], of: str) -> None:
    """A bar for each, the first at the top, with its number."""
    drawn = axes.barh(list(counts), list(counts.values()), height=0.7)
    axes.bar_label(drawn, [f" {count:,}" for count in counts.values()], color=LIGHT.ink)
    axes.set_ylim(max(len(counts), _LEAST_BARS) - 0.5, -0.5)
    axes.margins(x=0.2)
    axes.locator_params(axis="x", integer=True)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(of)


def _histogram(axes: Axes, measure: Measure, counts: Mapping[str, NDArray[np.int64]]) -> None:
    """Filled if it is one; lines if they are several."""
    for name, each in counts.items():
        axes.stairs(each, measure.edges, fill=len(counts) == 1, label=name, linewidth=1.5)
    axes.set_xscale("log" if measure.is_logarithmic else "linear")
    axes.locator_params(axis="y", integer=True)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(measure.title)
