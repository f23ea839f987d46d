"""The parquet sample of LSUN, from a local server with the interface of Hugging Face."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

from gsn.data import lsun

FILES = {
    f"data/{name}.parquet": name.encode() * 1000
    for name in ("train-0-of-2", "train-1-of-2", "test-0-of-1")
}
REPO, REVISION = lsun.SAMPLE["repo_id"], lsun.REVISION


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self, body=True):
        path = self.path.split("?")[0]
        if path == f"/api/datasets/{REPO}/tree/{REVISION}/data":
            tree = [
                {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
                | {"lfs": {"oid": self.server.sha256(data), "size": len(data), "pointerSize": 130}}
                for name, data in FILES.items()
            ]
            return self.answer(json.dumps(tree).encode(), body, Content_Type="application/json")
        name = path.removeprefix(f"/datasets/{REPO}/resolve/{REVISION}/")
        if name not in FILES:
            return self.send_error(404)
        self.server.fetched.append(name)
        etag = f'"{hashlib.sha256(FILES[name]).hexdigest()}"'
        return self.answer(FILES[name], body, X_Repo_Commit=REVISION, ETag=etag)

    def do_HEAD(self):
        self.do_GET(body=False)

    def answer(self, data, body, **headers):
        self.send_response(200)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.fetched, server.sha256 = [], lambda data: hashlib.sha256(data).hexdigest()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def fetch(port, folder):
    """Fetch in a separate process, because the library reads its address only once."""
    imports = "from pathlib import Path; from gsn.data import lsun"
    script = f"{imports}; print(lsun.fetch_sample(Path({str(folder)!r})))"
    env = os.environ | {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HUB_ETAG_TIMEOUT": "2"}
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)


def test_the_training_files_are_fetched_at_the_pinned_revision(hub, tmp_path):
    result = fetch(hub.server_port, tmp_path)
    assert result.stdout.strip() == str([name for name in FILES if "train" in name]), result.stderr
    for name in FILES:
        if "train" in name:
            assert (tmp_path / name).read_bytes() == FILES[name]
        else:
            assert not (tmp_path / name).exists()


def test_wrong_bytes_are_refused_and_removed(hub, tmp_path):
    hub.sha256 = lambda data: "0" * 64
    said = fetch(hub.server_port, tmp_path).stderr
    assert "train-0-of-2.parquet must have the sha256 000" in said
    assert not (tmp_path / "data/train-0-of-2.parquet").exists()


def test_a_missing_repository_is_reported_with_a_remedy(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(Handler, "do_GET", lambda handler: handler.send_error(404))
    said = fetch(hub.server_port, tmp_path).stderr.strip().splitlines()[-1]
    assert "pcuenq/lsun-bedrooms must come from Hugging Face" in said
    assert said.endswith("put its train-*.parquet into a folder and give that as `raw`.")
