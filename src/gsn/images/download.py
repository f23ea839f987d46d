"""Files from the network: mirrors in order, resumed, verified before they appear.

What has come so far is in `{name}.part`, beside the file to be, and is gone on with by byte range, whatever stopped it,
and also from the next mirror; it is thrown away only when the whole turns out to have another checksum. The file
appears under its name by a rename, once its checksum is that of the file that was asked for.

The variable GSN_MIRROR of the environment takes the place of every address: `{GSN_MIRROR}/{source}/{name}`, which is
the layout of the folder `data/` of a machine that has the files.
"""

import errno
import logging
import os
import shutil
import time
from pathlib import Path

import requests

from gsn import runtime
from gsn.images.files import DRIVE, File, compare, verify

log = logging.getLogger(__name__)

TRIES = 5  # without a new byte, at one mirror
WAIT = 1.0  # seconds before the second try, doubled at each further one
CHUNK = 2**16  # bytes; what a cut connection loses at most
TIMEOUT = 30  # seconds without a byte


class Refused(Exception):
    """A mirror does not have the file, or gives something else: the next one may."""


class Broken(Exception):
    """A transfer stopped: the same mirror may go on with it."""


def fetch(file: File, path: Path) -> None:
    """Fetch a file, unless it is there.

    Raises:
        ConnectionError: if no mirror gave the file, saying what each answered and where to put a copy.
        OSError: if the disk is full.
        ValueError: if a file stands there that is not the one asked for; it is left alone.
    """
    if path.exists():
        return verify(file, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    answers = []
    for url in file.mirrors():
        try:
            _whole_from(url, part, file)
        except Refused as error:
            answers.append(f"{url}: {error}")
            log.warning("%s", answers[-1])
        else:
            os.replace(part, path)
            return None
    raise ConnectionError(
        f"{file.name} must come from a mirror: none gave it ({'; '.join(answers)}); "
        f"try again later, put a copy at {path}, or name a mirror of your own in GSN_MIRROR."
    )


def _whole_from(url: str, part: Path, file: File) -> None:
    """Make `part` the whole file, beginning again if what it goes on from was not the beginning of it."""
    resumed = part.exists() and not url.startswith(DRIVE)
    log.info("fetching %s", url)
    _fetch_from(url, part)
    try:
        compare(file, part)
    except ValueError as error:
        part.unlink()
        if not resumed:
            raise Refused(str(error)) from None
        _whole_from(url, part, file)


def _fetch_from(url: str, part: Path) -> None:
    """Bring `part` to its end from one mirror, as long as every few tries bring something."""
    fruitless, most = 0, part.stat().st_size if part.exists() else 0
    while True:
        try:
            return _from_drive(url, part) if url.startswith(DRIVE) else _transfer(url, part)
        except (Broken, requests.RequestException) as error:
            have = part.stat().st_size if part.exists() else 0
            fruitless, most = (0, have) if have > most else (fruitless + 1, most)
            if fruitless >= TRIES or "NameResolution" in str(error):
                for left in part.parent.glob(f"{part.stem}.drive*"):  # gdown would stumble over it again
                    left.unlink()
                raise Refused(f"{_reason(error)} (tried {fruitless} times)") from error
            wait = WAIT * 2 ** max(fruitless - 1, 0)
            runtime.announce(f"{url}: {_reason(error)}; again in {wait:.3g} s")
            time.sleep(wait)


def _reason(error: Exception) -> str:
    """What went wrong, without the innards of the library."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refuses"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT} s"
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error)


def _from_drive(url: str, part: Path) -> None:
    import gdown  # here, because it is slow to import and seldom needed

    bar = runtime.Progress(total=None, unit="B", label=part.stem)
    whole = part.with_suffix(".drive")  # gdown resumes from a file of its own beside this one
    try:
        gdown.download(
            id=url.removeprefix(DRIVE),
            output=str(whole),
            quiet=True,
            resume=True,
            use_cookies=False,
            timeout=TIMEOUT,
            progress=lambda done, total: bar.reach(done, total),
        )
    except (gdown.exceptions.FileURLRetrievalError, requests.HTTPError) as error:
        raise Refused(" ".join(str(error).split())) from error
    except gdown.exceptions.DownloadError as error:
        raise Broken(" ".join(str(error).split())) from error
    finally:
        bar.close()
    os.replace(whole, part)


def _transfer(url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == 416:  # nothing behind what is there: the checksum says whether that is all of it
            return
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise Broken(f"{answer.status_code} {answer.reason}")
        if answer.status_code not in (200, 206):
            raise Refused(f"{answer.status_code} {answer.reason}")
        start = 0
        if answer.status_code == 206:
            start = have
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise Refused(f"another range than the one asked for: {answer.headers.get('Content-Range')}")
        _receive(answer, part, start)


def _receive(answer: requests.Response, part: Path, start: int) -> None:
    """Write an answer's body behind the first `start` bytes of a file."""
    blocks = answer.iter_content(CHUNK)
    first = next(blocks, b"")
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    if html or (start == 0 and first.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))):
        raise Refused("a page of HTML instead of the file (busy, or out of quota)")
    length = int(answer.headers.get("Content-Length", 0))
    _room(part, length, start)
    bar = runtime.Progress(total=start + length or None, unit="B", label=part.stem, done=start)
    try:
        with open(part, "r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            received = 0
            while first:
                file.write(first)
                received += len(first)
                bar.update(len(first))
                first = next(blocks, b"")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _room(part, length, start, free=0)
        raise
    finally:
        bar.close()
    if received < length:
        raise Broken(f"the connection closed after {start + received} of {start + length} bytes")


def _room(part: Path, length: int, start: int, free: int | None = None) -> None:
    """Refuse a file that the disk cannot hold."""
    free = shutil.disk_usage(part.parent).free if free is None else free
    have = part.stat().st_size - start if part.exists() else 0  # to be written over
    if length > free + have:
        raise OSError(
            f"{part.parent} must have room for another {length / 1e9:.3g} GB: found {free / 1e9:.3g} GB; free some and "
            "run again, which goes on from here.",
        )
