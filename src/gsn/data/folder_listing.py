"""The image files in a folder and its subfolders."""

import collections
import os
from pathlib import Path

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


def listing(root: Path) -> list[str]:
    """Return the paths of the images in a folder and its subfolders, in alphabetical order.

    Hidden files and folders are left out, and what is not a regular file, such as a pipe. Links are
    followed, and no folder is entered twice.

    Args:
        root: Path of the folder.

    Returns:
        Paths relative to the folder, sorted folder by folder.

    Raises:
        FileNotFoundError: The folder does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as root:
        ...     for name in ("dog.png", "cat.jpg", "notes.txt"):
        ...         Path(root, name).touch()
        ...     listing(Path(root))
        ['cat.jpg', 'dog.png']
    """
    if not root.is_dir():
        raise FileNotFoundError(
            f"path must be a folder of images: found none at {root.absolute()}; correct the path."
        )
    found, seen, places = [], {os.path.realpath(root)}, [root]
    while places:
        place = places.pop(0)
        with os.scandir(place) as entries:
            visible = sorted((e for e in entries if e.name[0] != "."), key=lambda e: e.name)
        inside = []
        for entry in visible:
            if os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():
                if (real := os.path.realpath(entry.path)) not in seen:
                    seen.add(real)
                    inside.append(place / entry.name)
            elif entry.name.lower().endswith(SUFFIXES) and _regular(entry):
                found.append((*place.relative_to(root).parts, entry.name))
        places[:0] = inside
    return ["/".join(parts) for parts in sorted(found)]


def _regular(entry: os.DirEntry) -> bool:
    """Return whether an entry is a file, or a link to one or to nowhere."""
    if entry.is_symlink():
        return os.path.isfile(entry.path) or not os.path.exists(entry.path)
    return entry.is_file()


def others(root: Path) -> str:
    """Return the number of other files of each kind, such as `46 .tif, 1 .txt`."""
    kinds = collections.Counter(
        file.suffix.lower() or "without suffix"
        for file in root.rglob("*")
        if file.is_file() and file.name[0] != "." and file.suffix.lower() not in SUFFIXES
    )
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(5))
