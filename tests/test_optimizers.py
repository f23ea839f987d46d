"""Optimisers: against torch's, on matrices, filters and vectors."""

import pytest
import torch
from torch import nn

from gsn.training import optimizers, train


def descend(optimizer, parameters, steps=5, rate=0.01):
    """Move parameters towards 1 with gradients that change from step to step."""
    for step in range(steps):
        for p in parameters:
            p.grad = (p.detach() - 1) * (1 + step)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    return [p.detach().clone() for p in parameters]


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (8, 8)])
def test_muon_moves_matrices_as_that_of_torch_does(shape):
    start = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    reference = torch.optim.Muon([theirs], weight_decay=0.0, adjust_lr_fn="original")
    (a,) = descend(optimizers.Muon([ours]), [ours])
    (b,) = descend(reference, [theirs], rate=0.01 * optimizers.FACTOR)
    # torch computes the Newton-Schulz steps in bfloat16, which has eight bits.
    assert (a - b).norm() < 0.02 * (a - start).norm()


def test_muon_moves_vectors_as_adam_does():
    start = torch.randn(7, generator=torch.Generator().manual_seed(0))
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    (a,) = descend(optimizers.Muon([ours]), [ours])
    (b,) = descend(torch.optim.Adam([theirs]), [theirs])
    torch.testing.assert_close(a, b)


def test_a_filter_moves_as_its_matrix_of_one_row_an_output():
    start = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    filters, matrix = nn.Parameter(start.clone()), nn.Parameter(start.flatten(1).clone())
    (a,) = descend(optimizers.Muon([filters]), [filters])
    (b,) = descend(optimizers.Muon([matrix]), [matrix])
    torch.testing.assert_close(a.flatten(1), b)


def test_parameters_without_gradients_stay():
    still = nn.Parameter(torch.ones(3, 3))
    optimizers.Muon([still]).step()
    assert torch.equal(still, torch.ones(3, 3))


@pytest.mark.parametrize("shape", [(5, 30), (30, 5)])
def test_the_orthogonal_factor_is_that_of_the_singular_value_decomposition(shape):
    M = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    U, _, V = torch.linalg.svd(M, full_matrices=False)
    found = optimizers.orthogonal_factor(M)
    assert (found - U @ V).norm() < 0.3 * (U @ V).norm()
    torch.testing.assert_close(found, optimizers.orthogonal_factor(1000 * M), rtol=1e-4, atol=1e-5)


def test_an_unknown_optimizer_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"optimizer must be one of adam, muon: got 'sgd'; use"):
        train(
            nn.Linear(1, 1),
            lambda f, x: f(x).mean(),
            (torch.zeros(4, 1),),
            epochs=1,
            batch=2,
            learning_rate=0.1,
            optimizer="sgd",
            seed=0,
            checkpoint=tmp_path / "state.pt",
        )
