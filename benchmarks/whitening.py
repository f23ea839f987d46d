"""Our PCA, scikit-learn's IncrementalPCA and dask's svd_compressed, on the same store of coefficients.

    python benchmarks/whitening.py [--images 4096] [--N 32] [--J 3] [--rank 128]
    python benchmarks/whitening.py --full [--images 16384]       ours alone, at the width of the paper

The first scatters polygons, decomposes their coefficients exactly in double precision, then lets each solver read the
store in a process of its own: time, peak memory, captured variance and worst error of an eigenvalue, against the exact.
The second draws rows of p = 80,064 with the spectrum of polygons and fits rank 512: time of a pass against plain
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

from gsn import runtime, scattering, store, view, whitening
from gsn.images import polygons

SHARD = 4096
P = 80_064  # 3 colours, 417 paths, 8 x 8 places


def save(path, n, p, batches):
    with store.whole(path) as folder:
        store.create(
            folder, {"S": store.Variable(("image", "coefficient"), shape=(n, p), dtype="float16", shard=SHARD)}
        )
    batches = iter(batches)
    for i, start in enumerate(range(0, n, SHARD)):
        store.write_shard(path, "S", i, (next(batches) for _ in range(start, min(start + SHARD, n), 256)))


def polygon_rows(n, N, J):
    S = scattering.Scattering2D(J, (N, N))
    drawn = (np.stack([polygons.draw(i, N, split="train") for i in range(k, k + 256)]) for k in range(0, n, 256))
    computed = scattering.of_images(S, drawn, device=torch.device("cpu"), dtype=torch.float16)
    return (rows.flatten(1).numpy() for rows in computed)


def drawn_rows(n):
    """Gaussian rows with eigenvalues that fall as those of polygons do, 4 i^-1.8, and a mean."""
    torch.manual_seed(0)
    basis = torch.randn(1536, P) * (2 / P**0.5 * torch.arange(1, 1537)[:, None] ** -0.9)
    mean = torch.rand(P)
    return ((mean + torch.randn(256, 1536) @ basis).half().numpy() for _ in range(0, n, 256))


def exact(path, rank):
    """The leading eigenvalues, and nothing streamed."""
    A = store.read(path, "S")[...].astype(np.float64)
    A -= A.mean(axis=0)
    return np.linalg.eigvalsh(A @ A.T if len(A) < A.shape[1] else A.T @ A)[::-1][:rank] / (len(A) - 1)


def solve(path, solver, rank, tolerance):
    """Eigenvalues, captured variance and the times at which passes ended; in a process of its own."""
    rows = view.blocks(path, "S")
    passes = []
    handler = logging.Handler()
    handler.emit = lambda record: passes.append(time.perf_counter())
    whitening.log.addHandler(handler)
    whitening.log.setLevel(logging.INFO)
    dask.config.set(scheduler="threads")
    begun = time.perf_counter()
    if solver == "svd_compressed":
        A = rows.astype(np.float32)
        A = A - A.mean(axis=0)
        _, s, V = dask.compute(*da.linalg.svd_compressed(A, rank, n_power_iter=2, iterator="QR", seed=0))
        eigenvalues, components = s.astype(np.float64) ** 2 / (len(rows) - 1), V
    else:
        _, components, eigenvalues = whitening.fit(rows, rank, solver=solver, tolerance=tolerance)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "eigenvalues": eigenvalues.tolist(), "passes": np.diff(passes).tolist()}))
    np.save(path.parent / f"{solver}.npy", components)


def watched(command):
    """What a command prints, and the most memory that its processes had at once."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0

    def watch():
        nonlocal peak
        while process.poll() is None:
            try:
                tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
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
    options = ["--rank", str(rank), "--tolerance", str(tolerance)]
    return watched([sys.executable, __file__, "--solve", str(folder / "S.zarr"), solver, *options])


def captured(folder, solver):
    """Variance inside the span of the components, whatever eigenvalues their solver gives."""
    Q = np.linalg.qr(np.load(folder / f"{solver}.npy").T.astype(np.float64))[0]
    A = store.read(folder / "S.zarr", "S")[...].astype(np.float64)
    A -= A.mean(axis=0)
    return np.square(A @ Q).sum() / (len(A) - 1)


def compare(folder, arguments):
    n, rank = arguments.images or 4096, arguments.rank or 128
    rows = list(polygon_rows(n, arguments.N, arguments.J))
    save(folder / "S.zarr", n, rows[0].shape[1], rows)
    eigenvalues = exact(folder / "S.zarr", rank)
    print(f"{n} polygons of {arguments.N} x {arguments.N}, J = {arguments.J}: p = {rows[0].shape[1]}, rank {rank}")
    print(f"{'solver':16} {'time, s':>8} {'memory, MB':>11} {'captured variance':>18} {'worst eigenvalue error':>23}")
    times = {}
    for solver in ("subspace", "incremental", "svd_compressed"):
        result, peak = run(folder, solver, rank, 1e-4)
        error = np.abs(np.array(result["eigenvalues"]) / eigenvalues - 1).max()
        share = captured(folder, solver) / eigenvalues.sum()
        times[solver] = result["seconds"]
        print(f"{solver:16} {times[solver]:>8.2f} {peak / 1e6:>11.0f} {share:>18.7f} {error:>23.1e}", flush=True)
    print(f"IncrementalPCA takes {times['incremental'] / times['subspace']:.1f} times as long")


def full(folder, arguments):
    n, rank = arguments.images or 16384, arguments.rank or 512
    save(folder / "S.zarr", n, P, drawn_rows(n))
    result, peak = run(folder, "subspace", rank, 0.1)  # for some passes only: the time of one is what is asked
    device = runtime.device()
    A, Q = torch.randn(512, P, device=device), torch.randn(P, 2 * rank, device=device)
    Y, times = torch.zeros_like(Q), []
    for _ in range(4):
        begun = time.perf_counter()
        Y.addmm_(A.T, A @ Q)
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    product, measured = min(times) * n / 512, float(np.median(result["passes"]))
    rate = 4 * n * P * 2 * rank / 1e9
    print(f"n = {n}, p = {P}, rank {rank}, k = {2 * rank}, {device.type}")
    print(f"a pass takes {measured:.1f} s ({rate / measured:.0f} GFLOP/s) with reading, centring and the QR;")
    print(
        f"plain products of its shapes {product:.1f} s ({rate / product:.0f} GFLOP/s): {product / measured:.0%} of it"
    )
    print(f"peak resident memory {peak / 1e9:.2f} GB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--N", type=int, default=32, help="side of the images")
    parser.add_argument("--J", type=int, default=3)
    parser.add_argument("--rank", type=int)
    parser.add_argument("--images", type=int, help="a multiple of 256")
    parser.add_argument("--full", action="store_true", help="at the width of the paper")
    parser.add_argument("--solve", nargs=2, help=argparse.SUPPRESS)  # a store, and by which solver
    parser.add_argument("--tolerance", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.solve:
        solve(Path(arguments.solve[0]), arguments.solve[1], arguments.rank, arguments.tolerance)
        return
    with tempfile.TemporaryDirectory() as folder:
        (full if arguments.full else compare)(Path(folder), arguments)


if __name__ == "__main__":
    main()
