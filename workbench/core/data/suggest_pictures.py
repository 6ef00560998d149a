"""What to look at first in a set of pictures, ranked, each with the step that mends it and its reason in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.core.one_line import short_file
from workbench.core.project import Step

from .dataset import MAIN, ImageData
from .picture_changes import GREY
from .picture_looks import Looks
from .picture_twins import near_groups_of, same_groups
from .step_picture import numbers
from .step_picture_rows import (
    DROP_BLANK,
    DROP_NEAR,
    DROP_SAME,
    DROP_UNREADABLE,
    REBALANCE,
    clashing,
    repeated,
)
from .suggest import Suggestion

BARS = 32
UNEVEN = 5
"""So many times as many pictures of the commonest class as of the rarest are worth a word."""

FEW = 0.001
"""A smaller share of near duplicates is chance, as among drawn digits; the gallery shows them all the same."""

_GREY = 3


@dataclass(frozen=True, eq=False)
class PictureLook:
    """What was seen in the pictures that a recipe leaves; entries by position.

    brightness: counts of pictures in 32 equal ranges of the mean grey level, 0..255. same, near: int64 (n,), the group
    of a picture that is there again (nearly), -1 for none. blank, unreadable: bool (n,). why: of the unreadable ones.
    """

    brightness: tuple[int, ...]
    levels: np.ndarray[Any, np.dtype[np.float32]]
    same: np.ndarray[Any, np.dtype[np.int64]]
    near: np.ndarray[Any, np.dtype[np.int64]]
    blank: np.ndarray[Any, np.dtype[np.bool_]]
    unreadable: np.ndarray[Any, np.dtype[np.bool_]]
    why: dict[int, str]


def picture_look(data: ImageData, looks: Looks) -> PictureLook:
    """What is to be seen in these pictures, from the looks of their source."""
    own = numbers(data)
    readable = looks.readable[own]
    levels = looks.brightness[own]
    counts, _ = np.histogram(levels[readable], BARS, (0, 256))
    same, near = _still_there(same_groups(looks)[own]), _still_there(near_groups_of(looks)[own])
    why = {i: looks.why[int(own[i])] for i in np.flatnonzero(~readable).tolist()}
    return PictureLook(tuple(counts.tolist()), levels, same, near, looks.blank[own], ~readable, why)


def _still_there(groups: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """-1 where the others of a group have been taken away."""
    found, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.where((counts[inverse] > 1) & (groups >= 0), found[inverse], -1)


def suggest_pictures(data: ImageData, looks: Looks) -> tuple[Suggestion, ...]:
    """Suggestions for the pictures that a recipe leaves, the gravest first; never applied unasked."""
    seen = picture_look(data, looks)
    found = _rules(data, seen, looks)
    return tuple(
        Suggestion(Step(f"suggested-{i}", kind, params, enabled=on), reason, () if on else _offer(kind, params))
        for i, (kind, params, reason, on) in enumerate(found, 1)
    )


def _offer(kind: str, params: dict[str, Any]) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """What is only pointed out, as only rebalancing is, can still be had with a click."""
    return (("Take the surplus away", (Step("offered", kind, params),)),)


_Found = Iterator[tuple[str, dict[str, Any], str, bool]]


def _rules(data: ImageData, seen: PictureLook, looks: Looks) -> _Found:
    n = len(data)
    lost = int(seen.unreadable.sum())
    if 0 < lost < n:
        first = int(np.flatnonzero(seen.unreadable)[0])
        many = "1 picture" if lost == 1 else f"{lost:,} pictures"
        example = short_file(data.name(first))
        yield DROP_UNREADABLE.kind, {}, f"{many} cannot be decoded, such as {example}: {seen.why[first]}", True
    both = clashing(seen.near, data.labels)
    if len(both):
        members = np.flatnonzero(seen.near == both[0])
        names = " and ".join(sorted({data.classes[int(data.labels[i])] for i in members if data.labels[i] >= 0})[:3])
        what = "1 picture is" if len(both) == 1 else f"{len(both):,} pictures are"
        example = short_file(data.name(int(members[0])))
        reason = f"{what} there under several classes, such as {example} as {names}: one is wrong."
        yield DROP_NEAR.kind, {"clash": "drop all"}, reason, True
    again = int(repeated(data, same_groups(looks)).sum())
    if again:
        many = "1 picture repeats" if again == 1 else f"{again:,} pictures repeat"
        yield DROP_SAME.kind, {}, f"{many} another byte for byte.", True
    near = int(repeated(data, near_groups_of(looks)).sum()) - again
    if near > FEW * n and not len(both):
        many = "1 picture is" if near == 1 else f"{near:,} pictures are"
        reason = f"{many} nearly the same as another ({100 * near / n:.1f} %); on both sides of the split they flatter "
        yield DROP_NEAR.kind, {}, f"{reason}the scores.", True
    blank = int(seen.blank.sum())
    if 0 < blank < n:
        example = short_file(data.name(int(np.flatnonzero(seen.blank)[0])))
        many = "1 picture shows" if blank == 1 else f"{blank:,} pictures show"
        yield DROP_BLANK.kind, {}, f"{many} nothing but one colour, such as {example}.", True
    colour = looks.colour[numbers(data)][~seen.unreadable]
    if len(colour) and int(data.channels().max()) == 3 and int(colour.max()) <= _GREY:
        yield GREY, {}, "The pictures are stored in colour and are all grey: one channel holds as much as three.", True
    yield from _uneven(data)


def _uneven(data: ImageData) -> _Found:
    main = (data.parts == MAIN) & (data.labels >= 0)
    counts = np.bincount(data.labels[main], minlength=len(data.classes))
    there = np.flatnonzero(counts)
    if len(there) < 2:
        return
    low, high = int(there[np.argmin(counts[there])]), int(np.argmax(counts))
    if counts[high] >= UNEVEN * counts[low]:
        times = counts[high] / counts[low]
        reason = f"{data.classes[high]} has {times:.0f} times as many pictures as {data.classes[low]}. Class weights "
        reason += "on Features even that out and lose nothing; this step takes the surplus away."
        yield REBALANCE.kind, {"most": 0}, reason, False
