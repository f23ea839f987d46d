"""Arrays of stores, read with every absence and every damage named.

zarr reads a missing chunk as the fill value. A lost file would pass as black images, or as zeros.
"""

import math
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import zarr

from gsn.runtime import files, shards

# Attribute of a store: names of the arrays whose shards a workflow writes one by one, each a file
# that it tracks. The other arrays are made with the store.
SHARDWISE = "written_by_shard"


class Array:
    """An array of a store, which is read when it is indexed.

    Args:
        path: Path of the store, as the workflow names it.
        name: Name of the array.

    Attributes:
        shape, dtype, ndim: As of a numpy array.
        chunks, shards: Shape of a chunk and of a shard; `shards` is None for an array in one file.
        attrs: Attributes.
        dims: Names of the axes.

    Raises:
        FileNotFoundError: The store or the array does not exist. Indexing raises it if a file that
            holds some of the rows is missing.
        ValueError: The metadata are damaged. Indexing raises it if a file that holds some of the
            rows is empty, incomplete or damaged.
    """

    def __init__(self, path: str | Path, name: str):
        self.path, self.name = Path(path), name
        opened = group(path)
        try:
            _check_regular(Path(path, name, "zarr.json"))
            self._array = opened[name]
        except KeyError as error:
            raise FileNotFoundError(_absent(path, f"a zarr array {name!r}")) from error
        self._alone = name in opened.attrs.get(SHARDWISE, ())
        self._place = Path(path).absolute()  # a worker may run in another folder
        self._whole: set[int] = set()  # shards whose index lists all of their chunks
        self.shape, self.dtype, self.ndim = (
            getattr(self._array, key) for key in ("shape", "dtype", "ndim")
        )
        self.chunks, self.shards = self._array.chunks, self._array.shards
        self.attrs, self.dims = dict(self._array.attrs), self._array.metadata.dimension_names
        self._rows = (self.shards or self.chunks or (1,))[0]  # in a file

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int | slice | np.ndarray | tuple) -> np.ndarray:
        touched = self._files(index)
        for i in touched:
            self._check(i)
        try:
            return self._array[index]
        except PermissionError:
            raise
        except Exception as error:  # checksums, blosc and zarr raise many kinds
            self._name_the_damaged(touched, error)
            raise

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[...], dtype=dtype)

    def check_all(self) -> None:
        """Check that every file exists and is complete, without decoding its chunks."""
        for i in self._files(...):
            self._check(i)

    def _check(self, i: int) -> None:
        """Check that file i exists and lists all of its chunks."""
        file = self._file(i)
        try:
            size = file.stat().st_size
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileNotFoundError(
                f"{self._shown(i)} must exist: it is missing on {socket.gethostname()}; "
                f"{self._remedy(i)}."
            ) from error
        if not size:
            raise ValueError(self._fault(i, "it is empty"))
        if self.shards is None or i in self._whole:
            return
        if what := self._fault_of_index(file, i):
            raise ValueError(self._fault(i, what))
        self._whole.add(i)

    def _fault_of_index(self, file: Path, i: int) -> str | None:
        """Return what is wrong with the stamp and the index at the end of shard i, if anything."""
        stamp, size = shards.stamp(self._array, i), 16 * (self.shards[0] // self.chunks[0])
        with open(file, "rb") as opened:
            opened.seek(max(0, file.stat().st_size - len(stamp) - size - shards.CHECKSUM))
            tail = opened.read()
        index = tail[-size - shards.CHECKSUM : -shards.CHECKSUM]
        if len(index) < size:
            return "it is incomplete"
        if shards.checksum(index) != tail[-shards.CHECKSUM :]:
            return "it is damaged"
        rows = min(self.shards[0], self.shape[0] - i * self.shards[0])
        found = np.frombuffer(index, dtype="<u8").reshape(-1, 2)
        if (found[: math.ceil(rows / self.chunks[0])] == shards.ABSENT).any():
            return "it is incomplete"
        return None if tail.startswith(stamp) else "it is of another run"

    def _files(self, index: int | slice | np.ndarray | tuple) -> Sequence[int]:
        """Return the numbers of the files that hold the rows of an index.

        Metadata may promise any number of rows: they are counted, not listed.
        """
        first = index[0] if isinstance(index, tuple) and index else index
        if not self.ndim:
            return [0]
        n = self.shape[0]
        if first is Ellipsis or isinstance(first, tuple):
            first = slice(None)
        if isinstance(first, slice):
            rows = range(n)[first]
            ends = sorted((rows[0], rows[-1])) if rows else (0, -1)
            return range(ends[0] // self._rows, ends[1] // self._rows + 1)
        return np.unique(np.arange(n)[first] // self._rows).tolist()

    def _name_the_damaged(self, touched: Sequence[int], error: Exception) -> None:
        """Raise an error that names the first file that cannot be read, if there is one."""
        for i in touched:
            part = slice(i * self._rows, (i + 1) * self._rows) if self.ndim else ()
            try:
                _ = self._array[part]
            except Exception:
                raise ValueError(self._fault(i, "it is damaged")) from error

    def _file(self, i: int) -> Path:
        return shards.shard_path(self._place, self.name, i, self.ndim)

    def _shown(self, i: int) -> Path:
        return shards.shard_path(self.path, self.name, i, self.ndim)

    def _fault(self, i: int, what: str) -> str:
        return f"{self._shown(i)} must be as it was written: {what}; {self._remedy(i)}."

    def _remedy(self, i: int) -> str:
        """Return the command that makes file i: alone, or with its store."""
        return files.remedy(self._shown(i) if self._alone else self.path / "zarr.json")


def group(path: str | Path) -> zarr.Group:
    """Return the group of a store.

    Raises:
        FileNotFoundError: The store does not exist.
        ValueError: Its metadata are damaged.
    """
    metadata = Path(path, "zarr.json")
    try:
        _check_regular(metadata)
        # The former format may name pickles, which run what they hold.
        opened = zarr.open_group(path, mode="r", zarr_format=3)
        _ = opened.attrs["gsn_version"]  # which every store has
        return opened
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(_absent(path, "a zarr store")) from error
    except PermissionError:
        raise
    except Exception as error:  # of the parser, and of zarr, many kinds
        raise ValueError(
            f"{metadata} must be as it was written: it is damaged; {files.remedy(metadata)}."
        ) from error


def _check_regular(metadata: Path) -> None:
    """Refuse metadata that are a pipe or a device: reading them would wait forever."""
    if metadata.exists() and not metadata.is_file():
        raise ValueError(
            f"{metadata} must be a regular file: found another; {files.remedy(metadata)}."
        )


def blocks(array: Array) -> Iterator[np.ndarray]:
    """Yield the rows of an array in blocks of whole chunks, in order."""
    step = array.chunks[0]
    return (array[start : start + step] for start in range(0, array.shape[0], step))


def rows(array: Array, chosen: np.ndarray) -> np.ndarray:
    """Return the rows of an array at given places, in increasing order; decode each chunk once."""
    step = array.chunks[0]
    chunk = chosen // step
    parts = [array[k * step : (k + 1) * step][chosen[chunk == k] % step] for k in np.unique(chunk)]
    return np.concatenate(parts)


def _absent(path: str | Path, what: str) -> str:
    return f"{path} must hold {what}: found none; {files.remedy(Path(path, 'zarr.json'))}."
