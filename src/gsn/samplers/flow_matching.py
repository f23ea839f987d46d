"""Flow matching in z, of the shape of z for its size: a law of z by a differential equation.

    z = r w,        r = |z| / sqrt(d)
    dx/dt = v(x, t, r),        x_0 = e ~ N(0, I),        x_1 = w
    loss = mean |v((1 - t) e + t w, t, r) - (w - e)|^2 / d,        t uniform in [0, 1]

The size r has the quantiles of the training rows, and the shape w is on the sphere of radius
sqrt(d). Sizes of scattering coefficients spread far more than those of N(0, I). A flow of z itself
makes them from tiny differences of |e|, and badly.

With s^2 = t^2 + (1 - t)^2 the velocity is

    v = (2t - 1) / s^2 x  +  (g x / s + F(x / s, t, r)) / s

in which the first term alone maps N(0, I) to itself, g is a number, and F a residual network. Both
depend on t, r and |x|, start at 0, and have targets of variance 1.

Differs from the papers: size and shape are apart, and the velocity is scaled as Karras et al. do
for diffusion.

References:
    Y. Lipman et al., Flow matching for generative modeling, ICLR, 2023.

    X. Liu, C. Gong and Q. Liu, Flow straight and fast, ICLR, 2023.

    T. Karras et al., Elucidating the design space of diffusion-based generative models, NeurIPS,
    2022.
"""

import math

import numpy as np
import torch
from scipy.stats import norm
from torch import nn

from gsn.runtime import precision
from gsn.samplers import arguments, drawing
from gsn.samplers.sizes import Sizes, log_size

STEPS = 32  # of Heun's method, with two velocities each
OCTAVES = 5  # of the frequencies of t and r
CODE = 128  # width of what is made from t, r and |x|


class Law(nn.Module):
    """The law of a flow from N(0, I) to the shapes of z, trained on `forward`.

    `calibrate` gives it the sizes of the training rows; before, they are those of N(0, I).

    Args:
        d: Dimension of z.
        hidden: Width of the network.
        blocks: Number of its residual blocks, of two layers each.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: A size is no whole number of at least 1.

    References:
        Y. Lipman et al., Flow matching for generative modeling, ICLR, 2023.

        X. Liu, C. Gong and Q. Liu, Flow straight and fast, ICLR, 2023.

    Example:
        >>> import numpy as np
        >>> from gsn.samplers.flow_matching import Law
        >>> z = np.random.default_rng(0).standard_normal((100, 4), dtype=np.float32)
        >>> law = Law(4, hidden=8, blocks=1)
        >>> law(torch.from_numpy(z)).shape  # the loss, to be minimised
        torch.Size([])
        >>> law.calibrate(z)
        >>> law.sample(3).shape
        (3, 4)
    """

    @precision.single()
    def __init__(self, d: int, *, hidden: int = 512, blocks: int = 3):
        super().__init__()
        arguments.counts(d=d, hidden=hidden, blocks=blocks)
        self.d = d
        self.settings = {"d": d, "hidden": hidden, "blocks": blocks}
        self.sizes = Sizes()  # from a normal number to log r
        self.sizes.source *= math.sqrt(2 * d)
        self.place = nn.Sequential(
            nn.Linear(4 * OCTAVES + 2, CODE), nn.SiLU(), nn.Linear(CODE, CODE), nn.SiLU()
        )
        self.gain = nn.Linear(CODE, 1)
        self.first = nn.Linear(d, hidden)
        self.blocks = nn.ModuleList(Block(hidden) for _ in range(blocks))
        self.last = nn.Sequential(nn.SiLU(), nn.Linear(hidden, d))
        for layer in (self.gain, self.last[-1]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.register_buffer("frequencies", 2.0 ** torch.arange(OCTAVES))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch, (n, d); the t of its rows are evenly spaced."""
        a = log_size(z)
        w, e = z * (-a).exp(), torch.randn_like(z)
        t = (torch.rand(1, device=z.device) + torch.arange(len(z), device=z.device) / len(z)) % 1
        t = t[:, None]
        return (self.velocity((1 - t) * e + t * w, t, a) - (w - e)).square().mean()

    def velocity(self, x: torch.Tensor, t: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
        """Return v at x, (n, d), at times t and for sizes r = exp(a), (n, 1)."""
        variance = t**2 + (1 - t) ** 2
        y = x / variance.sqrt()
        angles = torch.cat([math.pi * t * self.frequencies, a * self.frequencies], dim=1)
        code = self.place(torch.cat([log_size(y), a, angles.cos(), angles.sin()], dim=1))
        h = self.first(y)
        for block in self.blocks:
            h = block(h, code)
        return (2 * t - 1) / variance * x + (self.gain(code) * y + self.last(h)) / variance.sqrt()

    def calibrate(self, z: np.ndarray) -> None:
        """Take the sizes r from the training rows z, (n, d)."""
        a = log_size(torch.from_numpy(arguments.rows(z)))[:, 0].numpy()
        self.sizes.fit(norm.ppf((np.arange(len(a)) + 0.5) / len(a)), a)

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales z."""
        n, temperature = arguments.draws(n, temperature)
        z = drawing.draw(self, self._drawn, n, self.d + 1, seed=seed, temperature=1.0)
        return np.float32(temperature) * z

    def _drawn(self, e: torch.Tensor) -> torch.Tensor:
        a, x = self.sizes(e[:, :1].contiguous()), e[:, 1:]
        for step in range(STEPS):
            now, then = (torch.full_like(a, i / STEPS) for i in (step, step + 1))
            slope = self.velocity(x, now, a)
            x = x + (slope + self.velocity(x + slope / STEPS, then, a)) / (2 * STEPS)
        return x * (a - log_size(x)).exp()


class Block(nn.Module):
    """A residual block, h + W_2 silu(W_1 ((1 + g) normalised(h) + b)), with g and b of a code."""

    def __init__(self, hidden: int):
        super().__init__()
        self.normalise = nn.LayerNorm(hidden, elementwise_affine=False)
        self.code = nn.Linear(CODE, 2 * hidden)
        self.layers = nn.Sequential(nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden))

    def forward(self, h: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """Return the next h, (n, hidden)."""
        gain, shift = self.code(code).chunk(2, dim=1)
        return h + self.layers(self.normalise(h) * (1 + gain) + shift)
