"""Seconds of syntheses to a relative error of 1e-3 of their statistics, at several sizes.

    python benchmarks/synthesis.py [--only NAME ...] [--steps 400]

An example is a field of dead leaves or of turbulence, and a synthesis starts from white noise of
its mean and variance (`gsn.systems.synthesis.models`, L-BFGS). A line has the number of statistics,
the error reached, the evaluations of the statistics with their gradient, the seconds of the descent
and the milliseconds of an evaluation. There is no peer in this run: benchmarks/gradients.py,
phase_harmonics.py and scattering_covariance.py have the peers of a gradient.
"""

import argparse

import torch

from gsn.data import fields
from gsn.runtime import machine
from gsn.systems.synthesis.models import synthesized

CASES = {  # process, side, number of syntheses, statistics, their settings
    "256, J = 5": ("dead_leaves", 256, 1, "scattering", {"J": 5, "L": 8}),
    "256, J = 6": ("dead_leaves", 256, 1, "scattering", {"J": 6, "L": 4}),
    "256, J = 7": ("dead_leaves", 256, 1, "scattering", {"J": 7, "L": 4}),
    "64 of 64": ("dead_leaves", 64, 64, "scattering", {"J": 4, "L": 4}),
    "256, covariances": ("turbulence", 256, 1, "scattering_covariance", {"J": 6, "L": 4}),
    "256, harmonics": ("turbulence", 256, 1, "phase_harmonics", {"model": "C"}),
    "1024": ("dead_leaves", 1024, 1, "scattering", {"J": 6, "L": 4}),
}


def measure(name, steps):
    """Print the cost of one case."""
    process, N, n, kind, settings = CASES[name]
    x = torch.from_numpy(fields.new(process, N, n=1, seed=0)).to(machine.device())
    run = {"settings": settings, "tolerance": 1e-3, "method": "lbfgs", "seed": 0}
    synthesized(x, kind, 1, steps=1, **run)  # compiles
    found = synthesized(x, kind, n, steps=steps, **run)
    error, evaluations = found.error.max(), int(found.evaluations.sum())
    each = 1000 * found.seconds / evaluations
    numbers = (
        f"{found.moments:>6} {error:>9.1e} {evaluations:>6} {found.seconds:>8.1f} {each:>8.1f}"
    )
    print(f"{name:18} {kind:22} {numbers}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = " ".join(f'"{name}"' for name in CASES)
    parser.add_argument(
        "--only", nargs="+", choices=CASES, default=CASES, metavar="NAME", help=names
    )
    parser.add_argument("--steps", type=int, default=400, help="largest number of steps")
    arguments = parser.parse_args()
    cuda = machine.device().type == "cuda"
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}, float32")
    print(
        f"{'':18} {'statistics':22} {'count':>6} {'error':>9} {'evals':>6} {'seconds':>8} {'ms':>8}"
    )
    for name in arguments.only:
        measure(name, arguments.steps)


if __name__ == "__main__":
    main()
