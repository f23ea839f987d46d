from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.generation import baseline, linear, quality

SPLITS = ("train", "test")
images, z = (
    {split: store.read(Path(path).parent, name) for split, path in zip(SPLITS, paths, strict=True)}
    for name, paths in (("x", snakemake.input.images), ("z", snakemake.input.z))
)
z = {split: array[...] for split, array in z.items()}
decoder = linear.decoder(z["train"], images["train"])
rows = []
for split in SPLITS:
    pairs = baseline.decoded(decoder, z[split], images[split])
    measured = quality.measured(pairs, images[split].shape)
    rows.append([split, *measured, f"{decoder.penalty:.4g}"])
files.write_csv(snakemake.output[0], ["split", *quality.COLUMNS, "penalty"], rows)
