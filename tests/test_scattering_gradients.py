"""The compiled gradient of the scattering transform, periodic images, and moments."""

import numpy as np
import pytest
import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

from gsn.transforms import Scattering2D
from gsn.transforms.scattering2d import adjoint, compiled, differentiable, filters

PERIODIC = {"boundary": "periodic"}
MOMENTS = PERIODIC | {"moments": True}


def field(*shape, dtype=torch.float64, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape)).to(dtype)


def gradient(S, x, g):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(S(x), x, g)[0]


@pytest.mark.parametrize(
    ("J", "shape", "L", "order", "planes"),
    [(3, (32, 32), 8, 2, 3), (2, (16, 24), 5, 2, 1), (3, (20, 28), 4, 1, 2), (1, (8, 8), 3, 2, 70)],
)
def test_gradients_agree_with_kymatio(J, shape, L, order, planes):
    ours, theirs = (
        kind(J, shape, L=L, max_order=order) for kind in (Scattering2D, ScatteringTorch2D)
    )
    x = field(planes, *shape, dtype=torch.float32)
    g = field(*ours(x).shape, dtype=torch.float32, seed=1)
    a, b = gradient(ours, x, g), gradient(theirs, x, g)
    assert (a - b).norm() <= 1e-5 * b.norm()


@pytest.mark.parametrize("arguments", [{}, PERIODIC, MOMENTS])
@pytest.mark.parametrize(("J", "shape"), [(3, (16, 16)), (3, (24, 40)), (1, (96, 160))])
def test_the_compiled_gradient_is_that_of_the_operations_of_torch(arguments, J, shape):
    S, x = Scattering2D(J, shape, L=4, **arguments), field(2, *shape).requires_grad_()
    y = S._scatter(x, None)
    g = field(*y.shape, seed=1)
    (expected,) = torch.autograd.grad(y, x, g)
    torch.testing.assert_close(gradient(S, x.detach(), g.reshape(S(x).shape)), expected)


@pytest.mark.parametrize("arguments", [{}, PERIODIC, MOMENTS])
def test_first_and_second_gradients_agree_with_differences(arguments):
    S = Scattering2D(2, (12, 8), L=3, **arguments)
    x = field(1, 12, 8).requires_grad_()
    assert torch.autograd.gradcheck(S, x)
    assert torch.autograd.gradgradcheck(S, x)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_gradient_depends_neither_on_the_threads_nor_on_the_batch(threads, n, monkeypatch):
    monkeypatch.setattr(compiled, "BYTES", 2**12)  # many branches, many groups
    bank = filters.bank(3, (16, 16), 4, periodic=True, means=True)
    transform = compiled.Transform(bank, 2, np.dtype("float64"))
    x, g = field(n, 16, 16).numpy(), field(n, 61, 1, 1, seed=1).numpy()
    together = adjoint.gradient(transform, x, g, threads)
    alone = [adjoint.gradient(transform, x[[i]], g[[i]], 1)[0] for i in range(n)]
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-14)
    S, kept = np.empty((n, 61, 1, 1)), {}
    transform(x, S, threads, kept)
    assert sum(w.nbytes for bands in kept.values() for w in bands) == transform.bytes(n)
    assert np.array_equal(together, adjoint.gradient(transform, x, g, threads))
    assert np.array_equal(together, adjoint.gradient(transform, x, g, threads, kept))
    assert not kept
    once = np.empty_like(S)
    for i in range(n):
        transform(x[[i]], once[[i]], 1)
    expected = Scattering2D(3, (16, 16), L=4, **MOMENTS)(x)
    np.testing.assert_allclose(S[..., 0, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("limit", [0, 2**28])
def test_a_graph_that_is_retained_gives_the_gradient_again(limit, monkeypatch):
    monkeypatch.setattr(differentiable, "KEPT", limit)
    x = field(2, 16, 16).requires_grad_()
    S = Scattering2D(2, (16, 16), L=3)(x)
    first, second = (
        torch.autograd.grad(S.square().sum(), x, retain_graph=True)[0] for _ in range(2)
    )
    assert torch.equal(first, second)


def test_the_threads_may_change_between_a_transform_and_its_gradient(monkeypatch):
    S, x = Scattering2D(2, (16, 16), L=3, **MOMENTS), field(4, 16, 16).requires_grad_()
    expected = torch.autograd.grad(S(x).square().sum(), x)[0]
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        y = S(x).square().sum()
        torch.set_num_threads(4)
        found = torch.autograd.grad(y, x)[0]
    finally:
        torch.set_num_threads(threads)
    torch.testing.assert_close(found, expected)


def test_gradients_may_be_batched():
    S, x = Scattering2D(2, (8, 8), L=2), field(1, 8, 8)
    whole, each = (
        torch.autograd.functional.jacobian(S, x, vectorize=vectorize) for vectorize in (True, False)
    )
    torch.testing.assert_close(whole, each)


def test_the_gradient_is_zero_where_the_modulus_is():
    x = torch.zeros(1, 16, 16, dtype=torch.float64)
    for arguments in ({}, PERIODIC, MOMENTS):
        S = Scattering2D(2, (16, 16), L=2, **arguments)
        g = torch.zeros_like(S(x))
        g[:, 1:] = 1  # not the mean, which is linear
        assert not gradient(S, x, g).any()


@pytest.mark.parametrize("shape", [(16, 16), (20, 36), (18, 30)])
def test_moments_of_a_periodic_image_do_not_move_with_it(shape):
    S, x = Scattering2D(3, shape, L=4, **MOMENTS), field(*shape)
    step = 2 ** S._bank.resolution[-1]  # the coarsest grid sees shifts by its own step
    torch.testing.assert_close(S(torch.roll(x, (step, -step), (0, 1))), S(x))


def test_moments_are_the_means_of_the_maps_up_to_the_gain_of_phi():
    x = field(2, 32, 32)
    maps, moments = Scattering2D(3, (32, 32), **PERIODIC), Scattering2D(3, (32, 32), **MOMENTS)
    gain = maps(torch.ones_like(x))[0, 0, 0, 0]
    means = maps(x).mean((-2, -1)) / gain  # phi lets some frequencies of the coarse grid through
    torch.testing.assert_close(means[:, 1:], moments(x)[:, 1:], rtol=0.05, atol=0)
    torch.testing.assert_close(moments(x)[:, 0], x.mean((-2, -1)))


def test_first_moments_of_white_noise_are_those_of_a_rayleigh_law():
    N = 128
    S, x = Scattering2D(3, (N, N), L=4, max_order=1, **MOMENTS), 2 * field(16, N, N)
    for j in range(3):
        psi = filters.bank(3, (N, N), 4, periodic=True).psi(j)[0]
        norm = np.sqrt((psi**2).mean((1, 2)))  # of psi in space
        expected = 2 * norm * np.sqrt(np.pi) / 2
        found = S(x)[:, 1 + 4 * j : 5 + 4 * j].mean(0)
        # wavelets that see real and imaginary parts of unlike size are not quite circular
        np.testing.assert_allclose(found, expected, rtol=0.03)


def test_oversampled_moments_are_nearer_to_the_means_of_all_pixels():
    x, L = field(48, 32), 4
    psi = [torch.from_numpy(filters.bank(3, x.shape, L, periodic=True).psi(j)[0]) for j in range(3)]
    modulus = [torch.fft.ifft2(torch.fft.fft2(x) * psi[j]).abs() for j in range(3)]
    below = [(0, 1), (0, 2), (1, 2)]
    second = [
        torch.fft.ifft2(torch.fft.fft2(modulus[i])[:, None] * psi[j]).abs().mean((-2, -1))
        for i, j in below
    ]
    first = torch.cat([u.mean((-2, -1)) for u in modulus])
    second = [torch.stack(second[:2], dim=1).flatten(), second[2].flatten()]
    expected = torch.cat([x.mean()[None], first, *second])
    errors = []
    for oversampling in (0, 1, 2):
        S = Scattering2D(3, x.shape, L, oversampling=oversampling, **MOMENTS)(x)
        errors.append(((S - expected)[1:] / expected[1:]).square().mean().sqrt().item())
    assert errors[2] < errors[1] / 3 < errors[0] / 9
    assert errors[2] < 1e-12  # scale 2 is then at the full resolution too


def test_a_periodic_image_needs_no_border():
    x = field(32, 32)
    tiled = torch.cat([torch.cat([x, x], 0)] * 2, 1)
    small, large = (Scattering2D(2, side.shape, L=4, **MOMENTS) for side in (x, tiled))
    torch.testing.assert_close(small(x), large(tiled), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((16, 16), {"boundary": "zero"}, "boundary must be 'reflect' or 'periodic': got 'zero'"),
        ((16, 16), {"moments": True}, "moments must be of periodic images"),
        ((16, 18), PERIODIC, r"multiples of 2\*\*J: got shape=\(16, 18\), J=2; crop it to 16 x 16"),
        ((16, 17), MOMENTS, r"needs even sides: got shape=\(16, 17\), J=2; crop it to 16 x 16"),
        ((16, 16), {"oversampling": -1}, "oversampling must be at least 0: got -1"),
        ((16, 16), PERIODIC | {"pre_pad": True}, "a periodic image has no padding"),
    ],
)
def test_boundaries_that_do_not_fit_are_refused(shape, arguments, message):
    with pytest.raises(ValueError, match=message):
        Scattering2D(2, shape, **arguments)


def test_moments_can_be_listed():
    S = Scattering2D(2, (8, 8), L=2, out_type="list", **MOMENTS)
    x = field(3, 8, 8)
    listed = S(x)
    assert [channel["j"] for channel in listed] == [(), (0,), (0,), (1,), (1,), *[(0, 1)] * 4]
    torch.testing.assert_close(listed[0]["coef"], x.mean((-2, -1)))
