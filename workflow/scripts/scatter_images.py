from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import torch

from gsn import scattering, store

J, L, i = (int(snakemake.wildcards[key]) for key in ("J", "L", "i"))
path = Path(snakemake.input.store).parent
target = store.read(path, "S")
images = store.read(Path(snakemake.input.images).parent, "x")
start = i * target.shards[0]
stop = min(start + target.shards[0], target.shape[0])
batch = target.chunks[0]

if start < stop:
    S = scattering.Scattering2D(J, images.shape[2:], L)
    dtype = getattr(torch, target.dtype.name)
    read = runtime.ahead(lambda first: images[first : min(first + batch, stop)], range(start, stop, batch))
    computed = scattering.of_images(S, read, device=runtime.device(), dtype=dtype)
    bar = runtime.Progress(total=stop - start, unit="image", label=f"scatter {snakemake.wildcards.split} {i}")
    store.write_shard(path, "S", i, bar.over(runtime.to_host(computed)))
    bar.close()
else:  # images that cannot be read were skipped, so many that none is left for this shard, which nobody reads
    Path(snakemake.output[0]).touch()
