"""A line search for each of n fields, one evaluation at a time.

Along a direction p of descent, a point x + t p is accepted by the strong Wolfe conditions

    E(t) <= E(0) + c1 t E'(0),   |E'(t)| <= c2 |E'(0)|

with E(t) short for E(x + t p). The bracket of t and its cubic interpolation are those of Nocedal &
Wright (2006), algorithms 3.5 and 3.6. Where E has a kink, as at the zeros of a modulus, the second
condition may hold nowhere. After some tries the lowest point is taken that has the first one.

References:
    J. Nocedal and S. Wright, Numerical Optimization, 2nd edition, Springer, 2006.
"""

import torch

DECREASE, CURVATURE = 1e-4, 0.9  # c1 and c2 of Nocedal & Wright, section 3.1
ENOUGH = 6  # tries after which a point with the first condition will do
MOST = 20  # tries in all


class Search:
    """Line searches of n fields. All numbers are float64 on the CPU.

    Attributes:
        t: Steps to try next, (n,).
        low: Step, energy and slope of the lowest point found, (3, n).
        high: The same of the other end of the bracket, (3, n); infinite without a bracket.

    Example:
        >>> import torch
        >>> from gsn.inverse.line_search import Search
        >>> search, item = Search(1), torch.tensor([0])
        >>> E, slope = lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)
        >>> search.begin(item, E(torch.zeros(1)), slope(torch.zeros(1)), torch.full((1,), 100.0))
        >>> while not search.observe(item, E(search.t), slope(search.t))[1]:
        ...     pass
        >>> -5.4 < float(slope(search.low[0])) < 5.4  # c2 times the slope at 0
        True
    """

    def __init__(self, n: int):
        self.tries = torch.zeros(n, dtype=torch.int64)
        self.t = torch.zeros(n, dtype=torch.float64)
        self.start = torch.zeros(2, n, dtype=torch.float64)  # energy and slope at t = 0
        self.low = torch.zeros(3, n, dtype=torch.float64)
        self.high = torch.zeros(3, n, dtype=torch.float64)

    def begin(
        self, items: torch.Tensor, E: torch.Tensor, slope: torch.Tensor, t: torch.Tensor
    ) -> None:
        """Begin the searches of some fields.

        Args:
            items: Indices of the fields, (k,) int64.
            E: Energies at t = 0, (k,).
            slope: Derivatives there, (k,), all negative.
            t: First steps to try, (k,).
        """
        self.tries[items], self.t[items] = 0, t.double()
        self.start[:, items] = torch.stack([E, slope]).double()
        self.low[:, items] = torch.stack([torch.zeros_like(E), E, slope]).double()
        self.high[:, items] = torch.inf

    def observe(
        self, items: torch.Tensor, E: torch.Tensor, slope: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Use the energies and slopes at the steps t of some fields.

        Returns:
            Fields whose step is their lowest point so far, and fields whose search has ended, (k,)
            bool both. A search that has ended at t = 0 has failed.
        """
        finite = torch.isfinite(E) & torch.isfinite(slope)
        new = torch.stack([self.t[items], torch.where(finite, E, torch.inf), slope])
        low, high, (E_0, slope_0) = self.low[:, items], self.high[:, items], self.start[:, items]
        above = (new[1] > E_0 + DECREASE * new[0] * slope_0) | (new[1] >= low[1])
        flat = ~above & (slope.abs() <= -CURVATURE * slope_0)
        passed = ~above & (slope * (high[0] - low[0]) >= 0)  # the minimum lies before the new point
        ahead = beyond(low, new)
        high = torch.where(above, new, torch.where(passed, low, high))
        low = torch.where(above, low, new)
        self.tries[items] += 1
        tries = self.tries[items]
        inside = between(low, high, halve=tries >= ENOUGH)
        self.t[items] = torch.where(torch.isinf(high[0]), ahead, inside)
        self.low[:, items], self.high[:, items] = low, high
        found = (tries >= ENOUGH) & (low[0] > 0)
        return ~above, flat | found | (tries >= MOST)

    def state(self) -> dict:
        """Return what a resumption needs."""
        return dict(vars(self))

    def load(self, state: dict) -> None:
        """Continue from a state."""
        vars(self).update(state)


def cubic(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """Return the minimum of the cubic polynomial with given values and slopes at two points.

    Args:
        p: Places, values and slopes, (3, k).
        q: The same at other places.

    Returns:
        Places of the minima, (k,); NaN where the polynomial has none.

    References:
        J. Nocedal and S. Wright, Numerical Optimization, 2nd edition, 2006, equation 3.59.

    Example:
        >>> import torch
        >>> from gsn.inverse.line_search import cubic
        >>> parabola = lambda t: torch.tensor([[t], [(t - 2) ** 2], [2 * (t - 2)]])
        >>> cubic(parabola(0.0), parabola(5.0))
        tensor([2.])
    """
    width = q[0] - p[0]
    a = p[2] + q[2] + 3 * (p[1] - q[1]) / width
    root = (a.square() - p[2] * q[2]).sqrt() * width.sign()
    return q[0] - width * (q[2] + root - a) / (q[2] - p[2] + 2 * root)


def between(low: torch.Tensor, high: torch.Tensor, halve: torch.Tensor) -> torch.Tensor:
    """Return a step within a bracket, at least a tenth of it away from its ends."""
    left, width = torch.minimum(low[0], high[0]), (high[0] - low[0]).abs()
    t = cubic(low, high)
    t = torch.where(torch.isnan(t) | torch.isinf(high[1]) | halve, left + width / 2, t)
    return torch.clamp(t, left + width / 10, left + width * 9 / 10)


def beyond(low: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
    """Return a step of up to ten times the new one, where E still falls."""
    t = cubic(low, new)
    return torch.clamp(torch.where(torch.isnan(t), torch.inf, t), 1.1 * new[0], 10 * new[0])
