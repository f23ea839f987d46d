"""Our scattering transform against kymatio's: RGB images per second of both, and the ratio.

    python benchmarks/scattering.py [--N 28 32 64 128] [--J 2 3 4 4]
                                    [--batches 1 4 16 64] [--repeats 3]

Both transform the same images in one process, in turns, on a GPU if there is one. A line compares
their medians at one batch size. The last line of each N compares their best rates, and gives the
relative difference of their coefficients.
"""

import argparse
import statistics
import time

import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn.runtime import machine
from gsn.transforms import Scattering2D


def seconds(transform, x):
    """Return the time of one transform, until all of its work is done."""
    if x.is_cuda:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    transform(x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def measure(J, N, batches, repeats, device):
    """Print the rates of both transforms at each batch size, and at the best one."""
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
        a, b = (batch / statistics.median(times[transform]) for transform in times)
        print(f"{J:>2} {N:>4} {batch:>6} {a:>9.1f} {b:>9.1f} {a / b:>7.2f}", flush=True)
        best = {ours: max(best[ours], a), kymatio: max(best[kymatio], b)}
    a, b = best.values()
    print(
        f"{J:>2} {N:>4} {'best':>6} {a:>9.1f} {b:>9.1f} {a / b:>7.2f} {difference:>12.1e}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    device = machine.device()
    cuda = device.type == "cuda"
    batches = (16, 64, 256, 1024) if cuda else (1, 4, 16, 64)
    parser.add_argument(
        "--N", type=int, nargs="+", default=[28, 32, 64, 128], help="sides of the images"
    )
    parser.add_argument("--J", type=int, nargs="+", default=[2, 3, 4, 4], help="J for each side")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=batches, help="RGB images in a batch"
    )
    parser.add_argument("--repeats", type=int, default=3, help="transforms of each batch size")
    arguments = parser.parse_args()
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}, RGB, L = 8, float32; RGB images a second")
    header = f"{'J':>2} {'N':>4} {'batch':>6} {'gsn':>9} {'kymatio':>9} {'ratio':>7}"
    print(f"{header} {'difference':>12}")
    with torch.inference_mode():
        for J, N in zip(arguments.J, arguments.N, strict=True):
            measure(J, N, arguments.batches, arguments.repeats, device)


if __name__ == "__main__":
    main()
