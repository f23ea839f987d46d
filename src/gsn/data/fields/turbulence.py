"""Two-dimensional turbulence: the vorticity w of an incompressible flow on the torus [0, 2 pi)^2.

    dw/dt + u . grad w = nu lap w - mu w + f,      w = curl u,   div u = 0.

The flow starts as a Gaussian field of kinetic energy 1/2 per area, with the energy spectrum
k^4 exp(-2 (k / peak)^2), and decays if there is no forcing f. Its vortices merge and wind the
vorticity between them into filaments. f is white in time and Gaussian, in a ring of frequencies.

The method is pseudo-spectral. With k = (k_x, k_y) the frequencies, and F the Fourier transform,

    F(-u . grad w) = (k_x^2 - k_y^2) F(u_x u_y) + k_x k_y F(u_y^2 - u_x^2),

which takes four transforms. Frequencies of a third of N and above are zero (the 2/3 rule), so that
the products have no aliases, and energy and enstrophy are conserved if nu = mu = 0. Time steps are
of the Runge-Kutta method of order 4, with the viscous decay exact by an integrating factor.

In `draw` the unit of length is 1 / peak and that of velocity the root mean square of the start. The
law of the field, in points, then depends on N / peak alone: by default a larger N shows more of the
same process. The grid resolves the thinnest filaments if N is above 2.8 peak sqrt(reynolds).

# ASSUME: the spectrum of the start, a Reynolds number of 125 and the time 16 are our choice. There
# are vortices of all ages then, and filaments between them.

References:
    C. Canuto, M. Y. Hussaini, A. Quarteroni & T. A. Zang, Spectral methods in fluid dynamics,
    Springer 1988, chapters 4 and 7.
    C. Basdevant, Technical improvements for direct numerical simulation of homogeneous
    three-dimensional turbulence, Journal of Computational Physics 50, 1983.
"""

import functools
import math

import numpy as np
import scipy.fft

from gsn.data.fields import gaussian_fields, realisations
from gsn.runtime import arguments

COURANT = 2.0  # of the first step; the method is stable up to 2.8


def draw(
    N: int,
    *,
    time: float = 16.0,
    reynolds: float = 125.0,
    peak: float | None = None,
    forcing: float = 0.0,
    drag: float = 0.0,
    seed: int = 0,
    index: int = 0,
) -> np.ndarray:
    """Return the vorticity of one flow.

    Args:
        N: Side of the grid, in points, even, at least 16.
        time: Time from the start, positive, in units of 1 / peak.
        reynolds: Reynolds number 1 / (peak nu), positive.
        peak: Frequency of the largest energy at the start, in cycles per side, from 1 to N / 6; by
            default N / 32, or 1 if that is less.
        forcing: Energy that f injects in a unit of time, at least 0, at frequencies near the peak.
        drag: Rate mu of the friction, at least 0.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The vorticity, (N, N) float32.

    Raises:
        ValueError: An argument is out of range, or the flow became too fast for the time step.

    Example:
        >>> from gsn.data.fields import turbulence
        >>> w = turbulence.draw(32, time=1)
        >>> w.shape, bool(abs(w.mean()) < 1e-6)
        ((32, 32), True)
    """
    rng = realisations.stream("turbulence", seed, index)
    peak = max(1.0, N / 32) if peak is None else peak
    w = start(N, rng, peak)
    power = arguments.real("forcing", forcing, least=0, such_as=0.1) * peak
    w = evolve(
        w,
        arguments.real("time", time, above=0, such_as=16) / peak,
        viscosity=1 / (peak * arguments.real("reynolds", reynolds, above=0, such_as=125)),
        drag=arguments.real("drag", drag, least=0, such_as=0.1) * peak,
        force=Force(N, power, peak, rng) if power else None,
    )
    return w.astype(np.float32)


def sample(n: int, N: int, *, seed: int = 0, **flow) -> np.ndarray:
    """Return n independent realisations, (n, N, N) float32; the keywords are those of `draw`."""
    return realisations.many(functools.partial(draw, N, seed=seed, **flow), n, "turbulence")


def start(N: int, rng: np.random.Generator, peak: float) -> np.ndarray:
    """Return a Gaussian vorticity of unit mean square velocity, (N, N) float64.

    Args:
        N: Side of the grid, in points, even, at least 16.
        rng: Random generator.
        peak: Frequency of the largest energy, in cycles per side, from 1 to N / 6.

    Raises:
        ValueError: An argument is out of range.
    """
    N = arguments.integer("N", N, least=16)
    peak = arguments.real("peak", peak, least=1, below=N / 6 + 1e-9, such_as=max(1, N / 32))
    k = gaussian_fields.wavenumbers(N)
    # The density of |w|^2 over the plane of frequencies is k^2 / (2 pi k) times the spectrum.
    amplitude = np.sqrt(k) * k**2 * np.exp(-((k / peak) ** 2))
    w = gaussian_fields.filtered(rng.standard_normal((N, N)), amplitude * Flow(N).kept)
    return w / math.sqrt(2 * Flow(N).energy(w))


class Force:
    """A Gaussian forcing, white in time, in a ring of frequencies.

    Args:
        N: Side of the grid, in points.
        power: Mean energy that it injects in a unit of time, per area.
        peak: Frequency in the middle of the ring, in cycles per side; the ring is two wide.
        rng: Random generator.
    """

    def __init__(self, N: int, power: float, peak: float, rng: np.random.Generator):
        power = arguments.real("power", power, least=0, such_as=0.1)
        k, self.N, self.rng = gaussian_fields.wavenumbers(N), N, rng
        ring = (np.abs(k - peak) <= 1) & Flow(N).kept
        # A vorticity a has the energy sum_k a(k)^2 / k^2 / 2.
        energy = gaussian_fields.variance(ring * gaussian_fields.power(k, -1), N) / 2
        self.amplitude = ring * math.sqrt(power / energy)

    def __call__(self, step: float) -> np.ndarray:
        """Return the Fourier transform of the impulse of a time step, (N, N // 2 + 1)."""
        noise = self.rng.standard_normal((self.N, self.N))
        return scipy.fft.rfft2(noise) * self.amplitude * math.sqrt(step)


def evolve(
    w: np.ndarray,
    time: float,
    *,
    viscosity: float,
    drag: float = 0.0,
    force: Force | None = None,
    step: float | None = None,
) -> np.ndarray:
    """Return vorticities after a time, (..., N, N) float64, for a batch of flows at once.

    Args:
        w: Vorticities at the start, (..., N, N), N even.
        time: Time, positive.
        viscosity: Viscosity nu, at least 0.
        drag: Rate mu of the friction, at least 0.
        force: Forcing, of a single flow.
        step: Longest time step; by default, that of the Courant number 2 of the fastest
            flow, or of a velocity of 1.

    Raises:
        ValueError: An argument is out of range, or a flow became too fast for the time step.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import turbulence
        >>> wave = np.cos(2 * np.pi * np.arange(16) / 16) * np.ones((16, 1))
        >>> w = turbulence.evolve(wave, 2.0, viscosity=0.1)
        >>> bool(np.allclose(w, np.exp(-0.2) * wave))
        True
    """
    time = arguments.real("time", time, above=0, such_as=1)
    flow = Flow(w.shape[-1])
    hat = scipy.fft.rfft2(w) * flow.kept
    if step is None:
        fastest = sum(np.abs(u).max() for u in flow.velocity(hat))
        step = COURANT / (flow.N / 3 * max(fastest, 1.0))
    steps = math.ceil(time / arguments.real("step", step, above=0, such_as=0.01))
    flow.set_decay(viscosity, drag, time / steps)
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for _ in range(steps):
            hat = flow.after(hat)
            if force is not None:
                hat += force(time / steps)
    if not np.isfinite(hat).all():
        raise ValueError(
            f"the flow must stay slow enough for its time step: it became infinite with "
            f"step={time / steps:.3g}; take a smaller forcing, or more viscosity."
        )
    return scipy.fft.irfft2(hat, s=w.shape[-2:])


class Flow:
    """The equation of the vorticity on an N x N grid, in Fourier space.

    Args:
        N: Side of the grid, in points, even.
    """

    def __init__(self, N: int):
        if N % 2:
            raise ValueError(f"N must be even: got N={N}; use {N + 1}.")
        y, x = np.fft.fftfreq(N, 1 / N)[:, None], np.fft.rfftfreq(N, 1 / N)
        self.N, self.k2 = N, x**2 + y**2
        self.kept = (np.abs(y) < N / 3) & (x < N / 3)
        inverse = 1 / np.maximum(self.k2, 1)
        self.to_x, self.to_y = 1j * y * inverse, -1j * x * inverse
        self.shear, self.stretch = (x**2 - y**2) * self.kept, x * y * self.kept

    def set_decay(self, viscosity: float, drag: float, step: float) -> None:
        """Set the time step, and what is left of each frequency after half of it."""
        viscosity = arguments.real("viscosity", viscosity, least=0, such_as=1e-3)
        drag = arguments.real("drag", drag, least=0, such_as=0.1)
        self.step, self.half = step, np.exp(-(viscosity * self.k2 + drag) * step / 2)

    def velocity(self, hat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return u_x and u_y of a vorticity, (..., N, N) each."""
        s = (self.N, self.N)
        return scipy.fft.irfft2(hat * self.to_x, s=s), scipy.fft.irfft2(hat * self.to_y, s=s)

    def energy(self, w: np.ndarray) -> np.ndarray:
        """Return the kinetic energy per area of vorticities, (...)."""
        x, y = self.velocity(scipy.fft.rfft2(w))
        return (x**2 + y**2).mean(axis=(-2, -1)) / 2

    def advection(self, hat: np.ndarray) -> np.ndarray:
        """Return F(-u . grad w)."""
        x, y = self.velocity(hat)
        product = scipy.fft.rfft2(x * y)
        product *= self.shear
        return product + self.stretch * scipy.fft.rfft2((y - x) * (y + x))

    def after(self, hat: np.ndarray) -> np.ndarray:
        """Return the vorticity after a step of Runge and Kutta, with an integrating factor."""
        h, half = self.step, self.half
        middle = half * hat
        a = self.advection(hat)
        a *= half
        b = self.advection(middle + h / 2 * a)
        c = self.advection(middle + h / 2 * b)
        middle *= half  # of the whole step
        d = self.advection(middle + (h * half) * c)
        return middle + h / 6 * (half * (a + 2 * (b + c)) + d)
