"""Figures of the course of a training."""

import numpy as np
from matplotlib.figure import Figure


def training_curve(
    epochs: np.ndarray, loss: np.ndarray, learning_rate: np.ndarray, decibels: dict[str, np.ndarray]
) -> Figure:
    """Draw the loss, the PSNR and the learning rate over the epochs.

    Args:
        epochs: Number of each epoch, (epochs,).
        loss: Mean L1 loss of each epoch, on pixels in [-1, 1], (epochs,).
        learning_rate: Learning rate at the end of each epoch, (epochs,).
        decibels: PSNR of some images after each epoch, in dB, by split, (epochs,) each.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.training import training_curve
        >>> x = np.array([1, 2])
        >>> figure = training_curve(x, 0.1 / x, 0.004 / x, {"train": 20 + x})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['L1 loss (pixels in [-1, 1])', 'PSNR of some images, dB', 'learning rate']
    """
    figure = Figure(figsize=(6, 5.6), dpi=150, layout="constrained")
    above, middle, below = axes = figure.subplots(3, 1, sharex=True, height_ratios=(2, 2, 1))
    above.semilogy(epochs, loss, color="C0")
    above.set_ylabel("L1 loss (pixels in [-1, 1])")
    for i, (split, values) in enumerate(decibels.items()):
        middle.plot(epochs, values, color=f"C{i}", label=split)
    middle.set_ylabel("PSNR of some images, dB")
    middle.legend(frameon=False, loc="lower right")
    below.plot(epochs, learning_rate, color="grey")
    below.set_ylabel("learning rate")
    below.set_xlabel("epoch")
    for panel in axes:
        panel.grid(alpha=0.3, which="both")
    return figure
