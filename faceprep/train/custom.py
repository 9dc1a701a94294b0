"""A model of one's own: `--model package.module:function`, or `--model file.py:function`.

The function gets the `AutoencoderOptions` and returns a `keras.Model`, not compiled. Whoever loads
such a model from its file imports the same module first, which registers the layers in it. Light.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from faceprep.train.options import AutoencoderOptions, Shape


def build(name: str, options: AutoencoderOptions) -> Any:
    """The model that the function of that name makes of the options.

    Args:
        name: as `load` takes it.
        options: whose input and output shapes the model must have; the rest is advice to it.

    Returns:
        A `keras.Model`, not compiled. A layer of it may be named `latent`.

    Raises:
        UsageError: there is no such function; it fails; what it returns is no model, or one of
            other shapes.
    """
    function = load(name)
    try:
        model = function(options)
    except Exception as error:
        raise UsageError(
            f"--model {name}: it fails with {_words(error)}; it is called with the options (an "
            "AutoencoderOptions) alone, --debug shows where"
        ) from error
    _check(name, model, options)
    return model


def load(name: str) -> Callable[[AutoencoderOptions], Any]:
    """The function `package.module:function`, or `path/to/file.py:function`.

    Raises:
        UsageError: no such module, or no such function in it.
    """
    module, colon, attribute = name.rpartition(":")
    if not (module and colon and attribute):
        raise UsageError(
            f"--model is '{name}'; write package.module:function, or path/to/file.py:function"
        )
    function = getattr(load_module(name), attribute, None)
    if not callable(function):
        raise UsageError(f"--model {name}: there is no function '{attribute}' in {module}")
    loaded: Callable[[AutoencoderOptions], Any] = function
    return loaded


def load_module(name: str) -> ModuleType:
    """The module that `package.module:function` names, which registers the layers in it.

    Raises:
        UsageError: it is not there, or its code fails.
    """
    module = name.rpartition(":")[0]
    try:
        return (
            _load_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
        )
    except FileNotFoundError:
        raise UsageError(
            f"--model {name}: no such file; its path is relative to the folder of the command"
        ) from None
    except ModuleNotFoundError as error:
        raise UsageError(f"--model {name}: {error}; is it on PYTHONPATH?") from error
    except Exception as error:
        raise UsageError(f"--model {name}: {_words(error)}; --debug shows where") from error


def _load_file(path: Path) -> ModuleType:
    """A file as a module, once for each process: a layer registered twice would be two."""
    path = path.resolve(strict=True)
    known = f"faceprep_model_{hashlib.sha256(bytes(path)).hexdigest()[:8]}"
    if known in sys.modules:
        return sys.modules[known]
    found = importlib.util.spec_from_file_location(known, path)
    if found is None or found.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = sys.modules[known] = importlib.util.module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[known]
        raise
    return module


def _check(name: str, model: Any, options: AutoencoderOptions) -> None:
    works = all(hasattr(model, part) for part in ("fit", "save", "count_params"))
    if isinstance(model, type) or not works:
        raise UsageError(f"--model {name}: it returns {model!r:.60}; it must return a keras.Model")
    for side, wanted in (("input", options.input_shape), ("output", options.output_shape)):
        found = _shape(model, side)
        if found is None:
            raise UsageError(
                f"--model {name}: the shape of its {side} is not known; make it of one keras.Input "
                f"of shape {tuple(wanted)}, and one output"
            )
        if not _fits(found, wanted):
            raise UsageError(
                f"--model {name}: its {side} is {_written(found)}, and --{side}-size is {wanted}; "
                f"let it follow options.{side}_shape, or ask for --{side}-size {_written(found)}"
            )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _shape(model: Any, side: str) -> tuple[int | None, ...] | None:
    """Of the pictures that go in, or come out; None where there is not just one such shape."""
    try:
        shape = tuple(getattr(model, f"{side}_shape"))[1:]
    except (AttributeError, ValueError, TypeError):
        return None  # a subclass that has not been built
    return shape if shape and all(n is None or isinstance(n, int) for n in shape) else None


def _fits(found: tuple[int | None, ...], wanted: Shape) -> bool:
    """A side that is left open fits any."""
    return len(found) == 3 and all(n in (None, m) for n, m in zip(found, wanted, strict=True))


def _written(shape: tuple[int | None, ...]) -> str:
    return "x".join("?" if side is None else str(side) for side in shape)
