"""Settings of the reconstruction: which images, from which scales and orders, by which descents."""

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from settings.section import Integer, Number, Section, Seed, field, read_integer

Order = Literal[1, 2]
Scale = Annotated[int, Field(ge=1), BeforeValidator(read_integer)]
Picture = Annotated[str, AfterValidator(os.path.expanduser)]


class Shapes(Section):
    """Sparse shapes: Diracs, segments and polygons."""

    N: Integer = field("Side of the images in pixels, even", 32, ge=8, multiple_of=2)
    J: list[Scale] = field("Scales, as log2, up to 2^J = N", [3, 4, 5], min_length=1)
    L: Integer = field("Number of angles", 8, ge=1)
    k: list[Scale] = field("Numbers of shapes in an image of each kind", [1, 3], min_length=1)
    starts: Integer = field("Number of starts of each image", 2, ge=1)
    steps: Integer = field("Steps of L-BFGS of each start", 600, ge=1)


class Photographs(Section):
    """Photographs, in grey."""

    N: Integer = field("Side to which the centred square is reduced", 128, ge=8, multiple_of=2)
    J: list[Scale] = field("Scales, as log2, up to 2^J = N", [2, 5, 6, 7], min_length=1)
    L: Integer = field("Number of angles", 8, ge=1)
    images: list[Picture] = field(
        "Names of images in scikit-image, such as camera, or paths of files",
        ["camera", "astronaut"],
        min_length=1,
    )
    starts: Integer = field("Number of starts of each image", 2, ge=1)
    steps: Integer = field("Steps of L-BFGS of each start", 200, ge=1)


class Recovery(Section):
    """The recovery diagram of Diracs."""

    N: Integer = field("Side of the images in pixels, even", 16, ge=8, multiple_of=2)
    J: list[Scale] = field("Scales, as log2, up to 2^J = N", [1, 2, 3, 4], min_length=1)
    L: Integer = field("Number of angles", 4, ge=1)
    diracs: list[Scale] = field("Numbers of Diracs", [1, 2, 4, 8, 16, 32], min_length=1)
    draws: Integer = field("Number of images of each number of Diracs", 8, ge=1)
    psnr: Number = field("PSNR in dB above which an image counts as recovered", 40.0, gt=0)
    starts: Integer = field("Number of starts of each image", 2, ge=1)
    steps: Integer = field("Steps of L-BFGS of each start", 1000, ge=1)


class Reconstruction(Section):
    """The reconstruction: experiments on all its images."""

    orders: list[Order] = field("Orders, 1 or 2 or both", [1, 2], min_length=1)
    tolerance: Number = field("Relative error of S at which a descent ends", 1e-5, ge=0)
    shapes: Shapes = field("Sparse shapes", Shapes)
    photographs: Photographs = field("Photographs", Photographs)
    recovery: Recovery = field("Recovery of Diracs", Recovery)
    seed: Seed = 0


def reconstruction(config: dict) -> dict[str, Any]:
    """Return the settings of the reconstruction, complete and checked.

    Args:
        config: Configuration, as `configuration.datasets` accepts it.

    Raises:
        ValueError: A scale is larger than the images, or an image is named twice. Other faults are
            those of `configuration.datasets`.
    """
    found = Reconstruction.model_validate(config.get("reconstruction") or {})
    for name in ("shapes", "photographs", "recovery"):
        part = getattr(found, name)
        for J in part.J:
            check_scale(name, part.N, J)
    names = [os.path.basename(image) for image in found.photographs.images]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(
            f"reconstruction.photographs.images must name each image once: got {twice[0]!r} "
            "again; remove or rename it."
        )
    return found.model_dump()


def check_scale(part: str, N: int, J: int) -> None:
    """Refuse a scale that images of side N do not have.

    Args:
        part: Key of the images in the section.
        N: Their side in pixels.
        J: Scale, as log2.

    Raises:
        ValueError: N is not a multiple of 2^J.
    """
    if N % 2**J:
        most = (N & -N).bit_length() - 1
        raise ValueError(
            f"reconstruction.{part}.N must be a multiple of 2**J: got N={N}, J={J}; "
            f"use J up to {most}."
        )
