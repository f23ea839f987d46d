"""What makes up each step of a training: a slice of the epoch's permutation of the images, on the device."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.distributed as dist

from gsn import runtime


class Batches:
    """Batches of (z, x) that depend on the seed and the step alone, whatever machine makes them.

    On a GPU the images are kept as uint8 and z as float32 if they take less than half of the free memory; otherwise
    batches are gathered here and copied ahead of their use. Under torch.distributed each process gets its part.

    Args:
        z: (n, d) float32.
        images: (n, c, N, N) uint8.
        batch: images per step, of all processes together.
        noise: standard deviation of the Gaussian noise on z.
        seed: of the permutations and of the noise.
        device: where the batches are to be.

    Raises:
        ValueError: if z and images differ in number, the batch is larger, or the processes cannot share it.
    """

    def __init__(self, z: np.ndarray, images: np.ndarray, *, batch: int, noise: float, seed: int, device: torch.device):
        self.rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        if len(z) != len(images) or not 1 <= batch <= len(z):
            raise ValueError(
                f"training needs one z per image and a batch of at most that many: got {len(z)} z, {len(images)} "
                f"images, batch={batch}."
            )
        if batch % world:
            raise ValueError(
                f"batch must be a multiple of the number of processes: got batch={batch}, {world} of them."
            )
        self.n, self.batch, self.noise, self.seed, self.device = len(z), batch, noise, seed, device
        self.part = slice(self.rank * batch // world, (self.rank + 1) * batch // world)
        self.per_epoch = len(z) // batch
        self.ordered = None  # the epoch whose permutation is at hand
        self.z, self.images = torch.from_numpy(z), torch.from_numpy(images)
        self.resident = fits(z.nbytes + images.nbytes, device)
        if self.resident:
            self.z, self.images = self.z.to(device), self.images.to(device)

    def steps(self, steps: range) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """z (batch, d) with its noise, x (batch, c, N, N) float32 in [-1, 1], of some steps, counted from 0."""
        found = map(self._gather, steps) if self.resident else runtime.ahead(self._gather, steps)
        for z, images in found:
            yield z, images.float() / 127.5 - 1

    def _gather(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        epoch, place = divmod(step, self.per_epoch)
        if self.ordered != epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.n)
            self.order, self.ordered = torch.from_numpy(order).to(self.z.device), epoch
        chosen = self.order[place * self.batch : (place + 1) * self.batch][self.part]
        z, images = self._moved(self.z[chosen]), self._moved(self.images[chosen])
        if self.noise:
            drawn = np.random.default_rng([self.seed, epoch, place]).standard_normal(
                (self.batch, z.shape[1]), np.float32
            )
            z = z + self.noise * torch.from_numpy(drawn[self.part]).to(self.device)
        return z, images

    def _moved(self, rows: torch.Tensor) -> torch.Tensor:
        """The rows on the device, for which nothing here waits: they come from page-locked memory."""
        if rows.device.type == self.device.type:
            return rows
        return rows.pin_memory().to(self.device, non_blocking=True)


def fits(size: int, device: torch.device) -> bool:
    """Whether so many bytes may stay on the device."""
    return device.type != "cuda" or size < torch.cuda.mem_get_info(device)[0] // 2
