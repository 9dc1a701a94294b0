"""Which folder a run gets; what may go on in it, and what may not."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from faceprep.errors import InputError, UsageError
from faceprep.train import begin, run_folder
from faceprep.train.begin import AUTOENCODER, Job
from faceprep.train.learning import FitOptions
from faceprep.train.options import AutoencoderOptions
from faceprep.train.presets import preset
from faceprep.train.run_folder import Run

if TYPE_CHECKING:
    from pathlib import Path

FINGERPRINT = "f" * 64

Frontal: TypeAlias = "Job[AutoencoderOptions]"


def job(runs: Path, name: str = "frontal", run_dir: str = "", **options: Any) -> Frontal:
    fit = {k: v for k, v in options.items() if k in FitOptions.__dataclass_fields__}
    model = {k: v for k, v in options.items() if k not in fit}
    chosen = replace(preset(name), **model) if model else preset(name)
    return Job(
        AUTOENCODER, ("shards",), str(runs), run_dir, name, chosen, FitOptions(**fit), bar=False
    )


def leave(runs: Path, job: Frontal, number: int = 1, **changed: Any) -> str:
    """A run of this job, as it was left."""
    name = f"autoencoder-{job.preset}-{number:03d}"
    (runs / name).mkdir(parents=True)
    run = Run(
        kind="autoencoder",
        name=name,
        preset=job.preset,
        options=asdict(job.options),
        fit=asdict(job.fit),
        data={"folder": "shards/pairs/1.0.0", "fingerprint": FINGERPRINT},
        parameters=1,
        summary="",
        versions={},
        machine={},
        began="2026-11-22T05:00:00+00:00",
    )
    run_folder.write_run(str(runs / name), replace(run, **changed))
    return str(runs / name)


def folder_of(job: Frontal) -> str:
    return begin.folder_for(job, FINGERPRINT).rpartition("/")[2]


def test_the_first_run_is_number_one_and_the_next_comes_after_the_last(tmp_path: Path) -> None:
    assert folder_of(job(tmp_path)) == "autoencoder-frontal-001"
    leave(tmp_path, job(tmp_path), 9, status="finished")
    assert folder_of(job(tmp_path)) == "autoencoder-frontal-010"
    assert folder_of(job(tmp_path, "v1")) == "autoencoder-v1-001"


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    leave(tmp_path, job(tmp_path), 1, status="finished")
    (tmp_path / "autoencoder-frontal-002").mkdir()
    assert folder_of(job(tmp_path)) == "autoencoder-frontal-002"


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    leave(tmp_path, job(tmp_path))
    assert folder_of(job(tmp_path)) == "autoencoder-frontal-001"
    assert folder_of(job(tmp_path, patience=3)) == "autoencoder-frontal-001"


def test_of_several_experiments_none_that_is_done_is_done_again(tmp_path: Path) -> None:
    leave(tmp_path, job(tmp_path), 1, status="finished")
    leave(tmp_path, job(tmp_path, latent=8), 2, status="finished")
    one = replace(job(tmp_path), again=False)
    other = replace(job(tmp_path, latent=8), again=False)
    assert (folder_of(one), folder_of(other)) == (
        "autoencoder-frontal-001",
        "autoencoder-frontal-002",
    )
    assert folder_of(replace(one, fit=FitOptions(seed=3))) == "autoencoder-frontal-003"


@pytest.mark.parametrize("other", [{"latent": 128}, {"seed": 7}, {"epochs": 31}])
def test_another_configuration_gets_a_number_of_its_own(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    leave(tmp_path, job(tmp_path))
    assert folder_of(job(tmp_path, **other)) == "autoencoder-frontal-002"


def test_other_shards_get_a_number_of_their_own(tmp_path: Path) -> None:
    leave(tmp_path, job(tmp_path))
    assert begin.folder_for(job(tmp_path), "0" * 64).endswith("-002")


def test_a_folder_that_was_asked_for_is_taken(tmp_path: Path) -> None:
    leave(tmp_path, job(tmp_path))
    assert folder_of(job(tmp_path, run_dir="runs/mine")) == "mine"


def test_in_an_empty_folder_nothing_was_begun(tmp_path: Path) -> None:
    assert begin.begun(str(tmp_path / "none"), job(tmp_path), FINGERPRINT) is None
    (tmp_path / "STOP").touch()
    assert begin.begun(str(tmp_path), job(tmp_path), FINGERPRINT) is None


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match="not a run"):
        begin.begun(str(tmp_path), job(tmp_path), FINGERPRINT)


def test_each_difference_is_named(tmp_path: Path) -> None:
    folder = leave(tmp_path, job(tmp_path))
    with pytest.raises(UsageError) as refused:
        begin.begun(folder, job(tmp_path, latent=128, seed=7, patience=1), "0" * 64)
    said = str(refused.value)
    assert "--latent was 256 and is now 128; --seed was 0 and is now 7; the shards" in said
    assert "--patience" not in said


def test_a_run_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = leave(tmp_path, job(tmp_path), kind="siamese")
    with pytest.raises(UsageError, match="it is a run of siamese"):
        begin.begun(folder, job(tmp_path), FINGERPRINT)


def test_more_epochs_go_on_where_the_learning_rate_does_not_end_with_them(tmp_path: Path) -> None:
    folder = leave(tmp_path, job(tmp_path, "v4"), status="finished")
    longer = job(tmp_path, "v4", epochs=31)
    run = begin.begun(folder, longer, FINGERPRINT)
    assert run
    assert not begin.is_over(run, longer.fit)
    assert begin.is_over(run, job(tmp_path, "v4").fit)


def test_a_run_that_failed_is_over(tmp_path: Path) -> None:
    folder = leave(tmp_path, job(tmp_path), status="failed")
    run = begin.begun(folder, job(tmp_path, patience=3), FINGERPRINT)
    assert run
    assert begin.is_over(run, FitOptions(patience=3))


def test_options_are_those_of_the_preset_unless_changed() -> None:
    assert preset("frontal") == AutoencoderOptions()
