"""An autoencoder and a variational one: an encoder E is trained together with G.

    autoencoder     E, G = argmin sum_i |x_i - G(E(x_i))|_1,      E normalised
    VAE             E, G = argmin sum_i |x_i - G(h_i)|_1 + beta KL(q_i || N(0, I)),
                    h_i ~ q_i = N(m(x_i), s(x_i)^2),              (m, log s^2) = E(x_i)

E is the mirror image of G (`gsn.networks.encoder`). In the autoencoder its outputs are normalised
to mean 0 and variance 1, so that z has the scale of a whitened z. In the VAE z is the mean m(x).
The norm is a sum over pixels in [-1, 1], and the loss is divided by their number. A Laplace law of
the pixels with the scale b gives the bound of the VAE for beta = b. So beta has the size of the
mean absolute error.

References:
    G. E. Hinton and R. R. Salakhutdinov, Reducing the dimensionality of data with neural networks,
    Science 313, 2006.

    D. P. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR, 2014.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from gsn.networks.encoder import Encoder
from gsn.networks.generator import Generator
from gsn.networks.normalisation import recompute_statistics
from gsn.runtime import precision
from gsn.training import schedules, train

BATCH = 64
MIRRORED = ("width", "kernel", "normalisation", "padding")  # settings of G that the encoder shares


class Autoencoder(nn.Module):
    """G after an encoder, (n, c, N, N) uint8 -> (n, c, N, N) in [-1, 1].

    Args:
        encoder: Network from images in [-1, 1] to z.
        decoder: Network from z to images in [-1, 1].
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Return z of images, (n, d)."""
        return self.encoder(pixels(x))

    def forward(self, x: torch.Tensor) -> Any:
        """Return the reconstructions."""
        return self.decoder(self.embed(x))

    def loss(self, y: Any, x: torch.Tensor) -> torch.Tensor:
        """Return the mean of abs(y - x) over pixels in [-1, 1], for outputs y of `forward`."""
        return (y - pixels(x)).abs().mean()


class VAE(Autoencoder):
    """The variational autoencoder. Its encoder has 2 d outputs: m and log s^2.

    Args:
        encoder, decoder: As for Autoencoder.
        beta: Weight of the divergence.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, beta: float):
        super().__init__(encoder, decoder)
        self.beta = beta

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Return the means of q, (n, d)."""
        return self.encoder(pixels(x)).chunk(2, dim=1)[0]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return G of a draw from q, and the divergence of each q, (n,)."""
        mean, log_variance = self.encoder(pixels(x)).float().chunk(2, dim=1)
        h = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        return self.decoder(h), divergence

    def loss(self, y: Any, x: torch.Tensor) -> torch.Tensor:
        """Return the mean of abs(y - x), and beta times the divergence for each pixel.

        Args:
            y: Reconstructions and divergences, as from `forward`.
            x: Images.
        """
        decoded, divergence = y
        return super().loss(decoded, x) + self.beta * divergence.mean() / x[0].numel()


def pixels(x: torch.Tensor) -> torch.Tensor:
    """Return images of 0..255 as numbers in [-1, 1]."""
    return x.float() / 127.5 - 1


def new(name: str, d: int, shape: tuple[int, int, int], network: dict, *, beta: float, seed: int):
    """Return an untrained `autoencoder` or `vae`.

    Args:
        name: One of the two.
        d: Dimension of z.
        shape: Shape of an image, (c, N, N).
        network: Keywords of G; its mirror image has those of MIRRORED.
        beta: Weight of the divergence in the VAE.
        seed: Seed of the weights.

    Example:
        >>> from gsn.systems.comparison import autoencoders
        >>> network = autoencoders.new("vae", 4, (3, 8, 8), {"width": 2}, beta=0.05, seed=0)
        >>> network.embed(torch.zeros(2, 3, 8, 8)).shape
        torch.Size([2, 4])
    """
    c, N, _ = shape
    variational = name == "vae"
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        outputs = 2 * d if variational else d
        mirrored = {key: network[key] for key in MIRRORED if key in network}
        encoder = Encoder(outputs, N, channels=c, normalised=not variational, **mirrored)
        decoder = Generator(d, N, channels=c, **network)
    return VAE(encoder, decoder, beta) if variational else Autoencoder(encoder, decoder)


def fit(
    network: Autoencoder,
    images: np.ndarray,
    *,
    training: dict,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> list[dict]:
    """Train an autoencoder in place, and return its history.

    Args:
        network: Autoencoder or VAE.
        images: Training images, (n, c, N, N) uint8.
        training: epochs, batch, learning_rate and warmup, and perhaps ema, as `gsn.training.train`
            has them. Its `noise` is that of z, which is no input here.
        seed: Seed of the order of the images and of the draws.
        checkpoint: Path of the state; the caller deletes it once the results are safe.
        stamp: Whatever else the run depends on.
        device: Device to train on.
    """
    settings = {name: value for name, value in training.items() if name != "noise"}
    warmup, batch = settings.pop("warmup"), settings["batch"]
    whole = range(0, len(images) // batch * batch, batch)  # as in training

    def statistics(trained: nn.Module) -> None:
        parts = (torch.from_numpy(images[i : i + batch]).to(device) for i in whole)
        with torch.random.fork_rng():  # the VAE draws
            torch.manual_seed(seed)
            recompute_statistics(trained, parts)

    return train(
        network,
        lambda outputs, x: network.loss(outputs(x), x),
        (images,),
        **settings,
        schedule=schedules.linear(warmup),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        finish=statistics,
        device=device,
    )


@torch.no_grad()
def embed(network: Autoencoder, images: np.ndarray) -> np.ndarray:
    """Return z of images, (n, d) float32, by a network in evaluation mode.

    Args:
        network: Autoencoder or VAE.
        images: Images, (n, c, N, N) uint8, or an array of a store.
    """
    device, n, parts = next(network.parameters()).device, images.shape[0], []
    for first in range(0, n, BATCH):
        x = torch.from_numpy(np.ascontiguousarray(images[first : min(first + BATCH, n)]))
        with precision.single(device):
            parts.append(network.embed(x.to(device)).cpu().numpy())
    return np.concatenate(parts)
