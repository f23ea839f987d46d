"""Downloads: mirrors in order, resumed after an interruption, verified before the file appears.

The bytes received so far are in `{name}.part`, beside the path of the file. The next attempt
continues from there by a byte range, whatever stopped the last one, and from any mirror. The part
is deleted only if the complete file has the wrong checksum. If the checksum is right, a rename
gives the file its name.

The environment variable GSN_MIRROR replaces every address by `{GSN_MIRROR}/{source}/{name}`. This
is the layout of the folder `data/`, so that a machine that has the files can serve that folder.
"""

import errno
import logging
import os
import shutil
import time
from pathlib import Path

import requests
import urllib3

from gsn.data.files import DRIVE, File, compare, held, public, unwrap, verify
from gsn.runtime import files, log, progress

logger = logging.getLogger(__name__)

TRIES = 5  # attempts at one mirror without a new byte
WAIT = 1.0  # seconds before the second attempt, doubled before each further one
CHUNK = 2**16  # bytes; the most that a broken connection loses
TIMEOUT = 30  # seconds without a byte


class Refused(Exception):
    """A mirror does not have the file, or sends something else; the next mirror may have it."""


class Broken(Exception):
    """A transfer stopped; the same mirror may continue it."""


def fetch(file: File, path: Path) -> None:
    """Fetch a file, or verify it if it exists.

    Makes one pass over the file for its checksum. Memory holds 4 MB of it.

    Args:
        file: Description of the file.
        path: Path at which the file appears.

    Raises:
        ConnectionError: No mirror gave the file. The message has the answer of each mirror, and
            the path at which to put a copy.
        OSError: The disk is full.
        ValueError: The existing file has the wrong checksum (it is kept), or GSN_MIRROR is not an
            address.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with held(path):
        if path.exists():
            verify(file, path)
        else:
            _fetch(file, path)


def _fetch(file: File, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    if file.size:
        log.announce(f"{file.name} is a download of {file.size / 1e9:.3g} GB")
    answers = []
    for url in file.mirrors():
        try:
            _whole_from(url, part, file)
        except Refused as error:
            answers.append(public(f"{url}: {error}"))
            logger.warning("%s", answers[-1])
        else:
            files.rename(part, path)
            return
    raise ConnectionError(
        f"{file.name} must come from a mirror: none gave it ({'; '.join(answers)}); "
        f"try again later, put a copy at {path}, or name a mirror of your own in GSN_MIRROR."
    )


def _whole_from(url: str, part: Path, file: File) -> None:
    """Complete `part`; start again if it began with bytes of another file."""
    resumed = part.exists() and not url.startswith(DRIVE)
    logger.info("fetching %s", public(url))
    _fetch_from(url, part)
    try:
        unwrap(file, part)
        compare(file, part)
    except ValueError as error:
        part.unlink()
        if not resumed:
            raise Refused(str(error)) from None
        _whole_from(url, part, file)


def _fetch_from(url: str, part: Path) -> None:
    """Complete `part` from one mirror; give up after TRIES attempts without a new byte."""
    fruitless, most = 0, part.stat().st_size if part.exists() else 0
    while True:
        try:
            return _from_drive(url, part) if url.startswith(DRIVE) else _transfer(url, part)
        except (Broken, requests.RequestException, urllib3.exceptions.HTTPError) as error:
            have = part.stat().st_size if part.exists() else 0
            fruitless, most = (0, have) if have > most else (fruitless + 1, most)
            if fruitless >= TRIES or "NameResolution" in str(error):
                for left in part.parent.glob(f"{part.stem}.drive*"):  # gdown would fail on it again
                    left.unlink()
                raise Refused(f"{_reason(error)} (tried {fruitless} times)") from error
            wait = WAIT * 2 ** max(fruitless - 1, 0)
            log.announce(f"{public(url)}: {_reason(error)}; next attempt in {wait:.3g} s")
            time.sleep(wait)


def _reason(error: Exception) -> str:
    """Return the cause of a failure in plain words, without the internals of the library."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refuses the connection"
    if isinstance(error, ValueError):  # not its words, which may have a part of a password
        return "its address is not valid"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT} s"
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return f"it sent no byte for {TIMEOUT} s"
    if isinstance(error, urllib3.exceptions.HTTPError):
        return "the connection broke"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return public(" ".join(str(error).split()))


def _from_drive(url: str, part: Path) -> None:
    import gdown  # here, because it is slow to import and rarely needed

    bar = progress.Progress(total=None, unit="B", label=part.stem)
    whole = part.with_suffix(".drive")  # gdown resumes from its own file beside this one
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
        if answer.status_code == 416:  # no byte follows: the checksum decides whether it is whole
            return
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise Broken(f"{answer.status_code} {answer.reason}")
        if answer.status_code not in (200, 206):
            raise Refused(f"{answer.status_code} {answer.reason}")
        start = 0
        if answer.status_code == 206:
            start = have
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                found = answer.headers.get("Content-Range")
                raise Refused(f"another range than the one requested: {found}")
        _receive(answer, part, start)


def _receive(answer: requests.Response, part: Path, start: int) -> None:
    """Write the body of an answer after the first `start` bytes of a file."""
    # As sent: decoded bytes would not fit the length, nor the range of the next attempt.
    blocks = answer.raw.stream(CHUNK, decode_content=False)
    first = next(blocks, b"")
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    if html or (
        start == 0 and first.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
    ):
        raise Refused("a page of HTML instead of the file (busy, or out of quota)")
    stated = answer.headers.get("Content-Length", "")
    length = int(stated) if stated.isdecimal() else 0  # 0 is unknown
    _room(part, length, start)
    bar = progress.Progress(total=start + length or None, unit="B", label=part.stem, done=start)
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
    """Raise an OSError if the disk cannot hold the rest of the file."""
    free = shutil.disk_usage(part.parent).free if free is None else free
    have = part.stat().st_size - start if part.exists() else 0  # will be overwritten
    if length > free + have:
        raise OSError(
            f"{part.parent} must have room for another {length / 1e9:.3g} GB: "
            f"found {free / 1e9:.3g} GB; free some and run again, which continues the download.",
        )
