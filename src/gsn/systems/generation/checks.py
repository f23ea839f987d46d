"""Checks of the arguments of an experiment: images and embeddings."""

import numpy as np
import torch

from gsn.runtime import arguments


def shape(name: str, values: np.ndarray) -> tuple[int, ...]:
    """Return the shape of an array, without reading an array of a store.

    Raises:
        ValueError: It is not an array, such as a file name.
    """
    if isinstance(values, str | bytes) or hasattr(values, "__fspath__"):
        raise ValueError(
            f"{name} must be an array of pixels: got the text {str(values)!r}; "
            "open the file first, such as np.array(PIL.Image.open(file))."
        )
    try:
        return tuple(getattr(values, "shape", None) or np.shape(values))
    except ValueError as error:  # a ragged list
        raise ValueError(f"{name} must be an array of pixels: {arguments.gist(error)}.") from error


def array(name: str, values: np.ndarray) -> np.ndarray:
    """Return values as a numpy array.

    Raises:
        ValueError: They are a tensor whose gradient would be lost, or have a mask.
    """
    if isinstance(values, torch.Tensor):
        if values.requires_grad:
            raise ValueError(
                f"{name} must need no gradient: got a tensor that requires one; use x.detach(), or "
                "gsn.transforms.Scattering2D and the attribute `generator`, which have gradients."
            )
        return values.detach().cpu().numpy()
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} must have no masked values: got some; use x.filled(0).")
    return np.asarray(values)


def real(name: str, values: np.ndarray) -> np.ndarray:
    """Return an array once its numbers are real.

    Raises:
        ValueError: It holds complex numbers, texts or objects.
    """
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be real numbers: got {values.dtype}; use x.astype(float).")
    return values


def pixels(x: np.ndarray, first: int) -> np.ndarray:
    """Return images as pixels in 0..255, in the order of C.

    Args:
        x: Images, uint8 in 0..255 or floats in [0, 1].
        first: Number of the first of them, for messages.

    Raises:
        ValueError: The images are of another type, outside of the range, or not finite.
    """
    if x.dtype != np.uint8 and not np.issubdtype(x.dtype, np.floating):
        remedy = "x.astype(float) for masks" if x.dtype == bool else "x.astype(np.uint8) for 0..255"
        raise ValueError(f"images must be uint8 or floats: got {x.dtype}; use {remedy}.")
    if x.dtype != np.uint8:
        if not (x.min() >= 0 and x.max() <= 1):  # both are false for NaN
            raise ValueError(
                "images of floats must be finite and in [0, 1]: "
                f"found {float(x.min())!r} to {float(x.max())!r} from image {first} on; "
                "use x.clip(0, 1) for rounding, x / 255 for 0..255, (x + 1) / 2 for [-1, 1], "
                "and leave out NaN."
            )
        x = np.multiply(x, 255, dtype=np.float32)
    return np.array(x, order="C")  # torch does not accept negative strides
