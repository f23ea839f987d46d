"""Settings of tomography: the images, the geometries, the network, the descents."""

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from settings.section import NAME, Integer, Number, Section, Seed, field, read_number

Family = Literal["ellipses", "textured", "ct"]
Degrees = Annotated[float, Field(gt=0, le=180), BeforeValidator(read_number)]


class Geometry(Section):
    """Angles of parallel beams, evenly spaced from 0."""

    angles: Integer = field("Number of angles", 20, ge=1)
    range: Degrees = field("Range that they cover, in degrees", 180.0)


class Unet(Section):
    """The U-Net that is a peer."""

    epochs: Integer = field("Passes over the training images", 20, ge=1)
    batch: Integer = field("Images in a step", 16, ge=1)
    width: Integer = field("Number of channels at the finest scale", 16, ge=1)
    learning_rate: Number = field("Learning rate at its peak", 2e-3, gt=0)


class Tomography(Section):
    """Tomography from few angles and from a limited view."""

    families: list[Family] = field(
        "Images: ellipses, textured, or ct, of which a download of 19 MB is needed",
        ["ellipses", "textured"],
        min_length=1,
    )
    geometries: dict[Annotated[str, Field(pattern=NAME)], Geometry] = field(
        "Geometries by name, by default `few` and `wedge`, 30 angles over 60 degrees",
        lambda: {"few": Geometry(), "wedge": Geometry(angles=30, range=60.0)},
        accepts="mapping",
        min_length=1,
    )
    N: Integer = field("Side of the reconstructions in pixels", 64, ge=16, multiple_of=4)
    J: Integer = field("Scale of averaging, as log2", 2, ge=1)
    L: Integer = field("Number of angles of the wavelets", 8, ge=1)
    noise: Number = field("Noise, as a fraction of the root mean square of sinograms", 0.02, ge=0)
    train: Integer = field("Number of training images", 400, ge=60)
    validation: Integer = field("Number of images that choose all weights", 16, ge=2)
    test: Integer = field("Number of test images", 32, ge=2)
    unet: Unet = field("U-Net", Unet)
    steps: Integer = field("Steps of L-BFGS", 40, ge=1)
    starts: Integer = field("Number of starts with noise, whose spread is shown", 4, ge=2)
    raw: Annotated[str | None, AfterValidator(lambda path: path and os.path.expanduser(path))] = (
        field("Path of the Debian package of the CT, in place of a download", None, accepts="text")
    )
    seed: Seed = 0


def tomography(config: dict) -> dict[str, Any]:
    """Return the settings of tomography, complete and checked.

    Args:
        config: Configuration, as `configuration.datasets` accepts it.

    Raises:
        ValueError: 2^J does not divide N. Other faults are those of `configuration.datasets`.
    """
    found = Tomography.model_validate(config.get("tomography") or {})
    check_tomography(found.N, found.J)
    return found.model_dump()


def check_tomography(N: int, J: int) -> None:
    """Refuse a side that 2^J does not divide.

    Raises:
        ValueError: It does not.
    """
    if N % 2**J or N < 2 ** (J + 1):
        raise ValueError(
            f"tomography.N must be a multiple of 2**J, at least twice as large: got N={N}, J={J}; "
            "use another N or J."
        )
