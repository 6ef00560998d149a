"""A cross-validation: runs that share a group, each validated on another fold, taken together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .errors import TrainError
from .project import Project, Split
from .runs import FINISHED, RunRecord


@dataclass(frozen=True)
class Spread:
    """A score over the folds. spread: standard deviation over them (n - 1), NaN with one. each: in the folds' order."""

    name: str
    mean: float
    spread: float
    each: tuple[float, ...]


@dataclass(frozen=True)
class CrossValidation:
    """group: what its runs share. runs: in the order of their folds. folds: how many there are to be."""

    group: str
    name: str
    folds: int
    runs: tuple[RunRecord, ...]
    scores: tuple[Spread, ...]

    @property
    def done(self) -> int:
        """Folds that are over."""
        return sum(1 for r in self.runs if r.state in FINISHED)


def fold_projects(project: Project, folds: int) -> tuple[Project, ...]:
    """The project once for each fold, with that fold's split.

    Raises:
        TrainError: fewer than two folds.
    """
    if folds < 2:
        raise TrainError("A cross-validation needs at least 2 folds.", where="folds", remedy="Use 5 folds.")
    split = project.features.split or Split()
    made = []
    for fold in range(1, folds + 1):
        features = replace(project.features, split=replace(split, folds=folds, fold=fold))
        made.append(replace(project, features=features))
    return tuple(made)


def summary(group: str, records: Iterable[RunRecord], folds: int = 0) -> CrossValidation:
    """The runs of a group taken together; scores of the folds that are over."""
    runs = tuple(sorted((r for r in records if r.group == group), key=lambda r: r.fold))
    over = [r for r in runs if r.state in FINISHED]
    names = list(dict.fromkeys(name for r in over for name in r.scores if name.startswith(("val_", "test."))))
    scores = []
    for name in names:
        each = tuple(float(r.scores[name]) for r in over if name in r.scores)
        spread = statistics.stdev(each) if len(each) > 1 else math.nan
        scores.append(Spread(name, statistics.fmean(each), spread, each))
    name = runs[0].name.rpartition(", fold")[0] or runs[0].name if runs else group
    return CrossValidation(group, name, folds or len(runs), runs, tuple(scores))


def in_words(found: CrossValidation) -> str:
    """One line: "5 folds: accuracy 0.913 ± 0.012, loss 0.24 ± 0.03"."""
    told = []
    for score in found.scores:
        if score.name.startswith("val_"):
            spread = f" ± {score.spread:.2g}" if math.isfinite(score.spread) else ""
            told.append(f"{score.name.removeprefix('val_').replace('_', ' ')} {score.mean:.4g}{spread}")
    return f"{found.done} of {found.folds} folds: " + (", ".join(told) or "nothing measured yet")
