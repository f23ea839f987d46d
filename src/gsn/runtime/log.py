"""Messages: a log for each job, one sentence for what is refused, a traceback for what is a bug."""

import contextlib
import logging
import sys
import traceback
from pathlib import Path

from gsn.runtime.files import FULL

log = logging.getLogger(__name__)
PACKAGE = Path(__file__).parent.parent


def to_file(path: str | None, *, append: bool = False) -> None:
    """Send the log of this process to a file, or to the terminal if the path is None.

    Uncaught exceptions go there too. Those that gsn itself raises to refuse an input are logged as
    one sentence, all others with their traceback.
    """
    handler = (
        # Names of files that are not valid UTF-8 are escaped; otherwise their line would be lost.
        logging.FileHandler(path, "a" if append else "w", "utf-8", errors="backslashreplace")
        if path
        else logging.StreamHandler()
    )
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, handlers=[handler], format=form, force=True)
    sys.excepthook = _log_exception


def _log_exception(kind, error, trace) -> None:
    if kind is KeyboardInterrupt:
        log.error("interrupted")
        return
    ours = PACKAGE in Path(traceback.extract_tb(trace)[-1].filename).parents
    refused = ours and issubclass(kind, (ValueError, FloatingPointError, OSError))
    if getattr(error, "errno", None) in FULL:
        error, refused = (
            f"the disk must have room for the output: {error}; free some space and run again.",
            True,
        )
    log.error("%s", error, exc_info=None if refused else (kind, error, trace))


def announce(message: str) -> None:
    """Show a message on the terminal and in the log: what users need but would not look for."""
    log.warning("%s", message)
    with contextlib.suppress(OSError):  # the terminal may be closed
        print(message, file=sys.stderr, flush=True)
