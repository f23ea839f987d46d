"""Operators with adjoints, total variation with its certificate, wavelets, back-projection."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage.restoration import denoise_tv_chambolle
from skimage.transform import radon

from gsn.inverse import backprojection, wavelets
from gsn.inverse import total_variation as tv
from gsn.inverse.operators import Identity, Mask, Physics, square_norm
from gsn.inverse.operators.radon import Radon
from gsn.inverse.operators.sampling import Decimation

SHAPE = (12, 16)
ANGLES = [0.0, 20.0, 45.0, 90.0, 133.0]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


class Blurred:
    """What deepinv calls a physics: A and A_adjoint, with an axis of channels."""

    kernel = noise(1, 1, 3, 3, seed=5)

    def A(self, x):
        return F.conv2d(x, self.kernel.to(x))

    def A_adjoint(self, y):
        return F.conv_transpose2d(y, self.kernel.to(y))


OPERATORS = {
    "identity": lambda: Identity(SHAPE),
    "mask": lambda: Mask(noise(*SHAPE) > 0),
    "decimation": lambda: Decimation(4, SHAPE),
    "radon": lambda: Radon(ANGLES, SHAPE),
    "physics": lambda: Physics(Blurred(), SHAPE),
}
each = pytest.mark.parametrize("name", OPERATORS)


@each
def test_the_adjoint_is_the_adjoint(name):
    A = OPERATORS[name]()
    x, y = noise(3, *A.shape), noise(3, *A.measured, seed=1)
    torch.testing.assert_close((A(x) * y).sum(), (x * A.adjoint(y)).sum())


@each
def test_the_gradient_is_the_adjoint_and_can_be_differentiated(name):
    A = OPERATORS[name]()
    x, y = noise(2, *A.shape).requires_grad_(), noise(2, *A.measured, seed=1)
    (found,) = torch.autograd.grad((A(x) * y).sum(), x)
    torch.testing.assert_close(found, A.adjoint(y))
    assert torch.autograd.gradgradcheck(
        lambda x: A(x).square(), noise(1, *A.shape).requires_grad_()
    )


@each
def test_batches_and_precision_change_nothing(name):
    A = OPERATORS[name]()
    x = noise(2, 3, *A.shape)
    together = A(x)
    assert together.shape == (2, 3, *A.measured)
    torch.testing.assert_close(A(x[1, 2]), together[1, 2])
    single = A(x.float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), together, rtol=1e-4, atol=1e-4)  # float32


@each
def test_the_norm_is_that_of_the_matrix(name):
    A = OPERATORS[name]()
    columns = A(torch.eye(SHAPE[0] * SHAPE[1], dtype=torch.float64).reshape(-1, *SHAPE))
    norm = torch.linalg.matrix_norm(columns.flatten(1), 2) ** 2
    assert square_norm(A, steps=300) == pytest.approx(float(norm), rel=1e-3)  # from below


def test_a_wrong_shape_is_one_sentence():
    with pytest.raises(ValueError, match=r"x must be float of the shape \(\.\.\., 12, 16\): got"):
        Identity(SHAPE)(torch.zeros(3, 4))
    with pytest.raises(ValueError, match=r"factor must divide the sides .* got factor=5"):
        Decimation(5, SHAPE)
    with pytest.raises(ValueError, match="angles must be a list of finite numbers"):
        Radon([0.0, np.nan], SHAPE)
    with pytest.raises(ValueError, match="mask must be finite of the shape"):
        Mask(torch.ones(3))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_the_reduction_is_that_of_torch_within_the_border(factor):
    x = noise(1, 48, 48)
    ours = Decimation(factor, (48, 48))(x)
    theirs = F.interpolate(
        x[None], scale_factor=1 / factor, mode="bicubic", antialias=True, align_corners=False
    )[0]
    torch.testing.assert_close(ours[:, 2:-2, 2:-2], theirs[:, 2:-2, 2:-2], rtol=1e-6, atol=1e-6)


def test_images_split_into_what_is_seen_and_what_is_not():
    A = Decimation(4, SHAPE)
    x, y = noise(2, *SHAPE), noise(2, *A.measured, seed=1)
    torch.testing.assert_close(A(A.inverse(y)), y)
    torch.testing.assert_close(A(A.unseen(x)), torch.zeros_like(y), atol=1e-12, rtol=0)
    torch.testing.assert_close(A.unseen(A.unseen(x)), A.unseen(x))
    nearest = A.consistent(x, y)
    torch.testing.assert_close(A(nearest), y)
    other = nearest + A.unseen(noise(2, *SHAPE, seed=3))
    assert (other - x).norm() > (nearest - x).norm()


def test_every_angle_conserves_the_sum():
    x = torch.rand(2, *SHAPE, generator=generator(), dtype=torch.float64)
    sums = Radon(ANGLES, SHAPE)(x).sum(dim=-1)
    expected = x.sum(dim=(1, 2))[:, None].expand_as(sums)
    torch.testing.assert_close(sums, expected, rtol=1e-7, atol=0)


def test_a_disc_has_chords_of_known_length():
    N, radius = 65, 24.0
    places = (np.arange(9 * N) + 0.5) / 9 - N / 2
    disc = np.hypot(places[:, None], places) <= radius
    x = torch.from_numpy(disc.reshape(N, 9, N, 9).mean(axis=(1, 3)))
    found = Radon(ANGLES, (N, N), detectors=N)(x).numpy()
    t = np.arange(N) - (N - 1) / 2
    chords = 2 * np.sqrt(np.maximum(radius**2 - t**2, 0))
    inner = np.abs(t) < radius - 3
    # A strip is the mean of chords over its width.
    np.testing.assert_allclose(
        found[:, inner], np.broadcast_to(chords[inner], (5, inner.sum())), 0.02
    )


def test_the_geometry_is_that_of_scikit_image_for_odd_sides():
    x = np.zeros((33, 33))
    x[6:12, 9:25], x[18:24, 20:23] = 1, 2
    theirs = radon(x, ANGLES, circle=True).T
    ours = Radon(ANGLES, x.shape, detectors=33)(torch.from_numpy(x)).numpy()
    assert np.linalg.norm(ours - theirs) < 0.05 * np.linalg.norm(theirs)  # it interpolates


def test_a_finer_grid_has_the_same_sinogram():
    x = torch.rand(16, 16, generator=generator(), dtype=torch.float64)
    fine = x.repeat_interleave(2, 0).repeat_interleave(2, 1)
    ours = Radon(ANGLES, (16, 16), detectors=23)(x)
    theirs = Radon(ANGLES, (32, 32), detectors=23, scale=0.5)(fine)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-7)


def test_the_divergence_is_minus_the_adjoint_of_the_gradient():
    x, p = noise(2, *SHAPE), noise(2, 2, *SHAPE, seed=1)
    torch.testing.assert_close((tv.gradient(x) * p).sum(), -(x * tv.divergence(p)).sum())


def test_total_variation_of_a_step_is_known():
    """Two halves of 8 x 4 pixels: each moves towards the other by 8 lambda / 32."""
    y = torch.zeros(1, 8, 8, dtype=torch.float64)
    y[:, :, 4:] = 1
    found = tv.minimise(Identity((8, 8)), y, weight=0.4, most=1.0, tolerance=1e-9)
    expected = torch.where(y > 0, 0.9, 0.1).double()
    torch.testing.assert_close(found.x, expected, rtol=0, atol=1e-4)
    assert found.gap.item() <= 1e-9


@pytest.mark.parametrize(
    ("name", "weight"),
    [("identity", 0.3), ("mask", 0.01), ("decimation", 0.1), ("radon", 0.3), ("physics", 0.01)],
)
def test_the_gap_is_certified(name, weight):
    A = OPERATORS[name]()
    x = torch.zeros(2, *SHAPE, dtype=torch.float64)
    x[:, 3:9, 4:12], x[1, 5:, 8:] = 0.7, 0.3
    y = A(x) + 0.01 * noise(2, *A.measured)

    def P(x):
        return (A(x) - y).flatten(1).square().sum(1) / 2 + weight * tv.total_variation(x)

    near = tv.minimise(A, y, weight=weight, most=1.0, tolerance=1e-3, iterations=20000)
    best = tv.minimise(A, y, weight=weight, most=1.0, tolerance=1e-5, iterations=100000)
    assert (near.gap <= 1e-3).all()
    assert (best.gap <= 1e-5).all()
    excess = (P(near.x) - P(best.x)) / P(near.x)
    assert (excess <= near.gap + 1e-12).all()
    assert (excess >= -best.gap).all()


def test_total_variation_agrees_with_scikit_image():
    y = torch.rand(1, 24, 24, generator=generator(), dtype=torch.float64)
    y[:, 8:16, 8:16] /= 4
    ours = tv.minimise(Identity((24, 24)), y, weight=0.2, most=1.0, tolerance=1e-8).x[0]
    theirs = denoise_tv_chambolle(y[0].numpy(), weight=0.2, eps=1e-9, max_num_iter=5000)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)  # its own tolerance


def test_an_anchor_pulls():
    A, c = Radon([0.0], SHAPE), torch.full((1, *SHAPE), 0.5, dtype=torch.float64)
    free = tv.minimise(A, A(c) * 0, weight=1e-3, most=1.0, anchor=c, pull=1e4, tolerance=1e-6)
    assert (free.x - c).abs().max() < 0.01
    assert (free.gap <= 1e-6).all()


def test_images_are_minimised_alone():
    A = Decimation(2, SHAPE)
    y = torch.rand(3, *A.measured, generator=generator(), dtype=torch.float64)
    together = tv.minimise(A, y, weight=0.01, most=1.0)
    alone = [tv.minimise(A, one[None], weight=0.01, most=1.0).x[0] for one in y]
    torch.testing.assert_close(together.x, torch.stack(alone))


def test_a_wavelet_basis_is_orthonormal():
    basis, x = wavelets.Basis((16, 32), J=3), noise(2, 16, 32)
    torch.testing.assert_close(basis(x).square().sum(), x.square().sum())
    torch.testing.assert_close(basis.inverse(basis(x)), x)
    ramp = torch.arange(32.0).double().expand(16, 32)
    fine = basis(ramp)[:, 16:31]  # without the jump of the periodic ramp
    assert fine.abs().max() < 1e-9  # two vanishing moments


def test_sparse_denoising_is_a_threshold():
    y, weight = noise(1, 16, 16), 0.3
    found = wavelets.minimise(Identity((16, 16)), y, weight=weight, J=2, iterations=60)
    expected = torch.zeros_like(y)
    for shift in wavelets.SHIFTS:
        c = wavelets.Basis((16, 16), 2)(y.roll(shift, (-2, -1)))
        small = c - c.clamp(-weight, weight)
        small[..., :4, :4] = c[..., :4, :4]
        back = wavelets.Basis((16, 16), 2).inverse(small)
        expected += back.roll((-shift[0], -shift[1]), (-2, -1)) / len(wavelets.SHIFTS)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_many_angles_give_the_image_back():
    x = torch.zeros(48, 48, dtype=torch.float64)
    x[12:30, 14:34], x[20:25, 20:25] = 1, 0.5
    A = Radon(np.arange(0, 180, 2), (48, 48))
    fbp = backprojection.filtered(A, A(x))
    sirt = backprojection.sirt(A, A(x)[None], iterations=[10, 200])
    assert (fbp - x).square().mean() < 0.01
    assert (sirt[1, 0] - x).square().mean() < (sirt[0, 0] - x).square().mean()
    assert (sirt[1, 0] - x).square().mean() < 0.005
    assert sirt.min() >= 0
