"""A law of z by name, fitted to the z of the training images."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.samplers import arguments, laws, mixture
from gsn.training import schedules, train

TRAINED = ("vae", "gan", "flow", "flow_matching")
CALIBRATED = ("vae", "flow", "flow_matching")
CHOICES = {"flow": ({"kind": "spline"}, {"kind": "autoregressive"})}  # else one, the defaults
TRAINING = ("epochs", "batch", "learning_rate", "ema")
HELD_OUT = 10  # every tenth row chooses, where there is a choice
WARMUP = 0.05
SHARE = 0.98  # of the variance before the whitening, in the components that the flow is of


def fit(
    name: str,
    z: np.ndarray,
    *,
    variances: np.ndarray,
    settings: dict,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[nn.Module, list[dict]]:
    """Return a law fitted to z, and what it was chosen from.

    A neural law is trained by `gsn.training.train`. All but the GAN are then calibrated. Where
    there are several kinds, each is trained on nine tenths of the rows, and the one with the
    largest likelihood on the last tenth is kept. The flow is of the first components, those with
    SHARE of the variance before the whitening, and the others are normal.

    Args:
        name: Name of a law, a module of `gsn.samplers`.
        z: Embeddings of the training images, (n, d).
        variances: Variances of the components of z before the whitening, (d,).
        settings: Keywords of the law, and for a neural one `epochs`, `batch`, `learning_rate` and
            perhaps `ema`.
        seed: Seed of the weights, of the order of the rows and of the draws.
        checkpoint: Path of the state of the training, with `{}` in its name for the choice; the
            caller deletes what is left once the law is safe.
        stamp: Whatever else the run depends on.
        device: Device to train on.

    Returns:
        The law in evaluation mode, and a row for each choice: `choice`, `log_likelihood` of the
        held-out rows in nats a row (NaN if none was held out), `epochs`, `seconds`, and `kept`, 1
        for the choice that was taken.

    Raises:
        ValueError: z is not as the law needs it, or the variances are not those of its components.
        FloatingPointError, SystemExit: As `gsn.training.train` does.
    """
    z = arguments.rows(z)
    variances = np.asarray(variances, dtype=np.float64)
    if variances.shape != z.shape[1:] or not (variances > 0).all():
        raise ValueError(
            f"variances must be a number above 0 for each of the {z.shape[1]} components of z: got "
            f"{variances.shape}, the least {variances.min(initial=np.inf):g}; use the eigenvalues."
        )
    if name == "gaussian":
        row = {"choice": "", "log_likelihood": np.nan, "epochs": 0, "seconds": 0.0, "kept": 1}
        return laws.new(name, z.shape[1]).eval(), [row]
    if name == "mixture":
        return _mixture(z, seed)
    fitted, rows = [], []
    choices = CHOICES.get(name, ({},))
    held = np.arange(len(z)) % HELD_OUT == (0 if len(choices) > 1 else -1)
    for choice in choices:
        word = choice.get("kind", "")
        law, row = _trained(
            name,
            z[~held],
            settings | choice,
            variances,
            seed=seed,
            checkpoint=checkpoint.with_name(checkpoint.name.format(word)),
            stamp=stamp,
            device=device,
        )
        score = law.log_prob(z[held]).mean() if held.any() else np.nan
        fitted.append(law)
        rows.append({"choice": word, "log_likelihood": score} | row)
    # A likelihood that is NaN is that of a choice that failed.
    scores = np.nan_to_num([row["log_likelihood"] for row in rows], nan=-np.inf, neginf=-np.inf)
    best = int(np.argmax(scores))
    for i, row in enumerate(rows):
        row["kept"] = int(i == best)
    law = fitted[best]
    if name in CALIBRATED:
        law.calibrate(z)
    return law, rows


def _mixture(z: np.ndarray, seed: int) -> tuple[nn.Module, list[dict]]:
    law = mixture.fit(z, seed=seed)
    best = max(law.candidates, key=lambda row: row["log_likelihood"])
    rows = [
        {"choice": f"{row['components']} {row['covariance']} {row['start']}"}
        | {"log_likelihood": row["log_likelihood"], "epochs": 0}
        | {"seconds": row["seconds"], "kept": int(row is best)}
        for row in law.candidates
    ]
    return law, rows


def _trained(
    name: str, z: np.ndarray, settings: dict, variances: np.ndarray, **run
) -> tuple[nn.Module, dict]:
    """Return a neural law of a kind, trained on rows of z, with its epochs and seconds."""
    settings = dict(settings)
    if name == "flow":
        parts = np.cumsum(variances) / np.sum(variances)
        settings["components"] = max(2, min(int((parts < SHARE).sum()) + 1, z.shape[1]))
    training = {name: settings.pop(name) for name in TRAINING if name in settings}
    training["batch"] = min(training["batch"], len(z))
    with torch.random.fork_rng():
        torch.manual_seed(run["seed"])
        law = laws.new(name, z.shape[1], **settings)
    if name == "gan":
        law.weigh(variances)
    history = train(
        law,
        lambda network, z: network(z),
        (z,),
        schedule=schedules.linear(WARMUP),
        **training,
        **run,
    )
    row = {"epochs": history[-1]["epoch"], "seconds": history[-1]["seconds"]}
    return law.cpu().eval(), row
