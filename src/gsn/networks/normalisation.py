"""Batch normalisation over the whole batch, also when several processes hold parts of it.

References:
    S. Ioffe and C. Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift, ICML, 2015.
"""

from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation of images, (n, c, H, W) -> (n, c, H, W).

        y = gain (x - mean) / sqrt(variance + eps) + bias

    for each channel, with eps = 1e-3 and initial gains from N(1, 0.02^2), as in the authors' code.
    Under torch.distributed, mean and variance are those of the batches of all processes, which
    must be of one size.

    Differs from the authors' code: the running statistics move by 0.1 of the way in each step, not
    by 0.9.

    Args:
        channels: Number of channels c.

    References:
        S. Ioffe and C. Szegedy, Batch normalization: accelerating deep network training by
        reducing internal covariate shift, ICML, 2015.

    Example:
        >>> import torch
        >>> from gsn.networks.normalisation import BatchNorm
        >>> y = BatchNorm(3)(5 + torch.rand(8, 3, 4, 4))
        >>> y.shape, y.mean().abs().item() < 1e-5
        (torch.Size([8, 3, 4, 4]), True)
    """

    def __init__(self, channels: int):
        super().__init__(channels, eps=1e-3)
        nn.init.normal_(self.weight, 1, 0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the normalised batch, (n, c, H, W)."""
        if not (
            self.training
            and dist.is_available()
            and dist.is_initialized()
            and dist.get_world_size() > 1
        ):
            return super().forward(x)
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        n = dist.get_world_size() * x.numel() // x.shape[1]  # values of a channel
        moments = torch.stack([wide.mean((0, 2, 3)), wide.square().mean((0, 2, 3))])
        mean, square = _Sum.apply(moments) / dist.get_world_size()
        variance = square - mean.square()
        with torch.no_grad():
            self.num_batches_tracked += 1
            share = self.momentum
            if share is None:  # the average over all batches
                share = 1 / self.num_batches_tracked.item()
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(variance * (n / (n - 1)), share)
        gain = self.weight * torch.rsqrt(variance + self.eps)
        return (wide * gain[:, None, None] + (self.bias - mean * gain)[:, None, None]).to(x.dtype)


class _Sum(torch.autograd.Function):
    """The sum of a tensor over the processes.

    Each process gets the sum, so its gradient is the sum of the gradients of all.
    """

    @staticmethod
    def forward(ctx, x):
        x = x.clone()
        dist.all_reduce(x)
        return x

    @staticmethod
    def backward(ctx, slope):
        return _Sum.apply(slope)


@torch.no_grad()
def recompute_statistics(generator: nn.Module, batches: Iterable[torch.Tensor]) -> None:
    """Set the running statistics of a generator to their average over batches of z.

    The weights stay as they are. Makes one pass over the batches, and holds one of them.

    Args:
        generator: Network with batch normalisation. Its mode is restored.
        batches: Batches of z of one size, (n, d), on the device of the network.

    Example:
        >>> import torch
        >>> from gsn.networks.generator import Generator
        >>> from gsn.networks.normalisation import recompute_statistics
        >>> recompute_statistics(G := Generator(d=4, N=8, width=2), torch.randn(12, 4).split(4))
        >>> G.normalise_colours.num_batches_tracked.item()
        3
    """
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    was_training, momenta = generator.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the average over all batches
    generator.train()
    for z in batches:
        with torch.autocast(z.device.type, enabled=False):
            generator(z)
    generator.train(was_training)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
