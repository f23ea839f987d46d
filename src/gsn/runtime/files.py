"""Files that appear whole or not at all, tables, and checksums of files."""

import csv
import errno
import fcntl
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)  # what the system reports for a full disk


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to, which is renamed to `path` if the block succeeds, else deleted."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.writing{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def exclusive(folder: str | Path) -> Iterator[None]:
    """Hold a folder while the block runs, where the file system has locks.

    No other process can hold it meanwhile. The lock ends with the process, however that ends, and
    leaves no file.

    Raises:
        ValueError: Another process holds the folder.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(
                f"{folder} must be used by one process: another one writes there; wait for it, or "
                "stop it."
            ) from error
        except OSError as error:  # a file system without locks
            log.warning("%s cannot be locked: %s", folder, error)
        yield
    finally:
        os.close(handle)


def write_csv(path: str | Path, header: Iterable[str], rows: Iterable[Iterable]) -> None:
    """Write a table whole, in UTF-8; file names that are not valid UTF-8 keep their bytes."""
    with (
        whole_file(path) as partial,
        open(partial, "w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """Read a table that `write_csv` wrote: one mapping a row, from column to text."""
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def digest(paths: Iterable[str | Path]) -> str:
    """Return a checksum of the bytes of some files, in the order given."""
    total = hashlib.blake2b(digest_size=16)
    for path in paths:
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "blake2b").digest())
    return total.hexdigest()
