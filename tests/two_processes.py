"""One training step, in one process or in several, for test_processes.py.

The gradients, the statistics and the loss are saved.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from gsn.networks.generator import Generator
from gsn.runtime import machine
from gsn.systems.generation.fitting import l1
from gsn.training import course, updates
from gsn.training.batches import Batches


def step(output, normalisation):
    random = np.random.default_rng(0)
    z = random.standard_normal((12, 6), dtype=np.float32)
    images = random.integers(0, 256, (12, 3, 8, 8), dtype=np.uint8)
    torch.set_num_threads(1)
    with machine.processes() as device:
        torch.manual_seed(0)
        G = Generator(6, 8, width=4, kernel=3, normalisation=normalisation).double()
        forward = updates.parallel(G, device)
        batches = Batches((z, images), batch=8, noise=0.1, seed=0, device=device)
        ((z_b, x_b),) = batches.steps(range(1))
        loss = l1(forward, z_b.double(), x_b)
        loss.backward()
        (mean,), stop = course.together([loss.detach()], batches.rank == 1)
        found = {name: p.grad for name, p in G.named_parameters()} | dict(G.named_buffers())
        if batches.rank == 0:
            torch.save(found | {"loss": torch.tensor(mean), "stop": torch.tensor(stop)}, output)


if __name__ == "__main__":  # pytest imports this file to collect doctests
    step(Path(sys.argv[1]), sys.argv[2])
