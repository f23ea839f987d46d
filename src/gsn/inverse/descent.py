"""The descent to a field whose Phi(x) is near y, for a batch of fields at once.

    E(x) = 1/2 |Phi(x) - y|^2

    lbfgs        L-BFGS with a line search for each field
    gradient     x_i <- x_i - kappa J(x_i)^T (Phi(x_i) - y)
    mean_field   x_i <- x_i - kappa J(x_i)^T (mean_l Phi(x_l) - y)

From Gaussian noise, the second is the microcanonical model of Bruna & Mallat (2019) and the third
its mean-field variant (Haggbom, Karlsmark & Anden 2025): there only the mean of Phi over the batch
is bound to y, and each field keeps its own deviation. L-BFGS takes far fewer evaluations, but the
entropy of its law is not known.

References:
    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1(3/4), 2019.

    M. Haggbom, M. Karlsmark and J. Anden, Mean-field microcanonical gradient descent, AISTATS,
    2025.
"""

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from gsn.inverse import operands, states
from gsn.inverse.energy import Energy, Phi
from gsn.inverse.gradient import Gradient
from gsn.inverse.lbfgs import LBFGS
from gsn.inverse.paths import Paths
from gsn.runtime import arguments, job, progress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Descent:
    """The end of a descent.

    Attributes:
        x: Fields, (n, *shape), of the type and on the device of the first ones.
        losses: Relative errors |Phi(x) - y| / |y| at the start and after each step, (steps made
            + 1, n) float64 on the CPU. A field that has ended keeps its last one. With mean_field
            the error of the mean of Phi, the same for all.
        evaluations: Number of evaluations of Phi and its gradient for each field, (n,) int64.
        seconds: Time, over all interruptions.
    """

    x: torch.Tensor
    losses: torch.Tensor
    evaluations: torch.Tensor
    seconds: float


@torch.inference_mode(False)
@torch.no_grad()
def descend(
    phi: Phi,
    y: torch.Tensor,
    x0: torch.Tensor,
    *,
    method: str = "lbfgs",
    steps: int,
    tolerance: float,
    step: float | None = None,
    mask: torch.Tensor | None = None,
    checkpoint: str | Path | None = None,
    stamp: str = "",
) -> Descent:
    """Minimise E(x) = 1/2 |Phi(x) - y|^2 from each of n fields.

    A field ends at the tolerance, after its steps, or where no step lowers E further. It is then
    not evaluated any more.

    Args:
        phi: Differentiable function of torch, (k, *shape) -> (k, M), which treats each field alone.
        y: Target of all fields, (M,), or of each, (n, M).
        x0: Fields to start from, (n, *shape) float32 or float64.
        method: Method, lbfgs, gradient or mean_field.
        steps: Largest number of steps of a field.
        tolerance: Relative error |Phi(x) - y| / |y| at which a field ends.
        step: Step kappa of gradient and mean_field; None to choose it by backtracking.
        mask: Points that may change, (*shape) bool; the others stay as in x0. None for all.
        checkpoint: Path of the state, at most two minutes old and written again at the end; the
            caller deletes it. None to keep none.
        stamp: Whatever phi depends on, such as a digest of its code and data; a checkpoint of
            another stamp is not resumed.

    Returns:
        Fields, curve of the errors, evaluations and time. With lbfgs, the memory held is that of
        phi and of about 90 times the fields.

    Raises:
        ValueError: An argument is not finite or of another kind, or phi does not fit y or x0.
        FloatingPointError: phi or its gradient is not finite wherever the descent turns.
        SystemExit: SIGTERM, SIGINT or SIGHUP arrived, and the state was saved to the checkpoint.

    Example:
        >>> import torch
        >>> from gsn.inverse.descent import descend
        >>> moments = lambda x: torch.stack([x.mean(1), x.square().mean(1)], dim=1)
        >>> x0 = torch.randn(3, 100, generator=torch.Generator().manual_seed(0))
        >>> found = descend(moments, torch.tensor([1.0, 5.0]), x0, steps=50, tolerance=1e-4)
        >>> [round(value, 2) for value in moments(found.x)[0].tolist()]
        [1.0, 5.0]
    """
    x0 = operands.fields("x0", x0)
    steps, tolerance, step = operands.settings(method, steps, tolerance, step)
    checkpoint = None if checkpoint is None else arguments.path("checkpoint", checkpoint)
    together, n = method == "mean_field", len(x0)
    y, free = operands.targets(y, x0, one=together), operands.free(mask, x0)
    given = [stamp, method, steps, tolerance, step, list(x0.shape), str(x0.dtype)]
    state = states.State(checkpoint, given + states.fingerprint(x0, y, free))
    if together:
        # One field of n parts. Its gradient is 1/n of that of the parts, so the step is n kappa.
        energy = Energy(mean(phi), y[:1], x0.shape, None if free is None else free.expand_as(x0))
        paths = Gradient(energy, x0[None], steps, tolerance, None if step is None else n * step)
    else:
        energy = Energy(phi, y, x0.shape[1:], free)
        if method == "lbfgs":
            paths = LBFGS(energy, x0, steps, tolerance)
        else:
            paths = Gradient(energy, x0, steps, tolerance, step)
    state.resume(paths)
    _run(paths, state)
    losses, evaluations = paths.curve(), energy.evaluations
    return Descent(
        x=paths.x.view(x0.shape),
        losses=losses.expand(-1, n),
        evaluations=evaluations.expand(n),
        seconds=state.seconds,
    )


def mean(phi: Phi) -> Phi:
    """Return the mean of phi over the parts of one field, (1, n, *shape) -> (1, M)."""
    return lambda x: phi(x[0]).mean(dim=0, keepdim=True)


def _run(paths: Paths, state: states.State) -> None:
    """Advance the fields until all have ended."""
    bar = progress.Progress(total=paths.steps, done=paths.done, unit="step", label="descent")
    # without a state to save, a signal interrupts as it does elsewhere
    with job.stop_requests() if state.path else nullcontext(lambda: False) as stopped:
        while paths.active.any():
            paths.advance()
            worst, left = float(paths.errors.max()), int(paths.active.sum())
            bar.update(paths.done - bar.done, error=f"{worst:.2e}", fields=left)
            if stopped() or state.due:
                state.save(paths)
            if stopped():
                _stop(paths, state)
    bar.close()
    state.save(paths)
    log.info(
        "descent: %d of %d fields within %.3g, errors %.3g to %.3g, %d evaluations, %.1f s",
        int((paths.errors <= paths.tolerance).sum()),
        len(paths.errors),
        paths.tolerance,
        float(paths.errors.min()),
        float(paths.errors.max()),
        int(paths.energy.evaluations.sum()),
        state.seconds,
    )


def _stop(paths: Paths, state: states.State) -> None:
    place = f"step {paths.done} of {paths.steps}"
    message = f"stopped by a signal at {place}; run again to continue from {state.path}."
    log.warning(message)
    raise SystemExit(message)
