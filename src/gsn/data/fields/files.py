"""A field of the user: an image, a .npy or .npz, an HDF5 or a NetCDF file.

The values are those of the file, as floats: nothing is rescaled, with two exceptions. Colours
become their luma, 0.299 R + 0.587 G + 0.114 B. The attributes scale_factor and add_offset of a
NetCDF variable are applied. An odd side loses its last row or column.
"""

import math
import operator
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy.io

from gsn.data import npy_storage
from gsn.data.fields import crops, units
from gsn.runtime import arguments

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
HDF5 = b"\x89HDF\r\n\x1a\n"  # the first bytes, also of NetCDF 4
POINTS = 2**28  # of a field: 16,384 x 16,384
ARRAYS = (b"\x93NUMPY", b"PK\x03\x04", HDF5, b"CDF")


def draw(
    N: int,
    *,
    path: str | Path,
    key: str | None = None,
    place: tuple[int, ...] = (),
    seed: int = 0,
    index: int = 0,
) -> np.ndarray:
    """Return a crop of a field of the user at a random place.

    Args:
        N: Side of the crop, in points.
        path: Path of the file, as in `read`.
        key: Name of the array in the file, as in `read`.
        place: Indices of the slice, as in `read`.
        seed: Seed of all crops.
        index: Index of the crop.

    Returns:
        The crop, (N, N) float32.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file cannot be read, has no such field, or is smaller than the crop.
    """
    x = read(path, key=key, place=place)
    return crops.random(x, N, name=str(path), seed=seed, index=index)


def read(path: str | Path, *, key: str | None = None, place: tuple[int, ...] = ()) -> np.ndarray:
    """Return a two-dimensional field of a file, cropped to even sides.

    Args:
        path: Path of a PNG, JPEG, WebP or TIFF image, a .npy or .npz, an HDF5 or a NetCDF file. Its
            first bytes say which.
        key: Name of the array in an .npz, HDF5 or NetCDF file; not needed if there is one array.
        place: Indices of the leading axes of an array of more than two, such as (time, level).

    Returns:
        The field, (H, W) float32, H and W even.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file cannot be read, or has no such field, or the field is not finite.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from gsn.data.fields import files
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(Path(folder) / "x.npy", np.zeros((3, 8, 9)))
        ...     files.read(Path(folder) / "x.npy", place=(2,)).shape
        (8, 8)
    """
    path = arguments.path("path", path)
    place = _indices(place)
    if not path.is_file():
        raise FileNotFoundError(
            f"path must be a file: found none at {path.absolute()}; correct the path."
        )
    with open(path, "rb") as file:
        start = file.read(8)
    try:
        return _reader(start)(path, key, place)
    except (ValueError, PermissionError, MemoryError, ImportError):
        raise
    except Exception as error:  # each library has its own for a damaged file
        raise _damaged(path, error) from error


def _indices(place: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices of a slice as integers of Python."""
    try:
        if any(isinstance(index, bool) for index in place):
            raise TypeError
        return tuple(operator.index(index) for index in place)
    except TypeError:
        raise ValueError(
            f"place must be a list of indices: got {arguments.shown(place)}; use one such as [0]."
        ) from None


def _damaged(path: Path, error: Exception) -> ValueError:
    said = arguments.gist(error)
    return ValueError(f"{path} must be an undamaged file: {said}; write it again.")


def _field(
    x: np.ndarray, place: tuple[int, ...], name: str, attributes: Mapping | None = None
) -> np.ndarray:
    """Return a slice of an array, also one on the disk, as a finite float field of even sides."""
    _check(x, place, name)
    x = units.physical(np.asarray(x[place]), attributes or {})
    H, W = (side - side % 2 for side in x.shape)
    with np.errstate(over="ignore"):  # reported below
        x = np.array(x[:H, :W], dtype=np.float32)
    if min(H, W) < 4:
        raise ValueError(f"{name} must have sides of at least 4: found {x.shape}; give another.")
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(
            f"{name} must be finite: found {x[row, column]} at ({row}, {column}); crop the field, "
            "or fill its gaps."
        )
    return x


def _check(x: np.ndarray, place: tuple[int, ...], name: str) -> None:
    """Refuse an array that has no real field at a place, before it is read."""
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers: found {x.dtype}; convert it.")
    if x.ndim - len(place) != 2:
        remedy = f"give place={(0,) * (x.ndim - 2)}" if x.ndim > 2 else "give another array"
        remedy = "leave place out" if x.ndim == 2 else remedy
        raise ValueError(
            f"{name} must have two axes besides place: found the shape {x.shape} and "
            f"place={place}; {remedy}."
        )
    if math.prod(x.shape[-2:]) > POINTS:
        raise ValueError(
            f"{name} must have at most {POINTS} points in a field: found {x.shape}; crop it."
        )
    for index, side in zip(place, x.shape, strict=False):
        if not -side <= index < side:
            raise ValueError(f"place must lie in the shape {x.shape} of {name}: got {place}.")


def _reader(start: bytes) -> Callable[[Path, str | None, tuple[int, ...]], np.ndarray]:
    """Return the function that reads a file of these first bytes."""
    readers = (_npy, _npz, _hdf5, _netcdf)
    for begin, reader in zip(ARRAYS, readers, strict=True):
        if start.startswith(begin):
            return reader
    return _image


def _named(path: Path, key: str | None, found: list[str]) -> str:
    """Return the name of an array, or that of the only one."""
    if key in found or (key is None and len(found) == 1):
        return key or found[0]
    asked = "several arrays, and key names none" if key is None else f"no array {key!r}"
    if not found:
        raise ValueError(f"{path} must have an array: found none; give another file.")
    raise ValueError(f"{path} has {asked}: found {', '.join(found)}; use one of them as key.")


def _npy(path: Path, key: str | None, place: tuple[int, ...]) -> np.ndarray:
    with npy_storage.intact(path):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    return _field(array, place, str(path))


def _npz(path: Path, key: str | None, place: tuple[int, ...]) -> np.ndarray:
    key = _named(path, key, npy_storage.names(path))
    return _field(npy_storage.whole(path, key), place, f"{path}: {key}")


def _hdf5(path: Path, key: str | None, place: tuple[int, ...]) -> np.ndarray:
    import h5py  # optional

    from gsn.data import hdf5_storage, splits

    found: list[str] = []

    def note(name: str, node) -> None:
        if isinstance(node, h5py.Dataset) and node.ndim > 1:
            found.append(name)

    with hdf5_storage.intact(path), h5py.File(path, "r") as file:
        file.visititems(note)
        key = _named(path, key and key.strip("/"), found)
        array, name = hdf5_storage.find(file, key), f"{path}: {key}"
        _check(array, place, name)
        splits.check_total(len(array))
        # Before it is read: an array may be mapped to a pipe, or to itself.
        if len(array) and np.any(hdf5_storage.absent(array)[place[0] if place else slice(None)]):
            raise ValueError(f"{name} must be complete: a part was never written; write it.")
        return _field(array, place, name, array.attrs)


def _netcdf(path: Path, key: str | None, place: tuple[int, ...]) -> np.ndarray:
    try:
        with scipy.io.netcdf_file(path, "r", mmap=False) as file:
            variables = dict(file.variables)
    except ValueError as error:  # such as a buffer that is too small
        raise _damaged(path, error) from error
    found = [name for name, array in variables.items() if len(array.shape) > 1]
    array = variables[key := _named(path, key, found)]
    return _field(array.data, place, f"{path}: {key}", array._attributes)


def _image(path: Path, key: str | None, place: tuple[int, ...]) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError  # optional

    from gsn.data import pixels

    try:
        with Image.open(path, formats=pixels.FORMATS) as image:
            return _field(_grey(image, path), place, str(path))
    except UnidentifiedImageError as error:
        raise ValueError(
            f"{path} must be a PNG, JPEG, WebP or TIFF image, a .npy or .npz, an HDF5 or a NetCDF "
            "file: its first bytes are of none of them; convert it."
        ) from error


def _grey(image, path: Path) -> np.ndarray:
    """Return the grey levels of an image of Pillow, (H, W)."""
    if (pages := getattr(image, "n_frames", 1)) > 1:
        raise ValueError(f"{path} must hold one image: found {pages}; save one of them alone.")
    if image.mode[0] in "IF" or image.mode == "L":
        return np.asarray(image)
    if any(";16" in str(tile[3]) for tile in image.tile):  # Pillow would keep the upper bytes
        raise ValueError(f"{path} must have colours of 8 bits: found 16; save it as .npy.")
    return np.asarray(image.convert("RGB")) @ LUMA
