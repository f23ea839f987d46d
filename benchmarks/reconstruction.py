"""Reconstruction from order 1 at J = 2: ours beside the recipe of kymatio's example, on one image.

    python benchmarks/reconstruction.py [--H 384] [--W 512] [--iterations 50] [--steps 25 50 100]

The recipe is that of kymatio's pull request 834, which prints 22.97 dB for another photograph: from
uniform noise, 50 steps of Adam at the rate 1 on kymatio's gradients, the best iterate, clipped to
[0, 1]. Ours is one start of `reconstruct` on the same coefficients, clipped too. The image is the
astronaut of scikit-image in colour, its upper part.
"""

import argparse
import time

import numpy as np
import skimage.data
import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn.metrics import reconstruction
from gsn.runtime import machine
from gsn.systems.reconstruction import reconstruct
from gsn.transforms import Scattering2D

J = 2


def psnr(x, y):
    """Return the PSNR of an image in [0, 1] that is clipped, pooled over its colours, in dB."""
    y = np.clip(y.cpu().numpy(), 0, 1)
    return reconstruction.psnr(reconstruction.mse(x.cpu().numpy()[None], y[None]), peak=1)[0]


def recipe(x, transform, iterations):
    """Return the best iterate of Adam, as in the example."""
    target = transform(x)
    y = torch.rand(x.shape, device=x.device, requires_grad=True)
    optimizer = torch.optim.Adam([y], lr=1)
    best, least = y.detach().clone(), float("inf")
    for _ in range(iterations):
        loss = torch.nn.functional.mse_loss(transform(y), target)
        if loss.item() < least:
            best, least = y.detach().clone(), loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return best


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--H", type=int, default=384, help="rows of the image, at most 512")
    parser.add_argument("--W", type=int, default=512, help="columns of the image, at most 512")
    parser.add_argument("--iterations", type=int, default=50, help="steps of Adam")
    parser.add_argument("--steps", type=int, nargs="+", default=[25, 50, 100], help="our steps")
    given = parser.parse_args()
    device = machine.device()
    pixels = skimage.data.astronaut()[: given.H, : given.W].astype(np.float32) / 255
    x = torch.from_numpy(pixels).permute(2, 0, 1).contiguous().to(device)  # (3, H, W)
    shape = (given.H, given.W)
    ours = Scattering2D(J, shape, max_order=1)
    kymatio = ScatteringTorch2D(J, shape, max_order=1).to(device)
    S = ours(x)
    name = torch.cuda.get_device_name() if x.is_cuda else f"CPU, {torch.get_num_threads()} threads"
    print(
        f"{name}, torch {torch.__version__}, 3 x {given.H} x {given.W}, J = {J}, order 1, float32"
    )
    torch.manual_seed(0)
    begun = time.perf_counter()
    y = recipe(x, kymatio, given.iterations)
    seconds = time.perf_counter() - begun
    print(f"Adam on kymatio, {given.iterations} steps: {psnr(x, y):.2f} dB, {seconds:.1f} s")
    for steps in given.steps:
        begun = time.perf_counter()
        found = reconstruct(S, ours, n_starts=1, steps=steps, tolerance=0)
        seconds = time.perf_counter() - begun
        print(f"gsn, {steps} steps: {psnr(x, found.x):.2f} dB, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
