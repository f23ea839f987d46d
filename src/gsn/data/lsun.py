"""LSUN bedrooms: 3,033,042 images in an LMDB, or 287,968 of them in parquet files.

The LMDB is the original, 42.8 GB. The parquet files are a public sample of it, 4.8 GB, which is
enough for the paper's split. Both hold encoded images, mostly WebP or JPEG, whose shorter side is
256 pixels.

References:
    F. Yu, A. Seff, Y. Zhang, S. Song, T. Funkhouser & J. Xiao, LSUN: construction of a large-scale
    image dataset using deep learning with humans in the loop, arXiv:1506.03365, 2015.
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

from gsn.data import pixels, splits
from gsn.data.files import File
from gsn.data.items import Item, Source
from gsn.runtime import files, progress

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
Reader = Callable[[np.ndarray], Iterator[tuple[str, bytes]]]  # increasing places to names, images
BATCH = 256  # images read from a parquet file at once, encoded


def read(
    files: dict[str, Path],
    split: str,
    *,
    raw: str | None,
    splits: str,
    seed: int,
    **settings: int | None,
) -> Source:
    """Return the bedrooms of a split.

    Args:
        files: Path of a file in the folder of the LMDB or of the parquet files; unused if `raw` is
            given.
        split: `train` or `test`.
        raw: Path of the user's own folder, if any.
        splits: `sample` to draw the images at random, `first_n` to take the first ones.
        seed: Seed of the draw.
        settings: Other keywords of `items`.

    Returns:
        The bedrooms. Iterating over them raises the errors of `items`.
    """
    folder = Path(raw) if raw else next(iter(files.values())).parent
    bedrooms = items(folder, split, seed=seed if splits == "sample" else None, **settings)
    return Source(bedrooms, attrs={"source": "lsun", "splits": splits})


def items(
    folder: Path,
    split: str,
    *,
    train: int,
    test: int,
    seed: int | None = None,
    **square: int | None,
) -> Iterator[Item]:
    """Yield the bedrooms of a split, in the order of the keys (LMDB) or of the files (parquet).

    Makes one pass over the keys of an LMDB, or over the parquet files that hold images of the
    split. Memory holds one image of an LMDB, or 256 of a parquet file, still encoded.

    Args:
        folder: Path of the folder of the `data.mdb` of an LMDB, or of parquet files.
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        seed: Seed of a draw from all images. Without it the splits are the first `train` images and
            the `test` images that follow them.
        square: Keywords N, channels and crop of `pixels.square`.

    Raises:
        FileNotFoundError: The folder has neither an LMDB nor parquet files.
        ValueError: A file is broken, or the folder has too few images.
    """
    total, read = (_lmdb if (folder / "data.mdb").exists() else _parquet)(folder)
    sizes = (split, train, test, total)
    chosen = splits.first(*sizes) if seed is None else splits.drawn(*sizes, seed)
    for name, data in read(np.asarray(chosen)):
        yield Item(f"{folder}/{name}", functools.partial(pixels.square, data, **square))


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
    """Return the number of images in parquet files, and a function that reads some of them.

    The files are read in alphabetical order. If some are named `train-*`, only these count.
    """
    paths = sorted(folder.rglob("train-*.parquet")) or sorted(folder.rglob("*.parquet"))
    if not paths:
        raise FileNotFoundError(
            f"{folder} must hold data.mdb or parquet files: found neither; correct `raw`."
        )
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
                        data = value["bytes"] if isinstance(value, dict) else value
                        yield f"{path.name} row {i}", data
                    i += 1
                if i > max(inside):
                    break

    return int(ends[-1]), read


def _parquet_file(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        # a buffer, so that not a whole group of rows is read at once
        file = pyarrow.parquet.ParquetFile(path, buffer_size=2**20)
    except pyarrow.ArrowException as error:
        raise ValueError(
            f"{path} must be a whole parquet file: {error}; fetch it again."
        ) from error
    if "image" not in file.schema_arrow.names:
        raise ValueError(
            f"{path} must have the column image: found {', '.join(file.schema_arrow.names)}."
        )
    return file


def fetch_sample(folder: Path) -> list[str]:
    """Fetch the parquet files of the training split, and verify their SHA-256 checksums.

    An interrupted download is resumed. The files are those of the revision REVISION.

    Args:
        folder: Path of the folder to fill.

    Returns:
        Paths of the files, relative to the folder.

    Raises:
        ConnectionError: The files cannot be fetched.
        OSError: The disk is full.
        ValueError: A file has the wrong checksum; it is deleted.
    """
    import huggingface_hub as hub  # here, because it is slow to import and rarely needed
    import huggingface_hub.utils

    if not sys.stderr.isatty():
        hub.utils.disable_progress_bars()
    try:
        tree = hub.HfApi().list_repo_tree(**SAMPLE, path_in_repo="data", revision=REVISION)
        wanted = [file for file in tree if Path(file.path).name.startswith("train-")]
        for file in wanted:
            log.info("fetching %s", file.path)
            hub.hf_hub_download(**SAMPLE, filename=file.path, revision=REVISION, local_dir=folder)
    except Exception as error:  # the client of the library raises many kinds
        if getattr(error, "errno", None) in files.FULL:
            raise
        raise ConnectionError(
            f"{SAMPLE['repo_id']} must come from Hugging Face: {' '.join(str(error).split())}; "
            "try again later, or put its train-*.parquet into a folder and give that as `raw`."
        ) from error
    for file in wanted:
        path = folder / file.path
        with open(path, "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file.lfs.sha256:
            path.unlink()
            raise ValueError(
                f"{path} must have the sha256 {file.lfs.sha256}: got {found}; "
                "run again to fetch a new copy."
            )
    return [file.path for file in wanted]


def unpack(archive: Path, path: Path) -> None:
    """Extract data.mdb from the zip, because LMDB cannot read inside an archive.

    Raises:
        ValueError: The zip has no data.mdb.
    """
    with zipfile.ZipFile(archive) as packed:
        inside = [info for info in packed.infolist() if info.filename.endswith("data.mdb")]
        if not inside:
            raise ValueError(
                f"{archive} must hold a data.mdb: found {', '.join(packed.namelist()[:3])}."
            )
        bar = progress.Progress(total=inside[0].file_size, unit="B", label=f"unpack {path.name}")
        with (
            packed.open(inside[0]) as source,
            files.whole_file(path) as partial,
            open(partial, "wb") as target,
        ):
            while block := source.read(2**22):
                target.write(block)
                bar.update(len(block))
        bar.close()
