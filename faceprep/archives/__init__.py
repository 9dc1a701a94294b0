"""Archives as sources: `.tar`, `.tar.gz`, `.tgz` and `.zip` files are read as folders, and never unpacked.

What they hold is listed once, by a pass over the archive (a zip file: over its directory); with each image
goes its `Place`, by which any worker reads it alone.

- The key of an image is its path through the archive: `lfw.tgz/lfw/Aaron/Aaron_0001.jpg`.
- For the layout the archive counts as unpacked where it lies. Members without a folder get one that is
  called as the archive. One folder over everything is passed over (`extract.archived`).
- Archives within archives, hidden members, `__MACOSX`, links, devices, sparse files, names that are
  absolute or lead outside, and what is no image are passed over and counted. Of a name that comes
  twice the last counts, as when unpacking.
- An archive that is cut off or damaged, that inflates to over 100 times its size (and a gigabyte), whose
  members overlap, that has over 20 million of them, or over 1,000 gzip streams in a row with nothing in
  them, ends the run with one line.
- An image that is damaged, encrypted, packed by another method than deflate, or over 128 MiB, becomes a
  row that says so.
"""

from faceprep.archives.place import Place
from faceprep.archives.reading import read_member
from faceprep.archives.seek_points import FOLDER

__all__ = ["FOLDER", "Place", "read_member"]
