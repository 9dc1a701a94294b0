"""Tasks to workers: processes of this machine, or of a cluster; the same tasks, the same outcomes.

`processes.py` is the only module that knows joblib, `cluster.py` the only one that knows Dask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from faceprep import storage
from faceprep.engine.pool import Cluster, Outcome
from faceprep.engine.processes import WorkerPool, deadline, usable_cores

if TYPE_CHECKING:
    from faceprep.engine.pool import Pool

__all__ = [
    "Cluster",
    "Outcome",
    "WorkerPool",
    "Workers",
    "deadline",
    "known_to",
    "open_pool",
    "usable_cores",
]

Workers: TypeAlias = int | Cluster | None
"""Who does the work: so many processes, None for one per usable core, or those of a cluster."""


def open_pool(workers: Workers, tasks: int) -> Pool:
    """A pool for use in a `with` block.

    Args:
        workers: who does the work.
        tasks: how many there are; more processes than that are not started.
    """
    if isinstance(workers, Cluster) and tasks:
        from faceprep.engine.cluster import ClusterPool

        return ClusterPool(workers)
    count = usable_cores() if workers is None or isinstance(workers, Cluster) else workers
    return WorkerPool(max(1, min(count, tasks)))  # each of its processes starts with its first task


def known_to(workers: Workers, location: str) -> str:
    """A location as the workers know it: those of a cluster stand in another folder."""
    return storage.absolute(location) if isinstance(workers, Cluster) else location
