"""A plugin of coverage.py: what worker processes run is counted too, though they are killed in the end.

A pool ends its processes without asking them (see `engine/processes.py`), and coverage.py writes what it has
counted when a process ends by itself. So a worker writes it every now and then; what it runs in its
last moments is not counted.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from coverage import Coverage

if TYPE_CHECKING:
    from coverage.plugin_support import Plugins
    from coverage.types import TConfigurable

_SECONDS = 0.3
_WORKER = "loky"
"""Part of the command that joblib starts its processes with."""


def coverage_init(registry: Plugins, options: TConfigurable) -> None:
    """Called by coverage.py as it starts in a process."""
    if any(_WORKER in word for word in sys.orig_argv):
        threading.Thread(target=_save_often, daemon=True).start()


def _save_often() -> None:
    while True:
        time.sleep(_SECONDS)
        if counting := Coverage.current():
            counting.save()
