"""Pixel values of more than 8 bits, and floats, to 8 bits."""

import threading

import numpy as np

from gsn.data.items import Unreadable


class Scale:
    """The value that becomes 255, and the range of the 16-bit values that were found.

    Args:
        full: The value that becomes 255, if given. Otherwise it is 65535 for 16 bits, of which the
            upper eight are kept, and 1 for floats.

    Example:
        >>> Scale(4095).bytes(np.array([0, 2048, 4095], dtype=np.uint16))
        array([  0, 128, 255], dtype=uint8)
    """

    def __init__(self, full: float | None = None):
        self.full, self.low, self.high, self.colour = full, np.inf, -np.inf, False
        self.lock = threading.Lock()

    def found(self, low: float, high: float, *, colour: bool = False) -> None:
        """Note a range of 16-bit values, and whether they are colours; any thread may call it."""
        with self.lock:
            self.colour |= colour
            self.low, self.high = min(self.low, low), max(self.high, high)

    def bytes(self, values: np.ndarray) -> np.ndarray:
        """Return values in 8 bits, rounded.

        Raises:
            Unreadable: A value is not a number.
            ValueError: A value is negative or exceeds the full scale.
        """
        low, high = values.min(), values.max()
        if np.isnan(low):
            raise Unreadable("a pixel is not a number")
        integer = values.dtype.kind in "iu"
        full = self.full or (65535 if integer else 1)
        if low < 0 or high > full:
            kind = "integers" if integer else "floats"
            raise ValueError(
                f"{kind} must be in [0, {full:g}]: got {low:.4g} to {high:.4g}; "
                "divide them by 255, or by their maximum, or set full_scale"
            )
        if self.full is None and integer:
            self.found(int(low), int(high))
            return (values.astype(np.int64) >> 8).astype(np.uint8)
        return np.rint(255 / full * values.astype(np.float32)).astype(np.uint8)

    def check(self) -> None:
        """Refuse images of 16 bits that leave the upper half of the range unused.

        Cameras of 10, 12 and 14 bits write such files. The images would be nearly black.

        Raises:
            ValueError: The largest of all values is below 32768.
        """
        if self.full is None and 0 <= self.high < 2**15:
            full = 2 ** max(8, int(self.high).bit_length()) - 1
            remedy = "scale them to 8 bits" if self.colour else f"set full_scale: {full}"
            raise ValueError(
                f"images of 16 bits must use their range of 0 to 65535: found {self.low} to "
                f"{self.high}; {remedy}, or set full_scale: 65535 if they are this dark."
            )
