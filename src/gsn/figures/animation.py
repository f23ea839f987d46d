"""Moving pictures as animated WebP, which browsers and GitHub show."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gsn.figures.images import grid, magnified

FRAMES = 25  # from one end to the other
LOOP = 3000  # milliseconds, there and back
LEFT = 48  # pixels; the room of the labels


def there_and_back() -> np.ndarray:
    """Return the times t of the frames from 0 to 1, which rest at both ends, (25,) float32.

    Example:
        >>> from gsn.figures.animation import there_and_back
        >>> t = there_and_back()
        >>> len(t), float(t[0]), float(t[12]), float(t[24])
        (25, 0.0, 0.5, 1.0)
    """
    return ((1 - np.cos(np.linspace(0, np.pi, FRAMES))) / 2).astype(np.float32)


def save_loop(path: str | Path, frames: np.ndarray, labels: list[str]) -> None:
    """Save rows of moving images as a loop of about 3 s, there and back.

    The bytes depend on the arguments and on the versions of the libraries only.

    Args:
        path: File to write, .webp.
        frames: Images, (frames, rows, columns, c, N, N) uint8, c = 1 or 3; at least 2 frames.
        labels: Label of each row.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from PIL import Image
        >>> from gsn.figures.animation import save_loop
        >>> frames = np.zeros((3, 1, 2, 1, 28, 28), dtype=np.uint8)
        >>> frames[1] += 100
        >>> frames[2] += 200
        >>> with tempfile.NamedTemporaryFile(suffix=".webp") as file:
        ...     save_loop(file.name, frames, ["train"])
        ...     Image.open(file.name).n_frames
        4
    """
    sheets = [_labelled(images, labels) for images in frames]
    sheets += sheets[-2:0:-1]
    first, *others = sheets
    settings = {"quality": 90, "method": 4, "loop": 0, "duration": LOOP // len(sheets)}
    first.save(path, format="WEBP", save_all=True, append_images=others, **settings)


def _labelled(images: np.ndarray, labels: list[str]) -> Image.Image:
    sheet = grid(magnified(images))
    picture = Image.new("RGB", (LEFT + sheet.shape[1], sheet.shape[0]), "white")
    picture.paste(Image.fromarray(sheet), (LEFT, 0))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    for i, label in enumerate(labels):
        height = sheet.shape[0] * (i + 0.5) / len(labels)
        draw.text((LEFT - 8, height), label, fill="black", font=font, anchor="rm")
    return picture
