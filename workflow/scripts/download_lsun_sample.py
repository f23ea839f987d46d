from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import lsun

output = Path(snakemake.output[0])
files = lsun.fetch_sample(output.parent)
with runtime.whole_file(output) as partial:
    partial.write_text("".join(f"{name}\n" for name in [f"revision {lsun.REVISION}", *files]))
