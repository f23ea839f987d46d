"""The scattering transform of images: kymatio, known answers, symmetries, gradients, refusals."""

import copy
import importlib
import os
import subprocess
import sys
import types

import numpy as np
import pytest
import torch
from kymatio.scattering2d import filter_bank
from kymatio.scattering2d.frontend.numpy_frontend import ScatteringNumPy2D
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D
from torch.autograd import forward_ad

from gsn import transforms
from gsn.data.polygons import draw
from gsn.runtime import machine
from gsn.transforms.scattering2d import Scattering2D, alpha, kernels, of_images, paths


def noise(*shape, dtype=torch.float32):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize("name", ["Scattering2D", "alpha", "of_images", "paths"])
def test_public_names_import_from_scattering2d(name):
    module = importlib.import_module("gsn.transforms.scattering2d")
    assert name in module.__all__
    assert callable(getattr(module, name))


def test_transforms_exports_the_transform():
    assert transforms.Scattering2D is Scattering2D
    assert "Scattering2D" in transforms.__all__


@pytest.mark.parametrize(
    ("J", "shape", "L", "order"),
    [
        (1, (16, 16), 8, 2),
        (2, (28, 28), 8, 2),
        (3, (32, 32), 8, 2),
        (3, (32, 32), 8, 1),
        (3, (32, 48), 6, 2),
        (3, (8, 8), 4, 2),  # as small as J allows: the padding is the whole image
        (4, (64, 32), 4, 2),
        (4, (128, 128), 8, 2),
        (3, (45, 45), 8, 2),  # sides that are no multiples of 2^J
        (3, (28, 28), 8, 2),
        (2, (31, 50), 5, 2),
        (2, (7, 4), 8, 2),
    ],
)
def test_agrees_with_kymatio(J, shape, L, order):
    x = noise(2, 3, *shape)
    expected = ScatteringTorch2D(J, shape, L=L, max_order=order)(x)
    S = Scattering2D(J, shape, L, order)(x)
    assert S.shape == expected.shape
    # float32 has 1.2e-7 of relative precision; measured 2e-7
    assert (S - expected).norm() <= 1e-6 * expected.norm()


@pytest.mark.parametrize(
    ("J", "shape", "L", "order"),
    [
        (1, (16, 16), 8, 2),
        (2, (28, 28), 8, 2),
        (3, (32, 48), 6, 2),
        (3, (8, 8), 4, 1),
        (4, (64, 32), 8, 2),
    ],
)
def test_agrees_with_kymatio_in_double_precision(J, shape, L, order, monkeypatch):
    """Kymatio computes its filters in single precision; here its code computes them in double."""
    double = types.SimpleNamespace(
        **(vars(np) | {"complex64": np.complex128, "float32": np.float64})
    )
    monkeypatch.setattr(filter_bank, "np", double)
    x = noise(2, 3, *shape, dtype=torch.float64)
    expected = torch.from_numpy(ScatteringNumPy2D(J, shape, L=L, max_order=order)(x.numpy()))
    S = Scattering2D(J, shape, L, order)
    # 1e-10: b in psi is a ratio of sums over the torus, in float64; measured 1e-15 to 1e-12
    for y in (S(x), S(x.clone().requires_grad_()).detach()):
        assert y.dtype == torch.float64
        assert (y - expected).norm() <= 1e-10 * expected.norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n", [1, 5, 64])
def test_the_compiled_path_equals_the_differentiable_path(n, dtype):
    S = Scattering2D(3, (16, 24), 5)
    x = noise(n, 16, 24, dtype=dtype)
    # relative to the largest coefficients: sums in another order, and the tails of the filters
    tolerance = 10 * torch.finfo(dtype).eps
    torch.testing.assert_close(S(x), S(x.clone().requires_grad_()).detach(), atol=tolerance, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("shape", "L"), [((16, 24), 5), ((8, 8), 8)])
def test_the_fused_path_equals_the_differentiable_path(shape, L, dtype):
    """Without a GPU, Triton interprets the kernel, as conftest.py requests."""
    fused = pytest.importorskip(
        "gsn.transforms.scattering2d.fused", reason="Triton is for Linux", exc_type=ImportError
    )
    S = Scattering2D(3, shape, L)
    x = noise(3, *shape, dtype=dtype).to(machine.device())
    expected = S(x.clone().requires_grad_()).detach()
    # relative to the largest coefficients: sums in another order; measured 2 eps
    torch.testing.assert_close(
        S._scatter(x, fused.product_and_fold), expected, atol=10 * torch.finfo(dtype).eps, rtol=0
    )


@pytest.mark.parametrize("k", [1, 2, 4, 8])
def test_the_kernel_computes_a_subsampled_product(k):
    fused = pytest.importorskip(
        "gsn.transforms.scattering2d.fused", reason="Triton is for Linux", exc_type=ImportError
    )
    x, f = noise(2, 3, 16, 48, dtype=torch.float64), noise(6, 16, 48, dtype=torch.float64)
    place = machine.device()
    y = torch.fft.ifft2(
        fused.product_and_fold(torch.fft.rfft2(x.to(place)), f.to(place), k), norm="forward"
    )
    expected = torch.fft.ifft2(torch.fft.fft2(x)[:, :, None] * f)[..., ::k, ::k]
    # 1e-14: float64 has 2e-16, for sums of 768 terms below 1
    torch.testing.assert_close(y.cpu(), expected, atol=1e-14, rtol=0)


COMPILE = """
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from gsn.transforms.scattering2d.fused import BLOCK, _kernel
for k, L, number, capability in ((1, 8, "fp32", 90), (8, 6, "fp32", 75), (2, 16, "fp64", 80)):
    constants = {"k": k, "L": L, "ANGLES": 8 if L < 16 else 16, "BLOCK": BLOCK}
    constants["SPECTRA"] = 4 if L < 16 else 2
    types = dict.fromkeys(("x_hat", "f_hat", "folded"), "*" + number)
    types |= dict.fromkeys(("n", "H", "W", "blocks"), "i32") | dict.fromkeys(constants, "constexpr")
    target = GPUTarget("cuda", capability, 32)
    compiled = compile(ASTSource(_kernel, types, constants), target=target)
    print(k, capability, len(compiled.asm["cubin"]))
"""


def test_the_kernel_compiles_without_a_gpu(tmp_path):
    """The compiler refuses types, and sizes other than powers of 2, that the interpreter takes."""
    pytest.importorskip("triton", reason="Triton needs Linux")
    env = os.environ | {"TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path)}
    compiled = subprocess.run(
        [sys.executable, "-c", COMPILE], env=env, capture_output=True, text=True
    )
    assert compiled.returncode == 0, compiled.stderr
    assert [line.split()[:2] for line in compiled.stdout.splitlines()] == [
        ["1", "90"],
        ["8", "75"],
        ["2", "80"],
    ]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_gpu_gives_the_numbers_of_the_cpu(dtype):
    S = Scattering2D(3, (32, 48))
    x = noise(5, 3, 32, 48, dtype=dtype)
    assert kernels.product_and_fold()
    for asked in (False, True):  # gradients
        on_gpu = S(x.cuda().requires_grad_(asked)).detach().cpu()
        # relative to the largest coefficients: sums in another order, and the tails of the filters
        torch.testing.assert_close(on_gpu, S(x), atol=10 * torch.finfo(dtype).eps, rtol=0)


def test_other_precisions_and_kinds_are_refused():
    S = Scattering2D(2, (16, 16))
    with pytest.raises(
        ValueError, match=r"x must be float32 or float64: got torch\.float16; use x\.float\(\)"
    ):
        S(noise(16, 16).half())
    with pytest.raises(ValueError, match=r"got torch\.uint8; use x\.float\(\) / 255"):
        S(torch.zeros(16, 16, dtype=torch.uint8))
    with pytest.raises(ValueError, match=r"must be a torch\.Tensor or a numpy array: got list"):
        S([[0.0] * 16] * 16)
    with pytest.raises(ValueError, match=r"got torch\.complex64; use x\.real and x\.imag apart"):
        S(noise(16, 16) + 0j)
    with pytest.raises(ValueError, match=r"got object; use x\.astype"):
        S(noise(16, 16).numpy().astype(object))
    with pytest.raises(ValueError, match="must have no masked values"):
        S(np.ma.masked_less(noise(16, 16).numpy(), 0.5))
    with pytest.raises(ValueError, match=r"x must be dense: got torch\.sparse_coo; use x"):
        S(noise(16, 16).to_sparse())


def test_paths_are_those_of_kymatio():
    J, L = 3, 4
    table = paths(J, L)
    channels = ScatteringTorch2D(J, (16, 16), L=L, out_type="list")(noise(16, 16))
    assert len(channels) == len(table["order"])
    for k, channel in enumerate(channels):
        scales = [j for j in (table["j1"][k], table["j2"][k]) if j >= 0]
        angles = [t for t in (table["theta1"][k], table["theta2"][k]) if t >= 0]
        assert (tuple(scales), tuple(angles)) == (channel["j"], channel["theta"])
        assert table["order"][k] == len(scales)


def test_coefficients_per_pixel_are_those_of_the_paper():
    assert round(alpha(4), 2) == 1.63
    assert round(alpha(5), 2) == 0.67


def test_wavelets_have_zero_mean():
    S = Scattering2D(3, (32, 32))
    constant = S(torch.full((32, 32), 0.7))
    order = paths(3, 8)["order"]
    # 1e-4: kymatio normalises phi with pi = 3.1415
    torch.testing.assert_close(constant[order == 0], torch.full((1, 4, 4), 0.7), atol=1e-4, rtol=0)
    assert constant[order > 0].abs().max() < 1e-6


def energies(S, x):
    """Return the share of each order in the energy of images.

    The factor 4^J accounts for the subsampling.
    """
    order = paths(S.J, S.L, S.max_order)["order"]
    return [
        (4**S.J * S(x)[..., order == m, :, :].square().sum() / x.square().sum()).item()
        for m in range(3)
    ]


def test_the_energy_is_split_over_the_orders():
    S = Scattering2D(3, (32, 32))
    polygons = (
        torch.from_numpy(np.stack([draw(i, 32, split="train") for i in range(16)])).double() / 255
    )
    zero, one, two = energies(S, polygons)
    assert zero > one > two > 0
    assert 0.95 < zero + one + two < 1  # the rest is of order 3 and above; measured 0.978
    zero, one, two = energies(
        S, torch.randn(16, 32, 32, generator=torch.Generator().manual_seed(0))
    )
    assert one > two > zero  # white noise has a mean near 0
    assert zero + one + two < 1


@pytest.mark.parametrize("theta", [0, 3, 6])
@pytest.mark.parametrize("j", [0, 1, 2, 3])
def test_a_wave_at_the_centre_of_a_wavelet_appears_in_its_path(j, theta):
    """|x * psi| is constant there: nearly all energy is in the first order, at a known value."""
    J, L, N = 4, 8, 128
    angle, frequency = (L // 2 - 1 - theta) * np.pi / L, 0.75 * np.pi / 2**j
    u, v = np.mgrid[:N, :N]
    x = np.cos(frequency * (u * np.cos(angle) + v * np.sin(angle)))
    S, table = Scattering2D(J, (N, N), L)(torch.from_numpy(x))[:, 2:-2, 2:-2], paths(J, L)
    energy = S.square().sum(dim=(1, 2)).numpy()
    k = energy.argmax()
    assert (table["order"][k], table["j1"][k], table["theta1"][k]) == (1, j, theta)
    assert energy[table["order"] == 1].sum() > 0.94 * energy.sum()  # at j = 3 phi has the rest
    # psi^ = 1 - b at its centre, with b = e^{-(xi s)^2 / 2}; half of a cosine is a positive
    # frequency. 5 %: at j = 0 the negative frequency of the wave is aliased into the wavelet.
    assert abs(S[k].mean() - (1 - np.exp(-((0.75 * np.pi * 0.8) ** 2))) / 2) < 0.05 * 0.5


def test_images_of_8_bits_are_divided_by_255():
    S = Scattering2D(2, (16, 16), 4)
    x = np.random.default_rng(0).integers(0, 256, (5, 3, 16, 16), dtype=np.uint8)
    expected = S(torch.from_numpy(x / np.float32(255))).reshape(5, -1, 4, 4)
    # 2^-12: float16 has 11 bits, for numbers below 1
    for dtype, tolerance in ((torch.float32, 1e-6), (torch.float16, 2.0**-12)):
        (y,) = of_images(S, [x], device=torch.device("cpu"), dtype=dtype)
        assert y.dtype == dtype
        torch.testing.assert_close(y.float(), expected, atol=tolerance, rtol=0)


def test_the_transform_contracts():
    S = Scattering2D(3, (32, 32))
    x, y = noise(2, 20, 1, 32, 32)
    y = x + y * torch.logspace(-3, 0, 20)[:, None, None, None]
    norm = lambda u: u.flatten(1).norm(dim=1)  # noqa: E731
    # the norm of signals subsampled by 2^J counts each squared coefficient 4^J times
    assert (2**3 * norm(S(x) - S(y)) <= norm(x - y) * (1 + 1e-5)).all()


def test_a_shift_by_the_scale_moves_the_coefficients_by_one():
    J, N = 2, 64
    S = Scattering2D(J, (N, N))
    x = torch.zeros(N, N)
    x[24:40, 24:40] = noise(16, 16)
    moved = S(x.roll((2**J, 2**J), dims=(0, 1)))
    # 1e-4: the image is flat near the border, but the Gaussian tails reach it
    torch.testing.assert_close(moved[:, 1:, 1:], S(x)[:, :-1, :-1], atol=1e-4, rtol=0)


def test_coefficients_do_not_depend_on_the_batch_and_its_shape():
    x = noise(7, 3, 16, 16)
    S = Scattering2D(2, (16, 16), 4)
    whole = S(x)
    # 1e-6: products of matrices of other sizes sum in another order
    torch.testing.assert_close(S(x[5, 1]), whole[5, 1], atol=1e-6, rtol=1e-6)
    S._batch = lambda x: 2
    torch.testing.assert_close(S(x.requires_grad_()).detach(), whole, atol=1e-6, rtol=1e-6)


def test_coefficients_do_not_depend_on_the_gradient_mode():
    S = Scattering2D(3, (16, 16), 4)
    x = noise(2, 16, 16)
    with torch.no_grad():
        plain = S(x)
    # 1e-6: the modulus is computed in two ways
    torch.testing.assert_close(S(x.requires_grad_()), plain, atol=1e-6, rtol=1e-6)


def test_gradients_exist_after_inference_mode():
    S = Scattering2D(2, (8, 8))
    x = noise(1, 8, 8)
    with torch.inference_mode():
        S._scatter(x, None)  # builds the filters
    x.requires_grad_()
    S(x).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_a_kernel_that_triton_cannot_compile_is_replaced_with_a_warning(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "gsn.transforms.scattering2d.fused", None)
    assert kernels.product_and_fold.__wrapped__() is None
    assert "without its kernel" in caplog.text


def test_forward_mode_and_torch_func_agree_with_differences():
    S = Scattering2D(2, (8, 8))
    x, v = noise(2, 8, 8, dtype=torch.float64), noise(2, 8, 8, dtype=torch.float64).flip(0)
    h = 1e-6
    slope = (S(x + h * v) - S(x - h * v)) / (2 * h)
    with forward_ad.dual_level():
        dual = forward_ad.unpack_dual(S(forward_ad.make_dual(x, v))).tangent
    jvp = torch.func.jvp(S, (x,), (v,))[1]
    for tangent in (dual, jvp):
        # 1e-8: 2e-16 / h for the rounding, and h^2 times the third derivative
        torch.testing.assert_close(tangent, slope, atol=1e-8, rtol=0)
    gradient = torch.func.grad(lambda x: S(x).sum())(x)
    y = x.clone().requires_grad_()
    S(y).sum().backward()
    torch.testing.assert_close(gradient, y.grad)
    torch.testing.assert_close(torch.func.vmap(S)(x), S(x))
    copy.deepcopy(S)  # S keeps no wrapped tensor


def test_gradients_agree_with_differences():
    S = Scattering2D(2, (8, 8), 2)
    x = noise(1, 8, 8, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(S, (x,))


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_gradients_are_finite_at_constant_images(value):
    x = torch.full((16, 16), value, requires_grad=True)
    Scattering2D(3, (16, 16), 4)(x).square().sum().backward()
    assert torch.isfinite(x.grad).all()


def test_polygons_are_sparser_than_noise():
    """Section 4: the l1 norm over the l2 norm of wavelet coefficients is lower for polygons."""
    S, order = Scattering2D(3, (32, 32)), paths(3, 8)["order"]
    polygons = (
        torch.from_numpy(np.stack([draw(i, 32, split="train") for i in range(16)])).float() / 255
    )

    def spread(x):
        first = S(x)[..., order == 1, :, :].flatten(1)
        return (first.sum(dim=1) / first.norm(dim=1)).mean()

    assert spread(polygons) < spread(noise(16, 3, 32, 32))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, (8, 32)), r"each side must be at least 2\*\*J: got shape=\(8, 32\), J=4"),
        ((0, (8, 8)), "at least 1: got J=0"),
        ((1, (8, 8), 8, 3), "max_order must be 1 or 2: got 3"),
        ((2.0, (8, 8)), r"J must be an integer: got 2\.0"),
        ((True, (8, 8)), "J must be an integer: got True"),
        ((2, 32), r"shape must be a height and a width: got 32; use shape=\(H, W\)"),
        ((2, (32,)), "shape must be a height and a width"),
        ((2, {32, 64}), r"shape must be a height and a width: got .*; use shape=\(H, W\)"),
        ((2, {32: 1, 64: 1}), r"shape must be a height and a width: got .*; use shape=\(H, W\)"),
        ((2, "88"), r"shape must be a height and a width: got '88'; use shape=\(H, W\)"),
        ((2, (32.0, 32)), r"each side must be an integer: got 32\.0"),
        ((2, (8, 8), 8, 2, "no"), "pre_pad must be True or False: got 'no'"),
        ((2, (8, 8), 8, 2, False, "jax"), "must compute with torch: got backend='jax'"),
        ((2, (8, 8), 8, 2, False, None, "dict"), "out_type must be 'array' or 'list': got 'dict'"),
    ],
)
def test_undefined_parameters_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Scattering2D(*arguments)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 16, 16\): got \(3, 8, 8\)"):
        Scattering2D(2, (16, 16))(noise(3, 8, 8))


def test_the_path_table_is_of_int8_unless_the_angles_are_many():
    assert {values.dtype for values in paths(2, 127).values()} == {np.dtype(np.int8)}
    assert paths(2, 130)["theta2"].max() == 129


def test_other_kinds_of_integers_and_lists_are_taken():
    S, x = Scattering2D(np.int64(2), [16, np.int32(16)], np.int8(4)), noise(16, 16)
    assert torch.equal(S(x), Scattering2D(2, (16, 16), 4)(x))


@pytest.mark.parametrize("arguments", [(2.0, 8), (True, 8), (0, 8), (2, 0), (2, 8, 3)])
def test_the_path_table_refuses_what_the_transform_refuses(arguments):
    with pytest.raises(ValueError, match="must be"):
        paths(*arguments)


def test_an_array_of_another_type_is_refused_in_the_words_of_numpy():
    x = np.zeros((16, 16), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"got uint8; use x\.astype\('float32'\) / 255"):
        Scattering2D(2, (16, 16))(x)
