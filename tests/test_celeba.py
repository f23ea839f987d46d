"""CelebA, from a small zip of its format: splits, the exact window, and refusals."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from gsn.data import celeba
from gsn.data.items import Unreadable

CENTRE = {"N": 128, "channels": 3, "crop": 128}


@pytest.fixture
def faces(tmp_path):
    """A stored zip of JPEGs of 178 x 218, whose centre shows their number, and their partition."""
    path = tmp_path / "img_align_celeba.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("img_align_celeba/", "")
        archive.writestr("__MACOSX/img_align_celeba/._000001.jpg", b"")
        for i in (3, 1, 2, 4, 6, 5):  # in no order
            image = np.zeros((218, 178, 3), dtype=np.uint8)
            image[45:173, 25:153] = 20 * i
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=100, subsampling=0)
            archive.writestr(f"img_align_celeba/{i:06d}.jpg", file.getvalue())
    parts = {1: 2, 2: 0, 3: 0, 4: 1, 5: 2, 6: 0}
    (tmp_path / "list_eval_partition.txt").write_text(
        "".join(f"{i:06d}.jpg {part}\n" for i, part in parts.items())
    )
    return path


def face_numbers(items):
    return [round(float(item.load().mean()) / 20) for item in items]


def test_the_first_faces_are_for_training_and_the_next_for_test(faces):
    assert face_numbers(celeba.items(faces, "train", train=3, test=2, **CENTRE)) == [1, 2, 3]
    assert face_numbers(celeba.items(faces, "test", train=3, test=2, **CENTRE)) == [4, 5]


def test_the_official_partition_is_followed(faces):
    partition = faces.with_name("list_eval_partition.txt")
    sizes = {"train": 3, "test": 1, "partition": partition}
    assert face_numbers(celeba.items(faces, "train", **sizes, **CENTRE)) == [2, 3, 6]
    assert face_numbers(celeba.items(faces, "test", **sizes, **CENTRE)) == [1]


def test_the_window_is_exact(faces):
    image = next(celeba.items(faces, "train", train=1, test=1, **CENTRE)).load()
    assert image.shape == (3, 128, 128)
    # 1: JPEG; the frame around the window is black
    assert np.abs(image[:, 8:-8, 8:-8].astype(int) - 20).max() <= 1
    half = next(celeba.items(faces, "train", train=1, test=1, N=64, channels=3, crop=128)).load()
    assert half.shape == (3, 64, 64)
    assert np.abs(half[:, 4:-4, 4:-4].astype(int) - 20).max() <= 1  # JPEG


def test_too_many_faces_and_wrong_files_are_refused(faces, tmp_path):
    with pytest.raises(ValueError, match="at most the number of images, 6: got train=5, test=2"):
        next(celeba.items(faces, "train", train=5, test=2, **CENTRE))
    partition = faces.with_name("list_eval_partition.txt")
    with pytest.raises(ValueError, match="test must be at most 2, the official test images: got 3"):
        next(celeba.items(faces, "test", train=1, test=3, partition=partition, **CENTRE))
    partition.write_text("<html>no list today</html>")
    with pytest.raises(ValueError, match=r"must hold lines such as '000001\.jpg 0'"):
        next(celeba.items(faces, "test", train=1, test=1, partition=partition, **CENTRE))
    page = tmp_path / "page.zip"
    page.write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"page\.zip must be a zip"):
        next(celeba.items(page, "train", train=1, test=1, **CENTRE))
    data = bytearray(faces.read_bytes())
    data[data.index(b"PK\1\2") + 6] = 97  # the version of zip that reads it
    page.write_bytes(data)
    with pytest.raises(ValueError, match=r"page\.zip must be a zip: zip file version 9\.7"):
        next(celeba.items(page, "train", train=1, test=1, **CENTRE))


def test_a_corrupt_face_is_reported_when_it_is_loaded(faces):
    data = bytearray(faces.read_bytes())
    with zipfile.ZipFile(faces) as archive:
        start = archive.getinfo("img_align_celeba/000002.jpg").header_offset
    data[start + 300 : start + 310] = b"0123456789"
    faces.write_bytes(data)
    first, second = celeba.items(faces, "train", train=2, test=1, **CENTRE)
    assert first.load().shape == (3, 128, 128)
    assert second.name.endswith("img_align_celeba.zip/img_align_celeba/000002.jpg")
    with pytest.raises(Unreadable, match="Bad CRC-32"):
        second.load()


def test_a_face_that_inflates_beyond_the_limit_is_not_inflated(faces):
    with zipfile.ZipFile(faces, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("img_align_celeba/000007.jpg", bytes(10_000_000))
    *_, last = celeba.items(faces, "train", train=7, test=0, **CENTRE, max_pixels=10**6)
    with pytest.raises(Unreadable, match="at most 8000000 bytes: got 10000000; or set max_pixels"):
        last.load()
