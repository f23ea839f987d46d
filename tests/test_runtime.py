"""The plumbing: whole files, digests, progress, the log, streams and processes."""

import logging
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from gsn.runtime import files, gpus, machine, streams
from gsn.runtime.progress import Progress

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "folder/table.csv"
    with pytest.raises(RuntimeError, match="halfway"), files.whole_file(path) as partial:  # noqa: PT012
        partial.write_text("half")
        raise RuntimeError("halfway")
    assert list(path.parent.iterdir()) == []
    files.write_csv(path, ["a", "b"], [[1, 2], [3, 4]])
    assert path.read_text().splitlines() == ["a,b", "1,2", "3,4"]
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_flushed_before_it_is_renamed_and_its_folder_after(tmp_path, monkeypatch):
    calls, flush, replace = [], os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (calls.append(os.fstat(handle).st_ino), flush(handle))
    )
    monkeypatch.setattr(os, "replace", lambda *names: (calls.append("rename"), replace(*names)))
    files.write_csv(tmp_path / "table.csv", ["a"], [[1]])
    inode, folder = ((tmp_path / name).stat().st_ino for name in ("table.csv", ""))
    assert calls == [inode, "rename", folder]


def test_two_writers_of_one_file_do_not_meet_and_a_dead_one_leaves_nothing(tmp_path):
    path = tmp_path / "table.csv"
    program = "import os, sys\nfrom gsn.runtime import files\n"
    program += "with files.whole_file(sys.argv[1]) as partial:\n    partial.touch(); os._exit(1)"
    subprocess.run([sys.executable, "-c", program, path])
    (abandoned,) = tmp_path.iterdir()
    with files.whole_file(path) as partial:
        assert abandoned != partial
        assert not abandoned.exists()
        partial.write_text("mine")
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_a_full_disk_is_reported_whatever_the_writer_raises(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    with pytest.raises(OSError, match="No space left") as refusal, files.whole_file(tmp_path / "a"):
        raise RuntimeError("unexpected pos 64 vs 0")  # of torch.save
    assert refusal.value.errno in files.FULL


@pytest.mark.parametrize(
    "name", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", " a", "a\udcffb", "\u2028"]
)
def test_a_table_keeps_any_file_name(tmp_path, name):
    files.write_csv(tmp_path / "names.csv", ["row", "image"], [[0, name], [1, "next"]])
    assert files.read_csv(tmp_path / "names.csv") == [
        {"row": "0", "image": name},
        {"row": "1", "image": "next"},
    ]


@pytest.mark.parametrize("text", ["", "a,b\n", "a,b\n1\n", "a,b\n1,2,3\n", "\0\0\0\0"])
def test_a_damaged_table_is_refused(tmp_path, text):
    (tmp_path / "psnr.csv").write_text(text)
    with pytest.raises(ValueError, match=r"psnr.csv must .*--force .*psnr.csv`"):
        files.read_csv(tmp_path / "psnr.csv")


def test_a_digest_depends_on_the_bytes_and_their_order_alone(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name)
    digest = files.digest(paths)
    assert digest == files.digest(paths) != files.digest(paths[::-1])
    paths[0].touch()
    assert digest == files.digest(paths)
    paths[0].write_text("c")
    assert digest != files.digest(paths)


def test_progress_is_one_line_in_the_log(caplog, capsys):
    caplog.set_level(logging.INFO)
    progress = Progress(total=10, unit="image", label="draw", done=4)
    for _ in range(3):
        progress.update(2, loss="0.1")
    progress.close()
    assert [record.getMessage().split(",")[0] for record in caplog.records] == ["draw: 10 of 10"]
    assert capsys.readouterr().err == ""  # stderr is no terminal


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ("from gsn.metrics.reconstruction import psnr; psnr([], peak=1)", True),
        ("raise ValueError('of a script')", False),
        ("from gsn.metrics import reconstruction; reconstruction.mse(None, None)", False),
    ],
)
def test_a_refusal_logs_a_sentence_and_a_bug_a_traceback(tmp_path, fault, refused):
    log = tmp_path / "log"
    script = f"from gsn.runtime import job\njob.start({str(log)!r}, 1)\n{fault}\n"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 1
    text = log.read_text().splitlines()
    assert " ERROR gsn.runtime.log: " in text[0]
    assert (len(text) == 1) == refused


def test_ahead_keeps_the_order_and_asks_for_few_items_early():
    asked = []

    def items():
        for i in range(100):
            asked.append(i)
            yield i

    results = streams.ahead(lambda i: i * i, items(), threads=2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(asked) <= 3 + 2 * 2
    assert list(results) == [i * i for i in range(3, 100)]


def test_ahead_raises_the_error_of_an_item():
    def invert(i):
        return 1 / i

    with pytest.raises(ZeroDivisionError):
        list(streams.ahead(invert, [2, 1, 0, 3]))


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=GPU)])
def test_tensors_arrive_on_the_host_in_order(device):
    tensors = (torch.full((1000,), float(i), device=device) for i in range(5))
    assert [array.tolist() for array in streams.to_host(tensors)] == [
        [float(i)] * 1000 for i in range(5)
    ]


def test_more_processes_than_gpus_are_refused(monkeypatch):
    for name, value in {"WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "4", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with (
        pytest.raises(ValueError, match="a GPU of its own: found 2 for 4; start 2"),
        machine.processes(),
    ):
        pass


def test_each_process_takes_a_gpu_of_its_own(tmp_path, monkeypatch):
    """Files stand in for the devices. A process that ends gives its GPU back."""
    for i in range(3):
        (tmp_path / f"gpu{i}").touch()
    program = "import sys\nfrom gsn.runtime import gpus\ngpus.DEVICE = sys.argv[1] + '/gpu{}'\n"
    program += "print(gpus.first_free(int(sys.argv[2])), flush=True)\ninput()"

    def start(n, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", program, tmp_path, str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        return process, int(process.stdout.readline())

    first, second, third = start(2), start(2), start(2)
    assert [first[1], second[1], third[1]] == [0, 1, 0]  # of the two, none was left
    seen = start(2, CUDA_VISIBLE_DEVICES="1,2")
    assert seen[1] == 1  # the one with the number 2
    first[0].communicate("\n")
    again = start(2)
    assert again[1] == 0
    for process, _ in (second, third, seen, again):
        process.communicate("\n")
    monkeypatch.setattr(gpus, "DEVICE", str(tmp_path / "none{}"))
    assert gpus.first_free(4) == 0  # where there are no such files
    gpus.first_free.cache_clear()


def test_a_folder_is_held_by_one_process(tmp_path):
    program = f"from gsn.runtime import files\nwith files.exclusive({str(tmp_path)!r}): pass"
    other = [sys.executable, "-c", program]
    with files.exclusive(tmp_path):
        refused = subprocess.run(other, capture_output=True, text=True)
    assert "must be used by one process: another one writes there" in refused.stderr
    assert subprocess.run(other, capture_output=True).returncode == 0
    assert list(tmp_path.iterdir()) == []
