"""What the Siamese networks can be told. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.errors import UsageError
from faceprep.options import option
from faceprep.train.learning import FitOptions, LearningOptions
from faceprep.train.options import Shape, parse_shape
from faceprep.train.siamese.folds import AUTO

BACKBONES = ("compact", "vgg16-bn", "vgg16", "alexnet")
"""`backbones.BACKBONES` builds them."""

HEADS = ("embedding", "concat", "absdiff", "concat-linear")
"""`heads.HEADS` builds them."""

SINGLE, TWO, MARGIN, CONTRASTIVE = "single", "two", "margin", "contrastive"
LOSSES_OF = {
    "embedding": (MARGIN, CONTRASTIVE),
    "concat": (SINGLE, TWO),
    "absdiff": (SINGLE, TWO),
    "concat-linear": (SINGLE, TWO),
}
"""Head to the losses that it can be trained with."""

NO_WEIGHTS, IMAGENET = "none", "imagenet"
DEFAULT = "embed"
"""The preset whose options are the defaults."""

DATA_SETS = ("cfp", "triplets")


@dataclass(frozen=True)
class SiameseOptions(LearningOptions):
    """What decides a Siamese network and how it learns. The defaults are the preset `embed`.

    Raises:
        UsageError: a value outside its limits, or a head and a loss that do not fit together.
    """

    batch: int = option(
        64,
        "Examples in a step, over all GPUs: faces for the loss margin; pairs; for the loss two "
        "genuine pairs, and as many impostor pairs.",
        minimum=1,
        maximum=65536,
    )
    learning_rate: float = option(
        0.002, "Step of the optimiser, at its largest.", minimum=1e-7, maximum=10.0, alias="--lr"
    )
    warmup: int = option(
        200, "Steps in which the learning rate grows from nothing.", minimum=0, maximum=1_000_000
    )
    clip_norm: float = option(
        5.0,
        "Longest gradient, over all weights; longer ones are cut. 0 for no limit.",
        minimum=0.0,
        maximum=1e6,
    )
    average: float = option(
        0.995,
        "Momentum of a running average of the weights, which takes their place after each epoch; 0: none.",
        minimum=0.0,
        maximum=0.9999,
    )
    shift: float = option(
        0.08, "Farthest shift of a face, as a share of its side.", minimum=0.0, maximum=0.5
    )
    brightness: float = option(
        0.3, "Largest change of a face's brightness, as a share.", minimum=0.0, maximum=1.0
    )
    augment: bool = option(
        True,
        "Change the faces that are trained on: flip, rotate, zoom, shift, brightness, contrast, "
        "colour, erase, noise, each as its own option says.",
    )
    rotate: float = option(
        15.0, "Farthest rotation of a face, in degrees.", minimum=0.0, maximum=180.0
    )
    zoom: float = option(
        0.12, "Largest change of a face's size, as a share.", minimum=0.0, maximum=0.9
    )
    contrast: float = option(
        0.3, "Largest change of a face's contrast, as a share.", minimum=0.0, maximum=1.0
    )
    colour: float = option(
        0.15, "Largest change of each colour channel, as a share.", minimum=0.0, maximum=1.0
    )
    grey: float = option(0.15, "Share of faces shown without colour.", minimum=0.0, maximum=1.0)
    erase: float = option(
        0.5, "Share of faces of which a rectangle is covered.", minimum=0.0, maximum=1.0
    )
    backbone: str = option("compact", "What looks at each face.", choices=BACKBONES)
    head: str = option("embedding", "What decides over two faces.", choices=HEADS)
    loss: str = option(
        MARGIN,
        "What training makes small: single (a stream of pairs), two (as many genuine as impostor pairs "
        "in each step); for the head embedding margin (over the people) or contrastive (over pairs).",
        choices=(MARGIN, CONTRASTIVE, SINGLE, TWO),
    )
    input_size: str = option(
        "96x96x3", "Height, width and channels (1 grey, 3 RGB) of a face.", metavar="HxWxC"
    )
    width: float = option(
        1.0, "Filters and units, as a share of the full network's.", minimum=0.001, maximum=8.0
    )
    units: int = option(4096, "Units of the two dense layers of a head.", minimum=1, maximum=65536)
    embedding: int = option(256, "Length of the embedding.", minimum=2, maximum=65536)
    margin: float = option(
        0.35,
        "By how much a face must be nearer to its own person than to others, in cosine.",
        minimum=0.0,
        maximum=1.0,
    )
    scale: float = option(
        24.0, "What cosines are multiplied by in the loss margin.", minimum=1.0, maximum=256.0
    )
    mirror: bool = option(
        True, "Judge by the mean embedding of a face and its mirror image (head embedding)."
    )
    dropout: float = option(
        0.4, "Share of activations dropped in the head.", minimum=0.0, maximum=0.95
    )
    pretrained: str = option(
        NO_WEIGHTS,
        "Weights of the backbone to begin with: imagenet (Keras' own, for vgg16), none, or a file: "
        ".keras, .weights.h5, or .npz and .safetensors with torchvision's names; its classifier is left out.",
        metavar="imagenet|FILE|none",
    )
    freeze: int = option(
        0, "First convolutions, with their normalisations, that do not learn.", minimum=0
    )
    data: str = option("cfp", "Data set to take, where SHARDS has several.", choices=DATA_SETS)
    train_folds: str = option(
        AUTO, "Folds of CFP to train on, as 1-6; auto: the first 6, or all but two.", metavar="N-N"
    )
    validation_folds: str = option(
        AUTO, "Folds that decide on the best epoch and the threshold.", metavar="N-N"
    )
    test_folds: str = option(AUTO, "Folds of the test.", metavar="N-N")

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = LOSSES_OF[self.head]
        if self.loss not in allowed:
            raise UsageError(
                f"--head {self.head} learns with --loss {' or '.join(allowed)}, not {self.loss}"
            )
        _ = self.input_shape

    @property
    def input_shape(self) -> Shape:
        """Of a face. Raises UsageError."""
        return parse_shape("input_size", self.input_size)

    @property
    def by_people(self) -> bool:
        """Whether single faces with the people they show are learnt, not pairs."""
        return self.loss == MARGIN


@dataclass(frozen=True)
class SiameseFit(FitOptions):
    """How one Siamese run is done. Raises UsageError."""

    epochs: int = option(
        60, "Times through the training split; presets have their own number.", minimum=1
    )
    patience: int = option(
        0, "Epochs without a better validation loss before it ends; 0: go on.", minimum=0
    )
