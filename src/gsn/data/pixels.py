"""Images of any kind and size to (c, N, N) uint8: decode, crop to a centred square, resize."""

import errno
import io
import os
import stat
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from gsn.data import metadata
from gsn.data.items import Unreadable
from gsn.data.scale import Scale

MODES = {1: "L", 3: "RGB"}  # by the number of channels
FORMATS = (
    "PNG",
    "JPEG",
    "WEBP",
    "TIFF",
)  # Pillow runs other programs for some, such as Ghostscript
SCAN = b"\xff\xda"  # what a scan of a JPEG begins with
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the first bytes
BITS, PHOTOMETRIC, PLANAR = 258, 262, 284  # tags of a TIFF
PIXELS = 10**8  # limit for an image; `max_pixels` sets another
SCANS = 500  # passes over all pixels in a progressive JPEG, which are ten in practice
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by the orientation in EXIF
# Faults of a file; others are of the machine.
BROKEN = {
    getattr(errno, name)
    for name in ("ENOENT", "EACCES", "EPERM", "ELOOP", "ENOTDIR", "EISDIR", "ENAMETOOLONG")
}


def square(
    raw: Path | bytes | np.ndarray,
    N: int,
    *,
    channels: int,
    crop: int | None = None,
    max_pixels: int | None = None,
    scale: Scale | None = None,
) -> np.ndarray:
    """Return the centred square of an image, resized to N x N.

    The window starts at row (H - crop) // 2 and column (W - crop) // 2. If it is N pixels wide, it
    is copied. Otherwise it is resized with a Lanczos filter. A reduction widens the filter by its
    factor, which avoids aliasing.

    Transparent pixels are blended with white. 16-bit values are divided by 256, or by the full
    scale. Malformed metadata is ignored.

    Args:
        raw: Path of an image file, bytes of one, or pixels (H, W) or (H, W, 1 or 3) uint8.
        N: Side of the result, in pixels.
        channels: Number of colours: 3 for RGB, 1 for grey (ITU-R 601 luma).
        crop: Side of the window, in pixels; by default the shorter side of the image.
        max_pixels: Largest number of pixels of an image file; by default 100 million.
        scale: Full scale of 16-bit grey images, which notes their range.

    Returns:
        The image, (channels, N, N) uint8.

    Raises:
        Unreadable: The file is not an image, is broken, or has too many pixels.
        ValueError: The image is smaller than the window.

    Example:
        >>> square(np.arange(12, dtype=np.uint8).reshape(2, 6), 2, channels=1)
        array([[[2, 3],
                [8, 9]]], dtype=uint8)
    """
    image = _decode(raw, MODES[channels], max_pixels or PIXELS, scale or Scale())
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


def grey(raw: Path | bytes) -> np.ndarray:
    """Return a whole image in grey (ITU-R 601 luma), (H, W) uint8.

    Raises:
        Unreadable: The file is not an image, is broken, or has too many pixels.
    """
    return np.asarray(_decode(raw, MODES[1], PIXELS, Scale()))


def most_bytes(max_pixels: int | None) -> int:
    """Return the largest number of bytes of an encoded image: 8 for each pixel it may have."""
    return 8 * (max_pixels or PIXELS)


def check_bytes(size: int, max_pixels: int | None) -> None:
    """Refuse an encoded image by its size, before it is read.

    Raises:
        Unreadable: It has more bytes than an image of `max_pixels` may have.
    """
    if size > (most := most_bytes(max_pixels)):
        raise Unreadable(f"it must have at most {most} bytes: got {size}; or set max_pixels")


def _decode(
    raw: Path | bytes | np.ndarray, mode: str, max_pixels: int, scale: Scale
) -> Image.Image:
    if isinstance(raw, np.ndarray):
        return Image.fromarray(raw[..., 0] if raw.ndim == 3 and raw.shape[2] == 1 else raw).convert(
            mode
        )
    if max_pixels > 2 * (Image.MAX_IMAGE_PIXELS or np.inf):
        Image.MAX_IMAGE_PIXELS = None  # the user's limit takes the place of Pillow's
    try:
        if isinstance(raw, Path):
            _check_file(raw, max_pixels)
        image, wide = _read(raw, max_pixels)
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(f"it must have at most {max_pixels} pixels; or set max_pixels") from error
    except UnidentifiedImageError as error:
        raise Unreadable(_unknown(raw)) from error
    except Exception as error:  # Pillow's decoders raise many kinds for a broken file
        number = getattr(error, "errno", None)
        if isinstance(error, MemoryError) or (number and number not in BROKEN):
            raise  # a fault of the machine, not of the file
        raise Unreadable(str(error).strip() or type(error).__name__) from error
    return _flat(image, mode, scale, wide=wide)


def _unknown(raw: Path | bytes) -> str:
    """Return why the bytes of an image are not those of a known format."""
    if isinstance(raw, Path):
        with open(raw, "rb") as file:
            raw = file.read(4)
    if raw[:4] in TIFF:
        return "a TIFF must be whole, and grey or RGB of 8 or 16 bits: this one is not; convert it"
    return "its bytes are of no known format, which are PNG, JPEG, WebP and TIFF"


def _check_file(path: Path, max_pixels: int) -> None:
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait forever
        raise Unreadable("it is not a regular file")
    check_bytes(status.st_size, max_pixels)


def _read(raw: Path | bytes, max_pixels: int) -> tuple[Image.Image, bool]:
    """Return what `_opened` does, without the metadata of the file if they are malformed."""
    try:
        return _opened(raw, max_pixels)
    except (Unreadable, Image.DecompressionBombError):
        raise
    except Exception:
        data = raw if isinstance(raw, bytes) else raw.read_bytes()
        if len(bare := metadata.stripped(data)) == len(data):
            raise
        return _opened(bare, max_pixels)


def _opened(raw: Path | bytes, max_pixels: int) -> tuple[Image.Image, bool]:
    """Return an image in memory, upright, and whether its file has 16 bits in several channels."""
    with Image.open(io.BytesIO(raw) if isinstance(raw, bytes) else raw, formats=FORMATS) as image:
        width, height = image.size
        if width * height > max_pixels:
            raise Unreadable(
                f"it must have at most {max_pixels} pixels: got {width} x {height}; "
                "reduce it, or set max_pixels"
            )
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            _check_tiff(image)
        if "progressive" in image.info:
            _check_scans(raw)
        wide = any(";16" in str(tile[3]) for tile in image.tile)  # before it is loaded
        image.load()
        return _upright(image), wide


def _check_scans(raw: Path | bytes) -> None:
    """Refuse a progressive JPEG of so many scans that it is decoded for hours."""
    data = raw if isinstance(raw, bytes) else raw.read_bytes()
    if (scans := data.count(SCAN)) > SCANS:
        raise Unreadable(f"it must have at most {SCANS} scans: got {scans}; save it again")


def _check_tiff(image: TiffImagePlugin.TiffImageFile) -> None:
    """Refuse a TIFF of which not every value would be read as it was meant."""
    if (pages := getattr(image, "n_frames", 1)) > 1:
        raise Unreadable(f"it must hold one image: this TIFF has {pages} pages; save each alone")
    if image.tag_v2.get(PHOTOMETRIC) == 0 and image.mode not in ("1", "L"):  # Pillow inverts these
        raise Unreadable("its black must be 0: this TIFF has white at 0; invert it")
    bits = image.tag_v2.get(BITS, (1,))
    if image.tag_v2.get(PLANAR) == 2 and len(bits) > 1 and max(bits) > 8:  # Pillow mixes bytes up
        raise Unreadable("its colours must lie together: this TIFF of 16 bits has a plane for each")


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # malformed EXIF; the pixels are good
        return image
    return image if turn is None else image.transpose(turn)


def _flat(image: Image.Image, mode: str, scale: Scale, *, wide: bool) -> Image.Image:
    """Return an image in 8 bits and without transparency; `wide` if the file has 16 bits."""
    if image.mode[0] in "IF":  # 16-bit grey or floats, which convert() would clip
        values = np.asarray(image)
        values = values if image.mode == "F" else values.astype(np.int64)
        flat, hidden = scale.bytes(values), image.info.get("transparency")
        if isinstance(hidden, int):
            flat = np.where(values == hidden, np.uint8(255), flat)
        image = Image.fromarray(flat)
    elif wide:  # Pillow keeps the upper bytes of colours, and of grey with transparency
        if scale.full not in (None, 65535):
            raise ValueError(
                "full_scale must be 65535 for 16-bit images in colour or with transparency: got "
                f"{scale.full:g}; convert them to 8 bits"
            )
        colours = np.asarray(image)[..., : len(image.getbands()) - ("A" in image.getbands())]
        scale.found(int(colours.min()) << 8, int(colours.max()) << 8 | 255, colour=True)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)
