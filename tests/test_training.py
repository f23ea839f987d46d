"""The training loop: it overfits, resumes to the bit, and stops where numbers are not finite."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from gsn.data.polygons import draw
from gsn.networks.generator import Generator, decode
from gsn.networks.normalisation import recompute_statistics
from gsn.systems.generation import fitting, linear
from gsn.systems.generation.fitting import l1
from gsn.training import batches, checkpoints, course, schedules, train

ROOT = Path(__file__).parent.parent
SETTINGS = {"epochs": 4, "batch": 4, "learning_rate": 0.01, "seed": 0}


@pytest.fixture
def images():
    return np.stack([draw(i, 8, split="train") for i in range(10)])


@pytest.fixture
def z(images):
    return np.random.default_rng(0).standard_normal((len(images), 6), dtype=np.float32)


def generator():
    torch.manual_seed(0)
    return Generator(6, 8, width=4, kernel=3)


def same(a, b):
    return all(
        torch.equal(x, y)
        for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def drawn(G, z, x):
    """L1 times a number from torch's generator, as a loss that samples has it."""
    return l1(G, z, x) * (1 + torch.rand(()))


def test_training_overfits_eight_images(images, z, tmp_path):
    torch.manual_seed(0)
    G = Generator(6, 8, width=16, kernel=3)
    settings = SETTINGS | {"epochs": 300, "batch": 8}
    history = train(G, l1, (z[:8], images[:8]), **settings, checkpoint=tmp_path / "c.pt")
    assert history[-1]["loss"] < 0.03 < 0.2 < history[0]["loss"]
    error = np.abs(next(decode(G.eval(), z[:8])) - images[:8]).mean()
    assert error < 4  # of 255; in evaluation mode too, with the running statistics


def test_the_history_counts_epochs_and_full_batches(images, z, tmp_path):
    history = train(generator(), l1, (z, images), **SETTINGS, checkpoint=tmp_path / "c.pt")
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    assert [row["step"] for row in history] == [2, 4, 6, 8]  # 10 images, batches of 4
    assert list(history[0]) == ["epoch", "step", "loss", "learning_rate", "seconds"]
    assert history[-1]["learning_rate"] == pytest.approx(0)


def test_training_is_deterministic(images, z, tmp_path):
    first, second = generator(), generator()
    for i, G in enumerate((first, second)):
        train(G, l1, (z, images), **SETTINGS, checkpoint=tmp_path / f"{i}.pt")
    assert same(first, second)


@pytest.mark.parametrize("stop", [3, 4])  # in the middle of an epoch and at its end
@pytest.mark.parametrize("more", [{}, {"ema": 0.9, "noise": 0.1}, {"optimizer": "muon"}])
# steps between looks at the loss, besides those at the ends of epochs
@pytest.mark.parametrize("looks", [1, 3])
def test_resuming_equals_an_uninterrupted_run(
    images, z, tmp_path, monkeypatch, caplog, stop, more, looks
):
    monkeypatch.setitem(course.LOOK_EVERY, "cpu", looks)
    stop += looks > 1 and stop % 2  # a step at which it looks
    checkpoint = tmp_path / "c.pt"
    settings = SETTINGS | more
    whole = generator()
    expected = train(whole, drawn, (z, images), **settings, checkpoint=tmp_path / "whole.pt")

    class Interrupted(Exception):
        pass

    def save_then_stop(self, run):
        save(self, run)
        if run["step"] == stop:
            raise Interrupted

    save = checkpoints.Checkpoint.save
    with monkeypatch.context() as patch:
        patch.setattr(course, "SAVE_EVERY", -1)
        patch.setattr(checkpoints.Checkpoint, "save", save_then_stop)
        with pytest.raises(Interrupted):
            train(generator(), drawn, (z, images), **settings, checkpoint=checkpoint)

    resumed = generator()
    caplog.set_level("INFO")
    history = train(resumed, drawn, (z, images), **settings, checkpoint=checkpoint)
    assert f"resumed at step {stop} " in caplog.text
    assert same(resumed, whole)
    assert [row["loss"] for row in history] == [row["loss"] for row in expected]


def test_the_generator_of_the_caller_neither_matters_nor_changes(images, z, tmp_path):
    networks = generator(), generator()
    for i, G in enumerate(networks):
        torch.manual_seed(i)
        before = torch.get_rng_state()
        train(G, drawn, (z, images), **SETTINGS, checkpoint=tmp_path / f"{i}.pt")
        assert torch.equal(torch.get_rng_state(), before)
    assert same(*networks)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_saves_the_state_and_stops(images, z, tmp_path, number):
    checkpoint = tmp_path / "c.pt"
    whole = generator()
    train(whole, l1, (z, images), **SETTINGS, checkpoint=tmp_path / "whole.pt")

    def measure(G):
        assert not G.training
        if not checkpoint.exists():
            os.kill(os.getpid(), number)
        return {}

    before = signal.getsignal(number)
    with pytest.raises(
        SystemExit, match="stopped by a signal at step 3 of 8; run again to continue from"
    ):
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=checkpoint, measure=measure)
    assert signal.getsignal(number) is before
    resumed = generator()
    train(resumed, l1, (z, images), **SETTINGS, checkpoint=checkpoint)
    assert same(resumed, whole)


def test_measurements_are_in_the_history_and_change_nothing(images, z, tmp_path):
    plain, measured = generator(), generator()
    train(plain, l1, (z, images), **SETTINGS, checkpoint=tmp_path / "plain.pt")
    values = iter(range(4))
    history = train(
        measured,
        l1,
        (z, images),
        **SETTINGS,
        checkpoint=tmp_path / "c.pt",
        measure=lambda G: {"value": next(values)},
    )
    assert same(plain, measured)
    assert [row["value"] for row in history] == [0, 1, 2, 3]
    assert list(history[0]) == ["epoch", "step", "loss", "value", "learning_rate", "seconds"]


def test_the_average_of_the_weights_is_exponential(images, z, tmp_path):
    G, steps = generator(), []

    def note(optimizer, *_):
        steps.append(
            [p.detach().clone() for group in optimizer.param_groups for p in group["params"]]
        )

    hook = register_optimizer_step_post_hook(note)
    try:
        train(G, l1, (z, images), **SETTINGS, ema=0.75, checkpoint=tmp_path / "c.pt")
    finally:
        hook.remove()
    average = steps[0]
    for weights in steps[1:]:
        average = [0.75 * a + 0.25 * w for a, w in zip(average, weights, strict=True)]
    assert len(steps) == 8
    torch.testing.assert_close(list(G.parameters()), average)


def test_batches_depend_on_the_seed_and_the_step_alone(images, z, monkeypatch):
    def made(noise, steps, **change):
        parts = {"batch": 4, "noise": noise, "seed": 0, "device": torch.device("cpu")} | change
        return list(batches.Batches((z, images), **parts).steps(steps))

    whole = made(0.1, range(6))
    later = made(0.1, range(3, 6))
    monkeypatch.setattr(batches, "fits", lambda *_: False)  # gathered ahead of their use
    for a, b, c in zip(whole[3:], later, made(0.1, range(3, 6)), strict=True):
        assert all(torch.equal(a[i], b[i]) and torch.equal(a[i], c[i]) for i in (0, 1))
    chosen = [
        int(np.flatnonzero((z == row).all(1))[0])
        for z_b, _ in made(0, range(2))
        for row in z_b.numpy()
    ]
    assert len(set(chosen)) == 8  # of ten images, in two batches of one epoch
    x = torch.cat([x for _, x in made(0, range(2))])
    assert torch.equal(x, torch.from_numpy(images[chosen]))
    assert not torch.equal(made(0, range(1), seed=1)[0][0], made(0, range(1))[0][0])


def test_noise_has_the_given_deviation_and_differs_in_each_step():
    z, images = np.zeros((4000, 8), np.float32), np.zeros((4000, 1, 4, 4), np.uint8)
    made = batches.Batches((z, images), batch=4000, noise=0.3, seed=0, device=torch.device("cpu"))
    drawn = [z_b for z_b, _ in made.steps(range(2))]
    assert drawn[0].std().item() == pytest.approx(0.3, abs=0.005)  # 32,000 draws: 4 standard errors
    # 4 standard errors: other noise in each step
    assert abs((drawn[0] * drawn[1]).mean().item()) < 0.002


@pytest.mark.parametrize("change", ["seed", "data", "weights", "code"])
def test_a_checkpoint_of_another_run_is_not_resumed(
    images, z, tmp_path, monkeypatch, caplog, change
):
    checkpoint = tmp_path / "c.pt"
    with monkeypatch.context() as patch:
        patch.setattr(course, "SAVE_EVERY", -1)
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=checkpoint)
    other = SETTINGS | ({"seed": 1} if change == "seed" else {})
    G = generator()
    if change == "weights":
        torch.manual_seed(1)
        G = Generator(6, 8, width=4, kernel=3)
    stamp = "new" if change == "code" else ""
    history = train(
        G, l1, (z + (change == "data"), images), **other, checkpoint=checkpoint, stamp=stamp
    )
    assert len(history) == 4
    assert history[0]["step"] == 2
    assert "another run" in caplog.text


def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(images, z, tmp_path, monkeypatch):
    monkeypatch.setattr(course, "SAVE_EVERY", -1)
    checkpoint = tmp_path / "c.pt"
    in_the_second_step = np.random.default_rng([SETTINGS["seed"], 0]).permutation(len(z))[4]
    z[in_the_second_step] = np.nan
    with pytest.raises(
        FloatingPointError, match=r"must stay finite: got nan at step 2 of 8; use a smaller"
    ):
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=checkpoint)
    kept = torch.load(checkpoint, weights_only=True)
    assert kept["run"]["step"] == 1
    assert all(torch.isfinite(value).all() for value in kept["network"].values())


@pytest.mark.parametrize("save_every", [-1, 1e9])
@pytest.mark.parametrize("step", [3, 8])
def test_weights_that_are_not_finite_are_never_written(
    images, z, tmp_path, monkeypatch, save_every, step
):
    """The loss before the update is finite, and no loss follows the update of the last step."""
    monkeypatch.setattr(course, "SAVE_EVERY", save_every)
    checkpoint, G, slopes = tmp_path / "c.pt", generator(), []

    def spoil(slope):
        slopes.append(slope)
        return slope * np.nan if len(slopes) == step else slope

    G.linear.weight.register_hook(spoil)
    with pytest.raises(FloatingPointError, match="must stay finite: "):
        train(G, l1, (z, images), **SETTINGS, checkpoint=checkpoint)
    assert checkpoint.exists() == (save_every < 0)
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        assert kept["run"]["step"] == step - 1
        assert all(torch.isfinite(value).all() for value in kept["network"].values())


def test_a_file_that_is_no_checkpoint_is_refused(images, z, tmp_path):
    (tmp_path / "c.pt").write_bytes(b"")
    with pytest.raises(
        ValueError, match=r"c\.pt must be the state of a training: it cannot be read; delete it"
    ):
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=tmp_path / "c.pt")


def test_a_checkpoint_with_a_flipped_bit_or_of_another_kind_is_refused(images, z, tmp_path):
    state = tmp_path / "c.pt"
    G = generator()
    train(G, l1, (z, images), **SETTINGS, checkpoint=state)
    content = bytearray(state.read_bytes())
    content[content.index(G.linear.weight.detach().numpy().tobytes()) + 3] ^= 1
    state.write_bytes(content)
    with pytest.raises(ValueError, match=r"c\.pt must be the state of a training: .* starts again"):
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=state)
    torch.save({"weights": torch.from_numpy(z)}, state)
    with pytest.raises(ValueError, match="the state of a training: found weights; delete it"):
        train(generator(), l1, (z, images), **SETTINGS, checkpoint=state)


def test_z_that_is_not_finite_is_refused(images, z, tmp_path):
    broken = {"train": np.where(np.arange(len(z))[:, None] == 3, np.nan, z), "test": z}
    with pytest.raises(ValueError, match="z must be finite: found NaN or infinity in train"):
        fitting.fit(broken, {}, network={}, training={}, seed=0, checkpoint=tmp_path / "c.pt")


def test_a_batch_larger_than_the_set_is_refused(images, z, tmp_path):
    with pytest.raises(ValueError, match="got lengths 10, 10, batch=11; use a batch of 10 or less"):
        train(
            generator(), l1, (z, images), **SETTINGS | {"batch": 11}, checkpoint=tmp_path / "c.pt"
        )


def test_arrays_of_different_lengths_are_refused(images, z, tmp_path):
    with pytest.raises(ValueError, match="got lengths 10, 9, batch=4; use equal lengths"):
        train(generator(), l1, (z, images[:9]), **SETTINGS, checkpoint=tmp_path / "c.pt")


def test_training_takes_any_network_loss_and_arrays(tmp_path):
    """Here a classifier of points, with three arrays: inputs, labels and weights of examples."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 2)).astype(np.float32)
    labels, weights = (x[:, 0] * x[:, 1] > 0).astype(np.int64), rng.random(256, np.float32) + 0.5
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))

    def loss(network, x, label, weight):
        return (
            weight * torch.nn.functional.cross_entropy(network(x), label, reduction="none")
        ).mean()

    settings = {
        "epochs": 60,
        "batch": 32,
        "learning_rate": 0.02,
        "seed": 0,
        "checkpoint": tmp_path / "c.pt",
    }
    history = train(network, loss, (x, labels, weights), **settings)
    assert history[-1]["loss"] < 0.2 < 0.5 < history[0]["loss"]
    assert (network(torch.from_numpy(x)).argmax(1).numpy() == labels).mean() > 0.95


def test_finish_may_recompute_the_statistics(images, z, tmp_path):
    """`finish` receives the trained network."""
    batches_of_z = torch.from_numpy(z[:8]).split(4)
    recomputed = generator()
    train(
        recomputed,
        l1,
        (z, images),
        **SETTINGS,
        checkpoint=tmp_path / "a.pt",
        finish=lambda G: recompute_statistics(G, batches_of_z),
    )
    running = generator()
    train(running, l1, (z, images), **SETTINGS, checkpoint=tmp_path / "b.pt")
    assert not same(recomputed, running)
    recompute_statistics(running, batches_of_z)
    assert same(recomputed, running)


@pytest.mark.parametrize("name", ["linear", "cosine", "constant"])
def test_schedules_rise_to_their_peak(name):
    schedule = getattr(schedules, name)(0.1)
    assert schedule(0.05) == pytest.approx(0.5)
    assert schedule(0.1) == pytest.approx(1)
    assert getattr(schedules, name)(0)(0) == 1


def test_schedules_fall_as_defined():
    assert schedules.linear(0.1)(0.55) == pytest.approx(0.5)
    assert schedules.linear(0.1)(1) == 0
    assert schedules.cosine(0.1)(0.55) == pytest.approx(0.5)
    assert schedules.cosine(0.1)(0.325) == pytest.approx((1 + 0.5**0.5) / 2)
    assert schedules.cosine(0.1)(1) == pytest.approx(0)
    assert schedules.constant(0.1)(1) == 1


def test_a_checkpoint_of_another_schedule_is_not_resumed(images, z, tmp_path, caplog):
    checkpoint = tmp_path / "c.pt"
    train(generator(), l1, (z, images), **SETTINGS, checkpoint=checkpoint)
    history = train(
        generator(),
        l1,
        (z, images),
        **SETTINGS,
        checkpoint=checkpoint,
        schedule=schedules.cosine(0.1),
    )
    assert history[0]["step"] == 2
    assert "another run" in caplog.text


@pytest.mark.parametrize(
    "mode", [lambda: torch.autocast("cpu", torch.bfloat16), torch.no_grad, torch.inference_mode]
)
def test_modes_around_a_training_change_nothing(images, z, tmp_path, mode):
    splits = {"train": z, "test": z}, {"train": images, "test": images}
    settings = {
        "network": {"width": 4, "kernel": 3},
        "training": {key: SETTINGS[key] for key in ("epochs", "batch", "learning_rate")}
        | {"warmup": 0.1, "ema": 0.5},
        "seed": 0,
    }
    first, _ = fitting.fit(*splits, **settings, checkpoint=tmp_path / "plain.pt")
    with mode():
        second, _ = fitting.fit(*splits, **settings, checkpoint=tmp_path / "mode.pt")
    assert same(first, second)


def test_a_linear_decoder_is_the_ridge_of_the_training_images(tmp_path):
    random = np.random.default_rng(0)
    z = {split: random.standard_normal((40, 6)).astype(np.float32) for split in ("train", "test")}
    x = {
        split: np.clip(128 + 40 * z[split] @ random.standard_normal((6, 192)), 0, 255)
        .astype(np.uint8)
        .reshape(-1, 3, 8, 8)
        for split in z
    }
    G, _ = fitting.fit(
        z,
        x,
        network={"width": 2, "linear": True},
        training={"epochs": 1, "batch": 20, "learning_rate": 1e-9, "warmup": 0.1},
        seed=0,
        checkpoint=tmp_path / "state.pt",
    )
    ridge = linear.decoder(z["train"], x["train"])
    picture = G.linear_decoder(torch.from_numpy(z["test"])).flatten(1).numpy()
    expected = np.clip(ridge(z["test"]) / 127.5 - 1, -0.98, 0.98)
    np.testing.assert_allclose(picture, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"epochs": 2.5}, "epochs must be an integer of at least 1: got 2.5; use 2."),
        ({"epochs": True}, "epochs must be an integer of at least 1: got True; use 1."),
        ({"epochs": torch.tensor(True)}, r"epochs must be .*: got tensor\(True\); use 1."),
        ({"epochs": 0}, "epochs must be an integer of at least 1: got 0; use 1."),
        ({"batch": 2.0}, "batch must be an integer of at least 1: got 2.0; use 2."),
        ({"batch": "4"}, "batch must be an integer of at least 1: got '4'; use 4."),
        ({"seed": -1}, "seed must be an integer of at least 0: got -1; use 0."),
        ({"seed": 1.5}, "seed must be an integer of at least 0: got 1.5; use 1."),
        ({"learning_rate": np.nan}, "learning_rate must be a finite number above 0: got nan; use"),
        ({"learning_rate": np.inf}, "learning_rate must be a finite number above 0: got inf; use"),
        ({"learning_rate": "1e-3"}, "learning_rate must be .* got '1e-3'; use one such as 0.002"),
        ({"ema": np.nan}, "ema must be a finite number of at least 0 and below 1: got nan; use"),
        ({"ema": 1}, "ema must be a finite number of at least 0 and below 1: got 1; use"),
        ({"noise": np.nan}, "noise must be a finite number of at least 0: got nan; use"),
        ({"noise": -1}, "noise must be a finite number of at least 0: got -1; use"),
        ({"device": "gpu"}, "device must be one of torch's.*: got 'gpu'; use one of them"),
        ({"device": "meta"}, "device must hold numbers: got 'meta'; use 'cpu'"),
        ({"checkpoint": None}, "checkpoint must be the path of a file: got None; name one"),
        ({"checkpoint": "/"}, "checkpoint must be the path of a file: / is a folder; name another"),
        ({"schedule": "cosine"}, "schedule must be a function: got 'cosine'; use one"),
        ({"network": 1}, "network must be a torch.nn.Module with parameters: got int; use"),
        ({"network": torch.nn.ReLU()}, "with parameters: got ReLU; use one"),
        ({"arrays": np.zeros((4, 2))}, r"arrays must be a sequence.*ndarray; use \(x,\)"),
        ({"arrays": ([[1.0], [2.0, 3.0]],)}, r"arrays\[0\] must be an array: got a list .*; make"),
        ({"arrays": ("a.npy",)}, r"arrays\[0\] must be an array: got the text 'a.npy'; open"),
        ({"arrays": (3,)}, r"arrays\[0\] must have rows: got 3; use one row"),
        ({"arrays": (np.array(["a"]),)}, r"arrays\[0\] must be real: got <U1; use"),
        ({"arrays": (np.zeros(4, "longdouble"),)}, "a type that torch has: got .*; use x.astype"),
        ({"arrays": (torch.eye(4).to_sparse(),)}, "a dense tensor: got a sparse_coo one; use"),
    ],
)
def test_arguments_of_another_kind_are_refused_in_one_sentence(tmp_path, change, sentence):
    given = {"network": torch.nn.Linear(2, 1), "loss": l1, "arrays": (np.zeros((8, 2)),)}
    with pytest.raises(ValueError, match=sentence) as caught:
        train(**given | SETTINGS | {"checkpoint": tmp_path / "c.pt"} | change)
    assert "\n" not in str(caught.value)


def test_lists_tensors_and_texts_stand_for_arrays_numbers_and_paths(images, z, tmp_path):
    def trained(number, z, images, **change):
        G = generator()
        settings = SETTINGS | {"checkpoint": str(tmp_path / f"{number}.pt")} | change
        train(G, l1, (z, images), **settings)
        return G

    first = trained(0, z, images)
    assert same(first, trained(1, z.tolist(), images))
    assert same(first, trained(2, torch.from_numpy(z).requires_grad_(), torch.from_numpy(images)))
    assert same(first, trained(3, z.astype(">f4"), images[:, ::-1][:, ::-1]))
    numbers = {"epochs": np.int64(4), "batch": np.uint8(4), "seed": torch.tensor(0)}
    assert same(first, trained(4, z, images, **numbers, learning_rate=np.float64(0.01)))
    backwards = trained(5, z[::-1], images[::-1])
    assert same(backwards, trained(6, z[::-1].copy(), images[::-1].copy()))


@pytest.mark.parametrize("ignored", [False, True])
def test_an_interruption_before_the_training_ends_it_without_a_traceback(tmp_path, ignored):
    """While it imports torch. Where SIGINT is ignored, as in a shell's background, it stays so."""
    train = ROOT / "workflow/scripts/generation/train.py"
    run = {"generator": {"width": 2, "kernel": 3}, "seed": 0}
    run["training"] = {"epochs": 1, "batch": 4, "learning_rate": 0.01, "warmup": 0.1}
    log = tmp_path / "log"
    process = subprocess.Popen(
        [sys.executable, train, tmp_path, "--settings", json.dumps(run), "--log-file", log],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler
        ),
    )
    while not log.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    assert said == ""
    assert process.returncode == (1 if ignored else -signal.SIGINT)
    assert ("z/train.zarr" in log.read_text()) == ignored  # there is none to train on
