"""The course of a run: losses, which are checked and averaged, history, and saving."""

import logging
import math
import time
from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import nn

from gsn.runtime import progress
from gsn.training.checkpoints import Checkpoint
from gsn.training.updates import Updates

log = logging.getLogger(__name__)

SAVE_EVERY = 120.0  # seconds between checkpoints
# Steps between looks at the loss, each of which waits for the GPU.
LOOK_EVERY = {"cpu": 1, "cuda": 16}


class Course:
    """The course of a run, from its first step or from where a checkpoint of it ends.

    Args:
        updates: Steps of the run.
        state: Checkpoint of the run.
        per_epoch: Number of steps in an epoch.
        batch: Number of rows in a step.
        measure: Function of the network, called after each epoch.

    Attributes: step, the number of steps made; history, a row for each epoch.
    """

    def __init__(
        self,
        updates: Updates,
        state: Checkpoint,
        *,
        per_epoch: int,
        batch: int,
        measure: Callable[[nn.Module], dict[str, float]] | None,
    ):
        self.updates, self.state, self.per_epoch, self.batch, self.measure = (
            updates,
            state,
            per_epoch,
            batch,
            measure,
        )
        self.first = not dist.is_initialized() or dist.get_rank() == 0  # the process that writes
        run = state.resume() or {"step": 0, "loss": 0.0, "seconds": 0.0, "history": []}
        self.step, self.loss, self.history = run["step"], run["loss"], run["history"]
        self.saved = time.monotonic()
        self.begun = self.saved - run["seconds"]
        self.losses: list[torch.Tensor] = []  # of the steps since the last look
        total, done = updates.steps * batch, self.step * batch
        self.bar = progress.Progress(
            total=total, done=done, unit="row", label="train", shown=self.first
        )

    @property
    def due(self) -> bool:
        """Whether to look: at the end of an epoch, and every few steps."""
        every = LOOK_EVERY.get(self.updates.device.type, 1)
        return self.step % self.per_epoch == 0 or len(self.losses) >= every

    @property
    def place(self) -> str:
        return f"step {self.step} of {self.updates.steps}"

    def record(self, loss: torch.Tensor) -> None:
        """Record the loss of the next step, without waiting for it."""
        self.step += 1
        self.losses.append(loss)

    def look(self, stop: bool) -> bool:
        """Check the losses, end an epoch, save the state if it is time; return whether to stop.

        All processes stop if any of them is to.
        """
        values, stop = together(self.losses, stop)
        self.losses = []
        self._check_losses(values)
        self.loss += sum(values) / self.per_epoch
        epoch, left = divmod(self.step, self.per_epoch)
        self.bar.update(
            self.batch * len(values), epoch=epoch + bool(left), loss=f"{values[-1]:.4f}"
        )
        if not left:
            self._end_epoch(epoch)
        if stop or time.monotonic() - self.saved > SAVE_EVERY:
            self._save(self.place)
        return stop

    def close(self) -> None:
        """End the run and save its state once more: what the caller does next takes time too."""
        self.bar.close()
        self._save("the last step")

    def _end_epoch(self, epoch: int) -> None:
        seconds = time.monotonic() - self.begun
        measured = _measured(self.measure, self.updates) if self.measure and self.first else {}
        row = {"epoch": epoch, "step": self.step, "loss": self.loss, **measured}
        self.history.append(
            row | {"learning_rate": self.updates.rate(self.step), "seconds": seconds}
        )
        numbers = "".join(f", {name} {value:.2f}" for name, value in measured.items())
        epochs = self.updates.steps // self.per_epoch
        message = "epoch %d of %d: loss %.5f%s, %.0f s"
        log.info(message, epoch, epochs, self.loss, numbers, seconds)
        self.loss = 0.0

    def _save(self, place: str) -> None:
        """Write the state, unless a weight is not finite.

        The loss of a step is that of the weights before it, so it cannot show that.
        """
        weights = self.updates.network.state_dict().values()
        if not all(torch.isfinite(weight).all() for weight in weights):
            raise self._diverged(
                f"the weights must stay finite: found NaN or infinity after {place}"
            )
        if self.first:
            run = {"step": self.step, "loss": self.loss, "history": self.history}
            self.state.save(run | {"seconds": time.monotonic() - self.begun})
        self.saved = time.monotonic()

    def _check_losses(self, values: list[float]) -> None:
        for number, value in enumerate(values, start=self.step - len(values) + 1):
            if not math.isfinite(value):
                place = f"step {number} of {self.updates.steps}"
                raise self._diverged(f"the loss must stay finite: got {value} at {place}")

    def _diverged(self, what: str) -> FloatingPointError:
        path = self.state.path
        kept = (
            f"The last state that was written is {path}."
            if path.exists()
            else "No state was written yet."
        )
        return FloatingPointError(f"{what}; use a smaller learning_rate. {kept}")


def together(losses: list[torch.Tensor], stop: bool) -> tuple[list[float], bool]:
    """Return the mean losses over the processes, and whether any of them is to stop."""
    values = torch.stack([*losses, torch.full_like(losses[0], float(stop))])
    if dist.is_initialized():
        dist.all_reduce(values)
        values /= dist.get_world_size()
    *values, stop = values.tolist()
    return values, stop > 0


def _measured(
    measure: Callable[[nn.Module], dict[str, float]], updates: Updates
) -> dict[str, float]:
    network = updates.average or updates.network
    network.eval()
    try:
        with torch.no_grad():
            return {name: float(value) for name, value in measure(network).items()}
    finally:
        network.train()
