"""gsn.inverse: known minima, one item beside many, resumption, ends, entropies in closed form."""

import logging
import os
import signal

import numpy as np
import pytest
import scipy.stats
import torch

from gsn.inverse import entropy, lanczos, starts, states
from gsn.inverse.coordinates import Coordinates
from gsn.inverse.descent import descend
from gsn.inverse.energy import Energy
from gsn.inverse.lbfgs import HISTORY, LBFGS

METHODS = ["lbfgs", "gradient", "mean_field"]


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def linear(M, d, seed=0):
    """A well-conditioned linear map, as a matrix and as a function of fields."""
    A = torch.linalg.qr(normal(max(M, d), max(M, d), seed=seed)).Q[:M, :d]
    A = A + 0.3 * normal(M, d, seed=seed + 1) / d**0.5
    return A, lambda x: x.flatten(1) @ A.to(x).T


def network(N, J=3, L=4, dtype=torch.float64):
    """Means of moduli of random bands and of their bands, each divided by that of white noise."""
    frequencies = torch.fft.fftfreq(N, dtype=dtype) * 2 * torch.pi
    psi = []
    for j in range(J):
        for angle in torch.arange(L, dtype=dtype) * torch.pi / L:
            centre = 0.75 * torch.pi / 2**j * torch.stack([angle.cos(), angle.sin()])
            square = (frequencies[:, None] - centre[0]) ** 2 + (frequencies - centre[1]) ** 2
            psi.append(torch.exp(-square * 4**j / 2))
    psi = torch.stack(psi)
    psi[:, 0, 0] = 0

    def moments(x):
        w = torch.fft.ifft2(torch.fft.fft2(x)[:, None] * psi).abs()  # (n, J L, N, N)
        first = [x.mean((1, 2))[:, None] + 1, x.square().mean((1, 2))[:, None], w.mean((2, 3))]
        second = [
            torch.fft.ifft2(torch.fft.fft2(w[:, : j * L, None]) * psi[j * L : (j + 1) * L]).abs()
            for j in range(1, J)
        ]
        return torch.cat(first + [u.mean((3, 4)).flatten(1) for u in second], dim=1)

    scale = moments(normal(1, N, N, seed=99, dtype=dtype))
    return lambda x: moments(x) / scale


def texture(N, dtype=torch.float64):
    """A field that is not Gaussian."""
    x = torch.fft.fft2(normal(N, N, seed=5, dtype=dtype))
    k = torch.fft.fftfreq(N, 1 / N, dtype=dtype)
    x = torch.fft.ifft2(x / (1 + k[:, None] ** 2 + k**2) ** 0.7).real
    return torch.exp(x / x.std())


def by_torch(phi, y, x0, tolerance):
    """The number of evaluations that torch's L-BFGS takes to the same error."""
    x, count = x0.clone().requires_grad_(), 0

    class Reached(Exception):
        pass

    settings = {"tolerance_grad": 0, "tolerance_change": 0, "history_size": HISTORY}
    optimizer = torch.optim.LBFGS(
        [x], max_iter=5000, max_eval=5000, line_search_fn="strong_wolfe", **settings
    )

    def closure():
        nonlocal count
        count += 1
        optimizer.zero_grad()
        E = (phi(x) - y).square().sum() / 2
        if (2 * E).sqrt() <= tolerance * y.norm():
            raise Reached
        E.backward()
        return E

    with pytest.raises(Reached):
        optimizer.step(closure)
    return count


def rosenbrock(x):
    return torch.stack([10 * (x[:, 1] - x[:, 0] ** 2), x[:, 0]], dim=1)


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_linear_phi_is_solved(method, dtype):
    A, phi = linear(12, 12)
    target = normal(12, seed=7)
    x0, tolerance = normal(3, 3, 4, dtype=dtype), 1e-5 if dtype == torch.float32 else 1e-9
    found = descend(phi, A @ target, x0, method=method, steps=2000, tolerance=tolerance)
    assert found.x.dtype == dtype
    assert found.x.shape == x0.shape
    torch.testing.assert_close(
        found.x.flatten(1), target.expand(3, -1).to(dtype), atol=50 * tolerance, rtol=0
    )


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
def test_the_solution_of_a_wide_system_is_the_one_nearest_to_the_start(method):
    A, phi = linear(5, 16)
    y, x0 = normal(5, seed=8), normal(2, 16)
    found = descend(phi, y, x0, method=method, steps=2000, tolerance=1e-10)
    nearest = x0 + (y - x0 @ A.T) @ torch.linalg.pinv(A).T
    torch.testing.assert_close(found.x, nearest, atol=1e-7, rtol=0)


def test_each_field_has_its_own_target():
    A, phi = linear(6, 6)
    x = normal(4, 6, seed=3)
    found = descend(phi, x @ A.T, torch.zeros_like(x), steps=100, tolerance=1e-10)
    torch.testing.assert_close(found.x, x, atol=1e-8, rtol=0)


def test_the_two_loops_are_the_dense_update():
    phi = network(8)
    energy = Energy(phi, phi(texture(8)[None]), (8, 8))
    paths = LBFGS(energy, normal(1, 8, 8), 12, 0.0)
    while paths.active.any():
        paths.advance()
    count = int(paths.count[0])
    assert 5 < count <= HISTORY
    H = paths.gamma[0] * torch.eye(64, dtype=torch.float64)
    for s, v in zip(paths.S[0, :count], paths.V[0, :count], strict=True):
        left = torch.eye(64) - torch.outer(s, v) / (s @ v)
        H = left @ H @ left.T + torch.outer(s, s) / (s @ v)
    g = normal(1, 64, seed=4)
    torch.testing.assert_close(paths._product(g, torch.tensor([0])), g @ H)


def test_rosenbrock_takes_no_more_evaluations_than_torch_does():
    y, ours, theirs = torch.tensor([0.0, 1.0], dtype=torch.float64), 0, 0
    for start in ([-1.2, 1.0], [-3.0, -4.0], [0.0, 3.0], [2.0, 2.0], [-1.0, 1.0]):
        x0 = torch.tensor([start], dtype=torch.float64)
        found = descend(rosenbrock, y, x0, steps=500, tolerance=1e-8)
        torch.testing.assert_close(found.x, torch.ones_like(x0), atol=1e-6, rtol=0)
        ours += int(found.evaluations[0])
        theirs += by_torch(rosenbrock, y, x0, 1e-8)
    assert ours <= 1.1 * theirs


def test_scattering_takes_no_more_evaluations_than_torch_does():
    phi, ours, theirs = network(16), 0, 0
    y = phi(texture(16)[None])[0]
    x0 = starts.white(texture(16), 4, seed=0)
    found = descend(phi, y, x0, steps=2000, tolerance=1e-4)
    assert found.losses[-1].max() <= 1e-4
    ours = int(found.evaluations.sum())
    theirs = sum(by_torch(phi, y, x[None], 1e-4) for x in x0)
    assert ours <= 1.1 * theirs


def test_a_minimum_on_a_kink_is_reached():
    # |x| cannot be negative: the best x is 0 there, where E has a kink
    y = torch.tensor([1.0, -0.5, 2.0, -1.0], dtype=torch.float64)
    _, mix = linear(4, 4)
    found = descend(lambda x: mix(x).abs(), y, normal(5, 4), steps=300, tolerance=0)
    least = y.clamp(max=0).norm() / y.norm()
    assert (found.losses[-1] < least * 1.001).all()


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
def test_a_field_ends_where_its_precision_ends(method):
    A, phi = linear(6, 6)
    x0 = normal(2, 6, dtype=torch.float32)
    found = descend(phi, A.sum(1), x0, method=method, steps=5000, tolerance=0)
    assert len(found.losses) < 5000
    assert found.losses[-1].max() < 1e-6  # some roundings of 6e-8


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
def test_the_path_of_a_field_does_not_depend_on_its_neighbours(method):
    phi, x0 = network(16), normal(4, 16, 16)
    y = phi(texture(16)[None])[0]
    settings = {"method": method, "steps": 15, "tolerance": 0.05}
    together = descend(phi, y, x0, **settings)
    for i in range(4):
        alone = descend(phi, y, x0[i : i + 1], **settings)
        torch.testing.assert_close(alone.x[0], together.x[i], atol=1e-8, rtol=0)
        rows = len(alone.losses)
        torch.testing.assert_close(alone.losses[:, 0], together.losses[:rows, i])
        assert alone.evaluations[0] == together.evaluations[i]


@pytest.mark.parametrize("method", METHODS)
def test_resuming_equals_an_uninterrupted_run(method, tmp_path, monkeypatch):
    phi, x0 = network(16), normal(3, 16, 16)
    y, calls = phi(texture(16)[None])[0], 0
    settings = {"method": method, "steps": 25, "tolerance": 0.01}
    whole = descend(phi, y, x0, **settings)
    monkeypatch.setattr(states, "SAVE_EVERY", 0.0)

    def broken(x):
        nonlocal calls
        calls += 1
        if calls == 14:
            raise InterruptedError
        return phi(x)

    settings["checkpoint"] = tmp_path / "state.pt"
    with pytest.raises(InterruptedError):
        descend(broken, y, x0, **settings)
    resumed = descend(broken, y, x0, **settings)
    assert torch.equal(resumed.x, whole.x)
    assert torch.equal(resumed.losses, whole.losses)
    assert torch.equal(resumed.evaluations, whole.evaluations)
    assert calls == 14 + (whole.evaluations.max() - 13) + 1  # phi(x0) once more


def test_a_signal_stops_a_descent_that_can_be_resumed(tmp_path):
    _, phi = linear(8, 8)
    y, x0, calls = torch.ones(8), normal(2, 8), 0
    settings = {"steps": 40, "tolerance": 1e-8}
    whole = descend(phi, y, x0, **settings)

    def signalled(x):
        nonlocal calls
        calls += 1
        if calls == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return phi(x)

    settings["checkpoint"] = tmp_path / "state.pt"
    with pytest.raises(SystemExit, match=r"stopped by a signal at step .* run again to continue"):
        descend(signalled, y, x0, **settings)
    assert torch.equal(descend(phi, y, x0, **settings).x, whole.x)


def test_the_state_of_another_run_is_not_resumed(tmp_path, caplog):
    _, phi = linear(3, 3)
    y, x0 = torch.ones(3), normal(2, 3)
    settings = {"steps": 50, "tolerance": 1e-6, "checkpoint": tmp_path / "state.pt"}
    first = descend(phi, y, x0, **settings, stamp="a")
    with caplog.at_level(logging.WARNING):
        second = descend(phi, 2 * y, x0, **settings, stamp="a")
        third = descend(phi, 2 * y, x0, **settings, stamp="b")
    assert caplog.text.count("is of another run") == 2
    assert torch.equal(second.x, third.x)
    assert not torch.allclose(second.x, first.x)


def test_a_file_that_is_no_state_is_refused(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"text")
    _, phi = linear(3, 3)
    with pytest.raises(ValueError, match="must be the state of a descent: it cannot be read"):
        descend(
            phi,
            torch.ones(3),
            normal(1, 3),
            steps=5,
            tolerance=0,
            checkpoint=tmp_path / "state.pt",
        )


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
def test_a_field_ends_at_the_tolerance_and_is_not_evaluated_again(method):
    phi, rows = network(16), 0
    x0 = normal(3, 16, 16)
    x0[1] = texture(16)

    def counted(x):
        nonlocal rows
        rows += len(x)
        return phi(x)

    y = phi(texture(16)[None])[0]
    found = descend(counted, y, x0, method=method, steps=400, tolerance=0.02)
    assert found.evaluations[1] == 1
    assert torch.equal(found.x[1], x0[1])
    assert rows == found.evaluations.sum()
    assert (found.losses[-1] <= 0.02).all()
    for i in (0, 2):
        steps = int((found.losses[:, i] > 0.02).sum())
        assert (found.losses[steps:, i] == found.losses[-1, i]).all()
        assert (found.losses.diff(dim=0)[:steps, i] < 0).all()
    error = (phi(found.x) - y).norm(dim=1) / y.norm()
    torch.testing.assert_close(found.losses[-1], error)


def test_a_fixed_step_is_the_iteration_itself():
    A, phi = linear(4, 6)
    y, x = normal(4, seed=2), normal(2, 6)
    found = descend(phi, y, x, method="gradient", steps=10, tolerance=0, step=0.3)
    for _ in range(10):
        x = x - 0.3 * (x @ A.T - y) @ A
    torch.testing.assert_close(found.x, x)
    assert found.evaluations.tolist() == [11, 11]


def test_the_gradient_descent_is_equivariant_to_translations():
    phi, x0 = network(16), normal(2, 16, 16)
    y = phi(texture(16)[None])[0]
    settings = {"method": "gradient", "steps": 20, "tolerance": 0}
    moved = descend(phi, y, x0.roll((3, 5), (1, 2)), **settings).x
    torch.testing.assert_close(
        moved, descend(phi, y, x0, **settings).x.roll((3, 5), (1, 2)), atol=1e-9, rtol=0
    )


def test_the_mean_field_moves_all_fields_alike_under_a_linear_phi():
    A, phi = linear(4, 6)
    y, x0 = normal(4, seed=2), normal(5, 6)
    found = descend(phi, y, x0, method="mean_field", steps=500, tolerance=1e-8)
    torch.testing.assert_close(found.x.mean(0) @ A.T, y, atol=1e-6, rtol=0)
    torch.testing.assert_close(found.x - found.x.mean(0), x0 - x0.mean(0), atol=1e-10, rtol=0)
    assert found.losses.shape == (len(found.losses), 5)
    fixed = descend(phi, y, x0, method="mean_field", steps=3, tolerance=0, step=0.2).x
    for _ in range(3):
        x0 = x0 - 0.2 * (x0.mean(0) @ A.T - y) @ A
    torch.testing.assert_close(fixed, x0)


def test_the_mean_field_keeps_the_spread_of_the_moments():
    phi = network(16)
    y = phi(texture(16)[None])[0]
    x0 = starts.white(texture(16), 8, seed=0)
    spread = {
        method: phi(descend(phi, y, x0, method=method, steps=60, tolerance=0).x).std(0).mean()
        for method in ("gradient", "mean_field")
    }
    assert spread["mean_field"] > 2 * spread["gradient"]


def test_one_field_in_the_mean_field_is_gradient_descent():
    phi = network(16)
    y, x0 = phi(texture(16)[None])[0], normal(1, 16, 16)
    settings = {"steps": 10, "tolerance": 0}
    alone = descend(phi, y, x0, method="gradient", **settings)
    torch.testing.assert_close(descend(phi, y, x0, method="mean_field", **settings).x, alone.x)


@pytest.mark.parametrize("method", METHODS)
def test_points_that_are_not_free_stay(method):
    phi, x0 = network(16), normal(2, 16, 16)
    mask = torch.zeros(16, 16, dtype=torch.bool)
    mask[4:12, 4:12] = True
    y = phi(texture(16)[None])[0]
    found = descend(phi, y, x0, method=method, steps=10, tolerance=0, mask=mask)
    assert torch.equal(found.x[:, ~mask], x0[:, ~mask])
    assert not torch.isclose(found.x[:, mask], x0[:, mask]).all()
    assert (found.losses[-1] < found.losses[0]).all()


def test_bad_input_is_refused_in_one_sentence():
    _, phi = linear(3, 4)
    y, x0, settings = torch.ones(3), normal(2, 4), {"steps": 5, "tolerance": 1e-3}
    nan = torch.tensor([1.0, torch.nan, 1.0])
    refused = {
        "y must be finite: got NaN or infinity at 1 of 3 places": (phi, nan, x0, {}),
        "y must have a norm above 0": (phi, 0 * y, x0, {}),
        r"y must be one vector \(M,\) or one for each of the 2 fields": (
            phi,
            y.expand(5, 3),
            x0,
            {},
        ),
        "y must be one vector .* for mean_field": (
            phi,
            y.expand(2, 3),
            x0,
            {"method": "mean_field"},
        ),
        "x0 must be finite": (phi, y, x0 / 0, {}),
        "x0 must be float32 or float64": (phi, y, x0.long(), {}),
        r"x0 must be a batch of fields, .* use x\[None\]": (phi, y, x0[0], {}),
        "x0 must be a tensor of torch": (phi, y, x0.numpy(), {}),
        "phi must be finite at the start: got NaN or infinity for field 0 of 2": (
            lambda x: phi(x) / 0,
            y,
            x0,
            {},
        ),
        "the gradient of phi must be finite": (lambda x: phi(0 * x).sqrt(), y, x0, {}),
        "phi must be differentiable": (lambda x: phi(x).detach(), y, x0, {}),
        "phi must return a row of numbers for each field": (lambda x: phi(x)[:, :2], y, x0, {}),
        "method must be one of lbfgs": (phi, y, x0, {"method": "adam"}),
        "step must be left out for lbfgs": (phi, y, x0, {"step": 0.1}),
        "steps must be an integer of at least 1": (phi, y, x0, {"steps": 0}),
        "tolerance must be a finite number of at least 0": (phi, y, x0, {"tolerance": -1}),
        "mask must leave points that may change": (
            phi,
            y,
            x0,
            {"mask": torch.zeros(4, dtype=torch.bool)},
        ),
        "mask must be bool of the shape of a field": (phi, y, x0, {"mask": torch.ones(4)}),
    }
    for message, (function, target, start, changed) in refused.items():
        with pytest.raises(ValueError, match=message):
            descend(function, target, start, **(settings | changed))


@pytest.mark.parametrize("method", ["lbfgs", "gradient"])
def test_a_phi_that_becomes_nan_is_named(method):
    _, phi = linear(3, 4)
    calls = 0

    def broken(x):
        nonlocal calls
        calls += 1
        return phi(x) * (torch.nan if calls > 2 else 1)

    with pytest.raises(
        FloatingPointError, match=r"must stay finite: got NaN .* for field 0 at step"
    ):
        descend(broken, torch.ones(3), normal(1, 4), method=method, steps=9, tolerance=0)


def test_a_step_that_is_too_large_is_named():
    phi = lambda x: x**3  # noqa: E731
    with pytest.raises(FloatingPointError, match="use a smaller step"):
        descend(
            phi, torch.ones(4), 3 * normal(1, 4), method="gradient", steps=50, tolerance=0, step=9.0
        )


def test_a_trial_outside_the_domain_of_phi_is_shortened():
    found = descend(
        lambda x: x.log(),
        torch.tensor([-3.0], dtype=torch.float64),
        torch.tensor([[5.0]], dtype=torch.float64),
        steps=50,
        tolerance=1e-8,
    )
    torch.testing.assert_close(found.x, torch.full_like(found.x, np.exp(-3)))


def test_white_noise_has_the_mean_and_the_variance_of_the_example():
    example = texture(64)
    x = starts.white(example, 20, seed=1)
    assert abs(x.mean() - example.mean()) < 4 * example.std() / (20 * 4096) ** 0.5
    assert abs(x.std() / example.std() - 1) < 4 / (2 * 20 * 4096) ** 0.5
    for start in (starts.white, starts.coloured):
        assert torch.equal(start(example, 2, seed=1), start(example, 20, seed=1)[:2])
        assert start(example.float(), 1, seed=1).dtype == torch.float32
        assert start(example.expand(3, 64, 64), 5, seed=1).shape == (5, 3, 64, 64)
        with pytest.raises(ValueError, match="example must vary: got a constant field"):
            start(torch.ones(8, 8), 1, seed=0)
        with pytest.raises(ValueError, match="example must be finite"):
            start(example / 0, 1, seed=0)


def test_coloured_noise_has_the_spectrum_of_the_example():
    example = torch.stack([texture(16), texture(16).roll(3, 0)])  # two channels
    x = starts.coloured(example, 4000, seed=1)
    spectrum = torch.fft.fft2(x - example.mean((1, 2), keepdim=True))
    expected = torch.fft.fft2(example - example.mean((1, 2), keepdim=True))
    cross = (spectrum[:, 0] * spectrum[:, 1].conj()).mean(0)
    size = expected.abs().prod(0)
    # the mean of 4,000 squares of Gaussian numbers deviates by 0.03 at most some 4 times
    assert ((cross - expected[0] * expected[1].conj()).abs() <= 0.12 * size + 1e-9).all()
    torch.testing.assert_close(
        x.mean((2, 3)), example.mean((1, 2)).expand(4000, -1), atol=1e-9, rtol=0
    )


def test_the_entropy_of_the_image_of_a_gaussian_is_that_of_its_covariance():
    A, phi = linear(4, 6)
    x0 = 2 * normal(3, 6)
    found = entropy.change(phi, torch.ones(4), x0, step=0.2, steps=7)
    matrix = torch.linalg.matrix_power(torch.eye(6) - 0.2 * A.T @ A, 7)
    covariance = (4 * matrix @ matrix.T).numpy()
    expected = scipy.stats.multivariate_normal(cov=covariance).entropy()
    got = entropy.gaussian(6, 2) + found.nats[-1]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    descended = descend(phi, torch.ones(4), x0, method="gradient", steps=7, tolerance=0, step=0.2)
    torch.testing.assert_close(found.x, descended.x)
    torch.testing.assert_close(found.losses, descended.losses)


@pytest.mark.parametrize("probes", [None, 3])
def test_the_mean_field_of_a_linear_phi_keeps_the_entropy(probes):
    _, phi = linear(4, 6)
    x0, settings = normal(5, 6), {"method": "mean_field", "step": 0.2}
    found = entropy.change(phi, torch.ones(4), x0, steps=7, probes=probes, **settings)
    assert (found.nats == 0).all()
    descended = descend(phi, torch.ones(4), x0, steps=7, tolerance=0, **settings)
    torch.testing.assert_close(found.x, descended.x)
    torch.testing.assert_close(found.losses, descended.losses)


def test_the_entropy_of_a_mean_field_on_the_line_is_that_of_its_samples():
    x0 = normal(20000, 1)
    settings = {"method": "mean_field", "step": 0.05, "steps": 6}
    found = entropy.change(lambda x: x**2, torch.tensor([3.0]), x0, **settings)
    got = entropy.gaussian(1, 1.0) + float(found.nats[-1].mean())
    assert float(found.nats[-1].mean()) > 0.1
    # both are means over 20,000 numbers of deviation about 1
    assert abs(got - scipy.stats.differential_entropy(found.x[:, 0].numpy())) < 0.03


@pytest.mark.parametrize("probes", [None, 1])
def test_the_identity_shrinks_all_volumes_alike(probes):
    found = entropy.change(
        lambda x: x.flatten(1), torch.ones(9), normal(2, 3, 3), step=0.3, steps=4, probes=probes
    )
    expected = torch.arange(5.0, dtype=torch.float64)[:, None] * 9 * np.log(0.7)
    torch.testing.assert_close(found.nats, expected.expand(5, 2))


def test_the_entropy_of_a_law_on_the_line_is_that_of_its_samples():
    x0 = normal(20000, 1)
    phi = lambda x: x + 0.2 * x**3  # noqa: E731
    found = entropy.change(phi, torch.tensor([0.5]), x0, step=0.005, steps=40)
    got = entropy.gaussian(1, 1.0) + float(found.nats[-1].mean())
    # both are means over 20,000 numbers of deviation about 1
    assert abs(got - scipy.stats.differential_entropy(found.x[:, 0].numpy())) < 0.03


def test_the_quadrature_agrees_with_the_determinant():
    phi, step = network(8), 0.005
    y, x0 = phi(texture(8)[None])[0], normal(2, 8, 8)
    exact = entropy.change(phi, y, x0, step=step, steps=1)
    estimated = entropy.change(phi, y, x0, step=step, steps=1, probes=20)
    assert torch.equal(exact.x, estimated.x)
    hessian = entropy.derivatives(phi, y.expand(2, -1), x0, together=False)[2]
    units = torch.eye(64, dtype=torch.float64)[:, None].expand(-1, 2, -1)
    theta, Q = torch.linalg.eigh(torch.stack([hessian(unit) for unit in units], dim=2))
    logarithm = Q * (1 - step * theta).abs().log()[:, None] @ Q.mT
    # signs as probes have the variance 2 sum of the squares off the diagonal
    off = logarithm * (1 - torch.eye(64))
    deviation = (2 * off.square().sum((1, 2)) / 20).sqrt()
    assert ((exact.nats - estimated.nats)[-1].abs() < 4 * deviation).all()


def test_lanczos_gives_the_trace_of_a_function_of_a_matrix():
    A = torch.stack([normal(30, 30, seed=seed) for seed in range(3)])
    A = (A + A.mT) / 20
    settings = {"probes": 400, "order": 12, "generator": torch.Generator().manual_seed(0)}
    got = lanczos.trace(lambda v: (A @ v[:, :, None]).squeeze(2), torch.exp, A[:, 0], **settings)
    expected = torch.linalg.eigvalsh(A).exp().sum(1)
    off = torch.linalg.matrix_exp(A) * (1 - torch.eye(30))
    deviation = (2 * off.square().sum((1, 2)) / 400).sqrt()
    assert ((got - expected).abs() < 4 * deviation).all()


def test_a_recursion_that_ends_early_is_exact():
    v = torch.nn.functional.normalize(normal(2, 10), dim=1)
    projection = lambda w: 3 * v * (v * w).sum(1, keepdim=True)  # noqa: E731
    settings = {"probes": 500, "order": 8, "generator": torch.Generator().manual_seed(0)}
    got = lanczos.trace(projection, torch.log1p, v, **settings)
    deviation = np.log(4) * (2 / 500) ** 0.5
    assert (got - np.log(4)).abs().max() < 4 * deviation


def test_in_its_coordinates_a_field_has_the_root_of_its_spectrum():
    H, W = 16, 24
    waves = torch.cos(2 * np.pi * torch.arange(W, dtype=torch.float64) / 8)  # 3 periods: ring 2
    x = 5 + 3 * waves.expand(H, W) + 0.01 * normal(H, W)
    frame = Coordinates(x)
    torch.testing.assert_close(frame.fields(frame.of(x)), x)
    w = frame.of(x - x.mean())
    power, found = (torch.fft.rfft2(a - a.mean()).abs().square() for a in (x, w))
    # the ring of the waves has W/8 = 3 frequencies of the longer side, 2 of the shorter one
    others = torch.fft.rfft2(frame.of(normal(H, W))).abs()[5, 7]
    noise = torch.fft.rfft2(normal(H, W)).abs()[5, 7]
    assert found[0, 3] / found[5, 7] < 0.1 * power[0, 3] / power[5, 7]
    assert others / noise > 10  # where the example has little power, w is scaled up


def test_coordinates_take_examples_of_several_powers_and_one_that_is_empty_somewhere():
    x = torch.stack([normal(8, 8), 3 * normal(8, 8), torch.ones(8, 8)])
    frame = Coordinates(x)
    assert torch.isfinite(frame.of(x)).all()
    torch.testing.assert_close(frame.fields(frame.of(x)), x)
