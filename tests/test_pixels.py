"""From an image of any kind to (c, N, N): exact crops, resizing, and every common format."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gsn.data.items import Unreadable
from gsn.data.pixels import square
from gsn.data.scale import Scale


def ramp(height, width):
    """Return an image whose pixels hold their position: (row, column, 0)."""
    rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    return np.stack([rows, columns, 0 * rows], axis=2).astype(np.uint8)


def encoded(array, kind="PNG", **options):
    return saved(Image.fromarray(array), kind, **options)


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_the_crop_of_celeba_is_exact():
    """The window of 178 x 218 pixels begins 25 from the left and 45 from the top."""
    np.testing.assert_array_equal(
        square(encoded(ramp(218, 178)), 128, channels=3, crop=128),
        np.moveaxis(ramp(218, 178)[45:173, 25:153], 2, 0),
    )


@pytest.mark.parametrize(("height", "width"), [(20, 31), (31, 20), (20, 20), (21, 20)])
def test_the_default_crop_is_the_largest_centred_square(height, width):
    top, left = (height - 20) // 2, (width - 20) // 2
    expected = np.moveaxis(ramp(height, width)[top : top + 20, left : left + 20], 2, 0)
    np.testing.assert_array_equal(square(ramp(height, width), 20, channels=3), expected)


def test_a_reduction_does_not_alias():
    # a checkerboard at the Nyquist frequency: only its mean survives
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    inner = square(board.astype(np.uint8), 16, channels=1)[0, 2:-2, 2:-2]
    assert np.abs(inner.astype(float) - 127.5).max() <= 1  # rounding


def test_a_reduction_stays_in_place():
    """A linear ramp becomes the ramp of the pixel centres, away from the border."""
    reduced = square(ramp(256, 256), 128, channels=3)[0].astype(float)
    centres = np.arange(128) * 2 + 0.5
    np.testing.assert_allclose(reduced[4:-4, 5], centres[4:-4], atol=0.51)  # rounding


def test_a_crop_beyond_the_image_is_refused():
    with pytest.raises(
        ValueError,
        match="at most the sides of an image: got crop=30 for 40 x 20 pixels; use a smaller one",
    ):
        square(ramp(20, 40), 16, channels=3, crop=30)


def test_grey_and_colour_are_converted():
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    for raw in (grey, grey[..., None], encoded(grey)):
        np.testing.assert_array_equal(square(raw, 8, channels=3), np.stack([grey] * 3))
        np.testing.assert_array_equal(square(raw, 8, channels=1), grey[None])
    red = np.zeros((8, 8, 3), dtype=np.uint8)
    red[..., 0] = 200
    assert square(red, 8, channels=1)[0, 0, 0] == round(0.299 * 200)


def test_transparent_pixels_blend_with_white():
    rgba = np.zeros((8, 8, 4), dtype=np.uint8)
    rgba[:, 4:] = (10, 20, 30, 255)
    rgba[:, :2] = (0, 0, 0, 0)
    rgba[:, 2:4] = (0, 0, 0, 51)  # a fifth of black over white
    images = [encoded(rgba), encoded(rgba, "WEBP", lossless=True, exact=True)]
    for image in images:
        x = square(image, 8, channels=3)
        assert x[:, 0, 0].tolist() == [255, 255, 255]
        assert x[:, 0, 3].tolist() == [204, 204, 204]
        assert x[:, 0, 7].tolist() == [10, 20, 30]


def test_a_palette_keeps_its_colours_and_its_transparency():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.putpixel((0, 0), 0)
    plain, transparent = (
        square(saved(image), 8, channels=3),
        square(saved(image, transparency=0), 8, channels=3),
    )
    assert plain[:, 1, 1].tolist() == transparent[:, 1, 1].tolist() == [10, 20, 30]
    assert plain[:, 0, 0].tolist() == [0, 0, 0]
    assert transparent[:, 0, 0].tolist() == [255, 255, 255]


def test_grey_of_16_bits_keeps_its_range():
    ramp16 = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    np.testing.assert_array_equal(
        square(encoded(ramp16), 8, channels=1)[0], (ramp16 >> 8).astype(np.uint8)
    )


def test_a_photograph_is_turned_upright():
    image = Image.fromarray(ramp(8, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    x = square(saved(image, exif=exif), 8, channels=3)
    np.testing.assert_array_equal(x, np.moveaxis(np.rot90(ramp(8, 16), -1)[4:12], 2, 0))


def test_white_in_cmyk_stays_white():
    white = saved(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")
    assert square(white, 8, channels=3).min() >= 250  # JPEG


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>", encoded(ramp(64, 64))[:120], encoded(ramp(64, 64), "JPEG")[:700]],
    ids=["empty", "page", "truncated png", "truncated jpeg"],
)
def test_bytes_that_are_no_image_are_refused(raw):
    with pytest.raises(Unreadable, match=r".") as error:
        square(raw, 8, channels=3)
    assert "\n" not in str(error.value)
    assert "object at" not in str(error.value)


NOISE = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def chunk(kind, data, crc=None):
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def inserted(*chunks):
    """Return a PNG with chunks behind its header."""
    png = encoded(NOISE)
    return png[:33] + b"".join(chunks) + png[33:]


@pytest.mark.parametrize(
    "raw",
    [
        inserted(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2_000_000)))),
        inserted(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2_000_000)))),
        inserted(chunk(b"tEXt", b"a\0b", crc=1)),
        inserted(chunk(b"pHYs", b"a"), chunk(b"iCCP", b""), chunk(b"gAMA", b"")),
        encoded(NOISE, exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
        encoded(NOISE, "WEBP", lossless=True, exif=b"no EXIF"),
        encoded(NOISE, "WEBP", lossless=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xff"),
    ],
    ids=["text", "profile", "checksum of text", "short", "exif", "exif of webp", "cut exif"],
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_pixels_that_decode_are_used_whatever_the_metadata(raw):
    np.testing.assert_array_equal(square(raw, 16, channels=3), np.moveaxis(NOISE, 2, 0))


@pytest.mark.parametrize("segment", [b"\xff\xe0\0\x07JFIF\0", b"\xff\xee\0\x07Adobe"])
def test_a_short_segment_of_a_jpeg_is_left_out(segment):
    jpeg = encoded(NOISE, "JPEG")
    expected = square(jpeg, 16, channels=3)
    np.testing.assert_array_equal(square(jpeg[:2] + segment + jpeg[2:], 16, channels=3), expected)


def test_large_metadata_leaves_the_orientation():
    exif = Image.Exif()
    exif[0x0112] = 6
    png = encoded(NOISE, exif=exif)
    raw = png[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2_000_000))) + png[33:]
    upright = np.moveaxis(np.rot90(NOISE, -1), 2, 0)
    np.testing.assert_array_equal(square(raw, 16, channels=3), upright)


@pytest.mark.filterwarnings("ignore:Image size")
def test_an_image_has_at_most_the_pixels_of_the_setting(tmp_path):
    raw = encoded(NOISE)
    with pytest.raises(Unreadable, match="at most 255 pixels: got 16 x 16; reduce it, or set max_"):
        square(raw, 16, channels=3, max_pixels=255)
    assert square(raw, 16, channels=3, max_pixels=256).shape == (3, 16, 16)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 13_000, 13_000, 8, 2, 0, 0, 0))
    with pytest.raises(Unreadable, match="at most 100000000 pixels: got 13000 x 13000"):
        square(raw[:8] + header + raw[33:], 16, channels=3)
    with open(tmp_path / "a.png", "wb") as file:
        file.truncate(2**30)
    with pytest.raises(Unreadable, match="at most 800000000 bytes: got 1073741824"):
        square(tmp_path / "a.png", 16, channels=3)


@pytest.mark.parametrize("kind", ["EPS", "GIF", "BMP"])
def test_other_formats_are_not_opened(kind):
    with pytest.raises(Unreadable, match="of no known format, which are PNG, JPEG, WebP and TIFF"):
        square(encoded(NOISE, kind), 16, channels=3)


def test_a_pipe_and_a_loop_of_links_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    with pytest.raises(Unreadable, match="it is not a regular file"):
        square(tmp_path / "pipe.png", 16, channels=3)
    with pytest.raises(Unreadable, match="symbolic links"):
        square(tmp_path / "loop.png", 16, channels=3)


def test_grey_of_12_bits_is_refused_until_its_full_scale_is_given():
    grey = np.linspace(0, 4095, 64).astype(np.uint16).reshape(8, 8)
    dark = Scale()
    square(encoded(grey), 8, channels=1, scale=dark)
    with pytest.raises(ValueError, match="found 0 to 4095; set full_scale: 4095, or set"):
        dark.check()
    x = square(encoded(grey), 8, channels=1, scale=Scale(4095))
    np.testing.assert_array_equal(x[0], np.rint(grey / 4095 * 255))
    deep = Scale(65535)
    assert square(encoded(grey), 8, channels=1, scale=deep).max() == 16
    deep.check()


def test_the_transparent_grey_of_16_bits_becomes_white():
    grey = np.full((8, 8), 40_000, dtype=np.uint16)
    grey[0] = 7
    x = square(encoded(grey, transparency=7), 8, channels=1)
    assert x[0, :2, 0].tolist() == [255, 40_000 >> 8]


@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_dark_colours_of_16_bits_are_refused(colour_type, channels):
    values = np.full((8, 8, channels), 4095, dtype=">u2")
    if channels % 2 == 0:
        values[..., -1] = 65535  # opaque
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, colour_type, 0, 0, 0))
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    raw = encoded(NOISE)[:8] + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    scale = Scale()
    square(raw, 8, channels=3, scale=scale)
    with pytest.raises(ValueError, match="found 3840 to 4095; scale them to 8 bits"):
        scale.check()
