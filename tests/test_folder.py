"""Images in a folder of the user: listing, splits, classes, digest, and refusals."""

import os
import socket

import numpy as np
import pytest
from PIL import Image

from gsn.data import folder
from gsn.data.items import Unreadable
from gsn.runtime import files
from pictures import WHOLE, numbers, picture


def save(root, *names):
    for i, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(10 * i).save(root / name)


@pytest.fixture
def mine(tmp_path):
    """A folder as users have it: mixed formats, hidden files, notes, an empty folder, links."""
    root = tmp_path / "mine"
    save(root, "a.png", "B.PNG", "c 1.webp", "d.png", "deep/er/e.png")
    picture(50).convert("P").save(root / "f.png")
    (root / ".hidden.png").write_bytes(b"")
    (root / "._a.png").write_bytes(b"")
    (root / ".cache").mkdir()
    picture(0).save(root / ".cache/thumb.png")
    (root / "notes.txt").write_text("not an image")
    (root / "empty").mkdir()
    (root / "deep/back").symlink_to(root)  # a loop
    (root / "again").symlink_to(root / "deep")  # a second path to e.png, first in the order
    (root / "g.png").symlink_to(root / "a.png")
    return root


def test_the_listing_is_stable_and_of_images_only(mine):
    assert folder.listing(mine) == [
        "B.PNG",
        "a.png",
        "again/er/e.png",
        "c 1.webp",
        "d.png",
        "f.png",
        "g.png",
    ]


def test_a_folder_is_split_by_a_seeded_shuffle(mine):
    sizes = folder.counts(mine)
    assert sizes == {"train": 6, "test": 1}
    train, test = (
        [item.name for item in folder.items(mine, split, **sizes, seed=1, **WHOLE)]
        for split in ("train", "test")
    )
    assert sorted(train + test) == [str(mine / name) for name in folder.listing(mine)]
    assert train == sorted(train)
    assert train != [item.name for item in folder.items(mine, "train", **sizes, seed=3, **WHOLE)]
    for split in ("train", "test"):
        for item in folder.items(mine, split, **sizes, seed=1, **WHOLE):
            assert item.load().shape == (3, 16, 16)
            assert item.label is None


def test_folders_name_the_splits_and_the_classes(tmp_path):
    save(tmp_path, "train/cat/1.png", "train/dog/2.png", "train/cat/3.png", "test/dog/4.png")
    sizes = folder.counts(tmp_path)
    assert sizes == {"train": 3, "test": 1}
    assert folder.classes(tmp_path) == ["cat", "dog"]
    train, test = (
        list(folder.items(tmp_path, split, **sizes, seed=0, **WHOLE)) for split in ("train", "test")
    )
    assert numbers(train) == [0, 20, 10]
    assert [item.label for item in train] == [0, 0, 1]
    assert [item.label for item in test] == [1]
    assert len(list(folder.items(tmp_path, "train", train=2, test=1, seed=0, **WHOLE))) == 2


def test_the_digest_changes_with_the_images_of_its_split_alone(mine):
    splits_ = {"train": 5, "test": 2, "seed": 0}
    before = [folder.digest(mine, split, **splits_) for split in ("train", "test")]
    (mine / "notes.txt").write_text("changed")
    (mine / "a.png").touch()
    assert [folder.digest(mine, split, **splits_) for split in ("train", "test")] == before
    changed, _ = folder.chosen(mine, "test", **splits_)[0]
    Image.effect_noise((30, 30), 50).save(changed)
    after = [folder.digest(mine, split, **splits_) for split in ("train", "test")]
    assert [new != old for new, old in zip(after, before, strict=True)] == [False, True]


def test_a_link_to_nowhere_is_an_image_that_cannot_be_read(mine):
    (mine / "nowhere.png").symlink_to("gone.png")
    sizes = folder.counts(mine)
    assert folder.digest(mine, "train", **sizes, seed=0)
    items = [
        item for split in sizes for item in folder.items(mine, split, **sizes, seed=0, **WHOLE)
    ]
    with pytest.raises(Unreadable, match="No such file"):
        next(item for item in items if item.name.endswith("nowhere.png")).load()


def test_a_name_that_is_not_utf8_is_kept(tmp_path):
    picture(1).save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", os.fsencode(tmp_path) + b"/caf\xe9.png")
    picture(2).save(tmp_path / "b.png")
    sizes = {"train": 1, "test": 1, "seed": 0}
    items = [
        item
        for split in ("train", "test")
        for item in folder.items(tmp_path, split, **sizes, **WHOLE)
    ]
    assert all(folder.digest(tmp_path, split, **sizes) for split in ("train", "test"))
    files.write_csv(tmp_path / "names.csv", ["image"], [[item.name] for item in items])
    assert b"/caf\xe9.png" in (tmp_path / "names.csv").read_bytes()
    assert sorted(numbers(items)) == [1, 2]


def test_the_summary_names_images_and_files_left_out(mine, tmp_path):
    assert (
        folder.summary(mine)
        == f"{mine}: 7 images, without labels (6 of them lie in no folder); left out: 1 .txt."
    )
    root = tmp_path / "classes"
    save(root, "train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "val/cat/4.png")
    (root / "train/cat/1.bmp").touch()
    assert folder.summary(root) == (
        f"{root}: 2 images in train/ and 1 images in test/ of 2 classes (cat, dog); "
        "left out: 1 .bmp, 1 images that are in neither."
    )


def test_folders_without_clear_splits_of_images_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be a folder of images: found none at"):
        folder.counts(tmp_path / "nowhere")
    with pytest.raises(
        ValueError, match=r"must hold images \(\.png, .*\): found no files; correct the path"
    ):
        folder.counts(tmp_path)
    (tmp_path / "1.bmp").touch()
    with pytest.raises(ValueError, match=r"must hold images .*: found 1 \.bmp; convert them"):
        folder.counts(tmp_path)
    (tmp_path / "Test").mkdir()
    with pytest.raises(
        ValueError, match=r"must have train/ and test/ in small letters: found Test/; rename it"
    ):
        folder.counts(tmp_path)
    (tmp_path / "Test").rmdir()
    save(tmp_path, "train/1.png", "2.png")
    with pytest.raises(
        ValueError, match=r"both of train/ and test/, or neither: found train/ only"
    ):
        folder.counts(tmp_path)
    save(tmp_path, "test/1.png")
    with pytest.raises(ValueError, match=r"train must be at most 1, the images in .*train: got 2"):
        folder.counts(tmp_path, train=2)


def test_pipes_and_sockets_are_no_images(tmp_path):
    save(tmp_path, "a.png", "b.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to("pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "loop.png").symlink_to("loop.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.png"))
        assert folder.listing(tmp_path) == ["a.png", "b.png", "loop.png"]
    sizes = {"train": 3, "test": 0, "seed": 0}
    assert folder.digest(tmp_path, "train", **sizes)
    *_, loop = folder.items(tmp_path, "train", **sizes, **WHOLE)
    with pytest.raises(Unreadable, match="symbolic links"):
        loop.load()


def test_the_range_of_16_bits_is_checked_over_all_images(tmp_path):
    for i, high in enumerate((4095, 100)):
        Image.fromarray(np.full((16, 16), high, np.uint16)).save(tmp_path / f"{i}.png")
    settings = {"train": 2, "test": 0, "seed": 0, **WHOLE}
    source = folder.read({}, "train", path=str(tmp_path), **settings)
    assert [int(item.load().max()) for item in source.items] == [15, 0]
    with pytest.raises(ValueError, match="found 100 to 4095; set full_scale: 4095"):
        source.check()
    source = folder.read({}, "train", path=str(tmp_path), **settings, full_scale=4095)
    assert [int(item.load().max()) for item in source.items] == [255, 6]
    source.check()
