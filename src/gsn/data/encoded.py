"""Encoded images in an LMDB or in parquet files, read one by one, or why one cannot be read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import lmdb
import numpy as np
import pyarrow.parquet

# From increasing places, and the largest size in bytes, to names and images. Text in place of an
# image is why there is none.
Reader = Callable[[np.ndarray, int], Iterator[tuple[str, bytes | str]]]


def open_folder(folder: Path) -> tuple[int, Reader]:
    """Return the number of images in a folder, and a function that reads some of them.

    Args:
        folder: Path of the folder of the `data.mdb` of an LMDB, or of parquet files.

    Raises:
        FileNotFoundError: The folder has neither.
        ValueError: A file is damaged, or holds no encoded images.
    """
    return (_lmdb if (folder / "data.mdb").is_file() else _parquet)(folder)


def _lmdb(folder: Path) -> tuple[int, Reader]:
    """Return the number of images in an LMDB, and a function that reads some of them."""
    size = (folder / "data.mdb").stat().st_size
    try:
        bedrooms = lmdb.open(str(folder), readonly=True, lock=False, readahead=False)
        whole = (bedrooms.info()["last_pgno"] + 1) * bedrooms.stat()["psize"]
    except lmdb.Error as error:
        raise ValueError(f"{folder}/data.mdb must be an LMDB: {error}; unpack it again.") from error
    if size < whole:  # a read past the end of the file kills the process
        raise ValueError(f"{folder}/data.mdb must have {whole} bytes: got {size}; unpack it again.")

    def read(places: np.ndarray, most: int) -> Iterator[tuple[str, bytes | str]]:
        wanted, i = iter(places), -1
        place = next(wanted, None)
        try:
            # buffers, so that a value is copied only if its size is right
            with bedrooms.begin(buffers=True) as transaction, transaction.cursor() as cursor:
                for i, key in enumerate(cursor.iternext(keys=True, values=False)):
                    if i == place:
                        name = bytes(key).decode(errors="backslashreplace")
                        yield name, _value(cursor.value(), most)
                        place = next(wanted, None)
                    if place is None:
                        return
        except lmdb.Error as error:
            raise ValueError(
                f"{folder}/data.mdb must be a whole LMDB: its row {i + 1} gives {error}; "
                "unpack it again."
            ) from error
        raise ValueError(
            f"{folder}/data.mdb must have {bedrooms.stat()['entries']} rows: found {i + 1}; "
            "unpack it again."
        )

    return bedrooms.stat()["entries"], read


def _parquet(folder: Path) -> tuple[int, Reader]:
    """Return the number of images in parquet files, and a function that reads some of them.

    The files are read in alphabetical order. If some are named `train-*`, only these count.
    """
    found = sorted(path for path in folder.rglob("*.parquet") if path.is_file())
    paths = [path for path in found if path.name.startswith("train-")] or found
    if not paths:
        raise FileNotFoundError(
            f"{folder} must hold data.mdb or parquet files: found neither; correct `raw`."
        )
    files = [_parquet_file(path) for path in paths]
    ends = np.cumsum([file.metadata.num_rows for file in files])

    def read(places: np.ndarray, most: int) -> Iterator[tuple[str, bytes | str]]:
        for path, file, end in zip(paths, files, ends, strict=True):
            start = end - file.metadata.num_rows
            inside = set((places[(places >= start) & (places < end)] - start).tolist())
            if not inside:
                continue
            for i, row in enumerate(_cells(path, file, most)):
                if i in inside:
                    if isinstance(row, pyarrow.StructScalar) and row.is_valid:
                        row = row["bytes"]
                    yield (
                        f"{path.name} row {i}",
                        _value(row.as_buffer() if row.is_valid else None, most),
                    )
                if i == max(inside):
                    break

    return int(ends[-1]), read


def _cells(path: Path, file: pyarrow.parquet.ParquetFile, most: int) -> Iterator[pyarrow.Scalar]:
    """Yield the cells of the images of a parquet file."""
    i, groups = 0, file.metadata
    try:
        for group in (groups.row_group(k) for k in range(groups.num_row_groups)):
            _check_size(path, group, most)
        # One by one: a value that is stored once may be that of every row.
        for batch in file.iter_batches(1, columns=["image"]):
            yield batch.column("image")[0]
            i += 1
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise ValueError(
            f"{path} must be a whole parquet file: the rows after {i} give {said}; fetch it again."
        ) from error


def _check_size(path: Path, group: pyarrow.parquet.RowGroupMetaData, most: int) -> None:
    """Refuse a group of rows whose images are too large on average."""
    size = sum(
        group.column(k).total_uncompressed_size
        for k in range(group.num_columns)
        if group.column(k).path_in_schema.split(".")[0] == "image"
    )
    if size > most * max(1, group.num_rows):
        raise ValueError(
            f"{path} must hold images of at most {most} bytes: found {size} bytes in "
            f"{group.num_rows} rows; or set max_pixels."
        )


def _parquet_file(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        # a buffer, so that not a whole group of rows is read at once
        file = pyarrow.parquet.ParquetFile(path, buffer_size=2**20)
        names = file.schema_arrow.names
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} must be a whole parquet file: {error}; fetch it again."
        ) from error
    if "image" not in names:
        raise ValueError(f"{path} must have the column image: found {', '.join(names)}.")
    kind = file.schema_arrow.field("image").type
    if pyarrow.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    if not (pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind)):
        raise ValueError(
            f"{path} must have encoded images, as bytes, in the column image: found {kind}; "
            "store the files themselves."
        )
    return file


def _value(data: object, most: int) -> bytes | str:
    """Return the bytes of an image, or why there are none."""
    if data is None:
        return "it is null"
    if not isinstance(data, bytes | memoryview | pyarrow.Buffer):
        return f"it must be bytes: got {type(data).__name__}"
    size = data.size if isinstance(data, pyarrow.Buffer) else len(data)
    if size > most:
        return f"it must have at most {most} bytes: got {size}; or set max_pixels"
    return bytes(data)
