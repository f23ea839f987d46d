"""The generator, its layers, and its form on disk."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gsn.networks.convolutions import Conv, UpsampledConv, pad_symmetric
from gsn.networks.generator import Generator, decode, load, save, upsamplings
from gsn.networks.normalisation import recompute_statistics


def plainly(layer, x, mode="symmetric"):
    """Return the output of a layer by its definition: upsample, pad, convolve."""
    if isinstance(layer, UpsampledConv):
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    r = layer.kernel_size[0] // 2
    x = pad_symmetric(x, r) if mode == "symmetric" else F.pad(x, (r, r, r, r), mode="reflect")
    return F.conv2d(x, layer.weight, layer.bias)


def check(layer, x, precision, mode="symmetric"):
    """Assert that a layer and its derivatives equal those of its plain form.

    The precision is relative to the norm of each.
    """
    x = x.requires_grad_()
    inputs = tuple(v for v in (x, layer.weight, layer.bias) if v is not None)
    ours, plain = layer(x), plainly(layer, x, mode)
    slope = torch.randn_like(plain)
    found = (ours, *torch.autograd.grad(ours, inputs, slope))
    expected = (plain, *torch.autograd.grad(plain, inputs, slope))
    for a, b in zip(found, expected, strict=True):
        assert (a - b).norm() <= precision * b.norm()


@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("side", [4, 7])
@pytest.mark.parametrize("kind", [Conv, UpsampledConv])
def test_phases_equal_the_plain_form(kernel, side, kind):
    for bias, padding in ((False, "symmetric"), (True, "symmetric"), (True, "reflect")):
        layer = kind(3, 2, kernel, bias=bias, padding=padding).double()
        if padding == "symmetric" or kernel // 2 < side:
            check(layer, torch.randn(2, 3, side, side, dtype=torch.float64), 1e-12, padding)


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize("shape", [(16, 4), (4, 7), (2, 14)])
def test_minimal_filtering_equals_the_plain_form(kernel, shape):
    n, side = shape
    for bias in (False, True):
        layer = UpsampledConv(32, 3, kernel, bias=bias, padding="symmetric")
        x = torch.randn(n, 32, side, side)
        assert layer.minimal(x, layer.phases.shape[2])
        check(layer, x, 1e-5)  # float32: Toom-Cook with 8 points costs one of its 7 digits
        check(layer.double(), x.detach().double(), 1e-12)


def test_half_precision_uses_no_minimal_filtering():
    layer = UpsampledConv(32, 3, 7, bias=False, padding="symmetric")
    x = torch.randn(16, 32, 4, 4)
    assert not layer.minimal(x.bfloat16(), 5)
    with torch.autocast("cpu", torch.bfloat16):
        assert not layer.minimal(x, 5)


def test_the_form_for_gpus_equals_the_plain_form(monkeypatch):
    monkeypatch.setattr(UpsampledConv, "minimal", lambda *_: False)
    layer = UpsampledConv(32, 3, 7, bias=False, padding="symmetric")
    check(layer, torch.randn(16, 32, 4, 4), 1e-5)  # float32


@pytest.mark.parametrize(("r", "more"), [(0, 0), (1, 0), (3, 1), (0, 2)])
def test_symmetric_padding_is_that_of_numpy(r, more):
    x = torch.randn(1, 2, 4, 5)
    expected = np.pad(x.numpy(), ((0, 0), (0, 0), (r, r + more), (r, r + more)), mode="symmetric")
    np.testing.assert_array_equal(pad_symmetric(x, r, more), expected)


@pytest.mark.parametrize(("N", "channels", "side"), [(8, 3, 4), (28, 1, 7), (32, 3, 4), (48, 3, 6)])
def test_sizes_follow_from_N(N, channels, side):
    G = Generator(5, N, channels=channels, width=2, kernel=3)
    images = G(torch.randn(2, 5))
    assert images.shape == (2, channels, N, N)
    assert images.abs().max() <= 1
    assert G.linear.out_features == 2 * (N // side) * side**2


def test_the_default_generator_has_the_sizes_of_the_paper():
    with torch.device("meta"):
        G = Generator(512, 128)
    assert G.linear.weight.is_meta
    assert G.linear.weight.shape == (1024 * 4 * 4, 512)
    shapes = [tuple(block[0].weight.shape) for block in G.blocks] + [tuple(G.colours.weight.shape)]
    widths = [1024, 512, 256, 128, 64, 32, 3]
    assert shapes == [(b, a, 7, 7) for a, b in pairwise(widths)]


@pytest.mark.parametrize("N", [2, 18, 44, 90])
def test_sizes_that_no_doubling_reaches_are_refused(N):
    with pytest.raises(ValueError, match=f"from 4 to 7: got N={N}"):
        upsamplings(N)


@pytest.mark.parametrize("kernel", [0, 4, 11])
def test_even_and_large_kernels_are_refused(kernel):
    with pytest.raises(ValueError, match=f"odd and at most 9: got kernel={kernel}"):
        Generator(5, 16, kernel=kernel)


def test_a_reflection_beyond_the_image_is_refused():
    with pytest.raises(ValueError, match="kernel // 2 < N: got kernel=9, N=4"):
        Generator(5, 4, kernel=9, padding="reflect")


@pytest.mark.parametrize("choice", [{"normalisation": "layer"}, {"padding": "zeros"}])
def test_unknown_choices_are_refused(choice):
    with pytest.raises(ValueError, match=f"must be one of .*: got '{next(iter(choice.values()))}'"):
        Generator(5, 16, **choice)


def test_layers_have_a_bias_where_nothing_normalises():
    named = dict(Generator(5, 16, width=2, kernel=3, normalisation="none").named_parameters())
    assert {"linear.bias", "blocks.0.0.bias", "colours.bias"} < named.keys()
    assert not any("bias" in name and "normalise" in name for name in named)
    named = dict(Generator(5, 16, width=2, kernel=3).named_parameters())
    assert "linear.bias" not in named
    assert "blocks.0.1.bias" in named


def test_the_linear_decoder_leaves_the_other_weights_and_starts_the_last_layer_small():
    torch.manual_seed(0)
    plain = Generator(5, 16, width=2, kernel=3)
    torch.manual_seed(0)
    linear = Generator(5, 16, width=2, kernel=3, linear=True)
    kept, more = plain.state_dict(), linear.state_dict()
    convolutions = {f"linear_decoder.convolutions.{i}.weight" for i in range(2)}
    assert more.keys() - kept.keys() == {"linear_decoder.A", "linear_decoder.b"} | convolutions
    changed = {name for name in kept if not torch.equal(kept[name], more[name])}
    assert changed == {"normalise_colours.weight"}
    torch.testing.assert_close(
        linear.normalise_colours.weight, 0.1 * plain.normalise_colours.weight
    )
    trained = {name for name, _ in linear.named_parameters() if "linear_decoder" in name}
    assert trained == convolutions


def test_the_picture_enters_each_layer_at_its_side():
    """The convolutions of the picture are those of torch on a reduced picture."""
    torch.manual_seed(0)
    decoder = Generator(5, 16, width=2, kernel=3, linear=True).linear_decoder
    x = torch.randn(2, 3, 16, 16)
    for i, side in enumerate((8, 16)):
        small = torch.nn.functional.interpolate(x, size=side, mode="area")
        padded = torch.from_numpy(
            np.pad(small.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)), mode="symmetric")
        )
        expected = torch.nn.functional.conv2d(padded, decoder.convolutions[i].weight)
        torch.testing.assert_close(decoder.seen(x, i, side), expected)


@pytest.mark.parametrize("normalisation", ["batch", "none"])
def test_without_convolutions_g_is_the_linear_decoder(normalisation):
    torch.manual_seed(0)
    G = Generator(5, 8, width=2, kernel=3, normalisation=normalisation, linear=True).eval()
    weight, mean = np.full((5, 192), 0.05), np.linspace(-2, 2, 192)
    G.linear_decoder.set(weight, mean)
    torch.nn.init.zeros_(G.colours.weight)
    z = torch.randn(3, 5)
    expected = np.clip(z.numpy() @ weight + mean, -0.98, 0.98).reshape(3, 3, 8, 8)
    np.testing.assert_allclose(G(z).detach().numpy(), expected, atol=1e-6)


def test_the_linear_decoder_is_saved_with_g(tmp_path):
    G = Generator(5, 8, width=2, linear=True).eval()
    G.linear_decoder.set(np.full((5, 192), 0.05), np.zeros(192))
    save(G, tmp_path / "generator.pt")
    z = torch.randn(3, 5)
    assert torch.equal(load(tmp_path / "generator.pt")(z), G(z))


def test_recomputed_statistics_are_the_mean_over_all_batches():
    torch.manual_seed(0)
    G = Generator(5, 16, width=2, kernel=3)
    z = torch.randn(12, 5)
    recompute_statistics(G, z.split(4))
    assert G.training
    h = [G.linear(part).reshape(4, -1, 4, 4) for part in z.split(4)]
    first = G.normalise[0]
    torch.testing.assert_close(
        first.running_mean, torch.stack([b.mean((0, 2, 3)) for b in h]).mean(0)
    )
    torch.testing.assert_close(
        first.running_var, torch.stack([b.var((0, 2, 3)) for b in h]).mean(0)
    )
    assert first.momentum == 0.1


def test_a_loaded_generator_equals_the_saved_one(tmp_path):
    G = Generator(5, 16, width=2, kernel=3)
    G(torch.randn(8, 5))  # moves the running statistics
    save(G, tmp_path / "generator.pt")
    z = torch.randn(3, 5)
    torch.testing.assert_close(load(tmp_path / "generator.pt")(z), G.eval()(z), rtol=0, atol=0)


def test_decode_gives_pixels_and_does_not_depend_on_the_batch():
    G = Generator(5, 16, width=2, kernel=3).eval()
    z = np.random.default_rng(0).standard_normal((5, 5), dtype=np.float32)
    whole = np.concatenate(list(decode(G, z)))
    assert whole.shape == (5, 3, 16, 16)
    np.testing.assert_allclose(whole, (G(torch.from_numpy(z)).detach() + 1) * 127.5)
    # float32: the convolutions sum in other blocks
    np.testing.assert_allclose(np.concatenate(list(decode(G, z, batch=2))), whole, atol=1e-3)


def test_no_z_give_no_images_with_and_without_gradients():
    G, z = Generator(d=4, N=8, width=2), torch.zeros(0, 4, requires_grad=True)
    assert G(z).shape == (0, 3, 8, 8)
    G(z).sum().backward()
    assert z.grad.shape == (0, 4)


@pytest.mark.parametrize(("z", "batch"), [(np.zeros((2, 4), complex), 2), (np.zeros((2, 4)), -3)])
def test_complex_z_and_empty_batches_are_not_decoded(z, batch):
    with pytest.raises(ValueError, match="z must be real, and batch at least 1"):
        next(decode(Generator(4, 8, width=2).eval(), z, batch))
