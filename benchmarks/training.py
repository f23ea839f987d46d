"""A step of our training against a straightforward one: milliseconds of both, and the ratio.

    python benchmarks/training.py [--N 64 128] [--width 8 16 32] [--batches 16 32] [--repeats 3]
    python benchmarks/training.py --full

The straightforward one is the network and the loop of 2018, written plainly below: upsample, pad
by reflection, convolve, in float32. Ours has the same sizes and the same number of weights. A step
is forward, loss, backward and Adam, and ends when the loss is read. Both train on the same images
in one process, in turns, and their medians are compared. GFLOP/s are the operations of our form, as
torch counts them, over its time. The first line gives what the machine reaches in a plain matrix
product of the same precision.

The second command needs a GPU. It measures a step of the full size, at batch 128, and from it the
time of an epoch of 65,536 images.
"""

import argparse
import itertools
import statistics
import time

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gsn.networks.generator import Generator, upsamplings
from gsn.runtime import machine
from gsn.systems.generation.fitting import l1
from gsn.training import schedules
from gsn.training.updates import Updates

D = 512  # dimension of z


class Straightforward(nn.Module):
    """The generator of 2018: bilinear upsampling, reflection, convolution, normalisation, ReLU."""

    def __init__(self, N, width, kernel=7, channels=3):
        super().__init__()
        m = upsamplings(N)
        self.side, widths = N >> m, [width * 2 ** (m - i) for i in range(m + 1)]
        self.linear = nn.Linear(D, widths[0] * self.side**2, bias=False)
        layers = [nn.BatchNorm2d(widths[0], eps=1e-3), nn.ReLU()]
        for before, after in itertools.pairwise(widths):
            layers += [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)]
            layers += [
                nn.ReflectionPad2d(kernel // 2),
                nn.Conv2d(before, after, kernel, bias=False),
            ]
            layers += [nn.BatchNorm2d(after, eps=1e-3), nn.ReLU()]
        layers += [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(width, channels, kernel, bias=False)]
        self.layers = nn.Sequential(*layers, nn.BatchNorm2d(channels, eps=1e-3), nn.Tanh())

    def forward(self, z):
        return self.layers(self.linear(z).view(len(z), -1, self.side, self.side))


class Plain:
    """The steps of 2018: float32, nothing compiled."""

    def __init__(self, N, width, device):
        self.G = Straightforward(N, width).to(device)
        self.optimizer = torch.optim.Adam(self.G.parameters())

    def __call__(self, z, images):
        x = images.float() / 127.5 - 1
        loss = nn.functional.l1_loss(self.G(z), x)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Ours:
    """The steps of gsn.training: on a GPU in bfloat16, channels last, compiled."""

    def __init__(self, N, width, device):
        self.G = Generator(D, N, width=width).to(device)
        settings = {
            "steps": 10**6,
            "learning_rate": 0.001,
            "schedule": schedules.linear(0),
            "ema": 0,
        }
        self.updates = Updates(self.G, l1, **settings, device=device)

    def __call__(self, z, images):
        return self.updates.step(1, [z, images]).item()

    def operations(self, z, images):
        """Return the floating-point operations of a step."""
        with FlopCounterMode(display=False) as counter:
            l1(self.G, z, images).backward()
        return counter.get_total_flops()


def product_rate(device):
    """Return the operations per second of an n x n matrix product, in the training's precision."""
    n, dtype = (8192, torch.bfloat16) if device.type == "cuda" else (2048, torch.float32)
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        (a @ b)[0, 0].item()
        times.append(time.perf_counter() - begun)
    return 2 * n**3 / min(times)


def measure(N, width, batch, repeats, device):
    """Print the times of both steps; return that of ours, in seconds."""
    torch.manual_seed(0)
    z = torch.randn(batch, D, device=device)
    images = torch.randint(0, 256, (batch, 3, N, N), dtype=torch.uint8, device=device)
    steps = [Ours(N, width, device), Plain(N, width, device)]
    times = {step: [] for step in steps}
    for step in steps:
        for _ in range(2):  # compiles the step and allocates its memory
            step(z, images)
    for _ in range(repeats):
        for step in steps:
            begun = time.perf_counter()
            step(z, images)
            times[step].append(time.perf_counter() - begun)
    ours, plain = (statistics.median(times[step]) for step in steps)
    rate = steps[0].operations(z, images) / ours / 1e9
    row = f"{N:>4} {width:>5} {batch:>5} {1e3 * ours:>9.1f} {1e3 * plain:>15.1f}"
    print(f"{row} {plain / ours:>6.2f} {rate:>8.0f}", flush=True)
    return ours


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--N", type=int, nargs="+", default=[64, 128], help="sides of the images")
    add(
        "--width",
        type=int,
        nargs="+",
        default=[8, 16, 32],
        help="channels of the last hidden layer",
    )
    add("--batches", type=int, nargs="+", default=[16, 32], help="images in a step")
    add("--repeats", type=int, default=3, help="timed steps of each kind")
    add(
        "--full", action="store_true", help="N = 128, width 32, batch 128, and the time of an epoch"
    )
    arguments = parser.parse_args()
    machine.keep_memory()
    device = machine.device()
    cuda, product = device.type == "cuda", product_rate(device) / 1e9
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}; a matrix product: {product:.0f} GFLOP/s")
    header = f"{'N':>4} {'width':>5} {'batch':>5} {'ours, ms':>9} {'straightforward':>15}"
    print(f"{header} {'ratio':>6} {'GFLOP/s':>8}")
    if arguments.full:
        seconds = measure(128, 32, 128, arguments.repeats, device)
        print(f"an epoch of 65,536 images: {seconds * 65536 / 128:.1f} s")
        return
    for N, width, batch in itertools.product(arguments.N, arguments.width, arguments.batches):
        measure(N, width, batch, arguments.repeats, device)


if __name__ == "__main__":
    main()
