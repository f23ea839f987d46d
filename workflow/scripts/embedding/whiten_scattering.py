from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.decomposition import whitening
from gsn.runtime import progress, shards, store, view

SHARD = 8192  # rows
d, split = snakemake.params.d, snakemake.wildcards.split
pca = Path(snakemake.input.pca).parent
mu, components, eigenvalues = (
    store.read(pca, name)[rows]
    for name, rows in (("mu", ...), ("components", slice(d)), ("eigenvalues", slice(d)))
)
source = Path(snakemake.input.store).parent
rows = view.blocks(source, "S")
n = len(rows)
z = store.Variable(
    ("image", "component"),
    shape=(n, d),
    dtype="float32",
    shard=SHARD,
    attrs={"long_name": "whitened embedding", "units": "1"},
)
bar = progress.Progress(total=n, unit="image", label=f"whiten {split}")
with store.whole(Path(snakemake.output[0]).parent) as folder:
    digests = {"images": store.attributes(source)["images"], "pca": store.attributes(pca)["digest"]}
    store.create(folder, {"z": z}, d=d, split=split, **digests)
    for i, first in enumerate(range(0, n, SHARD)):
        whitened = (
            whitening.whiten(S, mu, components, eigenvalues)
            for S in whitening.read(rows[first : first + SHARD])
        )
        shards.write_shard(folder, "z", i, bar.over(whitened))
bar.close()
