"""Training of G by L1 (equation 1 of the paper).

    G = argmin sum_i ||x_i - G(Phi(x_i))||_1

with Adam. Pixels are in [-1, 1]; the loss is the mean over pixels. Which images make up a step depends on the seed
and the step alone, so that a run that was interrupted goes on as if it had not been.

Differs from the paper: the learning rate rises linearly and falls linearly instead of staying constant.
"""

import logging
import math
import time
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn import runtime

log = logging.getLogger(__name__)

COLUMNS = ("epoch", "step", "loss", "learning_rate", "seconds")
SAVE_EVERY = 60.0  # seconds between checkpoints


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
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> list[dict]:
    """Train a generator in place; go on from the checkpoint if it is of the same run.

    Args:
        generator: (n, d) -> (n, c, N, N) in [-1, 1].
        z: (n, d) float32.
        images: (n, c, N, N) uint8.
        epochs: passes over the images; a last batch that is not full is left out of each (the order changes).
        batch: images per step, at most n.
        learning_rate: Adam's, at its peak.
        warmup: fraction of the steps over which it rises; then it falls to 0.
        seed: of the order of the images.
        checkpoint: where the state is kept, at most a minute old; the caller removes it.
        stamp: what else the run depends on (the version of the code); a checkpoint with another one is not resumed.
        device: where to compute.

    Returns:
        A row for each epoch: COLUMNS, with the mean loss over the epoch, the last rate and the seconds since the start.

    Raises:
        ValueError: if the batch is larger than the set or the numbers of z and images differ.
        FloatingPointError: if the loss is not finite; the last checkpoint stays.
    """
    if len(z) != len(images) or not 1 <= batch <= len(z):
        raise ValueError(
            f"training needs one z per image and a batch of at most that many: got {len(z)} z, {len(images)} images, "
            f"batch={batch}."
        )
    generator.to(device).train()
    optimizer = torch.optim.Adam(generator.parameters(), fused=True)
    per_epoch = len(z) // batch
    steps = epochs * per_epoch
    stamp = [stamp, *_fingerprint(generator, z, images), epochs, batch, learning_rate, warmup, seed]
    run = _resume(checkpoint, stamp, generator, optimizer, device)
    z, images = torch.from_numpy(z).to(device), torch.from_numpy(images).to(device)
    bar = runtime.Progress(total=steps * batch, done=run["step"] * batch, unit="image", label="train G")
    saved = time.monotonic()
    begun = saved - run["seconds"]
    ordered = None

    while run["step"] < steps:
        # Batch: a slice of the epoch's permutation.
        epoch, place = divmod(run["step"], per_epoch)
        if ordered != epoch:
            order = torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(len(z))).to(device)
            ordered = epoch
        chosen = order[place * batch : (place + 1) * batch]
        x = images[chosen].float() / 127.5 - 1

        # Forward, backward.
        loss = (generator(z[chosen]) - x).abs().mean()
        if not math.isfinite(value := loss.item()):
            raise FloatingPointError(
                f"the loss must stay finite: got {value} at step {run['step'] + 1} of {steps}; use a smaller "
                f"learning_rate. The last checkpoint, if a minute had passed, is {checkpoint}."
            )
        optimizer.zero_grad()
        loss.backward()

        # Update.
        rate = learning_rate * schedule((run["step"] + 1) / steps, warmup)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        run["step"] += 1

        # Log.
        run["loss"] += value / per_epoch
        run["seconds"] = time.monotonic() - begun
        bar.update(batch, epoch=epoch + 1, loss=f"{value:.4f}")
        if place == per_epoch - 1:
            row = {"epoch": epoch + 1, "learning_rate": rate} | run
            run["history"].append({key: row[key] for key in COLUMNS})
            log.info("epoch %d of %d: loss %.5f, %.0f s", epoch + 1, epochs, run["loss"], run["seconds"])
            run["loss"] = 0.0

        # Save.
        if time.monotonic() - saved > SAVE_EVERY:
            _save(checkpoint, stamp, generator, optimizer, run)
            saved = time.monotonic()
    bar.close()
    return run["history"]


def schedule(t: float, warmup: float) -> float:
    """Learning rate over its peak at the fraction t of the run: a line up to 1 at `warmup`, and a line down to 0."""
    return t / warmup if t < warmup else (1 - t) / (1 - warmup)


def _fingerprint(generator: nn.Module, z: np.ndarray, images: np.ndarray) -> list[int]:
    """Checksums of what a run starts from: the weights that were drawn, the latents, the images."""
    weights = [tensor.detach().cpu().numpy() for tensor in generator.state_dict().values()]
    return [zlib.crc32(np.ascontiguousarray(a).data if a.ndim else a.tobytes()) for a in (*weights, z, images)]


def _resume(
    checkpoint: Path, stamp: list, generator: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device | str
) -> dict:
    """The state of the run: the checkpoint's if it is of this very run, else that of a fresh one."""
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        if state["stamp"] == stamp:
            generator.load_state_dict(state["generator"])
            optimizer.load_state_dict(state["optimizer"])
            log.info("resumed at step %d from %s", state["run"]["step"], checkpoint)
            return state["run"]
        log.warning("%s is of another run (parameters, data or code differ): training starts afresh.", checkpoint)
    return {"step": 0, "loss": 0.0, "seconds": 0.0, "history": []}


def _save(checkpoint: Path, stamp: list, generator: nn.Module, optimizer: torch.optim.Optimizer, run: dict) -> None:
    state = {"generator": generator.state_dict(), "optimizer": optimizer.state_dict(), "run": run, "stamp": stamp}
    with runtime.whole_file(checkpoint) as partial:
        torch.save(state, partial)
