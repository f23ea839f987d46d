from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import dask

from gsn import store, whitening

d = snakemake.params.d
dask.config.set(scheduler="threads", num_workers=threads)
pca = Path(snakemake.input.pca).parent
mu, components, eigenvalues = (
    store.read(pca, name)[rows] for name, rows in (("mu", ...), ("components", slice(d)), ("eigenvalues", slice(d)))
)
rows = store.blocks(Path(snakemake.input.store).parent, "S")
z = rows.map_blocks(
    whitening.whiten, mu, components, eigenvalues, dtype="float32", chunks=(rows.chunks[0], (d,))
).compute()
variable = store.Variable(("image", "component"), z, attrs={"long_name": "whitened embedding", "units": "1"})
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(folder, {"z": variable}, d=d, split=snakemake.wildcards.split)
