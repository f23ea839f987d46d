from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import torch

from gsn.runtime import machine, progress, shards, store, streams
from gsn.transforms import scattering2d

J, L, i = (int(snakemake.wildcards[key]) for key in ("J", "L", "i"))
path = Path(snakemake.input.store).parent
target = store.read(path, "S")
images = store.read(Path(snakemake.input.images).parent, "x")
start = i * target.shards[0]
stop = min(start + target.shards[0], target.shape[0])
batch = target.chunks[0]

if start < stop:
    S = scattering2d.Scattering2D(J, images.shape[2:], L)
    dtype = getattr(torch, target.dtype.name)
    read = streams.ahead(
        lambda first: images[first : min(first + batch, stop)], range(start, stop, batch)
    )
    computed = scattering2d.of_images(S, read, device=machine.device(), dtype=dtype)
    bar = progress.Progress(
        total=stop - start, unit="image", label=f"scatter {snakemake.wildcards.split} {i}"
    )
    shards.write_shard(path, "S", i, bar.over(streams.to_host(computed)))
    bar.close()
else:  # so many broken images were skipped that this shard has no image left; nobody reads it
    Path(snakemake.output[0]).touch()
