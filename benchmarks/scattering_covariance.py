"""Our scattering covariances against the program of their authors: seconds a step, and the ratio.

    python benchmarks/scattering_covariance.py --peer FOLDER
                                               [--N 256] [--J 6] [--L 4] [--repeats 5]

A step is the squared distance of a field's covariances from an example's, and its gradient. FOLDER
is a copy of github.com/SihaoCheng/scattering_transform, which is no package. Both take the same
fields in one process, in turns, on a GPU if there is one. The last line compares the covariances
C11 of both. In C01, the authors' program has the filter psi_2 once, where the paper has it twice.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch

from gsn.runtime import machine
from gsn.transforms import statistics as ours


def peer(folder):
    """Return the class of the authors' program."""
    if not (Path(folder) / "scattering/__init__.py").exists():
        sys.exit(
            f"--peer must be a copy of scattering_transform: found no scattering/__init__.py in "
            f"{folder}; clone https://github.com/SihaoCheng/scattering_transform there."
        )
    sys.path.insert(0, str(folder))
    from scattering import Scattering2d

    return Scattering2d


def seconds(phi, x, y):
    """Return the time of a step, until all of its work is done."""
    x = x.clone().requires_grad_()
    if x.is_cuda:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    (phi(x) - y).square().sum().backward()
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def fields(N, device):
    """Return an example with bright spots on a red field, and noise, (1, N, N) each."""
    noise = torch.randn(2, N, N, generator=torch.manual_seed(0))
    squares = torch.fft.fftfreq(N)[:, None].square() + torch.fft.rfftfreq(N).square()
    red = torch.fft.irfft2(torch.fft.rfft2(noise[:1]) * (squares + 1e-3) ** -0.5, s=(N, N))
    example = torch.exp(red / red.std())
    example = (example - example.mean()) / example.std()
    return example.to(device), noise[1:].to(device)


def largest_difference(phi, theirs, x):
    """Return the largest difference of the covariances C11."""
    found, table = phi(x)[0].tolist(), phi.table()
    rows = [i for i, kind in enumerate(table["kind"]) if kind == "C11"]
    C11, differences = theirs.scattering_cov(x, use_ref=True)["C11"][0].cpu(), []
    for i in rows:
        where = tuple(table[name][i] for name in ("j1", "j2", "j3", "l1", "l2", "l3"))
        part = C11[where].real if table["part"][i] == "real" else C11[where].imag
        differences.append(abs(part.item() - found[i]))
    return max(differences)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", required=True, help="folder of scattering_transform")
    parser.add_argument("--N", type=int, default=256, help="side of the field")
    parser.add_argument("--J", type=int, default=6, help="number of scales")
    parser.add_argument("--L", type=int, default=4, help="number of angles")
    parser.add_argument("--repeats", type=int, default=5, help="steps of each")
    arguments = parser.parse_args()
    N, J, L, device = arguments.N, arguments.J, arguments.L, machine.device()
    cuda = device.type == "cuda"
    example, start = fields(N, device)
    theirs = peer(arguments.peer)(N, N, J, L, device="gpu" if cuda else "cpu")
    theirs.add_ref(ref=example)
    phi = ours.new("scattering_covariance", (N, N), J=J, L=L).fit(example)
    maps = [phi, lambda x: theirs.scattering_cov(x, use_ref=True)["for_synthesis"]]
    with torch.no_grad():
        targets = [map(example) for map in maps]
    times = [[], []]
    for repeat in range(arguments.repeats + 1):
        for map, y, found in zip(maps, targets, times, strict=True):
            step = seconds(map, start, y)
            if repeat:  # the first one compiles
                found.append(step)
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}, N = {N}, J = {J}, L = {L}, float32")
    print(f"{'':<22} {'numbers':>8} {'seconds':>9}")
    medians = [statistics.median(found) for found in times]
    for label, y, median in zip(("gsn", "scattering_transform"), targets, medians, strict=True):
        print(f"{label:<22} {y.shape[1]:>8} {median:>9.4f}")
    print(f"ratio {medians[1] / medians[0]:.2f}")
    with torch.no_grad():
        print(f"largest difference of C11 {largest_difference(phi, theirs, start):.1e}")


if __name__ == "__main__":
    main()
