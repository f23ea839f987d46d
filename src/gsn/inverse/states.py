"""The state of a descent in a file: whole or not at all, and of one run only."""

import logging
import time
import zlib
from pathlib import Path

import torch

from gsn.inverse.paths import Paths
from gsn.runtime import files, weights
from gsn.runtime.log import announce

log = logging.getLogger(__name__)

SAVE_EVERY = 120.0  # seconds
WHAT = "the state of a descent"
REMEDY = "delete it, and the descent starts again"


class State:
    """A file with all that a resumption needs, or none if there is no path.

    Args:
        path: Path of the file; None to keep nothing.
        stamp: Numbers and texts that identify the run; a file of another stamp is not resumed.
    """

    def __init__(self, path: Path | None, stamp: list):
        self.path, self.stamp = path, stamp
        self.begun = self.saved = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time that the run has taken, over its interruptions."""
        return time.monotonic() - self.begun

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self.saved > SAVE_EVERY

    def resume(self, paths: Paths) -> None:
        """Load the paths from the file, if there is one of this run.

        Raises:
            ValueError: The file is truncated or is no state of a descent.
        """
        if self.path is None or not self.path.exists():
            return
        state = weights.load(self.path, WHAT, remedy=REMEDY)
        if not {"stamp", "paths", "seconds"} <= state.keys():
            found = ", ".join(map(str, state))
            raise ValueError(f"{self.path} must be {WHAT}: found {found}; {REMEDY}.")
        if state["stamp"] != self.stamp:
            message = "%s is of another run (parameters, start, target or stamp differ): %s."
            log.warning(message, self.path, "the descent starts again")
            return
        paths.load(state["paths"])
        self.begun -= state["seconds"]
        announce(f"descent resumed at step {paths.done} from {self.path}")

    def save(self, paths: Paths) -> None:
        """Write the state in place of the last one."""
        if self.path is None:
            return
        state = {"stamp": self.stamp, "paths": paths.state(), "seconds": self.seconds}
        with files.whole_file(self.path) as partial:
            torch.save(state, partial)
        self.saved = time.monotonic()


def fingerprint(*tensors: torch.Tensor | None) -> list[int]:
    """Return checksums of tensors: what a run starts from, and its target."""
    found = (torch.zeros(0) if tensor is None else tensor for tensor in tensors)
    return [zlib.crc32(tensor.detach().cpu().contiguous().numpy().tobytes()) for tensor in found]
