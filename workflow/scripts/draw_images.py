from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn import figures, store

ROWS, COLUMNS, GREY = 4, 8, 200  # so that a white image has an edge
images = store.read(Path(snakemake.input.images).parent, "x")
n, few = images.shape[0], min(images.shape[0], ROWS * COLUMNS)
chosen = np.linspace(0, n - 1, few).astype(int)
rows = -(-few // COLUMNS)
sheet = np.full((rows * COLUMNS, *images.shape[1:]), GREY, dtype=np.uint8)
sheet[:few] = np.stack([images[i] for i in chosen])
shown = "all" if few == n else f"{few} of"
title = f"{snakemake.wildcards.dataset}, {snakemake.wildcards.split}: {shown} {n} images"
figure = figures.image_rows(sheet.reshape(rows, COLUMNS, *images.shape[1:]), [], title=title, gaps=GREY)
with runtime.whole_file(snakemake.output[0]) as partial:
    figure.savefig(partial)
