from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.generation import claimed

numbers = ", ".join(f"{key} = {snakemake.wildcards[key]}" for key in ("J", "L", "d"))
text = claimed.page(
    experiment=f"{snakemake.wildcards.dataset}, {numbers}{snakemake.wildcards.variant}",
    embedding=files.read_csv(snakemake.input.embedding),
    sparsity=files.read_csv(snakemake.input.sparsity),
)
with files.whole_file(snakemake.output[0]) as partial:
    partial.write_text(text, encoding="utf-8")
