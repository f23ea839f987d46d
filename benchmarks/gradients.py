"""Gradients of our scattering transform against kymatio's: seconds of both, and the ratio.

    python benchmarks/gradients.py [--N 128 256 256 256] [--J 4 5 6 7]
                                   [--planes 3 1 1 1] [--repeats 5]

A measurement is one transform and one gradient of the sum of its squares: first a colour image,
then single planes. Both compute the same numbers in one process, in turns. A line has the medians,
their ratio, and the relative differences of the coefficients and of the gradients. The lines
`periodic` have our means over the pixels of a periodic image, which kymatio has not.
"""

import argparse
import statistics
import time

import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn.runtime import machine
from gsn.transforms import Scattering2D


def run(transform, x):
    """Return the seconds of a transform with its gradient, the coefficients and the gradient."""
    x = x.clone().requires_grad_()
    if x.is_cuda:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    S = transform(x)
    (gradient,) = torch.autograd.grad(S.square().sum(), x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun, S.detach(), gradient


def difference(a, b):
    """Return the relative difference of two tensors."""
    return ((a - b).norm() / b.norm()).item()


def measure(J, N, planes, repeats, device):
    """Print the seconds of both transforms at a size, and those of the periodic one."""
    ours, kymatio = Scattering2D(J, (N, N)), ScatteringTorch2D(J, (N, N)).to(device)
    periodic = Scattering2D(J, (N, N), boundary="periodic", moments=True)
    torch.manual_seed(0)  # the gradient of a modulus near 0 has few digits
    x = torch.rand(planes, N, N).to(device)
    (_, S, g), (_, S_kymatio, g_kymatio) = run(ours, x), run(kymatio, x)
    run(periodic, x)
    times = {ours: [], kymatio: [], periodic: []}
    for _ in range(repeats):
        for transform, taken in times.items():
            taken.append(run(transform, x)[0])
    a, b, c = (statistics.median(taken) for taken in times.values())
    differences = f"{difference(S, S_kymatio):>9.1e} {difference(g, g_kymatio):>9.1e}"
    size = f"{N:>4} {J:>2} {planes:>6}"
    print(f"{size} {'reflect':>9} {a:>8.4f} {b:>8.4f} {b / a:>6.1f} {differences}", flush=True)
    print(f"{size} {'periodic':>9} {c:>8.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--N", type=int, nargs="+", default=[128, 256, 256, 256], help="sides of the images")
    add("--J", type=int, nargs="+", default=[4, 5, 6, 7], help="J for each side")
    add("--planes", type=int, nargs="+", default=[3, 1, 1, 1], help="planes for each side")
    add("--repeats", type=int, default=5, help="runs of each transform")
    arguments = parser.parse_args()
    device = machine.device()
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}, L = 8, float32; seconds of a gradient")
    header = f"{'N':>4} {'J':>2} {'planes':>6} {'boundary':>9} {'gsn':>8} {'kymatio':>8}"
    print(f"{header} {'ratio':>6} {'of S':>9} {'of dS':>9}")
    sizes = zip(arguments.J, arguments.N, arguments.planes, strict=True)
    for J, N, planes in sizes:
        measure(J, N, planes, arguments.repeats, device)


if __name__ == "__main__":
    main()
