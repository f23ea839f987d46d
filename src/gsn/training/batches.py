"""The batches of a training: slices of each epoch's permutation of the rows, on the device."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.distributed as dist

from gsn.runtime import streams


class Batches:
    """Batches that depend on the seed and the step alone, whatever machine makes them.

    On a GPU the arrays stay on the device if they take less than half of its free memory. Otherwise
    batches are gathered in main memory and copied ahead of their use. Under torch.distributed each
    process gets its part.

    Args:
        arrays: Arrays of n rows each, of any shape and dtype; the first one is the input of the
            network.
        batch: Number of rows in a step, of all processes together.
        noise: Standard deviation of the Gaussian noise on the first array; 0 for none.
        seed: Seed of the permutations and of the noise.
        device: Device of the batches.

    Attributes: n; per_epoch, the number of full batches in an epoch; rank, the number of this
        process.

    Raises:
        ValueError: The arrays differ in length, the batch is larger, or the processes cannot share
            it.
    """

    def __init__(
        self,
        arrays: Sequence[np.ndarray],
        *,
        batch: int,
        noise: float,
        seed: int,
        device: torch.device,
    ):
        self.rank, world = (
            (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        )
        lengths = {len(array) for array in arrays}
        if len(lengths) != 1 or not 1 <= batch <= min(lengths):
            remedy = f"a batch of {min(lengths)} or less" if len(lengths) == 1 else "equal lengths"
            raise ValueError(
                "training needs arrays of the same length and a batch of at most that many rows: "
                f"got lengths {', '.join(str(len(array)) for array in arrays)}, batch={batch}; "
                f"use {remedy}."
            )
        if batch % world:
            raise ValueError(
                f"batch must be a multiple of the number of processes: got batch={batch}, "
                f"{world} processes."
            )
        self.n, self.batch, self.noise, self.seed, self.device = (
            len(arrays[0]),
            batch,
            noise,
            seed,
            device,
        )
        self.part = slice(self.rank * batch // world, (self.rank + 1) * batch // world)
        self.per_epoch = self.n // batch
        self.ordered = None  # number of the epoch that `order` belongs to
        self.arrays = [torch.from_numpy(array) for array in arrays]
        self.resident = fits(sum(array.nbytes for array in arrays), device)
        if self.resident:
            self.arrays = [array.to(device) for array in self.arrays]

    def steps(self, steps: range) -> Iterator[list[torch.Tensor]]:
        """Yield the batch of each step, counted from 0: a tensor for each array, on the device."""
        return map(self._gather, steps) if self.resident else streams.ahead(self._gather, steps)

    @contextlib.contextmanager
    def generator(self) -> Iterator[Callable[[int], None]]:
        """Give a function that seeds torch's generator for a step; restore the generator after."""

        def seed(step: int) -> None:
            words = np.random.SeedSequence([self.seed, step, self.rank, 1])
            torch.manual_seed(int(words.generate_state(1, np.uint64)[0]))

        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            yield seed

    def _gather(self, step: int) -> list[torch.Tensor]:
        epoch, place = divmod(step, self.per_epoch)
        if self.ordered != epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.n)
            self.order, self.ordered = torch.from_numpy(order).to(self.arrays[0].device), epoch
        chosen = self.order[place * self.batch : (place + 1) * self.batch][self.part]
        inputs, *others = (self._moved(array[chosen]) for array in self.arrays)
        if self.noise:
            drawn = np.random.default_rng([self.seed, epoch, place]).standard_normal(
                (self.batch, *inputs.shape[1:]), np.float32
            )
            inputs = inputs + self.noise * torch.from_numpy(drawn[self.part]).to(self.device)
        return [inputs, *others]

    def _moved(self, rows: torch.Tensor) -> torch.Tensor:
        """Copy rows to the device without waiting, from page-locked memory."""
        if rows.device.type == self.device.type:
            return rows
        return rows.pin_memory().to(self.device, non_blocking=True)


def fits(size: int, device: torch.device) -> bool:
    """Return whether `size` bytes may stay on the device."""
    return device.type != "cuda" or size < torch.cuda.mem_get_info(device)[0] // 2
