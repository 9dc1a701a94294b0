"""What all pools of workers have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from faceprep.errors import FaceprepError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

Item = TypeVar("Item")
Result = TypeVar("Result")
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^/\s]+:\d{1,5}")


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster that somebody has started; all of its workers must reach the data.

    Attributes:
        scheduler: its address, for instance `tcp://10.0.0.7:8786`.

    Raises:
        UsageError: that is no address.
    """

    scheduler: str

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.scheduler):
            raise UsageError(
                f"--scheduler is '{self.scheduler}'; it must be an address, tcp://HOST:PORT"
            )


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What became of one item: a result, or the death of the worker that had it.

    Attributes:
        item: as it was given.
        result: what the task returned; None after a crash.
        crash: how the worker ended, for instance `SIGSEGV`; None when it did not.
    """

    item: Item
    result: Result | None
    crash: str | None = None


class Pool(ABC):
    """Workers, for use in a `with` block; at its end they are released, whatever they do."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many items are worked at together."""

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *error: object) -> None: ...

    @abstractmethod
    def run(
        self, task: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """Apply an importable function to each item, yielding outcomes as they come.

        Few items are taken ahead, so `items` may be long and lazy.

        Raises:
            Exception: whatever the task raised, unchanged; leave the `with` block then.
            SetupError: there are no workers, or they die as soon as they are started.
        """

    def results(
        self,
        task: Callable[[Item], Result],
        items: Iterable[Item],
        name: Callable[[Item], str] = str,
    ) -> Iterator[tuple[Item, Result]]:
        """As `run`, for tasks that have no reason to kill a worker: one that does gets a second try.

        Args:
            task: an importable function.
            items: its arguments.
            name: what to call an item whose worker died twice.

        Raises:
            FaceprepError: a worker died of the same item twice.
            Exception: whatever the task raised.
        """
        crashed: list[Item] = []
        for outcome in self.run(task, items):
            if outcome.crash:
                crashed.append(outcome.item)
            else:
                yield outcome.item, cast("Result", outcome.result)
        for outcome in self.run(task, crashed):
            if outcome.crash:
                raise FaceprepError(
                    f"{name(outcome.item)}: a worker died of it twice ({outcome.crash}). Out of "
                    "memory? What is finished stays; run the same command again with fewer --workers"
                )
            yield outcome.item, cast("Result", outcome.result)


def take(items: Iterator[Item], count: int) -> list[Item]:
    """At most so many of them, and none beyond: not islice, which would ask for one more."""
    return [item for _, item in zip(range(count), items, strict=False)]
