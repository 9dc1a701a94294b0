"""What is written of many pairs: `results.csv`, and how many were judged, and how well. Light."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faceprep import records
from faceprep.predict.taken import box_words

if TYPE_CHECKING:
    from faceprep.predict.face_finder import Photograph
    from faceprep.predict.judging import Verdict
    from faceprep.predict.pairs_file import PhotoPair

TABLE = "results.csv"


@dataclass(frozen=True)
class PairRow:
    """A line of `results.csv`: a pair, whether it could be judged or not.

    Attributes:
        first: name of a photograph, as the pairs were given; `second` likewise.
        score: of the network, higher means more alike; empty where there is none.
        same: true: it takes them for one person.
        status: ok, or of `records.STATUSES` what keeps the first of the two that has no face from it.
        reason: in words, which photograph gave no face, and why.
        label: true: they are of one person; empty where nobody said.
        right: whether `same` is what `label` says.
        first_faces: how many faces were seen in it; `second_faces` likewise.
        first_box: of the face that was taken: x,y,width,height, px; `second_box` likewise.
    """

    first: str
    second: str
    score: float | None
    same: str
    status: str
    reason: str | None
    label: str
    right: str
    first_faces: int
    first_box: str
    second_faces: int
    second_box: str


@dataclass
class PairCounts:
    """Of the pairs that were looked at.

    Attributes:
        pairs: all of them.
        same: judged to be of one person; `different` likewise.
        not_judged: status to number of the others.
        genuine: judged, and said to be of one person; `impostor`: of two.
        genuine_right: of these, judged so; `impostor_right` likewise.
    """

    pairs: int = 0
    same: int = 0
    different: int = 0
    not_judged: Counter[str] = field(default_factory=Counter)
    genuine: int = 0
    genuine_right: int = 0
    impostor: int = 0
    impostor_right: int = 0

    def add(self, pair: PhotoPair, verdict: Verdict | None, status: str) -> None:
        """Count one."""
        self.pairs += 1
        if verdict is None:
            self.not_judged[status] += 1
            return
        self.same += verdict.same
        self.different += not verdict.same
        if pair.same is not None:
            self.genuine += pair.same
            self.impostor += not pair.same
            self.genuine_right += pair.same and verdict.same
            self.impostor_right += not pair.same and not verdict.same

    @property
    def judged(self) -> int:
        """Pairs with a verdict."""
        return self.same + self.different

    @property
    def accuracy(self) -> float | None:
        """Share of right verdicts, of those with a label; None without."""
        known = self.genuine + self.impostor
        return (self.genuine_right + self.impostor_right) / known if known else None

    def as_json(self) -> dict[str, Any]:
        """The counts by name."""
        return {
            "pairs": self.pairs,
            "judged": self.judged,
            "same": self.same,
            "different": self.different,
            "not_judged": dict(self.not_judged),
            "genuine": self.genuine,
            "genuine_right": self.genuine_right,
            "impostor": self.impostor,
            "impostor_right": self.impostor_right,
            "accuracy": self.accuracy,
        }


def pair_row(
    pair: PhotoPair, first: Photograph, second: Photograph, verdict: Verdict | None
) -> PairRow:
    """The line of a pair; without a verdict where one of the two has no face."""
    return PairRow(
        first=pair.first,
        second=pair.second,
        score=round(verdict.score, 6) if verdict else None,
        same=_word(verdict.same if verdict else None),
        status=next((p.status for p in (first, second) if not p.faces), records.OK),
        reason=_reason(first, second),
        label=_word(pair.same),
        right=_word(verdict.same == pair.same if verdict and pair.same is not None else None),
        first_faces=first.found,
        first_box=_box(first),
        second_faces=second.found,
        second_box=_box(second),
    )


def _word(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _box(photograph: Photograph) -> str:
    return box_words(photograph.faces[0].box) if photograph.faces else ""


def _reason(first: Photograph, second: Photograph) -> str | None:
    """Also of a pair that could be judged: what is wrong with its files."""
    named = (("first", first), ("second", second))
    return "; ".join(f"{name}: {each.reason}" for name, each in named if each.reason) or None
