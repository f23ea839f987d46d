"""The user's own images: a folder of PNG, JPEG, WebP and TIFF files.

If the folder has the subfolders train/ and test/, these are the splits. Otherwise a seeded shuffle
of all images decides. Within a split the images stay in alphabetical order.

If every image lies in a subfolder of its split, the subfolders are the classes. The label of an
image is the place of its class in alphabetical order, from 0.
"""

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from gsn.data import pixels, splits
from gsn.data.folder_listing import SUFFIXES, listing, others
from gsn.data.items import Item, Source
from gsn.data.scale import Scale


def roots(path: Path) -> dict[str, Path] | None:
    """Return the folders train/ and test/ by split, or None if there are no such folders.

    Raises:
        ValueError: Only one of the two exists, or a name has capital letters.
    """
    names = [place.name for place in path.iterdir() if place.is_dir()] if path.is_dir() else []
    for name in names:
        if name.lower() in ("train", "test") and name != name.lower():
            raise ValueError(
                f"{path} must have train/ and test/ in small letters: found {name}/; rename it."
            )
    found = {split: path / split for split in ("train", "test") if split in names}
    if len(found) == 1:
        raise ValueError(
            f"{path} must have both of train/ and test/, or neither: found {next(iter(found))}/ "
            "only; add the other, or give this one another name."
        )
    return found or None


def counts(path: Path, train: int | None = None, test: int | None = None) -> dict[str, int]:
    """Return the size of each split, with the sizes that are not given filled in.

    With the folders train/ and test/, a missing size is the number of images in that folder.
    Without them, it is as in `splits.counts`.

    Args:
        path: Path of the folder.
        train, test: Numbers of training and test images, if given.

    Raises:
        FileNotFoundError: The folder does not exist.
        ValueError: The folder has too few images, or only one of train/ and test/.
    """
    if not (folders := roots(path)):
        return splits.counts(len(_some(path)), train, test)
    found = {split: len(_some(root)) for split, root in folders.items()}
    for split, n in (("train", train), ("test", test)):
        if n is not None and n > found[split]:
            raise ValueError(
                f"{split} must be at most {found[split]}, the images in {folders[split]}: got {n}."
            )
    return {"train": train or found["train"], "test": test or found["test"]}


def _some(root: Path) -> list[str]:
    if names := listing(root):
        return names
    found = others(root)
    raise ValueError(
        f"{root.absolute()} must hold images ({', '.join(SUFFIXES)}): "
        f"found {found or 'no files'}; {'convert them' if found else 'correct the path'}."
    )


def summary(path: Path) -> str:
    """Return one line about the images found and the files left out, for the user to check."""
    folders = roots(path) or {"": path}
    n = {name: len(listing(root)) for name, root in folders.items()}
    said = " and ".join(f"{k} images{f' in {name}/' if name else ''}" for name, k in n.items())
    if names := classes(path):
        shown = f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
        said += f" of {len(names)} classes ({shown})"
    elif loose := sum("/" not in name for root in folders.values() for name in listing(root)):
        said += ", without labels"
        if loose < sum(n.values()):
            said += f" ({loose} of them lie in no folder)"
    beside = len(listing(path)) - sum(n.values())
    left = [others(path)] + [f"{beside} images that are in neither"] * (beside > 0)
    if any(left):
        said += f"; left out: {', '.join(filter(None, left))}"
    return f"{path}: {said}."


def classes(path: Path) -> list[str]:
    """Return the names of the classes, in the order of their labels.

    The list is empty if any image lies in no subfolder of its split.
    """
    folders = (roots(path) or {"": path}).values()
    parts = [name.split("/") for root in folders for name in listing(root)]
    return sorted({first for first, *_ in parts}) if all(len(names) > 1 for names in parts) else []


def chosen(
    path: Path, split: str, *, train: int, test: int, seed: int
) -> list[tuple[Path, int | None]]:
    """Return the files of a split, each with its label or None.

    Args:
        path: Path of the folder.
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        seed: Seed of the shuffle, which also draws the images if not all of them are used.

    Raises:
        FileNotFoundError: The folder does not exist.
        ValueError: The folder has too few images.
    """
    folders = roots(path)
    root = folders[split] if folders else path
    names, labels = listing(root), {name: label for label, name in enumerate(classes(path))}
    if folders:
        n = {"train": train, "test": test}[split]
        places = splits.drawn("train", n, 0, len(names), seed)
    else:
        places = splits.drawn(split, train, test, len(names), seed)
    return [(root / names[i], labels[names[i].split("/")[0]] if labels else None) for i in places]


def digest(path: Path, split: str, *, train: int, test: int, seed: int) -> str:
    """Return a checksum of the names, sizes and labels of the images of a split.

    It detects changes of the folder. Modification times are left out, because a copy changes them.
    An edit that keeps the size of a file to the byte goes undetected. The arguments are those of
    `chosen`.
    """
    total = hashlib.blake2b(digest_size=16)
    for file, label in chosen(path, split, train=train, test=test, seed=seed):
        size = file.stat().st_size if file.exists() else None
        total.update(os.fsencode(f"{file}\0{size}\0{label}\n"))
    return total.hexdigest()


def read(
    files: dict,
    split: str,
    *,
    path: str,
    seed: int,
    full_scale: float | None = None,
    **settings: int | None,
) -> Source:
    """Return the images of a split of a folder.

    Args:
        files: Unused: the files are those of the folder.
        split: `train` or `test`.
        path: Path of the folder.
        seed: Seed of the shuffle.
        full_scale: Value of 16-bit grey images that becomes 255 (`scale.Scale`).
        settings: Other keywords of `items`.

    Returns:
        The images, and for the training split a notice of what was found. Iterating over the images
        raises the errors of `items`.

    Raises:
        FileNotFoundError: The folder does not exist.
        ValueError: Only one of train/ and test/ exists, or a name has capital letters.
    """
    folder, values = Path(path), Scale(full_scale)
    images = items(folder, split, seed=seed, scale=values, **settings)
    attrs = {"source": "folder", "path": str(folder), "seed": seed}
    notice = summary(folder) if split == "train" else ""
    return Source(images, classes(folder), attrs, notice, values.check)


def items(
    path: Path,
    split: str,
    *,
    train: int,
    test: int,
    seed: int,
    **square: int | Scale | None,
) -> Iterator[Item]:
    """Yield the images of a split, in alphabetical order.

    Memory holds the names of the images. Pixels are read when an item is loaded.

    Args:
        path, split, train, test, seed: As in `chosen`.
        square: Keywords N, channels, crop, max_pixels and scale of `pixels.square`.

    Raises:
        FileNotFoundError: The folder does not exist.
        ValueError: The folder has too few images.
    """
    for file, label in chosen(path, split, train=train, test=test, seed=seed):
        load = functools.partial(pixels.square, file, **square)
        yield Item(str(file), load, label)
