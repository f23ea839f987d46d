"""Turns into train.py, a program of its own, so that torchrun can start it once for each GPU."""

import json
import os
import sys
from pathlib import Path

gpus, wanted = snakemake.resources.gpu, snakemake.resources.wanted
if gpus < wanted:
    print(
        f"training.gpus is {wanted}, but Snakemake gives {gpus}; add --resources gpu={wanted}",
        file=sys.stderr,
    )
settings = {key: snakemake.params[key] for key in ("generator", "training", "seed")}
os.execv(
    sys.executable,
    [
        sys.executable,
        *(
            ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={gpus}"]
            if gpus > 1
            else []
        ),
        str(Path(snakemake.scriptdir, "train.py")),
        str(Path(snakemake.output.generator).parent),
        f"--settings={json.dumps(settings)}",
        f"--log-file={snakemake.log[0]}",
        f"--threads={max(1, snakemake.threads // max(1, gpus))}",
    ],
)
