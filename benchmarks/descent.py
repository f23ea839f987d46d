"""Our descent beside the L-BFGS of torch and of scipy: evaluations and seconds to the same error.

    python benchmarks/descent.py [--N 64] [--fields 4] [--J 3] [--L 4] [--double]
    python benchmarks/descent.py --tolerances 1e-2 1e-3 1e-4

All minimise |Phi(x) - y|^2 from the same white noise. Phi is a small scattering network of torch
that is built below: means of the moduli of Gaussian bands of a field, and of the bands of these. y
is Phi of a field with filaments. Ours takes all fields at once. torch's L-BFGS (strong Wolfe
conditions) and scipy's L-BFGS-B have one problem each, so they take one field after the other, with
the same history of 40 pairs. A run ends at the first evaluation within the tolerance. Evaluations
are those of a field, on average.
"""

import argparse
import contextlib
import time

import numpy as np
import scipy.optimize
import torch

from gsn.inverse import starts
from gsn.inverse.descent import descend
from gsn.inverse.lbfgs import HISTORY
from gsn.runtime import machine

MOST = 5000  # evaluations


class Reached(Exception):
    """The error is within the tolerance."""


def network(N, J, L, x):
    """Return Phi, (n, N, N) -> (n, M), each number divided by that of x."""
    frequencies = torch.fft.fftfreq(N, device=x.device, dtype=x.dtype) * 2 * torch.pi
    psi = []
    for j in range(J):
        for angle in np.arange(L) * np.pi / L:
            a, b = 0.75 * np.pi / 2**j * np.cos(angle), 0.75 * np.pi / 2**j * np.sin(angle)
            square = (frequencies[:, None] - a) ** 2 + (frequencies - b) ** 2
            psi.append(torch.exp(-square * 4**j / 2))
    psi = torch.stack(psi)
    psi[:, 0, 0] = 0

    def moments(x):
        w = torch.fft.ifft2(torch.fft.fft2(x)[:, None] * psi).abs()  # (n, J L, N, N)
        found = [x.mean((1, 2))[:, None], x.square().mean((1, 2))[:, None], w.mean((2, 3))]
        for j in range(1, J):
            u = torch.fft.fft2(w[:, : j * L, None]) * psi[j * L : (j + 1) * L]
            found.append(torch.fft.ifft2(u).abs().mean((3, 4)).flatten(1))
        return torch.cat(found, dim=1)

    scale = moments(x[None])
    return lambda x: moments(x) / scale


def filaments(N, device, dtype):
    """Return a field with filaments: the zeros of smooth noise, bright."""
    noise = torch.fft.fft2(torch.randn(N, N, generator=torch.Generator().manual_seed(0)))
    k = torch.fft.fftfreq(N, 1 / N)
    smooth = torch.fft.ifft2(noise * torch.exp(-(k[:, None] ** 2 + k**2) / (N / 8) ** 2)).real
    return torch.exp(-((smooth / smooth.std()) ** 2) * 8).to(device, dtype)


def ours(phi, y, x0, tolerance):
    found = descend(phi, y, x0, steps=MOST, tolerance=tolerance)
    return found.evaluations.double().mean().item(), found.losses[-1].max().item()


def one_by_one(solve):
    """Return a solver of all fields, one after the other."""

    def solved(phi, y, x0, tolerance):
        counts, errors = [], []
        for x in x0:
            best, count = np.inf, 0

            def energy(u):
                nonlocal best, count
                count += 1
                E = (phi(u) - y).square().sum() / 2
                best = min(best, ((2 * E).sqrt() / y.norm()).item())
                if best <= tolerance or count >= MOST:
                    raise Reached
                return E

            with contextlib.suppress(Reached):
                solve(energy, x[None].clone())
            counts.append(count)
            errors.append(best)
        return float(np.mean(counts)), max(errors)

    return solved


def by_torch(energy, x):
    x.requires_grad_()
    optimizer = torch.optim.LBFGS(
        [x],
        max_iter=MOST,
        max_eval=MOST,
        tolerance_grad=0,
        tolerance_change=0,
        history_size=HISTORY,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        E = energy(x)
        E.backward()
        return E

    optimizer.step(closure)


def by_scipy(energy, x):
    def value_and_gradient(numbers):
        u = torch.from_numpy(numbers).to(x).view_as(x).requires_grad_()
        E = energy(u)
        (gradient,) = torch.autograd.grad(E, u)
        return E.item(), gradient.flatten().cpu().double().numpy()

    options = {"maxcor": HISTORY, "maxiter": MOST, "maxfun": MOST, "ftol": 0, "gtol": 0}
    start = x.flatten().cpu().double().numpy()
    scipy.optimize.minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", options=options)


SOLVERS = {"gsn": ours, "torch": one_by_one(by_torch), "scipy": one_by_one(by_scipy)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--N", type=int, default=64, help="side of the fields")
    add("--fields", type=int, default=4, help="number of fields")
    add("--J", type=int, default=3, help="scales")
    add("--L", type=int, default=4, help="angles")
    add("--double", action="store_true", help="compute in float64")
    add("--tolerances", type=float, nargs="+", default=[1e-2, 1e-3], help="relative errors")
    arguments = parser.parse_args()
    device, dtype = machine.device(), torch.float64 if arguments.double else torch.float32
    example = filaments(arguments.N, device, dtype)
    phi = network(arguments.N, arguments.J, arguments.L, example)
    y, x0 = phi(example[None])[0], starts.white(example, arguments.fields, seed=0)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    print(f"{name}, {torch.get_num_threads()} threads, torch {torch.__version__}, {dtype}")
    print(f"{arguments.fields} fields of {arguments.N} x {arguments.N}, {len(y)} numbers")
    print(f"{'error':>8} {'':8} {'evaluations':>11} {'seconds':>8} {'ratio':>6} {'reached':>9}")
    for solve in SOLVERS.values():  # the first run imports and plans
        solve(phi, y, x0[:1], 0.5)
    for tolerance in arguments.tolerances:
        first = None
        for solver, solve in SOLVERS.items():
            begun = time.perf_counter()
            evaluations, error = solve(phi, y, x0, tolerance)
            seconds = time.perf_counter() - begun
            first = first or seconds
            row = f"{tolerance:>8.0e} {solver:8} {evaluations:>11.1f} {seconds:>8.2f}"
            print(f"{row} {seconds / first:>6.2f} {error:>9.2e}", flush=True)


if __name__ == "__main__":
    main()
