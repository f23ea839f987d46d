"""The error of a model's covariances of wavelet coefficients, in the spectral norm.

    eps = ||C_test - C_model|| / ||C_test||

Both matrices are normalised by the diagonal of C_test: entry (v, v') is divided by
sqrt(C_test(v, v) C_test(v', v')). The norm is the largest singular value, found by the Lanczos
method from products with vectors. So no decomposition of a matrix is needed, and, from features, no
matrix at all.

References:
    S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
    Computational Harmonic Analysis 53, 2021.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from gsn.runtime import arguments

DENSE = 32  # rows up to which the matrix itself is decomposed
TOLERANCE = 1e-6  # of the Lanczos method, relative: a bound that the norm is mostly far within

Product = Callable[[np.ndarray], np.ndarray]


def foveal_error(test: np.ndarray, model: np.ndarray) -> float:
    """Return the relative error of a matrix of covariances in the spectral norm.

        eps = ||C_test - C_model|| / ||C_test||,     both normalised by the diagonal of C_test

    Takes some tens of products with each matrix. Memory holds a copy of both.

    Args:
        test: Covariances over true realisations, (d, d) real symmetric or complex Hermitian.
        model: Covariances over syntheses, (d, d).

    Raises:
        ValueError: The matrices are not Hermitian, not finite or of different shapes, or a
            variance of the test is not positive.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import foveal_error
        >>> foveal_error(np.diag([1.0, 4.0]), np.diag([1.5, 5.0]))
        0.5
    """
    test, model = (_matrix(f"the covariances of the {n}", C) for n, C in _named(test, model))
    if test.shape != model.shape:
        raise ValueError(
            f"the matrices must have the same shape: got {test.shape} and {model.shape}; "
            "use the same features."
        )
    scale = 1 / np.sqrt(_positive(test.diagonal().real))
    test, model = (C * scale[:, None] * scale for C in (test, model))
    model = model - test
    return _norm(lambda v: model @ v, model) / _norm(lambda v: test @ v, test)


def foveal_error_of_features(test: np.ndarray, model: np.ndarray) -> float:
    """Return the error of a model's covariances, from features instead of matrices.

        C(v, v') = mean over the rows f of (f_v - mean f_v) (f_v' - mean f_v')^*

    The error is that of `foveal_error`. Takes some tens of products with the features, of n d
    operations each. Memory holds two copies of the features, and no (d, d) matrix.

    Args:
        test: Features of true realisations, a row for each place or realisation, (n, d) real or
            complex.
        model: Features of syntheses, (m, d).

    Raises:
        ValueError: The numbers of features differ, there are fewer than two rows, a number is not
            finite, or a feature of the test is constant.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import foveal_error_of_features
        >>> f = np.random.default_rng(0).standard_normal((20, 100))
        >>> round(foveal_error_of_features(f, 2 * f), 6)  # C_model = 4 C_test
        3.0
    """
    # ASSUME: each set is centred by its own means: the error is that of covariances, not of means.
    test, model = (_centred(f"the features of the {n}", f) for n, f in _named(test, model))
    if test.shape[1] != model.shape[1]:
        raise ValueError(
            f"the two must have the same features: got {test.shape[1]} and {model.shape[1]}; "
            "use one statistic."
        )
    dtype = np.result_type(test, model)
    scale = 1 / np.sqrt(_positive(np.square(np.abs(test)).sum(axis=0)))
    test, model = (f.astype(dtype) * scale for f in (test, model))

    def covary(v: np.ndarray) -> np.ndarray:
        return _transposed_product(test, v)

    def differ(v: np.ndarray) -> np.ndarray:
        return _transposed_product(model, v) - covary(v)

    return _norm(differ, test) / _norm(covary, test)


def _named(test: Any, model: Any) -> list[tuple[str, Any]]:
    return [("test", test), ("model", model)]


def _transposed_product(f: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return sum_i f_i (f_i^* v) over the rows f_i."""
    return f.T @ (f @ v.conj()).conj()


def _norm(product: Product, like: np.ndarray) -> float:
    """Return the largest absolute eigenvalue of a Hermitian matrix, from its products.

    Args:
        product: Product with a vector (d,), or with the columns of a matrix (d, k).
        like: Array with d columns, whose precision and field of numbers are the matrix's.
    """
    d, dtype = like.shape[1], like.dtype
    if d <= DENSE:
        return float(np.linalg.norm(product(np.eye(d, dtype=dtype)), 2))
    start = np.random.default_rng(0).standard_normal((d,)).astype(dtype)
    if not product(start).any():  # the zero matrix, on which the method fails
        return 0.0
    operator = LinearOperator((d, d), matvec=product, dtype=dtype)
    value = eigsh(operator, k=1, which="LM", v0=start, tol=TOLERANCE, return_eigenvectors=False)
    return float(abs(value[0]))


def _matrix(name: str, C: Any) -> np.ndarray:
    """Return a Hermitian matrix in float64 or complex128."""
    C = _numbers(name, C)
    if C.ndim != 2 or C.shape[0] != C.shape[1] or not C.size:
        raise ValueError(f"{name} must be a square matrix: got the shape {C.shape}; reshape it.")
    if not np.allclose(C, C.conj().T, rtol=0, atol=1e-5 * np.abs(C).max()):
        raise ValueError(
            f"{name} must be equal to its conjugate transpose: got another matrix; "
            "use C = (C + C.conj().T) / 2."
        )
    return C


def _centred(name: str, f: Any) -> np.ndarray:
    """Return features less their means, divided by the root of the number of rows."""
    f = _numbers(name, f)
    if f.ndim != 2 or len(f) < 2 or not f.shape[1]:
        raise ValueError(
            f"{name} must have at least two rows, (n, d): got the shape {f.shape}; use more."
        )
    constant = (f == f[0]).all(axis=0)
    f = (f - f.mean(axis=0)) / np.sqrt(len(f))
    f[:, constant] = 0  # exactly
    return f


def _numbers(name: str, values: Any) -> np.ndarray:
    """Return finite numbers in float64 or complex128."""
    values = arguments.array(name, values, kinds="biufc")
    values = values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite: got a NaN or an infinity; leave it out.")
    return values


def _positive(variances: np.ndarray) -> np.ndarray:
    if not (variances > 0).all():
        raise ValueError(
            f"each variance of the test must be positive: that of feature "
            f"{np.argmin(variances > 0)} is not; leave the feature out."
        )
    return variances
