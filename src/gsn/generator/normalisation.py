"""Batch normalisation over the whole batch, also where several processes hold a part of it each."""

from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation of (n, c, H, W), with the authors' eps 1e-3 and gains N(1, 0.02^2).

    Under torch.distributed, mean and variance are those of the batches of all processes, which must be of one size.

    Differs from the authors' code: the running statistics move by 0.1 of the way in each step, not by 0.9.
    """

    def __init__(self, channels: int):
        super().__init__(channels, eps=1e-3)
        nn.init.normal_(self.weight, 1, 0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not (self.training and dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
            return super().forward(x)
        wide, n = x.to(torch.promote_types(x.dtype, torch.float32)), dist.get_world_size() * x.numel() // x.shape[1]
        moments = torch.stack([wide.mean((0, 2, 3)), wide.square().mean((0, 2, 3))])
        mean, square = _Sum.apply(moments) / dist.get_world_size()
        variance = square - mean.square()
        with torch.no_grad():
            self.num_batches_tracked += 1
            share = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(variance * (n / (n - 1)), share)
        gain = self.weight * torch.rsqrt(variance + self.eps)
        return (wide * gain[:, None, None] + (self.bias - mean * gain)[:, None, None]).to(x.dtype)


class _Sum(torch.autograd.Function):
    """The sum over the processes, of which each sees the sum of all slopes."""

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
    """Set the running statistics to the average over some batches of z, of one size, of the weights as they are."""
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    was_training, momenta = generator.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the average of all
    generator.train()
    for z in batches:
        generator(z)
    generator.train(was_training)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
