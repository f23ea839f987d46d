"""Scattering2D under tracers, modes, autocast, extreme units, copies, and in place of kymatio's."""

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from gsn.transforms import Scattering2D
from gsn.transforms.scattering2d import cascade

X = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(0))
OTHER = X.flip(0)  # what is traced, so that a recorded constant would show


def transform(**more):
    return Scattering2D(2, (16, 16), 4, **more)


EXPECTED = transform()(X)


def close(S):
    # sums in another order; measured 2e-7
    torch.testing.assert_close(S, EXPECTED, atol=1e-6, rtol=0)


class Recorder(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {}))


def under(mode):
    def run(S):
        with mode:
            return S(X)

    return run


TRACERS = {
    "torch.jit.trace": lambda S: torch.jit.trace(S, OTHER)(X),
    "make_fx": lambda S: make_fx(S)(OTHER)(X),
    "make_fx of fake tensors": lambda S: make_fx(
        S, tracing_mode="fake", _allow_non_fake_inputs=True
    )(OTHER)(X),
    "torch.export": lambda S: torch.export.export(S, (OTHER,)).module()(X),
    "torch.compile": lambda S: torch.compile(S, backend="aot_eager")(X),
    "vmap": lambda S: torch.func.vmap(S)(X),
    "vmap of a model": lambda S: torch.func.functional_call(S, {}, (X,)),
    "dispatch mode": under(Recorder()),
    "operations counted": under(FlopCounterMode(display=False)),
    "default device": under(torch.device("cpu")),
    "autocast": under(torch.autocast("cpu", dtype=torch.bfloat16)),
    "inference mode": under(torch.inference_mode()),
    "negative view": lambda S: S(torch._neg_view(-X)),
    "columns first": lambda S: S(X.transpose(1, 2).contiguous().transpose(1, 2)),
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """torch.compile makes a folder in that of temporary files, and leaves it."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))


@pytest.mark.filterwarnings("ignore")  # tracers warn of Python numbers
@pytest.mark.parametrize("used", [False, True], ids=["fresh", "used"])
@pytest.mark.parametrize("follow", TRACERS.values(), ids=TRACERS)
def test_the_values_hold_under_every_tracer_and_mode(follow, used):
    """The compiled loops write to memory that a tracer does not see."""
    S = transform()
    if used:  # the filters exist already
        S(X), S(X.clone().requires_grad_())
    close(follow(S))
    close(S(X))
    close(S(X.clone().requires_grad_()).detach())
    close(pickle.loads(pickle.dumps(S))(X))
    close(copy.deepcopy(S)(X))


def test_an_exported_transform_takes_any_number_of_images():
    dynamic = ({0: torch.export.Dim("n", min=1)},)
    exported = torch.export.export(transform(), (OTHER,), dynamic_shapes=dynamic).module()
    close(exported(X))
    close(torch.cat([exported(X[:1]), exported(X[1:])]))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("traced", "run"), [(3, 1000), (1000, 3)])
def test_a_traced_transform_takes_any_number_of_images(traced, run, monkeypatch):
    """A trace fixes the number of parts, so it has one."""
    monkeypatch.setattr(cascade, "batch", lambda x, frequencies: 400)
    x = torch.rand(1000, 16, 16, generator=torch.Generator().manual_seed(1))
    module = torch.jit.trace(transform(), x[:traced], check_trace=False)
    torch.testing.assert_close(module(x[:run]), transform()(x[:run]), atol=1e-6, rtol=0)


def test_jacobians_of_many_images_are_those_of_each():
    S = Scattering2D(1, (4, 4), 2)  # fresh: its filters are made inside of two transforms
    x = X[:, :4, :4]
    jacobian = torch.func.vmap(torch.func.jacrev(S))(x)
    for each, image in zip(jacobian, x, strict=True):
        torch.testing.assert_close(each, torch.autograd.functional.jacobian(S, image))


def test_compilers_of_the_source_are_refused():
    model = torch.nn.Sequential(transform(), torch.nn.Linear(4, 2))
    with pytest.raises(TypeError, match=r"torch\.jit\.script cannot compile Scattering2D"):
        torch.jit.script(model)
    with pytest.raises(ValueError, match=r"torch\.fx must take Scattering2D as a leaf"):
        torch.fx.symbolic_trace(model)


def test_gradients_under_autocast_are_exact():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        S = transform()(X.clone().requires_grad_())
    assert S.dtype == torch.float32
    close(S.detach())


def test_tensors_without_values_have_a_shape():
    S = transform()
    assert S(X.to("meta")).shape == EXPECTED.shape
    with FakeTensorMode() as mode:
        assert S(torch.rand(3, 16, 16)).shape == EXPECTED.shape
    assert S(mode.from_tensor(X)).shape == EXPECTED.shape
    close(S(X))


def test_a_trace_that_would_lose_the_filters_is_refused():
    with pytest.raises(ValueError, match="make_fx must see the filters of Scattering2D"):
        make_fx(transform(), tracing_mode="fake")(X)


def test_a_subclass_keeps_its_type():
    class Picture(torch.Tensor):
        pass

    S = transform()(X.as_subclass(Picture))
    assert type(S) is Picture
    close(S.as_subclass(torch.Tensor))


def test_the_default_dtype_and_device_change_nothing():
    try:
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        S = transform()(X)
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
    assert torch.equal(S, EXPECTED)


@pytest.mark.parametrize("gradients", [False, True])
@pytest.mark.parametrize(
    ("dtype", "unit"),
    [
        *((torch.float32, unit) for unit in (1e-37, 1e-20, 1e20, 1e38)),
        *((torch.float64, unit) for unit in (1e-300, 1e300)),
    ],
)
def test_the_unit_of_the_image_is_that_of_the_coefficients(dtype, unit, gradients):
    """S(a x) = a S(x), although squares of these numbers underflow or overflow."""
    x = (X.to(dtype) * unit).requires_grad_(gradients)
    close((transform()(x).detach() / unit).float())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("unit", [1e-37, 1e-20, 1e20, 1e38])
def test_the_unit_holds_where_torch_follows(unit):
    module = torch.jit.trace(transform(), OTHER, check_trace=False)
    for S in (module, torch.func.vmap(transform())):
        close(S(X * unit) / unit)
    slope = torch.func.grad(lambda x: transform()(x).sum())
    # S(a x) = a S(x), so the gradient is that at x; its values are about 1, sums of 400 terms
    torch.testing.assert_close(slope(X * unit), slope(X), atol=1e-5, rtol=0)


def test_each_image_has_its_own_range_and_its_own_faults():
    units = torch.tensor([1e-25, 1, 1e25])[:, None, None]
    close(transform()(X * units) / units[..., None])
    for value in (np.nan, np.inf):
        x = X.clone()
        x[1, 3, 3] = value
        for S in (transform()(x), transform()(x.clone().requires_grad_()).detach()):
            assert not S[1].isfinite().any(dim=(1, 2)).all()
            torch.testing.assert_close(S[[0, 2]], EXPECTED[[0, 2]], atol=1e-6, rtol=0)


@pytest.mark.parametrize("shape", [(0, 16, 16), (2, 0, 16, 16), (0, 3, 16, 16)])
def test_no_images_have_no_coefficients_with_and_without_gradients(shape):
    x = torch.zeros(shape, requires_grad=True)
    S = transform()(x)
    assert S.shape == (*shape[:-2], 25, 4, 4) == transform()(x.detach()).shape
    S.sum().backward()
    assert x.grad.shape == shape


def test_arrays_give_arrays():
    for x in (X.numpy(), X.numpy().astype(">f4"), X.numpy()[::-1][::-1]):
        S = transform()(x)
        assert isinstance(S, np.ndarray)
        np.testing.assert_array_equal(S, EXPECTED)


def test_a_list_of_channels_is_that_of_kymatio():
    ours = transform(out_type="list")(X)
    theirs = ScatteringTorch2D(2, (16, 16), L=4, out_type="list")(X)
    for mine, other in zip(ours, theirs, strict=True):
        assert [mine[key] for key in "jn"] == [other[key] for key in "jn"]
        assert mine["theta"] == other["theta"]
        torch.testing.assert_close(mine["coef"], other["coef"], atol=1e-6, rtol=0)


def test_padded_images_are_taken():
    S = transform()
    padded = torch.nn.functional.pad(X[:, None], (4, 4, 4, 4), mode="reflect")[:, 0]
    assert padded.shape[1:] == S.padded
    assert torch.equal(transform(pre_pad=True)(padded), EXPECTED)
    with pytest.raises(ValueError, match=r"\(\.\.\., 24, 24\) of a padded image, as pre_pad says"):
        transform(pre_pad=True)(X)


def test_a_model_loads_the_state_of_one_with_kymatio_inside():
    theirs = torch.nn.Sequential(ScatteringTorch2D(2, (16, 16)), torch.nn.Linear(4, 2))
    ours = torch.nn.Sequential(Scattering2D(2, (16, 16)), torch.nn.Linear(4, 2))
    ours.load_state_dict(theirs.state_dict())
    assert torch.equal(ours[1].weight, theirs[1].weight)
    assert set(ours.state_dict()) == {"1.weight", "1.bias"}


def test_the_filters_are_computed_scale_by_scale():
    """In float64, the spectra of all scales of 256 x 256 would take 39 MB."""
    program = """
import tracemalloc, torch
from gsn.transforms import Scattering2D
S, x = Scattering2D(5, (256, 256), 8), torch.zeros(1, 256, 256)
tracemalloc.start()
S(x)
print(tracemalloc.get_traced_memory()[1])
"""
    peak = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert int(peak) < 80e6  # measured 62 MB, most of it the spectra of an image


def test_the_package_runs_where_no_cache_can_be_written():
    program = "import torch, gsn.data.polygons; from gsn.transforms import Scattering2D as S; "
    program += "print(S(1, (4, 4), 1)(torch.ones(1, 4, 4)).shape)"
    env = os.environ | {"NUMBA_CACHE_DIR": "/dev/null/cache"}
    run = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert run.stdout == "torch.Size([1, 2, 2, 2])\n", run.stderr
