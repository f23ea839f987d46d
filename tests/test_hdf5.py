"""Images in an HDF5 file: layouts, types, labels, blocks, and refusals."""

import h5py
import numpy as np
import pytest

from gsn.data import hdf5, splits, stack
from gsn.data.items import Unreadable
from gsn.data.scale import Scale
from pictures import WHOLE, numbers, picture

SIZES = {"train": 7, "test": 3}


@pytest.fixture
def table(tmp_path):
    """The same 10 pictures in every common layout, and arrays that are no images."""
    images = np.stack([np.asarray(picture(10 * i)) for i in range(10)])
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["images"] = images
        file.create_dataset("chunked", data=images, chunks=(3, 20, 24, 3), compression="gzip")
        file["group/first"] = np.moveaxis(images, 3, 1)
        file["float"] = images.astype(np.float32) / 255
        file["double"] = np.moveaxis(images, 3, 1) / 255
        file["grey"] = images[..., 0]
        file["grey_last"] = images[..., :1]
        file["ans"] = np.arange(10) % 3
        file["link"] = h5py.SoftLink("/group/first")
        file["none"] = np.zeros((0, 20, 24), np.uint8)
        file["out"] = np.where(np.arange(10) == 4, np.nan, 0.5)[:, None, None] * np.ones(
            (10, 20, 24)
        )
        file["int"] = images.astype(np.int32)
        file["bands"] = np.zeros((10, 20, 24, 5), np.uint8)
    return tmp_path / "table.h5"


@pytest.mark.parametrize(
    "key", ["images", "chunked", "group/first", "float", "double", "grey", "grey_last", "link"]
)
def test_every_layout_gives_the_drawn_pictures(table, key, monkeypatch):
    monkeypatch.setattr(stack, "BYTES", 3000)  # about two images
    for split in ("train", "test"):
        items = list(hdf5.items(table, split, key=key, labels="ans", **SIZES, seed=1, **WHOLE))
        expected = splits.drawn(split, 7, 3, 10, 1)
        assert numbers(items) == (10 * expected).tolist()
        assert [item.label for item in items] == (expected % 3).tolist()
    assert hdf5.counts(table, key) == {"train": 8, "test": 2}


def test_a_file_is_read_block_by_block(tmp_path, monkeypatch):
    """No read of a file of 400 images takes more than one block."""
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.create_dataset("images", data=np.ones((400, 16, 16), "u1"), chunks=(10, 16, 16))
    monkeypatch.setattr(stack, "BYTES", 25 * 256)
    most, read = 0, h5py.Dataset.__getitem__

    def counting(self, place):
        nonlocal most
        block = read(self, place)
        most = max(most, block.nbytes)
        return block

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counting)
    items = hdf5.items(
        tmp_path / "long.h5",
        "train",
        key="images",
        labels=None,
        train=300,
        test=100,
        seed=0,
        **WHOLE,
    )
    assert sum(1 for _ in items) == 300
    assert most == 20 * 256  # whole chunks only


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"key": "imgs"}, "has no array 'imgs': found ans, bands, chunked, "),
        ({"key": "group"}, "has no array 'group'"),
        ({"key": "none"}, r"must have the shape .*got \(0, 20, 24\)"),
        ({"key": "ans"}, r"must have the shape \(n, H, W\).*got \(10,\)"),
        ({"key": "bands"}, r"with c = 1 or 3: got \(10, 20, 24, 5\)"),
        ({"key": "int"}, r"must be of uint8, uint16, or float in \[0, 1\]: got int32"),
        ({"labels": "float"}, "must hold one integer for each of 10 images: got float32"),
        ({"train": 9}, "at most the number of images, 10: got train=9, test=3"),
    ],
)
def test_arrays_that_are_no_images_are_refused(table, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        next(
            hdf5.items(
                table,
                "train",
                **({"key": "images", "labels": None, **SIZES, "seed": 0} | WHOLE | settings),
            )
        )


def test_nan_is_unreadable_and_floats_beyond_one_are_refused(table):
    settings = {"key": "out", "labels": None, "train": 9, "test": 1, "seed": 0}
    bad = [
        item
        for item in hdf5.items(table, "train", **settings, **WHOLE)
        if item.name.endswith("[4]")
    ]
    with pytest.raises(Unreadable, match="a pixel is not a number"):
        bad[0].load()
    with h5py.File(table, "a") as file:
        file["wide"] = np.full((10, 20, 24), 7.0)
    with pytest.raises(
        ValueError, match=r"floats must be in \[0, 1\]: got 7 to 7; divide them"
    ) as error:
        next(hdf5.items(table, "train", **(settings | {"key": "wide"}), **WHOLE)).load()
    assert not isinstance(error.value, Unreadable)


def test_files_other_than_hdf5_are_refused(tmp_path):
    (tmp_path / "other.h5").write_text("text")
    with pytest.raises(ValueError, match=r"other\.h5 must be an HDF5 file"):
        hdf5.counts(tmp_path / "other.h5", "images")
    with pytest.raises(FileNotFoundError, match="path must be an HDF5 file: found none at"):
        hdf5.counts(tmp_path / "none.h5", "images")


def readable(path, key, **settings):
    """Return which images of an array can be read."""
    known = {"labels": None, "train": 6, "test": 0, "seed": 0} | WHOLE | settings
    can = []
    for item in hdf5.items(path, "train", key=key, **known):
        try:
            assert item.load()[2].min() == 128  # never the fill value
            can.append(True)
        except Unreadable:
            can.append(False)
    return can


SIX = np.stack([np.asarray(picture(10 * i)) for i in range(6)])
ALL, NONE = [True] * 6, [False] * 6


@pytest.fixture
def mapped(tmp_path):
    """A virtual array of three files with two images each, another with gaps, one of itself."""
    for i in range(3):
        with h5py.File(tmp_path / f"{i}.h5", "w") as file:
            file["x"] = SIX[2 * i : 2 * i + 2]
    whole, gaps, own = (h5py.VirtualLayout(SIX.shape, "u1") for _ in range(3))
    for i in range(3):
        source = h5py.VirtualSource(f"{i}.h5", "x", (2, *SIX.shape[1:]))
        whole[2 * i : 2 * i + 2] = source
        if i < 2:
            gaps[i::3] = source
    own[:] = h5py.VirtualSource(".", "own", SIX.shape)
    with h5py.File(tmp_path / "mapped.h5", "w") as file:
        for name, layout in (("whole", whole), ("gaps", gaps), ("own", own)):
            file.create_virtual_dataset(name, layout)
    return tmp_path / "mapped.h5"


def test_a_virtual_array_without_its_sources_cannot_be_read(mapped):
    assert readable(mapped, "whole") == ALL
    assert readable(mapped, "gaps") == [True, True, False] * 2
    with pytest.raises(ValueError, match="found a virtual array that is mapped to itself"):
        readable(mapped, "own")
    source = mapped.with_name("1.h5")
    source.rename(mapped.with_name("moved.h5"))
    assert readable(mapped, "whole") == [True, True, False, False, True, True]
    with h5py.File(source, "w") as file:
        file["x"] = SIX[2:3]  # too short
    assert readable(mapped, "whole") == [True, True, True, False, True, True]


def test_selections_of_a_virtual_array_are_counted_row_by_row(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["volume"] = SIX, SIX[None]
    listed, chosen, volume = (h5py.VirtualLayout(SIX.shape, "u1") for _ in range(3))
    listed[[0, 1, 4]] = h5py.VirtualSource("a.h5", "x", SIX.shape)[:3]
    chosen[:3] = h5py.VirtualSource("a.h5", "x", SIX.shape)[[0, 1, 4]]
    volume[:] = h5py.VirtualSource("a.h5", "volume", (1, *SIX.shape))
    with h5py.File(tmp_path / "mapped.h5", "w") as file:
        for name, layout in (("listed", listed), ("chosen", chosen), ("volume", volume)):
            file.create_virtual_dataset(name, layout)
    assert readable(tmp_path / "mapped.h5", "listed") == [True, True, False, False, True, False]
    assert readable(tmp_path / "mapped.h5", "chosen") == [True] * 3 + [False] * 3
    assert readable(tmp_path / "mapped.h5", "volume") == ALL


def test_a_link_to_a_virtual_array_finds_its_sources(mapped, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/link.h5").symlink_to(mapped)
    assert readable(tmp_path / "elsewhere/link.h5", "whole") == ALL


def test_a_virtual_array_of_numbered_files_is_refused(mapped):
    image, ones, zeros = SIX.shape[1:], (1, 1, 1), (0, 0, 0, 0)
    unlimited = h5py.h5s.UNLIMITED
    space = h5py.h5s.create_simple(SIX.shape, (unlimited, *image))
    space.select_hyperslab(zeros, (unlimited, *ones), (2, *ones), (2, *image))
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_virtual(space, b"%b.h5", b"x", h5py.h5s.create_simple((2, *image)))
    with h5py.File(mapped, "a", libver="latest") as file:
        h5py.h5d.create(file.id, b"numbered", h5py.h5t.NATIVE_UINT8, space, properties)
    with pytest.raises(ValueError, match=r"by their names: found %b\.h5; copy the images"):
        readable(mapped, "numbered")


def test_images_that_were_never_written_cannot_be_read(tmp_path):
    settings = {"shape": SIX.shape, "dtype": "u1"}
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("contiguous", **settings)
        file.create_dataset("chunked", **settings, chunks=True)
        file.create_dataset("some", **settings, chunks=(2, 20, 24, 3))[2:4] = SIX[2:4]
        file.create_dataset("halves", **settings, chunks=(2, 10, 24, 3))[:4, :10] = SIX[:4, :10]
        file["halves"][:2, 10:] = SIX[:2, 10:]
    assert readable(tmp_path / "a.h5", "contiguous") == NONE
    assert readable(tmp_path / "a.h5", "chunked") == NONE
    assert readable(tmp_path / "a.h5", "some") == [False, False, True, True, False, False]
    assert readable(tmp_path / "a.h5", "halves") == [True, True, False, False, False, False]


def test_a_damaged_chunk_costs_its_own_images_only(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        x = file.create_dataset("x", data=SIX, chunks=(2, 20, 24, 3), fletcher32=True)
        place = x.id.get_chunk_info(1).byte_offset
    data = bytearray((tmp_path / "a.h5").read_bytes())
    data[place + 700] ^= 255
    (tmp_path / "a.h5").write_bytes(data)
    assert readable(tmp_path / "a.h5", "x") == [True, True, False, False, True, True]


def test_damage_outside_the_images_names_the_file(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("x", data=SIX, chunks=(2, 20, 24, 3), maxshape=(None, None, 24, 3))
        header = h5py.h5o.get_info(file["x"].id).addr
    good, signatures = path.read_bytes(), (b"OHDR", b"BTHD")
    for place in (good.index(signatures[0], header), good.index(signatures[1])):
        data = bytearray(good)
        data[place + 6] ^= 255
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"a\.h5 must be an undamaged HDF5 file: .*; copy it"):
            readable(path, "x")


def test_arrays_in_other_files_are_refused(tmp_path):
    (tmp_path / "in").mkdir()
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = SIX
    layout = h5py.VirtualLayout(SIX.shape, "u1")
    layout[:] = h5py.VirtualSource("../secret.h5", "x", SIX.shape)
    with h5py.File(tmp_path / "in/a.h5", "w") as file:
        file["link"] = h5py.ExternalLink("../secret.h5", "x")
        file["dead"] = h5py.ExternalLink("none.h5", "x")
        file["via"] = h5py.SoftLink("/link")
        file["loop"] = h5py.SoftLink("/loop")
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", SIX.shape, "u1", external=[(str(tmp_path / "raw"), 0, 9000)])
    for key, sentence in {
        "link": r"link must lie in this file: found a link to \.\./secret\.h5; give that file as",
        "dead": r"dead must lie in this file: found a link to none\.h5",
        "via": "via must lie in this file: found a link to",
        "loop": "has no array 'loop'",
        "virtual": r"/virtual must be mapped to files in its folder: found .*secret\.h5; copy",
        "raw": "raw must lie in this file: found external storage in .*raw; copy it",
    }.items():
        with pytest.raises(ValueError, match=sentence):
            readable(tmp_path / "in/a.h5", key)


def test_the_full_scale_becomes_white(tmp_path):
    values = np.array([0, 2048, 4095])[:, None, None] * np.ones((3, 16, 16))
    sizes = {"labels": None, "train": 3, "test": 0, "seed": 0}
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for kind in ("<u2", ">u2", "i4", "f4"):
            file[kind] = values.astype(kind)
    for kind in ("<u2", ">u2", "i4", "f4"):
        known = {"key": kind, **sizes, **WHOLE, "scale": Scale(4095)}
        items = list(hdf5.items(tmp_path / "a.h5", "train", **known))
        assert [int(item.load().max()) for item in items] == [0, 128, 255]
    known = {"key": "i4", **sizes, **WHOLE, "scale": Scale(255)}
    with pytest.raises(ValueError, match=r"integers must be in \[0, 255\]: got 2048 to 2048"):
        list(hdf5.items(tmp_path / "a.h5", "train", **known))[1].load()


def test_labels_beyond_32_bits_and_large_images_are_refused(table):
    with h5py.File(table, "a") as file:
        file["large"] = np.arange(10) + 2**31 - 3
        file.create_dataset("gone", (10,), "i4")
    with pytest.raises(ValueError, match=r"got 2147483648 in row 3; number the classes from 0"):
        hdf5.counts(table, "images", "large")
    with pytest.raises(ValueError, match="gone must be complete: row 0 was never written"):
        hdf5.counts(table, "images", "gone")
    known = {"key": "images", "labels": None, **SIZES, "seed": 0, **WHOLE, "max_pixels": 100}
    with pytest.raises(ValueError, match="must have at most 800 bytes in an image: got 1440"):
        next(hdf5.items(table, "train", **known))


def test_dark_numbers_of_16_bits_are_refused_as_those_of_pictures_are(tmp_path):
    values = np.linspace(0, 4095, 3 * 256).astype(np.uint16).reshape(3, 16, 16)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["dark"], file["bright"] = values, values * 16
    known = {"labels": None, "train": 3, "test": 0, "seed": 0} | WHOLE
    for key in ("dark", "bright"):
        source = hdf5.read({"file": tmp_path / "a.h5"}, "train", key=key, **known)
        images = np.stack([item.load()[0] for item in source.items])
        if key == "bright":
            np.testing.assert_array_equal(images, values >> 4)
            source.check()
    source = hdf5.read({"file": tmp_path / "a.h5"}, "train", key="dark", **known)
    assert max(item.load().max() for item in source.items) == 4095 >> 8
    with pytest.raises(ValueError, match="found 0 to 4095; set full_scale: 4095"):
        source.check()
