"""Training of G by L1 (equation 1 of the paper).

    G = argmin sum_i ||x_i - G(Phi(x_i))||_1

with Adam. Pixels are in [-1, 1]; the loss is the mean over pixels. What makes up a step depends on the seed and the
step alone, so that a run that was interrupted goes on as if it had not been.

On a GPU that has bfloat16 the network runs in it, compiled. Under torchrun each process takes its part of every batch,
and gradients and batch normalisation are those of the whole batch.

Differs from the paper: the learning rate rises linearly and falls linearly instead of staying constant.

    batches      what makes up each step
    updates      the steps
    checkpoints  the state in a file
"""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from gsn import runtime
from gsn.training import checkpoints
from gsn.training.batches import Batches
from gsn.training.updates import Updates

log = logging.getLogger(__name__)

SAVE_EVERY = 120.0  # seconds between checkpoints
CHECK_EVERY = {"cpu": 1, "cuda": 16}  # steps between looks at the loss, for which a GPU has to be waited for


def train(
    generator: nn.Module,
    z: np.ndarray,
    images: np.ndarray,
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    warmup: float,
    seed: int,
    checkpoint: Path,
    ema: float = 0.0,
    noise: float = 0.0,
    stamp: str = "",
    measure: Callable[[nn.Module], dict[str, float]] | None = None,
    device: torch.device | str = "cpu",
) -> list[dict]:
    """Train a generator in place; go on from the checkpoint if it is of the same run.

    Args:
        generator: (n, d) -> (n, c, N, N) in [-1, 1].
        z: (n, d) float32.
        images: (n, c, N, N) uint8.
        epochs: passes over the images; a last batch that is not full is left out of each (the order changes).
        batch: images per step, at most n; of all processes together.
        learning_rate: Adam's, at its peak.
        warmup: fraction of the steps over which it rises; then it falls to 0.
        seed: of the order of the images, and of the noise.
        checkpoint: where the state is kept, at most some minutes old, and at the end; the caller removes it.
        ema: weight of the past in an exponential moving average of the weights, over steps, which is what is measured
            and what is left at the end; 0 for the weights themselves.
        noise: standard deviation of the Gaussian noise that is added to z in each step.
        stamp: what else the run depends on (the version of the code); a checkpoint with another one is not resumed.
        measure: of the generator, in evaluation mode, at the end of each epoch; its numbers are columns of the history.
        device: where to compute.

    Returns:
        A row for each epoch: epoch, step, the mean loss over the epoch, what was measured, the last learning_rate, the
        seconds since the start.

    Raises:
        ValueError: if a number is out of its range, z and images differ in number, or the batch cannot be made.
        FloatingPointError: if the loss or the weights are not finite; the last checkpoint, which is, stays.
        SystemExit: after SIGTERM or SIGINT, once the state is saved.
    """
    if not (epochs >= 1 and learning_rate > 0 and 0 <= warmup < 1 and 0 <= ema < 1 and noise >= 0):
        raise ValueError(
            "training needs epochs >= 1, learning_rate > 0, 0 <= warmup < 1, 0 <= ema < 1 and noise >= 0: got "
            f"epochs={epochs}, learning_rate={learning_rate}, warmup={warmup}, ema={ema}, noise={noise}."
        )
    device = torch.device(device)
    batches = Batches(z, images, batch=batch, noise=noise, seed=seed, device=device)
    steps, first = epochs * batches.per_epoch, batches.rank == 0
    generator.to(device).train()
    updates = Updates(generator, steps=steps, learning_rate=learning_rate, warmup=warmup, ema=ema, device=device)
    settings = [epochs, batch, learning_rate, warmup, ema, noise, seed]
    state = checkpoints.Checkpoint(
        checkpoint,
        [stamp, *checkpoints.fingerprint(generator, z, images), *settings],
        {"generator": generator, "optimizer": updates.optimizer, "average": updates.average},
    )
    run = state.resume() or {"step": 0, "loss": 0.0, "seconds": 0.0, "history": []}
    bar = runtime.Progress(total=steps * batch, done=run["step"] * batch, unit="image", label="train G", shown=first)
    saved = time.monotonic()
    begun = saved - run["seconds"]
    losses = []

    with runtime.signals() as stopped:
        for z_b, x_b in batches.steps(range(run["step"], steps)):
            run["step"] += 1
            losses.append(updates.step(run["step"], z_b, x_b))
            epoch, left = divmod(run["step"], batches.per_epoch)
            if left and len(losses) < CHECK_EVERY.get(device.type, 1):
                continue

            # Look.
            values, stop = _together(losses, stopped())
            _check_losses(values, run["step"], steps, state)
            losses = []
            run["loss"] += sum(values) / batches.per_epoch
            run["seconds"] = time.monotonic() - begun
            bar.update(batch * len(values), epoch=epoch + bool(left), loss=f"{values[-1]:.4f}")
            if not left:
                measured = _measured(measure, updates.average or generator) if measure and first else {}
                _end_epoch(run, epoch, epochs, measured, updates.rate(run["step"]))

            # Save.
            if stop or time.monotonic() - saved > SAVE_EVERY:
                _check_weights(generator, f"step {run['step']} of {steps}", state)
                if first:
                    state.save(run)
                saved = time.monotonic()
            if stop:
                _stop(f"stopped by a signal at step {run['step']} of {steps}; run again to go on from {checkpoint}.")
    bar.close()
    _check_weights(generator, "the last step", state)
    if first:
        state.save(run)  # what the caller does next takes time too
    if updates.average:
        generator.load_state_dict(updates.average.state_dict())
    return run["history"]


def _end_epoch(run: dict, epoch: int, epochs: int, measured: dict[str, float], rate: float) -> None:
    """Add a row to the history, and to the log; the loss of the next epoch starts at 0."""
    row = {"epoch": epoch, "step": run["step"], "loss": run["loss"], **measured}
    run["history"].append(row | {"learning_rate": rate, "seconds": run["seconds"]})
    numbers = "".join(f", {name} {value:.2f}" for name, value in measured.items())
    log.info("epoch %d of %d: loss %.5f%s, %.0f s", epoch, epochs, run["loss"], numbers, run["seconds"])
    run["loss"] = 0.0


def _stop(message: str) -> None:
    if dist.is_initialized():
        dist.barrier()  # torchrun ends all when one ends, also one that saves
    log.warning(message)
    raise SystemExit(message)


def _check_losses(values: list[float], step: int, steps: int, state: checkpoints.Checkpoint) -> None:
    """Refuse losses that are not finite; the last one is that of `step`."""
    for number, value in enumerate(values, start=step - len(values) + 1):
        if not math.isfinite(value):
            raise _diverged(f"the loss must stay finite: got {value} at step {number} of {steps}", state)


def _check_weights(generator: nn.Module, step: str, state: checkpoints.Checkpoint) -> None:
    """Refuse weights that are not finite, before they are written: a step's loss is that of the weights before it."""
    if not all(torch.isfinite(weight).all() for weight in generator.state_dict().values()):
        raise _diverged(f"the weights must stay finite: found NaN or infinity after {step}", state)


def _diverged(what: str, state: checkpoints.Checkpoint) -> FloatingPointError:
    kept = f"The last state that was written is {state.path}." if state.path.exists() else "No state was written yet."
    return FloatingPointError(f"{what}; use a smaller learning_rate. {kept}")


def _together(losses: list[torch.Tensor], stop: bool) -> tuple[list[float], bool]:
    """The mean losses over the processes, and whether any of them is to stop: all stop at one step."""
    values = torch.stack([*losses, torch.full_like(losses[0], float(stop))])
    if dist.is_initialized():
        dist.all_reduce(values)
        values /= dist.get_world_size()
    *values, stop = values.tolist()
    return values, stop > 0


def _measured(measure: Callable[[nn.Module], dict[str, float]], generator: nn.Module) -> dict[str, float]:
    generator.eval()
    try:
        with torch.no_grad():
            return {name: float(value) for name, value in measure(generator).items()}
    finally:
        generator.train()
