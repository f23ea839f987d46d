"""Files of torch, read once their checksums hold."""

import errno
import zipfile
from pathlib import Path

import torch


def load(path: str | Path, what: str, remedy: str = "copy it or make it again") -> dict:
    """Return the mapping that torch.save wrote to a file.

    torch does not compare the checksums of its archives: a flipped bit would change a weight. Only
    tensors and plain numbers are read, never code.

    Args:
        path: Path of the file.
        what: Contents that the file must have, for messages.
        remedy: Remedy, for messages.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged, or of another kind.
    """
    if Path(path).is_dir():
        raise ValueError(f"{path} must be {what}: found a folder; {remedy}.")
    try:
        with zipfile.ZipFile(path) as archive:
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
