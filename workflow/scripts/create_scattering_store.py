from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn import scattering, store

J, L = int(snakemake.wildcards.J), int(snakemake.wildcards.L)
n, channels, N, _ = store.read(Path(snakemake.input.images).parent, "x").shape
paths = scattering.paths(J, L)
K, side = len(paths["order"]), N // 2**J

variables = {
    "S": store.Variable(
        ("image", "channel", "row", "column"),
        shape=(n, channels * K, side, side),
        dtype=snakemake.params.scattering["dtype"],
        shard=snakemake.params.scattering["shard"],
        attrs={"long_name": "scattering coefficient", "units": "1", "J": J, "L": L, "N": N},
    ),
    "colour": store.Variable(("channel",), np.repeat(np.arange(channels, dtype=np.int8), K)),
}
meanings = {
    "order": "number of wavelets on the path",
    "j1": "log2 of the scale of the first wavelet, -1 if none",
    "theta1": "index of the angle of the first wavelet, -1 if none",
    "j2": "log2 of the scale of the second wavelet, -1 if none",
    "theta2": "index of the angle of the second wavelet, -1 if none",
}
for name, meaning in meanings.items():
    variables[name] = store.Variable(("channel",), np.tile(paths[name], channels), attrs={"long_name": meaning})

with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(
        folder,
        variables,
        J=J,
        L=L,
        N=N,
        max_order=2,
        normalisation="images of 8 bits divided by 255",
        split=snakemake.wildcards.split,
    )
