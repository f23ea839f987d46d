"""The files of a trained experiment: where they are, and what to do if one is missing."""

import os
import re
from pathlib import Path

from torch import nn

from gsn.samplers import laws


def files(folder: str | Path) -> tuple[Path, Path]:
    """Return the paths of generator.pt and pca.zarr."""
    if not isinstance(folder, str | os.PathLike):
        raise ValueError(
            f"folder must be the path of an experiment, .../J{{J}}_L{{L}}/d{{d}}: got {folder!r}; "
            "name one."
        )
    place = Path(folder).resolve()
    weights, pca = place / "generator.pt", place.parent / "pca.zarr"
    for file in (weights, pca / "zarr.json"):
        if not file.exists():
            raise FileNotFoundError(
                f"{folder} must be the folder of one experiment, .../J{{J}}_L{{L}}/d{{d}}, "
                f"with {file}: found none; copy it there, or {made(file)}."
            )
    return weights, pca


def made(file: Path, option: str = "") -> str:
    """Return the remedy for a missing file: the command that makes it."""
    if not re.search(
        r"/J\d+_L\d+/(d\d+(@[^/]+)?/(generator\.pt|latent_laws/\w+\.pt)|pca\.zarr/zarr\.json)$",
        file.as_posix(),
    ):
        return "name one that has them"
    names = -5 if "latent_laws" in file.parts else -4
    target = Path("results", *file.parts[names:]).as_posix()  # its name in the workflow
    return f"make it with `snakemake --cores all {option}{target}`"


def law(folder: Path, name: str, d: int) -> nn.Module:
    """Return a law of z of an experiment.

    Args:
        folder: Path of the experiment.
        name: Name of the law.
        d: Dimension of z.

    Raises:
        FileNotFoundError: The law is not fitted.
        ValueError: The law is unknown, its file is damaged, or it is of another d.
    """
    if name == "gaussian":
        return laws.new(name, d)
    laws.check(name)
    path = folder / "latent_laws" / f"{name}.pt"
    if not path.exists():  # a law of z is the same for all generators on z
        plain = folder.resolve()
        path = plain.with_name(plain.name.split("@")[0]) / "latent_laws" / f"{name}.pt"
    if not path.exists():
        raise FileNotFoundError(
            f"the law {name} must be fitted first: found no {path}; copy it there, or "
            f"{made(path.resolve())}."
        )
    fitted = laws.load(path)
    if fitted.d != d:
        raise ValueError(f"{path} must be a law of d={d}: found d={fitted.d}; fit it again.")
    return fitted
