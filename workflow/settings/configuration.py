"""The whole configuration: the defaults merged into each data set, every fault in one sentence."""

import copy
from typing import Annotated, Literal

from pydantic import Field

from settings import (
    classification,
    comparison,
    data,
    embedding,
    errors,
    generation,
    latent_laws,
    memory,
)
from settings.reconstruction import Reconstruction
from settings.section import NAME, Section
from settings.superresolution import Superresolution
from settings.sweeps import Sweep
from settings.synthesis import Example
from settings.tomography import Tomography


# A new system adds its part at the top; pydantic begins with the keys of the last.
class DataSet(
    classification.Settings,
    memory.Settings,
    comparison.Settings,
    latent_laws.Settings,
    generation.Settings,
    embedding.Settings,
    data.Settings,
):
    """The settings of one data set."""


PARTS = DataSet.__bases__[::-1]
FOLDERS = (
    "sweeps",
    "synthesis",
    "reconstruction",
    "superresolution",
    "tomography",
)  # in results/, not of a data set


class Configuration(Section):
    """The configuration of gsn. Unknown keys are refused, so that no typing error passes."""

    table1: list[str] = Field(
        min_length=1,
        description="Names of the data sets in results/table1.csv",
        json_schema_extra={"uniqueItems": True},
    )
    classification: list[str] = Field(
        default_factory=list,
        description="Names of the data sets with labels in results/classification.csv",
        json_schema_extra={"uniqueItems": True},
    )
    defaults: DataSet = Field(
        default_factory=DataSet, description="Settings that every data set inherits"
    )
    datasets: dict[Annotated[str, Field(pattern=NAME)], DataSet] = Field(
        description="Data sets by name, of letters, digits, - and _, which is a folder in results/",
        json_schema_extra={"additionalProperties": False},
    )
    sweeps: dict[Annotated[str, Field(pattern=NAME)], Sweep] = Field(
        default_factory=dict,
        description="Sweeps by name, each a table and a figure in results/sweeps/",
        json_schema_extra={"additionalProperties": False},
    )
    synthesis: dict[Annotated[str, Field(pattern=NAME)], Example] = Field(
        default_factory=dict,
        description="Examples of processes by name, each with its models in results/synthesis/",
        json_schema_extra={"additionalProperties": False},
    )
    reconstruction: Reconstruction = Field(
        default_factory=Reconstruction, description="Reconstruction from scattering coefficients"
    )
    superresolution: Superresolution = Field(
        default_factory=Superresolution, description="Super-resolution of photographs"
    )
    tomography: Tomography = Field(
        default_factory=Tomography, description="Tomography from few angles or a limited view"
    )
    pathvars: dict[Literal["results", "logs"], str] = Field(
        default_factory=dict, description="Folders of the results and of the logs, for Snakemake"
    )


def datasets(config: dict) -> dict[str, dict]:
    """Return the settings of each data set, complete and checked.

    What a data set gives wins over `defaults` of the configuration, and that over the defaults of
    the classes, key by key.

    Args:
        config: Configuration, as read from config.yaml.

    Returns:
        Settings by name. Keys without a default that were not given are absent: `train` and `test`
        of a folder, for example. `check` has still to be called for the data sets that are used.

    Raises:
        ValueError: A key is missing, unknown, or has a wrong value.
    """
    read = errors.read(Configuration, config, "the configuration")
    defaults = read.defaults.model_dump(exclude_unset=True)
    merged = {}
    for name, given in read.datasets.items():
        if name in FOLDERS:
            raise ValueError(
                f"datasets must have names other than {', '.join(FOLDERS)}, the folders of other "
                f"results: got {name!r}; rename it."
            )
        own = given.model_dump(exclude_unset=True)
        settings = DataSet.model_validate(merge(defaults, own)).model_dump(exclude_none=True)
        merged[name] = completed(f"datasets.{name}", settings, own)
    for key in ("table1", "classification"):
        check_names(key, getattr(read, key), merged)
    return merged


def check_names(key: str, names: list[str], known: dict) -> None:
    """Refuse a list of data sets with an unknown name, or with one twice.

    Raises:
        ValueError: The list is wrong.
    """
    for name in names:
        if name not in known:
            raise ValueError(
                f"{key} must name data sets: got {name!r}; {errors.closest(name, known)}"
            )
        if names.count(name) > 1:
            raise ValueError(f"{key} must name each data set once: got {name!r} again; remove it.")


def completed(where: str, settings: dict, own: dict) -> dict:
    """Return the settings of a data set, with what depends on other keys changed.

    Raises:
        ValueError: A key is missing, or must not be among its own.
    """
    for part in PARTS:
        part.complete(settings)
        for message in part.omissions(settings, own):
            raise ValueError(f"{where} {message}")
    return settings


def check(name: str, settings: dict) -> None:
    """Refuse numbers that no stage after the images can work with.

    Args:
        name: Name of the data set.
        settings: Complete settings, with `train` and `test`.

    Raises:
        ValueError: Two settings contradict each other.
    """
    for part in PARTS:
        for message in part.faults(settings):
            raise ValueError(f"{name}: {message}")


def merge(below: dict, above: dict) -> dict:
    """Return a copy of settings in which others win, key by key."""
    merged = copy.deepcopy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else copy.deepcopy(value)
    return merged
