"""The covariances of phase harmonics that a model keeps, as matrices on covariances of real planes.

A harmonic of 2L directions is a linear combination of real planes: L moduli for k = 0, and L real
and L imaginary parts otherwise, since the direction q + L of a real field has the conjugate band.
With V_k (2L, planes) the combination and S the covariances of the planes of k and k',

    K = V_k S V_k'^H,                 models B and C: its entries near the diagonal
    K = F V_k S V_k'^H F^H,           model D: its diagonal, F the Fourier transform along angles

Each number is kept once. K(v', v) is K(v, v')*. K at directions (q + L, q' + L) is the conjugate of
K at (q, q'). In D the angular frequency -m is the conjugate of m. What is real for every field,
such as all covariances of k = k' = 1 without a shift, has no imaginary part.

References:
    S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
    Computational Harmonic Analysis 53, 2021.
"""

from collections.abc import Iterator

import numpy as np

MODELS = ("B", "C", "D")
SAME = ((1, 1), (1, 0), (0, 0))  # harmonics (k, k') within a scale
CROSS = ((0, 0), (0, 1), (0, 2), (1, 2))  # k at a scale, k' at the next coarser one
REACH = 2  # largest shift, in units of 2^j
# Half of the plane of shifts; the other half has the conjugate covariances.
SHIFTS = np.array(
    [(0, column) for column in range(1, REACH + 1)]
    + [(row, column) for row in range(1, REACH + 1) for column in range(-REACH, REACH + 1)]
)

Pair = tuple[int, int, bool]  # directions or frequencies q and q', and whether K may be complex


def kept(model: str, L: int, k: int, k2: int, *, same: bool) -> list[Pair]:
    """Return the covariances that a model keeps of two harmonics.

    Args:
        model: B, C or D.
        L: Number of directions in half a turn.
        k: Harmonic.
        k2: Harmonic of the second band.
        same: True within a scale, False for a scale and the next coarser one.

    Example:
        >>> from gsn.transforms.statistics import harmonic_pairs
        >>> harmonic_pairs.kept("C", 2, 1, 1, same=True)
        [(0, 0, False), (0, 1, False), (1, 1, False), (1, 2, False)]
    """
    if model == "D":
        step = 1 if k and k2 else 2  # the modulus has the period L
        hermitian = same and k == k2
        return [(m, m, not hermitian and m not in (0, L)) for m in range(0, L + 1, step)]
    if k and k2:  # directions at most a quarter turn apart
        near = range(0 if same else -(L // 2), L // 2 + 1)
        return [(q, (q + d) % (2 * L), not same) for q in range(L) for d in near]
    first = (lambda q: q) if same and k == k2 else (lambda q: 0)
    return [(q, other, bool(k or k2)) for q in range(L) for other in range(first(q), L)]


def matrix(model: str, L: int, k: int, k2: int, *, same: bool) -> np.ndarray:
    """Return the matrix from covariances of planes to the numbers kept, (planes planes', numbers).

    The arguments are those of `kept`. A complex covariance is two numbers, real and imaginary.
    """
    left, right = combination(L, k), combination(L, k2)
    if model == "D":
        turn = np.exp(-1j * np.pi * np.outer(np.arange(2 * L), np.arange(2 * L)) / L)
        left, right = (turn @ side / np.sqrt(2 * L) for side in (left, right))
    rows = []
    for q, other, is_complex in kept(model, L, k, k2, same=same):
        row = np.outer(left[q], right[other].conj()).ravel()
        rows += [row.real, row.imag] if is_complex else [row.real]
    return np.stack(rows, axis=1)


def combination(L: int, k: int) -> np.ndarray:
    """Return V_k, the harmonic of 2L directions from its real planes, (2L, planes) complex."""
    one = np.eye(L)
    if k == 0:
        return np.vstack([one, one]).astype(complex)
    return np.block([[one, 1j * one], [one, -1j * one]])


def rows(model: str, J: int, L: int) -> Iterator[dict]:
    """Yield what each number is, in the order of the statistic.

    Args:
        model: B, C or D.
        J: Number of scales.
        L: Number of directions in half a turn.
    """
    pairs = SAME, CROSS if model != "B" else ()
    for j in range(J):
        for same, harmonics in zip((True, False), pairs, strict=True):
            for k, k2 in harmonics if same or j else ():
                for q, other, is_complex in kept(model, L, k, k2, same=same):
                    yield from _parts(j if same else j - 1, j, k, k2, q, other, is_complex)
        for k in (0, 1) if model != "D" else ():
            for part in range(k + 1):
                for q in range(L):
                    yield from _shifted(j, k, q, part)
    yield from _parts(J, J, 1, 1, 0, 0, False, what="low-pass")
    yield from _shifted(J, 1, 0, 0, what="low-pass") if model != "D" else ()
    yield from _parts(J, J, 1, 1, 0, 0, False, what="mean")


def _parts(j, j2, k, k2, q, q2, is_complex, shift=(0, 0), what="covariance") -> Iterator[dict]:
    """Yield one or two rows of the table."""
    for part in ("real", "imaginary")[: 1 + is_complex]:
        yield {
            "what": what,
            "scale": j,
            "scale2": j2,
            "k": k,
            "k2": k2,
            "angle": q,
            "angle2": q2,
            "shift_row": int(shift[0]),
            "shift_column": int(shift[1]),
            "part": part,
        }


def _shifted(j: int, k: int, q: int, part: int, what: str = "shift") -> Iterator[dict]:
    """Yield the rows of the shifts of one channel."""
    for shift in SHIFTS:
        yield list(_parts(j, j, k, k, q, q, True, shift, what))[part]


def listed(model: str, J: int, L: int) -> int:
    """Return the count of Zhang and Mallat for the same model.

    They list all 2L directions, both covariances of a conjugate pair and both shifts of an opposite
    one, count complex numbers twice, and have no mean.

    Example:
        >>> from gsn.transforms.statistics import harmonic_pairs
        >>> [harmonic_pairs.listed(model, 5, 8) for model in "BCD"]
        [6895, 10927, 769]
    """
    if model == "D":
        return 2 * L * (4 * J + 7 * (J - 1)) + 1
    near = 2 * (L // 2) + 1
    shifts = 2 * (2 * REACH + 1) + 2 * REACH
    same = 2 * near + (2 * near - 1) + near
    cross = 7 * near * (J - 1) if model == "C" else 0
    return 2 * L * (J * (same + 3 * shifts) + cross) + shifts + 1
