"""Our PCA, scikit-learn's IncrementalPCA and dask's svd_compressed, on one store of coefficients.

    python benchmarks/whitening.py [--images 4096] [--N 32] [--J 3] [--rank 128]
    python benchmarks/whitening.py --full [--images 16384]

The first command scatters polygons and decomposes their coefficients exactly, in double precision.
Each solver then reads the store in a process of its own. Printed are its time, its peak memory, the
captured variance as a fraction of the exact one, and the largest relative error of an eigenvalue.

The second command runs our PCA alone, at the width of the paper. It draws rows of p = 80,064 with
the spectrum of polygons and fits rank 512. Printed are the time of a pass, beside that of plain
products of the same shapes, and the peak memory.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import psutil
import torch

from gsn.data import polygons
from gsn.decomposition import whitening
from gsn.runtime import machine, shards, store, view
from gsn.transforms import scattering2d

SHARD = 4096  # rows of a shard
BATCH = 256  # rows drawn at once
P = 80_064  # 3 colours, 417 paths, 8 x 8 positions
SOLVERS = ("subspace", "incremental", "svd_compressed")


def save(path, n, p, batches):
    """Store n rows of p coefficients as float16."""
    variable = store.Variable(("image", "coefficient"), shape=(n, p), dtype="float16", shard=SHARD)
    with store.whole(path) as folder:
        store.create(folder, {"S": variable})
    batches = iter(batches)
    for i, start in enumerate(range(0, n, SHARD)):
        steps = range(start, min(start + SHARD, n), BATCH)
        shards.write_shard(path, "S", i, (next(batches) for _ in steps))


def polygon_rows(n, N, J):
    """Yield the coefficients of n polygons in batches: (BATCH, p) float16."""
    S = scattering2d.Scattering2D(J, (N, N))
    drawn = (
        np.stack([polygons.draw(i, N, split="train") for i in range(first, first + BATCH)])
        for first in range(0, n, BATCH)
    )
    computed = scattering2d.of_images(S, drawn, device=torch.device("cpu"), dtype=torch.float16)
    return (rows.flatten(1).numpy() for rows in computed)


def drawn_rows(n):
    """Yield Gaussian rows in batches, with a mean and with eigenvalues 4 i^-1.8, as polygons'."""
    torch.manual_seed(0)
    basis = torch.randn(1536, P) * (2 / P**0.5 * torch.arange(1, 1537)[:, None] ** -0.9)
    mean = torch.rand(P)
    return ((mean + torch.randn(BATCH, 1536) @ basis).half().numpy() for _ in range(0, n, BATCH))


def centred(path):
    """Return all rows without their mean, (n, p) float64."""
    A = store.read(path, "S")[...].astype(np.float64)
    A -= A.mean(axis=0)
    return A


def exact(path, rank):
    """Return the leading eigenvalues of the covariance, computed from all rows at once."""
    A = centred(path)
    gram = A @ A.T if len(A) < A.shape[1] else A.T @ A
    return np.linalg.eigvalsh(gram)[::-1][:rank] / (len(A) - 1)


def pass_ends():
    """Return a list that receives the time of each end of a pass, which our PCA logs."""
    ends = []
    handler = logging.Handler()
    handler.addFilter(lambda record: record.getMessage().startswith("pass "))
    handler.emit = lambda record: ends.append(time.perf_counter())
    log = logging.getLogger("gsn.decomposition")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return ends


def solve(path, solver, rank, tolerance):
    """Print the time, the eigenvalues and the seconds of each pass; save the components."""
    rows = view.blocks(path, "S")
    ends = pass_ends()
    dask.config.set(scheduler="threads")
    begun = time.perf_counter()
    if solver == "svd_compressed":
        A = rows.astype(np.float32)
        A = A - A.mean(axis=0)
        decomposed = da.linalg.svd_compressed(A, rank, n_power_iter=2, iterator="QR", seed=0)
        _, s, components = dask.compute(*decomposed)
        eigenvalues = s.astype(np.float64) ** 2 / (len(rows) - 1)
    else:
        _, components, eigenvalues = whitening.fit(rows, rank, solver=solver, tolerance=tolerance)
    result = {"seconds": time.perf_counter() - begun, "passes": np.diff(ends).tolist()}
    print(json.dumps(result | {"eigenvalues": eigenvalues.tolist()}))
    np.save(path.parent / f"{solver}.npy", components)


def watched(command):
    """Return what a command prints, and the peak memory of its processes together, in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0

    def watch():
        nonlocal peak
        while process.poll() is None:
            try:
                parent = psutil.Process(process.pid)
                tree = [parent, *parent.children(recursive=True)]
                peak = max(peak, sum(each.memory_info().rss for each in tree))
            except psutil.Error:
                pass
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out = process.communicate()[0]
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{command} failed.")
    return json.loads(out.splitlines()[-1]), peak


def run(folder, solver, rank, tolerance):
    """Run `solve` in a process of its own."""
    options = ["--rank", str(rank), "--tolerance", str(tolerance)]
    solving = ["--solve", str(folder / "S.zarr"), solver]
    return watched([sys.executable, __file__, *solving, *options])


def captured(folder, solver):
    """Return the variance in the span of the components, whatever eigenvalues the solver gives."""
    Q = np.linalg.qr(np.load(folder / f"{solver}.npy").T.astype(np.float64))[0]
    A = centred(folder / "S.zarr")
    return np.square(A @ Q).sum() / (len(A) - 1)


def compare(folder, arguments):
    """Print time, memory and errors of each solver."""
    n, N, J, rank = arguments.images or 4096, arguments.N, arguments.J, arguments.rank or 128
    rows = list(polygon_rows(n, N, J))
    p = rows[0].shape[1]
    save(folder / "S.zarr", n, p, rows)
    eigenvalues = exact(folder / "S.zarr", rank)
    print(f"{n} polygons of {N} x {N}, J = {J}: p = {p}, rank {rank}")
    header = f"{'solver':16} {'time, s':>8} {'memory, MB':>11} {'captured variance':>18}"
    print(f"{header} {'worst eigenvalue error':>23}")
    times = {}
    for solver in SOLVERS:
        result, peak = run(folder, solver, rank, 1e-4)
        error = np.abs(np.array(result["eigenvalues"]) / eigenvalues - 1).max()
        share = captured(folder, solver) / eigenvalues.sum()
        times[solver] = result["seconds"]
        line = f"{solver:16} {times[solver]:>8.2f} {peak / 1e6:>11.0f} {share:>18.7f}"
        print(f"{line} {error:>23.1e}", flush=True)
    print(f"IncrementalPCA takes {times['incremental'] / times['subspace']:.1f} times as long")


def product_seconds(rows, k, device):
    """Return the time of the plain products of a pass, for one block of rows."""
    A, Q = torch.randn(rows, P, device=device), torch.randn(P, k, device=device)
    Y, times = torch.zeros_like(Q), []
    for _ in range(4):
        begun = time.perf_counter()
        Y.addmm_(A.T, A @ Q)
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return min(times)


def full(folder, arguments):
    """Print the time of a pass of our PCA and its memory, at the width of the paper."""
    n, rank = arguments.images or 16384, arguments.rank or 512
    save(folder / "S.zarr", n, P, drawn_rows(n))
    result, peak = run(folder, "subspace", rank, 0.1)  # a few passes: the time of one is wanted
    if not result["passes"]:
        raise SystemExit("the log of gsn.decomposition must report two passes: found fewer.")
    device, k = machine.device(), 2 * rank
    product = product_seconds(512, k, device) * n / 512
    measured = float(np.median(result["passes"]))
    work = 4 * n * P * k / 1e9
    print(f"n = {n}, p = {P}, rank {rank}, k = {k}, {device.type}")
    rate = f"{work / measured:.0f} GFLOP/s"
    print(f"a pass takes {measured:.1f} s ({rate}) with reading, centring and the QR;")
    rate = f"{work / product:.0f} GFLOP/s"
    print(f"plain products of its shapes {product:.1f} s ({rate}): {product / measured:.0%} of it")
    print(f"peak resident memory {peak / 1e9:.2f} GB")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--N", type=int, default=32, help="side of the images")
    parser.add_argument("--J", type=int, default=3, help="log2 of the scale of averaging")
    parser.add_argument("--rank", type=int, help="number of components: 128, or 512 with --full")
    parser.add_argument(
        "--images", type=int, help="number of images, a multiple of 256: 4096, or 16384 with --full"
    )
    parser.add_argument("--full", action="store_true", help="run at the width of the paper")
    parser.add_argument("--solve", nargs=2, help=argparse.SUPPRESS)  # a store and a solver
    parser.add_argument("--tolerance", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.solve:
        path, solver = arguments.solve
        solve(Path(path), solver, arguments.rank, arguments.tolerance)
        return
    with tempfile.TemporaryDirectory() as folder:
        (full if arguments.full else compare)(Path(folder), arguments)


if __name__ == "__main__":
    main()
