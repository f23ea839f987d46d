"""Files that appear whole or not at all, tables, and checksums of files."""

import csv
import errno
import fcntl
import hashlib
import logging
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)  # what the system reports for a full disk
MARGIN = 2**20  # bytes; with fewer left, a failure to write is one of the disk


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to, which is renamed to `path` if the block succeeds, else deleted.

    The name belongs to this process alone, so that two writers of one file do not meet. The partial
    file of a killed process is deleted.

    Raises:
        OSError: The disk is full, whatever the writer in the block raised.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _delete_abandoned(path)
    start, end = _partial(path)
    partial = path.with_name(f"{start}{os.getpid()}{end}")
    try:
        yield partial
        rename(partial, path)
    except Exception as error:
        if getattr(error, "errno", None) in FULL or shutil.disk_usage(path.parent).free > MARGIN:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
    finally:
        partial.unlink(missing_ok=True)


def rename(partial: Path, path: Path) -> None:
    """Give a file its final name, once its bytes are on the disk; replace an older file."""
    flush(partial)
    os.replace(partial, path)
    flush(path.parent)


def flush(*paths: str | Path) -> None:
    """Write files or folders through to the disk, so that they survive a power cut."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:  # some network file systems do not flush folders
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(handle)


def _partial(path: Path) -> tuple[str, str]:
    """Return the name of a partial file, before and behind the number of its process."""
    return f".{path.name}.{socket.gethostname()}-", f".writing{path.suffix}"


def _delete_abandoned(path: Path) -> None:
    """Delete the partial files of a file whose processes, on this machine, no longer exist."""
    start, end = _partial(path)
    for name in os.listdir(path.parent):
        number = name.removeprefix(start).removesuffix(end)
        if name == f"{start}{number}{end}" and number.isdecimal() and not _alive(int(number)):
            Path(path.parent, name).unlink(missing_ok=True)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return True


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
        plain = csv.writer(file, lineterminator="\n")
        quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in map(list, [header, *rows]):
            # Unquoted, a carriage return in a file name would end the row.
            returns = any("\r" in cell for cell in row if isinstance(cell, str))
            (quoted if returns else plain).writerow(row)


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """Read a table that `write_csv` wrote: one mapping a row, from column to text.

    Raises:
        ValueError: The table has no row, or a row has more or fewer cells than the header.
    """
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"{path} must be a table: it has no rows; {remedy(path)}.")
    for line, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise ValueError(
                f"each row of {path} must have as many cells as the header: row {line} does not; "
                f"{remedy(path)}."
            )
    return rows


def remedy(target: str | Path) -> str:
    """Return what to do about a lost or damaged file of the workflow: the command that makes it."""
    return f"make it again with `snakemake --cores all --force {os.fspath(target)}`"


def digest(paths: Iterable[str | Path]) -> str:
    """Return a checksum of the bytes of some files, in the order given."""
    total = hashlib.blake2b(digest_size=16)
    for path in paths:
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "blake2b").digest())
    return total.hexdigest()
