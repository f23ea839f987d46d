"""From an image of any kind and size to (c, N, N) uint8: decode, crop to a centred square, resize."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gsn.images import Unreadable

MODES = {1: "L", 3: "RGB"}  # by the number of channels


def square(raw: Path | bytes | np.ndarray, N: int, *, channels: int, crop: int | None = None) -> np.ndarray:
    """The centred square of an image, at N x N.

    The window starts at row (H - crop) // 2 and column (W - crop) // 2. A window of N pixels is copied; another is
    resized with Lanczos' filter, widened by the factor of a reduction, so that nothing aliases.

    Args:
        raw: a file, its bytes, or (H, W) or (H, W, 1 or 3) uint8.
        N: side of the result, in pixels.
        channels: 3 for RGB, 1 for grey (ITU-R 601 luma); transparency is laid over white, 16 bits are divided by 256.
        crop: side of the window, in pixels; the largest that fits if not given.

    Returns:
        (channels, N, N) uint8.

    Raises:
        Unreadable: if it is no image, or a broken one.
        ValueError: if it is smaller than the window.
    """
    image = _decode(raw, MODES[channels])
    width, height = image.size
    crop = crop or min(width, height)
    if crop > min(width, height):
        raise ValueError(
            f"crop must be at most the sides of an image: got crop={crop} for {width} x {height} pixels; "
            "use a smaller one"
        )
    left, top = (width - crop) // 2, (height - crop) // 2
    if (width, height) != (crop, crop):
        image = image.crop((left, top, left + crop, top + crop))
    if crop != N:
        image = image.resize((N, N), Image.Resampling.LANCZOS)
    return np.moveaxis(np.asarray(image).reshape(N, N, channels), 2, 0)


def _decode(raw: Path | bytes | np.ndarray, mode: str) -> Image.Image:
    if isinstance(raw, np.ndarray):
        return Image.fromarray(raw[..., 0] if raw.ndim == 3 and raw.shape[2] == 1 else raw).convert(mode)
    try:
        with Image.open(io.BytesIO(raw) if isinstance(raw, bytes) else raw) as image:
            return _flat(ImageOps.exif_transpose(image), mode)
    except UnidentifiedImageError as error:
        raise Unreadable("its bytes are of no known format") from error
    except Exception as error:  # Pillow's decoders raise whatever a broken file makes them stumble over
        broken = isinstance(error, FileNotFoundError | PermissionError) or not getattr(error, "errno", None)
        if isinstance(error, MemoryError) or not broken:  # the fault of the machine
            raise
        raise Unreadable(str(error).strip() or type(error).__name__) from error


def _flat(image: Image.Image, mode: str) -> Image.Image:
    """Upright pixels of 8 bits without transparency."""
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)
