"""What is wrong, where; and a log of it that a ruined disk does not overflow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

_LONGEST = 300  # characters
_MOST_OF_A_FILE, _MOST_IN_ALL = 1_000, 100_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        file: its location, as the user would type it.
        record: number of the record, or of the row of a part, from 0; None for the file as a whole.
        what: in words, in one line.
    """

    file: str
    record: int | None
    what: str

    def __str__(self) -> str:
        where = "" if self.record is None else f"record {self.record}: "
        return f"{self.file}: {where}{self.what}"


class FaultLog:
    """Faults of many files: the first ones in words, and of each file how many there were."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Fault]] = {}
        self._counts: Counter[str] = Counter()
        self._in_all = 0

    def add(self, file: str, record: int | None, what: str) -> None:
        """Note one fault."""
        self._counts[file] += 1
        self._keep(file, [Fault(file, record, " ".join(what.split())[:_LONGEST])])

    def add_error(self, file: str, error: Exception) -> None:
        """Note that a file as a whole cannot be used; what our errors say begins with its name."""
        self.add(file, None, str(error).removeprefix(f"{file}: ") or type(error).__name__)

    def take(self, other: FaultLog) -> None:
        """Note what another log holds, after what is noted here."""
        self._counts += other._counts
        for file, faults in other._kept.items():
            self._keep(file, faults)

    def _keep(self, file: str, faults: list[Fault]) -> None:
        kept = self._kept.setdefault(file, [])
        room = min(_MOST_OF_A_FILE - len(kept), _MOST_IN_ALL - self._in_all)
        kept += faults[:room]
        self._in_all += len(faults[:room])

    @property
    def count(self) -> int:
        """How many faults there were, kept or not."""
        return self._counts.total()

    def faults(self) -> tuple[Fault, ...]:
        """Those that were kept, by file and record; what is true of a file as a whole goes first.

        Where a file has more of them, that is said first of all.
        """
        return tuple(fault for file in sorted(self._kept) for fault in self._of(file))

    def _of(self, file: str) -> list[Fault]:
        kept = sorted(self._kept[file], key=lambda f: -1 if f.record is None else f.record)
        if self._counts[file] == len(kept):
            return kept
        told = f"of which the first {len(kept):,} are told" if kept else "none of which is told"
        return [Fault(file, None, f"has {self._counts[file]:,} faults, {told}"), *kept]
