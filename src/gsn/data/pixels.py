"""Images of any kind and size to (c, N, N) uint8: decode, crop to a centred square, resize."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gsn.data.items import Unreadable

MODES = {1: "L", 3: "RGB"}  # by the number of channels


def square(
    raw: Path | bytes | np.ndarray, N: int, *, channels: int, crop: int | None = None
) -> np.ndarray:
    """Return the centred square of an image, resized to N x N.

    The window starts at row (H - crop) // 2 and column (W - crop) // 2. If it is N pixels wide, it
    is copied. Otherwise it is resized with a Lanczos filter. A reduction widens the filter by its
    factor, which avoids aliasing.

    Transparent pixels are blended with white. 16-bit values are divided by 256.

    Args:
        raw: Path of an image file, bytes of one, or pixels (H, W) or (H, W, 1 or 3) uint8.
        N: Side of the result, in pixels.
        channels: Number of colours: 3 for RGB, 1 for grey (ITU-R 601 luma).
        crop: Side of the window, in pixels; by default the shorter side of the image.

    Returns:
        The image, (channels, N, N) uint8.

    Raises:
        Unreadable: The file is not an image, or is broken.
        ValueError: The image is smaller than the window.

    Example:
        >>> square(np.arange(12, dtype=np.uint8).reshape(2, 6), 2, channels=1)
        array([[[2, 3],
                [8, 9]]], dtype=uint8)
    """
    image = _decode(raw, MODES[channels])
    width, height = image.size
    crop = crop or min(width, height)
    if crop > min(width, height):
        raise ValueError(
            f"crop must be at most the sides of an image: got crop={crop} for "
            f"{width} x {height} pixels; use a smaller one"
        )
    left, top = (width - crop) // 2, (height - crop) // 2
    if (width, height) != (crop, crop):
        image = image.crop((left, top, left + crop, top + crop))
    if crop != N:
        image = image.resize((N, N), Image.Resampling.LANCZOS)
    return np.moveaxis(np.asarray(image).reshape(N, N, channels), 2, 0)


def _decode(raw: Path | bytes | np.ndarray, mode: str) -> Image.Image:
    if isinstance(raw, np.ndarray):
        return Image.fromarray(raw[..., 0] if raw.ndim == 3 and raw.shape[2] == 1 else raw).convert(
            mode
        )
    try:
        with Image.open(io.BytesIO(raw) if isinstance(raw, bytes) else raw) as image:
            return _flat(ImageOps.exif_transpose(image), mode)
    except UnidentifiedImageError as error:
        raise Unreadable("its bytes are of no known format") from error
    except Exception as error:  # Pillow's decoders raise many kinds for a broken file
        broken = isinstance(error, FileNotFoundError | PermissionError) or not getattr(
            error, "errno", None
        )
        if isinstance(error, MemoryError) or not broken:  # a fault of the machine, not of the file
            raise
        raise Unreadable(str(error).strip() or type(error).__name__) from error


def _flat(image: Image.Image, mode: str) -> Image.Image:
    """Return an image in 8 bits and without transparency."""
    if image.mode.startswith("I"):  # 16-bit grey, which convert() would clip
        image = Image.fromarray(
            (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        )
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)
