import os
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

# So that gsn is found, here and in the scripts, by a Snakemake that runs outside .venv (in conda, with --sdm conda).
sys.path.insert(0, f"{workflow.basedir}/src")
import gsn.config


localrules:
    all,
    create_scattering_store,
    tabulate,


def read_config():
    schema = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")
    try:
        return gsn.config.datasets(config, yaml.safe_load(schema.read_text()))
    except ValueError as error:
        raise WorkflowError(str(error)) from None


DATASETS = read_config()


wildcard_constraints:
    dataset="|".join(DATASETS),
    split="train|test",
    J=r"\d+",
    L=r"\d+",
    d=r"\d+",
    i=r"\d+",


def code(*modules):
    """The modules that compute a rule's numbers: an edit to one of them reruns the rule and what follows."""
    return [os.path.relpath(Path(workflow.basedir, "src/gsn", f"{module}.py")) for module in modules]


def settings(wildcards):
    """The settings of the data set that a path names, with the J, L and d of the path; checked before any job."""
    name = wildcards.dataset
    path = {key: int(value) for key, value in wildcards.items() if key in ("J", "L", "d")}
    merged = DATASETS[name] | path
    if "d" not in path:
        merged["d"] = min(merged["d"], merged["rank"])
    try:
        gsn.config.check(name, merged)
    except ValueError as error:
        raise WorkflowError(str(error)) from None
    return merged


def setting(*keys):
    """A function of the wildcards for params: one setting, or a part of one."""

    def look_up(wildcards):
        value = settings(wildcards)
        for key in keys:
            value = value[key]
        return value

    return look_up


def n_images(wildcards):
    return settings(wildcards)[wildcards.split]


def n_shards(wildcards, split):
    chosen = settings(wildcards)
    return -(-chosen[split] // chosen["shard"])


def shards(split=None):
    """A function of the wildcards for input: every shard of a scattering store."""

    def paths(wildcards):
        chosen = split or wildcards.split
        store = f"results/{wildcards.dataset}/J{wildcards.J}_L{wildcards.L}/scattering/{chosen}.zarr"
        return [f"{store}/S/c/{i}/0/0/0" for i in range(n_shards(wildcards, chosen))]

    return paths


def megabytes(wildcards, *, images, copies=3):
    """Memory of a job that holds some images with their coefficients, and the libraries."""
    chosen = settings(wildcards)
    J, L = chosen["J"], chosen["L"]
    per_image = 4 * gsn.config.coefficients(N=chosen["N"], J=J, L=L)
    return 1500 + copies * images * per_image // 10**6


def experiment(name):
    """The folder of a data set's own experiment."""
    chosen = DATASETS[name]
    return f"results/{name}/J{chosen['J']}_L{chosen['L']}/d{chosen['d']}"
