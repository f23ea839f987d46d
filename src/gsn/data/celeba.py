"""CelebA: 202,599 aligned faces, 178 pixels wide and 218 high, read from the official zip.

References:
    Z. Liu, P. Luo, X. Wang & X. Tang, Deep learning face attributes in the wild, ICCV 2015.
"""

import errno
import functools
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gsn.data import pixels, splits
from gsn.data.files import File, verify
from gsn.data.items import Item, Source, Unreadable

TERMS = (
    "CelebA is for non-commercial research only; its images may not be published or passed on, "
    "whole or in part. The terms: https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
)
FILES = {
    "img_align_celeba.zip": File(
        "celeba/img_align_celeba.zip",
        md5="00d2c5bc6d35e252742224ab0c1e8fcb",
        urls=("https://s3-us-west-1.amazonaws.com/udacity-dlnfd/datasets/celeba.zip",),
        drive="0B7EVK8r0v71pZjFTYXZWM3FlRnM",
        size=1_443_490_838,
    ),
    "list_eval_partition.txt": File(
        "celeba/list_eval_partition.txt",
        md5="d32c9cbf5e040fd4025c592c306e6668",
        drive="0B7EVK8r0v71pY0NSMzRuSXJEVkk",
    ),
}
# What reading a damaged member raises, by its method of compression.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
PARTITION = {"train": "0", "test": "2"}  # in the official list; 1 marks the validation images


def read(
    files: dict[str, Path], split: str, *, md5: str | None = None, **settings: int | None
) -> Source:
    """Verify the files and return the faces of a split.

    Args:
        files: Paths of the `archive` and, for the official splits, of the `partition`.
        split: `train` or `test`.
        md5: Checksum of the archive, in hexadecimal digits, if it is not the official archive. The
            partition is then not verified.
        settings: Other keywords of `items`.

    Returns:
        The faces. Iterating over them raises the errors of `items`.

    Raises:
        ValueError: A file has the wrong checksum.
    """
    official, partition = FILES["img_align_celeba.zip"], files.get("partition")
    wanted = replace(official, md5=md5.lower()) if md5 else official
    verify(wanted, files["archive"], hint="; or give its checksum as md5: in the configuration")
    if partition and not md5:
        verify(FILES["list_eval_partition.txt"], partition)
    faces = items(files["archive"], split, partition=partition, **settings)
    return Source(faces, attrs={"source": "celeba", "terms": TERMS})


def items(
    archive: Path,
    split: str,
    *,
    train: int,
    test: int,
    partition: Path | None = None,
    **square: int | None,
) -> Iterator[Item]:
    """Yield the faces of a split, in the order of their numbers.

    Memory holds the names of all faces. Pixels are read when an item is loaded.

    Args:
        archive: Path of the zip of JPEGs.
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        partition: Path of the official list, which assigns each face to a split. Without it the
            splits are the first `train` faces and the `test` faces that follow them, the paper's
            choice.
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.

    Raises:
        ValueError: The archive is not a zip, the partition is not the official list, or the split
            has too few images.
    """
    try:
        faces = zipfile.ZipFile(archive)
    except DAMAGE as error:
        if getattr(error, "filename", None):  # it is missing, or must not be read
            raise
        raise ValueError(
            f"{archive} must be a zip: {error}; remove it, or give another."
        ) from error
    members = [
        name
        for name in faces.namelist()
        if name.lower().endswith(".jpg") and _number(name)[0] != "."
    ]
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
        raise ValueError(
            f"{partition} must hold lines such as '000001.jpg 0': it does not; fetch it again."
        )
    parts = dict(lines)
    chosen = [name for name in members if parts.get(_number(name)) == PARTITION[split]]
    if n > len(chosen):
        raise ValueError(
            f"{split} must be at most {len(chosen)}, the official {split} images: got {n}; "
            "ask for fewer."
        )
    return chosen[:n]


def _read(faces: zipfile.ZipFile, name: str, **square: int | None):
    pixels.check_bytes(faces.getinfo(name).file_size, square.get("max_pixels"))
    try:
        data = faces.read(name)
    except DAMAGE as error:
        # Other numbers are of the machine; a damaged archive may lead to a place before its start.
        if getattr(error, "errno", None) not in (None, errno.EINVAL):
            raise
        raise Unreadable(str(error)) from error
    return pixels.square(data, **square)
