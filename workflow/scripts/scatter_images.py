from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np
import torch

from gsn import scattering, store

BATCH = 256  # images read and sent to the device at once
J, L, i = (int(snakemake.wildcards[key]) for key in ("J", "L", "i"))
path = Path(snakemake.input.store).parent
target = store.read(path, "S")
images = store.read(Path(snakemake.input.images).parent, "x")
start = i * target.shards[0]
stop = min(start + target.shards[0], target.shape[0])

device = runtime.device()
S = scattering.Scattering2D(J, images.shape[2:], L).to(device)
shard = np.empty((max(stop - start, 0), *target.shape[1:]), dtype=target.dtype)
bar = runtime.Progress(total=len(shard), unit="image", label=f"scatter {snakemake.wildcards.split} {i}")
with torch.inference_mode():
    for first in range(start, stop, BATCH):
        x = torch.from_numpy(images[first : min(first + BATCH, stop)]).to(device)
        shard[first - start :][: len(x)] = S(x.float() / 255).flatten(1, 2).cpu().numpy()
        bar.update(len(x))
bar.close()
if len(shard):
    store.write_shard(path, "S", i, shard)
else:  # images that cannot be read were skipped, so many that none is left for this shard, which nobody reads
    Path(snakemake.output[0]).touch()
