"""The state of a training in a file: whole or not at all, and of one run only."""

import logging
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.runtime import files, weights
from gsn.runtime.log import announce

log = logging.getLogger(__name__)

WHAT = "the state of a training"
REMEDY = "delete it, and the training starts again"


class Checkpoint:
    """A file with all that a resumption needs.

    Args:
        path: Path of the file.
        stamp: Numbers and texts that identify the run; a file of another stamp is not resumed.
        parts: Objects with `state_dict` and `load_state_dict`, or None, by name.
    """

    def __init__(self, path: Path, stamp: list, parts: dict):
        self.path, self.stamp = path, stamp
        self.parts = {name: part for name, part in parts.items() if part is not None}

    def resume(self) -> dict | None:
        """Load the parts and return what was saved of the run; None without a file of this run.

        Raises:
            ValueError: The file is truncated or is no checkpoint.
        """
        if not self.path.exists():
            return None
        state = weights.load(self.path, WHAT, remedy=REMEDY)
        if not {"stamp", "run"} <= state.keys():
            raise ValueError(
                f"{self.path} must be {WHAT}: found {', '.join(map(str, state))}; {REMEDY}."
            )
        if state["stamp"] != self.stamp:
            log.warning(
                "%s is of another run (parameters, data or code differ): training starts again.",
                self.path,
            )
            return None
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        announce(f"training resumed at step {state['run']['step']} from {self.path}")
        return state["run"]

    def save(self, run: dict) -> None:
        """Write the state in place of the last one."""
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        with files.whole_file(self.path) as partial:
            torch.save(parts | {"run": run, "stamp": self.stamp}, partial)


def fingerprint(network: nn.Module, arrays: Iterable[np.ndarray]) -> list[int]:
    """Return checksums of what a run starts from: the initial weights and the data."""
    weights = [tensor.detach().cpu().numpy() for tensor in network.state_dict().values()]
    return [
        zlib.crc32(np.ascontiguousarray(a).data if a.ndim else a.tobytes())
        for a in (*weights, *arrays)
    ]
