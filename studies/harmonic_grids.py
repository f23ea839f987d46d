"""How wide the grids of phase harmonics must be: error and time of a gradient against room.

    python studies/harmonic_grids.py [--N 256] [--J 5] [--L 8] [--model C] [--rooms 1 1.5 2]

A grid of room 1 just holds the bands of its scale. A modulus or a doubled phase occupies more
frequencies, which such a grid folds. The numbers of a skewed field, and the gradient of their
squared distance from those of another one, are compared with those of bands on the full grid, in
float64. The times are those of float32, the median of three.
"""

import argparse
import statistics
import time

import numpy as np
import torch

from gsn.transforms.statistics.harmonic_scales import Scales
from gsn.transforms.statistics.phase_harmonics import Statistic


def fields(N):
    """Return two fields of a skewed process with filaments, (2, N, N) float64."""
    x_hat = np.fft.fft2(np.random.default_rng(0).standard_normal((2, N, N)))
    frequencies = np.hypot(np.fft.fftfreq(N)[:, None], np.fft.fftfreq(N)) + 1 / N
    x = np.fft.ifft2(x_hat / frequencies).real
    return torch.from_numpy(np.exp(-np.abs(x / x.std())))


def gradient(phi, x, y):
    """Return numbers and the gradient of their squared distance from y."""
    x = x.clone().requires_grad_()
    numbers = phi(x)
    (numbers - y).square().sum().backward()
    return numbers.detach(), x.grad


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--N", type=int, default=256, help="side of the field")
    parser.add_argument("--J", type=int, default=5, help="number of scales")
    parser.add_argument("--L", type=int, default=8, help="number of directions in half a turn")
    parser.add_argument("--model", default="C", help="B, C or D")
    parser.add_argument("--rooms", type=float, nargs="+", default=[1, 1.5, 2], help="widths")
    arguments = parser.parse_args()
    N, J, L = arguments.N, arguments.J, arguments.L
    x = fields(N)
    phi = Statistic((N, N), model=arguments.model, J=J, L=L)
    phi.scales = Scales((N, N), J, L, room=N)
    y = phi.fit(x[:1])(x[:1])
    exact = gradient(phi, x[1:], y)
    print(f"{N} x {N}, model {arguments.model}, J = {J}, L = {L}")
    print(f"{'room':>6} {'numbers':>9} {'largest':>9} {'gradient':>9} {'s':>7}  sides")
    for room in [*arguments.rooms, N]:
        phi.scales = Scales((N, N), J, L, room=room)
        numbers, slope = gradient(phi, x[1:], y)
        difference = numbers - exact[0]
        errors = [
            difference.norm() / exact[0].norm(),
            difference.abs().max(),
            (slope - exact[1]).norm() / exact[1].norm(),
        ]
        times = []
        for _ in range(4):
            begun = time.perf_counter()
            gradient(phi, x[1:].float(), y.float())
            times.append(time.perf_counter() - begun)
        shown = " ".join(f"{error.item():>9.1e}" for error in errors)
        sides = [side for side, _ in phi.scales.bands.sides]
        print(f"{room:>6g} {shown} {statistics.median(times[1:]):>7.3f}  {sides}", flush=True)


if __name__ == "__main__":
    main()
