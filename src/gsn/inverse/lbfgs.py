"""L-BFGS for a batch of fields, each with its own history and its own line search.

    p = -H grad E(x),   x <- x + t p

H is the inverse Hessian that the last pairs s = x' - x, v = grad E(x') - grad E(x) of a field give
by the two loops of Nocedal & Wright (2006), algorithm 7.4, from gamma I with gamma = s.v / v.v. In
each round every active field is evaluated once, whether it is in the middle of its search or at the
start. No field waits for another, and the path of a field does not depend on the others.

A field whose search fails forgets its pairs and continues along its gradient. It ends only when
that search fails too.

References:
    J. Nocedal and S. Wright, Numerical Optimization, 2nd edition, Springer, 2006.
"""

import torch

from gsn.inverse.energy import Energy, column, dot, numbers
from gsn.inverse.line_search import Search
from gsn.inverse.paths import Paths

HISTORY = 40  # pairs
CURVED = 1e-10  # least cosine between s and v of a pair that is kept


class LBFGS(Paths):
    """The paths of n fields by L-BFGS.

    The pairs take 80 times the memory of the fields.
    """

    KEPT = (*Paths.KEPT, "p", "g_low", "S", "V", "rho", "gamma", "count")

    def __init__(self, energy: Energy, x: torch.Tensor, steps: int, tolerance: float):
        super().__init__(energy, x, steps, tolerance)
        n, d = self.x.shape
        self.p, self.g_low = -self.g, self.g.clone()
        self.S, self.V = self.x.new_zeros(2, n, HISTORY, d).unbind()
        self.rho = self.x.new_zeros(n, HISTORY)  # 1 / s.v; 0 for a pair that does not exist
        self.gamma = self.x.new_ones(n)
        self.count = torch.zeros(n, dtype=torch.int64)  # of pairs since the last restart
        self.search = Search(n)
        self._restart(torch.arange(n))

    def advance(self) -> None:
        """Evaluate each active field once, and move those whose search has ended."""
        items = self.active.nonzero().squeeze(1)
        p = self.p[items]
        E, g = self.energy(self.x[items] + column(self.search.t[items], p) * p, items)
        lowest, ended = self.search.observe(items, *numbers(E, dot(g, p)))
        self.g_low[items[lowest]] = g[lowest]
        items = items[ended]
        moved = self.search.low[0, items] > 0
        self._move(items[moved])
        self._fail(items[~moved])

    def _move(self, items: torch.Tensor) -> None:
        """Move fields to the end of their search, remember the pair, and choose the direction."""
        if not len(items):
            return
        t, E, _ = self.search.low[:, items]
        g = self.g_low[items]
        s, v = column(t, g) * self.p[items], g - self.g[items]
        self.x[items], self.g[items] = self.x[items] + s, g
        square, sv, ss, vv = numbers(dot(g, g), dot(s, v), dot(s, s), dot(v, v))
        self.E[items], self.square[items] = E, square
        self.made[items] += 1
        self.record(items)
        curved = sv > CURVED * (ss * vv).sqrt()
        kept = items[curved]
        slots = self.count[kept] % HISTORY
        self.S[kept, slots], self.V[kept, slots] = s[curved], v[curved]
        self.rho[kept, slots] = (1 / sv[curved]).to(g)
        self.gamma[kept] = (sv / vv)[curved].to(g)
        self.count[kept] += 1
        self._aim(items[self.active[items]])

    def _aim(self, items: torch.Tensor) -> None:
        """Choose the directions of fields from their pairs, and begin their searches."""
        if not len(items):
            return
        g = self.g[items]
        p = -self._product(g, items)
        (slope,) = numbers(dot(g, p))
        self.p[items] = p
        t = torch.where(self.count[items] > 0, 1, self.first_step(items))
        self.search.begin(items, self.E[items], slope, t)
        self._restart(items[~(slope < 0)])  # NaN too

    def _fail(self, items: torch.Tensor) -> None:
        """Restart fields whose search has failed, or end them if it was along the gradient."""
        stuck = items[self.count[items] == 0]
        blocked = stuck[torch.isinf(self.search.high[1, stuck])]
        if len(blocked):
            self.refuse(blocked)
        self.active[stuck] = False
        self._restart(items[self.count[items] > 0])

    def _restart(self, items: torch.Tensor) -> None:
        """Forget the pairs of fields and begin searches along their gradients."""
        self.rho[items], self.gamma[items], self.count[items] = 0, 1, 0
        self.p[items] = -self.g[items]
        self.search.begin(items, self.E[items], -self.square[items], self.first_step(items))

    def _product(self, g: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Return H g, (k, d), by the two loops over the pairs of each field."""
        q, count = g.clone(), self.count[items]
        ages = range(1, min(int(count.max()), HISTORY) + 1)
        weights = {}
        for age in ages:
            slots = (count - age) % HISTORY
            weights[age] = self.rho[items, slots] * dot(rows(self.S, items, slots), q)
            q -= weights[age][:, None] * rows(self.V, items, slots)
        q *= self.gamma[items][:, None]
        for age in reversed(ages):
            slots = (count - age) % HISTORY
            b = self.rho[items, slots] * dot(rows(self.V, items, slots), q)
            q += (weights[age] - b)[:, None] * rows(self.S, items, slots)
        return q

    def state(self) -> dict:
        """Return what a resumption needs."""
        return super().state() | {"search": self.search.state()}

    def load(self, state: dict) -> None:
        """Continue from a state."""
        super().load(state)
        self.search.load(state["search"])


def rows(history: torch.Tensor, items: torch.Tensor, slots: torch.Tensor) -> torch.Tensor:
    """Return a row of each of some fields, (n, m, d) -> (k, d), without a copy for one field."""
    if len(items) == 1:
        return history[int(items[0]), int(slots[0])][None]
    return history[items, slots]
