"""What the fit of a method gives: an embedding of both splits, a decoder of it, and numbers."""

from dataclasses import dataclass

import numpy as np
from torch import nn

from gsn.systems.comparison import decoders


@dataclass(frozen=True)
class Fitted:
    """A fitted method.

    Attributes:
        decoder: Network from z to images in [-1, 1].
        z: Embeddings of the splits, (n, d) float32.
        rows: Numbers of the test images that `z["test"]` embeds.
        facts: decoder_parameters; encoder_parameters, those that are trained by gradients; steps;
            training_seconds; embedding_ms, milliseconds to embed an image.
    """

    decoder: nn.Module
    z: dict[str, np.ndarray]
    rows: np.ndarray
    facts: dict[str, float]


def facts(decoder: nn.Module, encoder: int, steps: int, seconds: float, took: float) -> dict:
    """Return the facts of a method.

    Args:
        decoder: Its decoder.
        encoder: Number of parameters of its encoder.
        steps, seconds: Of the training.
        took: Milliseconds to embed an image.
    """
    return {
        "decoder_parameters": decoders.numbers(decoder),
        "encoder_parameters": encoder,
        "steps": int(steps),
        "training_seconds": f"{float(seconds):.4g}",
        "embedding_ms": f"{took:.4g}",
    }
