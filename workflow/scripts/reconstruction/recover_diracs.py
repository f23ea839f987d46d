from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
import shutil
from pathlib import Path

import torch

from gsn.runtime import files, machine
from gsn.systems.reconstruction import recovery

given = dict(snakemake.params.settings)
N, diracs, threshold = (given.pop(key) for key in ("N", "diracs", "psnr"))
partial = Path(snakemake.output[0]).with_suffix(".partial")  # it outlives a stopped job
stamped = [snakemake.params.code, torch.__version__, json.dumps(given, sort_keys=True)]
rows = recovery.recovered(
    N,
    diracs,
    threshold=threshold,
    device=machine.device(),
    checkpoint=partial,
    stamp=" ".join(stamped),
    **given,
)
table = ([row[column] for column in recovery.COLUMNS] for row in rows)
files.write_csv(snakemake.output[0], recovery.COLUMNS, table)
shutil.rmtree(partial, ignore_errors=True)
