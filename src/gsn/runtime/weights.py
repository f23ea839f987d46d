"""Files of torch, read once their checksums hold."""

import errno
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn


def load(path: str | Path, what: str, remedy: str = "copy it or make it again") -> dict:
    """Return the mapping that torch.save wrote to a file.

    torch does not compare the checksums of its archives: a flipped bit would change a weight. Only
    tensors and plain numbers are read, never code. torch.save compresses nothing, so an archive
    with compressed parts, which could be of any size once unpacked, is not read.

    Args:
        path: Path of the file.
        what: Contents that the file must have, for messages.
        remedy: Remedy, for messages.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged, or of another kind.
    """
    if Path(path).exists() and not Path(path).is_file():  # reading a pipe would wait forever
        found = "a folder" if Path(path).is_dir() else "no regular file"
        raise ValueError(f"{path} must be {what}: found {found}; {remedy}.")
    try:
        with zipfile.ZipFile(path) as archive:
            if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
                raise zipfile.BadZipFile("it has compressed parts")
            damaged = archive.testzip()
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # truncated and foreign files raise many kinds
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ValueError(f"{path} must be {what}: it cannot be read; {remedy}.") from error
    if damaged:
        raise ValueError(f"{path} must be {what}: a checksum does not fit ({damaged}); {remedy}.")
    if not isinstance(state, dict):
        raise ValueError(f"{path} must be {what}: found a {type(state).__name__}; {remedy}.")
    return state


def filled(build: Callable[[], nn.Module], values: dict) -> nn.Module:
    """Return a network with the weights of a file.

    The network is built on `meta` first, without memory: settings that promise more than the file
    holds are refused before they take any. Its `__init__` must leave the device open.

    Args:
        build: Function that returns the network.
        values: Weights by name.

    Raises:
        RuntimeError: Names or shapes differ, or the weights are not stored in full.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> from gsn.runtime import weights
        >>> weights.filled(lambda: nn.Linear(2, 1), nn.Linear(2, 1).state_dict())
        Linear(in_features=2, out_features=1, bias=True)
    """
    if stored(values) < sum(value.nbytes for value in values.values()):
        raise RuntimeError("the weights are not stored in full, each in a place of its own")
    with torch.device("meta"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*copying from a non-meta parameter")
        build().load_state_dict(values)
    network = build()
    network.load_state_dict(values)
    return network


def stored(values: dict[str, torch.Tensor]) -> int:
    """Return the number of bytes that tensors take, a place that several share counted once.

    A tensor of strides 0, or on `meta`, has any shape and takes next to nothing.

    Example:
        >>> import torch
        >>> from gsn.runtime import weights
        >>> weights.stored({"a": torch.zeros(1).expand(1000, 1000)})
        4
    """
    places = (value.untyped_storage() for value in values.values() if not value.is_meta)
    return sum({place.data_ptr(): place.nbytes() for place in places}.values())
