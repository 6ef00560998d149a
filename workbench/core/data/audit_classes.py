"""What the classes of a target say before training: out of balance, too rare to learn, missing from a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import edits
from workbench.core.one_line import one_line
from workbench.core.project import Split, Step

from .finding import Finding, Offer
from .split import PARTS
from .values import Whole

if TYPE_CHECKING:
    from .store import Prepared

FEWEST = 20
"""Below this many rows anything can look like a law."""

HANDFUL = 10
"""A class of fewer rows is hardly learned, and what is said of it rests on one row or two."""

MOST_DROPPED = 20
NAMED = 5


def class_findings(numbered: Whole, names: Sequence[str], balance: str = "none") -> list[Finding]:
    """One class that outweighs the rest, unless that is balanced already."""
    counts = np.bincount(numbered[numbered >= 0], minlength=len(names))
    total = int(counts.sum())
    if total < FEWEST or int((counts > 0).sum()) < 2:
        return []
    common = int(counts.argmax())
    share = counts[common] / total
    if share <= 0.9:
        return []
    text = (
        f'{100 * share:.1f} % are "{one_line(names[common])}": always answering that is right as often. '
        "Look at recall and precision of the rare classes, not at accuracy alone."
    )
    offers: list[Offer] = []
    if balance == "none":
        offers = [
            ("Let rare classes count more", edits.set_balance("weights")),
            ("Repeat rows of rare classes", edits.set_balance("oversample")),
        ]
    return [Finding.of("warning" if offers else "info", "The classes are out of balance", text, "", offers)]


def part_findings(
    numbered: Whole,
    names: Sequence[str],
    rows: Mapping[str, np.ndarray[Any, Any]],
    split: Split | None = None,
    target: str = "",
) -> list[Finding]:
    """Classes that a part with rows has none of. target: the column of a table; "" for pictures."""
    counts = np.bincount(numbered[numbered >= 0], minlength=len(names))
    there = counts > 0
    lacking: list[tuple[list[str], list[str]]] = []
    for part in PARTS:
        own = numbered[rows[part]]
        absent = there & (np.bincount(own[own >= 0], minlength=len(names)) == 0)
        if not len(own) or not absent.any():
            continue
        listed = [names[i] for i in np.flatnonzero(absent).tolist()]
        if lacking and lacking[-1] == (["validation"], listed):
            lacking[-1][0].append(part)
        else:
            lacking.append(([part], listed))
    found = []
    for parts, listed in lacking:
        some = _listed([(n, int(counts[names.index(n)])) for n in listed])
        what = "cannot be learned" if parts == ["train"] else "are not judged there"
        where = " and ".join(parts) + (" parts" if len(parts) > 1 else " part")
        text = f"No row of the {where} has {some}; such classes {what}."
        if any(counts[names.index(n)] < HANDFUL for n in listed):
            text += " More rows of them would help most."
        offers = rare_remedies(listed, len(names), split, target)
        found.append(Finding.of("warning", f"Classes missing from the {where}", text, target, offers))
    return found


def rare_findings(
    numbered: Whole,
    names: Sequence[str],
    rows: Mapping[str, np.ndarray[Any, Any]] | None = None,
    balance: str = "none",
    target: str = "",
) -> list[Finding]:
    """Classes of a handful of rows in all. target: the column of a table; "" for pictures.

    Those that a part of `rows` lacks are told of by `part_findings`.
    """
    counts = np.bincount(numbered[numbered >= 0], minlength=len(names))
    few: list[int] = np.flatnonzero((counts > 0) & (counts < HANDFUL)).tolist()
    classes = int((counts > 0).sum())
    if int(counts.sum()) < FEWEST or classes < 2:
        return []
    for part in rows.values() if rows is not None else ():
        there = set(np.unique(numbered[part]).tolist())
        few = [i for i in few if i in there or not len(part)]
    if not few:
        return []
    things = ("row", "rows") if target else ("picture", "pictures")
    some = _listed([(names[i], int(counts[i])) for i in few], things, always=True)
    them = "it" if len(few) == 1 else "them"
    text = (
        f"Of {some} there {'is' if counts[few].sum() == 1 else 'are'} too few to learn {them} well, or to judge by. "
        f"Best are more {things[1]} of {them}; else merge {them} with a like class, or give {them} weight."
    )
    offers: list[Offer] = []
    if balance == "none":
        offers.append(("Let rare classes count more", edits.set_balance("weights")))
    if target:
        offers += _without([names[i] for i in few], classes, target)
    title = "A class with a handful of " if len(few) == 1 else "Classes with a handful of "
    severity = "warning" if offers and balance == "none" else "info"
    return [Finding.of(severity, title + things[1], text, target, offers)]


def rare_notes(prepared: Prepared, balance: str = "none") -> tuple[str, ...]:
    """The same of arrays that are about to be trained on, a sentence or two a target, for faces without a page for
    findings. balance: as Features has it; rows that are repeated are not counted."""
    facts, notes = prepared.facts, []
    if balance == "oversample":
        return ()
    parts = {part: np.asarray(prepared.part(part).y) for part in PARTS}
    for i, target in enumerate(facts.targets):
        if not target.classes:
            continue
        own = [np.asarray(y[:, i] if len(facts.targets) > 1 else y, np.float64).reshape(-1) for y in parts.values()]
        numbered = np.concatenate(own).astype(np.int64)
        column = "" if prepared.preprocessor.kind == "images" else target.name
        found = rare_findings(numbered, target.classes, None, balance, column)
        notes += [f"{one.title}. {one.text}" for one in found]
    return tuple(notes)


def _listed(found: Sequence[tuple[str, int]], things: tuple[str, str] = ("row", "rows"), always: bool = False) -> str:
    """ "a" (3 rows), "b" (1 row) and 4 others; how many only of rare ones, or `always`."""
    said = [
        f'"{one_line(name)}"' + (f" ({n} {things[n != 1]})" if always or n < HANDFUL else "")
        for name, n in found[:NAMED]
    ]
    more = f" and {len(found) - NAMED} others" if len(found) > NAMED else ""
    return ", ".join(said) + more


def rare_remedies(absent: list[str], classes: int, split: Split | None, target: str) -> list[Offer]:
    """What helps when a part has no row of the classes `absent`, of `classes` in all."""
    split = split or Split()
    offers: list[Offer] = []
    if split.method != "random":
        offers.append(("Split at random", edits.set_split(replace(split, method="random", column="", stratify=True))))
    elif not split.stratify:
        offers.append(("Give each part its share of every class", edits.set_split(replace(split, stratify=True))))
    if not target:
        return offers
    return offers + _without(absent, classes, target)


def _without(names: list[str], classes: int, target: str) -> list[Offer]:
    """Making these classes one, or leaving out their rows; classes: how many there are in all."""
    offers: list[Offer] = []
    if 2 <= len(names) < classes:
        labels = dict.fromkeys(names, "other")
        label = f'Make the {len(names):,} classes one, "other"'
        offers.append((label, edits.add_step("relabel", {"column": target, "labels": labels})))
    if classes - len(names) >= 2 and len(names) <= MOST_DROPPED:
        steps = tuple(
            Step("", "filter_rows", {"column": target, "operator": "≠", "value": name, "action": "keep"})
            for name in names
        )
        offers.append(("Leave out their rows" if len(names) > 1 else "Leave out its rows", edits.add_steps(steps)))
    return offers
