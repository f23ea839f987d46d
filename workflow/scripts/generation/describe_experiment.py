from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files
from gsn.systems.generation import page

wildcards = {key: str(value) for key, value in snakemake.wildcards.items()}
text = page.describe(
    dataset=wildcards["dataset"],
    machine=Path(snakemake.input.machine).read_text().strip(),
    settings=snakemake.params.settings | {key: int(wildcards[key]) for key in ("J", "L", "d")},
    **{
        name: files.read_csv(snakemake.input[name])
        for name in ("psnr", "ridge", "pixel_pca", "sparsity", "history")
    },
    seconds=page.seconds_of_jobs(snakemake.params.benchmarks),
    figures=[Path(figure).name for figure in [*snakemake.input.figures, snakemake.input.morphs]],
)
with files.whole_file(snakemake.output[0]) as partial:
    partial.write_text(text, encoding="utf-8")
