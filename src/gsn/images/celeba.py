"""CelebA: 202,599 aligned faces of 178 x 218 (Liu et al. 2015), read from the zip as it is."""

import functools
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from gsn.images import Item, Unreadable, pixels, splits
from gsn.images.files import File

TERMS = (
    "CelebA is for non-commercial research only; its images may not be published or passed on, whole or in part. "
    "The terms: https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
)
FILES = {
    "img_align_celeba.zip": File(
        "celeba/img_align_celeba.zip",
        md5="00d2c5bc6d35e252742224ab0c1e8fcb",
        urls=("https://s3-us-west-1.amazonaws.com/udacity-dlnfd/datasets/celeba.zip",),
        drive="0B7EVK8r0v71pZjFTYXZWM3FlRnM",
    ),
    "list_eval_partition.txt": File(
        "celeba/list_eval_partition.txt",
        md5="d32c9cbf5e040fd4025c592c306e6668",
        drive="0B7EVK8r0v71pY0NSMzRuSXJEVkk",
    ),
}
PARTITION = {"train": "0", "test": "2"}  # of the official list; 1 is for validation


def items(
    archive: Path, split: str, *, train: int, test: int, partition: Path | None = None, **square: int | None
) -> Iterator[Item]:
    """The faces of a split, by their numbers.

    Args:
        archive: the zip of JPEGs.
        split: `train` or `test`.
        train, test: how many of each.
        partition: the official list, to take each split from its own part; without it, the paper's choice: the
            first `train`, then the next `test`.
        square: N, channels and crop, for `pixels.square`.

    Raises:
        ValueError: if it is no zip, or has too few images, or none that the list names.
    """
    try:
        faces = zipfile.ZipFile(archive)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} must be a zip: {error}; remove it, or give another.") from error
    members = [name for name in faces.namelist() if name.lower().endswith(".jpg") and _number(name)[0] != "."]
    members.sort(key=_number)
    n = {"train": train, "test": test}[split]
    if partition is None:
        chosen: Sequence[str] = [members[i] for i in splits.first(split, train, test, len(members))]
    else:
        chosen = _official(members, split, n, partition)
    for name in chosen:
        yield Item(f"{archive}/{name}", functools.partial(_read, faces, name, **square))


def _number(member: str) -> str:
    return PurePosixPath(member).name


def _official(members: list[str], split: str, n: int, partition: Path) -> list[str]:
    lines = [line.split() for line in partition.read_text().splitlines() if line.strip()]
    if any(len(line) != 2 for line in lines):
        raise ValueError(f"{partition} must hold lines such as '000001.jpg 0': it does not; fetch it again.")
    parts = dict(lines)
    chosen = [name for name in members if parts.get(_number(name)) == PARTITION[split]]
    if n > len(chosen):
        raise ValueError(f"{split} must be at most {len(chosen)}, the official {split} images: got {n}; ask for fewer.")
    return chosen[:n]


def _read(faces: zipfile.ZipFile, name: str, **square: int | None):
    try:
        data = faces.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
    return pixels.square(data, **square)
