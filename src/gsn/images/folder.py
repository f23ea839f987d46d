"""One's own images: a folder of PNG, JPEG and WebP files.

With DIR/train and DIR/test those are the splits; otherwise a seeded shuffle of everything decides. Within a split the
images stay in alphabetical order. Folders in the folder are classes, and their places in the alphabet are the labels,
if every image lies in one.
"""

import collections
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
        raise FileNotFoundError(f"path must be a folder of images: found none at {root.absolute()}; mend the path.")
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
        ValueError: if there is one of them only, or if they are spelt otherwise.
    """
    names = [place.name for place in path.iterdir() if place.is_dir()] if path.is_dir() else []
    for name in names:
        if name.lower() in ("train", "test") and name != name.lower():
            raise ValueError(f"{path} must have train/ and test/ in small letters: found {name}/; rename it.")
    found = {split: path / split for split in ("train", "test") if split in names}
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
            raise ValueError(f"{split} must be at most {found[split]}, the images in {folders[split]}: got {n}.")
    return {"train": train or found["train"], "test": test or found["test"]}


def _some(root: Path) -> list[str]:
    if names := listing(root):
        return names
    others = _others(root)
    raise ValueError(
        f"{root.absolute()} must hold images ({', '.join(SUFFIXES)}): found {others or 'no files'}; "
        f"{'convert them' if others else 'mend the path'}."
    )


def _others(root: Path) -> str:
    """How many files of each kind are no images, such as `46 .tif, 1 .txt`."""
    kinds = collections.Counter(
        file.suffix.lower() or "without suffix"
        for file in root.rglob("*")
        if file.is_file() and file.name[0] != "." and file.suffix.lower() not in SUFFIXES
    )
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(5))


def summary(path: Path) -> str:
    """What was found and what is left out, in a line: for the user to see that it is what they meant."""
    folders = roots(path) or {"": path}
    n = {name: len(listing(root)) for name, root in folders.items()}
    said = " and ".join(f"{count} images{f' in {name}/' if name else ''}" for name, count in n.items())
    if names := classes(path):
        said += f" of {len(names)} classes ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})"
    elif loose := sum("/" not in name for root in folders.values() for name in listing(root)):
        said += ", without labels" + (f" ({loose} of them lie in no folder)" if loose < sum(n.values()) else "")
    beside = len(listing(path)) - sum(n.values())
    left = [_others(path)] + [f"{beside} images that are in neither"] * (beside > 0)
    return f"{path}: {said}" + (f"; left out: {', '.join(filter(None, left))}" if any(left) else "") + "."


def classes(path: Path) -> list[str]:
    """The names of the classes, in the order of their labels; none if an image lies in no folder."""
    parts = [name.split("/") for root in (roots(path) or {"": path}).values() for name in listing(root)]
    return sorted({first for first, *_ in parts}) if all(len(names) > 1 for names in parts) else []


def chosen(path: Path, split: str, *, train: int, test: int, seed: int) -> list[tuple[Path, int | None]]:
    """The files of a split, and their labels if they have any.

    Args:
        path: the folder.
        split: `train` or `test`.
        train, test: how many of each.
        seed: of who is drawn, where not all are.

    Raises:
        FileNotFoundError, ValueError: if there is no such folder, or fewer images than asked for.
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
    """A checksum of the names, sizes and labels of the images of a split, by which a change of them is seen.

    Not of their times, which a copy changes: an edit that keeps the size to the byte passes unseen.
    """
    total = hashlib.blake2b(digest_size=16)
    for file, label in chosen(path, split, train=train, test=test, seed=seed):
        size = file.stat().st_size if file.exists() else None
        total.update(os.fsencode(f"{file}\0{size}\0{label}\n"))
    return total.hexdigest()


def items(
    path: Path, split: str, *, train: int, test: int, seed: int, N: int, channels: int, crop: int | None = None
) -> Iterator[Item]:
    """The images of a split, as `chosen` has them and `pixels.square` makes them.

    Raises:
        FileNotFoundError, ValueError: if there is no such folder, or fewer images than asked for.
    """
    for file, label in chosen(path, split, train=train, test=test, seed=seed):
        yield Item(str(file), functools.partial(pixels.square, file, N, channels=channels, crop=crop), label)
