"""Features of images for a classifier: pixels, or scattering coefficients of order 1 or 2."""

from collections.abc import Iterator

import numpy as np
import torch

from gsn.runtime import arguments, machine, progress
from gsn.transforms import Scattering2D
from gsn.transforms.scattering2d import cosine, paths

BATCH = 256  # images scattered at once
KINDS = ("pixels", "order1", "order2", "cosine")


def images(x: np.ndarray) -> np.ndarray:
    """Return images as (n, c, H, W), uint8 or float32.

    Args:
        x: Images, (n, H, W) or (n, c, H, W), uint8 in 0..255 or floats.

    Raises:
        ValueError: They are no stack of images, or a number is missing.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import features
        >>> features.images(np.zeros((5, 8, 8))).shape
        (5, 1, 8, 8)
    """
    x = arguments.array("images", x)
    if x.ndim == 4 and x.shape[1] not in (1, 2, 3, 4) and x.shape[3] in (1, 3):
        raise ValueError(
            f"images must have their colours first, (n, c, H, W): got the shape {x.shape}; "
            "use np.moveaxis(images, -1, 1)."
        )
    if x.ndim not in (3, 4) or 0 in x.shape:
        raise ValueError(
            f"images must be (n, H, W) or (n, c, H, W): got the shape {x.shape}; "
            "use images[None] for one image."
        )
    x = x[:, None] if x.ndim == 3 else x
    if x.dtype == np.uint8:
        return x
    if bad := len(x) - int(np.isfinite(x).all(axis=(1, 2, 3)).sum()):
        raise ValueError(
            f"images must be finite: found NaN or infinity in {bad} of {len(x)}; "
            "leave them out, or fill them."
        )
    return x.astype(np.float32)


def padded(x: np.ndarray, J: int) -> np.ndarray:
    """Return images whose sides are multiples of 2^J: the values at the border are repeated.

    Args:
        x: Images, (..., H, W).
        J: Scale of averaging, as log2.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import features
        >>> features.padded(np.zeros((1, 28, 28)), 3).shape
        (1, 32, 32)
    """
    sides = [(0, 0)] * (x.ndim - 2)
    for side in x.shape[-2:]:
        more = -side % 2**J
        sides.append((more // 2, more - more // 2))
    return np.pad(x, sides, mode="edge") if any(map(any, sides)) else x


def scales(shape: tuple[int, int]) -> list[int]:
    """Return the scales that are worth trying for images of some sides: 2^J from 4 to a quarter.

    Example:
        >>> from gsn.systems.classification import features
        >>> features.scales((28, 28)), features.scales((128, 128))
        ([2, 3], [2, 3, 4, 5])
    """
    most = max(2, int(np.log2(min(shape) + 4)) - 2)
    return list(range(2, most + 1))


def scattered(x: np.ndarray, *, J: int, L: int, device: torch.device | None = None) -> np.ndarray:
    """Return the scattering coefficients of images, order 2 included.

    Images whose sides are no multiples of 2^J are padded. 8-bit images are divided by 255.

    Args:
        x: Images, (n, c, H, W).
        J: Scale of averaging, as log2.
        L: Number of angles.
        device: Device to compute on; the first GPU or the CPU by default.

    Returns:
        Coefficients, (n, c, K, h, w) float32.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import features
        >>> features.scattered(np.zeros((2, 1, 28, 28)), J=3, L=6).shape
        (2, 1, 127, 4, 4)
    """
    return np.concatenate(list(batches(x, J=J, L=L, device=device)))


@torch.inference_mode()
def batches(
    x: np.ndarray, *, J: int, L: int, device: torch.device | None = None
) -> Iterator[np.ndarray]:
    """Yield the coefficients of images, also of a store, batch by batch; see `scattered`."""
    device = machine.device() if device is None else device
    transform = Scattering2D(J, padded(x[:1], J).shape[-2:], L)
    bar = progress.Progress(total=len(x), unit="image", label=f"scatter, J = {J}")
    for start in range(0, len(x), BATCH):
        some = padded(x[start : start + BATCH], J)
        pixels = torch.from_numpy(np.ascontiguousarray(some)).to(device).float()
        pixels = pixels / 255 if x.dtype == np.uint8 else pixels
        yield transform(pixels).cpu().numpy()
        bar.update(len(some))
    bar.close()


def mirror(J: int, L: int, colours: int = 1) -> np.ndarray:
    """Return the channels that mirroring an image left to right exchanges.

        S x'[p, u] = S x[mirror[p], -u],        x' = x mirrored, and translated by 2^J - 1 pixels

    holds up to the border: the positions of S are no mirror image of themselves.

    Args:
        J: Scale of averaging, as log2.
        L: Number of angles.
        colours: Number of channels of the images.

    Returns:
        Channel for each channel, (colours K,).

    Example:
        >>> from gsn.systems.classification import features
        >>> features.mirror(J=1, L=4).tolist()
        [0, 3, 2, 1, 4]
    """
    table = paths(J, L)
    place = {path: p for p, path in enumerate(zip(*table.values(), strict=True))}
    turned = dict(table)
    for name in ("theta1", "theta2"):  # the angle of index t is (L // 2 - 1 - t) pi / L
        turned[name] = np.where(table[name] < 0, -1, (2 * (L // 2 - 1) - table[name]) % L)
    one = np.array([place[path] for path in zip(*turned.values(), strict=True)])
    return np.concatenate([one + colour * len(one) for colour in range(colours)])


def rows(S: np.ndarray, kind: str, *, J: int, L: int) -> tuple[np.ndarray, int]:
    """Return features as rows, and the number of positions of a path.

    Args:
        S: Coefficients of order 2, (n, c, K, h, w); for `pixels` the images, (n, c, H, W).
        kind: One of KINDS. `cosine` is the lower half of the cosine transform of order 2.
        J: Scale of averaging, as log2.
        L: Number of angles.

    Returns:
        Rows, (n, p) float32, and the number of consecutive columns of a path.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import features
        >>> S = np.zeros((2, 1, 127, 4, 4), np.float32)
        >>> [features.rows(S, kind, J=3, L=6)[0].shape[1] for kind in ("order1", "order2")]
        [304, 2032]
    """
    if kind == "pixels":
        scale = 255 if S.dtype == np.uint8 else 1
        return S.reshape(len(S), -1).astype(np.float32) / scale, 1
    positions = S.shape[3] * S.shape[4]
    if kind == "order1":
        S = S[:, :, paths(J, L)["order"] <= 1]
    elif kind == "cosine":
        basis = cosine.cosine_basis(J, L).astype(np.float32)
        S = basis @ S.reshape(*S.shape[:3], positions)
    return S.reshape(len(S), -1), positions
