"""Settings of the generation: the network G and its training, and the results of the paper."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from settings import errors
from settings.section import Integer, Number, Part, Section, Seed, field, read_integer

# The sizes of Table 1 of the paper, whose results are compared with no others.
PAPER = {"N": 128, "train": 65536, "test": 16384, "J": 4, "L": 8, "d": 512}


class Generator(Section):
    """The network G."""

    width: Integer = field(
        "Channels of the last hidden layer of G, doubled at each halving of the side, down to a "
        "side of 4 to 7 pixels",
        32,
        ge=1,
    )
    kernel: Annotated[Literal[1, 3, 5, 7, 9], BeforeValidator(read_integer)] = field(
        "Side of the convolutions, in pixels, odd", 7
    )
    normalisation: Literal["batch", "none"] = field(
        "Normalisation of the layers: batch, as in the authors' code, or none, with biases "
        "instead, as in the paper's text",
        "batch",
    )
    padding: Literal["symmetric", "reflect"] = field(
        "Padding of the convolutions: symmetric, as in the paper's text, or reflect, as in the "
        "authors' code, which is slower",
        "symmetric",
    )
    linear: Annotated[bool, Field(strict=True)] = field(
        "Whether G contains a linear decoder of z, a fixed ridge regression that the convolutions "
        "correct, which the paper's G has not",
        False,
    )


class Schedule(Section):
    """How G is trained, on any number of GPUs."""

    epochs: Integer = field("Number of passes over the training images", 100, ge=1)
    batch: Integer = field("Images per step, at most the number of training images", 128, ge=2)
    learning_rate: Number = field("Peak of the learning rate", 0.002, gt=0)
    optimizer: Literal["adam", "muon"] = field(
        "Optimiser: adam, as in the paper, or muon, which moves matrices and filters by the "
        "orthogonal factor of their gradients",
        "adam",
    )
    warmup: Number = field(
        "Fraction of the steps over which the learning rate rises to its peak; after it, the rate "
        "falls to 0",
        0.1,
        ge=0,
        lt=1,
    )
    ema: Number = field(
        "Weight of the past in an exponential moving average of the weights over the steps; 0 for "
        "no average",
        0.0,
        ge=0,
        lt=1,
    )
    noise: Number = field(
        "Standard deviation of the noise that is added to z in each step; that of z is 1", 0.0, ge=0
    )


class Training(Schedule):
    """How G is trained."""

    gpus: Integer = field("Number of GPUs that share each batch, on machines with GPUs", 1, ge=1)


class Paper(Section):
    """Results of the paper."""

    train: Number = Field(description="Pooled PSNR of the training images, in dB")
    test: Number = Field(description="Pooled PSNR of the test images, in dB")


class Settings(Part):
    """Generation"""

    generator: Generator = field("Network G", Generator)
    training: Training = field("Training of G", Training)
    paper: Paper = field(
        "Pooled PSNR in Table 1 of the paper, shown at the paper's sizes only, in dB"
    )

    @classmethod
    def complete(cls, settings: dict) -> None:
        """Remove the paper's results at any other sizes than the paper's."""
        if any(settings.get(name) != value for name, value in PAPER.items()):
            settings.pop("paper", None)

    @classmethod
    def faults(cls, settings: dict) -> Iterator[str]:
        """Yield sides that G cannot reach by doubling, and batches of an impossible size."""
        N, train = settings["N"], settings["train"]
        batch, gpus = settings["training"]["batch"], settings["training"]["gpus"]
        step = 2 ** (N.bit_length() - 3)
        if N % step:
            side = N - N % step
            yield (
                "N must be s * 2**m with s from 4 to 7 (the generator doubles m times): "
                f"got N={N}; use N={side} or N={side + step}, to which the images are resized."
            )
        if batch > train:
            yield (
                "training.batch must be at most the number of training images: "
                f"got {batch}, train={train}; use a smaller batch."
            )
        if batch % gpus:
            yield (
                "training.batch must be a multiple of training.gpus, which share it: "
                f"got {batch} and {gpus}; change one of them."
            )


class Run(Section):
    """What the script train.py gets as --settings."""

    generator: Generator = Field(description="Network G")
    training: Schedule = Field(description="Training of G")
    seed: Seed


REQUIRED = {
    "generator": ("width", "kernel"),
    "training": ("epochs", "batch", "learning_rate", "warmup"),
}


def read_training(settings: object) -> dict:
    """Check and complete the settings of one training, which train.py gets as --settings.

    Args:
        settings: Object with the keys `generator`, `training` (without `gpus`) and `seed`, as read
            from JSON. All keys of `generator` and `training` must be given, except `normalisation`,
            `padding`, `linear`, `optimizer`, `ema` and `noise`.

    Returns:
        The settings with the defaults of those six.

    Raises:
        ValueError: A key is missing, unknown, or has a wrong value.
    """
    run = errors.read(Run, settings, "--settings")
    for section, names in REQUIRED.items():
        given = settings[section]
        for name in names:
            if name not in given:
                raise ValueError(errors.missing(section, name, given))
    return run.model_dump()
