"""TIFF files of 8 and 16 bits, written here byte by byte: their values, and refusals."""

import struct

import numpy as np
import pytest
from PIL import Image

from gsn.data import folder
from gsn.data.items import Unreadable
from gsn.data.pixels import square
from gsn.data.scale import Scale

RNG = np.random.default_rng(0)


def tiff(values, order="<", *, planar=False, white_is_zero=False, pages=1, kind=1, turn=1):
    """Return an uncompressed TIFF of an array (H, W) or (H, W, c)."""
    height, width, channels = (*values.shape, 1)[:3]
    data = np.moveaxis(values, 2, 0) if planar else values
    data = data.astype(values.dtype.newbyteorder(order)).tobytes()
    bits = 8 * values.dtype.itemsize
    photometric = 2 if channels > 1 else int(not white_is_zero)
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    for page in range(pages):
        n, start = 11, len(out)
        after = start + 2 + 12 * n + 4
        lists = struct.pack(f"{order}{channels}H", *[bits] * channels) + bytes(2 * (channels % 2))
        first = after + 2 * len(lists)
        size = len(data) // channels if planar else len(data)
        offsets = [first + i * size for i in range(channels if planar else 1)]
        place = first + len(data)  # of the lists of the planes
        tags = [(256, 4, 1, width), (257, 4, 1, height), (259, 3, 1, 1), (262, 3, 1, photometric)]
        tags += [(258, 3, channels, after if channels > 2 else bits), (274, 3, 1, turn)]
        tags += [(273, 4, len(offsets), place if planar else first), (277, 3, 1, channels)]
        tags += [(279, 4, len(offsets), place + 4 * channels if planar else size)]
        tags += [(284, 3, 1, 2 if planar else 1), (339, 3, channels, after + len(lists))]
        if channels < 3:
            tags[-1] = (339, 3, 1, kind)
        entries = b""
        for tag, code, count, value in sorted(tags):
            short = code == 3 and count == 1
            entries += struct.pack(order + ("HHIHxx" if short else "HHII"), tag, code, count, value)
        kinds = struct.pack(f"{order}{channels}H", *[kind] * channels) + bytes(2 * (channels % 2))
        out += struct.pack(order + "H", n) + entries
        end = place + 8 * channels * planar
        out += struct.pack(order + "I", end if page + 1 < pages else 0) + lists + kinds + data
        if planar:
            out += struct.pack(f"{order}{2 * channels}I", *offsets, *[size] * channels)
    return out


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_value_is_read(order, dtype, channels):
    most = np.iinfo(dtype).max
    values = RNG.integers(0, most, (20, 16, channels), dtype, endpoint=True)
    x = square(tiff(values.squeeze(), order), 16, channels=channels)
    expected = values[2:18] >> (8 if dtype == np.uint16 else 0)
    np.testing.assert_array_equal(np.moveaxis(x, 0, 2), expected)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_compressed_files_are_read(compression, tmp_path):
    grey = RNG.integers(0, 4096, (16, 16), np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.tif", compression=compression)
    x = square(tmp_path / "a.tif", 16, channels=1, scale=Scale(4095))
    np.testing.assert_array_equal(x[0], np.rint(255 / 4095 * grey))


def test_floats_are_read_by_their_full_scale():
    values = RNG.random((16, 16), np.float32)
    np.testing.assert_array_equal(
        square(tiff(values, kind=3), 16, channels=1)[0], np.rint(255 * values)
    )
    np.testing.assert_array_equal(
        square(tiff(9 * values, kind=3), 16, channels=1, scale=Scale(9))[0], np.rint(255 * values)
    )
    with pytest.raises(ValueError, match=r"floats must be in \[0, 1\]: got .* set full_scale"):
        square(tiff(9 * values, kind=3), 16, channels=1)


def test_dark_files_of_16_bits_are_refused():
    values = np.full((16, 16, 3), 4095, dtype=np.uint16)
    for array, remedy in ((values[..., 0], "set full_scale: 4095"), (values, "scale them to 8")):
        scale = Scale()
        square(tiff(array), 16, channels=1, scale=scale)
        with pytest.raises(ValueError, match=remedy):
            scale.check()
    with pytest.raises(ValueError, match="full_scale must be 65535 for 16-bit images in colour"):
        square(tiff(values), 16, channels=3, scale=Scale(4095))


def test_white_at_zero_is_read_in_8_bits_and_refused_in_16():
    grey = RNG.integers(0, 256, (16, 16), np.uint8)
    x = square(tiff(grey, white_is_zero=True), 16, channels=1)
    np.testing.assert_array_equal(x[0], 255 - grey)
    with pytest.raises(Unreadable, match="its black must be 0: this TIFF has white at 0; invert"):
        square(tiff(grey.astype(np.uint16), white_is_zero=True), 16, channels=1)


def test_planes_of_colours_are_read_in_8_bits_and_refused_in_16():
    colours = RNG.integers(0, 256, (16, 16, 3), np.uint8)
    x = square(tiff(colours, planar=True), 16, channels=3)
    np.testing.assert_array_equal(np.moveaxis(x, 0, 2), colours)
    with pytest.raises(Unreadable, match="its colours must lie together: this TIFF of 16 bits"):
        square(tiff(colours.astype(np.uint16), planar=True), 16, channels=3)


def test_a_stack_of_pages_is_refused():
    grey = RNG.integers(0, 2**16, (16, 16), np.uint16)
    with pytest.raises(Unreadable, match="it must hold one image: this TIFF has 3 pages; save"):
        square(tiff(grey, pages=3), 16, channels=1)


def test_a_tiff_is_turned_once():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(square(tiff(grey, turn=3), 16, channels=1)[0], grey[::-1, ::-1])


@pytest.mark.filterwarnings("ignore")  # Pillow's, of what it lacks
@pytest.mark.parametrize("length", [4, 20, 150, 300])
def test_truncated_files_and_other_pixels_cannot_be_read(length):
    whole = tiff(RNG.integers(0, 2**16, (16, 16), np.uint16))
    with pytest.raises(Unreadable, match=r"a TIFF must be whole, and grey or RGB|truncated"):
        square(whole[:length], 16, channels=1)
    with pytest.raises(Unreadable, match="a TIFF must be whole, and grey or RGB of 8 or 16 bits"):
        square(tiff(np.zeros((16, 16), np.float64), kind=3), 16, channels=1)


def test_a_folder_holds_tiffs(tmp_path):
    values = RNG.integers(2**15, 2**16, (4, 16, 16), np.uint16)
    for i, image in enumerate(values):
        (tmp_path / f"{i}.{'tif' if i % 2 else 'TIFF'}").write_bytes(tiff(image))
    known = {"path": str(tmp_path), "train": 4, "test": 0, "N": 16, "channels": 1, "seed": 0}
    source = folder.read({}, "train", **known)
    np.testing.assert_array_equal(np.stack([i.load()[0] for i in source.items]), values >> 8)
    source.check()
