"""What the Siamese networks can be told. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.errors import UsageError
from faceprep.options import option, redefault
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

    batch: int = redefault(
        LearningOptions,
        "batch",
        64,
        help="Examples in a step, over all GPUs together: faces for --loss margin, else pairs; for "
        "--loss two so many genuine pairs, and as many impostor pairs.",
    )
    learning_rate: float = redefault(LearningOptions, "learning_rate", 0.002)
    warmup: int = redefault(LearningOptions, "warmup", 200)
    clip_norm: float = redefault(LearningOptions, "clip_norm", 5.0)
    average: float = redefault(LearningOptions, "average", 0.995)
    shift: float = redefault(LearningOptions, "shift", 0.08)
    brightness: float = redefault(LearningOptions, "brightness", 0.3)
    augment: bool = option(
        True,
        "Change the faces that are trained on: flip, rotate, zoom, shift, brightness, contrast, "
        "colour, erase, noise, each as its own option says.",
    )
    rotate: float = option(
        15.0,
        "Farthest rotation of a face, in degrees.",
        minimum=0.0,
        maximum=180.0,
        metavar="DEGREES",
    )
    zoom: float = option(
        0.12,
        "Largest change of a face's size, as a share.",
        minimum=0.0,
        maximum=0.9,
        metavar="SHARE",
    )
    contrast: float = option(
        0.3,
        "Largest change of a face's contrast, as a share.",
        minimum=0.0,
        maximum=1.0,
        metavar="SHARE",
    )
    colour: float = option(
        0.15,
        "Largest change of each colour channel, as a share.",
        minimum=0.0,
        maximum=1.0,
        metavar="SHARE",
    )
    grey: float = option(
        0.15, "Share of faces shown without colour.", minimum=0.0, maximum=1.0, metavar="SHARE"
    )
    erase: float = option(
        0.5,
        "Share of faces of which a rectangle is covered.",
        minimum=0.0,
        maximum=1.0,
        metavar="SHARE",
    )
    backbone: str = option(
        "compact",
        "Network that looks at each face: compact is ours, the others are those of the record.",
        choices=BACKBONES,
    )
    head: str = option(
        "embedding",
        "What decides over two faces: the cosine of two embeddings, or dense layers over both maps (concat, "
        "concat-linear) or over their difference (absdiff).",
        choices=HEADS,
    )
    loss: str = option(
        MARGIN,
        "What training makes small: for --head embedding margin (over the people) or contrastive (over "
        "pairs); for the others single (a stream of pairs) or two (as many genuine as impostor pairs in each "
        "step).",
        choices=(MARGIN, CONTRASTIVE, SINGLE, TWO),
    )
    input_size: str = option(
        "96x96x3",
        "Height and width of a face in pixels, and its channels (1 grey, 3 RGB).",
        metavar="HxWxC",
    )
    width: float = option(
        1.0,
        "How wide the network is: its filters and units are multiplied by this.",
        minimum=0.001,
        maximum=8.0,
        metavar="FACTOR",
    )
    units: int = option(
        4096,
        "Units of the two dense layers of a head; embedding has none.",
        minimum=1,
        maximum=65536,
        metavar="N",
    )
    embedding: int = option(
        256,
        "Length of the embedding, in numbers, for --head embedding.",
        minimum=2,
        maximum=65536,
        metavar="N",
    )
    margin: float = option(
        0.35,
        "By how much a face must be nearer to its own person than to others, as a difference of cosines "
        "from 0 to 1, for --head embedding.",
        minimum=0.0,
        maximum=1.0,
        metavar="COSINE",
    )
    scale: float = option(
        24.0,
        "What cosines are multiplied by in --loss margin.",
        minimum=1.0,
        maximum=256.0,
        metavar="FACTOR",
    )
    mirror: bool = option(
        True, "Judge by the mean embedding of a face and its mirror image, for --head embedding."
    )
    dropout: float = option(
        0.4,
        "Share of activations dropped in the head in training, 0 to 0.95.",
        minimum=0.0,
        maximum=0.95,
        metavar="0..1",
    )
    pretrained: str = option(
        NO_WEIGHTS,
        "Weights of the backbone to begin with: imagenet (Keras' own, for vgg16), none, or a file: "
        ".keras, .weights.h5, or .npz and .safetensors with torchvision's names; its classifier is left out.",
        metavar="imagenet|FILE|none",
    )
    freeze: int = option(
        0,
        "How many of the first convolutions, with their normalisations, do not learn.",
        minimum=0,
        metavar="N",
    )
    data: str = option("cfp", "Data set to take, where SHARDS has several.", choices=DATA_SETS)
    train_folds: str = option(
        AUTO,
        "Folds of CFP to train on, as 1-6 or 1,4-6; auto: 1 to 6, or all but two.",
        metavar="N-N",
    )
    validation_folds: str = option(
        AUTO,
        "Folds that decide on the best epoch and the threshold, as 7-8; auto: 7 and 8, or the last but one.",
        metavar="N-N",
    )
    test_folds: str = option(
        AUTO, "Folds of the test, as 9-10; auto: 9 and 10, or the last.", metavar="N-N"
    )

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

    epochs: int = redefault(
        FitOptions,
        "epochs",
        60,
        help="How many times through the training split; presets have their own number.",
    )
    patience: int = redefault(FitOptions, "patience", 0)
