"""Our scattering transform against kymatio's, on the same images in one process: RGB images per second, and the ratio.

    python benchmarks/scattering.py [--N 28 32 64 128] [--J 2 3 4 4] [--batches 1 4 16 64] [--repeats 3]

The two alternate, and medians are compared at each batch size; the last line of each N sets the best of one against
the best of the other, beside the relative difference of their coefficients. On a GPU where there is one.
"""

import argparse
import statistics
import time

import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn import runtime
from gsn.scattering import Scattering2D


def seconds(transform, x):
    """Time of one transform, all of its work done."""
    if x.is_cuda:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    transform(x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def measure(J, N, batches, repeats, device):
    ours, kymatio = Scattering2D(J, (N, N)), ScatteringTorch2D(J, (N, N)).to(device)
    x = torch.rand(max(batches), 3, N, N, device=device)
    expected = kymatio(x[:4])
    difference = ((ours(x[:4]) - expected).norm() / expected.norm()).item()
    best = {ours: 0.0, kymatio: 0.0}
    for batch in batches:
        times = {ours: [], kymatio: []}
        for _ in range(repeats):
            for transform in times:
                times[transform].append(seconds(transform, x[:batch]))
        rates = [batch / statistics.median(times[transform]) for transform in times]
        print(f"{J:>2} {N:>4} {batch:>6} {rates[0]:>9.1f} {rates[1]:>9.1f} {rates[0] / rates[1]:>7.2f}", flush=True)
        best = {transform: max(best[transform], rate) for transform, rate in zip(best, rates, strict=True)}
    a, b = best.values()
    print(f"{J:>2} {N:>4} {'best':>6} {a:>9.1f} {b:>9.1f} {a / b:>7.2f} {difference:>12.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    device = runtime.device()
    batches = (16, 64, 256, 1024) if device.type == "cuda" else (1, 4, 16, 64)
    parser.add_argument("--N", type=int, nargs="+", default=[28, 32, 64, 128], help="sides of the images")
    parser.add_argument("--J", type=int, nargs="+", default=[2, 3, 4, 4], help="a scale for each side")
    parser.add_argument("--batches", type=int, nargs="+", default=batches, help="RGB images at once")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}, RGB, L = 8, float32; RGB images a second")
    print(f"{'J':>2} {'N':>4} {'batch':>6} {'gsn':>9} {'kymatio':>9} {'ratio':>7} {'difference':>12}")
    with torch.inference_mode():
        for J, N in zip(arguments.J, arguments.N, strict=True):
            measure(J, N, arguments.batches, arguments.repeats, device)


if __name__ == "__main__":
    main()
