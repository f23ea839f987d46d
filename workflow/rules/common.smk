# What all rules share: the configuration, and functions of the wildcards.
import functools
import importlib
import operator
import os
import re
import shutil
import sys
from pathlib import Path

# This checkout's gsn, here and in the scripts, whatever is installed; and its settings, here.
sys.path[:0] = [f"{workflow.basedir}/src", f"{workflow.basedir}/workflow"]
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [sys.path[0], os.environ.get("PYTHONPATH")]))
)
# torch would leave its cache in the folder of temporary files.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.abspath(".snakemake/torchinductor"))
import imports
import settings

# Snakemake leaves the interpreter of a script unquoted, and fills in braces.
for place in (sys.executable, workflow.basedir):
    if special := re.search(r"""[\s{}'"$&;|<>()*?\[\]#!`\\]""", str(place)):
        sys.exit(
            f"The paths of this folder and of Python must have no {special[0]!r}: got {place}; "
            "move the folder, or rename it."
        )

SPLITS = ("train", "test")


# The downloads too, since the nodes of a cluster seldom see the network.
localrules:
    all,
    classification,
    figures,
    latent_laws,
    claims,
    memory,
    paper,
    comparison,
    download,
    download_lsun_sample,
    download_head_ct,
    create_scattering_store,
    describe_experiment,
    describe_embedding,
    describe_laws,
    reconstruction,
    superresolution,
    sweeps,
    synthesis,
    table1,
    table1_seeds,
    tabulate_sweep,
    tomography,


# A fault of the configuration ends the run by sys.exit: Snakemake adds a traceback to exceptions.
try:
    DATASETS = settings.datasets(config)
    SWEEPS = settings.sweeps(config, DATASETS)
    SYNTHESES = settings.syntheses(config)
    RECONSTRUCTION = settings.reconstruction(config)
    SUPERRESOLUTION = settings.superresolution(config)
    TOMOGRAPHY = settings.tomography(config)
except ValueError as error:
    sys.exit(str(error))


def GPU(wildcards):
    """The number of GPUs of a job that can use one: none on a machine without, one on a cluster.

    A function, since Snakemake does not know yet where it will run when it reads this file.
    """
    here = workflow.local_exec and not workflow.remote_exec
    return 0 if here and shutil.which("nvidia-smi") is None else 1


def grows(amount):
    """A function for mem_mb and runtime: an amount, and as much again in each further attempt.

    A day or more is written without it: such jobs keep their state, and a longer limit may be more
    than a partition allows.
    """

    def grown(wildcards, attempt):
        return attempt * (amount(wildcards) if callable(amount) else amount)

    return grown


def code(*scripts, modules=()):
    """A checksum of the scripts of a rule, and of the modules that they import, for its params.

    An edit reruns the rule and what follows, also an edit that is made while the rule runs. Some
    further modules may be named.
    """
    files = [Path(workflow.basedir, "workflow/scripts", f"{script}.py") for script in scripts]
    files += [Path(workflow.basedir, "src/gsn", f"{module}.py") for module in modules]
    return imports.digest(*files)


def path(pattern, **wildcards):
    """A path with its pathvars and its wildcards filled in."""
    return workflow.pathvars.apply(pattern).format(**wildcards)


@functools.cache
def dataset(name):
    """The settings of a data set, with the changes behind its name."""
    plain, changes = settings.changes.parts(name)
    try:
        return settings.changed(plain, changes, DATASETS[plain])
    except ValueError as error:
        sys.exit(str(error))


@functools.cache
def counted(name):
    """The settings of a data set; its images are counted where it takes all that there are."""
    chosen = dataset(name)
    sizes = {split: chosen.get(split) for split in SPLITS}
    try:
        if chosen["source"] == "folder":
            from gsn.data import folder

            return chosen | folder.counts(Path(chosen["path"]), **sizes)
        if chosen["source"] in ("hdf5", "npy"):
            reader = importlib.import_module(f"gsn.data.{chosen['source']}")
            return chosen | reader.counts(
                Path(chosen["path"]),
                chosen.get("key"),
                chosen.get("labels"),
                full_scale=chosen.get("full_scale"),
                **sizes,
            )
    except (ValueError, OSError) as error:
        sys.exit(f"{name}: {error}")
    return chosen


@functools.cache
def checked(name, variant="", **experiment):
    """The settings of a data set, with the J, L, d and variant of an experiment."""
    merged = counted(name) | experiment
    try:
        merged = settings.changes.applied(f"d{merged['d']}", variant, merged, network=True)
        settings.check(name, merged)
    except ValueError as error:
        sys.exit(str(error))
    return merged


def chosen(wildcards):
    """The settings of the experiment that a path names, checked before any job starts."""
    return checked(
        wildcards.dataset,
        wildcards.get("variant", ""),
        **{key: int(value) for key, value in wildcards.items() if key in ("J", "L", "d")},
    )


def setting(*keys):
    """A function of the wildcards: one setting, which the keys lead to."""
    return lambda wildcards: functools.reduce(operator.getitem, keys, chosen(wildcards))


def own(name):
    """The wildcards of the experiment that the settings of a data set describe."""
    return (
        {"dataset": name} | {key: dataset(name)[key] for key in ("J", "L", "d")} | {"variant": ""}
    )
