"""A gradient of phase harmonic covariances, ours and pywph's: seconds, memory, and the ratio.

    python benchmarks/phase_harmonics.py [--N 256] [--model C] [--J 5] [--L 8]
                                         [--peer-J 7] [--peer-L 4] [--dn 2] [--repeats 3]

Both take the squared distance of their numbers from those of one field, at another field, and its
gradient, in float32. Each runs in a process of its own, one after the other, `--repeats` times in
turns. Printed are the medians: seconds on the clock, seconds of processors, which a busy machine
changes less, and the peak memory of a process beyond what it held before. The models differ: the
defaults have about as many numbers, a complex one counted once, at the J and L that each is used
with. pywph is not among the requirements: `pip install pywph==1.1.3`.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
import torch

from gsn.transforms import bump_wavelets
from gsn.transforms import statistics as models


def fields(N):
    """Return two fields of a skewed process, (2, N, N) float32."""
    x_hat = np.fft.fft2(np.random.default_rng(0).standard_normal((2, N, N)))
    smooth = np.fft.ifft2(x_hat * bump_wavelets.phi((N, N), 3)).real
    return torch.from_numpy(np.exp(smooth / smooth.std())).float()


def gsn(arguments, x):
    """Return a function that computes loss and gradient, and the number of numbers."""
    settings = {"model": arguments.model, "J": arguments.J, "L": arguments.L}
    phi = models.new("phase_harmonics", (arguments.N, arguments.N), **settings).fit(x[:1])
    y = phi(x[:1])

    def gradient():
        z = x[1:].clone().requires_grad_()
        (phi(z) - y).square().sum().backward()
        return z.grad

    return gradient, phi.count


def pywph(arguments, x):
    """Return the same of pywph's operator, which goes through its numbers in chunks."""
    import pywph

    N, J, L = arguments.N, arguments.peer_J, arguments.peer_L
    operator = pywph.WPHOp(N, N, J, L=L, dn=arguments.dn, device="cpu")
    y = operator(x[0], norm="auto")

    def gradient():
        z = x[1].clone().requires_grad_()
        z, chunks = operator.preconfigure(z)
        first = 0
        for chunk in range(chunks):
            part = operator(z, chunk, norm="auto")
            target = y[..., first : first + part.shape[-1]]
            first += part.shape[-1]
            (part - target).abs().square().sum().backward(retain_graph=True)
        return z.grad

    return gradient, y.shape[-1]


def peak():
    """Return the peak memory of this process in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(name, arguments):
    """Print the seconds of a gradient, the peak memory and the count of one of the two."""
    x, before = fields(arguments.N), peak()
    gradient, count = {"gsn": gsn, "pywph": pywph}[name](arguments, x)
    gradient()  # compiles and allocates
    begun = time.perf_counter(), time.process_time()
    gradient()
    clock, processors = time.perf_counter() - begun[0], time.process_time() - begun[1]
    result = {"clock": clock, "processors": processors, "bytes": peak() - before}
    print(json.dumps(result | {"count": count}))


def run(name):
    """Return what `measure` prints in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--measure", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed.")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--N", type=int, default=256, help="side of the field")
    parser.add_argument("--model", default="C", help="B, C or D")
    parser.add_argument("--J", type=int, default=5, help="scales of ours")
    parser.add_argument("--L", type=int, default=8, help="directions of ours in half a turn")
    parser.add_argument("--peer-J", type=int, default=7, help="scales of pywph's")
    parser.add_argument("--peer-L", type=int, default=4, help="directions of pywph's")
    parser.add_argument("--dn", type=int, default=2, help="shifts of pywph's")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each")
    parser.add_argument("--measure", choices=["gsn", "pywph"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments.measure, arguments)
    names = ["gsn", "pywph"]
    if importlib.util.find_spec("pywph") is None:
        names = ["gsn"]
        print("pywph is not installed, so only gsn is measured: pip install pywph==1.1.3.")
    results = {name: [] for name in names}
    for _ in range(arguments.repeats):
        for name in names:
            results[name].append(run(name))
    N, threads = arguments.N, torch.get_num_threads()
    print(f"{N} x {N}, {threads} threads, torch {torch.__version__}")
    print(f"{'':6} {'numbers':>8} {'clock, s':>9} {'CPU, s':>8} {'memory, MB':>11}")
    medians = {}
    for name, runs in results.items():
        keys = ("clock", "processors", "bytes")
        medians[name] = [statistics.median(run[key] for run in runs) for key in keys]
        clock, processors, size = medians[name]
        count = runs[0]["count"]
        print(f"{name:6} {count:>8} {clock:>9.3f} {processors:>8.3f} {size / 1e6:>11.0f}")
    if len(names) == 2:
        ratios = [b / a for a, b in zip(medians["gsn"], medians["pywph"], strict=True)]
        print("pywph / gsn: clock {:.1f}, CPU {:.1f}, memory {:.1f}".format(*ratios))


if __name__ == "__main__":
    main()
