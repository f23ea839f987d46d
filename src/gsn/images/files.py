"""The files of the data sets: where they belong, where they may be found, and what their bytes are."""

import contextlib
import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gsn import runtime

DRIVE = "https://drive.google.com/uc?id="


@dataclass(frozen=True)
class File:
    """A file to fetch: where it belongs in `data/`, where it may be found, and what its bytes are."""

    name: str  # source/file name
    md5: str
    urls: tuple[str, ...] = ()
    drive: str | None = None  # its id at Google Drive, tried last
    unpacked_md5: str | None = None  # of what a .gz holds, however it was compressed

    def mirrors(self) -> list[str]:
        """The addresses to try, in order."""
        if mirror := os.environ.get("GSN_MIRROR"):
            if not mirror.startswith(("http://", "https://")):
                raise ValueError(f"GSN_MIRROR must begin with http:// or https://: got {mirror}.")
            return [f"{mirror.rstrip('/')}/{self.name}"]
        return [*self.urls, *([f"{DRIVE}{self.drive}"] if self.drive else [])]


def verify(file: File, path: Path, hint: str = "") -> None:
    """Compare a file that is there with what it has to be; the hint is for another remedy than to give that file.

    Raises:
        ValueError: if it is another one.
    """
    try:
        compare(file, path)
    except ValueError as error:
        raise ValueError(
            f"{path} must be the {Path(file.name).name} that is known: {error}; give that{hint}."
        ) from None


def compare(file: File, path: Path) -> None:
    """Raise ValueError if the bytes of a file are not those that are known."""
    with open(path, "rb") as packed:
        found = _md5(packed, path.stat().st_size)
    if found == file.md5:
        return
    if file.unpacked_md5:
        with contextlib.suppress(OSError, EOFError), gzip.open(path) as unpacked:
            if _md5(unpacked) == file.unpacked_md5:
                return
    raise ValueError(f"its md5 is {found} and not {file.md5}")


def _md5(file: BinaryIO, total: int = 0) -> str:
    """The md5 of a file, with progress if there is much of it."""
    bar = runtime.Progress(total=total, unit="B", label="md5") if total > 2**30 else None
    known = hashlib.md5(usedforsecurity=False)
    while block := file.read(2**22):
        known.update(block)
        if bar:
            bar.update(len(block))
    if bar:
        bar.close()
    return known.hexdigest()
