"""Look at what was extracted: one PNG, a row per identity, the most frontal face first.

    python examples/contact_sheet.py faces faces.png

It reads the parts as anybody can, with pandas.
"""

from __future__ import annotations

import io
from pathlib import Path

import click
import pandas as pd
from PIL import Image

COLUMNS = ["identity", "status", "frontality", "crop"]


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--identities", default=24, show_default=True, help="Rows at the most.")
@click.option("--columns", default=14, show_default=True, help="Faces of one identity at the most.")
@click.option("--side", default=96, show_default=True, help="Of a face, in pixels.")
def main(faces: Path, out: Path, identities: int, columns: int, side: int) -> None:
    """Draw the crops in the folder FACES into the PNG file OUT."""
    table = pd.concat(
        pd.read_parquet(part, columns=COLUMNS) for part in faces.glob("part-*.parquet")
    )
    found = table[table.crop.notna()].sort_values("frontality", ascending=False)
    rows = [group.head(columns) for _, group in found.groupby("identity")][:identities]
    if not rows:
        raise click.ClickException(f"no crops in {faces}")
    widest = max(len(row) for row in rows)
    sheet = Image.new("RGB", (widest * side, len(rows) * side), "white")
    for y, row in enumerate(rows):
        for x, crop in enumerate(row.crop):
            sheet.paste(Image.open(io.BytesIO(crop)).resize((side, side)), (x * side, y * side))
    sheet.save(out)


if __name__ == "__main__":
    main()
