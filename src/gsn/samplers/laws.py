"""The laws of z by name, and their files."""

import difflib
import importlib
from pathlib import Path

import torch
from torch import nn

from gsn.runtime import weights

NAMES = ("gaussian", "mixture", "vae", "gan", "flow", "flow_matching")


def new(name: str, d: int, **settings) -> nn.Module:
    """Return an untrained law.

    Args:
        name: One of NAMES, the module of its class `Law`.
        d: Dimension of z.
        settings: Other arguments of the class.

    Raises:
        ValueError: The name is unknown, or a setting is out of its range.

    Example:
        >>> from gsn.samplers import laws
        >>> laws.new("gaussian", d=4).sample(3).shape
        (3, 4)
    """
    check(name)
    return importlib.import_module(f"gsn.samplers.{name}").Law(d, **settings)


def check(name: str) -> None:
    """Check the name of a law.

    Raises:
        ValueError: It is none of NAMES.
    """
    if name not in NAMES:
        close = difflib.get_close_matches(str(name).lower(), NAMES, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else "use one of them."
        raise ValueError(f"law must be one of {', '.join(NAMES)}: got {name!r}; {remedy}")


def save(law: nn.Module, path: str | Path) -> None:
    """Write the name, settings and weights of a law to a file, which `load` reads.

    Example:
        >>> import tempfile
        >>> from gsn.samplers import laws
        >>> with tempfile.TemporaryFile() as file:
        ...     laws.save(laws.new("gaussian", d=4), file)
    """
    name = type(law).__module__.rpartition(".")[2]
    torch.save({"law": name, "settings": law.settings, "weights": law.state_dict()}, path)


def load(path: str | Path, device: torch.device | str = "cpu") -> nn.Module:
    """Return a law that `save` wrote, in evaluation mode.

    Args:
        path: Path of the file.
        device: Device for the law.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged or not a law, or a weight is not finite.

    Example:
        >>> import pathlib, tempfile
        >>> from gsn.samplers import laws
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     laws.save(laws.new("flow", d=4, hidden=8), pathlib.Path(folder, "law.pt"))
        ...     laws.load(pathlib.Path(folder, "law.pt")).settings["hidden"]
        8
    """
    state = weights.load(path, "a law of z")
    try:
        with torch.random.fork_rng(devices=[]):  # the weights that are drawn are replaced
            law = _filled(state["law"], state["settings"], state["weights"])
    except (KeyError, TypeError, RuntimeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path} must hold the name, the settings and the weights of a law of z ({error}); "
            "write it by gsn.samplers.laws.save, from the law itself without a wrapper."
        ) from error
    if not all(torch.isfinite(value).all() for value in law.state_dict().values()):
        raise ValueError(f"{path} must have finite weights: found NaN or infinity; make it again.")
    return law.to(device).eval()


def _filled(name: str, settings: dict, values: dict) -> nn.Module:
    """Return a law with the weights of a file, once the file holds as many as the law has."""
    if name != "flow":
        return weights.filled(lambda: new(name, **settings), values)
    # The masks of a flow cannot be built without memory. Each transform has a square matrix.
    least = settings["transforms"] * settings["hidden"] ** 2 + settings["components"] ** 2
    if weights.stored(values) < 4 * least:
        raise ValueError(f"it must store {least} weights")
    law = new(name, **settings)
    law.load_state_dict(values)
    return law
