"""Files of the data sets: their place in `data/`, their mirrors, their checksums."""

import contextlib
import fcntl
import gzip
import hashlib
import logging
import math
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gsn.runtime import files, log, progress

logger = logging.getLogger(__name__)

DRIVE = "https://drive.google.com/uc?id="


@dataclass(frozen=True)
class File:
    """A file of a data set.

    Attributes:
        name: Path of the file below `data/`: source/file name.
        md5: Checksum of the file, in lower-case hexadecimal digits.
        urls: Addresses of the file, in the order in which they are tried.
        drive: Identifier of the file at Google Drive, which is tried last.
        unpacked_md5: Checksum of the contents of a .gz. It accepts a copy that was compressed
            differently.
        size: Number of bytes, of which the user is told before a download; 0 if it is small.
    """

    name: str
    md5: str
    urls: tuple[str, ...] = ()
    drive: str | None = None
    unpacked_md5: str | None = None
    size: int = 0

    def mirrors(self) -> list[str]:
        """Return the addresses of the file, in the order in which they are tried.

        Raises:
            ValueError: The environment variable GSN_MIRROR is not an address.
        """
        if mirror := os.environ.get("GSN_MIRROR"):
            if any(map(str.isspace, mirror)):  # not shown, since it may have a password
                raise ValueError("GSN_MIRROR must have no spaces; write %20 for each.")
            if not mirror.startswith(("http://", "https://")):
                raise ValueError(
                    f"GSN_MIRROR must begin with http:// or https://: got {public(mirror)}."
                )
            return [f"{mirror.rstrip('/')}/{self.name}"]
        return [*self.urls, *([f"{DRIVE}{self.drive}"] if self.drive else [])]


def public(text: str) -> str:
    """Return a text without the passwords and keys in its addresses.

    Example:
        >>> public("no answer from http://me:secret@host/file?key=1")
        'no answer from http://host/file?...'
    """
    # An @ behind a ? is of a password or of a key: the whole address is left out.
    text = re.sub(r"(\w+://)?\S*\?\S*@\S*", r"\1...", text)
    return re.sub(r"\?(?!id=)\S+", "?...", re.sub(r"(\w+://)?\S*@", r"\1", text))


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file to be downloaded while the block runs; wait for another process that holds it.

    The lock ends with the process, however that ends.
    """
    lock, handle = path.with_name(f".{path.name}.lock"), None
    try:
        while handle is None:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT)
            _wait(handle, path)
            # The process before this one has deleted the file; another may hold a new one.
            if not lock.exists() or os.stat(lock).st_ino != os.fstat(handle).st_ino:
                os.close(handle)
                handle = None
    except OSError as error:  # a folder without the right to write, or without locks
        logger.warning("%s cannot be locked: %s", path, error)
    try:
        yield
    finally:
        if handle is not None:
            lock.unlink(missing_ok=True)
            os.close(handle)


def _wait(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.announce(f"another run fetches {path}: waiting for it")
        fcntl.flock(handle, fcntl.LOCK_EX)


def verify(file: File, path: Path, hint: str = "") -> None:
    """Verify the checksum of an existing file.

    Makes one pass over the file, or two if it was compressed differently. Memory holds 4 MB of it.

    Args:
        file: Description of the expected file.
        path: Path of the existing file.
        hint: Alternative remedy, which is appended to the error message.

    Raises:
        ValueError: The file has the wrong checksum.
    """
    try:
        compare(file, path)
    except ValueError as error:
        raise ValueError(
            f"{path} must be the expected {Path(file.name).name}: {error}; replace it{hint}."
        ) from None


def compare(file: File, path: Path) -> None:
    """Raise a ValueError that reports both checksums if a file has the wrong one."""
    if not path.is_file():  # reading a pipe would wait forever
        raise ValueError("it is no regular file")
    size = path.stat().st_size
    with open(path, "rb") as packed:
        found = _md5(packed, size)
    if found in (file.md5, file.unpacked_md5):
        return
    if file.unpacked_md5:
        with contextlib.suppress(OSError, EOFError, zlib.error), gzip.open(path) as unpacked:
            if _md5(unpacked, most=_most(size)) == file.unpacked_md5:
                return
    raise ValueError(f"its md5 is {found} and not {file.md5}")


def unwrap(file: File, path: Path) -> None:
    """Take the gzip off a file that a server compressed on the way, if the right bytes are in it.

    The bytes are verified before they are written, so that a small file cannot fill the disk.
    """
    right = False
    with contextlib.suppress(OSError, EOFError, zlib.error), gzip.open(path) as inside:
        right = _md5(inside, most=_most(path.stat().st_size)) == file.md5
    if not right:
        return
    with (
        gzip.open(path) as inside,
        files.whole_file(path) as partial,
        open(partial, "wb") as target,
    ):
        shutil.copyfileobj(inside, target)


def _most(packed: int) -> int:
    """Return the largest number of bytes that is read from a .gz of a size: more is a bomb."""
    return max(2**30, 20 * packed)


def _md5(file: BinaryIO, total: int = 0, most: float = math.inf) -> str | None:
    """Return the MD5 checksum of a file, or None if it has more bytes than `most`.

    Shows progress if `total`, the number of its bytes, exceeds 1 GB.
    """
    bar = progress.Progress(total=total, unit="B", label="md5") if total > 2**30 else None
    known, read = hashlib.md5(usedforsecurity=False), 0
    while block := file.read(2**22):
        known.update(block)
        read += len(block)
        if read > most:
            return None
        if bar:
            bar.update(len(block))
    if bar:
        bar.close()
    return known.hexdigest()
