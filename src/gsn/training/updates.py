"""The steps of a training: optimiser, learning rate, moving average of the weights."""

import copy
from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import nn

from gsn.training import optimizers
from gsn.training.schedules import Schedule

BFLOAT16 = (8, 0)  # the compute capability from which on GPUs have it
Loss = Callable[..., torch.Tensor]  # (network, *batch) -> the mean loss of the batch


class Updates:
    """Steps that train a network in place.

    On a GPU that has bfloat16 the network runs in it, compiled, and returns float32. Under
    torch.distributed its gradients are the means over all processes.

    Args:
        network: Network on the device.
        loss: Function of the network and a batch, which returns their mean loss.
        steps: Number of steps of the whole run.
        learning_rate: Learning rate at its peak.
        optimizer: Name of the optimiser (`gsn.training.optimizers`).
        schedule: Fraction of the peak at each fraction of the run.
        ema: Weight of the past in the moving average of the weights; 0 for none.
        device: Device of the batches.

    Attributes: optimizer; average, the network with the averaged weights, or None.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Loss,
        *,
        steps: int,
        learning_rate: float,
        optimizer: str,
        schedule: Schedule,
        ema: float,
        device: torch.device,
    ):
        self.network, self.loss, self.device, self.ema = network, loss, device, ema
        self.steps, self.learning_rate, self.schedule = steps, learning_rate, schedule
        self.fast = device.type == "cuda" and torch.cuda.get_device_capability(device) >= BFLOAT16
        self.forward = parallel(_compiled(network) if self.fast else network, device)
        self.optimizer = optimizers.new(optimizer, network)
        self.average = copy.deepcopy(network) if ema else None

    def step(self, number: int, batch: list[torch.Tensor]) -> torch.Tensor:
        """Make a step, the first being number 1; return the loss before it without waiting."""
        # Not the caller's autocast, whose cache would also keep weights from before the step.
        with torch.autocast(self.device.type, enabled=False, cache_enabled=False):
            loss = self.loss(self._outputs, *batch)
            self.optimizer.zero_grad()
            loss.backward()
        self.optimizer.param_groups[0]["lr"] = self.rate(number)
        self.optimizer.step()
        if self.average:
            _move(self.average, self.network, 1 - self.ema if number > 1 else 1)
        return loss.detach()

    def rate(self, number: int) -> float:
        """Return the learning rate of a step."""
        return self.learning_rate * self.schedule(number / self.steps)

    def _outputs(self, *inputs: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.fast):
            y = self.forward(*inputs)
        return _single(y)


def _single(y):
    """Return what a network returns, a tensor or several, in float32 where it is in bfloat16."""
    if isinstance(y, torch.Tensor):
        return y.float() if y.dtype == torch.bfloat16 else y
    if isinstance(y, dict):
        return {name: _single(part) for name, part in y.items()}
    return type(y)(map(_single, y)) if isinstance(y, list | tuple) else y


def parallel(network: nn.Module, device: torch.device) -> nn.Module:
    """Return the network with its gradients averaged over the processes, if there are several."""
    if not dist.is_initialized():
        return network
    return nn.parallel.DistributedDataParallel(
        network, device_ids=[device] if device.type == "cuda" else None, forward_sync_buffers=False
    )


def _compiled(network: nn.Module) -> nn.Module:
    """Return the network compiled, or as it is if it cannot be (without a C compiler)."""
    torch._dynamo.config.suppress_errors = True
    return torch.compile(network)


def _move(average: nn.Module, network: nn.Module, share: float) -> None:
    """Move the average by a share of its distance to the network, buffers included."""
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if a.is_floating_point():
                a.lerp_(b, share)
