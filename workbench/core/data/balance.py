"""Rare classes made to count: by weights in the loss, or by repeating their rows, in the training part alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.project import Features

from .preprocess import Preprocessor
from .split import Rows

MOST_TIMES = 50
"""How often a row is repeated at most: a class of three rows is learned by heart, however often they are shown."""


def balance(
    features: Features, preprocessor: Preprocessor, rows: Mapping[str, Rows], *labels: np.ndarray[Any, Any]
) -> tuple[Mapping[str, Rows], DataFacts]:
    """The rows of each part and the facts about them, as `features.balance` asks; a regression is left as it is.

    Args:
        labels: class number of every row of the data, an array a target, for a classification that is to be balanced.
            Of several, each gets weights of its own; rows are repeated for the first one that has classes.

    Raises:
        FeatureError: there is no such way of balancing.
    """
    if features.balance not in ("none", "weights", "oversample"):
        raise FeatureError(
            f'There is no way of balancing called "{features.balance}".',
            where="features",
            remedy='Use "none", "weights" or "oversample".',
        )
    facts = preprocessor.facts({part: len(r) for part, r in rows.items()})
    named = [(t, own) for t, own in zip(facts.targets, labels, strict=False) if t.task == "classification"]
    if features.balance == "none" or not named:
        return rows, facts
    if features.balance == "weights":
        weighed = {t.name: _weighed(t, own[rows["train"]]) for t, own in named}
        first, *more = [weighed.get(t.name, t) for t in facts.targets]
        return rows, replace(facts, target=first, more=tuple(more))
    seed = features.split.seed if features.split is not None else 0
    repeated = oversampled(rows["train"], named[0][1][rows["train"]], seed)
    return {**rows, "train": repeated}, replace(facts, rows={**facts.rows, "train": len(repeated)})


def _weighed(target: TargetFacts, labels: np.ndarray[Any, Any]) -> TargetFacts:
    return replace(target, class_weights=class_weights(np.bincount(labels, minlength=len(target.classes))))


def class_weights(counts: np.ndarray[Any, Any]) -> tuple[float, ...]:
    """n / (classes * count), as sklearn's "balanced": 1 on average over the rows. A class without rows gets 1."""
    there = counts > 0
    weights = np.ones(len(counts))
    weights[there] = counts.sum() / (there.sum() * counts[there])
    return tuple(float(w) for w in weights)


def oversampled(rows: Rows, labels: np.ndarray[Any, Any], seed: int) -> Rows:
    """`rows`, ascending, with those of rare classes repeated until each class has as many as the commonest.

    Every row is there equally often, or once more; a row at most 50 times.
    """
    counts = np.bincount(labels)
    rng = np.random.default_rng(seed)
    made = []
    for number in np.flatnonzero(counts).tolist():
        own = rows[labels == number]
        wanted = min(int(counts.max()), MOST_TIMES * len(own))
        made += [np.repeat(own, wanted // len(own)), rng.permutation(own)[: wanted % len(own)]]
    return np.sort(np.concatenate(made))
