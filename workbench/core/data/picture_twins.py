"""Groups of pictures that are the same, or nearly so: re-saved, re-sized, a little brighter, slightly cut.

Nearly the same are two pictures whose copies in grey at 16 x 16 agree up to brightness and contrast: the correlation
of their points is at least 1 - tolerance, and their mean colours are close. Scaled to mean 0 and length 1, such copies
lie within sqrt(2 tolerance) of each other, and within as much in any projection; so candidates are the nearest
neighbours in the first principal components, found by a k-d tree, and n pictures cost about n log n, not n squared. A
hash of bits would be no faster and misses pairs: of 70,000 drawn digits, millions share most of their bits.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

import numpy as np

from .picture_looks import Looks

Groups = np.ndarray[Any, np.dtype[np.int64]]

TOLERANCE = 0.004
"""How far the correlation may be from 1."""

AXES = 12
NEIGHBOURS = 16
"""So many near ones of a picture are compared with it; larger groups hang together over others of theirs."""

_TINT = 24
_CHUNK = 20_000
_SAMPLE = 10_000


def same_groups(looks: Looks) -> Groups:
    """int64 (n,): the number of the first picture with the same content, or -1 where there is no other.

    Files count as the same when their bytes are, pictures in memory when their pixels are.
    """
    usable = np.flatnonzero(looks.readable)
    _, first, inverse, counts = np.unique(
        looks.content[usable], return_index=True, return_inverse=True, return_counts=True
    )
    groups = np.full(len(looks), -1, np.int64)
    several = counts[inverse] > 1
    groups[usable[several]] = usable[first[inverse[several]]]
    return groups


def near_groups(looks: Looks, tolerance: float = TOLERANCE) -> Groups:
    """int64 (n,): the number of the first picture that is nearly the same, or -1 where there is no other.

    Pictures with the same content belong to one group too; blank ones, which are all alike, to none unless they are the
    same. What is alike over a third picture is in one group.
    """
    same = same_groups(looks)
    parent = np.where(same >= 0, same, np.arange(len(looks)))
    alone = looks.readable & ~looks.blank & (parent == np.arange(len(looks)))
    chosen = np.flatnonzero(alone)
    if len(chosen) > 1:
        left, right = _pairs(looks, chosen, tolerance)
        _unite(parent, left, right)
    counts = np.bincount(parent, minlength=len(parent))
    return np.where(counts[parent] > 1, parent, -1).astype(np.int64)


_found: weakref.WeakKeyDictionary[Looks, dict[float, Groups]] = weakref.WeakKeyDictionary()
_guard = threading.Lock()


def near_groups_of(looks: Looks, tolerance: float = TOLERANCE) -> Groups:
    """`near_groups`, worked out once for the same looks."""
    with _guard:
        known = _found.setdefault(looks, {})
        if tolerance not in known:
            known[tolerance] = near_groups(looks, tolerance)
        return known[tolerance]


def _pairs(looks: Looks, chosen: Groups, tolerance: float) -> tuple[Groups, Groups]:
    from scipy.spatial import KDTree  # type: ignore[import-untyped]

    points = looks.small[chosen].astype(np.float32)
    points -= points.mean(axis=1, keepdims=True)
    points /= np.maximum(np.sqrt((points**2).sum(axis=1, keepdims=True)), 1e-6)
    tint = looks.tint[chosen].astype(np.int16)
    some = points[:: -(-len(points) // _SAMPLE)]
    _, axes = np.linalg.eigh(some.T @ some)
    places = points @ axes[:, -AXES:]
    tree = KDTree(places)
    left: list[Groups] = [np.zeros(0, np.int64)]
    right: list[Groups] = [np.zeros(0, np.int64)]
    within = float(np.sqrt(2 * tolerance)) + 1e-4
    for start in range(0, len(points), _CHUNK):
        some = places[start : start + _CHUNK]
        _, near = tree.query(some, k=min(NEIGHBOURS + 1, len(points)), distance_upper_bound=within)
        i = np.repeat(np.arange(start, start + len(some)), near.shape[1])
        j = near.reshape(-1)
        other = (j < len(points)) & (i != j)  # the tree fills up with n where there are no more neighbours
        i, j = i[other], j[other]
        alike = np.abs(tint[i] - tint[j]).max(axis=1) <= _TINT
        i, j = i[alike], j[alike]
        alike = np.einsum("kp,kp->k", points[i], points[j]) >= 1 - tolerance
        left.append(chosen[i[alike]])
        right.append(chosen[j[alike]])
    return np.concatenate(left), np.concatenate(right)


def _unite(parent: Groups, left: Groups, right: Groups) -> None:
    """Let the pictures of each pair, and all that are of one group with them, have the same smallest number."""

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        a, b = root(one), root(other)
        if a != b:
            parent[max(a, b)] = min(a, b)
    for i in range(len(parent)):
        parent[i] = root(i)
