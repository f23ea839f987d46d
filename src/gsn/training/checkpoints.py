"""The state of a training in a file: whole or not at all, and of one run only."""

import errno
import logging
import os
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn import runtime

log = logging.getLogger(__name__)


class Checkpoint:
    """A file with all that a resumption needs.

    Args:
        path: of the file.
        stamp: what the run depends on; a file with another stamp is not resumed.
        parts: name -> what has `state_dict` and `load_state_dict`, or None.
    """

    def __init__(self, path: Path, stamp: list, parts: dict):
        self.path, self.stamp = path, stamp
        self.parts = {name: part for name, part in parts.items() if part is not None}

    def resume(self) -> dict | None:
        """Load the parts, and return what was saved of the run; None if there is no file of this very run.

        Raises:
            ValueError: if there is a file that is cut or another one.
        """
        if not self.path.exists():
            return None
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # of a file that is cut or another's there are many kinds
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise ValueError(f"{self.path} must be the state of a training: it cannot be read; delete it.") from error
        if state["stamp"] != self.stamp:
            log.warning("%s is of another run (parameters, data or code differ): training starts afresh.", self.path)
            return None
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        log.info("resumed at step %d from %s", state["run"]["step"], self.path)
        return state["run"]

    def save(self, run: dict) -> None:
        """Write the state, in the place of the last one."""
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        with runtime.whole_file(self.path) as partial:
            torch.save(parts | {"run": run, "stamp": self.stamp}, partial)
            with partial.open("rb") as file:
                os.fsync(file.fileno())


def fingerprint(generator: nn.Module, z: np.ndarray, images: np.ndarray) -> list[int]:
    """Checksums of what a run starts from: the weights that were drawn, the latents, the images."""
    weights = [tensor.detach().cpu().numpy() for tensor in generator.state_dict().values()]
    return [zlib.crc32(np.ascontiguousarray(a).data if a.ndim else a.tobytes()) for a in (*weights, z, images)]
