"""Settings of the images: their source, which of them, and what is made of them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from settings.section import Integer, Number, Part, Section, Seed, field, read_integer, read_number


@dataclass(frozen=True)
class Source:
    """What a source of images has to be told.

    Attributes:
        needs: Keywords of `read` in the module of gsn.data: keys of the data set, and n, the number
            of images of the split.
        must: Keys of this source that its data sets must give.
        may: Keys of this source that its data sets may give.
        splits: Values of the key `splits`.
        counts: Whether `train` and `test` may be left out, for all images.
    """

    needs: tuple[str, ...]
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("first_n",)
    counts: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """Keys that a data set of this source must have, besides those of ALWAYS."""
        return (*(() if self.counts else ("train", "test")), *self.must)


ALWAYS = ("source", "N")  # keys that every data set must have
PICTURES = ("crop", "max_pixels", "full_scale")  # how a picture of the user becomes an image
SOURCES = {
    "polygons": Source(needs=("n", "N", "channels", "seed", "polygon"), may=("polygon",)),
    "mnist": Source(needs=("n", "N", "channels"), may=("raw",)),
    "fashion-mnist": Source(needs=("n", "N", "channels"), may=("raw",)),
    "cifar10": Source(needs=("n", "N", "channels"), may=("raw",)),
    "celeba": Source(
        needs=("train", "test", "N", "channels", "crop", "max_pixels", "md5"),
        may=("splits", "raw", "md5", "crop", "max_pixels"),
        splits=("first_n", "official"),
    ),
    "lsun": Source(
        needs=("train", "test", "N", "channels", "crop", "max_pixels", "splits", "seed", "raw"),
        may=("splits", "raw", "release", "crop", "max_pixels"),
        splits=("first_n", "sample"),
    ),
    "folder": Source(
        needs=("path", "train", "test", "N", "channels", *PICTURES, "seed"),
        must=("path",),
        may=PICTURES,
        counts=True,
    ),
    "hdf5": Source(
        needs=("key", "labels", "train", "test", "N", "channels", *PICTURES, "seed"),
        must=("path", "key"),
        may=("labels", *PICTURES),
        counts=True,
    ),
    "npy": Source(
        needs=("key", "labels", "train", "test", "N", "channels", *PICTURES, "seed"),
        must=("path",),
        may=("key", "labels", *PICTURES),
        counts=True,
    ),
}


def needs(source: str) -> tuple[str, ...]:
    """Return the names of the keywords that `read` of a source in gsn.data takes."""
    return SOURCES[source].needs


def sources(name: str) -> list[str]:
    """Return the sources whose own key this is; none if it is a key of all."""
    return [source for source, told in SOURCES.items() if name in (*told.must, *told.may)]


UserPath = Annotated[str, AfterValidator(os.path.expanduser)]
Level = Annotated[float, Field(ge=0, le=255), BeforeValidator(read_number)]


class Polygon(Section):
    """How polygons are drawn."""

    points: Integer = field(
        "Number of uniform points, of which a polygon is the convex hull", 5, ge=3
    )
    background: Literal["random"] | list[Level] = field(
        "Colour behind the polygon",
        "random",
        accepts="random, or one value from 0 to 255 for each channel, such as [0, 0, 0]",
    )
    min_area: Number = field(
        "Least area of a polygon, as a fraction of the image; smaller polygons are drawn again",
        0.0,
        ge=0,
        le=0.3,
    )


class Settings(Part):
    """Images"""

    source: Literal[*SOURCES] = field("Source of the images")
    N: Integer = field("Side of the square images, in pixels, a multiple of 2**J", ge=4)
    channels: Annotated[Literal[1, 3], BeforeValidator(read_integer)] = field(
        "Number of channels: 3 for colour, 1 for grey", 3
    )
    train: Integer = field("Number of training images", ge=2)
    test: Integer = field("Number of test images", ge=1)
    path: UserPath = field("Path of the folder of images, or of the HDF5, .npy or .npz file")
    key: str = field("Name of the array of images in the HDF5 or .npz file")
    labels: UserPath = field(
        "Name of the array of integer labels in the HDF5 or .npz file, or path of a .npy of labels"
    )
    raw: UserPath = field(
        "Path of existing downloads: the zip of CelebA, the archive of CIFAR-10 or its unpacked "
        "folder, or the folder of the files of MNIST, Fashion-MNIST or LSUN"
    )
    md5: str = field(
        "Checksum of the zip of CelebA at `raw`, if it is not the official zip",
        accepts="32 hexadecimal digits",
        pattern="^[0-9a-fA-F]{32}$",
    )
    release: Literal["parquet", "lmdb"] = field(
        "Files of LSUN to download, without `raw`: parquet, a public sample of 4.8 GB, or lmdb, "
        "the original of 42.8 GB",
        "parquet",
    )
    splits: Literal["first_n", "official", "sample"] = field(
        "Choice of the images: first_n, the first for training and the next for the test; "
        "official, the partition of CelebA; sample, a random choice from LSUN",
        "first_n",
    )
    crop: Integer = field(
        "Side of the centred window that is resized to N, in pixels; by default the largest square",
        ge=1,
    )
    max_pixels: Integer = field(
        "Largest number of pixels of an image before it is reduced, 100 million by default; an "
        "image with more cannot be read",
        ge=1,
    )
    full_scale: Number = field(
        "Value that becomes 255, in 16-bit grey images and in arrays: 4095 for a camera of 12 "
        "bits; by default 65535 for 16 bits, 255 for 8 bits and 1 for floats",
        gt=0,
    )
    on_error: Literal["stop", "skip"] = field(
        "Reaction to an image that cannot be read: stop the run, or skip the image", "stop"
    )
    polygon: Polygon = field("Drawing of the polygons", Polygon)
    seed: Seed = 0

    @classmethod
    def omissions(cls, settings: dict, own: dict) -> Iterator[str]:
        """Yield keys that the source lacks, and keys that are not for it."""
        source = settings.get("source")
        required = SOURCES[source].required if source else ()
        for name in (*ALWAYS, *required):
            if name not in settings:
                yield f"lacks {name}, which has no default; add it."
        if source in sources("splits") and settings["splits"] not in SOURCES[source].splits:
            allowed = " or ".join(SOURCES[source].splits)
            yield f"must have splits: {allowed}, for {source}: got {settings['splits']}."
        if "md5" in own and "raw" not in settings:
            yield "must say md5 only of a zip at raw: found no raw; remove md5, or add raw."
        background, channels = settings["polygon"]["background"], settings["channels"]
        if source == "polygons" and background != "random" and len(background) != channels:
            yield (
                f"must give polygon.background {channels} values, one for each channel: "
                f"got [{', '.join(f'{value:g}' for value in background)}]."
            )
        for name in own:
            if sources(name) and source not in sources(name):
                yield (
                    f"must not say {name}, which is for {', '.join(sources(name))}: "
                    f"its source is {source}; remove it."
                )
