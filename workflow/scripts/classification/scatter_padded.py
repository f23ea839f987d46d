from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import shards, store
from gsn.systems.classification import features
from gsn.transforms.scattering2d import stored

J, L = int(snakemake.wildcards.J), int(snakemake.wildcards.L)
images = store.read(Path(snakemake.input[0]).parent, "x")
n, channels = images.shape[:2]
side = features.padded(images[:1], J).shape[-1]
made = stored.variables((n, channels, side, side), J=J, L=L, dtype="float16", shard=n)
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(folder, made, J=J, L=L, N=side, max_order=2, split=snakemake.wildcards.split)
    scattered = (S.reshape(len(S), -1, *S.shape[3:]) for S in features.batches(images, J=J, L=L))
    shards.write_shard(folder, "S", 0, scattered)
