from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
from pathlib import Path

import torch

from gsn.data import crops
from gsn.runtime import machine
from gsn.systems import superresolution
from gsn.systems.superresolution import peers

given, device = snakemake.params.settings, machine.device()
each = given["each"] + given["validation"]
x = crops.draw(given["train"], given["N"], each=each, seed=given["seed"])
# The last images of each photograph choose the weights of peers: nothing is fitted to them.
x = x.reshape(len(given["train"]), each, *x.shape[1:])[:, : given["each"]]
x = x.reshape(-1, *x.shape[2:])
same = {"factor": given["factor"], "J": given["J"], "L": given["L"], "together": given["each"]}
same |= {"device": device}
model = superresolution.fit(x, **same)
partial = Path(snakemake.output.deep).with_name("network.partial")  # it outlives a stopped job
network = peers.network(
    x,
    model.linear,
    given["factor"],
    **given["network"],
    seed=given["seed"],
    checkpoint=partial,
    stamp=" ".join([snakemake.params.code, torch.__version__, json.dumps(given, sort_keys=True)]),
    device=device,
)
model.save(snakemake.output.model)
superresolution.fit(x, **same, first=model.linear, network=network).save(snakemake.output.deep)
partial.unlink(missing_ok=True)
