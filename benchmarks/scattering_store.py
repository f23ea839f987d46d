"""From stored images to a shard of coefficients on disk: the cost of writing, in space and time.

    python benchmarks/scattering_store.py [--N 128] [--J 4] [--images 256] [--repeats 3]
    python benchmarks/scattering_store.py --codecs

The first command does the work of the rule scatter_images on polygons. It compares this with the
transform alone, and with its peer: kymatio at its best batch, followed by zarr with its default
codec. It runs on a GPU if there is one; there, `--images 81920 --repeats 1 --alone` makes a store
of the paper's size. The second command compares codecs on real coefficients, on one thread.
"""

import argparse
import itertools
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

from gsn.data import polygons, writing
from gsn.data.arrays import image
from gsn.data.items import Source
from gsn.runtime import machine, shards, store, streams
from gsn.transforms import scattering2d

SHARD = 8192  # rows of a shard
PEER = 64  # batch at which kymatio is fastest
OURS, KYMATIO = "ours, float16", "kymatio and zarr, float32"
CODECS = [
    *[("lz4", 5), ("lz4hc", 5), ("blosclz", 5)],
    *[("zstd", 1), ("zstd", 3), ("zstd", 5), ("zstd", 9)],
]
SHUFFLES = {
    "bytes": numcodecs.Blosc.SHUFFLE,
    "bits": numcodecs.Blosc.BITSHUFFLE,
    "none": numcodecs.Blosc.NOSHUFFLE,
}


def draw(folder, n, N):
    """Store n polygons and return their array, (n, 3, N, N) uint8."""
    source, arrays = Source(polygons.items("train", n, N)), image(3, N)
    writing.write(folder / "images.zarr", source, arrays=arrays, n=n, split="train", threads=2)
    return store.read(folder / "images.zarr", "x")


def batches(images, start, stop, n):
    """Yield the images from start to stop in batches of n, each read ahead of its use."""
    return streams.ahead(lambda i: images[i : min(i + n, stop)], range(start, stop, n))


def transform(images, S, device):
    """Compute the coefficients of all images and drop them."""
    read = batches(images, 0, images.shape[0], 64)
    for _ in scattering2d.of_images(S, read, device=device, dtype=torch.float32):
        pass
    if device.type == "cuda":
        torch.cuda.synchronize()


def coefficients_shape(images, S):
    return (images.shape[0], images.shape[1] * S.K, *(side // 2**S.J for side in S.shape))


def ours(images, S, device, folder, dtype):
    """Write the coefficients as the rule scatter_images does."""
    axes, shape = ("image", "channel", "row", "column"), coefficients_shape(images, S)
    with store.whole(folder / "ours.zarr") as made:
        store.create(made, {"S": store.Variable(axes, shape=shape, dtype=dtype, shard=SHARD)})
    rows = store.read(folder / "ours.zarr", "S").chunks[0]
    for i, start in enumerate(range(0, images.shape[0], SHARD)):
        read = batches(images, start, min(start + SHARD, images.shape[0]), rows)
        computed = scattering2d.of_images(S, read, device=device, dtype=getattr(torch, dtype))
        shards.write_shard(folder / "ours.zarr", "S", i, streams.to_host(computed))


def peer(images, S, kymatio, device, folder):
    """Write the coefficients by kymatio and zarr."""
    shape = coefficients_shape(images, S)
    array = zarr.create_array(
        folder / "peer.zarr", shape=shape, chunks=(PEER, *shape[1:]), dtype="f4", overwrite=True
    )
    with torch.inference_mode():
        for first in range(0, images.shape[0], PEER):
            x = torch.from_numpy(images[first : first + PEER]).to(device).float() / 255
            array[first : first + len(x)] = kymatio(x).flatten(1, 2).cpu().numpy()


def size(folder):
    """Return the bytes of the coefficients in a folder."""
    paths = itertools.chain.from_iterable(made.rglob("*") for made in folder.glob("[op]*.zarr"))
    return sum(path.stat().st_size for path in paths if path.is_file())


def timed(ways, folder, repeats):
    """Return the median time of each way, and the bytes that it writes."""
    times, sizes = {way: [] for way in ways}, {}
    for repeat in range(repeats + 1):  # the first one compiles and builds filters: it is not timed
        for way, run in ways.items():
            for path in folder.glob("[op]*.zarr"):
                shutil.rmtree(path)
            begun = time.perf_counter()
            run()
            if repeat:
                times[way].append(time.perf_counter() - begun)
            sizes[way] = size(folder)
    return {way: statistics.median(seconds) for way, seconds in times.items()}, sizes


def end_to_end(folder, arguments):
    """Print rate, time and bytes of each way from images to coefficients."""
    device, n, J, N = machine.device(), arguments.images, arguments.J, arguments.N
    images = draw(folder, n, N)
    S, kymatio = scattering2d.Scattering2D(J, (N, N)), ScatteringTorch2D(J, (N, N)).to(device)
    ways = {
        "the transform alone": lambda: transform(images, S, device),
        OURS: lambda: ours(images, S, device, folder, "float16"),
        "ours, float32": lambda: ours(images, S, device, folder, "float32"),
        KYMATIO: lambda: peer(images, S, kymatio, device, folder),
    }
    if arguments.alone:
        del ways[KYMATIO]
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}: {n} RGB images of {N} x {N}, J = {J}, L = 8")
    print(f"{'':26} {'images/s':>9} {'time, s':>9} {'kB/image':>9}")
    times, sizes = timed(ways, folder, arguments.repeats)
    for way, seconds in times.items():
        kilobytes = f"{sizes[way] / n / 1e3:.1f}" if sizes[way] else ""
        print(f"{way:26} {n / seconds:>9.1f} {seconds:>9.2f} {kilobytes:>9}")
    more = 100 * (times[OURS] / times["the transform alone"] - 1)
    print(f"writing, float16: {more:+.1f} % of the transform's time")
    if not arguments.alone:
        print(f"ratio to kymatio and zarr: {times[KYMATIO] / times[OURS]:.2f}")


def coded(blosc, rows, repeats):
    """Return the bytes of encoded rows, and the median times to encode and to decode them."""
    encoding, decoding = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        data = blosc.encode(rows)
        encoding.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        decoded = blosc.decode(data)
        decoding.append(time.perf_counter() - begun)
    assert np.array_equal(np.frombuffer(decoded, rows.dtype), rows.ravel())
    return len(data), statistics.median(encoding), statistics.median(decoding)


def codecs(folder, arguments):
    """Print bytes and rates of each codec."""
    N, J = arguments.N, arguments.J
    images, S = draw(folder, 128, N)[...], scattering2d.Scattering2D(J, (N, N))
    numcodecs.blosc.use_threads = False
    print(f"128 RGB images of {N} x {N}, J = {J}; one thread")
    header = f"{'dtype':8} {'codec':10} {'shuffled':9} {'kB/image':>9}"
    print(f"{header} {'images/s in':>12} {'images/s out':>12}")
    for dtype in (torch.float16, torch.float32):
        (rows,) = scattering2d.of_images(S, [images], device=torch.device("cpu"), dtype=dtype)
        rows = rows.numpy()
        for (codec, level), (name, shuffle) in itertools.product(CODECS, SHUFFLES.items()):
            blosc = numcodecs.Blosc(codec, level, shuffle, typesize=rows.itemsize)
            length, encoding, decoding = coded(blosc, rows, arguments.repeats)
            what = f"{rows.dtype!s:8} {f'{codec} {level}':10} {name:9}"
            rates = f"{len(rows) / encoding:>12.0f} {len(rows) / decoding:>12.0f}"
            print(f"{what} {length / len(rows) / 1e3:>9.1f} {rates}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--N", type=int, default=128, help="side of the images")
    parser.add_argument("--J", type=int, default=4, help="log2 of the scale of averaging")
    parser.add_argument("--images", type=int, default=256, help="number of images")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each way or codec")
    parser.add_argument("--codecs", action="store_true", help="compare codecs")
    parser.add_argument("--alone", action="store_true", help="leave out kymatio")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (codecs if arguments.codecs else end_to_end)(Path(folder), arguments)


if __name__ == "__main__":
    main()
