"""The steps of a training: Adam on the L1 loss, the learning rate, the moving average of the weights."""

import copy

import torch
import torch.distributed as dist
from torch import nn

BFLOAT16 = (8, 0)  # the compute capability from which on GPUs have it


class Updates:
    """Steps that train a generator in place.

    On a GPU that has bfloat16 the network runs in it, compiled; under torch.distributed its gradients are those of all
    processes.

    Args:
        generator: on the device.
        steps: of the whole run.
        learning_rate: Adam's, at its peak.
        warmup: fraction of the steps over which it rises.
        ema: weight of the past in the moving average of the weights; 0 for none.
        device: where the batches are.

    Attributes: optimizer; average, the generator with the averaged weights, or None.
    """

    def __init__(
        self,
        generator: nn.Module,
        *,
        steps: int,
        learning_rate: float,
        warmup: float,
        ema: float,
        device: torch.device,
    ):
        self.generator, self.device, self.ema = generator, device, ema
        self.steps, self.learning_rate, self.warmup = steps, learning_rate, warmup
        self.fast = device.type == "cuda" and torch.cuda.get_device_capability(device) >= BFLOAT16
        self.forward = _parallel(_compiled(generator) if self.fast else generator, device)
        self.optimizer = torch.optim.Adam(generator.parameters(), fused=True)
        self.average = copy.deepcopy(generator) if ema else None

    def step(self, number: int, z: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """Make one step, the first being number 1; returns the loss before it, for which nothing has waited."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.fast):
            y = self.forward(z)
        loss = (y.float() - images).abs().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.param_groups[0]["lr"] = self.rate(number)
        self.optimizer.step()
        if self.average:
            _move(self.average, self.generator, 1 - self.ema if number > 1 else 1)
        return loss.detach()

    def rate(self, number: int) -> float:
        """The learning rate of a step."""
        return self.learning_rate * schedule(number / self.steps, self.warmup)


def schedule(t: float, warmup: float) -> float:
    """Learning rate over its peak at the fraction t of the run: a line up to 1 at `warmup`, and a line down to 0."""
    return t / warmup if t < warmup else (1 - t) / (1 - warmup)


def _parallel(network: nn.Module, device: torch.device) -> nn.Module:
    """The same network, its gradients averaged over the processes where there are several."""
    if not dist.is_initialized():
        return network
    return nn.parallel.DistributedDataParallel(
        network, device_ids=[device] if device.type == "cuda" else None, forward_sync_buffers=False
    )


def _compiled(generator: nn.Module) -> nn.Module:
    """The generator compiled, or as it is where it cannot be (there is no C compiler)."""
    torch._dynamo.config.suppress_errors = True
    return torch.compile(generator)


def _move(average: nn.Module, generator: nn.Module, share: float) -> None:
    """Move the average by a share of its distance to the generator, statistics of batch normalisation included."""
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), generator.state_dict().values(), strict=True):
            if a.is_floating_point():
                a.lerp_(b, share)
