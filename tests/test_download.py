"""Downloads from a local server that fails as servers do: truncation, refusals, HTML pages."""

import concurrent.futures
import gzip
import hashlib
import http.server
import threading
from collections import namedtuple

import numpy as np
import pytest

from gsn.data import download
from gsn.data.download import fetch
from gsn.data.files import File

BODY = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(BODY).hexdigest()
Sent = namedtuple("Sent", "path range")
PAGE = b"<!DOCTYPE html><html><body>Quota exceeded</body></html>"


class Server(http.server.ThreadingHTTPServer):
    """Answers each path with the entries of its script in turn, and then repeats the last one."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts, self.sent = {}, []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.sent.append(Sent(self.path, self.headers["Range"]))
        script = self.server.scripts[self.path]
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def answer(self, code, body, length=None, **headers):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def whole(body=BODY):
    """Return an answer with the file, or with the requested range of it."""

    def send(handler):
        start = int(
            (handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-")
        )
        if start >= len(body):
            return handler.answer(416, b"", Content_Range=f"bytes */{len(body)}")
        if start:
            return handler.answer(
                206, body[start:], Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}"
            )
        return handler.answer(200, body)

    return send


def truncated(at, body=BODY):
    """Return an answer that closes the connection after some bytes of the requested range."""

    def send(handler):
        start = int(
            (handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-")
        )
        code, rest = (
            (206, {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
            if start
            else (200, {})
        )
        handler.answer(code, body[start : start + at], length=len(body) - start, **rest)
        handler.close_connection = True

    return send


def status(code, body=b"", **headers):
    return lambda handler: handler.answer(code, body, **headers)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(download, "WAIT", 0)
    monkeypatch.delenv("GSN_MIRROR", raising=False)
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mirrors(server):
    """A function that sets the answers of the mirrors and returns the file to fetch."""

    def mirrors(*scripts, **known):
        server.scripts = {f"/{i}": list(script) for i, script in enumerate(scripts)}
        urls = tuple(f"{server.url}/{i}" for i in range(len(scripts)))
        return File("some/file.bin", **({"md5": MD5, "urls": urls} | known))

    return mirrors


def fetched(file, path):
    fetch(file, path)
    assert not path.with_name("file.bin.part").exists()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data/file.bin"


def test_a_file_is_downloaded_once(mirrors, server, path):
    file = mirrors([whole()])
    assert fetched(file, path) == BODY
    fetch(file, path)  # the file exists: no second request
    assert server.sent == [Sent("/0", None)]


def test_the_size_of_a_large_file_is_told_before_its_download(mirrors, path, capsys):
    fetch(mirrors([whole()], size=1_443_490_838), path)
    assert "some/file.bin is a download of 1.44 GB" in capsys.readouterr().err
    fetch(mirrors([whole()], size=1_443_490_838), path)  # it exists
    assert "download of" not in capsys.readouterr().err


def test_a_truncated_transfer_is_continued(mirrors, server, path):
    assert fetched(mirrors([truncated(100_000), truncated(100_000), whole()]), path) == BODY
    starts = [int((sent.range or "bytes=0-")[6:-1]) for sent in server.sent]
    assert starts[0] == 0 < starts[1] < starts[2]


def test_an_interrupted_download_is_continued(mirrors, server, path):
    path.parent.mkdir()
    path.with_name("file.bin.part").write_bytes(BODY[:123_456])
    assert fetched(mirrors([whole()]), path) == BODY
    assert server.sent == [Sent("/0", "bytes=123456-")]


def test_a_complete_partial_file_is_accepted(mirrors, path):
    path.parent.mkdir()
    path.with_name("file.bin.part").write_bytes(BODY)
    assert fetched(mirrors([whole()]), path) == BODY


def test_a_complete_partial_file_is_accepted_after_a_bare_416(mirrors, server, path):
    path.parent.mkdir()
    path.with_name("file.bin.part").write_bytes(BODY)
    assert fetched(mirrors([status(416)]), path) == BODY
    assert len(server.sent) == 1


def test_a_server_that_always_truncates_and_knows_no_ranges_is_given_up(mirrors, server, path):
    def truncated_at(at):
        def send(handler):
            handler.answer(200, BODY[:at], length=len(BODY))
            handler.close_connection = True

        return send

    script = [truncated_at(200_000), *[truncated_at(100_000), truncated_at(200_000)] * 20]
    with pytest.raises(ConnectionError, match="tried 5 times"):
        fetch(mirrors(script), path)
    assert len(server.sent) < 10


@pytest.mark.parametrize("existing", [b"x" * 1000, b"x" * 400_000])
def test_a_partial_file_of_other_bytes_is_replaced(mirrors, path, existing):
    path.parent.mkdir()
    path.with_name("file.bin.part").write_bytes(existing)
    assert fetched(mirrors([whole()]), path) == BODY


def test_a_server_without_ranges_sends_the_whole_file(mirrors, path):
    path.parent.mkdir()
    path.with_name("file.bin.part").write_bytes(BODY[:1000])
    assert fetched(mirrors([status(200, BODY)]), path) == BODY


@pytest.mark.parametrize(
    "answer",
    [
        status(404),
        status(403),
        status(503),
        status(200, PAGE, Content_Type="text/html; charset=utf-8"),
        status(200, PAGE),
        truncated(10_000, BODY[:20_000]),
        whole(BODY[:-1] + b"!"),
        status(206, BODY[5:], Content_Range="bytes 5-9/10"),
    ],
    ids=["404", "403", "503", "page", "page as bytes", "truncated", "wrong bytes", "wrong range"],
)
def test_the_next_mirror_is_asked(mirrors, server, path, answer):
    assert fetched(mirrors([answer], [whole()]), path) == BODY
    assert server.sent[-1].path == "/1"


def test_a_page_of_html_leaves_the_partial_file_as_it_was(mirrors, path):
    path.parent.mkdir()
    part = path.with_name("file.bin.part")
    part.write_bytes(BODY[:5000])
    with pytest.raises(ConnectionError, match="HTML"):
        fetch(mirrors([status(200, PAGE, Content_Type="text/html")]), path)
    assert part.read_bytes() == BODY[:5000]


def test_a_busy_server_is_asked_again(mirrors, server, path):
    assert fetched(mirrors([status(503), status(429), whole()]), path) == BODY
    assert len(server.sent) == 3


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([status(404)], "404 Not Found"),
        ([status(503)], "503 Service Unavailable (tried 5 times)"),
        ([whole(b"other")], f"its md5 is {hashlib.md5(b'other').hexdigest()} and not {MD5}"),
        ([status(200, PAGE)], "a page of HTML instead of the file"),
    ],
)
def test_failures_of_all_mirrors_are_reported_in_one_line(mirrors, path, script, reason):
    with pytest.raises(ConnectionError) as error:
        fetch(mirrors(script, script), path)
    message = str(error.value)
    assert message.startswith("some/file.bin must come from a mirror: none gave it (")
    assert message.count(reason) == 2
    assert message.endswith(
        f"try again later, put a copy at {path}, or name a mirror of your own in GSN_MIRROR."
    )
    assert "\n" not in message
    assert not path.exists()


def test_a_server_that_does_not_answer_is_reported(path, monkeypatch):
    monkeypatch.setattr(download, "WAIT", 0)
    with pytest.raises(
        ConnectionError, match=r"127\.0\.0\.1:9/file\.bin: no connection \(tried 5 times\)"
    ):
        fetch(File("some/file.bin", MD5, ("http://127.0.0.1:9/file.bin",)), path)


def test_a_mirror_named_in_the_environment_replaces_the_others(mirrors, server, path, monkeypatch):
    file = mirrors([status(404)], drive="unused")
    server.scripts["/base/some/file.bin"] = [whole()]
    monkeypatch.setenv("GSN_MIRROR", f"{server.url}/base/")
    assert fetched(file, path) == BODY
    assert [sent.path for sent in server.sent] == ["/base/some/file.bin"]


def test_a_mirror_must_be_an_address(path, monkeypatch):
    monkeypatch.setenv("GSN_MIRROR", "localhost:8000")
    with pytest.raises(
        ValueError, match=r"GSN_MIRROR must begin with http:// or https://: got localhost:8000"
    ):
        fetch(File("some/file.bin", MD5), path)


def test_a_full_disk_is_reported(mirrors, path, monkeypatch):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(1000))
    with pytest.raises(
        OSError,
        match=r"must have room for another 0\.0003 GB: found 1e-06 GB; free some and run again",
    ):
        fetch(mirrors([whole()]), path)
    assert not path.exists()


def test_a_file_of_the_user_is_verified_and_left_alone(path):
    path.parent.mkdir()
    path.write_bytes(b"mine")
    with pytest.raises(
        ValueError,
        match=rf"{path} must be the expected file\.bin: its md5 is .* and not {MD5}; replace it\.",
    ):
        fetch(File("some/file.bin", MD5), path)
    assert path.read_bytes() == b"mine"


def test_a_file_that_was_compressed_again_is_accepted(mirrors, path):
    again = gzip.compress(BODY, 1)
    file = mirrors([whole(again)], md5="0" * 32, unpacked_md5=MD5)
    assert fetched(file, path) == again


def test_google_drive_is_asked_last(mirrors, path, monkeypatch):
    import gdown

    def from_drive(*, id, output, progress, **_):
        assert id == "ID"
        progress(len(BODY), None)
        with open(output, "wb") as file:
            file.write(BODY)

    monkeypatch.setattr(gdown, "download", from_drive)
    assert fetched(mirrors([status(404)], drive="ID"), path) == BODY


def test_an_exhausted_quota_of_google_drive_is_reported(mirrors, path, monkeypatch):
    import gdown

    def from_drive(**_):
        raise gdown.exceptions.FileURLRetrievalError(
            "Too many users have viewed\nor downloaded this file recently."
        )

    monkeypatch.setattr(gdown, "download", from_drive)
    with pytest.raises(
        ConnectionError,
        match=r"drive\.google\.com/uc\?id=ID: Too many users have viewed or downloaded",
    ):
        fetch(mirrors(drive="ID"), path)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "br", ""])
def test_right_bytes_that_the_server_compressed_are_accepted(mirrors, path, encoding):
    sent = status(200, gzip.compress(BODY), Content_Encoding=encoding)
    assert fetched(mirrors([sent]), path) == BODY


def test_a_gz_that_the_server_calls_encoded_stays_packed(mirrors, path):
    packed = gzip.compress(BODY)
    file = mirrors(
        [status(200, packed, Content_Encoding="gzip")], md5=hashlib.md5(packed).hexdigest()
    )
    assert fetched(file, path) == packed


@pytest.mark.parametrize("length", ["", "many", "-5", "1.5"])
def test_a_wrong_length_is_ignored(mirrors, path, length):
    def send(handler):
        handler.answer(200, BODY, length=length)
        handler.close_connection = True

    assert fetched(mirrors([send]), path) == BODY


def test_a_stall_is_called_a_stall_and_continued(mirrors, path, monkeypatch, capsys):
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    over = threading.Event()

    def stalled(handler):
        handler.answer(200, BODY[:100_000], length=len(BODY))
        over.wait(5)

    assert fetched(mirrors([stalled, whole()]), path) == BODY
    over.set()
    assert "/0: it sent no byte for 0.2 s; next attempt in" in capsys.readouterr().err


def test_no_password_is_shown(mirrors, server, path, monkeypatch, caplog, capsys):
    caplog.set_level("DEBUG", "gsn")
    file = mirrors([status(503)])
    server.scripts["/some/file.bin"] = [status(503)]
    address = server.url.removeprefix("http://")
    for mirror in (f"http://me:se/cr@et@{address}", f"http://me:secret@{address}"):
        monkeypatch.setenv("GSN_MIRROR", mirror)
        with pytest.raises(ConnectionError, match="must come from a mirror") as error:
            fetch(file, path)
        said = str(error.value) + caplog.text + "".join(capsys.readouterr())
        assert not any(word in said for word in ("secret", "cr@et", "me:"))
    for mirror, sentence in {
        "me:secret@host": r"http:// or https://: got host\.$",
        "ftp://me:sec?ret@host": r"http:// or https://: got ftp://\.\.\.\.$",
        "ftp://host/?key=sec&me=@ret": r"http:// or https://: got ftp://\.\.\.\.$",
        "http://me:sec ret@host": r"must have no spaces; write %20 for each\.$",
    }.items():
        monkeypatch.setenv("GSN_MIRROR", mirror)
        with pytest.raises(ValueError, match=sentence):
            fetch(file, path)


def test_two_runs_fetch_a_file_once(mirrors, server, path):
    file = mirrors([whole()])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(fetch, [file] * 2, [path] * 2))
    assert path.read_bytes() == BODY
    assert server.sent == [Sent("/0", None)]
    assert [found.name for found in path.parent.iterdir()] == ["file.bin"]  # no lock is left
