"""Where bytes are kept: local paths and URLs (`s3://…`, `gs://…`). The only room that knows fsspec.

Local files take the direct road; a URL goes through fsspec, with these promises on top:

- a write is atomic: the final name appears with the whole content or not at all;
- a look at a folder is fresh, for other machines write there too;
- what passes (a busy server, a broken connection) is tried again for about a minute, what does not
  (no permission, no such bucket, no credentials) ends at once, in one line that names no secret.

Modules: `places` (names of places), `reading`, `folders`, `writing`, `claims` (who is at work); and
for URLs `clients` (fsspec), `listing` (pages), `persistence` (trying again), `faults` (in words).
"""

from faceprep.errors import OutOfReach
from faceprep.storage.claims import in_use
from faceprep.storage.folders import (
    check_url,
    exists,
    find,
    folders,
    make_folder,
    modified,
    names,
    remove,
    remove_folder,
    sizes,
)
from faceprep.storage.places import absolute, is_url, join
from faceprep.storage.reading import open_input, read_bytes, read_ranges
from faceprep.storage.writing import atomic_output, create, remove_leftovers, write_bytes

__all__ = [
    "OutOfReach",
    "absolute",
    "atomic_output",
    "check_url",
    "create",
    "exists",
    "find",
    "folders",
    "in_use",
    "is_url",
    "join",
    "make_folder",
    "modified",
    "names",
    "open_input",
    "read_bytes",
    "read_ranges",
    "remove",
    "remove_folder",
    "remove_leftovers",
    "sizes",
    "write_bytes",
]
