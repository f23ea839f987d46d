"""Phase harmonics of bump wavelet bands, scale by scale, as Fourier coefficients of real planes.

At scale j a field gives L real and L imaginary parts of its bands (k = 1), their L moduli (k = 0),
and L real and L imaginary parts of the bands with the phase doubled (k = 2). The bands have their
coefficients from those of the field. Only the others pass through points and back.

With a mask, all planes are set to zero at the points that it leaves out, then transformed. The
means over points are then divided by the fraction of points that is left, and those at a shift by
the fraction of pairs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from gsn.transforms import bump_wavelets, half_planes
from gsn.transforms.bands import Bands, cropped
from gsn.transforms.constants import Constants, real
from gsn.transforms.harmonics import harmonics
from gsn.transforms.statistics import masks
from gsn.transforms.statistics.harmonic_pairs import SHIFTS

ROOM = 2.0  # width of a grid in units of the smallest that holds the band


class Scale(NamedTuple):
    """The harmonics of one scale.

    Attributes:
        j: Index of the scale.
        sides: Grid (h, w), in points.
        k: Coefficients by harmonic, (n, planes, h, w/2 + 1) complex each.
        power: |x_hat|^2, (n, 1, h (w/2 + 1)).
        mask_hat: Coefficients of the mask, (h, w/2 + 1) complex, or None.
    """

    j: int
    sides: tuple[int, int]
    k: dict[int, torch.Tensor]
    power: torch.Tensor
    mask_hat: torch.Tensor | None

    @property
    def left(self) -> torch.Tensor | float:
        """Fraction of the points that the mask leaves."""
        return 1.0 if self.mask_hat is None else self.mask_hat[0, 0].real


class Scales:
    """The grids and filters of the scales of fields of one shape.

    Args:
        shape: Sides (H, W) of the fields in points, both even.
        J: Number of scales.
        L: Number of directions in half a turn.
        room: Width of a grid in units of the smallest that holds the band.
    """

    def __init__(self, shape: tuple[int, int], J: int, L: int, *, room: float = ROOM):
        self.shape, self.J, self.L = shape, J, L
        psi = [bump_wavelets.psi(shape, j, L, directions=L) for j in range(J)]
        self.bands = Bands(psi, room=room)
        self._constants = Constants()

    def scale(
        self,
        x_hat: torch.Tensor,
        j: int,
        means: torch.Tensor,
        mask: torch.Tensor | None,
        *,
        doubled: bool,
    ) -> Scale:
        """Return the harmonics of one scale.

        Args:
            x_hat: Coefficients of the fields, (n, H, W/2 + 1) complex.
            j: Index of the scale.
            means: Means that are subtracted, of the moduli, and of the real and imaginary parts for
                k = 2, (3 L,).
            mask: Points that count, (H, W) bool.
            doubled: True with k = 2.
        """
        h, w = self.bands.sides[j]
        x_hat = half_planes.crop(x_hat, h, w)
        both = torch.view_as_real(torch.stack([x_hat, -1j * x_hat], dim=1))  # (n, 2, h, w/2+1, 2)
        bands_hat = both.unsqueeze(2) * self._filters(j, x_hat)  # (n, 2, L, h, w/2 + 1, 2)
        bands_hat = torch.view_as_complex(bands_hat.flatten(1, 2))  # (n, 2 L, h, w/2 + 1)
        bands = half_planes.fields(bands_hat, h, w)
        planes = harmonics(bands, (0, 2) if doubled else (0,))
        planes = planes - means[: planes.shape[1], None, None]
        mask_hat = None
        if mask is not None:
            kept = self._reduced(mask, j).to(bands)
            bands_hat, planes = half_planes.spectra(bands * kept), planes * kept
            mask_hat = half_planes.spectra(kept)
        harmonics_hat = half_planes.spectra(planes)
        k = {1: bands_hat, 0: harmonics_hat}
        if doubled:
            k[0], k[2] = harmonics_hat.split([self.L, 2 * self.L], dim=1)
        return Scale(j, (h, w), k, _powers(x_hat[:, None]), mask_hat)

    def covariances(self, finer: Scale, scale: Scale, k: int, k2: int) -> torch.Tensor:
        """Return the covariances of all planes of two harmonics, (n, planes, planes').

        Args:
            finer: Scale of the harmonic k.
            scale: Scale of the harmonic k', the same or a coarser one.
            k: Harmonic.
            k2: Harmonic k'.
        """
        if k == k2 == 1 and finer is scale and scale.mask_hat is None:
            return self._linear(scale)
        left = half_planes.crop(finer.k[k], *scale.sides)
        return half_planes.inner(left, scale.k[k2]) / scale.left

    def shifted(self, scale: Scale) -> torch.Tensor:
        """Return the covariances of each modulus and each band with itself at the SHIFTS.

        Returns:
            Those of the moduli, and the real and the imaginary parts of those of the bands,
            (n, 3, L, shifts).
        """
        cosines, sines = self._waves(scale.j, scale.power)
        moduli = _powers(scale.k[0]) @ cosines
        if scale.mask_hat is None:
            squares = self._constant("squares", _squares, scale.j, scale.power)
            real, imaginary = (scale.power * squares[i] @ (cosines, sines)[i] for i in range(2))
            return torch.stack([moduli, real, imaginary], dim=1)
        first, second = scale.k[1].chunk(2, dim=1)
        real = (_powers(first) + _powers(second)) @ cosines
        imaginary = -2 * (second * first.conj()).imag.flatten(2) @ sines
        pairs = _powers(scale.mask_hat) @ cosines
        return torch.stack([moduli, real, imaginary], dim=1) / pairs

    def _linear(self, scale: Scale) -> torch.Tensor:
        """Return the covariances of the bands themselves, which are linear in the spectrum."""
        even, odd = self._constant("halves", _halves, scale.j, scale.power)
        c = self._constant("c", _multiplicities, scale.j, scale.power)[:, 0]
        power = scale.power * c
        real, imaginary = (power * even) @ even.T, (power * odd) @ odd.T  # (n, L, L)
        zero = torch.zeros_like(real)  # odd times even
        return torch.cat([torch.cat([real, zero], 2), torch.cat([zero, imaginary], 2)], 1)

    def low_pass(self, x_hat: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return the variance of x * phi and its covariances at the SHIFTS, (n, 1 + shifts)."""
        h, w = self.bands.sides[-1]
        cosines = self._waves(self.J - 1, x_hat)[0]
        cosines = torch.cat([self._constant("c", _multiplicities, self.J - 1, x_hat), cosines], 1)
        low_hat = half_planes.crop(x_hat, h, w)[:, None] * self._constant(
            "phi", _low_pass, self.J - 1, x_hat
        )
        if mask is None:
            return (_powers(low_hat) @ cosines)[:, 0]
        kept = self._reduced(mask, self.J - 1).to(cosines)
        low_hat = half_planes.spectra(half_planes.fields(low_hat, h, w) * kept)
        return (_powers(low_hat) @ cosines)[:, 0] / (_powers(half_planes.spectra(kept)) @ cosines)

    def _reduced(self, mask: torch.Tensor, j: int) -> torch.Tensor:
        """Return which points of the grid of a scale have no hidden one within 2^(j+1), (h, w)."""
        grid = torch.empty(self.bands.sides[j], device=mask.device)
        return masks.weights(mask, 2 ** (j + 1), grid) > 0

    def _filters(self, j: int, like: torch.Tensor) -> torch.Tensor:
        """Return even and odd parts of the filters on the half plane, (2, L, h, w/2 + 1, 2)."""
        return self._constant("psi", _even_and_odd, j, like)

    def _waves(self, j: int, like: torch.Tensor) -> torch.Tensor:
        """Return cosines and sines at the SHIFTS, (2, h (w/2 + 1), shifts)."""
        return self._constant("waves", _waves, j, like)

    def _constant(
        self, name: str, make: Callable[["Scales", int], np.ndarray], j: int, like: torch.Tensor
    ) -> torch.Tensor:
        """Return an array of a scale as a tensor in the precision and on the device of another."""

        def converted(double: bool) -> torch.Tensor:
            array = np.ascontiguousarray(make(self, j))
            return torch.from_numpy(array).to(like.device, real(double))

        return self._constants((name, j), like, converted)


def _powers(a_hat: torch.Tensor) -> torch.Tensor:
    """Return |a_hat|^2 with the frequencies along one axis, (..., h (w/2 + 1))."""
    return torch.view_as_real(a_hat).square().sum(-1).flatten(-2)


def _halves(scales: Scales, j: int) -> np.ndarray:
    """Return even and odd parts of the filters, (2, L, h (w/2 + 1))."""
    psi = scales.bands.psi(j, torch.empty(0, dtype=torch.float64)).numpy()
    flipped = np.roll(psi[:, ::-1, ::-1], (1, 1), axis=(1, 2))
    parts = np.stack([psi + flipped, psi - flipped])[..., : psi.shape[-1] // 2 + 1] / 2
    return parts.reshape(2, scales.L, -1)


def _squares(scales: Scales, j: int) -> np.ndarray:
    """Return even and odd parts of the squared filters, (2, L, h (w/2 + 1))."""
    even, odd = _halves(scales, j)
    return np.stack([even**2 + odd**2, 2 * even * odd])


def _even_and_odd(scales: Scales, j: int) -> np.ndarray:
    """Return the same, repeated for both parts of a number, (2, L, h, w/2 + 1, 2)."""
    h, w = scales.bands.sides[j]
    parts = _halves(scales, j).reshape(2, scales.L, h, w // 2 + 1, 1)
    return np.repeat(parts, 2, axis=-1)


def _waves(scales: Scales, j: int) -> np.ndarray:
    h, w = scales.bands.sides[j]
    return half_planes.waves(h, w, SHIFTS * 2**j / np.array(scales.shape))


def _multiplicities(scales: Scales, j: int) -> np.ndarray:
    return half_planes.multiplicities(*scales.bands.sides[j]).reshape(-1, 1)


def _low_pass(scales: Scales, j: int) -> np.ndarray:
    h, w = scales.bands.sides[j]
    phi = cropped(bump_wavelets.phi(scales.shape, scales.J)[None], h, w)
    return phi[0, :, : w // 2 + 1]
