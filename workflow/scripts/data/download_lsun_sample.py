from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import lsun
from gsn.data.files import held
from gsn.runtime import files

output = Path(snakemake.output[0])
with held(output):
    names = lsun.fetch_sample(output.parent)
with files.whole_file(output) as partial:
    partial.write_text("".join(f"{name}\n" for name in [f"revision {lsun.REVISION}", *names]))
