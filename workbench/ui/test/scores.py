"""Scores of a run on a part, from the model's answers and the truth, decided without Qt and in the person's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.data.preprocess import Answer, Preprocessor


@dataclass(frozen=True)
class Score:
    """One figure beside that of the best constant answer. text, baseline: ready to show. better: than the baseline."""

    name: str
    text: str
    baseline: str
    better: bool
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Results:
    """What the model made of a part.

    truth: int (n,) class indices, or float (n,) in the person's units. answer: the model's, n rows.
    rows: int64 (n,) source rows or picture numbers. matrix: int (classes, classes), rows true, columns answered;
    None for regression. constant: the best constant answer in words.
    """

    answer: Answer
    truth: np.ndarray
    rows: np.ndarray
    scores: tuple[Score, ...]
    constant: str
    matrix: np.ndarray | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        return self.answer.classes

    def samples(self, true: int, answered: int) -> np.ndarray:
        """Positions in the part with that truth and that answer, the surest first."""
        assert self.answer.indices is not None
        assert self.answer.probabilities is not None
        found = np.flatnonzero((self.truth == true) & (self.answer.indices == answered))
        return found[np.argsort(-self.answer.probabilities[found, answered], kind="stable")]

    def confusions(self, limit: int = 3) -> list[tuple[int, int, int]]:
        """The commonest mistakes: (true, answered, how many)."""
        if self.matrix is None:
            return []
        off = self.matrix.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(off, axis=None)[::-1][:limit]
        pairs = [divmod(int(i), len(off)) for i in order]
        return [(t, a, int(off[t, a])) for t, a in pairs if off[t, a] > 0]


def judge(preprocessor: Preprocessor, y: np.ndarray, truth: np.ndarray, rows: np.ndarray, train: np.ndarray) -> Results:
    """Compare the model's answers with the truth.

    Args:
        y: (n, units) as the model answers. truth: y as prepared, int32 (n,) or float32 (n, 1), scaled.
        train: the training part's y, from which the constant answer is taken.
    """
    answer = preprocessor.decode(y)
    if answer.values is None:
        return _classes(answer, np.asarray(truth).reshape(-1), rows, np.asarray(train).reshape(-1))
    real = preprocessor.unscale(np.asarray(truth)).reshape(-1)
    return _numbers(answer, real, rows, preprocessor.unscale(np.asarray(train)).reshape(-1))


def _classes(answer: Answer, truth: np.ndarray, rows: np.ndarray, train: np.ndarray) -> Results:
    assert answer.indices is not None
    assert answer.probabilities is not None
    count = len(answer.classes)
    known = answer.indices >= 0
    matrix = np.zeros((count, count), np.int64)
    np.add.at(matrix, (truth[known], answer.indices[known]), 1)
    common = int(np.bincount(train, minlength=count).argmax()) if len(train) else 0
    right = float((answer.indices == truth).mean()) if len(truth) else float("nan")
    base = float((truth == common).mean()) if len(truth) else float("nan")
    scores = [Score("accuracy", _percent(right), _percent(base), right > base, "Share of right answers.")]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.diag(matrix) / matrix.sum(axis=1)
    balanced = float(np.nanmean(recall)) if len(truth) else float("nan")
    told = "The share of right answers of each class, averaged: small classes count as much as large ones."
    scores.append(Score("balanced accuracy", _percent(balanced), _percent(1 / count), balanced > 1 / count, told))
    share = np.clip(answer.probabilities[np.arange(len(truth)), truth], 1e-7, 1.0) if len(truth) else np.ones(1)
    surprise = float(-np.log(share).mean())
    prior = (np.bincount(train, minlength=count) + 1e-9) / max(len(train), 1)
    plain = float(-np.log(np.clip(prior[truth], 1e-7, 1.0)).mean()) if len(truth) else float("nan")
    told = "How surprised the model is by the truth (natural logarithm): sure and wrong costs most. Lower is better."
    scores.append(Score("cross-entropy", f"{surprise:.3f}", f"{plain:.3f}", surprise < plain, told))
    return Results(answer, truth, rows, tuple(scores), f"always “{answer.classes[common]}”", matrix)


def _numbers(answer: Answer, truth: np.ndarray, rows: np.ndarray, train: np.ndarray) -> Results:
    assert answer.values is not None
    middle, median = float(train.mean()) if len(train) else 0.0, float(np.median(train)) if len(train) else 0.0
    off, plain = answer.values - truth, middle - truth
    mae, base_mae = float(np.abs(off).mean()), float(np.abs(median - truth).mean())
    rmse, base_rmse = float(np.sqrt((off**2).mean())), float(np.sqrt((plain**2).mean()))
    spread = float(((truth - truth.mean()) ** 2).sum())
    r2 = 1.0 - float((off**2).sum()) / spread if spread > 0 else float("nan")
    scores = (
        Score("mean absolute error", short(mae), short(base_mae), mae < base_mae, "How far off, on average."),
        Score("root mean squared error", short(rmse), short(base_rmse), rmse < base_rmse, "Large errors count more."),
        Score("R²", f"{r2:.3f}", "0", r2 > 0, "Share of the target's variance that is explained; 1 is perfect."),
    )
    return Results(answer, truth, rows, scores, f"always the training rows' mean, {short(middle)}")


def short(value: float) -> str:
    """Four significant digits."""
    if not np.isfinite(value):
        return "no number"
    if value == 0:
        return "0"
    if abs(value) >= 1e7 or abs(value) < 1e-4:
        return f"{value:.3e}"
    digits = max(0, 3 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if np.isfinite(share) else "–"
