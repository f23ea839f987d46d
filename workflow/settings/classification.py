"""Settings of the classification: training sizes, subsets, scales, and what is compared."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from settings.section import Integer, Number, Part, Section, field, read_integer

Features = Literal["pixels", "order1", "order2", "cosine"]
Size = Annotated[int, Field(ge=10), BeforeValidator(read_integer)]
Few = Annotated[int, Field(ge=1), BeforeValidator(read_integer)]
Scale = Annotated[int, Field(ge=1), BeforeValidator(read_integer)]


class Networks(Section):
    """Networks on scattering coefficients."""

    J: Integer = field("Log2 of the scale of their scattering coefficients", 2, ge=1)
    project: Integer = field(
        "Number of channels of the projection before the sparse codes", 64, ge=1
    )
    atoms: Integer = field("Number of atoms of the dictionary", 256, ge=1)
    steps: Integer = field("Number of steps of the sparse codes", 8, ge=1)
    width: Integer = field("Number of channels of the convolutions", 128, ge=1)
    epochs: Integer = field("Number of epochs", 10, ge=1)
    batch: Integer = field("Number of images in a step", 128, ge=2)
    learning_rate: Number = field("Learning rate of Adam at its peak", 0.003, gt=0)
    mirrored: Annotated[bool, Field(strict=True)] = field(
        "Whether mirror images are of the same class, and train the networks too", False
    )


class Moved(Section):
    """Images that are rotated and scaled."""

    each: Integer = field("Number of training images of each class", 1000, ge=10)
    classes: Integer = field("Number of classes; the last ones are left out", 9, ge=2)


class Classification(Section):
    """Classification."""

    sizes: list[Size] = field(
        "Numbers of training images; those above `train` are left out, and `train` is added",
        [300, 1000, 2000, 5000, 10000, 20000, 40000, 60000],
        min_length=1,
    )
    features: list[Features] = field(
        "Features of the table",
        ["pixels", "order1", "order2", "cosine"],
        accepts="list of pixels, order1, order2 and cosine",
        min_length=1,
    )
    least: list[Size] = field(
        "Numbers of training images in the column `least error`, as in `sizes`",
        [300, 1000],
        min_length=1,
    )
    subsets: Integer = field("Number of random subsets of each size up to 5,000", 10, ge=1)
    J: list[Scale] = field(
        "Scales, as log2, of which cross-validation chooses one", [2, 3], min_length=1
    )
    L: Integer = field("Number of angles", 8, ge=1)
    few: list[Few] = field(
        "Numbers of training images of each class in few.csv", [1, 2, 5, 10, 100], min_length=1
    )
    moved: Moved = field("Rotated and scaled images", Moved)
    networks: Networks = field("Networks", Networks)


class Settings(Part):
    """Classification"""

    classification: Classification = field("Classification", Classification)
