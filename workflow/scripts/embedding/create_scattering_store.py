from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import store
from gsn.transforms.scattering2d import stored

J, L = int(snakemake.wildcards.J), int(snakemake.wildcards.L)
images = Path(snakemake.input.images).parent
shape = store.read(images, "x").shape
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(
        folder,
        stored.variables(shape, J=J, L=L, **snakemake.params.scattering),
        J=J,
        L=L,
        N=shape[-1],
        max_order=2,
        normalisation="images of 8 bits divided by 255",
        split=snakemake.wildcards.split,
        images=store.attributes(images)["digest"],
    )
