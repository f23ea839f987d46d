"""LSUN bedrooms (Yu et al. 2015): 3,033,042 images in an LMDB, or 287,968 of them in parquet files.

The LMDB is the original, 42.8 GB; the parquet files are a public sample of it, 4.8 GB, which holds enough for the
paper's split. Their values are encoded images, most of them WebP or JPEG, with a short side of 256.
"""

import functools
import hashlib
import logging
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import lmdb
import numpy as np
import pyarrow.parquet

from gsn import runtime
from gsn.images import Item, pixels, splits
from gsn.images.files import File

log = logging.getLogger(__name__)

FILES = {
    "bedroom_train_lmdb.zip": File(
        "lsun/bedroom_train_lmdb.zip",
        md5="f2c5d904a82a6295dbdccb322b4b0a99",
        urls=("http://dl.yf.io/lsun/scenes/bedroom_train_lmdb.zip",),
    )
}
SAMPLE = {"repo_id": "pcuenq/lsun-bedrooms", "repo_type": "dataset"}  # at Hugging Face
REVISION = "1acf5c322e8f1e3e440adf7130d697a677110119"
Reader = Callable[[np.ndarray], Iterator[tuple[str, bytes]]]  # of rising places: names and encoded images
BATCH = 256  # encoded images read from a parquet file at once


def items(
    folder: Path, split: str, *, train: int, test: int, seed: int | None = None, **square: int | None
) -> Iterator[Item]:
    """The bedrooms of a split, in the order of the keys (LMDB) or of the files (parquet).

    Args:
        folder: with the `data.mdb` of an LMDB, or with parquet files.
        split: `train` or `test`.
        train, test: how many of each.
        seed: to draw them from all images; without it, the first `train`, then the next `test`.
        square: N, channels and crop, for `pixels.square`.

    Raises:
        FileNotFoundError: if the folder holds neither.
        ValueError: if it holds fewer images than asked for.
    """
    total, read = (_lmdb if (folder / "data.mdb").exists() else _parquet)(folder)
    sizes = (split, train, test, total)
    chosen = splits.first(*sizes) if seed is None else splits.drawn(*sizes, seed)
    for name, data in read(np.asarray(chosen)):
        yield Item(f"{folder}/{name}", functools.partial(pixels.square, data, **square))


def _lmdb(folder: Path) -> tuple[int, Reader]:
    """The number of images, and a function that reads those at some places."""
    size = (folder / "data.mdb").stat().st_size
    try:
        bedrooms = lmdb.open(str(folder), readonly=True, lock=False, readahead=False)
        whole = (bedrooms.info()["last_pgno"] + 1) * bedrooms.stat()["psize"]
    except lmdb.Error as error:
        raise ValueError(f"{folder}/data.mdb must be an LMDB: {error}; unpack it again.") from error
    if size < whole:  # to read behind its end would be the end of the process
        raise ValueError(f"{folder}/data.mdb must have {whole} bytes: got {size}; unpack it again.")

    def read(places: np.ndarray) -> Iterator[tuple[str, bytes]]:
        wanted = iter(places)
        place = next(wanted, None)
        with bedrooms.begin() as transaction, transaction.cursor() as cursor:
            for i, key in enumerate(cursor.iternext(keys=True, values=False)):
                if i == place:
                    yield key.decode(), cursor.value()
                    place = next(wanted, None)
                if place is None:
                    return

    return bedrooms.stat()["entries"], read


def _parquet(folder: Path) -> tuple[int, Reader]:
    """The same of parquet files: those of a training split, if they are told apart by name, in alphabetical order."""
    paths = sorted(folder.rglob("train-*.parquet")) or sorted(folder.rglob("*.parquet"))
    if not paths:
        raise FileNotFoundError(f"{folder} must hold data.mdb or parquet files: found neither; mend `raw`.")
    files = [_parquet_file(path) for path in paths]
    ends = np.cumsum([file.metadata.num_rows for file in files])

    def read(places: np.ndarray) -> Iterator[tuple[str, bytes]]:
        for path, file, end in zip(paths, files, ends, strict=True):
            start = end - file.metadata.num_rows
            inside = set((places[(places >= start) & (places < end)] - start).tolist())
            i = 0
            for batch in file.iter_batches(BATCH, columns=["image"]) if inside else ():
                for row in batch.column("image"):
                    if i in inside:
                        value = row.as_py()
                        yield f"{path.name} row {i}", value["bytes"] if isinstance(value, dict) else value
                    i += 1
                if i > max(inside):
                    break

    return int(ends[-1]), read


def _parquet_file(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        file = pyarrow.parquet.ParquetFile(path, buffer_size=2**20)  # and not a whole group of rows at once
    except pyarrow.ArrowException as error:
        raise ValueError(f"{path} must be a whole parquet file: {error}; fetch it again.") from error
    if "image" not in file.schema_arrow.names:
        raise ValueError(f"{path} must have the column image: found {', '.join(file.schema_arrow.names)}.")
    return file


def fetch_sample(folder: Path) -> list[str]:
    """Fetch the parquet files of the training split at REVISION, resumed, and compare their sha256.

    Returns:
        The paths of the files below the folder.

    Raises:
        ConnectionError: if they cannot be had.
        ValueError: if a file is not what its list says.
    """
    import huggingface_hub as hub  # here, because it is slow to import and seldom needed
    import huggingface_hub.utils

    if not sys.stderr.isatty():
        hub.utils.disable_progress_bars()
    try:
        tree = hub.HfApi().list_repo_tree(**SAMPLE, path_in_repo="data", revision=REVISION)
        wanted = [file for file in tree if Path(file.path).name.startswith("train-")]
        for file in wanted:
            log.info("fetching %s", file.path)
            hub.hf_hub_download(**SAMPLE, filename=file.path, revision=REVISION, local_dir=folder)
    except Exception as error:  # whatever the library's client raises
        if getattr(error, "errno", None) in runtime.FULL:
            raise
        raise ConnectionError(
            f"{SAMPLE['repo_id']} must come from Hugging Face: {' '.join(str(error).split())}; try again later, or put "
            f"its train-*.parquet into a folder and give that as `raw`."
        ) from error
    for file in wanted:
        path = folder / file.path
        with open(path, "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file.lfs.sha256:
            path.unlink()
            raise ValueError(f"{path} must have the sha256 {file.lfs.sha256}: got {found}; run again to fetch it anew.")
    return [file.path for file in wanted]


def unpack(archive: Path, path: Path) -> None:
    """Take data.mdb out of the zip, since LMDB needs it as a file.

    Raises:
        ValueError: if the zip has none.
    """
    with zipfile.ZipFile(archive) as packed:
        inside = [info for info in packed.infolist() if info.filename.endswith("data.mdb")]
        if not inside:
            raise ValueError(f"{archive} must hold a data.mdb: found {', '.join(packed.namelist()[:3])}.")
        bar = runtime.Progress(total=inside[0].file_size, unit="B", label=f"unpack {path.name}")
        with packed.open(inside[0]) as source, runtime.whole_file(path) as partial, open(partial, "wb") as target:
            while block := source.read(2**22):
                target.write(block)
                bar.update(len(block))
        bar.close()
