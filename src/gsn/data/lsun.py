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
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gsn.data import encoded, pixels, splits
from gsn.data.files import File, public
from gsn.data.items import Item, Source, Unreadable
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
    split. Memory holds one image, still encoded, and of a parquet file a page.

    Args:
        folder: Path of the folder of the `data.mdb` of an LMDB, or of parquet files.
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        seed: Seed of a draw from all images. Without it the splits are the first `train` images and
            the `test` images that follow them.
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.

    Raises:
        FileNotFoundError: The folder has neither an LMDB nor parquet files.
        ValueError: A file is broken, or the folder has too few images.
    """
    total, read = encoded.open_folder(folder)
    sizes = (split, train, test, total)
    chosen = splits.first(*sizes) if seed is None else splits.drawn(*sizes, seed)
    most = pixels.most_bytes(square.get("max_pixels"))
    for name, data in read(np.asarray(chosen), most):
        yield Item(f"{folder}/{name}", functools.partial(_load, data, **square))


def _load(data: bytes | str, **square: int | None) -> np.ndarray:
    """Return an image, or raise what is wrong with it."""
    if isinstance(data, str):
        raise Unreadable(data)
    return pixels.square(data, **square)


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
        said = public(" ".join(str(error).split()))
        raise ConnectionError(
            f"{SAMPLE['repo_id']} must come from Hugging Face: {said}; "
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
