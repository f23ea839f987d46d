from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn import figures, store

ROWS, COLUMNS = 4, 8
images = store.read(Path(snakemake.input.images).parent, "x")
n = images.shape[0]
chosen = np.linspace(0, n - 1, min(ROWS * COLUMNS, n)).astype(int)
sheet = np.full((ROWS * COLUMNS, *images.shape[1:]), 255, dtype=np.uint8)
sheet[: len(chosen)] = np.stack([images[i] for i in chosen])
title = f"{snakemake.wildcards.dataset}, {snakemake.wildcards.split}: images 1 to {n}, evenly spaced"
figure = figures.image_rows(sheet.reshape(ROWS, COLUMNS, *images.shape[1:]), [], title=title)
with runtime.whole_file(snakemake.output[0]) as partial:
    figure.savefig(partial)
