from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gsn.generator import Generator, UpsampledConv, decode, load, pad_symmetric, save, upsamplings


@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("side", [4, 7])
def test_polyphase_equals_upsampling_then_convolution(kernel, side):
    layer = UpsampledConv(2, 3, kernel).double()
    x = torch.randn(2, 2, side, side, dtype=torch.float64, requires_grad=True)
    up = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    plain = F.conv2d(pad_symmetric(up, kernel // 2), layer.weight)
    ours = layer(x)
    torch.testing.assert_close(ours, plain)  # float64
    slope = torch.randn_like(plain)
    inputs = (x, layer.weight)
    for a, b in zip(torch.autograd.grad(ours, inputs, slope), torch.autograd.grad(plain, inputs, slope), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("r", [0, 1, 3])
def test_symmetric_padding_is_numpy_s(r):
    x = torch.randn(1, 2, 4, 5)
    expected = np.pad(x.numpy(), ((0, 0), (0, 0), (r, r), (r, r)), mode="symmetric")
    np.testing.assert_array_equal(pad_symmetric(x, r), expected)


@pytest.mark.parametrize(("N", "channels", "side"), [(8, 3, 4), (28, 1, 7), (32, 3, 4), (48, 3, 6)])
def test_sizes_follow_from_N(N, channels, side):
    G = Generator(5, N, channels=channels, width=2, kernel=3)
    images = G(torch.randn(2, 5))
    assert images.shape == (2, channels, N, N)
    assert images.abs().max() <= 1
    assert G.linear.out_features == 2 * (N // side) * side**2


def test_the_paper_has_1024_channels_of_4_by_4():
    with torch.device("meta"):
        G = Generator(512, 128)
    assert G.linear.weight.shape == (1024 * 4 * 4, 512)
    shapes = [tuple(block[0].weight.shape) for block in G.blocks] + [tuple(G.colours.weight.shape)]
    widths = [1024, 512, 256, 128, 64, 32, 3]
    assert shapes == [(b, a, 7, 7) for a, b in pairwise(widths)]


@pytest.mark.parametrize("N", [2, 18, 44, 90])
def test_refuses_sizes_that_no_doubling_reaches(N):
    with pytest.raises(ValueError, match=f"from 4 to 7: got N={N}"):
        upsamplings(N)


def test_refuses_an_even_kernel():
    with pytest.raises(ValueError, match="odd: got kernel=4"):
        Generator(5, 16, kernel=4)


def test_saved_and_loaded_is_the_same(tmp_path):
    G = Generator(5, 16, width=2, kernel=3)
    G(torch.randn(8, 5))  # moves the running statistics
    save(G, tmp_path / "generator.pt")
    z = torch.randn(3, 5)
    torch.testing.assert_close(load(tmp_path / "generator.pt")(z), G.eval()(z), rtol=0, atol=0)


def test_decode_is_in_pixels_and_invariant_to_the_batch():
    G = Generator(5, 16, width=2, kernel=3).eval()
    z = np.random.default_rng(0).standard_normal((5, 5), dtype=np.float32)
    whole = np.concatenate(list(decode(G, z)))
    assert whole.shape == (5, 3, 16, 16)
    np.testing.assert_allclose(whole, (G(torch.from_numpy(z)).detach() + 1) * 127.5)
    # float32, other blocks of the same convolutions
    np.testing.assert_allclose(np.concatenate(list(decode(G, z, batch=2))), whole, atol=1e-3)
