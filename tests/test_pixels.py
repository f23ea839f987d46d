"""From an image of any kind to (c, N, N): exact crops, resizing, and every common format."""

import io

import numpy as np
import pytest
from PIL import Image

from gsn.data.items import Unreadable
from gsn.data.pixels import square


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
