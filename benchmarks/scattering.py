"""Our scattering transform against kymatio's, on the same images in one process: images per second and their ratio.

    python benchmarks/scattering.py [--N 28 32 64 128] [--J 2 3 4 4] [--repeats 3]

Each takes its own best batch size of those tried; the two alternate, and the medians are compared. On a GPU where
there is one.
"""

import argparse
import statistics
import time

import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn import runtime
from gsn.scattering import Scattering2D

BATCHES = (1, 4, 16, 64)


def seconds(transform, x):
    """Time of one transform, all of its work done."""
    if x.is_cuda:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    transform(x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def measure(J, N, repeats, device):
    ours, kymatio = Scattering2D(J, (N, N)).to(device), ScatteringTorch2D(J, (N, N)).to(device)
    x = torch.rand(max(BATCHES), 3, N, N, device=device)
    difference = (ours(x[:4]) - kymatio(x[:4])).norm() / kymatio(x[:4]).norm()
    rates = {ours: [], kymatio: []}
    for batch in BATCHES:
        times = {ours: [], kymatio: []}
        for _ in range(repeats):
            for transform in times:
                times[transform].append(seconds(transform, x[:batch]))
        for transform in times:
            rates[transform].append(batch / statistics.median(times[transform]))
    best = max(rates[ours]), max(rates[kymatio])
    batches = [BATCHES[r.index(b)] for r, b in zip(rates.values(), best, strict=True)]
    print(
        f"{J:>2} {N:>4} {best[0]:>10.1f} ({batches[0]:>3}) {best[1]:>10.1f} ({batches[1]:>3})"
        f" {best[0] / best[1]:>7.2f} {difference:>12.1e}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--N", type=int, nargs="+", default=[28, 32, 64, 128], help="sides of the images")
    parser.add_argument("--J", type=int, nargs="+", default=[2, 3, 4, 4], help="a scale for each side")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    device = runtime.device()
    threads = torch.get_num_threads()
    print(
        f"{torch.cuda.get_device_name() if device.type == 'cuda' else f'CPU, {threads} threads'}, RGB, L = 8, float32"
    )
    print("RGB images a second (at its best batch)")
    print(f"{'J':>2} {'N':>4} {'gsn':>16} {'kymatio':>16} {'ratio':>7} {'difference':>12}")
    with torch.inference_mode():
        for J, N in zip(arguments.J, arguments.N, strict=True):
            measure(J, N, arguments.repeats, device)


if __name__ == "__main__":
    main()
