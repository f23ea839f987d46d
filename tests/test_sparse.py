"""Sparse codes: optimality conditions, scikit-learn as reference, closed forms, constraints."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import Lasso

from gsn.decomposition.istc import ISTC, LEAST
from gsn.decomposition.sparse import coherence, duality_gap, fista, objective


def problem(n=6, p=16, m=40, atoms=2, seed=0):
    """Unit signals of a few atoms of a dictionary with unit columns, float64."""
    generator = torch.Generator().manual_seed(seed)
    D = F.normalize(torch.randn(p, m, generator=generator, dtype=torch.float64), dim=0)
    z = torch.zeros(n, m, dtype=torch.float64)
    for row in z:
        places = torch.randperm(m, generator=generator)[:atoms]
        row[places] = 1 + torch.rand(atoms, generator=generator, dtype=torch.float64)
    return F.normalize(z @ D.T, dim=1), D


def violation(x, D, z, threshold):
    """The largest violation of the optimality conditions of the lasso with z >= 0."""
    slope = (x - z @ D.T) @ D - threshold  # 0 where z > 0, at most 0 where z = 0
    return torch.where(z > 0, slope.abs(), slope.clamp(min=0)).max().item()


def with_dictionary(D, **settings):
    """An ISTC in float64 with a given dictionary."""
    network = ISTC(*D.shape, **settings).double()
    with torch.no_grad():
        network.atoms.copy_(D)
    return network


def test_fista_has_the_optimality_conditions_of_the_lasso():
    x, D = problem()
    found = fista(x, D, 0.1, tolerance=1e-12)
    assert violation(x, D, found.z, 0.1) < 1e-6
    assert (found.gap <= 1e-12).all()
    assert (found.z >= 0).all()


def test_signals_or_atoms_of_zeros_have_codes_of_zeros():
    x, D = problem()
    assert not fista(0 * x, D, 0.1).z.any()
    assert not fista(x, 0 * D, 0.1).z.any()


def test_fista_finds_what_scikit_learn_finds():
    x, D = problem()
    found = fista(x, D, 0.1, tolerance=1e-12).z
    lasso = Lasso(alpha=0.1 / len(D), fit_intercept=False, positive=True, tol=1e-12, max_iter=10**5)
    for row, z in zip(x, found, strict=True):
        expected = lasso.fit(D.numpy(), row.numpy()).coef_
        np.testing.assert_allclose(z.numpy(), expected, atol=1e-6)


def test_the_duality_gap_bounds_the_excess_of_the_objective():
    x, D = problem()
    best = objective(x, D, fista(x, D, 0.1, tolerance=1e-12).z, 0.1)
    for steps in (1, 10, 30):
        z = fista(x, D, 0.1, steps=steps, tolerance=0).z
        assert (objective(x, D, z, 0.1) - best <= duality_gap(x, D, z, 0.1) + 1e-12).all()


@pytest.mark.parametrize("steps", [1, 2, 12])
def test_istc_of_the_identity_is_the_soft_threshold(steps):
    x = torch.randn(5, 7, dtype=torch.float64)
    network = with_dictionary(torch.eye(7), steps=steps)
    expected = F.relu(x - network.threshold)
    torch.testing.assert_close(network(x), expected, rtol=1e-12, atol=1e-12)


def test_istc_comes_to_the_lasso_as_its_steps_grow():
    x, D = problem(p=32, m=40)
    errors = []
    for steps in (10, 100, 1000):
        network = with_dictionary(D, steps=steps)
        network.first.fill_(float((x @ D).max()))
        with torch.no_grad():
            errors.append(violation(x, D, network(x), float(network.threshold)))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 2e-3  # the last steps of the threshold, log(lambda_0 / lambda_*) / 1000


def test_steps_at_the_last_threshold_solve_the_lasso_in_an_incoherent_dictionary():
    x, _ = problem(p=32, m=40)  # with a coherent one they diverge, unlike falling thresholds
    noise = torch.randn(32, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    D = F.normalize(torch.eye(32, 40, dtype=torch.float64) + 0.05 * noise, dim=0)
    network = with_dictionary(D, steps=400)
    network.first.fill_(0.0)  # lambda_0 = lambda_*: all thresholds are the last one
    with torch.no_grad():
        z, threshold = network(x), float(network.threshold)
    assert violation(x, D, z, threshold) < 1e-9
    torch.testing.assert_close(z, fista(x, D, threshold, tolerance=1e-14).z, rtol=0, atol=1e-6)


@pytest.mark.parametrize("tied", [True, False])
def test_the_constraints_hold_after_every_step_of_training(tied):
    torch.manual_seed(0)
    network, x = ISTC(6, 12, steps=4, tied=tied), torch.rand(32, 6)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        (network(x).sum(1) - 1).square().mean().backward()
        optimizer.step()
        D, W = network.dictionary()
        torch.testing.assert_close(D.norm(dim=0), torch.ones(12))
        torch.testing.assert_close((D * W).sum(0), torch.ones(12))
        assert network.threshold >= LEAST
    assert (D is W) == tied


def test_a_forward_pass_writes_no_weight():
    network, x = ISTC(6, 12, tied=False), torch.rand(3, 6, 2, 2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network(x)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_maps_are_coded_position_by_position():
    network, x = ISTC(6, 12, steps=5), torch.rand(3, 6, 4, 2)
    network.start(x)
    z = network(x)
    torch.testing.assert_close(z[:, :, 1, 0], network(x[:, :, 1, 0]))
    assert len(network.course(x, every=True)) == 5
    assert torch.equal(network.course(x, every=True)[-1], z)


def test_the_first_threshold_silences_all_codes():
    network, x = ISTC(6, 12, steps=5), torch.rand(50, 6)
    network.start(x)
    torch.testing.assert_close(network.first, (x @ network.dictionary()[1]).max())


def test_the_coherence_of_a_repeated_atom_is_1():
    D = F.normalize(torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), dim=0)
    assert coherence(D, D) == 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fista(torch.ones(2, 3), torch.ones(4, 5), 0.1), r"must be \(n, p\) and \(p, m\)"),
        (lambda: fista(torch.ones(2, 3), torch.ones(3, 5), 0.0), "threshold must be .* above 0"),
        (
            lambda: fista(torch.ones(2, 3) / 0, torch.ones(3, 5), 0.1),
            "x must be finite: found .* 6",
        ),
        (lambda: fista(torch.ones(2, 3), torch.ones(3, 5) * torch.nan, 0.1), "D must be finite"),
        (
            lambda: fista(torch.ones(2, 3), torch.ones(3, 5), 0.1, steps=0),
            "steps must be an integer of at least 1",
        ),
        (lambda: ISTC(3, 5, steps=0), "steps must be an integer of at least 1"),
        (lambda: ISTC(3, 5, threshold=0.01), "threshold must be .* above 0.05"),
    ],
)
def test_bad_arguments_are_one_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()
