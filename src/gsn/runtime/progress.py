"""Progress of long work: a live line on a terminal, a line a minute in the log."""

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator

import tqdm

log = logging.getLogger(__name__)


class Progress:
    """A live line with rate and time left on a terminal, and a line a minute in the log.

    Args:
        total: Number of units in all; None if unknown.
        unit: Name of a unit; `B` for bytes.
        label: Name of the work.
        done: Number of units done before.
        shown: Whether the live line is shown at all.
    """

    def __init__(
        self, *, total: int | None, unit: str, label: str, done: int = 0, shown: bool = True
    ):
        self.total, self.unit, self.label, self.done, self.first = total, unit, label, done, done
        self.begun = self.logged = time.monotonic()
        self.bar = tqdm.tqdm(
            total=total,
            initial=done,
            unit=unit,
            desc=label,
            disable=None if shown else True,
            dynamic_ncols=True,
            unit_scale=unit == "B",
        )

    def update(self, k: int, **notes) -> None:
        """Count k more units; the notes appear behind the live line."""
        self.done += k
        with contextlib.suppress(OSError):  # the terminal may be closed
            self.bar.set_postfix(notes, refresh=False)
            self.bar.update(k)
        if time.monotonic() - self.logged > 60:
            self._log()

    def over(self, batches: Iterable) -> Iterator:
        """Yield the same batches, and count each when the next one is asked for."""
        for batch in batches:
            yield batch
            self.update(len(batch))

    def reach(self, done: int, total: int | None) -> None:
        """Set the number of units done, of a total that became known on the way."""
        self.total = self.bar.total = total
        self.update(done - self.done)

    def close(self) -> None:
        """End the live line and log the last one."""
        with contextlib.suppress(OSError):
            self.bar.close()
        self._log()

    def _log(self) -> None:
        self.logged = time.monotonic()
        rate = (self.done - self.first) / max(self.logged - self.begun, 1e-9)
        scale, unit = (1e6, "MB") if self.unit == "B" else (1, self.unit)
        total = f" of {self.total / scale:.10g}" if self.total else ""
        log.info("%s: %.10g%s, %.4g %s/s", self.label, self.done / scale, total, rate / scale, unit)
