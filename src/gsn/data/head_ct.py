"""Slices of the CT of a head, real data for tomography.

The volume is an example of InVesalius, 108 slices of 256 x 256 pixels in Hounsfield units h, in the
Debian package `invesalius-examples` (GPL-2). x is the attenuation, with 0 for air and 1 for dense
bone:

    x = (h + 1000) / 3000, clipped to [0, 1]

Neighbouring slices are alike. Whoever splits them for training and test splits them by blocks, with
a gap between.
"""

import io
import lzma
import tarfile
import zlib
from pathlib import Path

import numpy as np

from gsn.data.files import File

SLICES, SIDE = 108, 256
AIR, RANGE = -1000, 3000  # Hounsfield units
NAME = "invesalius-examples_3.1.99998-4_all.deb"
FILE = File(
    f"head-ct/{NAME}",
    "3f5def7ec63c6d0d2b9527281d2a98da",
    (f"http://deb.debian.org/debian/pool/main/i/invesalius/{NAME}",),
)
MOST = 2**28  # bytes of Cranium.inv3; more is a bomb
HEADER = 60  # bytes before a member of an archive of `ar`
# What reading a damaged or another file raises.
DAMAGE = (
    ValueError,
    KeyError,
    StopIteration,
    EOFError,
    OSError,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)


def read(path: Path) -> np.ndarray:
    """Return all slices from the Debian package, (108, 256, 256) float32 in [0, 1].

    Nothing in the package is run, and nothing is written.

    Args:
        path: Path of the package, or of its file Cranium.inv3.

    Raises:
        ValueError: The file is another one, or is damaged.
    """
    try:
        if Path(path).exists() and not Path(path).is_file():  # reading a pipe would wait forever
            raise ValueError("it is no regular file")
        volume = _matrix(Path(path).read_bytes())
    except DAMAGE as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(
            f"{path} must be the Debian package {NAME} or its Cranium.inv3: it cannot be read; "
            "fetch it again."
        ) from error
    return np.clip((volume.astype(np.float32) - AIR) / RANGE, 0, 1)


def _matrix(data: bytes) -> np.ndarray:
    """Return the numbers of the volume."""
    if data.startswith(b"!<arch>\n"):
        with tarfile.open(fileobj=io.BytesIO(_member(data, b"data.tar.xz")), mode="r:xz") as tar:
            names = [name for name in tar.getnames() if name.endswith("/Cranium.inv3")]
            data = tar.extractfile(names[0]).read(MOST) if names else b""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        name = next(name for name in tar.getnames() if name.endswith("/matrix.dat"))
        size = 2 * SLICES * SIDE**2  # of one byte more there are no numbers of two bytes
        numbers = np.frombuffer(tar.extractfile(name).read(size + 1), dtype="<i2")
    return numbers.reshape(SLICES, SIDE, SIDE)


def _member(data: bytes, wanted: bytes) -> bytes:
    """Return a member of an archive of `ar`."""
    place = len(b"!<arch>\n")
    while place + HEADER <= len(data):
        name, size = data[place : place + 16].rstrip(b" /"), int(data[place + 48 : place + 58])
        place += HEADER
        if name == wanted:
            return data[place : place + size]
        place += size + size % 2
    raise KeyError(wanted)
