from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
from pathlib import Path

import torch

from gsn.runtime import files, machine, store
from gsn.systems.synthesis import models
from gsn.transforms import statistics

machine.keep_memory()
place, output, name = Path(snakemake.input[0]).parent, snakemake.output, snakemake.wildcards.model
kept, descent = snakemake.params.model, dict(snakemake.params.descent)
x = torch.from_numpy(store.read(place, "x")[...]).to(machine.device())
border = descent.pop("border")
mask = models.within(x.shape[-2:], border) if border else None

folder = Path(output.statistic).parent
partial = folder / "descent.partial.pt"  # no output of the rule: it outlives a stopped job
stamped = [snakemake.params.code, torch.__version__, store.attributes(place)["digest"]]
found = models.synthesized(
    x,
    kept["statistics"],
    settings=kept["settings"],
    mask=mask,
    **descent,
    checkpoint=partial,
    stamp=" ".join([*stamped, json.dumps([kept, snakemake.params.descent], sort_keys=True)]),
)

facts = {"statistics": kept["statistics"], "moments": found.moments}
variables = {
    "x": store.Variable(("synthesis", "row", "column"), found.x.cpu().numpy()),
    "error": store.Variable(("synthesis",), found.error),
    "evaluations": store.Variable(("synthesis",), found.evaluations),
}
with store.whole(Path(output.fields).parent) as written:
    store.create(written, variables, model=name, seconds=found.seconds, **facts)
header = ["step", *(f"synthesis_{i}" for i in range(len(found.x)))]
files.write_csv(output.losses, header, ([i, *row] for i, row in enumerate(found.losses)))
with files.whole_file(output.statistic) as path:
    statistics.save(found.statistic.cpu(), path)
partial.unlink(missing_ok=True)
