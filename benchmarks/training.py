"""A step of our training against a straightforward one, on the same images in one process: milliseconds, and the ratio.

    python benchmarks/training.py [--N 64 128] [--width 8 16 32] [--batches 16 32] [--repeats 3]
    python benchmarks/training.py --full          on a GPU: full size, batch 128, and an epoch of 65,536 images

The straightforward one is the 2018 network and loop, written plainly below: upsample, pad by reflection, convolve, in
float32; ours has the same sizes and as many weights. A step is forward, loss, backward and Adam, the loss read. Both
run in turns; medians are compared. GFLOP/s are the operations that our form takes, by torch's counter, beside what the
machine reaches in a plain matrix product of the same precision.
"""

import argparse
import statistics
import time
from itertools import pairwise

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gsn import runtime
from gsn.generator import Generator, upsamplings
from gsn.training.updates import Updates

D = 512


class Straightforward(nn.Module):
    """The generator of 2018: bilinear upsampling, reflection, convolution, batch normalisation, ReLU."""

    def __init__(self, N, width, kernel=7, channels=3):
        super().__init__()
        m = upsamplings(N)
        self.side, widths = N >> m, [width * 2 ** (m - i) for i in range(m + 1)]
        self.linear = nn.Linear(D, widths[0] * self.side**2, bias=False)
        layers = [nn.BatchNorm2d(widths[0], eps=1e-3), nn.ReLU()]
        for before, after in pairwise(widths):
            layers += [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)]
            layers += [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(before, after, kernel, bias=False)]
            layers += [nn.BatchNorm2d(after, eps=1e-3), nn.ReLU()]
        layers += [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(width, channels, kernel, bias=False)]
        self.layers = nn.Sequential(*layers, nn.BatchNorm2d(channels, eps=1e-3), nn.Tanh())

    def forward(self, z):
        return self.layers(self.linear(z).view(len(z), -1, self.side, self.side))


class Plain:
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
        G = Generator(D, N, width=width).to(device)
        self.updates = Updates(G, steps=10**6, learning_rate=0.001, warmup=0, ema=0, device=device)

    def __call__(self, z, images):
        return self.updates.step(1, z, images.float() / 127.5 - 1).item()


def product_rate(device):
    """Floating-point operations per second of a plain product of n x n matrices, in the precision of the training."""
    n, dtype = (8192, torch.bfloat16) if device.type == "cuda" else (2048, torch.float32)
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        (a @ b)[0, 0].item()
        times.append(time.perf_counter() - begun)
    return 2 * n**3 / min(times)


def measure(N, width, batch, repeats, device):
    torch.manual_seed(0)
    z = torch.randn(batch, D, device=device)
    images = torch.randint(0, 256, (batch, 3, N, N), dtype=torch.uint8, device=device)
    steps = {"ours": Ours(N, width, device), "straightforward": Plain(N, width, device)}
    times = {name: [] for name in steps}
    for step in steps.values():
        step(z, images)
        step(z, images)  # compiled, and its memory at hand
    for _ in range(repeats):
        for name, step in steps.items():
            begun = time.perf_counter()
            step(z, images)
            times[name].append(time.perf_counter() - begun)
    ours, plain = (statistics.median(times[name]) for name in steps)
    with FlopCounterMode(display=False) as counter:
        steps["ours"].updates.forward = steps["ours"].updates.generator
        steps["ours"](z, images)
    rate = counter.get_total_flops() / ours / 1e9
    print(
        f"{N:>4} {width:>5} {batch:>5} {1e3 * ours:>9.1f} {1e3 * plain:>15.1f} {plain / ours:>6.2f} {rate:>8.0f}",
        flush=True,
    )
    return ours


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--N", type=int, nargs="+", default=[64, 128], help="sides of the images")
    parser.add_argument("--width", type=int, nargs="+", default=[8, 16, 32], help="channels of the last hidden layer")
    parser.add_argument("--batches", type=int, nargs="+", default=[16, 32], help="images in a step")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--full", action="store_true", help="N = 128, width 32, batch 128, and the time of an epoch")
    arguments = parser.parse_args()
    runtime.keep_memory()
    device = runtime.device()
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, torch {torch.__version__}; a matrix product: {product_rate(device) / 1e9:.0f} GFLOP/s")
    print(f"{'N':>4} {'width':>5} {'batch':>5} {'ours, ms':>9} {'straightforward':>15} {'ratio':>6} {'GFLOP/s':>8}")
    if arguments.full:
        seconds = measure(128, 32, 128, arguments.repeats, device)
        print(f"an epoch of 65,536 images: {seconds * 65536 / 128:.1f} s")
        return
    for N in arguments.N:
        for width in arguments.width:
            for batch in arguments.batches:
                measure(N, width, batch, arguments.repeats, device)


if __name__ == "__main__":
    main()
