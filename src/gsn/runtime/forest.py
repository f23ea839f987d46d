"""Disjoint sets as a forest: each element points to its parent, and a root to itself."""

from gsn.runtime import loops


@loops.compiled(nogil=True)
def root(parent, s):
    """Return the root of the tree of an element, and halve the path to it."""
    while parent[s] != s:
        parent[s] = parent[parent[s]]
        s = parent[s]
    return s


@loops.compiled(nogil=True)
def join(parent, s, t):
    """Join the trees of two elements."""
    s, t = root(parent, s), root(parent, t)
    if s < t:
        parent[t] = s
    else:
        parent[s] = t
