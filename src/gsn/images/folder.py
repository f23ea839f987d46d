"""One's own images: a folder of PNG, JPEG and WebP files.

With DIR/train and DIR/test those are the splits; otherwise a seeded shuffle of everything decides. Within a split the
images stay in alphabetical order. Folders in the folder are classes, and their places in the alphabet are the labels,
if every image lies in one.
"""

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from gsn.images import Item, pixels, splits

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def listing(root: Path) -> list[str]:
    """The images under a folder, as paths relative to it, in alphabetical order, folder by folder.

    Hidden files and folders are left out; links are followed, and no folder is entered twice.

    Raises:
        FileNotFoundError: if there is no such folder.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"path must be a folder of images: found none at {root}; mend the path.")
    found, seen = [], {os.path.realpath(root)}
    for place, folders, files in os.walk(root, followlinks=True):
        visible, folders[:] = sorted(name for name in folders if name[0] != "."), []
        for name in visible:
            if (real := os.path.realpath(os.path.join(place, name))) not in seen:
                seen.add(real)
                folders.append(name)
        below = Path(place).relative_to(root)
        found += [(*below.parts, name) for name in files if name[0] != "." and name.lower().endswith(SUFFIXES)]
    return ["/".join(parts) for parts in sorted(found)]


def roots(path: Path) -> dict[str, Path] | None:
    """The folders of the two splits, if they are told apart by folders.

    Raises:
        ValueError: if there is one of them only.
    """
    found = {split: path / split for split in ("train", "test") if (path / split).is_dir()}
    if len(found) == 1:
        raise ValueError(
            f"{path} must have both of train/ and test/, or neither: found {next(iter(found))}/ only; "
            "add the other, or give this one another name."
        )
    return found or None


def counts(path: Path, train: int | None = None, test: int | None = None) -> dict[str, int]:
    """The size of each split, where a size left out takes all that there is (without DIR/test: a fifth for test).

    Raises:
        FileNotFoundError, ValueError: if there is no such folder, or fewer images than asked for.
    """
    if not (folders := roots(path)):
        return splits.counts(len(_some(path)), train, test)
    found = {split: len(_some(root)) for split, root in folders.items()}
    for split, n in (("train", train), ("test", test)):
        if n is not None and n > found[split]:
            raise ValueError(
                f"{split} must be at most the number of images in {folders[split]}, {found[split]}: got {n}."
            )
    return {"train": train or found["train"], "test": test or found["test"]}


def _some(root: Path) -> list[str]:
    if names := listing(root):
        return names
    raise ValueError(f"{root} must hold images ({', '.join(SUFFIXES)}): found none; mend the path.")


def digest(path: Path) -> str:
    """A checksum of the names, sizes and times of the images, by which a change of them is seen."""
    total = hashlib.blake2b(digest_size=16)
    for name in listing(path):
        stat = (path / name).stat()
        total.update(os.fsencode(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n"))
    return total.hexdigest()


def classes(path: Path) -> list[str]:
    """The names of the classes, in the order of their labels; none if an image lies in no folder."""
    parts = [name.split("/") for root in (roots(path) or {"": path}).values() for name in listing(root)]
    return sorted({first for first, *_ in parts}) if all(len(names) > 1 for names in parts) else []


def items(path: Path, split: str, *, train: int, test: int, seed: int, **square: int | None) -> Iterator[Item]:
    """The images of a split.

    Args:
        path: the folder.
        split: `train` or `test`.
        train, test: how many of each.
        seed: of who is drawn, where not all are.
        square: N, channels and crop, for `pixels.square`.

    Raises:
        FileNotFoundError, ValueError: if there is no such folder, or fewer images than asked for.
    """
    folders = roots(path)
    root = folders[split] if folders else path
    names, labels = listing(root), {name: label for label, name in enumerate(classes(path))}
    if folders:
        counts(path, train, test)
        n = {"train": train, "test": test}[split]
        chosen = splits.drawn("train", n, len(names) - n, len(names), seed)
    else:
        chosen = splits.drawn(split, train, test, len(names), seed)
    for i in chosen:
        yield Item(
            str(root / names[i]),
            functools.partial(pixels.square, root / names[i], **square),
            labels.get(names[i].split("/")[0]) if labels else None,
        )
