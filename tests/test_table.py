"""Table 1: the measures of a split in one pass, and the page in Markdown."""

import re

import numpy as np
import pytest

from gsn.figures import pages
from gsn.metrics import reconstruction, similarity
from gsn.systems.generation import quality, table


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, size=(9, 3, 16, 16), dtype=np.uint8)
    return x, np.clip(x + rng.normal(0, 20, size=x.shape), 0, 255).astype(np.float32)


def batches(x, y, batch):
    return [(x[i : i + batch], y[i : i + batch]) for i in range(0, len(x), batch)]


def test_measures_do_not_depend_on_the_batches_or_on_rows_of_pixels(pair):
    x, y = pair
    whole = quality.measured([(x, y)], x.shape)
    assert quality.measured(batches(x, y, 4), x.shape) == whole
    assert quality.measured(batches(x.reshape(9, -1), y.reshape(9, -1), 2), x.shape) == whole


def test_measures_are_those_of_the_metrics(pair):
    x, y = pair
    row = dict(zip(quality.COLUMNS, quality.measured([(x, y)], x.shape), strict=True))
    n, pooled, mean = reconstruction.psnr_of_pairs([(x, y)], peak=255)
    assert (row["n"], row["psnr_pooled_db"], row["psnr_mean_db"]) == (n, pooled, mean)
    for name in ("pooled", "mean"):
        low, value, high = (row[f"psnr_{name}{end}_db"] for end in ("_low", "", "_high"))
        assert low < value < high
    assert row["ssim"] == pytest.approx(similarity.ssim(x, y).mean())
    assert row["ssim_n"] == 9


def test_the_ssim_is_of_evenly_spaced_images(pair, monkeypatch):
    x, y = pair
    monkeypatch.setattr(quality, "SSIM_IMAGES", 3)
    *_, alike, number = quality.measured(batches(x, y, 2), x.shape)
    assert number == 3
    assert alike == pytest.approx(similarity.ssim(x[[0, 4, 8]], y[[0, 4, 8]]).mean())


def test_images_below_a_window_have_no_ssim(pair):
    x, y = (images[..., :8, :8] for images in pair)
    *_, alike, number = quality.measured([(x, y)], x.shape)
    assert np.isnan(alike)
    assert number == 0


def rows():
    shared = {"dataset": "a|b", "n": "9", "N": "16", "J": "2", "L": "4", "d": "8"}
    measured = {"ssim": "0.9000", "ssim_n": "9", "psnr_paper_db": ""}
    limits = {
        f"psnr_{name}_{end}_db": end for name in ("pooled", "mean") for end in ("low", "high")
    }
    trained = {"epochs": "3", "train_seconds": "7300", "machine": "2 cores"}
    for method, decibels in (("generator", "20.00"), ("ridge", "18.00"), ("pixel_pca", "19.00")):
        for split in ("train", "test"):
            psnr = {"psnr_pooled_db": decibels, "psnr_mean_db": "21.00"}
            own = {"split": split, "method": method}
            yield shared | own | psnr | measured | limits | trained


def test_the_page_has_a_row_for_each_split():
    page = table.markdown(list(rows()))
    lines = [line for line in page.splitlines() if line.startswith("| a/b")]
    assert lines == [
        f"| a/b | {split} | 9 | 16 | 2 | 4 | 8 | 20.00 [low, high] | 21.00 [low, high] |  | "
        "18.00 | 19.00 | 0.9000 (9) |"
        for split in ("train", "test")
    ] + ["| a/b | 3 | 2.0 h | 2 cores |"]


def test_the_tables_of_the_page_are_rectangular():
    blocks = table.markdown(list(rows())).split("\n\n")
    for block in (block for block in blocks if block.startswith("|")):
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_the_page_in_html_has_the_cells_of_that_in_markdown():
    text = table.html(list(rows()))
    cells = re.findall(r"<td>(.*?)</td>", text)
    assert cells.count("20.00 [low, high]") == 2
    assert cells[:3] == ["a|b", "train", "9"]
    assert cells[-4:] == ["a|b", "3", "2.0 h", "2 cores"]
    assert "http" not in text  # needs no network


def test_a_picture_carries_its_bytes(tmp_path):
    (tmp_path / "film.webp").write_bytes(b"RIFF")
    assert pages.picture(tmp_path / "film.webp").endswith('data:image/webp;base64,UklGRg==">')


def test_text_cannot_become_markup():
    text = pages.page("<b>", pages.paragraph("<i>"), pages.table(["<u>"], [["<s>"]]))
    assert not re.findall(r"<[bius]>", text)
