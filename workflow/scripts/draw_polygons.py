from concurrent.futures import ThreadPoolExecutor

from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn import store
from gsn.images import polygons

BLOCK = 1024  # images drawn at once by a thread: one shard of the store
n, N, seed = (snakemake.params[key] for key in ("n", "N", "seed"))
split = snakemake.wildcards.split


def draw(i):
    return i, polygons.draw(range(i * BLOCK, min(n, (i + 1) * BLOCK)), N, split=split, seed=seed)


images = store.Variable(
    ("image", "colour", "row", "column"),
    shape=(n, 3, N, N),
    dtype="uint8",
    shard=BLOCK,
    attrs={"long_name": "image", "units": "1/255 of full intensity"},
)
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(folder, {"x": images}, source="polygons", split=split, seed=seed)
    bar = runtime.Progress(total=n, unit="image", label=f"draw {split}")
    with ThreadPoolExecutor(threads) as pool:
        for i, block in pool.map(draw, range(-(-n // BLOCK))):
            store.write_shard(folder, "x", i, block)
            bar.update(len(block))
    bar.close()
