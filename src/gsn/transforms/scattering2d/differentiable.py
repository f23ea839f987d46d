"""S_J on a CPU as an operation of torch, with the compiled gradient."""

import torch

from gsn.runtime import precision
from gsn.transforms.scattering2d import adjoint, tracing
from gsn.transforms.scattering2d.compiled import Kept, Transform

KEPT = 2**28  # limit, in bytes, on the bands that are kept for a gradient


def coefficients(
    x: torch.Tensor, loops: Transform, shape: tuple[int, ...], kept: Kept | None = None
) -> torch.Tensor:
    """Return the coefficients of planes, (n, K, h, w), without a gradient.

    Args:
        x: Planes, (n, H, W), on a CPU.
        loops: Transform in the precision of x.
        shape: Shape of a plane's coefficients, (K, h, w).
        kept: Mapping to which the bands are added, if they are small. None to keep none.
    """
    S = x.new_empty(len(x), *shape).detach()
    kept = None if loops.bytes(len(x)) > KEPT else kept
    loops(tracing.plain(x), S.numpy(), torch.get_num_threads(), kept)
    return S


class Scattering(torch.autograd.Function):
    """The coefficients of planes, with a gradient in compiled loops.

    The bands of the forward transform are kept for the gradient if they take at most KEPT bytes. A
    gradient that is differentiated again, or is one of a batch, is computed by the operations of
    torch.
    """

    @staticmethod
    def forward(ctx, x, loops, shape, scatter):
        """Return the coefficients of x, (n, H, W).

        Args:
            loops, shape: As in `coefficients`.
            scatter: The same transform in operations of torch.
        """
        ctx.loops, ctx.scatter, ctx.kept = loops, scatter, {}
        ctx.threads = torch.get_num_threads()  # the parts of the bands depend on it
        ctx.save_for_backward(x)
        return coefficients(x, loops, shape, ctx.kept)

    @staticmethod
    def backward(ctx, g):
        """Return the gradient with respect to x, and none for the rest."""
        (x,) = ctx.saved_tensors
        again = torch.is_grad_enabled()  # create_graph
        if again or tracing.follows(g):
            with torch.enable_grad(), precision.without_autocast(x.device):
                (dx,) = torch.autograd.grad(ctx.scatter(x), x, g, create_graph=again)
        else:
            values = tracing.plain(x), tracing.plain(g)
            dx = torch.from_numpy(adjoint.gradient(ctx.loops, *values, ctx.threads, ctx.kept))
        return dx, None, None, None
