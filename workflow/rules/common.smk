import functools
import operator
import os
import shutil
import sys
from pathlib import Path

import yaml

# This checkout's gsn, here and in the scripts, whatever is installed (nothing need be, as with --sdm conda).
sys.path.insert(0, f"{workflow.basedir}/src")
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [sys.path[0], os.environ.get("PYTHONPATH")])))
import gsn.config


# The download too, since the nodes of a cluster seldom see the network.
localrules:
    all,
    download,
    download_lsun_sample,
    create_scattering_store,
    tabulate,


# A fault of the configuration ends the run at once, by sys.exit: Snakemake would wrap an exception into a trace.
def read_config():
    schema = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")
    try:
        return gsn.config.datasets(config, yaml.safe_load(schema.read_text()))
    except ValueError as error:
        sys.exit(str(error))


DATASETS = read_config()


wildcard_constraints:
    dataset="|".join(DATASETS),
    split="train|test",
    J=r"[1-9]\d*",
    L=r"[1-9]\d*",
    d=r"[1-9]\d*",
    i=r"0|[1-9]\d*",


# A machine without a GPU runs as many jobs at once as it has cores for; a cluster is asked for one.
GPU = 0 if workflow.local_exec and shutil.which("nvidia-smi") is None else 1


def code(*modules, script=None):
    """The modules that compute a rule's numbers: an edit to one of them reruns the rule and what follows."""
    files = [Path("src/gsn", f"{module}.py") for module in modules]
    if script:
        files.append(Path("workflow/scripts", f"{script}.py"))
    return [os.path.relpath(Path(workflow.basedir, file)) for file in files]


@functools.cache
def counted(name):
    """The settings of a data set; its images are counted where it takes all that there are."""
    chosen = DATASETS[name]
    sizes = {split: chosen.get(split) for split in ("train", "test")}
    try:
        if chosen["source"] == "folder":
            from gsn.images import folder

            return chosen | folder.counts(Path(chosen["path"]), **sizes)
        if chosen["source"] == "hdf5":
            from gsn.images import hdf5

            return chosen | hdf5.counts(Path(chosen["path"]), chosen["key"], chosen.get("labels"), **sizes)
    except (ValueError, OSError) as error:
        sys.exit(f"{name}: {error}")
    return chosen


@functools.cache
def checked(name, **path):
    """The settings of a data set, with the J, L and d of a path in the place of its own."""
    merged = counted(name) | path
    try:
        gsn.config.check(name, merged)
    except ValueError as error:
        sys.exit(str(error))
    return merged


def settings(wildcards):
    """The settings of the data set that a path names, with the J, L and d of the path; checked before any job."""
    return checked(wildcards.dataset, **{key: int(value) for key, value in wildcards.items() if key in ("J", "L", "d")})


def setting(*keys):
    """A function of the wildcards for params and resources: one setting, of which the keys are the path."""
    return lambda wildcards: functools.reduce(operator.getitem, keys, settings(wildcards))


def shards(split=None):
    """A function of the wildcards for input: every shard of a scattering store."""

    def paths(wildcards):
        chosen, name = settings(wildcards), split or wildcards.split
        store = f"results/{wildcards.dataset}/J{wildcards.J}_L{wildcards.L}/scattering/{name}.zarr"
        return [f"{store}/S/c/{i}/0/0/0" for i in range(-(-chosen[name] // chosen["scattering"]["shard"]))]

    return paths


def megabytes(*, rows, bases=0, workers=False):
    """A function of the wildcards for mem_mb: the libraries, some rows of coefficients, some bases of 2 rank of them.

    With `workers`, all that for each process of dask too, if the whitening is to use processes of this machine.
    """

    def memory(wildcards):
        chosen = settings(wildcards)
        p = gsn.config.coefficients(channels=chosen["channels"], N=chosen["N"], J=chosen["J"], L=chosen["L"])
        whitening = chosen["whitening"]
        copies = 1 + whitening["workers"] if workers and whitening["scheduler"] == "processes" else 1
        each = 35 if bases and whitening["solver"] == "incremental" else bases
        return copies * (1500 + 4 * p * (rows(chosen) + each * 2 * chosen["rank"]) // 10**6)

    return memory


def experiment(name):
    """The folder of a data set's own experiment."""
    chosen = DATASETS[name]
    return f"results/{name}/J{chosen['J']}_L{chosen['L']}/d{chosen['d']}"
