"""Settings of super-resolution: the photographs, the factors, the networks, the descents."""

import os
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from settings.section import Integer, Number, Section, Seed, field, read_integer

Photograph = Annotated[str, AfterValidator(os.path.expanduser)]
Factor = Annotated[int, Field(ge=2), BeforeValidator(read_integer)]
Side = Annotated[int, Field(ge=8), BeforeValidator(read_integer)]
TRAIN = [
    "astronaut",
    "brick",
    "cat",
    "china",
    "coffee",
    "grass",
    "moon",
    "motorcycle",
    "retina",
    "rocket",
]
TEST = ["camera", "coins", "flower", "gravel"]


class Network(Section):
    """The network that is a peer, and the first estimate of one of the models."""

    epochs: Integer = field("Passes over the training images", 6, ge=1)
    batch: Integer = field("Images in a step", 16, ge=1)
    width: Integer = field("Number of channels", 32, ge=1)
    learning_rate: Number = field("Learning rate at its peak", 2e-3, gt=0)


class Superresolution(Section):
    """Super-resolution of photographs."""

    factors: dict[Factor, Side] = field(
        "Factors, and the side N of the images for each, a multiple of the factor and of 2^J",
        {2: 64, 3: 48, 4: 64},
        accepts="mapping",
        min_length=1,
    )
    J: Integer = field("Scale of averaging, as log2", 3, ge=1)
    L: Integer = field("Number of angles", 8, ge=1)
    train: list[Photograph] = field(
        "Names of photographs for training, or paths of files", TRAIN, min_length=10
    )
    test: list[Photograph] = field(
        "Names of other photographs for the test, or paths of files",
        TEST,
        min_length=1,
    )
    each: Integer = field("Number of training images of each photograph", 240, ge=2)
    each_test: Integer = field("Number of test images of each photograph", 16, ge=2)
    validation: Integer = field(
        "Number of images of each training photograph that choose weights of peers", 3, ge=1
    )
    network: Network = field("Network", Network)
    steps: Integer = field("Steps of L-BFGS of each image", 60, ge=1)
    samples: Integer = field("Number of solutions from several noises", 4, ge=2)
    sampled: Integer = field("Number of test images that have them", 8, ge=1)
    seed: Seed = 0


def superresolution(config: dict) -> dict[str, Any]:
    """Return the settings of super-resolution, complete and checked.

    Args:
        config: Configuration, as `configuration.datasets` accepts it.

    Raises:
        ValueError: A side does not suit its factor or J, or a photograph is in both sets. Other
            faults are those of `configuration.datasets`.
    """
    found = Superresolution.model_validate(config.get("superresolution") or {})
    for factor, N in found.factors.items():
        check_side(factor, N, found.J)
    if both := sorted(set(found.train) & set(found.test)):
        raise ValueError(
            "superresolution.test must have other photographs than superresolution.train: got "
            f"{both[0]!r} in both; remove it from one."
        )
    return found.model_dump()


def check_side(factor: int, N: int, J: int) -> None:
    """Refuse a side that the factor or 2^J does not divide.

    Raises:
        ValueError: They do not divide it.
    """
    for name, number in (("the factor", factor), ("2**J", 2**J)):
        if N % number or 2 * number > N:
            raise ValueError(
                f"superresolution.factors must give sides that are multiples of {name}, at least "
                f"twice as large: got N={N} for factor {factor} and J={J}; use another N or J."
            )
