"""Which pictures the gallery shows and in which order. Pure; no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.ui.data import figures

ORDERS = (
    ("", "As in the source"),
    ("dark", "Darkest first"),
    ("light", "Lightest first"),
    ("small", "Smallest first"),
    ("large", "Largest first"),
)
KEYS = "123456789"


def key_of_class(classes: tuple[str, ...], index: int) -> str:
    """The digit that stands for a class: its name when that is one, else its place from 1 to 9; "" for none."""
    if index < 0:
        return ""
    name = classes[index]
    if len(name) == 1 and name.isdecimal() and name.isascii():
        return name
    key = KEYS[index] if index < len(KEYS) else ""
    return "" if key in classes else key


def seen_kinds(look: Any, data: Any) -> tuple[tuple[str, str], ...]:
    """(key, text) of what can be shown alone, by what was seen; "" is everything."""
    found = [("", "All that was seen")]
    if look is not None:
        both = clashing(look, data)
        for key, count, text in (
            ("near", int((look.near >= 0).sum()), "Duplicates and near ones"),
            ("same", int((look.same >= 0).sum()), "Exact duplicates"),
            ("both", int(both.sum()), "Alike, in several classes"),
            ("blank", int(look.blank.sum()), "Blank"),
            ("unreadable", int(look.unreadable.sum()), "Unreadable"),
        ):
            if count:
                found.append((key, f"{text}  {figures.count(count)}"))
    return tuple(found)


def clashing(look: Any, data: Any) -> np.ndarray:
    """Which pictures are alike to one of another class, bool (n,)."""
    from workbench.core.data.step_picture_rows import clashing as groups_of_several

    return np.isin(look.near, groups_of_several(look.near, data.labels)) & (look.near >= 0)


def arranged(
    data: Any, look: Any, name: str, seen: str, order: str, levels: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """(numbers in the source, group of each or None).

    name: of the one class to show, "" for all. seen: a key of `seen_kinds`. order: a key of ORDERS. levels: lowest and
    highest mean grey level.
    """
    keep = np.ones(len(data), bool)
    if name:
        keep &= data.labels == data.classes.index(name)
    groups = None
    if look is not None:
        if levels is not None:
            keep &= (look.levels >= levels[0]) & (look.levels < levels[1]) & ~look.unreadable
        if seen in ("near", "same", "both"):
            groups = look.same if seen == "same" else look.near
            chosen = clashing(look, data) if seen == "both" else groups >= 0
            # A group is shown whole, so that its pictures can be compared, when one of them is of the class.
            keep = chosen & np.isin(groups, groups[keep & chosen])
        elif seen in ("blank", "unreadable"):
            keep &= look.blank if seen == "blank" else look.unreadable
    places = np.flatnonzero(keep)
    numbers = places if data.numbers is None else data.numbers[places]
    if groups is not None:
        by_group = np.argsort(groups[places], kind="stable")
        return numbers[by_group], groups[places][by_group]
    if order in ("dark", "light") and look is not None:
        by = np.argsort(look.levels[places], kind="stable")
    elif order in ("small", "large"):
        sizes = data.sizes()[places].astype(np.int64)
        by = np.argsort(sizes[:, 0] * sizes[:, 1], kind="stable")
    else:
        return numbers, None
    return numbers[by[::-1] if order in ("light", "large") else by], None
