"""A model of one's own: found by name, called, and held to the shapes that were asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from faceprep.errors import UsageError
from faceprep.train import custom
from faceprep.train.options import AutoencoderOptions

OPTIONS = AutoencoderOptions(input_size="16x16x1", output_size="8x8x1", model="ours:build")

MODELS = '''
"""Models as somebody might write them, good and bad."""

from tensorflow import keras

layers = keras.layers
SHAPE = (16, 16, 1)


def _chain(*steps, shape=SHAPE):
    x = feature = keras.Input(shape)
    for step in steps:
        x = step(x)
    return keras.Model(feature, x)


def build(options):
    return _chain(
        layers.Conv2D(options.output_shape.channels, 3, 2, padding="same"),
        shape=options.input_shape,
    )


def open_sides(options):
    return _chain(layers.Conv2D(1, 3, 2, padding="same"), shape=(None, None, 1))


def same_size(options):
    return _chain(layers.Conv2D(1, 3, padding="same"))


def colour(options):
    return _chain(layers.Conv2D(1, 3, 2, padding="same"), shape=(16, 16, 3))


def vectors(options):
    return _chain(layers.Flatten())


def two_inputs(options):
    first, second = keras.Input(SHAPE), keras.Input(SHAPE)
    return keras.Model([first, second], layers.Add()([first, second]))


def not_built(options):
    return keras.Sequential([layers.Conv2D(1, 3, 2, padding="same")])


def nothing(options):
    pass


def a_class(options):
    return keras.Model


def fails(options):
    return options.no_such_option


def takes_two(options, more):
    return None


a_number = 3
'''


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "ours.py"
    path.write_text(MODELS)
    return path


@pytest.mark.parametrize("function", ["build", "open_sides"])
def test_a_model_that_fits_is_returned(ours: Path, function: str) -> None:
    model = custom.build(f"{ours}:{function}", OPTIONS)
    assert model.count_params() == 10
    assert not model.compiled


def test_a_module_is_found_by_its_name(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = ours.parent / "made_by_hand"
    package.mkdir()
    ours.rename(package / "models.py")
    monkeypatch.syspath_prepend(ours.parent)
    name = "made_by_hand.models:build"
    assert custom.build(name, OPTIONS).output_shape == (None, 8, 8, 1)
    assert custom.load(name) is custom.load_module(name).build


def test_a_file_is_executed_once(tmp_path: Path) -> None:
    path = tmp_path / "count.py"
    path.write_text("import sys\nsys.path_hooks_seen = getattr(sys, 'path_hooks_seen', 0) + 1\n")
    assert custom.load_module(f"{path}:build") is custom.load_module(f"{path}:other")
    assert sys.path_hooks_seen == 1  # type: ignore[attr-defined]


def test_a_file_that_failed_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "mended.py"
    path.write_text("import no_such_package_at_all\n")
    with pytest.raises(UsageError, match="No module named 'no_such_package_at_all'"):
        custom.load(f"{path}:build")
    path.write_text(
        "def build(options):\n    return None\n# longer than before: no stale bytecode\n"
    )
    assert callable(custom.load(f"{path}:build"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "models",
            "--model is 'models'; write package.module:function, or path/to/file.py:function",
        ),
        (":build", "--model is ':build'; write"),
        ("ours.py:", "--model is 'ours.py:'; write"),
        ("no_such_module:build", "No module named 'no_such_module'; is it on PYTHONPATH?"),
        (
            "nowhere/ours.py:build",
            "no such file; its path is relative to the folder of the command",
        ),
        ("ours.py:bild", "there is no function 'bild' in ours.py"),
        ("ours.py:a_number", "there is no function 'a_number' in ours.py"),
        ("ours.py:nothing", "it returns None; it must return a keras.Model"),
        ("ours.py:a_class", "it must return a keras.Model"),
        ("ours.py:fails", "AttributeError: 'AutoencoderOptions' object has no attribute 'no_such_"),
        ("ours.py:takes_two", "missing 1 required positional argument: 'more'; it is called with"),
        (
            "ours.py:same_size",
            "its output is 16x16x1, and --output-size is 8x8x1; let it follow options.",
        ),
        (
            "ours.py:colour",
            "its input is 16x16x3, and --input-size is 16x16x1; let it follow options.",
        ),
        ("ours.py:vectors", "its output is 256, and --output-size is 8x8x1"),
        ("ours.py:two_inputs", "the shape of its input is not known; make it of one keras.Input"),
        ("ours.py:not_built", "the shape of its input is not known"),
        ("broken.py:build", "SyntaxError: "),
    ],
)
def test_what_is_wrong_is_one_line(
    ours: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(ours.parent)
    Path("broken.py").write_text("def build(:\n")
    with pytest.raises(UsageError) as caught:
        custom.build(name, OPTIONS)
    assert message in str(caught.value)
    assert "--model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_it_loads_no_tensorflow_of_its_own() -> None:
    program = (
        "import sys; from faceprep.train import custom; custom.load('json:dumps');"
        "print('tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
