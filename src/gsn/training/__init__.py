"""Training of any network, on any loss, from arrays, with a schedule of the learning rate.

    theta = argmin sum_i loss(G_theta, batch_i)

What makes up a step depends on the seed and the step alone, so that a run that was interrupted
continues as if it had not been: on a CPU to the same bits. On a GPU that has bfloat16 the network
runs in it, compiled. Under torchrun each process takes its part of every batch, and the gradients
are those of the whole batch.

    operands        numbers, network, functions and arrays, checked
    batches         the rows of each step
    updates         the steps
    optimizers      Adam and Muon
    schedules       the learning rate over the run
    regression      training on the squared error
    course          the losses and the history of the run
    checkpoints     the state in a file
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from gsn.runtime import arguments, job, machine
from gsn.training import checkpoints, operands, schedules
from gsn.training.batches import Batches
from gsn.training.course import Course
from gsn.training.updates import Loss, Updates

log = logging.getLogger(__name__)


@torch.inference_mode(False)
@torch.enable_grad()
def train(
    network: nn.Module,
    loss: Loss,
    arrays: Sequence[np.ndarray],
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    seed: int,
    checkpoint: str | Path,
    optimizer: str = "adam",
    schedule: schedules.Schedule = schedules.LINEAR,
    ema: float = 0.0,
    noise: float = 0.0,
    stamp: str = "",
    measure: Callable[[nn.Module], dict[str, float]] | None = None,
    finish: Callable[[nn.Module], None] | None = None,
    device: torch.device | str = "cpu",
) -> list[dict]:
    """Train a network in place, from its checkpoint if there is one of the same run.

    Args:
        network: Network to train; it is moved to the device.
        loss: Function of the network and a batch, one tensor for each array, which returns the mean
            loss.
        arrays: Arrays of n rows each, of numpy or torch, or lists of numbers, which become float32;
            the first one is the input of the network.
        epochs: Passes over the rows. The rows that fill no batch are left out of an epoch, others
            in each.
        batch: Rows in a step, at most n; of all processes together.
        learning_rate: Learning rate at its peak.
        seed: Seed of the order of the rows, of the noise, and of what the network and the loss draw
            from torch's generator in each step. The caller's own state of it is left as it was.
        checkpoint: Path of the state, at most two minutes old and written again at the end; the
            caller deletes it.
        optimizer: Optimiser, adam or muon (`gsn.training.optimizers`).
        schedule: Fraction of the peak of the learning rate at each fraction of the run
            (`gsn.training.schedules`).
        ema: Weight of the past in an exponential moving average of the weights, over steps. The
            average is what is measured and what remains in the network at the end. 0 for the
            weights themselves.
        noise: Standard deviation of the Gaussian noise that is added to the first array in each
            step.
        stamp: Whatever else the run depends on, such as a digest of the code; a checkpoint of
            another stamp is not resumed.
        measure: Function of the network in evaluation mode, called after each epoch; its numbers
            are columns of the history.
        finish: Function of the trained network, called once at the end, such as one that recomputes
            the statistics of its batch normalisation.
        device: Device to compute on.

    Returns:
        One row for each epoch: epoch, step, mean loss over the epoch, measured numbers, last
        learning_rate, seconds since the start.

    Raises:
        ValueError: An argument is of another kind or out of its range, the arrays differ in length,
            or the batch cannot be formed.
        FloatingPointError: The loss or the weights are not finite; the last checkpoint, which is,
            remains.
        SystemExit: SIGTERM, SIGINT or SIGHUP arrived; the state is saved.

    Example:
        >>> import tempfile
        >>> x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
        >>> line, square = nn.Linear(1, 1), lambda f, x, y: (f(x) - y).square().mean()
        >>> settings = {"epochs": 50, "batch": 16, "learning_rate": 0.1, "seed": 0}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     state = Path(folder, "state.pt")
        ...     history = train(line, square, (x, 3 * x), **settings, checkpoint=state)
        >>> history[-1]["loss"] < 1e-4
        True
    """
    epochs, batch, seed = operands.counts(epochs=epochs, batch=batch, seed=seed)
    learning_rate, ema, noise = operands.sizes(learning_rate, ema, noise)
    checkpoint, device = arguments.path("checkpoint", checkpoint), machine.chosen(device)
    arrays = operands.rows(arrays)
    operands.callables(network, loss=loss, schedule=schedule, measure=measure, finish=finish)
    network.to(device).train()
    batches = Batches(arrays, batch=batch, noise=noise, seed=seed, device=device)
    updates = Updates(
        network,
        loss,
        steps=epochs * batches.per_epoch,
        learning_rate=learning_rate,
        optimizer=optimizer,
        schedule=schedule,
        ema=ema,
        device=device,
    )
    shape = schedules.fingerprint(schedule)
    settings = [epochs, batch, learning_rate, optimizer, ema, noise, seed]
    state = checkpoints.Checkpoint(
        checkpoint,
        [stamp, *checkpoints.fingerprint(network, arrays), *settings, *shape],
        {"network": network, "optimizer": updates.optimizer, "average": updates.average},
    )
    course = Course(updates, state, per_epoch=batches.per_epoch, batch=batch, measure=measure)
    with job.stop_requests() as stopped, batches.generator() as seeded:
        for rows in batches.steps(range(course.step, updates.steps)):
            seeded(course.step)
            course.record(updates.step(course.step + 1, rows))
            if course.due and course.look(stopped()):
                how = f"run again to continue from {checkpoint}"
                _stop(f"stopped by a signal at {course.place}; {how}.")
    course.close()
    if updates.average:
        network.load_state_dict(updates.average.state_dict())
    if finish:
        finish(network)
    return course.history


def _stop(message: str) -> None:
    if dist.is_initialized():
        dist.barrier()  # torchrun ends all when one ends, even one that saves
    log.warning(message)
    raise SystemExit(message)
