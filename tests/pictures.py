"""Pictures that are known by their colour, for the tests of the sources."""

import numpy as np
from PIL import Image

WHOLE = {"N": 16, "channels": 3, "crop": 16}  # the centred square of 16, at its own size


def picture(i, height=20, width=24):
    """Return an image of the colour of its number, in a dark frame around the central 16 x 16."""
    image = np.full((height, width, 3), (i, 255 - i, 128), dtype=np.uint8)
    image[:2] = image[-2:] = image[:, :4] = image[:, -4:] = 0
    return Image.fromarray(image)


def numbers(items):
    """Return the numbers of the pictures in some items."""
    return [round(float(item.load()[0].mean())) for item in items]
