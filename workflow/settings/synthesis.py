"""Settings of the syntheses: examples of processes, and the models that are fitted to each."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from settings.data import UserPath
from settings.section import NAME, Integer, Number, Section, Seed, field

Process = Literal[
    "ising",
    "bernoulli",
    "cox",
    "turbulence",
    "gaussian_fields",
    "multifractal",
    "dead_leaves",
    "textures",
]
Statistics = Literal[
    "gaussian",
    "wavelet_variances",
    "scattering",
    "phase_harmonics",
    "rectified",
    "scattering_covariance",
]
Truth = Annotated[bool, Field(strict=True)]


class Model(Section):
    """A model of a process."""

    statistics: Statistics = field(
        "Statistics that the model keeps; the name of the model if it is left out"
    )
    settings: dict[str, Any] = field("Arguments of the statistics, such as {J: 5, L: 4}", dict)


class Example(Section):
    """One process, and its models."""

    process: Process = field("Process that the example is drawn from; not with `path`")
    path: UserPath = field("Path of an image, or of an HDF5, NetCDF or .npy field, in its place")
    key: str = field("Name of the array in the file at `path`, if it holds several")
    settings: dict[str, Any] = field("Arguments of the process, such as {T: 2.4}", dict)
    N: Integer = Field(description="Side of the square fields, in points", ge=4, multiple_of=2)
    examples: Integer = field("Number of realisations whose statistics are averaged", 1, ge=1)
    mixture: Truth = field(
        "Whether each synthesis has the statistics of one of the `examples` instead of their mean, "
        "for processes that are not ergodic",
        False,
    )
    modulus: Truth = field(
        "Whether the mean of |x| is kept too, which with the variance makes spins of +-1", False
    )
    real: Integer = field(
        "Number of further realisations, by which the models are judged; with 0 they are judged "
        "by the examples",
        16,
        ge=0,
    )
    border: Integer = field(
        "Width of the border that is hidden, in points; 1 for examples that are not periodic: the "
        "means leave out what the wavelets see of it",
        0,
        ge=0,
    )
    n: Integer = field("Number of syntheses of each model", 4, ge=1)
    steps: Integer = field("Largest number of steps of the descent", 200, ge=1)
    tolerance: Number = field("Relative error of the statistics that ends the descent", 1e-3, gt=0)
    method: Literal["lbfgs", "gradient", "mean_field"] = field("Method of the descent", "lbfgs")
    models: dict[Annotated[str, Field(pattern=NAME)], Model] = Field(
        description="Models by name, of letters, digits, - and _, which is a folder beside the "
        "example",
        min_length=1,
        json_schema_extra={"additionalProperties": False},
    )
    seed: Seed = 0


def syntheses(config: dict) -> dict[str, dict]:
    """Return the examples of a configuration by name, complete and checked.

    Args:
        config: Configuration, as `configuration.datasets` accepts it.

    Raises:
        ValueError: Keys are missing, or contradict each other.
    """
    found = {}
    for name, given in (config.get("synthesis") or {}).items():
        example = Example.model_validate(given).model_dump(exclude_none=True)
        for message in faults(example):
            raise ValueError(f"synthesis.{name} {message}")
        found[name] = completed(example)
    return found


def completed(example: dict) -> dict:
    """Return an example of which each model names its statistics, and a file is a process.

    Example:
        >>> completed({"path": "x.npy", "settings": {}, "models": {"gaussian": {"settings": {}}}})
        ... # doctest: +NORMALIZE_WHITESPACE
        {'path': 'x.npy', 'settings': {'path': 'x.npy'},
         'models': {'gaussian': {'statistics': 'gaussian', 'settings': {}}}, 'process': 'files'}
    """
    models = {name: {"statistics": name} | model for name, model in example["models"].items()}
    found = example | {"models": models}
    if "path" in found:
        own = {key: found[key] for key in ("path", "key") if key in found}
        found |= {"process": "files", "settings": found["settings"] | own}
    return found


def faults(example: dict) -> Iterator[str]:
    """Yield what contradicts itself in an example, as `must ...: got ...`."""
    given = [key for key in ("process", "path") if key in example]
    if len(given) != 1:
        yield (
            f"must have one of process and path: got {' and '.join(given) or 'none'}; name one of "
            "them."
        )
    if "key" in example and "path" not in example:
        yield "must say key only of a file at path: found no path; remove key, or add path."
    if 2 * example["border"] >= example["N"]:
        yield (
            f"must have points within its border: got border={example['border']}, "
            f"N={example['N']}; use a border of less than {example['N'] // 2}."
        )
    if example["mixture"] and example["examples"] == 1:
        yield "must have several examples for a mixture: got examples=1; use 8."
    if example["mixture"] and example["method"] == "mean_field":
        yield (
            "must have one target for mean_field, which moves all syntheses together: got "
            "mixture=True; use method: lbfgs."
        )
    for name, model in example["models"].items():
        if "statistics" not in model and name not in Statistics.__args__:
            known = ", ".join(Statistics.__args__)
            yield f"must say models.{name}.statistics: found none; add one of {known}."
