"""Pictures that are nearly the same on both sides of the split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core import edits

from .dataset import ImageData
from .finding import Finding
from .picture_looks import Looks, known_looks, looks_of, source_of
from .picture_twins import near_groups, near_groups_of
from .step_picture import numbers
from .step_picture_rows import DROP_NEAR

MOST_FILES = 3_000
"""Files that nobody has looked at yet are decoded up to this number; of more, so many evenly spaced ones."""

MUCH = 0.02


def alike_pictures(dataset: ImageData, rows: Mapping[str, np.ndarray[Any, Any]]) -> list[Finding]:
    """Pictures held out that are nearly one of the training part, with the step that keeps one of each.

    rows: positions of each part. All pictures are compared once they have been looked at (see `looks_of`); of those in
    files that nobody has looked at yet, at most 3,000.
    """
    held = np.unique(np.concatenate([rows["validation"], rows["test"]])).astype(np.int64)
    train = np.unique(rows["train"]).astype(np.int64)
    if not len(held) or not len(train):
        return []
    looks = known_looks(dataset)
    if looks is None and (dataset.in_memory is not None or len(dataset) <= MOST_FILES):
        looks = looks_of(dataset)
    looked = ""
    if looks is not None:
        groups = near_groups_of(looks)[numbers(dataset)]
    else:
        step = -(-(len(held) + len(train)) // MOST_FILES)
        train, held = train[::step], held[::step]
        looked = f" (1 in {step} pictures was looked at)"
        groups = _groups_of_some(dataset, np.concatenate([train, held]))
    trained = groups[train]
    known = dict(zip(trained[trained >= 0].tolist(), train[trained >= 0].tolist(), strict=True))
    twins = held[np.isin(groups[held], list(known))]
    if not len(twins):
        return []
    share = len(twins) / len(held)
    one = int(twins[0])
    other = known[int(groups[one])]
    text = (
        f"{len(twins):,} of the {len(held):,} pictures held out ({100 * share:.1f} %) are nearly one of the training "
        f'part{looked}, such as "{dataset.name(one)}" and "{dataset.name(other)}". Their scores flatter the model: '
        "take one of each away."
    )
    return [
        Finding(
            "warning" if share > MUCH else "info",
            "Nearly the same pictures on both sides",
            text,
            remedy_label=DROP_NEAR.title,
            remedy=edits.add_step(DROP_NEAR.kind, {}),
        )
    ]


def _groups_of_some(dataset: ImageData, chosen: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The group of each picture, looking at the chosen ones alone; -1 for the others."""
    source = source_of(dataset)
    own = numbers(dataset)[chosen]
    some: Looks = looks_of(
        replace(
            source,
            labels=source.labels[own],
            parts=source.parts[own],
            report=replace(source.report, fingerprint=""),
            files=[source.files[i] for i in own.tolist()],
            file_sizes=source.sizes()[own],
            file_channels=source.channels()[own],
            names=(),
        )
    )
    groups = np.full(len(dataset), -1, np.int64)
    groups[chosen] = near_groups(some)
    return groups
