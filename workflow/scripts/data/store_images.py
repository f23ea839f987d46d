from gsn.runtime import job

threads = job.start(snakemake.log[0], snakemake.threads)

import importlib
from pathlib import Path

from gsn.data import arrays, writing
from gsn.runtime import log

files = {name: Path(file) for name, file in snakemake.input.items()}
split, stored = snakemake.wildcards.split, snakemake.params.stored
module = importlib.import_module(f"gsn.data.{snakemake.params.source}")
source = module.read(files, split, **snakemake.params.settings)
if source.notice:
    log.announce(source.notice)
writing.write(
    Path(snakemake.output.store).parent,
    source,
    arrays=arrays.image(stored["channels"], stored["N"]),
    n=stored["n"],
    split=split,
    threads=threads,
    on_error=stored["on_error"],
    names=Path(snakemake.output.names),
)
