"""A cross-validation: runs that share a group, each validated on another fold, taken together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import TrainError
from .project import Project, Split
from .runs import FINISHED, RunRecord, Start, list_runs, read_project
from .waiting import Waiting


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
        return len({r.fold for r in self.runs if r.state in FINISHED})

    @property
    def failed(self) -> tuple[int, ...]:
        """Folds that failed and are not trained."""
        kept = {r.fold for r in self.runs if r.state in FINISHED or r.interrupted}
        return tuple(sorted({r.fold for r in self.runs if r.state == "failed"} - kept))

    @property
    def missing(self) -> tuple[int, ...]:
        """Folds without a run that is over or can be resumed."""
        kept = {r.fold for r in self.runs if r.state in FINISHED or r.interrupted}
        return tuple(n for n in range(1, self.folds + 1) if n not in kept)


def rows_to_train_on(rows: Mapping[str, int], folds: int, split: Split | None = None) -> int:
    """Rows that a run learns from. rows: of each part of the single split. folds: of a cross-validation; 0 for a single
    run. Folds by groups differ from it by some rows; by time each has more than the one before, half on average."""
    if folds < 2:
        return rows.get("train", 0)
    pool = rows.get("train", 0) + rows.get("validation", 0)
    return pool // 2 if split is not None and split.method == "time" else pool * (folds - 1) // folds


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
    known = max((r.folds or r.fold for r in runs), default=0)
    return CrossValidation(group, name, folds or known, runs, tuple(scores))


def left_over(group: str, runs: Path, under_way: Collection[int] = ()) -> tuple[Waiting, ...]:
    """The folds of a cross-validation that was broken off and that have no run which is over or can be resumed, to be
    trained as the others were. runs: the project's folder of runs. under_way: folds that train or wait already.

    Raises:
        ProjectError: the project that its folds were trained of cannot be read.
    """
    records = [r for r in list_runs(runs) if r.group == group]
    if not records:
        return ()
    one = next((r for r in records if r.state in FINISHED), records[0])
    project = read_project(runs / one.id)
    split = project.features.split
    if split is None or split.folds < 2:  # made by hand
        return ()
    found = summary(group, records, split.folds)
    start = Start(runs / one.id, "start") if (runs / one.id / "start.npz").is_file() else None
    end = f" of {split.folds}" if one.name.endswith(f" of {split.folds}") else ""
    projects = fold_projects(project, split.folds)
    return tuple(
        Waiting(projects[n - 1], f"{found.name}, fold {n}{end}", start, group, n)
        for n in found.missing
        if n not in under_way
    )


def in_words(found: CrossValidation) -> str:
    """One line: "5 of 5 folds: accuracy 91.3 ± 1.2 %, loss 0.240 ± 0.030"; where the folds were not given the same
    number of epochs, as one was trained on, that too."""
    told = []
    for score in found.scores:
        if score.name.startswith("val_"):
            name = score.name.removeprefix("val_")
            told.append(f"{name.replace('_', ' ')} {_figures(score, name.endswith('accuracy'))}")
    given = sorted({r.epochs for r in found.runs if r.state in FINISHED})
    mixed = f"; mixed, as the folds had {given[0]:,} to {given[-1]:,} epochs" if len(given) > 1 else ""
    lost = f"; {len(found.failed)} failed" if found.failed else ""
    return f"{found.done} of {found.folds} folds: " + (", ".join(told) or "nothing measured yet") + mixed + lost


def _figures(score: Spread, share: bool) -> str:
    """Mean and spread with the digits that the spread leaves any meaning to. share: told in per cent."""
    unit, times = (" %", 100.0) if share else ("", 1.0)
    mean, spread = times * score.mean, times * score.spread
    if not math.isfinite(spread) or not math.isfinite(mean):
        return f"{mean:.1f} %" if share else f"{mean:.4g}"
    if share:
        return f"{mean:.1f} ± {spread:.1f}{unit}"
    digits = 1 - math.floor(math.log10(spread)) if spread > 0 else 4
    if not 0 <= digits <= 6:
        return f"{mean:.4g} ± {spread:.2g}"
    return f"{mean:,.{digits}f} ± {spread:,.{digits}f}"
