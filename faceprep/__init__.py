"""Offline face-dataset preprocessing: photographs in, aligned faces, shards and models out.

All that is public can be had from here, and `faceprep.api` tells of it. `import faceprep` loads nothing;
each name is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:  # for these and for editors; a test holds it against what is found below
    from faceprep.api.examples import read_shards as read_shards
    from faceprep.api.judging import compare_faces as compare_faces
    from faceprep.api.judging import compare_pairs as compare_pairs
    from faceprep.api.judging import evaluate_run as evaluate_run
    from faceprep.api.judging import predict_frontal as predict_frontal
    from faceprep.api.judging import show_test_pairs as show_test_pairs
    from faceprep.api.looking import check_machine as check_machine
    from faceprep.api.looking import inspect_path as inspect_path
    from faceprep.api.looking import list_runs as list_runs
    from faceprep.api.looking import status_of as status_of
    from faceprep.api.looking import verify_path as verify_path
    from faceprep.api.looking import write_report as write_report
    from faceprep.api.preparing import export_crops as export_crops
    from faceprep.api.preparing import extract_faces as extract_faces
    from faceprep.api.preparing import forget_people as forget_people
    from faceprep.api.preparing import select_targets as select_targets
    from faceprep.api.sharding import shard_cfp as shard_cfp
    from faceprep.api.sharding import shard_pairs as shard_pairs
    from faceprep.api.sharding import shard_triplets as shard_triplets
    from faceprep.api.tables import read_faces as read_faces
    from faceprep.api.tables import read_targets as read_targets
    from faceprep.api.tables import scan_faces as scan_faces
    from faceprep.api.training import autoencoder_preset as autoencoder_preset
    from faceprep.api.training import cross_validate as cross_validate
    from faceprep.api.training import siamese_preset as siamese_preset
    from faceprep.api.training import train_autoencoder as train_autoencoder
    from faceprep.api.training import train_siamese as train_siamese
    from faceprep.engine import Cluster as Cluster
    from faceprep.errors import Diverged as Diverged
    from faceprep.errors import FaceprepError as FaceprepError
    from faceprep.errors import InputError as InputError
    from faceprep.errors import OutOfReach as OutOfReach
    from faceprep.errors import SetupError as SetupError
    from faceprep.errors import StorageError as StorageError
    from faceprep.errors import UsageError as UsageError
    from faceprep.evaluate.options import EvaluateOptions as EvaluateOptions
    from faceprep.export.options import ExportOptions as ExportOptions
    from faceprep.extract.options import ExtractOptions as ExtractOptions
    from faceprep.forget.options import ForgetOptions as ForgetOptions
    from faceprep.predict.options import PredictOptions as PredictOptions
    from faceprep.select.options import SelectOptions as SelectOptions
    from faceprep.shard.options import CfpOptions as CfpOptions
    from faceprep.shard.options import PairOptions as PairOptions
    from faceprep.shard.options import TripletOptions as TripletOptions
    from faceprep.train.learning import FitOptions as FitOptions
    from faceprep.train.options import AutoencoderOptions as AutoencoderOptions
    from faceprep.train.siamese.options import SiameseFit as SiameseFit
    from faceprep.train.siamese.options import SiameseOptions as SiameseOptions

    __all__: list[str]
else:
    _HOMES = {
        "faceprep.api.preparing": (
            "extract_faces",
            "select_targets",
            "export_crops",
            "forget_people",
        ),
        "faceprep.api.sharding": ("shard_pairs", "shard_cfp", "shard_triplets"),
        "faceprep.api.training": (
            "train_autoencoder",
            "train_siamese",
            "cross_validate",
            "autoencoder_preset",
            "siamese_preset",
        ),
        "faceprep.api.judging": (
            "evaluate_run",
            "predict_frontal",
            "compare_faces",
            "compare_pairs",
            "show_test_pairs",
        ),
        "faceprep.api.looking": (
            "write_report",
            "list_runs",
            "status_of",
            "verify_path",
            "inspect_path",
            "check_machine",
        ),
        "faceprep.api.tables": ("read_faces", "scan_faces", "read_targets"),
        "faceprep.api.examples": ("read_shards",),
        "faceprep.extract.options": ("ExtractOptions",),
        "faceprep.select.options": ("SelectOptions",),
        "faceprep.shard.options": ("PairOptions", "CfpOptions", "TripletOptions"),
        "faceprep.train.options": ("AutoencoderOptions",),
        "faceprep.train.learning": ("FitOptions",),
        "faceprep.train.siamese.options": ("SiameseOptions", "SiameseFit"),
        "faceprep.evaluate.options": ("EvaluateOptions",),
        "faceprep.predict.options": ("PredictOptions",),
        "faceprep.export.options": ("ExportOptions",),
        "faceprep.forget.options": ("ForgetOptions",),
        "faceprep.engine": ("Cluster",),
        "faceprep.errors": (
            "FaceprepError",
            "Diverged",
            "UsageError",
            "InputError",
            "OutOfReach",
            "StorageError",
            "SetupError",
        ),
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

    __all__ = ["__version__", *_HOME_OF]

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module 'faceprep' has no attribute '{name}'")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
