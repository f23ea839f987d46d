"""From images in a store to coefficients in a shard on disk: what the writing costs, in room and time.

    python benchmarks/scattering_store.py [--N 128] [--J 4] [--images 256] [--repeats 3]
    python benchmarks/scattering_store.py --codecs    size and time of codecs on real coefficients, on one thread

The first does what the rule scatter_images does, beside the transform alone, and beside its peer: kymatio at its best
batch, and zarr after it with its default codec. Polygons are drawn for it. On a GPU where there is one; there,
`--images 81920 --repeats 1 --alone` is a store of the paper's size.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numcodecs
import numpy as np
import torch
import zarr
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn import runtime, scattering, store
from gsn.images import polygons, writing

SHARD = 8192
PEER = 64  # images at once, where kymatio is fastest
CODECS = [("lz4", 5), ("lz4hc", 5), ("blosclz", 5), ("zstd", 1), ("zstd", 3), ("zstd", 5), ("zstd", 9)]
SHUFFLES = {"bytes": numcodecs.Blosc.SHUFFLE, "bits": numcodecs.Blosc.BITSHUFFLE, "none": numcodecs.Blosc.NOSHUFFLE}


def draw(folder, n, N):
    writing.write(folder / "images.zarr", polygons.items("train", n, N), n=n, N=N, channels=3, split="train", threads=2)
    return store.read(folder / "images.zarr", "x")


def batches(images, start, stop, n):
    return runtime.ahead(lambda first: images[first : min(first + n, stop)], range(start, stop, n))


def transform(images, S, device):
    """The coefficients of all images, which go nowhere."""
    for _ in scattering.of_images(S, batches(images, 0, images.shape[0], 64), device=device, dtype=torch.float32):
        pass
    if device.type == "cuda":
        torch.cuda.synchronize()


def ours(images, S, device, folder, dtype):
    shape = (images.shape[0], images.shape[1] * S.K, *(side // 2**S.J for side in S.shape))
    variable = store.Variable(("image", "channel", "row", "column"), shape=shape, dtype=dtype, shard=SHARD)
    with store.whole(folder / "ours.zarr") as made:
        store.create(made, {"S": variable})
    rows = store.read(folder / "ours.zarr", "S").chunks[0]
    for i, start in enumerate(range(0, images.shape[0], SHARD)):
        read = batches(images, start, min(start + SHARD, images.shape[0]), rows)
        computed = scattering.of_images(S, read, device=device, dtype=getattr(torch, dtype))
        store.write_shard(folder / "ours.zarr", "S", i, runtime.to_host(computed))


def peer(images, S, kymatio, device, folder):
    shape = (images.shape[0], images.shape[1] * S.K, *(side // 2**S.J for side in S.shape))
    array = zarr.create_array(folder / "peer.zarr", shape=shape, chunks=(PEER, *shape[1:]), dtype="f4", overwrite=True)
    with torch.inference_mode():
        for first in range(0, images.shape[0], PEER):
            x = torch.from_numpy(images[first : first + PEER]).to(device).float() / 255
            array[first : first + len(x)] = kymatio(x).flatten(1, 2).cpu().numpy()


def size(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def end_to_end(folder, arguments):
    device, n, side = runtime.device(), arguments.images, (arguments.N, arguments.N)
    images = draw(folder, n, arguments.N)
    S, kymatio = scattering.Scattering2D(arguments.J, side), ScatteringTorch2D(arguments.J, side).to(device)
    ways = {
        "the transform alone": lambda: transform(images, S, device),
        "ours, float16": lambda: ours(images, S, device, folder, "float16"),
        "ours, float32": lambda: ours(images, S, device, folder, "float32"),
        "kymatio and zarr, float32": lambda: peer(images, S, kymatio, device, folder),
    }
    if arguments.alone:
        del ways["kymatio and zarr, float32"]
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}: {n} RGB images of {side[0]} x {side[1]}, J = {arguments.J}, L = 8")
    print(f"{'':26} {'images/s':>9} {'time, s':>9} {'kB/image':>9}")
    times = {way: [] for way in ways}
    sizes = dict.fromkeys(ways, 0)
    for repeat in range(arguments.repeats + 1):  # the first is for what is done once
        for way, run in ways.items():
            for path in folder.glob("[op]*.zarr"):
                shutil.rmtree(path)
            begun = time.perf_counter()
            run()
            if repeat:
                times[way].append(time.perf_counter() - begun)
            sizes[way] = sum(size(path) for path in folder.glob("[op]*.zarr"))
    medians = {way: statistics.median(seconds) for way, seconds in times.items()}
    for way, seconds in medians.items():
        print(f"{way:26} {n / seconds:>9.1f} {seconds:>9.2f} {f'{sizes[way] / n / 1e3:.1f}' if sizes[way] else '':>9}")
    best = medians["ours, float16"]
    print(f"writing, float16: {100 * (best / medians['the transform alone'] - 1):+.1f} % of the transform's time")
    if not arguments.alone:
        print(f"ratio to kymatio and zarr: {medians['kymatio and zarr, float32'] / best:.2f}")


def codecs(folder, arguments):
    images = draw(folder, 128, arguments.N)
    S = scattering.Scattering2D(arguments.J, (arguments.N, arguments.N))
    numcodecs.blosc.use_threads = False
    print(f"128 RGB images of {arguments.N} x {arguments.N}, J = {arguments.J}; one thread")
    print(f"{'dtype':8} {'codec':10} {'shuffled':9} {'kB/image':>9} {'images/s in':>12} {'images/s out':>12}")
    for dtype in (torch.float16, torch.float32):
        (rows,) = scattering.of_images(S, [images[...]], device=torch.device("cpu"), dtype=dtype)
        rows = rows.numpy()
        for (codec, level), (name, shuffle) in ((c, s) for c in CODECS for s in SHUFFLES.items()):
            blosc = numcodecs.Blosc(codec, level, shuffle, typesize=rows.itemsize)
            times = {"in": [], "out": []}
            for _ in range(arguments.repeats):
                begun = time.perf_counter()
                coded = blosc.encode(rows)
                times["in"].append(time.perf_counter() - begun)
                begun = time.perf_counter()
                decoded = blosc.decode(coded)
                times["out"].append(time.perf_counter() - begun)
            assert np.array_equal(np.frombuffer(decoded, rows.dtype), rows.ravel())
            rates = [len(rows) / statistics.median(seconds) for seconds in times.values()]
            print(
                f"{str(dtype)[6:]:8} {f'{codec} {level}':10} {name:9} {len(coded) / len(rows) / 1e3:>9.1f}"
                f" {rates[0]:>12.0f} {rates[1]:>12.0f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--N", type=int, default=128, help="side of the images")
    parser.add_argument("--J", type=int, default=4)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--codecs", action="store_true", help="compare codecs")
    parser.add_argument("--alone", action="store_true", help="without kymatio")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (codecs if arguments.codecs else end_to_end)(Path(folder), arguments)


if __name__ == "__main__":
    main()
